//! What staff cannot do: call an order paid, or give money back for what was delivered.

use crate::{
    hands::told,
    harness::{Rows, World},
};
use database::{Database, Sql, sql};
use serde_json::{Value, json};
use std::time::Duration;

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
async fn the_evidence_of_an_order_has_the_raw_words_of_others_and_the_buyers_record() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_RULES__COMPLAINT_DAYS", "2");
    world.open_shop(&[]).await.unwrap();
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let webhook = world.webhook_tried("digiflazz", &number, "create").await;
    let theirs = &world.books(&number).await["digiflazz"]["transactions"][0];
    let evidence = world.printed(&["order", "evidence", &number, "--reveal", "--by", "rina", "--json"]).await;
    assert_eq!((&evidence["number"], &evidence["state"]), (&json!(number), &json!("delivered")));
    assert_eq!(evidence["attempts"][0]["reference"], theirs["ref_id"]);
    // What came in stands there to the byte, beside what the supplier answered.
    let webhooks = evidence["webhooks"].as_array().unwrap();
    let of = |source: &str| {
        webhooks.iter().filter(|w| w["source"] == source && w["verdict"] == "believed").count()
    };
    assert!(of("digiflazz") > 0 && of("midtrans") > 0, "{webhooks:#?}");
    assert!(webhooks.iter().any(|w| w["body"] == webhook["body"]), "{webhook} in {webhooks:#?}");
    let said = evidence["supplier_said"].as_array().unwrap();
    assert!(said.iter().any(|w| w["verdict"] == "succeeded" && w["code"] == theirs["rc"]), "{said:#?}");
    let record = json!({"paid": 1, "delivered": 1, "refunded": 0, "refund_percent": 0});
    assert_eq!(evidence["buyer_record"], record);
    let time =
        |name: &str| vocabulary::Timestamp::parse_rfc3339(evidence[name].as_str().unwrap()).unwrap().millis();
    assert_eq!(time("complain_until") - time("delivered_at"), 2 * 86_400_000);
    // A purchase that is refunded shows in the record, and in the file of every order of the buyer.
    let script = json!({"target": "digiflazz", "customer_no": "next", "outcome": "fail"});
    let (status, answer) = world.simulate("supplier", script).await;
    assert_eq!(status, 200, "{answer}");
    let failed = world.placed("two", json!({"buyer": "budi"})).await;
    world.paid(&failed).await;
    world.until(&failed, "refunded").await;
    let record = json!({"paid": 2, "delivered": 1, "refunded": 1, "refund_percent": 50});
    assert_eq!(world.file(&number).await["buyer_record"], record);
    let (code, text) = world.command(&["order", "evidence", &number]).await;
    assert_eq!(code, Some(0));
    assert!(
        text.contains("2 paid, 1 delivered, 1 refunded (50 %)") && text.contains("webhook of digiflazz"),
        "{text}"
    );
    assert_eq!(world.command(&["order", "evidence", "LK0000000000"]).await.0, Some(3));
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_was_delivered_is_encrypted_at_rest_and_shown_to_staff_who_ask_and_are_written_down() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    let order = world.until(&number, "delivered").await;
    world.webhook_tried("digiflazz", &number, "create").await;
    let serial =
        world.books(&number).await["digiflazz"]["transactions"][0]["sn"].as_str().unwrap().to_owned();
    assert_eq!(order["serial_number"], serial, "the key that owns the order reads it");
    assert!(serial.len() > 8, "{serial}");
    // No byte of it is in any file of the shop: not in the order, the attempt, a message or a raw webhook.
    let mut looked = 0;
    for entry in std::fs::read_dir(world.shop_folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            looked += bytes.len();
            let lies_open = bytes.windows(serial.len()).any(|window| window == serial.as_bytes());
            assert!(!lies_open, "{} has {serial}", path.display());
        }
    }
    assert!(looked > 100_000, "only {looked} bytes were looked at");
    // Staff see its end, and all of it when they ask, which is audited.
    let hidden = format!("••••{}", &serial[serial.len() - 4..]);
    let file = world.file(&number).await;
    assert_eq!(
        (&file["serial_number"], &file["attempts"][0]["serial_number"]),
        (&json!(hidden), &json!(hidden))
    );
    assert!(!file.to_string().contains(&serial), "{file:#}");
    for arguments in [&["order", "show"], &["order", "evidence"]] {
        let text = world.command(&[arguments[0], arguments[1], &number]).await.1;
        assert!(text.contains(&hidden) && !text.contains(&serial), "{text}");
    }
    let evidence = world.printed(&["order", "evidence", &number, "--json"]).await;
    assert!(!evidence.to_string().contains(&serial) && evidence.to_string().contains("--reveal shows it"));
    assert!(!told_by(&world.file(&number).await, "order.serial_revealed"), "nobody has asked yet");
    assert_eq!(world.serial(&number).await, serial);
    assert!(told_by(&world.file(&number).await, "order.serial_revealed"));
    world.assert_proofs().await;
}

/// Whether rina did this to the order.
fn told_by(file: &Value, action: &str) -> bool {
    let audit = file["audit"].as_array().unwrap();
    audit.iter().any(|entry| entry["action"] == action && entry["actor"].as_str().unwrap().contains("rina"))
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
    let file = world.printed(&["order", "show", &number, "--reveal", "--by", "rina", "--json"]).await;
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

async fn run(db: &Database, statement: Sql) {
    let mut tx = db.write("test").await.unwrap();
    statement.query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Waits until this count is one.
async fn until_one(db: &Database, statement: Sql) {
    for _ in 0..1_200 {
        let count: i64 = statement.query().one(&mut db.read("test").await.unwrap()).await.unwrap();
        if count == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is never sealed");
}

#[tokio::test]
async fn a_shop_opens_although_it_cannot_seal_what_an_older_version_kept_in_the_clear() {
    let mut world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.webhook_tried("digiflazz", &number, "create").await;
    world.shop.take().unwrap().stop().await;
    let db = world.database().await;
    for statement in [
        sql!("UPDATE shop_order SET serial_number = 'AAAA-BBBB-CCCC'"),
        sql!("UPDATE fulfilment_attempt SET serial_number = 'AAAA-BBBB-CCCC'"),
        sql!(
            "CREATE TRIGGER stays_open BEFORE UPDATE OF serial_number ON shop_order
             WHEN NEW.serial_number <> OLD.serial_number BEGIN SELECT RAISE(ABORT, 'not now'); END"
        ),
    ] {
        run(&db, statement).await;
    }
    world.open_shop(&[]).await.unwrap();
    // The doors are open, what is open is read as it is, and the rest is sealed beside the work.
    assert_eq!(world.order(&number).await.unwrap()["serial_number"], "AAAA-BBBB-CCCC");
    until_one(&db, sql!("SELECT COUNT(*) FROM fulfilment_attempt WHERE serial_number LIKE 'sealed:%'")).await;
    let other = world.placed("two", json!({"buyer": "ani"})).await;
    world.paid(&other).await;
    world.until(&other, "delivered").await;
    world.shop.take().unwrap().stop().await;
    run(&db, sql!("DROP TRIGGER stays_open")).await;
    world.open_shop(&[]).await.unwrap();
    let sealed =
        sql!("SELECT COUNT(*) FROM shop_order WHERE serial_number LIKE 'sealed:%' AND buyer LIKE '%budi'");
    until_one(&db, sealed).await;
    assert_eq!(world.order(&number).await.unwrap()["serial_number"], "AAAA-BBBB-CCCC");
    db.close().await;
    world.assert_proofs().await;
}
