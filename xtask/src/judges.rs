//! The judges from outside: vendors' own libraries, in their own language, against our simulators. They
//! share no code with us, so they cannot share a misunderstanding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use xtask::workspace::{Workspace, cargo};

use crate::steps::run;

/// One script each; it ends with exit code 0 only if the simulator did all that it should.
const JUDGES: [&str; 1] = ["midtrans_core.py"];

/// Builds the program and lets every judge have a look at it.
pub(crate) fn run_all(workspace: &Workspace, python: &Path) -> Result<()> {
    // With the whole workspace selected, the libraries keep the features that the tests built them with.
    run(cargo().args(["build", "--workspace", "--bin", "loket"]).current_dir(&workspace.root))?;
    let folder = workspace.root.join("judges");
    let judge_python = environment(&workspace.target.join("judges-venv"), &folder, python)?;
    let loket = workspace.target.join("debug/loket");
    for judge in JUDGES {
        let mut command = Command::new(&judge_python);
        command.arg(folder.join(judge)).arg("--loket").arg(&loket).env("PYTHONDONTWRITEBYTECODE", "1");
        run(&mut command)?;
    }
    Ok(())
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
