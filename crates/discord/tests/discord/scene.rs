//! A shop with a desk on Discord, a clock that stands still, parties that are not there, and somebody who
//! presses its buttons. Requests are signed as Discord signs them.

use crate::{
    envelope::{self, APPLICATION, BUYER, From, Place},
    limits,
};
use catalog::{
    Validator,
    account::Game,
    validation::{Nickname, NicknameSource, Settings as Checking, Word},
};
use database::{Database, FromRow, Sql, sql};
use discord::{Desk, Outcome, Settings, interaction};
use ed25519_dalek::{Signer as _, SigningKey};
use orders::{FeeAboveMargin, Order, RefundRules, RefundTarget, Rules, Shop};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Sent, StatusOutcome,
    WebhookRefusal,
};
use security::Vault;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use testkit::TestDatabase;
use vocabulary::{Account, Actor, BuyerId, Clock, Ids, OrderNumber, PaymentMethod, Timestamp};

/// 2026-11-22 12:00:00 WIB.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);

struct Unreachable(&'static [PaymentMethod]);

const METHODS: &[PaymentMethod] = &[PaymentMethod::GopayQr, PaymentMethod::GopayLink, PaymentMethod::OvoPush];

fn say<T: Send + 'static>(answer: T) -> Pending<'static, T> {
    Box::pin(async move { answer })
}

impl Gateway for Unreachable {
    fn name(&self) -> &'static str {
        "midtrans"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        self.0
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/midtrans"
    }
    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::ZERO
    }
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }
    fn charge<'a>(&'a self, _: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        say(ChargeOutcome::NotOpened { reason: "unreachable".into(), retry_after: None })
    }
    fn status<'a>(&'a self, _: &'a Sent) -> Pending<'a, StatusOutcome> {
        say(StatusOutcome::NotFound)
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        say(CloseOutcome::NotFound)
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        say(CloseOutcome::NotFound)
    }
    fn refund<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async {
            payments::RefundOutcome::NotTaken { reason: "unreachable".into(), retry_after: None }
        })
    }
    fn refund_status<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async { payments::RefundOutcome::NotFound })
    }
    fn verify_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<Notification, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

struct Silent;

impl Supplier for Silent {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        say(Report::bare(Verdict::NotSent, "unreachable"))
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        Err(suppliers::WebhookRefusal::BadSignature)
    }
}

/// Knows Mobile Legends: ids ending in 404 do not exist, 503 nobody answers, others are called by a name
/// that is full of markup.
struct Names;

pub(crate) const NAME: &str = "**Kirana** <@1> https://x";

impl NicknameSource for Names {
    fn name(&self) -> &'static str {
        "names"
    }
    fn knows(&self, game: Game) -> bool {
        game == Game::MobileLegends
    }
    fn look_up<'a>(&'a self, _: Game, account: &'a Account, _: Duration) -> Pending<'a, Word> {
        say(match account.user_id() {
            id if id.ends_with("404") => Word::NotFound,
            id if id.ends_with("503") => Word::Down { why: "down".into() },
            _ => Word::Found { nickname: Nickname::clean(NAME) },
        })
    }
}

/// A desk, and who presses its buttons.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    locale: &'static str,
    next: AtomicU64,
    _kept: Option<TestDatabase>,
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

impl Scene {
    /// On a SQLite file of its own, for what does not depend on the engine.
    pub(crate) async fn on_sqlite() -> Scene {
        let db = testkit::shop_sqlite().await;
        let scene = Scene::open(&db).await;
        Scene { _kept: Some(db), ..scene }
    }

    /// The base catalog, every product in stock.
    pub(crate) async fn open(db: &Database) -> Scene {
        Scene::with(db, &catalog::base().unwrap()).await
    }

    pub(crate) async fn with(db: &Database, file: &catalog::Catalog) -> Scene {
        // What fails becomes store credit at once: these tests are about what is shown of it.
        let refunds = RefundRules { automatic: RefundTarget::Wallet, ..RefundRules::default() };
        let public_url = Some("https://shop.example".into());
        let shop = Shop {
            db: db.clone(),
            clock: Clock::manual(NOON),
            ids: Ids::random(),
            gateways: Arc::new(vec![Arc::new(Unreachable(METHODS))]),
            circuits: Arc::default(),
            suppliers: Arc::new(vec![Arc::new(Silent)]),
            couriers: Arc::default(),
            vault: Vault::throw_away().unwrap(),
            rules: Arc::new(Rules { public_url, refunds, ..Rules::default() }),
            validator: Validator::new(vec![Arc::new(Names)], Checking::default()),
        };
        shop.seed_catalog(file, &Actor::system()).await.unwrap();
        let public_key = hex::encode(key().verifying_key().as_bytes());
        let settings = Settings::new(&public_key, APPLICATION).unwrap();
        let next = AtomicU64::new(1_200_000_000_000_000_001);
        Scene { desk: Desk { shop, settings }, locale: "en-US", next, _kept: None }
    }

