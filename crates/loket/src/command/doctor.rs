//! `doctor`: configuration, database, keys, clock and reachability, each with a fix.

use crate::{
    config::{Config, Mode},
    output, wiring,
};
use anyhow::Result;
use database::{Database, DatabaseUrl};
use orders::MIGRATIONS;
use outside::Http;
use payments::{Gateway, StatusOutcome, gateways::midtrans};
use serde_json::json;
use std::process::ExitCode;
use vocabulary::{Ids, OrderNumber, Purpose, Reference};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Note,
    Wrong,
}

struct Check {
    verdict: Verdict,
    what: &'static str,
    found: String,
    fix: Option<String>,
}

impl Check {
    fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Check { verdict: Verdict::Fine, what, found: found.into(), fix: None }
    }

    fn note(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Check { verdict: Verdict::Note, what, found: found.into(), fix: Some(fix.into()) }
    }

    fn wrong(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Check { verdict: Verdict::Wrong, what, found: found.into(), fix: Some(fix.into()) }
    }
}

pub(super) async fn run(config: Result<Config>, json: bool) -> Result<ExitCode> {
    let checks = match config {
        Ok(config) => examine(&config).await,
        Err(error) => {
            vec![Check::wrong("configuration", format!("{error:#}"), "correct loket.toml or the environment")]
        }
    };
    let word = |verdict| match verdict {
        Verdict::Fine => "ok",
        Verdict::Note => "note",
        Verdict::Wrong => "WRONG",
    };
    if json {
        let list: Vec<_> = checks
            .iter()
            .map(|c| json!({"check": c.what, "verdict": word(c.verdict).to_lowercase(), "found": c.found, "fix": c.fix}))
            .collect();
        output::print_json(&json!(list));
    } else {
        for check in &checks {
            output::print(&format!("{:<5} {:<14} {}", word(check.verdict), check.what, check.found));
            if let Some(fix) = &check.fix {
                output::print(&format!("      {:<14} -> {fix}", ""));
            }
        }
    }
    let wrong = checks.iter().any(|c| c.verdict == Verdict::Wrong);
    Ok(if wrong { output::check_failed() } else { ExitCode::SUCCESS })
}

async fn examine(config: &Config) -> Vec<Check> {
    let mut checks =
        vec![Check::fine("configuration", format!("{} mode, every key is known", config.mode.as_str()))];
    if !config.unused.is_empty() {
        checks.push(Check::note(
            "configuration",
            format!("{} not used by this version", config.unused.join(", ")),
            "leave them for later, or remove them",
        ));
    }
    checks.push(public_url(config));
    checks.push(api_key(config));
    checks.extend(database(config).await);
    checks.push(clock());
    match Http::new() {
        Ok(http) => {
            checks.push(midtrans(config, http.clone()).await);
            checks.push(digiflazz(config, http).await);
        }
        Err(error) => checks.push(Check::wrong(
            "network",
            error.to_string(),
            "the TLS library cannot start: reinstall loket",
        )),
    }
    checks
}

fn public_url(config: &Config) -> Check {
    match (&config.public_url, config.mode) {
        (Some(url), _) => Check::fine("public url", url.clone()),
        (None, Mode::Sandbox) => Check::note(
            "public url",
            "none: pay pages and webhooks use the listening address",
            "for others to reach the shop set LOKET_SERVER__PUBLIC_URL=https://…",
        ),
        (None, Mode::Production) => {
            Check::wrong("public url", "none", "set LOKET_SERVER__PUBLIC_URL=https://…")
        }
    }
}

fn api_key(config: &Config) -> Check {
    match (&config.api_key, config.mode) {
        (Some(_), Mode::Sandbox) => Check::fine("api key", "the sandbox's own"),
        (Some(_), Mode::Production) => Check::fine("api key", "set"),
        (None, _) => Check::note(
            "api key",
            "none: the HTTP interface takes no orders",
            "set LOKET_API__KEY to at least 24 random characters",
        ),
    }
}

