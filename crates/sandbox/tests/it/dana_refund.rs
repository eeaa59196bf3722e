//! Giving money back.

use crate::dana_support::{REFUND, code, refunding};
use crate::support::World;
use serde_json::{Value, json};

async fn refunded(world: &World, reference: &str) -> Value {
    world.asked(reference).await["additionalInfo"]["amountDetail"]["refundAmount"]["value"].clone()
}

#[tokio::test]
async fn a_refund_is_done_once_for_its_number() {
    let (world, _folder) = World::start().await;
    world.paid(&world.order("A", 25_000)).await;
    world.paid(&world.order("B", 25_000)).await;
    let first = world.dana(REFUND, &refunding("A", "A-R1", 10_000)).await;
    assert_eq!(code(&first), "2005800");
    let first = first.json();
    assert!(first["refundTime"].as_str().unwrap().ends_with("+07:00"));
    assert_eq!(first["refundAmount"], json!({"value": "10000.00", "currency": "IDR"}));
    assert_eq!(world.dana(REFUND, &refunding("A", "A-R1", 10_000)).await.json(), first);
    assert_eq!(refunded(&world, "A").await, "10000.00");
    assert_eq!(world.dana_code(REFUND, &refunding("A", "A-R1", 9_000)).await, "4045818");
    assert_eq!(world.dana_code(REFUND, &refunding("B", "A-R1", 10_000)).await, "4045818");
    assert_eq!(refunded(&world, "B").await, "0.00");
}

#[tokio::test]
async fn no_more_is_given_back_than_was_paid() {
    let (world, _folder) = World::start().await;
    world.paid(&world.order("A", 25_000)).await;
    let later = |number: &str, amount| {
        let mut refund = refunding("A", number, amount);
        refund["additionalInfo"] = json!({"asyncRefund": "true"});
        refund
    };
    assert_eq!(world.dana_code(REFUND, &later("R1", 20_000)).await, "2025800");
    assert_eq!(refunded(&world, "A").await, "0.00", "in progress");
    assert_eq!(
        world.dana_code(REFUND, &refunding("A", "R2", 5_001)).await,
        "4035815",
        "it counts all the same"
    );
    assert_eq!(world.dana_code(REFUND, &refunding("A", "R3", 5_000)).await, "2005800");
    assert_eq!(world.dana_code(REFUND, &refunding("A", "R4", 1)).await, "4035815");
    assert_eq!(world.dana_code(REFUND, &later("R1", 20_000)).await, "2025800", "still");
    world.advance(31).await;
    assert_eq!(world.dana_code(REFUND, &later("R1", 20_000)).await, "2005800");
    assert_eq!(refunded(&world, "A").await, "25000.00");
    assert_eq!(world.asked("A").await["latestTransactionStatus"], "00");
    let books = world.books().await;
    assert_eq!(books["dana"]["transactions"][0]["refunded"], 25_000);
    assert_eq!(books["dana"]["transactions"][0]["refunds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn only_what_is_paid_and_in_time_is_given_back() {
    let (world, _folder) = World::start().await;
    world.ordered(&world.order("OPEN", 25_000)).await;
    world.paid(&world.order("DANA", 25_000)).await;
    world.paid(&world.order_by("QRIS", 25_000, "NETWORK_PAY", "NETWORK_PAY_PG_QRIS")).await;
    world.paid(&world.order_by("OVO", 25_000, "NETWORK_PAY", "NETWORK_PAY_PG_OVO")).await;
    world.paid(&world.order_by("VA", 25_000, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BNI")).await;
    let part = |reference: &str, number: &str| refunding(reference, &format!("{reference}-{number}"), 1_000);
    for (reference, expected) in [
        ("OPEN", "4045800"),
        ("NOBODY", "4045801"),
        ("VA", "4035815"),
        ("OVO", "4035815"),
        ("QRIS", "2005800"),
        ("DANA", "2005800"),
    ] {
        assert_eq!(world.dana_code(REFUND, &part(reference, "R1")).await, expected, "{reference}");
    }
    assert_eq!(world.dana_code(REFUND, &refunding("OVO", "OVO-R2", 25_000)).await, "2005800", "in full");
    world.advance(8 * 86_400).await;
    assert_eq!(world.dana_code(REFUND, &part("QRIS", "R2")).await, "4035815", "after a week");
    assert_eq!(world.dana_code(REFUND, &part("DANA", "R2")).await, "2005800");
    world.advance(23 * 86_400).await;
    assert_eq!(world.dana_code(REFUND, &part("DANA", "R3")).await, "4035815", "after a month");
}

#[tokio::test]
async fn amounts_that_are_codes_get_that_code() {
    let (world, _folder) = World::start().await;
    world.paid(&world.order("A", 500_000)).await;
    for (amount, expected) in [
        (435_815, "4035815"),
        (435_814, "4035814"),
        (505_801, "5005801"),
        (445_808, "4045808"),
        (225_800, "2025800"),
    ] {
        let refund = refunding("A", &format!("A-{amount}"), amount);
        assert_eq!(world.dana_code(REFUND, &refund).await, expected, "{amount}");
    }
    assert_eq!(world.dana_code(REFUND, &refunding("NOBODY", "N", 225_800)).await, "2025800");
    world.advance(31).await;
    assert_eq!(refunded(&world, "A").await, "225800.00", "what was left in progress is done in the end");
}

#[tokio::test]
async fn a_refund_has_to_say_what_it_is() {
    let (world, _folder) = World::start().await;
    world.paid(&world.order("A", 25_000)).await;
    for (field, value, expected) in [
        ("partnerRefundNo", json!(null), "4005802"),
        ("partnerRefundNo", json!("x".repeat(65)), "4005801"),
        ("originalPartnerReferenceNo", json!(null), "4005802"),
        ("refundAmount", json!({"value": "1000", "currency": "IDR"}), "4005801"),
        ("refundAmount", json!({"value": "-1000.00", "currency": "IDR"}), "4005801"),
        ("refundAmount", json!({"value": "0.00", "currency": "IDR"}), "4005801"),
        ("refundAmount", json!(null), "4005802"),
        ("merchantId", json!("somebody"), "4045808"),
        ("reason", json!("x".repeat(257)), "4005801"),
        ("additionalInfo", json!({"asyncRefund": "maybe"}), "4005801"),
        ("additionalInfo", json!({"asyncRefund": true}), "4005801"),
    ] {
        let mut refund = refunding("A", "A-R1", 1_000);
        refund[field] = value.clone();
        assert_eq!(world.dana_code(REFUND, &refund).await, expected, "{field} {value:.40}");
    }
    assert_eq!(refunded(&world, "A").await, "0.00");
}

#[tokio::test]
async fn a_refund_can_be_made_to_fail_for_want_of_money_or_to_take_its_time() {
    let (world, _folder) = World::start().await;
    world.paid(&world.order("A", 25_000)).await;
    world.fault("dana", "insufficient_balance", 1).await;
    assert_eq!(world.dana_code(REFUND, &refunding("A", "A-R1", 10_000)).await, "4035814");
    assert_eq!(refunded(&world, "A").await, "0.00");
    world.fault("dana", "refund_in_progress", 1).await;
    assert_eq!(world.dana_code(REFUND, &refunding("A", "A-R2", 10_000)).await, "2025800");
    assert_eq!(refunded(&world, "A").await, "0.00", "in progress");
    world.advance(31).await;
    assert_eq!(world.dana_code(REFUND, &refunding("A", "A-R2", 10_000)).await, "2005800");
    assert_eq!(refunded(&world, "A").await, "10000.00");
}
