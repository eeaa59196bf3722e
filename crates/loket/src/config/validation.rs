//! What is configured about the check of game accounts: the sources, and how often they may be asked.

use super::{Mode, is_simulator, keys, read::Values};
use anyhow::{Result, anyhow, bail};
use catalog::{
    CustomerTemplate,
    sources::{apigames, codashop, vip_reseller},
    validation::{Confirm, Settings},
};
use std::collections::BTreeSet;
use vocabulary::Secret;

/// The sources that are connected, and the rules.
#[derive(Clone, Debug)]
pub(crate) struct Validation {
    /// `None`: not connected.
    pub(crate) vip_reseller: Option<VipReseller>,
    /// `None`: not connected.
    pub(crate) apigames: Option<Apigames>,
    /// Address of the unofficial probe; `None`: switched off.
    pub(crate) codashop: Option<String>,
    pub(crate) settings: Settings,
}

/// The account at VIP Reseller.
#[derive(Clone, Debug)]
pub(crate) struct VipReseller {
    /// `None`: the simulator inside `serve`.
    pub(crate) base_url: Option<String>,
    pub(crate) api_id: String,
    pub(crate) api_key: Secret,
    pub(crate) servers_proven: bool,
}

/// The account at Apigames.
#[derive(Clone, Debug)]
pub(crate) struct Apigames {
    /// `None`: the simulator inside `serve`.
    pub(crate) base_url: Option<String>,
    pub(crate) merchant_id: String,
    pub(crate) secret: Secret,
    pub(crate) signature: apigames::Signature,
    pub(crate) mobile_legends: CustomerTemplate,
    pub(crate) mobile_legends_proven: bool,
}

/// What the simulators of both take.
const SANDBOX_ID: &str = "loket";
const SANDBOX_SECRET: &str = "loket-sandbox";

impl Validation {
    pub(super) fn read(values: &Values, mode: Mode) -> Result<Validation> {
        let vip = account(values, mode, ["vip_reseller.api_id", "vip_reseller.api_key"])?;
        let apigames = account(values, mode, ["apigames.merchant_id", "apigames.secret"])?;
        let form = values.get("apigames.mobile_legends_format");
        let validation = Validation {
            vip_reseller: vip.map(|(api_id, api_key)| VipReseller {
                base_url: base(values, mode, "vip_reseller.base_url", vip_reseller::BASE_URL),
                api_id,
                api_key,
                // The simulator is made to our form; what the real one wants is seen when it finds somebody.
                servers_proven: mode == Mode::Sandbox,
            }),
            apigames: match apigames {
                None => None,
                Some((merchant_id, secret)) => Some(Apigames {
                    base_url: base(values, mode, "apigames.base_url", apigames::BASE_URL),
                    merchant_id,
                    secret,
                    signature: match values.get("apigames.signature") {
                        None => apigames::Signature::Concatenated,
                        Some(text) => text.parse().map_err(|_| {
                            anyhow!(
                                "`apigames.signature` ({}) must be `concatenated` or `colon`",
                                values.origin("apigames.signature")
                            )
                        })?,
                    },
                    mobile_legends: form.unwrap_or("{user_id}{zone_id}").parse().map_err(|error| {
                        anyhow!(
                            "`apigames.mobile_legends_format` ({}): {error}",
                            values.origin("apigames.mobile_legends_format")
                        )
                    })?,
                    // The simulator is made to this form; an owner who names it has tried it.
                    mobile_legends_proven: form.is_some() || mode == Mode::Sandbox,
                }),
            },
            codashop: probe(values, mode)?,
            settings: settings(values)?,
        };
        Ok(validation)
    }

