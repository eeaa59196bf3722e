//! Whatever bytes arrive at whichever door: a clear answer, no panic, never a 5xx.

use crate::support::*;
use axum::{
    body::Body,
    http::{Method, Request},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use testkit::on_both;

const DOORS: [&str; 10] = [
    "/api/v1/game/validate",
    "/api/v1/quotes",
    "/api/v1/orders",
    "/api/v1/orders/LK0123456789/cancel",
    "/api/v1/orders/LK0123456789/payment",
    "/webhooks/midtrans",
    "/webhooks/digiflazz",
    "/v1.0/debit/notify",
    "/sandbox/clock",
    "/sandbox/stock",
];

const PLACES: [&str; 9] = [
    "/{}",
    "/pay/{}",
    "/pay/{}/events",
    "/pay/{}/method",
    "/pay/{}/qr.png",
    "/docs/{}",
    "/api/v1/game/products/{}",
    "/api/v1/orders/{}",
    "/api/v1/orders?after={}&limit={}",
];

/// Bytes of all kinds: raw, JSON of any shape, and objects with the fields that are read.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        vec(any::<char>(), 0..8).prop_map(|c| Value::from(c.into_iter().collect::<String>())),
        Just(json!("ML_86")),
        Just(json!("ML")),
        Just(json!("gopay_qr")),
        Just(json!("123456789")),
        Just(json!("2345")),
        Just(json!("\u{0}")),
    ];
    let names = prop_oneof![
        Just("game_code"),
        Just("product_code"),
        Just("user_id"),
        Just("server_id"),
        Just("payment_method"),
        Just("phone"),
        Just("buyer"),
        Just("quote"),
        Just("add"),
        Just("other"),
    ];
    let object = vec((names, leaf), 0..8).prop_map(|fields| {
        let fields: serde_json::Map<String, Value> =
            fields.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        serde_json::to_vec(&fields).unwrap()
    });
    prop_oneof![vec(any::<u8>(), 0..300), object, Just(vec![b'['; 5_000]), Just(b"{\"a\":".repeat(2_000))]
}

fn header() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![32..=126_u8, 128..=255_u8, Just(9)], 0..40)
}

on_both! {
    fn arbitrary_bytes_never_make_a_server_error(database) {
        let face = std::sync::Arc::new(face(database).await);
        // No order waits for a worker that does not run.
        face.run("UPDATE product SET active = 0").await;
        let handle = tokio::runtime::Handle::current();
        let run = move || {
            let mut runner = TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
            let cases = (0..DOORS.len(), bodies(), header(), any::<bool>());
            runner.run(&cases, |(door, body, header, good)| {
                let mut request = Request::builder()
                    .method(Method::POST)
                    .uri(DOORS[door])
                    .header("content-type", "application/json")
                    .header("authorization", bearer(KEY));
                request = if good {
                    request.header("x-test", "good").header("idempotency-key", "k")
                } else {
                    request.header("x-test", &*header).header("idempotency-key", &*header).header("x-request-id", &*header)
                };
                let request = request.body(Body::from(body)).unwrap();
                let answer = handle.block_on(face.send(request));
                prop_assert!(!answer.status.is_server_error(), "{}: {}", DOORS[door], answer.text());
                if answer.status.is_client_error() {
                    let dana = DOORS[door] == "/v1.0/debit/notify";
                    let form = if dana { "application/json" } else { "application/problem+json" };
                    prop_assert_eq!(answer.header("content-type"), form);
                }
                Ok(())
            })
        };
        tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    }
}

on_both! {
    fn arbitrary_addresses_never_make_a_server_error(database) {
        let face = std::sync::Arc::new(face(database).await);
        let handle = tokio::runtime::Handle::current();
        let run = move || {
            let mut runner = TestRunner::new(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() });
            runner.run(&(0..PLACES.len(), vec(any::<u8>(), 0..40)), |(place, bytes)| {
                let part: String = bytes.iter().map(|b| format!("%{b:02X}")).collect();
                let path = PLACES[place].replace("{}", &part);
                let asked = request(Method::GET, &path, &[("authorization", &bearer(KEY))], "");
                let answer = handle.block_on(face.send(asked));
                prop_assert!(!answer.status.is_server_error(), "{}: {}", path, answer.text());
                Ok(())
            })
        };
        tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    }
}
