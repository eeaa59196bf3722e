//! Cards: brought up to date as long as they can be, and not when they are.

use crate::{
    scene::{APPLICATION, NOON, Scene, made, refusal},
    server::{Reply, answer},
};
use discord::Address;
use notifications::{NewScreen, Screen};
use orders::{Courier, Delivery};
use serde_json::json;
use std::time::Duration;
use testkit::on_both_shops;
use vocabulary::Timestamp;

const TOKEN: &str = "interaction-token";
/// How long a token is used.
const TOKEN_FOR: Duration = Duration::from_secs(870);

pub(crate) async fn shown(scene: &Scene) -> Screen {
    let address = Address { application_id: APPLICATION.into(), token: TOKEN.into() };
    let sealed = address.seal(&scene.shop).unwrap();
    assert!(!sealed.contains(TOKEN) && !format!("{address:?}").contains(TOKEN));
    let key = scene.shop.ids.base32(10);
    let asked = Asked { key: &key, surface: &key, address: &sealed, due_at: Some(NOON), last_at: None };
    assert!(put(scene, &asked).await);
    claimed(scene).await
}

/// What somebody asked to be shown.
struct Asked<'a> {
    key: &'a str,
    surface: &'a str,
    address: &'a str,
    due_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

/// Shows the order's card.
async fn put(scene: &Scene, asked: &Asked<'_>) -> bool {
    let new = NewScreen {
        once_key: asked.key,
        courier: "discord",
        surface: asked.surface,
        order: Some(&scene.order),
        address: asked.address,
        task: "order",
        live_until: scene.shop.clock.now().plus(TOKEN_FOR),
        due_at: asked.due_at,
        last_at: asked.last_at,
    };
    let mut tx = scene.shop.db.write("test").await.unwrap();
    let put = notifications::show(&mut tx, &scene.shop.ids, scene.shop.clock.now(), &new).await.unwrap();
    tx.commit().await.unwrap();
    put
}

/// When a screen is due, in milliseconds after noon; the address tells which.
async fn due(scene: &Scene) -> Vec<(String, Option<i64>)> {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    let rows: Vec<(String, Option<i64>)> =
        database::sql!("SELECT address, due_at FROM screen ORDER BY surface")
            .query()
            .all(&mut tx)
            .await
            .unwrap();
    rows.into_iter().map(|(address, due)| (address, due.map(|due| due - NOON.millis()))).collect()
}

async fn claimed(scene: &Scene) -> Screen {
    let mut tx = scene.shop.db.write("test").await.unwrap();
    let times = (scene.shop.clock.now(), scene.shop.clock.now(), Timestamp::from_millis(i64::MAX / 2));
    let claim = notifications::SCREEN_QUEUE.claim(&mut tx, times, 1).await.unwrap().pop().unwrap();
    let screen = notifications::screen(&mut tx, &claim).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    screen
}

async fn refreshed(scene: &Scene) -> Delivery {
    let screen = shown(scene).await;
    scene.courier.refresh(&scene.shop, &screen).await
}

