//! The account at Xendit: all of it or none. The sandbox has the simulator's.

use super::{Mode, is_simulator, keys, read::Values};
use sandbox::{XENDIT_CALLBACK_TOKEN, XENDIT_SECRET_KEY};
use vocabulary::Secret;

/// The account at Xendit.
#[derive(Clone, Debug)]
pub(crate) struct Xendit {
    /// `None`: the simulator inside `serve`.
    pub(crate) base_url: Option<String>,
    pub(crate) secret_key: Secret,
    pub(crate) previous_secret_key: Option<Secret>,
    pub(crate) callback_token: Secret,
    pub(crate) previous_callback_token: Option<Secret>,
}

const REQUIRED: [&str; 2] = ["xendit.secret_key", "xendit.callback_token"];
const OPTIONAL: [&str; 3] =
    ["xendit.previous_callback_token", "xendit.previous_secret_key", "xendit.base_url"];
/// The same for tests and for money: the key tells which (`contracts/payments.md` §3.1).
const PRODUCTION_BASE: &str = "https://api.xendit.co";
/// What a key for tests begins with, and what one for money does.
const TEST_KEY: &str = "xnd_development_";
const PRODUCTION_KEY: &str = "xnd_production_";
/// Who guesses the token makes us ask about payments as often as they like.
const TOKEN_CHARACTERS: usize = 16;

impl Xendit {
    /// The account of the configuration; `None` in production when there is none.
    pub(super) fn read(values: &Values, mode: Mode) -> Option<Xendit> {
        let sandbox = mode == Mode::Sandbox;
        if !sandbox && REQUIRED.iter().chain(&OPTIONAL).all(|key| values.get(key).is_none()) {
            return None;
        }
        let secret = |key: &str, in_sandbox: &str| {
            Secret::new(values.get(key).unwrap_or(if sandbox { in_sandbox } else { "" }))
        };
        let base_url = values.get("xendit.base_url").map(|url| url.trim_end_matches('/').to_owned());
        Some(Xendit {
            base_url: base_url.or_else(|| (!sandbox).then(|| PRODUCTION_BASE.to_owned())),
            secret_key: secret("xendit.secret_key", XENDIT_SECRET_KEY),
            previous_secret_key: values.get("xendit.previous_secret_key").map(Secret::new),
            callback_token: secret("xendit.callback_token", XENDIT_CALLBACK_TOKEN),
            previous_callback_token: values.get("xendit.previous_callback_token").map(Secret::new),
        })
    }

