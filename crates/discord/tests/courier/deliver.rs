//! The one message about an order: made once, edited afterwards, in a thread for a buyer who takes none.

use crate::{
    scene::{Scene, THERE, closed, in_thread, made, open, refusal},
    server::answer,
};
use database::{Sql, sql};
use notifications::MessageKind;
use orders::{Courier, Delivery};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::on_both_shops;

fn embed(body: &Value) -> &Value {
    &body["embeds"][0]
}

fn fields(body: &Value) -> String {
    let fields = embed(body)["fields"].as_array().unwrap();
    fields
        .iter()
        .map(|f| format!("{}={}\n", f["name"].as_str().unwrap(), f["value"].as_str().unwrap()))
        .collect()
}

on_both_shops! {
    fn an_order_has_one_message_which_is_edited_through_its_states(db) {
        let scene = Scene::new(&db, open).await;
        let first = scene.message(MessageKind::SlowFiveMinutes, None).await;
        assert_eq!(scene.courier.deliver(&scene.shop, &first).await, THERE);
        assert_eq!(scene.discord.lines(), ["POST /users/@me/channels", "POST /channels/5/messages"]);
        let body = scene.discord.last_json();
        let nonce = body["nonce"].as_str().unwrap();
        assert!(nonce.len() == 25 && first.id.as_str().ends_with(nonce) && body["enforce_nonce"] == true);
        assert_eq!(body["allowed_mentions"], json!({"parse": []}));

        scene.shop.clock.advance(Duration::from_secs(60));
        assert_eq!(scene.deliver(MessageKind::Delivered, Some("SN-1`23")).await, THERE);
        assert_eq!(scene.discord.lines()[2], "PATCH /channels/5/messages/55");
        let body = scene.discord.last_json();
        assert!(body.get("nonce").is_none() && body.get("content").is_none());
        assert_eq!(embed(&body)["title"], "✅ Terkirim");
        let description = embed(&body)["description"].as_str().unwrap();
        assert!(description.contains("<t:1795323600:t> ⏳") && description.contains("<t:1795323660:t> ✅"), "{description}");
        let fields = fields(&body);
        for expected in ["Produk=86 \\*Diamonds\\*", "Akun=`123'45 (2001)`", "Jumlah=Rp 20.000", "```\nSN-1'23\n```", scene.number.as_str()] {
            assert!(fields.contains(expected), "{expected} is not in {fields}");
        }
        assert_eq!(body["components"][0]["components"][0]["url"], "https://shop.example/pay/paytoken");

        // The same message once more, after a crash: the same edit, no second message.
        assert_eq!(scene.courier.deliver(&scene.shop, &first).await, THERE);
        assert_eq!(embed(&scene.discord.last_json())["title"], "✅ Terkirim", "an old message hides what is true now");
        assert_eq!(scene.discord.lines().len(), 4);
    }
}

on_both_shops! {
    fn a_delivery_that_was_taken_back_is_not_shown_as_delivered_any_more(db) {
        let scene = Scene::new(&db, open).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, Some("SN-1`23")).await, THERE);
        let mut tx = scene.shop.db.write("test").await.unwrap();
        sql!("UPDATE shop_order SET state = 'cancelled', serial_number = NULL").query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        for (kind, title, text) in [
            (MessageKind::TakenBack, "↩️ Produk ditarik kembali oleh pemasok", "tanpa pengembalian lain"),
            (MessageKind::MoneyReturned, "↩️ Pembayaran sudah dikembalikan", "pesanan ini ditutup"),
        ] {
            scene.shop.clock.advance(Duration::from_secs(60));
            assert_eq!(scene.deliver(kind, None).await, THERE);
            assert_eq!(scene.discord.lines().last().unwrap(), "PATCH /channels/5/messages/55", "{kind}");
            let body = scene.discord.last_json();
            assert_eq!(embed(&body)["title"], title);
            let description = embed(&body)["description"].as_str().unwrap();
            assert!(description.contains(text) && description.contains("kepada pembayarnya"), "{description}");
            assert!(!fields(&body).contains("SN-1"), "{body}");
        }
    }
}

