//! Ways to pay.

use crate::Locale;

crate::text_enum!(
    /// How the buyer pays, as named in the public interface.
    pub enum PaymentMethod {
        /// A QR code paid with GoPay (or any wallet that reads it).
        GopayQr = "gopay_qr",
        /// A link that opens the GoPay app.
        GopayLink = "gopay_link",
        /// A push notification to the buyer's OVO app. Needs the buyer's phone number.
        OvoPush = "ovo_push",
        /// A page of the gateway on which the buyer pays with OVO.
        OvoLink = "ovo_link",
        /// A QR code paid with DANA (or any wallet that reads it).
        DanaQr = "dana_qr",
        /// A page of DANA, which opens its app.
        DanaLink = "dana_link",
        /// A QR code that any wallet and any bank's app pays.
        Qris = "qris",
        /// A number at BCA to transfer to.
        VaBca = "va_bca",
        /// A number at BNI to transfer to.
        VaBni = "va_bni",
        /// A number at BRI to transfer to.
        VaBri = "va_bri",
        /// A number at Bank Permata to transfer to.
        VaPermata = "va_permata",
        /// A number at Bank Mandiri to transfer to.
        VaMandiri = "va_mandiri",
        /// A number at Bank Syariah Indonesia to transfer to.
        VaBsi = "va_bsi",
        /// A number at CIMB Niaga to transfer to.
        VaCimb = "va_cimb",
        /// A number at BTPN to transfer to.
        VaBtpn = "va_btpn",
        /// A number at Panin to transfer to.
        VaPanin = "va_panin",
        /// A code that is told at a till of Indomaret.
        CstoreIndomaret = "cstore_indomaret",
        /// A code that is told at a till of Alfamart.
        CstoreAlfamart = "cstore_alfamart",
        /// Store credit.
        Wallet = "wallet",
    }
);

crate::text_enum!(
    /// A bank that has virtual accounts: numbers to transfer to, one for each payment.
    pub enum Bank {
        /// Bank Central Asia.
        Bca = "bca",
        /// Bank Negara Indonesia.
        Bni = "bni",
        /// Bank Rakyat Indonesia.
        Bri = "bri",
        /// Bank Permata.
        Permata = "permata",
        /// Bank Mandiri.
        Mandiri = "mandiri",
        /// Bank Syariah Indonesia.
        Bsi = "bsi",
        /// Bank CIMB Niaga.
        Cimb = "cimb",
        /// Bank BTPN.
        Btpn = "btpn",
        /// Bank Panin.
        Panin = "panin",
    }
);

crate::text_enum!(
    /// A chain of shops at whose tills one pays.
    pub enum Store {
        /// Indomaret.
        Indomaret = "indomaret",
        /// Alfamart, and the shops of its group.
        Alfamart = "alfamart",
    }
);

/// Where a buyer goes with a number: to a bank (its app, an ATM), or to a till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayPoint {
    /// The number is a virtual account.
    Bank(Bank),
    /// The number is a code for the till.
    Store(Store),
}

impl PayPoint {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            PayPoint::Bank(Bank::Bca) => "BCA",
            PayPoint::Bank(Bank::Bni) => "BNI",
            PayPoint::Bank(Bank::Bri) => "BRI",
            PayPoint::Bank(Bank::Permata) => "Permata",
            PayPoint::Bank(Bank::Mandiri) => "Mandiri",
            PayPoint::Bank(Bank::Bsi) => "BSI",
            PayPoint::Bank(Bank::Cimb) => "CIMB Niaga",
            PayPoint::Bank(Bank::Btpn) => "BTPN",
            PayPoint::Bank(Bank::Panin) => "Panin",
            PayPoint::Store(Store::Indomaret) => "Indomaret",
            PayPoint::Store(Store::Alfamart) => "Alfamart",
        }
    }
}

