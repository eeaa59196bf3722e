//! Every statement in the source runs on both engines, and none that an order waits for reads a
//! whole table.

use crate::extract::{Statement, all, parameters};
use database::{Engine, Error, Query, Sql};
use testkit::TestDatabase;

/// Fewer statements than this, and the test has not looked.
const LEAST: usize = 100;

/// Tables that may be read whole by any statement, and why.
const SMALL: &[(&str, &str)] = &[
    ("category", "a handful of rows, shown together"),
    ("circuit", "a row for each gateway and method that ever failed, seen together"),
];

/// Makes a text live as long as a statement in the source does.
fn sql(text: String) -> Query {
    Sql::same(Box::leak(text.into_boxed_str())).query()
}

/// `(NULL, NULL)` for so many parameters.
fn nulls(count: usize) -> String {
    if count == 0 { String::new() } else { format!("({})", vec!["NULL"; count].join(", ")) }
}

/// The statement with NULLs bound. SQLite takes no NULL as a limit.
fn bound(text: &str) -> Query {
    let count = parameters(text);
    (1..=count).fold(sql(text.to_owned()), |query, n| {
        let limit = [format!("LIMIT ${n}"), format!("OFFSET ${n}")];
        let is_limit = limit.iter().any(|l| {
            text.split(l.as_str()).skip(1).any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        });
        if is_limit { query.bind(1_i64) } else { query.bind(None::<i64>) }
    })
}

/// True when the database understood the statement and refused the NULLs.
fn refused_the_values(error: &Error) -> bool {
    let Error::Statement { source, .. } = error else { return false };
    let code = source.as_database_error().and_then(|e| e.code().map(|c| c.into_owned())).unwrap_or_default();
    // PostgreSQL: class 23. SQLite: primary code 19, in the low byte.
    code.starts_with("23") && code.len() == 5 || code.parse::<u32>().is_ok_and(|code| code & 0xff == 19)
}

async fn every_statement_runs(db: &TestDatabase) {
    let statements = all();
    assert!(statements.len() >= LEAST, "only {} statements were found", statements.len());
    let mut failures = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let text = text_for(db.engine(), statement);
        let mut tx = db.write("test").await.unwrap();
        if db.engine() == Engine::Postgres
            && let Err(error) = sql(format!("PREPARE s{number} AS {text}")).run(&mut tx).await
        {
            failures.push(format!("{}: cannot be prepared: {error}\n    {text}", statement.place));
            continue;
        }
        let run = match db.engine() {
            Engine::Sqlite => bound(text),
            Engine::Postgres => sql(format!("EXECUTE s{number}{}", nulls(parameters(text)))),
        };
        match run.run(&mut tx).await {
            Ok(_) => {}
            Err(error) if refused_the_values(&error) => {}
            Err(error) => failures.push(format!("{}: {error}\n    {text}", statement.place)),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} on {}:\n{}",
        failures.len(),
        statements.len(),
        db.engine(),
        failures.join("\n")
    );
}

fn text_for(engine: Engine, statement: &Statement) -> &str {
    match engine {
        Engine::Sqlite => &statement.sqlite,
        Engine::Postgres => &statement.postgres,
    }
}

#[tokio::test]
async fn every_statement_in_the_source_runs_on_sqlite() {
    every_statement_runs(&testkit::shop_sqlite().await).await;
}

#[tokio::test]
async fn every_statement_in_the_source_runs_on_postgres() {
    every_statement_runs(&testkit::shop_postgres().await).await;
}

fn is_small(plan_line: &str) -> bool {
    SMALL.iter().any(|(table, _)| {
        plan_line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == *table)
    })
}

/// A whole table is read: `SCAN payment`. What is not a table, and an index in its order with a
/// limit, may be gone through.
fn scans_on_sqlite(plan: &[Line], text: &str) -> bool {
    let made_here = |name: &str| {
        let made = [format!("CO-ROUTINE {name}"), format!("MATERIALIZE {name}")];
        name.starts_with('(') || plan.iter().any(|(.., line)| made.contains(line))
    };
    plan.iter().any(|(.., line)| {
        let scanned = line.strip_prefix("SCAN ").filter(|rest| *rest != "CONSTANT ROW");
        let name = scanned.and_then(|rest| rest.split(' ').next());
        name.is_some_and(|name| !made_here(name))
            && !(line.contains(" USING ") && text.contains("LIMIT"))
            && !is_small(line)
    })
}

/// A line of a plan of SQLite.
type Line = (i64, i64, i64, String);

fn scans_on_postgres(line: &str) -> bool {
    line.contains("Seq Scan on ") && !is_small(line)
}

