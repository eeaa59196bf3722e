//! Two refunds of one payment at the same time, one of ours and one that somebody gives in the gateway's dashboard:
//! where the gateway lists them, each is known by its key, whatever their amounts.

use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use serde_json::{Value, json};
use std::time::Instant;

impl World {
    /// Midtrans gives back so much of the order's first payment under this key, whoever asked for it.
    async fn midtrans_gives_back(&self, number: &str, key: &str, amount: i64) {
        let url = format!("{}/sandbox/midtrans/v2/{number}-P1/refund", self.simulators.base());
        let body = json!({"refund_key": key, "amount": amount, "reason": "by hand"});
        let request = self.http.post(url).basic_auth("SB-Mid-server-loket-sandbox", Some("")).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["status_code"], "200", "{answer:#}");
    }

    /// Waits until the order's file is so.
    async fn until_file(&self, number: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let file = self.file(number).await;
            if holds(&file) {
                return file;
            }
            patience(started, &format!("{what} in {file:#}"));
            nap().await;
        }
    }
}

#[tokio::test]
async fn a_refund_from_the_dashboard_is_not_taken_for_ours_of_the_same_amount_on_sqlite() {
    apart(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_refund_from_the_dashboard_is_not_taken_for_ours_of_the_same_amount_on_postgres() {
    apart(Rows::postgres().await).await;
}

async fn apart(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.failed(json!({})).await;
    world.until(&number, "refunded").await;
    // What is sent does not arrive, twice; after that there is a quarter of a minute until the next question.
    world.fault("midtrans", "error_500", json!({"operation": "refund", "count": 2})).await;
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--amount", "5000"]).await;
    assert!(ok, "{text}");
    let lost = |file: &Value| file["refunds"][0]["sends"] == 2 && file["refunds"][0]["state"] == "unknown";
    let file = world.until_file(&number, "a refund that was lost twice", lost).await;
    let key = file["refunds"][0]["reference"].as_str().unwrap().to_owned();
    world.midtrans_gives_back(&number, "by-hand", 5_000).await;

    // It is told apart, ours has not arrived, and it is not sent again while nobody says what the other was for.
    let apart = |file: &Value| {
        let note = file["refunds"][0]["note"].as_str().unwrap_or_default();
        file["payments"][0]["given_back"] == 5_000 && note.contains("went back under another key")
    };
    let file = world.until_file(&number, "two refunds that are told apart", apart).await;
    assert_eq!((&file["refunds"][0]["state"], &file["refunds"][0]["sends"]), (&json!("unknown"), &json!(2)));
    assert_eq!(file["payments"][0]["refunding"], 5_000);
    assert!(world.alert("payment_taken_back", &number).await);
    assert_eq!((world.wallet_change(&number).await, world.at_midtrans(&number).await), (15_000, (5_000, 1)));
    world.assert_proofs().await;

    // Ours was slow, and arrives: both are known for what they are.
    world.midtrans_gives_back(&number, &key, 5_000).await;
    let file = world.until_refund(&number, 1, "done").await;
    assert_eq!(
        (&file["payments"][0]["given_back"], &file["payments"][0]["refunded"]),
        (&json!(5_000), &json!(5_000))
    );
    assert_eq!((world.wallet_change(&number).await, world.at_midtrans(&number).await), (15_000, (10_000, 2)));
    assert_eq!(world.account(&number, "refunding:midtrans").await, 0);
    world.assert_proofs().await;
}