on_both_shops! {
    fn who_was_told_of_a_delivery_is_told_that_it_was_taken_back_and_where_the_money_is(db) {
        let scene = Scene::new(&db, open).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, Some("SN-1`23")).await, THERE);
        let mut tx = scene.shop.db.write("test").await.unwrap();
        sql!("UPDATE shop_order SET state = 'refunding', serial_number = NULL").query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        for (kind, amount, title) in [
            (MessageKind::DeliveryTakenBack, None, "↩️ Produk ditarik kembali oleh pemasok"),
            (MessageKind::RefundSent, Some("Rp 20.000"), "↩️ Uang sedang dikembalikan"),
            (MessageKind::RefundBecameCredit, Some("Rp 20.000"), "💰 Uang masuk ke saldo"),
            (MessageKind::Refunded, Some("Rp 20.000"), "💰 Uang kembali ke saldo"),
        ] {
            scene.shop.clock.advance(Duration::from_secs(60));
            assert_eq!(scene.deliver(kind, amount).await, THERE);
            let body = scene.discord.last_json();
            assert_eq!(embed(&body)["title"], title);
            let description = embed(&body)["description"].as_str().unwrap();
            for words in ["pemasok menarik kembali kirimannya", "bisa diambil lagi oleh gimnya"] {
                assert_eq!(description.matches(words).count(), 1, "{kind}: {description}");
            }
            assert!(!fields(&body).contains("SN-1"), "{body}");
        }
    }
}

on_both_shops! {
    fn a_reminder_that_is_carried_while_a_person_decides_does_not_say_that_it_goes_on(db) {
        let scene = Scene::new(&db, open).await;
        for (change, goes_on) in [("1", true), ("NULL", false)] {
            let change = format!(
                "UPDATE shop_order SET state = 'needs_attention', attention = 'waits_for_supplier', due_at = {change}"
            );
            let mut tx = scene.shop.db.write("test").await.unwrap();
            Sql::same(Box::leak(change.into_boxed_str())).query().run(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            for kind in [MessageKind::WaitsForSupplier, MessageKind::WaitsFiveMinutes] {
                scene.shop.clock.advance(Duration::from_secs(60));
                assert_eq!(scene.deliver(kind, None).await, THERE);
                let body = scene.discord.last_json();
                let description = embed(&body)["description"].as_str().unwrap();
                assert_eq!(description.contains("sendiri"), goes_on, "{kind}: {description}");
                assert_eq!(description.contains("tidak ada yang dibeli"), !goes_on, "{kind}: {description}");
            }
        }
    }
}

on_both_shops! {
    fn a_buyer_who_takes_no_direct_messages_gets_a_private_thread(db) {
        let scene = Scene::new(&db, closed(50_007)).await;
        scene.is_in(Some(("100", "101"))).await;
        scene.is_in(None).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, None).await, in_thread());
        assert_eq!(
            scene.discord.lines(),
            [
                "POST /users/@me/channels",
                "POST /channels/5/messages",
                "POST /channels/101/threads",
                // Who is only mentioned may not be let in.
                "PUT /channels/9/thread-members/80351110224678912",
                "POST /channels/9/messages",
            ]
        );
        let body = scene.discord.last_json();
        assert_eq!(body["content"], "<@80351110224678912>");
        assert_eq!(body["allowed_mentions"], json!({"parse": [], "users": ["80351110224678912"]}));
        // Later states edit the message there.
        assert_eq!(scene.deliver(MessageKind::Refunded, Some("Rp 20.000")).await, in_thread());
        assert_eq!(scene.discord.lines()[5..], ["PATCH /channels/9/messages/99"]);
        // It was deleted: direct messages may be open by now; if not, the thread is used again.
        scene.discord.now_answers(|line| match line {
            "PATCH /api/v10/channels/9/messages/99" => refusal(404, 10_008),
            other => closed(50_278)(other),
        });
        assert_eq!(scene.deliver(MessageKind::Credited, Some("Rp 20.000")).await, in_thread());
        assert_eq!(
            scene.discord.lines()[6..],
            ["PATCH /channels/9/messages/99", "POST /channels/5/messages", "POST /channels/9/messages"]
        );
    }
}

