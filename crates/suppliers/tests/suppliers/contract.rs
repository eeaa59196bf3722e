//! The examples of the contract that the simulator is held against, too, read and written by the
//! adapter (`contracts/suppliers.md` §1.2, §1.3, §1.6). Each fixture here has a twin of the same bytes
//! beside the simulator's tests. Those of webhooks are in `webhook.rs`, the signs beside their code.

use crate::{
    scene::{purchase, scene},
    server::{Reply, answer},
};
use serde_json::{Value, json};
use suppliers::{Ask, Purchase, Report, Supplier, Verdict, adapters::digiflazz::BalanceError};
use vocabulary::Rupiah;

const PURCHASE: &str = include_str!("../fixtures/digiflazz/purchase_request.json");
const WITH_DOT: &str = include_str!("../fixtures/digiflazz/purchase_with_dot_request.json");
const SUCCESS: &str = include_str!("../fixtures/digiflazz/success.json");
const OBSERVED_PENDING: &str = include_str!("../fixtures/digiflazz/observed_pending.json");
const DEV_KEY_PENDING: &str = include_str!("../fixtures/digiflazz/dev_key_pending.json");
const BALANCE_ASKED: &str = include_str!("../fixtures/digiflazz/balance_request.json");
const BALANCE: &str = include_str!("../fixtures/digiflazz/balance.json");
const LIMIT: &str = include_str!("../fixtures/digiflazz/price_list_limit.json");
const SIGNS: &str = include_str!("../fixtures/digiflazz/signs.json");

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The purchase of a fixture, without the word that makes a test of it: the shop sends none.
fn in_earnest(fixture: &str) -> Value {
    let mut purchase = read(fixture);
    assert_eq!(purchase.as_object_mut().unwrap().remove("testing"), Some(Value::Bool(true)));
    purchase
}

async fn report(reply: Reply, ask: Ask) -> Report {
    let (_server, supplier) = scene(move |_| reply.clone());
    supplier.purchase(&purchase(ask)).await
}

#[tokio::test]
async fn the_purchase_of_the_contract_is_sent_and_sent_again_to_ask() {
    let (server, supplier) = scene(|_| answer(200, &[], SUCCESS));
    for ask in Ask::ALL {
        let told = Some("https://shop.example/webhooks/digiflazz".into());
        supplier.purchase(&Purchase { notify_url: told, ..purchase(*ask) }).await;
    }
    let sent: Vec<Value> = server.seen().iter().map(|request| read(&request.body)).collect();
    assert_eq!(sent, [in_earnest(PURCHASE), in_earnest(PURCHASE)]);
}

#[tokio::test]
async fn a_customer_number_with_a_dot_says_so_at_every_send() {
    let (server, supplier) = scene(|_| answer(200, &[], SUCCESS));
    for ask in Ask::ALL {
        supplier.purchase(&Purchase { customer_no: "wakwaw.55".into(), ..purchase(*ask) }).await;
    }
    supplier.purchase(&Purchase { customer_no: "wakwaw_55".into(), ..purchase(Ask::First) }).await;
    let sent: Vec<Value> = server.seen().iter().map(|request| read(&request.body)).collect();
    assert_eq!(sent[..2], [in_earnest(WITH_DOT), in_earnest(WITH_DOT)]);
    assert_eq!(sent[2].get("allow_dot"), None, "it is said of no other");
}

#[tokio::test]
async fn the_answers_of_the_contract_are_read_field_by_field() {
    let pending = Report {
        verdict: Verdict::Pending,
        code: None,
        message: String::new(),
        serial_number: None,
        price: Some(Rupiah::new(10_000)),
        balance: Some(Rupiah::new(990_000)),
        number: None,
    };
    let delivered = Report {
        verdict: Verdict::Succeeded,
        code: Some("00".into()),
        message: "Transaksi Sukses".into(),
        serial_number: Some("1234567890".into()),
        ..pending.clone()
    };
    for ask in Ask::ALL {
        assert_eq!(report(answer(200, &[], SUCCESS), *ask).await, delivered);
        assert_eq!(report(answer(200, &[], OBSERVED_PENDING), *ask).await, pending);
        assert_eq!(report(answer(200, &[], DEV_KEY_PENDING), *ask).await, pending);
    }
}

#[tokio::test]
async fn the_deposit_of_the_contract_is_asked_for_and_read() {
    let (server, supplier) = scene(|_| answer(200, &[], BALANCE));
    let expected = read(BALANCE)["data"]["deposit"].as_i64().map(Rupiah::new);
    assert_eq!(supplier.balance().await.ok(), expected);
    assert_eq!(read(&server.seen()[0].body), read(BALANCE_ASKED));
    let signs = read(SIGNS);
    assert_eq!(read(BALANCE_ASKED)["sign"], signs["signs"][0]["sign"]);
}

#[tokio::test]
async fn a_limit_that_comes_as_an_object_decides_nothing_and_says_why() {
    for (status, ask) in [(200, Ask::First), (400, Ask::First), (400, Ask::Again)] {
        let expected = Report {
            verdict: Verdict::Unknown,
            code: Some("83".into()),
            message: "Limitasi pengecekan pricelist".into(),
            serial_number: None,
            price: None,
            balance: None,
            number: None,
        };
        assert_eq!(report(answer(status, &[], LIMIT), ask).await, expected);
    }
    let (_server, supplier) = scene(|_| answer(400, &[], LIMIT));
    let why = "HTTP 400, rc 83: Limitasi pengecekan pricelist";
    assert_eq!(supplier.balance().await, Err(BalanceError::Refused(why.into())));
}

#[tokio::test]
async fn a_list_where_an_object_belongs_decides_nothing() {
    // `data` is a list in the price list's answer alone.
    let list = json!({"data": [{"buyer_sku_code": "xld10", "status": "Sukses", "rc": "00"}]}).to_string();
    assert_eq!(report(answer(200, &[], list), Ask::First).await.verdict, Verdict::Unknown);
}
