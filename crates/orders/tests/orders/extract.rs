//! Finds every statement in the source text, so that none escapes the tests of all statements.

use std::path::{Path, PathBuf};

/// A statement in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// `crates/x/src/y.rs:12`.
    pub(crate) place: String,
    /// Whether it may read a whole table.
    pub(crate) report: bool,
    pub(crate) sqlite: String,
    pub(crate) postgres: String,
}

/// Every statement of every crate but the sandbox, whose schema is its own, and `database`, which
/// only declares the macros.
pub(crate) fn all() -> Vec<Statement> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(crates).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !matches!(name.as_str(), "sandbox" | "database") && path.join("src").is_dir() {
            for file in sources(&path.join("src")) {
                let text = std::fs::read_to_string(&file).unwrap();
                found.extend(of_file(&file.strip_prefix(crates).unwrap().display().to_string(), &text));
            }
        }
    }
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// The statements of one file.
fn of_file(name: &str, text: &str) -> Vec<Statement> {
    let text = without_comments(text);
    assert!(
        !text.contains("Sql::same(") && !text.contains("Sql::differing("),
        "{name}: a statement without its macro"
    );
    let mut found = Vec::new();
    for (at, _) in text.match_indices("sql!") {
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let place = format!("{name}:{line}");
        let prefix: String = before
            .chars()
            .rev()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
            .chars()
            .rev()
            .collect();
        let body = text[at + "sql!".len()..].trim_start();
        let Some(body) = body.strip_prefix('(') else {
            panic!("{place}: `{prefix}sql!` without a parenthesis")
        };
        let statements = match prefix.as_str() {
            "" | "report_" => {
                let (sqlite, postgres) = texts(&place, body);
                vec![(sqlite.clone(), postgres.unwrap_or(sqlite))]
            }
            "queue_" => queue(&given(&place, body)),
            "walk_" => walk(&given(&place, body)),
            "told_" => told(&given(&place, body)),
            other => panic!("{place}: `{other}sql!` is a macro that this test does not know"),
        };
        let report = prefix == "report_";
        for (sqlite, postgres) in statements {
            found.push(Statement { place: place.clone(), report, sqlite, postgres });
        }
    }
    found
}

/// What `queue_sql!` makes: the claim on each engine, and three that are the same.
fn queue(given: &[String]) -> Vec<(String, String)> {
    let texts = made(include_str!("../../../database/src/claim.rs"), &["$table"], given);
    let [sqlite, postgres, same @ ..] = &texts[..] else { panic!("no claim in {texts:?}") };
    assert_eq!(same.len(), 3, "{texts:?}");
    let claim = (sqlite.clone(), postgres.clone());
    std::iter::once(claim).chain(same.iter().map(|text| (text.clone(), text.clone()))).collect()
}

/// What `walk_sql!` makes: one that is the same on both engines.
fn walk(given: &[String]) -> Vec<(String, String)> {
    let texts = made(include_str!("../../../database/src/walk.rs"), &["$table"], given);
    assert_eq!(texts.len(), 1, "{texts:?}");
    texts.into_iter().map(|text| (text.clone(), text)).collect()
}

/// What `told_sql!` makes: one that holds the row, and one that is the same on both engines.
fn told(given: &[String]) -> Vec<(String, String)> {
    let texts = made(include_str!("../../../database/src/told.rs"), &["$table", "$found"], given);
    let [sqlite, postgres, same] = &texts[..] else { panic!("not three texts: {texts:?}") };
    vec![(sqlite.clone(), postgres.clone()), (same.clone(), same.clone())]
}

/// The texts that a macro makes of the literals that it is given, read from the file that declares it.
fn made(source: &str, names: &[&str], given: &[String]) -> Vec<String> {
    assert_eq!(names.len(), given.len(), "{names:?} of {given:?}");
    let parts = source.split("concat!(").skip(1);
    parts
        .map(|part| {
            let lines: Vec<&str> = part.lines().take_while(|line| !line.trim().starts_with(')')).collect();
            let part = lines.join("\n");
            let mut rest = part.as_str();
            let mut text = String::new();
            while let Some(at) = rest.find(['"', '$']) {
                rest = &rest[at..];
                let named = names.iter().zip(given).find(|(name, _)| rest.starts_with(**name));
                if let Some((name, piece)) = named {
                    text.push_str(piece);
                    rest = &rest[name.len()..];
                } else {
                    let (piece, after) = literal("a macro of database", rest);
                    text.push_str(&piece);
                    rest = after;
                }
            }
            text
        })
        .collect()
}

