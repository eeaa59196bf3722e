//! What cards say is true: about money, about codes, and about what there is too much of to be shown.

use crate::{
    envelope::{self, From},
    limits,
    scene::{Scene, button, has_button, text},
};
use discord::{Drawing, render_order};
use orders::Order;
use serde_json::json;
use std::time::Duration;
use testkit::on_both_shops;
use vocabulary::Locale;

/// What the card says, in Indonesian and in English.
async fn said(scene: &Scene, order: &Order) -> [String; 2] {
    let mut said = [String::new(), String::new()];
    for (text_of, locale) in said.iter_mut().zip([Locale::Indonesian, Locale::English]) {
        let card = render_order(scene.shop(), &order.id, locale, Drawing::Live).await.unwrap();
        limits::message(&card.body);
        *text_of = text(&json!({"data": card.body}));
    }
    said
}

/// What a button answers with, in Indonesian and in English.
async fn pressed(scene: &Scene, id: &str) -> [String; 2] {
    let mut said = [String::new(), String::new()];
    for (text_of, locale) in said.iter_mut().zip(["id", "en-US"]) {
        let from = From { locale, ..scene.from() };
        *text_of = text(&scene.send(&envelope::component(from, id, None)).await);
    }
    said
}

on_both_shops!(fn of_an_order_that_could_never_be_paid_nobody_hears_of_paying(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    for state in ["expired", "cancelled"] {
        scene.made(format!("UPDATE shop_order SET state = '{state}', pay_by = NULL")).await;
        let [indonesian, english] = said(&scene, &order).await;
        assert!(indonesian.contains("tidak ada uang yang diambil"), "{indonesian}");
        assert!(!indonesian.contains("Waktu membayar") && !indonesian.contains("kode yang lama"), "{indonesian}");
        assert!(english.contains("no money was taken"), "{english}");
        assert!(!english.contains("time for paying") && !english.contains("old code"), "{english}");
    }
    scene.made(format!("UPDATE shop_order SET state = 'expired', pay_by = {}", crate::scene::NOON.millis())).await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(indonesian.contains("Waktu membayar sudah habis") && english.contains("Do not pay with the old code"));
});

on_both_shops!(fn money_that_the_gateway_gave_back_is_not_said_to_be_in_the_shop(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE shop_order SET state = 'cancelled'").await;
    scene.run("UPDATE payment SET state = 'refunded', settled_at = 1795323600000").await;
    scene
        .run(
            "INSERT INTO order_event (id, order_id, at, kind, state)
             SELECT 'evt_back', id, 1795323700000, 'payment_taken_back', 'cancelled' FROM shop_order",
        )
        .await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(indonesian.contains("sudah dikembalikan kepada pembayarnya"), "{indonesian}");
    assert!(!indonesian.contains("saldo") && !indonesian.contains("tidak hilang"), "{indonesian}");
    assert!(english.contains("gave the payment back"), "{english}");
    assert!(!english.contains("store credit") && !english.contains("not lost"), "{english}");
    scene.run("UPDATE payment SET state = 'partly_refunded'").await;
    let [_, english] = said(&scene, &order).await;
    assert!(!english.contains("gave the payment back"), "a part of it is not all: {english}");
});

on_both_shops!(fn of_an_order_that_ended_after_its_money_went_back_the_last_word_is_told(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE shop_order SET state = 'cancelled'").await;
    for (n, (kind, words)) in [
        ("money_returned", ["sudah dikembalikan kepada pembayarnya", "gave the payment back"]),
        ("taken_back", ["Pemasok menarik kembali produknya", "The supplier took the product back"]),
        ("credited", ["sudah ditambahkan ke saldo Anda", "was added to your store credit"]),
        ("credit_taken_back", ["diambil lagi dari saldo Anda", "taken out of your store credit"]),
        ("credited", ["sudah ditambahkan ke saldo Anda", "was added to your store credit"]),
        ("credit_less", ["masuk belakangan kepada pembayarnya", "payment that came in later back to whoever"]),
    ]
    .into_iter()
    .enumerate()
    {
        scene
            .made(format!(
                "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at)
                 SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', 'queued', {n} FROM shop_order"
            ))
            .await;
        for (text, words) in said(&scene, &order).await.iter().zip(words) {
            assert!(text.contains(words), "{kind}: {text}");
            assert!(!text.contains("tidak hilang") && !text.contains("not lost"), "{kind}: {text}");
        }
    }
});

