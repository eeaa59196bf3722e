//! `migrate [--check]`.

use crate::{config::Config, output, wiring};
use anyhow::Result;
use orders::MIGRATIONS;
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn run(config: &Config, check: bool, json: bool) -> Result<ExitCode> {
    let db = wiring::open_database(config).await?;
    let pending = db.pending(&MIGRATIONS).await?;
    if !check {
        wiring::prepare(&db, config.mode).await?;
    }
    if json {
        output::print_json(&json!({"pending": pending, "applied_now": !check}));
    } else if pending.is_empty() {
        output::print("the schema is up to date");
    } else {
        let verb = if check { "lacks" } else { "now has" };
        output::print(&format!("{} {verb} {}", config.database, pending.join(", ")));
    }
    db.close().await;
    Ok(if check && !pending.is_empty() { output::check_failed() } else { ExitCode::SUCCESS })
}
