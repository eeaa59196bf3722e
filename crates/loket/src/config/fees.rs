//! What the gateways keep of a payment, where it is not what their lists say; and which ways to pay are
//! offered.

use super::read::Values;
use crate::gateways;
use anyhow::{Context as _, Result, anyhow, ensure};
use orders::{FeeAboveMargin, Rules};
use payments::Fee;
use vocabulary::{PaymentMethod, Rupiah};

const METHODS: &str = "rules.payment_methods";
const FEES: &str = "rules.fees";
const DEPOSIT_LEAST: &str = "rules.wallet_deposit_least_rupiah";
const DEPOSIT_MOST: &str = "rules.wallet_deposit_most_rupiah";
/// What any way to pay carries.
const MOST_DEPOSIT: i64 = 100_000_000;
const MOST: &str = "rules.most_fee_basis_points";
const ABOVE_MARGIN: &str = "rules.fee_above_margin";

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
    let deposits = [
        (DEPOSIT_LEAST, &mut rules.wallet_deposit_least, 1),
        (DEPOSIT_MOST, &mut rules.wallet_deposit_most, 0),
    ];
    for (key, bound, least) in deposits {
        if let Some(text) = values.get(key) {
            let rupiah = text.parse::<i64>().ok().filter(|r| (least..=MOST_DEPOSIT).contains(r));
            *bound = Rupiah::new(rupiah.with_context(|| {
                format!("`{key}` must be a whole number of rupiah from {least} to {MOST_DEPOSIT}")
            })?);
        }
    }
    ensure!(
        !rules.wallet_deposit_most.is_positive() || rules.wallet_deposit_least <= rules.wallet_deposit_most,
        "`{DEPOSIT_LEAST}` is more than `{DEPOSIT_MOST}`"
    );
    if let Some(text) = values.get(FEES) {
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (rail, fee) = agreed(entry).with_context(|| {
                format!("`{FEES}`: `{entry}` must be like `midtrans.va_bca=4440`, `dana.dana_qr=1.5%` or `dana.qris=0.7%+500`")
            })?;
            ensure!(rules.fees.by_rail.insert(rail, fee).is_none(), "`{FEES}` names `{entry}` twice");
        }
    }
    if let Some(text) = values.get(MOST) {
        rules.most_fee_basis_points =
            text.parse::<u32>().ok().filter(|p| *p <= 10_000).ok_or_else(|| {
                anyhow!("`{MOST}` must be a whole number from 0 to 10000 (3000 means 30 %)")
            })?;
    }
    if let Some(text) = values.get(ABOVE_MARGIN) {
        rules.fee_above_margin = text.trim().parse::<FeeAboveMargin>().map_err(|_| {
            anyhow!(
                "`{ABOVE_MARGIN}` must be `refuse` (what costs more than a sale leaves is not offered) or `allow`"
            )
        })?;
    }
    if let Some(text) = values.get(METHODS) {
        rules.methods = Some(methods(text)?);
    }
    Ok(())
}

/// What was agreed with one gateway for one method, the tax included: a share of up to two decimals, an amount in
/// rupiah, or both.
fn agreed(entry: &str) -> Result<((String, PaymentMethod), Fee)> {
    let (rail, fee) = entry.split_once('=').context("there is no `=`")?;
    let (gateway, method) = rail.trim().split_once('.').context("there is no `.`")?;
    let names: Vec<&str> = gateways::ALL.iter().map(|registration| registration.name).collect();
    ensure!(names.contains(&gateway), "there is no gateway `{gateway}`; there are {}", names.join(", "));
    let method: PaymentMethod = method.parse().map_err(|_| anyhow!("there is no method `{method}`"))?;
    let mut agreed = Fee::NONE;
    for part in fee.split('+').map(str::trim) {
        match part.strip_suffix('%') {
            Some(share) => {
                agreed.basis_points = basis_points(share.trim()).context("a share is 0 to 20 %")?
            }
            None => {
                let rupiah = part.parse::<i64>().ok().filter(|r| (0..=100_000).contains(r));
                agreed.flat = Rupiah::new(rupiah.context("an amount is a whole number from 0 to 100000")?);
            }
        }
    }
    Ok(((gateway.to_owned(), method), agreed))
}

