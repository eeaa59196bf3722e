//! The throw-away PostgreSQL really serves, and really goes away, however its owner ends.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A running `cargo xtask postgres` and what it printed.
struct Running {
    owner: Child,
    address: String,
    folder: PathBuf,
}

fn start() -> Result<Running> {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(owner.stdout.take().context("no output")?).lines();
    let (address, folder) = (lines.next().context("no address")??, lines.next().context("no folder")??);
    let address = address.rsplit('@').next().and_then(|rest| rest.split('/').next()).context("no address")?;
    let folder = folder.split_whitespace().find(|word| word.starts_with('/')).context("no folder")?;
    let folder = PathBuf::from(folder.trim_end_matches(';'));
    Ok(Running { owner, address: address.to_owned(), folder })
}

impl Running {
    fn serves(&self) -> bool {
        TcpStream::connect(&self.address).is_ok()
    }

    fn goes_away(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if !self.serves() && !self.folder.exists() {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

#[test]
fn the_cluster_goes_away_when_its_owner_is_done() {
    let mut running = start().unwrap();
    assert!(running.serves() && running.folder.is_dir());
    drop(running.owner.stdin.take());
    assert!(running.owner.wait().unwrap().success());
    assert!(!running.serves() && !running.folder.exists(), "{} is still there", running.folder.display());
}

#[test]
fn the_cluster_goes_away_when_its_owner_is_killed() {
    let mut running = start().unwrap();
    assert!(running.serves() && running.folder.is_dir());
    running.owner.kill().unwrap();
    running.owner.wait().unwrap();
    assert!(running.goes_away(), "{} is still there", running.folder.display());
}
