//! What becomes of orders: asking, paying, declining, expiry, cancelling; and the world after a restart.

use crate::dana_support::{CANCEL, CREATE, QUERY, REFUND, cancellation, code, question, refunding};
use crate::support::World;
use serde_json::json;
use testkit::TempFolder;

#[tokio::test]
async fn a_question_is_answered_as_in_the_contract() {
    let (world, _folder) = World::start().await;
    let created = world.ordered(&world.order("LK0000000001-P1", 25_000)).await;
    let told = world.asked("LK0000000001-P1").await;
    assert_eq!(told["latestTransactionStatus"], "01");
    assert_eq!(told["transactionStatusDesc"], "INIT");
    assert_eq!(told["serviceCode"], "54");
    assert_eq!(told["originalReferenceNo"], created["referenceNo"]);
    assert_eq!(told["amount"], json!({"value": "25000.00", "currency": "IDR"}));
    assert!(told.get("paidTime").is_none());
    let info = &told["additionalInfo"];
    assert_eq!(info["statusDetail"]["acquirementStatus"], "INIT");
    assert_eq!(info["amountDetail"]["payAmount"]["value"], "0.00");
    assert_eq!(info["paymentViews"], json!([]));
    world.pay("LK0000000001", "settle").await;
    let told = world.asked("LK0000000001-P1").await;
    assert_eq!(
        (&told["latestTransactionStatus"], &told["transactionStatusDesc"]),
        (&json!("00"), &json!("SUCCESS"))
    );
    assert!(told["paidTime"].as_str().unwrap().ends_with("+07:00"));
    let info = &told["additionalInfo"];
    assert_eq!(info["amountDetail"]["payAmount"]["value"], "25000.00");
    assert_eq!(info["paymentViews"][0]["payOptionInfos"][0]["payMethod"], "BALANCE");
    let by_dana = json!({"originalReferenceNo": created["referenceNo"], "serviceCode": "54",
        "merchantId": "216620000000000000001"});
    assert_eq!(world.dana(QUERY, &by_dana).await.json()["originalPartnerReferenceNo"], "LK0000000001-P1");
}

#[tokio::test]
async fn questions_that_cannot_be_answered_are_refused() {
    let (world, _folder) = World::start().await;
    world.ordered(&world.order("A", 25_000)).await;
    for (change, value, expected) in [
        ("originalPartnerReferenceNo", json!("B"), "4045501"),
        ("originalPartnerReferenceNo", json!(null), "4005502"),
        ("originalPartnerReferenceNo", json!(7), "4005501"),
        ("merchantId", json!("somebody"), "4045501"),
        ("merchantId", json!(null), "4005502"),
        ("serviceCode", json!("47"), "4045501"),
        ("serviceCode", json!(null), "4005502"),
        ("serviceCode", json!("054"), "4005501"),
    ] {
        let mut ask = question("A");
        ask[change] = value.clone();
        assert_eq!(world.dana_code(QUERY, &ask).await, expected, "{change} {value}");
    }
}

#[tokio::test]
async fn time_that_is_over_declining_and_cancelling_close_an_order() {
    let (world, _folder) = World::start().await;
    for reference in ["EXPIRED", "DENIED", "CANCELLED"] {
        world.ordered(&world.order(reference, 25_000)).await;
    }
    world.pay("DENIED", "deny").await;
    let answer = world.dana(CANCEL, &cancellation("CANCELLED")).await;
    assert_eq!(code(&answer), "2005700");
    assert!(answer.json()["cancelTime"].as_str().unwrap().ends_with("+07:00"));
    assert_eq!(world.asked("EXPIRED").await["latestTransactionStatus"], "01");
    world.advance(901).await;
    for (reference, word) in [("EXPIRED", "CLOSED"), ("DENIED", "CLOSED"), ("CANCELLED", "CANCELLED")] {
        let told = world.asked(reference).await;
        assert_eq!(told["latestTransactionStatus"], "05", "{reference}");
        assert_eq!(told["transactionStatusDesc"], word, "{reference}");
        assert!(told["additionalInfo"]["closeReason"].is_string(), "{reference}");
        assert_eq!(world.pay(reference, "settle").await.http, 409, "{reference}");
    }
}

#[tokio::test]
async fn a_late_payment_can_be_booked() {
    let (world, _folder) = World::start().await;
    world.ordered(&world.order("LK0000000001-P1", 25_000)).await;
    world.advance(901).await;
    let late = json!({"reference": "LK0000000001", "outcome": "settle", "late": true});
    let done = world.control("/sandbox/pay", late).await.json();
    assert_eq!((&done["simulator"], &done["transaction_status"]), (&json!("dana"), &json!("SUCCESS")));
    assert_eq!(world.asked("LK0000000001-P1").await["latestTransactionStatus"], "00");
    let hooks = world.hooks.wait(2).await;
    assert_eq!(hooks[0].json()["latestTransactionStatus"], "05");
    assert_eq!(hooks[1].json()["latestTransactionStatus"], "00");
}