/// `1.5` percent in basis points.
fn basis_points(percent: &str) -> Option<u32> {
    let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || part.len() > 2 {
        return None;
    }
    let hundredths: u32 = format!("{part:0<2}").parse().ok()?;
    let points = whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(hundredths)?;
    (points <= 2_000).then_some(points)
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
        assert_eq!(given.fee_above_margin, FeeAboveMargin::Refuse);
        let allowed = load(&[("LOKET_RULES__FEE_ABOVE_MARGIN", "allow")]).unwrap().rules;
        assert_eq!(allowed.fee_above_margin, FeeAboveMargin::Allow);
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
            ("LOKET_RULES__FEE_ABOVE_MARGIN", "yes", "`refuse`"),
        ] {
            let error = load(&[(key, value)]).unwrap_err().to_string();
            assert!(error.contains(expected), "{key}={value}: {error}");
        }
    }

    #[test]
    fn what_was_agreed_with_one_gateway_is_told_by_gateway_and_method() {
        let fees = |value| load(&[("LOKET_RULES__FEES", value)]).map(|config| config.rules.fees);
        let agreed = fees("midtrans.va_bca=4440, dana.dana_qr=1.5%,dana.dana_link = 0.05% + 500,").unwrap();
        let of = |gateway: &str, method| agreed.fee(gateway, method);
        assert_eq!(of("midtrans", PaymentMethod::VaBca), Some(Fee::flat(Rupiah::new(4_440))));
        assert_eq!(of("dana", PaymentMethod::DanaQr), Some(Fee::share(150)));
        let both = Fee { flat: Rupiah::new(500), ..Fee::share(5) };
        assert_eq!(of("dana", PaymentMethod::DanaLink), Some(both));
        assert_eq!(of("midtrans", PaymentMethod::DanaQr), None);
        for wrong in [
            "nobody.qris=1%",
            "midtrans.cash=1%",
            "midtrans=1%",
            "midtrans.qris",
            "midtrans.qris=",
            "midtrans.qris=1.555%",
            "midtrans.qris=20.01%",
            "midtrans.qris=-1%",
            "midtrans.qris=4.000",
            "midtrans.qris=1%, midtrans.qris=2%",
        ] {
            let error = format!("{:#}", fees(wrong).unwrap_err());
            assert!(error.contains("rules.fees"), "{wrong}: {error}");
        }
    }

    #[test]
    fn how_much_a_deposit_may_be_is_told_and_none_is_taken_when_the_most_is_nothing() {
        let bounds = |least, most| {
            let keys = [
                ("LOKET_RULES__WALLET_DEPOSIT_LEAST_RUPIAH", least),
                ("LOKET_RULES__WALLET_DEPOSIT_MOST_RUPIAH", most),
            ];
            load(&keys).map(|c| (c.rules.wallet_deposit_least.get(), c.rules.wallet_deposit_most.get()))
        };
        assert_eq!(bounds("", "").unwrap(), (10_000, 2_000_000));
        assert_eq!(bounds("5000", "5000").unwrap(), (5_000, 5_000));
        assert_eq!(bounds("", "0").unwrap(), (10_000, 0));
        for (least, most) in [("0", ""), ("20000", "10000"), ("", "100000001"), ("10.000", "")] {
            let error = bounds(least, most).unwrap_err().to_string();
            assert!(error.contains("rules.wallet_deposit_"), "{least} {most}: {error}");
        }
    }

    #[test]
    fn the_ways_to_pay_that_are_offered_are_named_with_commas() {
        let methods = |value| load(&[("LOKET_RULES__PAYMENT_METHODS", value)]).map(|c| c.rules.methods);
        assert_eq!(methods("qris, va_bca,").unwrap(), Some(vec![PaymentMethod::Qris, PaymentMethod::VaBca]));
        for (value, expected) in [("qris, va_jago", "va_jago"), (",", "names none")] {
            let error = format!("{:#}", methods(value).unwrap_err());
            assert!(error.contains(expected) && error.contains("cstore_alfamart"), "{value}: {error}");
        }
    }
}
