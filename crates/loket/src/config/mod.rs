//! Configuration: flags over environment over `loket.toml` over defaults. Every key is known; an
//! unknown one is refused with the nearest known one.

mod address;
mod dana;
mod discord;
mod fees;
mod keys;
mod read;
mod refunds;
mod risk;
mod rotation;
mod sellers;
mod staff_keys;
mod validation;
mod watch;
mod xendit;

use address::is_simulator;
use anyhow::{Context, Result, anyhow, bail};
use database::DatabaseUrl;
use keys::Parties;
use orders::Rules;
use payments::SettlementProfile;
use read::Values;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use vocabulary::Secret;

pub(crate) use self::discord::Discord;
pub(crate) use dana::Dana;
pub(crate) use keys::environment_name;
pub(crate) use read::Overrides;
pub(crate) use rotation::Rotation;
pub(crate) use validation::{Apigames, SANDBOX_SECRET, Validation, VipReseller};
pub(crate) use xendit::Xendit;

/// Whether money is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Simulators, fixed credentials, no money.
    Sandbox,
    /// Real gateways and suppliers.
    Production,
}

/// Everything that is configured.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) mode: Mode,
    pub(crate) data_dir: PathBuf,
    pub(crate) listen: String,
    pub(crate) public_url: Option<String>,
    /// Reverse proxies that are believed about where a request comes from.
    pub(crate) trusted_proxies: web::TrustedProxies,
    pub(crate) database: DatabaseUrl,
    pub(crate) midtrans: Midtrans,
    /// The account at DANA, if there is one.
    pub(crate) dana: Option<Dana>,
    /// The account at Xendit, if there is one.
    pub(crate) xendit: Option<Xendit>,
    pub(crate) digiflazz: Digiflazz,
    pub(crate) validation: Validation,
    /// The application on Discord; `None`: the shop is not on Discord.
    pub(crate) discord: Option<Discord>,
    /// Key of the vault as 64 hexadecimal digits; none means the file in the data folder.
    pub(crate) vault_key: Option<Secret>,
    /// Key of the HTTP interface; none means that it takes no orders.
    pub(crate) api_key: Option<Secret>,
    /// Who of the staff may use the HTTP interface, each with a key.
    pub(crate) staff_keys: Vec<(String, Secret)>,
    pub(crate) rules: Rules,
    /// Keys of before, which count while keys are being changed.
    pub(crate) rotation: Rotation,
    /// What is given of the keys that are a gateway's or a supplier's own.
    of_parties: BTreeMap<&'static str, Secret>,
}

/// The account at Midtrans.
#[derive(Clone, Debug)]
pub(crate) struct Midtrans {
    /// `None`: the simulator inside `serve`.
    pub(crate) base_url: Option<String>,
    /// `None`: the simulator inside `serve`, or nowhere when `base_url` names another party.
    pub(crate) snap_url: Option<String>,
    pub(crate) server_key: Secret,
}

/// The account at Digiflazz.
#[derive(Clone, Debug)]
pub(crate) struct Digiflazz {
    /// `None`: the simulator inside `serve`.
    pub(crate) base_url: Option<String>,
    pub(crate) username: String,
    pub(crate) api_key: Secret,
    pub(crate) webhook_secret: Secret,
}

/// The key of the HTTP interface in the sandbox.
pub(crate) const SANDBOX_API_KEY: &str = "loket-sandbox-key";

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Mode::Sandbox => "sandbox",
            Mode::Production => "production",
        }
    }
}

impl Config {
    /// Reads the configuration; `overrides` are the flags.
    pub(crate) fn load(overrides: &Overrides) -> Result<Config> {
        Config::from_values(&Values::load(overrides)?)
    }

