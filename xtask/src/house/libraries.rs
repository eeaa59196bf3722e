//! Which crate may name which library: a database engine, the HTTP client and the HTTP server each have
//! one door, so that what guards the door (deadlines, crash points, body limits) guards everything.

use super::{House, Violation};

/// A library, the crates that may name it, and why.
const DOORS: [(&str, &[&str], &str); 6] = [
    (
        "sqlx",
        &["database"],
        "statements go through `database`: one text, two engines, deadlines, crash points",
    ),
    (
        "reqwest",
        &["loket", "outside", "sandbox", "testkit"],
        "a call to an outside party goes through `outside`: its crash points and time-outs sit there",
    ),
    ("twilight_model", &["discord"], "Discord is spoken by `discord` alone"),
    ("twilight_validate", &["discord"], "Discord is spoken by `discord` alone"),
    ("twilight_http_ratelimiting", &["discord"], "Discord is called by `discord` alone"),
    ("axum", &["loket", "sandbox", "web"], "HTTP is served by `web` and `sandbox`"),
];

/// A library with a door is named, in a manifest or through a re-export, behind that door only.
pub fn libraries(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (library, allowed, reason) in DOORS {
        let message = format!("must not name `{library}`: {reason}");
        for member in house.crates.iter().filter(|member| !allowed.contains(&member.name.as_str())) {
            // As code spells it; a manifest may have dashes.
            if member.dependencies.iter().any(|dependency| dependency.name.replace('-', "_") == library) {
                violations.push(Violation::new(format!("{}/Cargo.toml", member.folder), &message));
            }
            for source in member.program() {
                for at in source.rust.find(&format!("{library}::")) {
                    violations.push(Violation::new(source.place(at), &message));
                }
            }
        }
    }
    violations
}
