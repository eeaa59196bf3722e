//! The shop's end of Discord in tests: an endpoint that notes every interaction and answers by a
//! script, and words for calls to the API and for what people do.

use crate::support::{Answer, World};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use testkit::TempFolder;

pub(crate) const APP: &str = sandbox::DISCORD_APPLICATION_ID;
pub(crate) const GUILD: &str = sandbox::DISCORD_GUILD_ID;
pub(crate) const SHOP: &str = sandbox::DISCORD_SHOP_CHANNEL_ID;
pub(crate) const AGENT: &str = "DiscordBot (https://example.com, 1.0)";
pub(crate) const BUYER: &str = "1290000000000000201";
pub(crate) const OTHER: &str = "1290000000000000202";
pub(crate) const V2: i64 = 1 << 15;
pub(crate) const EPHEMERAL: i64 = 64;

/// What the endpoint answers once.
#[derive(Clone)]
pub(crate) struct Says {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

/// An interaction as it arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: String,
}

impl Arrived {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.raw).unwrap()
    }
}

/// The endpoint.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Arrived>>>,
    says: Arc<Mutex<VecDeque<Says>>>,
}

impl Shop {
    pub(crate) async fn start() -> Shop {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/discord/interactions", listener.local_addr().unwrap());
        let shop = Shop { url, got: Arc::default(), says: Arc::default() };
        let app = Router::new().fallback(take).with_state(shop.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        shop
    }

    /// The next interaction is answered with this JSON.
    pub(crate) fn will_say(&self, body: Value) {
        self.will(Says {
            status: 200,
            content_type: "application/json",
            body: body.to_string(),
            after: Duration::ZERO,
        });
    }

    pub(crate) fn will(&self, says: Says) {
        self.says.lock().unwrap().push_back(says);
    }

    pub(crate) fn got(&self) -> Vec<Arrived> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Value {
        self.got().last().unwrap().json()
    }
}

async fn take(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> Response {
    let raw = String::from_utf8(body.to_vec()).unwrap();
    shop.got.lock().unwrap().push(Arrived { headers, raw });
    let says = shop.says.lock().unwrap().pop_front();
    let Some(says) = says else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    tokio::time::sleep(says.after).await;
    let status = StatusCode::from_u16(says.status).unwrap();
    (status, [("content-type", says.content_type)], says.body).into_response()
}

/// A world with a shop at its interactions endpoint. Rate limits are out of the way.
pub(crate) async fn start() -> (World, Shop, TempFolder) {
    let folder = TempFolder::new("discord");
    let shop = Shop::start().await;
    let world = World::on(&folder, |settings| {
        settings.discord.interactions_url = Some(shop.url.clone());
        settings.discord.limits.per_bucket = 10_000;
        settings.discord.limits.global_per_second = 10_000;
        // Who is late is the matter of one test; the others are not to be late on a busy machine.
        settings.discord.answer_within = Duration::from_secs(30);
    })
    .await;
    (world, shop, folder)
}

impl World {
    /// A call to the API, as the bot.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(self.api_request(method, path, body)).await
    }

    pub(crate) fn api_request(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::RequestBuilder {
        let request = self.bare(method, path).header("user-agent", AGENT);
        let request = request.header("authorization", format!("Bot {}", sandbox::DISCORD_BOT_TOKEN));
        match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        }
    }

    /// A call without a name and without a token.
    pub(crate) fn bare(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request(method, &format!("/sandbox/discord/api/v10{path}"))
    }

    /// A message in the shop's channel.
    pub(crate) async fn post(&self, message: Value) -> Answer {
        self.api("POST", &format!("/channels/{SHOP}/messages"), Some(message)).await
    }

    /// A message with files; each is a name and its content.
    pub(crate) async fn upload(
        &self,
        method: &str,
        path: &str,
        message: Value,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        body.extend(b"--xx\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\r\n\r\n");
        body.extend(message.to_string().into_bytes());
        for (index, (name, content)) in files.iter().enumerate() {
            let head = format!(
                "\r\n--xx\r\nContent-Disposition: form-data; name=\"files[{index}]\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend(*content);
        }
        body.extend(b"\r\n--xx--\r\n");
        let request = self.api_request(method, path, None);
        self.send(request.header("content-type", "multipart/form-data; boundary=xx").body(body)).await
    }

    /// Somebody does something; answers with what they see.
    pub(crate) async fn act(&self, deed: Value) -> Value {
        let answer = self.control("/sandbox/discord/interactions", deed).await;
        assert_eq!(answer.http, 200, "{}", answer.text);
        answer.json()
    }

    /// Registers commands and lets somebody type one; the shop has to be told what to say before.
    pub(crate) async fn register(&self, commands: Value) {
        let answer = self.api("PUT", &format!("/applications/{APP}/commands"), Some(commands)).await;
        assert_eq!(answer.http, 200, "{}", answer.text);
    }

    pub(crate) async fn user(&self, facts: Value) {
        let answer = self.control("/sandbox/discord/users", facts).await;
        assert_eq!(answer.http, 200, "{}", answer.text);
    }

    /// What somebody sees.
    pub(crate) async fn sees(&self, user: &str) -> Vec<Value> {
        let path = format!("/sandbox/discord/messages?user_id={user}");
        let answer = self.send(self.request("GET", &path)).await;
        assert_eq!(answer.http, 200, "{}", answer.text);
        answer.json()["messages"].as_array().unwrap().clone()
    }
}

/// `/shop`, without options.
pub(crate) fn shop_command() -> Value {
    json!([{"name": "shop", "description": "Top up"}])
}

/// Opens an answer with a button `buy` and a select `nominal`.
pub(crate) fn panel() -> Value {
    json!({"type": 4, "data": {"content": "hi", "flags": EPHEMERAL, "components": [
        {"type": 1, "components": [
            {"type": 2, "style": 1, "label": "Buy", "custom_id": "buy"},
            {"type": 2, "style": 2, "label": "Off", "custom_id": "off", "disabled": true},
            {"type": 2, "style": 5, "label": "Web", "url": "https://example.com/pay"},
        ]},
        {"type": 1, "components": [{"type": 3, "custom_id": "nominal", "max_values": 2, "options": [
            {"label": "86", "value": "ML_86"}, {"label": "172", "value": "ML_172"}, {"label": "257", "value": "ML_257"},
        ]}]},
    ]}})
}

/// A refused form: 50035 with a mistake at this path, dots between its steps.
#[track_caller]
pub(crate) fn refused_at(answer: &Answer, path: &str) {
    let body = answer.json();
    assert_eq!((answer.http, &body["code"]), (400, &json!(50035)), "{path}: {}", answer.text);
    let mut here = &body["errors"];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        here = &here[step];
    }
    assert!(here["_errors"][0]["code"].is_string(), "no mistake at `{path}`: {}", answer.text);
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, http: u16, code: i64) {
    assert_eq!((answer.http, &answer.json()["code"]), (http, &json!(code)), "{}", answer.text);
}
