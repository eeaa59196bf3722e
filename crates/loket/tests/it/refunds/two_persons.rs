//! Above a limit a refund needs the word of a second person.

use crate::harness::{Rows, World};

impl World {
    /// The id of the refund of the order that waits for a second person.
    async fn waiting(&self, number: &str) -> String {
        let file = self.file(number).await;
        let requests = file["refund_requests"].as_array().unwrap();
        let waits = requests.iter().find(|request| request["state"] == "waiting").unwrap();
        waits["id"].as_str().unwrap().to_owned()
    }
}

async fn strict(rows: Rows) -> World {
    let mut world = World::new(rows).await;
    world.configure("LOKET_REFUNDS__SECOND_PERSON_ABOVE", "19999");
    world.open_shop(&[]).await.unwrap();
    world
}

#[tokio::test]
async fn a_large_refund_waits_for_another_person_and_is_then_made_once_on_sqlite() {
    approved(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_large_refund_waits_for_another_person_and_is_then_made_once_on_postgres() {
    approved(Rows::postgres().await).await;
}

async fn approved(rows: Rows) {
    let world = strict(rows).await;
    let number = world.stuck().await;
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--reason", "no deposit"]).await;
    assert!(ok && text.contains("waits for a second person"), "{text}");
    assert!(world.alert("refund_needs_approval", &number).await);
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention", "nothing has happened");
    assert_eq!(world.at_midtrans(&number).await, (0, 0));
    let request = world.waiting(&number).await;
    assert!(text.contains(&request), "{text}");
    // Nobody asks twice, and nobody is their own second person.
    let (ok, text) = world.refunds(&number, &["--by", "budi"]).await;
    assert!(!ok && text.contains("waits for a second person already"), "{text}");
    for name in ["rina", "Rina", " RINA "] {
        let (code, text) = world.command(&["order", "refund-approve", &number, &request, "--by", name]).await;
        assert!(code != Some(0) && text.contains("somebody else has to agree"), "{name}: {text}");
    }
    world.assert_proofs().await;
    let wrong = ["order", "refund-approve", &number, &request, "--amount", "5", "--by", "budi"];
    let (code, text) = world.command(&wrong).await;
    assert!(code != Some(0) && text.contains("is about Rp 20.000"), "{text}");
    let right = ["order", "refund-approve", &number, &request, "--amount", "20000", "--by", "budi"];
    let (code, text) = world.command(&right).await;
    assert!(code == Some(0) && text.contains("to where it came from"), "{text}");
    world.until(&number, "refunded").await;
    let file = world.until_refund(&number, 1, "done").await;
    let refund = &file["refunds"][0];
    assert_eq!(
        (&refund["requested_by"], &refund["approved_by"]),
        (&"staff:rina".into(), &"staff:budi".into())
    );
    assert_eq!(file["refund_requests"][0]["state"], "carried_out");
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1));
    assert_eq!(world.wallet_change(&number).await, 0);
    assert!(!world.alert("refund_needs_approval", &number).await);
    let (code, _) = world.command(&["order", "refund-approve", &number, &request, "--by", "tono"]).await;
    assert_ne!(code, Some(0), "once");
    let audit: Vec<_> = file["audit"].as_array().unwrap().iter().map(|a| a["action"].clone()).collect();
    for action in ["refund.requested", "refund.approved", "refund.begun", "refund.done"] {
        assert!(audit.contains(&action.into()), "{action} in {audit:?}");
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_refund_that_a_second_person_rejects_gives_nothing_back() {
    let world = strict(Rows::Sqlite).await;
    let number = world.stuck().await;
    assert!(world.refunds(&number, &["--by", "rina", "--to", "wallet"]).await.0);
    let request = world.waiting(&number).await;
    let (code, text) = world.command(&["order", "refund-reject", &number, &request, "--by", "budi"]).await;
    assert_eq!(code, Some(0), "{text}");
    let (code, _) = world.command(&["order", "refund-approve", &number, &request, "--by", "budi"]).await;
    assert_ne!(code, Some(0));
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention");
    assert_eq!(world.wallet_change(&number).await, 0);
    assert!(!world.alert("refund_needs_approval", &number).await);
    // It can be wanted again.
    assert!(world.refunds(&number, &["--by", "budi", "--to", "wallet"]).await.0);
    // What was rejected is not agreed to by agreeing to what took its place.
    let (code, text) = world.command(&["order", "refund-approve", &number, &request, "--by", "rina"]).await;
    assert!(code != Some(0) && text.contains("does not wait any more"), "{text}");
    let request = world.waiting(&number).await;
    let (code, text) = world.command(&["order", "refund-approve", &number, &request, "--by", "rina"]).await;
    assert_eq!(code, Some(0), "{text}");
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_person_sends_the_money_of_a_stuck_order_back_and_says_where_it_goes() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.stuck().await;
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--amount", "5000"]).await;
    assert!(!ok && text.contains("goes back whole"), "{text}");
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--to", "bank"]).await;
    assert!(!ok && text.contains("`source` or `wallet`"), "{text}");
    let (ok, text) = world.refunds(&number, &["--by", "rina"]).await;
    assert!(ok && text.contains("Rp 20.000 goes back to where it came from"), "{text}");
    world.until(&number, "refunded").await;
    assert_eq!((world.wallet_change(&number).await, world.at_midtrans(&number).await), (0, (20_000, 1)));
    world.assert_proofs().await;
}
