//! QRIS, virtual accounts and tills (`contracts/payments.md` §1.3, §1.4, §1.7–§1.10): every method by the
//! example that the simulator is held against, too, and every code and state by a row of a table.

use crate::{
    charge::CODES,
    scene::{KEY, QRIS, at_home, charge_request, midtrans, scene, sent, with},
    server::{Server, answer, nobody},
    webhook::sign,
};
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, Life, LostCharge, ObservedState, Opened, Sent,
    StatusOutcome, gateways::midtrans::Midtrans,
};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah, Timestamp};

const FURTHER: &str = include_str!("../fixtures/midtrans/further_methods.json");
const ID: &str = "0d8178e1-c6c7-4ab4-81a6-893be9d924ab";
const WITH_NUMBER: [PaymentMethod; 6] = [
    PaymentMethod::VaBca,
    PaymentMethod::VaBni,
    PaymentMethod::VaBri,
    PaymentMethod::VaPermata,
    PaymentMethod::CstoreIndomaret,
    PaymentMethod::CstoreAlfamart,
];

fn methods() -> impl Iterator<Item = PaymentMethod> {
    WITH_NUMBER.into_iter().chain([PaymentMethod::Qris])
}

/// `request`, `response` or `settlement` of a method, as the fixture has it.
fn example(method: PaymentMethod, part: &str) -> Value {
    let all: Value = serde_json::from_str(FURTHER).unwrap();
    all[method.as_str()][part].clone()
}

fn now() -> Timestamp {
    Timestamp::parse_wib("2026-11-22 12:00:00").unwrap()
}

/// A charge by this method, with all that we know of the buyer.
fn charge(method: PaymentMethod) -> ChargeRequest {
    ChargeRequest {
        method,
        now: now(),
        expires_at: now().plus(Duration::from_secs(900)),
        phone: PhoneNumber::parse("081234567890").ok(),
        return_url: Some("https://shop.example/pay/opaque".into()),
        ..charge_request()
    }
}

fn asked(method: PaymentMethod) -> Sent {
    let charge = charge(method);
    Sent { method, now: charge.now, expires_at: charge.expires_at, ..sent() }
}

/// A party that answers everything with this, and pictures with a code.
fn party(http_status: u16, body: String) -> (Server, Midtrans) {
    scene(move |request| match request.line.ends_with("/qr-code") {
        true => answer(200, &[("Content-Type", "image/png")], vocabulary::qr::png(QRIS).unwrap()),
        false => answer(http_status, &[], at_home(&body, request)),
    })
}

/// The number in the example.
fn number(method: PaymentMethod) -> Option<String> {
    let example = example(method, "response");
    let fields =
        [&example["va_numbers"][0]["va_number"], &example["permata_va_number"], &example["payment_code"]];
    fields.into_iter().find_map(Value::as_str).map(str::to_owned)
}

