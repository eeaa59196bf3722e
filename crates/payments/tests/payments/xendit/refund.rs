//! Giving money back (§3.4): under a key of ours, found by it when the answer is lost.

use super::{ID, OVO, REFERENCE, charge_request, list, scene, sent, with};
use crate::server::{Seen, answer};
use payments::{Gateway, RefundOutcome, RefundRefusal, RefundRequest, Sent};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, Rupiah};

const REQUEST: &str = include_str!("../../fixtures/xendit/refund_request.json");
const PENDING: &str = include_str!("../../fixtures/xendit/refund_response.json");
const REFUND: &str = "rfd-82dd0a44-1a5e-4d0e-9f4b-1e9b2a8f1f11";

fn request() -> RefundRequest {
    let payment = Sent { was_open: false, ..sent(PaymentMethod::DanaLink) };
    let settled_at = charge_request(PaymentMethod::DanaLink).now;
    RefundRequest {
        key: "LK0123456789-R1".parse().unwrap(),
        payment,
        amount: Rupiah::new(10_000),
        others: Rupiah::ZERO,
        settled_at,
        refund_id: None,
        reason: "not delivered".into(),
        now: settled_at.plus(Duration::from_secs(3_600)),
    }
}

async fn refunded(status: u16, body: impl Into<String>) -> RefundOutcome {
    let body = body.into();
    let (_server, gateway) = scene(move |_| answer(status, &[], &body));
    gateway.refund(&request()).await
}

