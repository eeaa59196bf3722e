//! Who may tell us about a purchase (`contracts/suppliers.md` §1.5, §6 rows 7 and 8).

use crate::scene::{digiflazz, settings, with};
use hmac::{Hmac, KeyInit, Mac};
use outside::Http;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha1::Sha1;
use std::{sync::LazyLock, time::Duration};
use suppliers::{Report, Supplier, SupplierWebhook, Verdict, WebhookRefusal, adapters::digiflazz::Digiflazz};
use vocabulary::{Clock, Rupiah, Secret, Timestamp, Until};

const SAMPLE: &str = include_str!("../fixtures/digiflazz/webhook.json");
const SIGNATURE: &str = "sha1=ca76ad2f32bec78a4211e6eda6bde1c2dab57a73";
const PING: &str = include_str!("../fixtures/digiflazz/ping.json");

static SUPPLIER: LazyLock<Digiflazz> = LazyLock::new(|| digiflazz("http://127.0.0.1:1"));

/// Written from the contract's sentence, not from the adapter.
fn sign(body: &[u8], secret: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha1={}", hex::encode(mac.finalize().into_bytes()))
}

fn headers(signature: &str) -> Vec<(String, String)> {
    [("X-Digiflazz-Event", "create"), ("X-Hub-Signature", signature), ("User-Agent", "Digiflazz-Hookshot")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn read(body: &str) -> Result<SupplierWebhook, WebhookRefusal> {
    SUPPLIER.read_webhook(&headers(&sign(body.as_bytes(), "somesecretvalue")), body.as_bytes())
}

#[test]
fn the_official_sample_is_read_with_the_signature_of_the_contract() {
    let expected = SupplierWebhook::News {
        reference: "30467470".into(),
        report: Report {
            verdict: Verdict::Succeeded,
            code: Some("00".into()),
            message: "Sukses".into(),
            serial_number: Some("SEPTIAPAR/20190401214753214742".into()),
            price: Some(Rupiah::new(199_800)),
            balance: Some(Rupiah::new(326_719_460)),
            number: None,
        },
    };
    assert_eq!(SUPPLIER.read_webhook(&headers(SIGNATURE), SAMPLE.as_bytes()), Ok(expected.clone()));
    let small = vec![("x-hub-signature".to_owned(), SIGNATURE.to_owned())];
    assert_eq!(SUPPLIER.read_webhook(&small, SAMPLE.as_bytes()), Ok(expected), "a header's name has no case");
}

#[test]
fn without_the_right_signature_nothing_is_read() {
    let refused = Err(WebhookRefusal::BadSignature);
    assert_eq!(SUPPLIER.read_webhook(&[], SAMPLE.as_bytes()), refused, "no signature");
    assert_eq!(SUPPLIER.read_webhook(&headers(&SIGNATURE.replace('7', "8")), SAMPLE.as_bytes()), refused);
    assert_eq!(
        SUPPLIER.read_webhook(&headers(SIGNATURE), SAMPLE.replace("Sukses", "Gagal").as_bytes()),
        refused
    );
    let same_json = SAMPLE.replace('/', "\\/");
    assert_eq!(SUPPLIER.read_webhook(&headers(SIGNATURE), same_json.as_bytes()), refused, "other bytes");
    assert_eq!(SUPPLIER.read_webhook(&headers(SIGNATURE), PING.as_bytes()), refused, "a ping is signed too");
    let mut open = settings("http://127.0.0.1:1");
    open.webhook_secret = Secret::new("");
    let open = Digiflazz::new(Http::new().unwrap(), open);
    assert_eq!(
        open.read_webhook(&headers(&sign(SAMPLE.as_bytes(), "")), SAMPLE.as_bytes()),
        refused,
        "no secret"
    );
}

#[test]
fn a_ping_is_nothing_to_act_on() {
    assert_eq!(read(PING), Ok(SupplierWebhook::Ping));
}

#[test]
fn a_body_that_says_nothing_is_malformed() {
    for body in [
        "",
        "null",
        "[]",
        "7",
        "{",
        "<html>",
        "data=1",
        r#"{"data":null}"#,
        r#"{"data":[]}"#,
        r#"{"data":"Sukses"}"#,
        r#"{"data":{}}"#,
        r#"{"data":{"status":"Sukses","rc":"00"}}"#,
        r#"{"data":{"ref_id":"  ","rc":"00"}}"#,
        r#"{"data":{"ref_id":"a\u0000b","rc":"00"}}"#,
        r#"{"data":{"ref_id":["x"],"rc":"00"}}"#,
    ] {
        assert!(matches!(read(body), Err(WebhookRefusal::Malformed(_))), "{body}");
    }
    assert!(matches!(read(&"{\"data\":".repeat(100_000)), Err(WebhookRefusal::Malformed(_))));
}

#[test]
fn news_of_a_known_attempt_follow_the_rule_of_a_later_send() {
    for (status, rc, expected) in [
        ("Sukses", "00", Verdict::Succeeded),
        ("success", "00", Verdict::Succeeded),
        ("Pending", "03", Verdict::Pending),
        ("Pending", "", Verdict::Pending),
        ("Pending", "99", Verdict::Pending),
        ("Gagal", "02", Verdict::FailedProvider),
        ("Gagal", "54", Verdict::FailedCustomer),
        ("Gagal", "69", Verdict::FailedPrice),
        ("Gagal", "01", Verdict::FailedUnproven),
        ("Gagal", "70", Verdict::FailedUnproven),
        ("Gagal", "74", Verdict::Reversed),
        ("Gagal", "49", Verdict::UnknownAlarm),
        ("Gagal", "44", Verdict::Unknown),
        ("Gagal", "45", Verdict::Unknown),
        ("Gagal", "85", Verdict::Unknown),
        ("Gagal", "77", Verdict::UnknownWord),
        ("Sukses", "02", Verdict::Unknown),
    ] {
        let Ok(SupplierWebhook::News { report, .. }) =
            read(&with(SAMPLE, &json!({"status": status, "rc": rc})))
        else {
            panic!("{status} {rc}");
        };
        assert_eq!(report.verdict, expected, "{status} {rc}");
    }
}

proptest! {
    #[test]
    fn no_bytes_are_believed_without_a_signature(
        body in proptest::collection::vec(any::<u8>(), 0..200), signature in "sha1=[0-9a-f]{40}|.{0,60}",
    ) {
        let outcome = SUPPLIER.read_webhook(&headers(&signature), &body);
        prop_assert_eq!(outcome, Err(WebhookRefusal::BadSignature));
    }

    #[test]
    fn signed_bytes_never_panic_and_never_deliver_without_the_two_words(
        status in "(?i)sukses|gagal|pending|.{0,8}", rc in "00|[0-9]{2}|.{0,4}", sn in ".{0,40}",
    ) {
        let body = with(SAMPLE, &json!({"status": status, "rc": rc, "sn": sn}));
        let Ok(SupplierWebhook::News { report, .. }) = read(&body) else { panic!("{body}") };
        let delivered = status.trim().eq_ignore_ascii_case("sukses") && rc.trim() == "00";
        prop_assert_eq!(report.verdict == Verdict::Succeeded, delivered);
    }

    #[test]
    fn signed_junk_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}:,\"0-9a-z]{0,60}") {
        for bytes in [body.as_slice(), json.as_bytes()] {
            let outcome = SUPPLIER.read_webhook(&headers(&sign(bytes, "somesecretvalue")), bytes);
            let news = matches!(outcome, Ok(SupplierWebhook::News { .. }));
            prop_assert!(!news);
        }
    }
}

