//! Asking what became of a payment (`contracts/payments.md` §1.7, §1.10, §1.11, §9 rows 8–10).

use crate::{
    scene::{QRIS, at_home, scene, sent, with},
    server::answer,
};
use payments::{Gateway, Observation, ObservedState, Sent, StatusOutcome};
use serde_json::{Value, json};
use vocabulary::{PaymentMethod, Rupiah};

const SETTLED: &str = r#"{"status_code":"200","status_message":"Success, transaction is found","transaction_id":"231c79c5-e39e-4993-86da-cadcaee56c1d","order_id":"LK0123456789-P1","gross_amount":"275000.00","currency":"IDR","payment_type":"gopay","transaction_time":"2026-11-22 12:00:00","transaction_status":"settlement","fraud_status":"accept","settlement_time":"2026-11-22 12:00:30","signature_key":"x"}"#;
const CREATED: &str = include_str!("../fixtures/midtrans/gopay_charge_response.json");
const DANA_PENDING: &str = include_str!("../fixtures/midtrans/dana_pending_status.json");

async fn status(http_status: u16, body: String) -> StatusOutcome {
    let (_server, gateway) = scene(move |request| match request.line.as_str() {
        "GET /v2/LK0123456789-P1/status" => answer(http_status, &[], at_home(&body, request)),
        _ => answer(404, &[], ""),
    });
    gateway.status(&sent()).await
}

async fn found(changes: &Value) -> Observation {
    match status(200, with(SETTLED, changes)).await {
        StatusOutcome::Found(observation) => observation,
        other => panic!("{changes}: {other:?}"),
    }
}

#[tokio::test]
async fn a_payment_is_asked_for_by_our_reference_with_our_key() {
    let (server, gateway) = scene(|_| answer(200, &[], SETTLED));
    let StatusOutcome::Found(seen) = gateway.status(&sent()).await else { panic!("not found") };
    assert_eq!((seen.state, seen.amount), (ObservedState::Settled, Some(Rupiah::new(275_000))));
    assert_eq!(seen.stated, "settlement");
    assert_eq!(seen.opened.transaction_id, "231c79c5-e39e-4993-86da-cadcaee56c1d");
    let asked = server.seen();
    assert_eq!(asked.len(), 1, "no picture of what nobody can pay any more");
    assert_eq!(asked[0].line, "GET /v2/LK0123456789-P1/status");
    assert_eq!(asked[0].header("authorization"), Some("Basic U0ItTWlkLXNlcnZlci1URVNUS0VZMDAwMTo="));
}

#[tokio::test]
async fn every_state_has_our_word() {
    use ObservedState::{
        Cancelled, Denied, Expired, PartlyRefunded, Pending, Refunded, Settled, Suspicious, Unrecognised,
    };
    for (code, word, fraud, expected) in [
        ("200", "settlement", Some("accept"), Settled),
        ("200", "SETTLEMENT", Some("ACCEPT"), Settled),
        ("200", "Capture", Some("accept"), Settled),
        ("200", "settlement", None, Suspicious),
        ("200", "capture", None, Suspicious),
        ("200", "settlement", Some("challenge"), Suspicious),
        ("200", "settlement", Some("deny"), Suspicious),
        ("200", "settlement", Some("denied"), Suspicious),
        ("200", "capture", Some("challenge"), Suspicious),
        ("200", "settlement", Some("a new word"), Suspicious),
        ("201", "settlement", Some("accept"), Unrecognised),
        ("202", "settlement", Some("accept"), Unrecognised),
        ("407", "settlement", Some("accept"), Unrecognised),
        ("201", "pending", Some("accept"), Pending),
        ("200", "PENDING", None, Pending),
        ("201", "pending", Some("challenge"), Suspicious),
        ("201", "authorize", Some("accept"), Suspicious),
        ("202", "deny", Some("deny"), Denied),
        ("202", "deny", Some("accept"), Denied),
        ("202", "failure", None, Denied),
        ("202", "cancel", None, Cancelled),
        ("200", "cancel", None, Cancelled),
        ("202", "expire", None, Expired),
        ("407", "expire", Some("accept"), Expired),
        ("407", "Expire", None, Expired),
        ("200", "refund", Some("accept"), Refunded),
        ("200", "partial_refund", Some("accept"), PartlyRefunded),
        ("200", "chargeback", Some("accept"), Refunded),
        ("200", "partial_chargeback", Some("accept"), PartlyRefunded),
        ("200", "settled", Some("accept"), Unrecognised),
        ("200", "success", Some("accept"), Unrecognised),
    ] {
        let seen =
            found(&json!({"status_code": code, "transaction_status": word, "fraud_status": fraud})).await;
        assert_eq!(seen.state, expected, "{code} {word} {fraud:?}");
        assert!(seen.stated.starts_with(word), "{}", seen.stated);
    }
}

