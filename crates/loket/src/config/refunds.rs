//! How refunds are made, and what one person may give away alone.

use super::read::Values;
use anyhow::{Result, anyhow};
use orders::{RefundRules, RefundTarget, Rules};
use vocabulary::Rupiah;

const SECOND_PERSON: &str = "refunds.second_person_above";
const ODD: &str = "rules.odd_second_person_above_rupiah";
const AUTOMATIC: &str = "refunds.automatic";

/// What one person alone may let be missing of an amount that they take as paid.
pub(super) fn read_odd(values: &Values, rules: &mut Rules) -> Result<()> {
    if let Some(text) = values.get(ODD) {
        let rupiah = text.parse::<i64>().ok().filter(|r| *r >= 0).ok_or_else(|| {
            anyhow!("`{ODD}` must be a whole number of rupiah (0 means that whatever is short needs a second person)")
        })?;
        rules.odd_second_person_above = Rupiah::new(rupiah);
    }
    Ok(())
}

/// Takes over what is configured.
pub(super) fn read(values: &Values, rules: &mut RefundRules) -> Result<()> {
    if let Some(text) = values.get(SECOND_PERSON) {
        let rupiah = text.parse::<i64>().ok().filter(|r| *r >= 0).ok_or_else(|| {
            anyhow!("`{SECOND_PERSON}` must be a whole number of rupiah (0 means that every refund needs a second person)")
        })?;
        rules.second_person_above = Rupiah::new(rupiah);
    }
    if let Some(text) = values.get(AUTOMATIC) {
        rules.automatic = text.trim().parse::<RefundTarget>().map_err(|_| {
            anyhow!(
                "`{AUTOMATIC}` must be `source` (to where it came from, if it can go there) or `wallet` (store credit at once)"
            )
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    #[test]
    fn where_refunds_go_and_when_they_need_two_people_is_configured() {
        let default = load(&[]).unwrap().rules.refunds;
        assert_eq!((default, default.automatic), (RefundRules::default(), RefundTarget::Source));
        let rules =
            load(&[("LOKET_REFUNDS__SECOND_PERSON_ABOVE", "0"), ("LOKET_REFUNDS__AUTOMATIC", "wallet")])
                .unwrap()
                .rules
                .refunds;
        assert_eq!((rules.second_person_above, rules.automatic), (Rupiah::ZERO, RefundTarget::Wallet));
        let rules = load(&[("LOKET_REFUNDS__AUTOMATIC", "source")]).unwrap().rules.refunds;
        assert_eq!(rules.automatic, RefundTarget::Source);
        let rules = load(&[("LOKET_RULES__ODD_SECOND_PERSON_ABOVE_RUPIAH", "0")]).unwrap().rules;
        assert_eq!(rules.odd_second_person_above, Rupiah::ZERO);
        for (key, value, named) in [
            ("LOKET_RULES__ODD_SECOND_PERSON_ABOVE_RUPIAH", "-1", ODD),
            ("LOKET_RULES__ODD_SECOND_PERSON_ABOVE_RUPIAH", "much", ODD),
            ("LOKET_REFUNDS__SECOND_PERSON_ABOVE", "-1", SECOND_PERSON),
            ("LOKET_REFUNDS__SECOND_PERSON_ABOVE", "Rp 5", SECOND_PERSON),
            ("LOKET_REFUNDS__AUTOMATIC", "bank", AUTOMATIC),
        ] {
            let error = load(&[(key, value)]).err().unwrap().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
