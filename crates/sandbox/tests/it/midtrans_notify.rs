//! Notifications of Midtrans: what they hold, where they go, and how often they are tried.

use crate::support::{Answer, Hook, SERVER_KEY, World, eventually, gopay};
use serde_json::Value;

fn status_of(hook: &Hook) -> String {
    hook.json()["transaction_status"].as_str().unwrap().to_owned()
}

/// The one webhook of this event, as the books have it.
async fn delivery(world: &World, event: &str) -> Value {
    let books = world.books().await;
    let all = books["midtrans"]["webhooks"].as_array().unwrap();
    all.iter().find(|w| w["event"] == event).unwrap().clone()
}

async fn tries(world: &World, event: &str, count: usize) -> Value {
    eventually(&format!("{count} tries"), async || {
        Some(delivery(world, event).await).filter(|d| d["attempts"].as_array().unwrap().len() == count)
    })
    .await
}

async fn charge_with(world: &World, order_id: &str, header: &str, urls: &str) -> Answer {
    let request = world.request("POST", "/sandbox/midtrans/v2/charge").basic_auth(SERVER_KEY, Some(""));
    let request = request.header("content-type", "application/json").header(header, urls);
    world.send(request.body(gopay(order_id, 20_000).to_string())).await
}

#[tokio::test]
async fn a_header_adds_addresses_or_replaces_the_dashboards() {
    let (world, _folder) = World::start().await;
    let base = world.hooks.base.clone();
    let two = format!("{base}/a, {base}/b");
    for (order_id, header, urls, paths) in [
        ("one", "x-override-notification", two.clone(), vec!["/a", "/b"]),
        ("two", "x-append-notification", format!("{base}/c"), vec!["/c", "/webhooks/midtrans"]),
    ] {
        let before = world.hooks.got().len();
        charge_with(&world, order_id, header, &urls).await;
        world.hooks.wait(before + 2).await;
        let got = world.hooks.settle().await.split_off(before);
        let mut got: Vec<&str> = got.iter().map(|h| h.path.as_str()).collect();
        got.sort_unstable();
        assert_eq!(got, paths, "{header}");
    }
    for urls in
        [format!("{base}/a,{base}/b,{base}/c"), "nonsense".into(), "file:///etc/passwd".into(), String::new()]
    {
        let answer = charge_with(&world, "three", "x-override-notification", &urls).await;
        assert_eq!(answer.json()["status_code"], "400", "{urls:?}");
    }
}

#[tokio::test]
async fn the_overriding_header_wins() {
    let (world, _folder) = World::start().await;
    let base = world.hooks.base.clone();
    let request = world.request("POST", "/sandbox/midtrans/v2/charge").basic_auth(SERVER_KEY, Some(""));
    let request = request.header("content-type", "application/json");
    let request = request.header("x-append-notification", format!("{base}/append"));
    let request = request.header("x-override-notification", format!("{base}/override"));
    world.send(request.body(gopay("both", 20_000).to_string())).await;
    world.hooks.wait(1).await;
    let got = world.hooks.settle().await;
    assert_eq!(got.iter().map(|h| h.path.as_str()).collect::<Vec<_>>(), ["/override"]);
}

#[tokio::test]
async fn a_refused_notification_is_tried_by_the_table() {
    // The payment expires meanwhile, which is another notification: only the first is counted.
    let pending = |hooks: Vec<Hook>| hooks.iter().filter(|h| status_of(h) == "pending").count();
    for (status, pauses) in
        [(503, vec![120, 600, 1_800, 5_400]), (500, vec![120]), (404, vec![120, 600]), (302, vec![])]
    {
        let (world, _folder) = World::start().await;
        world.hooks.will_answer(&[status; 10]);
        world.charge("LK0123456789-P1", 20_000).await;
        let mut count = 1;
        tries(&world, "pending", count).await;
        for pause in pauses {
            world.advance(pause - 5).await;
            assert_eq!(pending(world.hooks.settle().await), count, "{status}: not before its time");
            world.advance(6).await;
            count += 1;
            tries(&world, "pending", count).await;
        }
        let last = delivery(&world, "pending").await;
        assert_eq!(last["state"], "given_up", "{status}");
        world.advance(100_000).await;
        assert_eq!(pending(world.hooks.settle().await), count, "{status}: no more");
    }
}

#[tokio::test]
async fn a_shop_that_comes_back_gets_its_notification() {
    let (world, _folder) = World::start().await;
    world.hooks.will_answer(&[200, 503, 503]);
    world.charge("LK0123456789-P1", 20_000).await;
    world.hooks.wait(1).await;
    world.pay("LK0123456789-P1", "settle").await;
    tries(&world, "settlement", 1).await;
    world.advance(121).await;
    tries(&world, "settlement", 2).await;
    world.advance(601).await;
    let last = tries(&world, "settlement", 3).await;
    assert_eq!(last["state"], "delivered");
    let statuses: Vec<i64> =
        last["attempts"].as_array().unwrap().iter().map(|a| a["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [503, 503, 200]);
}

#[tokio::test]
async fn only_307_and_308_are_followed() {
    for (status, followed) in [(307, true), (308, true), (301, false), (303, false)] {
        let (world, _folder) = World::start().await;
        world.hooks.will_answer(&[status]);
        world.charge("LK0123456789-P1", 20_000).await;
        let done = tries(&world, "pending", 1).await;
        assert_eq!(done["state"], if followed { "delivered" } else { "given_up" }, "{status}");
        let got = world.hooks.settle().await;
        assert_eq!(got.iter().any(|h| h.path == "/moved"), followed, "{status}");
        if followed {
            assert_eq!(got[0].raw, got[1].raw, "the body goes along");
        }
    }
}

#[tokio::test]
async fn a_chain_of_redirects_ends_after_five() {
    let (world, _folder) = World::start().await;
    world.hooks.will_answer(&[307; 20]);
    world.charge("LK0123456789-P1", 20_000).await;
    assert_eq!(tries(&world, "pending", 1).await["state"], "given_up");
    assert_eq!(world.hooks.settle().await.len(), 6);
}

#[tokio::test]
async fn without_an_address_nothing_is_sent_and_the_books_say_so() {
    let (world, _folder) = World::start().await;
    world.sandbox.set_notify_urls(None, None);
    world.charge("LK0123456789-P1", 20_000).await;
    eventually("nowhere", async || {
        Some(delivery(&world, "pending").await).filter(|d| d["state"] == "nowhere")
    })
    .await;
    assert!(world.hooks.got().is_empty());
}
