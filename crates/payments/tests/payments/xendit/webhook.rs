//! Who is believed, and that nothing more than a reason to ask comes of it (§3.5): the token is the same in
//! every callback, and the body is not signed.

use super::{OVO, REFERENCE, nothing, party, sent, settings, token, with};
use outside::Http;
use payments::{
    Gateway, Notification, ObservedState, StatusOutcome, WebhookRefusal, gateways::xendit::Xendit,
};
use serde_json::json;
use vocabulary::{PaymentMethod, Secret};

const SECOND: &str = include_str!("../../fixtures/xendit/v2_callback.json");
const THIRD: &str = include_str!("../../fixtures/xendit/v3_callback.json");
const LEGACY: &str = include_str!("../../fixtures/xendit/legacy_callback.json");

fn gateway(previous: Option<&str>) -> Xendit {
    let settings = payments::gateways::xendit::Settings {
        previous_callback_token: previous.map(Secret::new),
        ..settings("http://127.0.0.1:1")
    };
    Xendit::new(Http::new().unwrap(), settings)
}

fn headers(token: &str) -> Vec<(String, String)> {
    vec![("content-type".into(), "application/json".into()), ("X-Callback-Token".into(), token.into())]
}

#[test]
fn the_callback_of_every_generation_names_our_reference_and_what_is_claimed() {
    for (body, stated) in [
        (SECOND, "payment.succeeded SUCCEEDED"),
        (THIRD, "payment.capture SUCCEEDED"),
        (LEGACY, "ewallet.capture SUCCEEDED"),
    ] {
        let heard = gateway(None).verify_webhook(&headers(&token()), body.as_bytes());
        let expected = Notification { reference: REFERENCE.into(), stated: stated.into() };
        assert_eq!(heard, Ok(expected.clone()));
        // Again and again: it is the same reason to ask.
        assert_eq!(gateway(None).verify_webhook(&headers(&token()), body.as_bytes()), Ok(expected));
    }
}

#[test]
fn whoever_has_not_the_token_is_not_believed() {
    let ours = token();
    let refused = |headers: &[(String, String)]| {
        gateway(None).verify_webhook(headers, SECOND.as_bytes()) == Err(WebhookRefusal::BadSignature)
    };
    assert!(refused(&[]));
    for given in [
        "",
        "x",
        &ours[1..],
        &ours[..63],
        &format!("{ours}0"),
        &ours.to_uppercase(),
        &format!("Bearer {ours}"),
        "loket-sandbox-callback-token",
    ] {
        assert!(refused(&headers(given)), "{given}");
    }
    // Of two headers nobody knows which one counts.
    assert!(refused(&[headers(&ours), headers("x")].concat()));
    assert!(refused(&[headers(&ours), headers(&ours)].concat()));
    // Without a token of ours nobody is believed, and least of all who sends none.
    let settings =
        payments::gateways::xendit::Settings { callback_token: Secret::new(""), ..settings("http://x") };
    let open = Xendit::new(Http::new().unwrap(), settings);
    assert_eq!(open.verify_webhook(&headers(""), SECOND.as_bytes()), Err(WebhookRefusal::BadSignature));
}

#[test]
fn while_tokens_are_changed_both_are_believed() {
    let both = gateway(Some("the-token-before"));
    for (given, believed) in
        [(token().as_str(), true), ("the-token-before", true), ("the-token-after", false), ("", false)]
    {
        assert_eq!(both.verify_webhook(&headers(given), SECOND.as_bytes()).is_ok(), believed, "{given}");
    }
    assert!(gateway(Some("")).verify_webhook(&headers(""), SECOND.as_bytes()).is_err());
}

#[test]
fn a_body_that_names_no_reference_says_nothing() {
    for body in [
        "",
        "{}",
        "[]",
        "<html>",
        r#"{"data":{}}"#,
        r#"{"data":{"reference_id":""}}"#,
        r#"{"data":{"reference_id":7}}"#,
        r#"{"data":{"reference_id":"a\u0000b"}}"#,
        r#"{"reference_id":"LK0123456789-P1"}"#,
        r#"{"data":"LK0123456789-P1"}"#,
    ] {
        let heard = gateway(None).verify_webhook(&headers(&token()), body.as_bytes());
        assert!(matches!(heard, Err(WebhookRefusal::Malformed(_))), "{body}: {heard:?}");
    }
    let long = json!({"data": {"reference_id": "x".repeat(256)}}).to_string();
    assert!(gateway(None).verify_webhook(&headers(&token()), long.as_bytes()).is_err());
}

/// The trap: the right token over a body that somebody else wrote.
#[tokio::test]
async fn a_believed_callback_that_claims_money_changes_nothing_that_they_do_not_confirm() {
    let (_server, asked) = party(OVO.to_owned(), nothing(), nothing());
    for claim in [
        SECOND.to_owned(),
        with(SECOND, &[("/data/amount", json!(1))]),
        with(SECOND, &[("/data/amount", json!("25000000"))]),
        with(SECOND, &[("/data/payment_request_id", json!("pr-other"))]),
        with(SECOND, &[("/data/status", json!("FAILED")), ("/event", json!("payment.failed"))]),
    ] {
        let heard = gateway(None).verify_webhook(&headers(&token()), claim.as_bytes()).unwrap();
        // All that is taken of it is whom to ask about.
        assert_eq!(heard.reference, REFERENCE);
        let StatusOutcome::Found(seen) = asked.status(&sent(PaymentMethod::OvoPush)).await else {
            panic!("{claim}")
        };
        assert_eq!(seen.state, ObservedState::Pending, "{claim}");
    }
}

#[test]
fn the_token_that_comes_with_each_webhook_is_called_a_secret() {
    let xendit = gateway(None);
    assert_eq!(xendit.webhook_secrets(), ["x-callback-token"]);
    assert_eq!(
        xendit.webhook_secrets(),
        xendit.webhook_headers(),
        "the body is not signed: it is all there is"
    );
}
