//! Developer tasks, run as `cargo xtask <task>`: all tests, a throw-away PostgreSQL, the tools of CI.

mod ci_tools;
mod doc_tests;
mod install;
mod judges;
mod postgres;
mod prerequisites;
mod scratch;
mod steps;
mod test;
mod version;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::postgres::Cluster;
use crate::prerequisites::NotReady;

const USAGE: &str = "\
Usage: cargo xtask <task>

  test [-- ARGS…]   every test: the workspace on SQLite and PostgreSQL, then the judges from outside.
                    ARGS go to `cargo nextest run` (`-- -p ledger`, `-- a_name`); the judges are then left out.
                    Installs what is missing as root on Debian, else says how and ends with exit code 2
  postgres          starts a throw-away PostgreSQL as the tests use it, prints its address, and removes it
                    when this command ends (Ctrl-C, or the end of its standard input)
  ci-tools          installs what only CI needs: cargo-deny
";

fn main() -> ExitCode {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) if error.is::<NotReady>() => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let words = arguments.iter().map(String::as_str).collect::<Vec<_>>();
    match words.as_slice() {
        ["test"] | ["test", "--"] => test::everything(),
        ["test", "--", ..] => test::only(arguments.get(2..).unwrap_or_default()),
        ["postgres"] => serve_postgres(),
        ["ci-tools"] => ci_tools::ensure().map(|()| ExitCode::SUCCESS),
        [] | ["help" | "-h" | "--help"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("error: no such task: {}\n\n{USAGE}", words.join(" "));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Keeps a cluster until the standard input ends, or until we are killed: then it ends as well.
fn serve_postgres() -> Result<ExitCode> {
    let binaries = prerequisites::postgres()?;
    let cluster = Cluster::start(&binaries)?;
    println!("export {}={}", postgres::URL_VARIABLE, cluster.url());
    println!("# PostgreSQL {} in {}; Ctrl-C removes it", binaries.version, cluster.folder().display());
    io::stdout().flush().context("cannot print the address")?;
    io::copy(&mut io::stdin(), &mut io::sink()).context("cannot read the standard input")?;
    Ok(ExitCode::SUCCESS)
}
