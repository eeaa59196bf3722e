//! Which crate may name which: the arrows of the architecture, pointing one way.

use super::{House, Kind, Violation};

/// What knows one subject each. They do not know one another: they meet in `orders`.
const DOMAINS: [&str; 7] =
    ["catalog", "inventory", "ledger", "notifications", "payments", "security", "suppliers"];

/// The tests' helper: it may name everything, and only tests may name it.
const TESTKIT: &str = "testkit";

/// The crates that `name` may name, or `None` if it has no place in the house yet.
fn may_name(name: &str) -> Option<Vec<&'static str>> {
    let below: &[&[&str]] = match name {
        "loket" => {
            &[&["web", "discord", "sandbox", "orders"], &DOMAINS, &["outside", "database", "vocabulary"]]
        }
        "web" => &[&["discord", "orders"], &DOMAINS, &["outside", "database", "vocabulary"]],
        "discord" => &[&["orders"], &DOMAINS, &["outside", "database", "vocabulary"]],
        "orders" => &[&DOMAINS, &["outside", "database", "vocabulary"]],
        domain if DOMAINS.contains(&domain) => &[&["outside", "database", "vocabulary"]],
        // It must not know what the adapters think the wire looks like.
        "sandbox" => &[&["database", "vocabulary"]],
        "outside" => &[&["database", "vocabulary"]],
        "database" => &[&["vocabulary"]],
        "vocabulary" | "xtask" => &[],
        TESTKIT => &[
            &["loket", "web", "discord", "sandbox", "orders"],
            &DOMAINS,
            &["outside", "database", "vocabulary"],
        ],
        _ => return None,
    };
    Some(below.concat())
}

/// A crate names only what lies further down, also in its tests; `testkit` is for tests alone.
pub fn arrows(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in &house.crates {
        let Some(allowed) = may_name(&member.name) else {
            let message = "has no place in the house: give it one in the table of xtask/src/house/arrows.rs";
            violations.push(Violation::new(&member.folder, message));
            continue;
        };
        for dependency in &member.dependencies {
            let name = dependency.name.as_str();
            if !house.crates.iter().any(|other| other.name == name) {
                continue;
            }
            let fine = match dependency.kind {
                Kind::Dev if name == TESTKIT => member.name != "xtask",
                _ => allowed.contains(&name),
            };
            if !fine {
                let allowed =
                    if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
                let message = format!("`{}` must not name `{name}`: it may name {allowed}", member.name);
                violations.push(Violation::new(format!("{}/Cargo.toml", member.folder), message));
            }
        }
    }
    violations
}
