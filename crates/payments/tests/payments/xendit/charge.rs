//! Opening a payment (§3.3, §3.6): what is sent, under which key, and what the answer opens.

use super::{
    DANA, ID, OVO, REFERENCE, charge_request, in_state, list, lost, nothing, party, scene, vector, with,
    xendit,
};
use crate::server::{answer, nobody};
use payments::{
    ChargeOutcome, ChargeRequest, Gateway, Life, LostCharge, Opened, Refundable, RefusalReason, StatusOutcome,
};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, Rupiah};

const OVO_REQUEST: &str = include_str!("../../fixtures/xendit/v2_ovo_request.json");
const DANA_REQUEST: &str = include_str!("../../fixtures/xendit/v2_dana_request.json");
const ERROR: &str = include_str!("../../fixtures/xendit/error.json");

fn push() -> ChargeRequest {
    charge_request(PaymentMethod::OvoPush)
}

fn link() -> ChargeRequest {
    charge_request(PaymentMethod::DanaLink)
}

async fn charge(request: ChargeRequest, status: u16, body: impl Into<String>) -> ChargeOutcome {
    let body = body.into();
    let (_server, gateway) = scene(move |seen| {
        let home = format!("http://{}", seen.header("host").unwrap());
        answer(status, &[], body.replace("$BASE", &home))
    });
    gateway.charge(&request).await
}

#[tokio::test]
async fn a_payment_is_asked_for_as_the_contract_has_it_under_its_reference_as_key() {
    for (request, fixture, told) in [(push(), OVO_REQUEST, OVO), (link(), DANA_REQUEST, DANA)] {
        let (server, gateway) = scene(move |_| answer(201, &[], told));
        gateway.charge(&request).await;
        gateway.charge(&request).await;
        let seen = server.seen();
        assert_eq!(seen[0].line, "POST /payment_requests");
        assert_eq!(seen[0].header("authorization"), Some(vector("/authorization").as_str()));
        assert_eq!(seen[0].header("content-type"), Some("application/json"));
        assert_eq!(seen[0].header("idempotency-key"), Some(REFERENCE));
        let (body, expected): (Value, Value) =
            (serde_json::from_str(&seen[0].body).unwrap(), serde_json::from_str(fixture).unwrap());
        assert_eq!(body, expected);
        // A repetition is the same to the letter: under one key another content is an error.
        assert_eq!((&seen[0].body, seen[1].header("idempotency-key")), (&seen[1].body, Some(REFERENCE)));
    }
}

#[tokio::test]
async fn a_push_is_open_for_65_seconds_and_has_nothing_to_open() {
    let expected = Opened {
        transaction_id: ID.into(),
        expires_at: Some(push().now.plus(Duration::from_secs(65))),
        ..Opened::default()
    };
    for status in [200, 201, 202] {
        assert_eq!(charge(push(), status, OVO).await, ChargeOutcome::Opened(expected.clone()));
    }
    // Their clock gives nobody more time, and what they also name is not for a push.
    for change in [
        ("/created", json!("2026-11-22T12:00:00.000Z")),
        ("/created", json!("soon")),
        ("/created", json!(null)),
        ("/actions", json!([{"action": "AUTH", "url_type": "WEB", "url": "https://x.example/"}])),
        ("/status", json!("requires_action")),
    ] {
        let told = with(OVO, std::slice::from_ref(&change));
        assert_eq!(charge(push(), 201, told).await, ChargeOutcome::Opened(expected.clone()), "{change:?}");
    }
}

