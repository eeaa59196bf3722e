//! How missing tools are installed: Debian packages and Cargo's programs, at fixed versions where we choose.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use xtask::workspace::cargo;

use crate::steps::run;

/// A program that Cargo builds from its registry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CargoProgram {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What to leave out of it, in Cargo's words.
    pub(crate) features: &'static [&'static str],
}

impl CargoProgram {
    /// The line that installs it.
    pub(crate) fn line(self) -> String {
        format!("cargo install --locked {}@{}", self.name, self.version)
    }

    /// Builds and installs it. A tool that runs for seconds need not be optimised for minutes, so the
    /// link-time optimisation that its authors chose for their releases is switched off.
    pub(crate) fn install(self) -> Result<()> {
        run(cargo()
            .args(["install", "--locked", &format!("{}@{}", self.name, self.version)])
            .args(self.features)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"))
    }
}

/// Whether we may install Debian packages: as root, on Debian or what descends from it.
pub(crate) fn may_use_apt() -> bool {
    is_root() && Path::new("/etc/debian_version").exists()
}

/// Whether we run as root.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The line that installs packages, for a person.
pub(crate) fn apt_line(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install -y {}", packages.join(" "))
}

/// Installs packages. A PostgreSQL server among them makes no cluster and starts nothing.
pub(crate) fn apt(packages: &[&str]) -> Result<()> {
    let _no_cluster = NoCluster::declare()?;
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null());
    command
}

/// While this lives, installing Debian's PostgreSQL server does not make a cluster of its own. It is a file
/// beside Debian's configuration, which is left as it is; afterwards nothing of it remains.
struct NoCluster(PathBuf);

impl NoCluster {
    fn declare() -> Result<Self> {
        let folder = Path::new("/etc/postgresql-common/createcluster.d");
        let file = folder.join("no-cluster-for-tests.conf");
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&file, "create_main_cluster = false\n")
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self(file))
    }
}

impl Drop for NoCluster {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
