//! The way to an order, step by step.

use crate::{
    envelope::{self, From, OTHER},
    scene::{NOON, Scene, button, has_button, select, text, values},
};
use orders::{OrderState, Rules, UnpaidRules};
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::PaymentMethod;

const ML: [(&str, &str); 2] = [("game", "ML"), ("product", "ML_86")];

on_both_shops!(fn somebody_buys_from_the_list_to_the_card(db) {
    let scene = Scene::open(&db).await;
    let games = scene.command("topup", &[]).await;
    let list = scene.pick(&games, "ML").await;
    let form = scene.pick(&list, "ML_86").await;
    let deferred = scene.fill(&form, &[("user_id", " 123456789 "), ("server", "1234")]).await;
    assert_eq!(deferred, serde_json::json!({"type": 5, "data": {"flags": 64}}));
    let asked = scene.owed().await;
    for shown in [r"\*\*Kirana\*\*", "**123456789**", "**1234**", "Rp 20.000", "86 Diamond"] {
        assert!(text(&asked).contains(shown), "{shown}: {asked}");
    }
    let orders: Vec<String> = scene.all("SELECT number FROM shop_order").await;
    assert!(orders.is_empty(), "nothing is ordered before the buyer agreed");

    let ways = scene.press(&asked, "Yes, choose how to pay").await;
    assert_eq!(values(&ways), ["gopay_qr", "gopay_link", "ovo_push", "wallet"]);
    let agreed: Vec<(i64, String)> = scene.all("SELECT agreed_at, nickname FROM discord_draft").await;
    assert_eq!(agreed, [(NOON.millis(), crate::scene::NAME.to_owned())], "what was agreed to is kept");

    let card = scene.pick(&ways, "gopay_qr").await;
    assert_eq!(card["type"], 7);
    let order = scene.order().await;
    assert_eq!((order.owner.as_str(), order.buyer.as_str()), ("discord", "discord:80351110224678912"));
    assert_eq!((order.state, order.method), (OrderState::AwaitingPayment, PaymentMethod::GopayQr));
    assert_eq!(order.account.to_string(), "123456789 (1234)");
    // What was agreed to, and where, is kept with the order, and with it what Discord tells of the buyer.
    let kept: Vec<(String, String, i64, i64)> =
        scene.all("SELECT nickname, guild, agreed_at, account_made_at FROM shop_order").await;
    let made_at = 1_420_070_400_000 + (80_351_110_224_678_912_i64 >> 22);
    assert_eq!(kept, [(crate::scene::NAME.to_owned(), envelope::GUILD.to_owned(), NOON.millis(), made_at)]);
    assert!(text(&card).contains(order.number.as_str()), "{card}");
    let page = format!("https://shop.example/pay/{}", order.pay_token);
    assert!(card.to_string().contains(&page), "{card}");
    let followed: Vec<String> = scene.all("SELECT task FROM screen WHERE order_id IS NOT NULL").await;
    assert_eq!(followed.len(), 1);
    assert!(discord::Task::read(&followed[0]).unwrap().is_card());

    // The next form is filled with the account.
    let form = scene.command("topup", &ML).await;
    assert_eq!(form["data"]["components"][0]["component"]["value"], "123456789");
    assert_eq!(form["data"]["components"][1]["component"]["value"], "1234");
});

on_both_shops!(fn whoever_has_too_many_unpaid_orders_hears_which_and_what_to_do(db) {
    let mut scene = Scene::open(&db).await;
    let unpaid = UnpaidRules { per_buyer: 1, ..UnpaidRules::default() };
    scene.desk.shop.rules = Arc::new(Rules { unpaid, ..scene.shop().rules.as_ref().clone() });
    let buy = async || {
        let ways = scene.press(&scene.asked_about("123456789").await, "Yes, choose how to pay").await;
        scene.pick(&ways, "gopay_qr").await
    };
    buy().await;
    let first = scene.order().await;
    let told = buy().await;
    for said in [first.number.as_str(), "Pay or cancel", "/history"] {
        assert!(text(&told).contains(said), "{told}");
    }
    assert_eq!(scene.order().await.number, first.number, "there is no second one");
    scene.shop().cancel(&first.number, "discord").await.unwrap();
    assert!(!text(&buy().await).contains("Pay or cancel"));
});

