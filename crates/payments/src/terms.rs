//! What each way to pay demands: how much can be paid at once, what the gateway keeps of it, how long a
//! payment lives there, and whether it can be given back to where it came from. One table
//! (`contracts/payments.md` §1.3–§1.10, §3.7, §8); checkout offers by it, and the ledger books by it.

use std::{collections::BTreeMap, time::Duration};
use vocabulary::{PayPoint, PaymentMethod, Rupiah, Store, Timestamp};

const DAY: Duration = Duration::from_secs(86_400);
/// Basis points of the whole.
const WHOLE: i128 = 10_000;
/// What a share and the tax on it are counted in.
const UNIT: i128 = WHOLE * WHOLE;
/// The tax on what a gateway keeps, in basis points (§8: prices are without it, unless they say so).
const VAT: u32 = 1_100;

/// What a gateway keeps of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// So much of each payment, whatever its amount.
    pub flat: Rupiah,
    /// And this share of its amount, in basis points.
    pub basis_points: u32,
    /// And this tax on both, in basis points; 0 where it is in the price.
    pub vat_basis_points: u32,
}

impl Fee {
    /// Nothing is kept.
    pub const NONE: Fee = Fee { flat: Rupiah::ZERO, basis_points: 0, vat_basis_points: 0 };

    /// A share of the amount, tax included.
    pub const fn share(basis_points: u32) -> Fee {
        Fee { basis_points, ..Fee::NONE }
    }

    /// So much of each payment, tax included.
    pub const fn flat(rupiah: Rupiah) -> Fee {
        Fee { flat: rupiah, ..Fee::NONE }
    }

    /// The same with the tax on top.
    pub const fn plus_vat(self) -> Fee {
        Fee { vat_basis_points: VAT, ..self }
    }

    /// What is kept of this amount: whole rupiah, rounded once, at the end, with half a rupiah upwards.
    /// `None` when it does not fit.
    pub fn of(self, amount: Rupiah) -> Option<Rupiah> {
        let share = i128::from(amount.get()).checked_mul(i128::from(self.basis_points))?;
        let untaxed = i128::from(self.flat.get()).checked_mul(WHOLE)?.checked_add(share)?;
        let taxed = untaxed.checked_mul(WHOLE.checked_add(i128::from(self.vat_basis_points))?)?;
        let rounded = taxed.checked_add(UNIT / 2)?.div_euclid(UNIT);
        i64::try_from(rounded).ok().map(Rupiah::new)
    }
}

/// How long a payment lives at its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// As long as it is asked for.
    Asked {
        /// But at least so long.
        shortest: Duration,
        /// And at most so long.
        longest: Duration,
    },
    /// So long, whatever is asked for.
    Fixed(Duration),
    /// It is paid in the moment in which it is made.
    Instant,
}

impl Life {
    /// When a payment is to end that is made now and is wanted until then: no later than its gateway lets it live.
    /// One that lives for a fixed time begins when it is sent, and its gateway tells when it ends.
    pub fn end(self, now: Timestamp, wanted: Timestamp) -> Timestamp {
        match self {
            Life::Asked { longest, .. } => wanted.min(now.plus(longest)),
            Life::Fixed(_) | Life::Instant => wanted,
        }
    }
}

/// Whether a payment can be given back to where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refundable {
    /// It cannot: what is given back becomes store credit.
    Never,
    /// All of it or nothing.
    Whole {
        /// So long after it was paid.
        within: Duration,
    },
    /// In parts, too.
    InParts {
        /// So long after it was paid.
        within: Duration,
    },
}

/// What a way to pay demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodTerms {
    /// Less than this cannot be paid.
    pub least: Rupiah,
    /// More than this cannot be paid at once; none where no limit is known.
    pub most: Option<Rupiah>,
    /// What the gateway keeps, by its list of prices.
    pub fee: Fee,
    /// How long a payment lives.
    pub life: Life,
    /// Whether it can be given back.
    pub refund: Refundable,
}

