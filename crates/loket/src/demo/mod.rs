//! `demo`: members buy once each, by another way to pay each, through the public doors only: signed
//! interactions, the wallet simulator, webhooks. Every message that they see is printed, and at the end the
//! purchases are held against the books of the outside world and against the shop's own.

mod cast;
mod door;
mod journey;
mod member;
mod picture;
mod proof;
mod shop;
mod stage;

use crate::{
    cli,
    config::{Config, Mode, Overrides},
    output,
};
use anyhow::{Context, Result, bail};
use cast::JOURNEYS;
use database::DatabaseUrl;
use door::Door;
use journey::Purchase;
use serde_json::{Value, json};
use shop::OwnShop;
use stage::Stage;
use std::process::ExitCode;

/// Why there is no demo in production.
const NO_MONEY: &str =
    "the demo buys with money that is not real: it needs sandbox mode (LOKET_MODE=sandbox)";

/// Runs the demonstration. Exit code 1 when a purchase does not end in a delivery, 4 when a proof does not
/// hold.
pub(crate) async fn run(arguments: &cli::Demo, overrides: Overrides, json: bool) -> Result<ExitCode> {
    let stage = Stage::new(json);
    let own = match &arguments.url {
        None => Some(OwnShop::start(&overrides).await?),
        Some(_) => None,
    };
    let config = match &own {
        Some(own) => own.config.clone(),
        None => Config::load(&overrides)?,
    };
    if config.mode != Mode::Sandbox {
        bail!(NO_MONEY);
    }
    let base = own.as_ref().map(|own| own.base.clone()).or_else(|| arguments.url.clone());
    let base = base.unwrap_or_default();
    let door = Door::new(base.trim_end_matches('/'))?;
    let done = play(&stage, &door, &config, own.is_some()).await;
    if let Some(file) = &arguments.payloads {
        let payloads = door.payloads().await?;
        std::fs::write(file, json!({ "payloads": payloads }).to_string())
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    match (own, &done) {
        (Some(own), Ok(ExitCode::SUCCESS)) => own.stop().await?,
        (Some(own), _) => own.keep(),
        (None, _) => {}
    }
    done
}

async fn play(stage: &Stage, door: &Door, config: &Config, own: bool) -> Result<ExitCode> {
    door.check_is_sandbox().await?;
    let place = match &config.database {
        _ if !own => format!("the shop at {}", door.base()),
        DatabaseUrl::Sqlite(_) => "a shop of its own, on SQLite".to_owned(),
        DatabaseUrl::Postgres(_) => "a shop of its own, on PostgreSQL".to_owned(),
    };
    let count = JOURNEYS.len();
    stage.title(&format!("Loket demo: {count} members, {count} ways to pay, {place}"));
    stage.note("Nothing here is real but the program: Discord, the wallets and the supplier are simulators that speak the real protocols. A member's client shows what you see in the boxes; [ … ] are buttons, ▾ is a menu.");
    journey::register_commands(stage, door).await?;
    let mut purchases: Vec<Purchase> = Vec::new();
    for (index, journey) in JOURNEYS.iter().enumerate() {
        stage.title(&format!("{} of {count}: {}", index.saturating_add(1), journey.told));
        purchases.push(journey::play(stage, door, journey, index).await);
    }
    let proofs = proof::prove(stage, config, &purchases).await;
    stage.title("What came of it");
    stage.table(&purchases);
    let delivered = purchases.iter().filter(|purchase| purchase.outcome.is_ok()).count();
    let all = delivered == count;
    let problems = proofs.as_ref().err().map(ToString::to_string);
    stage.note(&match (&problems, all) {
        (None, true) => format!("All {count} were delivered once and paid once, and every proof holds."),
        (Some(problem), true) => format!("All {count} were delivered, but a proof does NOT hold: {problem}"),
        (_, false) => {
            format!("{delivered} of {count} purchases were delivered: see above for the others.")
        }
    });
    stage.json(&summary(&purchases, problems.as_deref()));
    Ok(match (all, problems) {
        (false, _) => ExitCode::FAILURE,
        (true, Some(_)) => output::check_failed(),
        (true, None) => ExitCode::SUCCESS,
    })
}

fn summary(purchases: &[Purchase], problem: Option<&str>) -> Value {
    let told: Vec<Value> = purchases
        .iter()
        .map(|purchase| {
            let (state, serial_number, trouble) = match &purchase.outcome {
                Ok(delivered) => ("delivered", Some(delivered.serial_number.as_str()), None),
                Err(error) => ("failed", None, Some(format!("{error:#}"))),
            };
            json!({
                "member": purchase.member, "payment_method": purchase.method, "order": purchase.number,
                "state": state, "serial_number": serial_number, "problem": trouble,
                "milliseconds": u64::try_from(purchase.took.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    json!({ "purchases": told, "proofs_hold": problem.is_none(), "problem": problem })
}
