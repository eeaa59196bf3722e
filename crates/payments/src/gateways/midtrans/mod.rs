//! Midtrans: GoPay by QR and by link, OVO by push, QRIS, virtual accounts and tills (Core), and OVO by a
//! page of theirs (Snap), as `contracts/payments.md` §1 has it. Here is how to call it; what is sent is in
//! `charge.rs`, what the answers mean in `wire.rs`, the page in `snap.rs`, what goes back in `refund.rs`, and
//! who may send us notifications in `signature.rs`.
//!
//! All of it is asked about, cancelled and expired by our reference. A page that nobody has used is not
//! known to Core, so it cannot be closed there: it stays payable until its own time is over.

mod body;
mod charge;
mod notification;
mod qr;
mod refund;
mod signature;
mod snap;
mod wire;

pub use qr::decode as read_qr;

use super::{
    Until,
    address::{self, BaseUrl},
    previous::still,
};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Observation,
    ObservedState, Opened, RefundOutcome, RefundRequest, Sent, StatusOutcome, WebhookRefusal,
    qris::QrisError,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use charge::Senseless;
use outside::{Answer, CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::{PayPoint, PaymentMethod, Rupiah, Secret};

const CHARGE_TIMEOUT: Duration = Duration::from_secs(15);
const STATUS_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
const REFUND_TIMEOUT: Duration = Duration::from_secs(15);
const QR_TIMEOUT: Duration = Duration::from_secs(5);
/// How many addresses of the QR picture are tried. With the time-outs above a charge takes at most 25 seconds
/// and a question 20, and while our key is being changed 50 and 40: less than the lease of a row.
const QR_TRIES: usize = 2;

/// What must be known to use Midtrans.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the Core API (§1.1): `https://api.midtrans.com`.
    pub base_url: String,
    /// Base of Snap (§1.1): `https://app.midtrans.com/snap/v1`. Without it nobody pays with OVO on a page.
    pub snap_url: Option<String>,
    /// The key that calls are made with, and that notifications are signed with.
    pub server_key: Secret,
    /// The key before it: while keys are being changed, notifications signed with it are believed too, and
    /// what Midtrans does not take with the new one is sent with this (§9 row 18).
    pub previous_server_key: Option<Secret>,
    /// Until when that counts; `None`: for ever.
    pub previous_until: Option<Until>,
}

/// The gateway.
#[derive(Debug)]
pub struct Midtrans {
    http: Http,
    base: BaseUrl,
    snap: Option<BaseUrl>,
    server_key: Secret,
    previous_server_key: Option<Secret>,
    previous_until: Option<Until>,
    read_codes: qr::Remembered,
}