impl MethodTerms {
    /// The row of this method.
    pub const fn of(method: PaymentMethod) -> MethodTerms {
        use PaymentMethod as M;
        match method {
            M::GopayQr | M::GopayLink => {
                row(1, Some(20_000_000), Fee::share(200), asked(20, 7), in_parts(45))
            }
            M::OvoPush => {
                let life = Life::Fixed(Duration::from_secs(65));
                row(1, Some(99_999_999), Fee::share(273).plus_vat(), life, whole(7))
            }
            // The page is told how long it lives; a push that is started there is not.
            M::OvoLink => row(1, Some(99_999_999), Fee::share(273).plus_vat(), asked(300, 7), whole(7)),
            // Of two windows that are told of DANA the shorter counts.
            M::DanaLink => row(1, Some(20_000_000), Fee::share(150).plus_vat(), asked(20, 7), in_parts(30)),
            // Who issued the wallet is known after it was paid: the window of any issuer counts. DANA's code is a
            // QRIS code like any other (`NETWORK_PAY_PG_QRIS`).
            M::Qris | M::DanaQr => row(1, Some(10_000_000), Fee::share(70), asked(20, 7), in_parts(7)),
            M::VaBca => row(10_000, None, transfer(), asked(20, 180), Refundable::Never),
            M::VaBni | M::VaBri | M::VaPermata => row(1, None, transfer(), asked(20, 180), Refundable::Never),
            // Banks that DANA alone collects at here: its longest life, and no limits are told of them.
            M::VaMandiri | M::VaBsi | M::VaCimb | M::VaBtpn | M::VaPanin => {
                row(1, None, transfer(), asked(20, 7), Refundable::Never)
            }
            // The list names five to ten thousand, or a share.
            M::CstoreIndomaret => row(10_000, Some(5_000_000), till(), asked(20, 180), Refundable::Never),
            // In cash no more than half of it.
            M::CstoreAlfamart => row(1, Some(5_000_000), till(), asked(20, 180), Refundable::Never),
            M::Wallet => {
                row(1, None, Fee::NONE, Life::Instant, Refundable::InParts { within: Duration::MAX })
            }
        }
    }

    /// Whether this amount can be paid at once.
    pub fn carries(&self, amount: Rupiah) -> bool {
        amount >= self.least && self.most.is_none_or(|most| amount <= most)
    }
}

/// A transfer to a virtual account.
const fn transfer() -> Fee {
    Fee::flat(Rupiah::new(4_000)).plus_vat()
}

/// A payment at a till.
const fn till() -> Fee {
    Fee::flat(Rupiah::new(5_000)).plus_vat()
}

const fn asked(shortest_seconds: u64, longest_days: u32) -> Life {
    Life::Asked { shortest: Duration::from_secs(shortest_seconds), longest: DAY.saturating_mul(longest_days) }
}

const fn whole(days: u32) -> Refundable {
    Refundable::Whole { within: DAY.saturating_mul(days) }
}

const fn in_parts(days: u32) -> Refundable {
    Refundable::InParts { within: DAY.saturating_mul(days) }
}

const fn row(least: i64, most: Option<i64>, fee: Fee, life: Life, refund: Refundable) -> MethodTerms {
    let most = match most {
        Some(most) => Some(Rupiah::new(most)),
        None => None,
    };
    MethodTerms { least: Rupiah::new(least), most, fee, life, refund }
}

/// What the shop has agreed with its gateways, where it is not the list price. The tax is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgreedFees {
    /// Of a GoPay payment, in basis points.
    pub gopay: Option<u32>,
    /// Of an OVO payment, in basis points.
    pub ovo: Option<u32>,
    /// Of a payment from DANA's balance, in basis points.
    pub dana: Option<u32>,
    /// Of a QRIS payment, in basis points; DANA's QR code is one.
    pub qris: Option<u32>,
    /// Of a transfer to a virtual account.
    pub virtual_account: Option<Rupiah>,
    /// Of a payment at Indomaret.
    pub indomaret: Option<Rupiah>,
    /// Of a payment at Alfamart.
    pub alfamart: Option<Rupiah>,
    /// Of a payment by this method over the gateway of this name. All the others are for whoever collects, where
    /// nothing is said here.
    pub by_rail: BTreeMap<(String, PaymentMethod), Fee>,
}

impl AgreedFees {
    /// What was agreed for this method with the gateway of this name; none where the list price stands.
    pub fn fee(&self, gateway: &str, method: PaymentMethod) -> Option<Fee> {
        let rail = self.by_rail.iter().find(|((name, of), _)| name == gateway && *of == method);
        rail.map(|(_, fee)| *fee).or_else(|| self.with_whoever_collects(method))
    }

