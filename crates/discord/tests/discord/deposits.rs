//! Putting money into the own wallet, from `/saldo` to the card, and what is told of it.

use crate::{
    envelope::{self, From, OTHER},
    limits,
    scene::{Scene, button, has_button, select, text, values},
};
use discord::{Drawing, render_order};
use orders::{OrderKind, OrderState, Rules};
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::on_both_shops;
use vocabulary::{Locale, Rupiah};

const TOP_UP: &str = "Top up store credit";

impl Scene {
    /// What the form answers to this amount.
    async fn tops_up(&self, amount: &str) -> Value {
        let form = self.press(&self.command("saldo", &[]).await, TOP_UP).await;
        assert_eq!(form["type"], 9, "{form}");
        self.fill(&form, &[("amount", amount)]).await
    }

    async fn orders(&self) -> Vec<String> {
        self.all("SELECT number FROM shop_order").await
    }

    /// The shop takes deposits up to this, from now on.
    fn takes_up_to(&mut self, most: i64) {
        let rules = self.shop().rules.as_ref().clone();
        self.desk.shop.rules = Arc::new(Rules { wallet_deposit_most: Rupiah::new(most), ..rules });
    }
}

on_both_shops!(fn a_member_puts_money_into_the_own_wallet_once_however_often_they_press(db) {
    let scene = Scene::open(&db).await;
    let form = scene.press(&scene.command("saldo", &[]).await, TOP_UP).await;
    let id = form["data"]["custom_id"].as_str().unwrap();
    let submit = envelope::modal(scene.from(), id, &[("amount", "Rp 50.000")]);
    let ways = scene.send(&submit).await;
    assert_eq!(values(&ways), ["gopay_qr", "gopay_link", "ovo_push"], "credit cannot be paid into credit");
    assert!(text(&ways).contains("credit now: Rp 0") && text(&ways).contains("Total Rp 50.000"), "{ways}");
    assert_eq!(select(&scene.send(&submit).await), select(&ways), "a form that is delivered again is the same");
    assert_eq!(scene.orders().await, [""; 0], "nothing is ordered before a way to pay was picked");

    let same = envelope::component(scene.from(), &select(&ways), Some("gopay_qr"));
    let other_way = envelope::component(scene.from(), &select(&ways), Some("gopay_link"));
    let (first, second, third) = tokio::join!(scene.send(&same), scene.send(&same), scene.send(&other_way));
    let deposit = scene.order().await;
    assert_eq!((deposit.kind, deposit.state), (OrderKind::Deposit, OrderState::AwaitingPayment));
    assert_eq!((deposit.amount.get(), deposit.owner.as_str()), (50_000, "discord"));
    assert_eq!(deposit.buyer.as_str(), format!("discord:{}", envelope::BUYER));
    let origin = scene.shop().order_file(&deposit.number).await.unwrap().unwrap().origin;
    assert!(origin.account_made_at.is_some(), "how old its buyer's account is counts: {origin:?}");
    for card in [first, second, third] {
        assert!(text(&card).contains(deposit.number.as_str()), "{card}");
        assert!(!text(&card).contains("ID:") && card.to_string().contains("https://shop.example/pay/"), "{card}");
    }
    let (followed, placed): (Vec<String>, Vec<String>) = (
        scene.all("SELECT task FROM screen WHERE order_id IS NOT NULL").await,
        scene.all("SELECT channel_id FROM discord_order_place").await,
    );
    assert_eq!((followed.len(), placed.len()), (1, 1), "one card follows it, and its place is known");
    assert_eq!(scene.shop().check_ledger().await.unwrap().problems, []);

    // Another form is another deposit; another way to pay the first one is no credit either.
    let card = scene.send(&same).await;
    assert!(!values(&scene.press(&card, "Pay in another way").await).contains(&"wallet".to_owned()));
    scene.pick(&scene.tops_up("50000").await, "gopay_qr").await;
    assert_eq!(scene.orders().await.len(), 2);
});