on_both_shops!(fn of_a_part_whose_money_went_back_at_the_gateway_no_store_credit_is_claimed(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    for (n, (state, kind, detail, credited)) in [
        ("delivered", "share_went_back", "NULL", false),
        ("delivered", "share_went_back", "'Rp 4.000'", true),
        ("refunded", "money_returned", "NULL", false),
        ("refunded", "taken_back", "NULL", false),
    ]
    .into_iter()
    .enumerate()
    {
        scene.made(format!("UPDATE shop_order SET state = '{state}'")).await;
        scene
            .made(format!(
                "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, detail, state, created_at)
                 SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', {detail}, 'queued', {n} FROM shop_order"
            ))
            .await;
        let [indonesian, english] = said(&scene, &order).await;
        assert!(indonesian.contains("kepada pembayarnya") && english.contains("whoever paid"), "{kind}: {english}");
        assert_eq!(indonesian.contains("ke saldo Anda"), credited, "{kind}: {indonesian}");
        assert_eq!(english.contains("to your store credit"), credited, "{kind}: {english}");
        assert!(!indonesian.contains("ada di saldo") && !english.contains("is in your store credit"), "{english}");
    }
});

on_both_shops!(fn what_was_delivered_in_part_is_whole_when_the_rest_has_come(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE shop_order SET state = 'delivered'").await;
    for (n, (kind, words)) in [
        ("share_given_back", ["Terkirim sebagian", "Delivered in part"]),
        ("rest_delivered", ["semuanya sudah terkirim", "all of it was delivered"]),
    ]
    .into_iter()
    .enumerate()
    {
        scene
            .made(format!(
                "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at)
                 SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', 'queued', {n} FROM shop_order"
            ))
            .await;
        for (text, words) in said(&scene, &order).await.iter().zip(words) {
            assert!(text.contains(words), "{kind}: {text}");
            assert_eq!(text.contains("sebagian") || text.contains("in part"), kind == "share_given_back", "{text}");
        }
    }
});

on_both_shops!(fn what_came_after_the_refund_is_told_and_nothing_is_demanded(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    for (n, (kind, words)) in [
        ("refunded", ["ada di saldo Anda", "in your store credit"]),
        ("late_part", ["ternyata mengirim sebagian", "delivered a part after all"]),
        ("delivery_taken_back", ["bisa diambil lagi oleh gimnya", "has taken its delivery back"]),
        ("late_delivery", ["ternyata mengirimkannya", "delivered it after all"]),
        ("late_delivery_taken_back", ["lalu menariknya kembali", "took it back again"]),
    ]
    .into_iter()
    .enumerate()
    {
        scene
            .made(format!(
                "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at)
                 SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', 'queued', {n} FROM shop_order"
            ))
            .await;
        for state in ["refunded", "refunding", "cancelled"] {
            scene.made(format!("UPDATE shop_order SET state = '{state}'")).await;
            for (text, words) in said(&scene, &order).await.iter().zip(words) {
                assert!(text.contains(words) || kind == "refunded" && state != "refunded", "{kind}: {text}");
            }
        }
        scene.run("UPDATE shop_order SET state = 'delivered'").await;
        assert!(!said(&scene, &order).await[1].contains("after all"), "it was paid again, and is theirs");
    }
});

