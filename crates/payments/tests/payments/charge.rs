//! Opening a payment (`contracts/payments.md` §1.2, §1.3, §1.7).

use crate::{
    scene::{QRIS, at_home, charge_request, scene, with},
    server::{Reply, Seen, answer},
};
use payments::{ChargeOutcome, Gateway, Opened, RefusalReason};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah, Timestamp};

const CREATED: &str = include_str!("../fixtures/midtrans/gopay_charge_response.json");
const QRIS_CREATED: &str = include_str!("../fixtures/midtrans/qris_charge_response.json");
const OVO_CREATED: &str = include_str!("../fixtures/midtrans/ovo_charge_response.json");
const OVO_UNREGISTERED: &str = include_str!("../fixtures/midtrans/ovo_unregistered_response.json");
const VECTORS: &str = include_str!("../fixtures/midtrans_signatures.json");
const V1: &str = "GET /v2/gopay/231c79c5-e39e-4993-86da-cadcaee56c1d/qr-code";
const V2: &str = "GET /v4/qris/gopay/A1231c79c5-e39e-4993-86da-cadcaee56c1dID/qr-code";

/// Charges against a party that answers the charge with `created` and pictures by `picture`.
async fn charge(
    created: String,
    picture: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (ChargeOutcome, Vec<Seen>) {
    let (server, gateway) = scene(move |request| match request.line.as_str() {
        "POST /v2/charge" => answer(201, &[], at_home(&created, request)),
        line => picture(line),
    });
    let outcome = gateway.charge(&charge_request()).await;
    (outcome, server.seen())
}

fn opened(outcome: ChargeOutcome) -> Opened {
    match outcome {
        ChargeOutcome::Opened(opened) => opened,
        other => panic!("not opened: {other:?}"),
    }
}

fn picture_of(text: &str) -> Reply {
    answer(200, &[("Content-Type", "image/png")], vocabulary::qr::png(text).unwrap())
}

fn lines(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|request| request.line.as_str()).collect()
}

#[tokio::test]
async fn a_charge_is_sent_with_our_key_and_where_to_notify_us() {
    let (server, gateway) = scene(|request| answer(201, &[], at_home(CREATED, request)));
    gateway.charge(&charge_request()).await;
    let mut with_address = charge_request();
    with_address.notify_url = Some("https://shop.example/webhooks/midtrans".into());
    gateway.charge(&with_address).await;
    let charges: Vec<Seen> =
        server.seen().into_iter().filter(|seen| seen.line == "POST /v2/charge").collect();
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let authorization = vectors["midtrans_basic_auth"]["header"].as_str().unwrap();
    for charge in &charges {
        assert_eq!(charge.body, charges[0].body);
        assert_eq!(format!("Authorization: {}", charge.header("authorization").unwrap()), authorization);
        assert_eq!(charge.header("content-type"), Some("application/json"));
        assert_eq!(charge.header("accept"), Some("application/json"));
    }
    let told: Vec<Option<&str>> =
        charges.iter().map(|charge| charge.header("x-override-notification")).collect();
    assert_eq!(told, [None, Some("https://shop.example/webhooks/midtrans")]);
}

#[tokio::test]
async fn the_gateway_stops_taking_money_when_we_do() {
    let now = charge_request().now;
    for (left_ms, duration, unit) in [
        (15 * 60_000, 15, "minute"),
        (899_999, 899, "second"),
        (60_000, 1, "minute"),
        (61_000, 61, "second"),
        (20_000, 20, "second"),
        (20_999, 20, "second"),
        (30 * 86_400_000, 7 * 24 * 60, "minute"),
    ] {
        let (server, gateway) = scene(|request| answer(201, &[], at_home(QRIS_CREATED, request)));
        let request = payments::ChargeRequest {
            expires_at: now.plus(Duration::from_millis(left_ms)),
            ..charge_request()
        };
        gateway.charge(&request).await;
        let sent: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
        let expected =
            json!({"order_time": "2016-12-07 11:54:12 +0700", "expiry_duration": duration, "unit": unit});
        assert_eq!(sent["custom_expiry"], expected, "{left_ms} ms left");
    }
}

