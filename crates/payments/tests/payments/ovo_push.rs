//! OVO by push (`contracts/payments.md` §1.5, §9 row 15).

use crate::{
    log::Log,
    scene::{charge_request, midtrans, scene, sent, with},
    server::{Reply, Server, answer, cut_short, nobody},
};
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, ObservedState, Opened, RefusalReason,
    Sent, StatusOutcome,
};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah, Timestamp};

const REQUEST: &str = include_str!("../fixtures/midtrans/ovo_charge_request.json");
const CREATED: &str = include_str!("../fixtures/midtrans/ovo_charge_response.json");
const UNREGISTERED: &str = include_str!("../fixtures/midtrans/ovo_unregistered_response.json");

fn push() -> ChargeRequest {
    let now = Timestamp::parse_wib("2025-11-12 14:26:53").unwrap();
    ChargeRequest {
        method: PaymentMethod::OvoPush,
        amount: Rupiah::new(15_000),
        phone: Some(PhoneNumber::parse("+62 811-1111-1111").unwrap()),
        now,
        expires_at: now.plus(Duration::from_secs(900)),
        ..charge_request()
    }
}

fn pushed() -> Sent {
    Sent { method: PaymentMethod::OvoPush, ..sent() }
}

async fn charge(status: u16, body: impl Into<String>) -> ChargeOutcome {
    let body = body.into();
    let (_server, gateway) = scene(move |_| answer(status, &[], &body));
    gateway.charge(&push()).await
}

#[tokio::test]
async fn a_push_is_sent_as_the_contract_has_it() {
    let (server, gateway) = scene(|_| answer(201, &[], CREATED));
    gateway.charge(&ChargeRequest { notify_url: Some("https://shop.example/w".into()), ..push() }).await;
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /v2/charge");
    assert_eq!(seen.header("x-override-notification"), Some("https://shop.example/w"));
    let (sent, expected): (Value, Value) =
        (serde_json::from_str(&seen.body).unwrap(), serde_json::from_str(REQUEST).unwrap());
    assert_eq!(sent, expected, "and no custom_expiry");
}

#[tokio::test]
async fn the_answer_of_the_contract_says_until_when() {
    let expected = Opened {
        transaction_id: "6e1b1a8e-c6c7-4ab4-81a6-893be9d924ab".into(),
        expires_at: Some(Timestamp::parse_wib("2025-11-12 14:27:58").unwrap()),
        ..Opened::default()
    };
    assert_eq!(charge(201, CREATED).await, ChargeOutcome::Opened(expected.clone()));
    for expiry in [json!(null), json!("soon"), json!("2025-11-12T14:27:58Z"), json!(7)] {
        let told = with(CREATED, &json!({"expiry_time": expiry}));
        let opened = ChargeOutcome::Opened(Opened { expires_at: Some(in_65_s()), ..expected.clone() });
        assert_eq!(charge(200, told).await, opened, "{expiry}");
    }
    let shown =
        with(CREATED, &json!({"actions": [{"name": "deeplink-redirect", "url": "https://x.example/"}]}));
    let shown = with(&shown, &json!({"qr_string": "0002", "payment_type": "gopay"}));
    assert_eq!(charge(201, shown).await, ChargeOutcome::Opened(expected), "a push has nothing to open");
}

fn in_65_s() -> Timestamp {
    push().now.plus(Duration::from_secs(65))
}

