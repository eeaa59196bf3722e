//! The row of a payment: how it is stored, found, claimed and changed.

use crate::{ObservedState, Opened, Sent};
use database::{Claim, Error, FromRow, ReadTx, Row, WriteTx, claim_sql, sql};
use std::time::Duration;
use vocabulary::{
    Ids, OrderId, OrderNumber, PaymentId, PaymentMethod, Purpose, Reference, Rupiah, Timestamp,
};

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
    /// What its bank took back of it after all of it had gone back by refunds of ours; 0 when nobody knows how
    /// much, or whether that was beside one of ours.
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

/// What a new payment is to be.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// The order.
    pub order: &'a OrderId,
    /// Its number, from which the reference is derived.
    pub number: &'a OrderNumber,
    /// How the buyer pays.
    pub method: PaymentMethod,
    /// Who collects.
    pub gateway: &'a str,
    /// How much.
    pub amount: Rupiah,
    /// Nobody may be able to pay after this.
    pub expires_at: Timestamp,
    /// `Intended` for a gateway, `Settled` for store credit that is taken in the same transaction.
    pub state: PaymentState,
    /// The buyer's number with the wallet, when it is known already.
    pub phone: Option<&'a StoredPhone>,
}

/// Stores the intent of a payment, due at once unless it waits for the buyer's phone number. The
/// caller holds the order's row.
pub async fn intend(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    intent: &Intent<'_>,
) -> Result<Payment, Error> {
    let last: i64 = sql!("SELECT COALESCE(MAX(sequence), 0) FROM payment WHERE order_id = $1")
        .bind(intent.order)
        .one(tx)
        .await?;
    let sequence = u32::try_from(last.saturating_add(1)).unwrap_or(u32::MAX);
    let reference = Reference::new(intent.number, Purpose::Payment, sequence);
    let settled = intent.state == PaymentState::Settled;
    let waits = intent.method.needs_phone() && intent.phone.is_none();
    let id = PaymentId::new(ids, now);
    sql!(
        "INSERT INTO payment (id, order_id, reference, sequence, method, gateway, amount, state, expires_at,
                              settled_at, created_at, updated_at, due_at, phone_sealed, phone_mask, in_doubt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, 0)"
    )
    .bind(&id)
    .bind(intent.order)
    .bind(&reference)
    .bind(sequence)
    .bind(intent.method)
    .bind(intent.gateway)
    .bind(intent.amount)
    .bind(intent.state)
    .bind(intent.expires_at)
    .bind(settled.then_some(now))
    .bind(now)
    .bind((!settled && !waits).then_some(now))
    .bind(intent.phone.map(|p| &p.sealed))
    .bind(intent.phone.map(|p| &p.mask))
    .run(tx)
    .await?;
    payment_locked(tx, &id).await?.ok_or_else(|| Error::NoRow { statement: "payment just stored".into() })
}

/// The payment with its row locked until the transaction ends.
pub async fn payment_locked(tx: &mut WriteTx, id: &PaymentId) -> Result<Option<Payment>, Error> {
    sql!(
        sqlite: "SELECT * FROM payment WHERE id = $1",
        postgres: "SELECT * FROM payment WHERE id = $1 FOR UPDATE"
    )
    .bind(id)
    .optional(tx)
    .await
}

/// The payment, to look at.
pub async fn payment(tx: &mut ReadTx, id: &PaymentId) -> Result<Option<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE id = $1").bind(id).optional(tx).await
}

/// The payment under this reference, as somebody else has written it.
pub async fn payment_by_reference(tx: &mut ReadTx, reference: &str) -> Result<Option<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE reference = $1").bind(reference).optional(tx).await
}

/// The payment that a gateway knows by this id of its own.
pub async fn payment_by_their_id(tx: &mut ReadTx, gateway: &str, id: &str) -> Result<Option<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE gateway = $1 AND gateway_transaction_id = $2 ORDER BY id LIMIT 1")
        .bind(gateway)
        .bind(id)
        .optional(tx)
        .await
}

/// The payments of an order, oldest first.
pub async fn payments_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE order_id = $1 ORDER BY sequence").bind(order).all(tx).await
}

