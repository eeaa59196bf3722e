//! Alerts: something that a person should look at. One open alert for each kind and subject.

use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::{AlertId, Ids, Timestamp};

vocabulary::text_enum!(
    /// What an alert is about.
    pub enum AlertKind {
        /// A person has to decide about an order.
        OrderNeedsAttention = "order_needs_attention",
        /// A supplier delivered after the money had gone back: a loss.
        LateDelivery = "late_delivery",
        /// What was delivered in part, and is booked, was delivered wholly after all.
        RestDelivered = "rest_delivered",
        /// A supplier took back what it had delivered.
        DeliveryReversed = "delivery_reversed",
        /// A supplier calls failed what it had delivered, in a word that is not the one for taking back, or once.
        DeliveryDoubted = "delivery_doubted",
        /// The supplier refuses us: keys, access or deposit.
        SupplierRefusesUs = "supplier_refuses_us",
        /// The gateway refuses us.
        GatewayRefusesUs = "gateway_refuses_us",
        /// Whoever carries messages refuses us, or does not understand what we send.
        CourierRefusesUs = "courier_refuses_us",
        /// A gateway fails again and again, and is left alone for a while.
        CircuitOpen = "circuit_open",
        /// A gateway named an amount that is not ours.
        AmountMismatch = "amount_mismatch",
        /// A gateway asks buyers for something else than we asked it for: what it opens is not shown.
        PaymentUnfit = "payment_unfit",
        /// An outside party used a word that we do not know.
        UnknownWord = "unknown_word",
        /// A settled payment was taken back at the gateway.
        PaymentTakenBack = "payment_taken_back",
        /// A refund needs the word of a second person.
        RefundNeedsApproval = "refund_needs_approval",
        /// What one person has said needs the same word of a second one.
        NeedsSecondPerson = "needs_second_person",
        /// A refund that was begun does not come to its end.
        RefundSlow = "refund_slow",
        /// Ledger, gateway and supplier do not say the same, or one of them could not be asked.
        Reconciliation = "reconciliation",
        /// A product is not offered, because of what its supplier says of it.
        ProductKeptOff = "product_kept_off",
        /// A supplier has not told its prices, or our deposit, for a long time.
        SupplierSilent = "supplier_silent",
        /// Little is left of our deposit at a supplier.
        DepositLow = "deposit_low",
        /// Our deposit at a supplier will soon be empty, as fast as it is spent.
        DepositRunsOut = "deposit_runs_out",
        /// So many orders of a Discord server are unpaid that nobody orders there.
        ServerFull = "server_full",
        /// Many buyers pay for one game account.
        SharedAccount = "shared_account",
        /// One buyer pays for many game accounts.
        ManyAccounts = "many_accounts",
        /// A row makes no progress and is worked on no more.
        Parked = "parked",
    }
);
database::text_column!(AlertKind);

/// How many open alerts are listed at most.
pub const MOST_ALERTS: u32 = 10_000;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// Which order, payment or party.
    pub subject: String,
    /// What happened and what to do, in English for staff.
    pub message: String,
    /// Since when.
    pub opened_at: Timestamp,
}

impl FromRow for Alert {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Alert {
            kind: row.get("kind")?,
            subject: row.get("subject")?,
            message: row.get("message")?,
            opened_at: row.get("opened_at")?,
        })
    }
}

/// Opens an alert; one that is open already keeps its first message. True when it is new.
pub async fn alert_open(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    (kind, subject, message): (AlertKind, &str, &str),
) -> Result<bool, Error> {
    let added = sql!(
        "INSERT INTO alert (id, kind, subject, message, opened_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, subject) WHERE resolved_at IS NULL DO NOTHING"
    )
    .bind(AlertId::new(ids, now))
    .bind(kind)
    .bind(subject)
    .bind(message)
    .bind(now)
    .run(tx)
    .await?;
    if added > 0 {
        metrics::counter!("loket_alerts_total", "kind" => kind.as_str()).increment(1);
    }
    Ok(added > 0)
}

/// Closes the open alert of this kind and subject. True when there was one.
pub async fn alert_resolve(
    tx: &mut WriteTx,
    kind: AlertKind,
    subject: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let closed =
        sql!("UPDATE alert SET resolved_at = $3 WHERE kind = $1 AND subject = $2 AND resolved_at IS NULL")
            .bind(kind)
            .bind(subject)
            .bind(now)
            .run(tx)
            .await?;
    Ok(closed > 0)
}

/// The open alerts, oldest first, at most [`MOST_ALERTS`].
pub async fn open_alerts(tx: &mut ReadTx) -> Result<Vec<Alert>, Error> {
    oldest_alerts(tx, MOST_ALERTS).await
}

/// The open alerts, oldest first, at most `limit` (up to [`MOST_ALERTS`]): the cause of many others is
/// commonly the first of them.
pub async fn oldest_alerts(tx: &mut ReadTx, limit: u32) -> Result<Vec<Alert>, Error> {
    report_sql!(
        "SELECT kind, subject, message, opened_at FROM alert WHERE resolved_at IS NULL ORDER BY opened_at, id LIMIT $1"
    )
    .bind(limit.min(MOST_ALERTS))
    .all(tx)
    .await
}

/// How many alerts are open, of every kind there is.
pub async fn open_alert_counts(tx: &mut ReadTx) -> Result<Vec<(AlertKind, i64)>, Error> {
    let open: Vec<(AlertKind, i64)> =
        report_sql!("SELECT kind, COUNT(*) FROM alert WHERE resolved_at IS NULL GROUP BY kind")
            .query()
            .all(tx)
            .await?;
    let of_kind = |kind: &AlertKind| open.iter().find(|(of, _)| of == kind).map_or(0, |(_, count)| *count);
    Ok(AlertKind::ALL.iter().map(|kind| (*kind, of_kind(kind))).collect())
}

/// The open alerts of one kind that were opened at this moment or before and whose subject comes after this one, at
/// most 200, in the order of their subjects: what is gone through page by page.
pub async fn open_alerts_after(
    tx: &mut ReadTx,
    kind: AlertKind,
    opened_by: Timestamp,
    after: &str,
) -> Result<Vec<Alert>, Error> {
    sql!(
        "SELECT kind, subject, message, opened_at FROM alert
         WHERE kind = $1 AND resolved_at IS NULL AND opened_at <= $2 AND subject > $3 ORDER BY subject LIMIT 200"
    )
    .bind(kind)
    .bind(opened_by)
    .bind(after)
    .all(tx)
    .await
}

/// The open alerts of one kind, at most 200.
pub async fn open_alerts_of(tx: &mut ReadTx, kind: AlertKind) -> Result<Vec<Alert>, Error> {
    sql!("SELECT kind, subject, message, opened_at FROM alert WHERE kind = $1 AND resolved_at IS NULL ORDER BY subject LIMIT 200")
        .bind(kind)
        .all(tx)
        .await
}
