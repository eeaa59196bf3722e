//! What a payment gateway can do, in the shop's words. An adapter is a folder below `gateways/`.

use crate::{Closing, MethodTerms, RefundOutcome, RefundRequest};
use outside::Pending;
use std::time::Duration;
use vocabulary::{PaymentMethod, PhoneNumber, Reference, Rupiah, Timestamp};

/// A party that collects money for us. Everything it says is checked against our own row.
pub trait Gateway: Send + Sync {
    /// Its name in references, logs and the ledger (`midtrans`).
    fn name(&self) -> &'static str;

    /// The methods that it can collect with.
    fn methods(&self) -> &'static [PaymentMethod];

    /// What it demands of a payment by this method. A gateway whose terms are not those of the table
    /// says so here.
    fn terms(&self, method: PaymentMethod) -> MethodTerms {
        MethodTerms::of(method)
    }

    /// Where its webhooks come in, below our public address (`/webhooks/midtrans`).
    fn webhook_path(&self) -> &'static str;

    /// The headers that its webhooks are kept with beside those that every webhook is: those of its signature.
    /// Names in lower case.
    fn webhook_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Those of them that are a secret, the same with each of its webhooks, and no signature over what one says:
    /// whoever reads one can send others. They are kept encrypted. Names in lower case.
    fn webhook_secrets(&self) -> &'static [&'static str] {
        &[]
    }

    /// The part of it that answers or does not answer for this method. Where one part has an address of its own,
    /// the failures of the other say nothing of it.
    fn line(&self, method: PaymentMethod) -> &'static str {
        let _ = method;
        self.name()
    }

    /// The shortest time that it can be given for a payment by this method, with all that may come
    /// after its end. With less left none is opened, because the gateway would take money after our own
    /// time is over.
    fn shortest(&self, method: PaymentMethod) -> Duration;

    /// What to do about a charge by this method of which no answer came.
    fn lost_charge(&self, method: PaymentMethod) -> LostCharge;

    /// Opens a payment under our reference. The intent is committed before this is called.
    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome>;

    /// Asks what became of a payment.
    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome>;

    /// Asks the gateway to let nobody pay this any more, because the buyer withdrew.
    fn cancel<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome>;

    /// Asks the gateway to let nobody pay this any more, because its time is over.
    fn expire<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome>;

    /// Gives money back to where it came from, under our key. The intent is committed before this is called.
    /// A gateway that cannot says so in [`Gateway::terms`], and refuses here: there is no default on purpose.
    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome>;

    /// Asks what became of a refund that was sent before. It gives nothing back, whatever the answer is; a
    /// gateway that has no such question tells it from what it says of the payment. `NotFound` lets the same
    /// be sent again under the same key.
    fn refund_status<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome>;

    /// What a reconciliation with this gateway cannot see, and why, in words for staff.
    fn unseen(&self) -> &'static [&'static str] {
        &[
            "payments are not listed: one that this shop does not know shows only by its webhook, and in the settlement report (`loket settlement import`)",
            "what the gateway keeps is not told: the fee is compared with the configured rate, and with the settlement report once that is imported",
        ]
    }

    /// Checks who sent a webhook, over the bytes as received. There is no default on purpose.
    ///
    /// # Errors
    /// Why the sender is not believed, or why the body says nothing. Even when it is believed, what
    /// it says is only a reason to ask: [`Gateway::status`] decides.
    fn verify_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Notification, WebhookRefusal>;
}

/// What is to be collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeRequest {
    /// Our reference, stored before the call and never reused.
    pub reference: Reference,
    /// How the buyer pays.
    pub method: PaymentMethod,
    /// How much, in whole rupiah.
    pub amount: Rupiah,
    /// Code of the product, for the gateway's records.
    pub item_code: String,
    /// Name of the product, as the buyer reads it in the wallet app.
    pub item_name: String,
    /// Business time of the call.
    pub now: Timestamp,
    /// Nobody may be able to pay after this.
    pub expires_at: Timestamp,
    /// Where the gateway sends its webhooks, when that is told with each charge.
    pub notify_url: Option<String>,
    /// Where the buyer's browser goes after paying: our pay page.
    pub return_url: Option<String>,
    /// The buyer's number with the wallet, for methods that need it.
    pub phone: Option<PhoneNumber>,
}

/// What to do about a charge of which no answer came: it may or may not have been opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostCharge {
    /// The gateway is asked by our reference, and tells all that the buyer needs.
    Ask,
    /// The same charge is sent again: under one reference the gateway opens it once, and a repetition
    /// is answered as the first was.
    SendAgain,
    /// What the buyer needs is in the lost answer only, so nobody can pay it: it is given up, and
    /// another payment takes its place.
    GiveUp,
}

/// A payment that was sent to its gateway, to ask about or to close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Our reference.
    pub reference: Reference,
    /// How the buyer pays.
    pub method: PaymentMethod,
    /// How much, in whole rupiah.
    pub amount: Rupiah,
    /// The gateway's own id, when it is known.
    pub transaction_id: Option<String>,
    /// Whether the gateway has said that it is open.
    pub was_open: bool,
    /// Why nobody shall be able to pay it any more, if that is so: what it was asked to do about it.
    pub closing: Option<Closing>,
    /// Nobody may be able to pay after this.
    pub expires_at: Timestamp,
    /// Business time of the question.
    pub now: Timestamp,
}