/// Makes a payment due now, because something outside gave a reason to ask. True when it exists.
pub async fn nudge(tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<bool, Error> {
    let found = sql!("UPDATE payment SET due_at = $2, nudges = nudges + 1 WHERE reference = $1")
        .bind(reference)
        .bind(now)
        .run(tx)
        .await?;
    Ok(found > 0)
}

/// Lets the order's payment that is to be opened wait until then.
pub async fn put_off(tx: &mut WriteTx, order: &OrderId, until: Timestamp) -> Result<u64, Error> {
    sql!(
        "UPDATE payment SET due_at = $2
         WHERE order_id = $1 AND state = 'intended' AND closing IS NULL AND due_at < $2"
    )
    .bind(order)
    .bind(until)
    .run(tx)
    .await
}

/// Wants nobody to be able to pay the order's open payments any more, and makes them due now. A worker
/// that has taken one up and not sent it yet loses it, so that it is closed at once.
pub async fn close_all(
    tx: &mut WriteTx,
    order: &OrderId,
    closing: Closing,
    now: Timestamp,
) -> Result<u64, Error> {
    sql!(
        "UPDATE payment SET closing = $2, due_at = $3, nudges = nudges + 1, updated_at = $3,
                lease_until = CASE WHEN state = 'intended' THEN NULL ELSE lease_until END
         WHERE order_id = $1 AND closing IS NULL AND state IN ('intended', 'open', 'unknown')"
    )
    .bind(order)
    .bind(closing)
    .bind(now)
    .run(tx)
    .await
}

/// Claims up to `limit` due payments.
pub async fn claim_payments(
    tx: &mut WriteTx,
    (now, real_now, lease_until): (Timestamp, Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Claim>, Error> {
    claim_sql!("payment").bind(now).bind(real_now).bind(lease_until).bind(limit).all(tx).await
}

/// Stores a payment after a step, frees its lease, and makes it due at once when something gave a
/// reason to ask meanwhile. Once wanted closed, it stays so. False when another worker has claimed it
/// since: nothing was changed.
pub async fn store_payment(tx: &mut WriteTx, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET state = $3, gateway_transaction_id = $4, qr_string = $5, qr_image_url = $6,
                deep_link = $7, odd_amount = $8, note = $9, asked = $10, settled_at = $11, updated_at = $12,
                redirect_url = $15, expires_at = $16, closing = COALESCE(closing, $17),
                given_back = $18, given_back_at = CASE WHEN CAST($18 AS BIGINT) IS NULL THEN given_back_at
                                                       ELSE COALESCE(given_back_at, CAST($12 AS BIGINT)) END,
                payment_code = $19, in_doubt = $20, charged_back = COALESCE(charged_back, $21),
                due_at = CASE WHEN nudges > $13 THEN CAST($12 AS BIGINT) ELSE $14 END, lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&payment.id)
    .bind(payment.fence)
    .bind(payment.state)
    .bind(Some(payment.opened.transaction_id.as_str()).filter(|id| !id.is_empty()))
    .bind(&payment.opened.qr_string)
    .bind(&payment.opened.qr_image_url)
    .bind(&payment.opened.deep_link)
    .bind(payment.odd_amount)
    .bind(&payment.note)
    .bind(payment.asked)
    .bind(payment.settled_at)
    .bind(now)
    .bind(payment.nudges)
    .bind(payment.due_at)
    .bind(&payment.opened.redirect_url)
    .bind(payment.expires_at)
    .bind(payment.closing)
    .bind(payment.given_back)
    .bind(&payment.opened.payment_code)
    .bind(payment.in_doubt)
    .bind(payment.charged_back)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Writes down what its gateway keeps of a payment that came in, by the rate of that day: the proof of the
/// books compares it with what is booked.
pub async fn store_fee(tx: &mut WriteTx, id: &PaymentId, fee: Rupiah) -> Result<(), Error> {
    sql!("UPDATE payment SET fee = $2 WHERE id = $1").bind(id).bind(fee).run(tx).await?;
    Ok(())
}

/// Gives a payment that waits for it the buyer's phone number, and makes it due now. False when it
/// does not wait (any more).
pub async fn give_phone(
    tx: &mut WriteTx,
    id: &PaymentId,
    phone: &StoredPhone,
    now: Timestamp,
) -> Result<bool, Error> {
    let given = sql!(
        "UPDATE payment SET phone_sealed = $2, phone_mask = $3, due_at = $4, updated_at = $4
         WHERE id = $1 AND state = 'intended' AND phone_sealed IS NULL AND closing IS NULL"
    )
    .bind(id)
    .bind(&phone.sealed)
    .bind(&phone.mask)
    .bind(now)
    .run(tx)
    .await?;
    Ok(given > 0)
}

/// Marks a payment as sent, before the charge is made, and keeps the lease: from here on it is in doubt. False when another
/// worker has claimed it since, or nobody wants it any more.
pub async fn mark_sent(tx: &mut WriteTx, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET state = 'unknown', in_doubt = 1, updated_at = $3
         WHERE id = $1 AND fence = $2 AND state IN ('intended', 'unknown') AND odd_amount IS NULL
           AND closing IS NULL"
    )
    .bind(&payment.id)
    .bind(payment.fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// A person has decided about an amount that is not ours: the money counts as come in. False when
/// it had been decided before.
pub async fn accept_odd(tx: &mut WriteTx, id: &PaymentId, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET state = 'settled', settled_at = $2, updated_at = $2, due_at = NULL
         WHERE id = $1 AND state = 'unknown' AND odd_amount IS NOT NULL"
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Begins to give `amount` of a payment back: until that has ended, what its gateway says of so much is what
/// we did. The caller holds its row.
pub(crate) async fn begin_refund(
    tx: &mut WriteTx,
    id: &PaymentId,
    amount: Rupiah,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET refunding = $2, state = 'refunding', updated_at = $3
         WHERE id = $1 AND refunding = 0 AND state IN ('settled', 'partly_refunded')"
    )
    .bind(id)
    .bind(amount)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// What was on its way back is back, or stays. The caller holds its row.
pub(crate) async fn end_refund(
    tx: &mut WriteTx,
    id: &PaymentId,
    (amount, is_back): (Rupiah, Back),
    now: Timestamp,
) -> Result<bool, Error> {
    let back = if is_back == Back::Yes { amount } else { Rupiah::ZERO };
    let changed = sql!(
        "UPDATE payment SET refunding = 0, refunded = refunded + $3, updated_at = $4,
                state = CASE WHEN state = 'refunded' OR refunded + $3 >= COALESCE(odd_amount, amount) THEN 'refunded'
                             WHEN refunded + $3 > 0 OR given_back IS NOT NULL THEN 'partly_refunded'
                             ELSE 'settled' END
         WHERE id = $1 AND refunding = $2"
    )
    .bind(id)
    .bind(amount)
    .bind(back)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Whether a refund has given something back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    /// It has.
    Yes,
    /// It has not, and will not.
    No,
}

/// Works on a payment no more, because it makes no progress; it is never deleted.
pub async fn park_payment(
    tx: &mut WriteTx,
    id: &PaymentId,
    fence: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE payment SET due_at = NULL, lease_until = NULL, claims = 0, updated_at = $3 WHERE id = $1 AND fence = $2"
    )
    .bind(id)
    .bind(fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked (or had nothing due).
pub async fn unpark_payment(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!("UPDATE payment SET due_at = $2, claims = 0 WHERE id = $1 AND due_at IS NULL")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// Frees the leases of workers that are gone.
pub async fn free_payment_leases(tx: &mut WriteTx) -> Result<u64, Error> {
    sql!("UPDATE payment SET lease_until = NULL WHERE lease_until IS NOT NULL AND due_at IS NOT NULL")
        .query()
        .run(tx)
        .await
}

/// How many payments are due at `now` and not done, and since when the first of them is.
pub async fn payments_overdue(tx: &mut ReadTx, now: Timestamp) -> Result<(i64, Option<Timestamp>), Error> {
    sql!("SELECT COUNT(*), MIN(due_at) FROM payment WHERE due_at <= $1").bind(now).one(tx).await
}

/// The earliest moment at which a payment is due, if any is.
pub async fn next_payment_due(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    sql!("SELECT due_at FROM payment WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1")
        .query()
        .optional(tx)
        .await
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
