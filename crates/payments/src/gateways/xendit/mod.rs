//! Xendit: OVO by push and DANA by link, as a second rail for both (`contracts/payments.md` §3). Here is how
//! to call it; `wire.rs`, `state.rs` and `refund.rs` tell what its answers mean, `codes.rs` has its words, and
//! `notification.rs` what we are told.
//!
//! Of its three generations this speaks the second, `/payment_requests`: the one with an idempotency key
//! and a question by our own reference (docs/adr). In the first and the third a charge that is sent again
//! pushes twice.

mod body;
mod codes;
mod notification;
mod refund;
mod state;
mod wire;

use super::{Until, address::BaseUrl, previous::still};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, Life, LostCharge, MethodTerms, Notification,
    Observation, ObservedState, RefundOutcome, RefundRequest, Refundable, RefusalReason, Sent, StatusOutcome,
    WebhookRefusal,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use outside::{Answer, CallError, Http, Method, Pending, Request};
use state::Looked;
use std::time::Duration;
use vocabulary::{PaymentMethod, Rupiah, Secret};
use wire::{Senseless, Way};

const CREATE: &str = "/payment_requests";
const REFUNDS: &str = "/refunds";
const CHARGE_TIMEOUT: Duration = Duration::from_secs(15);
/// Closing asks and acts, and afterwards what became of it takes two questions: together 32 seconds, less
/// than the lease of a row. (A key that is being changed is refused at once, or nothing is sent again.)
const TIMEOUT: Duration = Duration::from_secs(8);
/// The shortest time that is worth a page of DANA's.
const SHORTEST_LINK: Duration = Duration::from_secs(60);
/// Between 60 and 70 seconds pass until a push is certainly over.
const LONGEST_PUSH: Duration = Duration::from_secs(70);
const DAY: Duration = Duration::from_secs(86_400);

/// What must be known to use Xendit.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the interface (§3.1), the same for tests and for money: `https://api.xendit.co`.
    pub base_url: String,
    /// The key that calls are made with. Its beginning tells tests from money.
    pub secret_key: Secret,
    /// The key before it: while keys are being changed, what Xendit does not take with the new one is sent with
    /// this (§9 row 18).
    pub previous_secret_key: Option<Secret>,
    /// What its callbacks carry.
    pub callback_token: Secret,
    /// The token before it: while tokens are being changed, both are believed (§9 row 18).
    pub previous_callback_token: Option<Secret>,
    /// Until when key and token of before count; `None`: for ever.
    pub previous_until: Option<Until>,
}

/// The gateway.
#[derive(Debug)]
pub struct Xendit {
    http: Http,
    base: BaseUrl,
    secret_key: Secret,
    previous_secret_key: Option<Secret>,
    callback_token: Secret,
    previous_callback_token: Option<Secret>,
    previous_until: Option<Until>,
}

