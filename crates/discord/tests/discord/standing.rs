//! An order that stands: its card in every state, and what its buyer does with it.

use crate::{
    envelope::{self, From, OTHER},
    limits,
    scene::{NOON, Scene, button, has_button, text, values},
};
use discord::{AnswerError, Drawing, render_order};
use orders::OrderState;
use serde_json::json;
use testkit::on_both_shops;
use vocabulary::{Locale, OrderId, PaymentMethod};

on_both_shops!(fn the_card_carries_the_code_while_it_can_be_paid_and_drops_it_after(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    let before = render_order(scene.shop(), &order.id, Locale::Indonesian, Drawing::Live).await.unwrap();
    limits::message(&before.body);
    assert_eq!((before.qr, &before.body["attachments"]), (None, &json!([])));
    scene.payment_opens().await;
    let open = render_order(scene.shop(), &order.id, Locale::Indonesian, Drawing::Live).await.unwrap();
    limits::message(&open.body);
    assert_eq!(open.qr.as_deref(), Some("000201-QR"));
    assert_eq!(open.body["attachments"][0]["filename"], "qris.png");
    let all = open.body.to_string();
    assert!(all.contains("attachment://qris.png") && all.contains("<t:1795324500:R>"), "{all}");
    assert!(all.contains("Cek status") && all.contains("Ganti metode") && all.contains("Batalkan"), "{all}");

    scene.run("UPDATE shop_order SET state = 'delivered', serial_number = 'SN-`1`'").await;
    let done = render_order(scene.shop(), &order.id, Locale::English, Drawing::Live).await.unwrap();
    limits::message(&done.body);
    assert!(done.qr.is_none() && done.body["attachments"] == json!([]));
    assert!(done.body.to_string().contains("SN-'1'"), "{}", done.body);
    let unknown: OrderId = OrderId::new(&scene.shop().ids, scene.shop().clock.now());
    assert!(matches!(render_order(scene.shop(), &unknown, Locale::English, Drawing::Live).await, Err(AnswerError::NoOrder)));
    scene.run("UPDATE shop_order SET owner = 'api:other'").await;
    let elsewhere = render_order(scene.shop(), &order.id, Locale::English, Drawing::Live).await;
    assert!(matches!(elsewhere, Err(AnswerError::NoOrder)), "another channel's buyer of the same name");
});

on_both_shops!(fn checking_shows_what_is_true_now_and_follows_with_the_fresh_token(db) {
    let scene = Scene::open(&db).await;
    let (_, card) = scene.bought("gopay_qr").await;
    scene.payment_opens().await;
    let due = "SELECT due_at FROM screen WHERE order_id IS NOT NULL";
    let last = NOON.millis() + 850_000;
    assert_eq!(scene.all::<i64>(due).await, [last], "up to date when it was shown, until its token ends");
    let now = scene.press(&card, "Check status").await;
    assert!(now["type"] == 7 && text(&now).contains("Scan to pay"), "{now}");
    assert_eq!(scene.all::<i64>(due).await, [NOON.millis()], "the picture comes with the courier");
});

#[tokio::test]
async fn every_state_of_an_order_has_a_card_in_both_languages() {
    let scene = Scene::on_sqlite().await;
    let (order, card) = scene.bought("gopay_qr").await;
    let mut seen = std::collections::BTreeSet::new();
    for state in OrderState::ALL {
        let statement = format!("UPDATE shop_order SET state = '{state}', attention = 'supplier_slow'");
        scene.run(Box::leak(statement.into_boxed_str())).await;
        let shown = scene.press(&card, "Check status").await;
        assert!(!text(&shown).contains('_'), "no word of the machine: {shown}");
        for locale in [Locale::Indonesian, Locale::English] {
            let message = render_order(scene.shop(), &order.id, locale, Drawing::Live).await.unwrap();
            limits::message(&message.body);
            seen.insert(text(&json!({"data": message.body})));
        }
    }
    assert!(seen.len() >= 2 * (OrderState::ALL.len() - 2), "two pairs of states are told alike, no more");
}

