//! A shop with a seeded catalog, parties that answer in a fixed way, and a caller.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use database::{FromRow, Sql};
use orders::{FeeAboveMargin, MIGRATIONS, RefundRules, RefundTarget, Rules, Shop};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Observation,
    ObservedState, Opened, Sent, StatusOutcome,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use testkit::TestDatabase;
use tokio::sync::watch;
use tower::ServiceExt as _;
use vocabulary::{Actor, Clock, Ids, PaymentMethod, Secret, Timestamp};
use web::{ApiKey, WebSettings};

pub(crate) const KEY: &str = "test-key-of-the-first-shop";
pub(crate) const OTHER_KEY: &str = "test-key-of-another-shop";
pub(crate) const STAFF_KEY: &str = "test-key-of-rina-of-the-staff";
pub(crate) const OTHER_STAFF_KEY: &str = "test-key-of-budi-of-the-staff";
/// What the QR code of the test gateway says.
pub(crate) const QR: &str = "00020101021226-TEST-QR-5303360540520000-6304ABCD";

/// The number that the test gateway wants to be paid to.
pub(crate) const NUMBER: &str = "8812345678901234";

/// The link into the app of the test gateway.
pub(crate) const APP: &str = "gojek://gopay/merchanttransfer?tref=1";
/// How long a push of the test gateway can be paid.
const PUSH: Duration = Duration::from_secs(65);

/// A webhook body that the test gateway panics about.
pub(crate) const PANIC: &str = "{panic}";

/// A shop, its face, and what is needed to play with both.
pub(crate) struct Face {
    pub(crate) shop: Shop,
    pub(crate) router: Router,
    pub(crate) stop: watch::Sender<bool>,
    database: TestDatabase,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The body of a problem, after its form was checked.
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let body = self.json();
        assert_eq!(body["type"], format!("urn:loket:problem:{code}"), "{body}");
        assert_eq!(body["status"], status);
        assert_eq!(body["instance"], self.header("x-request-id"));
        assert!(body["title"].as_str().is_some_and(|t| !t.is_empty()), "{body}");
        body
    }
}

/// A face over this database in sandbox mode, its worker not running.
pub(crate) async fn face(database: TestDatabase) -> Face {
    face_with(database, |settings| settings.sandbox = true).await
}

pub(crate) async fn face_with(database: TestDatabase, change: impl FnOnce(&mut WebSettings)) -> Face {
    face_asking(database, catalog::Validator::format_only(), change).await
}

/// A face whose shop asks this validator about accounts.
pub(crate) async fn face_asking(
    database: TestDatabase,
    validator: catalog::Validator,
    change: impl FnOnce(&mut WebSettings),
) -> Face {
    let gateway = TestGateway { name: "midtrans", methods: &[PaymentMethod::GopayQr] };
    face_of(database, validator, gateway, change).await
}

/// A face in sandbox mode whose gateway collects by every method.
pub(crate) async fn face_paying(database: TestDatabase) -> Face {
    face_paying_with(database, |settings| settings.sandbox = true).await
}

pub(crate) async fn face_paying_with(database: TestDatabase, change: impl FnOnce(&mut WebSettings)) -> Face {
    let gateway = TestGateway { name: "midtrans", methods: PaymentMethod::ALL };
    face_of(database, catalog::Validator::format_only(), gateway, change).await
}

