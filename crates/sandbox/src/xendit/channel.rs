//! Ways to be paid, with the names that the newest generation has for them: limits, how long each waits for
//! its buyer, and what can be given back (contracts/payments §3.7). What is not told there is UNVERIFIED.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

vocabulary::text_enum!(
    /// A way to be paid.
    pub(crate) enum Channel {
        /// A push to a phone.
        Ovo = "OVO",
        /// A page of the wallet.
        Dana = "DANA",
        /// A page of the wallet.
        Gopay = "GOPAY",
        /// A page of the wallet.
        Shopeepay = "SHOPEEPAY",
        /// A page of the wallet.
        Linkaja = "LINKAJA",
        /// A page of the wallet.
        Astrapay = "ASTRAPAY",
        /// A code that any wallet scans.
        Qris = "QRIS",
        /// A number to transfer to.
        Bca = "BCA_VIRTUAL_ACCOUNT",
        /// A number to transfer to.
        Bni = "BNI_VIRTUAL_ACCOUNT",
        /// A number to transfer to.
        Bri = "BRI_VIRTUAL_ACCOUNT",
        /// A number to transfer to.
        Permata = "PERMATA_VIRTUAL_ACCOUNT",
        /// A number to transfer to.
        Mandiri = "MANDIRI_VIRTUAL_ACCOUNT",
        /// A code told at a till.
        Alfamart = "ALFAMART",
        /// A code told at a till.
        Indomaret = "INDOMARET",
    }
);
database::text_column!(Channel);

/// How it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The app on the buyer's phone asks.
    Push,
    /// On a page.
    Page,
    /// By a code that is scanned.
    Qr,
    /// By transfer to a number.
    Number,
    /// By a code that is told at a till.
    Till,
}

/// What of it can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    Never,
    Whole(Duration),
    InParts(Duration),
}

impl Channel {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Channel::Ovo => Kind::Push,
            Channel::Dana | Channel::Gopay | Channel::Shopeepay | Channel::Linkaja | Channel::Astrapay => {
                Kind::Page
            }
            Channel::Qris => Kind::Qr,
            Channel::Bca | Channel::Bni | Channel::Bri | Channel::Permata | Channel::Mandiri => Kind::Number,
            Channel::Alfamart | Channel::Indomaret => Kind::Till,
        }
    }

    /// Whole rupiah, from and to.
    pub(super) fn limits(self) -> (i64, i64) {
        const MILLION: i64 = 1_000_000;
        match self {
            Channel::Ovo | Channel::Dana => (100, 20 * MILLION),
            Channel::Gopay => (1, 50 * MILLION),
            Channel::Shopeepay => (1, 20 * MILLION),
            Channel::Linkaja => (100, 10 * MILLION),
            Channel::Qris => (1, 10 * MILLION),
            Channel::Bca => (10_000, 50 * MILLION),
            Channel::Alfamart | Channel::Indomaret => (10_000, 5 * MILLION),
            Channel::Astrapay | Channel::Bni | Channel::Bri | Channel::Permata | Channel::Mandiri => {
                (1, 50 * MILLION)
            }
        }
    }

    /// How long it waits for its buyer.
    pub(crate) fn life(self) -> Duration {
        match self {
            Channel::Ovo => Duration::from_secs(55),
            Channel::Gopay => MINUTE.saturating_mul(30),
            Channel::Qris => DAY.saturating_mul(2),
            _ => DAY,
        }
    }

    pub(super) fn back(self) -> Back {
        match self {
            // What was not tokenised cannot be given back.
            Channel::Ovo => Back::Never,
            Channel::Dana => Back::InParts(DAY.saturating_mul(30)),
            Channel::Gopay => Back::InParts(DAY.saturating_mul(45)),
            Channel::Shopeepay => Back::InParts(DAY.saturating_mul(365)),
            Channel::Linkaja => Back::Whole(DAY.saturating_mul(30)),
            Channel::Qris => Back::InParts(DAY.saturating_mul(7)),
            _ => Back::Never,
        }
    }

    /// The name that the first generation has for a wallet.
    pub(super) fn legacy(self) -> Option<String> {
        let is_wallet = matches!(self.kind(), Kind::Push | Kind::Page) && self != Channel::Gopay;
        is_wallet.then(|| format!("ID_{self}"))
    }

    /// The names that the second generation has for a way and its channel. It has no GoPay.
    pub(super) fn second(self) -> Option<(&'static str, &'static str)> {
        match self.kind() {
            _ if self == Channel::Gopay => None,
            Kind::Push | Kind::Page => Some(("EWALLET", self.as_str())),
            Kind::Qr => Some(("QR_CODE", self.as_str())),
            Kind::Number => Some(("VIRTUAL_ACCOUNT", self.bank())),
            Kind::Till => Some(("OVER_THE_COUNTER", self.as_str())),
        }
    }

    /// `BCA`.
    pub(crate) fn bank(self) -> &'static str {
        let name = self.as_str();
        name.strip_suffix("_VIRTUAL_ACCOUNT").unwrap_or(name)
    }
}
