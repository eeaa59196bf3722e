//! A supplier that is one folder and a line of registration sells through every public door; and the document that
//! shows how to add one speaks of all that there is to say.

use super::{
    Example, SIGNATURE,
    simulator::{KEY, Simulator},
};
use database::sql;
use ledger::{Account, Entry, Kind, Posting};
use orders::{Shop, worker};
use outside::Http;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Duration};
use suppliers::{Deposit, Supplier};
use testkit::{TestDatabase, on_both_shops};
use tokio::sync::{oneshot, watch};
use vocabulary::{Actor, BuyerId, Clock, Ids, Rupiah, Secret};

const API_KEY: &str = "a-key-of-the-tests";
const PRICE: i64 = 20_000;

/// A shop with this supplier alone, behind its public door.
struct Opened {
    base: String,
    http: reqwest::Client,
    simulator: Simulator,
    supplier: Arc<dyn Supplier>,
    shop: Shop,
    stop: watch::Sender<bool>,
    stop_worker: oneshot::Sender<()>,
}

impl Opened {
    /// Its one product may cost this.
    async fn with(db: &TestDatabase, cost: i64) -> Opened {
        let (simulator, base_url) = Simulator::open().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        // The line of registration.
        let supplier: Arc<dyn Supplier> =
            Arc::new(Example { http: Http::new().unwrap(), base_url, key: Secret::new(KEY) });
        let shop = Shop {
            db: (**db).clone(),
            clock: Clock::system(),
            ids: Ids::random(),
            gateways: Arc::default(),
            circuits: Arc::default(),
            suppliers: Arc::new(vec![supplier.clone()]),
            couriers: Arc::default(),
            vault: security::Vault::throw_away().unwrap(),
            rules: Arc::new(orders::Rules { public_url: Some(base.clone()), ..orders::Rules::default() }),
            validator: catalog::Validator::format_only(),
        };
        let file = format!(
            "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
             supplier,supplier_sku,customer_template,description,active\n\
             FF,Free Fire,🔥,yes,FF_70,70 Diamond,{PRICE},{cost},10,1,example,ff70,{{user_id}},,yes\n"
        );
        let file = catalog::parse(file.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        shop.seed_catalog(&file, &Actor::system()).await.unwrap();
        let (stop, stopping) = watch::channel(false);
        let key = web::ApiKey { id: "api:test".into(), secret: Secret::new(API_KEY) };
        let settings = web::WebSettings {
            public_url: Some(base.clone()),
            sandbox: true,
            api_keys: vec![key],
            ..web::WebSettings::default()
        };
        tokio::spawn(web::serve(listener, web::router(shop.clone(), settings, stopping.clone()), stopping));
        let (stop_worker, stopped) = oneshot::channel::<()>();
        tokio::spawn(worker::run(shop.clone(), async move { drop(stopped.await) }));
        let opened =
            Opened { base, http: reqwest::Client::new(), simulator, supplier, shop, stop, stop_worker };
        opened.fund().await;
        opened
    }

    /// The buyer has the price of one order in the wallet.
    async fn fund(&self) {
        let buyer: BuyerId = "api:test/budi".parse().unwrap();
        let mut tx = self.shop.db.write("test.fund").await.unwrap();
        let line = |account, amount| Posting { account, amount: Rupiah::new(amount) };
        let entry = Entry {
            kind: Kind::Refund,
            reference: "gift".into(),
            order: None,
            postings: vec![line(Account::Escrow, PRICE), line(Account::Wallet(buyer.clone()), -PRICE)],
        };
        ledger::post(&mut tx, &self.shop.ids, self.shop.clock.now(), &entry).await.unwrap();
        sql!("INSERT INTO wallet (buyer, balance, updated_at) VALUES ($1, $2, 0)")
            .bind(&buyer)
            .bind(PRICE)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Places an order that is paid from the wallet at once.
    async fn paid(&self) -> String {
        let order = json!({
            "product_code": "FF_70", "user_id": "123456789", "payment_method": "wallet", "buyer": "budi"
        });
        let request = self.http.post(format!("{}/api/v1/orders", self.base)).bearer_auth(API_KEY);
        let response = request.header("Idempotency-Key", "one").json(&order).send().await.unwrap();
        let (status, placed): (_, Value) = (response.status(), response.json().await.unwrap());
        assert_eq!(status, StatusCode::CREATED, "{placed}");
        placed["number"].as_str().unwrap().to_owned()
    }

    async fn until_state(&self, number: &str, state: &str) -> Value {
        let mut last = Value::Null;
        for _ in 0..600 {
            let request = self.http.get(format!("{}/api/v1/orders/{number}", self.base)).bearer_auth(API_KEY);
            last = request.send().await.unwrap().json().await.unwrap();
            if last["state"] == state {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it never was {state}: {last}");
    }

    async fn until_sold(&self) {
        for _ in 0..1_200 {
            if !self.simulator.sold().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing was sold");
    }

    /// Waits until what the supplier answered is written down.
    async fn until_answered(&self) {
        for _ in 0..1_200 {
            let mut tx = self.shop.db.read("test").await.unwrap();
            let answered = sql!("SELECT COUNT(*) FROM fulfilment_attempt WHERE answered_at IS NOT NULL");
            if answered.query().one::<i64>(&mut tx).await.unwrap() == 1 {
                return;
            }
            drop(tx);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no answer is written down");
    }

    async fn ends(self) {
        self.stop.send_replace(true);
        self.stop_worker.send(()).unwrap();
    }
}

on_both_shops!(fn a_purchase_from_a_supplier_of_one_folder_and_a_line_is_delivered_by_its_webhook(db) {
    let shop = Opened::with(&db, 18_000).await;
    let number = shop.paid().await;
    shop.until_sold().await;
    shop.until_state(&number, "fulfilling").await;
    let reference = format!("{number}-F1");
    // A webhook that is signed with another key delivers nothing, though it says the truth; the right one is heard.
    assert_eq!(shop.simulator.deliver(&reference, "another key").await, 401);
    assert_eq!(shop.simulator.deliver(&reference, KEY).await, 200);
    let order = shop.until_state(&number, "delivered").await;
    assert_eq!(order["serial_number"], format!("EX-{reference}"));
    assert_eq!(shop.simulator.sold()[0]["account"], "123456789");
    assert_eq!(shop.supplier.deposit().await, Deposit::Left(Rupiah::new(983_000)));
    // Its signature is kept with it, because the supplier says which header that is.
    let mut tx = db.read("test").await.unwrap();
    let kept: String = sql!("SELECT headers FROM webhook_inbox WHERE source = 'example' AND verdict = 'believed'")
        .query().one(&mut tx).await.unwrap();
    assert!(kept.contains(SIGNATURE), "{kept}");
    drop(tx);
    shop.ends().await;
});

on_both_shops!(fn what_loses_its_answer_is_asked_about_and_sold_once(db) {
    let shop = Opened::with(&db, 18_000).await;
    *shop.simulator.loses_the_next.lock().unwrap() = true;
    let number = shop.paid().await;
    shop.until_sold().await;
    shop.simulator.deliver(&format!("{number}-F1"), "another key").await;
    shop.until_answered().await;
    shop.shop.clock.advance(Duration::from_secs(70));
    shop.until_state(&number, "delivered").await;
    assert_eq!(shop.simulator.sold().len(), 1);
    shop.ends().await;
});

on_both_shops!(fn what_costs_more_there_than_it_may_is_not_sold_and_the_buyer_has_the_money_back(db) {
    let shop = Opened::with(&db, 16_999).await;
    let number = shop.paid().await;
    shop.until_state(&number, "refunded").await;
    assert_eq!(shop.simulator.sold().len(), 0);
    shop.ends().await;
});

/// Every promise of a supplier is spoken of where it is shown how to add one.
#[test]
fn the_document_about_adding_a_supplier_speaks_of_every_promise() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap();
    let text = std::fs::read_to_string(root.join("docs/adding-a-gateway.md")).unwrap();
    let supplier = std::fs::read_to_string(root.join("crates/suppliers/src/supplier.rs")).unwrap();
    let promises = supplier.split("pub trait Supplier").nth(1).unwrap().split("\n}\n").next().unwrap();
    let names: Vec<&str> =
        promises.split("    fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next()).collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in &names {
        assert!(text.contains(&format!("`Supplier::{name}`")), "Supplier::{name} is not in the document");
    }
    for word in text.split('`').skip(1).step_by(2).filter_map(|word| word.strip_prefix("Supplier::")) {
        assert!(names.contains(&word), "`Supplier::{word}` is not there");
    }
}
