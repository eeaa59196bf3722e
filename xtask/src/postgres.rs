//! One throw-away PostgreSQL cluster: on a free port of the loopback address, in a folder of its own, gone
//! when its owner is, however that ends. No server that is already there is touched.
//!
//! A small shell script stands between us and the server and holds a pipe from us. When the pipe closes,
//! because we are done, panicked, were interrupted or were killed, it stops the server and removes the
//! folder; so no signal needs handling here. It runs in a process group of its own, where Ctrl-C does not
//! reach it before we have ended.

use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::install::is_root;
use crate::prerequisites::PostgresBinaries;

/// Where the tests find the address.
pub(crate) const URL_VARIABLE: &str = "LOKET_TEST_POSTGRES_URL";

/// The superuser of the cluster.
const USER: &str = "loket";

/// PostgreSQL refuses to run as root; then the first of these that exists runs it.
const SUBSTITUTES: [&str; 2] = ["postgres", "nobody"];

/// Somebody else may take a port between our looking for a free one and the server's binding it.
const PORTS_TRIED: usize = 5;
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// `$1` is the folder, `$2` where the programs are; every line of the standard input is a port to serve on.
/// The password goes over the loopback address as it is: deriving SCRAM keys costs a debug build tens of
/// milliseconds for every connection, and tests open thousands.
const SUPERVISOR: &str = r#"
folder=$1 programs=$2 server=
stop() {
    [ -z "$server" ] || { kill -QUIT "$server"; wait "$server"; } 2>/dev/null
    server=
}
trap 'stop; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cd "$folder" || exit 1
"$programs/initdb" --pgdata=data --username=loket --pwfile=password --locale=C --encoding=UTF8 --no-sync \
    --auth-host=password --auth-local=reject >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
rm password
while read -r port; do
    stop
    "$programs/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c shared_buffers=64MB -c max_connections=200 -c timezone=UTC -c cluster_name=loket-tests \
        </dev/null >"server-$port.log" 2>&1 &
    server=$!
done
"#;

/// A running cluster; dropping it stops the server and removes everything.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: String,
    folder: PathBuf,
    supervisor: Child,
}

impl Cluster {
    /// Makes and starts a cluster, and waits until it answers.
    pub(crate) fn start(binaries: &PostgresBinaries) -> Result<Self> {
        let owner = if is_root() { Some(Owner::find()?) } else { None };
        let (name, password) = (random_hex(8)?, random_hex(16)?);
        // The private temporary folder of root is closed to the user who runs the server.
        let parent = if owner.is_some() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
        let folder = parent.join(format!("loket-postgres-{name}"));
        DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        match supervise(&folder, binaries, owner, &password) {
            Ok(supervisor) => {
                let mut cluster = Self { url: String::new(), folder, supervisor };
                let port = cluster.serve()?;
                cluster.url = format!("postgres://{USER}:{password}@{}:{port}/postgres", Ipv4Addr::LOCALHOST);
                Ok(cluster)
            }
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// The address, for a superuser.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the cluster's files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn serve(&mut self) -> Result<u16> {
        let mut refusal = String::new();
        for _ in 0..PORTS_TRIED {
            let port = free_port()?;
            let stdin = self.supervisor.stdin.as_mut().context("the supervisor has no pipe")?;
            writeln!(stdin, "{port}").context("the supervisor is gone")?;
            match self.wait_until_ready(port)? {
                Ready::Yes => return Ok(port),
                Ready::Refused(log) => refusal = log,
            }
        }
        bail!("PostgreSQL did not start on {PORTS_TRIED} ports; the last time it said:\n{refusal}")
    }

    fn wait_until_ready(&mut self, port: u16) -> Result<Ready> {
        let deadline = Instant::now() + START_LIMIT;
        let log = self.folder.join(format!("server-{port}.log"));
        while Instant::now() < deadline {
            if let Some(status) = self.supervisor.try_wait()? {
                bail!("PostgreSQL's cluster could not be made ({status})");
            }
            let state = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            if is_ready(&state, port) {
                return Ok(Ready::Yes);
            }
            let said = fs::read_to_string(&log).unwrap_or_default();
            if said.contains("FATAL:") {
                return Ok(Ready::Refused(said));
            }
            thread::sleep(POLL);
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        bail!("PostgreSQL did not answer within {} s; it said:\n{said}", START_LIMIT.as_secs())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

enum Ready {
    Yes,
    Refused(String),
}

/// The user who runs the server where we are root.
#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    fn find() -> Result<Self> {
        let found = SUBSTITUTES.iter().find_map(|name| {
            let number = |flag: &str| {
                let output = Command::new("id").args([flag, name]).stderr(Stdio::null()).output().ok()?;
                String::from_utf8(output.stdout).ok()?.trim().parse().ok()
            };
            Some(Self { uid: number("-u")?, gid: number("-g")? })
        });
        found.with_context(|| format!("PostgreSQL refuses to run as root, and there is no {SUBSTITUTES:?}"))
    }
}

/// Hands the folder to its owner and starts the script there, as that user.
fn supervise(
    folder: &Path,
    binaries: &PostgresBinaries,
    owner: Option<Owner>,
    password: &str,
) -> Result<Child> {
    let password_file = folder.join("password");
    fs::write(&password_file, password).context("cannot write the password file")?;
    let mut shell = Command::new("/bin/sh");
    if let Some(Owner { uid, gid }) = owner {
        for path in [folder, &password_file] {
            chown(path, Some(uid), Some(gid))
                .with_context(|| format!("cannot hand over {}", path.display()))?;
        }
        shell.uid(uid).gid(gid);
    }
    shell
        .args(["-c", SUPERVISOR, "loket-postgres"])
        .args([folder, &binaries.folder])
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("the supervisor of PostgreSQL did not start")
}

/// What `pg_ctl` reads as well: the fourth line is the port, the eighth the state.
fn is_ready(postmaster_pid: &str, port: u16) -> bool {
    let line = |index| postmaster_pid.lines().nth(index).map(str::trim);
    line(3) == Some(port.to_string().as_str()) && line(7) == Some("ready")
}

fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on the loopback address")?;
    Ok(listener.local_addr()?.port())
}

fn random_hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0_u8; bytes];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut buffer))
        .context("no random numbers")?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_ready_when_it_says_so_for_our_port() {
        let state = |port: u16, status: &str| {
            format!("4711\n/tmp/x/data\n1700000000\n{port}\n\n127.0.0.1\n  123 4\n{status}\n")
        };
        assert!(is_ready(&state(5433, "ready   "), 5433));
        assert!(!is_ready(&state(5433, "starting"), 5433));
        assert!(!is_ready(&state(5434, "ready   "), 5433));
        assert!(!is_ready("4711\n", 5433));
        assert!(!is_ready("", 5433));
    }

    #[test]
    fn the_script_makes_the_user_that_the_address_names() {
        assert!(SUPERVISOR.contains(&format!("--username={USER} ")));
    }
}
