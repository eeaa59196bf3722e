//! A running sandbox, a shop's end that takes webhooks, and words for both.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use md5::{Digest, Md5};
use sandbox::{Sandbox, Settings, SupplierProduct};
use serde_json::{Value, json};
use sha2::Sha512;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use testkit::TempFolder;
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::Rupiah;

pub(crate) const SERVER_KEY: &str = "SB-Mid-server-loket-sandbox";
/// How long who asks waits for an answer that is held: by then the other side has acted, on a busy machine, too.
pub(crate) const LONG_ENOUGH: Duration = Duration::from_secs(3);

/// A sandbox on a port of its own, and the shop's end for its webhooks.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) base: String,
    pub(crate) hooks: Hooks,
    /// Where the books and keys are.
    pub(crate) folder: std::path::PathBuf,
    pub(crate) clock: vocabulary::Clock,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    worker: Option<JoinHandle<()>>,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) http: u16,
    pub(crate) text: String,
    pub(crate) headers: HeaderMap,
}

/// A shop's end that notes every webhook and answers as it is told (200 by default).
#[derive(Clone)]
pub(crate) struct Hooks {
    pub(crate) base: String,
    got: Arc<Mutex<Vec<Hook>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

/// One webhook as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: String,
}

impl Hook {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.raw).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|v| v.to_str().unwrap())
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

