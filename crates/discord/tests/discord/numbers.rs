//! Orders that are paid by a number, at a bank or a till, and by QRIS: what is offered, and the card.

use crate::{
    limits,
    scene::{Scene, text, values},
};
use discord::{Drawing, render_order};
use serde_json::json;
use vocabulary::Locale;

const NUMBER: &str = "8812345678901234";

#[tokio::test]
async fn everything_that_carries_the_price_is_offered_at_once_and_the_shops_cheapest_comes_first() {
    let scene = Scene::on_sqlite().await.by_every_method().bearing_any_fee();
    let asked = scene.asked_about("123456789").await;
    let ways = scene.press(&asked, "Yes, choose how to pay").await;
    let expected = "qris dana_qr dana_link gopay_qr gopay_link ovo_push ovo_link va_bca va_bni va_bri va_permata \
                    va_mandiri va_bsi va_cimb va_btpn va_panin cstore_indomaret cstore_alfamart wallet";
    assert_eq!(values(&ways).join(" "), expected);

    // Where the owner does not bear it, what costs more than the Rp 2.000 that are left is not offered.
    let scene = Scene::on_sqlite().await.by_every_method();
    let asked = scene.asked_about("123456789").await;
    let ways = scene.press(&asked, "Yes, choose how to pay").await;
    let carried = "qris dana_qr dana_link gopay_qr gopay_link ovo_push ovo_link wallet";
    assert_eq!(values(&ways).join(" "), carried);
    assert!(text(&scene.pick(&ways, "va_bca").await).contains("cannot be paid by BCA virtual account"));

    // Cheaper by the time it is looked at again: a transfer would cost the shop nearly half.
    let scene = Scene::on_sqlite().await.by_every_method().bearing_any_fee();
    scene.run("UPDATE product SET price = 10000, cost = 9000").await;
    let asked = scene.asked_about("123456789").await;
    let ways = scene.press(&asked, "Yes, choose how to pay").await;
    assert_eq!(
        values(&ways).join(" "),
        "qris dana_qr dana_link gopay_qr gopay_link ovo_push ovo_link wallet"
    );
    // Whoever asks for one all the same is told why not, and nothing is ordered.
    assert!(text(&scene.pick(&ways, "va_bca").await).contains("cannot be paid by BCA virtual account"));
    let orders: Vec<String> = scene.all("SELECT number FROM shop_order").await;
    assert!(orders.is_empty(), "{orders:?}");
}

#[tokio::test]
async fn the_card_shows_the_number_while_it_can_be_paid_and_drops_it_after() {
    for (method, place, title) in [
        ("va_bca", "BCA", "Transfer to this number"),
        ("va_bni", "BNI", "Transfer to this number"),
        ("va_bri", "BRI", "Transfer to this number"),
        ("va_permata", "Permata", "Transfer to this number"),
        ("va_mandiri", "Mandiri", "Transfer to this number"),
        ("va_bsi", "BSI", "Transfer to this number"),
        ("va_cimb", "CIMB Niaga", "Transfer to this number"),
        ("va_btpn", "BTPN", "Transfer to this number"),
        ("va_panin", "Panin", "Transfer to this number"),
        ("cstore_indomaret", "Indomaret", "Pay at the till with this code"),
        ("cstore_alfamart", "Alfamart", "Pay at the till with this code"),
    ] {
        let scene = Scene::on_sqlite().await.by_every_method().bearing_any_fee();
        let (order, card) = scene.bought(method).await;
        assert!(text(&card).contains("Preparing the payment"), "{method}: {card}");
        scene
            .made(format!(
                "UPDATE payment SET state = 'open', payment_code = '{NUMBER}', gateway_transaction_id = 'T'"
            ))
            .await;
        let shown = scene.press(&card, "Check status").await;
        let block = format!("**{place}**\n```\n{NUMBER}\n```");
        for part in [title, block.as_str(), "Rp 20.000", "<t:1795324500:R>"] {
            assert!(text(&shown).contains(part), "{method}: {part} is missing in {shown}");
        }
        let live = render_order(scene.shop(), &order.id, Locale::Indonesian, Drawing::Live).await.unwrap();
        limits::message(&live.body);
        assert!(live.qr.is_none() && text(&json!({"data": live.body})).contains(NUMBER), "{}", live.body);
        for state in ["expired", "denied", "unknown", "settled"] {
            scene.made(format!("UPDATE payment SET state = '{state}'")).await;
            let shown = scene.press(&card, "Check status").await;
            assert!(!shown.to_string().contains(NUMBER), "{method} is {state}: {shown}");
        }
    }
}

#[tokio::test]
async fn qris_is_scanned_with_any_wallet() {
    let scene = Scene::on_sqlite().await.by_every_method().bearing_any_fee();
    let (_, card) = scene.bought("qris").await;
    scene.payment_opens().await;
    let shown = scene.press(&card, "Check status").await;
    assert!(text(&shown).contains("any wallet or bank app"), "{shown}");
}
