//! `audit verify`.

use crate::{config::Config, output, wiring};
use anyhow::Result;
use security::Verification;
use serde_json::json;
use std::{process::ExitCode, time::Duration};

/// How long following the whole chain may take.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) async fn verify(config: &Config, json: bool) -> Result<ExitCode> {
    let db = wiring::open_ready(config).await?;
    let verdict = security::verify(&mut db.read_within("audit.verify", LIMIT).await?).await?;
    match &verdict {
        Verification::Holds { sealed, unsealed, head } if json => {
            output::print_json(&json!({"holds": true, "sealed": sealed, "unsealed": unsealed, "head": head}));
        }
        Verification::Holds { sealed, unsealed, head } => output::print(&format!(
            "the audit chain holds: {sealed} entries, {unsealed} not chained yet\nhead {head}\n(keep the head elsewhere: a chain that was cut at its end is found out by it)"
        )),
        Verification::Broken { position, entry, problem } if json => {
            output::print_json(
                &json!({"holds": false, "position": position, "entry": entry, "problem": problem}),
            );
        }
        Verification::Broken { position, entry, problem } => {
            output::print(&format!(
                "the audit chain is BROKEN at position {position}, entry {entry}: {problem}"
            ));
        }
    }
    Ok(match verdict {
        Verification::Holds { .. } => ExitCode::SUCCESS,
        Verification::Broken { .. } => output::check_failed(),
    })
}