impl PaymentMethod {
    /// What the buyer calls it.
    pub fn label(self, locale: Locale) -> &'static str {
        match self {
            PaymentMethod::GopayQr => "GoPay QR",
            PaymentMethod::GopayLink => locale.pick("GoPay (buka aplikasi)", "GoPay (open the app)"),
            PaymentMethod::OvoPush => locale.pick("OVO (notifikasi ke HP)", "OVO (push to your phone)"),
            PaymentMethod::OvoLink => locale.pick("OVO (halaman bayar)", "OVO (payment page)"),
            PaymentMethod::DanaQr => "DANA QR",
            PaymentMethod::DanaLink => locale.pick("DANA (buka aplikasi)", "DANA (open the app)"),
            PaymentMethod::Qris => {
                locale.pick("QRIS (dompet atau bank apa pun)", "QRIS (any wallet or bank)")
            }
            PaymentMethod::VaBca => locale.pick("Virtual account BCA", "BCA virtual account"),
            PaymentMethod::VaBni => locale.pick("Virtual account BNI", "BNI virtual account"),
            PaymentMethod::VaBri => locale.pick("Virtual account BRI", "BRI virtual account"),
            PaymentMethod::VaPermata => locale.pick("Virtual account Permata", "Permata virtual account"),
            PaymentMethod::VaMandiri => locale.pick("Virtual account Mandiri", "Mandiri virtual account"),
            PaymentMethod::VaBsi => locale.pick("Virtual account BSI", "BSI virtual account"),
            PaymentMethod::VaCimb => locale.pick("Virtual account CIMB Niaga", "CIMB Niaga virtual account"),
            PaymentMethod::VaBtpn => locale.pick("Virtual account BTPN", "BTPN virtual account"),
            PaymentMethod::VaPanin => locale.pick("Virtual account Panin", "Panin virtual account"),
            PaymentMethod::CstoreIndomaret => {
                locale.pick("Indomaret (bayar di kasir)", "Indomaret (pay at the till)")
            }
            PaymentMethod::CstoreAlfamart => {
                locale.pick("Alfamart (bayar di kasir)", "Alfamart (pay at the till)")
            }
            PaymentMethod::Wallet => locale.pick("Saldo toko", "Store credit"),
        }
    }

    /// Whether a payment cannot be opened before the buyer's phone number is known.
    pub fn needs_phone(self) -> bool {
        self == PaymentMethod::OvoPush
    }

    /// Where the buyer goes with a number, for methods that are paid by one.
    pub const fn pay_point(self) -> Option<PayPoint> {
        match self {
            PaymentMethod::VaBca => Some(PayPoint::Bank(Bank::Bca)),
            PaymentMethod::VaBni => Some(PayPoint::Bank(Bank::Bni)),
            PaymentMethod::VaBri => Some(PayPoint::Bank(Bank::Bri)),
            PaymentMethod::VaPermata => Some(PayPoint::Bank(Bank::Permata)),
            PaymentMethod::VaMandiri => Some(PayPoint::Bank(Bank::Mandiri)),
            PaymentMethod::VaBsi => Some(PayPoint::Bank(Bank::Bsi)),
            PaymentMethod::VaCimb => Some(PayPoint::Bank(Bank::Cimb)),
            PaymentMethod::VaBtpn => Some(PayPoint::Bank(Bank::Btpn)),
            PaymentMethod::VaPanin => Some(PayPoint::Bank(Bank::Panin)),
            PaymentMethod::CstoreIndomaret => Some(PayPoint::Store(Store::Indomaret)),
            PaymentMethod::CstoreAlfamart => Some(PayPoint::Store(Store::Alfamart)),
            PaymentMethod::GopayQr
            | PaymentMethod::GopayLink
            | PaymentMethod::OvoPush
            | PaymentMethod::OvoLink
            | PaymentMethod::DanaQr
            | PaymentMethod::DanaLink
            | PaymentMethod::Qris
            | PaymentMethod::Wallet => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_is_paid_by_a_number_is_named_after_where_it_is_paid() {
        for method in PaymentMethod::ALL {
            let expected = match method.pay_point() {
                Some(PayPoint::Bank(bank)) => Some(format!("va_{bank}")),
                Some(PayPoint::Store(store)) => Some(format!("cstore_{store}")),
                None => None,
            };
            let word = method.as_str();
            let by_number = word.starts_with("va_") || word.starts_with("cstore_");
            assert_eq!(by_number.then(|| word.to_owned()), expected);
            if let Some(point) = method.pay_point() {
                for locale in Locale::ALL {
                    assert!(method.label(*locale).contains(point.label()), "{method}");
                }
            }
        }
    }
}
