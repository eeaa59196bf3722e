//! One purchase of the matrix: who buys, what is switched on against it, and what its buyer does.

use super::{
    grid::Place,
    lists::{Cell, End, OF_PRODUCT, Part, Strikes},
};
use crate::{
    discord::client::{choice, click, order_number},
    harness::{API_KEY, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

/// What 86 diamonds cost.
pub(super) const PRICE: i64 = 20_000;
/// The zone of every account.
const ZONE: &str = "2114";
/// More often than anything happens in one purchase.
const ALWAYS: u32 = 1_000;
/// States of a payment that nobody can pay.
const OVER: [&str; 4] = ["denied", "expired", "cancelled", "given_up"];
/// How often a buyer tries to pay an order whose payment came to nothing.
const TRIES: u32 = 5;
/// What a shop says that has more to do than it can: the same may be asked for once more.
const BUSY: &str = "sedang sangat sibuk";
/// The key of a person in the shop.
pub(super) const STAFF_KEY: &str = "rina-of-the-matrix-0123456789";
/// More than any deposit.
const TOO_DEAR: i64 = 1_000_000_000;

/// A purchase, from the place that it is made for to how it stands.
#[derive(Clone)]
pub(super) struct Purchase {
    pub(super) place: Place,
    pub(super) end: End,
    index: usize,
    pub(super) number: String,
    /// The page to pay on, when a chat led there.
    page: Option<String>,
    /// What was switched on: operation and count.
    pub(super) armed: Vec<(String, i64)>,
    pub(super) paid: bool,
    pub(super) tries: u32,
    /// A person has decided about it.
    pub(super) called: bool,
    pub(super) state: String,
}

/// What a buyer, or a person in the shop, is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Pay,
    TryAgain,
    Approve,
    GiveBack,
}

impl Purchase {
    /// The purchase of a place, if one is to be made there.
    pub(super) fn of(place: Place, index: usize) -> Option<Purchase> {
        let Cell::Ends(end) = place.cell else { return None };
        Some(Purchase {
            place,
            end,
            index,
            number: String::new(),
            page: None,
            armed: Vec::new(),
            paid: false,
            tries: 0,
            called: false,
            state: String::new(),
        })
    }

    /// Which one it is, for a message.
    pub(super) fn label(&self) -> String {
        let Place { method, party, fault, .. } = &self.place;
        format!("{} at {} under {} ({})", fault.name, party.title(), method.name, self.number)
    }

    /// By what a party knows this purchase in what it is asked: one that takes no reference of ours by the account.
    fn known_as(&self) -> String {
        if self.place.party.name == "vip-reseller" { self.account() } else { self.number.clone() }
    }

    /// Whether it is looked for at its supplier among the newest purchases of all: so it is paid for after the others, and
    /// is one of those.
    pub(super) fn is_looked_for(&self) -> bool {
        let lost = ["timeout_after_effect", "garbage"].contains(&self.place.fault.name);
        lost && self.place.party.name == "vip-reseller"
    }

    fn in_chat(&self) -> bool {
        self.place.party.part == Part::Chat
    }

    pub(super) fn is_by_wallet(&self) -> bool {
        self.place.method.name == "wallet"
    }

    /// An account that is nobody else's, and of which every source knows the name.
    pub(super) fn account(&self) -> String {
        format!("52{:05}11", self.index)
    }

    /// The account as the supplier of this purchase writes it.
    pub(super) fn customer(&self) -> String {
        customer(self.supplier(), &self.account())
    }

    /// Who delivers what is bought.
    pub(super) fn supplier(&self) -> &'static str {
        if self.place.party.part == Part::Supplier { self.place.party.name } else { "digiflazz" }
    }

    fn phone(&self) -> String {
        format!("0812{:06}11", self.index)
    }

    /// Its buyer's id on Discord.
    pub(super) fn member(&self) -> String {
        (1_290_000_000_000_100_000 + self.index).to_string()
    }

    /// Fills the wallet of its buyer: something else is paid for, for another account, and cannot be delivered.
    pub(super) async fn fills_wallet(self, world: &World) -> Purchase {
        let account = format!("53{:05}11", self.index);
        script(
            world,
            json!({"target": "digiflazz", "customer_no": customer("digiflazz", &account), "outcome": "fail",
            "rc": "54"}),
        )
        .await;
        let mut first = self.clone();
        first.order(world, ("ML_172", &account), "gopay_qr").await;
        // On a busy machine it takes a while until there is something to pay.
        for _ in 0..20 {
            if !first.paid {
                first.pays(world).await;
            }
        }
        assert!(first.paid, "{}: the credit was not paid for", first.label());
        Purchase { number: first.number, ..self }
    }

    /// Says what becomes of it at its supplier.
    async fn scripted(&self, world: &World, outcome: &str, more: (&str, Value)) {
        let target = self.supplier();
        let told = if target == "digiflazz" { self.customer() } else { self.account() };
        let mut how = json!({"target": target, "customer_no": told, "outcome": outcome});
        how[more.0] = more.1;
        script(world, how).await;
    }

    /// Says what becomes of it at its supplier, where a fault needs that.
    async fn has_its_course(&self, world: &World) {
        let never = ("rc", json!("54"));
        match (self.place.party.part, self.place.fault.strikes, self.supplier()) {
            (Part::Returns, ..) | (Part::Supplier, Strikes::Errors, "digiflazz") => {
                self.scripted(world, "fail", never).await;
            }
            // The first time our deposit does not reach.
            (Part::Supplier, Strikes::Errors, "vip-reseller") => {
                self.scripted(world, "success", ("price", json!(TOO_DEAR))).await;
            }
            // A webhook matters where the answer says *pending*.
            (Part::Supplier, Strikes::Told | Strikes::Words(_), _) => {
                self.scripted(world, "pending_then_success", ("then_after_ms", json!(30_000))).await;
            }
            _ => {}
        }
    }

    /// Orders, and switches on what is to go wrong.
    pub(super) async fn begins(mut self, world: &World) -> Purchase {
        let fault = self.place.fault;
        self.has_its_course(world).await;
        if self.in_chat() && fault.strikes == Strikes::Told {
            self.spoil_interactions(world).await;
        }
        let (method, account) = (self.place.method.name, self.account());
        self.order(world, ("ML_86", &account), method).await;
        self.spoil(world).await;
        if self.in_chat() && !self.is_by_wallet() {
            self.pays(world).await;
        }
        self
    }

    /// What a member does comes wrongly: each step once, or every time where nothing is lost by it.
    async fn spoil_interactions(&mut self, world: &World) {
        let member = self.member();
        let lost = ["drop_webhook", "forge_signature", "missing_signature"].contains(&self.place.fault.name);
        let (count, delay) = if lost { (1, None) } else { (ALWAYS, Some(1_000)) };
        for step in self.place.party.tells {
            self.arm(world, self.place.fault.name, (step, &member), count, delay).await;
        }
    }

    async fn spoil(&mut self, world: &World) {
        let (party, fault) = (self.place.party, self.place.fault);
        let about = self.known_as();
        match fault.strikes {
            Strikes::Asked(count) => {
                let count = if self.in_chat() { 1 } else { count };
                for operation in party.asked {
                    let about = if *operation == OF_PRODUCT { "" } else { about.as_str() };
                    self.arm(world, fault.name, (operation, about), count, fault.delay_ms).await;
                }
            }
            Strikes::Told if self.in_chat() => {}
            Strikes::Told | Strikes::Words(_) => {
                let count = if let Strikes::Words(count) = fault.strikes { count } else { ALWAYS };
                let events = if party.tells.is_empty() { &[""] } else { party.tells };
                for event in events {
                    self.arm(world, fault.name, (event, &about), count, fault.delay_ms).await;
                }
            }
            Strikes::Refund => self.arm(world, fault.name, ("refund", &about), 1, None).await,
            Strikes::Errors => {
                self.arm(world, fault.name, ("", &about), ALWAYS, None).await;
                match (party.part, party.name) {
                    (Part::Returns, _) => {
                        self.switch(world, "insufficient_balance", ("refund", &about), 1, None).await;
                    }
                    // What never arrived is asked about, and that nothing is there is an error.
                    (Part::Gateway, _) | (_, "apigames") => {
                        for operation in party.asked.iter().filter(|operation| **operation != "status") {
                            self.switch(world, "timeout", (operation, &about), 1, Some(200)).await;
                        }
                    }
                    _ => {}
                }
            }
            Strikes::BusyPhone => self.arm(world, fault.name, ("charge", &about), 1, None).await,
        }
    }

    /// Somebody else's push waits on the phone of its buyer, where that is what goes wrong.
    pub(super) async fn busies_phone(&self, world: &World) {
        if self.place.fault.strikes != Strikes::BusyPhone {
            return;
        }
        let url = format!("{}/sandbox/midtrans/v2/charge", world.simulators.base());
        let body = json!({
            "payment_type": "ovo", "ovo": {"payer_phone_number": self.phone()},
            "transaction_details": {"order_id": format!("BESIDE-{}", self.index), "gross_amount": PRICE},
        });
        let request = world.http.post(url).basic_auth("SB-Mid-server-loket-sandbox", Some("")).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["status_code"], "201", "{}: {answer}", self.label());
    }

    /// Switches the fault of its place on.
    async fn arm(&mut self, world: &World, fault: &str, at: (&str, &str), count: u32, delay: Option<u32>) {
        self.switch(world, fault, at, count, delay).await;
        self.armed.push((at.0.to_owned(), i64::from(count)));
    }

    async fn switch(
        &self,
        world: &World,
        fault: &str,
        (operation, reference): (&str, &str),
        count: u32,
        delay_ms: Option<u32>,
    ) {
        let target = self.place.party.name;
        let body = json!({"target": target, "fault": fault, "operation": operation, "reference": reference,
            "count": count, "delay_ms": delay_ms});
        let (status, answer) = insist(world, "faults", body).await;
        assert_eq!(status, StatusCode::OK, "{}: {answer}", self.label());
    }

    /// Orders a product for an account.
    async fn order(&mut self, world: &World, (product, account): (&str, &str), method: &str) {
        if self.in_chat() {
            return self.order_in_chat(world, (product, account), method).await;
        }
        let mut wish = json!({"product_code": product, "user_id": account, "server_id": ZONE,
            "payment_method": method, "buyer": format!("buyer-{}", self.index)});
        if method == "ovo_push" {
            wish["phone"] = json!(self.phone());
        }
        let key = format!("{product}-{}", self.index);
        let (mut status, mut order) = world.place(&key, wish.clone()).await.unwrap();
        for _ in 0..120 {
            if status != StatusCode::SERVICE_UNAVAILABLE {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            (status, order) = world.place(&key, wish.clone()).await.unwrap();
        }
        assert_eq!(status, StatusCode::CREATED, "{}: {order}", self.label());
        self.number = order["number"].as_str().expect("a number").to_owned();
    }

    async fn order_in_chat(&mut self, world: &World, (product, account): (&str, &str), method: &str) {
        let options = json!({"game": "ML", "product": product, "user_id": account, "server": ZONE});
        let mut seen = self.insists(world, json!({"command": {"name": "topup", "options": options}})).await;
        // On a busy machine no source of names answers in time; then one agrees twice.
        for label in ["Lanjut tanpa cek", "ID sudah benar, lanjut", "Benar, pilih cara bayar"] {
            if seen["message"].to_string().contains(label) {
                seen = self.insists(world, click(&seen["message"], label)).await;
            }
        }
        let card = self.insists(world, choice(&seen["message"], method)).await;
        self.number = order_number(&card["message"]);
        if method == "ovo_push" {
            let text = card["message"].to_string();
            let token: String = text
                .split("/pay/")
                .nth(1)
                .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect())
                .unwrap_or_else(|| panic!("{}: no page on {text}", self.label()));
            self.page = Some(world.url(&format!("/pay/{token}")));
            self.gives_phone(world).await;
        }
    }

    /// Does something in the chat, again when it came to nothing: what a member would do.
    async fn insists(&self, world: &World, deed: Value) -> Value {
        let mut seen = Value::Null;
        for _ in 0..8 {
            seen = world.act_raw(&self.member(), deed.clone()).await;
            let outcome = seen["outcome"].as_str().unwrap_or_default();
            let is_nothing = ["failed", "loading", "deferred_update", "other"].contains(&outcome);
            if !is_nothing && !seen.to_string().contains(BUSY) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("{}: {seen:#}", self.label());
    }

    async fn gives_phone(&self, world: &World) {
        let Some(page) = &self.page else { return };
        let form = world
            .http
            .post(format!("{page}/phone"))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = form.body(format!("use=phone&phone={}", self.phone())).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success() || status.is_redirection(), "{}: {status}", self.label());
    }

    /// What is to be done now, if anything.
    pub(super) fn next_deed(&self, payment: &str, attention: &str) -> Option<Deed> {
        match self.state.as_str() {
            "awaiting_payment" if self.paid => None,
            "awaiting_payment" if payment == "open" => Some(Deed::Pay),
            "awaiting_payment" if OVER.contains(&payment) && self.tries < TRIES => Some(Deed::TryAgain),
            "needs_attention" if self.called => None,
            "needs_attention" if self.end == End::Approved => Some(Deed::Approve),
            // One that only waits for its supplier was not sent yet.
            "needs_attention"
                if self.end == End::GivenUp && ["supplier_odd", "supplier_slow"].contains(&attention) =>
            {
                Some(Deed::GiveBack)
            }
            _ => None,
        }
    }

    pub(super) async fn does(mut self, world: &World, deed: Deed) -> Purchase {
        match deed {
            Deed::Pay => self.pays(world).await,
            Deed::TryAgain => self.tries += u32::from(self.tries_again(world).await),
            Deed::Approve => {
                world.staff("approve", &self.number).await;
                self.called = true;
            }
            Deed::GiveBack => self.called = self.is_given_back(world).await,
        }
        self
    }

    /// A person gives the money back. What has moved on meanwhile is looked at again.
    async fn is_given_back(&self, world: &World) -> bool {
        let url = world.url(&format!("/api/v1/staff/orders/{}/refund", self.number));
        let wish = json!({"to": "wallet", "reason": "nobody can tell whether it was bought"});
        let request = world.http.post(url).bearer_auth(STAFF_KEY).header("Idempotency-Key", &self.number);
        let answer = request.json(&wish).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success() || status == StatusCode::CONFLICT, "{}: {status} {text}", self.label());
        status.is_success()
    }

    /// Pays what is there to be paid; what cannot be paid now may be in a moment.
    async fn pays(&mut self, world: &World) {
        let (status, _) = world.pay(&self.number, "settle").await;
        self.paid |= status == StatusCode::OK;
    }

    /// Asks to pay once more, which counts if it can be done now.
    async fn tries_again(&self, world: &World) -> bool {
        if self.page.is_some() {
            self.gives_phone(world).await;
            return true;
        }
        if self.in_chat() {
            return true;
        }
        let url = world.url(&format!("/api/v1/orders/{}/payment", self.number));
        let body = json!({"payment_method": self.place.method.name, "phone": self.phone()});
        let answer = world.http.post(url).bearer_auth(API_KEY).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        // Whoever fails again and again is left alone for a while.
        let rests = status == StatusCode::UNPROCESSABLE_ENTITY && text.contains("tidak bisa dipakai");
        // 409: another try has been opened meanwhile, or the order is over.
        let known = status.is_success() || status == StatusCode::CONFLICT || rests;
        assert!(known, "{}: {status} {text}", self.label());
        !rests
    }
}

/// An account in the zone of all of them, as this supplier writes it.
fn customer(supplier: &str, account: &str) -> String {
    if supplier == "digiflazz" { format!("{account}{ZONE}") } else { format!("{account}|{ZONE}") }
}

async fn script(world: &World, how: Value) {
    let (status, answer) = insist(world, "supplier", how).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// Calls a control of the simulators, again while their books are in use: many shops begin at once.
async fn insist(world: &World, control: &str, body: Value) -> (StatusCode, Value) {
    for _ in 0..120 {
        let (status, answer) = world.simulate(control, body.clone()).await;
        if status != StatusCode::SERVICE_UNAVAILABLE {
            return (status, answer);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    world.simulate(control, body).await
}
