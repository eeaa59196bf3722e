//! What cards say is true: about money, about codes, and about what there is too much of to be shown.

use crate::{
    limits,
    scene::{Scene, has_button, text},
};
use discord::{Drawing, render_order};
use orders::Order;
use serde_json::json;
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

#[tokio::test]
async fn before_an_order_can_be_paid_cancelling_closes_no_code() {
    let scene = Scene::on_sqlite().await;
    let (_, card) = scene.bought("gopay_qr").await;
    assert!(text(&scene.press(&card, "Cancel").await).contains("Its code or payment page is closed"));
    for state in ["awaiting_verification", "in_review"] {
        scene.made(format!("UPDATE shop_order SET state = '{state}', pay_by = NULL")).await;
        let sure = text(&scene.press(&card, "Cancel").await);
        assert!(sure.contains("nothing to pay") && !sure.contains("code"), "{sure}");
    }
}

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
