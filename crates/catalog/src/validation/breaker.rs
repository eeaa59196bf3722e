//! A source that fails again and again is left alone for a while, so that nobody waits for it; then
//! one question tries whether it is back.
//!
//! Own code, on the runtime's clock: the crates for this read a clock of their own.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Failures in a row after which a source is left alone.
const FAILURES: u32 = 5;
/// For how long, the first time. Doubled each time that it is not back.
const REST: Duration = Duration::from_secs(15);
/// For how long at most.
const LONGEST_REST: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(super) struct Breaker {
    name: &'static str,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Asked as usual.
    Closed { failures: u32 },
    /// Left alone.
    Open { until: Instant, rest: Duration },
    /// One question is under way that tells whether it is back.
    Probing { rest: Duration },
}

/// The right to ask once. What became of it must be told; dropped without a word, the call broke off,
/// which is a failure.
#[derive(Debug)]
pub(super) struct Permit {
    breaker: Arc<Breaker>,
    settled: bool,
}

impl Breaker {
    pub(super) fn new(name: &'static str) -> Self {
        let breaker = Breaker { name, state: Mutex::new(State::Closed { failures: 0 }) };
        breaker.show(false);
        breaker
    }

    /// Whether the source may be asked now.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Permit> {
        let now = Instant::now();
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => {}
            State::Open { until, rest } if now >= until => *state = State::Probing { rest },
            State::Open { .. } | State::Probing { .. } => return None,
        }
        Some(Permit { breaker: Arc::clone(self), settled: false })
    }

    fn succeeded(&self) {
        let before = std::mem::replace(&mut *self.lock(), State::Closed { failures: 0 });
        if !matches!(before, State::Closed { .. }) {
            tracing::info!(source = self.name, "{} answers again", self.name);
            self.show(false);
        }
    }

    fn failed(&self) {
        let mut state = self.lock();
        let rest = match *state {
            State::Closed { failures } if failures.saturating_add(1) < FAILURES => {
                *state = State::Closed { failures: failures.saturating_add(1) };
                return;
            }
            State::Closed { .. } => REST,
            State::Probing { rest } => rest.saturating_mul(2).min(LONGEST_REST),
            // One of several that were under way when it was given up.
            State::Open { .. } => return,
        };
        *state = State::Open { until: Instant::now() + rest, rest };
        drop(state);
        let seconds = rest.as_secs();
        tracing::warn!(source = self.name, seconds, "{} is left alone for {seconds} s", self.name);
        self.show(true);
    }

    fn show(&self, open: bool) {
        metrics::gauge!("loket_validation_breaker_open", "source" => self.name)
            .set(f64::from(u8::from(open)));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The source answered, whatever it said.
    pub(super) fn succeeded(mut self) {
        self.settled = true;
        self.breaker.succeeded();
    }

    /// The source did not answer.
    pub(super) fn failed(mut self) {
        self.settled = true;
        self.breaker.failed();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.failed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Arc<Breaker> {
        Arc::new(Breaker::new("test"))
    }

    fn fail(breaker: &Arc<Breaker>) {
        breaker.admit().unwrap().failed();
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_open_it_and_a_success_starts_the_count_anew() {
        let breaker = breaker();
        (0..4).for_each(|_| fail(&breaker));
        breaker.admit().unwrap().succeeded();
        (0..4).for_each(|_| fail(&breaker));
        breaker.admit().unwrap().failed();
        assert!(breaker.admit().is_none());
        tokio::time::advance(REST - Duration::from_millis(1)).await;
        assert!(breaker.admit().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_decides_and_each_failed_one_doubles_the_rest() {
        let breaker = breaker();
        (0..5).for_each(|_| fail(&breaker));
        let mut rest = REST;
        for _ in 0..8 {
            tokio::time::advance(rest).await;
            let probe = breaker.admit().unwrap();
            assert!(breaker.admit().is_none(), "one probe at a time");
            probe.failed();
            rest = (rest * 2).min(LONGEST_REST);
            tokio::time::advance(rest - Duration::from_millis(1)).await;
            assert!(breaker.admit().is_none());
        }
        tokio::time::advance(Duration::from_millis(1)).await;
        breaker.admit().unwrap().succeeded();
        assert_eq!(*breaker.lock(), State::Closed { failures: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_breaks_off_is_a_failure_and_no_probe_stays_under_way_for_ever() {
        let breaker = breaker();
        for _ in 0..5 {
            drop(breaker.admit().unwrap());
        }
        assert!(breaker.admit().is_none());
        tokio::time::advance(REST).await;
        drop(breaker.admit().unwrap());
        assert!(breaker.admit().is_none());
        tokio::time::advance(REST * 2).await;
        assert!(breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_fail_after_it_was_opened_change_nothing() {
        let breaker = breaker();
        let late: Vec<_> = (0..10).map(|_| breaker.admit().unwrap()).collect();
        late.into_iter().for_each(Permit::failed);
        tokio::time::advance(REST).await;
        assert!(breaker.admit().is_some());
    }
}
