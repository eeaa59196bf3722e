//! What became of a payment (§3.3, §3.5), and every way in which their answer says more or less than it seems.

use super::{DANA, ID, METHOD, OVO, given, in_state, list, lost, nothing, party, payment, scene, sent, with};
use crate::server::answer;
use payments::{Gateway, Observation, ObservedState as S, Sent, StatusOutcome};
use serde_json::{Value, json};
use vocabulary::{PaymentMethod, Rupiah};

const PUSH: PaymentMethod = PaymentMethod::OvoPush;

async fn asked(request: String, payments: String, refunds: String) -> Observation {
    let (_server, gateway) = party(request, payments, refunds);
    match gateway.status(&sent(PUSH)).await {
        StatusOutcome::Found(seen) => seen,
        other => panic!("{other:?}"),
    }
}

async fn seen(request: String) -> Observation {
    asked(request, nothing(), nothing()).await
}

fn ended(status: &str, failure: Value) -> String {
    with(OVO, &[("/status", json!(status)), ("/failure_code", failure)])
}

#[tokio::test]
async fn every_state_is_told_as_it_is() {
    for (status, failure, expected) in [
        ("PENDING", json!(null), S::Pending),
        ("REQUIRES_ACTION", json!(null), S::Pending),
        ("SUCCEEDED", json!(null), S::Settled),
        ("succeeded", json!(null), S::Settled),
        ("FAILED", json!("USER_DECLINED_PAYMENT"), S::Denied),
        ("FAILED", json!("PAYMENT_REQUEST_EXPIRED"), S::Expired),
        ("FAILED", json!(7), S::Denied),
        ("CANCELED", json!(null), S::Cancelled),
        ("EXPIRED", json!(null), S::Expired),
        ("VOIDED", json!(null), S::Refunded),
        ("AWAITING_CAPTURE", json!(null), S::Suspicious),
        ("UNKNOWN", json!(null), S::Unrecognised),
        ("COMPLETED", json!(null), S::Unrecognised),
    ] {
        let seen = seen(ended(status, failure.clone())).await;
        assert_eq!((seen.state, seen.amount), (expected, Some(Rupiah::new(25_000))), "{status} {failure}");
        assert!(seen.stated.starts_with(status), "{}", seen.stated);
    }
    for status in [json!(null), json!(200), json!(["SUCCEEDED"])] {
        assert_eq!(seen(with(OVO, &[("/status", status.clone())])).await.state, S::Unrecognised, "{status}");
    }
}

#[tokio::test]
async fn an_amount_is_a_number_or_a_text_and_one_that_cannot_be_read_is_none() {
    for (amount, expected) in [
        (json!(25_000.0), Some(25_000)),
        (json!("25000"), Some(25_000)),
        (json!("25000.00"), Some(25_000)),
        (json!(24_999), Some(24_999)),
        (json!(25_000.5), None),
        (json!("25.000"), Some(25)),
        (json!("Rp25000"), None),
        (json!(null), None),
    ] {
        let seen = seen(with(OVO, &[("/status", json!("SUCCEEDED")), ("/amount", amount.clone())])).await;
        assert_eq!((seen.state, seen.amount.map(Rupiah::get)), (S::Settled, expected), "{amount}");
    }
    let foreign = seen(with(OVO, &[("/status", json!("SUCCEEDED")), ("/currency", json!("PHP"))])).await;
    assert_eq!((foreign.state, foreign.amount), (S::Suspicious, None));
}