on_both_shops!(fn who_was_refunded_because_the_price_moved_buys_again_at_the_price_of_now(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE shop_order SET state = 'refunded'").await;
    scene
        .run(
            "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at)
             SELECT 'msg_p', 'kp', id, 'buyer', 'price_moved', 'queued', placed_at FROM shop_order",
        )
        .await;
    let words = [
        ["Harga dari pemasok berubah", "saldo", "Harganya pada"],
        ["supplier's price has changed", "store credit", "What it costs"],
    ];
    for (text, [why, money, price]) in said(&scene, &order).await.iter().zip(words) {
        assert!(text.contains(why) && text.contains(money), "{text}");
        assert!(!text.contains(price), "the shop knows no better price: {text}");
    }
    let card = async || {
        let card = render_order(scene.shop(), &order.id, Locale::English, Drawing::Last).await.unwrap();
        json!({"data": card.body})
    };
    assert_eq!(scene.press(&card().await, "Buy again").await["type"], 9, "as of any order that is over");

    scene.run("UPDATE product SET price = 23000, cost = 21000 WHERE code = 'ML_86'").await;
    let now = format!("<t:{}:t>: **Rp 23.000**", scene.shop().clock.now().millis() / 1_000);
    for text in said(&scene, &order).await {
        assert!(text.contains(&now), "{text}");
    }
    let again = button(&card().await, "Buy again");
    let drafts = async || scene.all::<String>("SELECT id FROM discord_draft").await.len();
    let before = drafts().await;
    // Not for somebody else, not even under a mark that is theirs.
    let body = format!("1.ag.{}", order.number);
    let mark = scene.shop().vault.tag("discord.press", &format!("{body}|{}", envelope::OTHER));
    for (id, words) in [(again.clone(), "not for you"), (format!("{body}.{mark}"), "is not yours")] {
        let from = From { user: envelope::OTHER, ..scene.from() };
        let reply = scene.send(&envelope::component(from, &id, None)).await;
        assert!(text(&reply).contains(words), "{reply}");
    }
    assert_eq!(drafts().await, before);

    let press = envelope::component(scene.from(), &again, None);
    let asked = scene.send(&press).await;
    scene.send(&press).await;
    assert_eq!((asked["type"].as_u64(), drafts().await), (Some(7), before + 1), "delivered twice it is one");
    for words in ["86 Diamond", "Rp 23.000", "123456789", "1234"] {
        assert!(text(&asked).contains(words), "{words}: {asked}");
    }
    let ways = scene.press(&asked, "Yes, choose how to pay").await;
    assert!(text(&ways).contains("Total Rp 23.000"), "{ways}");
    assert_eq!(scene.order().await.number, order.number, "nothing is ordered before that");
    scene.pick(&ways, "gopay_qr").await;
    let amounts: Vec<i64> = scene.all("SELECT amount FROM shop_order ORDER BY amount").await;
    assert_eq!(amounts, [20_000, 23_000]);

    scene.run("UPDATE product SET active = 0 WHERE code = 'ML_86'").await;
    let press = envelope::component(scene.from(), &again, None);
    assert!(text(&scene.send(&press).await).contains("not for sale"));
});

on_both_shops!(fn the_card_of_who_waits_says_when_a_person_was_called(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE shop_order SET state = 'needs_attention', attention = 'waits_for_supplier'").await;
    let words = ["petugas sudah dipanggil", "a member of staff was called"];
    for (text, words) in said(&scene, &order).await.iter().zip(words) {
        assert!(!text.contains(words), "{text}");
    }
    scene
        .run(
            "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at)
             SELECT 'msg_w', 'kw', id, 'buyer', 'waits_120_minutes', 'queued', 1 FROM shop_order",
        )
        .await;
    for (text, words) in said(&scene, &order).await.iter().zip(words) {
        assert!(text.contains(words), "{text}");
    }
});

on_both_shops!(fn the_card_of_who_waits_does_not_say_that_it_goes_on_while_a_person_decides(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE shop_order SET state = 'needs_attention', attention = 'waits_for_supplier', due_at = NULL").await;
    let words = [
        ("Petugas sedang memeriksa pesanan ini", "diproses sendiri"),
        ("A member of staff is looking at this order", "by itself"),
    ];
    for (text, (said, not_said)) in said(&scene, &order).await.iter().zip(words) {
        assert!(text.contains(said) && !text.contains(not_said), "{text}");
    }
    scene.run("UPDATE shop_order SET due_at = 1").await;
    for (text, (_, goes_on)) in said(&scene, &order).await.iter().zip(words) {
        assert!(text.contains(goes_on), "{text}");
    }
});

