//! The account at DANA: all of it or none. The sandbox has the simulator's.

use super::{Mode, is_simulator, keys, read::Values};
use sandbox::{DANA_MERCHANT_ID, DANA_PARTNER_ID, DANA_STORE_ID};
use std::path::{Component, Path, PathBuf};

/// The account at DANA.
#[derive(Clone, Debug)]
pub(crate) struct Dana {
    /// `None`: the simulator inside `serve`.
    pub(crate) base_url: Option<String>,
    pub(crate) partner_id: String,
    pub(crate) merchant_id: String,
    pub(crate) store_id: String,
    pub(crate) private_key_file: PathBuf,
    pub(crate) gateway_public_key_file: PathBuf,
    pub(crate) previous_gateway_public_key_file: Option<PathBuf>,
    pub(crate) previous_private_key_file: Option<PathBuf>,
}

const REQUIRED: [&str; 5] = [
    "dana.partner_id",
    "dana.merchant_id",
    "dana.store_id",
    "dana.private_key_file",
    "dana.gateway_public_key_file",
];
const OPTIONAL: [&str; 3] =
    ["dana.previous_gateway_public_key_file", "dana.previous_private_key_file", "dana.base_url"];
/// What is in force when nothing else is said.
const PRODUCTION_BASE: &str = "https://api.saas.dana.id";

impl Dana {
    /// The account of the configuration; `None` in production when there is none.
    pub(super) fn read(values: &Values, mode: Mode, data_dir: &Path) -> Option<Dana> {
        let sandbox = mode == Mode::Sandbox;
        if !sandbox && REQUIRED.iter().chain(&OPTIONAL).all(|key| values.get(key).is_none()) {
            return None;
        }
        let text = |key: &str, in_sandbox: &str| {
            values.get(key).unwrap_or(if sandbox { in_sandbox } else { "" }).to_owned()
        };
        let file = |key: &str, in_sandbox: &str| match values.get(key) {
            Some(path) => PathBuf::from(path),
            None if sandbox => folder_of_simulators(data_dir).join(in_sandbox),
            None => PathBuf::new(),
        };
        let base_url = values.get("dana.base_url").map(|url| url.trim_end_matches('/').to_owned());
        Some(Dana {
            base_url: base_url.or_else(|| (!sandbox).then(|| PRODUCTION_BASE.to_owned())),
            partner_id: text("dana.partner_id", DANA_PARTNER_ID),
            merchant_id: text("dana.merchant_id", DANA_MERCHANT_ID),
            store_id: text("dana.store_id", DANA_STORE_ID),
            private_key_file: file("dana.private_key_file", "dana-merchant.key.pem"),
            gateway_public_key_file: file("dana.gateway_public_key_file", "dana-gateway.pub.pem"),
            previous_gateway_public_key_file: values
                .get("dana.previous_gateway_public_key_file")
                .map(PathBuf::from),
            previous_private_key_file: values.get("dana.previous_private_key_file").map(PathBuf::from),
        })
    }

    /// What keeps this account from being used in production.
    pub(super) fn problems(&self, data_dir: &Path) -> Vec<String> {
        let mut problems = Vec::new();
        let files = [&self.private_key_file, &self.gateway_public_key_file];
        let [private, public] = files.map(|file| file.display().to_string());
        let given = [&self.partner_id, &self.merchant_id, &self.store_id, &private, &public];
        let of_sandbox = [DANA_PARTNER_ID, DANA_MERCHANT_ID, DANA_STORE_ID];
        for (place, (key, value)) in REQUIRED.iter().zip(given).enumerate() {
            if value.is_empty() {
                let name = keys::environment_name(key);
                problems.push(format!(
                    "`{key}` is missing (environment: {name}); without any key of `dana` its methods are not offered"
                ));
            } else if of_sandbox.get(place).is_some_and(|theirs| value.eq_ignore_ascii_case(theirs)) {
                problems.push(format!("`{key}` is a sandbox credential"));
            }
        }
        let keys_of_simulator = folder_of_simulators(data_dir);
        let previous = self.previous_gateway_public_key_file.iter().chain(&self.previous_private_key_file);
        if files.into_iter().chain(previous).any(|file| is_of_simulator(file, &keys_of_simulator)) {
            problems.push(format!("`dana` has keys of the simulator, in {}", keys_of_simulator.display()));
        }
        if let Some(url) =
            self.base_url.as_ref().filter(|url| !url.starts_with("https://") || is_simulator(url))
        {
            problems.push(format!("`dana.base_url` is `{url}`, a simulator's or test address"));
        }
        problems
    }

