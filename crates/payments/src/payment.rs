//! The row of a payment, and what can be read off it.

use crate::{ObservedState, Opened, Sent};
use database::{Error, FromRow, Row};
use std::time::Duration;
use vocabulary::{OrderId, PaymentId, PaymentMethod, Reference, Rupiah, Timestamp};

/// A push can be approved until this long before its payment expires (contracts/payments §1.5: the
/// buyer has 55 s of 65 s).
const LAST_OF_A_PUSH: Duration = Duration::from_secs(10);

vocabulary::text_enum!(
    /// State of a payment.
    pub enum PaymentState {
        /// Stored, never sent (or proven not to have arrived).
        Intended = "intended",
        /// The buyer can pay.
        Open = "open",
        /// The money is with the gateway.
        Settled = "settled",
        /// Refused by the buyer, the wallet or the gateway.
        Denied = "denied",
        /// Its time is over.
        Expired = "expired",
        /// Withdrawn.
        Cancelled = "cancelled",
        /// Money is on its way back to the buyer.
        Refunding = "refunding",
        /// A part went back to the buyer.
        PartlyRefunded = "partly_refunded",
        /// All went back to the buyer.
        Refunded = "refunded",
        /// Sent, and what became of it is not known; or an amount was named that is not ours.
        Unknown = "unknown",
    }
);

vocabulary::text_enum!(
    /// Why nobody shall be able to pay it any more.
    pub enum Closing {
        /// The order's time is over.
        Expire = "expire",
        /// The buyer withdrew or pays in another way, or the order is paid or over without it.
        Cancel = "cancel",
    }
);
database::text_column!(PaymentState, Closing, ObservedState);

/// One attempt to collect money for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The order.
    pub order: OrderId,
    /// What the gateway knows it by.
    pub reference: Reference,
    /// How the buyer pays.
    pub method: PaymentMethod,
    /// Who collects; `wallet` for store credit.
    pub gateway: String,
    /// How much, in whole rupiah.
    pub amount: Rupiah,
    /// Where it stands.
    pub state: PaymentState,
    /// Whether nobody shall be able to pay it any more.
    pub closing: Option<Closing>,
    /// What the buyer needs in order to pay.
    pub opened: Opened,
    /// The buyer's number with the wallet, when the method needs one and it is known.
    pub phone: Option<StoredPhone>,
    /// An amount that the gateway named and that is not ours.
    pub odd_amount: Option<Rupiah>,
    /// How much of it went back to the buyer at the gateway, beside refunds of ours; 0 when a part did and
    /// nobody knows how much.
    pub given_back: Option<Rupiah>,
    /// How much of it is on its way back by a refund of ours.
    pub refunding: Rupiah,
    /// How much of it went back by refunds of ours.
    pub refunded: Rupiah,
    /// What its bank took back of it that had gone back before, in all steps so far; 0 when it took something and
    /// nobody knows how much, or whether that was beside a refund of ours.
    pub charged_back: Option<Rupiah>,
    /// Last remark of the gateway, for staff.
    pub note: Option<String>,
    /// Whether the gateway may have it by a charge of which no answer came. As long as it is false and the
    /// payment is not open, nothing was opened, and that is proven.
    pub in_doubt: bool,
    /// How often the gateway was called since the last progress: the pauses grow with it.
    pub asked: i64,
    /// Reasons to ask that came from outside.
    pub nudges: i64,
    /// Nobody may be able to pay after this.
    pub expires_at: Timestamp,
    /// When the money came.
    pub settled_at: Option<Timestamp>,
    /// When it was intended.
    pub created_at: Timestamp,
    /// Number of the latest claim.
    pub fence: i64,
    /// When it is to be worked on next.
    pub due_at: Option<Timestamp>,
}

/// A phone number as it is stored: encrypted, with a mask that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPhone {
    /// Encrypted by the shop's vault.
    pub sealed: String,
    /// `********7890`.
    pub mask: String,
}

/// What of a payment went back to the buyer at its gateway, as long as not all of it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartBack {
    /// Nothing.
    Nothing,
    /// So much, and less than came in.
    Known(Rupiah),
    /// A part, and the gateway does not say how much, or names an amount that cannot be.
    Unclear,
}

