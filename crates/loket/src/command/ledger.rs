//! `ledger check`.

use crate::{config::Config, output, wiring};
use anyhow::Result;
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn check(config: &Config, json: bool) -> Result<ExitCode> {
    let shop = wiring::shop_for_command(config).await?;
    let proof = shop.check_ledger().await?;
    if json {
        let balances: serde_json::Map<_, _> = proof
            .balances
            .iter()
            .map(|(account, amount)| (account.to_string(), json!(amount.get())))
            .collect();
        let problems: Vec<_> = proof
            .problems
            .iter()
            .map(|(subject, problem)| json!({"subject": subject, "problem": problem}))
            .collect();
        output::print_json(
            &json!({"holds": problems.is_empty(), "orders": proof.orders, "balances": balances, "problems": problems}),
        );
    } else {
        let rows = proof
            .balances
            .iter()
            .map(|(account, amount)| vec![account.to_string(), amount.to_string()])
            .collect();
        output::print(&output::table(&["account", "balance (debit)"], &[1], rows));
        for (subject, problem) in &proof.problems {
            output::print(&format!("{subject}: {problem}"));
        }
        output::print(&match proof.problems.len() {
            0 => format!("the ledger holds: {} orders, every sum fits", proof.orders),
            count => format!("the ledger does NOT hold: {count} problems in {} orders", proof.orders),
        });
    }
    Ok(if proof.problems.is_empty() { ExitCode::SUCCESS } else { output::check_failed() })
}
