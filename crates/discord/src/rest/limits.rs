//! Restraint: Discord's own limits per bucket and for the whole bot, and a stop before it shuts our
//! address out because of too many calls that it refuses (contracts/discord §1.8).

use super::{Refusal, answer::SHUT_OUT};
use outside::Answer;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use twilight_http_ratelimiting::{Endpoint, Method, Permit, RateLimitHeaders, RateLimiter};

/// How long a call waits for its turn; what has to wait longer comes again.
const PATIENCE: Duration = Duration::from_secs(2);
/// Refused calls in [`SHUT_OUT`] after which we stop by ourselves. Discord shuts an address out at 10,000,
/// and other programs may share it.
const MOST_REFUSED: u32 = 2_000;
/// Calls in a row whose token Discord did not know, after which the bot is silent for a while: a wrong token
/// does not become right by asking.
const MOST_UNAUTHORIZED: u32 = 3;
const SILENCE: Duration = Duration::from_secs(300);

/// The restraint of one bot. One process has one of it for a token.
pub(super) struct Limits {
    buckets: RateLimiter,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Nothing is sent before.
    shut_until: Option<Instant>,
    /// Nothing is sent with the bot's token before; interactions go on.
    bot_until: Option<Instant>,
    /// The bot is silent because its token is wrong.
    silent_until: Option<Instant>,
    unauthorized: u32,
    refused: u32,
    counted_since: Option<Instant>,
}

impl Limits {
    /// Must be called within a runtime.
    pub(super) fn new() -> Limits {
        Limits { buckets: RateLimiter::default(), state: Mutex::default() }
    }

    /// The turn of a call. What is secret in the path is not shown to the limiter, which logs paths.
    pub(super) async fn turn(&self, method: outside::Method, path: &str) -> Result<Permit, Refusal> {
        self.may_call(is_of_bot(path))?;
        let endpoint = Endpoint {
            method: match method {
                outside::Method::Get => Method::Get,
                outside::Method::Post => Method::Post,
                outside::Method::Patch => Method::Patch,
                outside::Method::Put => Method::Put,
            },
            path: without_token(path),
        };
        if let Ok(permit) = tokio::time::timeout(PATIENCE, self.buckets.acquire(endpoint.clone())).await {
            return Ok(permit);
        }
        let bucket = tokio::time::timeout(PATIENCE, self.buckets.bucket(endpoint)).await.ok().flatten();
        let left = bucket.map(|bucket| bucket.reset_at.saturating_duration_since(std::time::Instant::now()));
        Err(Refusal::RateLimited { after: left.unwrap_or_default().max(Duration::from_secs(1)) })
    }

    fn may_call(&self, as_bot: bool) -> Result<(), Refusal> {
        let now = Instant::now();
        let state = self.state();
        let wait = |until: Option<Instant>| until.filter(|until| *until > now).map(|until| until - now);
        if as_bot && wait(state.silent_until).is_some() {
            return Err(Refusal::Unauthorized);
        }
        let pauses = [wait(state.shut_until), wait(state.bot_until).filter(|_| as_bot)];
        match pauses.into_iter().flatten().max() {
            Some(after) => Err(Refusal::RateLimited { after }),
            None => Ok(()),
        }
    }

