//! Cancelling, which is also how an order is let expire (§2.4, §2.5).

use super::{scene, sent, with};
use crate::server::answer;
use payments::{CloseOutcome, Gateway};
use serde_json::{Value, json};

const CANCELLED: &str = include_str!("../../fixtures/dana/cancel_response.json");

async fn close(http_status: u16, body: String) -> [&'static str; 2] {
    let (server, gateway) = scene(move |_| answer(http_status, &[], &body));
    let outcomes = [gateway.cancel(&sent()).await, gateway.expire(&sent()).await];
    let reasons = ["the buyer withdrew", "its time is over"];
    for (seen, reason) in server.seen().iter().zip(reasons) {
        assert_eq!(seen.line, "POST /payment-gateway/v1.0/debit/cancel.htm");
        assert_eq!(
            serde_json::from_str::<Value>(&seen.body).unwrap(),
            json!({"originalPartnerReferenceNo": "LK0123456789-P1", "merchantId": super::MERCHANT, "reason": reason})
        );
        assert!(seen.header("x-signature").is_some());
    }
    outcomes.map(|outcome| match outcome {
        CloseOutcome::Closed => "closed",
        CloseOutcome::CannotClose => "cannot close",
        CloseOutcome::NotFound => "not found",
        CloseOutcome::Unknown { .. } => "unknown",
    })
}

#[tokio::test]
async fn every_code_of_the_contract_has_its_meaning() {
    for (code, expected) in [
        ("2005700", "closed"),
        ("2025700", "unknown"),
        ("4005702", "unknown"),
        ("4015700", "unknown"),
        ("4035700", "cannot close"),
        ("4035705", "cannot close"),
        ("4035714", "cannot close"),
        ("4035715", "cannot close"),
        ("4045700", "cannot close"),
        ("4045701", "not found"),
        ("4045708", "unknown"),
        ("5005701", "unknown"),
        ("4295700", "unknown"),
        ("2005400", "unknown"),
    ] {
        let of_code: u16 = code[..3].parse().unwrap();
        for status in [of_code, 200] {
            let body = with(CANCELLED, &[("/responseCode", json!(code))]);
            assert_eq!(close(status, body).await, [expected; 2], "{code} in HTTP {status}");
        }
    }
}

#[tokio::test]
async fn nothing_is_closed_by_an_answer_about_another_order() {
    for reference in [json!("LK0123456789-P2"), Value::Null] {
        let body = with(CANCELLED, &[("/originalPartnerReferenceNo", reference)]);
        assert_eq!(close(200, body).await, ["unknown"; 2]);
    }
}
