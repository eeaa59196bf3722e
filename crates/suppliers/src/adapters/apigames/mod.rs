//! Apigames (`contracts/suppliers.md` §2.2). It takes our reference, but what it makes of one that it has seen is
//! not documented, and its documents forbid to learn a status by buying: a purchase is sent once, and its status
//! is asked for. Here is how to call; what their answers mean is in `wire.rs` and `words.rs`.

mod wire;
mod words;

use super::{sign, tujuan};
use crate::{
    Ask, Capabilities, Deposit, LookedUp, Purchase, Report, Supplier, SupplierWebhook, Verdict,
    WebhookRefusal,
};
use outside::{CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::Secret;

/// Shorter than the lease of the attempt that it is made for.
const PURCHASE_TIMEOUT: Duration = Duration::from_secs(25);
const QUESTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Asked at most so often, when callbacks say that there is something to hear; no limit is documented.
const MIN_REQUERY: Duration = Duration::from_secs(10);
/// A question cannot buy. After this long nobody remembers, and a person has looked.
const MAX_REQUERY_AGE: Duration = crate::RESEND_LIMIT;

/// What Apigames can do (§2, the table at its end).
pub const CAPABILITIES: Capabilities = Capabilities {
    supports_client_ref: true,
    resend_is_status: false,
    min_requery: MIN_REQUERY,
    max_requery_age: MAX_REQUERY_AGE,
    price_guard: false,
    reads_price_first: false,
    callback_is_authenticated: false,
    partial_possible: true,
    needs_end_user_ip: false,
    names_reversals: false,
    refusals_are_documented: false,
    keeps_of_failures: true,
    tells_one_price: false,
};

/// What must be known to use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the API: `https://v1.apigames.id`.
    pub base_url: String,
    /// Merchant id from the dashboard.
    pub merchant_id: String,
    /// Secret key from the dashboard.
    pub secret: Secret,
    /// Whether a colon stands between the two where nothing else is signed: their documents say both.
    pub colon: bool,
}

/// The supplier.
#[derive(Debug)]
pub struct Apigames {
    http: Http,
    settings: Settings,
}

impl Apigames {
    /// Apigames with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        Apigames { http, settings }
    }

    async fn send(&self, purchase: &Purchase) -> Report {
        // Nobody should get here with it; if somebody does, nothing is bought a second time.
        if purchase.ask == Ask::Again {
            let text = format!("not sent: {} was sent before, and may be bought again", purchase.reference);
            return Report::bare(Verdict::UnknownAlarm, text);
        }
        let Some(tujuan) = tujuan::split(&purchase.customer_no) else {
            return Report::bare(
                Verdict::RefusedConfiguration,
                "not sent: the customer number of the product is not `{user_id}` or `{user_id}|{zone_id}`",
            );
        };
        let body = wire::purchase_body(&self.settings, purchase, tujuan);
        let call = self.post("apigames.transaksi", "/v2/transaksi", body, PURCHASE_TIMEOUT);
        match self.http.call(call).await {
            Ok(answer) => wire::bought(&purchase.reference, &answer),
            Err(CallError::NotSent(reason)) => Report::bare(Verdict::NotSent, reason),
            Err(CallError::Unknown(reason)) => Report::bare(Verdict::Unknown, reason),
        }
    }

    async fn ask(&self, purchase: &Purchase) -> LookedUp {
        let body = wire::question_body(&self.settings, &purchase.reference);
        let call = self.post("apigames.status", "/v2/transaksi/status", body, QUESTION_TIMEOUT);
        let answer = match self.http.call(call).await {
            Ok(answer) => answer,
            Err(error) => return LookedUp::Silent { reason: error.to_string() },
        };
        match wire::asked(&purchase.reference, &answer) {
            Ok(report) => LookedUp::Told(report),
            Err(reason) => LookedUp::Silent { reason },
        }
    }

    async fn left(&self) -> Result<vocabulary::Rupiah, String> {
        let Settings { merchant_id, secret, colon, .. } = &self.settings;
        let between = if *colon { ":" } else { "" };
        let signature = sign::md5_hex(&[merchant_id, between, secret.expose()]);
        let merchant: String = form_urlencoded::byte_serialize(merchant_id.as_bytes()).collect();
        let request = Request {
            name: "apigames.merchant",
            method: Method::Get,
            url: format!("{}/merchant/{merchant}?signature={signature}", self.base()),
            headers: vec![("Accept", "application/json".into())],
            body: None,
            timeout: QUESTION_TIMEOUT,
        };
        let answer = self.http.call(request).await.map_err(|error| error.to_string())?;
        wire::balance(&answer)
    }

    fn base(&self) -> &str {
        self.settings.base_url.trim_end_matches('/')
    }

    fn post(&self, name: &'static str, path: &str, body: Vec<u8>, timeout: Duration) -> Request {
        let headers = ["Content-Type", "Accept"].map(|header| (header, "application/json".to_owned()));
        let url = format!("{}{path}", self.base());
        Request { name, method: Method::Post, url, headers: headers.to_vec(), body: Some(body), timeout }
    }
}

impl Supplier for Apigames {
    fn name(&self) -> &'static str {
        "apigames"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(self.send(purchase))
    }

    fn look_up<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, LookedUp> {
        Box::pin(self.ask(purchase))
    }

    fn deposit(&self) -> Pending<'_, Deposit> {
        Box::pin(
            async move { self.left().await.map_or_else(|reason| Deposit::Silent { reason }, Deposit::Left) },
        )
    }

    fn unseen(&self) -> &'static [&'static str] {
        &[
            "the fee that is kept for a purchase which failed is not told: it shows only in the deposit",
            "purchases are not listed: one that this shop does not know shows only in the deposit, or by its callback",
        ]
    }

    fn webhook_path(&self) -> Option<&'static str> {
        Some("/webhooks/apigames")
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &["x-apigames-authorization"]
    }

    /// The signature covers our reference and nothing else of the body: a callback is a reason to ask.
    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, WebhookRefusal> {
        let signed = wire::named(body).unwrap_or_default();
        let expected = wire::signature(&self.settings, &signed);
        if !sign::header_is(headers, "x-apigames-authorization", &expected) || self.settings.secret.is_empty()
        {
            return Err(WebhookRefusal::BadSignature);
        }
        wire::webhook(body)
    }
}
