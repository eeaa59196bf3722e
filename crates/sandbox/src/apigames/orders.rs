//! `/v2/transaksi` and `/v2/transaksi/status`, and the callbacks (contracts/suppliers §2.2).

use super::{refuse, signature_of};
use crate::{
    deliveries::{self, Webhook},
    exchange::{Incoming, Reply},
    faults::{self, Fault},
    goods::{self, Order, State, Taken, Wanted},
    settings::{APIGAMES_MERCHANT_ID, APIGAMES_SECRET},
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;

/// How many rupiah one coin of the product's own unit is.
const RATE: i64 = 2;

/// A transaction as answers and callbacks show it.
#[derive(Serialize)]
struct Shown<'a> {
    merchant_id: &'static str,
    trx_id: &'a str,
    ref_id: &'a str,
    destination: String,
    product_code: &'a str,
    product_code_master: &'a str,
    message: &'a str,
    status: &'static str,
    sn: &'a str,
    /// Digits in a text, as in the document's sample.
    last_balance: String,
    product_detail: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    name: &'a str,
    code: &'a str,
    price: i64,
    price_unit: &'static str,
    rate: i64,
    price_rp: i64,
}

/// `status: 1` says that the call was taken, not what became of the purchase.
#[derive(Serialize)]
struct Envelope<T> {
    data: T,
    status: u8,
}

/// Answers a purchase, or a question about one.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    let is_question = incoming.path.trim_end_matches('/').ends_with("/status");
    let fields = match fields(incoming) {
        Ok(fields) => fields,
        Err(refusal) => return Ok(refusal),
    };
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let ref_id = text("ref_id");
    if ref_id.is_empty() || ref_id.len() > 64 {
        return Ok(refuse(400, "ref_id is required"));
    }
    if text("merchant_id") != APIGAMES_MERCHANT_ID {
        return Ok(refuse(400, "Merchant not valid"));
    }
    let expected = signature(ref_id, APIGAMES_SECRET);
    if !bool::from(text("signature").as_bytes().ct_eq(expected.as_bytes())) {
        return Ok(refuse(401, "Signature not valid"));
    }
    let known = goods::by_reference(tx, Target::Apigames, ref_id).await?;
    if is_question {
        return match known {
            Some(order) => tell(world, tx, &order).await,
            None => Ok(refuse(404, "Transaction not found")),
        };
    }
    // What the real one does with a reference that it has seen is not documented. This one takes it for another
    // purchase: whoever sends twice is found out.
    let (account, sku) = (text("tujuan"), text("produk"));
    if account.is_empty() || sku.is_empty() {
        return Ok(refuse(400, "produk and tujuan are required"));
    }
    let Some(product) = goods::product(world, sku).filter(|product| product.active) else {
        return Ok(refuse(400, "Product not found"));
    };
    let wanted = Wanted { target: Target::Apigames, ref_id, account, zone: text("server_id") };
    match goods::take_order(world, tx, product, &wanted, now).await? {
        Taken::SoldOut => Ok(refuse(400, "Product is empty")),
        Taken::NoDeposit => Ok(refuse(400, "Balance not enough")),
        Taken::Order(order, hold) => {
            let mut reply = tell(world, tx, &order).await?;
            reply.hold = hold;
            Ok(reply)
        }
    }
}

/// The same fields as JSON in a POST or as the query of a GET.
fn fields(incoming: &Incoming) -> Result<BTreeMap<String, String>, Reply> {
    if incoming.method == Method::GET {
        let query = incoming.query.as_deref().unwrap_or_default();
        return Ok(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    }
    if incoming.method != Method::POST {
        return Err(refuse(405, "Method not allowed"));
    }
    match serde_json::from_slice(&incoming.body) {
        Ok(Value::Object(object)) => Ok(object
            .into_iter()
            .filter_map(|(name, value)| value.as_str().map(|text| (name, text.to_owned())))
            .collect()),
        _ => Err(refuse(400, "Body is not a JSON object")),
    }
}

async fn tell(world: &World, tx: &mut WriteTx, order: &Order) -> Result<Reply, Error> {
    let unknown =
        faults::strike(tx, Target::Apigames, Fault::UnknownStatus, ("status", order.ref_id.as_str())).await?;
    let shown = shown(world, order);
    let data = Shown { status: unknown.map_or(shown.status, |_| "Diteruskan"), ..shown };
    Ok(Reply::json(200, &Envelope { data, status: 1 }))
}

fn shown<'a>(world: &'a World, order: &'a Order) -> Shown<'a> {
    let product = goods::product(world, &order.sku);
    let delivered = matches!(order.state, State::Done | State::Part);
    Shown {
        merchant_id: APIGAMES_MERCHANT_ID,
        trx_id: &order.id,
        ref_id: &order.ref_id,
        destination: format!("{}{}", order.account, order.zone),
        product_code: &order.sku,
        product_code_master: product.map_or("", |product| product.brand.as_str()),
        message: if order.state == State::Failed { &order.note } else { "" },
        status: word(order.state),
        sn: if delivered { &order.note } else { "" },
        last_balance: order.last_deposit.to_string(),
        product_detail: Detail {
            name: product.map_or("", |product| product.name.as_str()),
            code: &order.sku,
            price: order.price / RATE,
            price_unit: "coin",
            rate: RATE,
            price_rp: order.price,
        },
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Waiting => "Pending",
        State::Processing => "Proses",
        State::Done => "Sukses",
        State::Part => "Sukses Sebagian",
        State::Failed => "Gagal",
        State::Unclear => "Validasi Provider",
    }
}

/// A word as a fault names it: without spaces.
fn event(state: State) -> &'static str {
    match state {
        State::Part => "Sebagian",
        State::Unclear => "Validasi",
        other => word(other),
    }
}

/// `md5("merchant_id:secret:ref_id")`.
fn signature(ref_id: &str, secret: &str) -> String {
    signature_of(APIGAMES_MERCHANT_ID, ":", &format!("{secret}:{ref_id}"))
}

/// Queues the callback of a transaction's present state: the fields without an envelope, signed over the
/// reference alone.
pub(crate) async fn notify(
    world: &World,
    tx: &mut WriteTx,
    order: &Order,
    now: Timestamp,
) -> Result<(), Error> {
    let event = event(order.state);
    let body = serde_json::to_string(&shown(world, order)).unwrap_or_default();
    let occasion = (event, body.as_str());
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let forged = faults::strike(tx, Target::Apigames, Fault::ForgeSignature, occasion).await?.is_some();
    let missing = faults::strike(tx, Target::Apigames, Fault::MissingSignature, occasion).await?.is_some();
    if !missing {
        let secret = if forged { world.settings.ids.token() } else { APIGAMES_SECRET.to_owned() };
        headers.push(("X-Apigames-Authorization".to_owned(), signature(&order.ref_id, &secret)));
    }
    let webhook = Webhook {
        target: Target::Apigames,
        reference: order.ref_id.clone(),
        event: event.to_owned(),
        url: None,
        headers,
        body,
    };
    deliveries::enqueue(tx, &webhook, Duration::ZERO, now).await
}