#[tokio::test]
async fn a_refund_is_asked_for_as_the_contract_has_it_under_our_key() {
    let (server, gateway) = scene(|_| answer(200, &[], PENDING));
    let outcome = gateway.refund(&request()).await;
    let RefundOutcome::Pending { refund_id, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(refund_id.as_deref(), Some(REFUND));
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.line.as_str(), seen.header("idempotency-key")),
        ("POST /refunds", Some("LK0123456789-R1"))
    );
    let (sent, expected): (Value, Value) =
        (serde_json::from_str(&seen.body).unwrap(), serde_json::from_str(REQUEST).unwrap());
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn an_answer_counts_when_it_is_about_this_refund_and_its_word_is_known() {
    let in_state = |status: &str| with(PENDING, &[("/status", json!(status))]);
    assert!(matches!(refunded(201, in_state("SUCCEEDED")).await, RefundOutcome::Done { .. }));
    for (status, failure, reason) in [
        ("FAILED", json!("INSUFFICIENT_BALANCE"), RefundRefusal::InsufficientBalance),
        ("FAILED", json!("REFUND_FAILED"), RefundRefusal::Other),
        ("CANCELLED", json!(null), RefundRefusal::Other),
    ] {
        let told = with(PENDING, &[("/status", json!(status)), ("/failure_code", failure)]);
        let outcome = refunded(200, told).await;
        assert!(
            matches!(&outcome, RefundOutcome::Refused { reason: told, .. } if *told == reason),
            "{outcome:?}"
        );
    }
    for change in [
        ("/status", json!("SOMETHING_NEW")),
        ("/status", json!(null)),
        ("/reference_id", json!("LK0123456789-R2")),
        ("/amount", json!(25_000)),
        ("/amount", json!("ten")),
        ("/currency", json!("PHP")),
        ("/payment_request_id", json!("pr-other")),
    ] {
        let told = with(&in_state("SUCCEEDED"), std::slice::from_ref(&change));
        let outcome = refunded(
            200,
            if change.0 == "/status" { with(PENDING, std::slice::from_ref(&change)) } else { told },
        )
        .await;
        assert!(matches!(outcome, RefundOutcome::Unknown { .. }), "{change:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_refusal_a_doubt_and_a_pause_are_told_apart() {
    let error = |code: &str| json!({"error_code": code, "message": "m"}).to_string();
    for (status, code, reason) in [
        (400, "REFUND_AMOUNT_EXCEEDED", RefundRefusal::Amount),
        (403, "REFUND_NOT_SUPPORTED", RefundRefusal::NotRefundable),
        (400, "INELIGIBLE_TRANSACTION_STATUS", RefundRefusal::WrongState),
        (400, "INSUFFICIENT_BALANCE", RefundRefusal::InsufficientBalance),
    ] {
        let outcome = refunded(status, error(code)).await;
        assert!(
            matches!(&outcome, RefundOutcome::Refused { reason: told, .. } if *told == reason),
            "{outcome:?}"
        );
    }
    for (status, code) in [(409, "DUPLICATE_ERROR"), (400, "REFUND_IN_PROGRESS"), (400, "IDEMPOTENCY_ERROR")]
    {
        assert_eq!(refunded(status, error(code)).await, RefundOutcome::Exists, "{code}");
    }
    for (status, code) in [(429, "RATE_LIMIT_EXCEEDED"), (401, "INVALID_API_KEY")] {
        let outcome = refunded(status, error(code)).await;
        assert!(matches!(outcome, RefundOutcome::NotTaken { .. }), "{code}: {outcome:?}");
    }
    for (status, body) in [
        (500, error("SERVER_ERROR")),
        (503, "<html>".into()),
        (400, "<html>".into()),
        (429, "<html>".into()),
        (200, "{".into()),
    ] {
        let outcome = refunded(status, body.clone()).await;
        assert!(matches!(outcome, RefundOutcome::Unknown { .. }), "{body}: {outcome:?}");
    }
}

#[tokio::test]
async fn what_the_terms_do_not_allow_is_not_asked_for() {
    let (server, gateway) = scene(|_| answer(200, &[], PENDING));
    let push = RefundRequest { payment: sent(PaymentMethod::OvoPush), ..request() };
    let late =
        RefundRequest { now: request().settled_at.plus(Duration::from_secs(31 * 86_400)), ..request() };
    let more = RefundRequest { others: Rupiah::new(20_000), ..request() };
    for (asked, reason) in [
        (push, RefundRefusal::NotRefundable),
        (late, RefundRefusal::WindowOver),
        (more, RefundRefusal::Amount),
    ] {
        let outcome = gateway.refund(&asked).await;
        assert!(
            matches!(&outcome, RefundOutcome::Refused { reason: told, .. } if *told == reason),
            "{outcome:?}"
        );
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_lost_refund_is_found_by_our_key_in_the_list_of_its_payment() {
    let other =
        with(PENDING, &[("/reference_id", json!("LK0123456789-R2")), ("/status", json!("SUCCEEDED"))]);
    let dashboard = with(PENDING, &[("/reference_id", json!(null)), ("/status", json!("SUCCEEDED"))]);
    let done = with(PENDING, &[("/status", json!("SUCCEEDED"))]);
    let more = with(&done, &[("/amount", json!(25_000))]);
    let failed = with(&dashboard, &[("/status", json!("FAILED"))]);
    let half = with(&dashboard, &[("/amount", json!(5_000))]);
    let odd = with(&dashboard, &[("/amount", json!("ten"))]);
    let pending = with(&dashboard, &[("/status", json!("PENDING"))]);
    let listed_beside = async |others: i64, body: String| {
        let (server, gateway) = scene(move |_| answer(200, &[], &body));
        let asked = RefundRequest { others: Rupiah::new(others), ..request() };
        let outcome = gateway.refund_status(&asked).await;
        assert_eq!(server.seen()[0].line, format!("GET /refunds?payment_request_id={ID}&limit=50"));
        outcome
    };
    let listed = async |body: String| listed_beside(0, body).await;
    assert!(matches!(listed(list(&[&other, &done])).await, RefundOutcome::Done { .. }));
    assert!(matches!(listed(list(&[PENDING])).await, RefundOutcome::Pending { .. }));
    for (others, nothing) in [(0, list(&[])), (0, list(&[&failed])), (10_000, list(&[&other, &failed]))] {
        assert_eq!(listed_beside(others, nothing.clone()).await, RefundOutcome::NotFound, "{nothing}");
    }
    // When all that was paid went back it is with the buyer, whoever gave it.
    let rest = with(&dashboard, &[("/amount", json!(15_000))]);
    for (others, back) in [(0, list(&[&dashboard, &rest])), (10_000, list(&[&other, &rest]))] {
        let outcome = listed_beside(others, back.clone()).await;
        assert_eq!(outcome, RefundOutcome::Done { refund_id: None }, "{back}");
    }
    // What somebody gave back in the dashboard, as much as this, is not this.
    for (others, back) in [(0, list(&[&dashboard])), (10_000, list(&[&other, &dashboard]))] {
        let outcome = listed_beside(others, back.clone()).await;
        let RefundOutcome::Unknown { reason, .. } = &outcome else { panic!("{back}: {outcome:?}") };
        assert!(reason.contains("Rp 10.000 went back under another key"), "{reason}");
    }
    for unclear in [
        list(&[&half]),
        list(&[&odd]),
        list(&[&pending]),
        list(&[&done, &done]),
        list(&[&more]),
        r#"{"data":[],"has_more":true}"#.to_owned(),
        r#"{"data":null}"#.to_owned(),
        "<html>".to_owned(),
    ] {
        let outcome = listed(unclear.clone()).await;
        assert!(matches!(outcome, RefundOutcome::Unknown { .. }), "{unclear}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_refund_that_came_to_nothing_is_no_word_about_what_was_given_back_otherwise() {
    let failed = with(PENDING, &[("/status", json!("FAILED")), ("/failure_code", json!("REFUND_FAILED"))]);
    let dashboard = with(PENDING, &[("/reference_id", json!(null)), ("/status", json!("SUCCEEDED"))]);
    let half = with(&dashboard, &[("/amount", json!(5_000))]);
    let whole = with(&dashboard, &[("/amount", json!(25_000))]);
    let pending = with(&dashboard, &[("/status", json!("PENDING"))]);
    let known = RefundRequest { refund_id: Some(REFUND.into()), ..request() };
    let more = r#"{"data":[FAILED],"has_more":true}"#.replace("FAILED", &failed);
    for (all, alone) in [
        (list(&[&failed, &whole]), failed.clone()),
        (list(&[&failed, &dashboard]), failed.clone()),
        (list(&[&failed]), failed.clone()),
        (list(&[&failed, &half]), failed.clone()),
        (list(&[&failed, &pending]), failed.clone()),
        (more.clone(), failed.clone()),
    ] {
        let expected = match &all {
            // All that was paid is with the buyer.
            all if *all == list(&[&failed, &whole]) => "done",
            all if *all == list(&[&failed]) => "refused",
            _ => "unknown",
        };
        for asked in [known.clone(), request()] {
            let (all, alone) = (all.clone(), alone.clone());
            let (server, gateway) =
                scene(move |seen: &Seen| match seen.line.contains("payment_request_id") {
                    true => answer(200, &[], &all),
                    false => answer(200, &[], &alone),
                });
            let told = match gateway.refund_status(&asked).await {
                RefundOutcome::Done { .. } => "done",
                RefundOutcome::Refused { .. } => "refused",
                RefundOutcome::Unknown { .. } => "unknown",
                other => panic!("{other:?}"),
            };
            assert_eq!(told, expected, "{asked:?}");
            let last = server.seen().last().map(|seen| seen.line.clone());
            assert_eq!(last, Some(format!("GET /refunds?payment_request_id={ID}&limit=50")));
        }
    }
    // One that they do not know any more is looked for in the list.
    let done = with(PENDING, &[("/status", json!("SUCCEEDED"))]);
    let all = list(&[&done]);
    let (_server, gateway) = scene(move |seen: &Seen| match seen.line.contains("payment_request_id") {
        true => answer(200, &[], &all),
        false => answer(404, &[], r#"{"error_code":"DATA_NOT_FOUND","message":"m"}"#),
    });
    assert!(matches!(gateway.refund_status(&known).await, RefundOutcome::Done { .. }));
}

#[tokio::test]
async fn one_with_its_id_is_asked_about_by_it_and_a_payment_without_one_is_looked_for() {
    let (server, gateway) = scene(|_| answer(200, &[], PENDING));
    let known = RefundRequest { refund_id: Some(REFUND.into()), ..request() };
    assert!(matches!(gateway.refund_status(&known).await, RefundOutcome::Pending { .. }));
    assert_eq!(server.seen()[0].line, format!("GET /refunds/{REFUND}"));
    let rule = |seen: &Seen| match seen.line.as_str() {
        "POST /refunds" => answer(200, &[], PENDING),
        _ => answer(200, &[], list(&[OVO])),
    };
    let (server, gateway) = scene(rule);
    let mut lost = request();
    lost.payment.transaction_id = None;
    assert!(matches!(gateway.refund(&lost).await, RefundOutcome::Pending { .. }));
    assert_eq!(server.seen()[0].line, format!("GET /payment_requests?reference_id={REFERENCE}&limit=10"));
    // Which payment it is about has to be known before anything is asked for.
    let (server, gateway) = scene(|_| answer(200, &[], list(&[])));
    assert!(matches!(gateway.refund(&lost).await, RefundOutcome::NotTaken { .. }));
    assert_eq!(server.seen().len(), 1);
}
