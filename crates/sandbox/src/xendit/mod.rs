//! The simulated Xendit, with all three generations of its interface (contracts/payments §3) and what came
//! before them: which call is which, who may make it, and how often.

mod authorised;
mod books;
mod buyer;
mod channel;
mod further;
mod keys;
mod legacy;
mod methods;
mod notify;
mod oldest;
mod read;
mod refund;
mod refusal;
mod route;
mod second;
mod third;

pub(crate) use books::{Charge, Status, find, moved, newest, next_due, waiting};
pub(crate) use buyer::{candidates, settle};
pub(crate) use channel::{Channel, Kind};
pub(crate) use refund::{Refund, of_charge as refunds};
pub(crate) use route::{about, operation};

use crate::{
    exchange::{Incoming, Reply},
    faults::Fault,
    settings::XENDIT_SECRET_KEY,
    worker,
    world::World,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use books::Generation;
use database::{Error, WriteTx};
use keys::Allowance;
use refusal::Refusal;
use route::Call;
use serde_json::Value;
use std::time::Duration;
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;

/// Where a buyer pays on a page, below Xendit's address.
pub(crate) const CHECKOUT: &str = "/checkout";
/// The merchant, in every answer and callback.
const BUSINESS_ID: &str = "6579a1f0c0de4e0012345678";

/// Answers one call.
pub(crate) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    worker::catch_up(world, tx, now).await?;
    let Some(call) = Call::of(incoming) else {
        return Ok(Refusal::new(404, "NOT_FOUND", "there is no such path").reply());
    };
    if !is_merchant(incoming) {
        return Ok(Refusal::api_key().reply());
    }
    let allowance = Allowance::take(tx, call.operation(), world.settings.xendit_calls_a_minute, now).await?;
    if allowance.exceeded {
        return Ok(allowance.tell(Refusal::too_many().reply()));
    }
    let outcome = match keys::key(incoming).zip(call.scope_of_keys(incoming)) {
        None => act(world, tx, incoming, &call, now).await?,
        Some((key, scope)) => match keys::replay(tx, &scope, key, &incoming.body).await? {
            Some(earlier) => earlier,
            None => {
                let outcome = act(world, tx, incoming, &call, now).await?;
                if let Ok(reply) = &outcome {
                    keys::keep(tx, &scope, key, &incoming.body, reply).await?;
                }
                outcome
            }
        },
    };
    Ok(allowance.tell(outcome.unwrap_or_else(|refusal| refusal.reply())))
}

async fn act(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    call: &Call<'_>,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    if incoming.unreadable {
        return Ok(Err(Refusal::invalid("the body is too large or broke off")));
    }
    let body = match call.has_body().then(|| read::body(&incoming.body)).transpose() {
        Ok(body) => body.unwrap_or_default(),
        Err(refusal) => return Ok(Err(refusal)),
    };
    match *call {
        Call::OldestCreate => oldest::create(world, tx, incoming, &body, now).await,
        Call::OldestGet => oldest::get(world, tx, incoming.query.as_deref().unwrap_or_default()).await,
        Call::LegacyCreate => legacy::create(world, tx, &body, now).await,
        Call::LegacyGet(id) => legacy::get(world, tx, id).await,
        Call::LegacyVoid(id) => legacy::void(world, tx, id, now).await,
        Call::LegacyRefund(id) => refund::of_legacy(world, tx, id, &body, now).await,
        Call::Create => second::create(world, tx, &body, now).await,
        Call::Get(id) => second::get(world, tx, id).await,
        Call::List => second::list(world, tx, incoming.query.as_deref().unwrap_or_default()).await,
        Call::Simulate(id) => simulate(world, tx, Generation::Second, id, now).await,
        Call::Captures(id) => {
            authorised::captures(tx, id, incoming.query.as_deref().unwrap_or_default()).await
        }
        Call::Capture(id) => authorised::capture(world, tx, id, &body, now).await,
        Call::Authorize(id) => authorised::authorize(world, tx, id, &body, now).await,
        Call::MethodCreate => methods::create(world, tx, &body, now).await,
        Call::MethodList => methods::list(tx, incoming.query.as_deref().unwrap_or_default()).await,
        Call::Method(id) => methods::get(tx, id).await,
        Call::ChangeMethod(id) => methods::change(tx, id, &body, now).await,
        Call::ExpireMethod(id) => methods::expire(tx, id, now).await,
        Call::Payments(id) => methods::payments(tx, id).await,
        Call::MethodSimulate(id) => simulate_by_method(world, tx, incoming, id, now).await,
        Call::ThirdCreate => third::create(world, tx, &body, now).await,
        Call::ThirdGet(id) => third::get(world, tx, id).await,
        Call::ThirdCancel(id) => third::cancel(world, tx, id, now).await,
        Call::ThirdSimulate(id) => simulate(world, tx, Generation::Third, id, now).await,
        Call::Refund => refund::create(world, tx, &body, now).await,
        Call::RefundGet(id) => refund::get(tx, id).await,
        Call::RefundList => refund::list(tx, incoming.query.as_deref().unwrap_or_default()).await,
        Call::RefundCancel(id) => refund::cancel(tx, id, now).await,
        Call::Further(product) => further::answer(world, tx, incoming, product, now).await,
    }
}

/// Lets a charge be paid without a buyer, as their test mode can.
async fn simulate(
    world: &World,
    tx: &mut WriteTx,
    generation: Generation,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(charge) = of_generation(tx, id, generation).await? else {
        return Ok(Err(Refusal::not_found("payment request")));
    };
    pay(world, tx, charge, now).await
}

