//! What the buyer does to a charge, and which charges a reference means.

use super::{
    books::{self, Charge, Generation, Status},
    channel::Kind,
    notify,
};
use crate::{
    buyer::{Outcome, id_in_url},
    world::World,
};
use database::{Error, ReadTx, WriteTx};
use vocabulary::{OrderNumber, Timestamp};

/// Does what the buyer would do, and lets Xendit tell the merchant.
pub(crate) async fn settle(
    world: &World,
    tx: &mut WriteTx,
    mut charge: Charge,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Charge, Error> {
    match outcome {
        Outcome::Settle => {
            // One that has ended stays so although it is paid (contracts/payments §3.5).
            let has_no_end = matches!(charge.generation, Generation::Oldest | Generation::Legacy);
            if charge.status == Status::Pending || has_no_end {
                charge.status = Status::Succeeded;
                charge.failure_code = None;
            }
            charge.paid_at = Some(now);
            charge.times_paid = charge.times_paid.saturating_add(1);
        }
        Outcome::Deny | Outcome::Reverse => {
            charge.status = Status::Failed;
            charge.failure_code = Some("USER_DECLINED_PAYMENT".to_owned());
        }
        Outcome::Expire => run_out(&mut charge),
    }
    charge.updated_at = now;
    books::save(tx, &charge).await?;
    notify::charge(world, tx, &charge, now).await?;
    Ok(charge)
}

/// Its time is over. The first generation, and a push before it, know no such state; that a push fails there with
/// this reason is UNVERIFIED.
pub(super) fn run_out(charge: &mut Charge) {
    match charge.generation {
        Generation::Oldest if charge.channel.kind() != Kind::Push => charge.status = Status::Expired,
        Generation::Oldest | Generation::Legacy => {
            charge.status = Status::Failed;
            charge.failure_code = Some("USER_DID_NOT_AUTHORIZE".to_owned());
        }
        Generation::Second => charge.status = Status::Expired,
        Generation::Third => {
            charge.status = Status::Expired;
            charge.failure_code = Some("PAYMENT_REQUEST_EXPIRED".to_owned());
        }
    }
}

impl Charge {
    /// Until when the buyer can act.
    pub(crate) fn acceptable_until(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether it was paid on the phone that it was pushed to.
    pub(crate) fn is_push(&self) -> bool {
        self.channel.kind() == Kind::Push
    }
}

/// The charges that a reference may mean, newest first: an order number, a reference of either side, a number
/// to pay to, the text of a QR code, or the URL of the page or of a page of the wallet.
pub(crate) async fn candidates(tx: &mut ReadTx, reference: &str) -> Result<Vec<Charge>, Error> {
    let named = id_in_url(reference).unwrap_or(reference);
    if let Some(charge) = books::find(tx, named).await? {
        return Ok(vec![charge]);
    }
    let of_reference = books::of_reference(tx, named).await?;
    if !of_reference.is_empty() {
        return Ok(of_reference);
    }
    match reference.parse::<OrderNumber>() {
        Ok(number) => books::of_number(tx, number.as_str()).await,
        Err(_) => books::of_code(tx, reference).await,
    }
}
