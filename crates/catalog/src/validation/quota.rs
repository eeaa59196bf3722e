//! Against going through account numbers: how many look-ups an asker, and the group that they belong
//! to, may cause in a minute. What is answered from memory or by the format alone is not counted.
//!
//! In memory and of this process: a limit that a restart forgets is enough against enumeration.

use governor::{
    RateLimiter, clock::Clock, middleware::NoOpMiddleware, nanos::Nanos, state::keyed::HashMapStateStore,
};
use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tokio::time::Instant;

/// Who asks: a person, and the group that they ask from. Either may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    person: Option<String>,
    group: Option<String>,
}

/// This asker, or their group, caused too many look-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many account checks: try again in {} s", self.seconds())]
pub struct TooMany {
    /// When one more would be answered.
    pub retry_after: Duration,
}

impl Asker {
    /// A person: a Discord user, the address of a browser.
    pub fn person(id: impl Into<String>) -> Self {
        Asker { person: Some(id.into()), group: None }
    }

    /// A group without persons in it: the holder of a key, who asks for many.
    pub fn group(id: impl Into<String>) -> Self {
        Asker { person: None, group: Some(id.into()) }
    }

    /// The same person, asking from a group: a Discord server.
    pub fn within(self, group: impl Into<String>) -> Self {
        Asker { group: Some(group.into()), ..self }
    }
}

impl TooMany {
    /// Whole seconds to wait, at least one.
    pub fn seconds(&self) -> u64 {
        self.retry_after.as_secs().saturating_add(u64::from(self.retry_after.subsec_nanos() > 0)).max(1)
    }
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, Ticks, NoOpMiddleware<Nanos>>;

pub(super) struct Quotas {
    persons: Option<Limiter>,
    groups: Option<Limiter>,
    taken: AtomicU32,
}

/// After so many look-ups, what is no longer remembered against anybody is thrown away.
const TIDY_EVERY: u32 = 1_000;

impl Quotas {
    pub(super) fn new(per_person: u32, per_group: u32) -> Self {
        Quotas { persons: limiter(per_person), groups: limiter(per_group), taken: AtomicU32::new(0) }
    }

    pub(super) fn take(&self, asker: &Asker) -> Result<(), TooMany> {
        if self.taken.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY) {
            for limiter in [&self.persons, &self.groups].into_iter().flatten() {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
        check("asker", self.persons.as_ref(), asker.person.as_ref())?;
        check("group", self.groups.as_ref(), asker.group.as_ref())
    }
}

fn limiter(per_minute: u32) -> Option<Limiter> {
    let quota = governor::Quota::per_minute(NonZeroU32::new(per_minute)?);
    let clock = Ticks { start: Instant::now() };
    Some(RateLimiter::new(quota, HashMapStateStore::default(), clock))
}

fn check(by: &'static str, limiter: Option<&Limiter>, id: Option<&String>) -> Result<(), TooMany> {
    let (Some(limiter), Some(id)) = (limiter, id) else { return Ok(()) };
    limiter.check_key(id).map_err(|not_until| {
        metrics::counter!("loket_validation_refused_total", "by" => by).increment(1);
        TooMany { retry_after: not_until.wait_time_from(limiter.clock().now()) }
    })
}

/// The runtime's clock: steady, and a test can pause it.
#[derive(Clone, Debug)]
struct Ticks {
    start: Instant,
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_asker_is_refused_after_the_quota_and_told_for_how_long() {
        let quotas = Quotas::new(3, 0);
        let (budi, sari) = (Asker::person("budi"), Asker::person("sari"));
        for _ in 0..3 {
            quotas.take(&budi).unwrap();
        }
        let refused = quotas.take(&budi).unwrap_err();
        assert_eq!(refused.seconds(), 20, "three a minute: one every 20 s");
        quotas.take(&sari).unwrap();
        tokio::time::advance(Duration::from_secs(refused.seconds())).await;
        quotas.take(&budi).unwrap();
        assert!(quotas.take(&budi).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_is_limited_as_a_whole_and_an_unlimited_quota_limits_nobody() {
        let quotas = Quotas::new(3, 4);
        for n in 0..4 {
            quotas.take(&Asker::person(format!("p{n}")).within("guild")).unwrap();
        }
        assert!(quotas.take(&Asker::person("p9").within("guild")).is_err());
        quotas.take(&Asker::person("p9").within("another")).unwrap();
        assert!((0..4).all(|_| quotas.take(&Asker::group("key")).is_ok()));
        assert!(quotas.take(&Asker::group("key")).is_err());
        let free = Quotas::new(0, 0);
        assert!((0..1_000).all(|_| free.take(&Asker::person("x").within("y")).is_ok()));
    }
}