async fn face_of(
    database: TestDatabase,
    validator: catalog::Validator,
    gateway: TestGateway,
    change: impl FnOnce(&mut WebSettings),
) -> Face {
    database.migrate(&MIGRATIONS).await.unwrap();
    // What fails becomes store credit at once: these tests are about what is shown of it.
    let refunds = RefundRules { automatic: RefundTarget::Wallet, ..RefundRules::default() };
    let shop = Shop {
        db: database.clone(),
        clock: Clock::system(),
        ids: Ids::random(),
        gateways: Arc::new(vec![
            Arc::new(gateway),
            Arc::new(TestGateway { name: "dana", methods: &[] }),
            Arc::new(TestGateway { name: "another", methods: &[] }),
        ]),
        circuits: Arc::default(),
        suppliers: Arc::new(vec![Arc::new(TestSupplier)]),
        couriers: Arc::default(),
        vault: security::Vault::throw_away().unwrap(),
        // 86 diamonds leave Rp 2.000, and tests buy them by every way.
        rules: Arc::new(Rules { fee_above_margin: FeeAboveMargin::Allow, refunds, ..Rules::default() }),
        validator,
    };
    shop.seed_catalog(&catalog::base().unwrap(), &Actor::system()).await.unwrap();
    let key = |id: &str, secret: &str| ApiKey { id: id.into(), secret: Secret::new(secret) };
    let mut settings = WebSettings {
        public_url: Some("https://shop.example".into()),
        api_keys: vec![key("api:first", KEY), key("api:other", OTHER_KEY)],
        staff_keys: vec![key("rina", STAFF_KEY), key("budi", OTHER_STAFF_KEY)],
        ..WebSettings::default()
    };
    change(&mut settings);
    let (stop, stopping) = watch::channel(false);
    let router = web::router(shop.clone(), settings, stopping);
    Face { shop, router, stop, database }
}

/// The shop's worker; it goes home when this is dropped.
pub(crate) struct Working {
    stop: tokio::sync::oneshot::Sender<()>,
    worker: tokio::task::JoinHandle<()>,
}

impl Working {
    /// The worker goes home, and what it had under way is over.
    pub(crate) async fn ends(self) {
        drop(self.stop);
        self.worker.await.unwrap();
    }
}

