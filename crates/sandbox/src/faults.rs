//! Faults that can be switched on: counted per party, durable, taken in the same transaction as the
//! request or webhook that they spoil. One can wait for an operation, and for what is about one reference.

use crate::{exchange::Incoming, world::Target};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use std::time::Duration;

vocabulary::text_enum!(
    /// A way to go wrong.
    pub(crate) enum Fault {
        /// The request is held and nothing is done.
        Timeout = "timeout",
        /// The request is acted on, and then held.
        TimeoutAfterEffect = "timeout_after_effect",
        /// HTTP 500 and nothing is done.
        Error500 = "error_500",
        /// HTTP 429 with `Retry-After`, and nothing is done.
        RateLimited = "rate_limited",
        /// HTTP 302 to elsewhere, and nothing is done.
        Redirect = "redirect",
        /// The request is acted on, and answered with HTML or with JSON that stops half-way.
        Garbage = "garbage",
        /// The webhook is never sent.
        DropWebhook = "drop_webhook",
        /// The webhook is sent twice at once.
        DuplicateWebhook = "duplicate_webhook",
        /// The webhook is sent after the one that follows it.
        ReorderWebhook = "reorder_webhook",
        /// The webhook is sent later.
        DelayWebhook = "delay_webhook",
        /// The webhook's signature is wrong.
        ForgeSignature = "forge_signature",
        /// The webhook has no signature.
        MissingSignature = "missing_signature",
        /// Midtrans adds its fee to the amount, in status and notifications of the next charge.
        ImposeFee = "impose_fee",
        /// Midtrans writes the transaction status in capitals.
        UpperCaseStatus = "upper_case_status",
        /// A gateway or supplier writes a transaction status that no document knows; Digiflazz a response code.
        UnknownStatus = "unknown_status",
        /// Midtrans: while a push waits on a phone, OVO denies the next one.
        SinglePush = "single_push",
        /// Our balance with the gateway is too small for a refund.
        InsufficientBalance = "insufficient_balance",
        /// DANA takes a refund on and is done with it later.
        RefundInProgress = "refund_in_progress",
        /// Midtrans hands out the wallet app's own link (`gojek://…`), which no browser follows here.
        AppDeepLink = "app_deep_link",
        /// Errors show in the HTTP status, too.
        HttpStatusErrors = "http_status_errors",
        /// Errors show in the body only.
        BodyOnlyErrors = "body_only_errors",
        /// Digiflazz answers a question that comes too soon with what it has stored.
        StaleRequery = "stale_requery",
    }
);
database::text_column!(Fault);

/// What a fault spoils.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Request,
    Webhook,
    Content,
    Mode,
}

/// A fault that strikes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Struck {
    pub(crate) fault: Fault,
    /// How many strikes are left after this one; negative for no end.
    pub(crate) left: i64,
    delay_ms: Option<i64>,
}

/// A fault that is switched on.
#[derive(Clone, Debug)]
pub(crate) struct Armed {
    pub(crate) target: Target,
    pub(crate) fault: Fault,
    /// Which operation or event it waits for; empty for any.
    pub(crate) operation: String,
    /// What it must be about; empty for anything.
    pub(crate) reference: String,
    /// How often it still strikes; negative for no end.
    pub(crate) remaining: i64,
    pub(crate) delay_ms: Option<i64>,
}

/// A moment in which a fault can strike: an operation or event, and the texts that tell what it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    operation: &'a str,
    about: [&'a [u8]; 4],
}

impl<'a> From<&'a str> for Occasion<'a> {
    fn from(operation: &'a str) -> Self {
        Occasion { operation, about: [&[]; 4] }
    }
}

impl<'a> From<(&'a str, &'a str)> for Occasion<'a> {
    fn from((operation, about): (&'a str, &'a str)) -> Self {
        Occasion { operation, about: [about.as_bytes(), &[], &[], &[]] }
    }
}

impl<'a> From<(&'a str, &'a Incoming)> for Occasion<'a> {
    fn from((operation, incoming): (&'a str, &'a Incoming)) -> Self {
        let query = incoming.query.as_deref().unwrap_or_default();
        let about = [incoming.path.as_bytes(), query.as_bytes(), &incoming.body, incoming.about.as_bytes()];
        Occasion { operation, about }
    }
}

impl Occasion<'_> {
    /// Whether the reference stands anywhere in what this is about.
    fn names(&self, reference: &str) -> bool {
        let wanted = reference.as_bytes();
        self.about.iter().any(|text| text.windows(wanted.len().max(1)).any(|part| part == wanted))
    }
}

impl FromRow for Armed {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let scope: String = row.get("operation")?;
        let (operation, reference) = scope.split_once(' ').unwrap_or((&scope, ""));
        Ok(Armed {
            target: row.get("target")?,
            fault: row.get("fault")?,
            operation: operation.to_owned(),
            reference: reference.to_owned(),
            remaining: row.get("remaining")?,
            delay_ms: row.get("delay_ms")?,
        })
    }
}

impl Fault {
    fn kind(self) -> Kind {
        match self {
            Fault::Timeout
            | Fault::TimeoutAfterEffect
            | Fault::Error500
            | Fault::RateLimited
            | Fault::Redirect
            | Fault::Garbage => Kind::Request,
            Fault::DropWebhook
            | Fault::DuplicateWebhook
            | Fault::ReorderWebhook
            | Fault::DelayWebhook
            | Fault::ForgeSignature
            | Fault::MissingSignature => Kind::Webhook,
            Fault::ImposeFee
            | Fault::UpperCaseStatus
            | Fault::UnknownStatus
            | Fault::SinglePush
            | Fault::InsufficientBalance
            | Fault::RefundInProgress
            | Fault::AppDeepLink => Kind::Content,
            Fault::HttpStatusErrors | Fault::BodyOnlyErrors | Fault::StaleRequery => Kind::Mode,
        }
    }

