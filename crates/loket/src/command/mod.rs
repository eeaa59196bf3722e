//! What the commands do, one file each.

mod alerts;
mod audit;
mod buyer;
mod catalog;
mod discord;
mod doctor;
mod evidence;
mod ledger;
mod migrate;
mod order;
mod reconcile;
mod refund;
mod settlement;
mod supplier;

pub(crate) use doctor::{
    Check,
    gateways::{dana as doctor_dana, midtrans as doctor_midtrans, xendit as doctor_xendit},
    supplier::digiflazz as doctor_digiflazz,
};

use crate::{
    cli::{Cli, Command, Serve},
    config::{Config, Overrides},
    demo, output, serve,
};
use anyhow::{Context, Result};
use clap::CommandFactory;
use std::process::ExitCode;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};
use vocabulary::Actor;

/// Runs a command to its end.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let json = cli.common.json;
    let command = cli.command.unwrap_or(Command::Serve(Serve::default()));
    let mut overrides = Overrides { config: cli.common.config, values: Vec::new() };
    if let Some(folder) = &cli.common.data_dir {
        overrides.values.push(("data_dir", folder.display().to_string()));
    }
    if let Command::Serve(serve) = &command
        && let Some(listen) = &serve.listen
    {
        overrides.values.push(("server.listen", listen.clone()));
    }
    let serving = matches!(command, Command::Serve(_) | Command::Sandbox(_));
    start_log(cli.common.debug, serving)?;
    let load = || Config::load(&overrides);
    match command {
        Command::Serve(arguments) => serve::run(load()?, &arguments.role).await,
        Command::Sandbox(arguments) => serve::run_simulators(load()?, &arguments).await,
        Command::Catalog(arguments) => catalog::run(arguments, load, json).await,
        Command::Migrate { check } => migrate::run(&load()?, check, json).await,
        Command::Order(arguments) => order::run(arguments, &load()?, json).await,
        Command::Buyer(arguments) => buyer::run(arguments, &load()?, json).await,
        Command::Supplier(arguments) => supplier::run(arguments, &load()?, json).await,
        Command::Discord(arguments) => discord::run(arguments, &load()?, json).await,
        Command::Demo(arguments) => demo::run(&arguments, overrides.clone(), json).await,
        Command::Ledger(_) => ledger::check(&load()?, json).await,
        Command::Audit(_) => audit::verify(&load()?, json).await,
        Command::Reconcile { date, stored, settlement, gateway, reading } => {
            let report = settlement.zip(gateway).map(|(file, gateway)| (file, gateway, reading));
            reconcile::run(&load()?, (date, stored), report, json).await
        }
        Command::Settlement(arguments) => settlement::run(arguments, &load()?, json).await,
        Command::Alerts { resolve: Some(alert), by, .. } => {
            alerts::resolve(&load()?, &alert, by.as_deref()).await
        }
        Command::Alerts { resolve: None, limit, .. } => alerts::list(&load()?, limit, json).await,
        Command::Doctor => doctor::run(load(), json).await,
        Command::Openapi => {
            output::print(&web::openapi().to_pretty_json().context("the description cannot be written")?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "loket", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Log lines go to standard error. `LOKET_LOG` sets the filter; a server tells more than a command.
fn start_log(debug: bool, serving: bool) -> Result<()> {
    let level = match (debug, serving) {
        (true, _) => "debug,hyper=info,reqwest=info,sqlx=info,h2=info,rustls=info",
        (false, true) => "info",
        (false, false) => "warn",
    };
    let filter = match std::env::var("LOKET_LOG") {
        Ok(given) => {
            EnvFilter::try_new(&given).with_context(|| format!("LOKET_LOG=`{given}` is not a log filter"))?
        }
        Err(_) => EnvFilter::new(level),
    };
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none();
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(ansi);
    tracing_subscriber::registry().with(filter).with(lines).init();
    Ok(())
}

/// Who decides, when nobody is named.
fn staff(named: Option<&str>) -> Actor {
    let user =
        || std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "cli".into());
    Actor::staff(&named.map_or_else(user, str::to_owned))
}
