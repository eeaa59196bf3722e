//! `loket serve` with nothing configured: the outside world is inside the same process, and what the
//! README tells to type buys.

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Loket, command},
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::TempFolder;

/// A shop in a folder of its own, with no address of any outside party in its environment.
struct Alone {
    folder: TempFolder,
    environment: Vec<(String, String)>,
    http: Client,
}

impl Alone {
    fn new(environment: &[(&str, String)]) -> Alone {
        Alone {
            folder: TempFolder::new("alone"),
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            http: Client::builder().timeout(Duration::from_secs(120)).no_proxy().build().unwrap(),
        }
    }

    fn data_dir(&self) -> String {
        self.folder.path().display().to_string()
    }

    async fn serve(&self) -> Loket {
        let folder = self.data_dir();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.as_str()];
        Loket::start(&arguments, &self.environment).await.unwrap()
    }

    /// Places an order with the body of the README, and tells its number.
    async fn order(&self, shop: &Loket, key: &str) -> String {
        let body = r#"{"product_code":"ML_86","user_id":"1114917746","server_id":"13486","payment_method":"gopay_qr"}"#;
        let request = self.http.post(format!("{}/api/v1/orders", shop.base())).bearer_auth(API_KEY);
        let request = request.header("Content-Type", "application/json").header("Idempotency-Key", key);
        let response = request.body(body).send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, StatusCode::CREATED, "{text}");
        let order: Value = serde_json::from_str(&text).unwrap();
        order["number"].as_str().unwrap().to_owned()
    }

    /// Posts this text as curl does when it is told nothing but `-d`, or as JSON.
    async fn post(&self, shop: &Loket, path: &str, kind: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", shop.base())).header("Content-Type", kind);
        let response = request.body(body.to_string()).send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn get(&self, shop: &Loket, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", shop.base())).bearer_auth(API_KEY);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Waits until what stands at `path` has this word at `place`.
    async fn until(&self, shop: &Loket, path: &str, (place, word): (&str, &str)) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.get(shop, path).await;
            if answer.pointer(place).is_some_and(|found| found == word) {
                return answer;
            }
            patience(started, &format!("{word} at {place} of {answer:#}"));
            nap().await;
        }
    }

    /// The proofs hold, by the commands beside the shop or after it.
    async fn assert_proofs(&self) {
        for arguments in [["ledger", "check"], ["audit", "verify"]] {
            let mut program = command(&arguments);
            program.args(["--data-dir", &self.data_dir()]).envs(self.environment.iter().cloned());
            let output = program.output().await.unwrap();
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        }
    }
}

#[tokio::test]
async fn what_the_readme_tells_to_type_buys_from_the_simulators_inside_on_sqlite() {
    buys_from_the_simulators_inside(Alone::new(&[])).await;
}

#[tokio::test]
async fn what_the_readme_tells_to_type_buys_from_the_simulators_inside_on_postgres() {
    let database = testkit::empty_postgres().await;
    buys_from_the_simulators_inside(Alone::new(&[("LOKET_DATABASE__URL", database.url_text())])).await;
}

async fn buys_from_the_simulators_inside(alone: Alone) {
    let shop = alone.serve().await;
    let number = alone.order(&shop, "1795323600000000001").await;
    let wish = json!({"reference": number, "outcome": "settle"});
    let paid = alone.post(&shop, "/sandbox/pay", "application/x-www-form-urlencoded", &wish).await;
    assert_eq!(paid["transaction_status"], "settlement", "{paid}");
    let bought = format!("/api/v1/orders/{number}");
    let order = alone.until(&shop, &bought, ("/state", "delivered")).await;
    assert!(order["serial_number"].as_str().is_some_and(|serial| !serial.is_empty()), "{order:#}");
    alone.assert_proofs().await;

    // One clock is moved for the shop and for the gateway inside it.
    let number = alone.order(&shop, "1795323600000000002").await;
    let unpaid = format!("/api/v1/orders/{number}");
    alone.until(&shop, &unpaid, ("/payment/state", "open")).await;
    let forward = |seconds: u64| json!({"advance_seconds": seconds});
    let moved = alone.post(&shop, "/sandbox/clock", "application/json", &forward(960)).await;
    assert_eq!(moved["offset_ms"], 960_000, "{moved}");
    alone.until(&shop, &unpaid, ("/state", "expired")).await;
    let books = format!("/sandbox/transactions?reference={number}");
    alone.until(&shop, &books, ("/midtrans/transactions/0/transaction_status", "expire")).await;
    alone.assert_proofs().await;

    assert!(shop.stop().await.success());
    alone.assert_proofs().await;
    // It comes back with its rows, with the books of the world inside, and with the time that it had.
    let shop = alone.serve().await;
    let again = alone.until(&shop, &bought, ("/state", "delivered")).await;
    assert_eq!(again["serial_number"], order["serial_number"]);
    alone.until(&shop, &books, ("/midtrans/transactions/0/transaction_status", "expire")).await;
    let moved = alone.post(&shop, "/sandbox/clock", "application/json", &forward(1)).await;
    assert_eq!(moved["offset_ms"], 961_000, "{moved}");
    assert!(shop.stop().await.success());
}
