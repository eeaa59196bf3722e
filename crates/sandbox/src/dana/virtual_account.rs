//! Virtual accounts, and the tool of DANA's dashboard that pays one in the sandbox. What its amounts
//! 11011.00, 11012.00 and 11013.00 are for is how the merchant answers the notification, and that nobody
//! pays the last: they are paid, and expire, like any other.

use super::{books, books::Status, buyer, notify};
use crate::{buyer::Outcome, exchange::Incoming, exchange::Reply, world::World};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use vocabulary::Timestamp;

/// Where the tool is. It asks for no signature.
pub(super) const TOOL: &str = "/merchant-portal-app/api/sandbox-tools/execute";
/// Which call of the bank's side the tool makes.
const PAYMENT: &str = "/v1.0/transfer-va/payment.htm";
/// The banks.
pub(super) const OPTIONS: [&str; 9] = [
    "VIRTUAL_ACCOUNT_BCA",
    "VIRTUAL_ACCOUNT_BNI",
    "VIRTUAL_ACCOUNT_MANDIRI",
    "VIRTUAL_ACCOUNT_BSI_PAYMENT",
    "VIRTUAL_ACCOUNT_BRI",
    "VIRTUAL_ACCOUNT_BTPN",
    "VIRTUAL_ACCOUNT_CIMB",
    "VIRTUAL_ACCOUNT_PERMATA",
    "VIRTUAL_ACCOUNT_PANI",
];

/// A new account's number.
pub(super) fn number(world: &World) -> String {
    format!("8528{:012}", world.settings.ids.below(1_000_000_000_000))
}

/// Pays the account that the body names. How the tool answers is UNVERIFIED.
pub(super) async fn pay(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
    let account = body.pointer("/requestBody/virtualAccountNo").and_then(Value::as_str);
    let (Some(account), Some(PAYMENT)) = (account, body.get("urlEndpoint").and_then(Value::as_str)) else {
        return Ok(told(400, "urlEndpoint and requestBody.virtualAccountNo are expected"));
    };
    match books::of_code(tx, account.trim()).await? {
        Some(mut order) if order.status == Status::Init => {
            buyer::act(&mut order, Outcome::Settle, now);
            books::save(tx, &order).await?;
            notify::notify(world, tx, &order, now).await?;
            Ok(told(200, "Successful"))
        }
        Some(_) => Ok(told(409, "this account does not wait for a payment")),
        None => Ok(told(404, "there is no such account")),
    }
}

fn told(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"success": status == 200, "message": message})).plain_http()
}