on_both_shops! {
    fn without_a_place_for_a_thread_the_message_waits_for_a_person(db) {
        let pending = Delivery::Impossible { reason: "receipt pending: DMs closed, no thread".into() };
        let scene = Scene::new(&db, closed(50_278)).await;
        assert_eq!(scene.deliver(MessageKind::Delivered, None).await, pending, "no guild is known");
        scene.is_in(Some(("100", "101"))).await;
        for code in [50_001, 50_013, 50_024] {
            scene.discord.now_answers(move |line| match line {
                "POST /api/v10/channels/101/threads" => refusal(if code == 50_024 { 400 } else { 403 }, code),
                other => closed(50_007)(other),
            });
            assert_eq!(scene.deliver(MessageKind::Delivered, None).await, pending, "{code}");
        }
        assert_eq!(scene.alerts().await, Vec::<String>::new());
        let count = sql!("SELECT COUNT(*) FROM discord_receipt");
        let rows: i64 = count.query().one(&mut scene.shop.db.read("test").await.unwrap()).await.unwrap();
        assert_eq!(rows, 0);
    }
}

#[tokio::test]
async fn a_message_that_is_too_old_to_be_edited_is_followed_by_a_new_one() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, open).await;
    scene.deliver(MessageKind::SlowTwoHours, None).await;
    scene.discord.now_answers(|line| match line {
        "PATCH /api/v10/channels/5/messages/55" => refusal(429, 30_046),
        "POST /api/v10/channels/5/messages" => made("56"),
        other => panic!("{other}"),
    });
    assert_eq!(scene.deliver(MessageKind::Delivered, None).await, THERE);
    scene.discord.now_answers(|_| made("56"));
    scene.deliver(MessageKind::SerialNumber, None).await;
    assert_eq!(scene.discord.lines().last().unwrap(), "PATCH /channels/5/messages/56");
}

#[tokio::test]
async fn a_message_whose_fate_is_unknown_goes_out_again_under_the_same_nonce() {
    let db = testkit::shop_sqlite().await;
    let scene =
        Scene::new(
            &db,
            |line| {
                if line.ends_with("/@me/channels") { made("5") } else { answer(500, &[], "") }
            },
        )
        .await;
    let message = scene.message(MessageKind::Delivered, None).await;
    let first = scene.courier.deliver(&scene.shop, &message).await;
    assert!(matches!(first, Delivery::Later { after: None, .. }), "{first:?}");
    scene.discord.now_answers(open);
    assert_eq!(scene.courier.deliver(&scene.shop, &message).await, THERE);
    assert_eq!(
        scene.discord.lines(),
        [
            "POST /users/@me/channels",
            "POST /channels/5/messages",
            "POST /channels/5/messages",
            // It may be the first one that is there: it gets to say what is true now.
            "PATCH /channels/5/messages/55",
        ],
        "the channel of direct messages is remembered"
    );
    let nonces = scene.discord.nonces();
    assert_eq!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn a_serial_number_that_does_not_fit_is_cut_and_says_so() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, open).await;
    scene.has_serial_number(&"ABCD-".repeat(400)).await;
    assert_eq!(scene.deliver(MessageKind::Delivered, None).await, THERE);
    let fields = fields(&scene.discord.last_json());
    assert!(fields.contains("ABCD-") && fields.contains("Terpotong"), "{fields}");
}

#[tokio::test]
async fn what_discord_refuses_for_now_is_carried_later() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::new(&db, |_| refusal(403, 40_003)).await;
    let too_many = scene.deliver(MessageKind::Delivered, None).await;
    assert!(
        matches!(too_many, Delivery::Later { after: Some(after), .. } if after.as_secs() == 300),
        "{too_many:?}"
    );
    scene.discord.now_answers(|_| refusal(401, 0));
    let unknown = scene.deliver(MessageKind::Delivered, None).await;
    assert!(matches!(unknown, Delivery::Later { after: Some(_), .. }), "{unknown:?}");
    assert_eq!(scene.alerts().await, ["courier_refuses_us discord:token"]);
}

#[tokio::test]
async fn the_buyer_reads_it_in_the_language_of_the_order() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::in_language(&db, "en", open).await;
    scene.deliver(MessageKind::Delivered, None).await;
    let body = scene.discord.last_json();
    assert_eq!(embed(&body)["title"], "✅ Delivered");
    assert!(fields(&body).contains("Serial number (SN)="));
}
