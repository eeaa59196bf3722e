//! OVO by Core: the charge, the 55 and 65 seconds, what OVO refuses, and refunds.

use crate::support::{Answer, World, fields, gopay, ovo, signature_key};
use serde_json::{Value, json};
use testkit::TempFolder;
use vocabulary::{Clock, Timestamp};

const PHONE: &str = "081111111111";

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn charge(world: &World, body: Value) -> Answer {
    world.midtrans("POST", "/v2/charge", Some(body)).await
}

async fn push(world: &World, order_id: &str, phone: &str) -> Value {
    let answer = charge(world, ovo(order_id, 20_000, phone)).await.json();
    assert_eq!(answer["status_code"], "201", "{answer}");
    answer
}

#[tokio::test]
async fn the_contracts_ovo_example_is_answered_in_its_shape() {
    let folder = TempFolder::new("sandbox");
    let start = Timestamp::parse_wib("2025-11-12 14:26:53").unwrap();
    let world = World::on(&folder, |s| s.clock = Clock::manual(start)).await;
    let answer = charge(&world, fixture(include_str!("../fixtures/midtrans_ovo_charge.json"))).await.json();
    let expected = fixture(include_str!("../fixtures/midtrans_ovo_answer.json"));
    assert_eq!(fields(&answer), fields(&expected));
    for name in fields(&expected) {
        if !expected[&name].as_str().unwrap().starts_with('<') {
            assert_eq!(answer[&name], expected[&name], "{name}");
        }
    }
    let pending = world.hooks.wait(1).await[0].json();
    assert_eq!((&pending["payment_type"], &pending["status_code"]), (&json!("ovo"), &json!("201")));
    assert_eq!(pending["signature_key"], signature_key(&pending));
    assert!(pending.get("payment_option_type").is_none());
}

#[tokio::test]
async fn a_number_that_nobody_has_makes_no_transaction() {
    let (world, _folder) = World::start().await;
    let expected = fixture(include_str!("../fixtures/midtrans_ovo_unknown_user.json"));
    let answer = charge(&world, ovo("LK0123456789-P1", 20_000, "081234567404")).await;
    let body = answer.json();
    assert_eq!((answer.http, fields(&body)), (200, fields(&expected)));
    for name in ["status_code", "status_message"] {
        assert_eq!(body[name], expected[name]);
    }
    assert_eq!(world.status("LK0123456789-P1").await["status_code"], "404");
    assert!(world.hooks.settle().await.is_empty());
    push(&world, "LK0123456789-P1", PHONE).await;
}

#[tokio::test]
async fn what_ovo_does_not_take_is_refused_by_its_code() {
    let (world, _folder) = World::start().await;
    let with = |phone: Value| {
        let mut body = ovo("a", 20_000, PHONE);
        body["ovo"]["payer_phone_number"] = phone;
        body
    };
    let mut without = ovo("a", 20_000, PHONE);
    without.as_object_mut().unwrap().remove("ovo");
    let mut expiring = ovo("a", 20_000, PHONE);
    expiring["custom_expiry"] = json!({"expiry_duration": 60, "unit": "minute"});
    for (body, code) in [
        (without, "400"),
        (with(Value::Null), "400"),
        (with(json!("")), "400"),
        (with(json!("6281111111111")), "400"),
        (with(json!("+6281111111111")), "400"),
        (with(json!("08111-11111")), "400"),
        (with(json!("0811111")), "400"),
        (with(json!("0".repeat(60_000))), "400"),
        (with(json!("08' OR 1=1--")), "400"),
        (with(json!(81_111_111_111_i64)), "408"),
        (with(json!(["081111111111"])), "408"),
        (ovo("a", 100_000_000, PHONE), "400"),
        (ovo("a", 0, PHONE), "400"),
        (expiring, "400"),
        (json!({"payment_type": "dana", "transaction_details": {"order_id": "a", "gross_amount": 1}}), "402"),
    ] {
        let answer = charge(&world, body.clone()).await.json();
        assert_eq!(answer["status_code"], code, "{}", body.to_string().get(..200).unwrap_or_default());
    }
    assert!(world.books().await["midtrans"]["transactions"].as_array().unwrap().is_empty());
    assert_eq!(charge(&world, ovo("a", 99_999_999, PHONE)).await.json()["status_code"], "201");
}