impl Midtrans {
    /// Midtrans with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        let Settings { base_url, snap_url, server_key, previous_server_key, previous_until } = settings;
        let (base, snap) = (BaseUrl::new(&base_url), snap_url.as_deref().map(BaseUrl::new));
        let read_codes = qr::Remembered::default();
        Midtrans { http, base, snap, server_key, previous_server_key, previous_until, read_codes }
    }

    /// The key before ours, while it counts.
    fn previous(&self) -> Option<&Secret> {
        still(self.previous_server_key.as_ref(), self.previous_until.as_ref())
    }

    /// Whether Snap takes our key, asked for a page about nothing, so that none is made. `None` without Snap.
    pub async fn try_snap(&self) -> Option<Result<(), String>> {
        let url = self.snap.as_ref()?.join("/transactions");
        let call = self.post("midtrans.try_snap", url, b"{}".to_vec(), STATUS_TIMEOUT);
        Some(match self.call(call).await {
            Ok(answer) => snap::takes_our_key(&answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => Err(reason),
        })
    }

    async fn open(&self, request: &ChargeRequest) -> ChargeOutcome {
        if !self.methods().contains(&request.method) {
            return Senseless::Method(request.method).into();
        }
        if !self.terms(request.method).carries(request.amount) {
            return Senseless::Amount.into();
        }
        if request.now.plus(self.shortest(request.method)) > request.expires_at {
            return Senseless::TooLate.into();
        }
        match &self.snap {
            Some(snap) if request.method == PaymentMethod::OvoLink => self.open_page(snap, request).await,
            _ => self.open_charge(request).await,
        }
    }

    async fn open_charge(&self, request: &ChargeRequest) -> ChargeOutcome {
        let body = match charge::body(request) {
            Ok(body) => body,
            Err(why) => return why.into(),
        };
        let call = self.post("midtrans.charge", self.base.join("/v2/charge"), body, CHARGE_TIMEOUT);
        let answer = match self.send(call, request).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        match wire::charge_outcome(request, &answer, &self.base) {
            ChargeOutcome::Opened(opened) => {
                let (paid, transaction_id) =
                    ((request.method, request.amount), opened.transaction_id.clone());
                match self.with_qr(opened, &answer, paid).await {
                    Ok(opened) => ChargeOutcome::Opened(opened),
                    Err(why) => ChargeOutcome::Unfit { transaction_id, reason: not_shown(why) },
                }
            }
            other => other,
        }
    }

    async fn open_page(&self, snap: &BaseUrl, request: &ChargeRequest) -> ChargeOutcome {
        let Some(body) = snap::body(request) else { return Senseless::TooLate.into() };
        let call = self.post("midtrans.snap", snap.join("/transactions"), body, CHARGE_TIMEOUT);
        match self.send(call, request).await {
            Ok(answer) => snap::outcome(request, &answer, snap),
            Err(outcome) => outcome,
        }
    }

    /// Sends what opens a payment, and says where its webhooks go.
    async fn send(&self, mut call: Request, request: &ChargeRequest) -> Result<Answer, ChargeOutcome> {
        call.headers.extend(request.notify_url.iter().map(|url| ("X-Override-Notification", url.clone())));
        self.call(call).await.map_err(|error| match error {
            CallError::NotSent(reason) => ChargeOutcome::NotOpened { reason, retry_after: None },
            CallError::Unknown(reason) => ChargeOutcome::Unknown { reason, retry_after: None },
        })
    }

    async fn give_back(&self, request: &RefundRequest) -> RefundOutcome {
        if let Some(reason) = request.objection(self.terms(request.payment.method).refund) {
            return RefundOutcome::never_sent(reason);
        }
        let url = self.base.join(&format!("/v2/{}/refund", request.payment.reference));
        match self.call(self.post("midtrans.refund", url, refund::body(request), REFUND_TIMEOUT)).await {
            Ok(answer) => refund::outcome(request, &answer),
            Err(CallError::NotSent(reason)) => RefundOutcome::NotTaken { reason, retry_after: None },
            Err(CallError::Unknown(reason)) => RefundOutcome::Unknown { reason, retry_after: None },
        }
    }

    async fn ask_refund(&self, request: &RefundRequest) -> RefundOutcome {
        let call = self.question("midtrans.refund_status", &request.payment);
        match self.call(call).await {
            Ok(answer) => refund::status_outcome(request, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => {
                RefundOutcome::Unknown { reason, retry_after: None }
            }
        }
    }

    fn question(&self, name: &'static str, sent: &Sent) -> Request {
        Request {
            name,
            method: Method::Get,
            url: self.base.join(&format!("/v2/{}/status", sent.reference)),
            headers: self.headers(),
            body: None,
            timeout: STATUS_TIMEOUT,
        }
    }

    async fn ask(&self, sent: &Sent) -> StatusOutcome {
        let answer = match self.call(self.question("midtrans.status", sent)).await {
            Ok(answer) => answer,
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => {
                return StatusOutcome::Unknown { reason, retry_after: None };
            }
        };
        // Of a link that is open already, the buyer has had the answer to the charge.
        let has_link = sent.method == PaymentMethod::GopayLink && sent.was_open;
        match wire::status_outcome(sent, &answer, &self.base) {
            StatusOutcome::Found(seen) if seen.state == ObservedState::Pending && !has_link => {
                let transaction_id = seen.opened.transaction_id.clone();
                let looked = self.with_qr(seen.opened, &answer, (sent.method, sent.amount)).await;
                StatusOutcome::Found(match looked {
                    Ok(opened) => Observation { opened, ..seen },
                    Err(why) => Observation {
                        state: ObservedState::Unfit,
                        stated: not_shown(why),
                        opened: Opened { transaction_id, ..Opened::default() },
                        ..seen
                    },
                })
            }
            other => other,
        }
    }

    async fn close(&self, name: &'static str, verb: &str, sent: &Sent) -> CloseOutcome {
        let url = self.base.join(&format!("/v2/{}/{verb}", sent.reference));
        match self.call(self.post(name, url, b"{}".to_vec(), CLOSE_TIMEOUT)).await {
            Ok(answer) => wire::close_outcome(&sent.reference, &answer),
            Err(CallError::NotSent(reason) | CallError::Unknown(reason)) => CloseOutcome::Unknown { reason },
        }
    }

    /// The text of the QR code, when the answer has only its picture. A picture that cannot be had
    /// or read takes nothing away from the payment: its address stays. Where codes are told and none of them may
    /// be shown, the payment asks for something else than we do, by whatever way it is paid: that is the error.
    async fn with_qr(
        &self,
        mut opened: Opened,
        answer: &Answer,
        paid: (PaymentMethod, Rupiah),
    ) -> Result<Opened, QrisError> {
        let body = body::Body::parse(&answer.body);
        let told = body.as_ref().filter(|_| has_code(paid.0)).and_then(|body| body.text("qr_string"));
        let mut refused = told.and_then(|text| qr::objection(&text, paid));
        if refused.is_none() && !is_paid_by_code(paid.0, &opened) {
            return Ok(opened);
        }
        let named = !opened.transaction_id.is_empty();
        if opened.qr_string.is_none() && named {
            opened.qr_string = self.read_codes.get(&opened.transaction_id);
        }
        if opened.qr_string.is_some() {
            return Ok(opened);
        }
        let pictures = body.map(|body| wire::pictures(&body, &self.base)).unwrap_or_default();
        for url in pictures.into_iter().take(QR_TRIES) {
            let Some(text) = self.read_picture(url).await else { continue };
            if let Some(why) = qr::objection(&text, paid) {
                refused = Some(why);
                continue;
            }
            if named {
                self.read_codes.put(&opened.transaction_id, &text);
            }
            opened.qr_string = Some(text);
            return Ok(opened);
        }
        if let Some(why) = refused {
            return Err(why);
        }
        tracing::warn!(
            payment.transaction = %opened.transaction_id,
            "the QR code of payment {} could not be read; only its picture can be shown", opened.transaction_id
        );
        Ok(opened)
    }

    async fn read_picture(&self, url: String) -> Option<String> {
        // The key goes to the gateway's own address only.
        let ours = self.base.is_home_of(&url);
        let headers = if ours { vec![authorization(&self.server_key)] } else { Vec::new() };
        let call = Request {
            name: "midtrans.qr",
            method: Method::Get,
            url,
            headers,
            body: None,
            timeout: QR_TIMEOUT,
        };
        // While our key is being changed, the picture is asked for with the one before as everything is.
        let answer = if ours { self.call(call).await } else { self.http.call(call).await };
        let answer = answer.ok().filter(|answer| answer.status == 200)?;
        qr::decode(&answer.body)
    }

    /// One call with our key. What Midtrans refuses for its key it has not looked at: while the key is being
    /// changed, it is sent once more with the one before.
    async fn call(&self, call: Request) -> Result<Answer, CallError> {
        let Some(previous) = self.previous() else { return self.http.call(call).await };
        let mut again = call.clone();
        let answer = self.http.call(call).await?;
        if !wire::is_about_our_key(&answer) {
            return Ok(answer);
        }
        tracing::warn!("Midtrans does not take our key yet: what it refused is sent with the one before");
        again.headers.retain(|(name, _)| *name != AUTHORIZATION);
        again.headers.push(authorization(previous));
        self.http.call(again).await
    }

    fn post(&self, name: &'static str, url: String, body: Vec<u8>, timeout: Duration) -> Request {
        let mut headers = self.headers();
        headers.push(("Content-Type", "application/json".to_owned()));
        Request { name, method: Method::Post, url, headers, body: Some(body), timeout }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![authorization(&self.server_key), ("Accept", "application/json".to_owned())]
    }
}

const AUTHORIZATION: &str = "Authorization";

/// `Basic base64(SERVER_KEY + ":")` (§1.1).
fn authorization(key: &Secret) -> (&'static str, String) {
    (AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{}:", key.expose()))))
}

/// Whether a QR code belongs to this way of paying at all.
fn has_code(method: PaymentMethod) -> bool {
    matches!(method, PaymentMethod::GopayQr | PaymentMethod::GopayLink | PaymentMethod::Qris)
}

/// Why a payment is closed whose code nobody may be shown, for staff.
fn not_shown(why: QrisError) -> String {
    format!("its QR code is not shown: {why}")
}

/// Whether the text of a QR code is worth a call: where the buyer pays by it, or where a link that was
/// to open the app is missing, so that a code is the only way left.
fn is_paid_by_code(method: PaymentMethod, opened: &Opened) -> bool {
    match method {
        PaymentMethod::GopayQr | PaymentMethod::Qris => true,
        PaymentMethod::GopayLink => opened.deep_link.is_none(),
        _ => false,
    }
}

const WITH_SNAP: &[PaymentMethod] = &[
    PaymentMethod::GopayQr,
    PaymentMethod::GopayLink,
    PaymentMethod::OvoPush,
    PaymentMethod::Qris,
    PaymentMethod::VaBca,
    PaymentMethod::VaBni,
    PaymentMethod::VaBri,
    PaymentMethod::VaPermata,
    PaymentMethod::CstoreIndomaret,
    PaymentMethod::CstoreAlfamart,
    PaymentMethod::OvoLink,
];
/// All but the last, which is a page of Snap.
const ON_CORE: &[PaymentMethod] = match WITH_SNAP {
    [on_core @ .., PaymentMethod::OvoLink] => on_core,
    _ => WITH_SNAP,
};

impl Gateway for Midtrans {
    fn name(&self) -> &'static str {
        "midtrans"
    }

    fn methods(&self) -> &'static [PaymentMethod] {
        if self.snap.is_some() { WITH_SNAP } else { ON_CORE }
    }

    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        Box::pin(self.open(request))
    }

    fn webhook_path(&self) -> &'static str {
        "/webhooks/midtrans"
    }

    /// Snap has an address of its own.
    fn line(&self, method: PaymentMethod) -> &'static str {
        match method {
            PaymentMethod::OvoLink => "midtrans.snap",
            _ => "midtrans",
        }
    }

    fn shortest(&self, method: PaymentMethod) -> Duration {
        match method {
            PaymentMethod::GopayQr | PaymentMethod::GopayLink | PaymentMethod::Qris => charge::SHORTEST,
            PaymentMethod::OvoPush => charge::LONGEST_PUSH,
            PaymentMethod::OvoLink => snap::SHORTEST,
            other => match other.pay_point() {
                Some(PayPoint::Bank(_)) => charge::SHORTEST_TRANSFER,
                Some(PayPoint::Store(_)) => charge::SHORTEST_TILL,
                None => Duration::ZERO,
            },
        }
    }

    /// One charge under one reference (§1.10): a lost one is asked about, and nobody is pushed twice. The
    /// address of a page is in the lost answer only.
    fn lost_charge(&self, method: PaymentMethod) -> LostCharge {
        match method {
            PaymentMethod::OvoLink => LostCharge::GiveUp,
            _ => LostCharge::Ask,
        }
    }

    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(self.ask(sent))
    }

    fn cancel<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close("midtrans.cancel", "cancel", sent))
    }

    fn expire<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(self.close("midtrans.expire", "expire", sent))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(self.give_back(request))
    }

    fn refund_status<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(self.ask_refund(request))
    }

    fn verify_webhook(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, WebhookRefusal> {
        let keys = std::iter::once(&self.server_key).chain(self.previous());
        notification::verify(body, keys)
    }
}
