//! Liveness, readiness and metrics.

use crate::support::*;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use testkit::empty_sqlite;

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
    face.get("/healthz").await;
    let answer = face.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain"));
    let text = answer.text();
    for line in [
        "loket_orders_needing_attention 1",
        "loket_open_alerts{kind=\"parked\"} 1",
        "loket_open_alerts{kind=\"late_delivery\"} 0",
        "loket_database_up 1",
        "loket_queue_overdue_seconds{queue=\"payment\"} 0",
        "loket_clock_offset_seconds 0",
        "loket_http_requests_total{method=\"GET\",status=\"200\"}",
        "loket_audit_unsealed_entries ",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    face.shop.db.close().await;
    assert!(face.get("/metrics").await.text().contains("loket_database_up 0"));
}
