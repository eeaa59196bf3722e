//! Notifications: signed, and queued for every address that a transaction reports to.

use super::{
    body::{Body, Spelling, signature},
    books::{self, Transaction},
};
use crate::{
    deliveries::{self, Webhook},
    faults::{self, Fault, Occasion},
    world::{Target, World},
};
use database::{Error, WriteTx};
use std::time::Duration;
use vocabulary::Timestamp;

/// Queues the notification of a transaction's present state.
pub(super) async fn notify(
    world: &World,
    tx: &mut WriteTx,
    t: &Transaction,
    now: Timestamp,
) -> Result<(), Error> {
    let spelling = spelling(tx, (t.status.as_str(), t.order_id.as_str())).await?;
    let body = Body::notification(t, spelling);
    queue(world, tx, t, body, Duration::ZERO, now).await
}

/// Queues the two notifications of a refund: without, then with the bank's confirmation.
pub(super) async fn notify_refund(
    world: &World,
    tx: &mut WriteTx,
    t: &Transaction,
    now: Timestamp,
) -> Result<(), Error> {
    let refunds = books::refunds(tx, &t.transaction_id).await?;
    let later = Duration::from_secs(1);
    for (after, confirmed) in [(Duration::ZERO, None), (later, Some(now.plus(later)))] {
        let spelling = spelling(tx, (t.status.as_str(), t.order_id.as_str())).await?;
        let mut body = Body::notification(t, spelling);
        body.refunds(t, &refunds, confirmed);
        queue(world, tx, t, body, after, now).await?;
    }
    Ok(())
}

/// How a status is written in this event or operation.
pub(super) async fn spelling<'a>(
    tx: &mut WriteTx,
    occasion: impl Into<Occasion<'a>>,
) -> Result<Spelling, Error> {
    let occasion = occasion.into();
    if faults::strike(tx, Target::Midtrans, Fault::UpperCaseStatus, occasion).await?.is_some() {
        return Ok(Spelling::UpperCase);
    }
    let unknown = faults::strike(tx, Target::Midtrans, Fault::UnknownStatus, occasion).await?.is_some();
    Ok(if unknown { Spelling::Unknown } else { Spelling::Usual })
}

async fn queue(
    world: &World,
    tx: &mut WriteTx,
    t: &Transaction,
    mut body: Body,
    after: Duration,
    now: Timestamp,
) -> Result<(), Error> {
    let event = t.status.as_str();
    let occasion = (event, t.order_id.as_str());
    if faults::strike(tx, Target::Midtrans, Fault::ForgeSignature, occasion).await?.is_some() {
        let other_key = format!("SB-Mid-server-{}", world.settings.ids.token());
        body.signature_key =
            Some(signature(&body.order_id, &body.status_code, &body.gross_amount, &other_key));
    }
    if faults::strike(tx, Target::Midtrans, Fault::MissingSignature, occasion).await?.is_some() {
        body.signature_key = None;
    }
    let text = serde_json::to_string(&body).unwrap_or_default();
    for url in &t.notify_urls {
        let webhook = Webhook {
            target: Target::Midtrans,
            reference: t.order_id.clone(),
            event: event.to_owned(),
            url: url.clone(),
            headers: vec![
                ("Content-Type".into(), "application/json".into()),
                ("Accept".into(), "application/json".into()),
                ("User-Agent".into(), "Veritrans".into()),
            ],
            body: text.clone(),
        };
        deliveries::enqueue(tx, &webhook, after, now).await?;
    }
    Ok(())
}
