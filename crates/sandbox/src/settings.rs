//! What the simulated world is like: where its books are, what the supplier sells, whom it notifies.
//! Credentials are fixed, so that a vendor's own SDK can be pointed here.

use crate::DiscordSettings;
use std::{net::IpAddr, path::PathBuf};
use vocabulary::{Clock, Ids, Rupiah};

/// Server key that the simulated Midtrans accepts.
pub const MIDTRANS_SERVER_KEY: &str = "SB-Mid-server-loket-sandbox";
/// Merchant id that the simulated Midtrans writes into its notifications.
pub const MIDTRANS_MERCHANT_ID: &str = "G000000001";
/// `X-PARTNER-ID` (the client id) that the simulated DANA knows.
pub const DANA_PARTNER_ID: &str = "loket-sandbox-partner";
/// `merchantId` that the simulated DANA knows.
pub const DANA_MERCHANT_ID: &str = "216620000000000000001";
/// `externalStoreId` of the merchant's one store with DANA.
pub const DANA_STORE_ID: &str = "LOKET-STORE-01";
/// Secret key that the simulated Xendit accepts.
pub const XENDIT_SECRET_KEY: &str = "xnd_development_loket";
/// Token in the header of every callback of the simulated Xendit.
pub const XENDIT_CALLBACK_TOKEN: &str = "loket-sandbox-callback-token";
/// Username that the simulated Digiflazz accepts.
pub const DIGIFLAZZ_USERNAME: &str = "loket";
/// API key (of the development kind) that the simulated Digiflazz accepts.
pub const DIGIFLAZZ_API_KEY: &str = "dev-loket-sandbox";
/// Secret that the simulated Digiflazz signs its webhooks with.
pub const DIGIFLAZZ_WEBHOOK_SECRET: &str = "loket-sandbox-secret";

/// API id that the simulated VIP Reseller accepts.
pub const VIP_RESELLER_API_ID: &str = "loket";
/// API key that the simulated VIP Reseller accepts.
pub const VIP_RESELLER_API_KEY: &str = "loket-sandbox";
/// Merchant id that the simulated Apigames accepts.
pub const APIGAMES_MERCHANT_ID: &str = "loket";
/// Secret that the simulated Apigames accepts.
pub const APIGAMES_SECRET: &str = "loket-sandbox";

/// How the world is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The books are at `data_dir/sandbox/world.db`.
    pub data_dir: PathBuf,
    /// What the simulated suppliers sell, each under the same codes and at the same prices.
    pub products: Vec<SupplierProduct>,
    /// Webhook URL in the "dashboard" of Midtrans.
    pub midtrans_notify: Option<String>,
    /// Webhook URL in the "dashboard" of DANA, for orders that name none.
    pub dana_notify: Option<String>,
    /// Webhook URL in the "dashboard" of Xendit.
    pub xendit_notify: Option<String>,
    /// How often each operation of Xendit's can be called in a minute.
    pub xendit_calls_a_minute: u32,
    /// Webhook URL in the "dashboard" of Digiflazz.
    pub digiflazz_notify: Option<String>,
    /// Callback URL in the "dashboard" of VIP Reseller.
    pub vip_reseller_notify: Option<String>,
    /// Callback URL in the "dashboard" of Apigames.
    pub apigames_notify: Option<String>,
    /// Whether Midtrans shows an error in the HTTP status, too. It is inconsistent in reality.
    pub midtrans_errors: ErrorStyle,
    /// Whether Digiflazz shows a failure in the HTTP status, too.
    pub digiflazz_errors: ErrorStyle,
    /// What Digiflazz answers when the same transaction is asked about within a minute.
    pub digiflazz_requery: Requery,
    /// How Digiflazz knows its buyer, and how the buyer knows Digiflazz.
    pub digiflazz_account: DigiflazzAccount,
    /// Addresses that Digiflazz accepts calls from; empty for any. Anything else gets rc 45.
    pub digiflazz_callers: Vec<IpAddr>,
    /// What Discord is like.
    pub discord: DiscordSettings,
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

/// What Digiflazz and its buyer share. Everyone who only wants a world takes the default; an account
/// of one's own is for replaying examples that were signed with other keys.
#[derive(Clone, Debug)]
pub struct DigiflazzAccount {
    /// Username that is accepted; any other gets rc 42.
    pub username: String,
    /// API key that calls must be signed with; otherwise rc 41.
    pub api_key: String,
    /// Secret that webhooks are signed with. Empty: they carry no signature.
    pub webhook_secret: String,
}

impl Default for DigiflazzAccount {
    fn default() -> Self {
        DigiflazzAccount {
            username: DIGIFLAZZ_USERNAME.into(),
            api_key: DIGIFLAZZ_API_KEY.into(),
            webhook_secret: DIGIFLAZZ_WEBHOOK_SECRET.into(),
        }
    }
}

/// One product in the price lists of the simulated suppliers.
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
            dana_notify: None,
            xendit_notify: None,
            // The limit with real money; in their test mode it is a tenth of that.
            xendit_calls_a_minute: 600,
            digiflazz_notify: None,
            vip_reseller_notify: None,
            apigames_notify: None,
            midtrans_errors: ErrorStyle::BodyOnly,
            digiflazz_errors: ErrorStyle::HttpStatus,
            digiflazz_requery: Requery::Refused,
            digiflazz_account: DigiflazzAccount::default(),
            digiflazz_callers: Vec::new(),
            discord: DiscordSettings::default(),
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
