//! Asking what became of a payment (§2.4, §2.5).

use super::{REAL_NOW, scene, sent, with};
use crate::server::answer;
use payments::{Gateway, Observation, ObservedState, Sent, StatusOutcome};
use serde_json::{Value, json};
use vocabulary::Rupiah;

const PAID: &str = include_str!("../../fixtures/dana/query_paid_response.json");

async fn ask(sent: &Sent, http_status: u16, body: String) -> StatusOutcome {
    let (_server, gateway) = scene(move |_| answer(http_status, &[], &body));
    gateway.status(sent).await
}

async fn found(changes: &[(&str, Value)]) -> Observation {
    match ask(&sent(), 200, with(PAID, changes)).await {
        StatusOutcome::Found(observation) => observation,
        other => panic!("{changes:?}: {other:?}"),
    }
}

fn rupiah(value: &str) -> Value {
    json!({"value": value, "currency": "IDR"})
}

#[tokio::test]
async fn a_payment_is_asked_for_by_our_reference() {
    let (server, gateway) = scene(|_| answer(200, &[], PAID));
    let StatusOutcome::Found(seen) = gateway.status(&sent()).await else { panic!("not found") };
    assert_eq!((seen.state, seen.amount), (ObservedState::Settled, Some(Rupiah::new(25_000))));
    assert_eq!(seen.stated, "00 SUCCESS SUCCESS");
    assert_eq!(seen.opened.transaction_id, "20261122111212800110166");
    let asked = &server.seen()[0];
    assert_eq!(asked.line, "POST /payment-gateway/v1.0/debit/status.htm");
    assert_eq!(
        serde_json::from_str::<Value>(&asked.body).unwrap(),
        json!({"originalPartnerReferenceNo": "LK0123456789-P1", "serviceCode": "54", "merchantId": super::MERCHANT})
    );
    assert_eq!(asked.header("x-timestamp"), Some(REAL_NOW));
    assert!(asked.header("x-signature").is_some());
}

#[tokio::test]
async fn every_state_has_our_word() {
    use ObservedState::{Cancelled, Expired, Pending, Settled, Suspicious, Unrecognised};
    for (word, acquired, expected) in [
        ("00", Some("SUCCESS"), Settled),
        ("00", Some("success"), Settled),
        ("00", Some("MERCHANT_ACCEPT"), Settled),
        ("00", None, Settled),
        ("00", Some("INIT"), Suspicious),
        ("00", Some("PAYING"), Suspicious),
        ("00", Some("CLOSED"), Suspicious),
        ("00", Some("CANCELLED"), Suspicious),
        ("00", Some("A_NEW_WORD"), Suspicious),
        ("01", Some("INIT"), Pending),
        ("01", None, Pending),
        ("02", Some("PAYING"), Pending),
        ("02", Some("SUCCESS"), Pending),
        ("05", Some("CANCELLED"), Cancelled),
        ("05", Some("CLOSED"), Cancelled),
        ("05", None, Cancelled),
        ("05", Some("SUCCESS"), Suspicious),
        ("05", Some("PAYING"), Suspicious),
        ("03", None, Unrecognised),
        ("06", Some("SUCCESS"), Unrecognised),
        ("SUCCESS", Some("SUCCESS"), Unrecognised),
    ] {
        let detail = acquired.map_or(Value::Null, |acquired| json!({"acquirementStatus": acquired}));
        let changes = [("/latestTransactionStatus", json!(word)), ("/additionalInfo/statusDetail", detail)];
        let seen = found(&changes).await;
        assert_eq!(seen.state, expected, "{word} {acquired:?}");
        assert!(seen.stated.starts_with(word), "{}", seen.stated);
    }
    let late = Sent { now: sent().expires_at, ..sent() };
    for (reason, asked, expected) in [
        (None, sent(), Cancelled),
        (None, late.clone(), Expired),
        (Some("ORDER_EXPIRED"), sent(), Expired),
        (Some("Order timeout"), sent(), Expired),
        (Some("CANCELLED_BY_MERCHANT"), late, Cancelled),
    ] {
        for pointer in ["/additionalInfo/closeReason", "/closeReason"] {
            let reason = reason.map_or(Value::Null, Value::from);
            let body = with(
                PAID,
                &[
                    ("/latestTransactionStatus", json!("05")),
                    ("/additionalInfo/statusDetail", json!({"acquirementStatus": "CLOSED"})),
                    (pointer, reason.clone()),
                ],
            );
            let StatusOutcome::Found(seen) = ask(&asked, 200, body).await else { panic!("{reason}") };
            assert_eq!(seen.state, expected, "{reason}");
        }
    }
}

#[tokio::test]
async fn the_amount_is_ours_only_when_every_one_that_is_named_is() {
    let places = [
        "/amount",
        "/transAmount",
        "/additionalInfo/amountDetail/orderAmount",
        "/additionalInfo/amountDetail/payAmount",
    ];
    for (value, expected) in [
        (rupiah("25000.00"), Some(25_000)),
        (rupiah("25000"), Some(25_000)),
        (rupiah("25001.00"), Some(25_001)),
        (rupiah("24999.00"), Some(24_999)),
        (rupiah("0.00"), Some(0)),
        (rupiah("25000.50"), None),
        (rupiah("lots"), None),
        (Value::Null, Some(25_000)),
    ] {
        for place in places {
            let seen = found(&[(place, value.clone())]).await;
            assert_eq!(seen.amount, expected.map(Rupiah::new), "{place} {value}");
            assert_eq!(seen.state, ObservedState::Settled, "comparing is not the adapter's decision");
        }
    }
    let nothing: Vec<(&str, Value)> = places.iter().map(|place| (*place, Value::Null)).collect();
    assert_eq!(found(&nothing).await.amount, None);
    for place in places {
        let seen = found(&[(place, json!({"value": "25000.00", "currency": "USD"}))]).await;
        assert_eq!((seen.state, seen.amount), (ObservedState::Suspicious, None), "{place}");
    }
}

