//! Opening a payment (§2.2, §2.3, §2.5).

use super::{OURS, REAL_NOW, REFERENCE, charge_request, dana, public_pem, scene, with};
use crate::server::{Reply, Seen, answer, nobody};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use payments::{ChargeOutcome, ChargeRequest, Gateway, LostCharge, Opened, RefusalReason};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::HashSet, time::Duration};
use vocabulary::{PaymentMethod, Rupiah, Timestamp};

const QRIS_REQUEST: &str = include_str!("../../fixtures/dana/create_qris_request.json");
const LINK_REQUEST: &str = include_str!("../../fixtures/dana/create_link_request.json");
const QRIS_CREATED: &str = include_str!("../../fixtures/dana/create_qris_response.json");
const LINK_CREATED: &str = include_str!("../../fixtures/dana/create_link_response.json");
const PATH: &str = "/payment-gateway/v1.0/debit/payment-host-to-host.htm";

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Checks a request as §2.2 says DANA does: over the bytes that arrived, with our public key.
fn is_signed(seen: &Seen, path: &str) {
    let time = seen.header("x-timestamp").unwrap();
    let text = format!("POST:{path}:{}:{time}", hex::encode(Sha256::digest(&seen.body)));
    let der = public_pem(&OURS);
    let der: String = der.lines().filter(|line| !line.starts_with('-')).collect();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, STANDARD.decode(der).unwrap());
    let signature = STANDARD.decode(seen.header("x-signature").unwrap()).unwrap();
    key.verify(text.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn an_order_is_sent_and_signed_as_the_contract_has_it() {
    for (method, expected, created) in [
        (PaymentMethod::DanaQr, QRIS_REQUEST, QRIS_CREATED),
        (PaymentMethod::DanaLink, LINK_REQUEST, LINK_CREATED),
    ] {
        let (server, gateway) = scene(move |_| answer(200, &[], created));
        gateway.charge(&charge_request(method)).await;
        let seen = &server.seen()[0];
        assert_eq!(seen.line, format!("POST {PATH}"));
        assert_eq!(value(&seen.body), value(expected));
        assert!(!seen.body.contains(": ") && !seen.body.contains('\n'), "minified: {}", seen.body);
        assert_eq!(seen.header("x-timestamp"), Some(REAL_NOW), "real time, whatever the shop's clock says");
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert_eq!(seen.header("x-partner-id"), Some("partner-1"));
        assert_eq!(seen.header("channel-id"), Some("95221"));
        assert_eq!(seen.header("origin"), Some("https://store.example"));
        is_signed(seen, PATH);
    }
}

#[tokio::test]
async fn a_path_before_theirs_is_called_and_not_signed() {
    let (server, _) = scene(|_| answer(200, &[], QRIS_CREATED));
    let gateway = dana(&format!("{}/sandbox/dana/", server.url));
    gateway.charge(&charge_request(PaymentMethod::DanaQr)).await;
    let seen = &server.seen()[0];
    assert_eq!(seen.line, format!("POST /sandbox/dana{PATH}"));
    is_signed(seen, PATH);
}

#[tokio::test]
async fn a_repetition_has_the_same_content_and_an_id_of_its_own() {
    let (server, gateway) = scene(|_| answer(200, &[], QRIS_CREATED));
    assert_eq!(gateway.lost_charge(PaymentMethod::DanaQr), LostCharge::SendAgain);
    assert_eq!(gateway.lost_charge(PaymentMethod::DanaLink), LostCharge::SendAgain);
    let first = charge_request(PaymentMethod::DanaQr);
    for later in 0..3 {
        let now = first.now.plus(Duration::from_secs(later * 600));
        gateway.charge(&ChargeRequest { now, ..first.clone() }).await;
    }
    let seen = server.seen();
    let bodies: HashSet<&str> = seen.iter().map(|s| s.body.as_str()).collect();
    let ids: HashSet<&str> = seen.iter().map(|s| s.header("x-external-id").unwrap()).collect();
    assert_eq!((bodies.len(), ids.len()), (1, 3));
    assert!(ids.iter().all(|id| (1..=36).contains(&id.len())));
}

#[tokio::test]
async fn the_gateway_stops_taking_money_no_later_than_we_do() {
    let request = ChargeRequest {
        expires_at: Timestamp::parse_rfc3339("2026-11-22T05:29:59.999Z").unwrap(),
        ..charge_request(PaymentMethod::DanaQr)
    };
    let (server, gateway) = scene(|_| answer(200, &[], QRIS_CREATED));
    gateway.charge(&request).await;
    assert_eq!(value(&server.seen()[0].body)["validUpTo"], "2026-11-22T12:29:59+07:00");
}

#[tokio::test]
async fn a_title_is_cut_and_never_empty_and_addresses_that_are_not_known_are_not_named() {
    for (name, expected) in [
        ("é".repeat(200), "é".repeat(64)),
        ("a\nb\u{7}c".into(), "abc".into()),
        ("  ".into(), "ML_86".into()),
    ] {
        let (server, gateway) = scene(|_| answer(200, &[], QRIS_CREATED));
        let request = ChargeRequest {
            item_name: name,
            notify_url: None,
            return_url: None,
            ..charge_request(PaymentMethod::DanaQr)
        };
        gateway.charge(&request).await;
        let seen = &server.seen()[0];
        assert_eq!(value(&seen.body)["additionalInfo"]["order"]["orderTitle"], expected);
        assert_eq!(value(&seen.body)["urlParams"], json!([]));
        is_signed(seen, PATH);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_not_sent() {
    let (server, gateway) = scene(|_| answer(200, &[], QRIS_CREATED));
    let base = charge_request(PaymentMethod::DanaQr);
    for left in [0, 4] {
        let late = ChargeRequest { expires_at: base.now.plus(Duration::from_secs(left)), ..base.clone() };
        assert!(matches!(gateway.charge(&late).await, ChargeOutcome::NotOpened { .. }));
    }
    let free = ChargeRequest { amount: Rupiah::ZERO, ..base.clone() };
    assert!(matches!(gateway.charge(&free).await, ChargeOutcome::Refused { .. }));
    let other = ChargeRequest { method: PaymentMethod::GopayQr, ..base };
    assert!(matches!(gateway.charge(&other).await, ChargeOutcome::Refused { .. }));
    assert!(server.seen().is_empty());
    for method in gateway.methods() {
        assert!(gateway.shortest(*method) > Duration::from_secs(5));
    }
}

async fn charge(method: PaymentMethod, reply: Reply) -> ChargeOutcome {
    let (_server, gateway) = scene(move |_| reply.clone());
    gateway.charge(&charge_request(method)).await
}

#[tokio::test]
async fn the_buyer_gets_the_code_or_the_page() {
    let code = value(QRIS_CREATED)["additionalInfo"]["paymentCode"].as_str().unwrap().to_owned();
    let expected = Opened {
        transaction_id: "20261122111212800110166".into(),
        qr_string: Some(code),
        ..Opened::default()
    };
    let qr = charge(PaymentMethod::DanaQr, answer(200, &[], QRIS_CREATED)).await;
    assert_eq!(qr, ChargeOutcome::Opened(expected.clone()));
    let page = value(LINK_CREATED)["webRedirectUrl"].as_str().unwrap().to_owned();
    let expected = Opened { qr_string: None, redirect_url: Some(page), ..expected };
    let link = charge(PaymentMethod::DanaLink, answer(200, &[], LINK_CREATED)).await;
    assert_eq!(link, ChargeOutcome::Opened(expected));
}

fn kind(outcome: &ChargeOutcome) -> &'static str {
    match outcome {
        ChargeOutcome::Opened(_) => "opened",
        ChargeOutcome::Exists => "exists",
        ChargeOutcome::Refused { reason: RefusalReason::ThisPayment, .. } => "this payment refused",
        ChargeOutcome::Refused { .. } => "refused",
        ChargeOutcome::NotOpened { .. } => "not opened",
        ChargeOutcome::Unfit { .. } => "unfit",
        ChargeOutcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn an_answer_without_anything_to_pay_with_or_about_another_order_is_unknown() {
    let long = format!("000201{}", "1".repeat(1_000));
    for (pointer, change) in [
        ("/additionalInfo", Value::Null),
        ("/additionalInfo/paymentCode", json!("8801234567890")),
        ("/additionalInfo/paymentCode", json!("")),
        ("/additionalInfo/paymentCode", json!(long)),
        ("/additionalInfo/paymentCode", json!("000201\u{e9}")),
        ("/additionalInfo/paymentCode", json!({"x": 1})),
        ("/partnerReferenceNo", json!("LK0123456789-P2")),
        ("/partnerReferenceNo", json!("lk0123456789-p1")),
        ("/partnerReferenceNo", Value::Null),
    ] {
        let body = with(QRIS_CREATED, &[(pointer, change.clone())]);
        let outcome = charge(PaymentMethod::DanaQr, answer(200, &[], body)).await;
        assert_eq!(kind(&outcome), "unknown", "{pointer} {change}");
    }
    let long = format!("https://m.dana.id/{}", "x".repeat(2_048));
    for url in ["http://m.dana.id/x", "dana://pay", "javascript:alert(1)", "https://a@evil.test/", "", &long]
    {
        let body = with(LINK_CREATED, &[("/webRedirectUrl", json!(url))]);
        let outcome = charge(PaymentMethod::DanaLink, answer(200, &[], body)).await;
        assert_eq!(kind(&outcome), "unknown", "{url}");
    }
    let swapped = charge(PaymentMethod::DanaLink, answer(200, &[], QRIS_CREATED)).await;
    assert_eq!(kind(&swapped), "unknown", "a code instead of a page");
}

#[tokio::test]
async fn every_code_of_the_contract_has_its_meaning() {
    for (code, message, expected) in [
        ("2005400", "Successful", "opened"),
        ("4005400", "Bad Request", "this payment refused"),
        ("4005401", "Invalid Field Format amount", "this payment refused"),
        ("4005402", "Invalid Mandatory Field X-TIMESTAMP", "this payment refused"),
        ("4015400", "Unauthorized. Invalid Signature", "refused"),
        ("4035402", "Exceeds Transaction Amount Limit", "this payment refused"),
        ("4035405", "Do Not Honor", "this payment refused"),
        ("4035415", "Transaction Not Permitted", "refused"),
        ("4045408", "Invalid Merchant", "refused"),
        ("4045418", "Inconsistent Request", "exists"),
        ("4295400", "Too Many Requests", "not opened"),
        ("5005400", "General Error", "unknown"),
        ("5005401", "Internal Server Error", "unknown"),
        ("2005500", "of another service", "unknown"),
        ("4045417", "not in the contract", "unknown"),
        ("2025400", "not in the contract", "unknown"),
        ("", "none", "unknown"),
    ] {
        let body =
            with(QRIS_CREATED, &[("/responseCode", json!(code)), ("/responseMessage", json!(message))]);
        let of_code = code.get(..3).and_then(|status| status.parse().ok()).unwrap_or(200);
        for status in [of_code, 200] {
            let outcome = charge(PaymentMethod::DanaQr, answer(status, &[], &body)).await;
            assert_eq!(kind(&outcome), expected, "{code} in HTTP {status}");
            if let ChargeOutcome::Refused { code: told, message: words, .. } = outcome {
                assert_eq!((told.as_str(), words.as_str()), (code, message));
            }
        }
    }
}

#[tokio::test]
async fn a_gateway_that_asks_us_to_wait_is_heard() {
    let theirs = r#"{"responseCode":"4295400","responseMessage":"Too Many Requests"}"#;
    // Somebody between may say the same after it was acted on: that proves nothing, and is heeded all the same.
    for (body, is_theirs) in [(theirs, true), ("{}", false), ("<html>", false)] {
        let outcome = charge(PaymentMethod::DanaQr, answer(429, &[("Retry-After", "7")], body)).await;
        let (ours, retry_after) = match outcome {
            ChargeOutcome::NotOpened { retry_after, .. } => (true, retry_after),
            ChargeOutcome::Unknown { retry_after, .. } => (false, retry_after),
            outcome => panic!("{body}: {outcome:?}"),
        };
        assert_eq!((ours, retry_after), (is_theirs, Some(Duration::from_secs(7))), "{body}");
    }
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_opened_nothing() {
    let outcome = dana(&nobody()).charge(&charge_request(PaymentMethod::DanaQr)).await;
    assert!(matches!(outcome, ChargeOutcome::NotOpened { retry_after: None, .. }), "{outcome:?}");
    assert_eq!(REFERENCE.len(), 15, "at most 25 characters, which QRIS takes");
}