    /// Whether both keys are the simulator's own and not made yet: it is not running here.
    pub(crate) fn waits_for_simulator(&self, data_dir: &Path) -> bool {
        let folder = folder_of_simulators(data_dir);
        let files = [&self.private_key_file, &self.gateway_public_key_file];
        files.iter().all(|file| file.starts_with(&folder) && !file.exists())
    }
}

/// Whether a key file is the simulator's, however its path is spelled: behind `..` or a link, or a copy elsewhere.
fn is_of_simulator(file: &Path, folder: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    let is_there = plain(file).starts_with(plain(folder))
        || real(file).zip(real(folder)).is_some_and(|(file, folder)| file.starts_with(folder));
    is_there || is_copy(file, folder)
}

/// The path without `.` and `..`, from the root.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// Whether it holds the same key as one of the simulator's own files.
fn is_copy(file: &Path, folder: &Path) -> bool {
    let key = |path: &Path| -> Option<String> {
        let text = std::fs::read_to_string(path).ok()?;
        Some(text.split_whitespace().collect()).filter(|key: &String| !key.is_empty())
    };
    let (Some(given), Ok(theirs)) = (key(file), std::fs::read_dir(folder)) else { return false };
    theirs.flatten().any(|entry| {
        let path = entry.path();
        path.extension().is_some_and(|ending| ending == "pem") && key(&path).is_some_and(|own| own == given)
    })
}

fn folder_of_simulators(data_dir: &Path) -> PathBuf {
    data_dir.join("sandbox")
}

#[cfg(test)]
mod tests {
    use super::super::{Config, tests::PRODUCTION};
    use super::*;

    const ACCOUNT: [(&str, &str); 5] = [
        ("LOKET_DANA__PARTNER_ID", "2026112200000000000001"),
        ("LOKET_DANA__MERCHANT_ID", "216620000220693657669"),
        ("LOKET_DANA__STORE_ID", "STORE-01"),
        ("LOKET_DANA__PRIVATE_KEY_FILE", "/etc/loket/dana.key.pem"),
        ("LOKET_DANA__GATEWAY_PUBLIC_KEY_FILE", "/etc/loket/dana.pub.pem"),
    ];

    fn production(account: &[(&str, &str)]) -> anyhow::Result<Config> {
        super::super::tests::load(&[&PRODUCTION, account].concat())
    }

    #[test]
    fn production_has_the_whole_account_or_none() {
        assert!(production(&[]).unwrap().dana.is_none());
        let dana = production(&ACCOUNT).unwrap().dana.unwrap();
        assert_eq!(dana.base_url.as_deref(), Some(PRODUCTION_BASE));
        assert_eq!(dana.private_key_file, Path::new("/etc/loket/dana.key.pem"));
        for (missing, _) in ACCOUNT {
            let rest: Vec<_> = ACCOUNT.into_iter().filter(|(name, _)| *name != missing).collect();
            let error = production(&rest).unwrap_err().to_string();
            assert!(error.contains(missing), "without {missing}: {error}");
            assert_eq!(error.matches("is missing").count(), 1, "{error}");
        }
        for key in [
            "LOKET_DANA__BASE_URL",
            "LOKET_DANA__PREVIOUS_GATEWAY_PUBLIC_KEY_FILE",
            "LOKET_DANA__PREVIOUS_PRIVATE_KEY_FILE",
        ] {
            let error = production(&[(key, "https://dana.example")]).unwrap_err().to_string();
            assert_eq!(error.matches("is missing").count(), 5, "{error}");
        }
    }

