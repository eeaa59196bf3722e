//! Rows that somebody outside says something of, again and again: what was said of late, and what is kept of that.

/// The two statements about what is said of rows of a table, which are found by `$1`: what was said before, with the row
/// held on PostgreSQL until the transaction ends, and what it is from then on. The table has the columns of the queue,
/// and `told_since`, `told_times` and `nudges`.
#[macro_export]
macro_rules! told_sql {
    ($table:literal, $found:literal) => {
        (
            $crate::Sql::differing(
                concat!(
                    "SELECT told_since, told_times, due_at, lease_until FROM ",
                    $table,
                    " WHERE ",
                    $found
                ),
                concat!(
                    "SELECT told_since, told_times, due_at, lease_until FROM ",
                    $table,
                    " WHERE ",
                    $found,
                    " FOR UPDATE"
                ),
            ),
            $crate::Sql::same(concat!(
                "UPDATE ",
                $table,
                " SET told_since = $2, told_times = $3, due_at = $4, nudges = nudges + $5 \
                     WHERE ",
                $found
            )),
        )
    };
}