#[test]
fn the_fixture_is_the_sample_of_the_contract() {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    assert_eq!((SAMPLE.len(), sample["data"].as_object().unwrap().len()), (253, 11));
    assert_eq!(sign(SAMPLE.as_bytes(), "somesecretvalue"), SIGNATURE);
}

#[test]
fn while_the_secret_is_changed_both_are_believed_and_after_that_the_new_one_alone() {
    let signed = |secret: &str| headers(&sign(SAMPLE.as_bytes(), secret));
    let of = |webhook_secret: &str, previous: Option<&str>| {
        let settings = suppliers::adapters::digiflazz::Settings {
            webhook_secret: Secret::new(webhook_secret),
            previous_webhook_secret: previous.map(Secret::new),
            ..settings("http://127.0.0.1:1")
        };
        Digiflazz::new(Http::new().unwrap(), settings)
    };
    let changing = of("new-secret", Some("old-secret"));
    for secret in ["new-secret", "old-secret"] {
        assert!(changing.read_webhook(&signed(secret), SAMPLE.as_bytes()).is_ok(), "{secret}");
    }
    let refused = Err(WebhookRefusal::BadSignature);
    assert_eq!(changing.read_webhook(&signed("another"), SAMPLE.as_bytes()), refused);
    assert_eq!(of("new-secret", None).read_webhook(&signed("old-secret"), SAMPLE.as_bytes()), refused);
    // An empty one is none.
    assert_eq!(of("new-secret", Some("")).read_webhook(&signed(""), SAMPLE.as_bytes()), refused);
}

#[test]
fn the_secret_of_before_counts_up_to_its_end_and_no_longer() {
    let clock = Clock::manual(Timestamp::from_millis(1_000));
    let supplier = Digiflazz::new(
        Http::new().unwrap(),
        suppliers::adapters::digiflazz::Settings {
            webhook_secret: Secret::new("new-secret"),
            previous_webhook_secret: Some(Secret::new("old-secret")),
            previous_until: Some(Until::new(clock.clone(), Timestamp::from_millis(2_000))),
            ..settings("http://127.0.0.1:1")
        },
    );
    let read = |secret: &str| {
        let signed = headers(&sign(SAMPLE.as_bytes(), secret));
        supplier.read_webhook(&signed, SAMPLE.as_bytes())
    };
    clock.advance(Duration::from_millis(999));
    assert!(read("old-secret").is_ok());
    clock.advance(Duration::from_millis(1));
    assert_eq!(read("old-secret"), Err(WebhookRefusal::BadSignature));
    assert!(read("new-secret").is_ok());
}
