//! Cancelling and expiring (`contracts/payments.md` §1.7, §1.9).

use crate::{
    scene::{scene, sent},
    server::answer,
};
use payments::{CloseOutcome, Gateway};
use serde_json::json;

async fn close(http_status: u16, body: String) -> [CloseOutcome; 2] {
    let (server, gateway) = scene(move |_| answer(http_status, &[], &body));
    let outcomes = [gateway.cancel(&sent()).await, gateway.expire(&sent()).await];
    let seen = server.seen();
    let lines: Vec<&str> = seen.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(lines, ["POST /v2/LK0123456789-P1/cancel", "POST /v2/LK0123456789-P1/expire"]);
    for request in &seen {
        assert_eq!(request.body, "{}");
        assert_eq!(request.header("authorization"), Some("Basic U0ItTWlkLXNlcnZlci1URVNUS0VZMDAwMTo="));
    }
    outcomes
}

fn kind(outcome: &CloseOutcome) -> &'static str {
    match outcome {
        CloseOutcome::Closed => "closed",
        CloseOutcome::CannotClose => "cannot close",
        CloseOutcome::NotFound => "not found",
        CloseOutcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn what_closing_means() {
    let ours = "LK0123456789-P1";
    for (code, word, order_id, expected) in [
        ("200", Some("cancel"), Some(ours), "closed"),
        ("200", Some("CANCEL"), Some(ours), "closed"),
        ("202", Some("cancel"), Some(ours), "closed"),
        ("407", Some("expire"), Some(ours), "closed"),
        ("200", Some("expire"), Some(ours), "closed"),
        ("202", Some("deny"), Some(ours), "closed"),
        ("200", Some("settlement"), Some(ours), "cannot close"),
        ("200", Some("refund"), Some(ours), "cannot close"),
        ("412", None, None, "cannot close"),
        ("407", None, None, "cannot close"),
        ("404", None, None, "not found"),
        ("200", Some("pending"), Some(ours), "unknown"),
        ("200", Some("a new word"), Some(ours), "unknown"),
        ("200", None, Some(ours), "unknown"),
        ("200", Some("cancel"), Some("LK0123456789-P2"), "unknown"),
        ("200", Some("cancel"), None, "unknown"),
        // Every other code of the contract says nothing of whether it is closed, whatever word stands beside it.
        ("400", None, None, "unknown"),
        ("401", None, None, "unknown"),
        ("402", None, None, "unknown"),
        ("403", None, None, "unknown"),
        ("405", None, None, "unknown"),
        ("406", Some("cancel"), Some(ours), "unknown"),
        ("408", None, None, "unknown"),
        ("410", Some("expire"), Some(ours), "unknown"),
        ("411", None, None, "unknown"),
        ("413", None, None, "unknown"),
        ("414", Some("refund"), Some(ours), "unknown"),
        ("429", None, None, "unknown"),
        ("500", Some("cancel"), Some(ours), "unknown"),
    ] {
        let body = json!({"status_code": code, "transaction_status": word, "order_id": order_id}).to_string();
        for http_status in [200, code.parse().unwrap()] {
            for outcome in close(http_status, body.clone()).await {
                assert_eq!(kind(&outcome), expected, "{body} in HTTP {http_status}");
            }
        }
    }
}

#[tokio::test]
async fn a_404_that_is_not_the_gateways_own_is_unknown() {
    for body in ["", "<html>404</html>", "{}", "null"] {
        for outcome in close(404, body.to_owned()).await {
            assert_eq!(kind(&outcome), "unknown", "{body}");
        }
    }
}
