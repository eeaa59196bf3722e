//! What the tests need beyond Cargo: nextest, PostgreSQL's server programs, Python and Node. Something missing is
//! installed, or it ends the run with the line that installs it; no test is skipped for want of a tool.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use xtask::workspace::cargo;

use crate::install::{self, CargoProgram};
use crate::version::Version;

/// Without its self-update, which would be a third of what there is to compile.
const NEXTEST: CargoProgram = CargoProgram {
    name: "cargo-nextest",
    version: "0.9.143",
    features: &["--no-default-features", "--features", "default-no-update"],
};
const OLDEST_NEXTEST: Version = Version(0, 9, 100);
const OLDEST_POSTGRES: Version = Version(13, 0, 0);
const OLDEST_PYTHON: Version = Version(3, 10, 0);
const OLDEST_NODE: Version = Version(18, 0, 0);

/// Where PostgreSQL's packages put the server's programs, outside the path: a folder per version.
const POSTGRES_FOLDERS: [&str; 1] = ["/usr/lib/postgresql"];

/// Everything that the tests need, found.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) postgres: PostgresBinaries,
    pub(crate) python: PathBuf,
    pub(crate) node: Node,
}

/// Node with its package manager.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) node: PathBuf,
    pub(crate) npm: PathBuf,
}

/// The folder of PostgreSQL's server programs.
#[derive(Debug, Clone)]
pub(crate) struct PostgresBinaries {
    pub(crate) folder: PathBuf,
    pub(crate) version: Version,
}

/// Something is missing that we may not install here; the message says what to type.
#[derive(Debug)]
pub(crate) struct NotReady(Vec<Need>);

/// One missing thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nextest,
    Postgres,
    Python,
    Node,
}

/// Finds what all tests need, installing what is missing where that is allowed.
pub(crate) fn ensure() -> Result<Tools> {
    match look() {
        Ok(tools) => Ok(tools),
        Err(missing) => {
            install(&missing)?;
            look().map_err(|missing| NotReady(missing).into())
        }
    }
    .inspect(Tools::print)
}

/// Finds PostgreSQL alone.
pub(crate) fn postgres() -> Result<PostgresBinaries> {
    if let Some(binaries) = find_postgres() {
        return Ok(binaries);
    }
    install(&[Need::Postgres])?;
    find_postgres().ok_or_else(|| NotReady(vec![Need::Postgres]).into())
}

fn look() -> Result<Tools, Vec<Need>> {
    match (find_nextest(), find_postgres(), find_python(), find_node()) {
        (Some(_), Some(postgres), Some(python), Some(node)) => Ok(Tools { postgres, python, node }),
        (nextest, postgres, python, node) => {
            let found = [
                (Need::Nextest, nextest.is_some()),
                (Need::Postgres, postgres.is_some()),
                (Need::Python, python.is_some()),
                (Need::Node, node.is_some()),
            ];
            Err(found.into_iter().filter(|(_, found)| !found).map(|(need, _)| need).collect())
        }
    }
}

fn install(missing: &[Need]) -> Result<()> {
    if !install::may_use_apt() {
        return Err(NotReady(missing.to_vec()).into());
    }
    for need in missing {
        println!("missing: {need}");
    }
    let packages = packages(missing);
    if !packages.is_empty() {
        install::apt(&packages)?;
    }
    if missing.contains(&Need::Nextest) { NEXTEST.install() } else { Ok(()) }
}

fn packages(missing: &[Need]) -> Vec<&'static str> {
    missing.iter().flat_map(|need| need.packages()).copied().collect()
}