    /// With a gateway that collects by everything.
    pub(crate) fn by_every_method(mut self) -> Scene {
        self.desk.shop.gateways = Arc::new(vec![Arc::new(Unreachable(PaymentMethod::ALL))]);
        self
    }

    /// The same where every method is offered, though 86 diamonds leave Rp 2.000.
    pub(crate) fn bearing_any_fee(mut self) -> Scene {
        let rules = (*self.desk.shop.rules).clone();
        self.desk.shop.rules = Arc::new(Rules { fee_above_margin: FeeAboveMargin::Allow, ..rules });
        self
    }

    /// With an Indonesian client from here on.
    pub(crate) fn in_indonesian(self) -> Scene {
        Scene { locale: "id", ..self }
    }

    /// The same shop after a restart: other connections, the same key, and nothing in memory.
    pub(crate) async fn restarted(&self, db: &TestDatabase) -> Scene {
        let shop = Shop {
            db: db.second().await,
            ids: Ids::random(),
            validator: Validator::new(vec![Arc::new(Names)], Checking::default()),
            ..self.shop().clone()
        };
        let next = AtomicU64::new(self.next.load(Ordering::SeqCst));
        let settings = self.desk.settings.clone();
        Scene { desk: Desk { shop, settings }, locale: self.locale, next, _kept: None }
    }

    pub(crate) fn shop(&self) -> &Shop {
        &self.desk.shop
    }