    #[test]
    fn production_takes_nothing_of_the_simulator() {
        for (change, expected) in [
            (("LOKET_DANA__PARTNER_ID", DANA_PARTNER_ID), "dana.partner_id"),
            (("LOKET_DANA__MERCHANT_ID", DANA_MERCHANT_ID), "dana.merchant_id"),
            (("LOKET_DANA__STORE_ID", DANA_STORE_ID), "dana.store_id"),
            (
                ("LOKET_DANA__PRIVATE_KEY_FILE", "./loket-data/sandbox/dana-merchant.key.pem"),
                "keys of the simulator",
            ),
            (
                ("LOKET_DANA__PREVIOUS_GATEWAY_PUBLIC_KEY_FILE", "./loket-data/sandbox/x"),
                "keys of the simulator",
            ),
            (("LOKET_DANA__PREVIOUS_PRIVATE_KEY_FILE", "./loket-data/sandbox/x"), "keys of the simulator"),
            (
                ("LOKET_DANA__PRIVATE_KEY_FILE", "loket-data/x/../sandbox/dana-merchant.key.pem"),
                "keys of the simulator",
            ),
            (("LOKET_DANA__BASE_URL", "https://api.sandbox.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://API.Sandbox.DANA.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://api.sandbox.dana.id."), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://api.sandbox.dana.id:443"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://api.sandbox.dana.id./"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://api.saas.dana.id@api.sandbox.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://api.saas.dana.id\\@x"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://api.s%61ndbox.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "http://api.sandbox.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "HTTP://api.saas.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://pay.example/SandBox/dana"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "http://api.saas.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://127.0.0.1/sandbox/dana"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "https://u:p@api.saas.dana.id"), "dana.base_url"),
            (("LOKET_DANA__BASE_URL", "api.saas.dana.id"), "dana.base_url"),
        ] {
            let mut account: Vec<_> = ACCOUNT.into_iter().filter(|(name, _)| *name != change.0).collect();
            account.push(change);
            let error = production(&account).unwrap_err().to_string();
            assert!(error.contains(expected), "{change:?}: {error}");
        }
    }

    #[test]
    fn a_key_of_the_simulators_is_refused_behind_a_link_and_as_a_copy() {
        let folder = testkit::TempFolder::new("dana-copy");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sandbox")).unwrap();
        std::fs::write(at("sandbox/dana-merchant.key.pem"), "-----BEGIN-----\nAAAA\n-----END-----\n")
            .unwrap();
        std::fs::write(at("copy.pem"), "-----BEGIN-----\r\nAAAA\r\n-----END-----").unwrap();
        std::fs::write(at("own.pem"), "-----BEGIN-----\nBBBB\n-----END-----\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("sandbox"), at("keys")).unwrap();
        for (file, is_refused) in [
            ("copy.pem", true),
            ("keys/dana-merchant.key.pem", true),
            ("own.pem", false),
            ("none.pem", false),
        ] {
            let file = at(file);
            let mut account: Vec<_> =
                ACCOUNT.into_iter().filter(|(name, _)| *name != "LOKET_DANA__PRIVATE_KEY_FILE").collect();
            account.push(("LOKET_DANA__PRIVATE_KEY_FILE", file.to_str().unwrap()));
            account.push(("LOKET_DATA_DIR", folder.path().to_str().unwrap()));
            let error = production(&account).err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(error.contains("keys of the simulator"), is_refused, "{}: {error}", file.display());
        }
    }

    #[test]
    fn the_sandbox_has_the_simulators_account_and_waits_for_its_keys() {
        let folder = testkit::TempFolder::new("dana");
        let data_dir = folder.path().to_str().unwrap();
        let config = super::super::tests::load(&[("LOKET_DATA_DIR", data_dir)]).unwrap();
        let dana = config.dana.unwrap();
        assert_eq!((dana.base_url.as_ref(), dana.merchant_id.as_str()), (None, DANA_MERCHANT_ID));
        assert!(dana.waits_for_simulator(folder.path()));
        std::fs::create_dir(folder.path().join("sandbox")).unwrap();
        for file in ["dana-merchant.key.pem", "dana-gateway.pub.pem"] {
            std::fs::write(folder.path().join("sandbox").join(file), "x").unwrap();
        }
        assert!(!dana.waits_for_simulator(folder.path()));
        let own = super::super::tests::load(&[("LOKET_DANA__PRIVATE_KEY_FILE", "/nonexistent")]).unwrap();
        assert!(
            !own.dana.unwrap().waits_for_simulator(folder.path()),
            "a file that is asked for must be there"
        );
    }
}