impl Need {
    /// Debian's packages for it.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Nextest => &[],
            Self::Postgres => &["postgresql"],
            Self::Python => &["python3", "python3-venv"],
            Self::Node => &["nodejs", "npm"],
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nextest => write!(f, "cargo-nextest {OLDEST_NEXTEST} or newer, which runs the tests"),
            Self::Postgres => write!(
                f,
                "the server programs of PostgreSQL {} or newer (initdb, postgres), for a throw-away cluster",
                OLDEST_POSTGRES.0
            ),
            Self::Python => {
                write!(f, "Python {OLDEST_PYTHON} or newer with venv, for the judges from outside")
            }
            Self::Node => write!(f, "Node {OLDEST_NODE} or newer with npm, for the judges from outside"),
        }
    }
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The tests cannot run yet. Missing:")?;
        for need in &self.0 {
            writeln!(f, "  - {need}")?;
        }
        writeln!(f, "Install it, then run this again:")?;
        let packages = packages(&self.0);
        if !packages.is_empty() {
            writeln!(f, "  {}", install::apt_line(&packages))?;
        }
        if self.0.contains(&Need::Nextest) {
            writeln!(f, "  {}", NEXTEST.line())?;
        }
        Ok(())
    }
}

impl std::error::Error for NotReady {}

impl Tools {
    fn print(&self) {
        println!("PostgreSQL {} in {}", self.postgres.version, self.postgres.folder.display());
        println!("Python at {}", self.python.display());
        println!("Node at {}", self.node.node.display());
    }
}

fn find_nextest() -> Option<Version> {
    Version::of(cargo().arg("nextest").stderr(Stdio::null())).filter(|version| *version >= OLDEST_NEXTEST)
}

/// The first folder on the path, then the newest of the packages' own, that has the server's programs.
fn find_postgres() -> Option<PostgresBinaries> {
    path_folders().into_iter().chain(package_folders()).find_map(|folder| {
        // A link on the path leads to the folder where the programs find their own files.
        let folder = fs::canonicalize(folder.join("initdb")).ok()?.parent()?.to_owned();
        let version = Version::of(&mut Command::new(folder.join("initdb")))?;
        let whole = folder.join("postgres").exists() && version >= OLDEST_POSTGRES;
        whole.then_some(PostgresBinaries { folder, version })
    })
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

fn package_folders() -> Vec<PathBuf> {
    let versions = POSTGRES_FOLDERS.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect::<Vec<_>>();
    folders.sort_by_key(|folder| std::cmp::Reverse(major(folder)));
    folders
}

/// The version in `…/15/bin`.
fn major(folder: &Path) -> Option<u64> {
    folder.parent()?.file_name()?.to_str()?.parse().ok()
}

/// A Python that can make virtual environments with pip in them.
fn find_python() -> Option<PathBuf> {
    let python =
        path_folders().into_iter().map(|folder| folder.join("python3")).find(|path| path.exists())?;
    Version::of(&mut Command::new(&python)).filter(|version| *version >= OLDEST_PYTHON)?;
    let mut check = Command::new(&python);
    check.args(["-c", "import venv, ensurepip"]).stderr(Stdio::null());
    check.status().is_ok_and(|status| status.success()).then_some(python)
}

fn find_node() -> Option<Node> {
    let find =
        |name: &str| path_folders().into_iter().map(|folder| folder.join(name)).find(|path| path.exists());
    let (node, npm) = (find("node")?, find("npm")?);
    Version::of(&mut Command::new(&node)).filter(|version| *version >= OLDEST_NODE)?;
    Some(Node { node, npm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_line_that_installs_it() {
        let message = NotReady(vec![Need::Nextest, Need::Postgres, Need::Python, Need::Node]).to_string();
        assert!(message.contains("cargo install --locked cargo-nextest@0.9.143\n"), "{message}");
        assert!(
            message.contains("apt-get install -y postgresql python3 python3-venv nodejs npm\n"),
            "{message}"
        );

        let message = NotReady(vec![Need::Nextest]).to_string();
        assert!(!message.contains("apt-get"), "{message}");
    }

    #[test]
    fn package_folders_are_ordered_by_number() {
        assert_eq!(major(Path::new("/usr/lib/postgresql/15/bin")), Some(15));
        assert!(major(Path::new("/p/9.6/bin")) < major(Path::new("/p/10/bin")));
        assert!(major(Path::new("/p/9/bin")) < major(Path::new("/p/10/bin")));
    }
}
