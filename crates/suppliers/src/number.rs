//! The supplier's own numbers of our attempts: by them a supplier that takes no reference of ours is asked, and
//! a purchase whose answer was lost is told from others.

use crate::{Attempt, Named};
use database::{Error, ReadTx, WriteTx, sql};
use std::time::Duration;
use vocabulary::{Reference, Timestamp};

/// How long a purchase may be under way before it shows in the supplier's list, generously.
const UNDER_WAY: Duration = Duration::from_secs(600);

/// Keeps which purchases there were before this attempt is sent for the first time.
pub async fn store_earlier(tx: &mut WriteTx, attempt: &Attempt, earlier: &str) -> Result<(), Error> {
    sql!("UPDATE fulfilment_attempt SET numbers_before = $3 WHERE id = $1 AND fence = $2")
        .bind(&attempt.id)
        .bind(attempt.fence)
        .bind(earlier)
        .run(tx)
        .await?;
    Ok(())
}

/// Counts a question before the first send that was not answered, and says how many tries there were. `None` when
/// another worker has claimed the attempt since, or it moved on.
pub async fn count_silent_look(
    tx: &mut WriteTx,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<Option<i64>, Error> {
    sql!(
        "UPDATE fulfilment_attempt SET asked = asked + 1, updated_at = $3
         WHERE id = $1 AND fence = $2 AND state = 'intended' RETURNING asked"
    )
    .bind(&attempt.id)
    .bind(attempt.fence)
    .bind(now)
    .optional(tx)
    .await
}

/// The supplier's numbers that cannot be this attempt's: those that were there before it was sent, and those of
/// our other attempts for the same account. `None` when nobody looked before it was sent.
pub async fn numbers_of_others(tx: &mut ReadTx, attempt: &Attempt) -> Result<Option<Vec<String>>, Error> {
    let Some(earlier) = &attempt.earlier else { return Ok(None) };
    let ours: Vec<String> = sql!(
        "SELECT supplier_number FROM fulfilment_attempt
         WHERE supplier = $1 AND customer_no = $2 AND id <> $3 AND supplier_number IS NOT NULL"
    )
    .bind(&attempt.supplier)
    .bind(&attempt.customer_no)
    .bind(&attempt.id)
    .all(tx)
    .await?;
    Ok(Some(earlier.split_whitespace().map(str::to_owned).chain(ours).collect()))
}

/// The attempt of ours at this supplier that has this number of theirs.
pub async fn attempt_by_number(
    tx: &mut ReadTx,
    supplier: &str,
    number: &str,
) -> Result<Option<Attempt>, Error> {
    sql!(
        "SELECT * FROM fulfilment_attempt WHERE supplier = $1 AND supplier_number = $2 ORDER BY reference LIMIT 1"
    )
    .bind(supplier)
    .bind(number)
    .optional(tx)
    .await
}

/// The other attempt of ours that this number of the supplier's may belong to: one that holds it, or one for the
/// same account that was sent no earlier than a moment before and has no number yet. A number that is contested
/// is nobody's until a person has looked.
pub async fn number_contested(
    tx: &mut ReadTx,
    attempt: &Attempt,
    number: &str,
) -> Result<Option<Reference>, Error> {
    let held: Option<Reference> = sql!(
        "SELECT reference FROM fulfilment_attempt
         WHERE supplier = $1 AND supplier_number = $2 AND id <> $3 ORDER BY reference LIMIT 1"
    )
    .bind(&attempt.supplier)
    .bind(number)
    .bind(&attempt.id)
    .optional(tx)
    .await?;
    if held.is_some() {
        return Ok(held);
    }
    let since = attempt.first_sent_at.unwrap_or(attempt.created_at).minus(UNDER_WAY);
    sql!(
        "SELECT reference FROM fulfilment_attempt
         WHERE supplier = $1 AND customer_no = $2 AND id <> $3 AND supplier_number IS NULL
         AND state IN ('sent', 'pending', 'unknown') AND first_sent_at >= $4 ORDER BY reference LIMIT 1"
    )
    .bind(&attempt.supplier)
    .bind(&attempt.customer_no)
    .bind(&attempt.id)
    .bind(since)
    .optional(tx)
    .await
}

/// Makes the attempt that a hint names due, in whatever state it is: what has failed may have been delivered
/// after all. One that was never sent is left alone, and so is everything of other suppliers. True when there is
/// such an attempt.
pub async fn nudge_attempt(
    tx: &mut WriteTx,
    supplier: &str,
    named: &Named,
    now: Timestamp,
) -> Result<bool, Error> {
    let found = match named {
        Named::Reference(reference) => {
            sql!(
                "UPDATE fulfilment_attempt SET due_at = $3, nudges = nudges + 1
                 WHERE reference = $2 AND supplier = $1 AND first_sent_at IS NOT NULL"
            )
            .bind(supplier)
            .bind(reference)
            .bind(now)
            .run(tx)
            .await?
        }
        Named::Number(number) => {
            sql!(
                "UPDATE fulfilment_attempt SET due_at = $3, nudges = nudges + 1
                 WHERE supplier_number = $2 AND supplier = $1"
            )
            .bind(supplier)
            .bind(number)
            .bind(now)
            .run(tx)
            .await?
        }
    };
    Ok(found > 0)
}

/// Makes a delivered attempt due whose supplier is said to call it failed. False when there is none of this reference
/// that is delivered.
pub async fn nudge_delivered(tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<bool, Error> {
    let found = sql!(
        "UPDATE fulfilment_attempt SET due_at = $2, nudges = nudges + 1 WHERE reference = $1 AND state = 'succeeded'"
    )
    .bind(reference)
    .bind(now)
    .run(tx)
    .await?;
    Ok(found > 0)
}
