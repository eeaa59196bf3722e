//! Whatever is sent to any route: a clear error, nothing changed, and the server lives.

use crate::support::World;

#[tokio::test]
async fn no_body_brings_a_route_down() {
    let (world, _folder) = World::start().await;
    let huge = "9".repeat(70_000);
    let deep = format!("{}{}", "{\"a\":".repeat(3_000), "1");
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"text\"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"{\"reference\":\"\\ud800\"}".to_vec(),
        b"{\"reference\":{\"$ne\":null}}".to_vec(),
        b"reference=1&outcome=settle".to_vec(),
        huge.into_bytes(),
        deep.into_bytes(),
    ];
    for path in ["/sandbox/pay", "/sandbox/supplier", "/sandbox/faults", "/sandbox/clock", "/sandbox/deposit"]
    {
        for body in &bodies {
            let answer = world.send(world.request("POST", path).body(body.clone())).await;
            assert!(
                matches!(answer.http, 400 | 413 | 422),
                "{path}: {} for {:?}",
                answer.http,
                String::from_utf8_lossy(body).get(..20)
            );
            assert!(answer.json()["detail"].is_string());
        }
    }
    for path in [
        "/sandbox/digiflazz/v1/transaction",
        "/sandbox/digiflazz/v1/price-list",
        "/sandbox/digiflazz/v1/cek-saldo",
    ] {
        for body in &bodies {
            let request =
                world.request("POST", path).header("content-type", "application/json").body(body.clone());
            let answer = world.send(request).await;
            assert_eq!((answer.http, answer.json()["data"]["rc"].as_str()), (400, Some("40")), "{path}");
        }
    }
    let books = world.books().await;
    assert!(books["midtrans"]["transactions"].as_array().unwrap().is_empty());
    assert!(books["digiflazz"]["transactions"].as_array().unwrap().is_empty());
    assert!(books["faults"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn no_path_or_method_brings_the_server_down() {
    let (world, _folder) = World::start().await;
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        for path in [
            "/sandbox/digiflazz/v1/transaction",
            "/sandbox/digiflazz/v1/nothing",
            "/sandbox/digiflazz/%00",
            "/sandbox/midtrans/%2e%2e/%ff",
        ] {
            let answer = world.send(world.request(method, path)).await;
            assert!((400..500).contains(&answer.http), "{method} {path}: {}", answer.http);
        }
        if method != "GET" {
            assert_eq!(world.send(world.request(method, "/sandbox/transactions")).await.http, 405);
        }
    }
    let answer =
        world.send(world.request("GET", &format!("/sandbox/midtrans/v2/{}/status", "x".repeat(5_000)))).await;
    assert_eq!(answer.http, 401);
    assert_eq!(world.status(&"x".repeat(5_000)).await["status_code"], "404");
    assert_eq!(world.status("%27%20OR%201=1--").await["status_code"], "404");
}

#[tokio::test]
async fn the_log_of_requests_does_not_grow_without_end() {
    let (world, _folder) = World::start().await;
    for batch in 0..21 {
        let calls = (0..50)
            .map(|n| world.send(world.request("GET", &format!("/sandbox/midtrans/v2/{batch}-{n}/status"))));
        for call in calls {
            call.await;
        }
    }
    let books = world.books().await;
    let requests = books["midtrans"]["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 1_000);
    assert_eq!(requests[0]["path"], "/v2/20-49/status");
}