impl Payment {
    /// What its gateway is told when it is asked about it.
    pub fn sent(&self, now: Timestamp) -> Sent {
        Sent {
            reference: self.reference.clone(),
            method: self.method,
            amount: self.amount,
            transaction_id: Some(self.opened.transaction_id.clone()).filter(|id| !id.is_empty()),
            was_open: self.state == PaymentState::Open,
            closing: self.closing,
            expires_at: self.expires_at,
            now,
        }
    }

    /// Whether it waits for the buyer's phone number before it can be opened.
    pub fn waits_for_phone(&self) -> bool {
        self.state == PaymentState::Intended
            && self.closing.is_none()
            && self.method.needs_phone()
            && self.phone.is_none()
    }

    /// Whether the buyer may yet be able to pay it.
    pub fn is_live(&self) -> bool {
        self.closing.is_none()
            && matches!(self.state, PaymentState::Intended | PaymentState::Open | PaymentState::Unknown)
    }

    /// Until when the buyer can begin to pay it. `None` when it is not open, when nobody wants it any more,
    /// and when that time is over: then somebody may have begun at its end.
    pub fn payable_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until =
            if self.method.needs_phone() { self.expires_at.minus(LAST_OF_A_PUSH) } else { self.expires_at };
        let is_open = self.state == PaymentState::Open && self.closing.is_none();
        (is_open && now < until).then_some(until)
    }

    /// Whether it was given up: what the buyer needs was in an answer that never came, so nobody can pay it.
    /// A push needs nothing of the buyer but the phone, and one that was lost may have arrived there.
    pub fn is_given_up(&self) -> bool {
        self.state == PaymentState::Unknown
            && self.closing.is_some()
            && self.odd_amount.is_none()
            && !self.method.needs_phone()
    }
}

impl FromRow for Payment {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Payment {
            id: row.get("id")?,
            order: row.get("order_id")?,
            reference: row.get("reference")?,
            method: row.get("method")?,
            gateway: row.get("gateway")?,
            amount: row.get("amount")?,
            state: row.get("state")?,
            closing: row.get("closing")?,
            opened: Opened {
                transaction_id: row.get::<Option<String>>("gateway_transaction_id")?.unwrap_or_default(),
                qr_string: row.get("qr_string")?,
                qr_image_url: row.get("qr_image_url")?,
                deep_link: row.get("deep_link")?,
                redirect_url: row.get("redirect_url")?,
                payment_code: row.get("payment_code")?,
                expires_at: None,
            },
            phone: match (row.get("phone_sealed")?, row.get("phone_mask")?) {
                (Some(sealed), Some(mask)) => Some(StoredPhone { sealed, mask }),
                _ => None,
            },
            odd_amount: row.get("odd_amount")?,
            given_back: row.get("given_back")?,
            refunding: row.get("refunding")?,
            refunded: row.get("refunded")?,
            charged_back: row.get("charged_back")?,
            note: row.get("note")?,
            in_doubt: row.get("in_doubt")?,
            asked: row.get("asked")?,
            nudges: row.get("nudges")?,
            expires_at: row.get("expires_at")?,
            settled_at: row.get("settled_at")?,
            created_at: row.get("created_at")?,
            fence: row.get("fence")?,
            due_at: row.get("due_at")?,
        })
    }
}

impl Payment {
    /// Whether money came in for it, of an amount that is not ours, and nobody has decided about it.
    pub fn is_undecided(&self) -> bool {
        self.state == PaymentState::Unknown && self.odd_amount.is_some()
    }

    /// How much came in with it.
    pub fn brought(&self) -> Rupiah {
        self.odd_amount.filter(|odd| odd.is_positive()).unwrap_or(self.amount)
    }

    /// How much of it a refund of ours is giving back, or has given back.
    pub fn given_back_by_us(&self) -> Rupiah {
        self.refunded.checked_add(self.refunding).unwrap_or(self.refunded)
    }

