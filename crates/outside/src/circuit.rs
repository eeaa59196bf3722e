//! A circuit: a party that fails again and again is left alone for a while, so that nobody waits for it;
//! then one call tries whether it is back, and every failed try makes the pause longer.
//!
//! Pure: whoever keeps it brings the time and says where it lies, in memory or in a row. Own code: the crates
//! for this read a clock of their own and keep their state to themselves, while a circuit that several
//! processes share has to lie in the database.

use std::time::Duration;
use vocabulary::Timestamp;

/// How much is borne, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// So many failures without a success between them open it.
    pub failures: u32,
    /// The first of them no longer ago than this.
    pub within: Duration,
    /// For how long it is left alone the first time. Doubled each time that it is not back.
    pub rest: Duration,
    /// For how long at most.
    pub longest_rest: Duration,
    /// How long the try may take that tells whether it is back. Then another may.
    pub probe: Duration,
}

/// How a party has answered of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circuit {
    /// Failures since the last success.
    pub failures: u32,
    /// When the first of them was.
    pub since: Option<Timestamp>,
    /// It is open: the party is left alone.
    pub rest: Option<Rest>,
}

/// A party that is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Until when; then one call tries it.
    pub until: Timestamp,
    /// How long the pause is.
    pub pause: Duration,
    /// Whether a call is under way that tries it.
    pub probing: bool,
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// As usual.
    Free,
    /// This one tries whether the party is back.
    Probe,
    /// Not before then.
    Wait(Timestamp),
}

impl Circuit {
    /// Until when nobody is to call, if that is so.
    pub fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.rest.map(|rest| rest.until).filter(|until| now < *until)
    }

    /// Asks whether a call may be made now. What is answered with [`Admission::Probe`] is under way from here on:
    /// nobody else is admitted until it is decided or takes too long.
    pub fn admit(&mut self, now: Timestamp, patience: &Patience) -> Admission {
        match &mut self.rest {
            None => Admission::Free,
            Some(rest) if now < rest.until => Admission::Wait(rest.until),
            Some(rest) => {
                (rest.until, rest.probing) = (now.plus(patience.probe), true);
                Admission::Probe
            }
        }
    }

    /// A call failed. True when the party is left alone from here on, anew or for longer.
    pub fn failed(&mut self, now: Timestamp, patience: &Patience) -> bool {
        let pause = match self.rest {
            Some(rest) if rest.probing => rest.pause.saturating_mul(2).min(patience.longest_rest),
            // One of several that were under way when it was given up.
            Some(_) => return false,
            None => {
                let since = self.since.filter(|since| now.since(*since) <= patience.within);
                self.failures = if since.is_some() { self.failures.saturating_add(1) } else { 1 };
                self.since = since.or(Some(now));
                if self.failures < patience.failures {
                    return false;
                }
                patience.rest
            }
        };
        self.rest = Some(Rest { until: now.plus(pause), pause, probing: false });
        true
    }

    /// A call was answered as it should be: all is forgotten. True when the party had been left alone.
    pub fn succeeded(&mut self) -> bool {
        std::mem::take(self).rest.is_some()
    }

    /// Whether a success would change anything.
    pub fn is_quiet(&self) -> bool {
        *self == Circuit::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        failures: 3,
        within: Duration::from_secs(60),
        rest: Duration::from_secs(10),
        longest_rest: Duration::from_secs(35),
        probe: Duration::from_secs(5),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn failed(circuit: &mut Circuit, seconds: i64) -> bool {
        circuit.failed(at(seconds), &PATIENCE)
    }

    fn open() -> Circuit {
        let mut circuit = Circuit::default();
        assert_eq!([0, 1, 2].map(|second| failed(&mut circuit, second)), [false, false, true]);
        circuit
    }

    #[test]
    fn failures_open_it_when_no_success_lies_between_them_and_none_is_older_than_the_window() {
        assert_eq!(open().rests_until(at(2)), Some(at(12)));
        let mut circuit = Circuit::default();
        failed(&mut circuit, 0);
        failed(&mut circuit, 1);
        assert!(!circuit.succeeded() && circuit.is_quiet());
        assert_eq!([2, 3].map(|second| failed(&mut circuit, second)), [false, false], "counted anew");
        // The first of them is too long ago by now, so this one is the first.
        assert_eq!([63, 64, 65].map(|second| failed(&mut circuit, second)), [false, false, true]);
    }

    #[test]
    fn nobody_is_admitted_while_it_rests_and_then_one_at_a_time() {
        let mut circuit = open();
        assert_eq!(circuit.admit(at(11), &PATIENCE), Admission::Wait(at(12)));
        assert_eq!(circuit.admit(at(12), &PATIENCE), Admission::Probe);
        assert_eq!(circuit.admit(at(13), &PATIENCE), Admission::Wait(at(17)), "a try is under way");
        // Of the try nothing was heard in its time: another may be made.
        assert_eq!(circuit.admit(at(17), &PATIENCE), Admission::Probe);
        assert!(circuit.succeeded());
        assert_eq!(circuit.admit(at(18), &PATIENCE), Admission::Free);
    }

    #[test]
    fn every_failed_try_makes_the_pause_longer_up_to_the_longest() {
        let (mut circuit, mut now) = (open(), 12);
        for pause in [20, 35, 35] {
            assert_eq!(circuit.admit(at(now), &PATIENCE), Admission::Probe);
            assert!(failed(&mut circuit, now));
            now += pause;
            assert_eq!(circuit.rests_until(at(now - 1)), Some(at(now)));
            assert_eq!(circuit.rests_until(at(now)), None);
        }
    }

    #[test]
    fn what_was_under_way_when_it_opened_changes_nothing() {
        let mut circuit = open();
        let before = circuit;
        assert!(!failed(&mut circuit, 9));
        assert_eq!(circuit, before);
    }
}
