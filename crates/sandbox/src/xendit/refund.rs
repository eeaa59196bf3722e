//! Giving money back: of payment requests by `/refunds`, of charges of the first generation by their own
//! path (contracts/payments §3.2, §3.4, §3.7). It takes a while, and a callback tells how it ended.

use super::{
    books::{self, Charge, Generation},
    channel::Back,
    notify,
    read::{self, Object},
    refusal::Refusal,
};
use crate::{
    exchange::Reply,
    faults::{self, Fault},
    world::{Target, World},
};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long a refund takes. UNVERIFIED.
const TAKES: Duration = Duration::from_secs(30);
/// And one of the first generation: "next day".
const LEGACY_TAKES: Duration = Duration::from_secs(86_400);
const LISTED: usize = 50;
const REASONS: [&str; 5] = ["FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS"];

vocabulary::text_enum!(
    /// Where a refund stands.
    pub(crate) enum RefundStatus {
        /// On its way.
        Pending = "PENDING",
        /// The buyer has the money.
        Succeeded = "SUCCEEDED",
        /// It did not work.
        Failed = "FAILED",
        /// Called off before it was done.
        Cancelled = "CANCELLED",
    }
);
database::text_column!(RefundStatus);

/// One refund.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) charge_id: String,
    pub(crate) reference_id: Option<String>,
    pub(crate) amount: i64,
    pub(crate) reason: String,
    pub(crate) status: RefundStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    due_at: Option<Timestamp>,
}

impl FromRow for Refund {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Refund {
            id: row.get("id")?,
            charge_id: row.get("charge_id")?,
            reference_id: row.get("reference_id")?,
            amount: row.get("amount")?,
            reason: row.get("reason")?,
            status: row.get("status")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            due_at: row.get("due_at")?,
        })
    }
}

impl Refund {
    /// Whether the buyer has the money.
    pub(crate) fn is_done(&self) -> bool {
        self.status == RefundStatus::Succeeded
    }
}

/// Refunds a payment request of either generation.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let id = match read::required(body, "payment_request_id", 64) {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let charge = books::find(tx, id)
        .await?
        .filter(|charge| matches!(charge.generation, Generation::Second | Generation::Third));
    let Some(charge) = charge else { return Ok(Err(Refusal::not_found("payment request"))) };
    begin(world, tx, &charge, body, (TAKES, now)).await
}

/// Refunds a charge of the first generation. OVO, too: by this path it can be given back.
pub(super) async fn of_legacy(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let charge = books::find(tx, id).await?.filter(|charge| charge.generation == Generation::Legacy);
    let Some(charge) = charge else { return Ok(Err(Refusal::not_found("charge"))) };
    begin(world, tx, &charge, body, (LEGACY_TAKES, now)).await
}

