//! The first generation: charges of wallets (contracts/payments §3.2).

use super::{
    BUSINESS_ID, Wanted,
    books::{self, Charge, Generation, Status},
    channel::{Channel, Kind},
    notify, of_generation, open, page,
    read::{self, Object},
    refund,
    refusal::Refusal,
};
use crate::{exchange::Reply, world::World};
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use vocabulary::Timestamp;

/// How long a charge takes to fail that is made to fail by its amount.
const FAILS_AFTER: Duration = Duration::from_secs(5);

#[derive(Serialize)]
pub(super) struct Told<'a> {
    id: &'a str,
    business_id: &'static str,
    reference_id: &'a str,
    status: &'static str,
    currency: &'static str,
    charge_amount: i64,
    capture_amount: i64,
    refunded_amount: Option<i64>,
    checkout_method: &'static str,
    channel_code: Option<String>,
    channel_properties: &'a Value,
    actions: Option<Actions>,
    is_redirect_required: bool,
    callback_url: Option<String>,
    created: String,
    updated: String,
    voided_at: Option<String>,
    capture_now: bool,
    customer_id: Option<&'static str>,
    payment_method_id: Option<&'static str>,
    failure_code: Option<&'a str>,
    basket: Option<&'static str>,
    metadata: &'a Value,
}

#[derive(Serialize)]
struct Actions {
    desktop_web_checkout_url: String,
    mobile_web_checkout_url: String,
    mobile_deeplink_checkout_url: Option<&'static str>,
    qr_checkout_string: Option<&'static str>,
}

/// Makes a charge. There is no key: the same again is another charge.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let wanted = match read_charge(body) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let charge = open(world, tx, wanted, now).await?;
    Ok(Ok(reply(world, tx, 202, &charge).await?))
}

fn read_charge(body: &Object) -> Result<Wanted, Refusal> {
    let reference_id = read::reference(body)?;
    read::rupiah(body)?;
    let amount = read::amount(body, "amount")?;
    if read::required(body, "checkout_method", 64)? != "ONE_TIME_PAYMENT" {
        return Err(Refusal::invalid("checkout_method is ONE_TIME_PAYMENT"));
    }
    let code = read::required(body, "channel_code", 64)?;
    let channel = Channel::ALL.iter().find(|channel| channel.legacy().as_deref() == Some(code));
    let channel = *channel.ok_or_else(|| Refusal::invalid(format!("channel_code {code} is not known")))?;
    let properties = read::properties(channel, body, (&["mobile_number"], "success_redirect_url"))?;
    if let Some(refusal) = magic(amount) {
        return Err(refusal);
    }
    Ok(Wanted {
        generation: Generation::Legacy,
        reference_id,
        payment_method_id: None,
        channel,
        properties,
        amount: read::carried(channel, amount)?,
        description: None,
        metadata: read::metadata(body)?,
    })
}

/// Amounts that the test mode refuses at once.
fn magic(amount: i64) -> Option<Refusal> {
    match amount {
        10_100 => Some(Refusal::new(403, "CHANNEL_NOT_ACTIVATED", "the channel is not activated")),
        10_101 => Some(Refusal::new(503, "CHANNEL_UNAVAILABLE", "the channel is not available")),
        10_102 => Some(Refusal::server()),
        _ => None,
    }
}

/// Amounts that the test mode lets fail afterwards. Those from 20106 to 20111 do something, too; what, is
/// UNVERIFIED, so they succeed like any other.
pub(super) fn script(charge: &mut Charge) {
    let failure = match charge.amount {
        20_103 => "ACCOUNT_ACCESS_BLOCKED",
        20_104 => "INVALID_MERCHANT_CREDENTIALS",
        20_105 => "USER_DECLINED_PAYMENT",
        _ => return,
    };
    if charge.generation == Generation::Legacy {
        charge.failure_code = Some(failure.to_owned());
        charge.next_at = Some(charge.created_at.plus(FAILS_AFTER));
    }
}

pub(super) async fn get(world: &World, tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match of_generation(tx, id, Generation::Legacy).await? {
        Some(charge) => Ok(Ok(reply(world, tx, 200, &charge).await?)),
        None => Ok(Err(Refusal::not_found("charge"))),
    }
}

/// Takes a charge back on the day on which it was paid.
pub(super) async fn void(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut charge) = of_generation(tx, id, Generation::Legacy).await? else {
        return Ok(Err(Refusal::not_found("charge")));
    };
    let today = charge.paid_at.is_some_and(|paid| paid.wib_day() == now.wib_day());
    if charge.status != Status::Succeeded || !today {
        return Ok(Err(Refusal::ineligible("only what was paid today can be voided")));
    }
    charge.status = Status::Voided;
    charge.updated_at = now;
    books::save(tx, &charge).await?;
    notify::charge(world, tx, &charge, now).await?;
    Ok(Ok(reply(world, tx, 200, &charge).await?))
}

async fn reply(world: &World, tx: &mut WriteTx, status: u16, charge: &Charge) -> Result<Reply, Error> {
    let word = notify::word(tx, charge.status.as_str(), ("status", charge.reference_id.as_str())).await?;
    let refunded = refund::given_back(tx, &charge.id).await?;
    Ok(Reply::json(status, &told(world, charge, word, refunded)).plain_http())
}

/// A charge as this generation tells it.
pub(super) fn told<'a>(world: &World, charge: &'a Charge, status: &'static str, refunded: i64) -> Told<'a> {
    let actions = page(world, charge).map(|url| Actions {
        desktop_web_checkout_url: url.clone(),
        mobile_web_checkout_url: url,
        mobile_deeplink_checkout_url: None,
        qr_checkout_string: None,
    });
    let voided = charge.status == Status::Voided;
    Told {
        id: &charge.id,
        business_id: BUSINESS_ID,
        reference_id: &charge.reference_id,
        status,
        currency: "IDR",
        charge_amount: charge.amount,
        capture_amount: charge.amount,
        refunded_amount: Some(refunded).filter(|amount| *amount > 0),
        checkout_method: "ONE_TIME_PAYMENT",
        channel_code: charge.channel.legacy(),
        channel_properties: &charge.properties,
        actions,
        is_redirect_required: charge.channel.kind() == Kind::Page,
        callback_url: world.notify_url(crate::world::Target::Xendit),
        created: charge.created_at.rfc3339(),
        updated: charge.updated_at.rfc3339(),
        voided_at: voided.then(|| charge.updated_at.rfc3339()),
        capture_now: true,
        customer_id: None,
        payment_method_id: None,
        failure_code: charge.failure_code.as_deref().filter(|_| charge.status == Status::Failed),
        basket: None,
        metadata: &charge.metadata,
    }
}
