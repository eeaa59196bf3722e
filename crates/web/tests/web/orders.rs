//! Orders over the API: placed once, shown, listed in pages, cancelled.

use crate::support::*;
use axum::http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::{empty_sqlite, on_both};

on_both! {
    fn an_order_comes_back_with_its_qr_code_and_all_its_parts(database) {
        let face = face(database).await;
        let (order, _) = face.open_order().await;
        let number = order["number"].as_str().unwrap();
        assert!(number.starts_with("LK") && number.len() == 12);
        assert_eq!(order["state"], "awaiting_payment");
        assert_eq!((&order["product_code"], &order["amount"]), (&json!("ML_86"), &json!(20_000)));
        assert_eq!(order["account"], json!({"user_id": "123456789", "server_id": "2345"}));
        assert_eq!(order["risk"], json!({"score": 0, "action": "allow"}));
        assert_eq!(order["serial_number"], json!(null));
        let payment = &order["payment"];
        assert_eq!((&payment["method"], &payment["state"]), (&json!("gopay_qr"), &json!("open")));
        let page = payment["pay_url"].as_str().unwrap();
        assert!(page.starts_with("https://shop.example/pay/"));
        assert_eq!(payment["qr_image_url"], format!("{page}/qr.png"));
        assert!(payment["deep_link"].as_str().unwrap().starts_with("gojek://"));
        assert_eq!(payment["redirect_url"], json!(null));
        assert!(payment["expires_at"].as_str().unwrap().ends_with('Z'));
        let kinds: Vec<&str> = order["timeline"].as_array().unwrap().iter().map(|t| t["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["placed", "payment_opened"]);
        assert_eq!(face.look(&format!("/api/v1/orders/{number}")).await.json(), order);
    }
}

on_both! {
    fn the_same_request_with_the_same_key_gets_the_same_order(database) {
        let face = face(database).await;
        let _working = face.work();
        let first = face.place("key-1", &diamonds()).await;
        assert_eq!(first.status, 201);
        assert_eq!(first.header("location"), format!("https://shop.example/api/v1/orders/{}", first.json()["number"].as_str().unwrap()));
        assert_eq!(first.header("idempotency-replayed"), "");
        // Other order of fields, other white space, another case of the code: the same request.
        let same = r#"{ "payment_method" : "gopay_qr", "server_id":"2345",  "user_id":"123456789","product_code":"ml_86", "phone": null }"#;
        let key = bearer(KEY);
        let headers = [("authorization", &*key), ("content-type", "application/json; charset=utf-8"), ("idempotency-key", "key-1")];
        let again = face.send(request(Method::POST, "/api/v1/orders", &headers, same)).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
        assert_eq!(again.json()["number"], first.json()["number"]);

        let mut other = diamonds();
        other["user_id"] = json!("987654321");
        face.place("key-1", &other).await.problem(422, "idempotency-key-reused");
        assert_eq!(face.look("/api/v1/orders").await.json()["data"].as_array().unwrap().len(), 1);
    }
}

/// What the usual purchase by this phone hashes to without the vault's key: what anybody can try.
fn guessed(phone: &str) -> String {
    let words = json!([1, "ML_86", "123456789", "2345", "ovo_push", phone, null, null]);
    hex::encode(Sha256::digest(words.to_string()))
}

on_both! {
    fn no_row_gives_a_phone_number_away_to_somebody_without_the_vaults_key(database) {
        let face = face_paying(database).await;
        let _working = face.work();
        let mut asked = diamonds();
        (asked["payment_method"], asked["phone"]) = (json!("ovo_push"), json!("0812-3456-7890"));
        let first = face.place("key-1", &asked).await;
        assert_eq!(first.status, 201, "{}", first.text());
        // The last four digits stand in the mask: whoever has the rows tries the numbers that fit it.
        let dump = face.dump().await;
        assert!(dump.iter().any(|row| row.contains("********7890")));
        for version in 1..=3 {
            for phone in ["081234567890", "6281234567890", "81234567890", "+6281234567890"] {
                let words = json!([version, "ML_86", "123456789", "2345", "ovo_push", phone, null, null]);
                let guess = hex::encode(Sha256::digest(words.to_string()));
                let bare = hex::encode(Sha256::digest(phone));
                for row in &dump {
                    assert!(!row.contains(&guess) && !row.contains(&bare), "{phone}: {row}");
                }
            }
        }
        // It still tells one request from another.
        let again = face.place("key-1", &asked).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
        asked["phone"] = json!("081234567891");
        face.place("key-1", &asked).await.problem(422, "idempotency-key-reused");
        asked["phone"] = json!(null);
        face.place("key-1", &asked).await.problem(422, "idempotency-key-reused");
    }
}

on_both! {
    fn a_key_that_an_older_version_stored_gets_its_order_all_the_same(database) {
        let face = face_paying(database).await;
        let _working = face.work();
        let mut asked = diamonds();
        (asked["payment_method"], asked["phone"]) = (json!("ovo_push"), json!("081234567890"));
        let first = face.place("key-1", &asked).await.json();
        face.run(&format!("UPDATE idempotency_key SET body_hash = '{}'", guessed("081234567890"))).await;
        let again = face.place("key-1", &asked).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"), "{}", again.text());
        assert_eq!(again.json()["number"], first["number"]);
        asked["phone"] = json!("081234567891");
        face.place("key-1", &asked).await.problem(422, "idempotency-key-reused");
        assert_eq!(face.look("/api/v1/orders").await.json()["data"].as_array().unwrap().len(), 1);
    }
}

on_both! {
    fn ten_requests_with_one_key_at_the_same_moment_make_one_order(database) {
        let face = std::sync::Arc::new(face(database).await);
        let _working = face.work();
        let requests = (0..10).map(|_| {
            let face = face.clone();
            tokio::spawn(async move { face.place("race", &diamonds()).await })
        });
        let mut numbers = std::collections::HashSet::new();
        for answer in requests.collect::<Vec<_>>() {
            let answer = answer.await.unwrap();
            assert_eq!(answer.status, 201, "{}", answer.text());
            numbers.insert(answer.json()["number"].as_str().unwrap().to_owned());
        }
        assert_eq!(numbers.len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_accepted_is_told_with_its_place_and_nothing_is_placed() {
    let face = face(empty_sqlite().await).await;
    let before = face.dump().await;
    let with = |name: &str, value: Value| {
        let mut order = diamonds();
        order[name] = value;
        order
    };
    let quote = "quo_00000000000000000000000000";
    for (order, pointer, word) in [
        (with("product_code", json!("CHESS_1")), "/product_code", "dijual"),
        (with("product_code", json!("'; DROP TABLE product; --")), "/product_code", "dijual"),
        (with("user_id", json!("abc")), "/user_id", "angka"),
        (with("user_id", json!("12345\u{0}6789")), "/user_id", ""),
        (with("server_id", json!(null)), "/server_id", "Zone ID"),
        (with("payment_method", json!("dana_qr")), "/payment_method", "gopay_qr, wallet"),
        (with("payment_method", json!("cash")), "/payment_method", "gopay_qr, wallet"),
        (with("buyer", json!("two words")), "/buyer", "ASCII"),
        (with("buyer", json!("")), "/buyer", "ASCII"),
        (with("buyer", json!("x".repeat(150))), "/buyer", "ASCII"),
        (with("buyer", json!("x".repeat(500))), "/buyer", "panjang"),
        (with("quote", json!("nonsense")), "/quote", "dikenal"),
        (with("quote", json!(quote)), "/quote", "dikenal"),
        (with("amount", json!(1)), "/amount", "dikenal"),
        (with("phone", json!(812)), "/phone", "teks"),
    ] {
        let problem = face.place("k", &order).await.problem(422, "validation");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(word), "{problem}");
    }
    assert_eq!(face.dump().await, before);
}

#[tokio::test]
async fn what_is_sold_out_or_cannot_be_paid_is_a_conflict() {
    let face = face(empty_sqlite().await).await;
    face.run("UPDATE stock SET on_hand = 0 WHERE product_code = 'ML_86'").await;
    face.place("a", &diamonds()).await.problem(409, "out-of-stock");
    let wallet = json!({"product_code": "FF_70", "user_id": "12345678", "payment_method": "wallet"});
    let problem = face.place("b", &wallet).await.problem(409, "wallet-not-enough");
    assert!(problem["detail"].as_str().unwrap().contains("Rp 10.000"), "{problem}");
}

#[tokio::test]
async fn a_quote_holds_its_price_until_it_expires() {
    let face = face(empty_sqlite().await).await;
    face.post("/api/v1/quotes", &json!({"product_code": "CHESS_1"})).await.problem(422, "validation");
    let quote = face.post("/api/v1/quotes", &json!({"product_code": "ml_86"})).await;
    assert_eq!(quote.status, 201);
    let quote = quote.json();
    assert_eq!((&quote["product_code"], &quote["price"]), (&json!("ML_86"), &json!(20_000)));
    face.run("UPDATE product SET price = 99000 WHERE code = 'ML_86'").await;
    let mut order = diamonds();
    order["quote"] = quote["quote"].clone();
    let _working = face.work();
    assert_eq!(face.place("a", &order).await.json()["amount"], 20_000);

    let mut other = order.clone();
    other["product_code"] = json!("ML_172");
    face.place("b", &other).await.problem(422, "validation");
    face.shop.clock.advance(std::time::Duration::from_secs(301));
    face.place("c", &order).await.problem(409, "quote-expired");
}

#[tokio::test]
async fn an_answer_without_a_qr_code_comes_after_a_few_seconds_all_the_same() {
    let face = face(empty_sqlite().await).await;
    let started = std::time::Instant::now();
    let order = face.place("no-worker", &diamonds()).await.json();
    // Well below the time after which any request is ended; how short it is meant to be stands in the source.
    assert!(started.elapsed().as_secs_f64() < 15.0);
    assert_eq!(
        (&order["payment"]["state"], &order["payment"]["qr_string"]),
        (&json!("intended"), &json!(null))
    );
    assert_eq!(order["payment"]["qr_image_url"], json!(null));
}

#[tokio::test]
async fn orders_are_listed_in_pages_without_gaps_and_other_marks_are_refused() {
    let face = face(empty_sqlite().await).await;
    let _working = face.work();
    let mut placed = Vec::new();
    for n in 0..5 {
        let mut order = diamonds();
        order["buyer"] = json!(format!("customer-{n}"));
        placed.push(face.place(&format!("k{n}"), &order).await.json()["number"].clone());
    }
    placed.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/orders?limit=2".to_owned();
    loop {
        let answer = face.look(&path).await;
        let page = answer.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|o| o["number"].clone()));
        assert_eq!(page["has_more"], !page["next_cursor"].is_null());
        let Some(next) = page["next_cursor"].as_str() else { break };
        assert!(answer.header("link").contains(next) && answer.header("link").ends_with("rel=\"next\""));
        path = format!("/api/v1/orders?limit=2&after={next}");
    }
    assert_eq!(seen, placed);
    let first = face.look("/api/v1/orders?limit=1").await.json();
    assert_eq!(first["data"][0]["buyer"], "customer-4");

    let mark = first["next_cursor"].as_str().unwrap().to_owned();
    let flipped = format!("{}{}", &mark[..mark.len() - 1], if mark.ends_with('0') { '1' } else { '0' });
    let marks = [flipped.as_str(), &mark[1..], "x", "", "%00", "%FF", &"a".repeat(10_000)]
        .map(|m| format!("after={m}"));
    let limits = ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1&limit=2", "colour=red"]
        .map(String::from);
    for query in marks.iter().chain(&limits) {
        face.look(&format!("/api/v1/orders?{query}")).await.problem(400, "invalid-parameter");
    }
    let other = bearer(OTHER_KEY);
    let stolen =
        request(Method::GET, &format!("/api/v1/orders?after={mark}"), &[("authorization", &other)], "");
    face.send(stolen).await.problem(400, "invalid-parameter");
    assert_eq!(face.look("/api/v1/orders?limit=200").await.json()["data"].as_array().unwrap().len(), 5);
}

on_both! {
    fn an_unpaid_order_is_cancelled_once_however_often_it_is_asked(database) {
        let face = face(database).await;
        let (order, _) = face.open_order().await;
        let path = format!("/api/v1/orders/{}", order["number"].as_str().unwrap());
        for _ in 0..3 {
            let answer = face.post(&format!("{path}/cancel"), &json!({})).await;
            assert_eq!((answer.status.as_u16(), answer.json()["state"].as_str()), (200, Some("cancelled")));
        }
        let stock = face.get("/api/v1/game/products/ML").await.json();
        assert_eq!(stock[0]["stock"], 100, "what it held is back, once");
    }
}

#[tokio::test]
async fn a_delivered_order_and_one_that_is_none_cannot_be_cancelled() {
    let face = face(empty_sqlite().await).await;
    let (order, _) = face.open_order().await;
    face.run("UPDATE shop_order SET state = 'delivered'").await;
    let path = format!("/api/v1/orders/{}/cancel", order["number"].as_str().unwrap());
    face.post(&path, &json!({})).await.problem(409, "not-possible");
    for number in ["LK0000000000", "nonsense", "%00", "lk'--"] {
        face.post(&format!("/api/v1/orders/{number}/cancel"), &json!({})).await.problem(404, "not-found");
        face.look(&format!("/api/v1/orders/{number}")).await.problem(404, "not-found");
    }
}
