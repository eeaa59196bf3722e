//! `POST /v1/transaction`: buys, or tells how an earlier purchase stands, which is the same call.

use super::{
    Data, FAILURE_STATUS, books,
    books::Transaction,
    check,
    codes::{self, Status},
    decide, price_list, refuse,
    request::Request,
    script::{self, Script, ScriptOutcome},
    shelf::{self, OnShelf},
    webhook::{self, Event, Shown, shown, undocumented},
};
use crate::{
    Requery,
    exchange::Reply,
    faults::{self, Fault},
    settings::SupplierProduct,
    world::{Target, World},
};
use database::{Error, WriteTx};
use std::time::Duration;
use vocabulary::{Rupiah, Timestamp};

/// How long to wait between two questions about one transaction.
const REQUERY_PAUSE: Duration = Duration::from_secs(60);
/// How long a reference is remembered: a later call with it buys again.
const MEMORY: Duration = Duration::from_secs(90 * 86_400);
/// How long an answer is held that does not come in time.
const HOLD: Duration = Duration::from_secs(30);

/// What is asked for.
struct Order<'a> {
    ref_id: &'a str,
    sku: &'a str,
    customer_no: &'a str,
    testing: bool,
    max_price: Option<i64>,
    cb_url: Option<&'a str>,
    allow_dot: bool,
}

/// Answers a purchase, or a question about one.
pub(super) async fn buy(
    world: &World,
    tx: &mut WriteTx,
    request: &Request,
    now: Timestamp,
) -> Result<Reply, Error> {
    let order = match read(request) {
        Ok(order) => order,
        Err(why) => return Ok(refuse("40", &why)),
    };
    let earlier = books::latest(tx, order.ref_id).await?;
    match earlier.filter(|t| now.since(t.created_at) <= MEMORY) {
        Some(earlier) => ask_again(world, tx, &order, earlier, now).await,
        None => buy_new(world, tx, &order, now).await,
    }
}

fn read(request: &Request) -> Result<Order<'_>, String> {
    let required = |name: &str| request.text(name).ok_or_else(|| format!("{name} wajib diisi"));
    let plain = |text: &str, most: usize| {
        text.len() <= most && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    let order = Order {
        ref_id: required("ref_id")?,
        sku: required("buyer_sku_code")?,
        customer_no: required("customer_no")?,
        testing: request.flag("testing")?,
        max_price: request.whole("max_price")?,
        cb_url: request.text("cb_url"),
        allow_dot: request.flag("allow_dot")?,
    };
    if !plain(order.ref_id, 64) || !plain(order.sku, 64) || !plain(order.customer_no, 128) {
        return Err("ref_id, buyer_sku_code atau customer_no tidak terbaca".into());
    }
    let is_url = |url: &str| (url.starts_with("http://") || url.starts_with("https://")) && plain(url, 2_048);
    if order.cb_url.is_some_and(|url| !is_url(url)) {
        return Err("cb_url harus URL http(s)".into());
    }
    Ok(order)
}

/// The same reference again: the stored transaction, when it is the same purchase and not too soon.
async fn ask_again(
    world: &World,
    tx: &mut WriteTx,
    order: &Order<'_>,
    mut earlier: Transaction,
    now: Timestamp,
) -> Result<Reply, Error> {
    if earlier.sku != order.sku || earlier.customer_no != order.customer_no {
        return reject(tx, order, "49").await;
    }
    if now.since(earlier.answered_at) < REQUERY_PAUSE {
        let stale = world.settings.digiflazz_requery == Requery::Stale
            || faults::strike(tx, Target::Digiflazz, Fault::StaleRequery, ("transaction", order.ref_id))
                .await?
                .is_some();
        return if stale { tell(tx, &earlier).await } else { reject(tx, order, "85").await };
    }
    earlier.answered_at = now;
    books::save(tx, &earlier).await?;
    tell(tx, &earlier).await
}