#[tokio::test]
async fn no_hot_statement_scans_a_table_on_sqlite() {
    let db = testkit::shop_sqlite().await;
    let mut failures = Vec::new();
    for statement in all().iter().filter(|s| !s.report) {
        let text = &statement.sqlite;
        let mut tx = db.write("test").await.unwrap();
        let plan: Vec<Line> =
            bound_text(text, format!("EXPLAIN QUERY PLAN {text}")).all(&mut tx).await.unwrap();
        if scans_on_sqlite(&plan, text) {
            let lines: Vec<_> = plan.into_iter().map(|(.., line)| line).collect();
            failures.push(format!("{}: {lines:?}\n    {text}", statement.place));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The explaining text with the values of the explained one.
fn bound_text(text: &str, explaining: String) -> Query {
    let count = parameters(text);
    (0..count).fold(sql(explaining), |query, _| query.bind(1_i64))
}

#[tokio::test]
async fn no_hot_statement_scans_a_table_on_postgres() {
    let db = testkit::shop_postgres().await;
    let mut failures = Vec::new();
    for (number, statement) in all().iter().enumerate().filter(|(_, s)| !s.report) {
        let text = &statement.postgres;
        let mut tx = db.write("test").await.unwrap();
        // A plan for any values: one for NULLs would read nothing at all.
        for setting in ["SET LOCAL enable_seqscan = off", "SET LOCAL plan_cache_mode = force_generic_plan"] {
            Sql::same(setting).query().run(&mut tx).await.unwrap();
        }
        sql(format!("PREPARE e{number} AS {text}")).run(&mut tx).await.unwrap();
        let explain = format!("EXPLAIN EXECUTE e{number}{}", nulls(parameters(text)));
        let plan: Vec<String> = sql(explain).all(&mut tx).await.unwrap();
        if plan.iter().any(|line| scans_on_postgres(line)) {
            failures.push(format!("{}:\n{}\n    {text}", statement.place, plan.join("\n")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The lists that staff look through, and the column that each begins with.
fn lists() -> Vec<(Statement, String)> {
    let lists = all().into_iter().filter(|s| s.place.starts_with("orders/src/staff_look.rs"));
    let column = |text: &str| text.split("WHERE ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let lists: Vec<_> = lists.map(|list| (list.clone(), column(&list.sqlite))).collect();
    let mut columns: Vec<&str> = lists.iter().map(|(_, column)| column.as_str()).collect();
    columns.sort_unstable();
    assert_eq!(columns, ["buyer", "id", "product_code", "state"]);
    lists
}

#[tokio::test]
async fn a_list_of_staff_goes_along_an_index_of_what_it_is_about_on_sqlite() {
    let db = testkit::shop_sqlite().await;
    for (list, column) in lists() {
        let text = &list.sqlite;
        let mut tx = db.write("test").await.unwrap();
        let plan: Vec<Line> =
            bound_text(text, format!("EXPLAIN QUERY PLAN {text}")).all(&mut tx).await.unwrap();
        let lines: Vec<String> = plan.into_iter().map(|(.., line)| line).collect();
        let along = if column == "id" { "(id<?)".to_owned() } else { format!("({column}=? AND id<?)") };
        assert!(lines.len() == 1 && lines[0].ends_with(&along), "{}: {lines:?}", list.place);
    }
}

#[tokio::test]
async fn a_list_of_staff_goes_along_an_index_of_what_it_is_about_on_postgres() {
    let db = testkit::shop_postgres().await;
    for (number, (list, column)) in lists().into_iter().enumerate() {
        let text = &list.postgres;
        let mut tx = db.write("test").await.unwrap();
        for setting in ["SET LOCAL enable_seqscan = off", "SET LOCAL plan_cache_mode = force_generic_plan"] {
            Sql::same(setting).query().run(&mut tx).await.unwrap();
        }
        sql(format!("PREPARE l{number} AS {text}")).run(&mut tx).await.unwrap();
        let explain = format!("EXPLAIN EXECUTE l{number}{}", nulls(parameters(text)));
        let plan: Vec<String> = sql(explain).all(&mut tx).await.unwrap();
        let begins = if column == "id" { "(id < ".to_owned() } else { format!("(({column} = ") };
        let along = plan.iter().any(|line| {
            let line = line.trim().strip_prefix("Index Cond: ");
            line.is_some_and(|line| line.starts_with(&begins) && line.contains("(id < "))
        });
        assert!(along, "{}:\n{}", list.place, plan.join("\n"));
    }
}

/// The tests above go red for what they are there for.
#[tokio::test]
async fn a_scan_and_a_mistake_are_seen() {
    let db = testkit::shop_sqlite().await;
    let mut tx = db.write("test").await.unwrap();
    let text = "SELECT id FROM payment WHERE note = $1";
    let plan: Vec<Line> = bound_text(text, format!("EXPLAIN QUERY PLAN {text}")).all(&mut tx).await.unwrap();
    assert!(scans_on_sqlite(&plan, text), "{plan:?}");
    assert!(!is_small("SCAN category_code"));
    let unknown = bound("SELECT nothing FROM payment").run(&mut tx).await.unwrap_err();
    assert!(!refused_the_values(&unknown));
    let missing = bound("INSERT INTO setting (name, value) VALUES ($1, $2)").run(&mut tx).await.unwrap_err();
    assert!(refused_the_values(&missing));

    let db = testkit::shop_postgres().await;
    for (statement, values) in [
        ("SELECT nothing FROM payment", false),
        ("INSERT INTO setting (name, value) VALUES (NULL, NULL)", true),
        ("SELECT id FROM payment WHERE amount = 'x'::text", false),
    ] {
        let mut tx = db.write("test").await.unwrap();
        let error = bound(statement).run(&mut tx).await.unwrap_err();
        assert_eq!(refused_the_values(&error), values, "{error}");
    }
    let mut tx = db.write("test").await.unwrap();
    Sql::same("SET LOCAL enable_seqscan = off").query().run(&mut tx).await.unwrap();
    let plan: Vec<String> =
        sql("EXPLAIN SELECT id FROM payment WHERE note = 'x'".into()).all(&mut tx).await.unwrap();
    assert!(plan.iter().any(|line| scans_on_postgres(line)), "{plan:?}");
}
