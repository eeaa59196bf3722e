//! How a crate and a file of the house look: named like their folder, opening with what they are for, of a
//! size that one can read, under the lints that all share.

use super::rust_text::RustText;
use super::{House, Violation};

/// A file longer than this is two rooms.
const LINES: usize = 800;

/// A crate is named like its folder.
pub fn folder_names(house: &House) -> Vec<Violation> {
    let differs = |folder: &str, name: &str| folder.rsplit('/').next() != Some(name);
    let members = house.crates.iter().filter(|member| differs(&member.folder, &member.name));
    members
        .map(|member| {
            Violation::new(&member.folder, format!("holds the crate `{}`: name both alike", member.name))
        })
        .collect()
}

/// Every crate takes the lints of the workspace, and those forbid `unsafe`.
pub fn inherited_lints(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !has(&house.manifest, "workspace.lints.rust", "unsafe_code = \"forbid\"") {
        violations
            .push(Violation::new("Cargo.toml", "[workspace.lints.rust] must say unsafe_code = \"forbid\""));
    }
    for member in &house.crates {
        if !has(&member.manifest, "lints", "workspace = true") {
            let place = format!("{}/Cargo.toml", member.folder);
            violations.push(Violation::new(place, "must say [lints] workspace = true"));
        }
    }
    violations
}

/// Every file opens with a doc comment that says what the room is for.
pub fn doc_comments(house: &House) -> Vec<Violation> {
    let sources = house.crates.iter().flat_map(|member| &member.sources);
    let opens_with_doc = |text: &str| {
        text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//! "))
    };
    sources
        .filter(|source| source.path.contains("/src/") && !opens_with_doc(&source.text))
        .map(|source| Violation::new(&source.path, "must open with a `//!` comment that says what it is for"))
        .collect()
}

/// No file is longer than one can read; its tests do not count.
pub fn lengths(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in house.crates.iter().flat_map(|member| member.program()) {
        let lines = source.text.lines().count().saturating_sub(source.rust.test_lines());
        if lines > LINES {
            let message = format!("has {lines} lines without its tests: more than {LINES} is two rooms");
            violations.push(Violation::new(&source.path, message));
        }
    }
    violations
}

/// `#[expect(lint, reason = "…")]`, never `#[allow]`: an exception that is no longer needed must be seen.
pub fn allow_attributes(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in house.crates.iter().flat_map(|member| &member.sources) {
        // The reading that leaves tests out would not see what they allow themselves.
        let rust = RustText::with_tests(&source.text);
        for opening in ["#[", "#!["] {
            for at in rust.find(opening) {
                let attribute = rust.after(at).iter().take(rust.closing(at) - at).collect::<String>();
                if names_allow(&attribute) {
                    let place = format!("{}:{}", source.path, rust.line(at));
                    violations
                        .push(Violation::new(place, "use #[expect(…, reason = \"…\")], not #[allow(…)]"));
                }
            }
        }
    }
    violations
}

/// Whether an attribute is, or applies under a condition, `allow(…)`.
fn names_allow(attribute: &str) -> bool {
    attribute.match_indices("allow").any(|(at, word)| {
        let before = attribute.get(..at).and_then(|text| text.chars().last());
        let after = attribute.get(at + word.len()..).and_then(|text| text.trim_start().chars().next());
        after == Some('(') && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

/// Whether `line` stands in `section` of a manifest.
fn has(manifest: &str, section: &str, line: &str) -> bool {
    let mut inside = false;
    for text in manifest.lines().map(str::trim) {
        if text.starts_with('[') {
            inside = text.trim_matches(['[', ']']) == section;
        } else if inside && text == line {
            return true;
        }
    }
    false
}
