//! What staff is told of Discord's refusals, and until when.

use crate::{
    refresh::shown,
    scene::{Scene, THERE, made, open, refusal},
};
use database::sql;
use notifications::{AlertKind, MessageKind, alert_open};
use orders::{Courier, Delivery};
use std::time::Duration;
use testkit::on_both_shops;

const NONE: [&str; 0] = [];
const TOKEN: &str = "courier_refuses_us discord:token";

on_both_shops! {
    fn a_token_that_works_again_is_no_alert_any_more_and_is_told_anew(db) {
        let scene = Scene::new(&db, |_| refusal(401, 0)).await;
        scene.deliver(MessageKind::SlowFiveMinutes, None).await;
        assert_eq!(scene.alerts().await, [TOKEN]);
        scene.discord.now_answers(open);
        assert_eq!(scene.deliver(MessageKind::Delivered, None).await, THERE);
        assert_eq!(scene.alerts().await, NONE);
        scene.discord.now_answers(|_| refusal(401, 0));
        scene.deliver(MessageKind::SerialNumber, None).await;
        assert_eq!(scene.alerts().await, [TOKEN]);
        let count = sql!("SELECT COUNT(*) FROM alert").query();
        let told: i64 = count.one(&mut scene.shop.db.read("test").await.unwrap()).await.unwrap();
        assert_eq!(told, 2);
    }
}

#[tokio::test]
async fn a_mistake_of_ours_is_shown_for_an_hour_whatever_works_meanwhile() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, |line| match line {
        "POST /api/v10/users/@me/channels" => made("5"),
        _ => refusal(400, 50_035),
    })
    .await;
    let refused = scene.deliver(MessageKind::SlowFiveMinutes, None).await;
    assert!(matches!(refused, Delivery::Impossible { .. }), "{refused:?}");
    let mistake = "courier_refuses_us discord:receipt:50035";
    assert_eq!(scene.alerts().await, [mistake]);
    scene.discord.now_answers(open);
    assert_eq!(scene.deliver(MessageKind::Delivered, None).await, THERE);
    assert_eq!(scene.alerts().await, [mistake], "it may have been about another order");
    scene.shop.clock.advance(Duration::from_secs(3_600));
    assert_eq!(scene.deliver(MessageKind::SerialNumber, None).await, THERE);
    assert_eq!(scene.alerts().await, NONE);
}

#[tokio::test]
async fn a_card_that_arrives_says_nothing_about_the_token_and_the_messages() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, open).await;
    let subjects = ["discord:card:50035", "discord:receipt:50035", "discord:token"];
    let mut tx = scene.shop.db.write("test").await.unwrap();
    for subject in subjects {
        let alert = (AlertKind::CourierRefusesUs, subject, "m");
        alert_open(&mut tx, &scene.shop.ids, scene.shop.clock.now(), alert).await.unwrap();
    }
    tx.commit().await.unwrap();
    let screen = shown(&scene).await;
    scene.shop.clock.advance(Duration::from_secs(3_600));
    let arrived = scene.courier.refresh(&scene.shop, &screen).await;
    assert!(matches!(arrived, Delivery::Arrived { .. }), "{arrived:?}");
    let mut left = scene.alerts().await;
    left.sort();
    assert_eq!(left, ["courier_refuses_us discord:receipt:50035", TOKEN]);
}
