//! The program as processes: several on one database, and how they end.

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Loket, Rows, World, command},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    process::Stdio,
    time::{Duration, Instant},
};

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_kindly_and_commands_run_beside_the_first() {
    let mut world = World::open(Rows::Sqlite).await;
    let second =
        tokio::time::timeout(Duration::from_secs(60), world.command(&["serve", "--listen", "127.0.0.1:0"]));
    let (code, text) = second.await.expect("it gives up at once");
    assert!(code.is_some_and(|code| code != 0), "{text}");
    assert!(text.contains("another `loket serve`") && text.contains("--data-dir"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    for arguments in [
        &["order", "list"][..],
        &["order", "show", &number],
        &["alerts"],
        &["ledger", "check"],
        &["audit", "verify"],
        &["catalog", "export"],
        &["migrate", "--check"],
        &["doctor"],
    ] {
        let (code, text) = world.command(arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
    }
    world.until(&number, "delivered").await;
    // The lock ends with its owner, however it ends.
    world.shop.take().unwrap().stop().await;
    world.open_shop(&[]).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_open_stream_does_not_keep_the_program_from_ending() {
    let mut world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let page = world.order(&number).await.unwrap()["payment"]["pay_url"].as_str().unwrap().to_owned();
    let mut stream = world.http.get(format!("{page}/events")).send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    let first = stream.chunk().await.unwrap().expect("the present state");
    assert!(String::from_utf8_lossy(&first).contains("event: state"));
    let started = Instant::now();
    let ended = world.shop.take().unwrap().stop().await;
    assert!(ended.success(), "{ended:?}");
    // What is under way would get ten seconds.
    assert!(started.elapsed() < Duration::from_secs(9), "it took {:?}", started.elapsed());
    while stream.chunk().await.ok().flatten().is_some() {}
    // What was under way goes on after the next start.
    world.open_shop(&[]).await.unwrap();
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn two_processes_on_one_postgres_share_the_work_of_a_purchase() {
    let mut world = World::new(Rows::postgres().await).await;
    let base = world.url("");
    world.configure("LOKET_SERVER__PUBLIC_URL", &base);
    let listen = base.trim_start_matches("http://").to_owned();
    let environment = world.environment();
    let web = Loket::start(&["serve", "--listen", &listen, "--role", "web"], &environment).await.unwrap();
    world.shop = Some(web);
    let number = world.placed("one", json!({})).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["payment"]["state"], "intended", "nobody works yet");
    let mut worker = command(&["serve", "--role", "worker"]);
    worker.envs(environment).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut worker = worker.spawn().unwrap();
    let started = Instant::now();
    while world.order(&number).await.unwrap()["payment"]["state"] != "open" {
        patience(started, "the worker");
        nap().await;
    }
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    // Business time that the web process moves is the worker's time, too.
    let unpaid = world.placed("two", json!({})).await;
    world.advance(16 * 60).await.unwrap();
    world.until(&unpaid, "expired").await;
    assert!(worker.try_wait().unwrap().is_none());
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn business_time_that_one_process_moves_is_the_time_of_one_that_serves_http_only() {
    let world = World::open(Rows::postgres().await).await;
    let web = ["serve", "--listen", "127.0.0.1:0", "--role", "web"];
    let web = Loket::start(&web, &world.environment()).await.unwrap();
    world.advance(16 * 60).await.unwrap();
    let started = Instant::now();
    loop {
        let figures = world.http.get(format!("{}/metrics", web.base())).send().await.unwrap();
        let figures = figures.text().await.unwrap();
        if figures.lines().any(|line| line == "loket_clock_offset_seconds 960") {
            break;
        }
        patience(started, &format!("the time that was moved elsewhere in {figures}"));
        nap().await;
    }
    assert!(web.stop().await.success());
}

#[tokio::test]
async fn two_whole_servers_on_one_postgres_deliver_each_order_once() {
    let world = World::open(Rows::postgres().await).await;
    let second = Loket::start(&["serve", "--listen", "127.0.0.1:0"], &world.environment()).await.unwrap();
    let mut numbers = Vec::new();
    for at in 0..8 {
        numbers.push(world.placed(&format!("order-{at}"), json!({"buyer": format!("buyer-{at}")})).await);
    }
    for number in &numbers {
        world.paid(number).await;
    }
    for number in &numbers {
        world.until(number, "delivered").await;
        world.assert_paid_and_delivered_once(number).await;
        let url = format!("{}/api/v1/orders/{number}", second.base());
        let order: Value =
            world.http.get(url).bearer_auth(API_KEY).send().await.unwrap().json().await.unwrap();
        assert_eq!(order["state"], "delivered");
    }
    world.assert_proofs().await;
    assert!(second.stop().await.success());
}
