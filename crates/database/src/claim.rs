//! The row is the queue: claiming what is due, under a lease and a fencing number.
//!
//! Every table that is worked on has the columns `id, due_at, lease_until, fence, claims`. `due_at`
//! is business time; the lease is real time, so that a sandbox clock that is moved forward does not
//! take work away from whoever is doing it.

use crate::{Error, FromRow, ReadTx, Row, Sql, WriteTx};
use vocabulary::Timestamp;

/// A row that this worker may work on until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The row.
    pub id: String,
    /// Number of this claim: whoever outslept the lease finds another number and changes nothing.
    pub fence: i64,
    /// How often it was claimed since it last made progress.
    pub claims: i64,
}

impl FromRow for Claim {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Claim { id: row.get("id")?, fence: row.get("fence")?, claims: row.get("claims")? })
    }
}

/// The rows of one table as a queue. Made by [`queue_sql!`](crate::queue_sql).
#[derive(Clone, Copy, Debug)]
pub struct RowQueue {
    claim: Sql,
    free: Sql,
    overdue: Sql,
    next: Sql,
}

impl RowQueue {
    /// With these statements.
    pub const fn new(claim: Sql, free: Sql, overdue: Sql, next: Sql) -> Self {
        RowQueue { claim, free, overdue, next }
    }

    /// Claims up to `limit` rows that are due at this business time and free at this real time, until the lease
    /// ends.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim(
        self,
        tx: &mut WriteTx,
        (now, real_now, lease_until): (Timestamp, Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<Claim>, Error> {
        self.claim.bind(now).bind(real_now).bind(lease_until).bind(limit).all(tx).await
    }

    /// Frees the leases of workers that are gone.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn free_leases(self, tx: &mut WriteTx) -> Result<u64, Error> {
        self.free.query().run(tx).await
    }

    /// How many rows are due at `now` and not done, and since when the first of them is.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn overdue(self, tx: &mut ReadTx, now: Timestamp) -> Result<(i64, Option<Timestamp>), Error> {
        self.overdue.bind(now).one(tx).await
    }

    /// The earliest moment at which a row is due, if any is.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn next_due(self, tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
        self.next.query().optional(tx).await
    }
}

/// The rows of a table as a [`RowQueue`]. On PostgreSQL the lease condition of the claim stands in the outer WHERE
/// as well: a row that another worker took in between is left to it.
#[macro_export]
macro_rules! queue_sql {
    ($table:literal) => {
        $crate::RowQueue::new(
            $crate::Sql::differing(
                concat!(
                    "UPDATE ", $table, " SET lease_until = $3, fence = fence + 1, claims = claims + 1 \
                     WHERE id IN (SELECT id FROM ", $table, " WHERE due_at <= $1 \
                     AND (lease_until IS NULL OR lease_until <= $2) ORDER BY due_at LIMIT $4) \
                     RETURNING id, fence, claims"
                ),
                concat!(
                    "UPDATE ", $table, " SET lease_until = $3, fence = fence + 1, claims = claims + 1 \
                     WHERE id IN (SELECT id FROM ", $table, " WHERE due_at <= $1 \
                     AND (lease_until IS NULL OR lease_until <= $2) ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) \
                     AND due_at <= $1 AND (lease_until IS NULL OR lease_until <= $2) \
                     RETURNING id, fence, claims"
                ),
            ),
            $crate::Sql::same(
                concat!(
                    "UPDATE ", $table, " SET lease_until = NULL WHERE lease_until IS NOT NULL AND due_at IS NOT NULL"
                ),
            ),
            $crate::Sql::same(
                concat!(
                    "SELECT COUNT(*), MIN(due_at) FROM ", $table, " WHERE due_at <= $1"
                ),
            ),
            $crate::Sql::same(
                concat!(
                    "SELECT due_at FROM ", $table, " WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1"
                ),
            ),
        )
    };
}
