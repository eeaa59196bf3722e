//! `POST /api/v1/orders/{number}/payment`: another way to pay, over the API.

use crate::support::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{on_both_shops, shop_sqlite};

fn address(order: &Value) -> String {
    format!("/api/v1/orders/{}/payment", order["number"].as_str().unwrap())
}

on_both_shops!(fn an_order_is_paid_in_another_way_and_the_answer_has_what_the_buyer_needs(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let (order, _) = face.ordered("a", "gopay_qr").await;
    for (method, field, text) in [
        ("gopay_link", "deep_link", APP),
        ("dana_link", "redirect_url", "https://gateway.example/pay?id=1"),
        ("dana_qr", "qr_string", QR),
    ] {
        let started = Instant::now();
        let answer = face.post(&address(&order), &json!({"payment_method": method})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let now = answer.json();
        assert_eq!((&now["payment"]["method"], &now["payment"][field]), (&json!(method), &json!(text)), "{now}");
        assert!(started.elapsed() < Duration::from_millis(2_900), "{method} took {:?}", started.elapsed());
    }
    // The same again changes nothing.
    let payments = face.payments().await.len();
    let again = face.post(&address(&order), &json!({"payment_method": "dana_qr"})).await.json();
    assert_eq!((&again["payment"]["qr_string"], face.payments().await.len()), (&json!(QR), payments));
    let kinds: Vec<&Value> = again["timeline"].as_array().unwrap().iter().map(|t| &t["kind"]).collect();
    assert_eq!(kinds.iter().filter(|k| **k == "method_chosen").count(), 3, "{kinds:?}");
});

on_both_shops!(fn a_push_that_waits_for_its_number_is_answered_at_once_and_one_with_a_number_is_sent(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let (order, _) = face.ordered("a", "gopay_qr").await;
    let started = Instant::now();
    let waiting = face.post(&address(&order), &json!({"payment_method": "ovo_push"})).await.json();
    assert_eq!(waiting["payment"]["state"], "intended", "{waiting}");
    assert!(started.elapsed() < Duration::from_millis(2_900), "nobody waits for a person: {:?}", started.elapsed());
    let asked = json!({"payment_method": "ovo_push", "phone": "+62 812-3456-7890"});
    let sent = face.post(&address(&order), &asked).await;
    assert_eq!(sent.json()["payment"]["state"], "open", "{}", sent.text());
    assert!(!sent.text().contains("34567890"), "{}", sent.text());
    let pushed = face.payments().await.pop().unwrap();
    assert_eq!(pushed, ("ovo_push".into(), "open".into(), Some("********7890".into())));
    assert!(!face.dump().await.iter().any(|row| row.contains("81234567890")), "the number is in a row in the clear");
});

on_both_shops!(fn what_cannot_be_paid_in_another_way_stays_as_it_is(db) {
    let face = face_paying(db).await;
    let working = face.work();
    let (order, _) = face.ordered("a", "gopay_qr").await;
    let address = address(&order);
    working.ends().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = face.dump().await;
    let link = json!({"payment_method": "gopay_link"});
    for (body, pointer, word) in [
        (json!({}), "/payment_method", "wajib"),
        (json!({"payment_method": "cash"}), "/payment_method", "ovo_push"),
        (json!({"payment_method": 1}), "/payment_method", "teks"),
        (json!({"payment_method": "ovo_push", "phone": "0812"}), "/phone", "08"),
        (json!({"payment_method": "ovo_push", "phone": 812}), "/phone", "teks"),
        (json!({"payment_method": "ovo_push", "phone": "'; DROP TABLE payment; --"}), "/phone", "08"),
        (json!({"payment_method": "gopay_link", "amount": 1}), "/amount", "dikenal"),
    ] {
        let problem = face.post(&address, &body).await.problem(422, "validation");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(word), "{problem}");
    }
    face.post(&address, &json!([])).await.problem(422, "validation");
    let long = json!({"payment_method": "ovo_push", "phone": "0".repeat(70_000)});
    face.post(&address, &long).await.problem(413, "too-large");
    face.post("/api/v1/orders/LK0123456789/payment", &link).await.problem(404, "not-found");
    face.post("/api/v1/orders/%00/payment", &link).await.problem(404, "not-found");
    let credit = face.post(&address, &json!({"payment_method": "wallet"})).await.problem(409, "wallet-not-enough");
    assert!(credit["detail"].as_str().unwrap().contains("Rp 20.000"), "{credit}");
    let other = [("authorization", &*bearer(OTHER_KEY)), ("content-type", "application/json")];
    let stranger = request(axum::http::Method::POST, &address, &other, &link.to_string());
    face.send(stranger).await.problem(404, "not-found");
    let anonymous = request(axum::http::Method::POST, &address, &[("content-type", "application/json")], "{}");
    face.send(anonymous).await.problem(401, "unauthenticated");
    assert_eq!(face.dump().await, before);

    face.shop.clock.raise_offset_ms(14 * 60_000);
    let late = face.post(&address, &json!({"payment_method": "ovo_push", "phone": "081234567890"})).await;
    assert!(late.problem(409, "not-possible")["detail"].as_str().unwrap().contains("OVO"));
    face.shop.clock.raise_offset_ms(15 * 60_000);
    face.post(&address, &link).await.problem(409, "not-possible");
    assert_eq!(face.dump().await, before);
    face.run("UPDATE shop_order SET state = 'delivered'").await;
    let done = face.post(&address, &link).await.problem(409, "not-possible");
    assert!(done["detail"].as_str().unwrap().contains("delivered"), "{done} {order}");
});