#[tokio::test]
async fn a_link_opens_their_page_for_any_browser() {
    let ChargeOutcome::Opened(opened) = charge(link(), 201, DANA).await else { panic!("not open") };
    assert_eq!((opened.transaction_id.as_str(), opened.expires_at), (ID, None));
    assert!(opened.redirect_url.unwrap().ends_with(&format!("/checkout/{ID}")));
    let action = |action: &str, kind: &str, url: &str| json!({"action": action, "url_type": kind, "method": "GET", "url": url});
    let shown = async |actions: Value| match charge(link(), 201, with(DANA, &[("/actions", actions)])).await {
        ChargeOutcome::Opened(opened) => opened.redirect_url,
        ChargeOutcome::Unknown { .. } => None,
        other => panic!("{other:?}"),
    };
    let (web, mobile) = ("https://w.example/1", "https://m.example/1");
    let both = json!([action("AUTH", "MOBILE", mobile), action("AUTH", "WEB", web)]);
    assert_eq!(shown(both).await.as_deref(), Some(web));
    assert_eq!(shown(json!([action("AUTH", "MOBILE", mobile)])).await.as_deref(), Some(mobile));
    for none in [
        json!([]),
        json!(null),
        json!("https://w.example/1"),
        json!([action("CANCEL", "WEB", web)]),
        json!([action("AUTH", "API", web)]),
        json!([action("AUTH", "WEB", "javascript:alert(1)")]),
        json!([action("AUTH", "WEB", "")]),
    ] {
        assert_eq!(shown(none.clone()).await, None, "{none}");
    }
}

#[tokio::test]
async fn an_answer_about_another_payment_or_one_that_is_further_opens_nothing() {
    let other = with(OVO, &[("/reference_id", json!("LK9999999999-P1"))]);
    assert!(matches!(charge(push(), 201, other).await, ChargeOutcome::Unknown { .. }));
    for status in ["SUCCEEDED", "FAILED", "EXPIRED", "AWAITING_CAPTURE", "SOMETHING_NEW"] {
        assert_eq!(charge(push(), 201, in_state(OVO, status)).await, ChargeOutcome::Exists, "{status}");
    }
}

