//! The simulated DANA Payment Gateway ("Gapura"): which call is which, and who may call it. What is checked
//! stands in contracts/payments §2; the bodies are read by the files of their verbs.

mod body;
mod books;
mod buyer;
mod cancel;
mod consult;
mod create;
mod disbursement;
mod keys;
mod notify;
mod query;
mod read;
mod refund;
mod refusal;
mod signature;
mod virtual_account;

pub(crate) use books::{Order, Refund, Status, find, moved, newest, next_due, refunds, waiting};
pub(crate) use buyer::{candidates, settle};
pub(crate) use create::CHECKOUT;
pub(crate) use keys::Keys;
pub use keys::{DanaKeyFiles, dana_keys};
pub(crate) use notify::{accepts, departing_headers};

use crate::{
    exchange::{Incoming, Reply},
    faults::Fault,
    settings::{DANA_MERCHANT_ID, DANA_PARTNER_ID},
    worker,
    world::World,
};
use axum::http::Method;
use database::{Error, WriteTx};
use read::Object;
use refusal::{Refusal, Service};
use vocabulary::Timestamp;

/// How long an id in a header may be.
const HEADER_ID_LENGTH: usize = 36;
/// Headers that have to be there, besides those that have rules of their own.
const MANDATORY_HEADERS: [&str; 7] =
    ["Content-Type", "X-TIMESTAMP", "X-SIGNATURE", "ORIGIN", "X-PARTNER-ID", "X-EXTERNAL-ID", "CHANNEL-ID"];

/// Which of DANA's products is called. The first two share everything but what an order has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Product {
    /// All ways to pay.
    Gateway,
    /// The DANA wallet alone.
    Widget,
    /// Money out of the merchant's account.
    Disbursement,
}

/// Answers one call.
pub(crate) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    worker::catch_up(world, tx, now).await?;
    if incoming.path == virtual_account::TOOL {
        return virtual_account::pay(world, tx, incoming, now).await;
    }
    let Some((service, product)) = route(&incoming.path) else {
        return Ok(unknown_path());
    };
    let debug_mode = matches!(incoming.header("x-debug-mode"), Some("1" | "true"));
    let outcome = act(world, tx, incoming, (service, product), now).await?;
    Ok(outcome.unwrap_or_else(|refusal| refusal.reply(service, debug_mode)))
}

