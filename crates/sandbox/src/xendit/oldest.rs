//! What came before the three generations of the contract: `/ewallets`, by which the older library still
//! takes OVO, DANA and LinkAja (its `create_ovo_payment` and the like). Paths, fields and answers are those of
//! that library and its own examples (xendit-python 0.2.2); what it leaves open is UNVERIFIED: the words of
//! DANA's and LinkAja's callbacks, HTTP statuses and codes of refusals, and that a payment is known by its
//! external id and its wallet together.

use super::{
    BUSINESS_ID, Wanted,
    books::{self, Charge, Generation, Status},
    channel::Channel,
    notify, open, page,
    read::{self, Object},
    refusal::Refusal,
};
use crate::{
    exchange::{Incoming, Reply},
    world::World,
};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use vocabulary::Timestamp;

/// The version of the interface that still answers OVO with a transaction instead of a state.
const BEFORE_STATES: &str = "2019-02-04";
const WALLETS: [Channel; 3] = [Channel::Ovo, Channel::Dana, Channel::Linkaja];

/// Makes a payment.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let wanted = match read_payment(body) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if of(tx, &wanted.reference_id, wanted.channel).await?.is_some() {
        let message = "There is already a payment with this external_id";
        return Ok(Err(Refusal::new(400, "DUPLICATE_PAYMENT_REQUEST_ERROR", message)));
    }
    let charge = open(world, tx, wanted, now).await?;
    let told = match charge.channel {
        Channel::Ovo if incoming.header("x-api-version") == Some(BEFORE_STATES) => json!({
            "amount": charge.amount, "business_id": BUSINESS_ID, "ewallet_type": "OVO",
            "external_id": charge.reference_id, "phone": charge.phone(),
            "transaction_date": charge.created_at.rfc3339(), "ewallet_transaction_id": charge.id,
        }),
        Channel::Ovo => json!({
            "amount": charge.amount, "business_id": BUSINESS_ID, "created": charge.created_at.rfc3339(),
            "ewallet_type": "OVO", "external_id": charge.reference_id, "phone": charge.phone(),
            "status": state(tx, &charge).await?,
        }),
        Channel::Linkaja => json!({
            "checkout_url": page(world, &charge), "transaction_date": charge.created_at.rfc3339(),
            "amount": charge.amount, "external_id": charge.reference_id, "ewallet_type": "LINKAJA",
        }),
        _ => json!({
            "external_id": charge.reference_id, "amount": charge.amount, "checkout_url": page(world, &charge),
            "ewallet_type": charge.channel.as_str(),
        }),
    };
    Ok(Ok(Reply::json(200, &told).plain_http()))
}

fn read_payment(body: &Object) -> Result<Wanted, Refusal> {
    let channel = wallet(read::required(body, "ewallet_type", 32)?)?;
    let reference_id = read::required(body, "external_id", 255)?.to_owned();
    let asked: &[&str] = match channel {
        Channel::Ovo => &["phone"],
        Channel::Dana => &["callback_url", "redirect_url"],
        _ => &["phone", "callback_url", "redirect_url"],
    };
    let mut properties = Object::new();
    for name in asked {
        let text = read::required(body, name, 2_048)?;
        let fits = match *name {
            "phone" => is_phone(text),
            _ => text.starts_with("https://") || text.starts_with("http://"),
        };
        if !fits {
            return Err(Refusal::invalid(format!("{name} is a number like 081234567890, or a URL")));
        }
        properties.insert((*name).to_owned(), json!(text));
    }
    match channel {
        Channel::Linkaja => drop(properties.insert("items".to_owned(), items(body)?)),
        Channel::Dana => {
            if let Some(end) = read::text(body, "expiration_date", 64)? {
                let time = Timestamp::parse_rfc3339(end);
                time.map_err(|_| Refusal::invalid("expiration_date is a time by ISO 8601"))?;
                properties.insert("expires_at".to_owned(), json!(end));
            }
        }
        _ => {}
    }
    Ok(Wanted {
        generation: Generation::Oldest,
        reference_id,
        payment_method_id: None,
        channel,
        properties: Value::Object(properties),
        amount: read::carried(channel, amount(body)?)?,
        description: None,
        metadata: Value::Null,
    })
}

/// A number of whole rupiah, or the same as a text: the library's own examples have both.
pub(super) fn amount(body: &Object) -> Result<i64, Refusal> {
    match body.get("amount") {
        Some(Value::String(text)) => {
            let amount = text.parse().ok().filter(|amount: &i64| *amount > 0);
            amount.ok_or_else(|| Refusal::invalid("amount is a number of whole rupiah, more than none"))
        }
        _ => read::amount(body, "amount"),
    }
}

/// What is bought, as LinkAja wants to know it.
fn items(body: &Object) -> Result<Value, Refusal> {
    let invalid = || Refusal::invalid("items is a list of {id, name, price, quantity}");
    let given = body.get("items").and_then(Value::as_array).filter(|items| !items.is_empty());
    let items = given.ok_or_else(invalid)?;
    let is_text = |item: &Value, name: &str| item.get(name).is_some_and(Value::is_string);
    let is_number = |item: &Value, name: &str| item.get(name).is_some_and(|n| n.as_u64().is_some());
    let is_item = |item: &Value| {
        is_text(item, "id")
            && is_text(item, "name")
            && is_number(item, "price")
            && is_number(item, "quantity")
    };
    if items.iter().all(is_item) { Ok(json!(items)) } else { Err(invalid()) }
}