#[tokio::test]
async fn a_refusal_says_why_and_repeats_nobodys_number() {
    let outcome = charge(push(), 403, ERROR).await;
    let ChargeOutcome::Refused { code, message, reason } = outcome else { panic!("{outcome:?}") };
    assert_eq!((code.as_str(), reason), ("CHANNEL_NOT_ACTIVATED", RefusalReason::Other));
    assert_eq!(message, "the channel is not activated");
    let told =
        json!({"error_code": "INVALID_PAYMENT_DETAILS", "message": "+6281234567890 is not registered"});
    let outcome = charge(push(), 400, told.to_string()).await;
    let ChargeOutcome::Refused { message, reason, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason, RefusalReason::UnknownPhone);
    assert_eq!(message, "+*********7890 is not registered");
    // Of a link nobody gave a number.
    let outcome = charge(link(), 400, told.to_string()).await;
    assert!(matches!(outcome, ChargeOutcome::Refused { reason: RefusalReason::Other, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_limit_is_no_refusal_and_says_how_long_it_lasts() {
    const LIMIT: &str = r#"{"error_code":"RATE_LIMIT_EXCEEDED"}"#;
    for (status, headers, body, is_theirs, wait) in [
        (429, vec![("Rate-Limit-Reset", "7")], LIMIT, true, Some(7)),
        (429, vec![("Retry-After", "3"), ("Rate-Limit-Reset", "7")], LIMIT, true, Some(3)),
        // Somebody between may say the same after it was acted on: that proves nothing, and is heeded all the same.
        (429, vec![("Retry-After", "3"), ("Rate-Limit-Reset", "7")], "<html>", false, Some(3)),
        (429, vec![("Rate-Limit-Reset", "7")], "{}", false, Some(7)),
        // A point in time, or nonsense, is no pause.
        (429, vec![("Rate-Limit-Reset", "1795323600")], LIMIT, true, None),
        (400, vec![], r#"{"error_code":"PAYMENT_REQUEST_RATE_LIMITED","message":"x"}"#, true, None),
    ] {
        let (_server, gateway) = scene(move |_| answer(status, &headers, body));
        let (ours, retry_after) = match gateway.charge(&push()).await {
            ChargeOutcome::NotOpened { retry_after, .. } => (true, retry_after),
            ChargeOutcome::Unknown { retry_after, .. } => (false, retry_after),
            outcome => panic!("{body}: {outcome:?}"),
        };
        assert_eq!((ours, retry_after.map(|wait| wait.as_secs())), (is_theirs, wait), "{body}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_or_comes_too_late_is_not_sent() {
    let (server, gateway) = scene(|_| answer(201, &[], OVO));
    for (request, code) in [
        (ChargeRequest { phone: None, ..push() }, "phone"),
        (ChargeRequest { amount: Rupiah::new(99), ..push() }, "amount"),
        (ChargeRequest { amount: Rupiah::new(20_000_001), ..link() }, "amount"),
        (charge_request(PaymentMethod::GopayQr), "method"),
        (charge_request(PaymentMethod::OvoLink), "method"),
    ] {
        let outcome = gateway.charge(&request).await;
        let ChargeOutcome::Refused { code: told, reason, .. } = &outcome else { panic!("{outcome:?}") };
        assert_eq!((told.as_str(), *reason), (code, RefusalReason::ThisPayment));
    }
    let late = |request: ChargeRequest, seconds| ChargeRequest {
        expires_at: request.now.plus(Duration::from_secs(seconds)),
        ..request
    };
    for request in [late(push(), 0), late(push(), 69), late(link(), 59)] {
        assert!(matches!(gateway.charge(&request).await, ChargeOutcome::NotOpened { .. }));
    }
    assert!(server.seen().is_empty());
    assert!(matches!(gateway.charge(&late(push(), 70)).await, ChargeOutcome::Opened(_)));
}

#[tokio::test]
async fn a_lost_charge_is_found_by_our_reference_with_all_that_the_buyer_needs() {
    let dana = DANA.replace("$BASE", "http://127.0.0.1");
    for (method, told) in [(PaymentMethod::OvoPush, OVO.to_owned()), (PaymentMethod::DanaLink, dana)] {
        let (server, gateway) = party(told, nothing(), nothing());
        assert_eq!(gateway.lost_charge(method), LostCharge::Ask);
        let StatusOutcome::Found(seen) = gateway.status(&lost(method)).await else { panic!("not found") };
        assert_eq!(seen.opened.transaction_id, ID);
        assert_eq!(seen.opened.redirect_url.is_some(), method == PaymentMethod::DanaLink);
        assert_eq!(server.seen()[0].line, format!("GET /payment_requests?reference_id={REFERENCE}&limit=10"));
    }
}

#[tokio::test]
async fn a_list_that_does_not_heed_the_reference_is_no_proof_that_nothing_is_there() {
    let other = with(OVO, &[("/reference_id", json!("LK9999999999-P1")), ("/status", json!("SUCCEEDED"))]);
    for (body, there_is_nothing) in [
        (nothing(), true),
        (list(&[&other]), false),
        (r#"{"data":[],"has_more":true}"#.to_owned(), false),
        (r#"{"data":{}}"#.to_owned(), false),
        (r#"{"error_code":"DATA_NOT_FOUND"}"#.to_owned(), false),
    ] {
        let told = body.clone();
        let (_server, gateway) = scene(move |_| answer(200, &[], &told));
        let outcome = gateway.status(&lost(PaymentMethod::OvoPush)).await;
        assert_eq!(outcome == StatusOutcome::NotFound, there_is_nothing, "{body}: {outcome:?}");
        assert!(there_is_nothing || matches!(outcome, StatusOutcome::Unknown { .. }), "{body}: {outcome:?}");
    }
}

#[test]
fn the_terms_are_those_of_xendit_and_not_of_the_other_rails() {
    let gateway = xendit(&nobody());
    let days = |days: u32| Duration::from_secs(86_400) * days;
    for (method, life, refund, fee) in [
        // §3.7: 100 to 20 million; a push that was paid once cannot be given back. §8: 2.73 % and tax.
        (PaymentMethod::OvoPush, Duration::from_secs(65), Refundable::Never, 3_030),
        // §3.7: a day; refunds in parts for 30. §8: 1.5 % and tax.
        (PaymentMethod::DanaLink, days(1), Refundable::InParts { within: days(30) }, 1_665),
    ] {
        let terms = gateway.terms(method);
        assert_eq!((terms.least.get(), terms.most.map(Rupiah::get)), (100, Some(20_000_000)), "{method}");
        assert_eq!((terms.life, terms.refund), (Life::Fixed(life), refund), "{method}");
        assert_eq!(terms.fee.of(Rupiah::new(100_000)), Some(Rupiah::new(fee)), "{method}");
    }
    assert_eq!(gateway.methods(), [PaymentMethod::OvoPush, PaymentMethod::DanaLink]);
    assert_eq!(gateway.shortest(PaymentMethod::OvoPush), Duration::from_secs(70));
    assert_eq!(gateway.shortest(PaymentMethod::DanaLink), Duration::from_secs(60));
}
