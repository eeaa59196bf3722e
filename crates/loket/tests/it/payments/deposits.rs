//! Deposits: money into the own wallet, by the public door.

use crate::harness::{Rows, World};
use reqwest::StatusCode;
use serde_json::{Value, json};
use vocabulary::PaymentMethod;

impl World {
    async fn deposit(&self, key: &str, body: Value) -> (StatusCode, Value) {
        let request = self.http.post(self.url("/api/v1/deposits")).bearer_auth("loket-sandbox-key");
        let response = request.header("Idempotency-Key", key).json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_deposit_is_paid_credited_once_and_spent_on_sqlite() {
    deposited(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_deposit_is_paid_credited_once_and_spent_on_postgres() {
    deposited(Rows::postgres().await).await;
}

async fn deposited(rows: Rows) {
    let world = World::open(rows).await;
    let asked = json!({"amount": 50_000, "payment_method": "qris", "buyer": "budi"});
    let (status, placed) = world.deposit("one", asked.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{placed}");
    assert_eq!((&placed["kind"], &placed["amount"]), (&json!("deposit"), &json!(50_000)));
    let number = placed["number"].as_str().unwrap().to_owned();
    let (_, again) = world.deposit("one", asked).await;
    assert_eq!(again["number"], placed["number"], "one key, one deposit");

    // Its page says what it is, and nothing of a game account.
    world.payable(&number).await;
    let page = world.order(&number).await.unwrap()["payment"]["pay_url"].as_str().unwrap().to_owned();
    let page = world.http.get(&page).header("Accept-Language", "en").send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("Isi saldo") && !page.contains("Game account"), "{page}");

    world.paid(&number).await;
    world.until(&number, "refunded").await;
    let url = world.order(&number).await.unwrap()["payment"]["pay_url"].as_str().unwrap().to_owned();
    let page = world.http.get(&url).header("Accept-Language", "en").send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Added to your store credit"));
    assert_eq!(world.wallet_change(&number).await, 50_000);
    let spent = world.placed("spend", json!({"buyer": "budi", "payment_method": "wallet"})).await;
    world.until(&spent, "delivered").await;
    assert_eq!(world.wallet_change(&spent).await, -20_000);
    for (body, field) in [
        (json!({"amount": 9_999, "payment_method": "qris"}), "/amount"),
        (json!({"amount": 50_000, "payment_method": "wallet"}), "/payment_method"),
        (json!({"payment_method": "qris"}), "/amount"),
    ] {
        let (status, refused) = world.deposit("wrong", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!(refused["errors"][0]["pointer"], field, "{refused}");
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn late_money_for_a_deposit_is_credited() {
    let world = World::open(Rows::Sqlite).await;
    let asked = json!({"amount": 50_000, "payment_method": "gopay_qr", "buyer": "budi"});
    let number = world.deposit("one", asked).await.1["number"].as_str().unwrap().to_owned();
    world.payable(&number).await;
    world.advance(super::PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    world.paid_late(&number).await;
    for _ in 0..600 {
        if world.wallet_change(&number).await == 50_000 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(world.wallet_change(&number).await, 50_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_part_of_a_deposit_that_goes_back_at_its_gateway_leaves_the_wallet_and_then_the_rest_on_sqlite() {
    goes_back_in_parts(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_part_of_a_deposit_that_goes_back_at_its_gateway_leaves_the_wallet_and_then_the_rest_on_postgres() {
    goes_back_in_parts(Rows::postgres().await).await;
}

async fn goes_back_in_parts(rows: Rows) {
    let world = World::open(rows).await;
    let asked = json!({"amount": 50_000, "payment_method": "gopay_qr", "buyer": "budi"});
    let number = world.deposit("one", asked).await.1["number"].as_str().unwrap().to_owned();
    world.payable(&number).await;
    world.paid(&number).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 50_000);
    let fee = world.stands(&number, "fee").await;
    world.partly_given_back(&number, 1, 12_000).await;
    assert_eq!(world.wallet_change(&number).await, 38_000);
    assert!(world.alert("payment_taken_back", &number).await);
    let order = world.until_told(&number, "message:credit_less").await;
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Rp 12.000 diambil lagi dari saldo Anda"));
    world.assert_proofs().await;
    // The webhook comes again: nothing is taken twice.
    for webhook in world.webhooks("midtrans", &number, "partial_refund").await {
        world.webhook_storm("midtrans", None, webhook["body"].as_str().unwrap()).await;
    }
    world.spend_wallet("budi", json!({})).await;
    assert_eq!(world.wallet_change(&number).await, 38_000);
    world.given_back(&number, 1).await;
    world.until_told(&number, "message:credit_taken_back").await;
    assert_eq!(world.wallet_change(&number).await, 20_000, "as much as was spent");
    assert_eq!(world.stands(&number, "loss:chargeback").await, 20_000);
    assert_eq!(world.stands(&number, "gateway:midtrans").await, -fee);
    world.assert_proofs().await;
}

/// Every way to pay into the wallet: all that there are but the wallet itself, whatever is added.
fn ways_into_the_wallet() -> Vec<PaymentMethod> {
    PaymentMethod::ALL.iter().copied().filter(|method| *method != PaymentMethod::Wallet).collect()
}

#[tokio::test]
async fn a_deposit_by_every_way_to_pay_is_credited_once_on_sqlite() {
    by_every_way(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_deposit_by_every_way_to_pay_is_credited_once_on_postgres() {
    by_every_way(Rows::postgres().await).await;
}

async fn by_every_way(rows: Rows) {
    let world = World::open(rows).await;
    // Whatever a gateway tells us comes twice at once.
    for gateway in ["midtrans", "dana"] {
        world.fault(gateway, "duplicate_webhook", json!({"count": 1_000})).await;
    }
    let mut deposits = Vec::new();
    for method in ways_into_the_wallet() {
        let mut asked = json!({"amount": 50_000, "payment_method": method.to_string(),
            "buyer": format!("buyer-{method}")});
        if method == PaymentMethod::OvoPush {
            asked["phone"] = json!("081234567890");
        }
        let (status, placed) = world.deposit(&method.to_string(), asked).await;
        assert_eq!(status, StatusCode::CREATED, "{method} is not offered for a deposit: {placed}");
        let number = placed["number"].as_str().unwrap().to_owned();
        let order = world.payable(&number).await;
        assert_eq!(order["payment"]["method"], method.to_string());
        world.paid(&number).await;
        world.until(&number, "refunded").await;
        assert_eq!(world.wallet_change(&number).await, 50_000, "{method}");
        deposits.push((method, number));
    }
    // What comes late changes nothing, and each gateway was paid once for each.
    world.advance(3_700).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    for (method, number) in deposits {
        assert_eq!(world.wallet_change(&number).await, 50_000, "{method}");
        let books = world.books(&number).await;
        let sum = |party: &str, times: &str| -> i64 {
            let rows = books[party]["transactions"].as_array().unwrap();
            rows.iter().map(|row| row[times].as_i64().unwrap()).sum()
        };
        assert_eq!(sum("midtrans", "times_settled") + sum("dana", "times_paid"), 1, "{method}: {books:#}");
        assert_eq!(books["digiflazz"]["transactions"], json!([]), "{method}: nothing is bought");
    }
    world.assert_proofs().await;
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test]
async fn a_deposit_over_xendit_is_credited_once_on_sqlite() {
    over_xendit(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_deposit_over_xendit_is_credited_once_on_postgres() {
    over_xendit(Rows::postgres().await).await;
}

async fn over_xendit(rows: Rows) {
    let world = super::xendit::over_xendit(rows).await;
    world.fault("xendit", "duplicate_webhook", json!({"count": 1_000})).await;
    for method in ["ovo_push", "dana_link"] {
        let mut asked = json!({"amount": 50_000, "payment_method": method, "buyer": method});
        if method == "ovo_push" {
            asked["phone"] = json!("081234567890");
        }
        let (status, placed) = world.deposit(method, asked).await;
        assert_eq!(status, StatusCode::CREATED, "{method}: {placed}");
        let number = placed["number"].as_str().unwrap().to_owned();
        world.payable(&number).await;
        world.paid(&number).await;
        world.until(&number, "refunded").await;
        assert_eq!(world.wallet_change(&number).await, 50_000, "{method}");
        let books = world.books(&number).await;
        let paid: Vec<&Value> = books["xendit"]["transactions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["times_paid"])
            .collect();
        assert_eq!(paid, [&json!(1)], "{method}: {books:#}");
        for other in ["midtrans", "dana", "digiflazz"] {
            assert_eq!(books[other]["transactions"], json!([]), "{method} and {other}");
        }
    }
    world.assert_proofs().await;
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test]
async fn a_deposit_that_was_taken_is_answered_the_same_when_the_bounds_have_changed() {
    let mut world = World::open(Rows::Sqlite).await;
    let asked = json!({"amount": 50_000, "payment_method": "gopay_qr", "buyer": "budi"});
    let (_, placed) = world.deposit("one", asked.clone()).await;
    for (most, refused) in [("20000", StatusCode::UNPROCESSABLE_ENTITY), ("0", StatusCode::CONFLICT)] {
        world.configure("LOKET_RULES__WALLET_DEPOSIT_MOST_RUPIAH", most);
        world.restart_shop().await;
        let (status, again) = world.deposit("one", asked.clone()).await;
        assert_eq!((status, &again["number"]), (StatusCode::CREATED, &placed["number"]), "{most}");
        let (status, other) = world.deposit("two", asked.clone()).await;
        assert_eq!(status, refused, "{most}: {other}");
    }
}
