//! What must add up afterwards: the books of gateways and supplier, the shop's ledger, and its audit chain.

use super::{door::Door, journey::Purchase, stage::Stage};
use crate::{config::Config, wiring};
use anyhow::{Context, Result, bail};
use security::Verification;
use serde_json::Value;
use std::time::Duration;
use vocabulary::OrderNumber;

/// How long following the whole audit chain may take.
const LIMIT: Duration = Duration::from_secs(600);

/// What the outside world has in its books about one order.
pub(super) struct Books {
    /// How the gateway told the shop: event and answer.
    pub(super) webhooks: Vec<String>,
    /// The serial number that the supplier gave out.
    pub(super) serial_number: String,
}

/// Reads the books about an order, and says what is wrong when they do not show one payment of this amount
/// (whole rupiah) and one delivery.
pub(super) async fn books(door: &Door, number: &str, amount: i64) -> Result<Books> {
    let all = door.get(&format!("/sandbox/transactions?reference={number}")).await?;
    let list = |party: &str, what: &str| {
        all.pointer(&format!("/{party}/{what}")).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let whole = |row: &Value, field: &str| row.get(field).and_then(Value::as_i64).unwrap_or_default();
    let mut paid: Vec<i64> = Vec::new();
    for (party, times, sum) in [
        ("midtrans", "times_settled", "gross_amount"),
        ("dana", "times_paid", "amount"),
        ("xendit", "times_paid", "amount"),
    ] {
        for row in list(party, "transactions") {
            paid.extend((0..whole(&row, times)).map(|_| whole(&row, sum)));
        }
    }
    if paid != [amount] {
        bail!("the gateways' books show the payments {paid:?}, not one of {amount}");
    }
    let purchases = list("digiflazz", "transactions");
    let delivered: i64 = purchases.iter().map(|row| whole(row, "deliveries")).sum();
    if delivered != 1 {
        bail!("the supplier's books show {delivered} deliveries, not one");
    }
    let delivering = purchases.iter().find(|row| whole(row, "deliveries") == 1);
    let serial_number = delivering.and_then(|row| row.get("sn")).and_then(Value::as_str).unwrap_or_default();
    let mut webhooks = Vec::new();
    let parties =
        [("midtrans", "Midtrans"), ("dana", "DANA"), ("xendit", "Xendit"), ("digiflazz", "Digiflazz")];
    for (party, name) in parties {
        let mut sent = list(party, "webhooks");
        sent.sort_by_key(|row| whole(row, "seq"));
        for row in sent {
            let event = row.get("event").and_then(Value::as_str).unwrap_or_default();
            let answered = row.pointer("/attempts/0/status").and_then(Value::as_i64);
            if let Some(status) = answered {
                webhooks.push(format!("{name} sent the webhook `{event}`; the shop answered {status}"));
            }
        }
    }
    Ok(Books { webhooks, serial_number: serial_number.to_owned() })
}

/// Makes the shop's own proofs, as `loket ledger check` and `loket audit verify` do beside the running shop.
///
/// # Errors
/// Says which does not hold, or why it could not be made.
pub(super) async fn prove(stage: &Stage, config: &Config, purchases: &[Purchase]) -> Result<()> {
    stage.title("The proofs, made beside the running shop");
    has_these_orders(config, purchases).await?;
    let shop = wiring::shop_for_command(config).await?;
    let ledger = shop.check_ledger().await.context("`loket ledger check`")?;
    if let Some((subject, problem)) = ledger.problems.first() {
        bail!("`loket ledger check`: {subject}: {problem}");
    }
    stage.note(&format!("`loket ledger check`: the ledger holds, {} orders, every sum fits.", ledger.orders));
    let mut tx = shop.db.read_within("audit.verify", LIMIT).await?;
    match security::verify(&mut tx).await.context("`loket audit verify`")? {
        Verification::Holds { sealed, unsealed, .. } => stage.note(&format!(
            "`loket audit verify`: the audit chain holds, {sealed} entries, {unsealed} not chained yet."
        )),
        Verification::Broken { position, entry, problem } => {
            bail!(
                "`loket audit verify`: the chain is broken at position {position}, entry {entry}: {problem}"
            )
        }
    }
    Ok(())
}

/// The books that are configured here must be those of the shop that was bought from: proofs over others
/// would prove nothing.
async fn has_these_orders(config: &Config, purchases: &[Purchase]) -> Result<()> {
    let elsewhere = || {
        format!(
            "the orders are not in {}: name the database of the shop with --data-dir or LOKET_DATABASE__URL, so that its ledger and audit chain can be proven",
            config.database
        )
    };
    let db = wiring::open_ready(config).await.with_context(elsewhere)?;
    let mut tx = db.read("demo.orders").await?;
    for number in purchases.iter().filter_map(|purchase| purchase.number.as_deref()) {
        let number: OrderNumber = number.parse().context("the number of an order")?;
        if orders::order_by_number(&mut tx, &number).await?.is_none() {
            bail!(elsewhere());
        }
    }
    Ok(())
}
