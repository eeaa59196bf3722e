//! What a buyer's bank takes back of a payment that had gone back before, by refunds of ours or from the gateway's
//! dashboard: the buyer has it twice, and the shop has lost it. A bank may do so in several steps. And what goes back of
//! a part after what was left of it had been given to the buyer, or earned.

use crate::{Order, OrderState, Shop, act::ActError, taken_back};
use database::{Error, WriteTx};
use ledger::{Account, Entry, Kind};
use notifications::{AlertKind, alert_open, alert_resolve};
use payments::{PartBack, Payment};
use vocabulary::{Actor, Rupiah};

/// Books the loss, as far as anybody knows how much it is and as far as it is not booked yet, and calls a person.
/// The order's row is locked.
pub(crate) async fn record(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    payment: &Payment,
) -> Result<(), Error> {
    let now = shop.clock.now();
    let (gateway, reference) = (&payment.gateway, &payment.reference);
    let known = payment.charged_back.unwrap_or_default();
    let lines = ledger::entries_of_order(tx, &order.id).await?;
    let kind = Kind::PaymentChargedBack;
    let before = taken_back::steps(&lines, kind, payment).map(|line| line.amount);
    let before = Rupiah::checked_sum(before).unwrap_or_default();
    let lost = known.checked_sub(before).filter(|lost| lost.is_positive());
    if lost.is_none() && known.is_positive() {
        return Ok(());
    }
    if let Some(lost) = lost {
        let (from, to) = (Account::ChargebackLoss, Account::Gateway(gateway.clone()));
        let step = taken_back::next_step(&lines, kind, payment);
        let entry = Entry::transfer(kind, &step, &order.id, from, to, lost);
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
        Some(lost) => {
            let more = if before.is_positive() { format!(" more, {known} in all,") } else { String::new() };
            format!(
                "order {}: a bank took back {lost}{more} of {reference}, which had been given back before: the buyer has it twice, and it is booked as a loss; see the dashboard of {gateway}, and object there",
                order.number
            )
        }
        None => format!(
            "order {}: a bank took back {reference} or a part of it, and we have given it back, or are giving it back; whether both arrive nobody says, so nothing is booked: see the dashboard of {gateway}, and object there",
            order.number
        ),
    };
    // Of a payment that had not gone back wholly before, what is said of the rest stays said.
    let is_all = payment.given_back_by_us() >= payment.brought();
    let subject = if is_all { order.number.to_string() } else { reference.to_string() };
    // What was said of it before does not tell this.
    let kind = AlertKind::PaymentTakenBack;
    alert_resolve(tx, kind, &subject, now).await?;
    if alert_open(tx, &shop.ids, now, (kind, &subject, &text)).await? {
        tracing::warn!(order.number = %order.number, "{text}");
    }
    Ok(())
}

/// Books as a loss what went back of a payment beyond the part that is booked, when what was left of it had been
/// refunded, or settled, before: there is nothing that it could come out of. How much that is; `None` when nothing was
/// booked now. The order's row is locked.
pub(crate) async fn grown(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    payment: &Payment,
) -> Result<Option<Rupiah>, Error> {
    let PartBack::Known(back) = payment.part_back() else { return Ok(None) };
    let lines = ledger::entries_of_order(tx, &order.id).await?;
    let (of_order, of_more) = taken_back::parts_booked(&lines, payment);
    let before = of_order.checked_add(of_more).filter(|before| before.is_positive());
    let is_over = matches!(order.state, OrderState::Delivered | OrderState::Refunded);
    let (Some(before), true) = (before, is_over) else { return Ok(None) };
    // What more than ours came in goes back first, as ever.
    let more = payment.odd_amount.and_then(|odd| odd.checked_sub(order.amount)).unwrap_or_default();
    let of_more_now =
        more.max(Rupiah::ZERO).min(back).checked_sub(of_more).unwrap_or_default().max(Rupiah::ZERO);
    let lost = back.checked_sub(before).and_then(|grown| grown.checked_sub(of_more_now));
    let lost = lost.unwrap_or_default().max(Rupiah::ZERO);
    if of_more_now == Rupiah::ZERO && lost == Rupiah::ZERO {
        return Ok(None);
    }
    let (now, kind) = (shop.clock.now(), Kind::PaymentPartTakenBack);
    let step = taken_back::next_step(&lines, kind, payment);
    let gateway = Account::Gateway(payment.gateway.clone());
    let entry = Entry::transfer(kind, &step, &order.id, Account::ChargebackLoss, gateway.clone(), lost)
        .moving(Account::Suspense, gateway, of_more_now);
    ledger::post(tx, &shop.ids, now, &entry).await.map_err(ActError::from)?;
    let entry = security::Entry {
        actor: &Actor::gateway(&payment.gateway),
        action: "payment.part_lost",
        subject: order.number.as_str(),
        before: Some(before.to_string()),
        after: Some(format!("{step} {lost}")),
        source: payment.note.clone(),
    };
    security::record(tx, &shop.ids, now, &entry).await?;
    Ok(Some(lost))
}