impl Hooks {
    async fn start() -> Hooks {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let hooks = Hooks { base, got: Arc::default(), answers: Arc::default() };
        let app = Router::new().fallback(take).with_state(hooks.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        hooks
    }

    /// The next webhooks are answered with these.
    pub(crate) fn will_answer(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// What has arrived, oldest first.
    pub(crate) fn got(&self) -> Vec<Hook> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until at least `count` have arrived.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Hook> {
        eventually(&format!("{count} webhooks"), async || Some(self.got()).filter(|got| got.len() >= count))
            .await
    }

    /// Gives whatever is still on its way time to arrive.
    pub(crate) async fn settle(&self) -> Vec<Hook> {
        tokio::time::sleep(Duration::from_millis(250)).await;
        self.got()
    }
}

async fn take(State(hooks): State<Hooks>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let raw = String::from_utf8(body.to_vec()).unwrap();
    hooks.got.lock().unwrap().push(Hook { path: uri.path().to_owned(), headers, raw });
    let status = hooks.answers.lock().unwrap().pop_front().unwrap_or(200);
    let status = StatusCode::from_u16(status).unwrap();
    if status.is_redirection() {
        return (status, [("location", "/moved")]).into_response();
    }
    if status == StatusCode::NO_CONTENT {
        return status.into_response();
    }
    // What DANA expects; the others look at the status alone.
    (status, r#"{"responseCode":"2005600","responseMessage":"Successful"}"#).into_response()
}

/// What the simulated supplier sells in tests.
pub(crate) fn products() -> Vec<SupplierProduct> {
    let product = |sku, price| SupplierProduct::new(sku, "86 Diamond", "MOBILE LEGENDS", Rupiah::new(price));
    let mut single = product("once-a-day", 9_000);
    single.multi = false;
    let mut scarce = product("scarce", 9_000);
    scarce.stock = Some(1);
    let mut closed = product("closed", 9_000);
    closed.cut_off = ("00:01".into(), "00:00".into());
    let mut off = product("off", 9_000);
    off.active = false;
    let dear = product("dear", 60_000_000);
    vec![product("ML_86", 18_000), single, scarce, closed, off, dear]
}

impl World {
    pub(crate) async fn start() -> (World, TempFolder) {
        let folder = TempFolder::new("sandbox");
        let world = World::on(&folder, |_| {}).await;
        (world, folder)
    }

    /// A world whose books are in this folder.
    pub(crate) async fn on(folder: &TempFolder, change: impl FnOnce(&mut Settings)) -> World {
        let hooks = Hooks::start().await;
        let mut settings = Settings::new(folder.path());
        settings.products = products();
        settings.midtrans_notify = Some(format!("{}/webhooks/midtrans", hooks.base));
        settings.dana_notify = Some(format!("{}/dashboard/dana", hooks.base));
        settings.xendit_notify = Some(format!("{}/dashboard/xendit", hooks.base));
        settings.digiflazz_notify = Some(format!("{}/webhooks/digiflazz", hooks.base));
        settings.vip_reseller_notify = Some(format!("{}/webhooks/vip-reseller", hooks.base));
        settings.apigames_notify = Some(format!("{}/webhooks/apigames", hooks.base));
        change(&mut settings);
        let clock = settings.clock.clone();
        let sandbox = Sandbox::open(settings).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        sandbox.set_base_url(&base);
        let app = sandbox.router().merge(sandbox.clock_router());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = tokio::spawn(sandbox.clone().run(async {
            let _ = stopped.await;
        }));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        World {
            sandbox,
            base,
            hooks,
            folder: folder.path().to_owned(),
            clock,
            http,
            stop: Some(stop),
            worker: Some(worker),
        }
    }

    /// Waits until so many tries of the newest webhook of a party are written down: when it is tried again counts
    /// from there.
    pub(crate) async fn written_down(&self, party: &str, tries: usize) {
        eventually(&format!("{tries} tries"), async || {
            let books = self.books().await;
            let made = books[party]["webhooks"][0]["attempts"].as_array().map(Vec::len);
            (made == Some(tries)).then_some(())
        })
        .await;
    }

    /// Stops the worker, as a killed process would not: nothing more is sent.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(worker) = self.worker.take() {
            worker.await.unwrap();
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (http, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { http, headers, text: response.text().await.unwrap() }
    }

    /// A control.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("POST", path).body(body.to_string())).await
    }

    pub(crate) async fn fault(&self, target: &str, fault: &str, count: u32) {
        let answer =
            self.control("/sandbox/faults", json!({"target": target, "fault": fault, "count": count})).await;
        assert_eq!(answer.http, 200, "{}", answer.text);
    }

    pub(crate) async fn pay(&self, reference: &str, outcome: &str) -> Answer {
        self.control("/sandbox/pay", json!({"reference": reference, "outcome": outcome})).await
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.sandbox.advance(seconds).await.unwrap();
    }

    /// What all simulators hold.
    pub(crate) async fn books(&self) -> Value {
        self.send(self.request("GET", "/sandbox/transactions")).await.json()
    }

    /// A call to Midtrans with the right key.
    pub(crate) async fn midtrans(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request =
            self.request(method, &format!("/sandbox/midtrans{path}")).basic_auth(SERVER_KEY, Some(""));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.send(request).await
    }

    /// A GoPay charge; answers with the vendor's body.
    pub(crate) async fn charge(&self, order_id: &str, amount: i64) -> Value {
        let answer = self.midtrans("POST", "/v2/charge", Some(gopay(order_id, amount))).await.json();
        assert_eq!(answer["status_code"], "201", "{answer}");
        answer
    }

    /// A Snap page for these methods; answers with its path.
    pub(crate) async fn snap(&self, order_id: &str, amount: i64, methods: &[&str]) -> String {
        self.snap_of(snap(order_id, amount, methods)).await
    }

    /// A Snap page as asked for; answers with its path.
    pub(crate) async fn snap_of(&self, body: Value) -> String {
        let answer = self.midtrans("POST", "/snap/v1/transactions", Some(body)).await;
        assert_eq!(answer.http, 201, "{}", answer.text);
        let url = answer.json()["redirect_url"].as_str().unwrap().to_owned();
        url.strip_prefix(&self.base).unwrap().to_owned()
    }

    /// What the buyer does on a Snap page, with the fields of the form.
    pub(crate) async fn choose(&self, page: &str, action: &str, form: &str) -> Answer {
        let request = self.request("POST", &format!("{page}/{action}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(form.to_owned())).await
    }

    /// What a page shows.
    pub(crate) async fn look(&self, page: &str) -> String {
        self.send(self.request("GET", page)).await.text
    }

    pub(crate) async fn status(&self, id: &str) -> Value {
        self.midtrans("GET", &format!("/v2/{id}/status"), None).await.json()
    }

    /// A call to Digiflazz.
    pub(crate) async fn digiflazz(&self, path: &str, body: &Value) -> Answer {
        let request = self.request("POST", &format!("/sandbox/digiflazz/v1/{path}"));
        self.send(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// A purchase, or a question about one.
    pub(crate) async fn buy(&self, ref_id: &str, sku: &str, customer_no: &str) -> Value {
        self.digiflazz("transaction", &purchase(ref_id, sku, customer_no)).await.json()["data"].clone()
    }

    /// Scripts the supplier.
    pub(crate) async fn script(&self, body: Value) {
        let answer = self.control("/sandbox/supplier", body).await;
        assert_eq!(answer.http, 200, "{}", answer.text);
    }

    /// The one purchase with this reference, as the supplier's books have it.
    pub(crate) async fn purchase(&self, ref_id: &str) -> Value {
        let books = self.books().await;
        let all = books["digiflazz"]["transactions"].as_array().unwrap();
        let mut found = all.iter().filter(|t| t["ref_id"] == ref_id);
        let one = found.next().unwrap_or_else(|| panic!("{ref_id} is not in the books")).clone();
        assert!(found.next().is_none(), "{ref_id} is twice in the books");
        one
    }

    pub(crate) async fn deposit(&self) -> i64 {
        self.books().await["digiflazz"]["deposit"].as_i64().unwrap()
    }
}

pub(crate) fn gopay(order_id: &str, amount: i64) -> Value {
    json!({"payment_type": "gopay", "transaction_details": {"order_id": order_id, "gross_amount": amount}})
}

pub(crate) fn ovo(order_id: &str, amount: i64, phone: &str) -> Value {
    json!({
        "payment_type": "ovo", "transaction_details": {"order_id": order_id, "gross_amount": amount},
        "ovo": {"payer_phone_number": phone},
    })
}

pub(crate) fn snap(order_id: &str, amount: i64, methods: &[&str]) -> Value {
    json!({
        "transaction_details": {"order_id": order_id, "gross_amount": amount}, "enabled_payments": methods,
    })
}

pub(crate) fn sign(text: &str) -> String {
    hex::encode(Md5::digest(format!("loketdev-loket-sandbox{text}")))
}

pub(crate) fn purchase(ref_id: &str, sku: &str, customer_no: &str) -> Value {
    json!({"username": "loket", "buyer_sku_code": sku, "customer_no": customer_no, "ref_id": ref_id, "sign": sign(ref_id)})
}

/// HMAC-SHA1 from its definition, over the raw text.
pub(crate) fn hub_signature(raw: &str, secret: &str) -> String {
    use sha1::Sha1;
    let mut key = [0_u8; 64];
    key.iter_mut().zip(secret.bytes()).for_each(|(k, b)| *k = b);
    let pad = |with: u8| key.iter().map(|k| k ^ with).collect::<Vec<u8>>();
    let inner = Sha1::digest([pad(0x36).as_slice(), raw.as_bytes()].concat());
    format!("sha1={}", hex::encode(Sha1::digest([pad(0x5C).as_slice(), inner.as_slice()].concat())))
}

/// `signature_key` as the contract says, over the strings of the body.
pub(crate) fn signature_key(body: &Value) -> String {
    let part = |name: &str| body[name].as_str().unwrap().to_owned();
    let text = format!("{}{}{}{SERVER_KEY}", part("order_id"), part("status_code"), part("gross_amount"));
    hex::encode(Sha512::digest(text))
}

/// Waits until the look-up finds something.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..2_400 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what}: not within a minute");
}

/// The names of an object's fields, sorted.
pub(crate) fn fields(object: &Value) -> Vec<String> {
    let mut names: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}