async fn act(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    (service, product): (Service, Product),
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let external_id = match check_caller(world, incoming) {
        Ok(external_id) => external_id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !books::use_external_id(tx, external_id, now.wib_day()).await? {
        return Ok(Err(Refusal::conflict().because("X-EXTERNAL-ID was used today")));
    }
    let body = match read_body(incoming) {
        Ok(body) => body,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match service {
        Service::Consult => Ok(consult::consult(&body)),
        Service::Create => create::create(world, tx, &body, product, now).await,
        Service::Query => query::query(tx, &body).await,
        Service::Cancel => cancel::cancel(tx, &body, now).await,
        Service::Refund => refund::refund(world, tx, &body, now).await,
        Service::ToBank | Service::ToDana => disbursement::transfer(world, tx, service, &body, now).await,
        Service::ToBankStatus | Service::ToDanaStatus => disbursement::status(tx, service, &body, now).await,
        Service::BankAccount => Ok(disbursement::bank_account(&body)),
        Service::DanaAccount => Ok(disbursement::dana_account(&body)),
    }
}

/// Lets orders close whose time is over, and finishes refunds.
pub(crate) async fn close_due(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    for mut order in books::due(tx, now).await? {
        buyer::close(&mut order, buyer::EXPIRED, now);
        books::save(tx, &order).await?;
        notify::notify(world, tx, &order, now).await?;
    }
    books::finish_refunds(tx, now).await
}

/// Which operation a path is, as a fault can name it; empty for none.
pub(crate) fn operation(path: &str) -> &'static str {
    route(path).map_or("", |(service, _)| service.as_str())
}

/// What stands in front of DANA answers without looking at the call: the body for a fault, if it has words
/// of its own for it.
pub(crate) fn without_effect(path: &str, fault: Fault) -> Option<Reply> {
    let (service, _) = route(path)?;
    match fault {
        Fault::RateLimited => Some(Refusal::too_many_requests().reply(service, false)),
        Fault::Error500 => Some(Refusal::internal().reply(service, false)),
        _ => None,
    }
}

fn route(path: &str) -> Option<(Service, Product)> {
    Some(match path {
        "/v1.0/payment-gateway/consult-pay.htm" => (Service::Consult, Product::Gateway),
        "/payment-gateway/v1.0/debit/payment-host-to-host.htm" => (Service::Create, Product::Gateway),
        "/payment-gateway/v1.0/debit/status.htm" => (Service::Query, Product::Gateway),
        "/payment-gateway/v1.0/debit/cancel.htm" => (Service::Cancel, Product::Gateway),
        "/payment-gateway/v1.0/debit/refund.htm" => (Service::Refund, Product::Gateway),
        "/rest/redirection/v1.0/debit/payment-host-to-host" => (Service::Create, Product::Widget),
        "/rest/v1.1/debit/status" => (Service::Query, Product::Widget),
        "/v1.0/debit/cancel.htm" => (Service::Cancel, Product::Widget),
        "/v1.0/debit/refund.htm" => (Service::Refund, Product::Widget),
        "/v1.0/emoney/transfer-bank.htm" => (Service::ToBank, Product::Disbursement),
        "/v1.0/emoney/transfer-bank-status.htm" => (Service::ToBankStatus, Product::Disbursement),
        "/rest/v1.0/emoney/topup" => (Service::ToDana, Product::Disbursement),
        "/rest/v1.0/emoney/topup-status" => (Service::ToDanaStatus, Product::Disbursement),
        "/v1.0/emoney/bank-account-inquiry.htm" => (Service::BankAccount, Product::Disbursement),
        "/rest/v1.0/emoney/account-inquiry" => (Service::DanaAccount, Product::Disbursement),
        _ => return None,
    })
}

fn unknown_path() -> Reply {
    let body = serde_json::json!({"responseCode": "4040000", "responseMessage": "Not Found"});
    Reply::json(404, &body).plain_http()
}

/// Method, headers and signature; answers with the external id. CHANNEL-ID is documented with at most five
/// characters, but one library of the vendor's sends more, so its length is not looked at. Nor is the age of
/// the time stamp.
fn check_caller<'a>(world: &World, incoming: &'a Incoming) -> Result<&'a str, Refusal> {
    if incoming.method != Method::POST {
        return Err(Refusal::method());
    }
    for name in MANDATORY_HEADERS {
        if incoming.header(name).is_none_or(str::is_empty) {
            return Err(Refusal::mandatory(name));
        }
    }
    let header = |name: &str| incoming.header(name).unwrap_or_default();
    if !header("Content-Type").to_ascii_lowercase().starts_with("application/json") {
        return Err(Refusal::format("Content-Type"));
    }
    let timestamp = header("X-TIMESTAMP");
    if read::wib_time(timestamp).is_none() {
        return Err(
            Refusal::format("X-TIMESTAMP").because("X-TIMESTAMP looks like 2026-11-22T12:00:00+07:00")
        );
    }
    for name in ["X-PARTNER-ID", "X-EXTERNAL-ID"] {
        if header(name).len() > HEADER_ID_LENGTH {
            let most = format!("{name} has at most {HEADER_ID_LENGTH} characters");
            return Err(Refusal::format(name).because(most));
        }
    }
    if header("X-PARTNER-ID") != DANA_PARTNER_ID {
        return Err(Refusal::signature().because("no key is registered for this X-PARTNER-ID"));
    }
    if incoming.unreadable {
        return Err(Refusal::bad_request().because("the body is too large or broke off"));
    }
    let signed =
        signature::string_to_sign(incoming.method.as_str(), &incoming.path, &incoming.body, timestamp);
    if !signature::is_merchants(&world.dana_keys, &signed, header("X-SIGNATURE")) {
        return Err(Refusal::signature().because(format!("X-SIGNATURE is not one over {signed}")));
    }
    Ok(header("X-EXTERNAL-ID"))
}

fn read_body(incoming: &Incoming) -> Result<Object, Refusal> {
    match serde_json::from_slice(&incoming.body) {
        Ok(serde_json::Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::bad_request().because("the body is a JSON object")),
        Err(error) => Err(Refusal::bad_request().because(error.to_string())),
    }
}

/// `merchantId` has to be there, and to be ours; what else it is called depends on the service.
fn check_merchant(body: &Object, otherwise: Refusal) -> Result<(), Refusal> {
    let merchant = read::required(body, "merchantId", "merchantId", 64)?;
    if merchant == DANA_MERCHANT_ID {
        Ok(())
    } else {
        Err(otherwise.because("merchantId is not this partner's"))
    }
}
