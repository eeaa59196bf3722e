//! What is configured about Discord: the application, and where Discord is.

use super::{Mode, is_simulator, keys, read::Values};
use anyhow::{Context, Result, bail};
use sandbox::{DISCORD_APPLICATION_ID as SANDBOX_APPLICATION_ID, DISCORD_BOT_TOKEN as SANDBOX_BOT_TOKEN};
use std::path::{Path, PathBuf};
use vocabulary::Secret;

/// The application on Discord.
#[derive(Clone, Debug)]
pub(crate) struct Discord {
    /// `None`: the simulator inside `serve`.
    pub(crate) api_url: Option<String>,
    pub(crate) application_id: String,
    pub(crate) bot_token: Secret,
    pub(crate) key: Key,
}

/// Where the public key of the application is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Here: 64 hexadecimal digits.
    Given(String),
    /// In the file that the simulator writes when it opens.
    OfSimulator(PathBuf),
}

/// What makes an application: all of them or none.
const PARTS: [&str; 3] = ["discord.public_key", "discord.application_id", "discord.bot_token"];

impl Discord {
    pub(super) fn read(values: &Values, mode: Mode, data_dir: &Path) -> Result<Option<Discord>> {
        match values.get("discord.transport") {
            None | Some("http") => {}
            Some("gateway") => bail!(
                "`discord.transport` ({}) is `gateway`, which comes in a later version: use `http`, and set the interactions endpoint URL in the developer portal",
                values.origin("discord.transport")
            ),
            Some(_) => {
                bail!("`discord.transport` ({}) must be `http`", values.origin("discord.transport"))
            }
        }
        let api_url = values.get("discord.api_url").map(|url| url.trim_end_matches('/').to_owned());
        let given = PARTS.map(|key| values.get(key));
        let discord = match given {
            [Some(key), Some(application_id), Some(token)] => Discord {
                // Real credentials never go to a simulator by themselves.
                api_url: Some(api_url.unwrap_or_else(|| discord::API.to_owned())),
                application_id: application_id.to_owned(),
                bot_token: Secret::new(token),
                key: Key::Given(key.to_owned()),
            },
            [None, None, None] if mode == Mode::Sandbox => Discord {
                api_url,
                application_id: SANDBOX_APPLICATION_ID.into(),
                bot_token: Secret::new(SANDBOX_BOT_TOKEN),
                key: Key::OfSimulator(data_dir.join("sandbox").join("discord.pub.hex")),
            },
            [None, None, None] => return Ok(None),
            _ => {
                let missing = PARTS.iter().zip(given).filter(|(_, value)| value.is_none());
                let missing: Vec<_> = missing
                    .map(|(key, _)| format!("`{key}` (environment: {})", keys::environment_name(key)))
                    .collect();
                bail!(
                    "Discord is configured in part: set {} too (developer portal: General Information, and Bot), or none",
                    missing.join(" and ")
                )
            }
        };
        if matches!(discord.key, Key::Given(_)) {
            discord.settings().context("`discord.public_key` or `discord.application_id`")?;
        }
        Ok(Some(discord))
    }

    /// The application as the desk knows it. Reads the file of the simulator, which must have opened.
    pub(crate) fn settings(&self) -> Result<discord::Settings> {
        let key = match &self.key {
            Key::Given(key) => key.clone(),
            Key::OfSimulator(path) => std::fs::read_to_string(path).with_context(|| {
                format!("{} cannot be read: the simulated Discord writes it when it starts", path.display())
            })?,
        };
        Ok(discord::Settings::new(key.trim(), &self.application_id)?)
    }

    /// Why production cannot start with this.
    pub(super) fn problems_in_production(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(url) =
            self.api_url.as_ref().filter(|url| !url.starts_with("https://") || is_simulator(url))
        {
            problems.push(format!("`discord.api_url` is `{url}`, a simulator's or test address"));
        }
        if self.application_id == SANDBOX_APPLICATION_ID {
            problems.push("`discord.application_id` is the sandbox's".into());
        }
        if self.bot_token.expose() == SANDBOX_BOT_TOKEN {
            problems.push("`discord.bot_token` is a sandbox credential".into());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point of the curve that no simulator has made: the base point.
    const KEY: &str = "5866666666666666666666666666666666666666666666666666666666666666";

    fn read(mode: Mode, pairs: &[(&str, &str)]) -> Result<Option<Discord>> {
        let pairs = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Discord::read(&Values::of_environment(pairs)?, mode, Path::new("/data"))
    }

    const ALL: [(&str, &str); 3] = [
        ("LOKET_DISCORD__PUBLIC_KEY", KEY),
        ("LOKET_DISCORD__APPLICATION_ID", "1290000000000000999"),
        ("LOKET_DISCORD__BOT_TOKEN", "hunter2"),
    ];

    #[test]
    fn the_sandbox_has_its_simulator_and_production_only_what_is_configured() {
        let sandbox = read(Mode::Sandbox, &[]).unwrap().unwrap();
        assert_eq!(
            (sandbox.api_url.as_deref(), sandbox.application_id.as_str()),
            (None, SANDBOX_APPLICATION_ID)
        );
        assert_eq!(sandbox.key, Key::OfSimulator("/data/sandbox/discord.pub.hex".into()));
        assert!(read(Mode::Production, &[]).unwrap().is_none());
        for mode in [Mode::Sandbox, Mode::Production] {
            let real = read(mode, &ALL).unwrap().unwrap();
            assert_eq!(real.api_url.as_deref(), Some("https://discord.com"));
            assert_eq!(real.problems_in_production(), Vec::<String>::new());
            assert!(!format!("{real:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_part_of_an_application_names_what_is_missing() {
        for (missing, _) in PARTS.iter().enumerate() {
            let mut pairs = ALL.to_vec();
            let (name, _) = pairs.remove(missing);
            for mode in [Mode::Sandbox, Mode::Production] {
                let error = read(mode, &pairs).unwrap_err().to_string();
                assert!(error.contains(name) && error.contains(PARTS[missing]), "{error}");
            }
        }
        for (change, value) in [(0, "zz"), (1, "12x")] {
            let mut pairs = ALL;
            pairs[change].1 = value;
            assert!(read(Mode::Production, &pairs).is_err(), "{pairs:?}");
        }
    }

    #[test]
    fn only_the_transport_over_http_is_there() {
        assert!(read(Mode::Sandbox, &[("LOKET_DISCORD__TRANSPORT", "http")]).is_ok());
        let error = read(Mode::Sandbox, &[("LOKET_DISCORD__TRANSPORT", "gateway")]).unwrap_err().to_string();
        assert!(error.contains("later version") && error.contains("`http`"), "{error}");
        assert!(read(Mode::Sandbox, &[("LOKET_DISCORD__TRANSPORT", "smoke")]).is_err());
    }

    #[test]
    fn production_refuses_what_belongs_to_the_sandbox() {
        let pairs = [
            ("LOKET_DISCORD__PUBLIC_KEY", KEY),
            ("LOKET_DISCORD__APPLICATION_ID", SANDBOX_APPLICATION_ID),
            ("LOKET_DISCORD__BOT_TOKEN", SANDBOX_BOT_TOKEN),
            ("LOKET_DISCORD__API_URL", "http://127.0.0.1:8080/sandbox/discord"),
        ];
        let problems = read(Mode::Production, &pairs).unwrap().unwrap().problems_in_production();
        assert_eq!(problems.len(), 3, "{problems:?}");
    }
}
