//! The clock that is handed to whoever needs the time: business time may be ahead of real time in
//! the sandbox, and stands still in tests.

use crate::Timestamp;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Where the time comes from. Cheap to clone; all clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    offset_ms: AtomicI64,
}

#[derive(Debug)]
enum Source {
    System,
    Manual(AtomicI64),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(Arc::new(Inner { source: Source::System, offset_ms: AtomicI64::new(0) }))
    }

    /// A clock that moves only when told to. For tests.
    pub fn manual(start: Timestamp) -> Self {
        Clock(Arc::new(Inner {
            source: Source::Manual(AtomicI64::new(start.millis())),
            offset_ms: AtomicI64::new(0),
        }))
    }

    /// Business time: real time plus the sandbox's offset (always 0 in production).
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.real_now().millis().saturating_add(self.offset_ms()))
    }

    /// Real time, whatever the sandbox says: for signatures, sessions and our own rate limits.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn real_now(&self) -> Timestamp {
        match &self.0.source {
            Source::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                let millis = since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
                Timestamp::from_millis(millis)
            }
            Source::Manual(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
        }
    }

    /// How far business time is ahead of real time, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.0.offset_ms.load(Ordering::SeqCst)
    }

    /// Sets how far business time is ahead. The offset only grows: a smaller one is ignored.
    pub fn raise_offset_ms(&self, offset_ms: i64) {
        self.0.offset_ms.fetch_max(offset_ms, Ordering::SeqCst);
    }

    /// Moves a manual clock forward; a system clock gets a larger offset.
    pub fn advance(&self, by: std::time::Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        match &self.0.source {
            Source::Manual(now) => now.fetch_add(millis, Ordering::SeqCst),
            Source::System => self.0.offset_ms.fetch_add(millis, Ordering::SeqCst),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_only_grows_and_moves_business_time_alone() {
        let clock = Clock::manual(Timestamp::from_millis(1_000));
        clock.raise_offset_ms(500);
        clock.raise_offset_ms(200);
        assert_eq!(clock.now(), Timestamp::from_millis(1_500));
        assert_eq!(clock.real_now(), Timestamp::from_millis(1_000));
    }
}