fn is_phone(text: &str) -> bool {
    text.starts_with("08") && (9..=14).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn wallet(name: &str) -> Result<Channel, Refusal> {
    let known = WALLETS.into_iter().find(|wallet| wallet.as_str() == name);
    known.ok_or_else(|| {
        Refusal::new(400, "EWALLET_TYPE_NOT_SUPPORTED", format!("the ewallet_type {name} is not supported"))
    })
}

/// What became of a payment, asked by the merchant's own id and the wallet.
pub(super) async fn get(
    world: &World,
    tx: &mut WriteTx,
    query: &str,
) -> Result<Result<Reply, Refusal>, Error> {
    let given = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let (Some(external_id), Some(name)) = (given("external_id"), given("ewallet_type")) else {
        return Ok(Err(Refusal::invalid("external_id and ewallet_type are required")));
    };
    let channel = match wallet(&name) {
        Ok(channel) => channel,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(charge) = of(tx, &external_id, channel).await? else {
        return Ok(Err(Refusal::new(404, "PAYMENT_NOT_FOUND_ERROR", "There is no such payment")));
    };
    let word = state(tx, &charge).await?;
    let told = match charge.channel {
        Channel::Ovo => json!({
            "amount": charge.amount.to_string(), "business_id": BUSINESS_ID, "ewallet_type": "OVO",
            "external_id": charge.reference_id, "status": word,
            "transaction_date": charge.created_at.rfc3339(),
        }),
        Channel::Dana => json!({
            "external_id": charge.reference_id, "business_id": BUSINESS_ID,
            "amount": format!("{}.00", charge.amount), "status": word, "checkout_url": page(world, &charge),
            "expiration_date": format!("{}+07:00", charge.expires_at.wib().replace(' ', "T")),
        }),
        _ => linkaja(world, &charge, word),
    };
    Ok(Ok(Reply::json(200, &told).plain_http()))
}

/// LinkAja tells the time of the payment once it has ended, and before the page and its end.
fn linkaja(world: &World, charge: &Charge, word: &str) -> Value {
    let mut told = json!({
        "business_id": BUSINESS_ID, "external_id": charge.reference_id, "amount": charge.amount, "status": word,
    });
    let more = match charge.status {
        Status::Pending | Status::Expired => json!({
            "expired_at": charge.expires_at.rfc3339(), "checkout_url": address(world, charge),
        }),
        _ => json!({"payment_timestamp": charge.updated_at.rfc3339()}),
    };
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    told
}

/// The page of a payment, whether it still waits or not.
fn address(world: &World, charge: &Charge) -> String {
    format!("{}/sandbox/xendit{}/{}", world.base_url(), super::CHECKOUT, charge.id)
}

async fn of(tx: &mut WriteTx, external_id: &str, channel: Channel) -> Result<Option<Charge>, Error> {
    let all = books::of_reference(tx, external_id).await?;
    Ok(all.into_iter().find(|c| c.generation == Generation::Oldest && c.channel == channel))
}

async fn state(tx: &mut WriteTx, charge: &Charge) -> Result<&'static str, Error> {
    notify::word(tx, plain(charge), ("status", charge.reference_id.as_str())).await
}

/// Where a payment stands, in the words of its wallet.
fn plain(charge: &Charge) -> &'static str {
    match (charge.status, charge.channel) {
        (Status::Pending, _) => "PENDING",
        (Status::Succeeded, Channel::Dana) => "PAID",
        (Status::Succeeded, _) => "COMPLETED",
        (Status::Failed, Channel::Ovo | Channel::Linkaja) => "FAILED",
        (Status::Failed | Status::Expired | Status::Canceled | Status::Voided, _) => "EXPIRED",
    }
}

/// What a callback says of a payment, if there is one: body and address. OVO's goes to the address of the
/// dashboard and says how a push failed, too; the others go where the payment said, once it is paid.
pub(super) async fn callback(
    tx: &mut WriteTx,
    charge: &Charge,
) -> Result<Option<(Value, Option<String>)>, Error> {
    let is_ovo = charge.channel == Channel::Ovo;
    let is_told = charge.is_paid() || is_ovo && charge.status == Status::Failed;
    if !is_told {
        return Ok(None);
    }
    let event = if charge.is_paid() { "succeeded" } else { "failed" };
    let word = notify::word(tx, plain(charge), (event, charge.reference_id.as_str())).await?;
    let mut body = json!({
        "external_id": charge.reference_id, "business_id": BUSINESS_ID, "amount": charge.amount,
        "ewallet_type": charge.channel.as_str(),
    });
    let more = match charge.channel {
        Channel::Ovo => json!({
            "event": "ewallet.payment", "id": charge.id, "phone": charge.phone(), "status": word,
            "created": charge.created_at.rfc3339(),
        }),
        Channel::Dana => json!({"payment_status": word, "transaction_date": charge.updated_at.rfc3339()}),
        _ => json!({"status": word, "items": charge.properties.get("items")}),
    };
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
        if let Some(code) = charge.failure_code.as_deref().filter(|_| charge.status == Status::Failed) {
            body.insert("failure_code".to_owned(), json!(code));
        }
    }
    let url = charge.properties.get("callback_url").and_then(Value::as_str).map(str::to_owned);
    Ok(Some((body, url)))
}
