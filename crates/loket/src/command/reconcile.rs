//! `reconcile`: ledger, gateways and supplier compared for a day, now or as the daily run stored it.

use super::settlement;
use crate::{config::Config, output, wiring};
use anyhow::{Result, bail};
use orders::{Difference, Report};
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};
use vocabulary::WibDay;

pub(super) async fn run(
    config: &Config,
    (date, stored): (Option<WibDay>, bool),
    settlement: Option<(PathBuf, String, Vec<String>)>,
    json: bool,
) -> Result<ExitCode> {
    let shop = wiring::shop_for_asking(config).await?;
    let today = shop.clock.now().wib_day();
    if date.is_some_and(|date| date > today) {
        bail!("{} has not begun: today is {today} (WIB)", date.unwrap_or(today));
    }
    if let Some((file, gateway, reading)) = &settlement {
        let wanted = settlement::Wanted {
            file,
            gateway,
            reading,
            days: date.map(|date| (date, date)),
            by: None,
            dry_run: false,
        };
        let imported = settlement::import(&shop, config, &wanted).await?;
        if !json {
            output::print(&settlement::as_text(gateway, &imported, false));
        }
    }
    let report = if stored {
        let day = date.unwrap_or(today.day_before());
        let Some(report) = shop.stored_reconciliation(day).await? else {
            eprintln!(
                "loket: no daily run of {day} is stored; a worker makes one at 03:10 WIB of the day after, and `loket reconcile --date {day}` compares it now"
            );
            return Ok(output::not_found());
        };
        report
    } else {
        shop.reconcile(date.unwrap_or(today)).await?
    };
    if json {
        output::print_json(&as_json(&report, stored));
    } else {
        output::print(&as_text(&report));
        if let Some(run) = shop.latest_reconciliation().await?.filter(|_| !stored) {
            output::print(&format!(
                "the daily run of {} at {} WIB found {} differences: `loket reconcile --date {} --stored`",
                run.day,
                run.at.wib(),
                run.differences,
                run.day
            ));
        }
    }
    Ok(if report.agrees() { ExitCode::SUCCESS } else { output::check_failed() })
}

fn as_json(report: &Report, stored: bool) -> Value {
    let differences: Vec<_> = report
        .differences
        .iter()
        .map(|d| {
            json!({"kind": d.kind.as_str(), "subject": d.subject, "ledger": d.ledger, "gateway": d.gateway,
                        "supplier": d.supplier, "cause": d.cause, "action": d.action, "asked_again": d.asked_again})
        })
        .collect();
    let not_asked: Vec<_> = report
        .not_asked
        .iter()
        .map(|s| json!({"party": s.party, "count": s.count, "first": s.first, "why": s.why}))
        .collect();
    let notes: Vec<_> = report.notes.iter().map(|n| json!({"subject": n.subject, "text": n.text})).collect();
    let unseen: Vec<_> = report.unseen.iter().map(|u| json!({"party": u.party, "what": u.what})).collect();
    let deposits: Vec<_> = report
        .deposits
        .iter()
        .map(|d| json!({"supplier": d.supplier, "at": d.at.rfc3339(), "balance": d.balance.get()}))
        .collect();
    let counts = report.counts;
    json!({
        "date": report.day.to_string(), "at": report.at.rfc3339(), "stored": stored, "agrees": report.agrees(),
        "orders": counts.orders, "payments": counts.payments, "payments_told": counts.told,
        "attempts": counts.attempts, "settlement_lines": counts.settlement_lines, "differences": differences, "not_asked": not_asked, "notes": notes,
        "unseen": unseen, "deposits": deposits,
    })
}

fn as_text(report: &Report) -> String {
    let counts = report.counts;
    let mut text = format!(
        "{} (WIB), compared at {}: {} orders, {} payments ({} told by their gateway), {} purchases{}\n",
        report.day,
        report.at.wib(),
        counts.orders,
        counts.payments,
        counts.told,
        counts.attempts,
        match counts.settlement_lines {
            0 => String::new(),
            lines => format!(", {lines} lines of settlement reports"),
        }
    );
    if !report.differences.is_empty() {
        let rows = report.differences.iter().map(row).collect();
        let headings = ["difference", "of", "ledger", "gateway", "supplier"];
        text.push_str(&format!("\n{}\n", output::table(&headings, &[], rows)));
        for d in &report.differences {
            text.push_str(&format!(
                "\n{} {}\n  likely: {}\n  do: {}\n",
                d.kind, d.subject, d.cause, d.action
            ));
        }
    }
    for s in &report.not_asked {
        text.push_str(&format!(
            "\n{} could not be asked about {} things, {} among them: {}\n",
            s.party, s.count, s.first, s.why
        ));
    }
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{title}\n  {}\n", lines.join("\n  ")));
        }
    };
    section("deposits", report.deposits.iter().map(|d| format!("{}: {}", d.supplier, d.balance)).collect());
    section("notes", report.notes.iter().map(|n| format!("{}: {}", n.subject, n.text)).collect());
    section(
        "what this cannot see",
        report.unseen.iter().map(|u| format!("{}: {}", u.party, u.what)).collect(),
    );
    text.push_str(&match (report.differences.len(), report.not_asked.len()) {
        (0, 0) => "\nledger, gateways and supplier agree\n".to_owned(),
        (found, 0) => format!("\nthey do NOT agree: {found} differences\n"),
        (found, silent) => {
            format!(
                "\nthis does NOT show that they agree: {found} differences, {silent} could not be asked\n"
            )
        }
    });
    text
}

fn row(d: &Difference) -> Vec<String> {
    let or_dash = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".into());
    vec![d.kind.to_string(), d.subject.clone(), d.ledger.clone(), or_dash(&d.gateway), or_dash(&d.supplier)]
}