#[tokio::test]
async fn nothing_paid_yet_is_no_odd_amount() {
    let seen = found(&[
        ("/latestTransactionStatus", json!("01")),
        ("/additionalInfo/statusDetail/acquirementStatus", json!("INIT")),
        ("/additionalInfo/amountDetail/payAmount", rupiah("0.00")),
    ])
    .await;
    assert_eq!((seen.state, seen.amount), (ObservedState::Pending, Some(Rupiah::new(25_000))));
}

#[tokio::test]
async fn money_that_went_back_is_seen() {
    use ObservedState::{PartlyRefunded, Refunded, Suspicious};
    for field in ["refundAmount", "voidAmount", "chargebackAmount"] {
        let pointer = format!("/additionalInfo/amountDetail/{field}");
        for (value, expected, back) in [
            (rupiah("25000.00"), Refunded, Some(25_000)),
            (rupiah("1.00"), PartlyRefunded, Some(1)),
            (rupiah("0.50"), Suspicious, None),
            (json!({"value": "25000.00", "currency": "USD"}), Suspicious, None),
        ] {
            for word in ["00", "05"] {
                let changes = [(pointer.as_str(), value.clone()), ("/latestTransactionStatus", json!(word))];
                let seen = found(&changes).await;
                assert_eq!(
                    (seen.state, seen.given_back),
                    (expected, back.map(Rupiah::new)),
                    "{field} {value} {word}"
                );
            }
        }
    }
    // Of what a bank took that word is told, and of what the shop gave back it is not.
    for (field, by_bank) in [("refundAmount", false), ("voidAmount", false), ("chargebackAmount", true)] {
        let pointer = format!("/additionalInfo/amountDetail/{field}");
        let seen = found(&[(pointer.as_str(), rupiah("25000.00"))]).await;
        assert_eq!(seen.stated.contains("chargeback"), by_bank, "{field}: {}", seen.stated);
    }
    let both = [
        ("/additionalInfo/amountDetail/refundAmount", rupiah("20000.00")),
        ("/additionalInfo/amountDetail/voidAmount", rupiah("5000.00")),
    ];
    let seen = found(&both).await;
    assert_eq!((seen.state, seen.given_back), (Refunded, Some(Rupiah::new(25_000))));
    assert_eq!(found(&[]).await.given_back, None);
}

#[tokio::test]
async fn every_code_of_the_contract_has_its_meaning() {
    for (code, expected) in [
        ("2005500", "found"),
        ("4045501", "not found"),
        ("4005501", "unknown"),
        ("4005502", "unknown"),
        ("4015500", "unknown"),
        ("5005501", "unknown"),
        ("4295500", "unknown"),
        ("4045508", "unknown"),
        ("2005400", "unknown"),
    ] {
        let of_code: u16 = code[..3].parse().unwrap();
        for status in [of_code, 200] {
            let body = with(PAID, &[("/responseCode", json!(code))]);
            let kind = match ask(&sent(), status, body).await {
                StatusOutcome::Found(_) => "found",
                StatusOutcome::NotFound => "not found",
                StatusOutcome::Unknown { .. } => "unknown",
            };
            assert_eq!(kind, expected, "{code} in HTTP {status}");
        }
    }
}

#[tokio::test]
async fn what_is_not_found_needs_no_reference() {
    let word = ("/latestTransactionStatus", json!("07"));
    for reference in [Value::Null, json!(""), json!("LK0123456789-P1")] {
        let body = with(PAID, &[word.clone(), ("/originalPartnerReferenceNo", reference.clone())]);
        assert_eq!(ask(&sent(), 200, body).await, StatusOutcome::NotFound, "{reference}");
    }
    let other = with(PAID, &[word, ("/originalPartnerReferenceNo", json!("LK0123456789-P2"))]);
    assert!(matches!(ask(&sent(), 200, other).await, StatusOutcome::Unknown { .. }));
}

#[tokio::test]
async fn an_answer_that_is_not_about_this_payment_says_nothing() {
    for (pointer, value) in [
        ("/originalPartnerReferenceNo", json!("LK0123456789-P2")),
        ("/originalPartnerReferenceNo", json!("lk0123456789-p1")),
        ("/originalPartnerReferenceNo", Value::Null),
        ("/originalPartnerReferenceNo", json!(["LK0123456789-P1"])),
        ("/additionalInfo/merchantId", json!("216620000000000000009")),
        ("/merchantId", json!("216620000000000000009")),
        ("/latestTransactionStatus", Value::Null),
        ("/latestTransactionStatus", json!({"x": 1})),
        ("/responseCode", Value::Null),
    ] {
        let outcome = ask(&sent(), 200, with(PAID, &[(pointer, value.clone())])).await;
        assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{pointer} {value}: {outcome:?}");
    }
    assert_eq!(found(&[("/additionalInfo/merchantId", Value::Null)]).await.state, ObservedState::Settled);
}