    /// Notes what came of a call.
    pub(super) fn note(&self, permit: Permit, path: &str, answer: &Answer, refusal: Option<&Refusal>) {
        permit.complete(headers(answer));
        let now = Instant::now();
        let as_bot = is_of_bot(path);
        let shared = answer.header(RateLimitHeaders::SCOPE) == Some("shared");
        let mut state = self.state();
        if matches!(answer.status, 401 | 403 | 429) && !shared {
            if state.counted_since.is_none_or(|since| now.duration_since(since) >= SHUT_OUT) {
                state.counted_since = Some(now);
                state.refused = 0;
            }
            state.refused = state.refused.saturating_add(1);
            if state.refused >= MOST_REFUSED {
                tracing::error!("Discord refused {MOST_REFUSED} calls in ten minutes: we pause");
                state.shut_until = Some(now + SHUT_OUT);
                state.counted_since = None;
            }
        }
        match refusal {
            Some(Refusal::Unauthorized) => {
                state.unauthorized = state.unauthorized.saturating_add(1);
                if state.unauthorized >= MOST_UNAUTHORIZED {
                    tracing::error!("Discord does not know the bot's token: nothing is sent with it for now");
                    state.silent_until = Some(now + SILENCE);
                    state.unauthorized = 0;
                }
            }
            Some(Refusal::RateLimited { after }) if *after >= SHUT_OUT => {
                state.shut_until = Some(now + *after)
            }
            Some(Refusal::RateLimited { after })
                if as_bot && answer.header("x-ratelimit-global").is_some()
                    || answer.header(RateLimitHeaders::SCOPE) == Some("global") =>
            {
                state.bot_until = Some(now + *after);
            }
            _ if as_bot => state.unauthorized = 0,
            _ => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the limiter learns from an answer.
fn headers(answer: &Answer) -> Option<RateLimitHeaders> {
    let bucket = answer.header(RateLimitHeaders::BUCKET)?.as_bytes().to_vec();
    if answer.status == 429 && answer.header(RateLimitHeaders::SCOPE) == Some("shared") {
        let after = answer.retry_after.map_or(1, |after| u16::try_from(after.as_secs()).unwrap_or(u16::MAX));
        return Some(RateLimitHeaders::shared(bucket, after.max(1)));
    }
    let number = |name| answer.header(name)?.trim().parse::<u16>().ok();
    let reset: f64 = answer.header(RateLimitHeaders::RESET_AFTER)?.trim().parse().ok()?;
    let reset = Duration::try_from_secs_f64(reset).ok()?.min(Duration::from_secs(3_600));
    Some(RateLimitHeaders {
        bucket,
        limit: number(RateLimitHeaders::LIMIT)?,
        remaining: number(RateLimitHeaders::REMAINING)?,
        reset_at: std::time::Instant::now() + reset,
    })
}

/// Interactions are answered without the bot's token.
pub(super) fn is_of_bot(path: &str) -> bool {
    !path.starts_with("webhooks/")
}

/// The path with the token of an interaction hashed: it still tells buckets apart.
fn without_token(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    let Some(token) = parts.get_mut(2).filter(|_| !is_of_bot(path)) else { return path.to_owned() };
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    let hashed = format!("{:016x}", hasher.finish());
    *token = &hashed;
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNEL: &str = "channels/1/messages";
    const WEBHOOK: &str = "webhooks/1/secret-token/messages/@original";

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        Answer { status, retry_after: None, headers, body: Vec::new() }
    }

    async fn call(limits: &Limits, path: &str, answer: &Answer, refusal: Option<Refusal>) -> bool {
        let Ok(permit) = limits.turn(outside::Method::Post, path).await else { return false };
        limits.note(permit, path, answer, refusal.as_ref());
        true
    }

    #[test]
    fn the_token_of_an_interaction_is_not_shown_to_the_limiter() {
        let shown = without_token(WEBHOOK);
        assert!(shown.starts_with("webhooks/1/") && shown.ends_with("/messages/@original"));
        assert!(!shown.contains("secret"), "{shown}");
        assert_eq!(without_token(CHANNEL), CHANNEL);
    }

    #[tokio::test]
    async fn a_bucket_that_is_empty_is_waited_for_or_told_about() {
        let limits = Limits::new();
        let empty = |after| {
            answer(
                200,
                &[
                    ("x-ratelimit-bucket", "b"),
                    ("x-ratelimit-limit", "1"),
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset-after", after),
                ],
            )
        };
        let started = Instant::now();
        assert!(call(&limits, CHANNEL, &empty("0.2"), None).await);
        assert!(call(&limits, CHANNEL, &empty("30"), None).await);
        assert!(started.elapsed() >= Duration::from_millis(150), "the bucket was not waited for");
        let Err(Refusal::RateLimited { after }) = limits.turn(outside::Method::Post, CHANNEL).await else {
            panic!("the bucket was not full")
        };
        assert!((20..=30).contains(&after.as_secs()), "{after:?}");
        assert!(call(&limits, "channels/2/messages", &answer(200, &[]), None).await, "another bucket");
    }

    #[tokio::test(start_paused = true)]
    async fn a_global_limit_stops_the_bot_and_not_interactions() {
        let limits = Limits::new();
        let global = answer(429, &[("x-ratelimit-global", "true"), ("x-ratelimit-scope", "global")]);
        let after = Duration::from_secs(5);
        assert!(call(&limits, CHANNEL, &global, Some(Refusal::RateLimited { after })).await);
        assert_eq!(
            limits.turn(outside::Method::Post, "channels/9/messages").await.err(),
            Some(Refusal::RateLimited { after })
        );
        assert!(call(&limits, WEBHOOK, &answer(200, &[]), None).await);
        tokio::time::advance(after).await;
        assert!(call(&limits, CHANNEL, &answer(200, &[]), None).await);
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_calls_of_the_bot_go_out_in_a_second() {
        let limits = Limits::new();
        let started = Instant::now();
        for n in 0..51 {
            assert!(call(&limits, &format!("channels/{n}/messages"), &answer(200, &[]), None).await);
        }
        assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_discord_does_not_know_is_not_tried_over_and_over() {
        let limits = Limits::new();
        for _ in 0..3 {
            assert!(call(&limits, CHANNEL, &answer(401, &[]), Some(Refusal::Unauthorized)).await);
        }
        assert_eq!(limits.turn(outside::Method::Post, CHANNEL).await.err(), Some(Refusal::Unauthorized));
        assert!(call(&limits, WEBHOOK, &answer(200, &[]), None).await, "interactions go on");
        tokio::time::advance(SILENCE).await;
        assert!(call(&limits, CHANNEL, &answer(200, &[]), None).await);
    }

    #[tokio::test(start_paused = true)]
    async fn we_stop_before_discord_shuts_us_out() {
        let limits = Limits::new();
        let forbidden = Refusal::Forbidden { code: 50_007 };
        let shared = answer(429, &[("x-ratelimit-scope", "shared")]);
        for _ in 0..MOST_REFUSED {
            assert!(call(&limits, WEBHOOK, &shared, None).await, "what others share does not count");
        }
        for _ in 0..MOST_REFUSED {
            assert!(call(&limits, WEBHOOK, &answer(403, &[]), Some(forbidden.clone())).await);
        }
        assert!(matches!(
            limits.turn(outside::Method::Post, WEBHOOK).await,
            Err(Refusal::RateLimited { after }) if after == SHUT_OUT
        ));
        tokio::time::advance(SHUT_OUT).await;
        assert!(call(&limits, WEBHOOK, &answer(200, &[]), None).await);
    }
}
