//! Who may tell us about a payment (`contracts/payments.md` §1.8, §7, §9 rows 7, 12, 18).

use crate::scene::{KEY, REFERENCE, midtrans, settings, with};
use outside::Http;
use payments::{Gateway, Notification, WebhookRefusal, gateways::midtrans::Midtrans};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use std::sync::LazyLock;
use vocabulary::Secret;

const VECTORS: &str = include_str!("../fixtures/midtrans_signatures.json");
const SETTLED: &str = include_str!("../fixtures/midtrans/settlement_notification.json");

/// Written from the contract's sentence, not from the adapter.
pub(crate) fn sign(order_id: &str, status_code: &str, gross_amount: &str, key: &str) -> String {
    hex::encode(Sha512::digest(format!("{order_id}{status_code}{gross_amount}{key}")))
}

static GATEWAY: LazyLock<Midtrans> = LazyLock::new(|| midtrans("http://127.0.0.1:1"));

fn verify(body: &str) -> Result<Notification, WebhookRefusal> {
    GATEWAY.verify_webhook(&[], body.as_bytes())
}

fn signed(order_id: &str, status_code: &str, gross_amount: &str) -> Value {
    json!({
        "order_id": order_id, "status_code": status_code, "gross_amount": gross_amount,
        "transaction_status": "settlement", "signature_key": sign(order_id, status_code, gross_amount, KEY),
    })
}

fn is_malformed(outcome: &Result<Notification, WebhookRefusal>) -> bool {
    matches!(outcome, Err(WebhookRefusal::Malformed(_)))
}

#[test]
fn every_vector_is_believed_with_its_own_key_alone() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    for v in vectors["midtrans_signature_key"].as_array().unwrap() {
        let key = v["server_key"].as_str().unwrap();
        let mut settings = settings("http://127.0.0.1:1");
        settings.server_key = Secret::new(key);
        let gateway = Midtrans::new(Http::new().unwrap(), settings);
        let body = with(&v.to_string(), &json!({"server_key": null, "transaction_status": "Settlement"}));
        let expected =
            Notification { reference: v["order_id"].as_str().unwrap().into(), stated: "Settlement".into() };
        assert_eq!(gateway.verify_webhook(&[], body.as_bytes()), Ok(expected));
        for field in ["order_id", "status_code", "gross_amount", "signature_key"] {
            let text = v[field].as_str().unwrap();
            let mut other = text.as_bytes().to_vec();
            let last = other.last_mut().unwrap();
            *last = if *last == b'1' { b'2' } else { b'1' };
            let changed = with(&body, &json!({field: String::from_utf8(other).unwrap()}));
            let outcome = gateway.verify_webhook(&[], changed.as_bytes());
            assert_eq!(outcome, Err(WebhookRefusal::BadSignature), "{field} changed");
        }
    }
}

#[test]
fn the_example_of_the_contract_is_read_whatever_else_it_holds() {
    let body = SETTLED.replace("$SIGNATURE", &sign("order03", "200", "275000.00", KEY));
    let believed = Notification { reference: "order03".into(), stated: "settlement".into() };
    assert_eq!(verify(&body), Ok(believed.clone()));
    assert_eq!(verify(&with(&body, &json!({"a_new_field": [1, {"x": null}]}))), Ok(believed));
}

#[test]
fn the_strings_count_as_received() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let negative = &vectors["midtrans_signature_key_negative"][0];
    let body = json!({
        "order_id": negative["order_id"], "status_code": negative["status_code"],
        "gross_amount": "25000.00", "signature_key": negative["digest"],
    });
    assert_eq!(verify(&body.to_string()), Err(WebhookRefusal::BadSignature), "the amount was re-formatted");
    let as_received = with(&body.to_string(), &json!({"gross_amount": "25000"}));
    assert!(verify(&as_received).is_ok());
}

#[test]
fn a_signature_over_another_split_of_the_same_text_is_refused() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let pair = &vectors["midtrans_signature_key_negative"][1];
    assert_eq!(sign("ORD-1", "200", "5000.00", KEY), sign("ORD-12", "00", "5000.00", KEY));
    let side = |side: &str| with(&pair[side].to_string(), &json!({"signature_key": pair["digest_a"]}));
    assert!(verify(&side("a")).is_ok());
    assert!(is_malformed(&verify(&side("b"))), "00 is no code");
    for code in ["", "0", "00", "20", "2000", "201 ", "203", "400", "404", "407", "٢٠٠"] {
        assert!(is_malformed(&verify(&signed(REFERENCE, code, "1.00").to_string())), "{code}");
    }
    for code in ["200", "201", "202"] {
        assert!(verify(&signed(REFERENCE, code, "1.00").to_string()).is_ok(), "{code}");
    }
}

#[test]
fn what_is_not_signed_can_be_altered_so_it_is_only_a_reason_to_ask() {
    let altered = with(
        &signed(REFERENCE, "200", "1.00").to_string(),
        &json!({"transaction_status": "deny", "fraud_status": "x"}),
    );
    assert_eq!(verify(&altered).unwrap().stated, "deny");
    let silent = with(&altered, &json!({"transaction_status": null}));
    assert_eq!(verify(&silent).unwrap().stated, "");
    let endless = with(&altered, &json!({"transaction_status": "x".repeat(10_000)}));
    assert!(verify(&endless).unwrap().stated.len() <= 300);
}

