//! Midtrans' key is changed (§9 row 18): what it does not take with the new one is sent with the one before.
//! Its notifications are in `webhook.rs`.

use crate::{
    scene::{KEY, QRIS, at_home, charge_request, sent, settings, with},
    server::{Reply, Seen, Server, answer, cut_short},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, StatusOutcome,
    gateways::{
        Until,
        midtrans::{Midtrans, Settings},
    },
};
use serde_json::json;
use sha2::{Digest, Sha512};
use std::time::Duration;
use vocabulary::{Clock, PaymentMethod, Secret, Timestamp};

const NEW: &str = "SB-Mid-server-TESTKEY0002";
const CREATED: &str = include_str!("../fixtures/midtrans/qris_charge_response.json");
const PAGE: &str = include_str!("../fixtures/midtrans/snap_page_response.json");
const REFUSED: &str = r#"{"status_code":"401","status_message":"Transaction cannot be authorized with the current client/server key."}"#;
const REFUSED_BY_SNAP: &str = r#"{"error_messages":["Access denied due to unauthorized transaction, please check client or server key"]}"#;

fn changing(url: &str) -> Midtrans {
    let settings = Settings {
        server_key: Secret::new(NEW),
        previous_server_key: Some(Secret::new(KEY)),
        ..settings(url)
    };
    Midtrans::new(outside::Http::new().unwrap(), settings)
}

/// Midtrans, as far as it looks at who asks.
fn registered(key: &str, seen: &Seen) -> Reply {
    let expected = format!("Basic {}", STANDARD.encode(format!("{key}:")));
    let is_snap = seen.line.contains("/snap/");
    match seen.header("authorization") == Some(&expected) {
        true if is_snap => answer(201, &[], at_home(PAGE, seen)),
        true if seen.line.ends_with("/cancel") => {
            let body = CREATED.replace("\"pending\"", "\"cancel\"").replace("\"201\"", "\"200\"");
            answer(200, &[], at_home(&body, seen))
        }
        true => answer(200, &[], at_home(CREATED, seen)),
        false if is_snap => answer(401, &[], REFUSED_BY_SNAP),
        false => answer(401, &[], REFUSED),
    }
}

#[tokio::test]
async fn while_the_key_is_changed_midtrans_is_asked_with_the_one_that_it_knows_before_and_after() {
    for (at_midtrans, tries) in [(KEY, 2), (NEW, 1)] {
        let server = Server::start(move |seen| registered(at_midtrans, seen));
        let gateway = changing(&server.url);
        let charged =
            gateway.charge(&ChargeRequest { method: PaymentMethod::Qris, ..charge_request() }).await;
        assert!(matches!(charged, ChargeOutcome::Opened(_)), "{charged:?}");
        let asked = gateway.status(&sent()).await;
        assert!(matches!(asked, StatusOutcome::Found(_)), "{asked:?}");
        assert_eq!(gateway.cancel(&sent()).await, CloseOutcome::Closed);
        let page = ChargeRequest { method: PaymentMethod::OvoLink, ..charge_request() };
        let page = ChargeRequest { expires_at: page.now.plus(Duration::from_secs(900)), ..page };
        let opened = gateway.charge(&page).await;
        assert!(matches!(opened, ChargeOutcome::Opened(_)), "{opened:?}");
        let seen = server.seen();
        assert_eq!(seen.len(), 4 * tries);
        for again in seen.chunks(tries) {
            let first = &again[0];
            assert!(again.iter().all(|s| (&s.line, &s.body) == (&first.line, &first.body)), "the same again");
        }
    }
}

#[tokio::test]
async fn after_its_end_the_key_of_before_is_neither_used_nor_believed() {
    let server = Server::start(|seen| registered(KEY, seen));
    let clock = Clock::manual(Timestamp::from_millis(0));
    let settings = Settings {
        server_key: Secret::new(NEW),
        previous_server_key: Some(Secret::new(KEY)),
        previous_until: Some(Until::new(clock.clone(), Timestamp::from_millis(1_000))),
        ..settings(&server.url)
    };
    let gateway = Midtrans::new(outside::Http::new().unwrap(), settings);
    let signature = hex::encode(Sha512::digest(format!("LK0123456789-P12001.00{KEY}")));
    let body = json!({
        "order_id": "LK0123456789-P1", "status_code": "200", "gross_amount": "1.00", "signature_key": signature,
    })
    .to_string();
    assert!(gateway.verify_webhook(&[], body.as_bytes()).is_ok());
    assert!(matches!(gateway.status(&sent()).await, StatusOutcome::Found(_)));
    clock.advance(Duration::from_secs(1));
    assert!(gateway.verify_webhook(&[], body.as_bytes()).is_err());
    let calls = server.seen().len();
    assert!(matches!(gateway.status(&sent()).await, StatusOutcome::Unknown { .. }));
    assert_eq!(server.seen().len(), calls + 1, "it is tried with the key of today alone");
}

#[tokio::test]
async fn the_picture_of_a_qr_code_is_asked_for_with_the_key_before_as_well() {
    for (at_midtrans, tries) in [(KEY, 2), (NEW, 1)] {
        let picture = vocabulary::qr::png(QRIS).unwrap();
        let server = Server::start(move |seen| {
            let known = format!("Basic {}", STANDARD.encode(format!("{at_midtrans}:")));
            match seen.line.ends_with("/qr-code") {
                true if seen.header("authorization") == Some(&known) => answer(200, &[], &picture),
                false if seen.header("authorization") == Some(&known) => {
                    answer(201, &[], at_home(&with(CREATED, &json!({"qr_string": null})), seen))
                }
                _ => answer(401, &[], REFUSED),
            }
        });
        let gateway = changing(&server.url);
        let charged =
            gateway.charge(&ChargeRequest { method: PaymentMethod::Qris, ..charge_request() }).await;
        let ChargeOutcome::Opened(opened) = charged else { panic!("{charged:?}") };
        assert_eq!(opened.qr_string.as_deref(), Some(QRIS));
        let asked = server.seen().iter().filter(|seen| seen.line.ends_with("/qr-code")).count();
        assert_eq!(asked, tries);
    }
}

#[tokio::test]
async fn nothing_is_sent_twice_but_what_midtrans_itself_refused_for_its_key() {
    for (why, reply, tries) in [
        ("neither key is known", answer(401, &[], REFUSED), 2),
        ("the code is in the body alone", answer(200, &[], REFUSED), 2),
        ("somebody between", answer(401, &[], "<html>401</html>"), 1),
        ("another refusal", answer(402, &[], r#"{"status_code":"402"}"#), 1),
        ("the order is there already", answer(406, &[], r#"{"status_code":"406"}"#), 1),
        ("nothing that can be read", answer(500, &[], "<html>"), 1),
        ("an answer that breaks off", cut_short("{"), 1),
    ] {
        let server = Server::start(move |_| reply.clone());
        let outcome = changing(&server.url).charge(&charge_request()).await;
        assert!(!matches!(outcome, ChargeOutcome::Opened(_)), "{why}");
        assert_eq!(server.seen().len(), tries, "{why}");
    }
}
