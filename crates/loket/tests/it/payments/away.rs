//! Webhooks while the database is away: the sender is told to come again.

use crate::{
    hands::{nap, notification, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A way to the database that can be shut.
struct Passage {
    open: watch::Sender<bool>,
    address: String,
}

impl Passage {
    async fn to(target: String) -> Passage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (open, is_open) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut inside, _)) = listener.accept().await {
                let (target, mut is_open) = (target.clone(), is_open.clone());
                if !*is_open.borrow() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(mut outside) = TcpStream::connect(target).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut inside, &mut outside) => {}
                        _ = is_open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Passage { open, address }
    }
}

#[tokio::test]
async fn a_webhook_while_postgres_is_away_is_answered_503_and_applied_when_it_comes_again() {
    let database = testkit::empty_postgres().await;
    let url = database.url_text();
    let (user, rest) = url.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let passage = Passage::to(host.to_owned()).await;
    let mut world = World::new(Rows::Postgres(database)).await;
    world.configure("LOKET_DATABASE__URL", &format!("{user}@{}/{name}", passage.address));
    world.open_shop(&[]).await.unwrap();
    let number = world.placed("one", json!({})).await;
    passage.open.send_replace(false);
    world.paid(&number).await;
    let webhook = world.webhook_tried("midtrans", &number, "settlement").await;
    assert_eq!(webhook["attempts"][0]["status"], 503);
    assert_eq!(webhook["state"], "waiting");
    assert!(!world.shop_is_dead());
    passage.open.send_replace(true);
    let started = Instant::now();
    while world.advance_if_possible(125).await.is_none() {
        patience(started, "the database");
        nap().await;
    }
    world.until(&number, "delivered").await;
    let started = Instant::now();
    loop {
        let webhook = &world.webhooks("midtrans", &number, "settlement").await[0];
        if webhook["state"] == "delivered" {
            break;
        }
        patience(started, "the second try");
        nap().await;
    }
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_webhook_while_sqlite_is_locked_is_answered_503_and_applied_when_it_comes_again() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let other = world.database().await;
    let hold = other.write("test.hold").await.unwrap();
    let settlement = notification(&format!("{number}-P1"), "200", "20000.00", "settlement").to_string();
    let started = Instant::now();
    let (status, text) = world.webhook("midtrans", None, &settlement).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(started.elapsed() < Duration::from_secs(12), "the sender waited {:?}", started.elapsed());
    drop(hold);
    other.close().await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let (status, text) = world.webhook("midtrans", None, &settlement).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}
