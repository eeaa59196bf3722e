//! DANA Payment Gateway: DANA's own page and a QR code, and as a second rail QRIS, virtual accounts and a push
//! to OVO (`contracts/payments.md` §2). Here is how to call it; `option.rs` has its names and terms for each
//! method, `wire.rs`, `state.rs` and `refund.rs` tell what its answers mean, `signature.rs` how both sides sign,
//! `notification.rs` what we are told.

mod body;
mod canonical;
mod codes;
mod keys;
mod notification;
mod option;
mod refund;
mod signature;
mod state;
mod wire;

use super::{Until, address::BaseUrl, previous::still};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, MethodTerms, Notification,
    RefundOutcome, RefundRequest, RefusalReason, Sent, StatusOutcome, WebhookRefusal,
};
pub use keys::{KeyError, KeyOf};
use keys::{SigningKey, VerifyingKey};
use outside::{Answer, CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::{Clock, Ids, PaymentMethod, Reference, Secret};
use wire::Merchant;

const CREATE: &str = "/payment-gateway/v1.0/debit/payment-host-to-host.htm";
const QUERY: &str = "/payment-gateway/v1.0/debit/status.htm";
const CANCEL: &str = "/payment-gateway/v1.0/debit/cancel.htm";
const REFUND: &str = "/payment-gateway/v1.0/debit/refund.htm";

/// DANA expects 8 s on every call (§2.1).
const TIMEOUT: Duration = Duration::from_secs(10);
/// With less than this left nothing is sent any more: `validUpTo` would be over when it arrives.
const TOO_LATE: Duration = Duration::from_secs(5);
/// As DANA's own libraries send it (§2.2).
const CHANNEL: &str = "95221";

/// What must be known to use DANA.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the interface (§2.1): `https://api.saas.dana.id`. Signed paths are DANA's own, without
    /// whatever path the base has.
    pub base_url: String,
    /// Our address, for the header `ORIGIN`.
    pub origin: String,
    /// `X-PARTNER-ID`, the client id.
    pub partner_id: String,
    /// `merchantId`.
    pub merchant_id: String,
    /// `externalStoreId`, which QRIS needs.
    pub store_id: String,
    /// Our private key: PKCS#8 in PEM.
    pub private_key: Secret,
    /// Our key before it: while keys are being changed, what DANA does not take signed with the new one is
    /// signed with this (§9 row 18).
    pub previous_private_key: Option<Secret>,
    /// DANA's public key in PEM, which its notifications are signed with.
    pub gateway_public_key: String,
    /// DANA's key before it: while keys are being changed, both are believed (§9 row 18).
    pub previous_gateway_public_key: Option<String>,
    /// Until when the two keys of before count; `None`: for ever.
    pub previous_until: Option<Until>,
}

/// The gateway.
#[derive(Debug)]
pub struct Dana {
    http: Http,
    base: BaseUrl,
    origin: String,
    partner_id: String,
    merchant: Merchant,
    key: SigningKey,
    previous_key: Option<SigningKey>,
    theirs: VerifyingKey,
    theirs_before: Option<VerifyingKey>,
    previous_until: Option<Until>,
    clock: Clock,
    ids: Ids,
}

impl Dana {
    /// DANA with these settings. `clock` and `ids` are for the signatures: they count in real time.
    ///
    /// # Errors
    /// When a key cannot be used, with which and why.
    pub fn new(http: Http, settings: Settings, clock: Clock, ids: Ids) -> Result<Self, KeyError> {
        let key = SigningKey::from_pem(&settings.private_key, KeyOf::Merchant)?;
        let previous = settings.previous_private_key.as_ref();
        let previous_key =
            previous.map(|pem| SigningKey::from_pem(pem, KeyOf::PreviousMerchant)).transpose()?;
        let theirs = VerifyingKey::from_pem(&settings.gateway_public_key, KeyOf::Gateway)?;
        let before = settings.previous_gateway_public_key.as_ref();
        let theirs_before =
            before.map(|pem| VerifyingKey::from_pem(pem, KeyOf::PreviousGateway)).transpose()?;
        let Settings { base_url, origin, partner_id, merchant_id, store_id, previous_until, .. } = settings;
        Ok(Dana {
            http,
            base: BaseUrl::new(&base_url),
            origin,
            partner_id,
            merchant: Merchant { merchant_id, store_id },
            key,
            previous_key,
            theirs,
            theirs_before,
            previous_until,
            clock,
            ids,
        })
    }

    /// DANA's keys that count now.
    fn believed(&self) -> Vec<&VerifyingKey> {
        let before = still(self.theirs_before.as_ref(), self.previous_until.as_ref());
        std::iter::once(&self.theirs).chain(before).collect()
    }

    /// SHA-256 over the public half of our key, in hexadecimal digits, as
    /// `openssl pkey -pubin -in FILE -outform DER | sha256sum` tells it of the file that DANA was given.
    pub fn key_fingerprint(&self) -> Option<String> {
        self.key.fingerprint()
    }

    /// Whether our own key is among those that are believed as DANA's: a mix-up of files, and then nothing
    /// that DANA sends is believed.
    pub fn believes_our_own_key(&self) -> bool {
        let text = "whose key is this";
        std::iter::once(&self.key).chain(&self.previous_key).any(|ours| {
            let signature = ours.sign(text);
            let mut theirs = std::iter::once(&self.theirs).chain(&self.theirs_before);
            signature.is_some_and(|signature| theirs.any(|key| key.fits(text, &signature)))
        })
    }