fn kind(outcome: &ChargeOutcome) -> &'static str {
    match outcome {
        ChargeOutcome::Opened(_) => "opened",
        ChargeOutcome::Exists => "exists",
        ChargeOutcome::Refused { .. } => "refused",
        ChargeOutcome::NotOpened { .. } => "not opened",
        ChargeOutcome::Unfit { .. } => "unfit",
        ChargeOutcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn every_method_is_charged_as_in_the_example_and_nothing_of_the_buyer_is_told() {
    for method in methods() {
        let (server, gateway) = party(200, example(method, "response").to_string());
        gateway.charge(&charge(method)).await;
        let sent = &server.seen()[0];
        assert_eq!(sent.line, "POST /v2/charge");
        assert_eq!(
            serde_json::from_str::<Value>(&sent.body).unwrap(),
            example(method, "request"),
            "{method}"
        );
        assert!(!sent.body.contains("81234567890") && !sent.body.contains("opaque"), "{}", sent.body);
    }
}

#[tokio::test]
async fn every_answer_tells_what_the_buyer_needs_and_nothing_else() {
    for method in WITH_NUMBER {
        let (server, gateway) = party(200, example(method, "response").to_string());
        let expected = Opened {
            transaction_id: ID.into(),
            payment_code: Some(number(method).unwrap()),
            expires_at: Some(now().plus(Duration::from_secs(900))),
            ..Opened::default()
        };
        let outcome = gateway.charge(&charge(method)).await;
        assert_eq!(outcome, ChargeOutcome::Opened(expected.clone()), "{method}");
        // Of an answer that is lost, the question brings the number.
        assert_eq!(gateway.lost_charge(method), LostCharge::Ask, "{method}");
        let StatusOutcome::Found(seen) = gateway.status(&asked(method)).await else { panic!("{method}") };
        assert_eq!((seen.state, seen.amount), (ObservedState::Pending, Some(Rupiah::new(275_000))));
        assert_eq!(seen.opened, expected, "{method}");
        assert_eq!(server.seen().len(), 2, "and no picture");
    }
    let (_server, gateway) = party(200, example(PaymentMethod::Qris, "response").to_string());
    let ChargeOutcome::Opened(opened) = gateway.charge(&charge(PaymentMethod::Qris)).await else {
        panic!("not opened")
    };
    assert_eq!(
        (opened.qr_string.as_deref(), opened.deep_link, opened.payment_code),
        (Some(QRIS), None, None)
    );
    assert!(opened.qr_image_url.unwrap().contains("/v4/qris/gopay/"));
    let StatusOutcome::Found(seen) = gateway.status(&asked(PaymentMethod::Qris)).await else {
        panic!("not found")
    };
    assert_eq!(seen.opened.qr_string.as_deref(), Some(QRIS));
}

#[tokio::test]
async fn a_settlement_is_believed_and_read() {
    for method in methods() {
        let mut told = example(method, "settlement");
        told["signature_key"] = json!(sign("LK0123456789-P1", "200", "275000.00", KEY));
        let (_server, gateway) = party(200, told.to_string());
        let notification = gateway.verify_webhook(&[], told.to_string().as_bytes()).unwrap();
        assert_eq!(
            (notification.reference.as_str(), notification.stated.as_str()),
            ("LK0123456789-P1", "settlement")
        );
        let StatusOutcome::Found(seen) = gateway.status(&asked(method)).await else { panic!("{method}") };
        assert_eq!(
            (seen.state, seen.amount),
            (ObservedState::Settled, Some(Rupiah::new(275_000))),
            "{method}"
        );
        assert_eq!(seen.opened.payment_code, number(method), "{method}");
    }
}

#[tokio::test]
async fn an_answer_without_a_number_of_this_place_is_no_open_payment() {
    let others = json!({
        "va_numbers": [{"bank": "cimb", "va_number": "1111"}], "permata_va_number": null,
        "payment_code": "2222", "store": "another",
    });
    for method in WITH_NUMBER {
        for changes in
            [json!({"va_numbers": null, "permata_va_number": null, "payment_code": null}), others.clone()]
        {
            let (_server, gateway) = party(200, with(&example(method, "response").to_string(), &changes));
            let outcome = gateway.charge(&charge(method)).await;
            assert_eq!(kind(&outcome), "unknown", "{method} with {changes}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn every_code_of_a_charge_means_the_same_by_every_method() {
    for (code, expected) in CODES {
        let body = json!({"status_code": code.to_string(), "status_message": "why", "id": "x"});
        let (_server, gateway) = party(200, body.to_string());
        for method in methods() {
            assert_eq!(kind(&gateway.charge(&charge(method)).await), expected, "{method}: {code}");
        }
    }
}

#[tokio::test]
async fn every_state_means_the_same_by_every_method() {
    use ObservedState as S;
    for (code, word, fraud, expected) in [
        ("201", "pending", "accept", S::Pending),
        ("201", "PENDING", "accept", S::Pending),
        ("201", "pending", "challenge", S::Suspicious),
        ("200", "settlement", "accept", S::Settled),
        ("200", "capture", "accept", S::Settled),
        ("201", "settlement", "accept", S::Unrecognised),
        ("200", "settlement", "deny", S::Suspicious),
        ("202", "deny", "accept", S::Denied),
        ("202", "failure", "accept", S::Denied),
        ("202", "cancel", "accept", S::Cancelled),
        ("407", "expire", "accept", S::Expired),
        ("200", "refund", "accept", S::Refunded),
        ("200", "partial_refund", "accept", S::PartlyRefunded),
        ("200", "chargeback", "accept", S::Refunded),
        ("200", "partial_chargeback", "accept", S::PartlyRefunded),
        ("201", "authorize", "accept", S::Suspicious),
        ("200", "a new word", "accept", S::Unrecognised),
    ] {
        for method in methods() {
            let changes = json!({"status_code": code, "transaction_status": word, "fraud_status": fraud});
            let (_server, gateway) = party(200, with(&example(method, "response").to_string(), &changes));
            let StatusOutcome::Found(seen) = gateway.status(&asked(method)).await else {
                panic!("{method}: {word}")
            };
            assert_eq!(seen.state, expected, "{method}: {code} {word} {fraud}");
        }
    }
}

#[tokio::test]
async fn every_code_of_closing_means_the_same_by_every_method() {
    for (code, word, expected) in [
        ("200", Some("cancel"), CloseOutcome::Closed),
        ("407", Some("expire"), CloseOutcome::Closed),
        ("200", Some("settlement"), CloseOutcome::CannotClose),
        ("412", None, CloseOutcome::CannotClose),
        ("404", None, CloseOutcome::NotFound),
    ] {
        let body = json!({"status_code": code, "transaction_status": word, "order_id": "LK0123456789-P1"});
        let (server, gateway) = party(200, body.to_string());
        for method in methods() {
            let sent = asked(method);
            assert_eq!(gateway.cancel(&sent).await, expected, "{method}: {code}");
            assert_eq!(gateway.expire(&sent).await, expected, "{method}: {code}");
        }
        let seen = server.seen();
        let lines: Vec<&str> = seen.iter().take(2).map(|request| request.line.as_str()).collect();
        assert_eq!(lines, ["POST /v2/LK0123456789-P1/cancel", "POST /v2/LK0123456789-P1/expire"]);
    }
}

#[tokio::test]
async fn what_a_method_does_not_carry_is_refused_and_not_sent() {
    let (server, gateway) = party(500, String::new());
    for method in gateway.methods() {
        let terms = gateway.terms(*method);
        let below = Rupiah::new(terms.least.get() - 1);
        let above = terms.most.map(|most| Rupiah::new(most.get() + 1));
        for amount in [Some(below), above].into_iter().flatten() {
            let outcome = gateway.charge(&ChargeRequest { amount, ..charge(*method) }).await;
            assert_eq!(kind(&outcome), "refused", "{method} of {amount}");
        }
        assert!(server.seen().is_empty(), "{method}");
    }
    for method in methods() {
        let terms = gateway.terms(method);
        for amount in [Some(terms.least), terms.most].into_iter().flatten() {
            let outcome = gateway.charge(&ChargeRequest { amount, ..charge(method) }).await;
            assert_eq!(kind(&outcome), "unknown", "{method} of {amount} is sent");
        }
    }
}

#[tokio::test]
async fn with_too_little_time_to_get_there_no_number_is_given() {
    for (method, shortest) in [
        (PaymentMethod::Qris, 20),
        (PaymentMethod::VaBca, 120),
        (PaymentMethod::VaBni, 120),
        (PaymentMethod::VaBri, 120),
        (PaymentMethod::VaPermata, 120),
        (PaymentMethod::CstoreIndomaret, 300),
        (PaymentMethod::CstoreAlfamart, 300),
    ] {
        let (server, gateway) = party(200, example(method, "response").to_string());
        let shortest = Duration::from_secs(shortest);
        assert_eq!(gateway.shortest(method), shortest, "{method}");
        let left = |left: Duration| ChargeRequest { expires_at: now().plus(left), ..charge(method) };
        let outcome = gateway.charge(&left(shortest - Duration::from_millis(1))).await;
        assert_eq!((kind(&outcome), server.seen().len()), ("not opened", 0), "{method}");
        let outcome = gateway.charge(&left(shortest)).await;
        assert_eq!(kind(&outcome), "opened", "{method}");
        let body: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
        let expiry = &body["custom_expiry"];
        let unit = if expiry["unit"] == "minute" { 60 } else { 1 };
        assert_eq!(expiry["expiry_duration"].as_u64().unwrap() * unit, shortest.as_secs(), "{method}");
    }
}

#[test]
fn no_method_is_asked_for_less_time_than_its_terms_give() {
    let gateway = midtrans(&nobody());
    for method in gateway.methods() {
        let least = match gateway.terms(*method).life {
            Life::Asked { shortest, .. } | Life::Fixed(shortest) => shortest,
            Life::Instant => panic!("{method} takes its time"),
        };
        assert!(gateway.shortest(*method) >= least, "{method}");
    }
}

#[tokio::test]
async fn a_party_that_cannot_be_reached_has_opened_nothing_and_one_that_stammers_maybe() {
    let away = midtrans(&nobody());
    for method in methods() {
        assert_eq!(kind(&away.charge(&charge(method)).await), "not opened", "{method}");
    }
    for body in ["", "<html>502</html>", "[]", "{\"status_code\":\"201\"}"] {
        let (_server, gateway) = party(200, body.to_owned());
        for method in methods() {
            assert_eq!(kind(&gateway.charge(&charge(method)).await), "unknown", "{method}: {body}");
            let status = gateway.status(&asked(method)).await;
            assert!(matches!(status, StatusOutcome::Unknown { .. }), "{method}: {status:?}");
        }
    }
}
