//! A source that fails again and again is left alone for a while, so that nobody waits for it; then
//! one question tries whether it is back. The rule is that of [`outside::Circuit`], here in memory and on the
//! runtime's clock.

use outside::{Admission, Circuit, Patience};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use vocabulary::Timestamp;

const PATIENCE: Patience = Patience {
    failures: 5,
    within: Duration::MAX,
    rest: Duration::from_secs(15),
    longest_rest: Duration::from_secs(300),
    // A question that is dropped is a failure, so none stays under way for ever.
    probe: Duration::from_secs(60),
};

#[derive(Debug)]
pub(super) struct Breaker {
    name: &'static str,
    /// What its moments are counted from.
    made: Instant,
    circuit: Mutex<Circuit>,
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
        let breaker = Breaker { name, made: Instant::now(), circuit: Mutex::default() };
        breaker.show(false);
        breaker
    }

    /// Whether the source may be asked now.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Permit> {
        match self.lock().admit(self.now(), &PATIENCE) {
            Admission::Free | Admission::Probe => Some(Permit { breaker: Arc::clone(self), settled: false }),
            Admission::Wait(_) => None,
        }
    }

    fn succeeded(&self) {
        if self.lock().succeeded() {
            tracing::info!(source = self.name, "{} answers again", self.name);
            self.show(false);
        }
    }

    fn failed(&self) {
        let (now, mut circuit) = (self.now(), self.lock());
        if !circuit.failed(now, &PATIENCE) {
            return;
        }
        let seconds = circuit.rest.map_or(0, |rest| rest.pause.as_secs());
        drop(circuit);
        tracing::warn!(source = self.name, seconds, "{} is left alone for {seconds} s", self.name);
        self.show(true);
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0).plus(self.made.elapsed())
    }

    fn show(&self, open: bool) {
        metrics::gauge!("loket_validation_breaker_open", "source" => self.name)
            .set(f64::from(u8::from(open)));
    }

    fn lock(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
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
        tokio::time::advance(PATIENCE.rest - Duration::from_millis(1)).await;
        assert!(breaker.admit().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_decides_and_each_failed_one_doubles_the_rest() {
        let breaker = breaker();
        (0..5).for_each(|_| fail(&breaker));
        let mut rest = PATIENCE.rest;
        for _ in 0..8 {
            tokio::time::advance(rest).await;
            let probe = breaker.admit().unwrap();
            assert!(breaker.admit().is_none(), "one probe at a time");
            probe.failed();
            rest = (rest * 2).min(PATIENCE.longest_rest);
            tokio::time::advance(rest - Duration::from_millis(1)).await;
            assert!(breaker.admit().is_none());
        }
        tokio::time::advance(Duration::from_millis(1)).await;
        breaker.admit().unwrap().succeeded();
        assert!(breaker.lock().is_quiet());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_breaks_off_is_a_failure_and_no_probe_stays_under_way_for_ever() {
        let breaker = breaker();
        for _ in 0..5 {
            drop(breaker.admit().unwrap());
        }
        assert!(breaker.admit().is_none());
        tokio::time::advance(PATIENCE.rest).await;
        drop(breaker.admit().unwrap());
        assert!(breaker.admit().is_none());
        tokio::time::advance(PATIENCE.rest * 2).await;
        assert!(breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_fail_after_it_was_opened_change_nothing() {
        let breaker = breaker();
        let late: Vec<_> = (0..10).map(|_| breaker.admit().unwrap()).collect();
        late.into_iter().for_each(Permit::failed);
        tokio::time::advance(PATIENCE.rest).await;
        assert!(breaker.admit().is_some());
    }
}
