//! An attempt that is not sent, because its supplier does not even answer the question before the first send, or tells
//! nothing of the product.

use super::attempt::{around, audit_attempt, may_be_sent};
use crate::{
    Shop,
    act::{Cause, happen},
    decide::Event,
    order,
    routing::Plan,
};
use database::{Claim, Error};
use suppliers::{Attempt, AttemptState, Verdict, after_silent_look};
use vocabulary::Actor;

/// Keeps that nothing was sent: the supplier's health hears of it. After some tries another route is taken, if
/// there is one; without one it is tried again, and the buyer hears as of any slow supplier.
pub(super) async fn silent_look(
    shop: &Shop,
    attempt: &Attempt,
    claim: &Claim,
    (verdict, reason): (Verdict, &str),
) -> Result<(), Error> {
    tracing::warn!(attempt.reference = %attempt.reference, "{} is not sent yet: {reason}", attempt.reference);
    let now = shop.clock.now();
    let mut tx = shop.db.write("attempt.silent").await?;
    // What nobody wants any more is not tried for ever at somebody who is silent.
    if !may_be_sent(shop, &mut tx, attempt).await? {
        return tx.commit().await;
    }
    let Some(mut order) = order::locked(&mut tx, &attempt.order).await? else { return Ok(()) };
    let Some(current) = suppliers::attempt_locked(&mut tx, &attempt.id).await? else { return Ok(()) };
    if current.fence != claim.fence || current.state != AttemptState::Intended {
        return Ok(());
    }
    let Some(asked) = suppliers::count_silent_look(&mut tx, &current, now).await? else { return Ok(()) };
    let waiting = after_silent_look(&current, asked, (verdict, reason), now);
    let around = around(shop, &mut tx, &order, &waiting).await?;
    let next = around.as_ref().map_or(&waiting, |(given_up, _)| given_up);
    suppliers::store_attempt(&mut tx, next, current.fence, now).await?;
    if let Some((given_up, plan)) = &around {
        audit_attempt(shop, &mut tx, &order, &current, given_up).await?;
        let actor = Actor::supplier(&attempt.supplier);
        let reason = format!("{} {}: not sent: {reason}", attempt.supplier, attempt.reference);
        let reason: String = reason.chars().take(200).collect();
        let way = Plan::way(plan);
        let cause = Cause { attempt: Some(given_up), way, reason: Some(&reason), ..Cause::by(&actor) };
        happen(shop, &mut tx, &mut order, Event::NextRoute { refused: false }, cause).await?;
    }
    tx.commit().await
}