#[tokio::test]
async fn before_an_order_can_be_paid_cancelling_closes_no_code() {
    let scene = Scene::on_sqlite().await;
    let (_, card) = scene.bought("gopay_qr").await;
    assert!(text(&scene.press(&card, "Cancel").await).contains("The present code will be closed"));
    for state in ["awaiting_verification", "in_review"] {
        scene.made(format!("UPDATE shop_order SET state = '{state}', pay_by = NULL")).await;
        let sure = text(&scene.press(&card, "Cancel").await);
        assert!(sure.contains("nothing to pay") && !sure.contains("code"), "{sure}");
    }
}

#[tokio::test]
async fn whoever_withdraws_reads_what_is_closed_and_that_late_money_buys_or_is_credited() {
    let scene = Scene::on_sqlite().await;
    let (_, card) = scene.bought("gopay_qr").await;
    let questions = [button(&card, "Cancel"), button(&card, "Pay in another way")];
    for (change, old, in_english) in [
        ("state = 'open'", "Kode bayar yang sekarang akan ditutup", "The present code will be closed"),
        (
            "method = 'dana_link'",
            "Tautan bayar yang sekarang akan ditutup",
            "The present link will be closed",
        ),
        ("method = 'ovo_push'", "jangan disetujui lagi", "do not approve it any more"),
        ("method = 'ovo_link'", "mungkin masih terbuka beberapa saat", "may stay open for a while"),
        ("state = 'expired'", "halaman, atau permintaan yang lama", "an old code, page or request"),
    ] {
        scene.made(format!("UPDATE payment SET {change}")).await;
        for id in &questions {
            let [indonesian, english] = pressed(&scene, id).await;
            assert!(indonesian.contains(old), "{change}: {indonesian}");
            assert!(
                indonesian.contains("pesanan dilanjutkan atau uangnya masuk ke saldo Anda"),
                "{indonesian}"
            );
            assert!(!indonesian.contains("langsung"), "no gateway closes anything at once: {indonesian}");
            assert!(english.contains(in_english), "{change}: {english}");
            assert!(english.contains("the order goes on, or it becomes store credit"), "{english}");
            assert!(!english.contains("at once"), "no gateway closes anything at once: {english}");
        }
    }
    let waits = "UPDATE payment SET state = 'intended', method = 'ovo_push'";
    let none = "DELETE FROM payment";
    for (change, old, in_english) in [
        (waits, "Permintaan ke OVO belum dikirim", "The request to OVO was not sent yet"),
        (none, "Belum ada saldo yang diambil", "No store credit was taken"),
    ] {
        scene.run(change).await;
        for id in &questions {
            let [indonesian, english] = pressed(&scene, id).await;
            assert!(indonesian.contains(old) && !indonesian.contains("ditutup"), "{change}: {indonesian}");
            assert!(english.contains(in_english) && !english.contains("closed"), "{change}: {english}");
        }
    }
}

on_both_shops!(fn whoever_may_have_paid_what_asks_for_another_amount_is_not_told_that_nothing_was_taken(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE payment SET state = 'open', closing = 'cancel'").await;
    let happened = async |id: &str, kind: &str, detail: &str| {
        let columns = "id, order_id, at, kind, state, detail";
        let values = format!("'{id}', order_id, created_at, '{kind}', 'awaiting_payment', {detail}");
        scene.made(format!("INSERT INTO order_event ({columns}) SELECT {values} FROM payment")).await;
    };
    happened("evt_u", "payment_unfit", "reference").await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(indonesian.contains("Tidak ada uang yang diambil"), "nobody could pay it: {indonesian}");
    assert!(english.contains("No money was taken"), "{english}");
    happened("evt_o", "payment_opened", "method").await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(indonesian.contains("uangnya tidak hilang") && !indonesian.contains("Tidak ada uang"), "{indonesian}");
    assert!(english.contains("the money is not lost") && !english.contains("No money"), "{english}");
    // What a push asks for may be approved on the phone whether it was shown here or not.
    scene.run("UPDATE payment SET method = 'ovo_push'").await;
    assert!(said(&scene, &order).await[1].contains("Do not approve the request on your phone"));
});

