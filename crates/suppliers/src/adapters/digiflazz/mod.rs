//! Digiflazz buyer API (`contracts/suppliers.md` §1). Here is how to call it; what its answers mean
//! is in `wire.rs` and `codes.rs`, and who may send us webhooks in `signature.rs`.

mod codes;
mod list;
mod signature;
mod wire;

use crate::{
    Ask, Capabilities, Deposit, ListAsk, PriceList, Purchase, Report, Supplier, SupplierWebhook, Verdict,
    WebhookRefusal,
};
use outside::{CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::{Rupiah, Secret, Until};

/// Shorter than the lease of the attempt that it is made for.
const PURCHASE_TIMEOUT: Duration = Duration::from_secs(25);
const BALANCE_TIMEOUT: Duration = Duration::from_secs(10);
/// A list may have thousands of entries; this is half a lease.
const LIST_TIMEOUT: Duration = Duration::from_secs(30);
/// For one code a purchase's place is held, and the list tells it as well.
const CODE_TIMEOUT: Duration = Duration::from_secs(5);
/// Twenty thousand entries of the usual size.
const LIST_BYTES: usize = 16 * 1024 * 1024;
/// "Not more often than once per minute for the same transaction" (§1.3).
const MIN_REQUERY: Duration = Duration::from_secs(60);
/// A reference older than 90 days buys again; we stop five days before (§1.3).
const MAX_REQUERY_AGE: Duration = Duration::from_secs(85 * 86_400);

/// What Digiflazz can do (§1.3, §1.6).
pub const CAPABILITIES: Capabilities = Capabilities {
    supports_client_ref: true,
    resend_is_status: true,
    min_requery: MIN_REQUERY,
    max_requery_age: MAX_REQUERY_AGE,
    price_guard: true,
    reads_price_first: false,
    callback_is_authenticated: true,
    partial_possible: false,
    needs_end_user_ip: false,
    names_reversals: true,
    refusals_are_documented: true,
    keeps_of_failures: false,
    tells_one_price: true,
};

/// What must be known to use Digiflazz.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the API (§1.1): `https://api.digiflazz.com/v1`.
    pub base_url: String,
    /// User name from the member area.
    pub username: String,
    /// Key for what is bought. Test purchases (§1.6), which a development key makes, are never sent.
    pub api_key: Secret,
    /// Secret that webhooks are signed with. Empty: no webhook is believed.
    pub webhook_secret: Secret,
    /// The one before it, while it is being changed: webhooks may be signed with either.
    pub previous_webhook_secret: Option<Secret>,
    /// Until when that one counts; without an end for as long as it is given.
    pub previous_until: Option<Until>,
}

/// The supplier.
#[derive(Debug)]
pub struct Digiflazz {
    http: Http,
    settings: Settings,
    pace: list::Pace,
}

/// Why our deposit is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BalanceError {
    /// No connection, or no answer in time.
    #[error(transparent)]
    NoAnswer(#[from] CallError),
    /// An answer without a balance: a refused key, an address that is not on their list.
    #[error("digiflazz did not tell the balance: {0}")]
    Refused(String),
}

impl Digiflazz {
    /// Digiflazz with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        Digiflazz { http, settings, pace: list::Pace::default() }
    }

    /// What is left of our deposit there, rounded down to whole rupiah (§1.3 cek-saldo).
    ///
    /// # Errors
    /// When there is no answer, or none with a balance in it.
    pub async fn balance(&self) -> Result<Rupiah, BalanceError> {
        let body = wire::balance_body(&self.settings);
        let answer =
            self.http.call(self.post("digiflazz.balance", "/cek-saldo", body, BALANCE_TIMEOUT)).await?;
        wire::balance(&answer).map_err(BalanceError::Refused)
    }

    async fn send(&self, purchase: &Purchase) -> Report {
        // Nobody should get here with it; if somebody does, it is not bought again (§6 row 5).
        if purchase.now.since(purchase.first_sent_at) >= MAX_REQUERY_AGE {
            let message = format!(
                "not sent: {} was first sent on {}, and a reference that old may be bought again",
                purchase.reference,
                purchase.first_sent_at.rfc3339()
            );
            return Report::bare(Verdict::UnknownAlarm, message);
        }
        let body = wire::purchase_body(&self.settings, purchase);
        let call = self.post("digiflazz.transaction", "/transaction", body, PURCHASE_TIMEOUT);
        match (self.http.call(call).await, purchase.ask) {
            (Ok(answer), ask) => wire::report(&purchase.reference, ask, &answer),
            (Err(CallError::NotSent(reason)), Ask::First) => Report::bare(Verdict::NotSent, reason),
            // That this question never arrived tells nothing about the send before it.
            (Err(CallError::NotSent(reason) | CallError::Unknown(reason)), _) => {
                Report::bare(Verdict::Unknown, reason)
            }
        }
    }

    /// Asks for the whole list or for one code, never by category, brand or type: those answers are up to
    /// fifteen minutes old (§1.3).
    async fn list(&self, ask: &ListAsk) -> PriceList {
        if let Err(again_at) = self.pace.take(ask) {
            return PriceList::TooSoon { again_at };
        }
        let body = list::body(&self.settings, ask.sku.as_deref());
        let patience = if ask.sku.is_some() { CODE_TIMEOUT } else { LIST_TIMEOUT };
        let call = self.post("digiflazz.price_list", "/price-list", body, patience);
        match self.http.call_for_up_to(LIST_BYTES, call).await {
            Ok(answer) => list::read(&answer, ask, self.name()),
            Err(CallError::NotSent(reason)) => {
                self.pace.give_back(ask);
                PriceList::Silent { reason }
            }
            Err(CallError::Unknown(reason)) => PriceList::Silent { reason },
        }
    }

    fn post(&self, name: &'static str, path: &str, body: Vec<u8>, timeout: Duration) -> Request {
        let headers = ["Content-Type", "Accept"].map(|header| (header, "application/json".to_owned()));
        let url = format!("{}{path}", self.settings.base_url.trim_end_matches('/'));
        Request { name, method: Method::Post, url, headers: headers.to_vec(), body: Some(body), timeout }
    }
}

impl Supplier for Digiflazz {
    fn name(&self) -> &'static str {
        "digiflazz"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(self.send(purchase))
    }

    fn deposit(&self) -> Pending<'_, Deposit> {
        Box::pin(async move {
            match self.balance().await {
                Ok(left) => Deposit::Left(left),
                Err(error) => Deposit::Silent { reason: error.to_string() },
            }
        })
    }

    fn webhook_path(&self) -> Option<&'static str> {
        Some("/webhooks/digiflazz")
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &["x-hub-signature", "x-digiflazz-event"]
    }

    fn price_list<'a>(&'a self, ask: &'a ListAsk) -> Pending<'a, PriceList> {
        Box::pin(self.list(ask))
    }

    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, WebhookRefusal> {
        let Settings { webhook_secret, previous_webhook_secret, previous_until, .. } = &self.settings;
        let still = |_: &&Secret| !previous_until.as_ref().is_some_and(Until::is_over);
        let before = previous_webhook_secret.as_ref().filter(still);
        let mut secrets = std::iter::once(webhook_secret).chain(before);
        if !secrets.any(|secret| signature::fits(headers, body, secret)) {
            return Err(WebhookRefusal::BadSignature);
        }
        wire::webhook(body)
    }
}
