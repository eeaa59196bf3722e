//! Our side of a day: orders with their payments and purchases, by rows and books, read at one moment.

use super::{
    act,
    view::{BookedMoney, OurAttempt, OurName, OurOrder, OurPayment, WentBack},
};
use crate::{
    inbox::{self, StoredWebhook},
    order,
};
use database::{Error, FromRow, ReadTx, Row, report_sql};
use ledger::{Account, BookedLine, Kind};
use payments::{PartBack, Payment, PaymentState};
use std::time::Duration;
use suppliers::Attempt;
use vocabulary::{OrderId, OrderNumber, Reference, Rupiah, Timestamp, WibDay};

/// How many orders, and how many purchases of one supplier, are compared at most.
const MOST: u32 = 20_000;
/// For so long something may still be heard of a name that was asked for.
const A_DAY: Duration = Duration::from_secs(86_400);
/// How many webhooks about nothing of ours are looked at.
const MOST_STRANGERS: i64 = 500;

/// What our rows say of a day.
#[derive(Default)]
pub(super) struct Ours {
    pub(super) orders: Vec<OurOrder>,
    /// The payments among them that a gateway can be asked about.
    pub(super) payments: Vec<Payment>,
    /// The purchases among them.
    pub(super) attempts: Vec<Attempt>,
    /// Webhooks about nothing of ours.
    pub(super) strangers: Vec<StoredWebhook>,
    /// Why not all of it is here, if that is so.
    pub(super) cut: Option<String>,
}

/// Reads the orders of a day, those that are not decided yet, and those about which an alert of a
/// reconciliation is open.
pub(super) async fn of_day(tx: &mut ReadTx, day: WibDay) -> Result<Ours, Error> {
    let window = (day.start(), day.end());
    let mut ids = touched(tx, window).await?;
    let strangers = inbox::about_nothing_of_ours(tx, window, MOST_STRANGERS.saturating_add(1)).await?;
    let mut ours = Ours { strangers, ..Ours::default() };
    let most = usize::try_from(MOST_STRANGERS).unwrap_or(usize::MAX);
    if ours.strangers.len() > most {
        ours.strangers.truncate(most);
        ours.cut = Some(format!(
            "more than {MOST_STRANGERS} webhooks about nothing of ours: not all were looked at"
        ));
    }
    if ids.len() > limit() {
        ids.truncate(limit());
        ours.cut = Some(format!("more than {MOST} orders: only the oldest of them were compared"));
    }
    for alert in act::open_alerts(tx).await? {
        let Some(number) = order_in(&alert.subject) else { continue };
        if let Some(order) = order::order_by_number(tx, &number).await?
            && !ids.contains(&order.id)
        {
            ids.push(order.id);
        }
    }
    for id in ids {
        read_order(tx, &id, &mut ours).await?;
    }
    Ok(ours)
}

/// The orders that were placed before the end of the day and touched since its beginning, or are not decided.
async fn touched(tx: &mut ReadTx, (from, until): (Timestamp, Timestamp)) -> Result<Vec<OrderId>, Error> {
    report_sql!(
        "SELECT o.id FROM shop_order o
         WHERE o.placed_at < $2 AND (
             o.state IN ('paid', 'fulfilling', 'failed', 'refunding', 'needs_attention')
             OR o.paid_at >= $1 OR o.delivered_at >= $1
             OR EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id
                        AND (p.updated_at >= $1 OR p.state IN ('open', 'unknown', 'refunding')))
             OR EXISTS (SELECT 1 FROM fulfilment_attempt a WHERE a.order_id = o.id
                        AND (a.updated_at >= $1 OR a.state IN ('sent', 'pending', 'unknown'))))
         ORDER BY o.id LIMIT $3"
    )
    .bind(from)
    .bind(until)
    .bind(MOST.saturating_add(1))
    .all(tx)
    .await
}

async fn read_order(tx: &mut ReadTx, id: &OrderId, ours: &mut Ours) -> Result<(), Error> {
    let Some(order) = order::order_by_id(tx, id).await? else { return Ok(()) };
    let lines = ledger::entries_of_order(tx, id).await?;
    let mut mine = OurOrder {
        number: order.number,
        state: order.state,
        attention: order.attention,
        updated_at: order.updated_at,
        payments: Vec::new(),
        attempts: Vec::new(),
    };
    for payment in payments::payments_of_order(tx, id).await? {
        mine.payments.push(our_payment(&payment, &lines));
        if payment.gateway != "wallet" {
            ours.payments.push(payment);
        }
    }
    for attempt in suppliers::attempts_of_order(tx, id).await? {
        mine.attempts.push(our_attempt(tx, &attempt, &lines).await?);
        ours.attempts.push(attempt);
    }
    ours.orders.push(mine);
    Ok(())
}

/// A supplier's purchases that may have moved our deposit between two moments; none when there are too many to
/// be read.
pub(super) async fn purchases(
    tx: &mut ReadTx,
    supplier: &str,
    (from, until): (Timestamp, Timestamp),
) -> Result<Option<Vec<OurAttempt>>, Error> {
    let attempts: Vec<Attempt> = report_sql!(
        "SELECT * FROM fulfilment_attempt WHERE supplier = $1 AND created_at <= $3
         AND (updated_at >= $2 OR state IN ('sent', 'pending', 'unknown'))
         ORDER BY created_at, id LIMIT $4"
    )
    .bind(supplier)
    .bind(from)
    .bind(until)
    .bind(MOST.saturating_add(1))
    .all(tx)
    .await?;
    if attempts.len() > limit() {
        return Ok(None);
    }
    let mut purchases = Vec::with_capacity(attempts.len());
    for attempt in &attempts {
        purchases.push(our_attempt(tx, attempt, &[]).await?);
    }
    Ok(Some(purchases))
}

