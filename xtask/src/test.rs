//! `cargo xtask test`: every test there is, one command.

use std::num::NonZero;
use std::process::{Command, ExitCode};

use anyhow::Result;
use xtask::house::House;
use xtask::workspace::{Workspace, cargo};

use crate::postgres::{Cluster, URL_VARIABLE};
use crate::scratch::Scratch;
use crate::steps::{Steps, run};
use crate::{doc_tests, judges, prerequisites};

/// What nextest reads how many tests it runs at a time from; a `-j` in the arguments counts for more.
const THREADS_VARIABLE: &str = "NEXTEST_TEST_THREADS";
/// Where programs put what is not to stay.
const TEMPORARY_VARIABLE: &str = "TMPDIR";

/// Runs all tests on both databases, the examples in the documentation, and the judges from outside. A
/// failure does not keep the steps after it from telling their part.
pub(crate) fn everything() -> Result<ExitCode> {
    let mut steps = Steps::default();
    let tools = steps.try_step("prerequisites", prerequisites::ensure)?;
    let workspace = Workspace::load()?;
    let payloads = judges::folder_for(&workspace, "discord-payloads")?;
    let requests = judges::folder_for(&workspace, "gateway-requests")?;
    {
        let cluster = steps.try_step("throw-away PostgreSQL", || Cluster::start(&tools.postgres))?;
        let scratch = Scratch::in_memory();
        let mut tests = nextest(&workspace, &cluster, scratch.as_ref(), &[]);
        tests.env(judges::PAYLOADS_VARIABLE, &payloads).env(judges::REQUESTS_VARIABLE, &requests);
        steps.step("tests", || run(&mut tests));
        steps.step("examples in the documentation", || examples(&workspace, &cluster));
    }
    steps.step("Discord's own schemas", || judges::judge_discord(&workspace, &tools.node, &payloads));
    steps.step("judges from outside", || judges::run_all(&workspace, &tools.python, &requests));
    Ok(steps.finish())
}

/// Runs those tests that `arguments` select, in nextest's own words.
pub(crate) fn only(arguments: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::default();
    let tools = steps.try_step("prerequisites", prerequisites::ensure)?;
    let workspace = Workspace::load()?;
    {
        let cluster = steps.try_step("throw-away PostgreSQL", || Cluster::start(&tools.postgres))?;
        let scratch = Scratch::in_memory();
        steps.step("tests", || run(&mut nextest(&workspace, &cluster, scratch.as_ref(), arguments)));
    }
    let reason = "because arguments select some tests; `cargo xtask test` without them runs everything";
    steps.leave_out("examples in the documentation", reason);
    steps.leave_out("Discord's own schemas", reason);
    steps.leave_out("judges from outside", reason);
    Ok(steps.finish())
}

fn nextest(
    workspace: &Workspace,
    cluster: &Cluster,
    scratch: Option<&Scratch>,
    arguments: &[String],
) -> Command {
    let mut command = cargo();
    command.envs(scratch.map(|scratch| (TEMPORARY_VARIABLE, scratch.path())));
    command.args(["nextest", "run", "--no-fail-fast"]);
    if !select_packages(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments).current_dir(&workspace.root).env(URL_VARIABLE, cluster.url());
    if std::env::var_os(THREADS_VARIABLE).is_none() {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        command.env(THREADS_VARIABLE, tests_at_a_time(cores).to_string());
    }
    command
}

/// How many tests run beside each other: most of them wait for a shop, a clock or a database most of the time.
fn tests_at_a_time(cores: usize) -> usize {
    cores + (2 * cores).min(8)
}

/// Whether arguments name packages: `--workspace` beside them would win.
fn select_packages(arguments: &[String]) -> bool {
    let ours = arguments.iter().take_while(|argument| *argument != "--");
    let mut names = ours.map(|argument| argument.split('=').next().unwrap_or(argument));
    names.any(|name| {
        name.starts_with("-p") || matches!(name, "--package" | "--workspace" | "--all" | "--manifest-path")
    })
}

fn examples(workspace: &Workspace, cluster: &Cluster) -> Result<()> {
    let house = House::load()?;
    let crates = doc_tests::crates_with_examples(&house);
    if crates.is_empty() {
        println!("no crate has any");
        return Ok(());
    }
    let mut command = cargo();
    command.args(["test", "--doc"]).current_dir(&workspace.root).env(URL_VARIABLE, cluster.url());
    for name in crates {
        command.args(["-p", name]);
    }
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_tests_run_than_there_are_cores_and_not_far_more() {
        let all = [1, 2, 4, 16].map(tests_at_a_time);
        assert_eq!(all, [3, 6, 12, 24]);
    }

    #[test]
    fn named_packages_are_not_overruled_by_the_whole_workspace() {
        let check = |line: &str, expected: bool| {
            let arguments = line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(select_packages(&arguments), expected, "{line}");
        };
        check("-p ledger", true);
        check("-pledger", true);
        check("--package=ledger", true);
        check("a_name", false);
        check("-E test(/purchase/)", false);
        check("a_name -- -p", false);
    }
}