    fn from_values(values: &Values) -> Result<Config> {
        let mode = match values.get("mode").unwrap_or("sandbox") {
            "sandbox" => Mode::Sandbox,
            "production" => Mode::Production,
            _ => bail!("`mode` ({}) must be `sandbox` or `production`", values.origin("mode")),
        };
        let data_dir = PathBuf::from(values.get("data_dir").unwrap_or("./loket-data"));
        let database = match values.get("database.url") {
            Some(url) => {
                url.parse().with_context(|| format!("`database.url` ({})", values.origin("database.url")))?
            }
            None => DatabaseUrl::Sqlite(data_dir.join("loket.db")),
        };
        let sandbox = mode == Mode::Sandbox;
        let secret = |key: &str, in_sandbox: &str| {
            let given = values.get(key).map(str::to_owned);
            Secret::new(given.unwrap_or_else(|| if sandbox { in_sandbox.to_owned() } else { String::new() }))
        };
        let base = |key: &str, in_production: &str| {
            let given = values.get(key).map(|url| url.trim_end_matches('/').to_owned());
            given.or_else(|| (!sandbox).then(|| in_production.to_owned()))
        };
        let midtrans_url = base("midtrans.base_url", "https://api.midtrans.com");
        let snap_url = base("midtrans.snap_url", "https://app.midtrans.com/snap/v1")
            .or_else(|| midtrans_url.as_deref().and_then(snap_beside));
        let trusted_proxies =
            values.get("server.trusted_proxies").unwrap_or_default().parse::<web::TrustedProxies>();
        let config = Config {
            mode,
            listen: values.get("server.listen").unwrap_or("127.0.0.1:8080").to_owned(),
            public_url: values.get("server.public_url").map(|url| url.trim_end_matches('/').to_owned()),
            trusted_proxies: trusted_proxies.with_context(|| {
                format!("`server.trusted_proxies` ({})", values.origin("server.trusted_proxies"))
            })?,
            database,
            midtrans: Midtrans {
                base_url: midtrans_url,
                snap_url,
                server_key: secret("midtrans.server_key", sandbox::MIDTRANS_SERVER_KEY),
            },
            dana: Dana::read(values, mode, &data_dir),
            xendit: Xendit::read(values, mode),
            digiflazz: Digiflazz {
                base_url: base("digiflazz.base_url", "https://api.digiflazz.com/v1"),
                username: secret("digiflazz.username", sandbox::DIGIFLAZZ_USERNAME).expose().to_owned(),
                api_key: secret("digiflazz.api_key", sandbox::DIGIFLAZZ_API_KEY),
                webhook_secret: secret("digiflazz.webhook_secret", sandbox::DIGIFLAZZ_WEBHOOK_SECRET),
            },
            validation: Validation::read(values, mode)?,
            discord: Discord::read(values, mode, &data_dir)?,
            vault_key: values.get("vault.key").map(Secret::new),
            api_key: Some(secret("api.key", SANDBOX_API_KEY)).filter(|key| !key.is_empty()),
            staff_keys: staff_keys::read(values)?,
            rules: rules(values, mode)?,
            rotation: Rotation::read(values)?,
            of_parties: values.of(values.parties().keys()),
            data_dir,
        };
        config.check_urls()?;
        for registration in values.parties().gateways {
            config.settlement_profile(registration.name)?;
        }
        if mode == Mode::Production {
            config.check_production(values.parties())?;
        }
        Ok(config)
    }

    /// The value of a key that is a gateway's or a supplier's own, named in its registration.
    pub(crate) fn given(&self, key: &str) -> Option<&str> {
        self.of_parties.get(key).map(Secret::expose)
    }

    /// How the settlement reports of a gateway are written, as far as it is said.
    pub(crate) fn settlement_profile(&self, gateway: &str) -> Result<SettlementProfile> {
        let key = format!("{gateway}.settlement");
        let said = self.given(&key).unwrap_or_default();
        said.parse().with_context(|| format!("`{key}` does not say how its settlement reports are written"))
    }

