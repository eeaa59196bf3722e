//! Giving money back to where it came from, in the shop's words: what a gateway is asked for, and what its
//! answers can mean. Whatever is not understood is *unknown*: the money may be on its way to the buyer.

use crate::{ListedRefund, Refundable, Sent};
use std::time::Duration;
use vocabulary::{Purpose, Reference, Rupiah, Timestamp};

/// What is to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Our reference (`<number>-R1`), stored before the call: under one key a gateway gives back once. What
    /// is asked for under it never changes.
    pub key: Reference,
    /// The payment that it goes back from.
    pub payment: Sent,
    /// How much goes back.
    pub amount: Rupiah,
    /// How much of the payment went back before, by other refunds.
    pub others: Rupiah,
    /// When the payment came in.
    pub settled_at: Timestamp,
    /// The gateway's own id of the refund, when it has told one.
    pub refund_id: Option<String>,
    /// Why, in words that the gateway stores. Nothing about the buyer.
    pub reason: String,
    /// Business time of the call.
    pub now: Timestamp,
}

/// What became of a refund, asked for or asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The gateway has given it back.
    Done {
        /// The gateway's own id of the refund, when it tells one.
        refund_id: Option<String>,
    },
    /// The gateway has taken it on and is not done with it.
    Pending {
        /// The gateway's own id of the refund, when it tells one.
        refund_id: Option<String>,
        /// Its own words.
        stated: String,
    },
    /// There is one under this key already, and the answer does not say what became of it: ask.
    Exists,
    /// Asked about: the gateway has nothing under this key. The same may be sent again, under the same key.
    NotFound,
    /// The gateway refuses. Said of the first request under a key, nothing was given back under it.
    Refused {
        /// What it is about.
        reason: RefundRefusal,
        /// Its code.
        code: String,
        /// Its words. For staff, not for buyers.
        message: String,
    },
    /// This request certainly did nothing, and the same later is fine: no connection, too many requests,
    /// or it does not take our key.
    NotTaken {
        /// Why.
        reason: String,
        /// How long the gateway asks us to wait.
        retry_after: Option<Duration>,
    },
    /// It may or may not have been given back: ask with [`crate::Gateway::refund_status`].
    Unknown {
        /// Why.
        reason: String,
        /// How long the gateway asks us to wait.
        retry_after: Option<Duration>,
    },
}

vocabulary::text_enum!(
    /// Why a gateway does not give money back.
    pub enum RefundRefusal {
        /// Our balance with the gateway is too small.
        InsufficientBalance = "insufficient_balance",
        /// It was paid too long ago.
        WindowOver = "window_over",
        /// What was paid in this way, or by this buyer, cannot go back there.
        NotRefundable = "not_refundable",
        /// The payment is in a state that nothing goes back from.
        WrongState = "wrong_state",
        /// Not this much of it.
        Amount = "amount",
        /// Anything else.
        Other = "other",
    }
);

/// The code of a refusal of our own.
pub(crate) const NEVER_SENT: &str = "terms";

impl RefundOutcome {
    /// What is not asked for, because the terms of the way to pay do not allow it.
    pub fn never_sent(reason: RefundRefusal) -> Self {
        let message = "not asked for: the way to pay does not allow it".to_owned();
        RefundOutcome::Refused { reason, code: NEVER_SENT.into(), message }
    }
}

impl Refundable {
    /// Why so much of a payment of `whole` that came in at `settled_at` cannot go back now; `None` when it can.
    /// `others` went back before.
    pub fn objection(
        self,
        (amount, whole, others): (Rupiah, Rupiah, Rupiah),
        settled_at: Timestamp,
        now: Timestamp,
    ) -> Option<RefundRefusal> {
        let (within, in_parts) = match self {
            Refundable::Never => return Some(RefundRefusal::NotRefundable),
            Refundable::Whole { within } => (within, false),
            Refundable::InParts { within } => (within, true),
        };
        let left = whole.checked_sub(others).unwrap_or_default();
        if !amount.is_positive() || amount > left || (!in_parts && amount != whole) {
            return Some(RefundRefusal::Amount);
        }
        (now.since(settled_at) >= within).then_some(RefundRefusal::WindowOver)
    }
}