#[tokio::test]
async fn a_settlement_that_says_nothing_of_fraud_is_no_payment_and_a_person_is_told_why() {
    for silence in [json!(null), json!(""), json!(" ")] {
        let seen = found(&json!({"fraud_status": silence})).await;
        assert_eq!(seen.state, ObservedState::Suspicious, "{silence}");
        assert_eq!(seen.stated, "settlement (no fraud_status)");
        assert_eq!(seen.amount, Some(Rupiah::new(275_000)));
    }
}

#[tokio::test]
async fn cash_at_a_till_is_paid_though_nothing_is_said_of_fraud() {
    for (said, state) in [
        (json!(null), ObservedState::Settled),
        (json!(""), ObservedState::Settled),
        (json!("accept"), ObservedState::Settled),
        (json!("deny"), ObservedState::Suspicious),
        (json!(7), ObservedState::Suspicious),
    ] {
        let body = with(SETTLED, &json!({"payment_type": "cstore", "fraud_status": said}));
        let (_server, gateway) = scene(move |_| answer(200, &[], &body));
        let at_a_till = Sent { method: PaymentMethod::CstoreIndomaret, ..sent() };
        let StatusOutcome::Found(seen) = gateway.status(&at_a_till).await else { panic!("{said}") };
        assert_eq!(seen.state, state, "{said}");
    }
    // Of what was to be paid in a wallet it says nothing that the answer calls it cash.
    let seen = found(&json!({"payment_type": "cstore", "fraud_status": null})).await;
    assert_eq!(seen.state, ObservedState::Suspicious);
}

#[tokio::test]
async fn an_expired_payment_is_an_answer_whatever_the_http_status_is() {
    for http_status in [200, 407, 404, 500] {
        let body = with(SETTLED, &json!({"status_code": "407", "transaction_status": "expire"}));
        let StatusOutcome::Found(seen) = status(http_status, body).await else {
            panic!("HTTP {http_status}")
        };
        assert_eq!(seen.state, ObservedState::Expired);
        let bare =
            r#"{"status_code":"407","status_message":"Expired transaction","order_id":"LK0123456789-P1"}"#;
        let StatusOutcome::Found(seen) = status(http_status, bare.to_owned()).await else {
            panic!("HTTP {http_status}")
        };
        assert_eq!(seen.state, ObservedState::Expired);
    }
}

#[tokio::test]
async fn the_amount_is_told_exactly_or_not_at_all() {
    for (amount, expected) in [
        (json!("275000.00"), Some(275_000)),
        (json!("275071.00"), Some(275_071)),
        (json!("275000"), Some(275_000)),
        (json!(275_000), Some(275_000)),
        (json!("275000.50"), None),
        (json!("275,000.00"), None),
        (json!("lots"), None),
        (json!(null), None),
        (json!(["275000.00"]), None),
    ] {
        let seen = found(&json!({"gross_amount": amount})).await;
        assert_eq!(seen.amount, expected.map(Rupiah::new), "{amount}");
        assert_eq!(seen.state, ObservedState::Settled, "comparing is not the adapter's decision");
    }
}

#[tokio::test]
async fn how_much_went_back_is_told_of_a_refund_and_exactly_or_not_at_all() {
    for (word, amount, expected) in [
        ("partial_refund", json!("10000.00"), Some(10_000)),
        ("refund", json!("275000.00"), Some(275_000)),
        ("PARTIAL_REFUND", json!(10_000), Some(10_000)),
        ("partial_refund", json!("10000.50"), None),
        ("partial_refund", json!(null), None),
        // What a bank took back is not in it.
        ("partial_chargeback", json!("10000.00"), None),
        ("settlement", json!("10000.00"), None),
    ] {
        let seen = found(&json!({"transaction_status": word, "refund_amount": amount})).await;
        assert_eq!(seen.given_back, expected.map(Rupiah::new), "{word} {amount}");
    }
    let dollars =
        json!({"transaction_status": "partial_refund", "refund_amount": "10000.00", "currency": "USD"});
    assert_eq!(found(&dollars).await.given_back, None);
}

#[tokio::test]
async fn the_refunds_of_a_payment_are_told_one_by_one_when_they_are_all_that_went_back() {
    let both = json!([
        {"refund_key": "LK0123456789-R1", "refund_amount": "4000.00"},
        {"refund_key": null, "refund_amount": "6000.00"},
    ]);
    let unread = json!([{"refund_key": "LK0123456789-R1", "refund_amount": "10000.50"}]);
    for (word, amount, refunds, is_told) in [
        ("partial_refund", "10000.00", both.clone(), true),
        // They are not all, or not to be read.
        ("partial_refund", "11000.00", both.clone(), false),
        ("partial_refund", "10000.00", unread, false),
        ("partial_refund", "10000.00", Value::Null, false),
        ("partial_chargeback", "10000.00", both.clone(), false),
        ("settlement", "10000.00", both, false),
    ] {
        let changes = json!({"transaction_status": word, "refund_amount": amount, "refunds": refunds});
        let told = found(&changes).await.refunds;
        let told = told.map(|all| all.into_iter().map(|one| (one.key, one.amount.get())).collect::<Vec<_>>());
        let expected = vec![(Some("LK0123456789-R1".to_owned()), 4_000), (None, 6_000)];
        assert_eq!(told, is_told.then_some(expected), "{changes}");
    }
}

