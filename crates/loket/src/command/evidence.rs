//! `order evidence`: the file of an order, with what others said of it: with `--reveal` to the byte.

use super::order::{as_json, as_text, parse};
use crate::{cli, config::Config, output, wiring};
use anyhow::Result;
use orders::{Evidence, KeptBody};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Stands where a raw webhook may name what was delivered.
const HIDDEN: &str = "(hidden, because it may name the serial number: --reveal shows it)";

pub(super) async fn run(config: &Config, look: &cli::Look, json: bool) -> Result<ExitCode> {
    let number = &parse(&look.number)?;
    let shop = wiring::shop_for_command(config).await?;
    if look.reveal {
        shop.reveal(number, &super::staff(look.by.as_deref())).await?;
    }
    let Some(mut evidence) = shop.evidence(number).await? else {
        eprintln!("loket: there is no order {number}; `loket order list` shows those there are");
        return Ok(output::not_found());
    };
    if !look.reveal {
        evidence.mask(&shop);
    }
    if json {
        output::print_json(&in_json(&evidence));
    } else {
        output::print(&in_text(&evidence));
    }
    Ok(ExitCode::SUCCESS)
}

fn in_json(evidence: &Evidence) -> Value {
    let said: Vec<Value> = evidence
        .words
        .iter()
        .flat_map(|(reference, words)| {
            words.iter().map(move |word| {
                json!({"reference": reference, "at": word.at.rfc3339(), "verdict": word.verdict.as_str(),
                       "code": word.code, "price": word.price.map(|p| p.get()),
                       "asked_at": word.asked_at.map(|at| at.rfc3339())})
            })
        })
        .collect();
    let webhooks: Vec<Value> = evidence
        .webhooks
        .iter()
        .map(|w| {
            let (body, not_opened) = match &w.body {
                KeptBody::Opened(body) => (Some(text_of(body)), None),
                KeptBody::Hidden => (Some(HIDDEN.to_owned()), None),
                KeptBody::Closed { why } => (None, Some(why)),
            };
            json!({"id": w.id, "source": w.source, "received_at": w.received_at.rfc3339(), "verdict": w.verdict,
                   "state": w.state, "times_received": w.times, "headers": w.headers, "body": body,
                   "not_opened": not_opened})
        })
        .collect();
    let messages: Vec<Value> = evidence
        .file
        .messages
        .iter()
        .map(|m| json!({"at": m.at.rfc3339(), "to": m.audience.as_str(), "kind": m.kind.as_str()}))
        .collect();
    let mut whole = as_json(&evidence.file);
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("gathered_at".into(), json!(evidence.gathered_at.rfc3339()));
        fields.insert("supplier_said".into(), json!(said));
        fields.insert("webhooks".into(), json!(webhooks));
        fields.insert("messages".into(), json!(messages));
    }
    whole
}

/// The body as text; it is JSON or a form with every party that we know.
fn text_of(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

fn in_text(evidence: &Evidence) -> String {
    let mut text =
        format!("evidence, gathered {} WIB\n{}", evidence.gathered_at.wib(), as_text(&evidence.file));
    for attempt in &evidence.file.attempts {
        text.push_str(&format!(
            "\n\n{} at {}: their number {}, serial number {}, sent {}, ended {}",
            attempt.reference,
            attempt.supplier,
            attempt.number.as_deref().unwrap_or("-"),
            attempt.serial_number.as_deref().unwrap_or("-"),
            attempt.first_sent_at.map_or_else(|| "-".into(), |at| at.wib()),
            attempt.ended_at.map_or_else(|| "-".into(), |at| at.wib()),
        ));
    }
    let rows: Vec<Vec<String>> = evidence
        .words
        .iter()
        .flat_map(|(reference, words)| {
            words.iter().map(move |word| {
                vec![
                    word.at.wib(),
                    reference.clone(),
                    word.verdict.to_string(),
                    word.code.clone().unwrap_or_else(|| "-".into()),
                ]
            })
        })
        .collect();
    if !rows.is_empty() {
        let table = output::table(&["at (WIB)", "attempt", "means", "code"], &[], rows);
        text.push_str(&format!("\n\nthe supplier said\n{table}"));
    }
    for webhook in &evidence.webhooks {
        let body = match &webhook.body {
            KeptBody::Opened(body) => text_of(body),
            KeptBody::Hidden => HIDDEN.to_owned(),
            KeptBody::Closed { why } => format!("(what it says cannot be shown: {why}; {})", webhook.id),
        };
        text.push_str(&format!(
            "\n\nwebhook of {}, {} WIB, {} ({}), came {} times\n{}",
            webhook.source,
            webhook.received_at.wib(),
            webhook.verdict,
            webhook.state,
            webhook.times,
            body.chars()
                .map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c })
                .collect::<String>()
        ));
    }
    text
}
