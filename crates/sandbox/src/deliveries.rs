//! Webhooks on their way: rows with a due time, sent outside of any transaction, tried again by the
//! table of the party that sends them. Those of one transaction go out one after another.

use crate::{
    dana,
    faults::{self, Fault},
    world::{Target, World},
};
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, sql};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vocabulary::Timestamp;

/// How many finished webhooks are kept for each party.
pub(crate) const KEPT: i64 = 1_000;
/// How long the receiver may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// How many 307 and 308 are followed.
const REDIRECTS: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);
/// How much of an answer is read, by those who care what it says.
const ANSWER_BYTES: usize = 16 * 1024;
/// How long DANA waits before each further try. Its own table is UNVERIFIED.
const DANA_PAUSES: [Duration; 5] = [
    MINUTE,
    MINUTE.saturating_mul(5),
    MINUTE.saturating_mul(15),
    MINUTE.saturating_mul(60),
    MINUTE.saturating_mul(360),
];
/// How long Xendit waits before each further try (contracts/payments §3.5).
const XENDIT_PAUSES: [Duration; 6] = [
    MINUTE.saturating_mul(15),
    MINUTE.saturating_mul(45),
    MINUTE.saturating_mul(120),
    MINUTE.saturating_mul(180),
    MINUTE.saturating_mul(360),
    MINUTE.saturating_mul(720),
];
/// How long Midtrans waits before each further try.
const MIDTRANS_PAUSES: [Duration; 5] = [
    MINUTE.saturating_mul(2),
    MINUTE.saturating_mul(10),
    MINUTE.saturating_mul(30),
    MINUTE.saturating_mul(90),
    MINUTE.saturating_mul(210),
];

vocabulary::text_enum!(
    /// What became of a webhook.
    pub(crate) enum State {
        /// It will be sent, or sent again.
        Waiting = "waiting",
        /// It was accepted.
        Delivered = "delivered",
        /// It was refused too often.
        GivenUp = "given_up",
        /// A fault kept it from being sent.
        Dropped = "dropped",
        /// There was no address to send it to.
        Nowhere = "nowhere",
    }
);
database::text_column!(State);

/// A webhook to be sent.
pub(crate) struct Webhook {
    pub(crate) target: Target,
    /// The transaction that it is about.
    pub(crate) reference: String,
    /// What happened, as a fault can name it.
    pub(crate) event: String,
    /// Where to; `None` for the "dashboard".
    pub(crate) url: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// One try to send it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) at: i64,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    /// Headers that only this try had, such as a signature with its time.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
}

/// A webhook as it is stored.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) seq: i64,
    pub(crate) target: Target,
    pub(crate) reference: String,
    pub(crate) event: String,
    pub(crate) url: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) state: State,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) created_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
}

impl FromRow for Delivery {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(headers) = row.get("headers")?;
        let Json(attempts) = row.get("attempts")?;
        Ok(Delivery {
            seq: row.get("seq")?,
            target: row.get("target")?,
            reference: row.get("reference")?,
            event: row.get("event")?,
            url: row.get("url")?,
            headers,
            body: row.get("body")?,
            state: row.get("state")?,
            attempts,
            created_at: row.get("created_at")?,
            due_at: row.get("due_at")?,
        })
    }
}

/// The client that webhooks are sent with: follows 307 and 308 alone.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    let policy = reqwest::redirect::Policy::custom(|attempt| {
        let followed = matches!(attempt.status().as_u16(), 307 | 308);
        if followed && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
    });
    reqwest::Client::builder()
        .timeout(ANSWER_TIMEOUT)
        .connect_timeout(Duration::from_secs(5))
        .redirect(policy)
        .no_proxy()
        .build()
}

