//! Rate limits (contracts/discord §1.8), on real time and in memory: buckets per route and major
//! parameter, the bot's global limit, and the ban of an address that asks for too much wrongly.

use super::{route::Route, settings::DiscordLimits};
use crate::exchange::Reply;
use axum::http::header::{HeaderName, RETRY_AFTER};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};
use vocabulary::Timestamp;

const TEN_MINUTES_MS: i64 = 600_000;
/// Buckets kept in memory; beyond that, those whose window is over are forgotten.
const MOST_BUCKETS: usize = 10_000;

/// What was asked for lately.
pub(crate) struct Limits(Mutex<State>);

struct State {
    limits: DiscordLimits,
    buckets: HashMap<String, Window>,
    global: Window,
    /// When each address was told 401, 403 or 429.
    invalid: HashMap<Option<IpAddr>, VecDeque<i64>>,
}

#[derive(Clone, Copy, Default)]
struct Window {
    ends_ms: i64,
    used: u32,
}

/// What becomes of a request.
pub(crate) enum Verdict {
    /// It goes on; these headers belong to its answer.
    Pass(Vec<(HeaderName, String)>),
    /// This is its answer.
    Stop(Reply),
}

impl Limits {
    pub(crate) fn new(limits: DiscordLimits) -> Limits {
        Limits(Mutex::new(State {
            limits,
            buckets: HashMap::new(),
            global: Window::default(),
            invalid: HashMap::new(),
        }))
    }

    /// The limits that hold now.
    pub(crate) fn get(&self) -> DiscordLimits {
        self.lock().limits
    }

    /// Sets other limits and forgets what was counted.
    pub(crate) fn set(&self, limits: DiscordLimits) {
        let mut state = self.lock();
        state.limits = limits;
        state.buckets.clear();
        state.invalid.clear();
        state.global = Window::default();
    }

    /// The page that Cloudflare shows to an address that is shut out.
    pub(crate) fn shut_out(&self, peer: Option<IpAddr>, now: Timestamp) -> Option<Reply> {
        let mut state = self.lock();
        let most = state.limits.invalid_per_ten_minutes as usize;
        let times = state.invalid.get_mut(&peer)?;
        times.retain(|at| now.millis() - at < TEN_MINUTES_MS);
        (times.len() >= most).then(|| {
            let mut reply = Reply::json(403, &json!(null)).plain_http();
            reply.content_type = "text/html; charset=utf-8";
            reply.body = b"<html><head><title>Access denied | Cloudflare</title></head><body>error code: 1015</body></html>".to_vec();
            reply
        })
    }

    /// Counts an answer against its address.
    pub(crate) fn note(&self, peer: Option<IpAddr>, status: u16, now: Timestamp) {
        if matches!(status, 401 | 403 | 429) {
            self.lock().invalid.entry(peer).or_default().push_back(now.millis());
        }
    }

    /// Takes one request out of its bucket and, unless it is about an interaction, out of the bot's
    /// global limit.
    pub(crate) fn take(&self, route: &Route, now: Timestamp) -> Verdict {
        let mut state = self.lock();
        let limits = state.limits;
        let now_ms = now.millis();
        if !route.is_about_an_interaction() {
            let global = &mut state.global;
            if global.ends_ms <= now_ms || global.ends_ms > now_ms + 1_000 {
                *global = Window { ends_ms: now_ms + 1_000, used: 0 };
            }
            if global.used >= limits.global_per_second {
                let wait = global.ends_ms - now_ms;
                let mut reply = limited(wait, true);
                reply.headers.push((HeaderName::from_static("x-ratelimit-global"), "true".into()));
                reply.headers.push((HeaderName::from_static("x-ratelimit-scope"), "global".into()));
                return Verdict::Stop(reply);
            }
            global.used += 1;
        }
        if state.buckets.len() >= MOST_BUCKETS {
            state.buckets.retain(|_, window| window.ends_ms > now_ms);
        }
        let length = i64::try_from(limits.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let window = state.buckets.entry(route.bucket()).or_default();
        if window.ends_ms <= now_ms || window.ends_ms > now_ms.saturating_add(length) {
            *window = Window { ends_ms: now_ms.saturating_add(length), used: 0 };
        }
        let over = window.used >= limits.per_bucket;
        window.used = if over { window.used } else { window.used + 1 };
        let headers = headers(route, limits, *window, now_ms);
        if !over {
            return Verdict::Pass(headers);
        }
        let mut reply = limited(window.ends_ms - now_ms, false);
        reply.headers.extend(headers);
        reply.headers.push((HeaderName::from_static("x-ratelimit-scope"), "user".into()));
        Verdict::Stop(reply)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn headers(route: &Route, limits: DiscordLimits, window: Window, now_ms: i64) -> Vec<(HeaderName, String)> {
    let bucket: String = hex::encode(Sha256::digest(route.operation())).chars().take(32).collect();
    let left = limits.per_bucket.saturating_sub(window.used);
    vec![
        (HeaderName::from_static("x-ratelimit-limit"), limits.per_bucket.to_string()),
        (HeaderName::from_static("x-ratelimit-remaining"), left.to_string()),
        (HeaderName::from_static("x-ratelimit-reset"), seconds(window.ends_ms)),
        (HeaderName::from_static("x-ratelimit-reset-after"), seconds(window.ends_ms - now_ms)),
        (HeaderName::from_static("x-ratelimit-bucket"), bucket),
    ]
}

/// Milliseconds as seconds with three places.
fn seconds(ms: i64) -> String {
    let ms = ms.max(0);
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

fn limited(wait_ms: i64, global: bool) -> Reply {
    let wait_ms = u32::try_from(wait_ms.max(1)).unwrap_or(u32::MAX);
    let body = json!({
        "message": "You are being rate limited.", "retry_after": f64::from(wait_ms) / 1_000.0, "global": global,
    });
    let mut reply = Reply::json(429, &body).plain_http();
    reply.headers.push((RETRY_AFTER, wait_ms.div_ceil(1_000).to_string()));
    reply
}
