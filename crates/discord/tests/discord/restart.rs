//! A shop that ends and begins again between any two clicks: all that counts is in the database and in the ids
//! of the buttons.

use crate::scene::{Scene, has_button, text};
use orders::OrderState;
use testkit::on_both_shops;

on_both_shops!(fn a_restart_between_any_two_clicks_loses_nothing(db) {
    let mut scene = Scene::open(&db).await;
    let games = scene.command("topup", &[]).await;
    scene = scene.restarted(&db).await;
    let list = scene.pick(&games, "ML").await;
    scene = scene.restarted(&db).await;
    let form = scene.pick(&list, "ML_86").await;
    scene = scene.restarted(&db).await;
    assert_eq!(scene.fill(&form, &[("user_id", "123456789"), ("server", "1234")]).await["type"], 5);
    scene = scene.restarted(&db).await;
    let asked = scene.owed().await;
    scene = scene.restarted(&db).await;
    let ways = scene.press(&asked, "Yes, choose how to pay").await;
    scene = scene.restarted(&db).await;
    let card = scene.pick(&ways, "gopay_qr").await;
    scene = scene.restarted(&db).await;
    // A click that was on its way when the shop ended, and comes once more.
    assert!(text(&scene.pick(&ways, "gopay_link").await).contains(scene.order().await.number.as_str()));
    let other = scene.press(&card, "Pay in another way").await;
    scene = scene.restarted(&db).await;
    let changed = scene.pick(&other, "ovo_push").await;
    scene = scene.restarted(&db).await;
    let sure = scene.press(&changed, "Cancel").await;
    scene = scene.restarted(&db).await;
    let done = scene.press(&sure, "Yes, cancel it").await;
    assert!(text(&done).contains("was cancelled") && has_button(&done, "Check status"), "{done}");
    assert_eq!(scene.order().await.state, OrderState::Cancelled);
});