#[tokio::test]
async fn an_answer_about_another_payment_says_nothing_of_ours() {
    let paid = with(OVO, &[("/status", json!("SUCCEEDED")), ("/reference_id", json!("LK0123456789-P2"))]);
    let (_server, gateway) = scene(move |_| answer(200, &[], &paid));
    let outcome = gateway.status(&sent(PUSH)).await;
    assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{outcome:?}");
    let (_server, gateway) = scene(|_| answer(404, &[], r#"{"error_code":"DATA_NOT_FOUND","message":"x"}"#));
    assert_eq!(gateway.status(&sent(PUSH)).await, StatusOutcome::NotFound);
}

#[tokio::test]
async fn a_request_that_stays_expired_although_it_was_paid_is_paid() {
    for status in ["EXPIRED", "CANCELED", "FAILED"] {
        let late = list(&[&payment("SUCCEEDED", json!("25000"))]);
        let seen = asked(in_state(OVO, status), late, nothing()).await;
        assert_eq!((seen.state, seen.amount), (S::Settled, Some(Rupiah::new(25_000))), "{status}");
        assert!(seen.stated.contains("SUCCEEDED"), "{}", seen.stated);
    }
    // What counts is a payment of this request that succeeded, in rupiah.
    let other = with(&payment("SUCCEEDED", json!(25_000)), &[("/payment_request_id", json!("pr-other"))]);
    let foreign = with(&payment("SUCCEEDED", json!(25_000)), &[("/currency", json!("PHP"))]);
    for (payments, state, amount) in [
        (list(&[&payment("FAILED", json!(25_000))]), S::Expired, Some(25_000)),
        (list(&[&other]), S::Expired, Some(25_000)),
        (list(&[&foreign]), S::Settled, None),
        (list(&[&payment("SUCCEEDED", json!(24_000))]), S::Settled, Some(24_000)),
        (
            list(&[&payment("SUCCEEDED", json!(25_000)), &payment("SUCCEEDED", json!(25_000))]),
            S::Settled,
            Some(50_000),
        ),
        // A list that they do not have changes nothing.
        (r#"{"error_code":"DATA_NOT_FOUND"}"#.to_owned(), S::Expired, Some(25_000)),
        ("<html>".to_owned(), S::Expired, Some(25_000)),
    ] {
        let seen = asked(in_state(OVO, "EXPIRED"), payments.clone(), nothing()).await;
        assert_eq!((seen.state, seen.amount.map(Rupiah::get)), (state, amount), "{payments}");
    }
}

#[tokio::test]
async fn how_a_request_ended_is_not_known_while_its_payments_cannot_be_had() {
    for status in [429, 500, 503] {
        let (server, gateway) = scene(move |seen| match seen.line.ends_with("/payments") {
            true => answer(status, &[], r#"{"error_code":"SERVER_ERROR"}"#),
            false => answer(200, &[], in_state(OVO, "EXPIRED")),
        });
        let outcome = gateway.status(&sent(PUSH)).await;
        assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{status}: {outcome:?}");
        assert_eq!(server.seen()[1].line, format!("GET /v2/payment_methods/{METHOD}/payments"));
    }
}

#[tokio::test]
async fn money_that_went_back_is_seen_although_the_request_stays_succeeded() {
    for (refunds, state, back) in [
        (nothing(), S::Settled, None),
        (list(&[&given("PENDING", json!(25_000))]), S::Settled, None),
        (list(&[&given("FAILED", json!(25_000))]), S::Settled, None),
        (list(&[&given("SUCCEEDED", json!(10_000))]), S::PartlyRefunded, Some(10_000)),
        (
            list(&[&given("SUCCEEDED", json!("10000")), &given("SUCCEEDED", json!(15_000))]),
            S::Refunded,
            Some(25_000),
        ),
        (
            list(&[&with(&given("SUCCEEDED", json!(1)), &[("/payment_request_id", json!("pr-other"))])]),
            S::Settled,
            None,
        ),
    ] {
        let seen = asked(in_state(OVO, "SUCCEEDED"), nothing(), refunds.clone()).await;
        assert_eq!((seen.state, seen.given_back.map(Rupiah::get)), (state, back), "{refunds}");
    }
}

#[tokio::test]
async fn the_refunds_of_a_payment_are_told_one_by_one_when_the_list_has_them_all() {
    let ours = with(&given("SUCCEEDED", json!(10_000)), &[("/reference_id", json!("LK0123456789-R1"))]);
    let by_hand = with(&given("SUCCEEDED", json!(5_000)), &[("/reference_id", json!(null))]);
    let refunds = list(&[&ours, &by_hand, &given("FAILED", json!(1_000))]);
    for (refunds, is_told) in
        [(refunds.clone(), true), (refunds.replace(r#""has_more":false"#, r#""has_more":true"#), false)]
    {
        let seen = asked(in_state(OVO, "SUCCEEDED"), nothing(), refunds.clone()).await;
        assert_eq!(
            (seen.state, seen.given_back),
            (S::PartlyRefunded, Some(Rupiah::new(15_000))),
            "{refunds}"
        );
        let told = seen
            .refunds
            .map(|all| all.into_iter().map(|one| (one.key, one.amount.get())).collect::<Vec<_>>());
        let expected = vec![(Some("LK0123456789-R1".to_owned()), 10_000), (None, 5_000)];
        assert_eq!(told, is_told.then_some(expected), "{refunds}");
    }
}

#[tokio::test]
async fn money_that_has_just_come_waits_for_no_list_of_refunds_and_older_money_does() {
    for (was_open, settled) in [(true, true), (false, false)] {
        let (_server, gateway) = scene(|seen| match seen.line.starts_with("GET /refunds") {
            true => answer(500, &[], "<html>"),
            false => answer(200, &[], in_state(OVO, "SUCCEEDED")),
        });
        let outcome = gateway.status(&Sent { was_open, ..sent(PUSH) }).await;
        let is_settled = matches!(&outcome, StatusOutcome::Found(Observation { state: S::Settled, .. }));
        assert_eq!(is_settled, settled, "{outcome:?}");
    }
}

#[tokio::test]
async fn of_several_requests_under_one_reference_no_rupiah_is_lost_and_none_is_taken_for_paid() {
    let another = |status: &str| with(OVO, &[("/id", json!("pr-2")), ("/status", json!(status))]);
    for (first, second, state, amount) in [
        ("SUCCEEDED", "SUCCEEDED", S::Settled, Some(50_000)),
        ("SUCCEEDED", "PENDING", S::Settled, Some(25_000)),
        ("PENDING", "SUCCEEDED", S::Settled, Some(25_000)),
        ("PENDING", "PENDING", S::Suspicious, None),
        ("EXPIRED", "PENDING", S::Suspicious, None),
    ] {
        let both = list(&[&in_state(OVO, first), &another(second)]);
        let (_server, gateway) = scene(move |_| answer(200, &[], &both));
        let StatusOutcome::Found(seen) = gateway.status(&lost(PUSH)).await else {
            panic!("{first} {second}")
        };
        assert_eq!((seen.state, seen.amount.map(Rupiah::get)), (state, amount), "{first} {second}");
        assert!(seen.stated.contains("2 payment requests"), "{}", seen.stated);
    }
}

#[tokio::test]
async fn a_link_without_its_page_is_not_open_yet() {
    let bare = with(DANA, &[("/actions", json!([]))]);
    let (_server, gateway) = party(bare, nothing(), nothing());
    let link = PaymentMethod::DanaLink;
    let outcome = gateway.status(&lost(link)).await;
    assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{outcome:?}");
    // One that is open has its page already.
    assert!(matches!(gateway.status(&sent(link)).await, StatusOutcome::Found(_)));
}

#[tokio::test]
async fn an_id_that_would_leave_its_place_in_the_path_is_not_used() {
    let (server, gateway) = party(OVO.to_owned(), nothing(), nothing());
    for id in ["pr-1/../../refunds", "pr-1?x", ""] {
        gateway.status(&Sent { transaction_id: Some(id.into()), ..sent(PUSH) }).await;
    }
    assert!(server.seen().iter().all(|seen| seen.line.starts_with("GET /payment_requests?reference_id=")));
    gateway.status(&sent(PUSH)).await;
    assert_eq!(server.seen().last().unwrap().line, format!("GET /payment_requests/{ID}"));
}