impl Face {
    /// Connections of their own to the same database, as another process has.
    pub(crate) async fn second(&self) -> database::Database {
        self.database.second().await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 8 * 1024 * 1024).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, &[], "")).await
    }

    /// A `GET` with the first key.
    pub(crate) async fn look(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, &[("authorization", &bearer(KEY))], "")).await
    }

    /// A `POST` of JSON with the first key.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("authorization", &*bearer(KEY)), ("content-type", "application/json")];
        self.send(request(Method::POST, path, &headers, &body.to_string())).await
    }

    pub(crate) async fn place(&self, key: &str, body: &Value) -> Answer {
        self.place_as(KEY, key, body).await
    }

    pub(crate) async fn place_as(&self, api_key: &str, key: &str, body: &Value) -> Answer {
        let headers = [
            ("authorization", &*bearer(api_key)),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        self.send(request(Method::POST, "/api/v1/orders", &headers, &body.to_string())).await
    }

    /// Runs the shop's worker until what is told is dropped.
    pub(crate) fn work(&self) -> Working {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shop = self.shop.clone();
        let worker = tokio::spawn(orders::worker::run(shop, async move { drop(stopped.await) }));
        Working { stop, worker }
    }

    /// An order whose payment is open, and the path of its pay page.
    pub(crate) async fn open_order(&self) -> (Value, String) {
        let working = self.work();
        let mut order = self.place("open", &diamonds()).await.json();
        // On a busy machine the answer may come before the payment is open.
        let number = order["number"].as_str().unwrap_or_else(|| panic!("{order}")).to_owned();
        for _ in 0..1_200 {
            if order["payment"]["qr_string"] == QR {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            order = self.look(&format!("/api/v1/orders/{number}")).await.json();
        }
        working.ends().await;
        assert_eq!(order["payment"]["qr_string"], QR, "{order}");
        let path = order["payment"]["pay_url"].as_str().unwrap().replace("https://shop.example", "");
        (order, path)
    }

    /// An order by this method as it stands when its answer came, and the path of its pay page. The
    /// worker must be running.
    pub(crate) async fn ordered(&self, key: &str, method: &str) -> (Value, String) {
        self.ordered_for("somebody", key, method).await
    }

    /// The same for this buyer.
    pub(crate) async fn ordered_for(&self, buyer: &str, key: &str, method: &str) -> (Value, String) {
        let mut asked = diamonds();
        asked["buyer"] = json!(buyer);
        asked["payment_method"] = json!(method);
        let order = self.place(key, &asked).await.json();
        let page = order["payment"]["pay_url"].as_str().unwrap_or_else(|| panic!("{order}"));
        let path = page.replace("https://shop.example", "");
        (order, path)
    }

    /// A form that a browser sends from the page.
    pub(crate) async fn form(&self, path: &str, body: &str) -> Answer {
        self.form_with(path, &[("sec-fetch-site", "same-origin")], body).await
    }

    pub(crate) async fn form_with(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send(request(Method::POST, path, &all, body)).await
    }

    /// The page in English.
    pub(crate) async fn english(&self, path: &str) -> String {
        self.send(request(Method::GET, path, &[("accept-language", "en")], "")).await.text()
    }

    /// Waits until the page says this.
    pub(crate) async fn page_saying(&self, path: &str, text: &str) -> String {
        let mut page = String::new();
        for _ in 0..1_200 {
            page = self.get(path).await.text();
            if page.contains(text) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{text} is never in {page}");
    }

    /// Method, state and mask of the payments, oldest first.
    pub(crate) async fn payments(&self) -> Vec<(String, String, Option<String>)> {
        let text = "SELECT method, state, phone_mask FROM payment ORDER BY order_id, sequence";
        self.all(text, text).await
    }

    /// Runs a statement that a test makes up.
    pub(crate) async fn run(&self, statement: &str) {
        let mut tx = self.shop.db.write("test.change").await.unwrap();
        let statement: &'static str = Box::leak(statement.to_owned().into_boxed_str());
        Sql::same(statement).query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn all<T: FromRow>(&self, sqlite: &str, postgres: &str) -> Vec<T> {
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let mut tx = self.shop.db.read("test.look").await.unwrap();
        Sql::differing(leak(sqlite), leak(postgres)).query().all(&mut tx).await.unwrap()
    }

    /// Every row of every table, as text.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let tables: Vec<String> = self
            .all(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
                "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            )
            .await;
        assert!(tables.len() > 15, "{tables:?}");
        let mut dump = Vec::new();
        for table in tables {
            let columns: Vec<String> = self
                .all(
                    &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
                    "SELECT CAST('x' AS TEXT) LIMIT 0",
                )
                .await;
            let quoted =
                columns.iter().map(|c| format!("quote({c})")).collect::<Vec<_>>().join(" || ',' || ");
            let quoted = if quoted.is_empty() { "''".to_owned() } else { quoted };
            let rows: Vec<String> = self
                .all(
                    &format!("SELECT {quoted} FROM {table} ORDER BY 1"),
                    &format!("SELECT CAST(t.* AS TEXT) FROM {table} t ORDER BY 1"),
                )
                .await;
            dump.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        dump
    }
}

pub(crate) fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

/// Somebody asks for something, with this key and nothing else.
pub(crate) async fn asks(face: &Face, method: Method, path: &str, key: &str) -> Answer {
    let authorization = bearer(key);
    face.send(request(method, path, &[("authorization", &*authorization)], "")).await
}

/// A member of staff looks.
pub(crate) async fn looks(face: &Face, path: &str) -> Value {
    let answer = asks(face, Method::GET, path, STAFF_KEY).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// A member of staff decides, under a key of their own.
pub(crate) async fn decides(face: &Face, path: &str, key: &str, body: &Value) -> Answer {
    let authorization = bearer(STAFF_KEY);
    let headers =
        [("authorization", &*authorization), ("content-type", "application/json"), ("idempotency-key", key)];
    face.send(request(Method::POST, path, &headers, &body.to_string())).await
}

/// The usual purchase.
pub(crate) fn diamonds() -> Value {
    json!({"product_code": "ML_86", "user_id": "123456789", "server_id": "2345", "payment_method": "gopay_qr"})
}

/// Opens every payment, and says that it is pending for ever.
struct TestGateway {
    name: &'static str,
    methods: &'static [PaymentMethod],
}

impl Gateway for TestGateway {
    fn name(&self) -> &'static str {
        self.name
    }

    fn methods(&self) -> &'static [PaymentMethod] {
        self.methods
    }

    fn webhook_path(&self) -> &'static str {
        if self.name == "another" { "/hooks/v2/another" } else { "/webhooks/midtrans" }
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &["x-timestamp", "x-signature", "x-partner-id", "x-external-id"]
    }

    fn shortest(&self, method: PaymentMethod) -> Duration {
        if method == PaymentMethod::OvoPush { PUSH } else { Duration::ZERO }
    }

    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }

    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        Box::pin(async { ChargeOutcome::Opened(opened(request.method, request.now)) })
    }

    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(async {
            let state = ObservedState::Pending;
            let opened = Opened { expires_at: None, ..opened(sent.method, sent.now) };
            let (stated, amount) = ("pending".into(), None);
            let (given_back, refunds) = (None, None);
            StatusOutcome::Found(Observation { state, stated, amount, given_back, refunds, opened })
        })
    }

    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::Closed })
    }

    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::Closed })
    }

    fn refund<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async {
            payments::RefundOutcome::NotTaken { reason: "unreachable".into(), retry_after: None }
        })
    }
    fn refund_status<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async { payments::RefundOutcome::NotFound })
    }

    /// Believes whoever says `x-test: good`; reads only bodies that begin with a brace.
    fn verify_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Notification, payments::WebhookRefusal> {
        assert!(body != PANIC.as_bytes(), "a bug that a test made up");
        if !body.starts_with(b"{") {
            return Err(payments::WebhookRefusal::Malformed("no object".into()));
        }
        if !headers.contains(&("x-test".into(), "good".into())) {
            return Err(payments::WebhookRefusal::BadSignature);
        }
        Ok(Notification { reference: "LK0000000000-P1".into(), stated: "settlement".into() })
    }
}

