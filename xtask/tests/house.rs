//! The rules of the house, held against the real tree; and for each rule the proof that it goes red when
//! it is broken, on an example made up for that.

use std::path::Path;

use xtask::house::{self, Crate, Dependency, House, Kind, Page, Source, Violation};
use xtask::workspace::Workspace;

/// The real tree keeps a rule.
#[expect(clippy::unwrap_used, reason = "without the facts there is nothing to judge")]
fn keeps(rule: impl Fn(&House) -> Vec<Violation>) {
    let violations = rule(&House::load().unwrap());
    let list = violations.iter().map(|violation| format!("  {violation}\n")).collect::<String>();
    assert!(violations.is_empty(), "{} broken:\n{list}", violations.len());
}

/// A made-up tree breaks a rule exactly at these places.
fn breaks(rule: impl Fn(&House) -> Vec<Violation>, house: &House, places: &[&str]) {
    let violations = rule(house);
    let found = violations.iter().map(|violation| violation.place.as_str()).collect::<Vec<_>>();
    assert_eq!(found, places, "{violations:#?}");
}

/// A made-up tree of these crates.
fn house(crates: impl Into<Vec<Crate>>) -> House {
    let manifest = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n".to_owned();
    House { manifest, crates: crates.into(), pages: Vec::new() }
}

/// A made-up crate with nothing in it.
fn member(name: &str) -> Crate {
    Crate {
        name: name.to_owned(),
        folder: format!("crates/{name}"),
        manifest: "[lints]\nworkspace = true\n".to_owned(),
        ..Crate::default()
    }
}

/// A made-up crate that depends on these.
fn naming(name: &str, kind: Kind, dependencies: &[&str]) -> Crate {
    let dependency = |name: &&str| Dependency { name: (*name).to_owned(), kind };
    Crate { dependencies: dependencies.iter().map(dependency).collect(), ..member(name) }
}

/// A made-up crate with one file, `src/lib.rs`.
fn saying(name: &str, text: &str) -> Crate {
    containing(name, "src/lib.rs", text)
}

fn containing(name: &str, file: &str, text: &str) -> Crate {
    Crate { sources: vec![Source::new(format!("crates/{name}/{file}"), text)], ..member(name) }
}

#[test]
fn the_facts_are_really_read() {
    let house = House::load().unwrap();
    let database = house.crates.iter().find(|member| member.name == "database").unwrap();
    assert_eq!(database.folder, "crates/database");
    assert!(database.dependencies.iter().any(|d| d.name == "sqlx" && d.kind == Kind::Normal));
    assert!(database.sources.iter().any(|source| source.path == "crates/database/src/lib.rs"));
    assert!(house.crates.iter().any(|member| member.folder == "xtask"));
    assert!(house.pages.iter().any(|page| page.path == "CONTRIBUTING.md"));
}

#[test]
fn the_arrows_point_one_way() {
    keeps(house::arrows);
}

#[test]
fn an_arrow_that_points_back_is_seen() {
    let all = |broken: Crate| {
        let names =
            ["vocabulary", "database", "outside", "ledger", "payments", "orders", "sandbox", "testkit"];
        let mut crates =
            names.iter().filter(|name| **name != broken.name).map(|name| member(name)).collect::<Vec<_>>();
        crates.push(broken);
        house(crates)
    };
    let normal = |name, dependencies| all(naming(name, Kind::Normal, dependencies));
    breaks(house::arrows, &normal("database", &["ledger"]), &["crates/database/Cargo.toml"]);
    breaks(house::arrows, &normal("ledger", &["payments"]), &["crates/ledger/Cargo.toml"]);
    breaks(house::arrows, &normal("payments", &["orders"]), &["crates/payments/Cargo.toml"]);
    breaks(house::arrows, &normal("sandbox", &["outside"]), &["crates/sandbox/Cargo.toml"]);
    breaks(house::arrows, &normal("web", &["sandbox"]), &["crates/web/Cargo.toml"]);
    breaks(house::arrows, &normal("xtask", &["vocabulary"]), &["crates/xtask/Cargo.toml"]);
    breaks(house::arrows, &normal("attic", &[]), &["crates/attic"]);

    breaks(house::arrows, &normal("orders", &["testkit"]), &["crates/orders/Cargo.toml"]);
    breaks(house::arrows, &all(naming("ledger", Kind::Dev, &["payments"])), &["crates/ledger/Cargo.toml"]);
    breaks(house::arrows, &all(naming("ledger", Kind::Build, &["orders"])), &["crates/ledger/Cargo.toml"]);

    breaks(house::arrows, &all(naming("ledger", Kind::Dev, &["testkit"])), &[]);
    breaks(house::arrows, &normal("ledger", &["database", "serde"]), &[]);
    breaks(house::arrows, &normal("testkit", &["orders", "sandbox"]), &[]);
}