    /// Addresses that are configured, by their keys.
    pub(super) fn addresses(&self) -> [(&'static str, Option<&String>); 3] {
        [
            ("vip_reseller.base_url", self.vip_reseller.as_ref().and_then(|vip| vip.base_url.as_ref())),
            ("apigames.base_url", self.apigames.as_ref().and_then(|apigames| apigames.base_url.as_ref())),
            ("codashop.base_url", self.codashop.as_ref()),
        ]
    }

    /// Why production cannot start with this.
    pub(super) fn problems_in_production(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let secrets = [
            ("vip_reseller.api_key", self.vip_reseller.as_ref().map(|vip| &vip.api_key)),
            ("apigames.secret", self.apigames.as_ref().map(|apigames| &apigames.secret)),
        ];
        for (key, secret) in secrets {
            if secret.is_some_and(|secret| secret.expose() == SANDBOX_SECRET) {
                problems.push(format!("`{key}` is a sandbox credential"));
            }
        }
        for (key, address) in self.addresses() {
            if let Some(url) = address.filter(|url| !url.starts_with("https://") || is_simulator(url)) {
                problems.push(format!("`{key}` is `{url}`, a simulator's or test address"));
            }
        }
        problems
    }
}

/// A name and its secret. In the sandbox those of the simulators; otherwise both or none.
fn account(values: &Values, mode: Mode, [id, secret]: [&str; 2]) -> Result<Option<(String, Secret)>> {
    let sandbox = |known: &'static str| (mode == Mode::Sandbox).then_some(known);
    match (values.get(id).or(sandbox(SANDBOX_ID)), values.get(secret).or(sandbox(SANDBOX_SECRET))) {
        (Some(id), Some(secret)) => Ok(Some((id.to_owned(), Secret::new(secret)))),
        (None, None) => Ok(None),
        (given, _) => {
            let (there, missing) = if given.is_some() { (id, secret) } else { (secret, id) };
            bail!(
                "`{there}` is set and `{missing}` is missing (environment: {})",
                keys::environment_name(missing)
            )
        }
    }
}

fn base(values: &Values, mode: Mode, key: &str, in_production: &str) -> Option<String> {
    let given = values.get(key).map(|url| url.trim_end_matches('/').to_owned());
    given.or_else(|| (mode == Mode::Production).then(|| in_production.to_owned()))
}

/// Where the unofficial probe asks: nowhere, unless it is switched on. The sandbox never asks the real
/// site.
fn probe(values: &Values, mode: Mode) -> Result<Option<String>> {
    let key = "validation.unofficial_probes";
    let on = match values.get(key) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => bail!("`{key}` ({}) must be `true` or `false`", values.origin(key)),
    };
    if !on {
        return Ok(None);
    }
    let url = base(values, mode, "codashop.base_url", codashop::BASE_URL);
    match url.filter(|url| mode == Mode::Production || !url.to_ascii_lowercase().contains("codashop.com")) {
        Some(url) => Ok(Some(url)),
        None => bail!(
            "`{key}` is on in sandbox mode, which never asks the real site: name a stand-in with `codashop.base_url`, or switch it off"
        ),
    }
}

