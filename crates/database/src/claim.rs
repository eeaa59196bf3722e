//! The row is the queue: claiming what is due, under a lease and a fencing number.
//!
//! Every table that is worked on has the columns `id, due_at, lease_until, fence, claims`. `due_at`
//! is business time; the lease is real time, so that a sandbox clock that is moved forward does not
//! take work away from whoever is doing it.

use crate::{Error, FromRow, Row};

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

/// The statement that claims up to `$4` due rows of a table: `$1` business time, `$2` real time,
/// `$3` end of the lease. On PostgreSQL the lease condition stands in the outer WHERE as well: a
/// row that another worker took in between is left to it.
#[macro_export]
macro_rules! claim_sql {
    ($table:literal) => {
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
        )
    };
}