#[test]
fn a_library_with_a_door_is_named_behind_it_only() {
    keeps(house::libraries);
}

#[test]
fn a_library_named_elsewhere_is_seen() {
    let manifest = |name, library| house([naming(name, Kind::Normal, &[library])]);
    breaks(house::libraries, &manifest("ledger", "sqlx"), &["crates/ledger/Cargo.toml"]);
    breaks(house::libraries, &manifest("payments", "reqwest"), &["crates/payments/Cargo.toml"]);
    breaks(house::libraries, &manifest("orders", "axum"), &["crates/orders/Cargo.toml"]);
    breaks(house::libraries, &manifest("web", "twilight-model"), &["crates/web/Cargo.toml"]);
    breaks(house::libraries, &manifest("database", "sqlx"), &[]);
    breaks(house::libraries, &manifest("outside", "reqwest"), &[]);

    let reexport = "//! x\nuse database::sqlx::Row;\n";
    breaks(house::libraries, &house([saying("ledger", reexport)]), &["crates/ledger/src/lib.rs:2"]);
    let comment = "//! not through sqlx::query\nconst A: &str = \"sqlx::query\";\n";
    breaks(house::libraries, &house([saying("ledger", comment)]), &[]);
}

#[test]
fn only_a_use_case_opens_a_transaction() {
    keeps(house::transactions);
}

#[test]
fn a_transaction_opened_elsewhere_is_seen() {
    let write = "//! x\nlet mut tx = db\n    .write(\"reserve\")\n    .await?;\n";
    breaks(house::transactions, &house([saying("inventory", write)]), &["crates/inventory/src/lib.rs:3"]);
    breaks(house::transactions, &house([saying("web", write)]), &["crates/web/src/lib.rs:3"]);
    breaks(house::transactions, &house([saying("orders", write)]), &[]);
    breaks(house::transactions, &house([containing("inventory", "tests/reserve.rs", write)]), &[]);

    let read = "//! x\nlet tx = db.read_within(NAME, limit).await?;\n";
    breaks(house::transactions, &house([saying("ledger", read)]), &["crates/ledger/src/lib.rs:2"]);
    breaks(house::transactions, &house([saying("web", read)]), &["crates/web/src/lib.rs:2"]);
    breaks(house::transactions, &house([saying("orders", read)]), &[]);
    let look = "//! x\nlet mut tx = app.shop.db.read(\"order.list\").await?;\n";
    breaks(house::transactions, &house([saying("web", look)]), &["crates/web/src/lib.rs:2"]);

    let variable = "//! x\nlet tx = app.shop.db\n    .read(name)\n    .await?;\n";
    breaks(house::transactions, &house([saying("web", variable)]), &["crates/web/src/lib.rs:3"]);

    let others = "//! x\nlet a = lock.write();\nfile.write(&bytes)?;\nfile.write(b\"x\")?;\ncursor::read(db)?;\nmydb.read(at)?;\n";
    breaks(house::transactions, &house([saying("ledger", others)]), &[]);
}

#[test]
fn every_table_has_one_writer() {
    keeps(house::tables);
}