    /// Whether this party can go wrong in this way.
    pub(crate) fn fits(self, target: Target) -> bool {
        match target {
            Target::Midtrans => !matches!(self, Fault::StaleRequery | Fault::RefundInProgress),
            Target::Xendit => {
                matches!(self.kind(), Kind::Request | Kind::Webhook)
                    || matches!(self, Fault::UnknownStatus | Fault::InsufficientBalance)
            }
            Target::Dana => match self.kind() {
                Kind::Request | Kind::Webhook => true,
                Kind::Content => matches!(
                    self,
                    Fault::UnknownStatus | Fault::InsufficientBalance | Fault::RefundInProgress
                ),
                Kind::Mode => false,
            },
            Target::Digiflazz => self.kind() != Kind::Content || self == Fault::UnknownStatus,
            // They know no difference between a first question and a second.
            Target::VipReseller | Target::Apigames => match self.kind() {
                Kind::Request | Kind::Webhook => true,
                Kind::Content => self == Fault::UnknownStatus,
                Kind::Mode => self != Fault::StaleRequery,
            },
            // Its errors are in the HTTP status anyway; interactions are not queued behind one another.
            Target::Discord => {
                matches!(self.kind(), Kind::Request | Kind::Webhook) && self != Fault::ReorderWebhook
            }
        }
    }

    /// How often it strikes when nobody says: a mode stays, everything else strikes once.
    pub(crate) fn default_count(self) -> i64 {
        if self.kind() == Kind::Mode { -1 } else { 1 }
    }

    fn default_delay(self) -> Duration {
        match self.kind() {
            Kind::Request => Duration::from_secs(30),
            _ => Duration::from_secs(60),
        }
    }
}

impl Struck {
    /// How long the request is held or the webhook delayed.
    pub(crate) fn delay(self) -> Duration {
        let given = self.delay_ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis);
        given.unwrap_or_else(|| self.fault.default_delay())
    }
}

/// Switches a fault on. One that is on already starts counting anew.
pub(crate) async fn arm(tx: &mut WriteTx, armed: &Armed) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_fault (target, fault, operation, remaining, delay_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (target, fault, operation) DO UPDATE SET remaining = excluded.remaining, delay_ms = excluded.delay_ms"
    )
    .bind(armed.target)
    .bind(armed.fault)
    .bind(armed.scope())
    .bind(armed.remaining)
    .bind(armed.delay_ms)
    .run(tx)
    .await?;
    Ok(())
}

/// Switches all faults off and tells how many were on.
pub(crate) async fn clear(tx: &mut WriteTx) -> Result<u64, Error> {
    sql!("DELETE FROM world_fault WHERE target <> ''").query().run(tx).await
}

/// All faults that are on.
pub(crate) async fn armed(tx: &mut ReadTx) -> Result<Vec<Armed>, Error> {
    database::report_sql!("SELECT target, fault, operation, remaining, delay_ms FROM world_fault ORDER BY target, fault, operation LIMIT 10000")
        .query()
        .all(tx)
        .await
}

/// The fault that spoils this request, if one is on.
pub(crate) async fn strike_request(
    tx: &mut WriteTx,
    target: Target,
    operation: &str,
    incoming: &Incoming,
) -> Result<Option<Struck>, Error> {
    let occasion = Occasion::from((operation, incoming));
    let waiting = sql!(
        "SELECT target, fault, operation, remaining, delay_ms FROM world_fault
         WHERE target = $1 AND remaining <> 0 ORDER BY operation DESC, fault"
    )
    .bind(target)
    .all::<Armed>(tx)
    .await?;
    let first = waiting.into_iter().find(|a| a.fault.kind() == Kind::Request && a.waits_for(&occasion));
    match first {
        Some(armed) => strike_armed(tx, armed).await.map(Some),
        None => Ok(None),
    }
}

/// Whether this very fault strikes now.
pub(crate) async fn strike<'a>(
    tx: &mut WriteTx,
    target: Target,
    fault: Fault,
    occasion: impl Into<Occasion<'a>>,
) -> Result<Option<Struck>, Error> {
    let occasion = occasion.into();
    let waiting = sql!(
        "SELECT target, fault, operation, remaining, delay_ms FROM world_fault
         WHERE target = $1 AND fault = $2 AND remaining <> 0 ORDER BY operation DESC"
    )
    .bind(target)
    .bind(fault)
    .all::<Armed>(tx)
    .await?;
    match waiting.into_iter().find(|a| a.waits_for(&occasion)) {
        Some(armed) => strike_armed(tx, armed).await.map(Some),
        None => Ok(None),
    }
}

impl Armed {
    fn waits_for(&self, occasion: &Occasion<'_>) -> bool {
        (self.operation.is_empty() || self.operation == occasion.operation)
            && (self.reference.is_empty() || occasion.names(&self.reference))
    }

    /// What a row is told apart by: the operation, and behind a space the reference. Neither has a space.
    fn scope(&self) -> String {
        if self.reference.is_empty() {
            return self.operation.clone();
        }
        format!("{} {}", self.operation, self.reference)
    }
}

async fn strike_armed(tx: &mut WriteTx, armed: Armed) -> Result<Struck, Error> {
    let left = if armed.remaining > 0 { armed.remaining.saturating_sub(1) } else { armed.remaining };
    sql!("UPDATE world_fault SET remaining = $4 WHERE target = $1 AND fault = $2 AND operation = $3")
        .bind(armed.target)
        .bind(armed.fault)
        .bind(armed.scope())
        .bind(left)
        .run(tx)
        .await?;
    Ok(Struck { fault: armed.fault, left, delay_ms: armed.delay_ms })
}
