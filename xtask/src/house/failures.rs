//! The tables of what goes wrong (`docs/failures.md`): every row stands there once, and names tests that are
//! in the source or says why it has none.

use std::collections::BTreeSet;

use super::rust_text::RustText;
use super::{House, Page, Violation};

/// The page with the tables.
const PAGE: &str = "docs/failures.md";

/// The heading of each table, and how many rows it has.
const TABLES: [(&str, usize); 2] = [("Suppliers", 30), ("Payments", 18)];

/// What may stand in the place of a test; words of its own follow.
const REASONS: [&str; 2] = ["not there yet:", "not software:"];

/// The engines on which a test may run, as the end of its name.
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// One row of a table.
struct Row<'a> {
    /// Its line on the page, counted from 1.
    line: usize,
    /// What stands between its bars.
    cells: Vec<&'a str>,
}

/// Every row of each table is there once, and its last cell is nothing but tests that exist and reasons.
pub fn failures(house: &House) -> Vec<Violation> {
    let Some(page) = house.pages.iter().find(|page| page.path == PAGE) else {
        return vec![Violation::new(PAGE, "is not there: nobody can see which failure has which test")];
    };
    let mut violations = Vec::new();
    for (table, count) in TABLES {
        let mut missing = (1..=count).collect::<BTreeSet<_>>();
        for row in rows(page, table) {
            let place = format!("{PAGE}:{}", row.line);
            let number = row.cells.first().and_then(|cell| cell.parse::<usize>().ok());
            if !number.is_some_and(|number| missing.remove(&number)) {
                let message = format!("is there twice, or is none of the {count} rows of `{table}`");
                violations.push(Violation::new(&place, message));
            }
            let faults = faults(house, &row).into_iter();
            violations.extend(faults.map(|message| Violation::new(&place, message)));
        }
        let missing = missing.into_iter().map(|number| format!("has no row {number} in `{table}`"));
        violations.extend(missing.map(|message| Violation::new(PAGE, message)));
    }
    violations
}

/// The rows of the table below a heading, without its head.
fn rows<'a>(page: &'a Page, table: &str) -> Vec<Row<'a>> {
    let lines = page.text.lines().zip(1_usize..);
    let below = lines.skip_while(|(line, _)| line.strip_prefix("## ") != Some(table)).skip(1);
    let section = below.take_while(|(line, _)| !line.starts_with("## "));
    let barred = section.filter_map(|(line, number)| {
        let cells = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(Row { line: number, cells: cells.split('|').map(str::trim).collect() })
    });
    barred.skip(2).collect()
}

/// What is wrong with a row, apart from its number.
fn faults(house: &House, row: &Row<'_>) -> Vec<String> {
    let [_, wrong, rule, code, proof] = row.cells.as_slice() else {
        return vec![format!("has {} cells instead of 5", row.cells.len())];
    };
    if [wrong, rule, code].iter().any(|cell| cell.is_empty()) {
        return vec!["must say what goes wrong, what the rule is and where it is kept".to_owned()];
    }
    proof.split("<br>").filter_map(|part| fault(house, part.trim())).collect()
}

/// What is wrong with one of the tests and reasons of a row.
fn fault(house: &House, part: &str) -> Option<String> {
    match part.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
        Some(name) if exists(house, name) => None,
        Some(name) => Some(format!("names `{name}`, and there is no such test")),
        None if gives_a_reason(part) => None,
        None => Some(format!("says \"{part}\" in the place of a test or of one of the reasons {REASONS:?}")),
    }
}

fn gives_a_reason(part: &str) -> bool {
    let mut words = REASONS.iter().filter_map(|reason| part.strip_prefix(*reason));
    words.any(|words| words.contains(char::is_alphabetic))
}

