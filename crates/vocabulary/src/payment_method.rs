//! Ways to pay.

crate::text_enum!(
    /// How the buyer pays, as named in the public interface.
    pub enum PaymentMethod {
        /// A QR code paid with GoPay (or any wallet that reads it).
        GopayQr = "gopay_qr",
        /// Store credit.
        Wallet = "wallet",
    }
);