on_both_shops!(fn two_clicks_and_repeated_deliveries_are_one_order(db) {
    let scene = Scene::open(&db).await;
    let form = scene.command("topup", &ML).await;
    let id = form["data"]["custom_id"].as_str().unwrap();
    let submit = envelope::modal(scene.from(), id, &[("user_id", "123456789"), ("server", "1234")]);
    for _ in 0..2 {
        assert_eq!(scene.send(&submit).await["type"], 5);
    }
    let made: Vec<String> = scene.all("SELECT id FROM discord_draft").await;
    assert_eq!(made.len(), 1);
    let ways = scene.press(&scene.owed().await, "Yes, choose how to pay").await;
    let place = select(&ways);
    let same = envelope::component(scene.from(), &place, Some("gopay_qr"));
    let other_way = envelope::component(scene.from(), &place, Some("gopay_link"));
    let (first, second, third) = tokio::join!(scene.send(&same), scene.send(&same), scene.send(&other_way));
    let order = scene.order().await;
    for card in [first, second, third] {
        assert!(text(&card).contains(order.number.as_str()), "{card}");
    }
    let screens: Vec<String> = scene.all("SELECT once_key FROM screen WHERE order_id IS NOT NULL").await;
    assert_eq!(screens.len(), 1, "one for the message, by whichever press was last");
    assert_eq!(scene.shop().check_ledger().await.unwrap().problems, []);
});

#[tokio::test]
async fn an_id_of_a_wrong_form_is_refused_at_once_and_can_be_typed_again() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    for fields in [vec![("user_id", "12"), ("server", "1")], vec![("user_id", "123456789")], vec![]] {
        let reply = scene.fill(&form, &fields).await;
        assert!(text(&reply).contains('❌'), "{reply}");
        assert_eq!(scene.press(&reply, "Try again").await["type"], 9);
    }
    let drafts: Vec<String> = scene.all("SELECT id FROM discord_draft").await;
    assert!(drafts.is_empty());
}

#[tokio::test]
async fn an_account_that_does_not_exist_cannot_be_agreed_to() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "100000404"), ("server", "1234")]).await;
    let told = scene.owed().await;
    assert!(text(&told).contains("There is no account"), "{told}");
    assert!(!has_button(&told, "Yes, choose how to pay") && !has_button(&told, "Go on unchecked"));
    let form = scene.press(&told, "Change the id").await;
    assert_eq!(form["data"]["components"][0]["component"]["value"], "100000404");
}

on_both_shops!(fn an_account_that_nobody_could_check_is_asked_about_twice(db) {
    let scene = Scene::open(&db).await;
    let options = [("game", "FF"), ("product", "FF_70"), ("user_id", "123456789")];
    let told = scene.command("topup", &options).await;
    assert!(text(&told).contains("could not be checked"), "nobody has to be asked: {told}");
    let second = scene.press(&told, "Go on unchecked").await;
    assert!(text(&second).contains("cannot be taken back"), "{second}");
    let agreed: Vec<Option<i64>> = scene.all("SELECT agreed_at FROM discord_draft").await;
    assert_eq!(agreed, [None]);
    let ways = scene.press(&second, "The id is right, go on").await;
    assert!(values(&ways).contains(&"gopay_qr".to_owned()));
    scene.pick(&ways, "gopay_qr").await;
    assert_eq!(scene.order().await.account.user_id(), "123456789");
});

#[tokio::test]
async fn a_check_that_found_nothing_can_be_made_again() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "100000503"), ("server", "1234")]).await;
    let told = scene.owed().await;
    assert!(text(&told).contains("could not be checked"), "{told}");
    assert!(has_button(&scene.press(&told, "Check again").await, "Go on unchecked"));
    let left = scene.press(&told, "Cancel").await;
    assert!(text(&left).contains("Nothing was ordered"), "{left}");
}

