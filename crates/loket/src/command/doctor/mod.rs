//! `doctor`: every step to a shop that works, looked at, each with a fix. Here is the report; what is looked
//! at is in the rooms beside, one for each subject.

mod accounts;
mod circuits;
mod clock;
mod database;
mod discord;
mod door;
pub(super) mod gateways;
mod keys;
mod public_url;
mod rotation;
pub(super) mod supplier;

use crate::{config::Config, gateways as known_gateways, output, suppliers as known_suppliers};
use anyhow::Result;
use outside::Http;
use serde_json::json;
use std::process::ExitCode;

/// What is to be thought of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// As it should be.
    Fine,
    /// Possible, and worth knowing.
    Note,
    /// The shop does not work like this: the command ends with exit code 4.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug)]
pub(crate) struct Check {
    verdict: Verdict,
    what: &'static str,
    found: String,
    fix: Option<String>,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Verdict::Fine => "ok",
            Verdict::Note => "note",
            Verdict::Wrong => "WRONG",
        }
    }
}

impl Check {
    pub(crate) fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Check { verdict: Verdict::Fine, what, found: found.into(), fix: None }
    }

    pub(crate) fn note(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Check { verdict: Verdict::Note, what, found: found.into(), fix: Some(fix.into()) }
    }

    pub(crate) fn wrong(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Check { verdict: Verdict::Wrong, what, found: found.into(), fix: Some(fix.into()) }
    }

    /// A party without an address: its simulator is inside `serve`, if simulators are there at all.
    /// `variable` names the address.
    pub(crate) fn inside(what: &'static str, config: &Config, variable: &str) -> Self {
        if config.has_own_simulators() {
            return Check::fine(what, "the simulator inside `loket serve`");
        }
        Check::note(
            what,
            "no address: this shop has no simulators inside, so it does without",
            format!("set {variable} to where its simulator is"),
        )
    }

    fn is_fine(&self) -> bool {
        self.verdict == Verdict::Fine
    }
}

pub(super) async fn run(config: Result<Config>, json: bool) -> Result<ExitCode> {
    let checks = match config {
        Ok(config) => examine(&config).await,
        Err(error) => {
            vec![Check::wrong("configuration", format!("{error:#}"), "correct loket.toml or the environment")]
        }
    };
    if json {
        let list: Vec<_> = checks
            .iter()
            .map(|c| json!({"check": c.what, "verdict": c.verdict.as_str().to_lowercase(), "found": c.found, "fix": c.fix}))
            .collect();
        output::print_json(&json!(list));
    } else {
        for check in &checks {
            output::print(&format!("{:<5} {:<16} {}", check.verdict.as_str(), check.what, check.found));
            if let Some(fix) = &check.fix {
                output::print(&format!("      {:<16} -> {fix}", ""));
            }
        }
    }
    let wrong = checks.iter().any(|c| c.verdict == Verdict::Wrong);
    Ok(if wrong { output::check_failed() } else { ExitCode::SUCCESS })
}

async fn examine(config: &Config) -> Vec<Check> {
    let mut checks =
        vec![Check::fine("configuration", format!("{} mode, every key is known", config.mode.as_str()))];
    checks.push(keys::api_key(config));
    checks.extend(database::check(config).await);
    checks.push(clock::check());
    checks.extend(rotation::check(config));
    match Http::new() {
        Ok(http) => {
            checks.extend(public_url::check(config, &http).await);
            for gateway in known_gateways::ALL {
                checks.extend((gateway.check)(config, &http).await);
            }
            for supplier in known_suppliers::ALL {
                checks.extend((supplier.check)(config, &http).await);
            }
            checks.extend(accounts::check(config, &http).await);
            checks.extend(discord::check(config, &http).await);
        }
        Err(error) => checks.push(Check::wrong(
            "network",
            error.to_string(),
            "the TLS library cannot start: reinstall loket",
        )),
    }
    checks
}
