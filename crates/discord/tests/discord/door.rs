//! The door: signatures, PING, deadlines, and what is not understood.

use crate::{
    envelope::{self, BUYER},
    scene::{NOON, Scene, key, text},
};
use discord::{Press, Settings, SettingsError, interaction};
use ed25519_dalek::Signer as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::on_both_shops;

on_both_shops!(fn a_ping_is_answered_and_a_wrong_signature_is_not(db) {
    let scene = Scene::open(&db).await;
    for ping in [envelope::ping(), json!({"type": 1})] {
        assert_eq!(scene.send(&ping).await, json!({"type": 1}));
    }
    let body = envelope::command(scene.from(), "help", &[]).to_string();
    let now = (NOON.millis() / 1_000).to_string();
    let sign = |timestamp: &str| hex::encode(key().sign(format!("{timestamp}{body}").as_bytes()).to_bytes());
    let old = (NOON.millis() / 1_000 - 601).to_string();
    let wrong = sign("1");
    for (signature, timestamp) in [
        (None, None),
        (Some(sign(&now)), None),
        (None, Some(now.clone())),
        (Some(wrong), Some(now.clone())),
        (Some(sign(&old)), Some(old)),
        (Some("zz".into()), Some(now.clone())),
        (Some(sign(&now)[..126].to_owned()), Some(now.clone())),
    ] {
        let outcome = interaction(&scene.desk, signature.as_deref(), timestamp.as_deref(), body.as_bytes()).await;
        assert_eq!(outcome.status, 401, "{signature:?} {timestamp:?}");
    }
    let good = interaction(&scene.desk, Some(&sign(&now)), Some(&now), body.as_bytes()).await;
    assert_eq!(good.status, 200);
});

#[tokio::test]
async fn what_is_not_known_here_is_answered_politely() {
    let scene = Scene::on_sqlite().await;
    assert!(text(&scene.command("nothing", &[]).await).contains("/help"));
    for id in ["", "x", "1.g.0.AAAAAAAAAAA", "2.g.0.AAAAAAAAAAA", "panel", &"y".repeat(100)] {
        let reply = scene.send(&envelope::component(scene.from(), id, None)).await;
        assert!(reply["type"] == 4 && text(&reply).contains("not for you"), "{id}: {reply}");
        let reply = scene.send(&envelope::modal(scene.from(), id, &[])).await;
        assert!(text(&reply).contains("not for you"), "{id}: {reply}");
    }
    // A button's id in the place of a form's.
    let id = Press::PickOrder.encode(&scene.shop().vault, BUYER);
    assert!(text(&scene.send(&envelope::modal(scene.from(), &id, &[])).await).contains("not for you"));
    // One that Discord has invented since, and one without what every one has.
    for broken in [
        json!({"type": 99}),
        json!({"type": 2}),
        json!({"type": 3, "data": {}}),
        json!({"type": 5, "data": 1}),
    ] {
        let outcome = scene.send_raw(broken.to_string().as_bytes()).await;
        assert_eq!((outcome.status, &outcome.json["type"]), (200, &json!(4)), "{broken}");
        assert_eq!(outcome.json["data"]["flags"], 32_832);
    }
    let autocomplete = scene.send_raw(br#"{"type":4}"#).await;
    assert_eq!(autocomplete.json, json!({"type": 8, "data": {"choices": []}}));
    for body in ["", "[]", "nonsense", "{}", "{\"type\":\"2\"}"] {
        assert_eq!(scene.send_raw(body.as_bytes()).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn fields_and_shapes_that_nobody_knows_yet_keep_nobody_from_an_answer() {
    let scene = Scene::on_sqlite().await;
    let mut asked = envelope::command(scene.from(), "help", &[]);
    asked["brand_new"] = json!({"a": [1, {"b": null}]});
    asked["member"]["collectibles"] = json!([[]]);
    asked["channel"] = json!({"type": 250});
    asked["data"]["resolved"] = json!({"planets": {"1": 2}});
    asked["context"] = json!(9);
    asked["entitlements"] = json!("none");
    assert!(text(&scene.send(&asked).await).contains("/topup"));
    for field in
        ["attachment_size_limit", "authorizing_integration_owners", "channel_id", "entitlements", "version"]
    {
        let mut asked = envelope::command(scene.from(), "help", &[]);
        asked.as_object_mut().unwrap().remove(field);
        assert!(text(&scene.send(&asked).await).contains("/topup"), "{field}");
    }
}

/// Somebody holds the only writer of SQLite: the answer comes all the same, in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_too_busy_says_so_within_three_seconds() {
    let scene = Scene::on_sqlite().await;
    let (_, card) = scene.bought("gopay_qr").await;
    let holder = scene.shop().db.write("test.hold").await.unwrap();
    let started = Instant::now();
    let options = [("game", "ML"), ("product", "ML_86"), ("user_id", "123456789"), ("server", "1234")];
    let (told, pressed) = tokio::join!(scene.command("topup", &options), scene.press(&card, "Check status"));
    // By itself a transaction gives up after five seconds. That the door's own limit is less than three its source says.
    assert!(started.elapsed() < Duration::from_millis(4_800), "{:?}", started.elapsed());
    assert!(told["type"] == 4 && text(&told).contains("never ordered twice"), "{told}");
    // What was pressed on a card goes on, and the card is brought to the same message.
    assert_eq!(pressed["type"], 6);
    drop(holder);
    let due = "SELECT due_at FROM screen WHERE order_id IS NOT NULL";
    let noon = crate::scene::NOON.millis();
    while scene.all::<Option<i64>>(due).await != [Some(noon)] {
        assert!(started.elapsed() < Duration::from_secs(60), "it is never brought");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.press(&card, "Check status").await["type"], 7);
}

#[test]
fn a_desk_is_set_up_with_an_id_and_a_key_that_can_be_trusted() {
    let good = hex::encode(key().verifying_key().as_bytes());
    assert!(Settings::new(&format!(" {good}\n"), "123").is_ok());
    for id in ["", "abc", "123456789012345678901"] {
        assert_eq!(Settings::new(&good, id), Err(SettingsError::Application), "{id}");
    }
    assert!(matches!(Settings::new(&"00".repeat(32), "1"), Err(SettingsError::Key(_))));
}

/// The fixtures are whole: a library that is strict about them reads them all.
#[tokio::test]
async fn the_fixtures_are_interactions_as_others_understand_them_too() {
    let scene = Scene::on_sqlite().await;
    for place in envelope::PLACES {
        let from = || envelope::From { place, ..scene.from() };
        for fixture in [
            envelope::ping(),
            envelope::command(from(), "price", &[("game", "ML")]),
            envelope::autocomplete(from(), "price", &[("game", "M")]),
            envelope::component(from(), "x", None),
            envelope::component(from(), "x", Some("y")),
            envelope::modal(from(), "x", &[("user_id", "1")]),
        ] {
            let read: Result<twilight_model::application::interaction::Interaction, _> =
                serde_json::from_value::<Value>(fixture.clone())
                    .and_then(|_| serde_json::from_str(&fixture.to_string()));
            assert!(read.is_ok(), "{read:?}: {fixture}");
        }
    }
}