#[tokio::test]
async fn with_a_few_seconds_left_nothing_is_opened_that_could_be_paid_after_our_time() {
    let methods = [PaymentMethod::GopayQr, PaymentMethod::GopayLink, PaymentMethod::OvoPush];
    for method in methods {
        let now = Timestamp::parse_rfc3339("2016-12-07T04:54:12.999Z").unwrap();
        let (server, gateway) = scene(|request| answer(201, &[], at_home(QRIS_CREATED, request)));
        let shortest = gateway.shortest(method);
        for left_ms in (0..90_000).step_by(777) {
            let left = Duration::from_millis(left_ms);
            let phone = PhoneNumber::parse("081234567890").ok();
            let expires_at = now.plus(left);
            let request = payments::ChargeRequest { method, phone, now, expires_at, ..charge_request() };
            let before = server.seen().len();
            let outcome = gateway.charge(&request).await;
            if left < shortest {
                assert!(matches!(outcome, ChargeOutcome::NotOpened { .. }), "{method} {left:?}: {outcome:?}");
                assert_eq!(server.seen().len(), before, "{method} {left:?}: nothing is sent");
                continue;
            }
            let sent: Value = serde_json::from_str(&server.seen()[before].body).unwrap();
            // A push takes no time of ours: it lives 70 s at most.
            let lives = sent["custom_expiry"].as_object().map_or(70_000, |expiry| {
                let unit = if expiry["unit"] == "minute" { 60_000 } else { 1_000 };
                expiry["expiry_duration"].as_i64().unwrap() * unit
            });
            // What the gateway counts from: our own time, cut to the second.
            let from = Timestamp::parse_wib("2016-12-07 11:54:12").unwrap();
            let from = if sent["custom_expiry"].is_null() { now } else { from };
            assert!(from.millis() + lives <= expires_at.millis(), "{method} with {left:?}: {sent}");
        }
    }
    let (_server, gateway) = scene(|request| answer(201, &[], at_home(QRIS_CREATED, request)));
    assert_eq!(gateway.shortest(PaymentMethod::GopayQr), Duration::from_secs(20));
    assert_eq!(gateway.shortest(PaymentMethod::GopayLink), Duration::from_secs(20));
}

