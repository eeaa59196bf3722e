//! VIP Reseller and Apigames: whole purchases by suppliers that buy again when they are sent again. They are sent
//! once and asked; what they send us is a reason to ask, and nothing else (`contracts/suppliers.md` §2.1, §2.2).

use super::in_time;
use crate::{
    hands::{nap, patience, sum},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(super) const VIP: &str = "vip-reseller";
pub(super) const APIGAMES: &str = "apigames";

/// A shop whose 86 diamonds are bought from this supplier, which knows the shop's address.
pub(super) async fn shop_of(party: &str, rows: Rows) -> World {
    let mut world = World::announced(rows).await;
    let base = world.simulators.base().to_owned();
    world.configure("LOKET_VIP_RESELLER__BASE_URL", &format!("{base}/sandbox/vip-reseller/api"));
    world.configure("LOKET_APIGAMES__BASE_URL", &format!("{base}/sandbox/apigames"));
    world.open_shop(&[]).await.unwrap();
    let theirs = format!("{party},ml86,{{user_id}}|{{zone_id}}");
    world.change_catalog("digiflazz,ml86,{user_id}{zone_id}", &theirs).await;
    world
}

/// A paid order, with the supplier's course scripted.
pub(super) async fn bought(world: &World, party: &str, outcome: &str, more: Value) -> String {
    let mut body = json!({"target": party, "outcome": outcome});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, answer) = world.simulate("supplier", body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    paid(world, "one").await
}

async fn paid(world: &World, key: &str) -> String {
    let number = world.placed(key, json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    number
}

/// How often goods were bought from the supplier and delivered, by its own books, and how often it was sent an order.
async fn sold(world: &World, party: &str) -> (usize, i64, usize) {
    let books = world.books("").await;
    let all = books[party]["transactions"].as_array().unwrap();
    let delivered = all.iter().map(|sold| sold["deliveries"].as_i64().unwrap()).sum();
    (all.len(), delivered, sent(world, party).await)
}

async fn sent(world: &World, party: &str) -> usize {
    match party {
        VIP => world.requests(VIP, "/game-feature", "type=order").await.len(),
        _ => {
            let asked = world.requests(APIGAMES, "/v2/transaksi", "produk").await;
            asked.iter().filter(|r| !r["path"].as_str().unwrap().contains("status")).count()
        }
    }
}

/// The operation by which each takes an order.
fn order(party: &str) -> &'static str {
    if party == VIP { "order" } else { "transaksi" }
}

/// A callback as the supplier would sign it, or with another signature.
async fn callback(world: &World, party: &str, body: &str, signature: &str) -> StatusCode {
    let header = if party == VIP { "X-Client-Signature" } else { "X-Apigames-Authorization" };
    let request = world.http.post(world.url(&format!("/webhooks/{party}"))).header(header, signature);
    let request = request.header("Content-Type", "application/json").body(body.to_owned());
    request.send().await.unwrap().status()
}

fn signature(party: &str, reference: &str) -> String {
    let signed = if party == VIP {
        "loketloket-sandbox".to_owned()
    } else {
        format!("loket:loket-sandbox:{reference}")
    };
    sum("md5sum", signed.as_bytes())
}

#[tokio::test]
async fn a_purchase_from_vip_reseller_is_delivered_once_on_sqlite() {
    delivered_once(VIP, Rows::Sqlite).await;
}

#[tokio::test]
async fn a_purchase_from_vip_reseller_is_delivered_once_on_postgres() {
    delivered_once(VIP, Rows::postgres().await).await;
}

#[tokio::test]
async fn a_purchase_from_apigames_is_delivered_once_on_sqlite() {
    delivered_once(APIGAMES, Rows::Sqlite).await;
}

#[tokio::test]
async fn a_purchase_from_apigames_is_delivered_once_on_postgres() {
    delivered_once(APIGAMES, Rows::postgres().await).await;
}

async fn delivered_once(party: &str, rows: Rows) {
    let world = shop_of(party, rows).await;
    let number = bought(&world, party, "pending_then_success", json!({"sn": "SN-42"})).await;
    world.until_attempt(&number, "pending").await;
    // Ten seconds after the answer a callback is worth a question; by ourselves we ask after a minute.
    let delivered = in_time(&world, &number, "delivered", 12).await;
    assert_eq!(delivered["serial_number"], "SN-42");
    assert_eq!(sold(&world, party).await, (1, 1, 1));
    let attempt = &world.file(&number).await["attempts"][0];
    assert_eq!((&attempt["supplier"], &attempt["price"]), (&json!(party), &json!(18_000)));
    assert_eq!(attempt["customer_no"], "1114917746|13486");
    let asked = &world.books("").await[party]["transactions"][0];
    assert_eq!((&asked["account"], &asked["zone"]), (&json!("1114917746"), &json!("13486")));
    world.assert_proofs().await;
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test]
async fn what_vip_reseller_signs_each_callback_with_lies_in_no_file_of_the_shop() {
    let world = shop_of(VIP, Rows::Sqlite).await;
    let number = bought(&world, VIP, "pending_then_success", json!({"sn": "SN-42"})).await;
    world.until_attempt(&number, "pending").await;
    // The callback is verified once more from its row: by ourselves we ask after a minute.
    in_time(&world, &number, "delivered", 12).await;
    let secret = signature(VIP, "");
    let mut looked = 0;
    for entry in std::fs::read_dir(world.shop_folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            looked += bytes.len();
            let lies_open = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!lies_open, "{} has what every call of ours is signed with", path.display());
        }
    }
    assert!(looked > 100_000, "only {looked} bytes were looked at");
    let evidence = world.printed(&["order", "evidence", &number, "--json"]).await;
    let headers: Vec<&Value> = evidence["webhooks"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|w| w["headers"].as_array().unwrap())
        .collect();
    let shown = headers.iter().find(|header| header[0] == "x-client-signature").unwrap();
    assert!(shown[1].as_str().unwrap().starts_with("sha256:"), "{headers:#?}");
}

