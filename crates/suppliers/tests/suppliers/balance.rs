//! Our deposit at the supplier (`contracts/suppliers.md` §1.3 cek-saldo).

use crate::{
    scene::{digiflazz, scene},
    server::{Reply, answer, nobody},
};
use outside::CallError;
use serde_json::{Value, json};
use suppliers::{Deposit, Supplier, adapters::digiflazz::BalanceError};
use vocabulary::Rupiah;

const BALANCE: &str = include_str!("../fixtures/digiflazz/balance.json");

#[tokio::test]
async fn the_deposit_is_asked_for_and_read_as_the_contract_has_it() {
    let (server, supplier) = scene(|_| answer(200, &[], BALANCE));
    assert_eq!(supplier.balance().await, Ok(Rupiah::new(500_000_000_000)));
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /cek-saldo");
    let expected =
        json!({"cmd": "deposit", "username": "testuser", "sign": "0922f9a5dcc85bbcf798fc9e22e17a84"});
    assert_eq!(serde_json::from_str::<Value>(&seen[0].body).unwrap(), expected);
}

#[tokio::test]
async fn a_fraction_is_rounded_down() {
    for (deposit, whole) in [("1000.99", 1_000), ("\"1000.99\"", 1_000), ("0", 0), ("1e6", 1_000_000)] {
        let body = format!("{{\"data\":{{\"deposit\":{deposit}}}}}");
        let (_server, supplier) = scene(move |_| answer(200, &[], &body));
        assert_eq!(supplier.balance().await, Ok(Rupiah::new(whole)), "{deposit}");
    }
}

#[tokio::test]
async fn a_refusal_says_why() {
    let refusal = r#"{"data":{"rc":"45","status":"Gagal","message":"IP Anda tidak kami kenali"}}"#;
    let (_server, supplier) = scene(move |_| answer(400, &[], refusal));
    let error = supplier.balance().await.unwrap_err();
    assert_eq!(error, BalanceError::Refused("HTTP 400, rc 45: IP Anda tidak kami kenali".into()));
    for reply in [answer(502, &[], "<html>"), answer(200, &[], "{\"data\":{\"deposit\":null}}")] {
        let (_server, supplier) = scene(move |_| reply.clone());
        assert!(matches!(supplier.balance().await, Err(BalanceError::Refused(_))));
    }
}

#[tokio::test]
async fn no_answer_is_told_apart() {
    assert!(matches!(
        digiflazz(&nobody()).balance().await,
        Err(BalanceError::NoAnswer(CallError::NotSent(_)))
    ));
    let (server, supplier) = scene(|_| Reply::Silence);
    let (outcome, waited) = server.wait_out(supplier.balance()).await;
    assert!(matches!(outcome, Err(BalanceError::NoAnswer(CallError::Unknown(_)))));
    assert_eq!(waited.as_secs(), 10);
}

#[tokio::test]
async fn whoever_reconciles_hears_the_deposit_or_why_it_is_not_known() {
    let (_server, supplier) = scene(|_| answer(200, &[], BALANCE));
    assert_eq!(supplier.deposit().await, Deposit::Left(Rupiah::new(500_000_000_000)));
    let refusal = r#"{"data":{"rc":"45","status":"Gagal","message":"IP Anda tidak kami kenali"}}"#;
    let (_server, supplier) = scene(move |_| answer(400, &[], refusal));
    let silent = supplier.deposit().await;
    assert!(
        matches!(&silent, Deposit::Silent { reason } if reason.contains("rc 45: IP Anda tidak kami kenali")),
        "{silent:?}"
    );
    assert!(matches!(digiflazz(&nobody()).deposit().await, Deposit::Silent { .. }));
}
