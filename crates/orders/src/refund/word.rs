//! What one member of staff says and a second one has to say as well when it gives away more than one may alone:
//! how a refund ended, that an odd amount counts as paid, and what an undelivered part was worth. What is said is kept
//! either way, because all that was given away alone on one order counts together.

use super::approval::is_same;
use crate::{Order, Shop};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use notifications::{AlertKind, alert_open, alert_resolve};
use vocabulary::{Actor, Ids, OrderId, Rupiah, StaffWordId, Timestamp};

vocabulary::text_enum!(
    /// What is said.
    pub(crate) enum Saying {
        /// How a refund ended; it is about its key.
        RefundSettled = "refund_settled",
        /// That an odd amount counts as paid; it is about the payment.
        OddAccepted = "odd_accepted",
        /// What goes back of an order that was delivered in part; it is about the attempt.
        PartSettled = "part_settled",
    }
);
database::text_column!(Saying);

/// What a member of staff says now.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    /// What it is.
    pub(crate) saying: Saying,
    /// Of what.
    pub(crate) subject: &'a str,
    /// The word itself: both have to say the same.
    pub(crate) word: &'a str,
    /// How much is given away by it.
    pub(crate) amount: Rupiah,
    /// Who says so.
    pub(crate) by: &'a Actor,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is enough; beside whom, if a second person was needed.
    Enough {
        /// Who had said it first.
        first: Option<Actor>,
    },
    /// It is kept, and somebody else has to say the same.
    Waits,
    /// The same person has said it already.
    Again,
}

struct Waiting {
    id: StaffWordId,
    subject: String,
    word: String,
    amount: Rupiah,
    said_by: Actor,
}

impl FromRow for Waiting {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Waiting {
            id: row.get("id")?,
            subject: row.get("subject")?,
            word: row.get("word")?,
            amount: row.get("amount")?,
            said_by: row.get("said_by")?,
        })
    }
}

/// Hears what somebody says; the caller holds the order's row. What was said before of the same and is something
/// else is dropped: two have to say one thing.
pub(crate) async fn hear(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    said: Word<'_>,
    needs_another: bool,
) -> Result<Heard, Error> {
    let now = shop.clock.now();
    let waiting: Vec<Waiting> = sql!(
        "SELECT id, subject, word, amount, said_by FROM staff_word
         WHERE order_id = $1 AND kind = $2 AND state = 'waiting' ORDER BY id"
    )
    .bind(&order.id)
    .bind(said.saying)
    .all(tx)
    .await?;
    for one in waiting {
        let is_about_this = one.subject == said.subject;
        if !is_about_this && said.saying == Saying::RefundSettled {
            continue;
        }
        let is_the_same = is_about_this && one.word == said.word && one.amount == said.amount;
        if !is_the_same || !needs_another {
            end(tx, &one.id, ("dropped", said.by), now).await?;
        } else if is_same(&one.said_by, said.by) {
            return Ok(Heard::Again);
        } else {
            end(tx, &one.id, ("carried_out", said.by), now).await?;
            alert_resolve(tx, AlertKind::NeedsSecondPerson, about(order, &said), now).await?;
            return Ok(Heard::Enough { first: Some(one.said_by) });
        }
    }
    alert_resolve(tx, AlertKind::NeedsSecondPerson, about(order, &said), now).await?;
    let state = if needs_another { "waiting" } else { "carried_out" };
    store(tx, &shop.ids, now, &order.id, (said, state)).await?;
    if !needs_another {
        return Ok(Heard::Enough { first: None });
    }
    let (action, text) = match said.saying {
        Saying::RefundSettled => (
            "refund.settle_requested",
            format!(
                "refund {0}: {1} says `{2}`; another person who sees that in the dashboard: `loket order refund-settle {0} {2}`",
                said.subject, said.by, said.word
            ),
        ),
        Saying::OddAccepted => (
            "order.odd_accept_requested",
            format!(
                "order {}: {} takes Rp {} that came in with {} as paid, which is {} short; another person: `loket order approve {} --paid {}`, or `reject` it",
                order.number, said.by, said.word, said.subject, said.amount, order.number, said.word
            ),
        ),
        Saying::PartSettled => (
            "order.settle_requested",
            format!(
                "order {0}: {1} wants Rp {2} given back for what is missing; another person: `loket order settle {0} --give-back {2}`",
                order.number, said.by, said.word
            ),
        ),
    };
    let alert = (AlertKind::NeedsSecondPerson, about(order, &said), text.as_str());
    alert_open(tx, &shop.ids, now, alert).await?;
    let entry = security::Entry {
        actor: said.by,
        action,
        subject: order.number.as_str(),
        before: None,
        after: Some(format!("{} {}", said.subject, said.word)),
        source: Some(said.amount.to_string()),
    };
    security::record(tx, &shop.ids, now, &entry).await?;
    Ok(Heard::Waits)
}

/// What the alert is about.
fn about<'a>(order: &'a Order, said: &Word<'a>) -> &'a str {
    match said.saying {
        Saying::RefundSettled => said.subject,
        Saying::OddAccepted | Saying::PartSettled => order.number.as_str(),
    }
}

async fn store(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    order: &OrderId,
    (said, state): (Word<'_>, &str),
) -> Result<(), Error> {
    sql!(
        "INSERT INTO staff_word (id, order_id, kind, subject, word, amount, said_by, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(StaffWordId::new(ids, now))
    .bind(order)
    .bind(said.saying)
    .bind(said.subject)
    .bind(said.word)
    .bind(said.amount)
    .bind(said.by)
    .bind(state)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

async fn end(
    tx: &mut WriteTx,
    id: &StaffWordId,
    (state, by): (&str, &Actor),
    now: Timestamp,
) -> Result<(), Error> {
    sql!("UPDATE staff_word SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 'waiting'")
        .bind(id)
        .bind(state)
        .bind(by)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Nobody need say it any more: what waits about this subject is dropped.
pub(crate) async fn is_over(
    tx: &mut WriteTx,
    order: &Order,
    (saying, subject): (Saying, Option<&str>),
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "UPDATE staff_word SET state = 'dropped', decided_at = $4
         WHERE order_id = $1 AND kind = $2 AND (CAST($3 AS TEXT) IS NULL OR subject = $3) AND state = 'waiting'"
    )
    .bind(&order.id)
    .bind(saying)
    .bind(subject)
    .bind(now)
    .run(tx)
    .await?;
    let about = subject.unwrap_or(order.number.as_str());
    alert_resolve(tx, AlertKind::NeedsSecondPerson, about, now).await?;
    Ok(())
}

/// How much staff have given away on this order with nobody beside them: by refunds, wherever they go, and by
/// their word.
pub(super) async fn given_alone(tx: &mut ReadTx, order: &OrderId) -> Result<Rupiah, Error> {
    sql!(
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM (
             SELECT amount FROM refund_request
             WHERE order_id = $1 AND state = 'carried_out' AND decided_by IS NULL
             UNION ALL
             SELECT amount FROM staff_word WHERE order_id = $1 AND state = 'carried_out' AND decided_by IS NULL
         ) AS alone"
    )
    .bind(order)
    .one(tx)
    .await
}