on_both_shops! {
    fn a_card_is_changed_in_place_and_not_sent_again_while_it_looks_the_same(db) {
        let scene = Scene::new(&db, |_| made("7")).await;
        *scene.easel.digest.lock().unwrap() = "one".into();
        let screen = shown(&scene).await;
        let Delivery::Arrived { note } = scene.courier.refresh(&scene.shop, &screen).await else {
            panic!("it did not arrive")
        };
        assert_eq!(scene.discord.lines(), [format!("PATCH /webhooks/{APPLICATION}/{TOKEN}/messages/@original")]);
        assert_eq!(scene.discord.last_json(), json!({"content": "one"}));

        // The worker keeps the note; the order changes, and the card does not.
        let mut tx = scene.shop.db.write("test").await.unwrap();
        notifications::screen_shown(&mut tx, &screen, (note.as_deref(), 0), None, NOON).await.unwrap();
        notifications::refresh_screens(&mut tx, &scene.order, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let screen = claimed(&scene).await;
        assert_eq!(scene.courier.refresh(&scene.shop, &screen).await, Delivery::Arrived { note });
        assert_eq!(scene.discord.lines().len(), 1, "the same card was sent again");

        *scene.easel.digest.lock().unwrap() = "two".into();
        scene.courier.refresh(&scene.shop, &screen).await;
        assert_eq!(scene.discord.lines().len(), 2);
    }
}

on_both_shops! {
    fn one_message_shows_what_was_asked_last_and_is_changed_once(db) {
        let scene = Scene::new(&db, |_| made("7")).await;
        let asked = |key, surface, address, due_at| Asked { key, surface, address, due_at, last_at: None };
        assert!(put(&scene, &asked("99", "i:99", "first", None)).await);
        assert!(put(&scene, &asked("100", "i:99", "second", Some(NOON))).await, "100 is later than 99");
        assert!(!put(&scene, &asked("99", "i:99", "first", Some(NOON))).await, "delivered once more");
        assert!(put(&scene, &asked("101", "i:101", "other", None)).await);
        assert_eq!(due(&scene).await, [("other".into(), None), ("second".into(), Some(0))]);

        // A worker is at it when the next press comes: its outcome is nobody's, and what it sent is drawn over.
        let under_way = claimed(&scene).await;
        assert!(put(&scene, &asked("102", "i:99", "third", None)).await);
        let mut tx = scene.shop.db.write("test").await.unwrap();
        assert!(!notifications::screen_shown(&mut tx, &under_way, (Some("x"), 0), None, NOON).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(due(&scene).await, [("other".into(), None), ("third".into(), Some(10_000))]);

        // The order changes: each message once.
        let mut tx = scene.shop.db.write("test").await.unwrap();
        assert_eq!(notifications::refresh_screens(&mut tx, &scene.order, NOON).await.unwrap(), 2);
        // One of them shows something else by now; an earlier press does not take it away.
        assert!(notifications::is_kept(&mut tx, ("discord", "i:99"), NOON).await.unwrap());
        assert!(!notifications::leave_surface(&mut tx, ("discord", "i:99"), "102", NOON).await.unwrap());
        assert!(notifications::leave_surface(&mut tx, ("discord", "i:99"), "103", NOON).await.unwrap());
        assert!(!notifications::is_kept(&mut tx, ("discord", "i:99"), NOON).await.unwrap());
        assert_eq!(notifications::refresh_screens(&mut tx, &scene.order, NOON).await.unwrap(), 1);
        tx.commit().await.unwrap();

        // A day after its time a screen is gone, when a new one comes.
        scene.shop.clock.advance(Duration::from_secs(86_400 + 871));
        assert!(put(&scene, &asked("104", "i:104", "new", None)).await);
        assert_eq!(due(&scene).await, [("new".into(), None)]);
    }
}

on_both_shops! {
    fn a_card_is_drawn_a_last_time_before_its_token_ends(db) {
        let scene = Scene::new(&db, |_| made("7")).await;
        let last_at = NOON.plus(Duration::from_secs(850));
        let asked = Asked { key: "1", surface: "i:1", address: "a", due_at: None, last_at: Some(last_at) };
        assert!(put(&scene, &asked).await);
        assert_eq!(due(&scene).await, [("a".into(), Some(850_000))]);
        let mut tx = scene.shop.db.write("test").await.unwrap();
        notifications::refresh_screens(&mut tx, &scene.order, NOON).await.unwrap();
        tx.commit().await.unwrap();
        for (moment, then) in [(0, Some(850_000)), (850, None)] {
            scene.shop.clock.advance(Duration::from_secs(moment));
            let screen = claimed(&scene).await;
            let mut tx = scene.shop.db.write("test").await.unwrap();
            let now = scene.shop.clock.now();
            assert!(notifications::screen_shown(&mut tx, &screen, (None, 0), None, now).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(due(&scene).await, [("a".into(), then)]);
        }
    }
}

#[tokio::test]
async fn a_card_that_discord_does_not_know_yet_is_tried_again_for_ten_seconds() {
    for code in [10_015, 10_008] {
        let db = testkit::shop_sqlite().await;
        let scene = Scene::new(&db, move |_| refusal(404, code)).await;
        let screen = shown(&scene).await;
        for _ in 0..2 {
            let Delivery::Later { after, .. } = scene.courier.refresh(&scene.shop, &screen).await else {
                panic!("{code}: given up within the race")
            };
            assert_eq!(after, Some(Duration::from_secs(1)));
            scene.shop.clock.advance(Duration::from_secs(10));
        }
        let late = scene.courier.refresh(&scene.shop, &screen).await;
        assert!(matches!(late, Delivery::Impossible { .. }), "{code}: {late:?}");
    }
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, |_| refusal(401, 50_027)).await;
    assert!(matches!(refreshed(&scene).await, Delivery::Impossible { .. }), "its token is no more");
}

#[tokio::test]
async fn what_is_not_known_or_limited_is_tried_later_and_a_mistake_of_ours_is_an_alert() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, |_| answer(502, &[], "<html>")).await;
    assert!(matches!(refreshed(&scene).await, Delivery::Later { after: None, .. }));
    scene.discord.now_answers(|_| Reply::Bytes(Vec::new()));
    assert!(matches!(refreshed(&scene).await, Delivery::Later { after: None, .. }));
    scene.discord.now_answers(|_| answer(429, &[], "{\"retry_after\":3.0}"));
    let limited = refreshed(&scene).await;
    assert!(
        matches!(limited, Delivery::Later { after: Some(after), .. } if after.as_secs() == 3),
        "{limited:?}"
    );
    assert_eq!(scene.alerts().await, Vec::<String>::new());
    scene.discord.now_answers(|_| refusal(400, 50_035));
    assert!(matches!(refreshed(&scene).await, Delivery::Impossible { .. }));
    assert_eq!(scene.alerts().await, ["courier_refuses_us discord:card:50035"]);
}

#[tokio::test]
async fn a_card_that_cannot_be_drawn_or_reached_is_given_up() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, |_| made("7")).await;
    let mut screen = shown(&scene).await;
    *scene.easel.impossible.lock().unwrap() = Some("no such order".into());
    let reason = "no such order".to_owned();
    assert_eq!(scene.courier.refresh(&scene.shop, &screen).await, Delivery::Impossible { reason });
    screen.address = "v1.AAAA".into();
    assert!(matches!(scene.courier.refresh(&scene.shop, &screen).await, Delivery::Impossible { .. }));
    assert!(scene.discord.lines().is_empty());
}
