//! What is configured about the check of game accounts: the sources, and how often they may be asked.

use super::{Mode, keys, read::Values};
use anyhow::{Result, anyhow, bail};
use catalog::{
    CustomerTemplate,
    account::Game,
    sources::{apigames, codashop, digiflazz::CheckSku, vip_reseller},
    validation::{Confirm, Settings},
};
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{Rupiah, Secret};

/// The sources that are connected, and the rules.
#[derive(Clone, Debug)]
pub(crate) struct Validation {
    /// `None`: not connected.
    pub(crate) vip_reseller: Option<VipReseller>,
    /// `None`: not connected.
    pub(crate) apigames: Option<Apigames>,
    /// What is bought at Digiflazz to hear a name, by game; none: nothing is.
    pub(crate) digiflazz: BTreeMap<Game, CheckSku>,
    /// What that may cost at most.
    pub(crate) digiflazz_most: Rupiah,
    /// How many questions a day.
    pub(crate) digiflazz_a_day: u32,
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
pub(crate) const SANDBOX_SECRET: &str = "loket-sandbox";

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
            digiflazz: checks(values)?,
            digiflazz_most: most(values)?,
            digiflazz_a_day: a_day(values)?,
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

    /// Why production cannot start with this. What it thinks of a supplier's account its registration says.
    pub(super) fn problems_in_production(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(super::bad_address("codashop.base_url", self.codashop.as_deref()));
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

/// `ML=cekml, FF=cekff={user_id}`: a game, the code in the member area, and how an account becomes its customer
/// number, when it is not `{user_id}{zone_id}` or `{user_id}`.
fn checks(values: &Values) -> Result<BTreeMap<Game, CheckSku>> {
    let key = "digiflazz.check_skus";
    let wrong = |item: &str, why: &str| {
        anyhow!("`{key}` ({}): `{item}` {why}; write `ML=cekml, FF=cekff`", values.origin(key))
    };
    let mut checks = BTreeMap::new();
    let text = values.get(key).unwrap_or_default();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let mut parts = item.splitn(3, '=').map(str::trim);
        let (game, sku, form) = (parts.next(), parts.next(), parts.next());
        let game: Game = game
            .and_then(|game| game.to_ascii_uppercase().parse().ok())
            .ok_or_else(|| wrong(item, "names no game whose accounts are known"))?;
        let sku = sku.filter(|sku| !sku.is_empty()).ok_or_else(|| wrong(item, "has no code"))?;
        let zone = matches!(game, Game::MobileLegends | Game::MagicChess);
        let usual = if zone { "{user_id}{zone_id}" } else { "{user_id}" };
        let form = form.unwrap_or(usual).parse().map_err(|error| anyhow!("`{key}`: `{item}`: {error}"))?;
        if checks.insert(game, CheckSku { sku: sku.to_owned(), form }).is_some() {
            return Err(wrong(item, "names a game twice"));
        }
    }
    Ok(checks)
}

/// Seen were Rp 5 to 83 (`contracts/suppliers.md` §1.7): whoever enters the code of another product buys nothing.
fn most(values: &Values) -> Result<Rupiah> {
    let key = "digiflazz.check_most_rupiah";
    let text = values.get(key).unwrap_or("100");
    let amount = text.parse().ok().filter(|amount| (1..=1_000).contains(amount));
    amount.map(Rupiah::new).ok_or_else(|| {
        anyhow!("`{key}` ({}) must be a whole number of rupiah from 1 to 1000", values.origin(key))
    })
}

fn a_day(values: &Values) -> Result<u32> {
    let key = "digiflazz.checks_per_day";
    let text = values.get(key).unwrap_or("500");
    text.parse()
        .ok()
        .filter(|count| *count <= 1_000_000)
        .ok_or_else(|| anyhow!("`{key}` ({}) must be a whole number from 0 to 1000000", values.origin(key)))
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
    fn names_are_bought_of_digiflazz_only_where_the_owner_names_what() {
        let checks = |value| read(Mode::Production, &[("LOKET_DIGIFLAZZ__CHECK_SKUS", value)]);
        assert!(read(Mode::Sandbox, &[]).unwrap().digiflazz.is_empty(), "it costs money");
        let told = checks("ml=cekml, FF = cekff ,MCGG=cekmc={user_id}-{zone_id},").unwrap();
        let form = |game| told.digiflazz.get(&game).map(|check| check.form.to_string());
        assert_eq!(told.digiflazz[&Game::MobileLegends].sku, "cekml");
        assert_eq!(form(Game::MobileLegends).as_deref(), Some("{user_id}{zone_id}"));
        assert_eq!(form(Game::FreeFire).as_deref(), Some("{user_id}"));
        assert_eq!(form(Game::MagicChess).as_deref(), Some("{user_id}-{zone_id}"));
        assert_eq!((told.digiflazz_most, told.digiflazz_a_day), (Rupiah::new(100), 500));
        for (value, expected) in [
            ("CHESS=cek", "no game"),
            ("ML", "no code"),
            ("ML=", "no code"),
            ("ML=a, ML=b", "twice"),
            ("ML=a={zone_id}", "user_id"),
        ] {
            let error = checks(value).unwrap_err().to_string();
            assert!(error.contains("digiflazz.check_skus") && error.contains(expected), "{value}: {error}");
        }
        let error = read(Mode::Production, &[("LOKET_DIGIFLAZZ__CHECK_MOST_RUPIAH", "1001")]).unwrap_err();
        assert!(error.to_string().contains("check_most_rupiah"), "{error}");
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
}
