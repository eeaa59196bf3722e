//! Xendit's secret key is changed (§9 row 18): what it does not take with the new one is sent with the one before.
//! Its tokens are in `webhook.rs`.

use super::{DANA, OVO, charge_request, sent, settings, token, vector};
use crate::server::{Reply, Seen, Server, answer, cut_short};
use base64::{Engine, engine::general_purpose::STANDARD};
use outside::Http;
use payments::{
    ChargeOutcome, Gateway, StatusOutcome,
    gateways::{
        Until,
        xendit::{Settings, Xendit},
    },
};
use std::{collections::HashSet, time::Duration};
use vocabulary::{Clock, PaymentMethod, Secret, Timestamp};

const NEW: &str = "xnd_production_new";
const REFUSED: &str =
    r#"{"error_code":"INVALID_API_KEY","message":"API key is not authorized for this API service"}"#;

fn changing(url: &str) -> Settings {
    let before = settings(url);
    Settings { secret_key: Secret::new(NEW), previous_secret_key: Some(before.secret_key.clone()), ..before }
}

fn xendit(settings: Settings) -> Xendit {
    Xendit::new(Http::new().unwrap(), settings)
}

/// Xendit, as far as it looks at who asks.
fn registered(key: &str, seen: &Seen) -> Reply {
    let expected = format!("Basic {}", STANDARD.encode(format!("{key}:")));
    if seen.header("authorization") != Some(&expected) {
        return answer(401, &[], REFUSED);
    }
    match seen.line.as_str() {
        "POST /payment_requests" => answer(201, &[], DANA.replace("$BASE", "http://127.0.0.1")),
        _ => answer(200, &[], OVO),
    }
}

#[tokio::test]
async fn while_the_key_is_changed_xendit_is_asked_with_the_one_that_it_knows_before_and_after() {
    for (at_xendit, tries) in [(vector("/secret_key"), 2), (NEW.to_owned(), 1)] {
        let server = Server::start(move |seen| registered(&at_xendit, seen));
        let gateway = xendit(changing(&server.url));
        let charged = gateway.charge(&charge_request(PaymentMethod::DanaLink)).await;
        assert!(matches!(charged, ChargeOutcome::Opened(_)), "{charged:?}");
        let asked = gateway.status(&sent(PaymentMethod::OvoPush)).await;
        assert!(matches!(asked, StatusOutcome::Found(_)), "{asked:?}");
        let seen = server.seen();
        assert_eq!(seen.len(), 2 * tries, "{seen:?}");
        for again in seen.chunks(tries) {
            let keys: HashSet<_> = again.iter().map(|s| s.header("idempotency-key")).collect();
            assert_eq!(keys.len(), 1, "the same again, under the same key");
            let first = &again[0];
            assert!(again.iter().all(|s| (&s.line, &s.body) == (&first.line, &first.body)));
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_twice_but_what_xendit_itself_refused_for_its_key() {
    for (why, reply, tries) in [
        ("neither key is known", answer(401, &[], REFUSED), 2),
        ("so it is called, too", answer(401, &[], r#"{"error_code":"UNAUTHORIZED"}"#), 2),
        (
            "the channel's own credentials",
            answer(401, &[], r#"{"error_code":"INVALID_MERCHANT_CREDENTIALS"}"#),
            1,
        ),
        ("somebody between", answer(401, &[], "<html>401</html>"), 1),
        ("a refusal from behind", answer(500, &[], REFUSED), 1),
        ("another refusal", answer(403, &[], r#"{"error_code":"CHANNEL_NOT_ACTIVATED"}"#), 1),
        ("an answer that breaks off", cut_short("{"), 1),
    ] {
        let server = Server::start(move |_| reply.clone());
        let outcome = xendit(changing(&server.url)).charge(&charge_request(PaymentMethod::DanaLink)).await;
        assert!(!matches!(outcome, ChargeOutcome::Opened(_)), "{why}");
        assert_eq!(server.seen().len(), tries, "{why}");
    }
}

#[tokio::test]
async fn after_its_end_neither_key_nor_token_of_before_counts() {
    let clock = Clock::manual(Timestamp::from_millis(0));
    let known = vector("/secret_key");
    let server = Server::start(move |seen| registered(&known, seen));
    let until = Until::new(clock.clone(), Timestamp::from_millis(1_000));
    let gateway = xendit(Settings {
        callback_token: Secret::new("the-token-of-today"),
        previous_callback_token: Some(Secret::new(token())),
        previous_until: Some(until),
        ..changing(&server.url)
    });
    let headers = [("x-callback-token".to_owned(), token())];
    let body = br#"{"event":"payment.succeeded","data":{"reference_id":"LK0123456789-P1"}}"#;
    assert!(gateway.verify_webhook(&headers, body).is_ok());
    assert!(matches!(gateway.status(&sent(PaymentMethod::OvoPush)).await, StatusOutcome::Found(_)));
    clock.advance(Duration::from_secs(1));
    assert!(gateway.verify_webhook(&headers, body).is_err());
    let calls = server.seen().len();
    assert!(matches!(gateway.status(&sent(PaymentMethod::OvoPush)).await, StatusOutcome::Unknown { .. }));
    assert_eq!(server.seen().len(), calls + 1, "it is tried with the key of today alone");
}
