//! Who may open a transaction: only a use case, so that everything it changes is one commit. What a
//! domain offers takes the open transaction as its first parameter instead.

use super::{House, Source, Violation};

/// May open any transaction: the use cases, the simulators' own books, the command line; and below them
/// the crate that makes transactions and the tests' helper.
const WRITERS: [&str; 5] = ["database", "loket", "orders", "sandbox", "testkit"];

/// May only look.
const READERS: [&str; 1] = ["web"];

/// The methods of `Database` that open a transaction; its name is their first argument.
const OPENERS: [(&str, Purpose); 4] = [
    (".read(", Purpose::Read),
    (".read_within(", Purpose::Read),
    (".write(", Purpose::Write),
    (".write_within(", Purpose::Write),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

/// `db.write("…")` and `db.read("…")` stand only where a use case is.
pub fn transactions(house: &House) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in &house.crates {
        let name = member.name.as_str();
        for (opener, purpose) in OPENERS {
            let allowed = WRITERS.contains(&name) || (purpose == Purpose::Read && READERS.contains(&name));
            if allowed {
                continue;
            }
            for source in member.program() {
                for at in openings(source, opener) {
                    let message = format!(
                        "`{name}` must not open a transaction (`{opener}\"…\")`): \
                         take `tx` as the first parameter and let the use case open it"
                    );
                    violations.push(Violation::new(source.place(at), message));
                }
            }
        }
    }
    violations
}

/// Where `opener` is called with a name, written out or as a constant; other types have methods of the
/// same name, which take something else or nothing.
fn openings(source: &Source, opener: &str) -> Vec<usize> {
    let named = |at: &usize| {
        let argument = source.rust.after(*at + opener.len()).iter().find(|c| !c.is_whitespace());
        argument.is_some_and(|c| *c == '"' || c.is_ascii_uppercase())
    };
    source.rust.find(opener).into_iter().filter(named).collect()
}
