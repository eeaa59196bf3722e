//! What staff cannot do: call an order paid, or give money back for what was delivered.

use crate::{
    hands::told,
    harness::{Rows, World},
};
use serde_json::{Value, json};

const ACTIONS: [&str; 4] = ["approve", "reject", "retry", "refund"];

impl World {
    /// A member of staff wants something of this order, and is told in which state it is instead.
    async fn refuses_staff(&self, number: &str, state: &str) {
        for action in ACTIONS {
            let (code, text) = self.command(&["order", action, number, "--by", "rina"]).await;
            assert_eq!(code, Some(1), "{action} while it is {state}: {text}");
            assert!(text.contains(&format!("order {number} is {state}")), "{action}: {text}");
        }
    }
}

#[tokio::test]
async fn nobody_can_call_an_order_paid_that_the_gateway_does_not_know_as_paid() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.payable(&number).await;
    world.refuses_staff(&number, "awaiting_payment").await;
    let file = world.file(&number).await;
    assert_eq!((&file["state"], &file["payments"][0]["state"]), (&json!("awaiting_payment"), &json!("open")));
    assert_eq!((&file["ledger"], &file["attempts"]), (&json!([]), &json!([])));
    assert_eq!(world.books("").await["digiflazz"]["requests"], json!([]), "the deposit is not touched");
    // The money itself does what nobody's word does.
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_was_delivered_has_its_evidence_and_is_given_back_on_nobodys_word() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let webhook = world.webhook_tried("digiflazz", &number, "create").await;
    world.refuses_staff(&number, "delivered").await;
    assert_eq!(world.wallet_change(&number).await, 0);
    // What the supplier has in its books stands in ours: to whom, under which reference, with which number.
    let books = world.books(&number).await;
    let theirs = &books["digiflazz"]["transactions"][0];
    let file = world.file(&number).await;
    let ours = &file["attempts"][0];
    let of_both =
        |ours: &Value, theirs: &Value| assert!(ours == theirs && ours.is_string(), "{ours} and {theirs}");
    of_both(&ours["serial_number"], &theirs["sn"]);
    of_both(&file["serial_number"], &theirs["sn"]);
    of_both(&ours["reference"], &theirs["ref_id"]);
    of_both(&ours["customer_no"], &theirs["customer_no"]);
    of_both(&ours["code"], &theirs["rc"]);
    assert_eq!(file["account"], json!({"user_id": "1114917746", "server_id": "13486"}));
    // When it was, who said so, and the supplier's own words to the byte.
    assert!(told(&file, "delivered") && told(&file, "paid"), "{file:#}");
    let audit = file["audit"].as_array().unwrap();
    let said =
        audit.iter().find(|entry| entry["action"] == "attempt.succeeded").expect("the supplier's word");
    assert!(said["actor"].as_str().unwrap().contains("digiflazz"), "{said}");
    assert_eq!(webhook["attempts"][0]["status"], 200);
    assert_eq!(world.inbox(webhook["body"].as_str().unwrap()).await.0, 1);
    world.assert_proofs().await;
}