impl Xendit {
    /// Xendit with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        Xendit {
            http,
            base: BaseUrl::new(&settings.base_url),
            secret_key: settings.secret_key,
            previous_secret_key: settings.previous_secret_key,
            callback_token: settings.callback_token,
            previous_callback_token: settings.previous_callback_token,
            previous_until: settings.previous_until,
        }
    }

    async fn open(&self, request: &ChargeRequest) -> ChargeOutcome {
        let refused = |code: &str, message: String| ChargeOutcome::Refused {
            code: code.into(),
            message,
            reason: RefusalReason::ThisPayment,
        };
        let body = match wire::create_body(request) {
            Ok(body) => body,
            Err(Senseless::Method) => {
                return refused("method", format!("Xendit is not asked for {}", request.method));
            }
            Err(Senseless::Phone) => {
                return refused("phone", "a push needs the buyer's phone number, and none is given".into());
            }
        };
        if !self.terms(request.method).carries(request.amount) {
            return refused("amount", "the amount is outside what the method carries".into());
        }
        if request.now.plus(self.shortest(request.method)) > request.expires_at {
            return ChargeOutcome::NotOpened { reason: "its time is over".into(), retry_after: None };
        }
        let mut call = self.post("xendit.create", self.base.join(CREATE), body, CHARGE_TIMEOUT);
        // One reference, one payment: whatever is sent under it again is answered as the first was.
        call.headers.push(("idempotency-key", request.reference.to_string()));
        match self.call(call).await {
            Ok(answer) => wire::charge_outcome(request, &answer, &self.base),
            Err(CallError::NotSent(reason)) => ChargeOutcome::NotOpened { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => ChargeOutcome::Unknown { reason, retry_after: None },
        }
    }

    async fn ask(&self, sent: &Sent) -> StatusOutcome {
        match self.look(sent).await {
            Looked::Unknown(outcome) => outcome,
            Looked::Nothing => StatusOutcome::NotFound,
            Looked::Several(requests) => StatusOutcome::Found(state::of_several(sent, &requests, &self.base)),
            Looked::One(request) => {
                let seen = state::observation(sent, &request, &self.base);
                match seen.state {
                    ObservedState::Settled => self.with_refunds(sent, seen).await,
                    ended if state::has_ended(ended) => {
                        self.with_payments(sent, seen, body::id(&request, &["payment_method", "id"])).await
                    }
                    _ if state::lacks_page(sent, &seen) => StatusOutcome::Unknown {
                        reason: format!("there is nothing to pay with yet: {}", seen.stated),
                        retry_after: None,
                    },
                    _ => StatusOutcome::Found(seen),
                }
            }
        }
    }

    /// What stands under our reference: asked by their id when it is known, and else by the reference.
    async fn look(&self, sent: &Sent) -> Looked {
        let id = sent.transaction_id.as_deref().filter(|id| body::is_id(id));
        let path = match id {
            Some(id) => format!("{CREATE}/{id}"),
            // A reference of ours has letters, digits and a hyphen.
            None => format!("{CREATE}?reference_id={}&limit=10", sent.reference),
        };
        match self.get(if id.is_some() { "xendit.status" } else { "xendit.find" }, &path).await {
            Ok(answer) if id.is_some() => state::one(sent, &answer),
            Ok(answer) => state::listed(sent, &answer),
            Err(reason) => Looked::Unknown(StatusOutcome::Unknown { reason, retry_after: None }),
        }
    }

    /// A request that has ended without money, and what its payments say. When that cannot be had for now
    /// it is not known how it ended; when Xendit does not tell it at all, its first word stands.
    async fn with_payments(&self, sent: &Sent, ended: Observation, method: Option<&str>) -> StatusOutcome {
        let Some(method) = method else { return StatusOutcome::Found(ended) };
        match self.get("xendit.payments", &format!("/v2/payment_methods/{method}/payments")).await {
            Ok(answer) if is_for_now(&answer) => not_now(&answer, "the payments of an ended request"),
            Ok(answer) => {
                let late = state::paid_all_the_same(sent, &ended, &answer);
                StatusOutcome::Found(late.unwrap_or(ended))
            }
            Err(reason) => StatusOutcome::Unknown { reason, retry_after: None },
        }
    }

    /// A request that was paid, and what of it went back. Money that has just come waits for no list of
    /// refunds that cannot be had.
    async fn with_refunds(&self, sent: &Sent, paid: Observation) -> StatusOutcome {
        match self.get("xendit.refunds", &refunds_of(&paid.opened.transaction_id)).await {
            Ok(answer) if is_for_now(&answer) && !sent.was_open => not_now(&answer, "the refunds"),
            Ok(answer) => {
                let after = state::after_refunds(sent, paid.clone(), &answer);
                StatusOutcome::Found(after.unwrap_or(paid))
            }
            Err(_) if sent.was_open => StatusOutcome::Found(paid),
            Err(reason) => StatusOutcome::Unknown { reason, retry_after: None },
        }
    }

    /// Closing is done to what stands behind a request: by the address that it names for it, or by ending
    /// its payment method, which is for one payment.
    async fn close(&self, name: &'static str, sent: &Sent) -> CloseOutcome {
        let request = match self.look(sent).await {
            Looked::One(request) => request,
            Looked::Nothing => return CloseOutcome::NotFound,
            Looked::Several(_) => return CloseOutcome::CannotClose,
            Looked::Unknown(StatusOutcome::Unknown { reason, .. }) => {
                return CloseOutcome::Unknown { reason };
            }
            Looked::Unknown(_) => return CloseOutcome::CannotClose,
        };
        if state::of(&request) != ObservedState::Pending {
            return CloseOutcome::CannotClose;
        }
        let url = match wire::way_to_close(&request, &self.base) {
            Some(Way::Named(url)) => url,
            Some(Way::Method(id)) => self.base.join(&format!("/v2/payment_methods/{id}/expire")),
            None => return CloseOutcome::CannotClose,
        };
        match self.call(self.post(name, url, b"{}".to_vec(), TIMEOUT)).await {
            Ok(answer) => wire::close_outcome(&answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => CloseOutcome::Unknown { reason },
        }
    }

    async fn give_back(&self, request: &RefundRequest) -> RefundOutcome {
        if let Some(reason) = request.objection(self.terms(request.payment.method).refund) {
            return RefundOutcome::never_sent(reason);
        }
        let id = match self.request_id(&request.payment).await {
            Ok(id) => id,
            // Nothing was sent that could give anything back.
            Err((reason, retry_after)) => return RefundOutcome::NotTaken { reason, retry_after },
        };
        let mut call =
            self.post("xendit.refund", self.base.join(REFUNDS), refund::body(request, &id), TIMEOUT);
        call.headers.push(("idempotency-key", request.key.to_string()));
        match self.call(call).await {
            Ok(answer) => refund::outcome(request, &id, &answer),
            Err(CallError::NotSent(reason)) => RefundOutcome::NotTaken { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => RefundOutcome::Unknown { reason, retry_after: None },
        }
    }

    async fn ask_refund(&self, request: &RefundRequest) -> RefundOutcome {
        let unknown = |(reason, retry_after)| RefundOutcome::Unknown { reason, retry_after };
        if let Some(id) = request.refund_id.as_deref().filter(|id| body::is_id(id)) {
            match self.get("xendit.refund_status", &format!("{REFUNDS}/{id}")).await {
                // One that came to nothing, or that they do not know, says nothing of what somebody gave back
                // otherwise: the list of the payment does.
                Ok(answer) if answer.status == 404 => {}
                Ok(answer) => match refund::told(request, &answer) {
                    RefundOutcome::Refused { .. } => {}
                    told => return told,
                },
                Err(reason) => return unknown((reason, None)),
            }
        }
        let id = match self.request_id(&request.payment).await {
            Ok(id) => id,
            Err(why) => return unknown(why),
        };
        match self.get("xendit.refund_status", &refunds_of(&id)).await {
            Ok(answer) => refund::listed(request, &answer),
            Err(reason) => unknown((reason, None)),
        }
    }

    /// Their id of a payment, which a refund is asked for by.
    async fn request_id(&self, sent: &Sent) -> Result<String, (String, Option<Duration>)> {
        if let Some(id) = sent.transaction_id.as_deref().filter(|id| body::is_id(id)) {
            return Ok(id.to_owned());
        }
        match self.look(sent).await {
            Looked::One(request) => match body::id(&request, &["id"]) {
                Some(id) => Ok(id.to_owned()),
                None => Err(("the payment request has no id".to_owned(), None)),
            },
            Looked::Unknown(StatusOutcome::Unknown { reason, retry_after }) => Err((reason, retry_after)),
            _ => Err(("it is not known which payment request it is about".to_owned(), None)),
        }
    }

    async fn get(&self, name: &'static str, path: &str) -> Result<Answer, String> {
        let (url, headers) = (self.base.join(path), self.headers());
        let call = Request { name, method: Method::Get, url, headers, body: None, timeout: TIMEOUT };
        self.call(call).await.map_err(|error| match error {
            CallError::NotSent(reason) | CallError::Unknown(reason) => reason,
        })
    }

    fn post(&self, name: &'static str, url: String, body: Vec<u8>, timeout: Duration) -> Request {
        let mut headers = self.headers();
        headers.push(("Content-Type", "application/json".to_owned()));
        Request { name, method: Method::Post, url, headers, body: Some(body), timeout }
    }

    /// One call with our key. What Xendit refuses for its key it has not looked at: while the key is being
    /// changed, it is sent once more with the one before, under the same idempotency key.
    async fn call(&self, call: Request) -> Result<Answer, CallError> {
        let previous = still(self.previous_secret_key.as_ref(), self.previous_until.as_ref());
        let Some(previous) = previous else { return self.http.call(call).await };
        let mut again = call.clone();
        let answer = self.http.call(call).await?;
        if !codes::is_about_our_key(&answer) {
            return Ok(answer);
        }
        tracing::warn!("Xendit does not take our key yet: what it refused is sent with the one before");
        again.headers.retain(|(name, _)| *name != AUTHORIZATION);
        again.headers.push(authorization(previous));
        self.http.call(again).await
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![authorization(&self.secret_key), ("Accept", "application/json".to_owned())]
    }
}

const AUTHORIZATION: &str = "Authorization";

/// `Basic base64(KEY + ":")` (§3.1).
fn authorization(key: &Secret) -> (&'static str, String) {
    (AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{}:", key.expose()))))
}

/// The list of refunds of a payment request.
fn refunds_of(id: &str) -> String {
    format!("{REFUNDS}?payment_request_id={id}&limit=50")
}

/// Whether an answer is one that will be another one soon.
fn is_for_now(answer: &Answer) -> bool {
    answer.status == 429 || answer.status >= 500 || answer.status == 408
}

fn not_now(answer: &Answer, what: &str) -> StatusOutcome {
    let body = body::parse(&answer.body);
    let reason = format!("{what} cannot be had: {}", body::said(answer, body.as_ref()));
    StatusOutcome::Unknown { reason, retry_after: wire::pause(answer) }
}

impl Gateway for Xendit {
    fn name(&self) -> &'static str {
        super::XENDIT
    }

    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::OvoPush, PaymentMethod::DanaLink]
    }

    /// §3.7, §8. A push that was paid once cannot be given back there: only tokenised ones can. A page of
    /// DANA's lives for a day, whatever we ask for.
    fn terms(&self, method: PaymentMethod) -> MethodTerms {
        let limits = |life: Duration, refund: Refundable| MethodTerms {
            least: Rupiah::new(100),
            most: Some(Rupiah::new(20_000_000)),
            life: Life::Fixed(life),
            refund,
            ..MethodTerms::of(method)
        };
        match method {
            PaymentMethod::OvoPush => limits(wire::PUSH, Refundable::Never),
            PaymentMethod::DanaLink => limits(DAY, Refundable::InParts { within: DAY.saturating_mul(30) }),
            other => MethodTerms::of(other),
        }
    }

    fn webhook_path(&self) -> &'static str {
        notification::PATH
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &[notification::HEADER]
    }

    /// The token is all there is: the body is not signed (contracts/payments §3.5).
    fn webhook_secrets(&self) -> &'static [&'static str] {
        &[notification::HEADER]
    }

    /// A page of DANA's outlives our own time in any case: it is closed then, and money that comes all the
    /// same is used or becomes store credit.
    fn shortest(&self, method: PaymentMethod) -> Duration {
        match method {
            PaymentMethod::OvoPush => LONGEST_PUSH,
            _ => SHORTEST_LINK,
        }
    }

    /// A lost one is looked for under our reference; what is not there is sent again under the same key,
    /// so that nobody is pushed twice (§3.6).
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
        Box::pin(self.close("xendit.cancel", sent))
    }

    fn expire<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close("xendit.expire", sent))
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
        let before = still(self.previous_callback_token.as_ref(), self.previous_until.as_ref());
        let tokens = std::iter::once(&self.callback_token).chain(before);
        notification::verify(headers, body, tokens)
    }
}
