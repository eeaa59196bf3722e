//! From `/topup` to the serial number, and what a member can do on the way.

use super::client::{ACCOUNT, BUDI, DM, PRIVATE_THREAD, SARI, choice, click, order_number};
use crate::harness::{Rows, World};
use serde_json::{Value, json};

async fn menus_form_question_payment_delivery(rows: Rows, name: &str) {
    let world = World::on_discord(rows).await;
    let games = world.types(SARI, "topup", &[]).await;
    assert_eq!(games["ephemeral"], true);
    let products = world.pick(SARI, &games, "ML").await;
    assert!(products["message"].to_string().contains("Rp 20.000"), "{products:#}");
    let form = world.pick(SARI, &products, "ML_86").await;
    assert_eq!(form["outcome"], "modal");
    let asked = world.fill(SARI, &form, &ACCOUNT).await;
    // Nothing is ordered before the name, the id and the zone were seen and agreed to.
    let text = asked["message"].to_string();
    assert!(["Nama pemain", "1114917746", "13486", "Benar ini akunnya?"].iter().all(|w| text.contains(w)));
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]));
    let ways = world.press(SARI, &asked, "Benar, pilih cara bayar").await;
    let card = world.pick(SARI, &ways, "gopay_qr").await;
    let number = order_number(&card["message"]);

    let card = world.until_card(SARI, &number, "Pindai untuk membayar").await;
    let card = if card.picture().is_some() {
        card
    } else {
        world.until_seen(SARI, "the QR code", |shown| shown.says(&number) && shown.picture().is_some()).await
    };
    assert!(card.says("<t:") && card.has_button("Cek status") && card.has_button("Ganti metode"));
    assert!(card.says(&format!("{}/pay/", world.url(""))), "{}", card.text());
    let picture = world.http.get(card.picture().unwrap()).send().await.unwrap().bytes().await.unwrap();
    let scanned = payments::read_qr(&picture).expect("the picture is a QR code");
    let (status, answer) = world.simulate("pay", json!({"reference": scanned, "outcome": "settle"})).await;
    assert_eq!(status, 200, "{answer}");

    let card = world.until_card(SARI, &number, "Terkirim").await;
    let serial = world.serial(&number).await;
    assert!(card.says(&serial), "{}", card.text());
    assert_eq!(card.picture(), None, "nobody pays a second time with what is not there");
    let receipt = world.until_receipt(SARI, &number, &serial).await;
    assert_eq!(receipt.channel_kind(), DM);
    world.types(BUDI, "help", &[]).await;
    let told = world.sees(BUDI).await;
    assert!(told.iter().all(|shown| !shown.says(&number)), "another member sees nothing of it");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_well_ended(name).await;
}

#[tokio::test]
async fn a_member_buys_through_menus_and_gets_the_serial_number_on_sqlite() {
    menus_form_question_payment_delivery(Rows::Sqlite, "menus-sqlite").await;
}

#[tokio::test]
async fn a_member_buys_through_menus_and_gets_the_serial_number_on_postgres() {
    menus_form_question_payment_delivery(Rows::postgres().await, "menus-postgres").await;
}

async fn double_clicks(rows: Rows, name: &str) {
    let world = World::on_discord(rows).await;
    let options = [[("game", "ML"), ("product", "ML_86")], ACCOUNT].concat();
    let asked = world.types(SARI, "topup", &options).await;
    let agree = click(&asked["message"], "Benar, pilih cara bayar");
    let (ways, again) = tokio::join!(world.act(SARI, agree.clone()), world.act_raw(SARI, agree));
    assert_ne!(again["outcome"], "failed", "{again:#}");
    let pick = choice(&ways["message"], "gopay_qr");
    let (one, two, three) = tokio::join!(
        world.act_raw(SARI, pick.clone()),
        world.act_raw(SARI, pick.clone()),
        world.act_raw(SARI, pick)
    );
    for seen in [&one, &two, &three] {
        assert_ne!(seen["outcome"], "failed", "{seen:#}");
    }
    let orders = world.printed(&["order", "list", "--json"]).await;
    assert_eq!(orders.as_array().unwrap().len(), 1, "{orders:#}");
    let number = orders[0]["number"].as_str().unwrap().to_owned();
    world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.paid(&number).await;
    world.until_card(SARI, &number, "Terkirim").await;
    world.until_receipt(SARI, &number, "Terkirim").await;
    let about = |shown: &&super::client::Shown| !shown.ephemeral() && shown.says(&number);
    assert_eq!(world.sees(SARI).await.iter().filter(about).count(), 1, "one message about one order");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_well_ended(name).await;
}

#[tokio::test]
async fn whoever_clicks_twice_orders_once_on_sqlite() {
    double_clicks(Rows::Sqlite, "double-sqlite").await;
}

