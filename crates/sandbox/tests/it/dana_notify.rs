//! The finish notify: what it says, where it goes, how it is signed, when it counts as received.

use crate::support::{Hook, World, eventually, fields};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Whether the gateway signed this notification as the contract says.
fn is_signed(world: &World, hook: &Hook) -> bool {
    let hash = hex::encode(Sha256::digest(&hook.raw));
    let time = hook.header("x-timestamp").unwrap();
    let text = format!("POST:/v1.0/debit/notify:{hash}:{time}");
    hook.header("x-signature").is_some_and(|signature| world.is_gateways(&text, signature))
}

async fn delivery(world: &World) -> Value {
    world.books().await["dana"]["webhooks"][0].clone()
}

#[tokio::test]
async fn a_payment_is_told_as_in_the_contract_and_signed() {
    let (world, _folder) = World::start().await;
    let created =
        world.ordered(&world.order_by("ORD-0001", 25_000, "NETWORK_PAY", "NETWORK_PAY_PG_OVO")).await;
    assert!(world.hooks.settle().await.is_empty(), "an order that waits is not told");
    world.pay("ORD-0001", "settle").await;
    let hook = world.hooks.wait(1).await.remove(0);
    assert_eq!(hook.path, "/v1.0/debit/notify", "the address of the order");
    assert!(is_signed(&world, &hook));
    assert_eq!(hook.header("content-type"), Some("application/json"));
    let vectors: Value = serde_json::from_str(include_str!("../fixtures/dana.json")).unwrap();
    let example: Value =
        serde_json::from_str(vectors["dana_finish_notify"]["body"].as_str().unwrap()).unwrap();
    let body = hook.json();
    assert_eq!(fields(&body), fields(&example));
    for name in ["originalPartnerReferenceNo", "amount", "latestTransactionStatus", "transactionStatusDesc"] {
        assert_eq!(body[name], example[name], "{name}");
    }
    assert_eq!(body["originalReferenceNo"], created["referenceNo"]);
    assert_eq!(fields(&body["additionalInfo"]), fields(&example["additionalInfo"]));
    let (paid, shown) = (&body["additionalInfo"]["paymentInfo"], &example["additionalInfo"]["paymentInfo"]);
    assert_eq!(fields(paid), fields(shown));
    assert_eq!(fields(&paid["payOptionInfos"][0]), fields(&shown["payOptionInfos"][0]));
    assert_eq!(paid["payOptionInfos"][0]["payOption"], "NETWORK_PAY_PG_OVO");
    let extended: Value =
        serde_json::from_str(body["additionalInfo"]["extendInfo"].as_str().unwrap()).unwrap();
    assert_eq!(extended, json!({"closedReason": ""}), "JSON within a text");
    eventually("the delivery is written down", async || {
        Some(delivery(&world).await).filter(|d| d["state"] == "delivered")
    })
    .await;
}

#[tokio::test]
async fn an_order_that_closes_is_told_but_not_one_that_the_merchant_cancels() {
    let (world, _folder) = World::start().await;
    for reference in ["CANCELLED", "DENIED", "EXPIRED"] {
        world.ordered(&world.order(reference, 25_000)).await;
    }
    world.dana(crate::dana_support::CANCEL, &crate::dana_support::cancellation("CANCELLED")).await;
    world.pay("DENIED", "deny").await;
    world.hooks.wait(1).await;
    world.advance(901).await;
    world.hooks.wait(2).await;
    let told: Vec<Value> = world.hooks.settle().await.iter().map(Hook::json).collect();
    let told: Vec<&Value> = told.iter().map(|b| &b["originalPartnerReferenceNo"]).collect();
    assert_eq!(told, ["DENIED", "EXPIRED"]);
    for hook in world.hooks.got() {
        assert_eq!(hook.json()["latestTransactionStatus"], "05");
        assert!(hook.json()["additionalInfo"].get("paymentInfo").is_none());
        assert!(is_signed(&world, &hook));
    }
}

#[tokio::test]
async fn an_order_without_an_address_is_told_to_the_dashboards() {
    let (world, _folder) = World::start().await;
    let mut order = world.order("A", 25_000);
    order["urlParams"].as_array_mut().unwrap().pop();
    world.paid(&order).await;
    let hook = world.hooks.wait(1).await.remove(0);
    assert_eq!(hook.path, "/dashboard/dana");
    assert!(is_signed(&world, &hook), "over the fixed path, wherever it goes");
    world.sandbox.set_dana_notify_url(None);
    order["partnerReferenceNo"] = json!("B");
    world.paid(&order).await;
    eventually("nowhere", async || Some(delivery(&world).await).filter(|d| d["state"] == "nowhere")).await;
}

#[tokio::test]
async fn only_the_right_answer_ends_the_tries() {
    let (world, _folder) = World::start().await;
    world.hooks.will_answer(&[204, 202, 500, 302]);
    world.paid(&world.order("A", 25_000)).await;
    for (tries, pause) in [(1, 61), (2, 301), (3, 901), (4, 3_601)] {
        world.hooks.wait(tries).await;
        eventually("it waits", async || {
            Some(delivery(&world).await)
                .filter(|d| d["state"] == "waiting" && d["attempts"][tries - 1].is_object())
        })
        .await;
        assert_eq!(world.hooks.settle().await.len(), tries, "not before its time");
        world.advance(pause).await;
    }
    let hooks = world.hooks.wait(5).await;
    assert!(hooks.iter().all(|hook| hook.raw == hooks[0].raw && is_signed(&world, hook)));
    let done =
        eventually("delivered", async || Some(delivery(&world).await).filter(|d| d["state"] == "delivered"))
            .await;
    let attempts = done["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 5);
    assert!(attempts[0]["error"].as_str().unwrap().contains("2005600"), "{}", attempts[0]);
    assert!(
        attempts.iter().all(|a| a["headers"]["X-SIGNATURE"].is_string()),
        "each try is in the log as it left"
    );
}

#[tokio::test]
async fn it_is_given_up_after_six_tries() {
    let (world, _folder) = World::start().await;
    world.hooks.will_answer(&[500; 6]);
    world.paid(&world.order("A", 25_000)).await;
    for tries in 1..=6 {
        world.hooks.wait(tries).await;
        eventually("written down", async || {
            Some(delivery(&world).await).filter(|d| d["attempts"].as_array().unwrap().len() == tries)
        })
        .await;
        world.advance(21_601).await;
    }
    assert_eq!(delivery(&world).await["state"], "given_up");
    assert_eq!(world.hooks.settle().await.len(), 6);
}
