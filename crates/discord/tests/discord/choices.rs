//! Choosing how an order is paid: a choice counts once, and a later one stands, however they are delivered.

use crate::{
    envelope,
    scene::{Scene, select, text},
};
use testkit::on_both_shops;
use vocabulary::PaymentMethod;

async fn payments(scene: &Scene) -> Vec<String> {
    scene.all("SELECT method FROM payment ORDER BY sequence").await
}

on_both_shops!(fn an_older_choice_that_is_delivered_again_does_not_undo_a_later_one(db) {
    let scene = Scene::open(&db).await;
    let (_, card) = scene.bought("gopay_qr").await;
    let ways = scene.press(&card, "Pay in another way").await;
    let first = envelope::component(scene.from(), &select(&ways), Some("gopay_link"));
    let second = envelope::component(scene.from(), &select(&ways), Some("ovo_push"));
    assert!(text(&scene.send(&first).await).contains("GoPay (open the app)"));
    for choice in [&second, &first, &second, &first] {
        let shown = scene.send(choice).await;
        assert!(text(&shown).contains("Enter your OVO number"), "{shown}");
    }
    assert_eq!(payments(&scene).await, ["gopay_qr", "gopay_link", "ovo_push"]);
    assert_eq!(scene.order().await.method, PaymentMethod::OvoPush);

    // Nobody is pushed a second time for a choice that was made once.
    scene.run("UPDATE payment SET state = 'denied' WHERE method = 'ovo_push'").await;
    assert!(text(&scene.send(&second).await).contains("was declined"));
    assert_eq!(payments(&scene).await.len(), 3);
    scene.pick(&ways, "ovo_push").await;
    assert_eq!(payments(&scene).await.len(), 4, "chosen anew, it is tried anew");
});

on_both_shops!(fn of_two_choices_that_overtake_each_other_the_later_one_stands(db) {
    let scene = Scene::open(&db).await;
    let (_, card) = scene.bought("gopay_qr").await;
    let ways = scene.press(&card, "Pay in another way").await;
    let first = envelope::component(scene.from(), &select(&ways), Some("gopay_link"));
    let second = envelope::component(scene.from(), &select(&ways), Some("ovo_push"));
    for choice in [&second, &first] {
        assert!(text(&scene.send(choice).await).contains("Enter your OVO number"));
    }
    assert_eq!(payments(&scene).await, ["gopay_qr", "ovo_push"]);
});

on_both_shops!(fn a_choice_that_was_cut_off_counts_when_it_is_delivered_again(db) {
    let scene = Scene::open(&db).await;
    let (order, card) = scene.bought("gopay_qr").await;
    let ways = scene.press(&card, "Pay in another way").await;
    let choice = envelope::component(scene.from(), &select(&ways), Some("gopay_link"));
    // The process ended after the choice was noted and before anything came of it.
    let id = choice["id"].as_str().unwrap();
    let insert = "INSERT INTO discord_press (order_number, interaction_id, at) VALUES";
    scene.made(format!("{insert} ('{}', {id}, 1)", order.number)).await;
    for _ in 0..2 {
        assert!(text(&scene.send(&choice).await).contains("GoPay (open the app)"));
    }
    assert_eq!(payments(&scene).await, ["gopay_qr", "gopay_link"]);
});
