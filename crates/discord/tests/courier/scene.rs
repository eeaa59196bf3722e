//! A shop with orders of a buyer on Discord, and a Discord that answers by a script. Whatever is sent to it is
//! held against Discord's limits in the end.

use crate::{
    limits,
    server::{Reply, Seen, Server, answer},
};
use database::{Database, WriteTx, sql};
use discord::{DiscordCourier, Render, RenderError, Rendered, Rest, RestSettings, Spot};
use notifications::{Audience, Message, MessageKind, Screen};
use orders::{Courier, Delivery, Shop};
use outside::{Http, Pending};
use security::Vault;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use vocabulary::{BuyerId, Clock, Ids, OrderId, OrderNumber, Secret, Timestamp};

/// 2026-11-22 12:00:00 WIB.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);
pub(crate) const BUYER: &str = "discord:80351110224678912";
pub(crate) const APPLICATION: &str = "1290000000000000001";

/// What Discord answers to a line such as `POST /api/v10/users/@me/channels`.
pub(crate) type Script = Arc<dyn Fn(&str) -> Reply + Send + Sync>;

/// It arrived.
pub(crate) const THERE: Delivery = Delivery::Arrived { note: None };

/// It arrived where the buyer was invited to.
pub(crate) fn in_thread() -> Delivery {
    Delivery::Arrived { note: Some("in a private thread".into()) }
}

/// A refusal as Discord writes it.
pub(crate) fn refusal(status: u16, code: i64) -> Reply {
    answer(status, &[], json!({"message": "no", "code": code}).to_string())
}

pub(crate) fn made(id: &str) -> Reply {
    answer(200, &[], json!({"id": id}).to_string())
}

/// Direct messages are channel 5, and every message there is 55.
pub(crate) fn open(line: &str) -> Reply {
    if line.ends_with("/users/@me/channels") { made("5") } else { made("55") }
}

/// Direct messages are closed; the thread is 9, and every message there is 99.
pub(crate) fn closed(code: i64) -> impl Fn(&str) -> Reply {
    move |line| match line {
        "POST /api/v10/users/@me/channels" => made("5"),
        "POST /api/v10/channels/5/messages" => refusal(403, code),
        "POST /api/v10/channels/101/threads" => made("9"),
        _ => made("99"),
    }
}

/// Holds an answer back until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    reached: Arc<AtomicBool>,
    opened: Arc<AtomicBool>,
}

