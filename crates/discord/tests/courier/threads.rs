//! Private threads: which server they are in, and what becomes of those that are archived, locked, or perhaps
//! made.

use crate::{
    scene::{Scene, closed, in_thread, made, refusal},
    server::answer,
};
use notifications::MessageKind;
use orders::{Courier, Delivery};
use serde_json::{Value, json};
use testkit::on_both_shops;

const MAKE: &str = "POST /api/v10/channels/101/threads";
const LIST: &str = "GET /api/v10/guilds/100/threads/active";

/// What Discord lists as active.
fn active(threads: &Value) -> crate::server::Reply {
    answer(200, &[], json!({"threads": threads, "members": []}).to_string())
}

on_both_shops! {
    fn a_message_in_an_archived_thread_is_followed_by_a_new_one_there(db) {
        let scene = Scene::new(&db, closed(50_007)).await;
        scene.is_in(Some(("100", "101"))).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, None).await, in_thread());
        scene.discord.now_answers(|line| match line {
            "PATCH /api/v10/channels/9/messages/99" => refusal(400, 50_083),
            "POST /api/v10/channels/9/messages" | "PATCH /api/v10/channels/9/messages/100" => made("100"),
            other => panic!("{other}"),
        });
        assert_eq!(scene.deliver(MessageKind::SerialNumber, None).await, in_thread());
        assert_eq!(scene.deliver(MessageKind::Credited, Some("Rp 20.000")).await, in_thread());
        assert_eq!(
            scene.discord.lines()[5..],
            ["PATCH /channels/9/messages/99", "POST /channels/9/messages", "PATCH /channels/9/messages/100"]
        );
        assert_eq!(scene.alerts().await, Vec::<String>::new());
    }
}

on_both_shops! {
    fn a_thread_that_is_locked_is_followed_by_another(db) {
        let scene = Scene::new(&db, closed(50_007)).await;
        scene.is_in(Some(("100", "101"))).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, None).await, in_thread());
        let first = scene.discord.server.seen()[2].body.clone();
        scene.discord.now_answers(|line| match line {
            "PATCH /api/v10/channels/9/messages/99" => refusal(400, 50_083),
            "POST /api/v10/channels/9/messages" => refusal(403, 160_005),
            MAKE => made("10"),
            "POST /api/v10/channels/10/messages" => made("110"),
            other => closed(50_007)(other),
        });
        assert_eq!(scene.deliver(MessageKind::SerialNumber, None).await, in_thread());
        assert_eq!(scene.deliver(MessageKind::Credited, Some("Rp 20.000")).await, in_thread());
        let lines = scene.discord.lines();
        assert_eq!(lines.last().unwrap(), "PATCH /channels/10/messages/110");
        let makes: Vec<String> = scene.discord.server.seen().into_iter().filter(|s| s.line == MAKE).map(|s| s.body).collect();
        assert!(makes.len() == 2 && makes[0] == first && makes[1] != first, "each has a name of its own: {makes:?}");
        assert!(!lines.iter().any(|line| line.starts_with("GET ")), "nothing had to be looked for");
    }
}

