//! Work on messages and screens: a courier carries them, and what became of it is written down.

use crate::{Delivery, Shop};
use database::{Claim, Error};
use notifications::DueMessage;
use std::time::Duration;
use vocabulary::Timestamp;

/// How long it is tried to carry a message to somebody, however often.
const MESSAGE_FOR: Duration = Duration::from_secs(3 * 86_400);
/// Pauses between tries; the last one goes on.
const PAUSES_S: [u64; 7] = [2, 5, 15, 60, 300, 900, 3_600];

/// Carries a claimed message.
pub(super) async fn carry(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let found = notifications::message(&mut shop.db.read("message.look").await?, claim).await?;
    let Some(DueMessage { mut message, courier, tries }) = found else { return Ok(()) };
    if let Some(order) = &message.order {
        shop.open_detail(order, &mut message.detail);
    }
    let delivery = match shop.courier(&courier) {
        Some(courier) => courier.deliver(shop, &message).await,
        None => later(&format!("`{courier}` is not connected here")),
    };
    let now = shop.clock.now();
    let mut tx = shop.db.write("message.record").await?;
    let (kind, outcome) = (message.kind, outcome(&delivery));
    let kept = match delivery {
        Delivery::Arrived { note } => {
            notifications::message_arrived(&mut tx, claim, note.as_deref(), now).await?
        }
        Delivery::Impossible { reason } => {
            notifications::message_waits(&mut tx, claim, &reason, None).await?
        }
        Delivery::Later { reason, after } => {
            let again = next_try(tries, after, now);
            let again = (again < message.at.plus(MESSAGE_FOR)).then_some(again);
            notifications::message_waits(&mut tx, claim, &reason, again).await?
        }
    };
    tx.commit().await?;
    if kept {
        metrics::counter!("loket_messages_total", "courier" => courier, "outcome" => outcome).increment(1);
        tracing::info!(message.kind = %kind, "message {} ({kind}): {outcome}", message.id);
    }
    Ok(())
}

/// Brings a claimed screen up to date.
pub(super) async fn refresh(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let found = notifications::screen(&mut shop.db.read("screen.look").await?, claim).await?;
    let Some(screen) = found else { return Ok(()) };
    let delivery = if shop.clock.now() >= screen.live_until {
        Delivery::Impossible { reason: "its time is over".into() }
    } else {
        match shop.courier(&screen.courier) {
            Some(courier) => courier.refresh(shop, &screen).await,
            None => later(&format!("`{}` is not connected here", screen.courier)),
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.write("screen.record").await?;
    let outcome = outcome(&delivery);
    match delivery {
        Delivery::Arrived { note } => {
            notifications::screen_shown(&mut tx, &screen, (note.as_deref(), 0), None, now).await?;
        }
        Delivery::Impossible { reason } => {
            notifications::drop_screen(&mut tx, claim, &reason, now).await?;
        }
        Delivery::Later { reason, after } => {
            let tries = screen.tries.saturating_add(1);
            let again = Some(next_try(screen.tries, after, now)).filter(|again| *again < screen.live_until);
            notifications::screen_shown(&mut tx, &screen, (Some(&reason), tries), again, now).await?;
        }
    }
    tx.commit().await?;
    metrics::counter!("loket_screens_total", "courier" => screen.courier, "outcome" => outcome).increment(1);
    Ok(())
}

fn next_try(before: i64, after: Option<Duration>, now: Timestamp) -> Timestamp {
    let place = usize::try_from(before).unwrap_or(0).min(PAUSES_S.len().saturating_sub(1));
    let pause = PAUSES_S.get(place).copied().unwrap_or(3_600);
    now.plus(Duration::from_secs(pause).max(after.unwrap_or_default()))
}

fn later(reason: &str) -> Delivery {
    Delivery::Later { reason: reason.to_owned(), after: None }
}

fn outcome(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Arrived { .. } => "arrived",
        Delivery::Impossible { .. } => "impossible",
        Delivery::Later { .. } => "later",
    }
}
