//! Drafts: what a card shows is what its buyer agrees to, and a draft ends in an order or is left, never both.

use crate::{
    envelope::{self, BUYER},
    scene::{NOON, Scene, button, has_button, select, text},
};
use std::time::Duration;
use testkit::on_both_shops;
use vocabulary::Timestamp;

const YES: &str = "Yes, choose how to pay";
const NOTHING: &str = "Nothing was ordered";
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// What a crash or somebody else made of the drafts.
async fn set(scene: &Scene, change: &str) {
    scene.made(format!("UPDATE discord_draft SET {change}")).await;
}

async fn orders(scene: &Scene) -> Vec<String> {
    scene.all("SELECT number FROM shop_order").await
}

async fn agreed(scene: &Scene) -> Vec<Option<i64>> {
    scene.all("SELECT agreed_at FROM discord_draft").await
}

on_both_shops!(fn no_card_places_an_order_at_a_price_that_it_does_not_show(db) {
    let scene = Scene::open(&db).await;
    let old = scene.press(&scene.asked_about("123456789").await, YES).await;
    assert!(text(&old).contains("Total Rp 20.000"), "{old}");
    scene.run("UPDATE product SET price = 23000 WHERE code = 'ML_86'").await;
    scene.shop().clock.advance(Duration::from_secs(301));
    let pick = envelope::component(scene.from(), &select(&old), Some("gopay_qr"));
    // Delivered, delivered again, and once more a good while later.
    for late in [0, 0, 200] {
        scene.shop().clock.advance(Duration::from_secs(late));
        let reply = scene.send(&pick).await;
        assert!(text(&reply).contains("Total Rp 23.000"), "{reply}");
        assert_eq!(orders(&scene).await, [""; 0]);
    }
    let promised: Vec<i64> = scene.all("SELECT price FROM quote ORDER BY created_at").await;
    assert_eq!(promised, [20_000, 23_000], "what stands is not promised anew");
    let new = scene.pick(&old, "gopay_link").await;
    scene.pick(&new, "gopay_qr").await;
    assert_eq!(scene.order().await.amount.get(), 23_000);
});

on_both_shops!(fn however_often_the_buyer_agrees_it_is_to_one_price(db) {
    let scene = Scene::open(&db).await;
    let asked = scene.asked_about("123456789").await;
    let yes = envelope::component(scene.from(), &button(&asked, YES), None);
    let (one, two) = tokio::join!(scene.send(&yes), scene.send(&yes));
    assert_eq!(select(&one), select(&two), "pressed twice at the same moment");
    scene.run("UPDATE product SET price = 23000 WHERE code = 'ML_86'").await;
    scene.shop().clock.advance(Duration::from_secs(120));
    let third = scene.press(&asked, YES).await;
    assert_eq!(select(&third), select(&one));
    assert!(text(&third).contains("Total Rp 20.000") && !text(&third).contains("23.000"), "{third}");
    let agreed: Vec<Option<i64>> = agreed(&scene).await;
    assert_eq!(agreed, [Some(NOON.millis())], "the first moment stays");
    scene.pick(&one, "gopay_qr").await;
    assert_eq!(scene.order().await.amount.get(), 20_000);
});

#[tokio::test]
async fn the_buttons_of_an_older_program_show_what_is_agreed_to_first() {
    let scene = Scene::on_sqlite().await;
    scene.asked_about("123456789").await;
    let drafts: Vec<String> = scene.all("SELECT id FROM discord_draft").await;
    let older = |verb: &str| {
        let body = format!("1.{verb}.{}", drafts[0]);
        let mark = scene.shop().vault.tag("discord.press", &format!("{body}|{BUYER}"));
        format!("{body}.{mark}")
    };
    let question = scene.send(&envelope::component(scene.from(), &older("a"), None)).await;
    assert!(text(&question).contains("Kirana"), "{question}");
    assert_eq!(agreed(&scene).await, [None]);
    let ways = scene.press(&question, YES).await;
    let again = scene.send(&envelope::component(scene.from(), &older("o"), Some("gopay_qr"))).await;
    assert_eq!(select(&again), select(&ways));
    assert_eq!(orders(&scene).await, [""; 0]);
    scene.pick(&again, "gopay_qr").await;
    assert_eq!(orders(&scene).await.len(), 1);
}

on_both_shops!(fn nobody_agrees_to_a_name_that_the_card_did_not_show(db) {
    let scene = Scene::open(&db).await;
    let unchecked = scene.asked_about("100000503").await;
    let second = scene.press(&unchecked, "Go on unchecked").await;
    // *Check again* was pressed before, and ends now.
    set(&scene, "checked = 'valid', nickname = 'Somebody'").await;
    for (card, label) in [(&unchecked, "Go on unchecked"), (&second, "The id is right, go on")] {
        let now = scene.press(card, label).await;
        assert!(text(&now).contains("Somebody") && has_button(&now, YES), "{now}");
        assert_eq!(agreed(&scene).await, [None]);
    }
    let named = scene.press(&unchecked, "Go on unchecked").await;
    set(&scene, "nickname = 'Another'").await;
    let renamed = scene.press(&named, YES).await;
    assert!(text(&renamed).contains("Another") && has_button(&renamed, YES), "{renamed}");
    assert_eq!(agreed(&scene).await, [None]);
    select(&scene.press(&renamed, YES).await);
    assert_eq!(agreed(&scene).await, [Some(NOON.millis())]);
});