#[tokio::test]
async fn what_makes_no_sense_is_not_sent() {
    let (server, gateway) = scene(|request| answer(201, &[], at_home(CREATED, request)));
    let late = payments::ChargeRequest { expires_at: charge_request().now, ..charge_request() };
    assert!(matches!(gateway.charge(&late).await, ChargeOutcome::NotOpened { .. }));
    let free = payments::ChargeRequest { amount: Rupiah::ZERO, ..charge_request() };
    assert!(matches!(gateway.charge(&free).await, ChargeOutcome::Refused { .. }));
    let wallet = payments::ChargeRequest { method: PaymentMethod::Wallet, ..charge_request() };
    assert!(matches!(gateway.charge(&wallet).await, ChargeOutcome::Refused { .. }));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_long_name_is_cut_and_the_items_still_sum_to_the_amount() {
    let (server, gateway) = scene(|request| answer(201, &[], at_home(QRIS_CREATED, request)));
    let request = payments::ChargeRequest { item_name: "é".repeat(200), ..charge_request() };
    gateway.charge(&request).await;
    let sent: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(sent["item_details"][0]["name"], "é".repeat(50));
    assert_eq!(sent["item_details"][0]["price"], sent["transaction_details"]["gross_amount"]);
}

#[tokio::test]
async fn the_picture_of_the_example_is_read_into_text() {
    let (outcome, seen) = charge(CREATED.to_owned(), |_| picture_of(QRIS)).await;
    let opened = opened(outcome);
    assert_eq!(opened.transaction_id, "231c79c5-e39e-4993-86da-cadcaee56c1d");
    assert_eq!(opened.qr_string.as_deref(), Some(QRIS));
    assert!(
        opened
            .qr_image_url
            .unwrap()
            .ends_with("/v4/qris/gopay/A1231c79c5-e39e-4993-86da-cadcaee56c1dID/qr-code")
    );
    assert!(opened.deep_link.unwrap().starts_with("gojek://gopay/merchanttransfer?tref="));
    assert_eq!(opened.expires_at, None, "the example has no expiry_time");
    assert_eq!(lines(&seen), ["POST /v2/charge", V2]);
}

#[tokio::test]
async fn a_text_in_the_answer_makes_the_picture_unnecessary() {
    let (outcome, seen) = charge(QRIS_CREATED.to_owned(), |_| picture_of("another")).await;
    let opened = opened(outcome);
    assert_eq!(opened.qr_string.as_deref(), Some(QRIS));
    assert_eq!(opened.expires_at, Some(Timestamp::parse_rfc3339("2026-11-22T05:15:00Z").unwrap()));
    assert_eq!(lines(&seen), ["POST /v2/charge"]);
}

#[tokio::test]
async fn the_older_picture_is_read_when_the_newer_cannot_be() {
    let rule = |line: &str| if line == V1 { picture_of(QRIS) } else { answer(200, &[], "<html>") };
    let (outcome, seen) = charge(CREATED.to_owned(), rule).await;
    assert_eq!(opened(outcome).qr_string.as_deref(), Some(QRIS));
    assert_eq!(lines(&seen), ["POST /v2/charge", V2, V1]);
}

#[tokio::test]
async fn a_picture_that_cannot_be_had_takes_nothing_from_the_payment() {
    for status in [200, 302, 404, 500] {
        let (outcome, _) = charge(CREATED.to_owned(), move |_| answer(status, &[], "no picture")).await;
        let opened = opened(outcome);
        assert_eq!(opened.qr_string, None);
        assert!(opened.qr_image_url.is_some(), "its address is kept");
    }
}

#[tokio::test]
async fn an_address_that_is_not_the_gateways_is_neither_opened_nor_shown() {
    for url in
        ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://127.0.0.1:1@evil.test/", ""]
    {
        let actions = json!({"actions": [{"name": "generate-qr-code-v2", "method": "GET", "url": url}]});
        let (outcome, seen) = charge(with(CREATED, &actions), |_| picture_of(QRIS)).await;
        let opened = opened(outcome);
        assert_eq!(lines(&seen), ["POST /v2/charge", V1], "the well-known address instead of {url}");
        assert!(
            opened.qr_image_url.unwrap().ends_with("/v2/gopay/231c79c5-e39e-4993-86da-cadcaee56c1d/qr-code")
        );
        assert_eq!(opened.qr_string.as_deref(), Some(QRIS));
    }
}

#[tokio::test]
async fn an_id_that_is_none_is_not_put_into_an_address() {
    for id in ["../../v2/other", "a b", "a?b", "%2e%2e", "", &"a".repeat(65)] {
        let changes = json!({"actions": [], "transaction_id": id});
        let (outcome, seen) = charge(with(CREATED, &changes), |_| picture_of(QRIS)).await;
        assert_eq!(opened(outcome).qr_image_url, None, "{id}");
        assert_eq!(lines(&seen), ["POST /v2/charge"], "{id}");
    }
}

/// One answer to a charge, by its kind.
async fn kind(http_status: u16, body: String) -> &'static str {
    let (_server, gateway) = scene(move |request| match request.line.as_str() {
        "POST /v2/charge" => answer(http_status, &[], at_home(&body, request)),
        _ => answer(404, &[], ""),
    });
    match gateway.charge(&charge_request()).await {
        ChargeOutcome::Opened(_) => "opened",
        ChargeOutcome::Exists => "exists",
        ChargeOutcome::Refused { .. } => "refused",
        ChargeOutcome::NotOpened { .. } => "not opened",
        ChargeOutcome::Unfit { .. } => "unfit",
        ChargeOutcome::Unknown { .. } => "unknown",
    }
}

