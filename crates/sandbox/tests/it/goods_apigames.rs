//! Apigames as a supplier: purchases, questions about them, its words, its callbacks.

use crate::support::{Answer, World, fields};
use serde_json::{Value, json};

const PURCHASE: &str = include_str!("../fixtures/apigames/purchase_request.json");
const PENDING: &str = include_str!("../fixtures/apigames/pending.json");
const BAD_SIGNATURE: &str = include_str!("../fixtures/apigames/bad_signature.json");
/// md5 of `loket:loket-sandbox:LK0123456789-F1`.
const SIGNATURE: &str = "3d122f3b6db60af1c2839d419ca135df";

async fn post(world: &World, path: &str, body: &Value) -> Answer {
    let request = world.request("POST", &format!("/sandbox/apigames/v2/transaksi{path}"));
    world.send(request.header("content-type", "application/json").body(body.to_string())).await
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn bought(world: &World) -> Value {
    let answer = post(world, "", &read(PURCHASE)).await.json();
    assert_eq!(answer["status"], 1, "{answer}");
    answer["data"].clone()
}

async fn status(world: &World) -> Value {
    let body = json!({"merchant_id": "loket", "ref_id": "LK0123456789-F1", "signature": SIGNATURE});
    post(world, "/status", &body).await.json()["data"].clone()
}

async fn seller(world: &World) -> Value {
    world.books().await["apigames"].clone()
}

#[tokio::test]
async fn the_purchase_of_the_contract_is_answered_as_there() {
    let (world, _folder) = World::start().await;
    let answer = post(&world, "", &read(PURCHASE)).await.json();
    assert_eq!(fields(&answer), fields(&read(PENDING)));
    assert_eq!(fields(&answer["data"]), fields(&read(PENDING)["data"]));
    assert_eq!(fields(&answer["data"]["product_detail"]), fields(&read(PENDING)["data"]["product_detail"]));
    let data = &answer["data"];
    assert_eq!((&data["status"], &data["ref_id"]), (&json!("Pending"), &json!("LK0123456789-F1")));
    assert_eq!(data["last_balance"], "99982000", "a text, after the purchase");
    let detail = &data["product_detail"];
    assert_eq!((&detail["price"], &detail["price_rp"]), (&json!(9_000), &json!(18_000)), "in its own unit");
    world.advance(2).await;
    let told = status(&world).await;
    assert_eq!(told["status"], "Sukses");
    assert!(told["sn"].as_str().unwrap().starts_with("SN"));
    // The same question in a query.
    let query = format!("merchant_id=loket&ref_id=LK0123456789-F1&signature={SIGNATURE}");
    let asked =
        world.send(world.request("GET", &format!("/sandbox/apigames/v2/transaksi/status?{query}"))).await;
    assert_eq!(asked.json()["data"], told);
}

#[tokio::test]
async fn what_is_refused_is_not_written_down() {
    let (world, _folder) = World::start().await;
    let with = |name: &str, value: &str| {
        let mut body = read(PURCHASE);
        body[name] = json!(value);
        body
    };
    assert_eq!(post(&world, "", &with("signature", "00")).await.json(), read(BAD_SIGNATURE));
    for (name, value) in
        [("merchant_id", "other"), ("produk", "nothing"), ("produk", "off"), ("tujuan", ""), ("ref_id", "")]
    {
        let answer = post(&world, "", &with(name, value)).await;
        assert_eq!((answer.http, &answer.json()["status"]), (200, &json!(0)), "{name} {value}");
    }
    let unknown = json!({"merchant_id": "loket", "ref_id": "LK0123456789-F1", "signature": SIGNATURE});
    assert_eq!(post(&world, "/status", &unknown).await.json()["status"], 0);
    assert_eq!(seller(&world).await["transactions"], json!([]));
}

#[tokio::test]
async fn scripts_decide_how_a_purchase_goes_and_a_failure_costs_a_fee() {
    for (outcome, first, last, charged, deliveries) in [
        ("success", "Sukses", "Sukses", 18_000, 1),
        ("fail", "Gagal", "Gagal", 50, 0),
        ("pending", "Proses", "Proses", 18_000, 0),
        ("pending_then_fail", "Pending", "Gagal", 50, 0),
        ("fail_then_success", "Gagal", "Sukses", 18_000, 1),
        ("partial", "Pending", "Sukses Sebagian", 18_000, 1),
        ("partial_then_success", "Sukses Sebagian", "Sukses", 18_000, 2),
        ("unclear_then_success", "Validasi Provider", "Sukses", 18_000, 1),
    ] {
        let (world, _folder) = World::start().await;
        world.script(json!({"target": "apigames", "outcome": outcome})).await;
        assert_eq!(bought(&world).await["status"], first, "{outcome}");
        world.advance(2).await;
        let told = status(&world).await;
        assert_eq!(told["status"], last, "{outcome}");
        assert_eq!(told["sn"].as_str().unwrap().is_empty(), deliveries == 0, "{outcome}");
        let books = seller(&world).await;
        let sold = &books["transactions"][0];
        assert_eq!(
            (&sold["charged"], &sold["deliveries"]),
            (&json!(charged), &json!(deliveries)),
            "{outcome}"
        );
        assert_eq!(books["deposit"], 100_000_000 - charged, "{outcome}");
    }
}

#[tokio::test]
async fn a_purchase_that_is_sent_twice_is_found_out() {
    let (world, _folder) = World::start().await;
    let (one, two) = (bought(&world).await, bought(&world).await);
    assert_ne!(one["trx_id"], two["trx_id"]);
    assert_eq!(status(&world).await["trx_id"], one["trx_id"], "a question is about the first");
    assert_eq!(seller(&world).await["transactions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn callbacks_tell_every_state_signed_over_the_reference_alone() {
    let (world, _folder) = World::start().await;
    bought(&world).await;
    world.advance(2).await;
    let hooks = world.hooks.wait(2).await;
    assert_eq!(
        (&hooks[0].json()["status"], &hooks[1].json()["status"]),
        (&json!("Pending"), &json!("Sukses"))
    );
    for hook in &hooks {
        assert_eq!(hook.path, "/webhooks/apigames");
        assert_eq!(hook.header("x-apigames-authorization"), Some(SIGNATURE), "the same for every word");
        assert_eq!(fields(&hook.json()), fields(&read(PENDING)["data"]), "flat");
    }
    for fault in ["forge_signature", "missing_signature"] {
        world.fault("apigames", fault, 1).await;
        let before = world.hooks.got().len();
        world.script(json!({"target": "apigames", "outcome": "success"})).await;
        bought(&world).await;
        let got = world.hooks.wait(before + 1).await;
        let sign = got.last().and_then(|hook| hook.header("x-apigames-authorization"));
        assert_eq!(sign.is_some(), fault == "forge_signature");
        assert_ne!(sign, Some(SIGNATURE));
    }
}