async fn database(config: &Config) -> Vec<Check> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return vec![Check::note(
            "database",
            format!("{} does not exist yet", path.display()),
            "`loket serve` makes it",
        )];
    }
    let db = match wiring::open_database(config).await {
        Ok(db) => db,
        Err(error) => {
            return vec![Check::wrong(
                "database",
                format!("{error:#}"),
                "check LOKET_DATABASE__URL and that the server runs",
            )];
        }
    };
    let mut checks = vec![Check::fine("database", format!("{} ({})", config.database, db.engine()))];
    match db.pending(&MIGRATIONS).await {
        Ok(pending) if pending.is_empty() => {
            checks.push(Check::fine("schema", "up to date"));
            checks.push(mode(&db, config.mode).await);
            checks.push(alerts(&db).await);
        }
        Ok(pending) => checks.push(Check::wrong(
            "schema",
            format!("lacks {}", pending.join(", ")),
            "run `loket migrate`",
        )),
        Err(error) => {
            checks.push(Check::wrong("schema", error.to_string(), "use a program as new as the database"))
        }
    }
    checks
}

async fn mode(db: &Database, mode: Mode) -> Check {
    let made_in = match db.read("doctor.mode").await {
        Ok(mut tx) => orders::mode(&mut tx).await,
        Err(error) => Err(error),
    };
    match made_in {
        Ok(Some(made_in)) if made_in != mode.as_str() => Check::wrong(
            "mode",
            format!("the database was made in {made_in} mode"),
            format!("name another database for {} mode", mode.as_str()),
        ),
        Ok(_) => Check::fine("mode", mode.as_str()),
        Err(error) => Check::wrong("mode", error.to_string(), "see the database's own log"),
    }
}

async fn alerts(db: &Database) -> Check {
    let open = match db.read("doctor.alerts").await {
        Ok(mut tx) => notifications::open_alerts(&mut tx).await,
        Err(error) => Err(error),
    };
    match open {
        Ok(open) if open.is_empty() => Check::fine("alerts", "none open"),
        Ok(open) => Check::note("alerts", format!("{} open", open.len()), "`loket alerts` lists them"),
        Err(error) => Check::wrong("alerts", error.to_string(), "see the database's own log"),
    }
}

/// Business runs on this machine's clock: one that stands before this program was written is wrong.
fn clock() -> Check {
    let now = vocabulary::Clock::system().real_now();
    if now.rfc3339().as_str() < "2026-11-01" {
        return Check::wrong(
            "clock",
            format!("{now} cannot be"),
            "set the clock, and switch on NTP (`timedatectl set-ntp true`)",
        );
    }
    Check::fine("clock", format!("{} WIB", now.wib()))
}

const INSIDE: &str = "the simulator inside `loket serve`";

async fn midtrans(config: &Config, http: Http) -> Check {
    let Some(base_url) = config.midtrans.base_url.clone() else { return Check::fine("midtrans", INSIDE) };
    let settings = midtrans::Settings {
        base_url: base_url.clone(),
        server_key: config.midtrans.server_key.clone(),
        previous_server_key: None,
    };
    // A reference that does not exist: a gateway that knows our key says so.
    let reference = Reference::new(&OrderNumber::new(&Ids::random()), Purpose::Payment, 1);
    match midtrans::Midtrans::new(http, settings).status(&reference).await {
        StatusOutcome::NotFound | StatusOutcome::Found(_) => {
            Check::fine("midtrans", format!("{base_url} takes our key"))
        }
        StatusOutcome::Unknown { reason, .. } => Check::wrong(
            "midtrans",
            format!("{base_url}: {reason}"),
            "check LOKET_MIDTRANS__SERVER_KEY (dashboard: Settings, Access Keys) and the way out of this machine",
        ),
    }
}

async fn digiflazz(config: &Config, http: Http) -> Check {
    let Some(base_url) = config.digiflazz.base_url.clone() else { return Check::fine("digiflazz", INSIDE) };
    match wiring::digiflazz(config, http, base_url.clone()).balance().await {
        Ok(balance) => Check::fine("digiflazz", format!("{base_url} takes our key; deposit {balance}")),
        Err(error) => Check::wrong(
            "digiflazz",
            format!("{base_url}: {error}"),
            "check LOKET_DIGIFLAZZ__USERNAME and __API_KEY, and that this machine's address is on the list (member area: Atur Koneksi, API)",
        ),
    }
}