/// What a code of the body means for a charge, whatever it is paid by.
pub(crate) const CODES: [(u16, &str); 23] = [
    (400, "refused"),
    (401, "refused"),
    (402, "refused"),
    (403, "refused"),
    (404, "refused"),
    (405, "refused"),
    (406, "exists"),
    (407, "unknown"),
    (408, "refused"),
    (409, "exists"),
    (410, "refused"),
    (411, "refused"),
    (412, "exists"),
    (413, "refused"),
    (414, "refused"),
    (423, "unknown"),
    (429, "not opened"),
    (499, "unknown"),
    (500, "unknown"),
    (502, "unknown"),
    (503, "unknown"),
    (600, "unknown"),
    (302, "unknown"),
];

#[tokio::test]
async fn the_code_of_the_body_decides_whatever_the_http_status_is() {
    for (code, expected) in CODES {
        let body = json!({"status_code": code.to_string(), "status_message": "why", "id": "x"}).to_string();
        for http_status in [200, code.min(599)] {
            assert_eq!(kind(http_status, body.clone()).await, expected, "code {code} in HTTP {http_status}");
        }
    }
}

#[tokio::test]
async fn only_a_pending_payment_of_this_reference_is_open() {
    for (changes, expected) in [
        (json!({}), "opened"),
        (json!({"status_code": "200"}), "opened"),
        (json!({"status_code": 201}), "opened"),
        (json!({"transaction_status": "PENDING"}), "opened"),
        (json!({"a_new_field": {"deep": [1, 2, {"x": null}]}}), "opened"),
        (json!({"transaction_status": "settlement"}), "exists"),
        (json!({"transaction_status": "a new word"}), "exists"),
        (json!({"transaction_status": null}), "unknown"),
        (json!({"status_code": "202", "transaction_status": "deny"}), "exists"),
        (
            json!({"status_code": "202", "transaction_status": "deny", "order_id": "LK0123456789-P2"}),
            "unknown",
        ),
        (json!({"status_code": "202", "transaction_status": "pending"}), "unknown"),
        (json!({"status_code": null}), "unknown"),
        (json!({"order_id": "LK0123456789-P2"}), "unknown"),
        (json!({"order_id": null}), "unknown"),
        (json!({"order_id": 7}), "unknown"),
    ] {
        assert_eq!(kind(201, with(CREATED, &changes)).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn the_answers_of_other_methods_are_read_too() {
    assert_eq!(kind(200, OVO_UNREGISTERED.to_owned()).await, "refused");
    let (outcome, seen) = charge(OVO_CREATED.to_owned(), |_| picture_of(QRIS)).await;
    let opened = opened(outcome);
    assert_eq!(
        (opened.qr_string, opened.qr_image_url, opened.deep_link),
        (None, None, None),
        "a push has none"
    );
    assert_eq!(opened.expires_at, Some(Timestamp::parse_wib("2025-11-12 14:27:58").unwrap()));
    assert_eq!(lines(&seen), ["POST /v2/charge"]);
}

#[tokio::test]
async fn a_refusal_says_why_and_too_many_calls_how_long_to_wait() {
    let refusal = r#"{"status_code":"401","status_message":"Transaction cannot be authorized\nwith the current client/server key."}"#;
    let (_server, gateway) = scene(move |_| answer(401, &[], refusal));
    let message = "Transaction cannot be authorized with the current client/server key.".to_owned();
    assert_eq!(
        gateway.charge(&charge_request()).await,
        ChargeOutcome::Refused { code: "401".into(), message, reason: RefusalReason::Other }
    );
    // Somebody between may say the same after it was acted on: that proves nothing, and is heeded all the same.
    for (body, is_theirs) in
        [("{\"status_code\":\"429\"}", true), ("{}", false), ("<html>slow down</html>", false), ("", false)]
    {
        let (_server, gateway) = scene(move |_| answer(429, &[("Retry-After", "30")], body));
        let (ours, retry_after) = match gateway.charge(&charge_request()).await {
            ChargeOutcome::NotOpened { retry_after, .. } => (true, retry_after),
            ChargeOutcome::Unknown { retry_after, .. } => (false, retry_after),
            outcome => panic!("{body}: {outcome:?}"),
        };
        assert_eq!((ours, retry_after), (is_theirs, Some(Duration::from_secs(30))), "{body}");
    }
}
