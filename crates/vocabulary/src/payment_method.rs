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
        /// Store credit.
        Wallet = "wallet",
    }
);

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
            PaymentMethod::Wallet => locale.pick("Saldo toko", "Store credit"),
        }
    }

    /// Whether a payment cannot be opened before the buyer's phone number is known.
    pub fn needs_phone(self) -> bool {
        self == PaymentMethod::OvoPush
    }
}