#[test]
fn a_test_notification_of_an_order_that_nobody_knows_is_believed() {
    let body = signed("payment_notif_test_G141532850_0b5b1f0e", "200", "105000.00");
    assert_eq!(verify(&body.to_string()).unwrap().reference, "payment_notif_test_G141532850_0b5b1f0e");
}

#[test]
fn a_body_without_what_is_signed_is_malformed() {
    let whole = signed(REFERENCE, "200", "1.00").to_string();
    for field in ["order_id", "status_code", "gross_amount"] {
        for value in [Value::Null, json!(200), json!(["200"]), json!({}), json!(true)] {
            let outcome = verify(&with(&whole, &json!({field: value})));
            assert!(is_malformed(&outcome), "{field} {value}: {outcome:?}");
        }
    }
    for signature in [Value::Null, json!(7), json!(""), json!([])] {
        let outcome = verify(&with(&whole, &json!({"signature_key": signature})));
        assert_eq!(outcome, Err(WebhookRefusal::BadSignature), "{signature}");
    }
    let upper = sign(REFERENCE, "200", "1.00", KEY).to_uppercase();
    assert_eq!(verify(&with(&whole, &json!({"signature_key": upper}))), Err(WebhookRefusal::BadSignature));
    for body in ["", "null", "7", "\"text\"", "[]", "{", "order_id=1&status_code=200", "\u{feff}{}"] {
        assert!(is_malformed(&verify(body)), "{body}");
    }
    for reference in ["", "a\u{0}b", "a\nb"] {
        assert!(is_malformed(&verify(&signed(reference, "200", "1.00").to_string())), "{reference:?}");
    }
}

#[test]
fn repeated_huge_and_nested_bodies_do_no_harm() {
    let signature = sign(REFERENCE, "200", "1.00", KEY);
    let twice = format!(
        r#"{{"order_id":"LK0123456789-P1","status_code":"200","gross_amount":"1.00","signature_key":"{signature}","order_id":"LK0123456789-P2"}}"#
    );
    assert_eq!(verify(&twice), Err(WebhookRefusal::BadSignature), "what counts is what was checked");
    assert!(is_malformed(&verify(&"{\"a\":".repeat(100_000))));
    assert!(is_malformed(&verify(&format!(
        "{{\"order_id\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    ))));
    let huge = json!({"order_id": "x".repeat(2_000_000), "status_code": "200", "gross_amount": "1.00", "signature_key": signature});
    assert_eq!(verify(&huge.to_string()), Err(WebhookRefusal::BadSignature));
}

#[test]
fn while_keys_are_being_changed_both_are_believed() {
    let gateway = |current: &str, previous: Option<&str>| {
        let mut settings = settings("http://127.0.0.1:1");
        settings.server_key = Secret::new(current);
        settings.previous_server_key = previous.map(Secret::new);
        Midtrans::new(Http::new().unwrap(), settings)
    };
    let body = signed(REFERENCE, "200", "1.00").to_string();
    assert!(gateway("new", Some(KEY)).verify_webhook(&[], body.as_bytes()).is_ok());
    assert!(gateway(KEY, Some("old")).verify_webhook(&[], body.as_bytes()).is_ok());
    assert!(gateway("new", Some("old")).verify_webhook(&[], body.as_bytes()).is_err());
    assert!(gateway("new", None).verify_webhook(&[], body.as_bytes()).is_err());
    let unsigned = with(&body, &json!({"signature_key": sign(REFERENCE, "200", "1.00", "")}));
    for (current, previous) in [("", None), ("new", Some(""))] {
        assert!(gateway(current, previous).verify_webhook(&[], unsigned.as_bytes()).is_err(), "an empty key");
    }
}

proptest! {
    #[test]
    fn no_bytes_are_believed_without_a_signature(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(GATEWAY.verify_webhook(&[], &bytes).is_err());
    }

    #[test]
    fn no_fields_are_believed_without_a_signature(
        order_id in ".{0,30}", code in "200|201|202|.{0,5}", amount in "[0-9]{1,9}\\.00|.{0,9}",
        signature in "[0-9a-f]{128}|.{0,20}",
    ) {
        let body = json!({"order_id": order_id, "status_code": code, "gross_amount": amount, "signature_key": signature});
        prop_assert!(verify(&body.to_string()).is_err());
    }

    #[test]
    fn one_changed_byte_is_never_believed_as_something_else(at in 0usize..400, byte in any::<u8>()) {
        let mut body = signed(REFERENCE, "200", "275000.00").to_string().into_bytes();
        if let Some(place) = body.get_mut(at) { *place = byte; }
        if let Ok(notification) = GATEWAY.verify_webhook(&[], &body) {
            prop_assert_eq!(notification.reference, REFERENCE);
        }
    }
}