#[tokio::test]
async fn a_purchase_whose_callback_is_lost_is_found_by_asking() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        world.fault(party, "drop_webhook", json!({"count": 1_000})).await;
        let number = bought(&world, party, "pending_then_success", json!({})).await;
        world.until_attempt(&number, "pending").await;
        world.advance(45).await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling", "asked within a minute");
        in_time(&world, &number, "delivered", 30).await;
        assert_eq!(sold(&world, party).await, (1, 1, 1));
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_failed_purchase_is_refunded_at_once_or_when_it_fails() {
    for party in [VIP, APIGAMES] {
        for outcome in ["fail", "pending_then_fail"] {
            let world = shop_of(party, Rows::Sqlite).await;
            let number = bought(&world, party, outcome, json!({"sn": "Zone tujuan salah."})).await;
            in_time(&world, &number, "refunded", 15).await;
            assert_eq!(world.wallet_change(&number).await, 20_000);
            assert_eq!(sold(&world, party).await, (1, 0, 1));
            world.assert_proofs().await;
        }
    }
}

#[tokio::test]
async fn a_purchase_whose_answer_is_lost_is_found_and_never_sent_again_on_sqlite() {
    for party in [VIP, APIGAMES] {
        answer_lost(party, Rows::Sqlite).await;
    }
}

#[tokio::test]
async fn a_purchase_whose_answer_is_lost_is_found_and_never_sent_again_on_postgres() {
    for party in [VIP, APIGAMES] {
        answer_lost(party, Rows::postgres().await).await;
    }
}

