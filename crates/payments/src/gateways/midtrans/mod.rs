//! Midtrans Core API: GoPay by QR (`contracts/payments.md` §1). Here is how to call it; what its
//! answers mean is in `wire.rs`, and who may send us notifications in `signature.rs`.

mod address;
mod body;
mod notification;
mod qr;
mod signature;
mod wire;

use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, Notification, ObservedState, Opened, StatusOutcome,
    WebhookRefusal,
};
use address::BaseUrl;
use base64::{Engine, engine::general_purpose::STANDARD};
use outside::{Answer, CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::{PaymentMethod, Reference, Secret};

const CHARGE_TIMEOUT: Duration = Duration::from_secs(15);
const STATUS_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
const QR_TIMEOUT: Duration = Duration::from_secs(5);
/// How many addresses of the QR picture are tried. With the time-outs above a charge takes at
/// most 25 seconds and a question 20: less than the lease of a row.
const QR_TRIES: usize = 2;

/// What must be known to use Midtrans.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the Core API (§1.1): `https://api.midtrans.com`.
    pub base_url: String,
    /// The key that calls are made with, and that notifications are signed with.
    pub server_key: Secret,
    /// The key before it: while keys are being changed, notifications signed with it are believed
    /// too (§9 row 18).
    pub previous_server_key: Option<Secret>,
}

/// The gateway.
#[derive(Debug)]
pub struct Midtrans {
    http: Http,
    base: BaseUrl,
    server_key: Secret,
    previous_server_key: Option<Secret>,
    read_codes: qr::Remembered,
}

impl Midtrans {
    /// Midtrans with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        let Settings { base_url, server_key, previous_server_key } = settings;
        let base = BaseUrl::new(&base_url);
        Midtrans { http, base, server_key, previous_server_key, read_codes: qr::Remembered::default() }
    }

    async fn open(&self, request: &ChargeRequest) -> ChargeOutcome {
        if request.method != PaymentMethod::GopayQr {
            let message = format!("Midtrans is not asked for {}", request.method);
            return ChargeOutcome::Refused { code: "method".into(), message };
        }
        if !request.amount.is_positive() {
            return ChargeOutcome::Refused {
                code: "amount".into(),
                message: "the amount is not positive".into(),
            };
        }
        let Some(body) = wire::charge_body(request) else {
            return ChargeOutcome::NotOpened { reason: "its time is over".into(), retry_after: None };
        };
        let mut call = self.post("midtrans.charge", "/v2/charge", body, CHARGE_TIMEOUT);
        call.headers.extend(request.notify_url.iter().map(|url| ("X-Override-Notification", url.clone())));
        let answer = match self.http.call(call).await {
            Ok(answer) => answer,
            Err(CallError::NotSent(reason)) => return ChargeOutcome::NotOpened { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => return ChargeOutcome::Unknown { reason },
        };
        match wire::charge_outcome(&request.reference, &answer, &self.base) {
            ChargeOutcome::Opened(opened) => ChargeOutcome::Opened(self.with_qr(opened, &answer).await),
            other => other,
        }
    }

    async fn ask(&self, reference: &Reference) -> StatusOutcome {
        let call = Request {
            name: "midtrans.status",
            method: Method::Get,
            url: self.base.join(&format!("/v2/{reference}/status")),
            headers: self.headers(),
            body: None,
            timeout: STATUS_TIMEOUT,
        };
        let answer = match self.http.call(call).await {
            Ok(answer) => answer,
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => {
                return StatusOutcome::Unknown { reason, retry_after: None };
            }
        };
        match wire::status_outcome(reference, &answer, &self.base) {
            StatusOutcome::Found(mut seen) if seen.state == ObservedState::Pending => {
                seen.opened = self.with_qr(seen.opened, &answer).await;
                StatusOutcome::Found(seen)
            }
            other => other,
        }
    }

    async fn close(&self, name: &'static str, verb: &str, reference: &Reference) -> CloseOutcome {
        let path = format!("/v2/{reference}/{verb}");
        match self.http.call(self.post(name, &path, b"{}".to_vec(), CLOSE_TIMEOUT)).await {
            Ok(answer) => wire::close_outcome(reference, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => CloseOutcome::Unknown { reason },
        }
    }

    /// The text of the QR code, when the answer has only its picture. A picture that cannot be had
    /// or read takes nothing away from the payment: its address stays.
    async fn with_qr(&self, mut opened: Opened, answer: &Answer) -> Opened {
        let named = !opened.transaction_id.is_empty();
        if opened.qr_string.is_none() && named {
            opened.qr_string = self.read_codes.get(&opened.transaction_id);
        }
        if opened.qr_string.is_some() {
            return opened;
        }
        let pictures =
            body::Body::parse(&answer.body).map(|b| wire::pictures(&b, &self.base)).unwrap_or_default();
        for url in pictures.into_iter().take(QR_TRIES) {
            if let Some(text) = self.read_picture(url).await {
                if named {
                    self.read_codes.put(&opened.transaction_id, &text);
                }
                opened.qr_string = Some(text);
                return opened;
            }
        }
        tracing::warn!(
            payment.transaction = %opened.transaction_id,
            "the QR code of payment {} could not be read; only its picture can be shown", opened.transaction_id
        );
        opened
    }

    async fn read_picture(&self, url: String) -> Option<String> {
        // The key goes to the gateway's own address only.
        let headers = if self.base.is_home_of(&url) { vec![self.authorization()] } else { Vec::new() };
        let call = Request {
            name: "midtrans.qr",
            method: Method::Get,
            url,
            headers,
            body: None,
            timeout: QR_TIMEOUT,
        };
        let answer = self.http.call(call).await.ok().filter(|answer| answer.status == 200)?;
        qr::decode(&answer.body)
    }

    fn post(&self, name: &'static str, path: &str, body: Vec<u8>, timeout: Duration) -> Request {
        let mut headers = self.headers();
        headers.push(("Content-Type", "application/json".to_owned()));
        Request { name, method: Method::Post, url: self.base.join(path), headers, body: Some(body), timeout }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![self.authorization(), ("Accept", "application/json".to_owned())]
    }

    /// `Basic base64(SERVER_KEY + ":")` (§1.1).
    fn authorization(&self) -> (&'static str, String) {
        ("Authorization", format!("Basic {}", STANDARD.encode(format!("{}:", self.server_key.expose()))))
    }
}

impl Gateway for Midtrans {
    fn name(&self) -> &'static str {
        "midtrans"
    }

    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::GopayQr]
    }

    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        Box::pin(self.open(request))
    }

    fn status<'a>(&'a self, reference: &'a Reference) -> Pending<'a, StatusOutcome> {
        Box::pin(self.ask(reference))
    }

    fn cancel<'a>(&'a self, reference: &'a Reference) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close("midtrans.cancel", "cancel", reference))
    }

    fn expire<'a>(&'a self, reference: &'a Reference) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close("midtrans.expire", "expire", reference))
    }

    fn verify_webhook(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, WebhookRefusal> {
        let keys = std::iter::once(&self.server_key).chain(self.previous_server_key.as_ref());
        notification::verify(body, keys)
    }
}