/// Stores a webhook to be sent `after` now, spoiled by the faults that are on.
pub(crate) async fn enqueue(
    tx: &mut WriteTx,
    webhook: &Webhook,
    after: Duration,
    now: Timestamp,
) -> Result<(), Error> {
    let target = webhook.target;
    // What it is about stands in its text, too: a reference of ours, and whom the goods are for.
    let about = format!("{} {}", webhook.reference, webhook.body);
    let event = (webhook.event.as_str(), about.as_str());
    if faults::strike(tx, target, Fault::DropWebhook, event).await?.is_some() {
        return insert(tx, webhook, State::Dropped, None, now).await;
    }
    let delay = faults::strike(tx, target, Fault::DelayWebhook, event).await?.map(|s| s.delay());
    let due = now.plus(after.saturating_add(delay.unwrap_or_default()));
    if release_held(tx, webhook, due).await? == 0
        && let Some(held) = faults::strike(tx, target, Fault::ReorderWebhook, event).await?
    {
        insert(tx, webhook, State::Waiting, Some(due.plus(held.delay())), now).await?;
        return hold_newest(tx).await;
    }
    insert(tx, webhook, State::Waiting, Some(due), now).await?;
    if faults::strike(tx, target, Fault::DuplicateWebhook, event).await?.is_some() {
        insert(tx, webhook, State::Waiting, Some(due), now).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut WriteTx,
    webhook: &Webhook,
    state: State,
    due_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    let newest: Option<i64> = sql!("SELECT MAX(seq) FROM world_delivery").query().one(tx).await?;
    sql!(
        "INSERT INTO world_delivery
            (seq, target, reference, event, url, headers, body, state, attempts, created_at, held, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9, 0, $10)"
    )
    .bind(newest.unwrap_or(0).saturating_add(1))
    .bind(webhook.target)
    .bind(&webhook.reference)
    .bind(&webhook.event)
    .bind(webhook.url.as_ref())
    .bind(Json(&webhook.headers))
    .bind(&webhook.body)
    .bind(state)
    .bind(now)
    .bind(due_at)
    .run(tx)
    .await?;
    Ok(())
}

/// The webhook that was held back follows half a second after the one about the same that overtakes it.
async fn release_held(tx: &mut WriteTx, webhook: &Webhook, due: Timestamp) -> Result<u64, Error> {
    sql!("UPDATE world_delivery SET held = 0, due_at = $3 WHERE target = $1 AND reference = $2 AND held = 1")
        .bind(webhook.target)
        .bind(&webhook.reference)
        .bind(due.plus(Duration::from_millis(500)))
        .run(tx)
        .await
}

async fn hold_newest(tx: &mut WriteTx) -> Result<(), Error> {
    sql!("UPDATE world_delivery SET held = 1 WHERE seq = (SELECT MAX(seq) FROM world_delivery)")
        .query()
        .run(tx)
        .await?;
    Ok(())
}

/// What is due, oldest first.
pub(crate) async fn due(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Delivery>, Error> {
    sql!(
        "SELECT seq, target, reference, event, url, headers, body, state, attempts, created_at, due_at
         FROM world_delivery WHERE due_at <= $1 ORDER BY due_at, seq LIMIT 64"
    )
    .bind(now)
    .all(tx)
    .await
}

/// When the next one is due.
pub(crate) async fn next_due(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    sql!("SELECT MIN(due_at) FROM world_delivery WHERE due_at IS NOT NULL").query().one(tx).await
}

/// The webhooks of a party, newest first.
pub(crate) async fn all(tx: &mut ReadTx, target: Target) -> Result<Vec<Delivery>, Error> {
    sql!(
        "SELECT seq, target, reference, event, url, headers, body, state, attempts, created_at, due_at
         FROM world_delivery WHERE target = $1 ORDER BY seq DESC LIMIT 1000"
    )
    .bind(target)
    .all(tx)
    .await
}

/// Sends one webhook and writes down what became of it. No transaction is open while it is sent.
pub(crate) async fn send(world: &World, delivery: Delivery) -> Result<(), Error> {
    let url = delivery.url.clone().or_else(|| world.notify_url(delivery.target));
    let Some(url) = url else {
        return finish(world, &delivery, State::Nowhere, None).await;
    };
    let mut request = world.http.post(&url).body(delivery.body.clone());
    let headers = match delivery.target {
        Target::Dana => dana::departing_headers(world, &delivery),
        _ => Vec::new(),
    };
    for (name, value) in delivery.headers.iter().chain(&headers) {
        request = request.header(name, value);
    }
    let outcome = request.send().await;
    let status = outcome.as_ref().ok().map(|r| r.status().as_u16());
    let error = match outcome {
        Err(error) => Some(error.without_url().to_string()),
        Ok(answer) if delivery.target == Target::Dana => dana_complaint(answer).await,
        Ok(_) => None,
    };
    let attempt = Attempt { at: world.now().millis(), status, error, headers };
    let verdict = judge(&delivery, &attempt);
    let mut delivery = delivery;
    tracing::debug!(party = %delivery.target, reference = %delivery.reference, status = attempt.status, "sent webhook {} of {}", delivery.event, delivery.target);
    let again = match verdict {
        Verdict::Again(pause) => Some(Timestamp::from_millis(attempt.at).plus(pause)),
        Verdict::Accepted | Verdict::GivenUp => None,
    };
    delivery.attempts.push(attempt);
    let state = match verdict {
        Verdict::Accepted => State::Delivered,
        Verdict::GivenUp => State::GivenUp,
        Verdict::Again(_) => State::Waiting,
    };
    finish(world, &delivery, state, again).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Again(Duration),
    GivenUp,
}

/// Why DANA does not count an answer as received: it has to say so in its body.
async fn dana_complaint(mut answer: reqwest::Response) -> Option<String> {
    let (status, mut body) = (answer.status().as_u16(), Vec::new());
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            break;
        }
    }
    let accepted = dana::accepts(status, &body);
    (!accepted).then(|| "the answer is not HTTP 200 with responseCode 2005600".to_owned())
}