    /// Whether all of it is gone, and not by refunds of ours alone: somebody took it back at its gateway.
    pub fn is_taken_back(&self) -> bool {
        self.state == PaymentState::Refunded && self.given_back_by_us() < self.brought()
    }

    /// Whether something of it went back at its gateway beside refunds of ours, as far as we know.
    pub fn went_back_otherwise(&self) -> bool {
        self.is_taken_back()
            || self.part_back() != PartBack::Nothing
            || self.given_back.is_some_and(Rupiah::is_positive)
            || self.charged_back.is_some()
    }

    /// What of it went back at its gateway beside refunds of ours, as long as not all of it did.
    pub fn part_back(&self) -> PartBack {
        let by_us = self.given_back_by_us().is_positive();
        match (self.state, self.given_back) {
            (PaymentState::Refunded, _) => PartBack::Nothing,
            (_, Some(back)) if back.is_positive() && back < self.brought() => PartBack::Known(back),
            (_, None) if by_us => PartBack::Nothing,
            (PaymentState::PartlyRefunded, _) | (_, Some(_)) => PartBack::Unclear,
            _ => PartBack::Nothing,
        }
    }
}

#[cfg(test)]
impl Payment {
    /// Twenty thousand by GoPay, due now, and payable for a quarter of an hour.
    pub(crate) fn in_test(state: PaymentState, now: Timestamp) -> Self {
        use vocabulary::{Ids, OrderNumber, Purpose};
        let ids = Ids::seeded(1);
        Payment {
            id: PaymentId::new(&ids, now),
            order: OrderId::new(&ids, now),
            reference: Reference::new(&OrderNumber::new(&ids), Purpose::Payment, 1),
            method: PaymentMethod::GopayQr,
            gateway: "midtrans".into(),
            amount: Rupiah::new(20_000),
            state,
            closing: None,
            opened: Opened::default(),
            phone: None,
            odd_amount: None,
            given_back: None,
            refunding: Rupiah::ZERO,
            refunded: Rupiah::ZERO,
            charged_back: None,
            note: None,
            in_doubt: false,
            asked: 0,
            nudges: 0,
            expires_at: now.plus(Duration::from_secs(900)),
            settled_at: None,
            created_at: now,
            fence: 1,
            due_at: Some(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);

    /// It is open, and expires after 65 s.
    fn open(method: PaymentMethod) -> Payment {
        Payment {
            method,
            expires_at: NOW.plus(Duration::from_secs(65)),
            ..Payment::in_test(PaymentState::Open, NOW)
        }
    }

    #[test]
    fn a_push_can_be_approved_for_ten_seconds_less_than_it_lives_and_all_else_paid_to_its_end() {
        for method in PaymentMethod::ALL {
            let payment = open(*method);
            let until = NOW.plus(Duration::from_secs(if method.needs_phone() { 55 } else { 65 }));
            let last = until.minus(Duration::from_millis(1));
            assert_eq!(payment.payable_until(last), Some(until), "{method}");
            assert_eq!(payment.payable_until(until), None, "{method}");
            let withdrawn = Payment { closing: Some(Closing::Cancel), ..payment };
            assert_eq!(withdrawn.payable_until(NOW), None, "{method}");
        }
        for state in PaymentState::ALL {
            let payment = Payment { state: *state, ..open(PaymentMethod::GopayQr) };
            assert_eq!(payment.payable_until(NOW).is_some(), *state == PaymentState::Open, "{state}");
        }
    }

    #[test]
    fn only_what_nobody_can_have_paid_is_given_up() {
        let unknown = |method| Payment { state: PaymentState::Unknown, ..open(method) };
        let closing = Some(Closing::Cancel);
        let given_up = Payment { closing, ..unknown(PaymentMethod::OvoLink) };
        assert!(given_up.is_given_up());
        assert!(!unknown(PaymentMethod::OvoLink).is_given_up());
        assert!(!Payment { closing, ..unknown(PaymentMethod::OvoPush) }.is_given_up());
        assert!(!Payment { odd_amount: Some(Rupiah::new(5)), ..given_up.clone() }.is_given_up());
        assert!(!Payment { state: PaymentState::Open, ..given_up }.is_given_up());
    }
}