    fn check_urls(&self) -> Result<()> {
        let urls = [
            ("server.public_url", self.public_url.as_ref()),
            ("midtrans.base_url", self.midtrans.base_url.as_ref()),
            ("midtrans.snap_url", self.midtrans.snap_url.as_ref()),
            ("digiflazz.base_url", self.digiflazz.base_url.as_ref()),
            ("dana.base_url", self.dana.as_ref().and_then(|dana| dana.base_url.as_ref())),
            ("xendit.base_url", self.xendit.as_ref().and_then(|xendit| xendit.base_url.as_ref())),
        ];
        for (key, url) in urls.into_iter().chain(self.validation.addresses()).chain([self.discord_address()])
        {
            let authority = url.and_then(|u| u.split("://").nth(1)).and_then(|u| u.split('/').next());
            if authority.is_some_and(|place| place.contains('@')) {
                bail!(
                    "`{key}` holds a user name or password: an address must not, because addresses are printed"
                );
            }
            if let Some(url) = url.filter(|u| !u.starts_with("https://") && !u.starts_with("http://")) {
                bail!("`{key}` is `{url}`: an address starts with `https://` or `http://`");
            }
        }
        Ok(())
    }

    /// Production takes no sandbox credentials, no missing key, no simulator's address.
    fn check_production(&self, parties: Parties) -> Result<()> {
        let mut problems: Vec<String> = Vec::new();
        problems.extend(bad_secret("midtrans.server_key", &self.midtrans.server_key, "SB-Mid-server-"));
        match &self.public_url {
            None => problems.push(
                "`server.public_url` is missing: gateways and suppliers send their webhooks there (environment: LOKET_SERVER__PUBLIC_URL)".into(),
            ),
            Some(url) if !url.starts_with("https://") => problems.push("`server.public_url` must start with `https://`".into()),
            Some(_) => {}
        }
        let bases =
            [("midtrans.base_url", &self.midtrans.base_url), ("midtrans.snap_url", &self.midtrans.snap_url)];
        for (key, base) in bases {
            problems.extend(bad_address(key, base.as_deref()));
        }
        problems.extend(self.validation.problems_in_production());
        problems.extend(self.dana.iter().flat_map(|dana| dana.problems(&self.data_dir)));
        problems.extend(self.xendit.iter().flat_map(Xendit::problems));
        problems.extend(parties.gateways.iter().flat_map(|registration| (registration.problems)(self)));
        problems.extend(parties.suppliers.iter().flat_map(|registration| (registration.problems)(self)));
        problems.extend(self.discord.iter().flat_map(Discord::problems_in_production));
        if let Some(key) = &self.api_key {
            if key.expose() == SANDBOX_API_KEY {
                problems.push("`api.key` is a sandbox credential".into());
            } else if key.expose().len() < 24 {
                problems.push("`api.key` is shorter than 24 characters, which can be guessed".into());
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(anyhow!(
            "production cannot start:\n  - {}\nset these in loket.toml or the environment, then run `loket doctor`",
            problems.join("\n  - ")
        ))
    }

    fn discord_address(&self) -> (&'static str, Option<&String>) {
        ("discord.api_url", self.discord.as_ref().and_then(|discord| discord.api_url.as_ref()))
    }

    /// Whether every outside party is a simulator inside `serve`.
    pub(crate) fn has_only_own_simulators(&self) -> bool {
        let elsewhere = [
            &self.midtrans.base_url,
            &self.midtrans.snap_url,
            &self.digiflazz.base_url,
            &self.dana.as_ref().and_then(|dana| dana.base_url.clone()),
            &self.xendit.as_ref().and_then(|xendit| xendit.base_url.clone()),
            &self.discord.as_ref().and_then(|discord| discord.api_url.clone()),
        ];
        self.mode == Mode::Sandbox && elsewhere.iter().all(|address| address.is_none())
    }

    /// Whether the simulators run inside `serve`: sandbox, and no address of others is given.
    pub(crate) fn has_own_simulators(&self) -> bool {
        self.mode == Mode::Sandbox && (self.midtrans.base_url.is_none() || self.digiflazz.base_url.is_none())
    }
}

/// What production says of a secret that must be there, and must not be one of the sandbox.
pub(crate) fn bad_secret(key: &str, secret: &Secret, of_sandbox: &str) -> Option<String> {
    if secret.is_empty() {
        return Some(format!("`{key}` is missing (environment: {})", keys::environment_name(key)));
    }
    secret.expose().starts_with(of_sandbox).then(|| format!("`{key}` is a sandbox credential"))
}

/// What production says of a party's address: that it is no real one's.
pub(crate) fn bad_address(key: &str, address: Option<&str>) -> Option<String> {
    let url = address.filter(|url| !url.starts_with("https://") || is_simulator(url))?;
    Some(format!("`{key}` is `{url}`, a simulator's or test address"))
}

/// Where Snap is, beside a Core that is not the real one: our own simulator's, or Midtrans' sandbox.
fn snap_beside(core: &str) -> Option<String> {
    match core.to_ascii_lowercase().as_str() {
        "https://api.sandbox.midtrans.com" => Some("https://app.sandbox.midtrans.com/snap/v1".to_owned()),
        _ => core.ends_with("/sandbox/midtrans").then(|| format!("{core}/snap/v1")),
    }
}

fn rules(values: &Values, mode: Mode) -> Result<Rules> {
    let mut rules = Rules::default();
    let durations: [(&str, &mut Duration, u64); 4] = [
        ("rules.quote_valid_seconds", &mut rules.quote_valid, 300),
        ("rules.pay_within_seconds", &mut rules.pay_within, 7 * 86_400),
        ("rules.verify_within_seconds", &mut rules.verify_within, 7 * 86_400),
        ("rules.review_within_seconds", &mut rules.review_within, 7 * 86_400),
    ];
    for (key, duration, most) in durations {
        if let Some(text) = values.get(key) {
            let seconds: u64 = text.parse().ok().filter(|s| (20..=most).contains(s)).ok_or_else(|| {
                anyhow!(
                    "`{key}` ({}) must be a whole number of seconds from 20 to {most}",
                    values.origin(key)
                )
            })?;
            *duration = Duration::from_secs(seconds);
        }
    }
    if let Some(text) = values.get("worker.lease_seconds") {
        // A step may close, ask and fetch a picture one after the other: 30 s with real parties.
        let least = if mode == Mode::Production { 45 } else { 1 };
        let seconds = text.parse().ok().filter(|s| (least..=600).contains(s)).ok_or_else(|| {
            anyhow!(
                "`worker.lease_seconds` ({}) must be a whole number from {least} to 600",
                values.origin("worker.lease_seconds")
            )
        })?;
        rules.lease = Duration::from_secs(seconds);
    }
    let numbers: [(&str, &mut u32, u32, u32); 5] = [
        ("rules.max_attempts", &mut rules.max_attempts, 1, 10),
        ("rules.circuit_failures", &mut rules.circuit_failures, 1, 1_000_000),
        ("rules.supplier_circuit_failures", &mut rules.supplier_circuit_failures, 1, 1_000_000),
        ("rules.min_margin_basis_points", &mut rules.min_margin_basis_points, 0, 9_000),
        ("rules.blind_margin_basis_points", &mut rules.blind_margin_basis_points, 0, 9_000),
    ];
    for (key, number, least, most) in numbers {
        if let Some(text) = values.get(key) {
            *number = text.parse().ok().filter(|n| (least..=most).contains(n)).ok_or_else(|| {
                anyhow!("`{key}` ({}) must be a whole number from {least} to {most}", values.origin(key))
            })?;
        }
    }
    fees::read(values, &mut rules)?;
    watch::read(values, &mut rules)?;
    refunds::read(values, &mut rules.refunds)?;
    risk::read(values, &mut rules)?;
    sellers::read(values, &mut rules)?;
    refunds::read_odd(values, &mut rules)?;
    Ok(rules)
}

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::keys::Parties;
    use super::*;

    pub(crate) fn load(pairs: &[(&str, &str)]) -> Result<Config> {
        load_with(Parties::ALL, pairs)
    }

    /// The same where other parties are registered.
    pub(crate) fn load_with(parties: Parties, pairs: &[(&str, &str)]) -> Result<Config> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Config::from_values(&Values::of_environment_for(parties, pairs)?)
    }