impl Gate {
    /// Answers by this script, but to this line not before the gate is open.
    pub(crate) fn before<F: Fn(&str) -> Reply + Send + Sync + 'static>(
        &self,
        line: &'static str,
        script: F,
    ) -> impl Fn(&str) -> Reply + Send + Sync + use<F> {
        let gate = self.clone();
        move |asked| {
            if asked == line {
                gate.reached.store(true, Ordering::SeqCst);
                for _ in 0..12_000 {
                    if gate.opened.load(Ordering::SeqCst) {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            script(asked)
        }
    }

    /// Waits until the line was asked.
    pub(crate) async fn reached(&self) {
        for _ in 0..12_000 {
            if self.reached.load(Ordering::SeqCst) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody came to the gate");
    }

    pub(crate) fn open(&self) {
        self.opened.store(true, Ordering::SeqCst);
    }
}

/// The parts of a body that holds a picture, so that it came as one character for each byte: the head of
/// each, and its bytes.
pub(crate) fn parts(seen: &Seen) -> Vec<(String, Vec<u8>)> {
    let kind = seen.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let between = format!("--{boundary}");
    let pieces: Vec<&str> = seen.body.split(between.as_str()).collect();
    let (last, pieces) = pieces.split_last().unwrap();
    assert_eq!((pieces[0], *last), ("", "--\r\n"));
    let part = |piece: &&str| {
        let inner = piece.strip_prefix("\r\n").unwrap().strip_suffix("\r\n").unwrap();
        let (head, content) = inner.split_once("\r\n\r\n").unwrap();
        let bytes: Vec<u8> = content.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        (head.to_owned(), bytes)
    };
    pieces[1..].iter().map(part).collect()
}

/// Discord.
pub(crate) struct Discord {
    pub(crate) server: Server,
    script: Arc<Mutex<Script>>,
}

impl Discord {
    pub(crate) fn answering(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Discord {
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Arc::new(script)));
        let told = script.clone();
        let server = Server::start(move |seen| {
            // Not under the lock: one answer may wait for another.
            let script = told.lock().unwrap().clone();
            script(&seen.line)
        });
        Discord { server, script }
    }

    pub(crate) fn now_answers(&self, script: impl Fn(&str) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    pub(crate) fn rest(&self) -> Rest {
        rest(&self.server.url)
    }

    /// Methods and paths so far, without `/api/v10`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.server.seen().iter().map(|seen| seen.line.replace("/api/v10", "")).collect()
    }

    /// Waits until so many requests were answered, also those that nobody waits for any more.
    pub(crate) async fn answered(&self, count: usize) {
        for _ in 0..12_000 {
            if self.lines().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{:?}", self.lines());
    }

    /// What new messages were sent under, oldest first.
    pub(crate) fn nonces(&self) -> Vec<String> {
        let posts = self.server.seen().into_iter().filter(|seen| {
            seen.line.starts_with("POST /api/v10/channels/") && seen.line.ends_with("/messages")
        });
        let nonce = |seen: Seen| {
            let body: Value = serde_json::from_str(&seen.body).unwrap();
            body["nonce"].as_str().unwrap().to_owned()
        };
        posts.map(nonce).collect()
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
pub(crate) struct Easel {
    pub(crate) drawn: AtomicUsize,
    pub(crate) digest: Mutex<String>,
    pub(crate) impossible: Mutex<Option<String>>,
}

impl Default for Easel {
    fn default() -> Self {
        Easel { drawn: AtomicUsize::new(0), digest: Mutex::new("card".into()), impossible: Mutex::default() }
    }
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

/// A shop with an order.
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
            circuits: Arc::default(),
            suppliers: Arc::default(),
            couriers: Arc::default(),
            vault: Vault::throw_away().unwrap(),
            rules: Arc::new(rules),
            validator: catalog::Validator::format_only(),
        };
        let mut tx = db.write("test").await.unwrap();
        let buyer = sql!("INSERT INTO buyer (id, first_seen_at, last_order_at) VALUES ($1, 0, 0)");
        buyer.bind(BUYER).run(&mut tx).await.unwrap();
        let quote = sql!(
            "INSERT INTO quote (id, product_code, price, cost, created_at, expires_at) VALUES ('quo_01arz3ndektsv4rrffq69g5fav', 'ML_86', 1, 1, 0, 0)"
        );
        quote.query().run(&mut tx).await.unwrap();
        let (order, number) = insert_order(&mut tx, &ids, "paytoken", locale).await;
        tx.commit().await.unwrap();
        Scene { shop, discord, easel, courier, order, number }
    }

    /// Another process on the same database, which calls the same Discord.
    pub(crate) fn process(&self, db: Database) -> (Shop, DiscordCourier) {
        let courier = DiscordCourier::new(self.discord.rest(), self.easel.clone());
        (Shop { db, ..self.shop.clone() }, courier)
    }

    /// Another order of the same buyer.
    pub(crate) async fn another_order(&self) -> OrderId {
        let mut tx = self.shop.db.write("test").await.unwrap();
        let token = self.shop.ids.token();
        let (order, _) = insert_order(&mut tx, &self.shop.ids, &token, "id").await;
        tx.commit().await.unwrap();
        order
    }

    /// The order was placed in this guild and channel.
    pub(crate) async fn was_placed_in(&self, order: &OrderId, guild: &str, channel: &str) {
        let mut tx = self.shop.db.write("test").await.unwrap();
        sql!("INSERT INTO discord_order_place (order_id, guild_id, channel_id) VALUES ($1, $2, $3)")
            .bind(order)
            .bind(guild)
            .bind(channel)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Queues a message and hands it to the courier.
    pub(crate) async fn deliver(&self, kind: MessageKind, detail: Option<&str>) -> Delivery {
        let message = self.message(kind, detail).await;
        self.courier.deliver(&self.shop, &message).await
    }

    pub(crate) async fn message(&self, kind: MessageKind, detail: Option<&str>) -> Message {
        self.message_about(&self.order, kind, detail).await
    }

    pub(crate) async fn message_about(
        &self,
        order: &OrderId,
        kind: MessageKind,
        detail: Option<&str>,
    ) -> Message {
        let mut tx = self.shop.db.write("test").await.unwrap();
        let key = self.shop.ids.base32(10);
        let now = self.shop.clock.now();
        let message = (Audience::Buyer, kind, detail);
        notifications::enqueue(&mut tx, &self.shop.ids, now, order, &key, Some("discord"), message)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = self.shop.db.read("test").await.unwrap();
        notifications::messages_of_order(&mut tx, order).await.unwrap().pop().unwrap()
    }

    /// The buyer uses the shop in this guild and channel, or where no thread can be.
    pub(crate) async fn is_in(&self, spot: Option<(&str, &str)>) {
        let buyer: BuyerId = BUYER.parse().unwrap();
        let spot = spot.map(|(guild, channel)| Spot { guild: guild.into(), channel: channel.into() });
        let mut tx = self.shop.db.write("test").await.unwrap();
        let locale = vocabulary::Locale::Indonesian;
        discord::remember_place(&mut tx, &buyer, spot.as_ref(), locale, self.shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The order has this serial number.
    pub(crate) async fn has_serial_number(&self, number: &str) {
        let mut tx = self.shop.db.write("test").await.unwrap();
        let given = sql!("UPDATE shop_order SET serial_number = $2 WHERE id = $1");
        given.bind(&self.order).bind(number).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn alerts(&self) -> Vec<String> {
        let mut tx = self.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts(&mut tx).await.unwrap();
        open.into_iter().map(|alert| format!("{} {}", alert.kind, alert.subject)).collect()
    }
}

impl Drop for Scene {
    /// Every message that was sent is one that Discord takes.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for seen in self.discord.server.seen() {
            let is_message = seen.line.ends_with("/messages") || seen.line.contains("/messages/");
            if is_message && !seen.line.starts_with("GET ") {
                let is_json = seen.header("content-type") == Some("application/json");
                let json = if is_json { seen.body.clone().into_bytes() } else { parts(&seen).remove(0).1 };
                let body = serde_json::from_slice(&json).unwrap();
                limits::sent(&body);
                limits::keep(kind(&seen.line), &body);
            }
        }
    }
}

/// What a message is, by the line that it was sent with.
fn kind(line: &str) -> &'static str {
    match line.split(' ').next() {
        Some("PATCH") if line.contains("/webhooks/") => "webhook_edit",
        Some("PATCH") => "message_edit",
        _ => "message_create",
    }
}

/// A delivered order of the buyer.
async fn insert_order(tx: &mut WriteTx, ids: &Ids, token: &str, locale: &str) -> (OrderId, OrderNumber) {
    let (order, number) = (OrderId::new(ids, NOON), OrderNumber::new(ids));
    sql!(
        "INSERT INTO shop_order (id, number, pay_token, state, owner, buyer, quote_id, product_code, product_name,
             category_code, user_id, server_id, supplier, supplier_sku, customer_no, amount, cost, method, locale,
             risk_score, risk_action, risk_findings, placed_at, updated_at, serial_number)
         VALUES ($1, $2, $3, 'delivered', 'discord', $4, 'quo_01arz3ndektsv4rrffq69g5fav', 'ML_86', '86 *Diamonds*', 'ML', '123`45', '2001',
             'digiflazz', 'sku', '123452001', 20000, 1, 'gopay_qr', $5, 0, 'allow', '[]', 0, 0, 'SN-1`23')"
    )
    .bind(&order)
    .bind(&number)
    .bind(token)
    .bind(BUYER)
    .bind(locale)
    .run(tx)
    .await
    .unwrap();
    (order, number)
}
