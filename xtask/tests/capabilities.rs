//! What a supplier says that it can do is read by something: a flag that nobody reads promises what nobody keeps.

#![expect(clippy::unwrap_used, reason = "without the sources there is nothing to judge")]

use std::{fs, path::Path};

/// Flags that are declared.
const LEAST: usize = 9;

fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() {
            if name != "adapters" {
                sources(&entry, all);
            }
        } else if name.ends_with(".rs") && !name.ends_with("_tests.rs") && name != "supplier.rs" {
            let text = fs::read_to_string(&entry).unwrap();
            // What stands in unit tests decides nothing.
            all.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
        }
    }
}

#[test]
fn every_capability_of_a_supplier_is_read_where_something_is_decided() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("crates");
    let declared = fs::read_to_string(crates.join("suppliers/src/supplier.rs")).unwrap();
    let declared = declared.split("pub struct Capabilities {").nth(1).unwrap().split("\n}").next().unwrap();
    let flags: Vec<&str> =
        declared.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next()).collect();
    assert!(flags.len() >= LEAST, "{flags:?}");
    let mut all = Vec::new();
    for name in ["suppliers/src", "orders/src"] {
        sources(&crates.join(name), &mut all);
    }
    let read = |flag: &str| {
        all.iter().any(|text| {
            text.split(&format!(".{flag}"))
                .skip(1)
                .any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
        })
    };
    let ignored: Vec<&&str> = flags.iter().filter(|flag| !read(flag)).collect();
    assert!(ignored.is_empty(), "nobody reads {ignored:?}");
}