/// Whether the source has a test of this name, as cargo-nextest prints it: `package module::test`, with
/// `::binary` after the package for one in a program (`bin/loket`) or in the folder `tests`. A test that is
/// declared for both engines is named without them.
fn exists(house: &House, name: &str) -> bool {
    let Some((binary, path)) = name.split_once(' ') else { return false };
    let (package, target) = binary.split_once("::").unwrap_or((binary, ""));
    let Some(member) = house.crates.iter().find(|member| member.name == package) else { return false };
    let in_src = target.is_empty() || target.starts_with("bin/");
    let part = if in_src { "src".to_owned() } else { format!("tests/{target}") };
    let mut modules = path.split("::").collect::<Vec<_>>();
    let Some(test) = modules.pop() else { return false };
    let files = files(&format!("{}/{part}", member.folder), &modules);
    let mut sources = member.sources.iter().filter(|source| files.contains(&source.path));
    sources.any(|source| declares(&source.text, test))
}

/// Where a module of tests may be written down.
fn files(root: &str, modules: &[&str]) -> Vec<String> {
    let place = |modules: &[&str]| match modules {
        [] => vec![format!("{root}.rs"), format!("{root}/main.rs"), format!("{root}/lib.rs")],
        _ => {
            let path = format!("{root}/{}", modules.join("/"));
            vec![format!("{path}.rs"), format!("{path}/mod.rs")]
        }
    };
    let mut files = place(modules);
    // `mod tests` at the end of the file that it tests, or in a file beside it.
    if let [tested @ .., "tests"] = modules {
        files.extend(place(tested));
        files.push(format!("{root}/{}_tests.rs", tested.join("/")));
    }
    files
}

/// Whether a file declares this test, for one engine or for both.
fn declares(text: &str, test: &str) -> bool {
    let declared = tests_in(&RustText::with_tests(text));
    let on_both = ENGINES.iter().all(|engine| declared.contains(&format!("{test}_on_{engine}")));
    declared.contains(test) || on_both
}

/// The tests that a file declares: functions that are marked so, and what a macro `on_both…!` makes of one.
fn tests_in(rust: &RustText) -> BTreeSet<String> {
    let is_macro = |at: &usize| {
        let behind = at + rust.name(*at).chars().count();
        rust.after(behind).first() == Some(&'!')
    };
    let mut marks = rust.find("on_both").into_iter().filter(is_macro).collect::<Vec<_>>();
    for attribute in ["#[test]", "#[tokio::test"] {
        marks.extend(rust.find(attribute));
    }
    let functions = rust.find("fn ");
    let named = |mark: usize| functions.iter().find(|at| **at > mark).map(|at| rust.name(at + "fn ".len()));
    marks.into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = tests_in(&RustText::with_tests(text));
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn every_way_of_declaring_a_test_is_seen() {
        check("#[test]\nfn a() {}\n", &["a"]);
        check("#[tokio::test]\nasync fn a() {}\n", &["a"]);
        check("#[tokio::test(flavor = \"multi_thread\", worker_threads = 2)]\nasync fn a() {}\n", &["a"]);
        check("#[test]\n#[expect(dead_code, reason = \"fn b\")]\npub(super) fn a() {}\n", &["a"]);
        check("#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {}\n}\n", &["a"]);
        check("proptest! {\n    #[test]\n    fn a(x in 0..9) {}\n}\n", &["a"]);
        check(
            "on_both_shops!(fn a(db) {});\non_both! {\n    /// What it promises.\n    fn b(db) {}\n}\n",
            &["a", "b"],
        );
    }

    #[test]
    fn what_is_no_test_is_not_taken_for_one() {
        check("use testkit::on_both_shops;\nfn a() {}\n", &[]);
        check("// #[test]\nfn a() {}\n", &[]);
        check("const X: &str = \"#[test]\";\nfn a() {}\n", &[]);
        check("#[test]\nfn a() {\n    b();\n}\nfn b() {}\n", &["a"]);
        check("fn a() {}\n#[test]\n", &[]);
    }
}
