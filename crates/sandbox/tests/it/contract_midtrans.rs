//! The examples of the contract that the adapter is held against, too, taken and given by the
//! simulator (`contracts/payments.md` §1.3, §1.7, §1.8). Each fixture here has a twin of the same bytes
//! beside the adapter's tests. The vectors are beside the code that signs and seals.

use crate::support::{World, fields, signature_key};
use serde_json::{Value, json};
use testkit::TempFolder;
use vocabulary::{Clock, Timestamp};

const REQUEST: &str = include_str!("../fixtures/midtrans/gopay_charge_request.json");
const CREATED: &str = include_str!("../fixtures/midtrans/gopay_charge_response.json");
const SETTLED: &str = include_str!("../fixtures/midtrans/settlement_notification.json");
/// What stands in the examples for ids that the simulator draws.
const ID: &str = "231c79c5-e39e-4993-86da-cadcaee56c1d";
const PICTURE_ID: &str = "A1231c79c5-e39e-4993-86da-cadcaee56c1dID";
const TREF: &str = "1509110800474199656LMVO";
const MERCHANT: &str = "G141532850";

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A world in which it is this time in WIB.
async fn world_at(time: &str) -> (World, TempFolder) {
    let folder = TempFolder::new("sandbox");
    let start = Timestamp::parse_wib(time).unwrap();
    let world = World::on(&folder, |s| s.clock = Clock::manual(start)).await;
    (world, folder)
}

#[tokio::test]
async fn the_charge_of_the_contract_is_accepted_as_it_is() {
    let (world, _folder) = world_at("2016-12-07 11:54:12").await;
    world.fault("midtrans", "app_deep_link", 1).await;
    let answer = world.midtrans("POST", "/v2/charge", Some(read(REQUEST))).await;
    assert_eq!(answer.http, 200);
    let answer = answer.json();
    assert_eq!((&answer["status_code"], &answer["order_id"]), (&json!("201"), &json!("order03")));
    assert_eq!(answer["gross_amount"], "275000.00", "an integer in the request, a text in the answer");
    assert_eq!(answer["expiry_time"], "2016-12-07 12:54:12", "an hour after order_time");
    let link = answer["actions"][2]["url"].as_str().unwrap();
    assert!(link.ends_with("&callback_url=https%3A%2F%2Fshop.example%2Fback%3Forder_id%3Dorder03"), "{link}");
}

#[tokio::test]
async fn the_charge_is_answered_as_in_the_contract() {
    let (world, _folder) = world_at("2017-10-04 12:00:00").await;
    let mut asked = read(REQUEST);
    asked["transaction_details"] = json!({"order_id": "LK0123456789-P1", "gross_amount": 10_000});
    asked["item_details"][0]["price"] = json!(10_000);
    asked.as_object_mut().unwrap().remove("custom_expiry");
    world.fault("midtrans", "app_deep_link", 1).await;
    let mut answer = world.midtrans("POST", "/v2/charge", Some(asked)).await.json();
    let expiry = answer.as_object_mut().unwrap().remove("expiry_time").unwrap();
    assert_eq!(expiry, "2017-10-04 12:15:00", "which the example lacks, and which there is in practice");
    let id = answer["transaction_id"].as_str().unwrap().to_owned();
    let picture = answer["actions"][1]["url"].as_str().unwrap();
    let picture_id = picture.strip_suffix("/qr-code").and_then(|url| url.rsplit('/').next()).unwrap();
    assert!(picture_id.starts_with("A1") && picture_id.ends_with("ID"), "{picture_id}");
    let example = CREATED
        .replace("$BASE", &format!("{}/sandbox/midtrans", world.base))
        .replace(PICTURE_ID, picture_id)
        .replace(ID, &id)
        .replace(TREF, &id);
    assert_eq!(answer, read(&example));
}

#[tokio::test]
async fn a_settlement_is_told_as_in_the_contract_byte_for_byte() {
    let (world, _folder) = world_at("2026-11-22 12:00:00").await;
    let charge = world.charge("order03", 275_000).await;
    world.pay("order03", "settle").await;
    let hooks = world.hooks.wait(2).await;
    let (pending, settled) = (hooks[0].json(), hooks[1].json());
    assert_eq!((&pending["status_code"], &pending["transaction_status"]), (&json!("201"), &json!("pending")));
    let example = SETTLED
        .trim_end()
        .replace(ID, charge["transaction_id"].as_str().unwrap())
        .replace(MERCHANT, "G000000001")
        .replace("$SIGNATURE", &signature_key(&settled));
    assert_eq!(hooks[1].raw, example);
    assert_eq!(hooks[1].path, "/webhooks/midtrans");
    assert!(hooks[1].header("user-agent").unwrap().contains("Veritrans"));
    assert_eq!(hooks[1].header("content-type"), Some("application/json"));
    let without = |name: &str| fields(&settled).into_iter().filter(|field| field != name).collect::<Vec<_>>();
    assert_eq!(fields(&pending), without("payment_option_type"), "nobody has paid with anything yet");
}

#[tokio::test]
async fn every_notification_has_the_code_of_its_state() {
    let (world, _folder) = World::start().await;
    for (order_id, outcome, code, status) in [
        ("A", "settle", "200", "settlement"),
        ("B", "deny", "202", "deny"),
        ("C", "expire", "202", "expire"),
        ("D", "cancel", "202", "cancel"),
    ] {
        let before = world.hooks.got().len();
        world.charge(order_id, 20_000).await;
        if outcome == "cancel" {
            world.midtrans("POST", "/v2/D/cancel", Some(json!({}))).await;
        } else {
            world.pay(order_id, outcome).await;
        }
        let hooks = world.hooks.wait(before + 2).await;
        let told: Vec<Value> = hooks[before..].iter().map(|hook| hook.json()).collect();
        let pair = |hook: &Value| (hook["status_code"].clone(), hook["transaction_status"].clone());
        assert_eq!(pair(&told[0]), (json!("201"), json!("pending")));
        assert_eq!(pair(&told[1]), (json!(code), json!(status)));
        assert_eq!(told[1]["signature_key"], signature_key(&told[1]));
    }
}
