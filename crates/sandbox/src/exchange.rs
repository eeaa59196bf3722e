//! One request to a simulated party: read within limits, spoiled by a fault if one is on, acted on,
//! logged and committed, and only then answered.

use crate::{
    ErrorStyle, apigames, dana, digiflazz, discord,
    faults::{self, Fault, Struck},
    journal, midtrans, vip_reseller,
    world::{Target, World},
    xendit,
};
use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use database::{Error, WriteTx};
use serde::Serialize;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use vocabulary::Timestamp;

/// How much of a body is read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// A request, read.
pub(crate) struct Incoming {
    pub(crate) method: Method,
    /// The vendor's own path: what follows `/sandbox/<party>`.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The body was over the limit, or broke off.
    pub(crate) unreadable: bool,
    pub(crate) peer: Option<IpAddr>,
    /// What it is about in the shop's own words, where it names that by a number of the party's alone.
    pub(crate) about: String,
}

/// What a party answers.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// Whether the status is shown whatever the party's style of errors is.
    pub(crate) plain_http: bool,
    pub(crate) hold: Option<Duration>,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
}

impl Incoming {
    async fn read(target: Target, request: Request) -> Incoming {
        let (parts, body) = request.into_parts();
        let prefix = format!("/sandbox/{target}");
        let path = parts.uri.path().strip_prefix(prefix.as_str()).unwrap_or_default().to_owned();
        let limit = if target == Target::Discord { discord::REQUEST_LIMIT } else { BODY_LIMIT };
        let bytes = to_bytes(body, limit).await;
        Incoming {
            method: parts.method,
            path,
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            unreadable: bytes.is_err(),
            body: bytes.map(|b| b.to_vec()).unwrap_or_default(),
            peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip()),
            about: String::new(),
        }
    }

    /// A header, when it is readable text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Path and query.
    pub(crate) fn full_path(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

impl Reply {
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Reply {
            status,
            content_type: "application/json",
            body,
            plain_http: false,
            hold: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn png(body: Vec<u8>) -> Self {
        Reply {
            status: 200,
            content_type: "image/png",
            body,
            plain_http: true,
            hold: None,
            headers: Vec::new(),
        }
    }

    /// A page of the web server in front of the party, which shows its status in any style.
    pub(crate) fn html(status: u16, text: &str) -> Self {
        Reply {
            status,
            content_type: "text/html; charset=utf-8",
            body: text.as_bytes().to_vec(),
            plain_http: true,
            hold: None,
            headers: Vec::new(),
        }
    }

    /// Shows the status in HTTP whatever the party's style is.
    pub(crate) fn plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Without content, as a 204 is.
    pub(crate) fn without_body(mut self) -> Self {
        self.body.clear();
        self
    }

    pub(crate) fn is_text(&self) -> bool {
        self.content_type != "image/png"
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, header::HeaderValue::from_static(self.content_type));
        for (name, value) in self.headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Answers one request.
pub(crate) async fn exchange(world: Arc<World>, target: Target, request: Request) -> Response {
    let mut incoming = Incoming::read(target, request).await;
    match act(&world, target, &mut incoming).await {
        Ok(reply) => {
            world.wake.notify_one();
            if let Some(time) = reply.hold {
                world.hold(time).await;
            }
            reply.into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, party = %target, "the books of the simulated {target} cannot be used: {error}");
            Reply::html(503, "<h1>503 Service Temporarily Unavailable</h1>").into_response()
        }
    }
}

async fn act(world: &World, target: Target, incoming: &mut Incoming) -> Result<Reply, Error> {
    let mut tx = world.db.write("world.request").await?;
    let now = world.now();
    incoming.about = about(&mut tx, target, incoming).await?;
    let incoming = &*incoming;
    let operation = operation(target, incoming);
    let struck = faults::strike_request(&mut tx, target, operation, incoming).await?;
    let reply = match struck {
        Some(struck) if !has_effect(struck.fault) => without_effect(world, struck, target, &incoming.path),
        _ => {
            let mut reply = answer(world, &mut tx, target, incoming, now).await?;
            style(world, &mut tx, target, (operation, incoming), &mut reply).await?;
            match struck {
                Some(struck) => spoil(struck, reply),
                None => reply,
            }
        }
    };
    journal::record(&mut tx, target, incoming, &reply, struck.map(|s| s.fault), now).await?;
    tx.commit().await?;
    Ok(reply)
}

async fn answer(
    world: &World,
    tx: &mut WriteTx,
    target: Target,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    match target {
        Target::Midtrans => midtrans::answer(world, tx, incoming, now).await,
        Target::Dana => dana::answer(world, tx, incoming, now).await,
        Target::Xendit => xendit::answer(world, tx, incoming, now).await,
        Target::Digiflazz => digiflazz::answer(world, tx, incoming, now).await,
        Target::VipReseller => vip_reseller::answer(world, tx, incoming, now).await,
        Target::Apigames => apigames::answer(world, tx, incoming, now).await,
        Target::Discord => discord::answer(world, tx, incoming, now).await,
    }
}

/// The last word of the path: `charge`, `status`, `transaction`. What a fault can be limited to.
fn operation(target: Target, incoming: &Incoming) -> &str {
    let path = incoming.path.as_str();
    match target {
        Target::Discord => discord::operation(incoming),
        Target::Midtrans if path.contains("/refund") => "refund",
        Target::Midtrans if path.ends_with("/status/b2b") => "status",
        Target::Dana => dana::operation(path),
        Target::VipReseller => vip_reseller::operation(incoming),
        Target::Xendit => xendit::operation(incoming),
        Target::Apigames if path.contains("/cek-username") => "cek-username",
        Target::Apigames if path.contains("/merchant") => "merchant",
        _ => path.trim_end_matches('/').rsplit('/').next().unwrap_or_default(),
    }
}

/// What a request is about that names it by a number of the party's, so that a fault can wait for it.
async fn about(tx: &mut WriteTx, target: Target, incoming: &Incoming) -> Result<String, Error> {
    let about = match target {
        Target::Xendit => xendit::about(tx, incoming).await?,
        Target::VipReseller => vip_reseller::about(tx, incoming).await?,
        _ => None,
    };
    Ok(about.unwrap_or_default())
}

fn has_effect(fault: Fault) -> bool {
    matches!(fault, Fault::TimeoutAfterEffect | Fault::Garbage)
}

fn without_effect(world: &World, struck: Struck, target: Target, path: &str) -> Reply {
    let own_words = match target {
        Target::Midtrans => midtrans::without_effect(world, path, struck.fault),
        Target::Dana => dana::without_effect(path, struck.fault),
        Target::Xendit => xendit::without_effect(struck.fault),
        _ => None,
    };
    match struck.fault {
        Fault::RateLimited => {
            let seconds = struck.delay().as_secs().clamp(1, 3_600);
            let mut reply = own_words.unwrap_or_else(|| Reply::html(429, "<h1>429 Too Many Requests</h1>"));
            reply.headers.push((header::RETRY_AFTER, seconds.to_string()));
            reply
        }
        Fault::Redirect => {
            let mut reply = Reply::html(302, "<h1>302 Found</h1>");
            reply.headers.push((header::LOCATION, "https://example.invalid/maintenance".into()));
            reply
        }
        Fault::Timeout => {
            let mut reply = Reply::html(504, "<h1>504 Gateway Time-out</h1>");
            reply.hold = Some(struck.delay());
            reply
        }
        _ => own_words.unwrap_or_else(|| Reply::html(500, "<h1>500 Internal Server Error</h1>")),
    }
}

/// Spoils the answer to a request that was acted on.
fn spoil(struck: Struck, mut reply: Reply) -> Reply {
    match struck.fault {
        Fault::TimeoutAfterEffect => reply.hold = Some(struck.delay()),
        Fault::Garbage if struck.left % 2 == 0 => {
            reply = Reply::html(200, "<html><body>Sedang dalam perbaikan</body></html>")
        }
        Fault::Garbage => {
            reply.status = 200;
            reply.body.truncate(reply.body.len() / 2);
        }
        _ => {}
    }
    reply
}

/// Whether an error shows in the HTTP status: a mode that is switched on, else the setting.
async fn style(
    world: &World,
    tx: &mut WriteTx,
    target: Target,
    occasion: (&str, &Incoming),
    reply: &mut Reply,
) -> Result<(), Error> {
    if reply.plain_http || reply.status < 400 {
        return Ok(());
    }
    let setting = match target {
        Target::Midtrans => world.settings.midtrans_errors,
        Target::Dana | Target::Xendit => ErrorStyle::HttpStatus,
        Target::Digiflazz => world.settings.digiflazz_errors,
        // What is documented of their errors is bodies.
        Target::VipReseller | Target::Apigames => ErrorStyle::BodyOnly,
        Target::Discord => ErrorStyle::HttpStatus,
    };
    let style = if faults::strike(tx, target, Fault::HttpStatusErrors, occasion).await?.is_some() {
        ErrorStyle::HttpStatus
    } else if faults::strike(tx, target, Fault::BodyOnlyErrors, occasion).await?.is_some() {
        ErrorStyle::BodyOnly
    } else {
        setting
    };
    if style == ErrorStyle::BodyOnly {
        reply.status = 200;
    }
    Ok(())
}