    pub(crate) const PRODUCTION: [(&str, &str); 6] = [
        ("LOKET_MODE", "production"),
        ("LOKET_SERVER__PUBLIC_URL", "https://shop.example"),
        ("LOKET_MIDTRANS__SERVER_KEY", "Mid-server-real"),
        ("LOKET_DIGIFLAZZ__USERNAME", "owner"),
        ("LOKET_DIGIFLAZZ__API_KEY", "real-key"),
        ("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "real-secret-of-24-letters"),
    ];

    #[test]
    fn nothing_configured_means_sandbox_on_sqlite() {
        let config = load(&[]).unwrap();
        assert_eq!(config.mode, Mode::Sandbox);
        assert_eq!(config.database.to_string(), "sqlite://./loket-data/loket.db");
        assert!(config.has_own_simulators());
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        for (key, nearest) in [
            ("LOKET_DATABSE__URL", "database.url"),
            ("LOKET_SERVER__LISTN", "server.listen"),
            ("LOKET_MIDTRANS__SERVERKEY", "midtrans.server_key"),
        ] {
            let error = load(&[(key, "x")]).unwrap_err().to_string();
            assert!(error.contains(nearest), "{key}: {error}");
        }
    }

    #[test]
    fn production_starts_with_real_credentials_only_and_says_what_is_wrong() {
        load(&PRODUCTION).unwrap();
        for (change, expected) in [
            (("LOKET_MIDTRANS__SERVER_KEY", "SB-Mid-server-x"), "midtrans.server_key"),
            (("LOKET_MIDTRANS__SERVER_KEY", ""), "midtrans.server_key"),
            (("LOKET_DIGIFLAZZ__API_KEY", "dev-x"), "digiflazz.api_key"),
            (("LOKET_DIGIFLAZZ__USERNAME", "loket"), "digiflazz.username"),
            (("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", ""), "digiflazz.webhook_secret"),
            (("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "fifteen-letters"), "digiflazz.webhook_secret"),
            (("LOKET_SERVER__PUBLIC_URL", "http://shop.example"), "server.public_url"),
            (("LOKET_MIDTRANS__BASE_URL", "http://127.0.0.1:8090/sandbox/midtrans"), "midtrans.base_url"),
            (("LOKET_MIDTRANS__BASE_URL", "https://api.sandbox.midtrans.com"), "midtrans.base_url"),
            (("LOKET_MIDTRANS__SNAP_URL", "https://app.sandbox.midtrans.com/snap/v1"), "midtrans.snap_url"),
            (
                ("LOKET_MIDTRANS__SNAP_URL", "https://pay.example/sandbox/midtrans/snap/v1"),
                "midtrans.snap_url",
            ),
            (("LOKET_MIDTRANS__SNAP_URL", "http://app.midtrans.com/snap/v1"), "midtrans.snap_url"),
            (("LOKET_API__KEY", "loket-sandbox-key"), "api.key"),
            (("LOKET_API__KEY", "short"), "api.key"),
            (("LOKET_MIDTRANS__PREVIOUS_SERVER_KEY", "SB-Mid-server-x"), "previous_server_key"),
            (("LOKET_MIDTRANS__BASE_URL", "https://[::1]:8443"), "midtrans.base_url"),
            (("LOKET_MIDTRANS__BASE_URL", "https://0.0.0.0"), "midtrans.base_url"),
            (("LOKET_MIDTRANS__BASE_URL", "https://u:hunter2@pay.example"), "midtrans.base_url"),
            (("LOKET_MIDTRANS__BASE_URL", "https://api.SANDBOX.midtrans.com"), "midtrans.base_url"),
            (("LOKET_MIDTRANS__SNAP_URL", "https://app.sandbox.midtrans.com./snap/v1"), "midtrans.snap_url"),
            (("LOKET_DIGIFLAZZ__BASE_URL", "https://LOCALHOST/v1"), "digiflazz.base_url"),
            (("LOKET_DIGIFLAZZ__BASE_URL", "https://pay.example/Sandbox/digiflazz/v1"), "digiflazz.base_url"),
        ] {
            let mut pairs: Vec<_> = PRODUCTION.into_iter().filter(|(k, _)| *k != change.0).collect();
            pairs.push(change);
            let error = load(&pairs).unwrap_err().to_string();
            assert!(error.contains(expected), "{change:?}: {error}");
        }
    }

    #[test]
    fn a_webhook_secret_of_sixteen_characters_is_long_enough() {
        let mut pairs = PRODUCTION;
        pairs[5].1 = "sixteen-letters!";
        load(&pairs).unwrap();
    }

    #[test]
    fn snap_is_where_core_is_unless_it_is_told_otherwise() {
        let snap = |pairs: &[(&str, &str)]| load(pairs).unwrap().midtrans.snap_url;
        assert_eq!(snap(&PRODUCTION).as_deref(), Some("https://app.midtrans.com/snap/v1"));
        assert_eq!(snap(&[]), None, "the simulator inside");
        for (core, expected) in [
            (
                "http://127.0.0.1:8090/sandbox/midtrans/",
                Some("http://127.0.0.1:8090/sandbox/midtrans/snap/v1"),
            ),
            ("https://api.sandbox.midtrans.com", Some("https://app.sandbox.midtrans.com/snap/v1")),
            ("https://API.Sandbox.Midtrans.com", Some("https://app.sandbox.midtrans.com/snap/v1")),
            ("http://127.0.0.1:8090/elsewhere", None),
        ] {
            assert_eq!(snap(&[("LOKET_MIDTRANS__BASE_URL", core)]).as_deref(), expected, "{core}");
        }
        let told = ("LOKET_MIDTRANS__SNAP_URL", "http://127.0.0.1:9/snap/v1/");
        assert_eq!(snap(&[told]).as_deref(), Some("http://127.0.0.1:9/snap/v1"));
    }

    #[test]
    fn proxies_are_believed_when_they_are_named_and_everybody_never_is() {
        let trusted = |value| load(&[("LOKET_SERVER__TRUSTED_PROXIES", value)]).map(|c| c.trusted_proxies);
        assert_eq!(load(&[]).unwrap().trusted_proxies, web::TrustedProxies::default());
        let named = trusted("127.0.0.1, 10.0.0.0/8,::1").unwrap();
        assert_eq!(named, "127.0.0.1,10.0.0.0/8,::1".parse::<web::TrustedProxies>().unwrap());
        for value in ["proxy.example", "10.0.0.0/40", "0.0.0.0/0"] {
            let error = format!("{:#}", trusted(value).unwrap_err());
            assert!(error.contains("server.trusted_proxies") && error.contains(value), "{error}");
        }
    }

    #[test]
    fn a_secret_shows_in_no_output() {
        let mut pairs = PRODUCTION.to_vec();
        pairs.push(("LOKET_DATABASE__URL", "postgres://loket:hunter2@db/loket"));
        let shown = format!("{:?}", load(&pairs).unwrap());
        for secret in ["Mid-server-real", "real-key", "real-secret", "hunter2"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    #[test]
    fn a_value_out_of_bounds_names_its_key() {
        for (key, value) in [
            ("LOKET_RULES__PAY_WITHIN_SECONDS", "0"),
            ("LOKET_RULES__QUOTE_VALID_SECONDS", "301"),
            ("LOKET_RULES__PAY_WITHIN_SECONDS", "ten"),
            ("LOKET_RULES__GOPAY_FEE_BASIS_POINTS", "-1"),
            ("LOKET_RULES__OVO_FEE_BASIS_POINTS", "2001"),
            ("LOKET_RULES__DANA_FEE_BASIS_POINTS", "1.5"),
            ("LOKET_MIDTRANS__SNAP_URL", "app.midtrans.com"),
            ("LOKET_MODE", "Production"),
            ("LOKET_DATABASE__URL", "mysql://x"),
            ("LOKET_SERVER__PUBLIC_URL", "shop.example"),
        ] {
            assert!(load(&[(key, value)]).is_err(), "{key}={value} was taken");
        }
    }
}