on_both_shops!(fn a_check_that_is_asked_for_twice_changes_nothing_that_was_agreed_to(db) {
    let scene = Scene::open(&db).await;
    let unchecked = scene.asked_about("100000503").await;
    let again = envelope::component(scene.from(), &button(&unchecked, "Check again"), None);
    let (one, two) = tokio::join!(scene.send(&again), scene.send(&again));
    for card in [&one, &two] {
        assert!(has_button(card, "Go on unchecked"), "{card}");
    }
    let second = scene.press(&one, "Go on unchecked").await;
    let ways = scene.press(&second, "The id is right, go on").await;
    scene.send(&again).await;
    scene.pick(&ways, "gopay_qr").await;
    assert_eq!(scene.order().await.account.to_string(), "100000503 (1234)");
    assert!(text(&scene.send(&again).await).contains(scene.order().await.number.as_str()));
});

on_both_shops!(fn an_order_whose_number_was_not_noted_is_not_denied(db) {
    let scene = Scene::open(&db).await;
    let asked = scene.asked_about("123456789").await;
    let ways = scene.press(&asked, YES).await;
    scene.pick(&ways, "gopay_qr").await;
    let order = scene.order().await;
    // The process ended between the order and the note of it.
    set(&scene, &format!("order_number = NULL, placings = 1, placing_at = {}", NOON.millis())).await;
    for late in [0, 61] {
        scene.shop().clock.advance(Duration::from_secs(late));
        for reply in [
            scene.press(&ways, "Cancel").await,
            scene.press(&asked, "Cancel").await,
            scene.press(&asked, YES).await,
            scene.pick(&ways, "gopay_link").await,
            scene.owed().await,
        ] {
            let said = text(&reply);
            assert!(said.contains(order.number.as_str()) && !said.contains(NOTHING), "{reply}");
        }
    }
    let left: Vec<Option<i64>> = scene.all("SELECT left_at FROM discord_draft").await;
    assert_eq!((left, orders(&scene).await.len()), (vec![None], 1));
});

on_both_shops!(fn a_draft_whose_order_is_being_placed_is_left_only_when_none_came_of_it(db) {
    let scene = Scene::open(&db).await;
    let ways = scene.press(&scene.asked_about("123456789").await, YES).await;
    let claimed = format!("placings = 1, placing_at = {}", NOON.millis());
    set(&scene, &claimed).await;
    let told = scene.press(&ways, "Cancel").await;
    assert!(told["type"] == 4 && text(&told).contains("being placed right now"), "{told}");
    assert!(has_button(&scene.press(&told, "Look again").await, YES));
    scene.shop().clock.advance(Duration::from_secs(61));
    assert!(text(&scene.press(&ways, "Cancel").await).contains(NOTHING));
    assert!(text(&scene.pick(&ways, "gopay_qr").await).contains(NOTHING));
    assert_eq!(orders(&scene).await, [""; 0]);

    // Who picks once more after such a crash is not kept from the order.
    let ways = scene.press(&scene.asked_about("123456789").await, YES).await;
    set(&scene, &claimed).await;
    scene.pick(&ways, "gopay_qr").await;
    assert_eq!(orders(&scene).await.len(), 1);
});

on_both_shops!(fn a_draft_that_was_left_is_over_and_says_so(db) {
    let scene = Scene::open(&db).await;
    let asked = scene.asked_about("123456789").await;
    let ways = scene.press(&asked, YES).await;
    let leave = envelope::component(scene.from(), &button(&ways, "Cancel"), None);
    let (one, two) = tokio::join!(scene.send(&leave), scene.send(&leave));
    for reply in [
        one,
        two,
        scene.press(&asked, "Cancel").await,
        scene.press(&asked, YES).await,
        scene.pick(&ways, "gopay_qr").await,
        // The check that was under way when it was left.
        scene.owed().await,
    ] {
        assert!(text(&reply).contains(NOTHING), "{reply}");
    }
    assert_eq!(orders(&scene).await, [""; 0]);
});

#[tokio::test]
async fn what_could_not_be_ordered_can_be_left_at_once() {
    let scene = Scene::on_sqlite().await;
    let ways = scene.press(&scene.asked_about("123456789").await, YES).await;
    assert!(text(&scene.pick(&ways, "wallet").await).contains("Your store credit is Rp 0"));
    assert!(text(&scene.press(&ways, "Cancel").await).contains(NOTHING));
}