on_both_shops!(fn a_buyer_who_had_their_share_of_checks_buys_unchecked_when_they_insist(db) {
    let scene = Scene::open(&db).await;
    for n in 0..12 {
        let id = format!("10000000{n:02}");
        scene.command("cek", &[("game", "ML"), ("user_id", &id), ("server", "1234")]).await;
        scene.owed().await;
    }
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "123456789"), ("server", "1234")]).await;
    let told = scene.owed().await;
    assert!(text(&told).contains("too many checks within the last minute"), "{told}");
    let draft: Vec<(String, i64)> = scene.all("SELECT checked, confirm FROM discord_draft").await;
    assert_eq!(draft, [("unavailable".to_owned(), 1)], "like any that nobody could check");
    let second = scene.press(&told, "Go on unchecked").await;
    assert!(text(&second).contains("cannot be taken back"), "{second}");
    let ways = scene.press(&second, "The id is right, go on").await;
    scene.pick(&ways, "gopay_qr").await;
    assert_eq!(scene.order().await.account.to_string(), "123456789 (1234)");
});

#[tokio::test]
async fn an_account_that_does_not_exist_stays_so_when_too_many_are_checked() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "100000404"), ("server", "1234")]).await;
    let asked: Vec<String> = scene.all("SELECT task FROM screen").await;
    scene.run("UPDATE discord_draft SET checked = 'invalid', reason = 'There is no such account'").await;
    for n in 0..12 {
        let id = format!("10000000{n:02}");
        scene.command("cek", &[("game", "ML"), ("user_id", &id), ("server", "1234")]).await;
        scene.owed().await;
    }
    let body = discord::render_answer(scene.shop(), &asked[0]).await.unwrap();
    let told = serde_json::json!({ "data": body });
    assert!(text(&told).contains("There is no such account"), "{told}");
    assert!(!has_button(&told, "Go on unchecked"), "{told}");
}

#[tokio::test]
async fn a_price_that_went_up_meanwhile_is_shown_before_anything_is_ordered() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "123456789"), ("server", "1234")]).await;
    let ways = scene.press(&scene.owed().await, "Yes, choose how to pay").await;
    scene.run("UPDATE product SET price = 23000 WHERE code = 'ML_86'").await;
    scene.shop().clock.advance(Duration::from_secs(301));
    let again = scene.pick(&ways, "gopay_qr").await;
    assert!(text(&again).contains("Total Rp 23.000"), "{again}");
    scene.pick(&again, "gopay_qr").await;
    assert_eq!(scene.order().await.amount.get(), 23_000);
}

#[tokio::test]
async fn what_cannot_be_ordered_is_told_plainly() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "123456789"), ("server", "1234")]).await;
    let ways = scene.press(&scene.owed().await, "Yes, choose how to pay").await;
    let poor = scene.pick(&ways, "wallet").await;
    assert!(text(&poor).contains("Your store credit is Rp 0, the price is Rp 20.000"), "{poor}");
    assert!(text(&scene.pick(&ways, "dana_qr").await).contains("is not available now"));
    assert!(text(&scene.pick(&ways, "gold").await).contains("Start again"));
    scene.run("UPDATE stock SET on_hand = 0").await;
    assert!(text(&scene.pick(&ways, "gopay_qr").await).contains("just sold out"));
    let none: Vec<String> = scene.all("SELECT number FROM shop_order").await;
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_draft_is_its_buyers_alone() {
    let scene = Scene::on_sqlite().await;
    let form = scene.command("topup", &ML).await;
    scene.fill(&form, &[("user_id", "123456789"), ("server", "1234")]).await;
    let asked = scene.owed().await;
    let stranger = From { user: OTHER, ..scene.from() };
    let press = envelope::component(stranger, &button(&asked, "Yes, choose how to pay"), None);
    assert!(text(&scene.send(&press).await).contains("not for you"));
    let agreed: Vec<Option<i64>> = scene.all("SELECT agreed_at FROM discord_draft").await;
    assert_eq!(agreed, [None]);
}

#[tokio::test]
async fn with_enough_credit_the_order_is_paid_at_once() {
    let scene = Scene::on_sqlite().await;
    scene.fund(50_000).await;
    let (order, card) = scene.bought("wallet").await;
    assert_eq!(order.state, OrderState::Paid);
    assert!(text(&card).contains("Paid, being delivered"), "{card}");
}