#[tokio::test]
async fn every_state_of_a_payment_is_told_and_a_number_is_never_asked_for_here() {
    let scene = Scene::on_sqlite().await;
    let (_, card) = scene.bought("ovo_push").await;
    assert!(text(&card).contains("Never type it in Discord"), "{card}");
    assert!(has_button(&card, "Pay in another way"));
    for (change, words) in [
        ("state = 'open', expires_at = 1795323665000", "about 55 seconds"),
        ("state = 'denied'", "was declined"),
        ("state = 'unknown'", "Checking the payment"),
        ("state = 'settled'", "Payment received"),
        ("state = 'expired'", "no longer valid"),
        ("state = 'cancelled'", "no longer valid"),
        ("state = 'intended', phone_mask = '**7890', phone_sealed = 'x'", "Preparing the payment"),
    ] {
        scene.run(Box::leak(format!("UPDATE payment SET {change}").into_boxed_str())).await;
        let shown = scene.press(&card, "Check status").await;
        assert!(text(&shown).contains(words), "{change}: {shown}");
        // The buyer has ten seconds less than the gateway.
        assert_eq!(text(&shown).contains("<t:1795323655:R>"), change.contains("open"), "{change}: {shown}");
    }
}

on_both_shops!(fn the_buyer_pays_in_another_way(db) {
    let scene = Scene::open(&db).await;
    let (order, card) = scene.bought("gopay_qr").await;
    let ways = scene.press(&card, "Pay in another way").await;
    assert_eq!(values(&ways), ["gopay_link", "ovo_push", "wallet"], "the present one is not offered");
    let changed = scene.pick(&ways, "gopay_link").await;
    assert!(text(&changed).contains("GoPay (open the app)"), "{changed}");
    assert_eq!(scene.order().await.method, PaymentMethod::GopayLink);
    assert!(text(&scene.pick(&ways, "wallet").await).contains("Your store credit is Rp 0"));
    scene.run("UPDATE shop_order SET state = 'paid'").await;
    assert!(text(&scene.pick(&ways, "gopay_qr").await).contains("not waiting for payment any more"));
    assert!(text(&scene.press(&changed, "Pay in another way").await).contains("Paid, being delivered"));
    assert_eq!(scene.order().await.number, order.number);
});

on_both_shops!(fn a_way_that_came_to_nothing_can_be_chosen_again(db) {
    let scene = Scene::open(&db).await;
    let (_, card) = scene.bought("gopay_qr").await;
    let methods = button(&card, "Pay in another way");
    for (change, offered) in [
        ("state = 'intended'", false),
        ("state = 'open'", false),
        ("state = 'unknown'", false),
        ("closing = 'cancel'", true),
        ("state = 'denied', closing = NULL", true),
        ("state = 'expired'", true),
        ("state = 'cancelled'", true),
    ] {
        scene.made(format!("UPDATE payment SET {change}")).await;
        for locale in ["id", "en-US"] {
            let from = From { locale, ..scene.from() };
            let ways = scene.send(&envelope::component(from, &methods, None)).await;
            assert_eq!(values(&ways).contains(&"gopay_qr".to_owned()), offered, "{change}: {ways}");
        }
    }
    let ways = scene.press(&card, "Pay in another way").await;
    let again = scene.pick(&ways, "gopay_qr").await;
    assert!(text(&again).contains("Preparing the payment"), "{again}");
    let states: Vec<String> = scene.all("SELECT state FROM payment ORDER BY sequence").await;
    assert_eq!(states, ["cancelled", "intended"]);
});

#[tokio::test]
async fn a_push_that_came_to_nothing_is_sent_to_the_remembered_number_again() {
    let scene = Scene::on_sqlite().await;
    let (order, card) = scene.bought("ovo_push").await;
    let way = orders::WayToPay {
        phone: Some(vocabulary::PhoneNumber::parse("081234567890").unwrap()),
        remember_phone: true,
        ..orders::WayToPay::by(PaymentMethod::OvoPush)
    };
    scene.shop().pay_by(&order.number, "discord", &way).await.unwrap();
    let methods = button(&card, "Pay in another way");
    let (push, saved) = ("ovo_push".to_owned(), "ovo_push+saved".to_owned());
    for (state, offered) in
        [("intended", false), ("open", false), ("denied", true), ("expired", true), ("cancelled", true)]
    {
        scene.made(format!("UPDATE payment SET state = '{state}'")).await;
        for (locale, words) in [("id", "Notifikasi ke nomor ini"), ("en-US", "Push to this number")] {
            let from = From { locale, ..scene.from() };
            let ways = scene.send(&envelope::component(from, &methods, None)).await;
            let offers = [&push, &saved].map(|value| values(&ways).contains(value));
            assert_eq!(offers, [offered; 2], "{state}: {ways}");
            assert_eq!(ways.to_string().contains(words), offered, "{state}: {ways}");
        }
    }
    // One that waits for a number takes the remembered one.
    let waits = scene.pick(&scene.press(&card, "Pay in another way").await, "ovo_push").await;
    assert!(text(&waits).contains("Enter your OVO number"), "{waits}");
    let pushed = scene.pick(&scene.press(&card, "Pay in another way").await, "ovo_push+saved").await;
    assert!(text(&pushed).contains("Preparing the payment"), "{pushed}");
    let numbers: Vec<i64> = scene.all("SELECT COUNT(*) FROM payment WHERE phone_mask IS NOT NULL").await;
    assert_eq!(numbers, [2]);
}

