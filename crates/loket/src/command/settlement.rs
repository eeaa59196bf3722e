//! `settlement`: reports in which gateways say what they paid out and kept, imported for the comparison.

use crate::{cli::Settlement as Arguments, config::Config, gateways, output, wiring};
use anyhow::{Context, Result, bail};
use orders::{ImportedSettlement, SettlementImport, Shop, Withdrawal};
use payments::UnreadableLine;
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode};
use vocabulary::WibDay;

/// The largest file that is read.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// How many lines that could not be read are shown in a text.
const SHOWN: usize = 20;

/// What is to be imported.
pub(super) struct Wanted<'a> {
    pub(super) file: &'a Path,
    pub(super) gateway: &'a str,
    pub(super) reading: &'a [String],
    pub(super) days: Option<(WibDay, WibDay)>,
    pub(super) by: Option<&'a str>,
    pub(super) dry_run: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config, json: bool) -> Result<ExitCode> {
    let shop = wiring::shop_for_command(config).await?;
    match arguments {
        Arguments::Import { file, gateway, from, until, reading, dry_run, by } => {
            let days = days(from, until)?;
            let wanted = Wanted {
                file: &file,
                gateway: &gateway,
                reading: &reading,
                days,
                by: by.as_deref(),
                dry_run,
            };
            let imported = import(&shop, config, &wanted).await?;
            match json {
                true => output::print_json(&as_json(&gateway, &imported, dry_run)),
                false => output::print(&as_text(&gateway, &imported, dry_run)),
            }
            Ok(if imported.unreadable.is_empty() { ExitCode::SUCCESS } else { output::check_failed() })
        }
        Arguments::List { limit } => list(&shop, limit, json).await,
        Arguments::Withdraw { id, by } => {
            let withdrawn = shop.withdraw_settlement(&id, &super::staff(by.as_deref())).await?;
            Ok(told_of_withdrawal(&id, &withdrawn))
        }
    }
}

fn told_of_withdrawal(id: &str, withdrawn: &Withdrawal) -> ExitCode {
    let not_there = match withdrawn {
        Withdrawal::Now => {
            output::print(&format!("{id} counts no more; importing the file again brings it back"));
            return ExitCode::SUCCESS;
        }
        Withdrawal::Before { by, at } => {
            output::print(&format!(
                "{id} was withdrawn before, by {by} at {} WIB: nothing is changed; importing the file again brings it back",
                at.wib()
            ));
            return ExitCode::SUCCESS;
        }
        Withdrawal::Replaced => format!("another reading of the same file has taken the place of {id}"),
        Withdrawal::Unknown => format!("there is no report {id} that counts"),
    };
    eprintln!("loket: {not_there}; `loket settlement list` shows those there are");
    output::not_found()
}

fn days(from: Option<WibDay>, until: Option<WibDay>) -> Result<Option<(WibDay, WibDay)>> {
    match (from, until) {
        (None, None) => Ok(None),
        (None, Some(_)) => bail!("`--until` needs `--from`"),
        (Some(from), until) => {
            let until = until.unwrap_or(from);
            if until < from {
                bail!("{until} is before {from}");
            }
            Ok(Some((from, until)))
        }
    }
}

/// Reads a report and keeps it.
pub(super) async fn import(shop: &Shop, config: &Config, wanted: &Wanted<'_>) -> Result<ImportedSettlement> {
    let names: Vec<&str> = gateways::ALL.iter().map(|registration| registration.name).collect();
    if !names.contains(&wanted.gateway) {
        bail!("there is no gateway `{}`; there are {}", wanted.gateway, names.join(", "));
    }
    let mut profile = config.settlement_profile(wanted.gateway)?;
    for entry in wanted.reading {
        profile.say(entry).context("`--read`")?;
    }
    let place = wanted.file.display();
    let size = std::fs::metadata(wanted.file).with_context(|| format!("{place} cannot be read"))?.len();
    if size > MOST_BYTES {
        bail!("{place} is larger than {} MiB: divide it", MOST_BYTES / 1024 / 1024);
    }
    let bytes = std::fs::read(wanted.file).with_context(|| format!("{place} cannot be read"))?;
    let name = wanted.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let actor = super::staff(wanted.by);
    let import = SettlementImport {
        gateway: wanted.gateway,
        name: &name,
        bytes: &bytes,
        profile: &profile,
        days: wanted.days,
        actor: &actor,
        dry_run: wanted.dry_run,
    };
    shop.import_settlement(&import).await.with_context(|| format!("{place}"))
}

