//! What a person, a gateway or a supplier does to the shop from outside, for the tests of failures.

use crate::harness::World;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Digest as _;
use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// The key that the gateway signs with in the sandbox.
const SERVER_KEY: &str = "SB-Mid-server-loket-sandbox";
/// The secret that the supplier signs with in the sandbox.
const WEBHOOK_SECRET: &str = "loket-sandbox-secret";

impl World {
    /// Switches a fault on.
    pub(crate) async fn fault(&self, target: &str, fault: &str, more: Value) {
        let mut body = json!({"target": target, "fault": fault});
        extend(&mut body, more);
        let (status, answer) = self.simulate("faults", body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Switches all faults off.
    pub(crate) async fn clear_faults(&self) {
        let url = format!("{}/sandbox/faults", self.simulators.base());
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }

    /// A payment of this amount is made at the gateway under this reference, not by the shop.
    pub(crate) async fn charge_beside(&self, reference: &str, amount: i64) {
        let url = format!("{}/sandbox/midtrans/v2/charge", self.simulators.base());
        let details = json!({"order_id": reference, "gross_amount": amount});
        let body = json!({"payment_type": "gopay", "transaction_details": details});
        let request = self.http.post(url).basic_auth(SERVER_KEY, Some("")).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["status_code"], "201", "{answer}");
    }

    /// Scripts the supplier's answer to the next purchase.
    pub(crate) async fn script(&self, outcome: &str, more: Value) {
        let mut body = json!({"target": "digiflazz", "outcome": outcome});
        extend(&mut body, more);
        let (status, answer) = self.simulate("supplier", body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Pays as the buyer, which must succeed.
    pub(crate) async fn paid(&self, number: &str) {
        let (status, answer) = self.pay(number, "settle").await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Pays although the time for paying is over.
    pub(crate) async fn paid_late(&self, number: &str) {
        let body = json!({"reference": number, "outcome": "settle", "late": true});
        let (status, answer) = self.simulate("pay", body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Sends the shop a webhook.
    pub(crate) async fn webhook(
        &self,
        source: &str,
        signature: Option<&str>,
        body: &str,
    ) -> (StatusCode, String) {
        let mut request = self.http.post(self.url(&format!("/webhooks/{source}")));
        if let Some(signature) = signature {
            request = request.header("X-Hub-Signature", signature);
        }
        let response =
            request.header("Content-Type", "application/json").body(body.to_owned()).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// The supplier says something about an attempt, rightly signed.
    pub(crate) async fn supplier_says(&self, reference: &str, status: &str, rc: &str) {
        let body = json!({"data": {
            "ref_id": reference, "customer_no": "111491774613486", "buyer_sku_code": "ml86", "message": "Transaksi",
            "status": status, "rc": rc, "buyer_last_saldo": 1, "sn": "SN-1", "price": 18_000, "tele": "", "wa": ""
        }});
        let body = body.to_string();
        let (status, text) = self.webhook("digiflazz", Some(&hub_signature(&body)), &body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
    }

    /// Sends the shop the same webhook many times at once; every answer must be 200.
    pub(crate) async fn webhook_storm(&self, source: &str, signature: Option<&str>, body: &str) {
        let mut storm = tokio::task::JoinSet::new();
        for _ in 0..24 {
            let mut request = self.http.post(self.url(&format!("/webhooks/{source}"))).body(body.to_owned());
            if let Some(signature) = signature {
                request = request.header("X-Hub-Signature", signature);
            }
            storm.spawn(async move { request.send().await.unwrap().status() });
        }
        for status in storm.join_all().await {
            assert_eq!(status, StatusCode::OK);
        }
    }

    /// What the inbox holds of one body: in how many rows, and how often it came.
    pub(crate) async fn inbox(&self, body: &str) -> (i64, i64) {
        let rows = self.database().await;
        let mut tx = rows.read("test.inbox").await.unwrap();
        let counted: (i64, i64) = database::sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(times_received), 0) AS BIGINT) FROM webhook_inbox WHERE body_hash = $1"
        )
        .bind(hex::encode(sha2::Sha256::digest(body)))
        .one(&mut tx)
        .await
        .unwrap();
        drop(tx);
        rows.close().await;
        counted
    }

    /// The webhooks of one kind that a party made for an order, sent or not.
    pub(crate) async fn webhooks(&self, party: &str, number: &str, event: &str) -> Vec<Value> {
        let books = self.books(number).await;
        let all = books[party]["webhooks"].as_array().unwrap();
        all.iter().filter(|w| w["event"] == event).cloned().collect()
    }

    /// Waits until such a webhook was tried at least once.
    pub(crate) async fn webhook_tried(&self, party: &str, number: &str, event: &str) -> Value {
        let started = Instant::now();
        loop {
            let found = self.webhooks(party, number, event).await;
            if let Some(tried) =
                found.into_iter().find(|w| w["attempts"].as_array().is_some_and(|a| !a.is_empty()))
            {
                return tried;
            }
            patience(started, &format!("the {event} webhook of {number}"));
            nap().await;
        }
    }

    /// How often a party was asked with this in the path or body.
    pub(crate) async fn requests(&self, party: &str, path: &str, about: &str) -> Vec<Value> {
        let books = self.books("").await;
        let all = books[party]["requests"].as_array().unwrap();
        let fits = |r: &&Value| {
            let (at, body) = (r["path"].as_str().unwrap(), r["body"].as_str().unwrap());
            at.contains(path) && (at.contains(about) || body.contains(about))
        };
        let mut found: Vec<Value> = all.iter().filter(fits).cloned().collect();
        found.reverse();
        found
    }

    /// Waits until the gateway was asked about this payment once more than `before`.
    pub(crate) async fn asked_again(&self, number: &str, before: usize) {
        let started = Instant::now();
        while self.requests("midtrans", "/status", &format!("{number}-P1")).await.len() <= before {
            patience(started, &format!("a question about {number}"));
            nap().await;
        }
        // What was answered is written down a moment later.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// Waits until the supplier was asked this often about an attempt.
    pub(crate) async fn supplier_asked(&self, reference: &str, times: usize) {
        let started = Instant::now();
        loop {
            let asked = self.requests("digiflazz", "/transaction", reference).await.len();
            if asked >= times {
                return tokio::time::sleep(Duration::from_millis(200)).await;
            }
            patience(started, &format!("question {times} about {reference}, which was asked {asked} times"));
            nap().await;
        }
    }

    /// The supplier was never asked about the order twice within a minute of business time.
    pub(crate) async fn assert_supplier_not_hurried(&self, number: &str) {
        let requests = self.requests("digiflazz", "/transaction", number).await;
        for pair in requests.windows(2) {
            let gap = millis(&pair[1]) - millis(&pair[0]);
            let same = reference(&pair[0]) == reference(&pair[1]);
            assert!(!same || gap >= 60_000, "{gap} ms between two questions: {pair:#?}");
        }
        for request in requests {
            let answer = request["answer"].as_str().unwrap();
            assert!(!answer.contains("\"rc\":\"85\""), "{answer}");
        }
    }

    /// Moves business time forward, when the shop can.
    pub(crate) async fn advance_if_possible(&self, seconds: u64) -> Option<()> {
        let request = self.http.post(self.url("/sandbox/clock")).json(&json!({"advance_seconds": seconds}));
        request.send().await.ok().filter(|r| r.status().is_success()).map(|_| ())
    }

    /// A member of staff decides about an order, beside the server.
    pub(crate) async fn staff(&self, action: &str, number: &str) {
        let mut arguments = vec!["order", action, number, "--by", "rina"];
        if action == "refund" {
            // Where to, the tests of refunds say themselves.
            arguments.extend(["--to", "wallet"]);
        }
        let (code, text) = self.command(&arguments).await;
        assert_eq!(code, Some(0), "{action} {number}: {text}");
    }

    /// Everything that the shop has about an order.
    pub(crate) async fn file(&self, number: &str) -> Value {
        self.printed(&["order", "show", number, "--json"]).await
    }

    /// What was delivered, as staff see it who ask for it.
    pub(crate) async fn serial(&self, number: &str) -> String {
        let file = self.printed(&["order", "show", number, "--reveal", "--by", "rina", "--json"]).await;
        file["serial_number"].as_str().expect("a serial number").to_owned()
    }

    /// The JSON that a command prints.
    pub(crate) async fn printed(&self, arguments: &[&str]) -> Value {
        let (code, text) = self.command(arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Whether an alert of this kind is open about this subject.
    pub(crate) async fn alert(&self, kind: &str, subject: &str) -> bool {
        let alerts = self.printed(&["alerts", "--json"]).await;
        alerts.as_array().unwrap().iter().any(|a| a["kind"] == kind && a["subject"] == subject)
    }

    /// What the ledger put into the buyer's wallet because of an order (negative when it took).
    pub(crate) async fn wallet_change(&self, number: &str) -> i64 {
        let file = self.file(number).await;
        let lines = file["ledger"].as_array().unwrap();
        let wallet = lines.iter().filter(|l| l["account"].as_str().unwrap().starts_with("wallet:"));
        -wallet.map(|l| l["amount"].as_i64().unwrap()).sum::<i64>()
    }

    /// Waits until the timeline of an order has this line.
    pub(crate) async fn until_told(&self, number: &str, kind: &str) -> Value {
        let started = Instant::now();
        loop {
            let order = self.order(number).await.unwrap();
            if told(&order, kind) {
                return order;
            }
            patience(started, &format!("{kind} in {order:#}"));
            nap().await;
        }
    }

    /// Waits until an attempt of the order is in this state.
    pub(crate) async fn until_attempt(&self, number: &str, state: &str) {
        let started = Instant::now();
        loop {
            let file = self.file(number).await;
            if file["attempts"].as_array().unwrap().last().is_some_and(|a| a["state"] == state) {
                return;
            }
            patience(started, &format!("an attempt that is {state} in {file:#}"));
            nap().await;
        }
    }

    /// How many pieces of a product can be bought.
    pub(crate) async fn stock(&self, category: &str, product: &str) -> i64 {
        let url = self.url(&format!("/api/v1/game/products/{category}"));
        let products: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        let found = products.as_array().unwrap().iter().find(|p| p["code"] == product);
        found.map_or(0, |p| p["stock"].as_i64().unwrap())
    }

    /// Imports the present catalog with one text replaced by another.
    pub(crate) async fn change_catalog(&self, from: &str, to: &str) {
        let (code, catalog) = self.command(&["catalog", "export"]).await;
        assert_eq!(code, Some(0), "{catalog}");
        assert!(catalog.contains(from), "{from} is not in {catalog}");
        let path = self.folder().join("changed.csv");
        std::fs::write(&path, catalog.replace(from, to)).unwrap();
        let (code, text) = self.command(&["catalog", "import", path.to_str().unwrap()]).await;
        assert_eq!(code, Some(0), "{text}");
    }

    /// Buys something else with the store credit of this buyer, and gets it.
    pub(crate) async fn spend_wallet(&self, buyer: &str, product: Value) {
        let mut change = json!({"buyer": buyer, "payment_method": "wallet"});
        extend(&mut change, product);
        // What has failed is not sent for the same number again within a minute.
        self.advance(60).await.unwrap();
        let number = self.placed(&format!("wallet-of-{buyer}"), change).await;
        self.until(&number, "delivered").await;
        assert!(self.wallet_change(&number).await < 0, "the credit was not spent");
    }
}

fn extend(body: &mut Value, more: Value) {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
}

/// Whether the timeline has this line.
pub(crate) fn told(order: &Value, kind: &str) -> bool {
    order["timeline"].as_array().unwrap().iter().any(|t| t["kind"] == kind)
}

/// Fails when something takes too long.
pub(crate) fn patience(started: Instant, what: &str) {
    assert!(started.elapsed() < Duration::from_secs(120), "waited too long for {what}");
}

/// A short pause between two looks.
pub(crate) async fn nap() {
    tokio::time::sleep(Duration::from_millis(60)).await;
}

/// A notification as the gateway would sign it.
pub(crate) fn notification(reference: &str, code: &str, amount: &str, status: &str) -> Value {
    let signature = sum("sha512sum", format!("{reference}{code}{amount}{SERVER_KEY}").as_bytes());
    json!({
        "status_code": code, "status_message": "midtrans payment notification", "order_id": reference,
        "transaction_id": "b58dcdee-8b8c-4d5c-9d3a-0f0f0f0f0f0f", "gross_amount": amount, "payment_type": "gopay",
        "transaction_time": "2026-11-22 12:00:00", "transaction_status": status, "fraud_status": "accept",
        "merchant_id": "G000000000", "currency": "IDR", "signature_key": signature
    })
}

/// The signature that the supplier would put on this body.
pub(crate) fn hub_signature(body: &str) -> String {
    hub_signature_with(WEBHOOK_SECRET, body)
}

/// HMAC-SHA1 of a body with a secret, as the supplier writes it.
pub(crate) fn hub_signature_with(secret: &str, body: &str) -> String {
    let mut key = secret.as_bytes().to_vec();
    key.resize(64, 0);
    let pad = |with: u8| key.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = sum("sha1sum", &[pad(0x36), body.as_bytes().to_vec()].concat());
    let bytes = |at: usize| u8::from_str_radix(&inner[at..at + 2], 16).unwrap();
    let inner: Vec<u8> = (0..inner.len()).step_by(2).map(bytes).collect();
    format!("sha1={}", sum("sha1sum", &[pad(0x5C), inner].concat()))
}

/// A checksum, by the system's own tool: not by code of ours.
pub(crate) fn sum(tool: &str, bytes: &[u8]) -> String {
    let mut child = Command::new(tool).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(tool);
    child.stdin.take().expect("its input").write_all(bytes).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).split_whitespace().next().expect("a sum").to_owned()
}

fn reference(request: &Value) -> String {
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    body["ref_id"].as_str().unwrap().to_owned()
}

/// When a request came, in milliseconds of business time.
pub(crate) fn millis(request: &Value) -> i64 {
    let at = request["at"].as_str().unwrap();
    let part = |from: usize, to: usize| at[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    // Days since a day long ago, by the civil calendar with the year beginning in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day;
    ((days * 24 + part(11, 13)) * 60 + part(14, 16)) * 60_000 + part(17, 19) * 1_000 + part(20, 23)
}