    async fn open(&self, request: &ChargeRequest) -> ChargeOutcome {
        let refused = |code: &str, message: String| ChargeOutcome::Refused {
            code: code.into(),
            message,
            reason: RefusalReason::ThisPayment,
        };
        if !self.methods().contains(&request.method) {
            return refused("method", format!("DANA is not asked for {}", request.method));
        }
        if !self.terms(request.method).carries(request.amount) {
            return refused("amount", "the amount is outside what the method carries".into());
        }
        if request.method.needs_phone() && request.phone.is_none() {
            return refused("phone", "a push needs the buyer's phone number, and none is given".into());
        }
        if request.now.plus(TOO_LATE) > request.expires_at {
            return ChargeOutcome::NotOpened { reason: "its time is over".into(), retry_after: None };
        }
        let body = wire::create_body(request, &self.merchant);
        match self.post("dana.create", CREATE, body).await {
            Ok(answer) => wire::charge_outcome(request, &answer, &self.base),
            Err(CallError::NotSent(reason)) => ChargeOutcome::NotOpened { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => ChargeOutcome::Unknown { reason, retry_after: None },
        }
    }

    async fn ask(&self, sent: &Sent) -> StatusOutcome {
        let body = wire::query_body(&sent.reference, &self.merchant);
        match self.post("dana.query", QUERY, body).await {
            Ok(answer) => state::status_outcome(sent, &self.merchant, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => {
                StatusOutcome::Unknown { reason, retry_after: None }
            }
        }
    }

    /// DANA has one way to close an order, whatever the reason.
    async fn close(&self, reference: &Reference, reason: &str) -> CloseOutcome {
        let body = wire::cancel_body(reference, &self.merchant, reason);
        match self.post("dana.cancel", CANCEL, body).await {
            Ok(answer) => wire::close_outcome(reference, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => CloseOutcome::Unknown { reason },
        }
    }

    async fn give_back(&self, request: &RefundRequest) -> RefundOutcome {
        if let Some(reason) = request.objection(self.terms(request.payment.method).refund) {
            return RefundOutcome::never_sent(reason);
        }
        match self.post("dana.refund", REFUND, refund::body(request, &self.merchant)).await {
            Ok(answer) => refund::outcome(request, &answer),
            Err(CallError::NotSent(reason)) => RefundOutcome::NotTaken { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => RefundOutcome::Unknown { reason, retry_after: None },
        }
    }

    async fn ask_refund(&self, request: &RefundRequest) -> RefundOutcome {
        let body = wire::query_body(&request.payment.reference, &self.merchant);
        match self.post("dana.refund_status", QUERY, body).await {
            Ok(answer) => refund::status_outcome(request, &self.merchant, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => {
                RefundOutcome::Unknown { reason, retry_after: None }
            }
        }
    }

    /// One call. What DANA refuses for its signature it has not looked at: while our key is being changed, it
    /// is sent once more, signed with the one before.
    async fn post(&self, name: &'static str, path: &str, body: Vec<u8>) -> Result<Answer, CallError> {
        let Some(previous) = still(self.previous_key.as_ref(), self.previous_until.as_ref()) else {
            return self.post_signed(name, path, body, &self.key).await;
        };
        let answer = self.post_signed(name, path, body.clone(), &self.key).await?;
        if !codes::is_about_our_key(&answer) {
            return Ok(answer);
        }
        tracing::warn!("DANA does not take our key yet: what it refused is signed with the one before");
        self.post_signed(name, path, body, previous).await
    }

    /// One signed call (§2.2): the bytes that are signed are the bytes that are sent.
    async fn post_signed(
        &self,
        name: &'static str,
        path: &str,
        body: Vec<u8>,
        key: &SigningKey,
    ) -> Result<Answer, CallError> {
        let now = self.clock.real_now();
        let time = signature::time(now);
        let Some(signature) = signature::of_request(key, path, &body, &time) else {
            return Err(CallError::NotSent("the request could not be signed".into()));
        };
        let headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("X-TIMESTAMP", time),
            ("X-SIGNATURE", signature),
            ("X-PARTNER-ID", self.partner_id.clone()),
            // Unique, and no part of the content: a repetition has one of its own.
            ("X-EXTERNAL-ID", self.ids.ulid(now)),
            ("CHANNEL-ID", CHANNEL.to_owned()),
            ("ORIGIN", self.origin.clone()),
        ];
        let url = self.base.join(path);
        self.http
            .call(Request { name, method: Method::Post, url, headers, body: Some(body), timeout: TIMEOUT })
            .await
    }
}

impl Gateway for Dana {
    fn name(&self) -> &'static str {
        "dana"
    }

    fn methods(&self) -> &'static [PaymentMethod] {
        option::METHODS
    }

    fn terms(&self, method: PaymentMethod) -> MethodTerms {
        option::terms(method)
    }

    fn webhook_path(&self) -> &'static str {
        notification::PATH
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &["x-timestamp", "x-signature", "x-partner-id", "x-external-id"]
    }

    fn shortest(&self, method: PaymentMethod) -> Duration {
        option::shortest(method)
    }

    /// The code, the number and the page are in the answer alone, and the same order is answered the same
    /// (§2.3). Nothing in it is needed for a push, and nobody is pushed twice.
    fn lost_charge(&self, method: PaymentMethod) -> LostCharge {
        if method.needs_phone() { LostCharge::Ask } else { LostCharge::SendAgain }
    }

    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        Box::pin(self.open(request))
    }

    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(self.ask(sent))
    }

    fn cancel<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close(&sent.reference, "the buyer withdrew"))
    }

    fn expire<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close(&sent.reference, "its time is over"))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(self.give_back(request))
    }

    fn refund_status<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(self.ask_refund(request))
    }

    fn verify_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Notification, WebhookRefusal> {
        let now = self.clock.real_now();
        notification::verify(headers, body, &self.believed(), &self.merchant.merchant_id, now)
    }
}
