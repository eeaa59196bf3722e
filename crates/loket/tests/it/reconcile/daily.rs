//! The daily run: at 03:10 WIB of the day after, once, whoever works; and what it stored is shown again.

use crate::{
    hands::{nap, patience},
    harness::{Loket, Rows, World},
};
use database::sql;
use serde_json::json;
use std::time::{Duration, Instant};
use vocabulary::WibDay;

#[tokio::test]
async fn the_daily_run_comes_once_after_ten_past_three_on_sqlite() {
    daily_run(patient(Rows::Sqlite).await, None).await;
}

#[tokio::test]
async fn the_daily_run_comes_once_after_ten_past_three_among_two_servers_on_postgres() {
    let world = patient(Rows::postgres().await).await;
    let second = Loket::start(&["serve", "--listen", "127.0.0.1:0"], &world.environment()).await.unwrap();
    daily_run(world, Some(second)).await;
}

/// A world whose workers leave a row to each other for longer than this test is busy.
async fn patient(rows: Rows) -> World {
    let mut world = World::new(rows).await;
    world.configure("LOKET_WORKER__LEASE_SECONDS", "60");
    world.open_shop(&[]).await.unwrap();
    world
}

async fn daily_run(world: World, second: Option<Loket>) {
    let number = world.delivered("one", json!({})).await;
    let day = world.now().await.wib_day();
    let date = day.to_string();
    let stored = ["--date", date.as_str(), "--stored"];
    let (code, text) = world.command(&[&["reconcile"][..], &stored].concat()).await;
    assert_eq!(code, Some(3), "nothing is stored yet: {text}");
    let due = day.end().plus(Duration::from_secs(3 * 3_600 + 10 * 60));
    let early = due.since(world.now().await).as_secs().saturating_sub(120);
    world.advance(early).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(runs(&world, day).await, (0, 0), "before its time");
    world.advance(180).await.unwrap();
    let started = Instant::now();
    while runs(&world, day).await.1 == 0 {
        patience(started, "the daily run");
        nap().await;
    }
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(runs(&world, day).await, (1, 1), "claimed once, done once");

    let (code, report) = world.reconciled(&stored).await;
    assert_eq!((code, &report["stored"]), (Some(0), &json!(true)), "{report:#}");
    assert_eq!((&report["date"], &report["orders"]), (&json!(date), &json!(1)), "{report:#}");
    let (_, yesterday) = world.reconciled(&["--stored"]).await;
    assert_eq!(yesterday, report, "yesterday is what is shown by itself");
    let (_, text) = world.command(&["reconcile"]).await;
    assert!(text.contains(&format!("loket reconcile --date {date} --stored")), "{text}");
    // The day can be compared again whenever somebody wants to know, and ends with its own deposit.
    let (code, again) = world.reconciled(&["--date", &date]).await;
    assert_eq!((code, &again["stored"]), (Some(0), &json!(false)), "{again:#}");
    assert_eq!(again["deposits"], report["deposits"]);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
    drop(second);
}

/// How often the run of a day was claimed, and whether it is done.
async fn runs(world: &World, day: WibDay) -> (i64, i64) {
    let rows = world.database().await;
    let mut tx = rows.read("test.runs").await.unwrap();
    let found = sql!(
        "SELECT fence, CAST(CASE WHEN done_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM reconciliation WHERE day = $1"
    );
    let runs = found.bind(day).one(&mut tx).await.unwrap();
    drop(tx);
    rows.close().await;
    runs
}