#[tokio::test]
async fn an_amount_that_is_none_or_too_odd_is_told_and_asked_for_again() {
    let scene = Scene::on_sqlite().await;
    for (typed, words) in [
        ("lima puluh ribu", "is not an amount in rupiah"),
        ("50.000,50", "is not an amount in rupiah"),
        ("<@1> **x**", r"\<\@1\> \*\*x\*\*"),
        ("-50000", "is not an amount in rupiah"),
        ("Rp 9.999", "at least Rp 10.000 and at most Rp 2.000.000"),
        ("2.000.001", "at least Rp 10.000 and at most Rp 2.000.000"),
    ] {
        let told = scene.tops_up(typed).await;
        assert!(text(&told).contains('❌') && text(&told).contains(words), "{typed}: {told}");
        let form = scene.press(&told, "Try again").await;
        assert!(text(&scene.fill(&form, &[("amount", "10.000")]).await).contains("Total Rp 10.000"));
    }
    let form = scene.press(&scene.command("saldo", &[]).await, TOP_UP).await;
    assert!(form.to_string().contains("From Rp 10.000 to Rp 2.000.000"), "{form}");
    assert!(text(&scene.fill(&form, &[]).await).contains('❌'), "nothing was typed");
    let scene = scene.in_indonesian();
    let form = scene.press(&scene.command("saldo", &[]).await, "Isi saldo").await;
    assert!(form.to_string().contains("Dari Rp 10.000 sampai Rp 2.000.000"), "{form}");
    for (typed, words) in [("x", "bukan jumlah rupiah"), ("5", "paling sedikit Rp 10.000")] {
        assert!(text(&scene.fill(&form, &[("amount", typed)]).await).contains(words));
    }
    assert_eq!(scene.orders().await, [""; 0]);
}

#[tokio::test]
async fn only_the_ways_that_carry_the_amount_are_offered() {
    let scene = Scene::on_sqlite().await.by_every_method();
    // The fee of a virtual account would be far more of the little than the owner bears.
    for (amount, carried) in [("10.000", false), ("50.000", true)] {
        let offered = values(&scene.tops_up(amount).await);
        assert_eq!(offered.contains(&"va_bni".to_owned()), carried, "{amount}: {offered:?}");
        assert!(offered.contains(&"qris".to_owned()) && !offered.contains(&"wallet".to_owned()));
        assert!(offered.len() <= 25, "{offered:?}");
    }
    // Picked all the same, from a card that is older than the shop's terms.
    let mut scene = scene;
    let ways = scene.tops_up("50.000").await;
    scene.desk.shop.gateways = Arc::default();
    assert!(text(&scene.pick(&ways, "qris").await).contains("is not available now"));
    assert!(text(&scene.pick(&ways, "wallet").await).contains("is not available now"));
    assert!(text(&scene.pick(&ways, "gold").await).contains("Start again"));
    let told = scene.tops_up("50.000").await;
    assert!(
        text(&told).contains("no way to pay Rp 50.000 right now") && has_button(&told, "Try again"),
        "{told}"
    );
    assert_eq!(scene.orders().await, [""; 0]);
}

on_both_shops!(fn a_shop_that_takes_no_deposits_offers_none_and_says_so(db) {
    let mut scene = Scene::open(&db).await;
    let saldo = scene.command("saldo", &[]).await;
    let form = scene.press(&saldo, TOP_UP).await;
    let (placed, old) = (scene.tops_up("50.000").await, scene.tops_up("60.000").await);
    let pick = envelope::component(scene.from(), &select(&placed), Some("gopay_qr"));
    scene.send(&pick).await;
    scene.takes_up_to(55_000);
    assert!(text(&scene.pick(&old, "gopay_qr").await).contains("at most Rp 55.000"));
    scene.takes_up_to(0);
    assert!(!has_button(&scene.command("saldo", &[]).await, TOP_UP));
    for refused in [
        scene.press(&saldo, TOP_UP).await,
        scene.fill(&form, &[("amount", "50.000")]).await,
        scene.fill(&form, &[("amount", "x")]).await,
        scene.pick(&old, "gopay_qr").await,
    ] {
        assert!(text(&refused).contains("takes no deposits") && !has_button(&refused, "Try again"), "{refused}");
    }
    // The one that stands is shown, and can be paid.
    let deposit = scene.order().await;
    assert!(text(&scene.send(&pick).await).contains(deposit.number.as_str()));
    scene.run("UPDATE shop_order SET state = 'expired'").await;
    assert!(!has_button(&scene.send(&pick).await, "Top up again"), "nor does its card offer one");
});

#[tokio::test]
async fn a_deposit_is_placed_by_its_buyer_alone() {
    let scene = Scene::on_sqlite().await;
    let ways = scene.tops_up("50.000").await;
    let stranger = || From { user: OTHER, ..scene.from() };
    let pick = envelope::component(stranger(), &select(&ways), Some("gopay_qr"));
    assert!(text(&scene.send(&pick).await).contains("not for you"));
    // Another amount in the id is no amount of this shop's.
    let forged = select(&ways).replace(".50000.", ".90000.");
    assert_ne!(forged, select(&ways));
    let forged = envelope::component(scene.from(), &forged, Some("gopay_qr"));
    assert!(text(&scene.send(&forged).await).contains("not for you"));
    assert_eq!(scene.orders().await, [""; 0]);
}