/// The names that were bought at a supplier, or may have been, and may have moved our deposit between two moments; none
/// when there are too many to be read. What nobody has told within a day is not expected to move it any more.
pub(super) async fn names(
    tx: &mut ReadTx,
    supplier: &str,
    (from, until): (Timestamp, Timestamp),
) -> Result<Option<Vec<OurName>>, Error> {
    let names: Vec<OurName> = report_sql!(
        "SELECT state, price, max_price, asked_at, decided_at, taken_back_at FROM name_check
         WHERE supplier = $1 AND asked_at <= $3
         AND (updated_at >= $2 OR (state IN ('asked', 'unknown') AND asked_at >= $4))
         ORDER BY asked_at, reference LIMIT $5"
    )
    .bind(supplier)
    .bind(from)
    .bind(until)
    .bind(from.minus(A_DAY))
    .bind(MOST.saturating_add(1))
    .all(tx)
    .await?;
    Ok((names.len() <= limit()).then_some(names))
}

impl FromRow for OurName {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(OurName {
            state: row.get("state")?,
            price: row.get("price")?,
            max_price: row.get("max_price")?,
            asked_at: row.get("asked_at")?,
            decided_at: row.get("decided_at")?,
            taken_back_at: row.get("taken_back_at")?,
        })
    }
}

fn limit() -> usize {
    usize::try_from(MOST).unwrap_or(usize::MAX)
}

/// The order that the subject of an alert is about: `missing_webhook:LK0123456789-P1`.
fn order_in(subject: &str) -> Option<OrderNumber> {
    let (_, rest) = subject.split_once(':')?;
    let of_reference = rest.parse::<Reference>().ok().map(|reference| reference.order().clone());
    of_reference.or_else(|| rest.parse().ok())
}

pub(super) fn our_payment(payment: &Payment, lines: &[BookedLine]) -> OurPayment {
    OurPayment {
        reference: payment.reference.to_string(),
        gateway: payment.gateway.clone(),
        method: payment.method,
        amount: payment.amount,
        state: payment.state,
        odd_amount: payment.odd_amount,
        expires_at: payment.expires_at,
        settled_at: payment.settled_at,
        booked: booked(payment, lines),
        back: went_back(payment),
    }
}

/// What of a payment went back, by its row.
fn went_back(payment: &Payment) -> WentBack {
    let otherwise = match payment.state {
        PaymentState::Refunded => {
            payment.brought().checked_sub(payment.given_back_by_us()).unwrap_or_default()
        }
        _ => payment.given_back.unwrap_or_default(),
    };
    WentBack {
        by_us: payment.refunded,
        on_its_way: payment.refunding,
        otherwise,
        charged_back: payment.charged_back.unwrap_or_default(),
        is_unclear: payment.part_back() == PartBack::Unclear || payment.charged_back == Some(Rupiah::ZERO),
    }
}

/// What the ledger says of a payment.
fn booked(payment: &Payment, lines: &[BookedLine]) -> BookedMoney {
    let (gateway, reference) = (Account::Gateway(payment.gateway.clone()), payment.reference.to_string());
    let mut booked = BookedMoney::default();
    for line in lines.iter().filter(|line| line.reference == reference) {
        let came_in = matches!(line.kind, Kind::Payment | Kind::PaymentCredit);
        if line.account == gateway && line.kind != Kind::Fee {
            booked.held = plus(booked.held, line.amount);
        }
        if line.account == gateway && came_in {
            booked.ours = plus(booked.ours, line.amount);
        }
        if line.account == Account::Fee {
            booked.fee = plus(booked.fee, line.amount);
        }
        booked.pays |= matches!(line.kind, Kind::Payment | Kind::WalletPayment);
    }
    booked
}

async fn our_attempt(tx: &mut ReadTx, attempt: &Attempt, lines: &[BookedLine]) -> Result<OurAttempt, Error> {
    let (supplier, reference) = (Account::Supplier(attempt.supplier.clone()), attempt.reference.to_string());
    let of_it = lines.iter().filter(|line| line.reference == reference && line.account == supplier);
    let moved = of_it.fold(Rupiah::ZERO, |sum, line| plus(sum, line.amount));
    Ok(OurAttempt {
        supplier: attempt.supplier.clone(),
        state: attempt.state,
        code: attempt.code.clone(),
        max_price: attempt.max_price,
        created_at: attempt.created_at,
        first_sent_at: attempt.first_sent_at,
        due_at: attempt.due_at,
        booked: Rupiah::new(moved.get().saturating_neg()),
        words: suppliers::words_of(tx, &attempt.reference).await?,
        reference,
    })
}

fn plus(a: Rupiah, b: Rupiah) -> Rupiah {
    Rupiah::new(a.get().saturating_add(b.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_of_an_alert_names_its_order() {
        for (subject, number) in [
            ("missing_webhook:LK0123456789-P1", Some("LK0123456789")),
            ("not_delivered_there:LK0123456789-F2", Some("LK0123456789")),
            ("delivered_unpaid:LK0123456789", Some("LK0123456789")),
            ("deposit:digiflazz/2026-11-22", None),
            ("not_asked:midtrans", None),
            ("LK0123456789", None),
        ] {
            assert_eq!(order_in(subject).map(|number| number.to_string()).as_deref(), number, "{subject}");
        }
    }
}