impl RefundRequest {
    /// Why this cannot be asked for, by the terms of its way to pay; `None` when it can.
    pub fn objection(&self, terms: Refundable) -> Option<RefundRefusal> {
        terms.objection((self.amount, self.payment.amount, self.others), self.settled_at, self.now)
    }

    /// What it means that so much of the payment went back in all: this refund as well, or nothing of it. Who
    /// gave it back does not matter, the buyer has it. `None` when it is something in between.
    pub(crate) fn by_sum(&self, back: Rupiah) -> Option<RefundOutcome> {
        let with_this = self.others.checked_add(self.amount)?;
        if back >= with_this {
            return Some(RefundOutcome::Done { refund_id: None });
        }
        (back == self.others).then_some(RefundOutcome::NotFound)
    }

    /// What it means that a list of all that went back has nothing under our key. All that came in went back: the
    /// buyer has it, whoever gave it, and nothing is left for this one to come from. Somebody gave back as much as
    /// this under another key: that can have been instead of it, and it can be on its way all the same, so it is
    /// neither done nor sent again until it shows under its own key, or a person says how it ended.
    ///
    /// # Errors
    /// Why nobody can tell what became of it.
    pub(crate) fn by_list(&self, listed: &[ListedRefund]) -> Result<RefundOutcome, String> {
        let unclear = || "how much went back in all fits no refund of ours: ".to_owned();
        let back = Rupiah::checked_sum(listed.iter().map(|refund| refund.amount)).ok_or_else(unclear)?;
        if back >= self.payment.amount {
            return self.by_sum(back).ok_or_else(unclear);
        }
        let by_others = listed.iter().filter(|refund| !self.is_ours(refund));
        let by_others = Rupiah::checked_sum(by_others.map(|refund| refund.amount)).ok_or_else(unclear)?;
        if by_others >= self.amount {
            let key = &self.key;
            return Err(format!(
                "{by_others} went back under another key and nothing under {key}, so it is not sent again: "
            ));
        }
        if back == self.others { Ok(RefundOutcome::NotFound) } else { Err(unclear()) }
    }

    /// Whether a refund has the key of one of this order.
    fn is_ours(&self, refund: &ListedRefund) -> bool {
        let key = refund.key.as_deref().and_then(|key| key.parse::<Reference>().ok());
        key.is_some_and(|key| key.purpose() == Purpose::Refund && key.order() == self.key.order())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn what_can_go_back_is_within_the_window_and_the_amount_and_in_parts_only_where_parts_can() {
        use RefundRefusal as R;
        let parts = Refundable::InParts { within: DAY };
        let whole = Refundable::Whole { within: DAY };
        let last = DAY - Duration::from_millis(1);
        for (terms, amount, others, after, expected) in [
            (parts, 20_000, 0, Duration::ZERO, None),
            (parts, 1, 0, Duration::ZERO, None),
            (parts, 15_000, 5_000, last, None),
            (parts, 15_001, 5_000, Duration::ZERO, Some(R::Amount)),
            (parts, 0, 0, Duration::ZERO, Some(R::Amount)),
            (parts, -1, 0, Duration::ZERO, Some(R::Amount)),
            (parts, 20_001, 0, Duration::ZERO, Some(R::Amount)),
            (parts, 1, 0, DAY, Some(R::WindowOver)),
            (whole, 20_000, 0, last, None),
            (whole, 19_999, 0, Duration::ZERO, Some(R::Amount)),
            (whole, 20_000, 1, Duration::ZERO, Some(R::Amount)),
            (whole, 20_000, 0, DAY, Some(R::WindowOver)),
            (Refundable::Never, 20_000, 0, Duration::ZERO, Some(R::NotRefundable)),
        ] {
            let paid = Timestamp::from_millis(1_795_323_600_000);
            let amounts = (Rupiah::new(amount), Rupiah::new(20_000), Rupiah::new(others));
            let objection = terms.objection(amounts, paid, paid.plus(after));
            assert_eq!(objection, expected, "{amount} of 20.000 after {others}, {terms:?}, {after:?}");
        }
    }
}