async fn answer_lost(party: &str, rows: Rows) {
    let world = shop_of(party, rows).await;
    // An earlier purchase for the same account is not taken for this one.
    let earlier = bought(&world, party, "success", json!({"sn": "SN-OLD"})).await;
    in_time(&world, &earlier, "delivered", 12).await;
    let fault = json!({"operation": order(party), "delay_ms": 20_000});
    world.fault(party, "timeout_after_effect", fault).await;
    world.fault(party, "drop_webhook", json!({"count": 1_000})).await;
    let number = paid(&world, "two").await;
    let started = Instant::now();
    while sent(&world, party).await < 2 {
        patience(started, "the order");
        nap().await;
    }
    assert_eq!(world.file(&number).await["attempts"][0]["state"], "sent");
    let delivered = in_time(&world, &number, "delivered", 40).await;
    assert_ne!(delivered["serial_number"], "SN-OLD");
    assert_eq!(sold(&world, party).await, (2, 2, 2));
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_purchase_that_never_arrived_is_for_a_person_and_is_not_sent_again() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        world.fault(party, "error_500", json!({"operation": order(party)})).await;
        let number = paid(&world, "one").await;
        world.until_attempt(&number, "unknown").await;
        in_time(&world, &number, "needs_attention", 150).await;
        assert_eq!(sold(&world, party).await, (0, 0, 1));
        let (code, text) = world.command(&["order", "retry", &number]).await;
        assert_ne!(code, Some(0), "it may have arrived: {text}");
        world.staff("refund", &number).await;
        world.until(&number, "refunded").await;
        assert_eq!(world.wallet_change(&number).await, 20_000);
        assert_eq!(sold(&world, party).await, (0, 0, 1));
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_purchase_that_cannot_be_told_from_another_stays_unknown_for_a_person() {
    let world = shop_of(VIP, Rows::Sqlite).await;
    world.fault(VIP, "garbage", json!({"operation": "order"})).await;
    world.fault(VIP, "drop_webhook", json!({"count": 1_000})).await;
    let number = bought(&world, VIP, "pending", json!({})).await;
    world.until_attempt(&number, "unknown").await;
    // Somebody buys the same for the same account by hand, in the member area.
    let key = "key=loket-sandbox&sign=8179e4bb934000b48ab4cdc3504792f9";
    let body = format!("{key}&type=order&service=ml86&data_no=1114917746&data_zone=13486");
    let url = format!("{}/sandbox/vip-reseller/api/game-feature", world.simulators.base());
    let form = "application/x-www-form-urlencoded";
    let answer = world.http.post(url).header("Content-Type", form).body(body).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("\"result\":true"));
    in_time(&world, &number, "needs_attention", 70).await;
    let file = world.file(&number).await;
    assert_eq!(
        (&file["attention"], &file["attempts"][0]["state"]),
        (&json!("supplier_odd"), &json!("unknown"))
    );
    assert_eq!(file["serial_number"], Value::Null, "nobody is told of what may be another's");
    world.assert_proofs().await;
}

#[tokio::test]
async fn two_orders_for_one_account_that_lost_their_answers_are_never_mixed_up() {
    let world = shop_of(VIP, Rows::Sqlite).await;
    world.fault(VIP, "drop_webhook", json!({"count": 1_000})).await;
    // Of the first nothing arrives, of the second the answer is lost: one purchase, which may be either's.
    world.fault(VIP, "error_500", json!({"operation": "order"})).await;
    let first = paid(&world, "one").await;
    world.until_attempt(&first, "unknown").await;
    world.fault(VIP, "garbage", json!({"operation": "order"})).await;
    let second = paid(&world, "two").await;
    world.until_attempt(&second, "unknown").await;
    for number in [&first, &second] {
        in_time(&world, number, "needs_attention", 70).await;
        assert_eq!(world.file(number).await["attempts"][0]["state"], "unknown");
    }
    assert_eq!(sold(&world, VIP).await, (1, 1, 2));
    world.assert_proofs().await;
}

