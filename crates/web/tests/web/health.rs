//! Liveness, readiness and metrics.

use crate::support::*;
use axum::http::Method;
use metrics_exporter_prometheus::PrometheusBuilder;
use orders::Placement;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use suppliers::AttemptIntent;
use testkit::empty_sqlite;
use vocabulary::{Locale, OrderId, OrderNumber, PaymentMethod, Rupiah};

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let heartbeat = Arc::new(AtomicI64::new(0));
    let given = heartbeat.clone();
    let face = face_with(empty_sqlite().await, |s| s.worker_heartbeat = Some(given)).await;
    let detail = |answer: Answer| answer.problem(503, "unavailable")["detail"].as_str().unwrap().to_owned();

    assert_eq!(detail(face.get("/readyz").await), "Belum siap: worker.");
    heartbeat.store(face.shop.clock.real_now().millis(), Ordering::Relaxed);
    assert_eq!(face.get("/readyz").await.json()["status"], "ok");
    heartbeat.fetch_sub(31_000, Ordering::Relaxed);
    assert_eq!(detail(face.get("/readyz").await), "Belum siap: worker.");
    face.stop.send(true).unwrap();
    assert_eq!(detail(face.get("/readyz").await), "Belum siap: shutdown, worker.");
    face.shop.db.close().await;
    assert_eq!(detail(face.get("/readyz").await), "Belum siap: shutdown, database, worker.");
    assert_eq!(face.get("/healthz").await.json()["status"], "ok", "alive all the same");
}

#[tokio::test]
async fn a_schema_that_is_behind_is_not_ready() {
    let behind = face(empty_sqlite().await).await;
    behind.run("DELETE FROM schema_migration WHERE version = 9").await;
    assert_eq!(behind.get("/readyz").await.problem(503, "unavailable")["detail"], "Belum siap: migrations.");
}

#[tokio::test]
async fn metrics_tell_what_stands_in_the_database() {
    let face_without = face(empty_sqlite().await).await;
    face_without.get("/metrics").await.problem(404, "not-found");

    let handle = PrometheusBuilder::new().install_recorder().unwrap();
    let face = face_with(empty_sqlite().await, |s| s.metrics = Some(handle)).await;
    face.run("INSERT INTO alert (id, kind, subject, message, opened_at) VALUES ('alr_1', 'order_needs_attention', 'LK1', 'm', 1), ('alr_2', 'amount_mismatch', 'LK1', 'm', 1), ('alr_3', 'parked', 'x', 'm', 1)").await;
    work(&face).await;
    face.run("UPDATE shop_order SET state = 'needs_attention' WHERE id = (SELECT MIN(id) FROM shop_order)")
        .await;
    face.get("/healthz").await;
    let answer = face.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain"));
    let text = answer.text();
    for line in [
        "loket_orders_needing_attention 1",
        "loket_open_alerts{kind=\"parked\"} 1",
        "loket_open_alerts{kind=\"late_delivery\"} 0",
        "loket_database_up 1",
        "loket_clock_offset_seconds 0",
        "loket_http_requests_total{method=\"GET\",status=\"200\"}",
        "loket_audit_unsealed_entries ",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    face.shop.db.close().await;
    assert!(face.get("/metrics").await.text().contains("loket_database_up 0"));
}

/// The value of a figure.
fn figure(text: &str, name: &str) -> f64 {
    let values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let values: Vec<&str> = values.collect();
    assert_eq!(values.len(), 1, "{name} in {text}");
    values[0].parse().unwrap()
}

/// Two orders, a payment and an attempt that are due, and a webhook.
async fn work(face: &Face) {
    for n in 0..2 {
        let wish = Placement {
            phone: None,
            owner: "api:first".into(),
            key: format!("key-{n}").parse().unwrap(),
            request_hash: "hash".into(),
            buyer: format!("buyer-{n}").parse().unwrap(),
            product: "ML_86".parse().unwrap(),
            user_id: "123456789".into(),
            server_id: Some("2345".into()),
            method: PaymentMethod::GopayQr,
            quote: None,
            locale: Locale::English,
            ip: None,
            origin: orders::Origin::default(),
        };
        face.shop.place(&wish).await.unwrap();
    }
    let (ids, now) = (&face.shop.ids, face.shop.clock.now());
    let intent = AttemptIntent {
        order: &OrderId::new(ids, now),
        number: &OrderNumber::new(ids),
        supplier: "digiflazz",
        sku: "ml86",
        customer_no: "1234567890",
        max_price: Rupiah::new(18_000),
        routing: None,
        not_before: None,
    };
    let mut tx = face.shop.db.write("test.intend").await.unwrap();
    suppliers::intend_attempt(&mut tx, ids, now, &intent).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    for body in ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"] {
        let request = request(Method::POST, "/webhooks/digiflazz", &[("x-test", "good")], body);
        assert_eq!(face.send(request).await.status, 200);
    }
}

#[tokio::test]
async fn metrics_tell_how_far_every_queue_is_behind() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let face = face_with(empty_sqlite().await, |s| s.metrics = Some(handle)).await;
    let queues = ["webhook", "order", "payment", "attempt"];
    let rows = |text: &str| {
        queues.map(|queue| figure(text, &format!("loket_queue_overdue_rows{{queue=\"{queue}\"}}")))
    };
    let seconds = |text: &str| {
        queues.map(|queue| figure(text, &format!("loket_queue_overdue_seconds{{queue=\"{queue}\"}}")))
    };

    let text = face.get("/metrics").await.text();
    assert_eq!((rows(&text), seconds(&text)), ([0.0; 4], [0.0; 4]), "nothing is due");

    work(&face).await;
    let now = face.shop.clock.now().millis();
    for (table, late) in
        [("webhook_inbox", 100), ("shop_order", 200), ("payment", 300), ("fulfilment_attempt", 400)]
    {
        // All are late, the first one most; the second payment is not due yet.
        let due = now - late * 1_000;
        face.run(&format!("UPDATE {table} SET due_at = {due} + 50000")).await;
        face.run(&format!("UPDATE {table} SET due_at = {due} WHERE id = (SELECT MIN(id) FROM {table})"))
            .await;
    }
    face.run("UPDATE payment SET due_at = due_at + 3600000 WHERE id = (SELECT MAX(id) FROM payment)").await;
    let text = face.get("/metrics").await.text();
    assert_eq!(rows(&text), [3.0, 2.0, 1.0, 1.0]);
    for (told, late) in seconds(&text).into_iter().zip([100.0, 200.0, 300.0, 400.0]) {
        assert!((late..late + 40.0).contains(&told), "{told} of {late} in {text}");
    }
}
