//! Loket: a self-hosted shop for game top-ups. This is the program: command line, configuration,
//! wiring of the rooms, and nothing else.

mod cli;
mod command;
mod config;
mod demo;
mod gateways;
mod output;
mod serve;
mod suppliers;
mod validation;
mod vault_key;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("loket: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command::run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("loket: {error:#}");
            ExitCode::FAILURE
        }
    }
}
