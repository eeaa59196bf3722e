//! The judges from outside: vendors' own libraries, in their own language, against our simulators. They
//! share no code with us, so they cannot share a misunderstanding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use xtask::workspace::{Workspace, cargo};

use crate::prerequisites::Node;
use crate::steps::run;

/// One script each; it ends with exit code 0 only if the simulator did all that it should.
const JUDGES: &[&str] = &["midtrans_core.py", "midtrans_snap_ovo.py", "dana_gateway.py", "dana_widget.py"];

/// Judges the requests of our adapters, not a simulator.
const REQUESTS_JUDGE: &str = "our_requests.py";
/// Judges payloads that we send, not a simulator.
const DISCORD_JUDGE: &str = "discord_payloads.mjs";

/// Builds the program, lets the vendors' libraries look at every request that an adapter sent in the tests, and
/// every judge at the program.
pub(crate) fn run_all(workspace: &Workspace, python: &Path, requests: &Path) -> Result<()> {
    // With the whole workspace selected, the libraries keep the features that the tests built them with.
    run(cargo().args(["build", "--workspace", "--bin", "loket"]).current_dir(&workspace.root))?;
    let folder = workspace.root.join("judges");
    let judge_python = environment(&workspace.target.join("judges-venv"), &folder, python)?;
    let judge = |name: &str, option: &str, what: &Path| {
        let mut command = Command::new(&judge_python);
        command.arg(folder.join(name)).arg(option).arg(what).env("PYTHONDONTWRITEBYTECODE", "1");
        run(&mut command)
    };
    judge(REQUESTS_JUDGE, "--requests", requests)?;
    let loket = workspace.target.join("debug/loket");
    JUDGES.iter().try_for_each(|name| judge(name, "--loket", &loket))
}

/// Tells tests where to keep what they send to Discord.
pub(crate) const PAYLOADS_VARIABLE: &str = "LOKET_TEST_PAYLOADS";
/// Tells tests where to keep what adapters send to their parties.
pub(crate) const REQUESTS_VARIABLE: &str = "LOKET_TEST_REQUESTS";

/// An empty folder for what one run of the tests keeps for a judge.
pub(crate) fn folder_for(workspace: &Workspace, what: &str) -> Result<PathBuf> {
    let folder = workspace.target.join(what);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Lets Discord's own schemas, and the rules that no schema knows, look at every payload that the tests sent:
/// files of `{"kind": …, "body": …}`, or what `GET /sandbox/discord/payloads` answers. First the judge is
/// judged by its own examples.
pub(crate) fn judge_discord(workspace: &Workspace, node: &Node, folder: &Path) -> Result<()> {
    let judges = workspace.root.join("judges");
    let place = node_environment(&workspace.target.join("judges-node"), &judges, node)?;
    let judge = place.join(DISCORD_JUDGE);
    let examples = judges.join("fixtures/discord");
    run(Command::new(&node.node).arg(&judge).arg("--self-test").arg(&examples))?;
    run(Command::new(&node.node).arg(&judge).arg(folder))
}

/// A folder with the judge beside the libraries of `package-lock.json`, where Node looks for them; made anew
/// when that file has changed.
fn node_environment(place: &Path, judges: &Path, node: &Node) -> Result<PathBuf> {
    let locked =
        fs::read_to_string(judges.join("package-lock.json")).context("cannot read package-lock.json")?;
    fs::create_dir_all(place).with_context(|| format!("cannot create {}", place.display()))?;
    for name in ["package.json", "package-lock.json", DISCORD_JUDGE] {
        fs::copy(judges.join(name), place.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let stamp = place.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == locked) {
        return Ok(place.to_owned());
    }
    run(Command::new(&node.npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"])
        .current_dir(place))?;
    fs::write(&stamp, locked).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(place.to_owned())
}

/// A Python with the libraries of `requirements.txt`, made anew when that file has changed.
fn environment(venv: &Path, folder: &Path, python: &Path) -> Result<PathBuf> {
    let requirements = folder.join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let (stamp, judge_python) = (venv.join("installed.txt"), venv.join("bin/python"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(judge_python);
    }
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(venv))?;
    run(Command::new(&judge_python)
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"])
        .arg(&requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(judge_python)
}