#[tokio::test]
async fn a_remembered_number_is_offered_by_its_mask() {
    let scene = Scene::on_sqlite().await;
    let (order, card) = scene.bought("ovo_push").await;
    let way = orders::WayToPay {
        phone: Some(vocabulary::PhoneNumber::parse("081234567890").unwrap()),
        remember_phone: true,
        ..orders::WayToPay::by(PaymentMethod::OvoPush)
    };
    scene.shop().pay_by(&order.number, "discord", &way).await.unwrap();
    let other = scene.pick(&scene.press(&card, "Pay in another way").await, "gopay_qr").await;
    let ways = scene.press(&other, "Pay in another way").await;
    assert!(values(&ways).contains(&"ovo_push+saved".to_owned()), "{ways}");
    assert!(ways.to_string().contains("********7890") && !ways.to_string().contains("0812"), "{ways}");
    let pushed = scene.pick(&ways, "ovo_push+saved").await;
    assert!(text(&pushed).contains("Preparing the payment"), "the number is known: {pushed}");
}

on_both_shops!(fn the_buyer_cancels_after_being_asked(db) {
    let scene = Scene::open(&db).await;
    let (order, card) = scene.bought("gopay_qr").await;
    let sure = scene.press(&card, "Cancel").await;
    assert!(text(&sure).contains(order.number.as_str()));
    assert_eq!(scene.order().await.state, OrderState::AwaitingPayment);
    assert!(has_button(&scene.press(&sure, "Back").await, "Check status"));
    for _ in 0..2 {
        let done = scene.press(&sure, "Yes, cancel it").await;
        assert!(text(&done).contains("was cancelled"), "{done}");
    }
    assert_eq!(scene.order().await.state, OrderState::Cancelled);
    scene.run("UPDATE shop_order SET state = 'delivered'").await;
    assert!(text(&scene.press(&sure, "Yes, cancel it").await).contains("cannot be cancelled any more"));
});

#[tokio::test]
async fn nobody_else_does_anything_with_an_order() {
    let scene = Scene::on_sqlite().await;
    let (order, card) = scene.bought("gopay_qr").await;
    for label in ["Check status", "Pay in another way", "Cancel"] {
        let stranger = From { user: OTHER, ..scene.from() };
        let reply = scene.send(&envelope::component(stranger, &button(&card, label), None)).await;
        assert!(
            text(&reply).contains("not for you") && !reply.to_string().contains(order.number.as_str()),
            "{reply}"
        );
    }
    // A stranger who names the number in a list of their own.
    let stranger = From { user: OTHER, ..scene.from() };
    let vault = &scene.shop().vault;
    let pick = discord::Press::PickOrder.encode(vault, OTHER);
    let reply = scene.send(&envelope::component(stranger, &pick, Some(order.number.as_str()))).await;
    assert!(text(&reply).contains("is not yours"), "{reply}");
}

on_both_shops!(fn history_is_the_readers_own_page_by_page(db) {
    let scene = Scene::open(&db).await;
    assert!(text(&scene.command("history", &[]).await).contains("No orders yet"));
    for n in 0..4 {
        let options = [("game", "FF"), ("product", "FF_70"), ("user_id", "123456789")];
        let told = scene.command("topup", &options).await;
        let second = scene.press(&told, "Go on unchecked").await;
        scene.pick(&scene.press(&second, "The id is right, go on").await, "gopay_qr").await;
        scene.shop().clock.advance(std::time::Duration::from_secs(61 + n));
    }
    let page = scene.command("history", &[]).await;
    assert_eq!(values(&page).len(), 4);
    let card = scene.pick(&page, &values(&page)[3]).await;
    assert!(text(&card).contains(&values(&page)[3]), "{card}");
    let other = From { user: OTHER, ..scene.from() };
    assert!(text(&scene.send(&envelope::command(other, "history", &[])).await).contains("No orders yet"));

    let buyer = "discord:80351110224678912".parse().unwrap();
    let first = scene.shop().orders_of_buyer("discord", &buyer, None, 3).await.unwrap();
    assert!(first.orders.len() == 3 && first.has_more);
    let rest = scene.shop().orders_of_buyer("discord", &buyer, Some(&first.orders[2].id), 3).await.unwrap();
    assert!(rest.orders.len() == 1 && !rest.has_more);
    assert!(scene.shop().orders_of_buyer("api:x", &buyer, None, 3).await.unwrap().orders.is_empty());
});
