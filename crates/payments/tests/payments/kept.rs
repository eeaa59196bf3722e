//! What the adapters really send, kept for the vendors' own libraries to judge when `cargo xtask test` runs
//! them (`judges/our_requests.py`).

use crate::server::Seen;
use serde_json::{Value, json};
use std::{fs::OpenOptions, io::Write, path::Path};

/// Where requests are kept, when somebody wants them.
const REQUESTS: &str = "LOKET_TEST_REQUESTS";

/// The headers that say who asks, and how.
const HEADERS: [&str; 11] = [
    "accept",
    "authorization",
    "channel-id",
    "content-type",
    "idempotency-key",
    "origin",
    "x-external-id",
    "x-override-notification",
    "x-partner-id",
    "x-signature",
    "x-timestamp",
];

/// Keeps a request as it arrived, as a line of a file of this process. `key` is what it was signed with, which
/// is a test's own.
pub(crate) fn keep(party: &str, seen: &Seen, key: impl FnOnce() -> String) {
    let Some(folder) = std::env::var_os(REQUESTS) else { return };
    let given = |name: &&str| Some(((*name).to_owned(), Value::from(seen.header(name)?)));
    let headers: serde_json::Map<String, Value> = HEADERS.iter().filter_map(given).collect();
    let line = json!({
        "party": party, "line": seen.line, "headers": headers, "body": seen.body, "key": key(),
    });
    let path = Path::new(&folder).join(format!("requests-{}.jsonl", std::process::id()));
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    // In one piece: several servers of one test write at a time.
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}
