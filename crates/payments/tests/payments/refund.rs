//! Giving back through Midtrans (`contracts/payments.md` §1.7, §1.9): what is asked for, and what each answer
//! means, to the request and to the question.

use crate::{
    scene::{scene, sent},
    server::answer,
};
use payments::{Gateway, RefundOutcome, RefundRefusal, RefundRequest, Sent};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, Rupiah};

const OURS: &str = "LK0123456789-P1";
const KEY: &str = "LK0123456789-R2";

/// Five thousand of a payment of 275.000, of which 10.000 went back before.
fn request() -> RefundRequest {
    let payment = sent();
    RefundRequest {
        key: KEY.parse().unwrap(),
        amount: Rupiah::new(5_000),
        others: Rupiah::new(10_000),
        settled_at: payment.now,
        refund_id: None,
        reason: "order LK0123456789".into(),
        now: payment.now.plus(Duration::from_secs(60)),
        payment,
    }
}

fn kind(outcome: &RefundOutcome) -> String {
    match outcome {
        RefundOutcome::Done { .. } => "done".into(),
        RefundOutcome::Pending { .. } => "pending".into(),
        RefundOutcome::Exists => "exists".into(),
        RefundOutcome::NotFound => "not found".into(),
        RefundOutcome::Refused { reason, .. } => format!("refused: {reason}"),
        RefundOutcome::NotTaken { .. } => "not taken".into(),
        RefundOutcome::Unknown { .. } => "unknown".into(),
    }
}

async fn asked_for(http_status: u16, body: &str) -> RefundOutcome {
    let body = body.to_owned();
    let (server, gateway) = scene(move |_| answer(http_status, &[], &body));
    let outcome = gateway.refund(&request()).await;
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /v2/LK0123456789-P1/refund");
    let sent: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!(sent, json!({"refund_key": KEY, "amount": 5_000, "reason": "order LK0123456789"}));
    assert_eq!(seen[0].header("authorization"), Some("Basic U0ItTWlkLXNlcnZlci1URVNUS0VZMDAwMTo="));
    outcome
}

#[tokio::test]
async fn every_code_of_a_refund_has_its_meaning() {
    let back = |code: &str, word: &str| {
        json!({
            "status_code": code, "order_id": OURS, "transaction_status": word, "currency": "IDR",
            "refund_amount": "5000.00", "refund_key": KEY, "refund_chargeback_id": 1,
        })
    };
    let only = |code: &str| json!({"status_code": code, "status_message": "no"});
    let saying = |code: &str, text: &str| json!({"status_code": code, "status_message": text});
    let with = |name: &str, value: Value| {
        let mut body = back("200", "partial_refund");
        body[name] = value;
        body
    };
    for (body, expected) in [
        (back("200", "refund"), "done"),
        (back("200", "partial_refund"), "done"),
        (back("200", "PARTIAL_REFUND"), "done"),
        // Not just this, by its own words.
        (back("200", "settlement"), "unknown"),
        (back("200", "a new word"), "unknown"),
        (with("order_id", json!("LK0123456789-P2")), "unknown"),
        (with("refund_key", json!("LK0123456789-R1")), "unknown"),
        (with("refund_amount", json!("5001.00")), "unknown"),
        (with("refund_amount", json!("5000.50")), "unknown"),
        (with("currency", json!("USD")), "unknown"),
        (back("201", "refund"), "unknown"),
        (back("202", "refund"), "unknown"),
        (only("400"), "refused: other"),
        (only("401"), "not taken"),
        (only("402"), "refused: not_refundable"),
        (only("403"), "refused: other"),
        (only("404"), "refused: wrong_state"),
        (only("405"), "refused: other"),
        (only("406"), "exists"),
        (only("407"), "refused: wrong_state"),
        (only("408"), "refused: other"),
        (only("410"), "not taken"),
        (only("411"), "not taken"),
        (only("412"), "refused: wrong_state"),
        (saying("412", "Refund window has passed"), "refused: window_over"),
        (saying("412", "Insufficient merchant balance"), "refused: insufficient_balance"),
        (saying("414", "insufficient balance"), "refused: insufficient_balance"),
        (only("413"), "refused: other"),
        (only("414"), "refused: amount"),
        (only("429"), "not taken"),
        (only("500"), "unknown"),
        (only("503"), "unknown"),
    ] {
        let code: u16 = body["status_code"].as_str().unwrap().parse().unwrap();
        for http_status in [200, code] {
            let outcome = asked_for(http_status, &body.to_string()).await;
            assert_eq!(kind(&outcome), expected, "{body} in HTTP {http_status}");
        }
    }
    for (status, body, expected) in [
        (500, "<html>", "unknown"),
        (200, "{\"status_code\":", "unknown"),
        (200, "{}", "unknown"),
        (429, "slow down", "unknown"),
        (404, "<html>", "unknown"),
    ] {
        assert_eq!(kind(&asked_for(status, body).await), expected, "{body} in HTTP {status}");
    }
}

async fn question(body: &Value) -> String {
    let body = body.to_string();
    let (server, gateway) = scene(move |_| answer(200, &[], &body));
    let outcome = gateway.refund_status(&request()).await;
    let seen = server.seen();
    assert_eq!(seen[0].line, "GET /v2/LK0123456789-P1/status");
    assert_eq!(seen.len(), 1, "a question gives nothing back");
    kind(&outcome)
}