    /// The buyer in a server; a new interaction each time.
    pub(crate) fn from(&self) -> From<'static> {
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        From { id, user: BUYER, place: Place::Server, locale: self.locale }
    }

    /// Sends a body as Discord signs it now.
    pub(crate) async fn send_raw(&self, body: &[u8]) -> Outcome {
        let timestamp = (self.shop().clock.real_now().millis() / 1_000).to_string();
        let message = [timestamp.as_bytes(), body].concat();
        let signature = hex::encode(key().sign(&message).to_bytes());
        interaction(&self.desk, Some(&signature), Some(&timestamp), body).await
    }

    /// Sends an interaction and holds the answer against Discord's limits.
    pub(crate) async fn send(&self, interaction: &Value) -> Value {
        let outcome = self.send_raw(interaction.to_string().as_bytes()).await;
        assert_eq!(outcome.status, 200, "{}", outcome.json);
        limits::check(&outcome.json, interaction["type"].as_u64().unwrap());
        limits::keep("interaction_response", &outcome.json);
        outcome.json
    }

    pub(crate) async fn command(&self, name: &str, options: &[(&str, &str)]) -> Value {
        self.send(&envelope::command(self.from(), name, options)).await
    }

    /// Presses the button of this label.
    pub(crate) async fn press(&self, reply: &Value, label: &str) -> Value {
        self.send(&envelope::component(self.from(), &button(reply, label), None)).await
    }

    /// Picks a value from the one select.
    pub(crate) async fn pick(&self, reply: &Value, value: &str) -> Value {
        self.send(&envelope::component(self.from(), &select(reply), Some(value))).await
    }

    /// Fills in the form.
    pub(crate) async fn fill(&self, reply: &Value, fields: &[(&str, &str)]) -> Value {
        let id = reply["data"]["custom_id"].as_str().unwrap_or_else(|| panic!("no form: {reply}"));
        self.send(&envelope::modal(self.from(), id, fields)).await
    }

    /// Every value that a statement finds.
    pub(crate) async fn all<T: FromRow>(&self, text: &'static str) -> Vec<T> {
        let mut tx = self.shop().db.read("test").await.unwrap();
        Sql::same(text).query().all(&mut tx).await.unwrap()
    }

    /// Runs a statement that is made up for this test.
    pub(crate) async fn made(&self, text: String) {
        self.run(Box::leak(text.into_boxed_str())).await;
    }

    pub(crate) async fn run(&self, text: &'static str) {
        let mut tx = self.shop().db.write("test").await.unwrap();
        Sql::same(text).query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What the courier shows on the latest screen that owes an answer.
    pub(crate) async fn owed(&self) -> Value {
        let tasks: Vec<String> = self
            .all("SELECT task FROM screen WHERE due_at IS NOT NULL AND order_id IS NULL ORDER BY id DESC")
            .await;
        let body = discord::render_answer(self.shop(), &tasks[0]).await.unwrap();
        limits::message(&body);
        limits::keep("webhook_edit", &body);
        // As an answer, so that its buttons can be pressed.
        serde_json::json!({"data": body})
    }

    /// The one order there is.
    pub(crate) async fn order(&self) -> Order {
        let numbers: Vec<OrderNumber> = self.all("SELECT number FROM shop_order").await;
        assert_eq!(numbers.len(), 1, "{numbers:?}");
        let mut tx = self.shop().db.read("test").await.unwrap();
        orders::order_by_number(&mut tx, &numbers[0]).await.unwrap().unwrap()
    }

    /// The question whether this account of Mobile Legends is the right one.
    pub(crate) async fn asked_about(&self, user_id: &str) -> Value {
        let options = [("game", "ML"), ("product", "ML_86"), ("user_id", user_id), ("server", "1234")];
        let reply = self.command("topup", &options).await;
        if reply["type"] == 5 { self.owed().await } else { reply }
    }

    /// An order of Mobile Legends by this way, and the answer that shows it.
    pub(crate) async fn bought(&self, method: &str) -> (Order, Value) {
        let options = [("game", "ML"), ("product", "ML_86"), ("user_id", "123456789"), ("server", "1234")];
        assert_eq!(self.command("topup", &options).await["type"], 5);
        let asked = self.owed().await;
        let ways = self.press(&asked, "Yes, choose how to pay").await;
        let card = self.pick(&ways, method).await;
        (self.order().await, card)
    }

    /// The gateway has opened the payment, with a QR code.
    pub(crate) async fn payment_opens(&self) {
        self.run("UPDATE payment SET state = 'open', qr_string = '000201-QR', gateway_transaction_id = 'T'")
            .await;
    }

    pub(crate) async fn fund(&self, amount: i64) {
        let buyer: BuyerId = format!("discord:{BUYER}").parse().unwrap();
        let mut tx = self.shop().db.write("test").await.unwrap();
        sql!("INSERT INTO wallet (buyer, balance, updated_at) VALUES ($1, $2, 0)")
            .bind(&buyer)
            .bind(amount)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

/// Every part of a message, however deep.
fn parts(reply: &Value) -> Vec<&Value> {
    fn walk<'a>(part: &'a Value, found: &mut Vec<&'a Value>) {
        found.push(part);
        part["components"].as_array().into_iter().flatten().for_each(|child| walk(child, found));
    }
    let mut found = Vec::new();
    reply["data"]["components"].as_array().into_iter().flatten().for_each(|part| walk(part, &mut found));
    found
}

/// The id of the button of this label.
pub(crate) fn button(reply: &Value, label: &str) -> String {
    let found = parts(reply).into_iter().find(|p| p["type"] == 2 && p["label"] == label);
    found.unwrap_or_else(|| panic!("no button `{label}`: {reply}"))["custom_id"].as_str().unwrap().to_owned()
}

pub(crate) fn has_button(reply: &Value, label: &str) -> bool {
    parts(reply).into_iter().any(|p| p["type"] == 2 && p["label"] == label)
}

/// The id of the one select.
pub(crate) fn select(reply: &Value) -> String {
    let found = parts(reply).into_iter().find(|p| p["type"] == 3);
    found.unwrap_or_else(|| panic!("no select: {reply}"))["custom_id"].as_str().unwrap().to_owned()
}

/// The values of the one select.
pub(crate) fn values(reply: &Value) -> Vec<String> {
    let found = parts(reply).into_iter().find(|p| p["type"] == 3);
    let options = found.unwrap_or_else(|| panic!("no select: {reply}"))["options"].as_array().unwrap();
    options.iter().map(|o| o["value"].as_str().unwrap().to_owned()).collect()
}

/// Everything that is said.
pub(crate) fn text(reply: &Value) -> String {
    let said = parts(reply).into_iter().filter_map(|p| p["content"].as_str());
    said.collect::<Vec<_>>().join("\n")
}
