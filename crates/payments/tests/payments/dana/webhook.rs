//! Who may tell us about a payment (§2.2, §2.6, §7, §9 rows 7, 12, 14, 18).

use super::{THEIRS, public_pem, settings, with, with_settings};
use crate::log::Log;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use outside::Http;
use payments::{
    Gateway, Notification, WebhookRefusal,
    gateways::{
        Until,
        dana::{Dana, Settings},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{sync::LazyLock, time::Duration};
use vocabulary::{Clock, Ids, Timestamp};

const VECTORS: &str = include_str!("../../fixtures/dana_signatures.json");
const TIME: &str = "2026-11-22T12:01:06+07:00";

static GATEWAY: LazyLock<Dana> = LazyLock::new(|| super::dana("http://127.0.0.1:1"));
static BODY: LazyLock<String> =
    LazyLock::new(|| vectors()["dana_finish_notify"]["body"].as_str().unwrap().to_owned());

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

/// Written from the contract's sentence, not from the adapter.
fn sign(pair: &KeyPair, path: &str, body: &[u8], time: &str) -> String {
    let text = format!("POST:{path}:{}:{time}", hex::encode(Sha256::digest(body)));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    STANDARD.encode(signature)
}

fn headers(time: &str, signature: &str) -> Vec<(String, String)> {
    [("content-type", "application/json"), ("x-timestamp", time), ("x-signature", signature)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn receive(gateway: &Dana, time: &str, signature: &str, body: &[u8]) -> Result<Notification, WebhookRefusal> {
    gateway.verify_webhook(&headers(time, signature), body)
}

/// What becomes of a body that DANA signs now.
fn signed(body: &str) -> Result<Notification, WebhookRefusal> {
    let signature = sign(&THEIRS, "/v1.0/debit/notify", body.as_bytes(), TIME);
    receive(&GATEWAY, TIME, &signature, body.as_bytes())
}

#[test]
fn the_vector_of_the_contract_is_believed_and_whatever_is_changed_in_it_is_not() {
    let vectors = vectors();
    let v = &vectors["dana_finish_notify"];
    let (time, signature) = (v["timestamp"].as_str().unwrap(), v["x_signature"].as_str().unwrap());
    let mut settings = settings("http://127.0.0.1:1");
    settings.gateway_public_key = vectors["rsa_test_key"]["public_pem_spki"].as_str().unwrap().to_owned();
    let gateway = with_settings(settings);
    assert_eq!(gateway.webhook_path(), v["path"].as_str().unwrap());
    let expected = Notification { reference: "ORD-0001".into(), stated: "00 SUCCESS".into() };
    assert_eq!(receive(&gateway, time, signature, BODY.as_bytes()), Ok(expected));

    let refused = Err(WebhookRefusal::BadSignature);
    for (from, to) in [("25000.00", "25001.00"), ("ORD-0001", "ORD-0002"), ("\"00\"", "\"05\"")] {
        let changed = BODY.replace(from, to);
        assert_ne!(changed, *BODY);
        assert_eq!(receive(&gateway, time, signature, changed.as_bytes()), refused, "{from}");
    }
    assert_eq!(receive(&gateway, "2026-11-22T12:01:07+07:00", signature, BODY.as_bytes()), refused);
    assert_eq!(receive(&gateway, "2026-11-22T05:01:06Z", signature, BODY.as_bytes()), refused);
    assert_eq!(receive(&GATEWAY, time, signature, BODY.as_bytes()), refused, "another key");
}

#[test]
fn only_the_fixed_path_is_signed() {
    for path in ["/v1.0/debit/notify/", "/webhooks/dana", "/v1.0/debit/status.htm", ""] {
        let signature = sign(&THEIRS, path, BODY.as_bytes(), TIME);
        let outcome = receive(&GATEWAY, TIME, &signature, BODY.as_bytes());
        assert_eq!(outcome, Err(WebhookRefusal::BadSignature), "{path}");
    }
}

#[test]
fn a_body_that_is_sent_with_blanks_and_signed_without_is_believed_and_no_other_form() {
    let spaced = BODY.replace("\":", "\" : ").replace(",\"", ",\r\n\t\"");
    let of_minified = sign(&THEIRS, "/v1.0/debit/notify", BODY.as_bytes(), TIME);
    assert!(receive(&GATEWAY, TIME, &of_minified, spaced.as_bytes()).is_err(), "blanks inside strings count");

    let value: Value = serde_json::from_str(&BODY).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let compact = value.to_string();
    let signature = sign(&THEIRS, "/v1.0/debit/notify", compact.as_bytes(), TIME);
    assert_eq!(receive(&GATEWAY, TIME, &signature, pretty.as_bytes()).unwrap().reference, "ORD-0001");
    let of_pretty = sign(&THEIRS, "/v1.0/debit/notify", pretty.as_bytes(), TIME);
    assert!(receive(&GATEWAY, TIME, &of_pretty, pretty.as_bytes()).is_ok(), "as received");
    assert!(receive(&GATEWAY, TIME, &of_pretty, compact.as_bytes()).is_err());

    // What DANA's own library would also try: a body with its escapes rewritten.
    let unescaped = BODY.replace("\\\"", "\"");
    let of_unescaped = sign(&THEIRS, "/v1.0/debit/notify", unescaped.as_bytes(), TIME);
    assert!(receive(&GATEWAY, TIME, &of_unescaped, BODY.as_bytes()).is_err());
}

#[test]
fn a_body_is_signed_as_its_bytes_were_and_not_as_a_reader_would_write_it_anew() {
    // Order of keys, escapes, capitals in them, text of numbers, slashes, blanks within strings, a field that comes
    // twice: whatever reads the body and writes it again has another hash.
    let tricky = r#"{"zebra":"x : y,  z","merchantId":"216620000220693657669","originalPartnerReferenceNo":"ORD-0001","a":1.50,"b":1e2,"c":"\u00e9\u00E9","d":"é","e":"\/","f":"\\\" , ","g":[ ],"h":{},"g":"twice"}"#;
    let spaced = tricky.replace(",\"", " ,\n  \"").replace("\":", "\" :\t");
    let compact = tricky.replace("[ ]", "[]");
    let reread: Value = serde_json::from_str(tricky).unwrap();
    assert_ne!(reread.to_string(), compact, "the naïve way gives something else");
    let signature = sign(&THEIRS, "/v1.0/debit/notify", compact.as_bytes(), TIME);
    for body in [tricky, &spaced, &compact] {
        assert_eq!(
            receive(&GATEWAY, TIME, &signature, body.as_bytes()).unwrap().reference,
            "ORD-0001",
            "{body}"
        );
    }
    // What a reader would write was not signed, and another string in the same places was not either.
    let of_reread = sign(&THEIRS, "/v1.0/debit/notify", reread.to_string().as_bytes(), TIME);
    assert!(receive(&GATEWAY, TIME, &of_reread, tricky.as_bytes()).is_err());
    for (from, to) in
        [("x : y,  z", "x:y,z"), ("\\u00e9", "\\u00E9"), ("1.50", "1.5"), ("\\/", "/"), ("é", "\\u00e9")]
    {
        let changed = tricky.replacen(from, to, 1);
        assert_ne!(changed, tricky, "{from}");
        assert!(receive(&GATEWAY, TIME, &signature, changed.as_bytes()).is_err(), "{from}");
    }
}

#[test]
fn while_keys_are_changed_both_are_believed() {
    let new = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut changing = settings("http://127.0.0.1:1");
    changing.previous_gateway_public_key = Some(changing.gateway_public_key);
    changing.gateway_public_key = public_pem(&new);
    let changing = with_settings(changing);
    for (pair, by_old_gateway) in [(&*THEIRS, true), (&new, false)] {
        let signature = sign(pair, "/v1.0/debit/notify", BODY.as_bytes(), TIME);
        assert!(receive(&changing, TIME, &signature, BODY.as_bytes()).is_ok());
        assert_eq!(receive(&GATEWAY, TIME, &signature, BODY.as_bytes()).is_ok(), by_old_gateway);
    }
}

#[test]
fn after_its_end_danas_key_of_before_is_not_believed() {
    let clock = Clock::manual(Timestamp::parse_rfc3339(TIME).unwrap());
    let before = settings("http://127.0.0.1:1");
    let gateway = Dana::new(
        Http::new().unwrap(),
        Settings {
            previous_gateway_public_key: Some(before.gateway_public_key.clone()),
            gateway_public_key: public_pem(&KeyPair::generate(KeySize::Rsa2048).unwrap()),
            previous_until: Some(Until::new(clock.clone(), clock.real_now().plus(Duration::from_secs(60)))),
            ..before
        },
        clock.clone(),
        Ids::seeded(1),
    )
    .unwrap();
    let signature = sign(&THEIRS, "/v1.0/debit/notify", BODY.as_bytes(), TIME);
    assert!(receive(&gateway, TIME, &signature, BODY.as_bytes()).is_ok());
    clock.advance(Duration::from_secs(60));
    assert!(receive(&gateway, TIME, &signature, BODY.as_bytes()).is_err());
}

#[test]
fn an_old_one_that_dana_did_sign_is_a_reason_to_ask_and_nothing_more() {
    for time in [
        "2025-11-22T12:00:00+07:00",
        "2027-11-22T12:00:00+07:00",
        "2026-11-22T05:00:00Z",
        "2026-11-22T05:00:00.934Z",
        "2026-11-22T12:09:59+07:00",
        "2026-11-22T13:00:00+08:00",
        "-",
    ] {
        let signature = sign(&THEIRS, "/v1.0/debit/notify", BODY.as_bytes(), time);
        let heard = receive(&GATEWAY, time, &signature, BODY.as_bytes());
        assert_eq!(heard.unwrap().reference, "ORD-0001", "{time}");
    }
}

#[test]
fn how_old_one_is_counts_by_real_time_and_not_by_the_shops_clock() {
    // The shop's clock is a day ahead of REAL_NOW.
    for (time, is_remarked) in [
        (TIME, false),
        ("2026-11-22T05:01:06Z", false),
        ("2026-11-22T11:50:00+07:00", false),
        ("2026-11-22T11:49:00+07:00", true),
        ("2026-11-23T12:00:00+07:00", true),
    ] {
        let (log, _guard) = Log::listen();
        let signature = sign(&THEIRS, "/v1.0/debit/notify", BODY.as_bytes(), time);
        assert!(receive(&GATEWAY, time, &signature, BODY.as_bytes()).is_ok(), "{time}");
        assert_eq!(log.text().contains("signed at another time"), is_remarked, "{time}: {}", log.text());
    }
}

#[test]
fn without_a_signature_nothing_is_believed() {
    let good = sign(&THEIRS, "/v1.0/debit/notify", BODY.as_bytes(), TIME);
    let named = headers(TIME, &good);
    for missing in ["x-timestamp", "x-signature"] {
        let rest: Vec<_> = named.iter().filter(|(name, _)| name != missing).cloned().collect();
        let outcome = GATEWAY.verify_webhook(&rest, BODY.as_bytes());
        assert_eq!(outcome, Err(WebhookRefusal::BadSignature), "without {missing}");
    }
    for signature in ["", "x", "AAAA", &good[4..], &format!("{good}{good}"), &good.to_lowercase()] {
        let outcome = receive(&GATEWAY, TIME, signature, BODY.as_bytes());
        assert_eq!(outcome, Err(WebhookRefusal::BadSignature), "{signature}");
    }
}

#[test]
fn what_dana_signs_for_others_or_does_not_mean_as_news_is_refused() {
    for (pointer, value) in [
        ("/merchantId", json!("216620000000000000009")),
        ("/merchantId", json!(216_620_000_220_u64)),
        ("/merchantId", Value::Null),
        ("/originalPartnerReferenceNo", json!("")),
        ("/originalPartnerReferenceNo", json!("ORD\n0001")),
        ("/originalPartnerReferenceNo", json!("x".repeat(65))),
        ("/originalPartnerReferenceNo", json!(["ORD-0001"])),
        ("/originalPartnerReferenceNo", Value::Null),
    ] {
        let outcome = signed(&with(&BODY, &[(pointer, value.clone())]));
        assert!(matches!(outcome, Err(WebhookRefusal::Malformed(_))), "{pointer} {value}: {outcome:?}");
    }
    for body in ["", "[]", "null", "<html>", "{\"merchantId\":"] {
        assert!(matches!(signed(body), Err(WebhookRefusal::Malformed(_))), "{body}");
    }
    let without_state =
        signed(&with(&BODY, &[("/latestTransactionStatus", Value::Null), ("/new", json!([1]))]));
    assert_eq!(without_state.unwrap().reference, "ORD-0001", "it is a reason to ask all the same");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_are_believed_without_a_signature(
        body in proptest::collection::vec(any::<u8>(), 0..200), time in ".{0,30}", signature in "[A-Za-z0-9+/]{342}==|.{0,20}",
    ) {
        prop_assert_eq!(receive(&GATEWAY, &time, &signature, &body), Err(WebhookRefusal::BadSignature));
    }

    #[test]
    fn one_changed_byte_is_never_believed_as_something_else(at in 0usize..900, byte in any::<u8>()) {
        let signature = sign(&THEIRS, "/v1.0/debit/notify", BODY.as_bytes(), TIME);
        let mut body = BODY.clone().into_bytes();
        if let Some(place) = body.get_mut(at) { *place = byte; }
        if let Ok(heard) = receive(&GATEWAY, TIME, &signature, &body) {
            prop_assert_eq!((heard.reference.as_str(), body.as_slice()), ("ORD-0001", BODY.as_bytes()));
        }
    }
}
