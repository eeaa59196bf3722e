//! Keys of before: each that is still believed is one more key that can be stolen.

use super::Check;
use crate::config::{Config, environment_name};
use vocabulary::{Clock, Timestamp};

/// One note for each key of before that is configured.
pub(super) fn check(config: &Config) -> Vec<Check> {
    let now = Clock::system().real_now();
    config.rotation.given().iter().map(|given| found(given.key, given.end, given.until, now)).collect()
}

fn found(key: &str, end: &str, until: Option<Timestamp>, now: Timestamp) -> Check {
    const WHAT: &str = "previous key";
    let remove = format!("remove {}", environment_name(key));
    match until {
        None => Check::note(
            WHAT,
            format!("`{key}` is believed beside the present one for as long as it is configured"),
            format!("when the change is over, {remove}; or say when it ends with {}", environment_name(end)),
        ),
        Some(until) if now < until => Check::note(
            WHAT,
            format!("`{key}` is believed until {} WIB", until.wib()),
            format!("{remove} then"),
        ),
        Some(until) => Check::note(
            WHAT,
            format!("`{key}` has not been believed since {} WIB", until.wib()),
            format!("{remove} and {}", environment_name(end)),
        ),
    }
}