#[tokio::test]
async fn of_a_payment_that_was_given_up_nobody_hears_that_it_is_asked_about() {
    let scene = Scene::on_sqlite().await;
    let (order, _) = scene.bought("gopay_qr").await;
    scene.run("UPDATE payment SET state = 'unknown', closing = 'cancel'").await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(indonesian.contains("Cara bayar ini sedang bermasalah"), "{indonesian}");
    assert!(indonesian.contains("Tidak ada uang yang diambil. Tekan *Ganti metode*"), "{indonesian}");
    assert!(
        !indonesian.contains("menanyakan") && !indonesian.contains("jangan membayar lagi"),
        "{indonesian}"
    );
    assert!(english.contains("This way to pay does not work right now"), "{english}");
    assert!(english.contains("No money was taken. Press *Pay in another way*"), "{english}");
    assert!(!english.contains("asking") && !english.contains("do not pay again"), "{english}");
    // Money that came in for it, or a push that may have reached the phone, is asked about.
    for change in ["odd_amount = 5", "odd_amount = NULL, method = 'ovo_push'"] {
        scene.made(format!("UPDATE payment SET {change}")).await;
        let [indonesian, english] = said(&scene, &order).await;
        assert!(indonesian.contains("Memeriksa pembayaran"), "{change}: {indonesian}");
        assert!(
            english.contains("Checking the payment") && !english.contains("No money"),
            "{change}: {english}"
        );
    }
}

on_both_shops!(fn a_push_a_page_and_a_code_are_ready_only_while_somebody_can_begin_to_pay(db) {
    let scene = Scene::open(&db).await;
    let (order, _) = scene.bought("ovo_push").await;
    scene.run("UPDATE payment SET state = 'open', qr_string = '000201-QR'").await;
    for (method, lives, payable, [ready, in_english], [over, over_in_english]) in [
        ("ovo_push", 65, 55, ["Setujui di aplikasi OVO", "Approve it in the OVO app"], ["Memastikan pembayaran", "Making sure"]),
        ("ovo_link", 300, 300, ["Siap dibayar", "Ready to pay"], ["Memastikan pembayaran", "Making sure"]),
        ("gopay_qr", 120, 120, ["Pindai untuk membayar", "Scan to pay"], ["Memeriksa pembayaran", "Checking the payment"]),
    ] {
        let now = scene.shop().clock.now();
        let (end, until) = (now.plus(Duration::from_secs(lives)), now.plus(Duration::from_secs(payable)));
        scene.made(format!("UPDATE payment SET method = '{method}', expires_at = {}", end.millis())).await;
        let counted = format!("<t:{}:R>", until.millis() / 1_000);
        let [indonesian, english] = said(&scene, &order).await;
        assert!(indonesian.contains(ready) && indonesian.contains(&counted), "{method}: {indonesian}");
        assert!(english.contains(in_english) && english.contains(&counted), "{method}: {english}");

        scene.shop().clock.advance(Duration::from_secs(payable));
        let [indonesian, english] = said(&scene, &order).await;
        assert!(indonesian.contains(over) && !indonesian.contains(ready), "{method}: {indonesian}");
        assert!(english.contains(over_in_english) && !english.contains(in_english), "{method}: {english}");
        assert!(!english.contains(&counted), "a countdown in the past: {english}");
        let drawn = render_order(scene.shop(), &order.id, Locale::English, Drawing::Live).await.unwrap();
        assert_eq!((drawn.qr, &drawn.body["attachments"]), (None, &json!([])), "{method}");
    }
    scene.shop().clock.advance(Duration::from_secs(900));
    for text in said(&scene, &order).await {
        assert!(!text.contains("<t:"), "a countdown in the past: {text}");
    }
});

