//! Paying later, on credit: a payment is made, and its buyer goes to a page of the lender's. The library has
//! no call that asks about one, so there is none here. The names of the terms, and the code of the refusal of
//! a second one by one id, are UNVERIFIED.

use super::{
    Asked, Outcome,
    forms::{fields, reply, url},
    item, no_such_path,
};
use crate::{
    shelf::{self, Item},
    world::{Target, World},
    xendit::{
        read::{self, Object},
        refusal::Refusal,
    },
};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use vocabulary::Timestamp;

const PRODUCT: &str = "paylater-payment";
const TERMS: [&str; 4] = ["30_days", "3_months", "6_months", "12_months"];

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method.as_str(), asked.parts.as_slice()) {
        ("POST", ["cardless-credit"]) => create(world, tx, &asked.body, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let payment = match read_payment(world, body, now) {
        Ok(payment) => payment,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !shelf::of_reference(tx, Target::Xendit, PRODUCT, &payment.reference).await?.is_empty() {
        let message = "there is a payment with this external_id";
        return Ok(Err(Refusal::new(400, "EXTERNAL_ID_ALREADY_USED_ERROR", message)));
    }
    shelf::insert(tx, &payment).await?;
    let known = |name: &str| payment.body.get(name).cloned().unwrap_or_default();
    let answer = json!({
        "redirect_url": known("redirect_url"),
        "transaction_id": payment.id,
        "order_id": known("order_id"),
        "external_id": payment.reference,
        "cardless_credit_type": known("cardless_credit_type"),
    });
    Ok(reply(&answer))
}

fn read_payment(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::required(body, "external_id", 255)?;
    if read::required(body, "cardless_credit_type", 32)? != "KREDIVO" {
        return Err(Refusal::invalid("cardless_credit_type is KREDIVO"));
    }
    let terms = read::required(body, "payment_type", 32)?;
    if !TERMS.contains(&terms) {
        return Err(Refusal::invalid(format!("payment_type is one of {}", TERMS.join(", "))));
    }
    let amount = read::amount(body, "amount")?;
    items(body)?;
    people(body, "customer_details", &["first_name", "last_name", "email", "phone"])?;
    people(
        body,
        "shipping_address",
        &["first_name", "last_name", "address", "city", "postal_code", "phone", "country_code"],
    )?;
    for name in ["redirect_url", "callback_url"] {
        if url(body, name)?.is_none() {
            return Err(Refusal::invalid(format!("{name} is required")));
        }
    }
    let id = world.uuid();
    let payment = fields(json!({
        "cardless_credit_type": "KREDIVO",
        "payment_type": terms,
        "amount": amount,
        "order_id": world.uuid(),
        "redirect_url": format!("{}/sandbox/xendit/kredivo/{id}", world.base_url()),
    }));
    Ok(item(PRODUCT, id, reference, "PENDING", payment, now))
}

/// What is bought: at least one thing.
fn items(body: &Object) -> Result<(), Refusal> {
    let empty = Vec::new();
    let items = body.get("items").and_then(Value::as_array).unwrap_or(&empty);
    if items.is_empty() {
        return Err(Refusal::invalid("items is a list of at least one"));
    }
    for item in items {
        let Some(item) = item.as_object() else { return Err(Refusal::invalid("items has objects")) };
        for name in ["id", "name", "type", "url"] {
            read::required(item, name, 2_048)?;
        }
        read::amount(item, "price")?;
        read::amount(item, "quantity")?;
    }
    Ok(())
}

/// Somebody who is told of in these words.
fn people(body: &Object, name: &str, words: &[&str]) -> Result<(), Refusal> {
    let person = read::object(body, name)?.ok_or_else(|| Refusal::invalid(format!("{name} is required")))?;
    for word in words {
        read::required(person, word, 255)?;
    }
    Ok(())
}