/// The literals that a macro of `database` is given.
fn given(place: &str, body: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = body.trim_start();
    while !rest.starts_with(')') {
        let (value, after) = literal(place, rest);
        found.push(value);
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    found
}

/// The one or two texts of a macro call.
fn texts(place: &str, body: &str) -> (String, Option<String>) {
    let body = body.trim_start();
    let (sqlite, rest) = match body.strip_prefix("sqlite:") {
        Some(rest) => literal(place, rest.trim_start()),
        None => literal(place, body),
    };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    let (postgres, rest) = match rest.strip_prefix("postgres:") {
        Some(rest) => {
            let (text, rest) = literal(place, rest.trim_start());
            (Some(text), rest.trim_start())
        }
        None => (None, rest),
    };
    let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    assert!(rest.starts_with(')'), "{place}: not a statement of one or two literals");
    assert_eq!(body.starts_with("sqlite:"), postgres.is_some(), "{place}: a variant for one engine only");
    (sqlite, postgres)
}

/// A string literal at the beginning of `text`, and what follows it.
fn literal<'a>(place: &str, text: &'a str) -> (String, &'a str) {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let inner = raw[hashes..].strip_prefix('"').unwrap_or_else(|| panic!("{place}: not a literal"));
        let (value, rest) =
            inner.split_once(&end).unwrap_or_else(|| panic!("{place}: a literal without an end"));
        return (value.to_owned(), rest);
    }
    let inner = text.strip_prefix('"').unwrap_or_else(|| panic!("{place}: not a literal"));
    let mut value = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &inner[at + 1..]),
            '\\' => match chars.next() {
                Some((_, '\n')) => while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {},
                Some((_, 'n')) => value.push('\n'),
                Some((_, c @ ('"' | '\\'))) => value.push(c),
                other => panic!("{place}: an escape that this test does not know: {other:?}"),
            },
            c => value.push(c),
        }
    }
    panic!("{place}: a literal without an end")
}

/// The text with `//` comments blanked. A line of SQL never holds `//`.
fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| match line.find("//") {
        Some(at) if !line[..at].contains("http") && !line[..at].ends_with(':') => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The highest parameter of a statement.
pub(crate) fn parameters(statement: &str) -> usize {
    let numbers = statement.split('$').skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().unwrap_or_else(|_| panic!("a `$` without a number in {statement}"))
    });
    numbers.max().unwrap_or(0)
}

#[test]
fn a_statement_is_read_as_the_compiler_reads_it() {
    let source = r##"
        // sql!("SELECT comment")
        let a = sql!("SELECT 1");
        let b = database::report_sql!(
            "SELECT \"x\" \
             FROM y",
        );
        let c = sql!(sqlite: "SELECT $1", postgres: r#"SELECT "$2""#);
        const QUEUE: RowQueue = queue_sql!("job");
        let d = walk_sql!("job");
        let e = told_sql!("job", "id = $1 AND state IN ('new')");
    "##;
    let found = of_file("x.rs", source);
    let texts: Vec<_> =
        found.iter().map(|s| (s.place.as_str(), s.report, s.sqlite.as_str(), s.postgres.as_str())).collect();
    assert_eq!(texts[0], ("x.rs:3", false, "SELECT 1", "SELECT 1"));
    assert_eq!(texts[1], ("x.rs:4", true, "SELECT \"x\" FROM y", "SELECT \"x\" FROM y"));
    assert_eq!(texts[2], ("x.rs:8", false, "SELECT $1", "SELECT \"$2\""));
    assert!(
        texts[3].2.starts_with("UPDATE job SET lease_until = $3")
            && texts[3].2.ends_with("RETURNING id, fence, claims")
    );
    assert!(
        texts[3].3.contains("FROM job") && texts[3].3.contains("FOR UPDATE SKIP LOCKED) AND due_at <= $1")
    );
    assert_eq!(parameters(texts[3].2), 4);
    let others: Vec<&str> = texts[4..].iter().map(|text| text.2).collect();
    assert_eq!(
        others,
        [
            "UPDATE job SET lease_until = NULL WHERE lease_until IS NOT NULL AND due_at IS NOT NULL",
            "SELECT COUNT(*), MIN(due_at) FROM job WHERE due_at <= $1",
            "SELECT due_at FROM job WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
            "SELECT MAX(id) FROM (SELECT id FROM job WHERE id > $1 ORDER BY id LIMIT $2) n",
            "SELECT told_since, told_times, due_at, lease_until FROM job WHERE id = $1 AND state IN ('new')",
            "UPDATE job SET told_since = $2, told_times = $3, due_at = $4, nudges = nudges + $5 \
             WHERE id = $1 AND state IN ('new')",
        ]
    );
    let differing: Vec<&str> = texts[4..].iter().filter(|t| t.2 != t.3).map(|t| t.3).collect();
    assert_eq!(differing, [format!("{} FOR UPDATE", others[4])]);
}

#[test]
#[should_panic(expected = "x.rs:1: not a literal")]
fn a_statement_that_cannot_be_read_is_a_failure() {
    of_file("x.rs", "sql!(concat!(\"a\", \"b\"))");
}
