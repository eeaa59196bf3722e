//! Mistakes in flags and configuration, and hostile requests.

use crate::harness::{API_KEY, Rows, World, command};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_mistake_in_flags_or_configuration_is_told_kindly_and_nothing_starts() {
    let folder = testkit::TempFolder::new("mistakes");
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "[midtrans]\nserver_key = \"hunter2\nlisten").unwrap();
    let file = file.to_str().unwrap();
    let long = "9".repeat(100_000);
    let cases = [
        (&["serve"][..], ("LOKET_DATABSE__URL", "x"), "LOKET_DATABASE__URL"),
        (&["serve"], ("LOKET_MIDTRANS__SERVERKEY", "hunter2"), "LOKET_MIDTRANS__SERVER_KEY"),
        (&["order", "list"], ("LOKET_SERVER__LISTN", "x"), "LOKET_SERVER__LISTEN"),
        (&["serve"], ("LOKET_MODE", "prod"), "mode"),
        (&["serve"], ("LOKET_DATABASE__URL", "mysql://root:hunter2@db/x"), "database.url"),
        (&["serve"], ("LOKET_DATABASE__URL", "postgres://x:hunter2@127.0.0.1:1/x"), ""),
        (&["serve"], ("LOKET_SERVER__LISTEN", "nowhere"), "nowhere"),
        (&["serve"], ("LOKET_WORKER__LEASE_SECONDS", "-1"), "worker.lease_seconds"),
        (&["serve"], ("LOKET_RULES__PAY_WITHIN_SECONDS", &long), "rules.pay_within_seconds"),
        (&["serve"], ("LOKET_LOG", "][=hunter"), "LOKET_LOG"),
        (&["serve", "--config", file], ("LOKET_MODE", "sandbox"), "line"),
        (
            &["serve", "--config", "/nonexistent/loket.toml"],
            ("LOKET_MODE", "sandbox"),
            "/nonexistent/loket.toml",
        ),
        (&["serve", "--role", "boss"], ("LOKET_MODE", "sandbox"), "worker"),
        (&["srve"], ("LOKET_MODE", "sandbox"), "serve"),
        (&["order", "list", "--state", "lost"], ("LOKET_MODE", "sandbox"), "delivered"),
        (&["order", "list", "--limit=-1"], ("LOKET_MODE", "sandbox"), "limit"),
        (&["order", "show", &long], ("LOKET_MODE", "sandbox"), "order number"),
        (&["ledger", "check"], ("LOKET_MODE", "sandbox"), "there is no database"),
    ];
    for (at, (arguments, variable, expected)) in cases.into_iter().enumerate() {
        let mut program = command(arguments);
        program
            .env("LOKET_DATA_DIR", folder.path().join(at.to_string()))
            .env("LOKET_SERVER__LISTEN", "127.0.0.1:0");
        program.env(variable.0, variable.1).kill_on_drop(true);
        let label = format!("{:.60} {}={:.60}", arguments.join(" "), variable.0, variable.1);
        let tried = tokio::time::timeout(Duration::from_secs(60), program.output());
        let output = tried.await.unwrap_or_else(|_| panic!("{label} does not end")).unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code().is_some_and(|code| code != 0 && code != 101),
            "{label}: {:?} {text}",
            output.status
        );
        assert!(output.stdout.is_empty(), "{label}: an error belongs to standard error");
        assert!(text.contains(expected), "{label}: `{expected}` is not in {text:.2000}");
        assert!(!text.contains("hunter2") && !text.contains("panicked"), "{label}: {text:.2000}");
    }
}

#[tokio::test]
async fn hostile_requests_get_a_problem_and_change_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let orders = world.url("/api/v1/orders");
    let send = async |key: &str, body: Vec<u8>| {
        let request = world.http.post(&orders).bearer_auth(API_KEY).header("Idempotency-Key", key);
        let response = request.header("Content-Type", "application/json").body(body).send().await.unwrap();
        let kind = response
            .headers()
            .get("content-type")
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default();
        (response.status(), kind, response.text().await.unwrap())
    };
    let order = |name: &str, value: Value| {
        let mut body = json!({"product_code": "ML_86", "user_id": "1114917746", "server_id": "13486", "payment_method": "gopay_qr"});
        body[name] = value;
        body.to_string().into_bytes()
    };
    let cases = [
        b"".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"\xFF\xFE".to_vec(),
        "[".repeat(50_000).into_bytes(),
        vec![b' '; 100_000],
        order("user_id", json!("1' OR '1'='1")),
        order("user_id", json!("1\u{0}2")),
        order("user_id", json!("٣٣٣٣٣٣٣٣")),
        order("user_id", json!("9".repeat(100_000))),
        order("user_id", json!({"$gt": ""})),
        order("product_code", json!("../../etc/passwd")),
        order("product_code", json!(null)),
        order("payment_method", json!("cash")),
        order("payment_method", json!("va_jago")),
        order("phone", json!("not a number")),
        order("buyer", json!("<script>alert(1)</script>\r\nSet-Cookie: a=b")),
        order("quote", json!("none")),
        order("amount", json!(1)).iter().copied().chain(*b"x").collect(),
    ];
    for (at, body) in cases.into_iter().enumerate() {
        let label = format!("case {at}: {:.80}", String::from_utf8_lossy(&body));
        let (status, kind, text) = send(&format!("hostile-{at}"), body).await;
        assert!(status.is_client_error(), "{label}: {status} {text:.500}");
        assert_eq!(kind, "application/problem+json", "{label}");
    }
    for key in ["", "has space", &"k".repeat(256)] {
        let (status, _, text) = send(key, order("buyer", json!("budi"))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    }
    let without_key = world
        .http
        .post(&orders)
        .bearer_auth(API_KEY)
        .body(order("buyer", json!("budi")))
        .send()
        .await
        .unwrap();
    assert!(without_key.status().is_client_error());
    for token in ["", "wrong", "loket-sandbox-key "] {
        let request = world.http.get(&orders).header("Authorization", format!("Bearer {token}x"));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{token}");
    }
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]));
    assert_eq!(world.books("").await["midtrans"]["requests"], json!([]));
    assert_eq!(world.stock("ML", "ML_86").await, 100);
    world.assert_proofs().await;
}