/// What the buyer needs in order to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The gateway's own id.
    pub transaction_id: String,
    /// Text of the QR code, when it is known.
    pub qr_string: Option<String>,
    /// The gateway's picture of the QR code.
    pub qr_image_url: Option<String>,
    /// Link that opens the wallet app.
    pub deep_link: Option<String>,
    /// The gateway's page on which the buyer pays.
    pub redirect_url: Option<String>,
    /// The number that the buyer pays to: of a virtual account, or a code told at a till.
    pub payment_code: Option<String>,
    /// When the gateway stops taking the money, by its own word.
    pub expires_at: Option<Timestamp>,
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeOutcome {
    /// The payment is open.
    Opened(Opened),
    /// The gateway has a payment under this reference already: ask for it and adopt it.
    Exists,
    /// The gateway refuses, and certainly opened nothing.
    Refused {
        /// Its code.
        code: String,
        /// Its words. For staff, not for buyers.
        message: String,
        /// What of it the buyer can do something about.
        reason: RefusalReason,
    },
    /// Certainly nothing was opened, and trying again later is fine. The payment may be opened at another gateway
    /// in its place, so what is not certain is [`ChargeOutcome::Unknown`].
    NotOpened {
        /// Why.
        reason: String,
        /// How long the gateway asks us to wait.
        retry_after: Option<Duration>,
    },
    /// It is open there, and asks the buyer for something else than we asked for: nothing of it may be shown, and
    /// it is closed.
    Unfit {
        /// The gateway's own id.
        transaction_id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It may or may not be open: ask with [`Gateway::status`] before anything else.
    Unknown {
        /// Why.
        reason: String,
        /// How long whoever answered asks us to wait.
        retry_after: Option<Duration>,
    },
}

vocabulary::text_enum!(
    /// Why a gateway refuses, as far as the buyer is concerned.
    pub enum RefusalReason {
        /// The wallet knows nobody by the phone number: the buyer has to give another one.
        UnknownPhone = "unknown_phone",
        /// It is about this payment alone: its amount, number or words. Of others it says nothing.
        ThisPayment = "this_payment",
        /// Anything else, which is for staff.
        Other = "other",
    }
);

/// What a gateway says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The state, in our words.
    pub state: ObservedState,
    /// The gateway's own word for it.
    pub stated: String,
    /// The amount that it names, when it is one of whole rupiah. Never credited, only compared.
    pub amount: Option<Rupiah>,
    /// How much of it went back to the buyer, where it says so in whole rupiah.
    pub given_back: Option<Rupiah>,
    /// The refunds that this was, one by one, where the gateway lists them all: then ours are told from others by
    /// their keys. `None` where a sum is all that it tells.
    pub refunds: Option<Vec<ListedRefund>>,
    /// What the buyer needs in order to pay, as far as the answer tells.
    pub opened: Opened,
}

/// A refund that has given something back, as its gateway lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRefund {
    /// What it was asked for under. What somebody gave back in the gateway's dashboard has no key, or one that is
    /// not ours.
    pub key: Option<String>,
    /// How much went back by it.
    pub amount: Rupiah,
}

vocabulary::text_enum!(
    /// State of a payment as its gateway tells it.
    pub enum ObservedState {
        /// The buyer has not paid yet.
        Pending = "pending",
        /// The same, and what the buyer would pay by asks for something else than we asked for: nothing of it may
        /// be shown.
        Unfit = "unfit",
        /// The money is with the gateway.
        Settled = "settled",
        /// The buyer or the wallet declined.
        Denied = "denied",
        /// Closed at our request.
        Cancelled = "cancelled",
        /// Time is over.
        Expired = "expired",
        /// All of it went back to the buyer.
        Refunded = "refunded",
        /// A part of it went back to the buyer.
        PartlyRefunded = "partly_refunded",
        /// Held or judged fraudulent: not paid, and a person should look.
        Suspicious = "suspicious",
        /// A word that we do not know: treated as pending, with an alert.
        Unrecognised = "unrecognised",
    }
);

/// What became of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one answer at a time, and nearly all of them are the large one"
)]
pub enum StatusOutcome {
    /// The gateway knows the payment.
    Found(Observation),
    /// The gateway has nothing under this reference.
    NotFound,
    /// No usable answer.
    Unknown {
        /// Why.
        reason: String,
        /// How long the gateway asks us to wait.
        retry_after: Option<Duration>,
    },
}

/// What became of closing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseOutcome {
    /// Nobody can pay it any more.
    Closed,
    /// It is in a state that cannot be closed (paid, or closed before): ask.
    CannotClose,
    /// The gateway has nothing under this reference.
    NotFound,
    /// No usable answer: ask.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// A webhook whose sender is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The reference that it names, as received.
    pub reference: String,
    /// The gateway's word for the state. A reason to ask, not a fact.
    pub stated: String,
}

/// Why a webhook is not believed, or says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The signature is missing or wrong.
    #[error("the signature does not fit")]
    BadSignature,
    /// The body is not what this gateway sends.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
}