#[tokio::test]
async fn what_became_of_a_refund_is_told_by_its_key_or_by_the_sum_of_all() {
    let status = |word: &str, sum: Option<&str>, refunds: Value| {
        json!({
            "status_code": "200", "order_id": OURS, "transaction_status": word, "gross_amount": "275000.00",
            "refund_amount": sum, "refunds": refunds,
        })
    };
    let listed = |key: &str, amount: &str| json!({"refund_key": key, "refund_amount": amount, "refund_chargeback_id": 2});
    let before = listed("LK0123456789-R1", "10000.00");
    for (body, expected) in [
        (status("settlement", None, Value::Null), "not found"),
        (status("partial_refund", Some("15000.00"), json!([before, listed(KEY, "5000.00")])), "done"),
        (status("partial_refund", Some("10000.00"), json!([before])), "not found"),
        // Under our key, and of another amount: nobody can tell.
        (status("partial_refund", Some("16000.00"), json!([before, listed(KEY, "6000.00")])), "unknown"),
        // No list, or not of all: the sum tells. Somebody else may have given it back.
        (status("partial_refund", Some("15000.00"), Value::Null), "done"),
        (status("partial_refund", Some("10000.00"), Value::Null), "not found"),
        (status("partial_refund", Some("12000.00"), Value::Null), "unknown"),
        (status("partial_refund", Some("15000.00"), json!([before])), "done"),
        (status("partial_refund", Some("15000.00"), json!([before, 7])), "done"),
        (status("partial_refund", None, Value::Null), "unknown"),
        // Another's of the same amount, or of more, and ours is not there: which it was for a person says.
        (
            status("partial_refund", Some("15000.00"), json!([before, listed("by-hand", "5000.00")])),
            "unknown",
        ),
        (
            status("partial_refund", Some("15000.00"), json!([before, {"refund_amount": "5000.00"}])),
            "unknown",
        ),
        (status("partial_refund", Some("15000.00"), json!([listed("dashboard", "15000.00")])), "unknown"),
        (
            status("partial_refund", Some("20000.00"), json!([before, listed("by-hand", "10000.00")])),
            "unknown",
        ),
        // Ours is there as well.
        (
            status(
                "partial_refund",
                Some("20000.00"),
                json!([before, listed("by-hand", "5000.00"), listed(KEY, "5000.00")]),
            ),
            "done",
        ),
        // Less than ours, which we have not heard of.
        (
            status("partial_refund", Some("12000.00"), json!([before, listed("by-hand", "2000.00")])),
            "unknown",
        ),
        // All of it is with the buyer, whoever gave it.
        (status("refund", Some("275000.00"), json!([listed("dashboard", "275000.00")])), "done"),
        (status("refund", None, Value::Null), "done"),
        (status("pending", None, Value::Null), "unknown"),
        (status("chargeback", None, Value::Null), "unknown"),
        (json!({"status_code": "404"}), "unknown"),
        (
            json!({"status_code": "200", "order_id": "LK0123456789-P9", "transaction_status": "refund"}),
            "unknown",
        ),
        (json!({}), "unknown"),
    ] {
        assert_eq!(question(&body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn what_the_way_to_pay_does_not_allow_is_not_asked_for() {
    let (server, gateway) = scene(|_| answer(200, &[], "{}"));
    let week = Duration::from_secs(7 * 86_400);
    let by = |method, amount: i64, others: i64, after: Duration| {
        let plain = request();
        let payment = Sent { method, ..plain.payment };
        let now = plain.settled_at.plus(after);
        RefundRequest { payment, amount: Rupiah::new(amount), others: Rupiah::new(others), now, ..plain }
    };
    for (request, reason) in [
        // OVO gives back the whole, for seven days.
        (by(PaymentMethod::OvoPush, 5_000, 0, Duration::ZERO), RefundRefusal::Amount),
        (by(PaymentMethod::OvoLink, 274_999, 0, Duration::ZERO), RefundRefusal::Amount),
        (by(PaymentMethod::OvoPush, 275_000, 0, week), RefundRefusal::WindowOver),
        (by(PaymentMethod::Qris, 5_000, 0, week), RefundRefusal::WindowOver),
        (by(PaymentMethod::GopayQr, 265_001, 10_000, Duration::ZERO), RefundRefusal::Amount),
        (by(PaymentMethod::VaBca, 275_000, 0, Duration::ZERO), RefundRefusal::NotRefundable),
        (by(PaymentMethod::CstoreAlfamart, 275_000, 0, Duration::ZERO), RefundRefusal::NotRefundable),
    ] {
        let outcome = gateway.refund(&request).await;
        assert!(
            matches!(&outcome, RefundOutcome::Refused { reason: why, .. } if *why == reason),
            "{request:?}: {outcome:?}"
        );
    }
    assert!(server.seen().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn whoever_is_not_there_has_given_nothing_back_and_whoever_is_silent_may_have() {
    let gateway = crate::scene::midtrans("http://127.0.0.1:9");
    assert_eq!(kind(&gateway.refund(&request()).await), "not taken");
    assert_eq!(kind(&gateway.refund_status(&request()).await), "unknown");
}
