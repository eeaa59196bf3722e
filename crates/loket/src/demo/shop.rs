//! The shop that the demo starts for itself: this program once more, as a process of its own on a free port,
//! with a folder that is thrown away when all went well.

use crate::{
    config::{Config, Mode, Overrides},
    wiring,
};
use anyhow::{Context, Result, bail};
use database::DatabaseUrl;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use vocabulary::Ids;

/// How long the shop may take to open.
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(30);

/// A running shop.
pub(super) struct OwnShop {
    /// Where it listens.
    pub(super) base: String,
    /// Its configuration, for commands beside it.
    pub(super) config: Config,
    child: Child,
    /// Made for the demo alone.
    folder: Option<PathBuf>,
    log: PathBuf,
}

impl OwnShop {
    /// Starts it with the configuration at hand; without a data folder in the flags it gets one of its own.
    pub(super) async fn start(overrides: &Overrides) -> Result<OwnShop> {
        let mut overrides = overrides.clone();
        let named = overrides.values.iter().find(|(key, _)| *key == "data_dir").map(|(_, path)| path.clone());
        let (data_dir, folder) = match named {
            Some(path) => (PathBuf::from(path), None),
            None => {
                let name = format!("loket-demo-{}", Ids::random().base32(8).to_lowercase());
                let path = std::env::temp_dir().join(name);
                overrides.values.push(("data_dir", path.display().to_string()));
                (path.clone(), Some(path))
            }
        };
        let config = Config::load(&overrides)?;
        if config.mode != Mode::Sandbox {
            bail!(super::NO_MONEY);
        }
        if !config.has_only_own_simulators() {
            bail!(
                "simulators elsewhere are configured: unset LOKET_MIDTRANS__BASE_URL and its like for a demo with a shop of its own, or name the shop with --url"
            );
        }
        if folder.is_some() {
            must_be_empty(&config).await?;
        }
        std::fs::create_dir_all(&data_dir)
            .with_context(|| format!("the folder {} cannot be made", data_dir.display()))?;
        let log = data_dir.join("demo.log");
        let mut child = command(&overrides, &data_dir, &log)?.spawn().context("the shop does not start")?;
        let Some(output) = child.stdout.take() else { bail!("the shop has no output") };
        let mut lines = BufReader::new(output).lines();
        let opening = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(base) = line.strip_prefix("loket is open at ") {
                    return base.split_whitespace().next().map(str::to_owned);
                }
            }
            None
        };
        let base = tokio::time::timeout(OPEN_WITHIN, opening).await.ok().flatten();
        let Some(base) = base else {
            let _ = child.kill().await;
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("the shop did not open: {}", said.trim());
        };
        // Read to the end, so that the shop never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(OwnShop { base, config, child, folder, log })
    }

    /// Ends it, and takes its folder away if it was made for the demo.
    pub(super) async fn stop(mut self) -> Result<()> {
        if let Some(pid) = self.child.id() {
            Command::new("kill").args(["-TERM", &pid.to_string()]).status().await.context("kill")?;
            if tokio::time::timeout(CLOSE_WITHIN, self.child.wait()).await.is_err() {
                self.child.kill().await.context("the shop does not end")?;
            }
        }
        if let Some(folder) = &self.folder {
            std::fs::remove_dir_all(folder)
                .with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
        Ok(())
    }

    /// Ends it, and says where to look: something went wrong.
    pub(super) fn keep(mut self) {
        let _ = self.child.start_kill();
        eprintln!("loket: the log of the shop is kept: {}", self.log.display());
    }
}

/// A shop whose folder is thrown away wants a database of its own: the key that opens what is kept in it goes
/// with the folder.
async fn must_be_empty(config: &Config) -> Result<()> {
    if matches!(config.database, DatabaseUrl::Sqlite(_)) {
        return Ok(());
    }
    let db = wiring::open_database(config).await?;
    let pending = db.pending(&orders::MIGRATIONS).await?.len();
    db.close().await;
    if pending < orders::MIGRATIONS.postgres.len() {
        bail!(
            "{} is in use already, and the demo's own shop wants an empty database: make another one, keep its folder with --data-dir, or buy from the shop that runs on it with --url",
            config.database
        );
    }
    Ok(())
}

fn command(overrides: &Overrides, data_dir: &Path, log: &Path) -> Result<Command> {
    let program = std::env::current_exe().context("this program does not know where it is")?;
    let log = std::fs::File::create(log).with_context(|| format!("{} cannot be made", log.display()))?;
    let mut command = Command::new(program);
    if let Some(file) = &overrides.config {
        command.arg("--config").arg(file);
    }
    command.arg("--data-dir").arg(data_dir).args(["serve", "--listen", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
    // Its own addresses are those of the port that it gets, whatever the file says.
    command.env("LOKET_SERVER__PUBLIC_URL", "");
    Ok(command)
}
