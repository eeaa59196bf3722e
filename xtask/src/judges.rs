//! The judges from outside: vendors' own libraries, in their own language, against our simulators. They
//! share no code with us, so they cannot share a misunderstanding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
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
    /// Whether the judge of our adapters' requests stands on them as well, and who judges the judges.
    judges_requests: bool,
}

/// Of Xendit's library two versions judge, which cannot be in one place.
const JUDGES: [Judges; 2] = [
    Judges {
        scripts: &[
            "midtrans_core.py",
            "midtrans_snap_ovo.py",
            "midtrans_cards.py",
            "dana_gateway.py",
            "dana_widget.py",
            "dana_disbursement.py",
            "xendit_second.py",
            "xendit_second_invoices.py",
            "xendit_second_payouts.py",
        ],
        requirements: "requirements.txt",
        place: "judges-venv",
        judges_requests: true,
    },
    Judges {
        scripts: &[
            "xendit_first.py",
            "xendit_first_codes.py",
            "xendit_first_debits.py",
            "xendit_first_payouts.py",
        ],
        requirements: "requirements-xendit-first.txt",
        place: "judges-xendit-first-venv",
        judges_requests: false,
    },
];

/// Judges the judges: what a list of calls may say, and what the lists say.
const SELF_TEST: &str = "harness_test.py";
/// Judges the requests of our adapters, not a simulator.
const REQUESTS_JUDGE: &str = "our_requests.py";
/// Judges payloads that we send, not a simulator.
const DISCORD_JUDGE: &str = "discord_payloads.mjs";

/// How many judges are at work at a time: each waits for its simulator more than it works.
const AT_A_TIME: usize = 4;

/// Lets the vendors' libraries look at every request that an adapter sent in the tests, and every judge at the
/// program; all of them, however the others end.
pub(crate) fn run_all(workspace: &Workspace, python: &Path, requests: &Path) -> Result<()> {
    // In the words in which nextest builds, so that there is nothing left to build: `cargo build` leaves out what
    // tests alone need of the libraries, and so compiles nearly all of them once more.
    run(cargo().args(["test", "--no-run", "--workspace", "--quiet"]).current_dir(&workspace.root))?;
    let folder = workspace.root.join("judges");
    let loket = workspace.target.join("debug/loket");
    let pythons = thread::scope(|scope| {
        let made = JUDGES.map(|judges| {
            let (venv, wanted) = (workspace.target.join(judges.place), folder.join(judges.requirements));
            scope.spawn(move || environment(&venv, &wanted, python))
        });
        made.map(|made| made.join().unwrap_or_else(|_| bail!("a Python could not be made")))
    });
    let mut commands = Vec::new();
    for (judges, judge_python) in JUDGES.into_iter().zip(pythons) {
        let judge_python = judge_python?;
        let mut judge = |script: &'static str, of: Option<(&str, &Path)>| {
            let mut command = Command::new(&judge_python);
            command.arg(folder.join(script)).env("PYTHONDONTWRITEBYTECODE", "1");
            if let Some((option, what)) = of {
                command.arg(option).arg(what);
            }
            commands.push((script, command));
        };
        if judges.judges_requests {
            judge(SELF_TEST, None);
            judge(REQUESTS_JUDGE, Some(("--requests", requests)));
        }
        for &script in judges.scripts {
            judge(script, Some(("--loket", loket.as_path())));
        }
    }
    side_by_side(commands)
}

/// Runs commands some at a time, and prints what each said in one piece.
fn side_by_side(commands: Vec<(&'static str, Command)>) -> Result<()> {
    let waiting = Mutex::new(commands.into_iter());
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((name, mut command)) = next() {
                    let start = Instant::now();
                    let output = command.stdin(Stdio::null()).output();
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    println!("$ {name}");
                    let outcome = match output {
                        Ok(output) => {
                            print!("{}", String::from_utf8_lossy(&output.stdout));
                            eprint!("{}", String::from_utf8_lossy(&output.stderr));
                            output.status.success().then_some("ok").ok_or_else(|| output.status.to_string())
                        }
                        Err(error) => Err(format!("it did not start: {error}")),
                    };
                    let took = start.elapsed().as_secs_f64();
                    println!("{name}: {} in {took:.1} s", outcome.as_deref().unwrap_or("FAILED"));
                    failed.extend(outcome.err().map(|why| format!("{name} ({why})")));
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { Ok(()) } else { bail!("judges failed: {}", failed.join(", ")) }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What other judges stand on, and no judge itself.
    const HARNESS: &str = "harness.py";

    #[test]
    fn every_judge_of_the_folder_is_run() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../judges");
        let names =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<String> =
            names.filter(|name| name.ends_with(".py") || name.ends_with(".mjs")).collect();
        there.sort_unstable();
        let judges = JUDGES;
        let scripts = judges.iter().flat_map(|judges| judges.scripts.iter().copied());
        let mut run: Vec<&str> = scripts.chain([SELF_TEST, REQUESTS_JUDGE, DISCORD_JUDGE, HARNESS]).collect();
        run.sort_unstable();
        assert_eq!(there, run);
    }

    #[test]
    fn one_judge_that_fails_keeps_none_from_being_heard_and_is_named() {
        let folder = std::env::temp_dir().join(format!("loket-judges-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let judge = |name: &'static str, code: u8| {
            let mut command = Command::new("sh");
            command.arg("-c").arg(format!("echo {name} > '{}/{name}'; exit {code}", folder.display()));
            (name, command)
        };
        let good = ["a", "b", "c", "d", "e", "f"].map(|name| judge(name, 0));
        assert!(side_by_side(good.into_iter().collect()).is_ok());
        let mixed =
            vec![judge("bad", 3), judge("worse", 1), judge("good", 0), ("none", Command::new("/nowhere"))];
        let error = side_by_side(mixed).unwrap_err().to_string();
        assert!(error.contains("bad") && error.contains("worse") && error.contains("none"), "{error}");
        assert!(!error.contains("good"), "{error}");
        let heard = fs::read_dir(&folder).unwrap().count();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(heard, 9);
    }
}
