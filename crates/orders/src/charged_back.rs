//! What a buyer's bank takes back of a payment that refunds of ours had given back before: the buyer has it twice,
//! and the shop has lost it.

use crate::{Order, Shop, act::ActError};
use database::{Error, WriteTx};
use ledger::{Account, Entry, Kind};
use notifications::{AlertKind, alert_open, alert_resolve};
use payments::Payment;
use vocabulary::{Actor, Rupiah};

/// Books the loss, once for the payment, as far as anybody knows how much it is, and calls a person.
pub(crate) async fn record(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    payment: &Payment,
) -> Result<(), Error> {
    let now = shop.clock.now();
    let (gateway, reference) = (&payment.gateway, &payment.reference);
    let lost = payment.charged_back.filter(|lost| lost.is_positive());
    if let Some(lost) = lost {
        let (from, to) = (Account::ChargebackLoss, Account::Gateway(gateway.clone()));
        let entry = Entry::transfer(Kind::PaymentChargedBack, reference, &order.id, from, to, lost);
        ledger::post(tx, &shop.ids, now, &entry).await.map_err(ActError::from)?;
    }
    let entry = security::Entry {
        actor: &Actor::gateway(gateway),
        action: "payment.charged_back",
        subject: order.number.as_str(),
        before: Some(payment.given_back_by_us().to_string()),
        after: Some(format!("{reference} {}", lost.unwrap_or(Rupiah::ZERO))),
        source: payment.note.clone(),
    };
    security::record(tx, &shop.ids, now, &entry).await?;
    let text = match lost {
        Some(lost) => format!(
            "order {}: a bank took back {lost} of {reference}, which we had given back before: the buyer has it twice, and it is booked as a loss; see the dashboard of {gateway}, and object there",
            order.number
        ),
        None => format!(
            "order {}: a bank took back {reference} or a part of it, and we have given it back, or are giving it back; whether both arrive nobody says, so nothing is booked: see the dashboard of {gateway}, and object there",
            order.number
        ),
    };
    // What was said of it before does not tell this.
    let (kind, number) = (AlertKind::PaymentTakenBack, order.number.as_str());
    alert_resolve(tx, kind, number, now).await?;
    if alert_open(tx, &shop.ids, now, (kind, number, &text)).await? {
        tracing::warn!(order.number = %order.number, "{text}");
    }
    Ok(())
}
