//! Money that goes back to where it came from, through the shop's public doors and its commands: whole and in
//! parts, slow, refused, lost on the way, in the middle of a crash, and never twice
//! (`contracts/payments.md` §9 row 11).

mod apart;
mod killed;
mod parts;
mod source;
mod two_persons;
mod xendit;

use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

impl World {
    /// A shop that gives back to the source by itself.
    async fn giving_back(rows: Rows) -> World {
        let mut world = World::new(rows).await;
        world.configure("LOKET_REFUNDS__AUTOMATIC", "source");
        world.open_shop(&[]).await.unwrap();
        world
    }

    /// A shop whose owner has said nothing about refunds.
    async fn unasked(rows: Rows) -> World {
        let mut world = World::new(rows).await;
        world.leave_out("LOKET_REFUNDS__AUTOMATIC");
        world.open_shop(&[]).await.unwrap();
        world
    }

    /// A paid order that the supplier refuses to deliver.
    async fn failed(&self, change: Value) -> String {
        self.script("fail", json!({})).await;
        let mut wish = json!({"buyer": "budi"});
        if let (Some(wish), Value::Object(change)) = (wish.as_object_mut(), change) {
            wish.extend(change);
        }
        let number = self.placed("one", wish).await;
        self.payable(&number).await;
        self.paid(&number).await;
        number
    }

    /// A paid order for which a person has to decide: the supplier has no deposit of ours.
    async fn stuck(&self) -> String {
        let deposit = self.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
        assert_eq!(self.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
        let number = self.placed("one", json!({"buyer": "budi"})).await;
        self.payable(&number).await;
        self.paid(&number).await;
        self.until(&number, "needs_attention").await;
        number
    }

    /// What an order has put on an account; positive is a debit.
    async fn account(&self, number: &str, account: &str) -> i64 {
        let file = self.file(number).await;
        let lines = file["ledger"].as_array().unwrap();
        lines.iter().filter(|l| l["account"] == account).map(|l| l["amount"].as_i64().unwrap()).sum()
    }

    /// Waits until a refund of the order, counted from 1, is in this state.
    async fn until_refund(&self, number: &str, nth: usize, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let file = self.file(number).await;
            if file["refunds"][nth - 1]["state"] == state {
                return file;
            }
            patience(started, &format!("refund {nth} that is {state} in {file:#}"));
            nap().await;
        }
    }

    /// What Midtrans itself has given back of the order's first payment, and by how many refunds.
    async fn at_midtrans(&self, number: &str) -> (i64, usize) {
        let status = self.midtrans_status(&format!("{number}-P1")).await;
        let refunds = status["refunds"].as_array().cloned().unwrap_or_default();
        let amount = |r: &Value| r["refund_amount"].as_str().unwrap().trim_end_matches(".00").parse::<i64>();
        (refunds.iter().map(|r| amount(r).unwrap()).sum(), refunds.len())
    }

    async fn midtrans_status(&self, reference: &str) -> Value {
        let url = format!("{}/sandbox/midtrans/v2/{reference}/status", self.simulators.base());
        let request = self.http.get(url).basic_auth("SB-Mid-server-loket-sandbox", Some(""));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Runs `order refund` with these arguments: whether it did what was wanted, and what it said.
    async fn refunds(&self, number: &str, more: &[&str]) -> (bool, String) {
        let arguments = [&["order", "refund", number][..], more].concat();
        let (code, text) = self.command(&arguments).await;
        (code == Some(0), text)
    }
}