#[tokio::test]
async fn who_changes_too_often_is_told_so() {
    let face = face_paying(shop_sqlite().await).await;
    let _working = face.work();
    let (order, _) = face.ordered("a", "gopay_qr").await;
    for method in ["gopay_link", "dana_qr", "dana_link"] {
        assert_eq!(face.post(&address(&order), &json!({"payment_method": method})).await.status, 200);
    }
    let refused = face.post(&address(&order), &json!({"payment_method": "ovo_link"})).await;
    let problem = refused.problem(409, "not-possible");
    assert!(problem["detail"].as_str().unwrap().contains("dua menit"), "{problem}");
    assert_eq!(face.payments().await.len(), 4);
}

#[tokio::test]
async fn a_link_that_runs_something_is_told_to_nobody() {
    let face = face_with(shop_sqlite().await, |_| {}).await;
    let (order, _) = face.open_order().await;
    let number = order["number"].as_str().unwrap();
    face.run("UPDATE payment SET deep_link = 'javascript:alert(1)', redirect_url = 'http://x.example/'")
        .await;
    let payment = face.look(&format!("/api/v1/orders/{number}")).await.json()["payment"].clone();
    assert_eq!((&payment["deep_link"], &payment["redirect_url"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn the_way_that_paid_is_told_and_not_the_one_that_was_chosen_last() {
    let face = face_paying(shop_sqlite().await).await;
    let working = face.work();
    let (order, _) = face.ordered("a", "gopay_qr").await;
    let chosen = face.post(&address(&order), &json!({"payment_method": "dana_link"})).await.json();
    assert_eq!(chosen["payment"]["method"], "dana_link", "{chosen}");
    working.ends().await;
    // What the worker had under way is over before we look.
    tokio::time::sleep(Duration::from_millis(500)).await;
    face.run("UPDATE payment SET state = 'settled', settled_at = 1 WHERE method = 'gopay_qr'").await;
    face.run("UPDATE shop_order SET state = 'delivered'").await;
    let number = order["number"].as_str().unwrap();
    let told = face.look(&format!("/api/v1/orders/{number}")).await.json()["payment"].clone();
    assert_eq!((&told["method"], &told["state"]), (&json!("gopay_qr"), &json!("settled")), "{told}");
}
