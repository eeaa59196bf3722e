//! What the gateways keep of a payment, where it is not what their lists say; and which ways to pay are
//! offered.

use super::read::Values;
use anyhow::{Result, anyhow, ensure};
use orders::Rules;
use vocabulary::{PaymentMethod, Rupiah};

const METHODS: &str = "rules.payment_methods";
const MOST: &str = "rules.most_fee_basis_points";

/// Takes over what is configured.
pub(super) fn read(values: &Values, rules: &mut Rules) -> Result<()> {
    let fees = &mut rules.fees;
    let shares: [(&str, &mut Option<u32>); 4] = [
        ("rules.gopay_fee_basis_points", &mut fees.gopay),
        ("rules.ovo_fee_basis_points", &mut fees.ovo),
        ("rules.dana_fee_basis_points", &mut fees.dana),
        ("rules.qris_fee_basis_points", &mut fees.qris),
    ];
    for (key, share) in shares {
        if let Some(text) = values.get(key) {
            let points =
                text.parse::<u32>().ok().filter(|p| *p <= 2_000).ok_or_else(|| {
                    anyhow!("`{key}` must be a whole number from 0 to 2000 (200 means 2 %)")
                })?;
            *share = Some(points);
        }
    }
    let amounts: [(&str, &mut Option<Rupiah>); 3] = [
        ("rules.va_fee_rupiah", &mut fees.virtual_account),
        ("rules.indomaret_fee_rupiah", &mut fees.indomaret),
        ("rules.alfamart_fee_rupiah", &mut fees.alfamart),
    ];
    for (key, amount) in amounts {
        if let Some(text) = values.get(key) {
            let rupiah = text
                .parse::<i64>()
                .ok()
                .filter(|r| (0..=100_000).contains(r))
                .ok_or_else(|| anyhow!("`{key}` must be a whole number of rupiah from 0 to 100000"))?;
            *amount = Some(Rupiah::new(rupiah));
        }
    }
    if let Some(text) = values.get(MOST) {
        rules.most_fee_basis_points =
            text.parse::<u32>().ok().filter(|p| *p <= 10_000).ok_or_else(|| {
                anyhow!("`{MOST}` must be a whole number from 0 to 10000 (3000 means 30 %)")
            })?;
    }
    if let Some(text) = values.get(METHODS) {
        rules.methods = Some(methods(text)?);
    }
    Ok(())
}

/// Words between commas.
fn methods(text: &str) -> Result<Vec<PaymentMethod>> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let parsed = words.map(|word| {
        word.parse::<PaymentMethod>().map_err(|_| anyhow!("`{METHODS}`: `{word}` is none: {}", known()))
    });
    let methods: Vec<PaymentMethod> = parsed.collect::<Result<_>>()?;
    ensure!(!methods.is_empty(), "`{METHODS}` names none: {}", known());
    Ok(methods)
}

fn known() -> String {
    let words: Vec<&str> = PaymentMethod::ALL.iter().map(|method| method.as_str()).collect();
    format!("they are {}, with commas between them", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    #[test]
    fn what_each_gateway_keeps_is_told_by_method() {
        let rules = load(&[
            ("LOKET_RULES__GOPAY_FEE_BASIS_POINTS", "210"),
            ("LOKET_RULES__OVO_FEE_BASIS_POINTS", "273"),
            ("LOKET_RULES__DANA_FEE_BASIS_POINTS", "0"),
            ("LOKET_RULES__QRIS_FEE_BASIS_POINTS", "63"),
            ("LOKET_RULES__VA_FEE_RUPIAH", "3500"),
            ("LOKET_RULES__INDOMARET_FEE_RUPIAH", "10000"),
            ("LOKET_RULES__ALFAMART_FEE_RUPIAH", "0"),
            ("LOKET_RULES__MOST_FEE_BASIS_POINTS", "1500"),
        ])
        .unwrap()
        .rules;
        let fees = rules.fees;
        assert_eq!((fees.gopay, fees.ovo, fees.dana, fees.qris), (Some(210), Some(273), Some(0), Some(63)));
        let rupiah = |amount: i64| Some(Rupiah::new(amount));
        assert_eq!(
            (fees.virtual_account, fees.indomaret, fees.alfamart),
            (rupiah(3_500), rupiah(10_000), rupiah(0))
        );
        assert_eq!(rules.most_fee_basis_points, 1_500);
        let (given, default) = (load(&[]).unwrap().rules, Rules::default());
        assert_eq!(given.fees, default.fees, "what the lists say");
        assert_eq!((given.methods, given.most_fee_basis_points), (None, default.most_fee_basis_points));
    }

    #[test]
    fn a_fee_that_cannot_be_is_refused_with_what_can() {
        for (key, value, expected) in [
            ("LOKET_RULES__QRIS_FEE_BASIS_POINTS", "2001", "0 to 2000"),
            ("LOKET_RULES__GOPAY_FEE_BASIS_POINTS", "2%", "0 to 2000"),
            ("LOKET_RULES__VA_FEE_RUPIAH", "-1", "0 to 100000"),
            ("LOKET_RULES__VA_FEE_RUPIAH", "4.000", "0 to 100000"),
            ("LOKET_RULES__ALFAMART_FEE_RUPIAH", "100001", "0 to 100000"),
            ("LOKET_RULES__MOST_FEE_BASIS_POINTS", "10001", "0 to 10000"),
        ] {
            let error = load(&[(key, value)]).unwrap_err().to_string();
            assert!(error.contains(expected), "{key}={value}: {error}");
        }
    }

    #[test]
    fn the_ways_to_pay_that_are_offered_are_named_with_commas() {
        let methods = |value| load(&[("LOKET_RULES__PAYMENT_METHODS", value)]).map(|c| c.rules.methods);
        assert_eq!(methods("qris, va_bca,").unwrap(), Some(vec![PaymentMethod::Qris, PaymentMethod::VaBca]));
        for (value, expected) in [("qris, va_mandiri", "va_mandiri"), (",", "names none")] {
            let error = format!("{:#}", methods(value).unwrap_err());
            assert!(error.contains(expected) && error.contains("cstore_alfamart"), "{value}: {error}");
        }
    }
}