#[test]
fn a_second_writer_of_a_table_is_seen() {
    let insert = "//! x\nsql!(\"INSERT INTO movements (id)\n VALUES ($1)\");\n";
    let update = "//! x\nsql!(\"UPDATE movements\n SET quantity = $1\");\n";
    let delete = "//! x\nsql!(sqlite: \"SELECT 1\", postgres: \"DELETE FROM movements\");\n";
    let select = "//! x\nsql!(\"SELECT id FROM movements\");\n";
    let both = ["crates/inventory/src/lib.rs:2", "crates/orders/src/lib.rs:2"];
    breaks(house::tables, &house([saying("inventory", insert), saying("orders", update)]), &both);
    breaks(house::tables, &house([saying("inventory", insert), saying("orders", delete)]), &both);
    breaks(house::tables, &house([saying("inventory", insert), saying("orders", select)]), &[]);
    breaks(house::tables, &house([saying("inventory", insert), saying("sandbox", update)]), &[]);

    let hidden = "//! x\nformat!(\"DELETE FROM {table}\");\n";
    breaks(house::tables, &house([saying("orders", hidden)]), &["crates/orders/src/lib.rs:2"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    keeps(house::doc_comments);
}

#[test]
fn a_file_without_a_doc_comment_is_seen() {
    let at = ["crates/ledger/src/lib.rs"];
    breaks(house::doc_comments, &house([saying("ledger", "// no doc\nfn f() {}\n")]), &at);
    breaks(house::doc_comments, &house([saying("ledger", "use std::fs;\n//! late\n")]), &at);
    breaks(house::doc_comments, &house([saying("ledger", "")]), &at);
    breaks(house::doc_comments, &house([saying("ledger", "\n//! What this is.\n")]), &[]);
    let test = containing("ledger", "src/post_tests.rs", "fn f() {}\n");
    breaks(house::doc_comments, &house([test]), &["crates/ledger/src/post_tests.rs"]);
}

#[test]
fn no_file_is_too_long_to_read() {
    keeps(house::lengths);
}

#[test]
fn a_file_that_is_too_long_is_seen() {
    let long = "fn f() {}\n".repeat(801);
    breaks(house::lengths, &house([saying("ledger", &long)]), &["crates/ledger/src/lib.rs"]);
    breaks(house::lengths, &house([containing("ledger", "tests/ledger.rs", &long)]), &[]);
    breaks(house::lengths, &house([containing("ledger", "src/post_tests.rs", &long)]), &[]);
    let tested = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    breaks(house::lengths, &house([saying("ledger", &tested)]), &[]);
}

#[test]
fn a_crate_is_named_like_its_folder() {
    keeps(house::folder_names);
}

#[test]
fn a_crate_with_another_name_is_seen() {
    let renamed = Crate { name: "loket-ledger".to_owned(), ..member("ledger") };
    breaks(house::folder_names, &house([renamed]), &["crates/ledger"]);
}

#[test]
fn nobody_switches_a_lint_off_for_good() {
    keeps(house::allow_attributes);
}

#[test]
fn an_allow_attribute_is_seen() {
    let place = ["crates/ledger/src/lib.rs:2"];
    let with = |line: &str| house([saying("ledger", &format!("//! x\n{line}\nfn f() {{}}\n"))]);
    breaks(house::allow_attributes, &with("#[allow(dead_code)]"), &place);
    breaks(house::allow_attributes, &with("#![allow(dead_code)]"), &place);
    breaks(house::allow_attributes, &with("#[cfg_attr(test, allow(dead_code))]"), &place);
    breaks(house::allow_attributes, &with("#[cfg(test)] mod t { #[allow(dead_code)] fn g() {} }"), &place);
    breaks(house::allow_attributes, &with("#[expect(clippy::allow_attributes, reason = \"x\")]"), &[]);
    breaks(house::allow_attributes, &with("// #[allow(dead_code)]"), &[]);
    let test = containing("ledger", "tests/ledger.rs", "#[allow(dead_code)]\nfn f() {}\n");
    breaks(house::allow_attributes, &house([test]), &["crates/ledger/tests/ledger.rs:1"]);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    keeps(house::inherited_lints);
}

#[test]
fn a_crate_without_the_lints_is_seen() {
    let without = Crate { manifest: "[package]\nworkspace = true\n".to_owned(), ..member("ledger") };
    breaks(house::inherited_lints, &house([without]), &["crates/ledger/Cargo.toml"]);
    let lax = House { manifest: "[workspace.lints.rust]\n".to_owned(), ..House::default() };
    breaks(house::inherited_lints, &lax, &["Cargo.toml"]);
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let root = Workspace::load().unwrap().root;
    keeps(|house| house::links(house, &|path: &Path| root.join(path).exists()));
}

#[test]
fn a_link_to_nothing_is_seen() {
    let check = |text: &str, places: &[&str]| {
        let page = Page { path: "docs/guide.md".to_owned(), text: text.to_owned() };
        let tree = House { pages: vec![page], ..House::default() };
        breaks(|house| house::links(house, &|path| path == Path::new("docs/adr/0001.md")), &tree, places);
    };
    check("see [one](adr/0001.md) and [one](adr/0001.md#why)", &[]);
    check("see [one](../docs/./adr/0001.md \"title\")", &[]);
    check("[web](https://example.com/x) [mail](mailto:a@example.com) [here](#there)", &[]);
    check("```\n[code](nowhere.md)\n```\n`[code](nowhere.md)`", &[]);
    check("see\n[two](adr/0002.md)", &["docs/guide.md:2"]);
    check("[two]: adr/0002.md", &["docs/guide.md:1"]);
    check("<img src=\"picture.png\" width=\"390\">", &["docs/guide.md:1"]);
    check("see [out](../../elsewhere.md)", &["docs/guide.md:1"]);
}
