//! How an order goes: what is booked at first, what it turns into, and what that means for the deposit.

use super::{
    books::{self, Order, State},
    script::{self, Outcome, Script},
};
use crate::{
    apigames,
    settings::SupplierProduct,
    vip_reseller,
    world::{Target, World},
};
use database::{Error, WriteTx};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long an answer is held that does not come in time.
const HOLD: Duration = Duration::from_secs(30);
/// What Apigames keeps of a purchase whose provider fails. That it keeps a fee is documented; how much is not.
const APIGAMES_FEE: i64 = 50;

/// What is asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) target: Target,
    /// Empty where the party takes none.
    pub(crate) ref_id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) zone: &'a str,
}

/// What became of an order that was sent in.
pub(crate) enum Taken {
    /// It is written down; the answer may have to be held.
    Order(Box<Order>, Option<Duration>),
    /// Nothing was sold.
    SoldOut,
    /// The deposit does not reach.
    NoDeposit,
}

fn course(script: &Script, now: Timestamp) -> (State, Option<(State, Timestamp)>) {
    use Outcome as O;
    let later = |state| Some((state, now.plus(script.then_after())));
    match script.outcome {
        O::Success => (State::Done, None),
        O::Fail => (State::Failed, None),
        O::Pending => (State::Processing, None),
        O::PendingThenSuccess | O::TimeoutThenSuccess => (State::Waiting, later(State::Done)),
        O::PendingThenFail => (State::Waiting, later(State::Failed)),
        O::FailThenSuccess => (State::Failed, later(State::Done)),
        O::SuccessThenRefund => (State::Done, later(State::Failed)),
        O::Partial => (State::Waiting, later(State::Part)),
        O::PartialThenSuccess => (State::Part, later(State::Done)),
        O::PartialThenFail => (State::Part, later(State::Failed)),
        O::UnclearThenSuccess => (State::Unclear, later(State::Done)),
    }
}

/// Takes an order: a new one each time, whatever was ordered before.
pub(crate) async fn take_order(
    world: &World,
    tx: &mut WriteTx,
    product: &SupplierProduct,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Taken, Error> {
    let target = wanted.target;
    if let Some(stock) = product.stock
        && books::sold(tx, target, &product.sku).await? >= i64::from(stock)
    {
        return Ok(Taken::SoldOut);
    }
    let script = script::take(tx, target, wanted.account).await?.unwrap_or_else(|| Script::usual(target));
    let price = script.price.unwrap_or(product.price.get());
    if books::deposit(tx, target).await? < price {
        return Ok(Taken::NoDeposit);
    }
    let (first, next) = course(&script, now);
    let mut order = Order {
        id: world.settings.ids.base32(16),
        target,
        ref_id: wanted.ref_id.to_owned(),
        sku: product.sku.clone(),
        account: wanted.account.to_owned(),
        zone: wanted.zone.to_owned(),
        state: State::Waiting,
        note: script.note.clone().unwrap_or_default(),
        price,
        charged: 0,
        times_charged: 0,
        deliveries: 0,
        last_deposit: 0,
        created_at: now,
        next,
    };
    // Taking it takes the deposit; a failure right after gives it back.
    turn(world, tx, &mut order, State::Waiting).await?;
    if first != State::Waiting {
        turn(world, tx, &mut order, first).await?;
    }
    books::insert(tx, &order).await?;
    notify(world, tx, &order, now).await?;
    let hold = (script.outcome == Outcome::TimeoutThenSuccess).then_some(HOLD);
    Ok(Taken::Order(Box::new(order), hold))
}

/// Lets orders turn into what was planned for them.
pub(crate) async fn decide_due(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    for mut order in books::due(tx, now).await? {
        if let Some((next, _)) = order.next.take() {
            turn(world, tx, &mut order, next).await?;
            books::save(tx, &order).await?;
            notify(world, tx, &order, now).await?;
        }
    }
    Ok(())
}

/// Gives an order its state, with what that means for goods and deposit.
async fn turn(world: &World, tx: &mut WriteTx, order: &mut Order, state: State) -> Result<(), Error> {
    let mut deposit = books::deposit(tx, order.target).await?;
    if state == State::Failed {
        let fee = if order.target == Target::Apigames { APIGAMES_FEE.min(order.charged) } else { 0 };
        deposit = deposit.saturating_add(order.charged.saturating_sub(fee));
        order.charged = fee;
        if order.note.is_empty() || order.deliveries > 0 {
            order.note = "Transaksi gagal.".into();
        }
    } else if order.charged < order.price {
        deposit = deposit.saturating_sub(order.price.saturating_sub(order.charged));
        order.charged = order.price;
        order.times_charged = order.times_charged.saturating_add(1);
    }
    if matches!(state, State::Done | State::Part) {
        order.deliveries = order.deliveries.saturating_add(1);
        if order.note.is_empty() || order.state == State::Failed {
            order.note = format!("SN{}", world.settings.ids.base32(14));
        }
    }
    books::set_deposit(tx, order.target, deposit).await?;
    order.state = state;
    order.last_deposit = deposit;
    Ok(())
}

async fn notify(world: &World, tx: &mut WriteTx, order: &Order, now: Timestamp) -> Result<(), Error> {
    match order.target {
        Target::VipReseller => vip_reseller::notify(world, tx, order, now).await,
        Target::Apigames => apigames::notify(world, tx, order, now).await,
        _ => Ok(()),
    }
}
