//! The database refuses to change the trail; and when its guard is taken away, the proof names the
//! first entry that does not fit.

use crate::{entry_at, holds, record, seal_all, verify};
use database::{Database, Engine, Sql, sql};
use security::Verification;
use testkit::on_both_shops;
use vocabulary::Ids;

/// Five chained entries, and no guard on them.
async fn unguarded(db: &Database) {
    record(db, &Ids::random(), 5).await;
    seal_all(db).await;
    let statements: &[Sql] = match db.engine() {
        Engine::Sqlite => &[
            sql!("DROP TRIGGER audit_entry_no_update"),
            sql!("DROP TRIGGER audit_entry_no_delete"),
            sql!("DROP TRIGGER audit_seal_no_update"),
            sql!("DROP TRIGGER audit_seal_no_delete"),
        ],
        Engine::Postgres => &[
            sql!("ALTER TABLE audit_entry DISABLE TRIGGER USER"),
            sql!("ALTER TABLE audit_seal DISABLE TRIGGER USER"),
        ],
    };
    run(db, statements).await;
}

async fn run(db: &Database, statements: &[Sql]) {
    let mut tx = db.write("test").await.unwrap();
    for statement in statements {
        statement.query().run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The proof names this place and entry, and says why.
async fn broken(db: &Database, expected: (i64, &str, &str), what: &str) {
    match verify(db).await {
        Verification::Broken { position, entry, problem } => {
            assert_eq!((position, entry.as_str()), (expected.0, expected.1), "{what}: {problem}");
            assert!(problem.contains(expected.2), "{what}: {problem}");
        }
        holds @ Verification::Holds { .. } => panic!("{what}: {holds:?}"),
    }
}

on_both_shops!(fn the_database_refuses_to_change_or_delete_what_was_recorded(db) {
    record(&db, &Ids::random(), 3).await;
    seal_all(&db).await;
    let before = holds(&db).await;
    for statement in [
        sql!("UPDATE audit_entry SET actor = 'nobody'"),
        sql!("DELETE FROM audit_entry"),
        sql!("UPDATE audit_seal SET hash = 'x'"),
        sql!("DELETE FROM audit_seal"),
    ] {
        let mut tx = db.write("test").await.unwrap();
        let refused = statement.query().run(&mut tx).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(holds(&db).await, before);
});

on_both_shops!(fn one_changed_byte_in_any_column_is_found_and_named(db) {
    unguarded(&db).await;
    let third = entry_at(&db, 3).await;
    let original = holds(&db).await;
    let changed = "its content, or one before it, is not what was chained";
    // How the third entry is changed, and changed back.
    macro_rules! column {
        ($column:literal, $change:literal, $undo:literal) => {(
            $column,
            Sql::same(concat!("UPDATE audit_entry SET ", $column, " = ", $change, " WHERE id = (SELECT entry_id FROM audit_seal WHERE position = 3)")),
            Sql::same(concat!("UPDATE audit_entry SET ", $column, " = ", $undo, " WHERE id = (SELECT entry_id FROM audit_seal WHERE position = 3)")),
        )};
    }
    for (column, change, undo) in [
        column!("at", "at + 1", "at - 1"),
        column!("actor", "'systen'", "'system'"),
        column!("action", "'order.paie'", "'order.paid'"),
        column!("subject", "'LK0123456780'", "'LK0123456789'"),
        column!("before_state", "'awaiting_paymenu'", "'awaiting_payment'"),
        column!("before_state", "NULL", "'awaiting_payment'"),
        column!("after_state", "after_state || ' '", "substr(after_state, 1, length(after_state) - 1)"),
        column!("source", "'127.0.0.2'", "'127.0.0.1'"),
        column!("source", "''", "'127.0.0.1'"),
    ] {
        run(&db, &[change]).await;
        broken(&db, (3, &third, changed), column).await;
        run(&db, &[undo]).await;
        assert_eq!(holds(&db).await, original, "{column}");
    }
    run(&db, &[sql!("UPDATE audit_seal SET hash = replace(hash, substr(hash, 5, 1), 'x') WHERE position = 3")]).await;
    broken(&db, (3, &third, changed), "the hash itself").await;
});

on_both_shops!(fn an_entry_that_is_renamed_is_found(db) {
    unguarded(&db).await;
    let third = entry_at(&db, 3).await;
    run(&db, &[sql!(
        "UPDATE audit_entry SET id = 'aud_01arz3ndektsv4rrffq69g5fav'
         WHERE id = (SELECT entry_id FROM audit_seal WHERE position = 3)"
    )]).await;
    broken(&db, (3, &third, "the entry is gone"), "renamed").await;
    run(&db, &[sql!("UPDATE audit_seal SET entry_id = 'aud_01arz3ndektsv4rrffq69g5fav' WHERE position = 3")]).await;
    broken(&db, (3, "aud_01arz3ndektsv4rrffq69g5fav", "not what was chained"), "renamed in both places").await;
});

on_both_shops!(fn a_deleted_entry_is_found(db) {
    unguarded(&db).await;
    let third = entry_at(&db, 3).await;
    run(&db, &[sql!("DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_seal WHERE position = 3)")]).await;
    broken(&db, (3, &third, "the entry is gone"), "deleted").await;
});

on_both_shops!(fn a_deleted_seal_is_found(db) {
    unguarded(&db).await;
    let fourth = entry_at(&db, 4).await;
    run(&db, &[sql!("DELETE FROM audit_seal WHERE position = 3")]).await;
    broken(&db, (3, &fourth, "missing from the chain"), "deleted in the middle").await;
    // Closing the gap does not help: each hash knows its place.
    run(&db, &[
        sql!("UPDATE audit_seal SET position = 3 WHERE position = 4"),
        sql!("UPDATE audit_seal SET position = 4 WHERE position = 5"),
    ]).await;
    broken(&db, (3, &fourth, "not what was chained"), "deleted and closed").await;
});

on_both_shops!(fn a_deleted_last_seal_is_found(db) {
    unguarded(&db).await;
    let last = entry_at(&db, 5).await;
    run(&db, &[sql!("DELETE FROM audit_seal WHERE position = 5")]).await;
    broken(&db, (5, &last, "neither chained nor waiting"), "the last seal").await;
});

on_both_shops!(fn two_seals_that_are_swapped_are_found(db) {
    unguarded(&db).await;
    let (third, fourth) = (entry_at(&db, 3).await, entry_at(&db, 4).await);
    run(&db, &[
        sql!("UPDATE audit_seal SET position = -1 WHERE position = 3"),
        sql!("UPDATE audit_seal SET position = 3 WHERE position = 4"),
        sql!("UPDATE audit_seal SET position = 4 WHERE position = -1"),
    ]).await;
    assert_ne!(third, fourth);
    broken(&db, (3, &fourth, "not what was chained"), "swapped").await;
});

on_both_shops!(fn an_entry_that_was_put_there_past_the_shop_is_found(db) {
    unguarded(&db).await;
    run(&db, &[sql!(
        "INSERT INTO audit_entry (id, at, actor, action, subject)
         VALUES ('aud_01arz3ndektsv4rrffq69g5fav', 1, 'system', 'order.refunded', 'LK0123456789')"
    )]).await;
    broken(&db, (6, "aud_01arz3ndektsv4rrffq69g5fav", "neither chained nor waiting"), "inserted").await;
});

on_both_shops!(fn a_tail_that_is_cut_off_moves_the_head_that_was_noted(db) {
    unguarded(&db).await;
    let (_, _, noted) = holds(&db).await;
    run(&db, &[
        sql!("DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_seal WHERE position = 5)"),
        sql!("DELETE FROM audit_seal WHERE position = 5"),
    ]).await;
    let (sealed, _, head) = holds(&db).await;
    assert_eq!(sealed, 4);
    assert_ne!(head, noted, "only the noted head shows it, and it does");
});