async fn buy_new(world: &World, tx: &mut WriteTx, order: &Order<'_>, now: Timestamp) -> Result<Reply, Error> {
    let on_shelf = match shelf::find(world, tx, order.sku).await? {
        None if order.testing => shelf::always(test_product()),
        None => return reject(tx, order, "43").await,
        Some(on_shelf) => on_shelf,
    };
    let product = &on_shelf.product;
    let script = match unavailable(tx, &on_shelf, order, now).await? {
        Some(rc) => Script::of(ScriptOutcome::Fail, Some(rc)),
        None => {
            let scripted = script::take(tx, order.customer_no).await?;
            let named = check::course(product, order.customer_no);
            let usual = || if order.testing { test_course(order) } else { Script::usual() };
            scripted.or(named).unwrap_or_else(usual)
        }
    };
    let price = script.price.unwrap_or(product.price.get());
    if order.max_price.is_some_and(|most| price > most) {
        return reject(tx, order, "69").await;
    }
    if books::deposit(tx).await? < price {
        return reject(tx, order, "44").await;
    }
    let course = decide::course(&script, now);
    if let Some(rc) = codes::code(&course.rc).filter(|code| !is_booked(code)).map(|code| code.rc) {
        return reject(tx, order, rc).await;
    }
    let mut transaction = Transaction {
        id: world.settings.ids.ulid(now),
        ref_id: order.ref_id.to_owned(),
        sku: order.sku.to_owned(),
        customer_no: order.customer_no.to_owned(),
        status: Status::Pending,
        rc: String::new(),
        sn: sn_of(&script, order),
        price,
        charged: 0,
        times_charged: 0,
        deliveries: 0,
        last_deposit: 0,
        cb_url: order.cb_url.map(str::to_owned),
        created_at: now,
        answered_at: now,
        next: course.next,
    };
    // Accepting it takes the deposit; a failure right after gives it back.
    decide::turn(world, tx, &mut transaction, Status::Pending, "03").await?;
    if course.status == Status::Pending {
        transaction.rc = course.rc;
    } else {
        decide::turn(world, tx, &mut transaction, course.status, &course.rc).await?;
    }
    books::insert(tx, &transaction).await?;
    webhook::notify(world, tx, &transaction, Event::Create, now).await?;
    let mut reply = tell(tx, &transaction).await?;
    reply.hold = course.held.then_some(HOLD);
    Ok(reply)
}

/// Why this product cannot be had now, as a code.
async fn unavailable(
    tx: &mut WriteTx,
    on_shelf: &OnShelf,
    order: &Order<'_>,
    now: Timestamp,
) -> Result<Option<&'static str>, Error> {
    let product = &on_shelf.product;
    if !on_shelf.buyer_active {
        return Ok(Some("43"));
    }
    if !on_shelf.seller_active {
        return Ok(Some("53"));
    }
    if !order.allow_dot && order.customer_no.contains('.') {
        return Ok(Some("54"));
    }
    if price_list::is_cut_off(product, now) {
        return Ok(Some("58"));
    }
    if price_list::stock_of(tx, product).await? == Some(0) {
        return Ok(Some("68"));
    }
    let today = now.wib_day().start();
    let again = !product.multi && books::bought_since(tx, order.sku, order.customer_no, today).await?;
    Ok(again.then_some("63"))
}

/// Whether a transaction is written down when the first answer is this code. 85 counts as "came too
/// soon, nothing was done": stored, it would be the answer for ever.
fn is_booked(code: &codes::Code) -> bool {
    code.booked && code.rc != "85"
}

/// The product of the vendor's test mode.
fn test_product() -> SupplierProduct {
    SupplierProduct::new("xld10", "XL 10.000", "XL", Rupiah::new(10_000))
}

/// The courses of the vendor's test mode; any other number stays undecided with an empty code.
fn test_course(order: &Order<'_>) -> Script {
    match (order.sku, order.customer_no) {
        ("xld10", "087800001230") => Script::of(ScriptOutcome::Success, None),
        ("xld10", "087800001232") => Script::of(ScriptOutcome::Fail, None),
        ("xld10", "087800001233") => Script::of(ScriptOutcome::PendingThenSuccess, None),
        ("xld10", "087800001234") => Script::of(ScriptOutcome::PendingThenFail, None),
        _ => Script::of(ScriptOutcome::Pending, Some("")),
    }
}

/// The serial number that is known beforehand, if any.
fn sn_of(script: &Script, order: &Order<'_>) -> String {
    let sample = (order.testing && order.sku == "xld10" && order.customer_no == "087800001230")
        .then(|| "1234567890".into());
    script.sn.clone().or(sample).unwrap_or_default()
}

async fn tell(tx: &mut WriteTx, t: &Transaction) -> Result<Reply, Error> {
    let status = if t.status == Status::Failed { FAILURE_STATUS } else { 200 };
    let occasion = ("transaction", t.ref_id.as_str());
    let unknown = faults::strike(tx, Target::Digiflazz, Fault::UnknownStatus, occasion).await?;
    let data = if unknown.is_some() { undocumented(shown(t)) } else { shown(t) };
    Ok(Reply::json(status, &Data { data }))
}

/// A refusal that leaves no transaction behind.
async fn reject(tx: &mut WriteTx, order: &Order<'_>, rc: &str) -> Result<Reply, Error> {
    let data = Shown {
        ref_id: order.ref_id,
        customer_no: order.customer_no,
        buyer_sku_code: order.sku,
        message: codes::message(rc),
        status: Status::Failed.as_str(),
        rc,
        buyer_last_saldo: books::deposit(tx).await?,
        sn: "",
        price: 0,
        tele: "",
        wa: "",
    };
    Ok(Reply::json(FAILURE_STATUS, &Data { data }))
}