on_both_shops! {
    fn a_thread_that_may_have_been_made_is_looked_for_before_another_is(db) {
        let scene = Scene::new(&db, |line| match line {
            MAKE => answer(500, &[], ""),
            other => closed(50_007)(other),
        })
        .await;
        scene.is_in(Some(("100", "101"))).await;
        let message = scene.message(MessageKind::Delivered, None).await;
        let first = scene.courier.deliver(&scene.shop, &message).await;
        assert!(matches!(first, Delivery::Later { .. }), "{first:?}");
        let name = scene.discord.last_json()["name"].clone();
        scene.discord.now_answers(move |line| match line {
            LIST => active(&json!([
                {"id": "7", "parent_id": "102", "name": name},
                {"id": "8", "parent_id": "101", "name": "Struk pesanan"},
                {"id": "9", "parent_id": "101", "name": name},
            ])),
            MAKE => panic!("another thread"),
            other => closed(50_007)(other),
        });
        assert_eq!(scene.courier.deliver(&scene.shop, &message).await, in_thread());
        let lines = scene.discord.lines();
        assert!(lines.contains(&"GET /guilds/100/threads/active".to_owned()), "{lines:?}");
        assert!(lines.contains(&"POST /channels/9/messages".to_owned()), "{lines:?}");
        // From now on it is known.
        let other = scene.another_order().await;
        let next = scene.message_about(&other, MessageKind::Delivered, None).await;
        assert_eq!(scene.courier.deliver(&scene.shop, &next).await, in_thread());
        assert_eq!(scene.discord.lines()[lines.len()..], ["POST /channels/5/messages", "POST /channels/9/messages"]);
    }
}

#[tokio::test]
async fn a_thread_that_was_not_made_is_made_under_the_name_that_it_was_to_have() {
    let db = testkit::shop_sqlite().await;
    let fails = |line: &str| match line {
        MAKE => answer(502, &[], ""),
        LIST => active(&json!([])),
        other => closed(50_007)(other),
    };
    let scene = Scene::new(&db, fails).await;
    scene.is_in(Some(("100", "101"))).await;
    let message = scene.message(MessageKind::Delivered, None).await;
    for _ in 0..2 {
        let delivery = scene.courier.deliver(&scene.shop, &message).await;
        assert!(matches!(delivery, Delivery::Later { .. }), "{delivery:?}");
    }
    // While Discord does not tell what there is, nothing is made.
    scene.discord.now_answers(move |line| if line == LIST { answer(503, &[], "") } else { fails(line) });
    let delivery = scene.courier.deliver(&scene.shop, &message).await;
    assert!(matches!(delivery, Delivery::Later { .. }), "{delivery:?}");
    scene.discord.now_answers(move |line| if line == MAKE { made("9") } else { fails(line) });
    assert_eq!(scene.courier.deliver(&scene.shop, &message).await, in_thread());
    let makes: Vec<String> =
        scene.discord.server.seen().into_iter().filter(|s| s.line == MAKE).map(|s| s.body).collect();
    assert!(makes.len() == 3 && makes.iter().all(|body| *body == makes[0]), "{makes:?}");
}

on_both_shops! {
    fn a_message_stays_in_the_server_where_its_order_was_placed(db) {
        let scene = Scene::new(&db, |line| match line {
            "POST /api/v10/channels/201/threads" => made("29"),
            other => closed(50_007)(other),
        })
        .await;
        scene.was_placed_in(&scene.order, "100", "101").await;
        // The buyer went on to another server.
        scene.is_in(Some(("200", "201"))).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, None).await, in_thread());
        for place in [None, Some("101"), Some("201")] {
            let order = scene.another_order().await;
            if let Some(channel) = place {
                scene.was_placed_in(&order, "100", channel).await;
            }
            let message = scene.message_about(&order, MessageKind::Delivered, None).await;
            assert_eq!(scene.courier.deliver(&scene.shop, &message).await, in_thread());
        }
        let lines = scene.discord.lines();
        let in_guilds: Vec<&str> = lines
            .iter()
            .map(String::as_str)
            .filter(|line| !line.contains("/@me/") && !line.contains("/channels/5/"))
            .collect();
        assert_eq!(
            in_guilds,
            [
                "POST /channels/101/threads",
                "PUT /channels/9/thread-members/80351110224678912",
                "POST /channels/9/messages",
                // Of this order nobody knows where it was placed: the buyer's last place will do.
                "POST /channels/201/threads",
                "PUT /channels/29/thread-members/80351110224678912",
                "POST /channels/29/messages",
                // Each channel keeps its thread.
                "POST /channels/9/messages",
                "POST /channels/29/messages",
            ]
        );
    }
}