    /// What keeps this account from being used in production.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, given) in REQUIRED.iter().zip([&self.secret_key, &self.callback_token]) {
            if given.is_empty() {
                let name = keys::environment_name(key);
                problems.push(format!(
                    "`{key}` is missing (environment: {name}); without any key of `xendit` it is not used"
                ));
            }
        }
        let keys = [
            ("xendit.secret_key", Some(&self.secret_key)),
            ("xendit.previous_secret_key", self.previous_secret_key.as_ref()),
        ];
        for (name, key) in keys {
            let Some(key) = key.map(Secret::expose).filter(|key| !key.is_empty()) else { continue };
            if key.starts_with(TEST_KEY) {
                problems.push(format!("`{name}` is a sandbox credential"));
            } else if !key.starts_with(PRODUCTION_KEY) {
                problems.push(format!(
                    "`{name}` does not begin with `{PRODUCTION_KEY}`, as every secret key for money does"
                ));
            }
        }
        let previous = self.previous_callback_token.as_ref();
        let tokens = [
            ("xendit.callback_token", Some(&self.callback_token)),
            ("xendit.previous_callback_token", previous),
        ];
        for (key, token) in tokens {
            let Some(token) = token.filter(|token| !token.is_empty()) else { continue };
            if token.expose() == XENDIT_CALLBACK_TOKEN {
                problems.push(format!("`{key}` is a sandbox credential"));
            } else if token.expose().chars().count() < TOKEN_CHARACTERS {
                problems.push(format!(
                    "`{key}` is shorter than {TOKEN_CHARACTERS} characters, which can be guessed: take the one of the dashboard"
                ));
            }
        }
        if let Some(url) = self.base_url.as_ref().filter(|u| !u.starts_with("https://") || is_simulator(u)) {
            problems.push(format!("`xendit.base_url` is `{url}`, a simulator's or test address"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, tests::PRODUCTION};
    use super::*;

    const ACCOUNT: [(&str, &str); 2] = [
        ("LOKET_XENDIT__SECRET_KEY", "xnd_production_real"),
        ("LOKET_XENDIT__CALLBACK_TOKEN", "a-token-of-the-dashboard"),
    ];

    fn production(account: &[(&str, &str)]) -> anyhow::Result<Config> {
        super::super::tests::load(&[&PRODUCTION, account].concat())
    }

    #[test]
    fn production_has_the_whole_account_or_none() {
        assert!(production(&[]).unwrap().xendit.is_none());
        let xendit = production(&ACCOUNT).unwrap().xendit.unwrap();
        assert_eq!(xendit.base_url.as_deref(), Some(PRODUCTION_BASE));
        for (missing, _) in ACCOUNT {
            let rest: Vec<_> = ACCOUNT.into_iter().filter(|(name, _)| *name != missing).collect();
            let error = production(&rest).unwrap_err().to_string();
            assert!(error.contains(missing), "without {missing}: {error}");
            assert_eq!(error.matches("is missing").count(), 1, "{error}");
        }
        for key in [
            "LOKET_XENDIT__BASE_URL",
            "LOKET_XENDIT__PREVIOUS_CALLBACK_TOKEN",
            "LOKET_XENDIT__PREVIOUS_SECRET_KEY",
        ] {
            let error = production(&[(key, "https://xendit.example")]).unwrap_err().to_string();
            assert_eq!(error.matches("is missing").count(), 2, "{error}");
        }
    }

    #[test]
    fn production_takes_nothing_of_the_simulator_and_no_key_for_tests() {
        for (change, expected) in [
            (("LOKET_XENDIT__SECRET_KEY", XENDIT_SECRET_KEY), "xendit.secret_key"),
            (("LOKET_XENDIT__SECRET_KEY", "xnd_development_mine"), "xendit.secret_key"),
            (("LOKET_XENDIT__SECRET_KEY", "xnd_public_production_mine"), "does not begin with"),
            (("LOKET_XENDIT__SECRET_KEY", "a-token-of-the-dashboard"), "does not begin with"),
            (("LOKET_XENDIT__PREVIOUS_SECRET_KEY", "xnd_development_mine"), "xendit.previous_secret_key"),
            (("LOKET_XENDIT__PREVIOUS_SECRET_KEY", "a-token-of-the-dashboard"), "does not begin with"),
            (("LOKET_XENDIT__CALLBACK_TOKEN", XENDIT_CALLBACK_TOKEN), "xendit.callback_token"),
            (("LOKET_XENDIT__CALLBACK_TOKEN", "fifteen-letters"), "xendit.callback_token"),
            (("LOKET_XENDIT__PREVIOUS_CALLBACK_TOKEN", XENDIT_CALLBACK_TOKEN), "previous_callback_token"),
            (("LOKET_XENDIT__PREVIOUS_CALLBACK_TOKEN", "short"), "previous_callback_token"),
            (("LOKET_XENDIT__BASE_URL", "http://api.xendit.co"), "xendit.base_url"),
            (("LOKET_XENDIT__BASE_URL", "https://127.0.0.1/sandbox/xendit"), "xendit.base_url"),
            (("LOKET_XENDIT__BASE_URL", "https://u:p@api.xendit.co"), "xendit.base_url"),
            (("LOKET_XENDIT__BASE_URL", "api.xendit.co"), "xendit.base_url"),
        ] {
            let mut account: Vec<_> = ACCOUNT.into_iter().filter(|(name, _)| *name != change.0).collect();
            account.push(change);
            let error = production(&account).unwrap_err().to_string();
            assert!(error.contains(expected), "{change:?}: {error}");
            assert!(!error.contains("xnd_development_mine"), "{error}");
        }
    }

    #[test]
    fn the_sandbox_has_the_simulators_account_and_shows_none_of_its_secrets() {
        let xendit = super::super::tests::load(&[]).unwrap().xendit.unwrap();
        assert_eq!((xendit.base_url.as_ref(), xendit.secret_key.expose()), (None, XENDIT_SECRET_KEY));
        let shown = format!("{:?}", production(&ACCOUNT).unwrap());
        assert!(!shown.contains("xnd_production_real") && !shown.contains("a-token-of"), "{shown}");
    }
}
