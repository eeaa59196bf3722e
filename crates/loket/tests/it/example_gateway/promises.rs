//! A gateway that is one folder and a line of registration works through every public door; and the document that
//! shows how to add one names what there is.

use super::{
    Example, SIGNATURE, Settings,
    simulator::{KEY, Simulator},
};
use database::sql;
use orders::{Shop, worker};
use outside::{Http, Pending};
use payments::Gateway;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Duration};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use testkit::{TestDatabase, on_both_shops};
use tokio::sync::{oneshot, watch};
use vocabulary::{Actor, Clock, Ids, Secret};

const API_KEY: &str = "a-key-of-the-tests";

/// Delivers at once.
struct Prompt;

impl Supplier for Prompt {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        let price = Some(purchase.max_price);
        Box::pin(async move {
            Report { serial_number: Some("SN-1".into()), price, ..Report::bare(Verdict::Succeeded, "done") }
        })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        Err(suppliers::WebhookRefusal::BadSignature)
    }
}

/// A shop with this gateway alone, behind its public door.
struct Opened {
    base: String,
    http: reqwest::Client,
    simulator: Simulator,
    shop: Shop,
    stop: watch::Sender<bool>,
    stop_worker: oneshot::Sender<()>,
}

impl Opened {
    async fn with(db: &TestDatabase) -> Opened {
        let (simulator, base_url) = Simulator::open().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        // What the line of registration connects: that it does is shown where the lines are.
        let gateway: Arc<dyn Gateway> = Arc::new(Example {
            http: Http::new().unwrap(),
            settings: Settings { base_url, key: Secret::new(KEY) },
        });
        let shop = Shop {
            db: (**db).clone(),
            clock: Clock::system(),
            ids: Ids::random(),
            gateways: Arc::new(vec![gateway]),
            circuits: Arc::default(),
            suppliers: Arc::new(vec![Arc::new(Prompt)]),
            couriers: Arc::default(),
            vault: security::Vault::throw_away().unwrap(),
            rules: Arc::new(orders::Rules { public_url: Some(base.clone()), ..orders::Rules::default() }),
            validator: catalog::Validator::format_only(),
        };
        shop.seed_catalog(&catalog::base().unwrap(), &Actor::system()).await.unwrap();
        let (stop, stopping) = watch::channel(false);
        let key = web::ApiKey { id: "api:test".into(), secret: Secret::new(API_KEY) };
        let settings = web::WebSettings {
            public_url: Some(base.clone()),
            sandbox: true,
            api_keys: vec![key],
            ..web::WebSettings::default()
        };
        let router = web::router(shop.clone(), settings, stopping.clone());
        tokio::spawn(web::serve(listener, router, stopping));
        let (stop_worker, stopped) = oneshot::channel::<()>();
        tokio::spawn(worker::run(shop.clone(), async move { drop(stopped.await) }));
        let http = reqwest::Client::new();
        Opened { base, http, simulator, shop, stop, stop_worker }
    }

    async fn post(&self, path: &str, key: &str, body: Value) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(API_KEY);
        let response = request.header("Idempotency-Key", key).json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Places an order, and waits until it can be paid.
    async fn payable(&self, key: &str) -> (String, Value) {
        let order = json!({
            "product_code": "ML_86", "user_id": "123456789", "server_id": "2345", "payment_method": "dana_link"
        });
        let (status, placed) = self.post("/api/v1/orders", key, order).await;
        assert_eq!(status, StatusCode::CREATED, "{placed}");
        let number = placed["number"].as_str().unwrap().to_owned();
        let order = self.until(&number, |order| order["payment"]["redirect_url"].is_string()).await;
        (number, order)
    }

