//! What DANA collects beside its own balance: QRIS, virtual accounts and a push to OVO (§2.3, §2.4).

use super::{charge_request, scene, sent, with};
use crate::{log::Log, server::answer};
use payments::{
    ChargeOutcome, ChargeRequest, Gateway, Life, LostCharge, Opened, Refundable, Sent, StatusOutcome,
};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah, Timestamp};

const CREATED: &str = include_str!("../../fixtures/dana/create_qris_response.json");
const PAID: &str = include_str!("../../fixtures/dana/query_paid_response.json");
const VECTORS: &str = include_str!("../../fixtures/dana_signatures.json");
const QRIS: &str = include_str!("../../fixtures/qris.json");

const DAY: Duration = Duration::from_secs(86_400);

/// Method, `payMethod`, `payOption`.
const OPTIONS: [(PaymentMethod, &str, &str); 13] = [
    // Nobody chooses on DANA's page but for the balance.
    (PaymentMethod::DanaLink, "BALANCE", ""),
    (PaymentMethod::DanaQr, "NETWORK_PAY", "NETWORK_PAY_PG_QRIS"),
    (PaymentMethod::Qris, "NETWORK_PAY", "NETWORK_PAY_PG_QRIS"),
    (PaymentMethod::VaBca, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BCA"),
    (PaymentMethod::VaBni, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BNI"),
    (PaymentMethod::VaBri, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BRI"),
    (PaymentMethod::VaPermata, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_PERMATA"),
    (PaymentMethod::VaMandiri, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_MANDIRI"),
    (PaymentMethod::VaBsi, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BSI_PAYMENT"),
    (PaymentMethod::VaCimb, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_CIMB"),
    (PaymentMethod::VaBtpn, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BTPN"),
    (PaymentMethod::VaPanin, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_PANI"),
    (PaymentMethod::OvoPush, "NETWORK_PAY", "NETWORK_PAY_PG_OVO"),
];

const ACCOUNTS: [PaymentMethod; 9] = [
    PaymentMethod::VaBca,
    PaymentMethod::VaBni,
    PaymentMethod::VaBri,
    PaymentMethod::VaPermata,
    PaymentMethod::VaMandiri,
    PaymentMethod::VaBsi,
    PaymentMethod::VaCimb,
    PaymentMethod::VaBtpn,
    PaymentMethod::VaPanin,
];

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn request(method: PaymentMethod) -> ChargeRequest {
    let phone = method.needs_phone().then(|| PhoneNumber::parse("081234567890").unwrap());
    ChargeRequest { phone, ..charge_request(method) }
}

fn push() -> Sent {
    Sent { method: PaymentMethod::OvoPush, was_open: false, ..sent() }
}

/// DANA's answer to an order, with this code to pay by.
fn created(code: &Value) -> String {
    with(CREATED, &[("/additionalInfo/paymentCode", code.clone())])
}

/// What becomes of an order that is answered with this code to pay by.
async fn charged(request: &ChargeRequest, code: &Value) -> ChargeOutcome {
    let body = created(code);
    let (_server, gateway) = scene(move |_| answer(200, &[], &body));
    gateway.charge(request).await
}

#[tokio::test]
async fn every_option_is_asked_for_by_the_contracts_name() {
    for (method, pay_method, pay_option) in OPTIONS {
        let (server, gateway) = scene(|_| answer(200, &[], CREATED));
        gateway.charge(&request(method)).await;
        let sent = value(&server.seen()[0].body);
        let mut detail = json!({
            "payMethod": pay_method, "payOption": pay_option,
            "transAmount": {"value": "25000.00", "currency": "IDR"},
        });
        if method == PaymentMethod::OvoPush {
            detail["additionalInfo"] = json!({"phoneNumber": "081234567890"});
        }
        assert_eq!(sent["payOptionDetails"], json!([detail]), "{method}");
        assert_eq!(sent["additionalInfo"]["order"]["scenario"], "API", "{method}");
        let needs_store = pay_option == "NETWORK_PAY_PG_QRIS";
        assert_eq!(sent.get("externalStoreId").is_some(), needs_store, "{method}");
        assert_eq!(gateway.methods().iter().filter(|m| **m == method).count(), 1);
    }
    let (_server, gateway) = scene(|_| answer(200, &[], CREATED));
    assert_eq!(gateway.methods().len(), OPTIONS.len());
}

#[tokio::test]
async fn the_push_of_the_contracts_vector_is_what_we_ask_for() {
    let vectors = value(VECTORS);
    let example = value(vectors["dana_request_signature"]["body_minified"].as_str().unwrap());
    let (server, gateway) = scene(|_| answer(200, &[], CREATED));
    gateway.charge(&request(PaymentMethod::OvoPush)).await;
    let sent = value(&server.seen()[0].body);
    for field in ["merchantId", "amount", "payOptionDetails"] {
        assert_eq!(sent[field], example[field], "{field}");
    }
    assert_eq!(sent["additionalInfo"]["order"], example["additionalInfo"]["order"]);
}

#[tokio::test]
async fn a_number_to_transfer_to_is_all_that_the_buyer_gets_of_a_virtual_account() {
    for method in ACCOUNTS {
        let outcome = charged(&request(method), &json!("8528012345678901")).await;
        let expected = Opened {
            transaction_id: "20261122111212800110166".into(),
            payment_code: Some("8528012345678901".into()),
            ..Opened::default()
        };
        assert_eq!(outcome, ChargeOutcome::Opened(expected), "{method}");
        let qris = value(CREATED)["additionalInfo"]["paymentCode"].clone();
        for wrong in [
            json!("8528 0123"),
            json!("85280123456789O1"),
            json!("1".repeat(33)),
            json!(""),
            Value::Null,
            qris,
        ] {
            let outcome = charged(&request(method), &wrong).await;
            assert!(matches!(outcome, ChargeOutcome::Unknown { .. }), "{method} {wrong}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_qr_code_is_shown_for_its_own_amount_alone() {
    let vectors = value(QRIS);
    let text = |pointer: &str| vectors.pointer(pointer).unwrap().clone();
    for method in [PaymentMethod::DanaQr, PaymentMethod::Qris] {
        for (code, amount, becomes) in [
            (text("/synthetic_dynamic_25000"), 25_000, "shown"),
            (text("/synthetic_dynamic_25000_ref"), 25_000, "shown"),
            (text("/public_dynamic_15000"), 15_000, "shown"),
            // Sent again it would be the same: it is closed.
            (text("/synthetic_dynamic_25000"), 24_999, "closed"),
            (text("/public_dynamic_15000"), 25_000, "closed"),
            (text("/synthetic_static"), 25_000, "closed"),
            (text("/public_static/payload"), 25_000, "closed"),
            // What is not whole may be whole the next time.
            (text("/tampered/0/payload"), 25_000, "sent again"),
            (text("/tampered/1/payload"), 95_000, "sent again"),
            (json!("https://dana.example/qr"), 25_000, "sent again"),
        ] {
            let request = ChargeRequest { amount: Rupiah::new(amount), ..request(method) };
            match charged(&request, &code).await {
                ChargeOutcome::Opened(opened) if becomes == "shown" => {
                    assert_eq!(opened.qr_string.as_deref(), code.as_str(), "{method}");
                }
                ChargeOutcome::Unfit { transaction_id, reason } if becomes == "closed" => {
                    assert_eq!(transaction_id, "20261122111212800110166");
                    assert!(reason.starts_with("its QR code is not shown"), "{reason}");
                }
                ChargeOutcome::Unknown { .. } if becomes == "sent again" => {}
                other => panic!("{method} {code} for {amount}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_push_lives_for_sixty_five_seconds_and_a_lost_one_is_asked_about() {
    let body = with(CREATED, &[("/additionalInfo", Value::Null)]);
    let (server, gateway) = scene(move |_| answer(200, &[], &body));
    let request = request(PaymentMethod::OvoPush);
    let ends = request.now.plus(Duration::from_secs(65));
    let outcome = gateway.charge(&request).await;
    let expected = Opened {
        transaction_id: "20261122111212800110166".into(),
        expires_at: Some(ends),
        ..Opened::default()
    };
    assert_eq!(outcome, ChargeOutcome::Opened(expected));
    assert_eq!(value(&server.seen()[0].body)["validUpTo"], "2026-11-22T12:01:05+07:00");
    // A repetition would count from another moment, so it is none: nobody is pushed twice.
    assert_eq!(gateway.lost_charge(PaymentMethod::OvoPush), LostCharge::Ask);
    for method in ACCOUNTS.into_iter().chain([PaymentMethod::Qris, PaymentMethod::DanaQr]) {
        assert_eq!(gateway.lost_charge(method), LostCharge::SendAgain, "{method}");
    }
    // It never lives longer than the order.
    let short = ChargeRequest { expires_at: request.now.plus(Duration::from_secs(30)), ..request };
    gateway.charge(&short).await;
    assert_eq!(value(&server.seen()[1].body)["validUpTo"], "2026-11-22T12:00:30+07:00");
}

#[tokio::test]
async fn the_question_tells_when_a_lost_push_ends() {
    let ends = |value: &str| ("/additionalInfo/timeDetail", json!({"expiryTime": value}));
    let found = async |asked: Sent, change: (&'static str, Value)| {
        let waits = ("/latestTransactionStatus", json!("01"));
        let body = with(
            PAID,
            &[waits, ("/additionalInfo/statusDetail", json!({"acquirementStatus": "INIT"})), change],
        );
        let (_server, gateway) = scene(move |_| answer(200, &[], &body));
        match gateway.status(&asked).await {
            StatusOutcome::Found(seen) => seen.opened.expires_at,
            other => panic!("{other:?}"),
        }
    };
    let expected = Timestamp::parse_wib("2026-11-22 12:01:05").unwrap();
    assert_eq!(found(push(), ends("2026-11-22T12:01:05+07:00")).await, Some(expected));
    assert_eq!(found(push(), ends("2026-11-22T05:01:05Z")).await, Some(expected));
    assert_eq!(found(push(), ends("soon")).await, None);
    assert_eq!(found(push(), ("/additionalInfo/timeDetail", Value::Null)).await, None);
    assert_eq!(found(sent(), ends("2026-11-22T12:01:05+07:00")).await, None, "we know it of every other");
}

#[tokio::test]
async fn nobody_is_pushed_without_a_number_and_nothing_is_asked_for_outside_its_limits() {
    let (server, gateway) = scene(|_| answer(200, &[], CREATED));
    let nobody = charge_request(PaymentMethod::OvoPush);
    assert!(matches!(gateway.charge(&nobody).await, ChargeOutcome::Refused { code, .. } if code == "phone"));
    for (method, amount) in [
        (PaymentMethod::VaBca, 9_999),
        (PaymentMethod::VaBni, 0),
        (PaymentMethod::Qris, 10_000_001),
        (PaymentMethod::DanaQr, 10_000_001),
        (PaymentMethod::DanaLink, 20_000_001),
        (PaymentMethod::OvoPush, 100_000_000),
    ] {
        let request = ChargeRequest { amount: Rupiah::new(amount), ..request(method) };
        let outcome = gateway.charge(&request).await;
        assert!(
            matches!(outcome, ChargeOutcome::Refused { code, .. } if code == "amount"),
            "{method} {amount}"
        );
    }
    for method in [PaymentMethod::OvoLink, PaymentMethod::GopayQr, PaymentMethod::CstoreIndomaret] {
        let outcome = gateway.charge(&request(method)).await;
        assert!(matches!(outcome, ChargeOutcome::Refused { code, .. } if code == "method"), "{method}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn nothing_that_we_write_down_holds_the_phone_number() {
    let (log, _guard) = Log::listen();
    let mut shown = format!("{:?}", request(PaymentMethod::OvoPush));
    for (status, code, field) in [
        (200, "2005400", "partnerReferenceNo"),
        (400, "4005401", "responseMessage"),
        (403, "4035405", "responseMessage"),
        (429, "4295400", "responseMessage"),
        (500, "5005401", "responseMessage"),
        (200, "2005500", "transactionStatusDesc"),
        (200, "2005500", "latestTransactionStatus"),
        (200, "2005700", "responseMessage"),
    ] {
        for number in ["081234567890", "+6281234567890"] {
            let body = json!({
                "responseCode": code, "responseMessage": "x", "latestTransactionStatus": "01",
                "originalPartnerReferenceNo": "LK0123456789-P1", "partnerReferenceNo": "LK0123456789-P1",
            });
            let body =
                with(&body.to_string(), &[(&format!("/{field}"), json!(format!("user {number} declined")))]);
            let (_server, gateway) = scene(move |_| answer(status, &[], &body));
            let (charge, state) =
                (gateway.charge(&request(PaymentMethod::OvoPush)).await, gateway.status(&push()).await);
            shown.push_str(&format!("{charge:?} {state:?} {:?} {gateway:?}", gateway.cancel(&push()).await));
        }
    }
    let log = log.text();
    assert!(log.contains("dana.create"), "the log is listened to: {log}");
    for (place, text) in [("an outcome", &shown), ("the log", &log)] {
        assert!(!text.contains("81234567890"), "{place}: {text}");
    }
}

#[tokio::test]
async fn every_method_has_its_terms_with_dana() {
    use PaymentMethod as M;
    let (_server, gateway) = scene(|_| answer(200, &[], CREATED));
    let (parts, never) = (|days: u32| Refundable::InParts { within: DAY * days }, Refundable::Never);
    let seconds = Duration::from_secs;
    // Least, most, what is kept of Rp 100.000, shortest and longest life, refund.
    for (method, least, most, kept, life, refund) in [
        (M::DanaQr, 1, Some(10_000_000), 700, (seconds(20), DAY * 7), parts(7)),
        (M::DanaLink, 1, Some(20_000_000), 1_665, (seconds(20), DAY * 7), parts(30)),
        (M::Qris, 1, Some(10_000_000), 700, (seconds(20), DAY * 7), parts(7)),
        (M::VaBca, 10_000, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaBni, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaBri, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaPermata, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaMandiri, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaBsi, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaCimb, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaBtpn, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (M::VaPanin, 1, None, 4_440, (seconds(120), DAY * 7), never),
        (
            M::OvoPush,
            1,
            Some(99_999_999),
            3_030,
            (seconds(65), seconds(65)),
            Refundable::Whole { within: DAY * 7 },
        ),
    ] {
        let terms = gateway.terms(method);
        assert_eq!((terms.least.get(), terms.most.map(Rupiah::get)), (least, most), "{method}");
        assert_eq!(terms.fee.of(Rupiah::new(100_000)).unwrap().get(), kept, "{method}");
        let lives = match terms.life {
            Life::Asked { shortest, longest } => (shortest, longest),
            Life::Fixed(life) => (life, life),
            Life::Instant => panic!("{method} is not paid in a moment"),
        };
        assert_eq!((lives, terms.refund), (life, refund), "{method}");
        assert!(gateway.shortest(method) >= lives.0, "{method}");
    }
}
