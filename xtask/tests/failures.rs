//! The tables of what goes wrong, held against the real tree; and the proof that each mistake in them is seen,
//! on tables made up for that.

use xtask::house::{self, Crate, House, Page, Source};

/// Where the first row of each made-up table stands, less one.
const SUPPLIERS: usize = 6;
const PAYMENTS: usize = 41;

/// Both tables in full, every row with this proof.
fn tables(proof: &str) -> String {
    let mut text = "# What goes wrong\n".to_owned();
    for (table, rows) in [("Suppliers", 30), ("Payments", 18)] {
        text.push_str(&format!(
            "\n## {table}\n\n| # | what | rule | where | proof |\n|---|---|---|---|---|\n"
        ));
        for number in 1..=rows {
            text.push_str(&format!("| {number} | it breaks | it is mended | `mend.rs` | {proof} |\n"));
        }
    }
    text
}

/// The same, with another line in the place of this one (counted from 1).
fn with_line(at: usize, line: &str) -> String {
    let all = tables("not there yet: nothing");
    let lines = all.lines().zip(1..).map(|(old, number)| if number == at { line } else { old });
    lines.map(|line| format!("{line}\n")).collect()
}

/// A made-up tree with this page, and a crate whose tests are declared in every way that there is.
fn tree(page: &str) -> House {
    let source = |file: &str, text: &str| Source::new(format!("crates/ledger/{file}"), text);
    let ledger = Crate {
        name: "ledger".to_owned(),
        folder: "crates/ledger".to_owned(),
        sources: vec![
            source("src/lib.rs", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn at_the_top() {}\n}\n"),
            source(
                "src/post.rs",
                "fn helper() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn inside() {}\n}\n",
            ),
            source("src/post/late.rs", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn deeper() {}\n}\n"),
            source("src/decide_tests.rs", "#[test]\nfn beside() {}\n"),
            source("tests/ledger/main.rs", "#[tokio::test]\nasync fn first() {}\n"),
            source(
                "tests/ledger/wallet.rs",
                "on_both_shops!(fn twice(db) {});\n// #[test]\n// fn gone() {}\n",
            ),
            source(
                "tests/ledger/race/mod.rs",
                "#[tokio::test]\nasync fn paid_on_sqlite() {}\n#[tokio::test]\nasync fn paid_on_postgres() {}\n\
                 #[tokio::test]\nasync fn half_on_sqlite() {}\nasync fn helper() {}\n",
            ),
            source("tests/alone.rs", "#[test]\nfn by_itself() {}\n"),
        ],
        ..Crate::default()
    };
    let page = Page { path: "docs/failures.md".to_owned(), text: page.to_owned() };
    House { crates: vec![ledger], pages: vec![page], ..House::default() }
}

/// A made-up page breaks the rule exactly at these places.
fn breaks(page: &str, places: &[&str]) {
    let violations = house::failures(&tree(page));
    let found = violations.iter().map(|violation| violation.place.as_str()).collect::<Vec<_>>();
    assert_eq!(found, places, "{violations:#?}");
}

/// The first row has this proof, and is right or wrong.
fn proves(proof: &str, right: bool) {
    let row = format!("| 1 | it breaks | it is mended | `mend.rs` | {proof} |");
    let place = format!("docs/failures.md:{}", SUPPLIERS + 1);
    let places = if right { vec![] } else { vec![place.as_str()] };
    breaks(&with_line(SUPPLIERS + 1, &row), &places);
}

#[test]
fn every_failure_has_its_test_or_says_why_not() {
    let violations = house::failures(&House::load().unwrap());
    let list = violations.iter().map(|violation| format!("  {violation}\n")).collect::<String>();
    assert!(violations.is_empty(), "{} broken:\n{list}", violations.len());
}

#[test]
fn a_row_that_is_missing_doubled_or_too_much_is_seen() {
    breaks(&tables("not there yet: nothing"), &[]);
    breaks(&with_line(SUPPLIERS + 3, ""), &["docs/failures.md"]);
    breaks(&with_line(PAYMENTS + 18, ""), &["docs/failures.md"]);
    let row = |number: &str| {
        format!("| {number} | it breaks | it is mended | `mend.rs` | not there yet: nothing |")
    };
    breaks(&with_line(SUPPLIERS + 3, &row("2")), &["docs/failures.md:9", "docs/failures.md"]);
    for number in ["0", "19", "", "x", "-1", "3 and 4"] {
        breaks(&with_line(PAYMENTS + 3, &row(number)), &["docs/failures.md:44", "docs/failures.md"]);
    }
    let both = format!("{}\n{}", row("30"), row("31"));
    breaks(&with_line(SUPPLIERS + 30, &both), &["docs/failures.md:37"]);
    let renamed = tables("not there yet: nothing").replace("## Payments", "## Money");
    assert_eq!(house::failures(&tree(&renamed)).len(), 18, "a table that is gone lacks every row");
    let elsewhere = House { pages: Vec::new(), ..tree("") };
    assert_eq!(house::failures(&elsewhere).len(), 1, "the page itself");
}

#[test]
fn a_test_that_is_not_in_the_source_is_seen() {
    for name in [
        "ledger tests::at_the_top",
        "ledger post::tests::inside",
        "ledger post::late::tests::deeper",
        "ledger decide::tests::beside",
        "ledger::bin/ledger post::tests::inside",
        "ledger::ledger first",
        "ledger::ledger wallet::twice",
        "ledger::ledger race::paid",
        "ledger::ledger race::paid_on_sqlite",
        "ledger::alone by_itself",
    ] {
        proves(&format!("`{name}`"), true);
    }
    for name in [
        "ledger post::tests::renamed",
        "ledger post::tests::helper",
        "ledger post::inside::again",
        "ledger late::tests::deeper",
        "ledger::ledger wallet::gone",
        "ledger::ledger wallet::inside",
        "ledger::ledger race::half",
        "ledger::ledger race::helper",
        "ledger::other wallet::twice",
        "orders::ledger wallet::twice",
        "wallet::twice",
        "twice",
        "",
    ] {
        proves(&format!("`{name}`"), false);
        proves(&format!("`ledger::ledger first`<br>`{name}`"), false);
    }
}

#[test]
fn a_row_with_neither_test_nor_reason_is_seen() {
    for proof in [
        "not there yet: nobody routes",
        "not software: a person is asked",
        "`ledger::ledger first`<br>`ledger::alone by_itself`",
        "`ledger::ledger first`<br>not there yet: the other half",
    ] {
        proves(proof, true);
    }
    for proof in [
        "",
        "–",
        "later",
        "not there yet",
        "not there yet:",
        "not software: …",
        "ledger::ledger first",
        "see `ledger::ledger first`",
        "`ledger::ledger first`<br>",
        "`ledger::ledger first`, `ledger::alone by_itself`",
        "never: there is no need",
    ] {
        proves(proof, false);
    }
    for row in [
        "| 1 | it breaks | it is mended | not there yet: nothing |",
        "| 1 | it breaks | it is mended | a | b | not there yet: nothing |",
        "| 1 |  | it is mended | `mend.rs` | not there yet: nothing |",
        "| 1 | it breaks |  | `mend.rs` | not there yet: nothing |",
        "| 1 | it breaks | it is mended |  | not there yet: nothing |",
    ] {
        breaks(&with_line(SUPPLIERS + 1, row), &["docs/failures.md:7"]);
    }
}