    fn with_whoever_collects(&self, method: PaymentMethod) -> Option<Fee> {
        match method {
            PaymentMethod::GopayQr | PaymentMethod::GopayLink => self.gopay.map(Fee::share),
            PaymentMethod::OvoPush | PaymentMethod::OvoLink => self.ovo.map(Fee::share),
            PaymentMethod::DanaLink => self.dana.map(Fee::share),
            PaymentMethod::Qris | PaymentMethod::DanaQr => self.qris.map(Fee::share),
            PaymentMethod::Wallet => None,
            other => match other.pay_point()? {
                PayPoint::Bank(_) => self.virtual_account.map(Fee::flat),
                PayPoint::Store(Store::Indomaret) => self.indomaret.map(Fee::flat),
                PayPoint::Store(Store::Alfamart) => self.alfamart.map(Fee::flat),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Least, most, what is kept of Rp 100.000, shortest and longest life, refund.
    type Row = (i64, Option<i64>, i64, Duration, Duration, Refundable);

    /// The contract's word on each method.
    fn contract(method: PaymentMethod) -> Row {
        use PaymentMethod as M;
        let days = |days: u32| DAY * days;
        let (parts, never) = (|n| Refundable::InParts { within: days(n) }, Refundable::Never);
        match method {
            // §1.10: 1 to 20 million. §8: 2 % with tax. §1.3: 20 s to 7 days. §1.9: 45 days.
            M::GopayQr | M::GopayLink => (1, Some(20_000_000), 2_000, SECOND * 20, days(7), parts(45)),
            // §1.10: to 99,999,999. §8: 2.73 %, and tax: 3.03 %. §1.5: 65 s. §1.9: 7 days, no part.
            M::OvoPush => {
                let refund = Refundable::Whole { within: days(7) };
                (1, Some(99_999_999), 3_030, SECOND * 65, SECOND * 65, refund)
            }
            M::OvoLink => {
                let refund = Refundable::Whole { within: days(7) };
                (1, Some(99_999_999), 3_030, SECOND * 300, days(7), refund)
            }
            // §1.10: DANA to 20 million. §8: 1.5 %, and tax. §2.3: 7 days. §3.7: 30 days.
            M::DanaLink => (1, Some(20_000_000), 1_665, SECOND * 20, days(7), parts(30)),
            // §1.10: 1 to 10 million. §8: 0.7 % with tax. §1.3: as GoPay. §1.9: off-us 7 days. §2.3: DANA's QR
            // code is a QRIS code.
            M::Qris | M::DanaQr => (1, Some(10_000_000), 700, SECOND * 20, days(7), parts(7)),
            // §1.10: BCA from 10,000, the others from 1. §8: Rp 4.000, and tax. §1.9: no refund.
            M::VaBca => (10_000, None, 4_440, SECOND * 20, days(180), never),
            M::VaBni | M::VaBri | M::VaPermata => (1, None, 4_440, SECOND * 20, days(180), never),
            // §8: as the others. §2.3: 7 days. The contract has no limits of theirs.
            M::VaMandiri | M::VaBsi | M::VaCimb | M::VaBtpn | M::VaPanin => {
                (1, None, 4_440, SECOND * 20, days(7), never)
            }
            // §1.10: 10,000 to 5 million, and 1 to 5 million. §8: from Rp 5.000, and tax. §1.9: none.
            M::CstoreIndomaret => (10_000, Some(5_000_000), 5_550, SECOND * 20, days(180), never),
            M::CstoreAlfamart => (1, Some(5_000_000), 5_550, SECOND * 20, days(180), never),
            M::Wallet => {
                let refund = Refundable::InParts { within: Duration::MAX };
                (1, None, 0, Duration::ZERO, Duration::ZERO, refund)
            }
        }
    }

    #[test]
    fn every_method_has_the_terms_of_the_contract() {
        for method in PaymentMethod::ALL {
            let terms = MethodTerms::of(*method);
            let (shortest, longest) = match terms.life {
                Life::Asked { shortest, longest } => (shortest, longest),
                Life::Fixed(life) => (life, life),
                Life::Instant => (Duration::ZERO, Duration::ZERO),
            };
            let fee = terms.fee.of(Rupiah::new(100_000)).unwrap().get();
            let (least, most) = (terms.least.get(), terms.most.map(Rupiah::get));
            let row: Row = (least, most, fee, shortest, longest, terms.refund);
            assert_eq!(row, contract(*method), "{method}");
        }
    }

    #[test]
    fn a_payment_ends_when_it_is_wanted_to_and_no_later_than_its_gateway_lets_it() {
        let now = Timestamp::from_millis(1_795_323_600_000);
        let after = |time: Duration| now.plus(time);
        let week = MethodTerms::of(PaymentMethod::Qris).life;
        assert_eq!(week.end(now, after(DAY * 7)), after(DAY * 7));
        assert_eq!(week.end(now, after(DAY * 7 + SECOND)), after(DAY * 7));
        assert_eq!(week.end(now, after(SECOND * 900)), after(SECOND * 900));
        let push = MethodTerms::of(PaymentMethod::OvoPush).life;
        assert_eq!(push.end(now, after(DAY)), after(DAY), "it begins when it is sent");
    }

    #[test]
    fn a_limit_is_within_it() {
        for method in PaymentMethod::ALL {
            let terms = MethodTerms::of(*method);
            assert!(terms.carries(terms.least), "{method}");
            assert!(!terms.carries(Rupiah::new(terms.least.get() - 1)), "{method}");
            if let Some(most) = terms.most {
                assert!(terms.carries(most) && !terms.carries(Rupiah::new(most.get() + 1)), "{method}");
            }
        }
    }

    #[test]
    fn a_fee_is_rounded_once_and_to_the_nearest_rupiah() {
        let of = |fee: Fee, amount: i64| fee.of(Rupiah::new(amount)).unwrap().get();
        for (fee, amount, expected) in [
            (Fee::share(200), 20_000, 400),
            (Fee::share(200), 25, 1),
            (Fee::share(200), 24, 0),
            // 546 and 60.06 of tax.
            (Fee::share(273).plus_vat(), 20_000, 606),
            // 136.5 is not rounded before the tax is on it: 151.515.
            (Fee::share(273).plus_vat(), 5_000, 152),
            (Fee::share(273).plus_vat(), 1_000_000, 30_303),
            (Fee::share(150).plus_vat(), 20_000, 333),
            (Fee::flat(Rupiah::new(4_000)).plus_vat(), 1, 4_440),
            (Fee { flat: Rupiah::new(1_000), ..Fee::share(100) }, 50_000, 1_500),
            (Fee::NONE, i64::MAX, 0),
        ] {
            assert_eq!(of(fee, amount), expected, "{fee:?} of {amount}");
        }
        assert_eq!(Fee::share(20_000).of(Rupiah::new(i64::MAX)), None, "it does not fit");
    }

    #[test]
    fn what_was_agreed_stands_for_the_list_price_of_its_methods_alone() {
        assert!(
            PaymentMethod::ALL.iter().all(|method| AgreedFees::default().fee("midtrans", *method).is_none())
        );
        let agreed = AgreedFees {
            gopay: Some(210),
            ovo: Some(0),
            dana: Some(90),
            qris: Some(60),
            virtual_account: Some(Rupiah::new(3_000)),
            indomaret: Some(Rupiah::new(9_000)),
            ..AgreedFees::default()
        };
        let list = AgreedFees { gopay: Some(210), ..AgreedFees::default() };
        for method in [PaymentMethod::DanaQr, PaymentMethod::DanaLink, PaymentMethod::Qris] {
            assert_eq!(list.fee("dana", method), None, "{method}");
        }
        for (method, kept) in [
            (PaymentMethod::GopayQr, Some(2_100)),
            (PaymentMethod::OvoLink, Some(0)),
            (PaymentMethod::GopayLink, Some(2_100)),
            (PaymentMethod::DanaLink, Some(900)),
            // What is paid by QRIS goes by what was agreed for QRIS, whoever shows the code.
            (PaymentMethod::DanaQr, Some(600)),
            (PaymentMethod::Qris, Some(600)),
            (PaymentMethod::VaPermata, Some(3_000)),
            (PaymentMethod::CstoreIndomaret, Some(9_000)),
            (PaymentMethod::CstoreAlfamart, None),
            (PaymentMethod::Wallet, None),
        ] {
            let fee = agreed.fee("midtrans", method).and_then(|fee| fee.of(Rupiah::new(100_000)));
            assert_eq!(fee.map(Rupiah::get), kept, "{method}");
        }
    }

    #[test]
    fn what_was_agreed_with_one_gateway_is_not_what_another_keeps() {
        let rail = |gateway: &str| ((gateway.to_owned(), PaymentMethod::OvoPush), Fee::share(150));
        let agreed =
            AgreedFees { ovo: Some(200), by_rail: BTreeMap::from([rail("xendit")]), ..AgreedFees::default() };
        let of = |gateway: &str, method| agreed.fee(gateway, method);
        assert_eq!(of("xendit", PaymentMethod::OvoPush), Some(Fee::share(150)));
        assert_eq!(of("midtrans", PaymentMethod::OvoPush), Some(Fee::share(200)));
        assert_eq!(of("xendit", PaymentMethod::OvoLink), Some(Fee::share(200)));
        assert_eq!(of("xendit", PaymentMethod::Qris), None);
    }

    proptest! {
        #[test]
        fn a_share_of_ours_is_what_basis_points_are(points in 0_u32..=2_000, amount in 0_i64..100_000_000_000) {
            let amount = Rupiah::new(amount);
            prop_assert_eq!(Fee::share(points).of(amount), amount.basis_points(points));
        }
    }
}