#[tokio::test]
async fn no_order_is_sent_while_the_supplier_answers_no_question() {
    let world = shop_of(VIP, Rows::Sqlite).await;
    world.fault(VIP, "error_500", json!({"operation": "status", "count": 2})).await;
    let number = paid(&world, "one").await;
    let started = Instant::now();
    while world.requests(VIP, "/game-feature", "type=status").await.is_empty() {
        patience(started, "the look before");
        nap().await;
    }
    assert_eq!(
        (sold(&world, VIP).await, world.file(&number).await["attempts"][0]["state"].clone()),
        ((0, 0, 0), json!("intended"))
    );
    in_time(&world, &number, "delivered", 25).await;
    assert_eq!(sold(&world, VIP).await, (1, 1, 1));
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_callback_is_only_a_reason_to_ask() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        let number = bought(&world, party, "pending", json!({})).await;
        world.until_attempt(&number, "pending").await;
        let reference = format!("{number}-F1");
        let id = world.books("").await[party]["transactions"][0]["id"].as_str().unwrap().to_owned();
        let lie = if party == VIP {
            json!({"data": {"trxid": id, "status": "success", "note": "FORGED"}})
        } else {
            json!({"ref_id": reference, "status": "Sukses", "sn": "FORGED"})
        };
        let (lie, signed) = (lie.to_string(), signature(party, &reference));
        let other = sum("md5sum", b"loket:loket-sandbox:LK0000000000-F1");
        for wrong in ["", "0", &signed[..31], &other] {
            assert_eq!(callback(&world, party, &lie, wrong).await, StatusCode::UNAUTHORIZED, "{wrong}");
        }
        world.advance(12).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let questions = |asked: Vec<Value>| asked.len();
        let status = if party == VIP { ("/game-feature", "trxid") } else { ("/status", reference.as_str()) };
        let before = questions(world.requests(party, status.0, status.1).await);
        // Everybody who saw one request of ours can sign this.
        assert_eq!(callback(&world, party, &lie, &signed).await, StatusCode::OK);
        let started = Instant::now();
        while questions(world.requests(party, status.0, status.1).await) <= before {
            patience(started, "the question");
            nap().await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let order = world.order(&number).await.unwrap();
        assert_eq!((&order["state"], &order["serial_number"]), (&json!("fulfilling"), &Value::Null));
        assert_eq!(world.file(&number).await["attempts"][0]["state"], "pending");
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_word_that_no_document_has_is_pending_and_a_person_sees_it() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        let number = bought(&world, party, "pending_then_success", json!({})).await;
        world.until_attempt(&number, "pending").await;
        world.fault(party, "unknown_status", json!({"operation": "status"})).await;
        let word = if party == VIP { "partial" } else { "Diteruskan" };
        let started = Instant::now();
        while !world.alert("unknown_word", &format!("{party}:{word}")).await {
            patience(started, "the alert");
            world.advance(12).await.unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        in_time(&world, &number, "delivered", 61).await;
        assert_eq!(sold(&world, party).await, (1, 1, 1));
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_refusal_calls_a_person_and_a_retry_buys_once() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        let drained = json!({"target": party, "add": -100_000_000});
        assert_eq!(world.simulate("deposit", drained).await.0, StatusCode::OK);
        let number = paid(&world, "one").await;
        world.until(&number, "needs_attention").await;
        // Of the two only VIP Reseller is known to say that the deposit is empty.
        let why = if party == VIP { "waits_for_supplier" } else { "supplier_refuses_us" };
        assert_eq!(world.file(&number).await["attention"], why);
        assert_eq!(world.wallet_change(&number).await, 0);
        assert_eq!(
            world.simulate("deposit", json!({"target": party, "add": 1_000_000})).await.0,
            StatusCode::OK
        );
        world.staff("retry", &number).await;
        in_time(&world, &number, "delivered", 15).await;
        assert_eq!(sold(&world, party).await, (1, 1, 2));
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn what_failed_and_is_delivered_after_all_is_a_loss_that_a_callback_brings_to_light() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        let number = bought(&world, party, "fail_then_success", json!({"then_after_ms": 60_000})).await;
        world.until(&number, "refunded").await;
        world.advance(70).await.unwrap();
        let started = Instant::now();
        while !world.alert("late_delivery", &number).await {
            patience(started, "the alert");
            nap().await;
        }
        assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
        assert_eq!(world.file(&number).await["attempts"][0]["state"], "succeeded");
        assert_eq!(world.wallet_change(&number).await, 20_000);
        world.assert_proofs().await;
    }
}