#[tokio::test]
async fn whoever_clicks_twice_orders_once_on_postgres() {
    double_clicks(Rows::postgres().await, "double-postgres").await;
}

#[tokio::test]
async fn the_way_to_pay_is_changed_on_the_card_and_the_old_picture_goes() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    let with_picture = |shown: &super::client::Shown| shown.says(&number) && shown.picture().is_some();
    let first = world.until_seen(SARI, "the first QR code", with_picture).await;
    let other = world.act(SARI, click(&first.0["message"], "Ganti metode")).await;
    world.pick(SARI, &other, "dana_qr").await;
    let changed = |shown: &super::client::Shown| {
        with_picture(shown) && shown.says("DANA") && shown.picture() != first.picture()
    };
    let second = world.until_seen(SARI, "the second QR code", changed).await;
    assert_eq!(second.id(), first.id(), "the same message");
    let read = async |shown: &super::client::Shown| {
        let picture = world.http.get(shown.picture().unwrap()).send().await.unwrap().bytes().await.unwrap();
        payments::read_qr(&picture).unwrap()
    };
    let (status, answer) = world.simulate("pay", json!({"reference": read(&second).await})).await;
    assert_eq!(status, 200, "{answer}");
    world.until_card(SARI, &number, "Terkirim").await;
    world.until_receipt(SARI, &number, "Terkirim").await;
    world.assert_well_ended("change").await;
}

#[tokio::test]
async fn a_member_cancels_after_being_asked_and_nothing_is_owed() {
    let world = World::on_discord(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    let card = world.until_card(SARI, &number, "Pindai untuk membayar").await;
    let question = world.act(SARI, click(&card.0["message"], "Batalkan")).await;
    assert_eq!(world.file(&number).await["state"], "awaiting_payment", "a question is no answer");
    world.press(SARI, &question, "Ya, batalkan").await;
    world.until_card(SARI, &number, "dibatalkan").await;
    world.until_state(&number, "cancelled").await;
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    world.assert_well_ended("cancel").await;
}

#[tokio::test]
async fn who_takes_no_direct_messages_gets_the_receipt_in_a_thread_of_their_own() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (status, _) = world.simulate("discord/users", json!({"id": SARI, "dms_open": false})).await;
    assert_eq!(status, 200);
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.paid(&number).await;
    world.until_card(SARI, &number, "Terkirim").await;
    let receipt = world.until_receipt(SARI, &number, "Terkirim").await;
    assert_eq!(receipt.channel_kind(), PRIVATE_THREAD);
    let serial = world.serial(&number).await;
    assert!(receipt.says(&serial) && receipt.says(&format!("<@{SARI}>")), "{}", receipt.text());
    // Another member of the guild does not see the thread.
    world.types(BUDI, "help", &[]).await;
    assert!(world.sees(BUDI).await.iter().all(|shown| !shown.says(&number)));
    // The second order goes into the same thread.
    let (second, _) = world.orders(SARI, "gopay_qr").await;
    world.until_card(SARI, &second, "Pindai untuk membayar").await;
    world.paid(&second).await;
    let again = world.until_receipt(SARI, &second, "Terkirim").await;
    assert_eq!(again.0["channel"]["id"], receipt.0["channel"]["id"]);
    world.assert_well_ended("closed-dms").await;
}

#[tokio::test]
async fn store_credit_history_and_prices_are_told_to_their_reader_alone() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (status, _) = world.simulate("discord/users", json!({"id": BUDI, "locale": "en-US"})).await;
    assert_eq!(status, 200);
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    let seen = world.types(SARI, "history", &[]).await;
    assert!(seen["message"].to_string().contains(&number), "{seen:#}");
    let none = world.types(BUDI, "history", &[]).await;
    assert!(!none["message"].to_string().contains(&number), "{none:#}");
    let saldo = world.types(BUDI, "saldo", &[]).await;
    assert!(saldo["message"].to_string().contains("Rp 0"), "{saldo:#}");
    let price = world.types(BUDI, "price", &[("game", "ff")]).await;
    assert!(price["message"].to_string().contains("Rp 10.000"), "{price:#}");
    let cek = world.types(BUDI, "cek", &[("game", "ML"), ("user_id", "100000404"), ("server", "1234")]).await;
    assert!(cek["message"].to_string().contains("There is no account"), "{cek:#}");
    let typing = json!({"autocomplete": {"name": "topup", "options": {"game": "mob"}, "focused": "game"}});
    let choices: Value = world.act(BUDI, typing).await["choices"].clone();
    assert!(choices.to_string().contains("Mobile Legends"), "{choices:#}");
    for seen in [&seen, &none, &saldo, &price, &cek] {
        assert_eq!(seen["ephemeral"], true);
    }
    world.assert_well_ended("looking").await;
}
