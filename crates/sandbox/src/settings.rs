//! What the simulated world is like: where its books are, what the supplier sells, whom it notifies.
//! Credentials are fixed, so that a vendor's own SDK can be pointed here.

use std::{net::IpAddr, path::PathBuf};
use vocabulary::{Clock, Ids, Rupiah};

/// Server key that the simulated Midtrans accepts.
pub const MIDTRANS_SERVER_KEY: &str = "SB-Mid-server-loket-sandbox";
/// Merchant id that the simulated Midtrans writes into its notifications.
pub const MIDTRANS_MERCHANT_ID: &str = "G000000001";
/// Username that the simulated Digiflazz accepts.
pub const DIGIFLAZZ_USERNAME: &str = "loket";
/// API key (of the development kind) that the simulated Digiflazz accepts.
pub const DIGIFLAZZ_API_KEY: &str = "dev-loket-sandbox";
/// Secret that the simulated Digiflazz signs its webhooks with.
pub const DIGIFLAZZ_WEBHOOK_SECRET: &str = "loket-sandbox-secret";

/// How the world is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The books are at `data_dir/sandbox/world.db`.
    pub data_dir: PathBuf,
    /// What the simulated Digiflazz sells.
    pub products: Vec<SupplierProduct>,
    /// Webhook URL in the "dashboard" of Midtrans.
    pub midtrans_notify: Option<String>,
    /// Webhook URL in the "dashboard" of Digiflazz.
    pub digiflazz_notify: Option<String>,
    /// Whether Midtrans shows an error in the HTTP status, too. It is inconsistent in reality.
    pub midtrans_errors: ErrorStyle,
    /// Whether Digiflazz shows a failure in the HTTP status, too.
    pub digiflazz_errors: ErrorStyle,
    /// What Digiflazz answers when the same transaction is asked about within a minute.
    pub digiflazz_requery: Requery,
    /// Addresses that Digiflazz accepts calls from; empty for any. Anything else gets rc 45.
    pub digiflazz_callers: Vec<IpAddr>,
    /// The clock that business time is read from. It may be shared with the shop.
    pub clock: Clock,
    /// Where transaction ids come from.
    pub ids: Ids,
}

/// Whether an error shows in the HTTP status or in the body alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorStyle {
    /// The HTTP status says so as well.
    HttpStatus,
    /// HTTP 200; only the body tells.
    BodyOnly,
}

/// What Digiflazz answers to a question that comes too soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requery {
    /// rc 85.
    Refused,
    /// The stored answer.
    Stale,
}

/// One product in the simulated Digiflazz's price list.
#[derive(Clone, Debug)]
pub struct SupplierProduct {
    /// `buyer_sku_code`.
    pub sku: String,
    /// `product_name`.
    pub name: String,
    /// `brand`.
    pub brand: String,
    /// `category`.
    pub category: String,
    /// What the seller asks for it.
    pub price: Rupiah,
    /// May be bought more than once a day for the same customer number; otherwise rc 63.
    pub multi: bool,
    /// How many there are; `None` for any number. Without any left: rc 68.
    pub stock: Option<u32>,
    /// Start and end of the daily cut-off, `hh:mm` WIB; equal ones mean none. Within it: rc 58.
    pub cut_off: (String, String),
    /// Switched on by seller and buyer; otherwise rc 43.
    pub active: bool,
    /// `desc`.
    pub description: String,
}

impl Settings {
    /// A world with no products and nobody to notify.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Settings {
            data_dir: data_dir.into(),
            products: Vec::new(),
            midtrans_notify: None,
            digiflazz_notify: None,
            midtrans_errors: ErrorStyle::BodyOnly,
            digiflazz_errors: ErrorStyle::HttpStatus,
            digiflazz_requery: Requery::Refused,
            digiflazz_callers: Vec::new(),
            clock: Clock::system(),
            ids: Ids::random(),
        }
    }
}

impl SupplierProduct {
    /// A product that can always be bought, as often as one likes.
    pub fn new(sku: &str, name: &str, brand: &str, price: Rupiah) -> Self {
        SupplierProduct {
            sku: sku.into(),
            name: name.into(),
            brand: brand.into(),
            category: "Games".into(),
            price,
            multi: true,
            stock: None,
            cut_off: ("00:00".into(), "00:00".into()),
            active: true,
            description: "no pelanggan = gabungan antara user_id dan zone_id".into(),
        }
    }
}