/// The same by the payment method of a request. That an amount, if one is sent, is the request's, is
/// UNVERIFIED, and so is the refusal where no request waits for it.
async fn simulate_by_method(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let body = match (!incoming.body.is_empty()).then(|| read::body(&incoming.body)).transpose() {
        Ok(body) => body.unwrap_or_default(),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let amount = body.get("amount").filter(|amount| !amount.is_null());
    let amount = match amount.map(|_| read::amount(&body, "amount")).transpose() {
        Ok(amount) => amount,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let charge = match methods::request_of(tx, id).await? {
        Ok(charge) => charge,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if amount.is_some_and(|amount| amount != charge.amount) {
        return Ok(Err(Refusal::invalid("amount is that of the payment request")));
    }
    pay(world, tx, charge, now).await
}

/// Pays a charge that waits.
async fn pay(
    world: &World,
    tx: &mut WriteTx,
    charge: Charge,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    if charge.status != Status::Pending {
        return Ok(Err(Refusal::invalid("the payment request does not wait for a payment")));
    }
    buyer::settle(world, tx, charge, crate::buyer::Outcome::Settle, now).await?;
    let body = serde_json::json!({
        "status": "PENDING", "message": "The simulated payment is on its way",
    });
    Ok(Ok(Reply::json(200, &body).plain_http()))
}

/// Does what time has brought about: pushes that nobody accepted, and refunds on their way.
pub(crate) async fn move_on(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    for mut charge in books::due(tx, now).await? {
        match charge.next_at.is_some_and(|next| next < charge.expires_at) && charge.failure_code.is_some() {
            true => charge.status = Status::Failed,
            false => buyer::run_out(&mut charge),
        }
        charge.updated_at = now;
        books::save(tx, &charge).await?;
        notify::charge(world, tx, &charge, now).await?;
    }
    refund::finish(world, tx, now).await
}

/// What stands in front of Xendit answers without looking at the call: the body for a fault, if it has words
/// of its own for it.
pub(crate) fn without_effect(fault: Fault) -> Option<Reply> {
    match fault {
        Fault::RateLimited => Some(Refusal::too_many().reply()),
        Fault::Error500 => Some(Refusal::server().reply()),
        _ => None,
    }
}

/// `Basic base64(KEY + ":")`.
fn is_merchant(incoming: &Incoming) -> bool {
    let given = incoming.header("authorization").unwrap_or_default();
    let expected = format!("Basic {}", STANDARD.encode(format!("{XENDIT_SECRET_KEY}:")));
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

async fn of_generation(tx: &mut WriteTx, id: &str, generation: Generation) -> Result<Option<Charge>, Error> {
    Ok(books::find(tx, id).await?.filter(|charge| charge.generation == generation))
}

/// What a new charge is to be.
struct Wanted {
    generation: Generation,
    reference_id: String,
    /// The payment method that waits for it already.
    payment_method_id: Option<String>,
    channel: Channel,
    properties: Value,
    amount: i64,
    description: Option<String>,
    metadata: Value,
}

/// Writes a new charge down.
async fn open(world: &World, tx: &mut WriteTx, wanted: Wanted, now: Timestamp) -> Result<Charge, Error> {
    let prefix = match wanted.generation {
        Generation::Oldest => "",
        Generation::Legacy => "ewc_",
        Generation::Second | Generation::Third => "pr-",
    };
    let id = format!("{prefix}{}", world.uuid());
    let expires_at = asked_end(&wanted, now).unwrap_or_else(|| now.plus(wanted.channel.life()));
    let mut charge = Charge {
        code: code(world, &wanted),
        payment_method_id: wanted.payment_method_id.unwrap_or_else(|| format!("pm-{}", world.uuid())),
        payment_id: format!("py-{}", world.uuid()),
        id,
        generation: wanted.generation,
        reference_id: wanted.reference_id,
        channel: wanted.channel,
        properties: wanted.properties,
        description: wanted.description,
        metadata: wanted.metadata,
        amount: wanted.amount,
        status: Status::Pending,
        failure_code: None,
        created_at: now,
        updated_at: now,
        expires_at,
        paid_at: None,
        times_paid: 0,
        next_at: None,
    };
    legacy::script(&mut charge);
    books::insert(tx, &charge).await?;
    Ok(charge)
}

/// The end that was asked for, where one can be.
fn asked_end(wanted: &Wanted, now: Timestamp) -> Option<Timestamp> {
    let can_be = matches!(wanted.channel.kind(), Kind::Qr | Kind::Number | Kind::Till)
        || wanted.generation == Generation::Oldest;
    let text = wanted.properties.get("expires_at")?.as_str()?;
    Timestamp::parse_rfc3339(text).ok().filter(|end| can_be && *end > now.plus(Duration::from_secs(1)))
}

/// What is scanned, or paid to.
fn code(world: &World, wanted: &Wanted) -> Option<String> {
    let digits = || world.settings.ids.below(1_000_000_000_000);
    match wanted.channel.kind() {
        Kind::Push | Kind::Page => None,
        Kind::Qr => {
            let label = format!("{:012}", digits());
            Some(crate::qris::payload(&route::ACQUIRER, wanted.amount, &wanted.reference_id, &label))
        }
        Kind::Number => Some(format!("8808{:012}", digits())),
        Kind::Till => Some(format!("LOKET{:012}", digits())),
    }
}

/// Where a buyer pays this charge, if there is a page for it.
fn page(world: &World, charge: &Charge) -> Option<String> {
    let is_open = charge.channel.kind() == Kind::Page && charge.status == Status::Pending;
    is_open.then(|| format!("{}/sandbox/xendit{CHECKOUT}/{}", world.base_url(), charge.id))
}