async fn begin(
    world: &World,
    tx: &mut WriteTx,
    charge: &Charge,
    body: &Object,
    (takes, now): (Duration, Timestamp),
) -> Result<Result<Reply, Refusal>, Error> {
    let occasion = ("refund", charge.reference_id.as_str());
    if faults::strike(tx, Target::Xendit, Fault::InsufficientBalance, occasion).await?.is_some() {
        let message = "the balance is too small for this refund";
        return Ok(Err(Refusal::new(400, "INSUFFICIENT_BALANCE", message)));
    }
    let earlier = of_charge(tx, &charge.id).await?;
    let refund = match read_refund(world, charge, &earlier, body, now) {
        Ok(refund) => Refund { due_at: Some(now.plus(takes)), ..refund },
        Err(refusal) => return Ok(Err(refusal)),
    };
    sql!(
        "INSERT INTO world_xendit_refund
            (id, charge_id, reference_id, amount, reason, status, created_at, updated_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(&refund.id)
    .bind(&refund.charge_id)
    .bind(refund.reference_id.as_ref())
    .bind(refund.amount)
    .bind(&refund.reason)
    .bind(refund.status)
    .bind(refund.created_at)
    .bind(refund.updated_at)
    .bind(refund.due_at)
    .run(tx)
    .await?;
    Ok(Ok(Reply::json(200, &told(&refund, charge)).plain_http()))
}

fn read_refund(
    world: &World,
    charge: &Charge,
    earlier: &[Refund],
    body: &Object,
    now: Timestamp,
) -> Result<Refund, Refusal> {
    let paid_at = match charge.paid_at.filter(|_| charge.is_paid()) {
        Some(paid_at) => paid_at,
        None => return Err(Refusal::ineligible("only what was paid can be refunded")),
    };
    let given =
        earlier.iter().filter(|r| matches!(r.status, RefundStatus::Pending | RefundStatus::Succeeded));
    let left = given.fold(charge.amount, |left, refund| left.saturating_sub(refund.amount));
    let amount = match body.get("amount") {
        None | Some(Value::Null) => left,
        Some(_) => read::amount(body, "amount")?,
    };
    if body.get("currency").is_some_and(|currency| !currency.is_null()) {
        read::rupiah(body)?;
    }
    let reason = read::text(body, "reason", 64)?.unwrap_or("OTHERS");
    if !REASONS.contains(&reason) {
        return Err(Refusal::invalid(format!("reason is one of {}", REASONS.join(", "))));
    }
    check(charge, amount, now.since(paid_at))?;
    if amount > left || left == 0 {
        let message = format!("{left} is left of the payment");
        return Err(Refusal::new(400, "REFUND_AMOUNT_EXCEEDED", message));
    }
    Ok(Refund {
        id: format!("rfd-{}", world.uuid()),
        charge_id: charge.id.clone(),
        reference_id: read::text(body, "reference_id", 255)?.map(str::to_owned),
        amount,
        reason: reason.to_owned(),
        status: RefundStatus::Pending,
        created_at: now,
        updated_at: now,
        due_at: None,
    })
}

/// Whether the channel gives that back now. The first generation gives back what the later ones do not.
fn check(charge: &Charge, amount: i64, age: Duration) -> Result<(), Refusal> {
    let unsupported =
        || Refusal::new(403, "REFUND_NOT_SUPPORTED", format!("{} cannot be refunded", charge.channel));
    let (within, in_parts) = match charge.channel.back() {
        Back::InParts(within) => (within, true),
        Back::Whole(within) => (within, false),
        Back::Never if charge.generation == Generation::Legacy => (Duration::from_secs(14 * 86_400), false),
        Back::Never => return Err(unsupported()),
    };
    if age > within {
        return Err(Refusal::ineligible("the time for refunds of this payment has passed"));
    }
    if !in_parts && amount != charge.amount {
        let message = format!("{} is refunded in full or not at all", charge.channel);
        return Err(Refusal::new(403, "PARTIAL_REFUND_NOT_SUPPORTED", message));
    }
    Ok(())
}

pub(super) async fn get(tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    let refund = find(tx, id).await?;
    answer(tx, refund).await
}

async fn answer(tx: &mut WriteTx, refund: Option<Refund>) -> Result<Result<Reply, Refusal>, Error> {
    let Some(refund) = refund else { return Ok(Err(Refusal::not_found("refund"))) };
    let Some(charge) = books::find(tx, &refund.charge_id).await? else {
        return Ok(Err(Refusal::not_found("payment request")));
    };
    Ok(Ok(Reply::json(200, &as_told(tx, &refund, &charge).await?).plain_http()))
}

/// A refund as it is told of; a fault may make its state one that nobody knows.
async fn as_told(tx: &mut WriteTx, refund: &Refund, charge: &Charge) -> Result<Value, Error> {
    let word = notify::word(tx, refund.status.as_str(), ("refunded", charge.reference_id.as_str())).await?;
    let mut told = told(refund, charge);
    if let Some(status) = told.get_mut("status") {
        *status = json!(word);
    }
    Ok(told)
}

/// Calls off a refund that is on its way.
pub(super) async fn cancel(
    tx: &mut WriteTx,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut refund) = find(tx, id).await? else { return Ok(Err(Refusal::not_found("refund"))) };
    if refund.status != RefundStatus::Pending {
        return Ok(Err(Refusal::ineligible("the refund is not on its way any more")));
    }
    (refund.status, refund.updated_at, refund.due_at) = (RefundStatus::Cancelled, now, None);
    save(tx, &refund).await?;
    answer(tx, Some(refund)).await
}

/// The refunds of a payment request, oldest first.
pub(super) async fn list(tx: &mut WriteTx, query: &str) -> Result<Result<Reply, Refusal>, Error> {
    let mut asked = form_urlencoded::parse(query.as_bytes());
    let Some((_, id)) = asked.find(|(name, _)| name == "payment_request_id") else {
        return Ok(Err(Refusal::invalid("payment_request_id is required")));
    };
    let Some(charge) = books::find(tx, &id).await? else {
        return Ok(Ok(Reply::json(200, &json!({"data": [], "has_more": false})).plain_http()));
    };
    let refunds = of_charge(tx, &charge.id).await?;
    let data: Vec<Value> = refunds.iter().take(LISTED).map(|refund| told(refund, &charge)).collect();
    let body = json!({"data": data, "has_more": refunds.len() > LISTED});
    Ok(Ok(Reply::json(200, &body).plain_http()))
}

/// Finishes the refunds whose time has come, and tells the merchant.
pub(super) async fn finish(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    let due: Vec<Refund> =
        sql!("SELECT * FROM world_xendit_refund WHERE due_at <= $1 ORDER BY due_at LIMIT 500")
            .bind(now)
            .all(tx)
            .await?;
    for mut refund in due {
        (refund.status, refund.updated_at, refund.due_at) = (RefundStatus::Succeeded, now, None);
        save(tx, &refund).await?;
        if let Some(charge) = books::find(tx, &refund.charge_id).await? {
            let told = as_told(tx, &refund, &charge).await?;
            notify::refund(world, tx, &told, &charge, now).await?;
        }
    }
    Ok(())
}

async fn find(tx: &mut ReadTx, id: &str) -> Result<Option<Refund>, Error> {
    sql!("SELECT * FROM world_xendit_refund WHERE id = $1").bind(id).optional(tx).await
}

/// The charge that a refund is of.
pub(super) async fn charge_of(tx: &mut ReadTx, id: &str) -> Result<Option<Charge>, Error> {
    match find(tx, id).await? {
        Some(refund) => books::find(tx, &refund.charge_id).await,
        None => Ok(None),
    }
}

async fn save(tx: &mut WriteTx, refund: &Refund) -> Result<(), Error> {
    sql!("UPDATE world_xendit_refund SET status = $2, updated_at = $3, due_at = $4 WHERE id = $1")
        .bind(&refund.id)
        .bind(refund.status)
        .bind(refund.updated_at)
        .bind(refund.due_at)
        .run(tx)
        .await?;
    Ok(())
}

/// The refunds of a charge, oldest first.
pub(crate) async fn of_charge(tx: &mut ReadTx, charge: &str) -> Result<Vec<Refund>, Error> {
    sql!("SELECT * FROM world_xendit_refund WHERE charge_id = $1 ORDER BY created_at, id")
        .bind(charge)
        .all(tx)
        .await
}

/// How much of a charge went back.
pub(super) async fn given_back(tx: &mut ReadTx, charge: &str) -> Result<i64, Error> {
    let refunds = of_charge(tx, charge).await?;
    let done = refunds.iter().filter(|refund| refund.is_done());
    Ok(done.map(|refund| refund.amount).sum())
}

fn told(refund: &Refund, charge: &Charge) -> Value {
    let kind = charge.channel.second().map_or("EWALLET", |(kind, _)| kind);
    let request = Some(&charge.id).filter(|_| charge.generation != Generation::Legacy);
    json!({
        "id": refund.id,
        "payment_request_id": request,
        "payment_id": charge.payment_id,
        "charge_id": Some(&charge.id).filter(|_| request.is_none()),
        "invoice_id": null,
        "payment_method_type": kind,
        "reference_id": refund.reference_id,
        "channel_code": charge.channel.bank(),
        "currency": "IDR",
        "country": "ID",
        "amount": refund.amount,
        "status": refund.status.as_str(),
        "reason": refund.reason,
        "failure_code": null,
        "refund_fee_amount": null,
        "created": refund.created_at.rfc3339(),
        "updated": refund.updated_at.rfc3339(),
        "metadata": null,
    })
}
