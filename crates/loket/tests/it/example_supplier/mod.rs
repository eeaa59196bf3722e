//! The supplier of docs/adding-a-gateway.md, complete: how it is called is here, their JSON in `wire.rs`, and their
//! simulator, written from the same made-up contract, in `simulator.rs`. It exists in these tests alone.

mod promises;
mod simulator;
mod wire;

use outside::{CallError, Http, Method, Pending, Request};
use std::time::Duration;
use suppliers::{
    Ask, Capabilities, Deposit, Purchase, RESEND_LIMIT, Report, Supplier, SupplierWebhook, Verdict,
    WebhookRefusal,
};
use vocabulary::Secret;

/// Longer than any of its answers takes, and shorter than the lease of a row.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The header of its webhooks' signature, in lower case.
const SIGNATURE: &str = "x-example-signature";

/// What it can do: a second send under the same id asks, and it buys at no more than it is told.
const CAPABILITIES: Capabilities = Capabilities {
    supports_client_ref: true,
    resend_is_status: true,
    min_requery: Duration::from_secs(10),
    max_requery_age: RESEND_LIMIT,
    price_guard: true,
    reads_price_first: false,
    callback_is_authenticated: true,
    partial_possible: false,
    needs_end_user_ip: false,
    names_reversals: false,
    refusals_are_documented: true,
    keeps_of_failures: false,
    tells_one_price: false,
};

/// The supplier.
struct Example {
    http: Http,
    /// Base of its API.
    base_url: String,
    /// The key that calls are made with, and that webhooks are signed with.
    key: Secret,
}

impl Example {
    fn request(&self, name: &'static str, method: Method, path: &str, body: Option<Vec<u8>>) -> Request {
        let key = ("x-example-key", self.key.expose().to_owned());
        let headers = vec![key, ("content-type", "application/json".to_owned())];
        Request { name, method, url: format!("{}{path}", self.base_url), headers, body, timeout: TIMEOUT }
    }

    async fn send(&self, purchase: &Purchase) -> Report {
        let call = self.request("example.order", Method::Post, "/orders", Some(wire::order(purchase)));
        match (self.http.call(call).await, purchase.ask) {
            (Ok(answer), _) => wire::report(&purchase.reference.to_string(), &answer),
            // Nothing left this machine. That a question never arrived tells nothing about the send before it.
            (Err(CallError::NotSent(reason)), Ask::First) => Report::bare(Verdict::NotSent, reason),
            (Err(error), _) => Report::bare(Verdict::Unknown, error.to_string()),
        }
    }

    async fn left(&self) -> Deposit {
        match self.http.call(self.request("example.balance", Method::Get, "/balance", None)).await {
            Ok(answer) => wire::balance(&answer),
            Err(error) => Deposit::Silent { reason: error.to_string() },
        }
    }
}

impl Supplier for Example {
    fn name(&self) -> &'static str {
        "example"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(self.send(purchase))
    }

    fn deposit(&self) -> Pending<'_, Deposit> {
        Box::pin(self.left())
    }

    fn webhook_path(&self) -> Option<&'static str> {
        Some("/webhooks/example")
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE]
    }

    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, WebhookRefusal> {
        let told = headers.iter().find(|(name, _)| name == SIGNATURE).map(|(_, value)| value.as_str());
        let ours = wire::signature(self.key.expose(), body);
        // Somebody who has to guess it learns nothing from how long this takes.
        let fits = told.is_some_and(|told| {
            let pairs = told.bytes().zip(ours.bytes());
            told.len() == ours.len() && pairs.fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
        });
        if !fits {
            return Err(WebhookRefusal::BadSignature);
        }
        wire::news(body).ok_or_else(|| WebhookRefusal::Malformed("no order is named".into()))
    }
}
