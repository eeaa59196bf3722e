//! Money between the accounts of one platform, at once. One of the two is the merchant's own, as the
//! library describes it; others are made by a call that is not simulated, so that any id of their form is
//! taken for one. That a reference serves once, and the codes of refusals, are UNVERIFIED.

use super::super::{
    BUSINESS_ID,
    read::{self, Object},
    refusal::Refusal,
};
use super::{Asked, Outcome, forms, item, no_such_path};
use crate::{
    shelf::{self, Item},
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, WriteTx};
use serde_json::json;
use vocabulary::Timestamp;

const PRODUCT: &str = "transfer";

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method, asked.parts.as_slice()) {
        (&Method::POST, ["transfers"]) => create(world, tx, &asked.body, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let transfer = match read_transfer(world, body, now) {
        Ok(transfer) => transfer,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !shelf::of_reference(tx, Target::Xendit, PRODUCT, &transfer.reference).await?.is_empty() {
        return Ok(Err(Refusal::new(400, "DUPLICATE_REFERENCE", "The reference was used before")));
    }
    shelf::insert(tx, &transfer).await?;
    let more = json!({
        "created": transfer.created_at.rfc3339(), "transfer_id": transfer.id, "status": transfer.status,
    });
    Ok(forms::reply(&forms::told(&transfer, more)))
}

fn read_transfer(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::required(body, "reference", 255)?;
    let (from, to) = (account(body, "source_user_id")?, account(body, "destination_user_id")?);
    if from == to || ![from, to].contains(&BUSINESS_ID) {
        let message = "one of the two accounts is the merchant's, and the other is not";
        return Err(Refusal::invalid(message));
    }
    let kept = forms::fields(json!({
        "reference": reference,
        "source_user_id": from,
        "destination_user_id": to,
        "amount": read::amount(body, "amount")?,
    }));
    Ok(item(PRODUCT, world.uuid(), reference, "SUCCESSFUL", kept, now))
}

fn account<'a>(body: &'a Object, name: &str) -> Result<&'a str, Refusal> {
    let id = read::required(body, name, 64)?;
    if forms::is_object_id(id) { Ok(id) } else { Err(Refusal::not_found("account")) }
}
