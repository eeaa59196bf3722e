//! Against going through account numbers: how many look-ups an asker, and the group that they belong
//! to, may cause in a minute. What is answered from memory or by the format alone is not counted.
//!
//! In memory and of this process: a limit that a restart forgets is enough against enumeration.

use governor::{
    RateLimiter, clock::Clock, middleware::NoOpMiddleware, nanos::Nanos, state::keyed::HashMapStateStore,
};
use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
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
    /// Look-ups that were counted against persons whose group was then refused: theirs all the same.
    owed: Mutex<HashMap<String, u32>>,
    taken: AtomicU32,
}

/// After so many look-ups, what is no longer remembered against anybody is thrown away.
const TIDY_EVERY: u32 = 1_000;

impl Quotas {
    pub(super) fn new(per_person: u32, per_group: u32) -> Self {
        let (persons, groups) = (limiter(per_person), limiter(per_group));
        Quotas { persons, groups, owed: Mutex::default(), taken: AtomicU32::new(0) }
    }

    /// Counts a look-up against the person and their group, or against neither. In this order, so that a
    /// person who has had their share takes nothing of what others of the group have left.
    pub(super) fn take(&self, asker: &Asker) -> Result<(), TooMany> {
        if self.taken.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY) {
            for limiter in [&self.persons, &self.groups].into_iter().flatten() {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
            // Whoever has not come back for it by now has a full share again, or soon.
            self.owed().clear();
        }
        let person = asker.person.as_ref();
        let owed = person.is_some_and(|person| self.spend_owed(person));
        if !owed {
            check("asker", self.persons.as_ref(), person)?;
        }
        check("group", self.groups.as_ref(), asker.group.as_ref()).inspect_err(|_| {
            if let Some(person) = person {
                let mut owed = self.owed();
                let count = owed.entry(person.clone()).or_default();
                *count = count.saturating_add(1);
            }
        })
    }

    /// Whether a look-up was owed to this person; it is spent.
    fn spend_owed(&self, person: &str) -> bool {
        let mut owed = self.owed();
        let Some(count) = owed.get_mut(person) else { return false };
        *count = count.saturating_sub(1);
        if *count == 0 {
            owed.remove(person);
        }
        true
    }

    fn owed(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[tokio::test(start_paused = true)]
    async fn a_refused_group_costs_its_members_nothing_and_a_refused_member_costs_the_group_nothing() {
        let quotas = Quotas::new(3, 4);
        for n in 0..4 {
            quotas.take(&Asker::person(format!("p{n}")).within("guild")).unwrap();
        }
        let budi = Asker::person("budi");
        for _ in 0..10 {
            assert!(quotas.take(&budi.clone().within("guild")).is_err());
        }
        assert!((0..3).all(|_| quotas.take(&budi.clone().within("another")).is_ok()), "nothing was counted");
        for _ in 0..10 {
            assert!(quotas.take(&budi.clone().within("another")).is_err());
        }
        quotas.take(&Asker::person("sari").within("another")).unwrap();
        assert!(quotas.take(&Asker::person("sari").within("another")).is_err(), "the fourth was the last");
    }
}