#[tokio::test]
async fn an_order_id_is_pushed_once() {
    let (world, _folder) = World::start().await;
    push(&world, "LK0123456789-P1", PHONE).await;
    for body in [ovo("LK0123456789-P1", 20_000, PHONE), gopay("LK0123456789-P1", 20_000)] {
        assert_eq!(charge(&world, body).await.json()["status_code"], "406");
    }
    assert_eq!(world.books().await["midtrans"]["transactions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_buyer_has_55_seconds_and_the_transaction_65() {
    let folder = TempFolder::new("sandbox");
    let start = Timestamp::parse_wib("2025-11-12 14:26:53").unwrap();
    let world = World::on(&folder, |s| s.clock = Clock::manual(start)).await;
    push(&world, "LK0123456789-P1", PHONE).await;
    push(&world, "LK0123456789-P2", PHONE).await;
    world.advance(54).await;
    assert_eq!(world.pay("LK0123456789-P1", "settle").await.http, 200);
    world.advance(1).await;
    for outcome in ["settle", "deny"] {
        let late = world.pay("LK0123456789-P2", outcome).await;
        assert_eq!(late.http, 409, "{}", late.text);
        assert!(late.text.contains("55 s"), "{}", late.text);
    }
    assert_eq!(world.status("LK0123456789-P2").await["transaction_status"], "pending");
    world.advance(9).await;
    assert_eq!(world.status("LK0123456789-P2").await["transaction_status"], "pending");
    world.advance(1).await;
    let over = world.status("LK0123456789-P2").await;
    assert_eq!((&over["status_code"], &over["transaction_status"]), (&json!("407"), &json!("expire")));
    let hooks = world.hooks.wait(4).await;
    let expired = hooks.iter().map(|h| h.json()).find(|h| h["transaction_status"] == "expire").unwrap();
    assert_eq!((&expired["order_id"], &expired["status_code"]), (&json!("LK0123456789-P2"), &json!("202")));
    let late = json!({"reference": "LK0123456789-P2", "outcome": "settle", "late": true});
    assert_eq!(world.control("/sandbox/pay", late).await.http, 200, "OVO may book it all the same");
}

#[tokio::test]
async fn the_buyer_accepts_declines_or_lets_the_time_pass() {
    let (world, _folder) = World::start().await;
    for (order_id, outcome, code, status) in [
        ("LK0123456781-P1", "settle", "200", "settlement"),
        ("LK0123456782-P1", "deny", "202", "deny"),
        ("LK0123456783-P1", "expire", "407", "expire"),
    ] {
        push(&world, order_id, PHONE).await;
        let number = order_id.split('-').next().unwrap();
        assert_eq!(world.pay(number, outcome).await.http, 200);
        let told = world.status(order_id).await;
        assert_eq!((&told["status_code"], &told["transaction_status"]), (&json!(code), &json!(status)));
        assert_eq!((&told["payment_type"], &told["fraud_status"]), (&json!("ovo"), &json!("accept")));
    }
}

#[tokio::test]
async fn a_push_can_be_called_off_while_it_waits() {
    let (world, _folder) = World::start().await;
    for (order_id, verb, code, status) in
        [("LK0123456789-P1", "cancel", "200", "cancel"), ("LK0123456789-P2", "expire", "407", "expire")]
    {
        push(&world, order_id, PHONE).await;
        let path = format!("/v2/{order_id}/{verb}");
        let answer = world.midtrans("POST", &path, Some(json!({}))).await.json();
        assert_eq!((&answer["status_code"], &answer["transaction_status"]), (&json!(code), &json!(status)));
        assert_eq!(world.midtrans("POST", &path, None).await.json()["status_code"], "412");
        assert_eq!(world.pay(order_id, "settle").await.http, 409);
    }
}

#[tokio::test]
async fn two_pushes_to_one_phone_both_wait_unless_ovo_takes_one_at_a_time() {
    let (world, _folder) = World::start().await;
    push(&world, "LK0123456781-P1", PHONE).await;
    push(&world, "LK0123456782-P1", PHONE).await;
    for order_id in ["LK0123456781-P1", "LK0123456782-P1"] {
        assert_eq!(world.pay(order_id, "settle").await.http, 200);
    }
    world.fault("midtrans", "single_push", 2).await;
    push(&world, "LK0123456783-P1", PHONE).await;
    push(&world, "LK0123456784-P1", "081222222222").await;
    push(&world, "LK0123456785-P1", PHONE).await;
    for (order_id, status) in
        [("LK0123456783-P1", "pending"), ("LK0123456784-P1", "pending"), ("LK0123456785-P1", "deny")]
    {
        assert_eq!(world.status(order_id).await["transaction_status"], status, "{order_id}");
    }
    world.advance(56).await;
    push(&world, "LK0123456786-P1", PHONE).await;
    assert_eq!(world.status("LK0123456786-P1").await["transaction_status"], "pending", "the phone is free");
}

#[tokio::test]
async fn ovo_is_given_back_in_full_and_within_seven_days() {
    let (world, _folder) = World::start().await;
    for order_id in ["LK0123456789-P1", "LK0123456789-P2"] {
        push(&world, order_id, PHONE).await;
        world.pay(order_id, "settle").await;
    }
    let refund = async |order_id: &str, body: Value| {
        world.midtrans("POST", &format!("/v2/{order_id}/refund"), Some(body)).await.json()
    };
    let part = refund("LK0123456789-P1", json!({"refund_key": "R1", "amount": 5_000})).await;
    assert_eq!(part["status_code"], "414", "{part}");
    let full = json!({"refund_key": "R1", "amount": 20_000});
    let whole = refund("LK0123456789-P1", full.clone()).await;
    assert_eq!((&whole["status_code"], &whole["transaction_status"]), (&json!("200"), &json!("refund")));
    assert_eq!(whole["payer_phone_number"], PHONE);
    assert!(whole["merchant_invoice"].as_str().is_some_and(|invoice| !invoice.is_empty()));
    assert_eq!(refund("LK0123456789-P1", full).await, whole, "the same key is a retry");
    world.hooks.wait(6).await;
    world.advance(7 * 86_400 + 1).await;
    assert_eq!(refund("LK0123456789-P2", json!({"refund_key": "R1"})).await["status_code"], "412");
}

#[tokio::test]
async fn the_phone_shows_the_push_and_has_two_buttons() {
    let (world, _folder) = World::start().await;
    let path = push(&world, "LK0123456789-P1", PHONE).await["transaction_id"]
        .as_str()
        .map(|id| format!("/sandbox/wallet/{id}"))
        .unwrap();
    let inbox = world.send(world.request("GET", "/sandbox/wallet")).await;
    assert!(inbox.text.contains(&path) && inbox.text.contains("OVO · Rp 20.000"), "{}", inbox.text);
    let page = world.send(world.request("GET", &path)).await;
    for word in ["Simulator — bukan OVO sungguhan", PHONE, "Rp 20.000", "role=\"timer\"", "Bayar", "Tolak"]
    {
        assert!(page.text.contains(word), "{word} is missing");
    }
    assert!(page.text.contains("http-equiv=\"refresh\" content=\"5\""), "the time runs");
    world.advance(56).await;
    let page = world.send(world.request("GET", &path)).await;
    assert!(page.text.contains("sudah habis") && !page.text.contains("<button"), "{}", page.text);
    let late = world.send(world.request("POST", &format!("{path}/pay"))).await;
    assert_eq!((late.http, late.headers["location"].to_str().unwrap()), (303, path.as_str()));
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "pending");
    let inbox = world.send(world.request("GET", "/sandbox/wallet")).await;
    assert!(inbox.text.contains("Tidak ada pembayaran yang menunggu"));
}

#[tokio::test]
async fn the_books_show_the_phone_and_nothing_to_scan() {
    let (world, _folder) = World::start().await;
    let id = push(&world, "LK0123456789-P1", PHONE).await["transaction_id"].clone();
    let shown = world.books().await["midtrans"]["transactions"][0].clone();
    assert_eq!((&shown["payer_phone_number"], &shown["qr_string"]), (&json!(PHONE), &Value::Null));
    let picture = format!("/sandbox/midtrans/v2/gopay/{}/qr-code", id.as_str().unwrap());
    assert_eq!(world.send(world.request("GET", &picture)).await.http, 404);
}
