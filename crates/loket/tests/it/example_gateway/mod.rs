//! The gateway of docs/adding-a-gateway.md, complete: how it is called is here, their JSON in `wire.rs`, and their
//! simulator, written from the same made-up contract, in `simulator.rs`. It exists in these tests alone.

mod promises;
mod simulator;
mod wire;

use outside::{Answer, CallError, Http, Method, Pending, Request};
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, MethodTerms, Notification,
    RefundOutcome, RefundRefusal, RefundRequest, Refundable, Sent, StatusOutcome, WebhookRefusal,
};
use std::time::Duration;
use vocabulary::{PaymentMethod, Secret};

/// Longer than any of its answers takes, and shorter than the lease of a row.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The header of its webhooks' signature, in lower case.
const SIGNATURE: &str = "x-example-signature";

/// What must be known to use it.
struct Settings {
    /// Base of its API.
    base_url: String,
    /// The key that calls are made with, and that webhooks are signed with.
    key: Secret,
}

/// The gateway.
struct Example {
    http: Http,
    settings: Settings,
}

impl Example {
    fn request(&self, name: &'static str, method: Method, path: &str, body: Option<Vec<u8>>) -> Request {
        Request {
            name,
            method,
            url: format!("{}{path}", self.settings.base_url),
            headers: vec![
                ("x-example-key", self.settings.key.expose().to_owned()),
                ("content-type", "application/json".to_owned()),
            ],
            body,
            timeout: TIMEOUT,
        }
    }

    async fn open(&self, request: &ChargeRequest) -> ChargeOutcome {
        let call = self.request("example.charge", Method::Post, "/payments", Some(wire::charge(request)));
        match self.http.call(call).await {
            Ok(answer) => wire::charged(request, &answer),
            // Nothing left this machine: it may go over another gateway. Anything else may have arrived.
            Err(CallError::NotSent(reason)) => ChargeOutcome::NotOpened { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => ChargeOutcome::Unknown { reason, retry_after: None },
        }
    }

    async fn ask(&self, sent: &Sent) -> StatusOutcome {
        let path = format!("/payments/{}", sent.reference);
        match self.http.call(self.request("example.status", Method::Get, &path, None)).await {
            Ok(answer) => wire::status(sent, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => {
                StatusOutcome::Unknown { reason, retry_after: None }
            }
        }
    }

    async fn close(&self, sent: &Sent) -> CloseOutcome {
        let path = format!("/payments/{}/close", sent.reference);
        let call = self.request("example.close", Method::Post, &path, Some(b"{}".to_vec()));
        match self.http.call(call).await {
            Ok(Answer { status: 200, .. }) => CloseOutcome::Closed,
            Ok(Answer { status: 409, .. }) => CloseOutcome::CannotClose,
            Ok(Answer { status: 404, .. }) => CloseOutcome::NotFound,
            Ok(answer) => CloseOutcome::Unknown { reason: format!("HTTP {}", answer.status) },
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => CloseOutcome::Unknown { reason },
        }
    }
}

impl Gateway for Example {
    fn name(&self) -> &'static str {
        "example"
    }

    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::DanaLink]
    }

    /// Those of the table, but that nothing can be given back.
    fn terms(&self, method: PaymentMethod) -> MethodTerms {
        MethodTerms { refund: Refundable::Never, ..MethodTerms::of(method) }
    }

    fn webhook_path(&self) -> &'static str {
        "/webhooks/example"
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE]
    }

    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::from_secs(30)
    }

    /// It knows our reference, and tells again what the buyer needs.
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }

    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        Box::pin(self.open(request))
    }

    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(self.ask(sent))
    }

    fn cancel<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close(sent))
    }

    fn expire<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close(sent))
    }

    /// It cannot: what would go back becomes store credit.
    fn refund<'a>(&'a self, _: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(async { no_refund() })
    }

    fn refund_status<'a>(&'a self, _: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(async { RefundOutcome::NotFound })
    }

    fn verify_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Notification, WebhookRefusal> {
        let told = headers.iter().find(|(name, _)| name == SIGNATURE).map(|(_, value)| value.as_str());
        let ours = wire::signature(self.settings.key.expose(), body);
        // Somebody who has to guess it learns nothing from how long this takes.
        let fits = told.is_some_and(|told| {
            let pairs = told.bytes().zip(ours.bytes());
            told.len() == ours.len() && pairs.fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
        });
        if !fits {
            return Err(WebhookRefusal::BadSignature);
        }
        wire::notification(body).ok_or_else(|| WebhookRefusal::Malformed("no payment is named".into()))
    }
}

fn no_refund() -> RefundOutcome {
    RefundOutcome::Refused {
        reason: RefundRefusal::NotRefundable,
        code: "none".into(),
        message: "it gives nothing back".into(),
    }
}
