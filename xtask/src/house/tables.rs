//! Every table has exactly one crate that writes it: whoever wants a row changed asks its owner.

use std::collections::{BTreeMap, BTreeSet};

use super::{House, Source, Violation};

/// Keeps its books in a database of its own, as the outside world would: its tables are not the shop's.
const OTHER_WORLD: &str = "sandbox";

/// The macros whose literals are statements, whatever their case.
const STATEMENT_MACROS: [&str; 2] = ["sql!", "report_sql!"];

/// `INSERT`, `UPDATE` and `DELETE` on one table come from one crate.
pub fn tables(house: &House) -> Vec<Violation> {
    let mut writers: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut violations = Vec::new();
    for member in house.crates.iter().filter(|member| member.name != OTHER_WORLD) {
        for source in member.program() {
            for (table, place) in writes(source) {
                if table.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    writers.entry(table).or_default().entry(member.name.clone()).or_insert(place);
                } else {
                    let message = format!("writes `{table}`, a table whose name is only known at run time");
                    violations.push(Violation::new(place, message));
                }
            }
        }
    }
    for (table, owners) in writers.iter().filter(|(_, owners)| owners.len() > 1) {
        let names = owners.keys().cloned().collect::<Vec<_>>().join("`, `");
        for place in owners.values() {
            let message = format!("table `{table}` is written by `{names}`: it must have one owner");
            violations.push(Violation::new(place, message));
        }
    }
    violations
}

/// The tables that a file writes, each with one place.
fn writes(source: &Source) -> Vec<(String, String)> {
    let statements = STATEMENT_MACROS.iter().flat_map(|name| source.rust.find(name));
    let ranges = statements.map(|at| at..source.rust.closing(at)).collect::<Vec<_>>();
    let mut found = BTreeSet::new();
    for literal in source.rust.literals() {
        let is_statement = ranges.iter().any(|range| range.contains(&literal.at));
        let text = if is_statement { literal.text.to_uppercase() } else { literal.text.clone() };
        // Upper case finds the verbs; the names are taken from the text as written.
        for index in written_words(&text) {
            if let Some(table) = words(&literal.text).get(index) {
                found.insert((table_name(table), source.place(literal.at)));
            }
        }
    }
    found.into_iter().collect()
}

/// The positions, among the words of a statement, of the tables that it writes.
fn written_words(statement: &str) -> Vec<usize> {
    let words = words(statement);
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    let mut written = Vec::new();
    for index in 0..words.len() {
        match word(index) {
            "INTO" if matches!(word(index.wrapping_sub(1)), "INSERT" | "REPLACE" | "MERGE") => {
                written.push(index + 1)
            }
            // SQLite: `INSERT OR IGNORE INTO`.
            "INTO" if word(index.wrapping_sub(2)) == "OR" => written.push(index + 1),
            "FROM" if word(index.wrapping_sub(1)) == "DELETE" => written.push(index + 1),
            // Not `FOR UPDATE SKIP LOCKED`, not `DO UPDATE SET`.
            "UPDATE" if !matches!(word(index.wrapping_sub(1)), "FOR" | "DO" | "ON") => {
                let table = if word(index + 1) == "OR" { index + 3 } else { index + 1 };
                if (table + 1..=table + 3).any(|at| word(at) == "SET") {
                    written.push(table);
                }
            }
            _ => {}
        }
    }
    written
}

/// The words of a statement, without the punctuation around them.
fn words(statement: &str) -> Vec<&str> {
    statement
        .split(|c: char| c.is_whitespace() || "(),;".contains(c))
        .filter(|word| !word.is_empty())
        .collect()
}

/// `main."orders"` is `orders`.
fn table_name(word: &str) -> String {
    word.rsplit('.').next().unwrap_or(word).trim_matches(['"', '`']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, tables: &[&str]) {
        let source = Source::new("crates/x/src/lib.rs", text);
        let found = writes(&source).into_iter().map(|(table, _)| table).collect::<Vec<_>>();
        assert_eq!(found, tables, "{text}");
    }

    #[test]
    fn every_form_of_a_write_is_seen() {
        check(r#"sql!("INSERT INTO orders (id) VALUES ($1)")"#, &["orders"]);
        check(r#"sql!("INSERT INTO orders(id) VALUES ($1)")"#, &["orders"]);
        check("sql!(\"\n  INSERT\n  INTO orders (id)\n\")", &["orders"]);
        check(
            r#"sql!(sqlite: "INSERT OR IGNORE INTO a (x)", postgres: "DELETE FROM b WHERE x")"#,
            &["a", "b"],
        );
        check(r#"sql!("UPDATE orders SET state = $1")"#, &["orders"]);
        check(r#"sql!("UPDATE orders AS o SET state = $1")"#, &["orders"]);
        check(r#"sql!("update orders set state = $1")"#, &["orders"]);
        check(r#"let text = "UPDATE orders SET state = $1";"#, &["orders"]);
        check(r#"sql!("DELETE FROM main.orders")"#, &["orders"]);
    }

    #[test]
    fn what_only_looks_like_a_write_is_not_one() {
        check(r#"sql!("SELECT id FROM orders FOR UPDATE SKIP LOCKED")"#, &[]);
        check(r#"sql!("INSERT INTO a (x) VALUES ($1) ON CONFLICT (x) DO UPDATE SET y = 1")"#, &["a"]);
        check(r#"error("cannot update the stock, so set it by hand")"#, &[]);
        check("// sql!(\"DELETE FROM orders\")", &[]);
        check("#[cfg(test)]\nmod tests {\n sql!(\"DELETE FROM orders\");\n}", &[]);
    }
}
