//! `alerts`: what a person should look at, oldest first, and closing one of them.

use crate::{config::Config, output, wiring};
use anyhow::{Result, bail};
use notifications::{AlertKind, MOST_ALERTS};
use serde_json::json;
use std::process::ExitCode;

/// How many a table shows unless more are asked for.
const USUALLY: u32 = 200;

pub(super) async fn list(config: &Config, limit: Option<u32>, json: bool) -> Result<ExitCode> {
    let db = wiring::open_ready(config).await?;
    let mut tx = db.read("alerts.list").await?;
    let open = notifications::open_alert_counts(&mut tx).await?;
    let limit = limit.unwrap_or(if json { MOST_ALERTS } else { USUALLY });
    let alerts = notifications::oldest_alerts(&mut tx, limit).await?;
    let rest = unlisted(&open, alerts.len());
    if json {
        let list: Vec<_> = alerts
            .iter()
            .map(|a| json!({"kind": a.kind.as_str(), "subject": a.subject, "message": a.message, "opened_at": a.opened_at.rfc3339()}))
            .collect();
        output::print_json(&json!(list));
        // The JSON is a list of alerts and nothing else: what it lacks is told beside it.
        if let Some(rest) = rest {
            eprintln!("loket: {rest}");
        }
    } else if alerts.is_empty() {
        output::print("no open alerts");
    } else {
        let rows = alerts
            .into_iter()
            .map(|a| vec![a.opened_at.wib(), a.kind.to_string(), a.subject, a.message])
            .collect();
        output::print(&output::table(&["since (WIB)", "kind", "subject", "what to do"], &[], rows));
        if let Some(rest) = rest {
            output::print(&rest);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a list of the oldest `listed` lacks of those that are open; `None` when it lacks nothing.
fn unlisted(open: &[(AlertKind, i64)], listed: usize) -> Option<String> {
    let total: i64 = open.iter().map(|(_, count)| count).sum();
    let more = total.saturating_sub(i64::try_from(listed).unwrap_or(i64::MAX));
    if more <= 0 {
        return None;
    }
    let kinds: Vec<String> =
        open.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| format!("{count} {kind}")).collect();
    Some(format!(
        "and {more} newer ones: {total} are open ({}); `loket alerts --limit N` lists more, up to {MOST_ALERTS}",
        kinds.join(", ")
    ))
}

pub(super) async fn resolve(config: &Config, alert: &[String], by: Option<&str>) -> Result<ExitCode> {
    let [kind, subject] = alert else { bail!("name the kind and the subject, as `loket alerts` shows them") };
    let kind: AlertKind = kind.parse()?;
    let shop = wiring::shop_for_command(config).await?;
    if shop.resolve_alert(kind, subject, &super::staff(by)).await? {
        output::print(&format!("resolved {kind} of {subject}"));
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("loket: there is no open alert {kind} of {subject}; `loket alerts` shows those there are");
    Ok(output::not_found())
}