/// What the buyer needs, by method: a code, a link into the app, a page, a number, or a push that is sent.
fn opened(method: PaymentMethod, now: Timestamp) -> Opened {
    let bare = Opened { transaction_id: "0b7d1c3e-test".into(), ..Opened::default() };
    let page = Some("https://gateway.example/pay?id=1".to_owned());
    match method {
        PaymentMethod::GopayQr => Opened {
            qr_string: Some(QR.into()),
            qr_image_url: Some("https://gateway.example/qr".into()),
            deep_link: Some(APP.into()),
            ..bare
        },
        PaymentMethod::GopayLink => Opened { deep_link: Some(APP.into()), ..bare },
        PaymentMethod::DanaQr | PaymentMethod::Qris => Opened { qr_string: Some(QR.into()), ..bare },
        PaymentMethod::OvoLink | PaymentMethod::DanaLink => Opened { redirect_url: page, ..bare },
        PaymentMethod::OvoPush => Opened { expires_at: Some(now.plus(PUSH)), ..bare },
        PaymentMethod::VaBca
        | PaymentMethod::VaBni
        | PaymentMethod::VaBri
        | PaymentMethod::VaPermata
        | PaymentMethod::VaMandiri
        | PaymentMethod::VaBsi
        | PaymentMethod::VaCimb
        | PaymentMethod::VaBtpn
        | PaymentMethod::VaPanin
        | PaymentMethod::CstoreIndomaret
        | PaymentMethod::CstoreAlfamart => Opened { payment_code: Some(NUMBER.into()), ..bare },
        PaymentMethod::Wallet => bare,
    }
}

/// Delivers nothing.
struct TestSupplier;

impl Supplier for TestSupplier {
    fn name(&self) -> &'static str {
        "digiflazz"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(async { report() })
    }

    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        if !body.starts_with(b"{") {
            return Err(suppliers::WebhookRefusal::Malformed("no object".into()));
        }
        if !headers.contains(&("x-test".into(), "good".into())) {
            return Err(suppliers::WebhookRefusal::BadSignature);
        }
        Ok(SupplierWebhook::News { reference: "LK0000000000-F1".into(), report: report() })
    }
}

fn report() -> Report {
    Report::bare(Verdict::Pending, "pending")
}