#[tokio::test]
async fn a_push_that_nobody_can_get_or_that_would_outlast_ours_is_not_sent() {
    let (server, gateway) = scene(|_| answer(201, &[], CREATED));
    let outcome = gateway.charge(&ChargeRequest { phone: None, ..push() }).await;
    let ChargeOutcome::Refused { code, reason, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((code.as_str(), reason), ("phone", RefusalReason::ThisPayment));
    let late =
        |seconds| ChargeRequest { expires_at: push().now.plus(Duration::from_secs(seconds)), ..push() };
    for seconds in [0, 20, 65, 69] {
        assert!(
            matches!(gateway.charge(&late(seconds)).await, ChargeOutcome::NotOpened { .. }),
            "{seconds} s"
        );
    }
    assert!(server.seen().is_empty());
    assert!(matches!(gateway.charge(&late(70)).await, ChargeOutcome::Opened(_)));
    assert_eq!(gateway.shortest(PaymentMethod::OvoPush), Duration::from_secs(70));
    assert_eq!(gateway.lost_charge(PaymentMethod::OvoPush), LostCharge::Ask);
}

#[tokio::test]
async fn a_number_that_ovo_does_not_know_is_told_apart_from_every_other_refusal() {
    for http_status in [200, 404] {
        let ChargeOutcome::Refused { code, message, reason } = charge(http_status, UNREGISTERED).await else {
            panic!("HTTP {http_status}")
        };
        assert_eq!((code.as_str(), reason), ("404", RefusalReason::UnknownPhone));
        assert_eq!(message, "User with requested phone number doesn't exist");
    }
    for (code, message) in [
        ("403", "The request is not acceptable"),
        ("404", "The requested resource is not found"),
        ("401", "Transaction cannot be authorized with the current client/server key."),
        ("402", "Payment channel is not activated."),
        ("410", "Merchant account is deactivated"),
    ] {
        let body = json!({"status_code": code, "status_message": message}).to_string();
        let outcome = charge(200, body).await;
        assert!(
            matches!(outcome, ChargeOutcome::Refused { reason: RefusalReason::Other, .. }),
            "{outcome:?}"
        );
    }
    // What is wrong with one payment says nothing of the method.
    for code in ["400", "408", "413"] {
        let body = json!({"status_code": code, "status_message": "phone number is not valid"}).to_string();
        let outcome = charge(200, body).await;
        assert!(
            matches!(outcome, ChargeOutcome::Refused { reason: RefusalReason::ThisPayment, .. }),
            "{outcome:?}"
        );
    }
    // Only of a push: nobody gave a number for anything else.
    let (_server, gateway) = scene(|_| answer(404, &[], UNREGISTERED));
    let outcome = gateway.charge(&charge_request()).await;
    assert!(matches!(outcome, ChargeOutcome::Refused { reason: RefusalReason::Other, .. }), "{outcome:?}");
}

#[tokio::test]
async fn trouble_with_a_push_is_unknown_and_a_second_one_exists() {
    assert_eq!(
        charge(406, r#"{"status_code":"406","status_message":"duplicate"}"#).await,
        ChargeOutcome::Exists
    );
    let limited = charge(429, r#"{"status_code":"429"}"#).await;
    assert!(matches!(limited, ChargeOutcome::NotOpened { .. }), "{limited:?}");
    for (status, body) in [
        (404, "<html>404</html>"),
        (404, "{}"),
        (429, "<html>slow down</html>"),
        (500, UNREGISTERED),
        (201, ""),
        (302, "{}"),
    ] {
        let body = if status == 500 { body.replace("\"404\"", "\"500\"") } else { body.to_owned() };
        assert!(matches!(charge(status, body.clone()).await, ChargeOutcome::Unknown { .. }), "{body}");
    }
    assert!(matches!(midtrans(&nobody()).charge(&push()).await, ChargeOutcome::NotOpened { .. }));
}

#[tokio::test]
async fn silence_after_a_push_is_unknown() {
    let server = Server::start(|_| Reply::Silence);
    let (outcome, waited) = server.wait_out(midtrans(&server.url).charge(&push())).await;
    assert!(matches!(outcome, ChargeOutcome::Unknown { .. }), "{outcome:?}");
    assert_eq!((waited.as_secs(), server.seen().len()), (15, 1), "sent once");
}

#[tokio::test]
async fn what_became_of_a_push_is_asked_by_our_reference() {
    for (changes, state) in [
        (json!({}), ObservedState::Pending),
        (json!({"transaction_status": "PENDING"}), ObservedState::Pending),
        (json!({"status_code": "200", "transaction_status": "Settlement"}), ObservedState::Settled),
        (
            json!({"status_code": "200", "transaction_status": "settlement", "fraud_status": "denied"}),
            ObservedState::Suspicious,
        ),
        (json!({"status_code": "202", "transaction_status": "EXPIRE"}), ObservedState::Expired),
        (json!({"status_code": "202", "transaction_status": "deny"}), ObservedState::Denied),
        (json!({"status_code": "407", "transaction_status": "expire"}), ObservedState::Expired),
    ] {
        let body = with(CREATED, &changes);
        let (server, gateway) = scene(move |_| answer(200, &[], &body));
        let StatusOutcome::Found(seen) = gateway.status(&pushed()).await else { panic!("{changes}") };
        assert_eq!((seen.state, seen.amount), (state, Some(Rupiah::new(30_000))), "{changes}");
        assert_eq!(seen.opened.expires_at, Some(Timestamp::parse_wib("2025-11-12 14:27:58").unwrap()));
        let lines: Vec<String> = server.seen().iter().map(|seen| seen.line.clone()).collect();
        assert_eq!(lines, ["GET /v2/LK0123456789-P1/status"], "and no picture");
    }
    // One whose charge was lost has a fixed time, too.
    let body = with(CREATED, &json!({"expiry_time": null, "payment_type": null}));
    let (_server, gateway) = scene(move |_| answer(200, &[], &body));
    let StatusOutcome::Found(seen) = gateway.status(&pushed()).await else { panic!("not found") };
    assert_eq!(seen.opened.expires_at, Some(Timestamp::parse_wib("2025-11-12 14:27:58").unwrap()));
    for was_open in [true, false] {
        let (_server, gateway) = scene(|_| answer(404, &[], r#"{"status_code":"404"}"#));
        let outcome = gateway.status(&Sent { was_open, ..pushed() }).await;
        assert_eq!(outcome, StatusOutcome::NotFound);
    }
}

#[tokio::test]
async fn a_push_is_closed_by_our_reference() {
    let (server, gateway) =
        scene(|_| answer(200, &[], with(CREATED, &json!({"transaction_status": "cancel"}))));
    assert_eq!(gateway.cancel(&pushed()).await, CloseOutcome::Closed);
    assert_eq!(gateway.expire(&pushed()).await, CloseOutcome::Closed);
    let lines: Vec<String> = server.seen().iter().map(|seen| seen.line.clone()).collect();
    assert_eq!(lines, ["POST /v2/LK0123456789-P1/cancel", "POST /v2/LK0123456789-P1/expire"]);
}

#[tokio::test]
async fn nothing_that_we_write_down_holds_the_phone_number() {
    let (log, _guard) = Log::listen();
    let mut shown = format!("{:?}", push());
    for (local, far) in [("081111111111", "81111111111"), ("628111111111", "+6281111111111")] {
        for (status, body) in [
            (201, with(CREATED, &json!({"payer_phone_number": local, "customer_details": {"phone": far}}))),
            (200, with(CREATED, &json!({"transaction_status": format!("user {local} declined")}))),
            (
                404,
                with(
                    UNREGISTERED,
                    &json!({"status_message": format!("User {far} or {local} doesn't exist")}),
                ),
            ),
            (
                400,
                json!({"status_code": "400", "validation_messages": [format!("{local} is bad")]}).to_string(),
            ),
            (
                500,
                json!({"status_code": "500", "status_message": format!("cannot push to {far}")}).to_string(),
            ),
            (200, format!("<html>{local}</html>")),
        ] {
            let (_server, gateway) = scene(move |_| answer(status, &[], &body));
            let (charge, state) = (gateway.charge(&push()).await, gateway.status(&pushed()).await);
            shown
                .push_str(&format!("{charge:?} {state:?} {:?} {gateway:?}", gateway.cancel(&pushed()).await));
        }
        let broken = cut_short(&format!("{{\"payer_phone_number\":\"{local}\""));
        let (_server, gateway) = scene(move |_| broken.clone());
        shown.push_str(&format!("{:?}", gateway.charge(&push()).await));
    }
    let log = log.text();
    assert!(log.contains("midtrans.charge"), "the log is listened to: {log}");
    for (place, text) in [("an outcome", &shown), ("the log", &log)] {
        assert!(!text.contains("1111111111"), "{place}: {text}");
    }
}
