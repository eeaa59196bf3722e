//! What is said to the shop of a payment or a refund is a reason to ask, and whoever kept an old notification can say it
//! again as often as they like: so it is asked at once a few times, and then no sooner than a pause after. Nothing is too
//! old to be asked about: money may come, or be taken back, long after anybody expects it.

use database::{Error, FromRow, Row, Sql, WriteTx, told_sql};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long the questions are counted that were asked at once.
const SPAN: Duration = Duration::from_secs(10);
/// How many there are in that time: what a gateway says of one payment in a row (that it is open, paid, and given
/// back) waits for nothing.
const AT_ONCE: i64 = 3;

/// A row that is asked about, and what was said of it of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    /// Since when it is counted; in the future, when a question was put off until then.
    since: Option<Timestamp>,
    /// How often it was asked at once since then.
    times: i64,
    due_at: Option<Timestamp>,
    lease_until: Option<Timestamp>,
}

impl FromRow for Told {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Told {
            since: row.get("told_since")?,
            times: row.get("told_times")?,
            due_at: row.get("due_at")?,
            lease_until: row.get("lease_until")?,
        })
    }
}

/// What one more notification makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asks {
    since: Timestamp,
    times: i64,
    due_at: Timestamp,
    /// Reasons that a call which is under way does not answer: what is put off is seen by its moment.
    nudges: i64,
}

impl Told {
    /// When it is asked because of one more notification; `None` when that is so already.
    fn again(self, now: Timestamp) -> Option<Asks> {
        if self.lease_until.is_none() && self.due_at.is_some_and(|due| due <= now) {
            return None;
        }
        let at_once = |since, times| Asks { since, times, due_at: now, nudges: 1 };
        // A question that comes before that answers this one as well. One that is under way does not: when its
        // answer is stored, what was put off past it is due next.
        let put_off = |until: Timestamp, times| {
            let due_at = self.due_at.map_or(until, |due| due.min(until));
            Asks { since: until, times, due_at, nudges: 0 }
        };
        // A clock that was set back keeps nobody waiting.
        let since = self.since.filter(|since| now < since.plus(SPAN) && *since <= now.plus(SPAN));
        Some(match since {
            None => at_once(now, 1),
            Some(until) if now < until => put_off(until, self.times),
            Some(since) if self.times < AT_ONCE => at_once(since, self.times.saturating_add(1)),
            Some(since) => put_off(since.plus(SPAN), 1),
        })
    }
}

/// Somebody outside says something of a payment: it is asked about at once, or a pause after, when it was asked so
/// a few times of late. True when it exists.
pub async fn hear_of(tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<bool, Error> {
    hear(tx, told_sql!("payment", "reference = $1"), reference, now).await
}

/// The same of the refund with this key, as long as it has not ended.
pub async fn hear_of_refund(tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<bool, Error> {
    let of_refund =
        told_sql!("refund", "reference = $1 AND state IN ('intended', 'sent', 'pending', 'unknown')");
    hear(tx, of_refund, reference, now).await
}

async fn hear(
    tx: &mut WriteTx,
    (before, after): (Sql, Sql),
    reference: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let told: Option<Told> = before.bind(reference).optional(tx).await?;
    let Some(told) = told else { return Ok(false) };
    if let Some(asks) = told.again(now) {
        let stored = after.bind(reference).bind(asks.since).bind(asks.times).bind(asks.due_at);
        stored.bind(asks.nudges).run(tx).await?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);
    const SECOND: Duration = Duration::from_secs(1);

    /// A row that nobody works on and that is asked about by itself in an hour.
    const QUIET: Told = Told { since: None, times: 0, due_at: Some(HOUR), lease_until: None };
    const HOUR: Timestamp = Timestamp::from_millis(1_795_327_200_000);

    fn after(asks: Asks) -> Told {
        Told { since: Some(asks.since), times: asks.times, due_at: Some(asks.due_at), lease_until: None }
    }

    /// The row once its question is answered: the next one is in an hour, or when what was put off is due.
    fn answered(told: Told) -> Told {
        let put_off = told.since.filter(|since| Some(*since) > told.due_at);
        Told { due_at: Some(put_off.unwrap_or(HOUR)), lease_until: None, ..told }
    }

    #[test]
    fn three_are_asked_at_once_in_ten_seconds_and_the_next_one_after_them() {
        let mut told = QUIET;
        for time in 1..=3 {
            let asks = told.again(NOW).unwrap();
            assert_eq!(asks, Asks { since: NOW, times: time, due_at: NOW, nudges: 1 });
            told = answered(after(asks));
        }
        let until = NOW.plus(SPAN);
        for since in [0, 4, 9] {
            let asks = told.again(NOW.plus(SECOND * since)).unwrap();
            assert_eq!(asks, Asks { since: until, times: 1, due_at: until, nudges: 0 });
            told = after(asks);
        }
        assert_eq!(told.again(until), None, "it is asked now anyway");
        // What was put off is the first of the ten seconds that begin with it.
        told = answered(told);
        for time in 2..=3 {
            let asks = told.again(until).unwrap();
            assert_eq!((asks.times, asks.due_at), (time, until));
            told = answered(after(asks));
        }
        assert_eq!(told.again(until).unwrap().due_at, until.plus(SPAN));
        // And after ten quiet seconds all begins anew.
        let later = until.plus(SPAN);
        assert_eq!(told.again(later), Some(Asks { since: later, times: 1, due_at: later, nudges: 1 }));
    }

    #[test]
    fn what_is_due_is_asked_once_and_what_is_asked_sooner_is_not_put_off() {
        let due = Told { due_at: Some(NOW), ..QUIET };
        assert_eq!(due.again(NOW), None);
        let much = Told { since: Some(NOW), times: AT_ONCE, due_at: Some(NOW.plus(SECOND * 2)), ..QUIET };
        assert_eq!(much.again(NOW.plus(SECOND)).unwrap().due_at, NOW.plus(SECOND * 2));
        let never = Told { due_at: None, ..much };
        assert_eq!(never.again(NOW.plus(SECOND)).unwrap().due_at, NOW.plus(SPAN));
    }

    #[test]
    fn a_call_that_is_under_way_answers_nothing_that_came_after_it() {
        let busy = Told { due_at: Some(NOW), lease_until: Some(NOW.plus(SECOND * 30)), ..QUIET };
        assert_eq!(busy.again(NOW).unwrap().nudges, 1, "it is asked again at once");
        let much = Told { since: Some(NOW), times: AT_ONCE, ..busy };
        let asks = much.again(NOW.plus(SECOND)).unwrap();
        assert_eq!((asks.due_at, asks.nudges), (NOW, 0), "whoever works on it keeps it");
        assert_eq!(answered(after(asks)).due_at, Some(NOW.plus(SPAN)), "and it is asked after that");
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting() {
        let ahead = Told { since: Some(HOUR), times: AT_ONCE, ..QUIET };
        assert_eq!(ahead.again(NOW).unwrap().due_at, NOW);
    }
}
