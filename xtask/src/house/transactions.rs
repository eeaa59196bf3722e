//! Who may open a transaction: only a use case, so that everything it changes is one commit. What a
//! domain offers takes the open transaction as its first parameter instead.

use super::{House, Source, Violation};

/// May open transactions: the use cases, the simulators' own books, the command line; and below them the
/// crate that makes transactions and the tests' helper; and `discord` for its own rows, and for the screens and
/// alerts that `notifications` writes for it. Nobody else, not even to look: `web` asks a use case.
const OPENING: [&str; 6] = ["database", "discord", "loket", "orders", "sandbox", "testkit"];

/// The methods of `Database` that open a transaction; its name is their first argument.
const OPENERS: [&str; 4] = [".read(", ".read_within(", ".write(", ".write_within("];

/// `db.write("…")` and `db.read("…")` stand only where a use case is.
pub fn transactions(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in &house.crates {
        let name = member.name.as_str();
        if OPENING.contains(&name) {
            continue;
        }
        for opener in OPENERS {
            for source in member.program() {
                for at in openings(source, opener) {
                    let message = format!(
                        "`{name}` must not open a transaction (`{opener}\"…\")`): \
                         let a use case of `orders` open it; what works in it takes `tx` as the first parameter"
                    );
                    violations.push(Violation::new(source.place(at), message));
                }
            }
        }
    }
    violations
}

/// Where `opener` is called on a `db`, or on anything with a name, written out or as a constant; other
/// types have methods of the same name, which take something else or nothing.
fn openings(source: &Source, opener: &str) -> Vec<usize> {
    let opens = |at: &usize| {
        let argument = source.rust.after(*at + opener.len()).iter().find(|c| !c.is_whitespace());
        let named = argument.is_some_and(|c| *c == '"' || c.is_ascii_uppercase());
        named || receiver(source, *at) == "db"
    };
    source.rust.find(opener).into_iter().filter(opens).collect()
}

/// The identifier before a method call that begins at `at`; empty when there is none.
fn receiver(source: &Source, at: usize) -> String {
    let before = source.rust.after(0).get(..at).unwrap_or_default();
    let backwards = before.iter().rev().skip_while(|c| c.is_whitespace());
    let name = backwards.take_while(|c| c.is_alphanumeric() || **c == '_').collect::<Vec<_>>();
    name.into_iter().rev().collect()
}