on_both_shops!(fn a_card_names_the_way_that_paid_and_not_the_one_that_was_chosen_last(db) {
    let scene = Scene::open(&db).await;
    let (order, card) = scene.bought("gopay_qr").await;
    scene.pick(&scene.press(&card, "Pay in another way").await, "gopay_link").await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(indonesian.contains("Cara bayar: GoPay (buka aplikasi)"), "{indonesian}");
    assert!(english.contains("Payment: GoPay (open the app)"), "{english}");
    scene.run("UPDATE payment SET state = 'settled', settled_at = 1795323601000 WHERE method = 'gopay_qr'").await;
    for state in ["paid", "delivered", "refunded"] {
        scene.made(format!("UPDATE shop_order SET state = '{state}'")).await;
        let [indonesian, english] = said(&scene, &order).await;
        assert!(indonesian.contains("Cara bayar: GoPay QR"), "{state}: {indonesian}");
        assert!(english.contains("Payment: GoPay QR"), "{state}: {english}");
    }
});

#[tokio::test]
async fn what_is_over_can_still_be_looked_at_anew() {
    let scene = Scene::on_sqlite().await;
    let (_, card) = scene.bought("gopay_qr").await;
    for state in ["delivered", "refunded", "expired", "cancelled"] {
        scene.made(format!("UPDATE shop_order SET state = '{state}'")).await;
        let shown = scene.press(&card, "Check status").await;
        for label in ["Check status", "Buy again", "Payment page"] {
            assert!(has_button(&shown, label), "{label}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_serial_number_of_any_length_makes_a_card_that_discord_takes() {
    let scene = Scene::on_sqlite().await;
    let (order, _) = scene.bought("gopay_qr").await;
    let serial = "`SN-1234` ".repeat(600);
    scene.made(format!("UPDATE shop_order SET state = 'delivered', serial_number = '{serial}'")).await;
    let [indonesian, english] = said(&scene, &order).await;
    assert!(english.contains("…\n```\n-# Cut short here. All of it is on the *Payment page*."), "{english}");
    assert!(indonesian.contains("…\n```\n-# Dipotong di sini."), "{indonesian}");
    assert!(english.matches("SN-1234").count() > 90, "{english}");
    scene.run("UPDATE shop_order SET serial_number = 'SN-1234'").await;
    let [_, english] = said(&scene, &order).await;
    assert!(english.contains("```\nSN-1234\n```") && !english.contains("Cut short"), "{english}");
}

#[tokio::test]
async fn a_code_is_bought_for_nobodys_account_and_nobody_is_asked_about_one() {
    let db = testkit::shop_sqlite().await;
    let columns = "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
                   supplier,supplier_sku,customer_template,description,active";
    let code = "STEAM,Steam Wallet,🎟️,yes,STEAM_12,Steam 12,13500,12000,5,1,digiflazz,s12,{user_id},,yes";
    let file = format!("{columns}\n{code}\n");
    let file = catalog::parse(file.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    let scene = Scene::with(&db, &file).await;
    let form = scene.command("topup", &[("game", "STEAM"), ("product", "STEAM_12")]).await;
    assert!(!form.to_string().contains("profile"), "{form}");
    let asked = scene.fill(&form, &[("user_id", "Sari")]).await;
    let said = text(&asked);
    assert!(said.contains("The code is sent to you") && said.contains("For: **Sari**"), "{asked}");
    assert!(!said.contains("checked") && !has_button(&asked, "Go on unchecked"), "{asked}");
    // No second question about an account that may be somebody else's.
    let ways = scene.press(&asked, "Choose how to pay").await;
    let card = scene.pick(&ways, "gopay_qr").await;
    assert!(text(&card).contains("For: **Sari**"), "{card}");
    assert_eq!(scene.order().await.account.user_id(), "Sari");
}