    async fn until(&self, number: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..600 {
            let request = self.http.get(format!("{}/api/v1/orders/{number}", self.base)).bearer_auth(API_KEY);
            last = request.send().await.unwrap().json().await.unwrap();
            if fits(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it never was so: {last}");
    }

    async fn ends(self) {
        self.stop.send_replace(true);
        self.stop_worker.send(()).unwrap();
        assert_eq!(self.shop.check_ledger().await.unwrap().problems, []);
    }
}

on_both_shops!(fn a_purchase_through_a_gateway_of_one_folder_and_a_line_is_paid_by_its_webhook_and_delivered(db) {
    let shop = Opened::with(&db).await;
    let (number, order) = shop.payable("one").await;
    let reference = format!("{number}-P1");
    let page = order["payment"]["redirect_url"].as_str().unwrap();
    assert!(page.ends_with(&format!("/page/{reference}")), "{page}");

    // A webhook that is signed with another key pays nothing, though it says the truth; the right one is heard.
    assert_eq!(shop.simulator.pay(&reference, "another key").await, 401);
    assert_eq!(shop.simulator.pay(&reference, KEY).await, 200);
    let order = shop.until(&number, |order| order["state"] == "delivered").await;
    assert_eq!(order["serial_number"], "SN-1");

    // Its signature is kept with it, because the gateway says which header that is.
    let mut tx = db.read("test").await.unwrap();
    let kept: String = sql!("SELECT headers FROM webhook_inbox WHERE source = 'example' AND verdict = 'believed'")
        .query().one(&mut tx).await.unwrap();
    assert!(kept.contains(SIGNATURE), "{kept}");
    drop(tx);
    shop.ends().await;
});

on_both_shops!(fn what_the_buyer_cancels_is_closed_there_and_a_lost_charge_is_adopted(db) {
    let shop = Opened::with(&db).await;
    *shop.simulator.loses_the_next.lock().unwrap() = true;
    let (number, _) = shop.payable("lost").await;
    assert_eq!(shop.simulator.payments(), 1, "nobody is charged twice");

    let (status, cancelled) = shop.post(&format!("/api/v1/orders/{number}/cancel"), "cancel", json!({})).await;
    assert_eq!(status, StatusCode::OK, "{cancelled}");
    let reference = format!("{number}-P1");
    for _ in 0..600 {
        if shop.simulator.state_of(&reference).as_deref() == Some("closed") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(shop.simulator.state_of(&reference).as_deref(), Some("closed"));
    shop.ends().await;
});

/// The names in backticks of the document that look like ours, and its links, are there.
#[test]
fn the_document_about_adding_a_gateway_names_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap();
    let text = std::fs::read_to_string(root.join("docs/adding-a-gateway.md")).unwrap();
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let gateway = read("crates/payments/src/gateway.rs");
    let registry = read("crates/loket/src/gateways/mod.rs");
    let (mut methods, mut fields, mut links) = (0, 0, 0);
    for word in text.split('`').skip(1).step_by(2) {
        if let Some(method) = word.strip_prefix("Gateway::") {
            assert!(gateway.contains(&format!("fn {method}")), "`{word}`");
            methods += 1;
        } else if let Some(field) = word.strip_prefix("Registration::") {
            assert!(registry.contains(&format!("pub(crate) {field}:")), "`{word}`");
            fields += 1;
        } else if word.contains('/') && word.ends_with(".rs") && !word.contains("NAME") {
            assert!(root.join(word).is_file(), "`{word}`");
        }
    }
    for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let path = link.split('#').next().unwrap();
        assert!(path.starts_with("http") || root.join("docs").join(path).exists(), "{link}");
        links += 1;
    }
    assert!(methods >= 10 && fields >= 5 && links >= 5, "{methods} methods, {fields} fields, {links} links");
    // And every field of a registration, and every promise of the trait, is spoken of.
    let registration =
        registry.split("pub(crate) struct Registration {").nth(1).unwrap().split("\n}\n").next().unwrap();
    for name in registration.split("    pub(crate) ").skip(1).filter_map(|rest| rest.split(':').next()) {
        assert!(
            text.contains(&format!("`Registration::{name}`")),
            "Registration::{name} is not in the document"
        );
    }
    let promises = gateway.split("pub trait Gateway").nth(1).unwrap().split("\n}\n").next().unwrap();
    for name in promises.split("    fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next()) {
        assert!(text.contains(&format!("`Gateway::{name}`")), "Gateway::{name} is not in the document");
    }
}