#[tokio::test]
async fn another_currency_is_suspicious_and_no_amount() {
    let seen = found(&json!({"currency": "USD"})).await;
    assert_eq!((seen.state, seen.amount), (ObservedState::Suspicious, None));
    let seen = found(&json!({"currency": null})).await;
    assert_eq!((seen.state, seen.amount), (ObservedState::Settled, Some(Rupiah::new(275_000))));
}

#[tokio::test]
async fn only_the_gateways_own_404_means_that_there_is_nothing() {
    let missing = r#"{"status_code":"404","status_message":"Transaction doesn't exist.","id":"x"}"#;
    for http_status in [200, 404] {
        assert_eq!(status(http_status, missing.to_owned()).await, StatusOutcome::NotFound);
    }
    for body in ["", "<html>404</html>", "{}", "[]", "{\"message\":\"no route\"}"] {
        assert!(matches!(status(404, body.to_owned()).await, StatusOutcome::Unknown { .. }), "{body}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_about_this_payment_says_nothing() {
    for changes in [
        json!({"order_id": "LK0123456789-P2"}),
        json!({"order_id": "lk0123456789-p1"}),
        json!({"order_id": null}),
        json!({"order_id": ["LK0123456789-P1"]}),
        json!({"status_code": null}),
        json!({"status_code": "500"}),
        json!({"status_code": "401"}),
        json!({"status_code": "429"}),
        json!({"status_code": "two hundred"}),
        json!({"transaction_status": null}),
        json!({"transaction_status": 200.5e300, "order_id": "other"}),
    ] {
        let outcome = status(200, with(SETTLED, &changes)).await;
        assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{changes}: {outcome:?}");
    }
}

#[tokio::test]
async fn every_other_code_of_the_contract_says_nothing_of_the_payment() {
    for code in [
        "400", "401", "402", "403", "405", "406", "408", "410", "411", "412", "413", "414", "429", "500",
        "503",
    ] {
        let refused = json!({"status_code": code, "status_message": "no"}).to_string();
        for body in [refused, with(SETTLED, &json!({"status_code": code}))] {
            for http_status in [200, code.parse().unwrap()] {
                let outcome = status(http_status, body.clone()).await;
                assert!(
                    matches!(outcome, StatusOutcome::Unknown { .. }),
                    "{body} in HTTP {http_status}: {outcome:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_adopted_payment_can_be_shown_and_its_picture_is_fetched_once() {
    let pending = with(
        SETTLED,
        &json!({"status_code": "201", "transaction_status": "pending", "expiry_time": "2026-11-22 12:15:00"}),
    );
    let (server, gateway) = scene(move |request| match request.line.as_str() {
        "GET /v2/LK0123456789-P1/status" => answer(200, &[], &pending),
        "GET /v2/gopay/231c79c5-e39e-4993-86da-cadcaee56c1d/qr-code" => {
            answer(200, &[], vocabulary::qr::png(QRIS).unwrap())
        }
        _ => answer(404, &[], ""),
    });
    for _ in 0..3 {
        let StatusOutcome::Found(seen) = gateway.status(&sent()).await else { panic!("not found") };
        assert_eq!(seen.state, ObservedState::Pending);
        assert_eq!(seen.opened.qr_string.as_deref(), Some(QRIS));
        assert!(seen.opened.qr_image_url.is_some() && seen.opened.expires_at.is_some());
    }
    let pictures = server.seen().iter().filter(|seen| seen.line.ends_with("/qr-code")).count();
    assert_eq!(pictures, 1);
}

#[tokio::test]
async fn other_answers_of_the_contract_are_read() {
    let StatusOutcome::Found(seen) = status(200, CREATED.to_owned()).await else { panic!("not found") };
    assert_eq!((seen.state, seen.amount), (ObservedState::Pending, Some(Rupiah::new(10_000))));
    let StatusOutcome::Found(seen) = status(200, DANA_PENDING.to_owned()).await else { panic!("not found") };
    assert_eq!(seen.state, ObservedState::Pending, "in upper case");
    assert_eq!(seen.opened.deep_link.as_deref(), Some("https://m.dana.id/n/cashier/new/checkout"));
}