pub(super) fn as_text(gateway: &str, imported: &ImportedSettlement, dry_run: bool) -> String {
    let (from, until) = imported.days;
    let done = match (dry_run, imported.was_there) {
        (true, _) => "read, and not kept",
        (false, true) => "was imported before: nothing is changed",
        (false, false) => "imported",
    };
    let kinds = imported.kinds.iter().map(|(kind, count, sum)| format!("{count} × {kind} ({sum})"));
    let columns = imported.columns.iter().map(|(column, name)| format!("{column}: {name}"));
    let mut text = format!(
        "{gateway}, {from} to {until} by the day on which it was {}: {done} ({})\n  {}; {} kept as fees\n  columns: {}\n",
        imported.lists,
        imported.id,
        kinds.collect::<Vec<_>>().join(", "),
        imported.fees,
        columns.collect::<Vec<_>>().join(", ")
    );
    if imported.replaced > 0 {
        text.push_str("  it takes the place of an earlier reading of the same file\n");
    }
    if !imported.totals.is_empty() {
        let lines: Vec<String> = imported.totals.iter().map(i64::to_string).collect();
        text.push_str(&format!("  lines with sums, passed over: {}\n", lines.join(", ")));
    }
    text.push_str(&unreadable(&imported.unreadable));
    text
}

fn unreadable(lines: &[UnreadableLine]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("{} lines could NOT be read; they are kept as they are:\n", lines.len());
    for bad in lines.iter().take(SHOWN) {
        text.push_str(&format!("  line {}: {} [{}]\n", bad.line, bad.reason, bad.text));
    }
    if lines.len() > SHOWN {
        text.push_str("  …; all of them with --json\n");
    }
    text
}

fn as_json(gateway: &str, imported: &ImportedSettlement, dry_run: bool) -> Value {
    let kinds: Vec<Value> = imported
        .kinds
        .iter()
        .map(|(kind, count, sum)| json!({"kind": kind.as_str(), "lines": count, "amount": sum.get()}))
        .collect();
    let columns: Vec<Value> =
        imported.columns.iter().map(|(column, name)| json!({"column": column, "name": name})).collect();
    json!({
        "id": imported.id, "gateway": gateway, "from": imported.days.0.to_string(),
        "until": imported.days.1.to_string(), "lists": imported.lists.as_str(), "kinds": kinds, "columns": columns,
        "fees": imported.fees.get(), "unreadable": imported.unreadable, "totals": imported.totals,
        "was_there": imported.was_there, "replaced": imported.replaced, "kept": !dry_run,
    })
}

async fn list(shop: &Shop, limit: u32, json: bool) -> Result<ExitCode> {
    let reports = shop.settlements(limit).await?;
    if json {
        let all: Vec<Value> = reports
            .iter()
            .map(|report| {
                json!({
                    "id": report.id, "gateway": report.gateway, "file": report.name, "lists": report.lists.as_str(),
                    "from": report.first_day.to_string(), "until": report.last_day.to_string(), "lines": report.lines,
                    "unreadable": report.unreadable, "imported_at": report.imported_at.rfc3339(),
                    "compared_at": report.compared_at.map(|at| at.rfc3339()),
                })
            })
            .collect();
        output::print_json(&json!(all));
        return Ok(ExitCode::SUCCESS);
    }
    if reports.is_empty() {
        output::print("no settlement report is kept: `loket settlement import FILE --gateway NAME`");
        return Ok(ExitCode::SUCCESS);
    }
    let headings = ["id", "gateway", "file", "from", "until", "lines", "unreadable", "compared (WIB)"];
    let rows = reports.iter().map(|report| {
        vec![
            report.id.clone(),
            report.gateway.clone(),
            report.name.clone(),
            report.first_day.to_string(),
            report.last_day.to_string(),
            report.lines.to_string(),
            report.unreadable.len().to_string(),
            report.compared_at.map_or_else(|| "not yet".into(), |at| at.wib()),
        ]
    });
    output::print(&output::table(&headings, &[5, 6], rows.collect()));
    Ok(ExitCode::SUCCESS)
}
