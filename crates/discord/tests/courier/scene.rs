//! A shop with an order of a buyer on Discord, and a Discord that answers by a script.

use crate::server::{Reply, Seen, Server, answer};
use database::{Database, sql};
use discord::{DiscordCourier, Render, RenderError, Rendered, Rest, RestSettings};
use notifications::{Audience, Message, MessageKind, Screen};
use orders::{Courier, Delivery, Shop};
use outside::{Http, Pending};
use security::Vault;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use vocabulary::{BuyerId, Clock, Ids, OrderId, OrderNumber, Secret, Timestamp};

/// 2026-11-22 12:00:00 WIB.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);
pub(crate) const BUYER: &str = "discord:80351110224678912";
pub(crate) const APPLICATION: &str = "1290000000000000001";

/// What Discord answers to a line such as `POST /api/v10/users/@me/channels`.
pub(crate) type Script = Box<dyn Fn(&str) -> Reply + Send + Sync>;

/// A refusal as Discord writes it.
pub(crate) fn refusal(status: u16, code: i64) -> Reply {
    answer(status, &[], json!({"message": "no", "code": code}).to_string())
}

pub(crate) fn made(id: &str) -> Reply {
    answer(200, &[], json!({"id": id}).to_string())
}

/// Discord.
pub(crate) struct Discord {
    pub(crate) server: Server,
    script: Arc<Mutex<Script>>,
}

impl Discord {
    pub(crate) fn answering(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Discord {
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let told = script.clone();
        let server = Server::start(move |seen| (told.lock().unwrap())(&seen.line));
        Discord { server, script }
    }

    pub(crate) fn now_answers(&self, script: impl Fn(&str) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    pub(crate) fn rest(&self) -> Rest {
        rest(&self.server.url)
    }

    /// Methods and paths so far, without `/api/v10`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.server.seen().iter().map(|seen| seen.line.replace("/api/v10", "")).collect()
    }

    pub(crate) fn last(&self) -> Seen {
        self.server.seen().pop().unwrap()
    }

    pub(crate) fn last_json(&self) -> Value {
        serde_json::from_str(&self.last().body).unwrap()
    }
}

pub(crate) fn rest(url: &str) -> Rest {
    let settings = RestSettings {
        base_url: url.to_owned(),
        application_id: APPLICATION.into(),
        bot_token: Secret::new("bot-token"),
        about: Some("https://shop.example".into()),
    };
    Rest::new(Http::new().unwrap(), settings)
}

/// Draws what it is told to, and counts.
#[derive(Default)]
pub(crate) struct Easel {
    pub(crate) drawn: AtomicUsize,
    pub(crate) digest: Mutex<String>,
    pub(crate) impossible: Mutex<Option<String>>,
}

impl Render for Easel {
    fn card<'a>(&'a self, _: &'a Shop, _: &'a Screen) -> Pending<'a, Result<Rendered, RenderError>> {
        self.drawn.fetch_add(1, Ordering::SeqCst);
        let digest = self.digest.lock().unwrap().clone();
        let impossible = self.impossible.lock().unwrap().clone();
        Box::pin(async move {
            match impossible {
                Some(reason) => Err(RenderError::Impossible(reason)),
                None => Ok(Rendered { body: json!({"content": digest}), files: Vec::new(), digest }),
            }
        })
    }
}

/// A shop with one order.
pub(crate) struct Scene {
    pub(crate) shop: Shop,
    pub(crate) discord: Discord,
    pub(crate) easel: Arc<Easel>,
    pub(crate) courier: DiscordCourier,
    pub(crate) order: OrderId,
    pub(crate) number: OrderNumber,
}

impl Scene {
    pub(crate) async fn new(db: &Database, script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Scene {
        Scene::in_language(db, "id", script).await
    }

    pub(crate) async fn in_language(
        db: &Database,
        locale: &str,
        script: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Scene {
        let discord = Discord::answering(script);
        let easel = Arc::new(Easel::default());
        let courier = DiscordCourier::new(discord.rest(), easel.clone());
        let ids = Ids::random();
        let rules =
            orders::Rules { public_url: Some("https://shop.example".into()), ..orders::Rules::default() };
        let shop = Shop {
            db: db.clone(),
            clock: Clock::manual(NOON),
            ids: ids.clone(),
            gateways: Arc::default(),
            suppliers: Arc::default(),
            couriers: Arc::default(),
            vault: Vault::throw_away().unwrap(),
            rules: Arc::new(rules),
            validator: catalog::Validator::format_only(),
        };
        let (order, number) = (OrderId::new(&ids, NOON), OrderNumber::new(&ids));
        let mut tx = db.write("test").await.unwrap();
        let buyer = sql!("INSERT INTO buyer (id, first_seen_at, last_order_at) VALUES ($1, 0, 0)");
        buyer.bind(BUYER).run(&mut tx).await.unwrap();
        let quote = sql!(
            "INSERT INTO quote (id, product_code, price, cost, created_at, expires_at) VALUES ('quo_01arz3ndektsv4rrffq69g5fav', 'ML_86', 1, 1, 0, 0)"
        );
        quote.query().run(&mut tx).await.unwrap();
        sql!(
            "INSERT INTO shop_order (id, number, pay_token, state, owner, buyer, quote_id, product_code, product_name,
                 category_code, user_id, server_id, supplier, supplier_sku, customer_no, amount, cost, method, locale,
                 risk_score, risk_action, risk_findings, placed_at, updated_at, serial_number)
             VALUES ($1, $2, 'paytoken', 'delivered', 'discord', $3, 'quo_01arz3ndektsv4rrffq69g5fav', 'ML_86', '86 *Diamonds*', 'ML', '123`45', '2001',
                 'digiflazz', 'sku', '123452001', 20000, 1, 'gopay_qr', $4, 0, 'allow', '[]', 0, 0, 'SN-1`23')"
        )
        .bind(&order)
        .bind(&number)
        .bind(BUYER)
        .bind(locale)
        .run(&mut tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Scene { shop, discord, easel, courier, order, number }
    }

    /// Queues a message and hands it to the courier.
    pub(crate) async fn deliver(&self, kind: MessageKind, detail: Option<&str>) -> Delivery {
        let message = self.message(kind, detail).await;
        self.courier.deliver(&self.shop, &message).await
    }

    pub(crate) async fn message(&self, kind: MessageKind, detail: Option<&str>) -> Message {
        let mut tx = self.shop.db.write("test").await.unwrap();
        let key = self.shop.ids.base32(10);
        let now = self.shop.clock.now();
        let message = (Audience::Buyer, kind, detail);
        notifications::enqueue(&mut tx, &self.shop.ids, now, &self.order, &key, Some("discord"), message)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = self.shop.db.read("test").await.unwrap();
        notifications::messages_of_order(&mut tx, &self.order).await.unwrap().pop().unwrap()
    }

    /// The buyer uses the shop in this guild and channel.
    pub(crate) async fn is_in(&self, guild: Option<&str>, channel: Option<&str>) {
        let buyer: BuyerId = BUYER.parse().unwrap();
        let mut tx = self.shop.db.write("test").await.unwrap();
        let locale = vocabulary::Locale::Indonesian;
        discord::remember_place(&mut tx, &buyer, guild, channel, locale, self.shop.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn alerts(&self) -> Vec<String> {
        let mut tx = self.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts(&mut tx).await.unwrap();
        open.into_iter().map(|alert| format!("{} {}", alert.kind, alert.subject)).collect()
    }
}