fn settings(values: &Values) -> Result<Settings> {
    let mut settings = Settings::default();
    let numbers = [
        ("validation.per_asker_per_minute", &mut settings.per_asker_per_minute),
        ("validation.per_group_per_minute", &mut settings.per_group_per_minute),
    ];
    for (key, number) in numbers {
        if let Some(text) = values.get(key) {
            *number = text.parse().ok().filter(|n| *n <= 100_000).ok_or_else(|| {
                anyhow!("`{key}` ({}) must be a whole number from 0 (no limit) to 100000", values.origin(key))
            })?;
        }
    }
    let key = "validation.confirm_unvalidated";
    settings.confirm = match values.get(key) {
        None | Some("true" | "all") => Confirm::Always,
        Some("false" | "none") => Confirm::Never,
        Some(list) => {
            let codes: Result<BTreeSet<_>, _> = list.split(',').map(|code| code.trim().parse()).collect();
            Confirm::Only(codes.map_err(|error| {
                anyhow!(
                    "`{key}` ({}) must be `true`, `false` or game codes with commas between: {error}",
                    values.origin(key)
                )
            })?)
        }
    };
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mode: Mode, pairs: &[(&str, &str)]) -> Result<Validation> {
        let pairs = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Validation::read(&Values::of_environment(pairs)?, mode)
    }

    #[test]
    fn the_sandbox_has_its_simulators_and_production_only_what_is_configured() {
        let sandbox = read(Mode::Sandbox, &[]).unwrap();
        let vip = sandbox.vip_reseller.as_ref().unwrap();
        assert_eq!((vip.base_url.as_deref(), vip.api_id.as_str()), (None, "loket"));
        assert!(vip.servers_proven);
        assert!(sandbox.apigames.as_ref().unwrap().mobile_legends_proven);
        assert_eq!(sandbox.codashop, None);

        let production = read(Mode::Production, &[]).unwrap();
        assert!(
            production.vip_reseller.is_none()
                && production.apigames.is_none()
                && production.codashop.is_none()
        );
        let production = read(
            Mode::Production,
            &[
                ("LOKET_VIP_RESELLER__API_ID", "1"),
                ("LOKET_VIP_RESELLER__API_KEY", "k"),
                ("LOKET_APIGAMES__MERCHANT_ID", "M1"),
                ("LOKET_APIGAMES__SECRET", "s"),
                ("LOKET_APIGAMES__SIGNATURE", "colon"),
            ],
        )
        .unwrap();
        let vip = production.vip_reseller.as_ref().unwrap();
        assert_eq!(vip.base_url.as_deref(), Some(vip_reseller::BASE_URL));
        assert!(!vip.servers_proven);
        let apigames = production.apigames.as_ref().unwrap();
        assert_eq!(apigames.signature, apigames::Signature::Colon);
        assert!(!apigames.mobile_legends_proven);
        assert!(production.problems_in_production().is_empty());
    }

    #[test]
    fn half_an_account_and_values_out_of_bounds_name_their_key() {
        for (mode, pairs, expected) in [
            (Mode::Production, [("LOKET_VIP_RESELLER__API_ID", "1")], "vip_reseller.api_key"),
            (Mode::Production, [("LOKET_APIGAMES__SECRET", "s")], "apigames.merchant_id"),
            (Mode::Sandbox, [("LOKET_APIGAMES__SIGNATURE", "sha")], "apigames.signature"),
            (Mode::Sandbox, [("LOKET_APIGAMES__MOBILE_LEGENDS_FORMAT", "{uid}")], "mobile_legends_format"),
            (Mode::Sandbox, [("LOKET_VALIDATION__PER_ASKER_PER_MINUTE", "-1")], "per_asker_per_minute"),
            (Mode::Sandbox, [("LOKET_VALIDATION__CONFIRM_UNVALIDATED", "M L")], "confirm_unvalidated"),
            (Mode::Sandbox, [("LOKET_VALIDATION__UNOFFICIAL_PROBES", "yes")], "unofficial_probes"),
        ] {
            let error = read(mode, &pairs).unwrap_err().to_string();
            assert!(error.contains(expected), "{pairs:?}: {error}");
        }
    }

    #[test]
    fn the_unofficial_probe_is_off_until_switched_on_and_never_real_in_the_sandbox() {
        let on = ("LOKET_VALIDATION__UNOFFICIAL_PROBES", "true");
        assert!(read(Mode::Sandbox, &[on]).is_err());
        assert!(
            read(Mode::Sandbox, &[on, ("LOKET_CODASHOP__BASE_URL", "https://order-sg.Codashop.com")])
                .is_err()
        );
        let stand_in =
            read(Mode::Sandbox, &[on, ("LOKET_CODASHOP__BASE_URL", "http://127.0.0.1:9/")]).unwrap();
        assert_eq!(stand_in.codashop.as_deref(), Some("http://127.0.0.1:9"));
        assert_eq!(read(Mode::Production, &[on]).unwrap().codashop.as_deref(), Some(codashop::BASE_URL));
        assert_eq!(read(Mode::Production, &[(on.0, "false")]).unwrap().codashop, None);
    }

    #[test]
    fn an_owner_says_for_which_games_a_second_confirmation_is_needed() {
        let confirm = |value| {
            read(Mode::Sandbox, &[("LOKET_VALIDATION__CONFIRM_UNVALIDATED", value)]).unwrap().settings.confirm
        };
        assert_eq!(confirm("true"), Confirm::Always);
        assert_eq!(confirm("false"), Confirm::Never);
        assert_eq!(confirm("ml, HOK"), Confirm::Only(["ML", "HOK"].map(|code| code.parse().unwrap()).into()));
    }

    #[test]
    fn production_refuses_what_belongs_to_the_sandbox() {
        let pairs = [
            ("LOKET_VIP_RESELLER__API_ID", "loket"),
            ("LOKET_VIP_RESELLER__API_KEY", "loket-sandbox"),
            ("LOKET_VIP_RESELLER__BASE_URL", "http://127.0.0.1:8080/sandbox/vip-reseller/api"),
        ];
        let problems = read(Mode::Production, &pairs).unwrap().problems_in_production();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
