//! Closing what nobody wants any more: by the address that they name for it, or by its payment method.

use super::{ID, METHOD, OVO, in_state, list, lost, scene, sent, with};
use crate::server::{Reply, Seen, answer};
use payments::{CloseOutcome, Gateway};
use serde_json::json;
use vocabulary::PaymentMethod;

const PUSH: PaymentMethod = PaymentMethod::OvoPush;

/// Answers a question with the request, and closing with the rest.
fn closing(request: String, status: u16, body: &'static str) -> impl Fn(&Seen) -> Reply {
    move |seen| match seen.line.starts_with("GET ") {
        true if seen.line.contains('?') => answer(200, &[], list(&[&request])),
        true => answer(200, &[], &request),
        false => answer(status, &[], body),
    }
}

#[tokio::test]
async fn a_pending_one_is_closed_by_its_payment_method() {
    for (sent, first) in [
        (sent(PUSH), format!("GET /payment_requests/{ID}")),
        (lost(PUSH), "GET /payment_requests?reference_id=LK0123456789-P1&limit=10".to_owned()),
    ] {
        let (server, gateway) = scene(closing(OVO.to_owned(), 200, r#"{"status":"EXPIRED"}"#));
        assert_eq!(gateway.expire(&sent).await, CloseOutcome::Closed);
        assert_eq!(gateway.cancel(&sent).await, CloseOutcome::Closed);
        let lines: Vec<String> = server.seen().into_iter().map(|seen| seen.line).collect();
        assert_eq!(lines[..2], [first, format!("POST /v2/payment_methods/{METHOD}/expire")]);
    }
}

#[tokio::test]
async fn the_address_that_they_name_for_it_is_used_when_it_is_theirs() {
    let named = |url: &str| {
        let cancel = json!([{"action": "CANCEL", "url_type": "API", "method": "POST", "url": url}]);
        with(OVO, &[("/actions", cancel)])
    };
    let (server, gateway) = scene(|seen| {
        let home = format!("http://{}/x/cancel", seen.header("host").unwrap());
        let cancel = json!([{"action": "CANCEL", "url_type": "API", "method": "POST", "url": home}]);
        match seen.line.as_str() {
            "POST /x/cancel" => answer(200, &[], r#"{"status":"CANCELED"}"#),
            _ => answer(200, &[], with(OVO, &[("/actions", cancel)])),
        }
    });
    assert_eq!(gateway.cancel(&sent(PUSH)).await, CloseOutcome::Closed);
    assert_eq!(server.seen().len(), 2);
    // Our key is in the call: it goes nowhere else.
    for url in ["http://127.0.0.1:1/x", "https://evil.example/x", "javascript:x"] {
        let (server, gateway) = scene(closing(named(url), 200, r#"{"status":"EXPIRED"}"#));
        assert_eq!(gateway.cancel(&sent(PUSH)).await, CloseOutcome::Closed);
        assert_eq!(server.seen()[1].line, format!("POST /v2/payment_methods/{METHOD}/expire"));
    }
}

#[tokio::test]
async fn nothing_is_sent_about_one_that_is_over() {
    for status in ["SUCCEEDED", "FAILED", "EXPIRED", "SOMETHING_NEW"] {
        let (server, gateway) = scene(closing(in_state(OVO, status), 200, r#"{"status":"EXPIRED"}"#));
        assert_eq!(gateway.cancel(&sent(PUSH)).await, CloseOutcome::CannotClose, "{status}");
        assert_eq!(server.seen().len(), 1);
    }
    let (_server, gateway) = scene(|_| answer(200, &[], r#"{"data":[],"has_more":false}"#));
    assert_eq!(gateway.cancel(&lost(PUSH)).await, CloseOutcome::NotFound);
    let bare = with(OVO, &[("/payment_method", json!(null))]);
    let (_server, gateway) = scene(closing(bare, 200, "{}"));
    assert_eq!(gateway.cancel(&sent(PUSH)).await, CloseOutcome::CannotClose);
}

#[tokio::test]
async fn an_answer_to_closing_is_believed_only_when_it_says_so() {
    for (status, body, closed) in [
        (200, r#"{"status":"ACTIVE"}"#, None),
        (200, "{}", None),
        (200, "<html>", None),
        (500, r#"{"error_code":"SERVER_ERROR"}"#, None),
        (404, "<html>", None),
        (404, r#"{"error_code":"DATA_NOT_FOUND"}"#, Some(CloseOutcome::NotFound)),
        (400, r#"{"error_code":"INVALID_PAYMENT_METHOD"}"#, Some(CloseOutcome::CannotClose)),
        (200, r#"{"status":"SUCCEEDED"}"#, Some(CloseOutcome::CannotClose)),
    ] {
        let (_server, gateway) = scene(closing(OVO.to_owned(), status, body));
        let outcome = gateway.expire(&sent(PUSH)).await;
        match closed {
            Some(expected) => assert_eq!(outcome, expected, "{status} {body}"),
            None => assert!(matches!(outcome, CloseOutcome::Unknown { .. }), "{status} {body}: {outcome:?}"),
        }
    }
}
