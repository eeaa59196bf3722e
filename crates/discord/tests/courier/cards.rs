//! The card of an order as it is really drawn, to the last byte of the picture of its QR code.

use crate::{
    limits,
    refresh::shown,
    scene::{BUYER, NOON, Scene, made, parts},
};
use database::sql;
use discord::{Cards, DiscordCourier};
use orders::{Courier, Delivery};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::PaymentId;

/// Of the size and shape of a QRIS code, made up.
const QR: &str = "00020101021226690017ID.CO.EXAMPLE.WWW011893600914000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581653033605405250005802ID5918DISCORD TOPUP TEST6007JAKARTA61051011062070703A01630476CA";

/// The order waits for a payment by this QR code.
async fn waits_for_payment(scene: &Scene) {
    let mut tx = scene.shop.db.write("test").await.unwrap();
    let waits = sql!("UPDATE shop_order SET state = 'awaiting_payment', serial_number = NULL WHERE id = $1");
    waits.bind(&scene.order).run(&mut tx).await.unwrap();
    sql!(
        "INSERT INTO payment (id, order_id, reference, sequence, method, gateway, amount, state, qr_string, expires_at,
             created_at, updated_at)
         VALUES ($1, $2, $3, 1, 'gopay_qr', 'midtrans', 20000, 'open', $4, $5, 0, 0)"
    )
    .bind(PaymentId::new(&scene.shop.ids, NOON))
    .bind(&scene.order)
    .bind(format!("{}-P1", scene.number))
    .bind(QR)
    .bind(NOON.plus(Duration::from_secs(900)))
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

on_both_shops! {
    fn a_card_goes_out_with_the_picture_of_its_qr_code_and_later_without(db) {
        let scene = Scene::new(&db, |_| made("7")).await;
        waits_for_payment(&scene).await;
        let user = BUYER.strip_prefix("discord:").unwrap();
        let mut screen = shown(&scene).await;
        screen.task = json!({"card": true, "locale": "id", "user": user}).to_string();
        let courier = DiscordCourier::new(scene.discord.rest(), Arc::new(Cards));
        let note = match courier.refresh(&scene.shop, &screen).await {
            Delivery::Arrived { note: Some(note) } => note,
            other => panic!("{other:?}"),
        };

        let parts = parts(&scene.discord.last());
        assert_eq!(parts.len(), 2);
        let (head, json_part) = &parts[0];
        assert!(head.contains("name=\"payload_json\"") && head.contains("Content-Type: application/json"), "{head}");
        let body: Value = serde_json::from_slice(json_part).unwrap();
        limits::message(&body);
        let listed = body["attachments"].as_array().unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0]["id"], &listed[0]["filename"]), (&json!(0), &json!("qris.png")));
        assert!(body["components"].to_string().contains("attachment://qris.png"), "{body}");
        assert!(body["components"].to_string().contains(scene.number.as_str()), "{body}");
        let (head, picture) = &parts[1];
        assert!(head.contains("name=\"files[0]\"; filename=\"qris.png\"") && head.contains("Content-Type: image/png"), "{head}");
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(*picture, vocabulary::qr::png(QR).unwrap(), "the picture is of another code");

        // What looks the same is not sent again.
        screen.note = Some(note);
        courier.refresh(&scene.shop, &screen).await;
        assert_eq!(scene.discord.lines().len(), 1);

        // Paid: the picture is taken away.
        let mut tx = scene.shop.db.write("test").await.unwrap();
        sql!("UPDATE shop_order SET state = 'paid'").query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        courier.refresh(&scene.shop, &screen).await;
        let last = scene.discord.last();
        assert_eq!(last.header("content-type"), Some("application/json"));
        let body: Value = serde_json::from_str(&last.body).unwrap();
        limits::message(&body);
        assert_eq!(body["attachments"], json!([]));
        assert!(!body["components"].to_string().contains("attachment://"), "{body}");
    }
}
