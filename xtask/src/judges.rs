//! The judges from outside: vendors' own libraries, in their own language, against our simulators. They
//! share no code with us, so they cannot share a misunderstanding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use xtask::workspace::{Workspace, cargo};

use crate::prerequisites::Node;
use crate::steps::run;

/// Scripts; each ends with exit code 0 only if the simulator did all that it should.
struct Judges {
    scripts: &'static [&'static str],
    /// The libraries that they stand on, each at one version.
    requirements: &'static str,
    /// The folder of those, below the target folder.
    place: &'static str,
    /// Whether the judge of our adapters' requests stands on them as well.
    judges_requests: bool,
}

/// Of Xendit's library two versions judge, which cannot be in one place.
const JUDGES: [Judges; 2] = [
    Judges {
        scripts: &[
            "midtrans_core.py",
            "midtrans_snap_ovo.py",
            "dana_gateway.py",
            "dana_widget.py",
            "xendit_second.py",
        ],
        requirements: "requirements.txt",
        place: "judges-venv",
        judges_requests: true,
    },
    Judges {
        scripts: &["xendit_first.py"],
        requirements: "requirements-xendit-first.txt",
        place: "judges-xendit-first-venv",
        judges_requests: false,
    },
];

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
    let run_judge = |python: &Path, name: &str, option: &str, what: &Path| {
        let mut command = Command::new(python);
        command.arg(folder.join(name)).arg(option).arg(what).env("PYTHONDONTWRITEBYTECODE", "1");
        run(&mut command)
    };
    let loket = workspace.target.join("debug/loket");
    for judges in JUDGES {
        let wanted = folder.join(judges.requirements);
        let judge_python = environment(&workspace.target.join(judges.place), &wanted, python)?;
        if judges.judges_requests {
            run_judge(&judge_python, REQUESTS_JUDGE, "--requests", requests)?;
        }
        for script in judges.scripts {
            run_judge(&judge_python, script, "--loket", &loket)?;
        }
    }
    Ok(())
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

/// A Python with the libraries of a list, made anew when that file has changed.
fn environment(venv: &Path, requirements: &Path, python: &Path) -> Result<PathBuf> {
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let (stamp, judge_python) = (venv.join("installed.txt"), venv.join("bin/python"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(judge_python);
    }
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(venv))?;
    run(Command::new(&judge_python)
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"])
        .arg(requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(judge_python)
}