/// What follows from the receiver's answer, and how often it was tried before.
fn judge(delivery: &Delivery, attempt: &Attempt) -> Verdict {
    let success = attempt.status.is_some_and(|s| (200..300).contains(&s));
    if success && attempt.error.is_none() {
        return Verdict::Accepted;
    }
    let pauses: &[Duration] = match delivery.target {
        Target::Midtrans => {
            MIDTRANS_PAUSES.get(..midtrans_retries(attempt.status)).unwrap_or(&MIDTRANS_PAUSES)
        }
        Target::Dana => &DANA_PAUSES,
        Target::Xendit => &XENDIT_PAUSES,
        // No retry is documented: a webhook that does not arrive is lost.
        Target::Digiflazz | Target::VipReseller | Target::Apigames => &[],
        Target::Discord => &[],
    };
    let pause = pauses.get(delivery.attempts.len());
    pause.map_or(Verdict::GivenUp, |pause| Verdict::Again(*pause))
}

/// How many further tries an answer is worth; `None` is no answer at all.
fn midtrans_retries(status: Option<u16>) -> usize {
    match status {
        Some(300..=303 | 307 | 308) => 0,
        Some(500) => 1,
        Some(400 | 404) => 2,
        Some(503) => 4,
        _ => MIDTRANS_PAUSES.len(),
    }
}

async fn finish(
    world: &World,
    delivery: &Delivery,
    state: State,
    again: Option<Timestamp>,
) -> Result<(), Error> {
    let mut tx = world.db.write("world.delivery").await?;
    sql!("UPDATE world_delivery SET state = $2, attempts = $3, held = 0, due_at = $4 WHERE seq = $1")
        .bind(delivery.seq)
        .bind(state)
        .bind(Json(&delivery.attempts))
        .bind(again)
        .run(&mut tx)
        .await?;
    sql!(
        "DELETE FROM world_delivery WHERE target = $1 AND due_at IS NULL AND seq <= (
            SELECT MAX(seq) FROM world_delivery WHERE target = $1) - $2"
    )
    .bind(delivery.target)
    .bind(KEPT)
    .run(&mut tx)
    .await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: Option<u16>, tries_before: usize) -> Verdict {
        verdict_of(Target::Midtrans, status, tries_before)
    }

    fn verdict_of(target: Target, status: Option<u16>, tries_before: usize) -> Verdict {
        let attempt = Attempt { at: 0, status, error: None, headers: Vec::new() };
        let delivery = Delivery {
            seq: 1,
            target,
            reference: "r".into(),
            event: "settlement".into(),
            url: None,
            headers: Vec::new(),
            body: String::new(),
            state: State::Waiting,
            attempts: vec![attempt.clone(); tries_before],
            created_at: Timestamp::default(),
            due_at: None,
        };
        judge(&delivery, &attempt)
    }

    #[test]
    fn xendit_tries_again_for_a_day_by_its_table_until_any_success() {
        for status in [Some(400), Some(401), Some(404), Some(500), Some(503), Some(302), None] {
            let pauses: Vec<Verdict> = (0..7).map(|n| verdict_of(Target::Xendit, status, n)).collect();
            let minutes = [15, 45, 120, 180, 360, 720];
            let mut expected: Vec<Verdict> =
                minutes.into_iter().map(|m: u64| Verdict::Again(Duration::from_secs(m * 60))).collect();
            expected.push(Verdict::GivenUp);
            assert_eq!(pauses, expected, "{status:?}");
        }
        for status in [200, 201, 204, 299] {
            assert_eq!(verdict_of(Target::Xendit, Some(status), 0), Verdict::Accepted, "{status}");
        }
    }

    #[test]
    fn midtrans_tries_again_by_its_table() {
        let minutes = |m: u64| Verdict::Again(Duration::from_secs(m * 60));
        for (status, tries) in [
            (Some(200), vec![Verdict::Accepted]),
            (Some(204), vec![Verdict::Accepted]),
            (Some(302), vec![Verdict::GivenUp]),
            (Some(307), vec![Verdict::GivenUp]),
            (Some(500), vec![minutes(2), Verdict::GivenUp]),
            (Some(404), vec![minutes(2), minutes(10), Verdict::GivenUp]),
            (Some(400), vec![minutes(2), minutes(10), Verdict::GivenUp]),
            (Some(503), vec![minutes(2), minutes(10), minutes(30), minutes(90), Verdict::GivenUp]),
            (
                Some(401),
                vec![minutes(2), minutes(10), minutes(30), minutes(90), minutes(210), Verdict::GivenUp],
            ),
            (None, vec![minutes(2), minutes(10), minutes(30), minutes(90), minutes(210), Verdict::GivenUp]),
        ] {
            for (before, expected) in tries.into_iter().enumerate() {
                assert_eq!(verdict(status, before), expected, "{status:?} after {before} tries");
            }
        }
    }
}
