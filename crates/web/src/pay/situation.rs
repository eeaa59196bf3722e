//! Where a buyer stands who has yet to pay: what there is to do now, by the order, its payment and
//! the time. Pure; the words and the markup follow from it.

use crate::{app::App, links};
use orders::{OrderState, OrderView};
use payments::{Payment, PaymentState};
use vocabulary::{PaymentMethod, Timestamp};

/// What a buyer needs in order to pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs<'a> {
    /// Text of the QR code.
    pub(crate) qr: Option<&'a str>,
    /// Opens the wallet app.
    pub(crate) app: Option<&'a str>,
    /// A page on which to pay.
    pub(crate) page: Option<&'a str>,
    /// A number to pay to, at a bank or a till.
    pub(crate) code: Option<&'a str>,
}

/// Where the buyer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation<'a> {
    /// The order does not wait for a payment.
    NothingToPay,
    /// The wallet that was chosen holds too little.
    NoCredit,
    /// It is being opened.
    Preparing,
    /// Nobody knows yet how it stands.
    Asking,
    /// It can be paid.
    Ready(&'a Payment, Needs<'a>),
    /// The buyer's number is needed; with the mask of one that the wallet does not know.
    PhoneWanted { unknown: Option<&'a str> },
    /// The buyer's phone asks for approval, until then.
    Pushed(&'a Payment, Timestamp),
    /// The time for approving is over, and the wallet has not said how it ended.
    PushOver(&'a Payment),
    /// The money is there, the order follows.
    Settled,
    /// Nobody can pay it any more.
    Ended(&'a Payment, Ended),
}

/// How a payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The buyer or the wallet said no.
    Declined,
    /// It could not be opened, or what came of it cannot be used.
    Unusable,
    /// It could be paid for a while, and asks for something else than the order costs: somebody may have paid it.
    Retracted,
    /// Time is over.
    Expired,
    /// Withdrawn, or given back.
    Withdrawn,
}

impl<'a> Situation<'a> {
    /// Where the buyer of this order stands.
    pub(crate) fn of(app: &App, view: &'a OrderView, now: Timestamp) -> Self {
        if view.order.state != OrderState::AwaitingPayment {
            return Situation::NothingToPay;
        }
        let Some(payment) = &view.payment else {
            let credit = view.order.method == PaymentMethod::Wallet;
            return if credit { Situation::NoCredit } else { Situation::Preparing };
        };
        if payment.waits_for_phone() {
            return Situation::PhoneWanted { unknown: None };
        }
        // A push may stand on the buyer's phone all the same, and another sum in it: nobody is to approve it.
        let unfit = match (payment.method.needs_phone(), view.was_open()) {
            (true, _) => Ended::Withdrawn,
            (false, true) => Ended::Retracted,
            (false, false) => Ended::Unusable,
        };
        match payment.state {
            PaymentState::Open | PaymentState::Cancelled | PaymentState::Expired if view.is_unfit() => {
                Situation::Ended(payment, unfit)
            }
            PaymentState::Intended => Situation::Preparing,
            PaymentState::Unknown if payment.is_given_up() => Situation::Ended(payment, Ended::Unusable),
            PaymentState::Unknown => Situation::Asking,
            PaymentState::Open if payment.closing.is_some() => Situation::Preparing,
            PaymentState::Open => match payment.payable_until(now) {
                Some(until) if payment.method.needs_phone() => Situation::Pushed(payment, until),
                Some(_) => open(app, payment),
                // A page takes nobody in any more, and somebody may be paying on it.
                None if payment.method.needs_phone() || payment.method == PaymentMethod::OvoLink => {
                    Situation::PushOver(payment)
                }
                None => Situation::Asking,
            },
            PaymentState::Settled => Situation::Settled,
            PaymentState::Denied => denied(view, payment),
            PaymentState::Expired => Situation::Ended(payment, Ended::Expired),
            PaymentState::Cancelled
            | PaymentState::Refunding
            | PaymentState::PartlyRefunded
            | PaymentState::Refunded => Situation::Ended(payment, Ended::Withdrawn),
        }
    }

    /// Whether the page asks for a phone number.
    pub(crate) fn asks_for_phone(self) -> bool {
        match self {
            Situation::PhoneWanted { .. } => true,
            Situation::Ended(payment, _) => payment.method.needs_phone(),
            _ => false,
        }
    }

    /// Whether another method is all that helps, or one thing out of two.
    pub(crate) fn is_stuck(self) -> bool {
        matches!(
            self,
            Situation::NoCredit | Situation::Ended(..) | Situation::PhoneWanted { unknown: Some(_) }
        )
    }
}

/// Whether the app or page that a method is named after comes before its QR code.
pub(crate) fn link_first(method: PaymentMethod) -> bool {
    matches!(method, PaymentMethod::GopayLink | PaymentMethod::OvoLink | PaymentMethod::DanaLink)
}

fn open<'a>(app: &App, payment: &'a Payment) -> Situation<'a> {
    let (opened, sandbox) = (&payment.opened, app.settings.sandbox);
    let needs = Needs {
        qr: opened.qr_string.as_deref(),
        app: links::app(opened.deep_link.as_deref(), sandbox),
        page: links::page(opened.redirect_url.as_deref(), sandbox),
        code: opened.payment_code.as_deref(),
    };
    let told = opened.qr_string.is_some() || opened.deep_link.is_some() || opened.redirect_url.is_some();
    if needs != Needs::default() {
        Situation::Ready(payment, needs)
    } else if told {
        Situation::Ended(payment, Ended::Unusable)
    } else {
        Situation::Preparing
    }
}

/// A refusal of the gateway is in the timeline; without one it was the buyer or the wallet.
fn denied<'a>(view: &'a OrderView, payment: &'a Payment) -> Situation<'a> {
    let refusal = |t: &&orders::TimelineEntry| t.kind == "payment_refused" && t.at >= payment.created_at;
    match view.timeline.iter().rev().find(refusal).map(|t| t.detail.as_deref()) {
        Some(Some("unknown_phone")) => Situation::PhoneWanted {
            unknown: Some(payment.phone.as_ref().map_or("", |phone| phone.mask.as_str())),
        },
        Some(_) => Situation::Ended(payment, Ended::Unusable),
        None => Situation::Ended(payment, Ended::Declined),
    }
}
