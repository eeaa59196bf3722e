//! `doctor`: configuration, database, keys, clock and reachability, each with a fix.

use crate::{
    config::{Config, Mode},
    output, validation, vault_key, wiring,
};
use anyhow::Result;
use database::{Database, DatabaseUrl};
use orders::MIGRATIONS;
use outside::Http;
use payments::{Gateway, Sent, StatusOutcome, gateways::midtrans};
use serde_json::json;
use std::process::ExitCode;
use vocabulary::{Clock, Ids, OrderNumber, PaymentMethod, Purpose, Reference, Rupiah};

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
            checks.push(dana(config, http.clone()).await);
            checks.push(digiflazz(config, http.clone()).await);
            checks.extend(accounts(config, &http).await);
            checks.extend(discord(config, http).await);
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
            checks.push(vault(&db, config).await);
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

/// Without its key nobody reads the phone numbers in the database.
async fn vault(db: &Database, config: &Config) -> Check {
    let place = match &config.vault_key {
        Some(_) => "LOKET_VAULT__KEY".to_owned(),
        None => vault_key::file_of(config).display().to_string(),
    };
    let fits = match vault_key::open(config) {
        Ok(vault) => vault_key::fits(db, &vault).await,
        Err(error) => Err(error),
    };
    match fits {
        Ok(Some(true)) => Check::fine("vault", format!("the key of {place} is this database's")),
        Ok(None) => {
            Check::fine("vault", format!("the key of {place}; the database has not been used with one yet"))
        }
        Ok(Some(false)) => Check::wrong(
            "vault",
            format!("the key of {place} is not the one that this database was used with"),
            "restore the key from a back-up: without it the stored phone numbers cannot be read",
        ),
        Err(error) => Check::wrong(
            "vault",
            format!("{error:#}"),
            "give LOKET_VAULT__KEY or the key file, readable by this user",
        ),
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
        snap_url: config.midtrans.snap_url.clone(),
        server_key: config.midtrans.server_key.clone(),
        previous_server_key: None,
    };
    // A reference that does not exist: a gateway that knows our key says so.
    match midtrans::Midtrans::new(http, settings).status(&nothing(PaymentMethod::GopayQr)).await {
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

async fn dana(config: &Config, http: Http) -> Check {
    let Some(account) = &config.dana else {
        return Check::note(
            "dana",
            "no account: its methods are not offered",
            "set LOKET_DANA__PARTNER_ID, __MERCHANT_ID, __STORE_ID, __PRIVATE_KEY_FILE and __GATEWAY_PUBLIC_KEY_FILE",
        );
    };
    let Some(base_url) = account.base_url.clone() else { return Check::fine("dana", INSIDE) };
    let origin = config.public_url.clone().unwrap_or_else(|| base_url.clone());
    let parts = (Clock::system(), Ids::random());
    let gateway = match wiring::dana(account, http, (base_url.clone(), origin), parts) {
        Ok(gateway) => gateway,
        Err(error) => {
            return Check::wrong(
                "dana",
                format!("{error:#}"),
                "give the key files in PEM, readable by this user",
            );
        }
    };
    match gateway.status(&nothing(PaymentMethod::DanaQr)).await {
        StatusOutcome::NotFound | StatusOutcome::Found(_) => {
            Check::fine("dana", format!("{base_url} takes our key"))
        }
        StatusOutcome::Unknown { reason, .. } => Check::wrong(
            "dana",
            format!("{base_url}: {reason}"),
            "check LOKET_DANA__PARTNER_ID and __MERCHANT_ID, that DANA has the public half of __PRIVATE_KEY_FILE, and the way out of this machine",
        ),
    }
}

/// A payment that does not exist.
fn nothing(method: PaymentMethod) -> Sent {
    let now = Clock::system().real_now();
    Sent {
        reference: Reference::new(&OrderNumber::new(&Ids::random()), Purpose::Payment, 1),
        method,
        amount: Rupiah::new(1),
        transaction_id: None,
        was_open: false,
        expires_at: now,
        now,
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

/// Who can say whether a game account exists. Buying goes on without, so nothing here is wrong: at most
/// a source does not take our key.
async fn accounts(config: &Config, http: &Http) -> Vec<Check> {
    let mut checks = Vec::new();
    let connected = &config.validation;
    if let Some(account) = &connected.vip_reseller {
        checks.push(match account.base_url.clone() {
            None => Check::fine("vip reseller", INSIDE),
            Some(url) => match validation::vip_reseller(account, http.clone(), url.clone()).balance().await {
                Ok(balance) => Check::fine("vip reseller", format!("{url} takes our key; deposit {balance}")),
                Err(error) => Check::wrong(
                    "vip reseller",
                    format!("{url}: {error}"),
                    "check LOKET_VIP_RESELLER__API_ID and __API_KEY, and that this machine's address is on their list",
                ),
            },
        });
    }
    if let Some(account) = &connected.apigames {
        checks.push(match account.base_url.clone() {
            None => Check::fine("apigames", INSIDE),
            Some(url) => match validation::apigames(account, http.clone(), url.clone()).balance().await {
                Ok(balance) => Check::fine("apigames", format!("{url} takes our signature; deposit {balance}")),
                Err(error) => Check::wrong(
                    "apigames",
                    format!("{url}: {error}"),
                    "check LOKET_APIGAMES__MERCHANT_ID and __SECRET; LOKET_APIGAMES__SIGNATURE may have to be `colon`",
                ),
            },
        });
    }
    if let Some(url) = &connected.codashop {
        checks.push(Check::note(
            "codashop",
            format!("{url} is asked for names, unofficially, against the site's terms"),
            "switch it off with LOKET_VALIDATION__UNOFFICIAL_PROBES=false",
        ));
    }
    if connected.vip_reseller.is_none() && connected.apigames.is_none() && connected.codashop.is_none() {
        checks.push(Check::note(
            "accounts",
            "no source of player names: only the format of ids is checked",
            "set LOKET_VIP_RESELLER__API_ID and __API_KEY, or LOKET_APIGAMES__MERCHANT_ID and __SECRET",
        ));
    }
    checks
}

/// Whether Discord knows the bot, and sends interactions of this very application here.
async fn discord(config: &Config, http: Http) -> Vec<Check> {
    const WHAT: &str = "discord";
    let Some(account) = &config.discord else {
        return vec![Check::note(
            WHAT,
            "not configured: the shop is not on Discord",
            "set LOKET_DISCORD__PUBLIC_KEY, __APPLICATION_ID and __BOT_TOKEN (developer portal: General Information, and Bot)",
        )];
    };
    let Some(url) = account.api_url.clone() else { return vec![Check::fine(WHAT, INSIDE)] };
    let Some(rest) = wiring::discord_rest(config, account, http, None) else {
        return vec![Check::fine(WHAT, INSIDE)];
    };
    let application = match rest.application().await {
        Ok(application) => application,
        Err(error) => {
            return vec![Check::wrong(
                WHAT,
                format!("{url}: {error}"),
                "check LOKET_DISCORD__BOT_TOKEN (developer portal: Bot, Reset Token) and the way out of this machine",
            )];
        }
    };
    let told = |name: &str| application.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let mut checks = Vec::new();
    if told("id") == account.application_id {
        checks.push(Check::fine(WHAT, format!("{url} knows the bot of `{}`", told("name"))));
    } else {
        checks.push(Check::wrong(
            WHAT,
            format!("the bot's token belongs to the application {} (`{}`)", told("id"), told("name")),
            "set LOKET_DISCORD__APPLICATION_ID and __BOT_TOKEN of the same application",
        ));
    }
    if let crate::config::DiscordKey::Given(key) = &account.key {
        checks.push(if told("verify_key").eq_ignore_ascii_case(key.trim()) {
            Check::fine(WHAT, "the public key is the application's")
        } else {
            Check::wrong(
                WHAT,
                "the public key is not the application's: no interaction would be taken",
                "set LOKET_DISCORD__PUBLIC_KEY (developer portal: General Information, Public Key)",
            )
        });
    }
    let ours = config.public_url.as_ref().map(|base| format!("{base}/discord/interactions"));
    let theirs = told("interactions_endpoint_url");
    checks.push(match ours {
        Some(ours) if ours == theirs => Check::fine(WHAT, format!("interactions come to {ours}")),
        Some(ours) => Check::wrong(
            WHAT,
            format!("interactions go to {}", if theirs.is_empty() { "nobody" } else { theirs }),
            format!("start `loket serve`, then set the interactions endpoint URL to {ours} (developer portal: General Information)"),
        ),
        None => Check::note(
            WHAT,
            "without a public url Discord cannot send interactions",
            "set LOKET_SERVER__PUBLIC_URL=https://…",
        ),
    });
    checks
}
