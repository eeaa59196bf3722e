//! Walking through a table by id, in steps that nobody has to wait for.

/// The last id of the next `$2` rows of a table after the id `$1`: where the next step ends. NULL when there is no
/// more.
#[macro_export]
macro_rules! walk_sql {
    ($table:literal) => {
        $crate::Sql::same(concat!(
            "SELECT MAX(id) FROM (SELECT id FROM ",
            $table,
            " WHERE id > $1 ORDER BY id LIMIT $2) n"
        ))
    };
}