#[tokio::test]
async fn cancelling_depends_on_where_the_order_stands() {
    let (world, _folder) = World::start().await;
    for reference in ["PAID", "EXPIRED", "OPEN"] {
        world.ordered(&world.order(reference, 25_000)).await;
    }
    world.pay("PAID", "settle").await;
    world.pay("EXPIRED", "expire").await;
    for (reference, expected) in [
        ("PAID", "4045700"),
        ("EXPIRED", "4035700"),
        ("NOBODY", "4045701"),
        ("OPEN", "2005700"),
        ("OPEN", "2005700"),
    ] {
        assert_eq!(world.dana_code(CANCEL, &cancellation(reference)).await, expected, "{reference}");
    }
    let mut foreign = cancellation("OPEN");
    foreign["merchantId"] = json!("somebody");
    assert_eq!(world.dana_code(CANCEL, &foreign).await, "4045708");
    assert_eq!(world.dana_code(CANCEL, &json!({"merchantId": "216620000000000000001"})).await, "4005702");
}

#[tokio::test]
async fn a_reference_that_is_a_code_gets_that_code_when_cancelled() {
    let (world, _folder) = World::start().await;
    for wanted in ["5005701", "2025700", "4035705", "4045708", "4035700", "4035715", "4035714"] {
        let answer = world.dana(CANCEL, &cancellation(wanted)).await;
        assert_eq!(code(&answer), wanted);
        if wanted == "2025700" {
            assert_eq!(answer.json()["originalPartnerReferenceNo"], wanted);
        }
    }
}

#[tokio::test]
async fn the_buyer_pays_the_newest_payment_at_either_gateway() {
    let (world, _folder) = World::start().await;
    world.charge("LK0000000001-P1", 20_000).await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    world.ordered(&world.order("LK0000000001-P2", 20_000)).await;
    assert_eq!(world.pay("LK0000000001", "settle").await.json()["order_id"], "LK0000000001-P2");
    assert_eq!(world.pay("LK0000000001", "settle").await.json()["order_id"], "LK0000000001-P1");
    assert_eq!(world.pay("LK0000000001", "settle").await.http, 409);
    world.ordered(&world.order("LK0000000002-P1", 20_000)).await;
    world.dana(CANCEL, &cancellation("LK0000000002-P1")).await;
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.charge("LK0000000002-P2", 20_000).await;
    };
    let (paid, ()) = tokio::join!(world.pay("LK0000000002", "settle"), late);
    assert_eq!(paid.json()["simulator"], "midtrans", "one that is on its way is waited for");
}

#[tokio::test]
async fn orders_refunds_and_timers_survive_a_restart() {
    let folder = TempFolder::new("sandbox");
    let mut world = World::on(&folder, |_| {}).await;
    world.paid(&world.order("PAID", 25_000)).await;
    world.hooks.wait(1).await;
    world.stop().await;
    let mut refund = refunding("PAID", "R1", 25_000);
    refund["additionalInfo"] = json!({"asyncRefund": "true"});
    assert_eq!(world.dana_code(REFUND, &refund).await, "2025800");
    let open = world.order("OPEN", 25_000);
    let created = world.ordered(&open).await;
    let keys = std::fs::read(folder.path().join("sandbox/dana-gateway.key.pem")).unwrap();
    drop(world);

    let world = World::on(&folder, |_| {}).await;
    assert_eq!(std::fs::read(folder.path().join("sandbox/dana-gateway.key.pem")).unwrap(), keys);
    let again = world.dana(CREATE, &open).await;
    assert_eq!((again.http, &again.json()["referenceNo"]), (200, &created["referenceNo"]));
    world.advance(901).await;
    assert_eq!(world.asked("OPEN").await["latestTransactionStatus"], "05");
    assert_eq!(
        world.asked("PAID").await["additionalInfo"]["amountDetail"]["refundAmount"]["value"],
        "25000.00"
    );
    assert_eq!(world.dana_code(REFUND, &refund).await, "2005800");
}

#[tokio::test]
async fn an_order_is_paid_by_the_address_of_its_page() {
    let (world, _folder) = World::start().await;
    for (number, page) in [(1, "checkout"), (2, "wallet")] {
        let reference = format!("LK000000000{number}-P1");
        let created = world.ordered(&world.order(&reference, 25_000)).await;
        let url = match page {
            "checkout" => created["webRedirectUrl"].as_str().unwrap().to_owned(),
            _ => format!("{}/sandbox/wallet/{}", world.base, created["referenceNo"].as_str().unwrap()),
        };
        let paid = world.pay(&url, "settle").await;
        assert_eq!(paid.http, 200, "{page}: {}", paid.text);
        assert_eq!(paid.json()["order_id"], reference.as_str(), "{page}");
    }
    let elsewhere = json!({"reference": format!("{}/elsewhere?bizNo=LK0000000001-P1", world.base)});
    assert_eq!(world.control("/sandbox/pay", elsewhere).await.http, 404);
}

#[tokio::test]
async fn an_order_number_means_what_waits_at_either_gateway() {
    let (world, _folder) = World::start().await;
    world.ordered(&world.order("LK0000000001-P1", 25_000)).await;
    world.charge("LK0000000001-P2", 25_000).await;
    let paid_at = |answer: crate::support::Answer| answer.json()["simulator"].as_str().unwrap().to_owned();
    assert_eq!(paid_at(world.pay("LK0000000001-P1", "deny").await), "dana");
    assert_eq!(paid_at(world.pay("LK0000000001", "settle").await), "midtrans", "the one that waits");
    let late = json!({"reference": "LK0000000001", "late": true});
    assert_eq!(paid_at(world.control("/sandbox/pay", late).await), "dana", "the one that may be booked late");
}
