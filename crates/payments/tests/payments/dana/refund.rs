//! Giving back through DANA (§2.4, §2.5): what is asked for, and what each code means, to the request and to the
//! question.

use super::{scene, sent};
use crate::server::answer;
use payments::{Gateway, RefundOutcome, RefundRequest};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Rupiah;

const KEY: &str = "LK0123456789-R2";

/// Five thousand of a payment of 25.000, of which 10.000 went back before.
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
    assert_eq!(seen[0].line, "POST /payment-gateway/v1.0/debit/refund.htm");
    let sent: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!(
        sent,
        json!({
            "merchantId": super::MERCHANT, "originalPartnerReferenceNo": "LK0123456789-P1", "partnerRefundNo": KEY,
            "refundAmount": {"value": "5000.00", "currency": "IDR"}, "reason": "order LK0123456789",
            "additionalInfo": {"asyncRefund": "false"},
        })
    );
    assert!(seen[0].header("x-signature").is_some());
    outcome
}

#[tokio::test]
async fn every_code_of_a_refund_has_its_meaning() {
    for (code, expected) in [
        ("2005800", "done"),
        ("2025800", "pending"),
        ("4005801", "refused: other"),
        ("4005802", "refused: other"),
        ("4015800", "not taken"),
        ("4035814", "refused: insufficient_balance"),
        ("4035815", "refused: not_refundable"),
        ("4045800", "refused: wrong_state"),
        ("4045801", "refused: wrong_state"),
        ("4045812", "refused: wrong_state"),
        ("4045808", "refused: other"),
        ("4045818", "exists"),
        ("4295800", "not taken"),
        ("5005801", "unknown"),
        // Of another service, or of none that is known.
        ("2005700", "unknown"),
        ("5045800", "unknown"),
        ("nonsense", "unknown"),
    ] {
        let of_code: u16 = code.get(..3).and_then(|c| c.parse().ok()).unwrap_or(200);
        for status in [of_code, 200] {
            let body = json!({
                "responseCode": code, "responseMessage": "x", "refundNo": "2026",
                "originalPartnerReferenceNo": "LK0123456789-P1", "partnerRefundNo": KEY,
            });
            let outcome = asked_for(status, &body.to_string()).await;
            assert_eq!(kind(&outcome), expected, "{code} in HTTP {status}");
        }
    }
    for (field, value) in
        [("partnerRefundNo", "LK0123456789-R1"), ("originalPartnerReferenceNo", "LK0123456789-P2")]
    {
        let body = json!({"responseCode": "2005800", field: value});
        assert_eq!(kind(&asked_for(200, &body.to_string()).await), "unknown", "about another {field}");
    }
    for (status, body, expected) in
        [(500, "<html>", "unknown"), (200, "{}", "unknown"), (429, "", "unknown"), (404, "", "unknown")]
    {
        assert_eq!(kind(&asked_for(status, body).await), expected, "{body} in HTTP {status}");
    }
}

#[tokio::test]
async fn what_became_of_a_refund_is_told_by_how_much_went_back_in_all() {
    let told = |back: &str| {
        json!({
            "responseCode": "2005500", "originalPartnerReferenceNo": "LK0123456789-P1", "latestTransactionStatus": "00",
            "additionalInfo": {"amountDetail": {"refundAmount": {"value": back, "currency": "IDR"}}},
        })
    };
    for (body, expected) in [
        (told("10000.00"), "not found"),
        (told("15000.00"), "done"),
        (told("25000.00"), "done"),
        (told("12000.00"), "unknown"),
        (told("0.00"), "unknown"),
        (told("x"), "unknown"),
        (json!({"responseCode": "4045501"}), "unknown"),
        (json!({"responseCode": "2005500", "originalPartnerReferenceNo": "LK0123456789-P2"}), "unknown"),
        (json!({}), "unknown"),
    ] {
        let text = body.to_string();
        let (server, gateway) = scene(move |_| answer(200, &[], &text));
        assert_eq!(kind(&gateway.refund_status(&request()).await), expected, "{body}");
        assert_eq!(server.seen().len(), 1);
        assert_eq!(server.seen()[0].line, "POST /payment-gateway/v1.0/debit/status.htm");
    }
}