on_both_shops!(fn of_picking_and_leaving_at_the_same_moment_one_is_true(db) {
    let scene = Scene::open(&db).await;
    for _ in 0..5 {
        let ways = scene.press(&scene.asked_about("123456789").await, YES).await;
        let pick = envelope::component(scene.from(), &select(&ways), Some("gopay_qr"));
        let leave = envelope::component(scene.from(), &button(&ways, "Cancel"), None);
        let (picked, left) = tokio::join!(scene.send(&pick), scene.send(&leave));
        let drafts: Vec<(Option<String>, Option<i64>)> =
            scene.all("SELECT order_number, left_at FROM discord_draft ORDER BY created_at DESC").await;
        match &drafts[0] {
            (Some(number), None) => {
                assert!(text(&picked).contains(number.as_str()), "{picked}");
                assert!(!text(&left).contains(NOTHING), "{left}");
            }
            (None, Some(_)) => {
                assert!(text(&picked).contains(NOTHING) && text(&left).contains(NOTHING), "{picked} {left}");
            }
            both => panic!("{both:?}"),
        }
        scene.shop().clock.advance(Duration::from_secs(61));
    }
});

/// A draft of this number that was made at noon, and placed since then if that was cut off.
async fn old_draft(scene: &Scene, n: u32, placing: Option<Timestamp>) {
    let placings = u32::from(placing.is_some());
    let placing_at = placing.map_or_else(|| "NULL".to_owned(), |at| at.millis().to_string());
    scene
        .made(format!(
            "INSERT INTO discord_draft (id, buyer, category_code, product_code, user_id, checked, placings,
                 placing_at, created_at, updated_at)
             VALUES ('d{n}', 'discord:1', 'FF', 'FF_70', '123456789', 'pending', {placings}, {placing_at}, {at}, {at})",
            at = NOON.millis()
        ))
        .await;
}

/// Somebody begins another purchase.
async fn a_new_draft(scene: &Scene) {
    let options = [("game", "FF"), ("product", "FF_70"), ("user_id", "123456789")];
    scene.command("topup", &options).await;
}

on_both_shops!(fn a_draft_whose_placing_was_cut_off_goes_after_a_week_unless_its_order_stands(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    // Two processes ended: one between the order and the note of it, one before there was an order.
    set(&scene, &format!("order_number = NULL, placings = 1, placing_at = {}", NOON.millis())).await;
    old_draft(&scene, 1, Some(NOON)).await;
    let cut_off = "SELECT id FROM discord_draft WHERE order_number IS NULL AND placings > 0";
    a_new_draft(&scene).await;
    assert_eq!(scene.all::<String>(cut_off).await.len(), 2, "within the week both stay");
    scene.shop().clock.advance(WEEK + Duration::from_secs(1));
    // An old one that is being placed at this moment.
    old_draft(&scene, 2, Some(scene.shop().clock.real_now())).await;
    a_new_draft(&scene).await;
    assert_eq!(scene.all::<String>(cut_off).await, ["d2"]);
    let noted = "SELECT order_number FROM discord_draft WHERE order_number IS NOT NULL";
    assert_eq!(scene.all::<String>(noted).await, [order.number.as_str()]);
    scene.shop().clock.advance(Duration::from_secs(61));
    a_new_draft(&scene).await;
    assert_eq!(scene.all::<String>(cut_off).await, [""; 0]);
    assert_eq!(orders(&scene).await, [order.number.as_str()]);
});

on_both_shops!(fn drafts_that_came_to_nothing_go_after_a_week_and_an_order_keeps_its_own(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    for n in 1..=53 {
        // One of them was cut off before there was an order.
        old_draft(&scene, n, (n == 53).then_some(NOON)).await;
    }
    let press = "INSERT INTO discord_press (order_number, interaction_id, at) VALUES ('LK1', 1, ";
    scene.made(format!("{press}{})", NOON.millis())).await;
    scene.shop().clock.advance(WEEK + Duration::from_secs(1));
    let count = async || {
        a_new_draft(&scene).await;
        let drafts: Vec<i64> = scene.all("SELECT COUNT(*) FROM discord_draft").await;
        drafts[0]
    };
    assert_eq!(count().await, 4, "fifty at a time, and the one cut off: two of them, the order's and the new one");
    assert_eq!(count().await, 3, "the order's and both new ones");
    let kept: Vec<String> =
        scene.all("SELECT order_number FROM discord_draft WHERE order_number IS NOT NULL").await;
    assert_eq!(kept, [order.number.as_str()]);
    let presses: Vec<String> = scene.all("SELECT order_number FROM discord_press").await;
    assert!(presses.is_empty(), "{presses:?}");
    let form = scene.command("topup", &[("game", "ML"), ("product", "ML_86")]).await;
    assert_eq!(form["data"]["components"][0]["component"]["value"], "123456789", "the account is still known");
});