on_both_shops!(fn the_card_of_a_deposit_says_nothing_of_goods(db) {
    let scene = Scene::open(&db).await;
    scene.pick(&scene.tops_up("50.000").await, "gopay_qr").await;
    let deposit = scene.order().await;
    let untold = [
        "deliver",
        "supplier",
        "item",
        "Have fun",
        "Refunded",
        "the order goes on",
        "🚚",
        "erkirim",
        "pemasok",
        "Stok",
        "Pengisian",
        "Pengiriman",
        "sedang diproses",
        "pesanan dilanjutkan",
    ];
    for (state, attention, words) in [
        ("awaiting_verification", None, "this deposit is yours"),
        ("in_review", None, "looks at this deposit"),
        ("blocked", None, "This deposit cannot be processed"),
        ("awaiting_payment", None, "Preparing the payment"),
        ("paid", None, "Your store credit grows in a moment"),
        ("refunding", None, "Your money becomes store credit or goes back"),
        ("refunded", None, "**Rp 50.000** was added to your store credit"),
        ("expired", None, "it becomes store credit"),
        ("cancelled", None, "it becomes store credit"),
        ("needs_attention", Some("odd_money"), "differs from the amount due"),
        ("needs_attention", Some("partly_refunded"), "sees to the rest"),
        ("needs_attention", Some("supplier_odd"), "looking at this deposit"),
    ] {
        let attention = attention.map_or("NULL".to_owned(), |why| format!("'{why}'"));
        scene.made(format!("UPDATE shop_order SET state = '{state}', attention = {attention}")).await;
        for locale in [Locale::English, Locale::Indonesian] {
            let card = render_order(scene.shop(), &deposit.id, locale, Drawing::Live).await.unwrap();
            limits::message(&card.body);
            let card = json!({"data": card.body});
            let all = text(&card);
            assert!(locale == Locale::Indonesian || all.contains(words), "{state}: {all}");
            assert!(!untold.iter().any(|word| all.contains(word)), "{state}: {all}");
            assert!(!["Buy again", "Beli lagi"].iter().any(|label| has_button(&card, label)), "{state}");
        }
    }
    // What is left of one of which a part went back is what is named; and what leaves the wallet again is told.
    scene.run("UPDATE shop_order SET state = 'refunded', attention = NULL").await;
    for (n, (kind, detail, words)) in [
        ("refunded", "Rp 40.000", "**Rp 40.000** was added to your store credit"),
        ("credit_taken_back", "Rp 40.000", "taken out of your store credit (/saldo) again"),
    ]
    .into_iter()
    .enumerate()
    {
        scene
            .made(format!(
                "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, detail, state, created_at)
                 SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', '{detail}', 'queued', {n} FROM shop_order"
            ))
            .await;
        let card = render_order(scene.shop(), &deposit.id, Locale::English, Drawing::Live).await.unwrap();
        let card = json!({"data": card.body});
        assert!(text(&card).contains(words), "{kind}: {card}");
        assert_eq!(text(&card).contains("was added"), kind == "refunded", "{kind}: {card}");
        // It leads somewhere: to the form for the next one.
        let form = envelope::component(scene.from(), &button(&card, "Top up again"), None);
        assert_eq!(scene.send(&form).await["type"], 9);
    }
    let history = scene.command("history", &[]).await;
    assert!(history.to_string().contains("Credited · Rp 50.000"), "{history}");
});

#[tokio::test]
async fn what_cancelling_or_another_way_does_to_a_deposit_is_told_in_its_words() {
    let scene = Scene::on_sqlite().await;
    let card = scene.pick(&scene.tops_up("50.000").await, "gopay_qr").await;
    scene.payment_opens().await;
    let question = scene.press(&card, "Cancel").await;
    assert!(text(&question).contains("it becomes store credit"), "{question}");
    assert!(!text(&question).contains("the order goes on"), "{question}");
    let ways = scene.press(&question, "Back").await;
    let ways = scene.press(&ways, "Pay in another way").await;
    assert_eq!(values(&ways), ["gopay_link", "ovo_push"]);
    assert!(!text(&ways).contains("the order goes on"), "{ways}");
    scene.run("UPDATE shop_order SET state = 'in_review'").await;
    let question = scene.press(&card, "Cancel").await;
    assert!(text(&question).contains("nothing to pay for this deposit yet"), "{question}");
    let over = scene.press(&question, "Yes, cancel it").await;
    assert_eq!(scene.order().await.state, OrderState::Cancelled);
    assert!(has_button(&over, "Top up again"), "{over}");
}
