//! `type=order`, `status`, `services` and `service-stock`, and the callbacks (contracts/suppliers §2.1). An order
//! is a new one whenever it comes: there is no reference of the shop's by which it could be known again.

use super::{form::Form, refuse, shelf, sign_of, success};
use crate::{
    deliveries::{self, Webhook},
    exchange::Reply,
    faults::{self, Fault},
    goods::{self, Order, State, Taken, Wanted},
    settings::{SupplierProduct, VIP_RESELLER_API_ID, VIP_RESELLER_API_KEY},
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::Serialize;
use std::time::Duration;
use vocabulary::Timestamp;

/// The most that one question lists.
const MOST_LISTED: i64 = 100;

/// An order as it is listed, and as a callback shows it.
#[derive(Serialize)]
struct Shown<'a> {
    trxid: &'a str,
    data: &'a str,
    zone: &'a str,
    service: String,
    status: &'static str,
    note: &'a str,
    price: i64,
}

/// The answer to an order.
#[derive(Serialize)]
struct Ordered<'a> {
    trxid: &'a str,
    data: &'a str,
    zone: &'a str,
    service: String,
    status: &'static str,
    note: &'a str,
    balance: i64,
    price: i64,
}

#[derive(Serialize)]
struct Callback<'a> {
    data: Shown<'a>,
}

#[derive(Serialize)]
struct Prices {
    basic: i64,
    premium: i64,
    special: i64,
}

#[derive(Serialize)]
struct Service<'a> {
    code: &'a str,
    game: &'a str,
    name: &'a str,
    price: Prices,
    server: &'static str,
    status: &'static str,
}

#[derive(Serialize)]
struct Stock<'a> {
    code: &'a str,
    name: &'a str,
    price: Prices,
    description: &'a str,
    stock: u32,
    server: &'static str,
    status: &'static str,
}

/// `type=order`.
pub(super) async fn order(
    world: &World,
    tx: &mut WriteTx,
    form: &Form,
    now: Timestamp,
) -> Result<Reply, Error> {
    let (Some(service), Some(account)) = (form.text("service"), form.text("data_no")) else {
        return Ok(refuse(400, "Permintaan tidak sesuai: service dan data_no wajib diisi."));
    };
    let Some(product) = shelf::find(world, tx, service).await? else {
        return Ok(refuse(400, "Layanan tidak ditemukan."));
    };
    if !product.active {
        return Ok(refuse(400, "Layanan tidak tersedia."));
    }
    let zone = form.text("data_zone").unwrap_or_default();
    let wanted = Wanted { target: Target::VipReseller, ref_id: "", account, zone };
    Ok(match goods::take_order(world, tx, &product, &wanted, now).await? {
        Taken::SoldOut => refuse(400, "Stok layanan kosong."),
        Taken::NoDeposit => refuse(400, "Saldo tidak cukup."),
        Taken::Order(order, hold) => {
            let ordered = Ordered {
                trxid: &order.id,
                data: &order.account,
                zone: &order.zone,
                service: name(world, &order),
                status: word(order.state),
                note: &order.note,
                balance: order.last_deposit,
                price: order.price,
            };
            let mut reply = success(&ordered, None, "Pesanan berhasil, pesanan akan diproses.");
            reply.hold = hold;
            reply
        }
    })
}

/// `type=status`: one order by its number, or the newest.
pub(super) async fn status(world: &World, tx: &mut WriteTx, form: &Form) -> Result<Reply, Error> {
    let found = match (form.text("trxid"), form.text("limit")) {
        (Some(id), _) => goods::by_id(tx, Target::VipReseller, id).await?.into_iter().collect(),
        (None, Some(limit)) => match limit.parse::<i64>() {
            Ok(limit @ 1..) => goods::newest(tx, Target::VipReseller, limit.min(MOST_LISTED)).await?,
            _ => return Ok(refuse(400, "Permintaan tidak sesuai: limit harus angka.")),
        },
        (None, None) => return Ok(refuse(400, "Permintaan tidak sesuai: trxid atau limit wajib diisi.")),
    };
    if found.is_empty() && form.text("trxid").is_some() {
        return Ok(refuse(400, "Transaksi tidak ditemukan."));
    }
    // A list is about nobody alone.
    let about = if let [order] = found.as_slice() { order.account.as_str() } else { "" };
    let unknown = faults::strike(tx, Target::VipReseller, Fault::UnknownStatus, ("status", about)).await?;
    let unknown = unknown.map(|_| "partial");
    let list: Vec<Shown<'_>> = found
        .iter()
        .map(|order| {
            let shown = shown(world, order);
            Shown { status: unknown.unwrap_or(shown.status), ..shown }
        })
        .collect();
    Ok(success(&list, None, "Detail transaksi berhasil didapatkan."))
}

