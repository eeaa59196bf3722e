//! A shop with a clock that stands still, a gateway that is not there, and what tests do to it.

use database::{Database, Sql, sql};
use ledger::{Account, Entry, Kind, Posting};
use orders::{Order, PlaceError, Placed, Placement, RefundRules, RefundTarget, Rules, Shop};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Sent, StatusOutcome,
    WebhookRefusal,
};
use security::Vault;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use vocabulary::{
    Actor, BuyerId, Clock, Ids, Locale, OrderNumber, PaymentMethod, ProductCode, Rupiah, Timestamp,
};

/// 2026-11-22 12:00:00 WIB.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);

/// A gateway that nobody reaches: a charge certainly opens nothing.
#[derive(Default)]
pub(crate) struct Unreachable {
    pub(crate) calls: AtomicU32,
}

impl Unreachable {
    fn called<T: Send + 'static>(&self, answer: T) -> Pending<'_, T> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { answer })
    }
}

impl Gateway for Unreachable {
    fn name(&self) -> &'static str {
        "midtrans"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::GopayQr, PaymentMethod::GopayLink, PaymentMethod::OvoPush]
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/midtrans"
    }
    fn shortest(&self, method: PaymentMethod) -> Duration {
        Duration::from_secs(if method == PaymentMethod::OvoPush { 65 } else { 0 })
    }
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }
    fn charge<'a>(&'a self, _: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        self.called(ChargeOutcome::NotOpened { reason: "unreachable".into(), retry_after: None })
    }
    fn status<'a>(&'a self, _: &'a Sent) -> Pending<'a, StatusOutcome> {
        self.called(StatusOutcome::NotFound)
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        self.called(CloseOutcome::NotFound)
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        self.called(CloseOutcome::NotFound)
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

/// A supplier that nobody reaches: a purchase certainly never arrives.
struct Silent;

impl Supplier for Silent {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        let report = Report::bare(Verdict::NotSent, "unreachable");
        Box::pin(async move { report })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        Err(suppliers::WebhookRefusal::BadSignature)
    }
}

/// A shop that sells these products, `(code, price, stock)`.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) shop: Shop,
    pub(crate) gateway: Arc<Unreachable>,
}

pub(crate) const ITEM: &str = "FF_70";

impl Scene {
    pub(crate) async fn selling(db: &Database, products: &[(&str, i64, u32)]) -> Self {
        let gateway = Arc::new(Unreachable::default());
        let shop = Shop {
            db: db.clone(),
            clock: Clock::manual(NOON),
            ids: Ids::random(),
            gateways: Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]),
            circuits: Arc::default(),
            suppliers: Arc::new(vec![Arc::new(Silent)]),
            couriers: Arc::default(),
            vault: Vault::throw_away().unwrap(),
            rules: Arc::new(Scene::rules()),
            validator: catalog::Validator::format_only(),
        };
        let mut file = String::from(
            "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
             supplier,supplier_sku,customer_template,description,active\n",
        );
        for (code, price, stock) in products {
            file.push_str(&format!(
                "FF,Free Fire,🔥,yes,{code},Product {code},{price},1,{stock},1,digiflazz,{code},{{user_id}},,yes\n"
            ));
        }
        let file = catalog::parse(file.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        shop.seed_catalog(&file, &Actor::system()).await.unwrap();
        Scene { shop, gateway }
    }

    /// The rules of these tests: the shop's own, but that what fails becomes store credit at once. Where it goes to its
    /// source is the matter of tests that say so.
    pub(crate) fn rules() -> Rules {
        let refunds = RefundRules { automatic: RefundTarget::Wallet, ..RefundRules::default() };
        Rules { refunds, ..Rules::default() }
    }

    /// Ten pieces of one product at Rp 10.000.
    pub(crate) async fn with_ten(db: &Database) -> Self {
        Scene::selling(db, &[(ITEM, 10_000, 10)]).await
    }

    /// What `buyer` asks for when wanting one piece.
    pub(crate) fn wish(&self, buyer: &str, product: &str) -> Placement {
        Placement {
            owner: "api:test".into(),
            key: self.shop.ids.base32(20).parse().unwrap(),
            request_hash: "hash".into(),
            buyer: buyer.parse().unwrap(),
            product: product.parse().unwrap(),
            user_id: "123456789".into(),
            server_id: None,
            method: PaymentMethod::GopayQr,
            phone: None,
            quote: None,
            locale: Locale::English,
            ip: None,
            origin: orders::Origin::default(),
        }
    }

    pub(crate) async fn buy(&self, buyer: &str, product: &str) -> Result<Placed, PlaceError> {
        self.shop.place(&self.wish(buyer, product)).await
    }

    /// Places an order that must succeed, and reads it back.
    pub(crate) async fn bought(&self, buyer: &str, product: &str) -> Order {
        let placed = self.buy(buyer, product).await.unwrap();
        assert!(!placed.replayed);
        self.order(&placed.number).await
    }

    pub(crate) async fn order(&self, number: &OrderNumber) -> Order {
        let mut tx = self.shop.db.read("test").await.unwrap();
        orders::order_by_number(&mut tx, number).await.unwrap().unwrap()
    }

    /// Gives a buyer store credit that belongs to no order.
    pub(crate) async fn fund(&self, buyer: &str, amount: i64) {
        let buyer: BuyerId = buyer.parse().unwrap();
        let mut tx = self.shop.db.write("test.fund").await.unwrap();
        let line = |account, amount| Posting { account, amount: Rupiah::new(amount) };
        let entry = Entry {
            kind: Kind::Refund,
            reference: format!("gift-{buyer}"),
            order: None,
            postings: vec![line(Account::Escrow, amount), line(Account::Wallet(buyer.clone()), -amount)],
        };
        ledger::post(&mut tx, &self.shop.ids, self.shop.clock.now(), &entry).await.unwrap();
        sql!("INSERT INTO wallet (buyer, balance, updated_at) VALUES ($1, $2, 0)")
            .bind(&buyer)
            .bind(amount)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Makes orders count as delivered to their buyer, at this moment.
    pub(crate) async fn delivered(&self, orders: &[Order], at: Timestamp) {
        let mut tx = self.shop.db.write("test").await.unwrap();
        for order in orders {
            sql!("UPDATE shop_order SET state = 'delivered', delivered_at = $2 WHERE id = $1")
                .bind(&order.id)
                .bind(at)
                .run(&mut tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }

    pub(crate) async fn available(&self) -> u32 {
        let product: ProductCode = ITEM.parse().unwrap();
        let mut tx = self.shop.db.read("test").await.unwrap();
        inventory::available(&mut tx, &product).await.unwrap().unwrap()
    }

    pub(crate) async fn count(&self, statement: Sql) -> i64 {
        let mut tx = self.shop.db.read("test").await.unwrap();
        statement.query().one(&mut tx).await.unwrap()
    }

    /// The books are right, whatever was done to them.
    pub(crate) async fn books_hold(&self) {
        let proof = self.shop.check_ledger().await.unwrap();
        assert_eq!(proof.problems, []);
    }
}
