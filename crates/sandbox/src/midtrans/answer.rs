//! What Midtrans answers to a charge: how the buyer can pay, method by method.

use super::{
    body::{Body, Spelling, amount_text},
    books::{PaymentType, Transaction},
    channel::{Channel, Numbers},
    qr_id,
};
use crate::{
    exchange::Reply,
    faults::{self, Fault},
    settings::MIDTRANS_MERCHANT_ID,
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::Serialize;

#[derive(Serialize)]
struct GopayAnswer {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: String,
    order_id: String,
    gross_amount: String,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'static str,
    actions: Vec<Action>,
    channel_response_code: &'static str,
    channel_response_message: &'static str,
    currency: &'static str,
    expiry_time: String,
}

/// What stands at the beginning of every answer but GoPay's, which has an order of its own.
#[derive(Serialize)]
struct Head {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: String,
    order_id: String,
    merchant_id: &'static str,
    gross_amount: String,
    currency: &'static str,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'static str,
    fraud_status: &'static str,
}

#[derive(Serialize)]
struct QrisAnswer {
    #[serde(flatten)]
    head: Head,
    acquirer: Option<String>,
    actions: Vec<Action>,
    expiry_time: String,
}

#[derive(Serialize)]
struct OvoAnswer {
    #[serde(flatten)]
    head: Head,
    expiry_time: String,
    payer_phone_number: Option<String>,
}

#[derive(Serialize)]
struct NumberAnswer {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    number: Numbers,
    expiry_time: String,
}

/// Something that can be done next.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Action {
    name: &'static str,
    method: &'static str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<[(); 0]>,
}

/// The answer to a charge that was made.
pub(super) async fn charged(world: &World, tx: &mut WriteTx, t: &Transaction) -> Result<Reply, Error> {
    Ok(match t.payment_type {
        PaymentType::Gopay => {
            let link = app_link(world, tx, t, "charge").await?;
            Reply::json(200, &gopay(world, t, link))
        }
        PaymentType::Qris => Reply::json(200, &qris(world, t)),
        PaymentType::Ovo => Reply::json(200, &ovo(t)),
        PaymentType::BankTransfer | PaymentType::Cstore => Reply::json(200, &number(t)),
        // Core never makes one: DANA's transactions come from Snap, and are told as a status is.
        PaymentType::Dana => Reply::json(200, &Body::status(t, &[], Vec::new(), Spelling::Usual)),
    })
}

/// The action that leads into the wallet app.
///
/// The link of the real app (`gojek://…`) opens nothing for somebody who tries Loket in a browser, so
/// by default it is the page that stands for the app, as a page of theirs does in Midtrans' own
/// sandbox. The fault `app_deep_link` brings the vendor's form back.
pub(super) async fn app_link(
    world: &World,
    tx: &mut WriteTx,
    t: &Transaction,
    operation: &str,
) -> Result<Action, Error> {
    let occasion = (operation, t.order_id.as_str());
    let real = faults::strike(tx, Target::Midtrans, Fault::AppDeepLink, occasion).await?.is_some();
    let id = &t.transaction_id;
    let url = match t.payment_type {
        _ if !real => wallet_url(world, t),
        PaymentType::Dana => format!("https://m.dana.id/sandbox/checkout?bizNo={id}"),
        _ => {
            let callback = t.callback_url.as_ref().map(|url| with_order(url, &t.order_id));
            let callback = callback.map(|url| format!("&callback_url={}", percent_encoded(&url)));
            format!(
                "gojek://gopay/merchanttransfer?tref={id}&amount={}&activity=GP:RR{}",
                t.amount,
                callback.unwrap_or_default()
            )
        }
    };
    Ok(action("deeplink-redirect", url))
}

/// The page that stands for the buyer's wallet app.
pub(crate) fn wallet_url(world: &World, t: &Transaction) -> String {
    format!("{}/sandbox/wallet/{}", world.base_url(), t.transaction_id)
}

fn action(name: &'static str, url: String) -> Action {
    Action { name, method: "GET", url, fields: None }
}

fn gopay(world: &World, t: &Transaction, link: Action) -> GopayAnswer {
    let (api, id) = (format!("{}/sandbox/midtrans", world.base_url()), &t.transaction_id);
    GopayAnswer {
        status_code: "201",
        status_message: "GO-PAY billing created",
        transaction_id: id.clone(),
        order_id: t.order_id.clone(),
        gross_amount: amount_text(t.amount),
        payment_type: t.payment_type.as_str(),
        transaction_time: t.transaction_at.wib(),
        transaction_status: t.status.as_str(),
        actions: vec![
            action("generate-qr-code", format!("{api}/v2/gopay/{id}/qr-code")),
            action("generate-qr-code-v2", format!("{api}/v4/qris/gopay/{}/qr-code", qr_id(id))),
            link,
            action("get-status", format!("{api}/v2/{id}/status")),
            Action { name: "cancel", method: "POST", url: format!("{api}/v2/{id}/cancel"), fields: Some([]) },
        ],
        channel_response_code: "200",
        channel_response_message: "Success",
        currency: "IDR",
        expiry_time: t.expires_at.wib(),
    }
}

fn head(t: &Transaction, status_message: &'static str) -> Head {
    Head {
        status_code: "201",
        status_message,
        transaction_id: t.transaction_id.clone(),
        order_id: t.order_id.clone(),
        merchant_id: MIDTRANS_MERCHANT_ID,
        gross_amount: amount_text(t.amount),
        currency: "IDR",
        payment_type: t.payment_type.as_str(),
        transaction_time: t.transaction_at.wib(),
        transaction_status: t.status.as_str(),
        fraud_status: "accept",
    }
}

fn qris(world: &World, t: &Transaction) -> QrisAnswer {
    let (api, id) = (format!("{}/sandbox/midtrans", world.base_url()), &t.transaction_id);
    QrisAnswer {
        head: head(t, "QRIS transaction is created"),
        acquirer: t.acquirer.clone(),
        actions: vec![
            action("generate-qr-code", format!("{api}/v2/qris/{id}/qr-code")),
            action("generate-qr-code-v2", format!("{api}/v4/qris/gopay/{}/qr-code", qr_id(id))),
        ],
        expiry_time: t.expires_at.wib(),
    }
}

fn ovo(t: &Transaction) -> OvoAnswer {
    OvoAnswer {
        head: head(t, "Ovo transaction is created"),
        expiry_time: t.expires_at.wib(),
        payer_phone_number: t.payer_phone.clone(),
    }
}

fn number(t: &Transaction) -> NumberAnswer {
    let message = match t.channel {
        Some(Channel::Permata) => "Success, PERMATA VA transaction is successful",
        Some(channel) if channel.is_store() => "Success, cstore transaction is successful",
        _ => "Success, Bank Transfer transaction is created",
    };
    NumberAnswer { head: head(t, message), number: Numbers::of(t), expiry_time: t.expires_at.wib() }
}

fn with_order(url: &str, order_id: &str) -> String {
    format!("{url}{}order_id={order_id}", if url.contains('?') { '&' } else { '?' })
}

fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
