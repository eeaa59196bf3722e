//! The two schemas are one schema: what differs between them is found by comparing what the two
//! databases say they have.

use database::{Error, FromRow, Row, Sql};
use std::collections::BTreeSet;
use testkit::TestDatabase;

/// Facts about a schema, one a line.
struct Fact(String);

impl FromRow for Fact {
    fn from_row(row: &Row) -> Result<Self, Error> {
        row.get(0).map(Fact)
    }
}

async fn facts(db: &TestDatabase, statement: &'static str) -> BTreeSet<String> {
    let mut tx = db.read("test").await.unwrap();
    let facts: Vec<Fact> = Sql::same(statement).query().all(&mut tx).await.unwrap();
    facts.into_iter().map(|Fact(text)| text).collect()
}

/// The same facts of both, and not suspiciously few of them.
async fn check(what: &str, least: usize, sqlite: &'static str, postgres: &'static str) {
    let sqlite = facts(&testkit::shop_sqlite().await, sqlite).await;
    let postgres = facts(&testkit::shop_postgres().await, postgres).await;
    let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
    let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
    assert!(
        only_sqlite.is_empty() && only_postgres.is_empty(),
        "{what}: only SQLite has {only_sqlite:#?}, only PostgreSQL has {only_postgres:#?}"
    );
    assert!(sqlite.len() >= least, "{what}: {sqlite:#?}");
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    check(
        "columns (type, nullability, default)",
        150,
        "SELECT t.name || '.' || c.name || ' '
                || CASE c.type WHEN 'BIGINT' THEN 'integer' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytes' ELSE c.type END
                || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END || COALESCE(' default ' || c.dflt_value, '')
         FROM sqlite_schema t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT IN ('schema_migration') AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!'",
        "SELECT table_name || '.' || column_name || ' '
                || CASE data_type WHEN 'bigint' THEN 'integer' WHEN 'text' THEN 'text' WHEN 'bytea' THEN 'bytes' ELSE data_type END
                || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
                || COALESCE(' default ' || replace(replace(column_default, '::bigint', ''), '::text', ''), '')
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migration'",
    )
    .await;
}

#[tokio::test]
async fn both_engines_have_the_same_keys_and_indexes() {
    check(
        "keys and indexes (kind, columns in order, whether for some rows only)",
        30,
        "SELECT t.name || ' ' || CASE i.origin WHEN 'pk' THEN 'primary key' WHEN 'u' THEN 'unique'
                    ELSE CASE i.\"unique\" WHEN 1 THEN 'unique index ' ELSE 'index ' END || i.name END
                || ' (' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
                || CASE i.partial WHEN 1 THEN ' for some rows' ELSE '' END
         FROM sqlite_schema t JOIN pragma_index_list(t.name) i
         WHERE t.type = 'table' AND t.name <> 'schema_migration'",
        "SELECT t.relname || ' ' || CASE WHEN i.indisprimary THEN 'primary key'
                    WHEN EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype = 'u') THEN 'unique'
                    ELSE CASE WHEN i.indisunique THEN 'unique index ' ELSE 'index ' END || x.relname END
                || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')'
                || CASE WHEN i.indpred IS NOT NULL THEN ' for some rows' ELSE '' END
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
         WHERE n.nspname = 'public' AND t.relname <> 'schema_migration'",
    )
    .await;
}

#[tokio::test]
async fn both_engines_have_the_same_references() {
    check(
        "references",
        6,
        "SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\"
         FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
        "SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' || b.attname
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
         JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1] WHERE c.contype = 'f'",
    )
    .await;
}

#[tokio::test]
async fn both_engines_check_as_much_and_guard_the_same_tables() {
    check(
        "number of CHECKs of each table",
        10,
        "SELECT name || ' ' || ((length(sql) - length(replace(sql, 'CHECK (', ''))) / length('CHECK ('))
         FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%CHECK (%'",
        "SELECT t.relname || ' ' || COUNT(*) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
         WHERE c.contype = 'c' AND n.nspname = 'public' GROUP BY t.relname",
    )
    .await;
    check(
        "tables with a guard, and against what",
        10,
        "SELECT tbl_name || CASE WHEN sql LIKE '%BEFORE UPDATE%' THEN ' UPDATE' WHEN sql LIKE '%BEFORE INSERT%' THEN ' INSERT'
                ELSE ' DELETE' END
         FROM sqlite_schema WHERE type = 'trigger'",
        "SELECT event_object_table || ' ' || event_manipulation FROM information_schema.triggers
         WHERE trigger_schema = 'public'",
    )
    .await;
}