/// `type=services`.
pub(super) async fn services(world: &World, tx: &mut WriteTx, form: &Form) -> Result<Reply, Error> {
    let products = shelf::all(world, tx).await?;
    let wanted = |product: &&SupplierProduct| {
        let game = form.text("filter_value").is_none_or(|game| product.brand.eq_ignore_ascii_case(game));
        let status = form.text("filter_status").is_none_or(|status| status == availability(product));
        game && status
    };
    let list: Vec<Service<'_>> = products
        .iter()
        .filter(wanted)
        .map(|product| Service {
            code: &product.sku,
            game: &product.brand,
            name: &product.name,
            price: prices(product),
            server: "1",
            status: availability(product),
        })
        .collect();
    Ok(success(&list, None, "Daftar layanan berhasil didapatkan."))
}

/// `type=service-stock`.
pub(super) async fn stock(world: &World, tx: &mut WriteTx, form: &Form) -> Result<Reply, Error> {
    let found = match form.text("service") {
        Some(sku) => shelf::find(world, tx, sku).await?,
        None => None,
    };
    let Some(product) = found else {
        return Ok(refuse(400, "Layanan tidak ditemukan."));
    };
    let stock = Stock {
        code: &product.sku,
        name: &product.name,
        price: prices(&product),
        description: &product.description,
        stock: product.stock.unwrap_or(999),
        server: "1",
        status: availability(&product),
    };
    Ok(success(&stock, None, "Stok layanan berhasil didapatkan."))
}

fn availability(product: &SupplierProduct) -> &'static str {
    if product.active { "available" } else { "empty" }
}

/// The shop's tier is the first.
fn prices(product: &SupplierProduct) -> Prices {
    let basic = product.price.get();
    Prices { basic, premium: basic.saturating_sub(basic / 100), special: basic.saturating_sub(basic / 50) }
}

/// Orders show the game and the name, not the code.
fn name(world: &World, order: &Order) -> String {
    match goods::product(world, &order.sku) {
        Some(product) => format!("{} - {}", product.brand, product.name),
        None => order.sku.clone(),
    }
}

fn shown<'a>(world: &World, order: &'a Order) -> Shown<'a> {
    Shown {
        trxid: &order.id,
        data: &order.account,
        zone: &order.zone,
        service: name(world, order),
        status: word(order.state),
        note: &order.note,
        price: order.price,
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Processing | State::Part | State::Unclear => "processing",
        State::Done => "success",
        State::Failed => "error",
    }
}

/// Queues the callback of an order's present state. Its signature is the sign of every call: it covers nothing.
pub(crate) async fn notify(
    world: &World,
    tx: &mut WriteTx,
    order: &Order,
    now: Timestamp,
) -> Result<(), Error> {
    let event = word(order.state);
    let body = serde_json::to_string(&Callback { data: shown(world, order) }).unwrap_or_default();
    let occasion = (event, body.as_str());
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let forged = faults::strike(tx, Target::VipReseller, Fault::ForgeSignature, occasion).await?.is_some();
    let missing = faults::strike(tx, Target::VipReseller, Fault::MissingSignature, occasion).await?.is_some();
    if !missing {
        let key = if forged { world.settings.ids.token() } else { VIP_RESELLER_API_KEY.to_owned() };
        headers.push(("X-Client-Signature".to_owned(), sign_of(VIP_RESELLER_API_ID, &key)));
    }
    let webhook = Webhook {
        target: Target::VipReseller,
        reference: order.id.clone(),
        event: event.to_owned(),
        url: None,
        headers,
        body,
    };
    deliveries::enqueue(tx, &webhook, Duration::ZERO, now).await
}
