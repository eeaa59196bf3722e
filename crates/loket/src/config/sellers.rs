//! Who is not bought from, and which products are tried with one order first.

use super::read::Values;
use anyhow::{Context as _, Result, bail};
use orders::Rules;
use suppliers::RefusedSellers;

const REFUSED: &str = "suppliers.refused_sellers";
const VOUCHED: &str = "suppliers.vouched_codes";
const PROBE: &str = "rules.first_buy_probe";

/// Takes over what is configured.
pub(super) fn read(values: &Values, rules: &mut Rules) -> Result<()> {
    // Names of companies have commas in them.
    let refused = values.get(REFUSED).unwrap_or_default();
    rules.refused_sellers = RefusedSellers::new(refused.split(';'));
    rules.first_buy.probe = match values.get(PROBE) {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => bail!("`{PROBE}` ({}) must be `true` or `false`", values.origin(PROBE)),
    };
    let entries = values.get(VOUCHED).unwrap_or_default().split(',').map(str::trim);
    rules.first_buy.vouched = entries
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let (supplier, code) =
                entry.split_once(char::is_whitespace).with_context(|| wanted(values, entry))?;
            let code = code.trim();
            if code.contains(char::is_whitespace) {
                bail!(wanted(values, entry));
            }
            Ok((supplier.to_owned(), code.to_owned()))
        })
        .collect::<Result<_>>()?;
    Ok(())
}

fn wanted(values: &Values, entry: &str) -> String {
    format!(
        "`{VOUCHED}` ({}): `{entry}` must be like `digiflazz ml86`, with commas between",
        values.origin(VOUCHED)
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    #[test]
    fn sellers_are_refused_by_name_and_codes_vouched_for_and_the_probe_is_on_by_default() {
        let rules = load(&[]).unwrap().rules;
        assert_eq!(rules.refused_sellers, RefusedSellers::default());
        assert!(rules.first_buy.probe && rules.first_buy.vouched.is_empty());
        let rules = load(&[
            ("LOKET_SUPPLIERS__REFUSED_SELLERS", "Toko Curang; PT Maju, Tbk ;"),
            ("LOKET_SUPPLIERS__VOUCHED_CODES", "digiflazz ml86,  vip-reseller  ML14-S14,"),
            ("LOKET_RULES__FIRST_BUY_PROBE", "true"),
        ])
        .unwrap()
        .rules;
        assert_eq!(rules.refused_sellers, RefusedSellers::new(["toko curang", "pt maju, tbk"]));
        assert!(rules.first_buy.wants_probe("digiflazz", "ML14-S14"));
        assert!(!rules.first_buy.wants_probe("digiflazz", "ml86"));
        assert!(!rules.first_buy.wants_probe("vip-reseller", "ML14-S14"));
        let off = load(&[("LOKET_RULES__FIRST_BUY_PROBE", "false")]).unwrap().rules;
        assert!(!off.first_buy.wants_probe("digiflazz", "ml87"));
        for (key, value, named) in [
            ("LOKET_RULES__FIRST_BUY_PROBE", "no", PROBE),
            ("LOKET_SUPPLIERS__VOUCHED_CODES", "ml86", VOUCHED),
            ("LOKET_SUPPLIERS__VOUCHED_CODES", "digiflazz ml86 ml87", VOUCHED),
        ] {
            let error = format!("{:#}", load(&[(key, value)]).unwrap_err());
            assert!(error.contains(named), "{value}: {error}");
        }
    }
}
