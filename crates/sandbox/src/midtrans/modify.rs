//! Asking for a transaction's status, and calling it off: cancel and expire.

use super::{
    Refusal, addressed, answer,
    body::Body,
    books::{self, PaymentType, Status, Transaction},
    card, notify, read_optional_object, snap,
};
use crate::{
    exchange::{Incoming, Reply},
    world::World,
};
use database::{Error, WriteTx};
use serde::Serialize;
use vocabulary::Timestamp;

/// How many transactions are on a page, when nobody says otherwise.
const PER_PAGE: usize = 10;
/// How many can be asked for at once. UNVERIFIED: the vendor names no limit.
const MOST_PER_PAGE: usize = 100;

#[derive(Serialize)]
struct AllOfOrder<T> {
    status_code: &'static str,
    status_message: &'static str,
    transactions: Vec<T>,
}

#[derive(Serialize)]
struct Modified {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: String,
    order_id: String,
    gross_amount: String,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'static str,
    fraud_status: &'static str,
    merchant_id: &'static str,
    currency: &'static str,
}

/// `GET /v2/{id}/status`. A body, if there is one, is not looked at.
pub(super) async fn status(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(transaction) = addressed(tx, incoming, id).await? else {
        let card = card::find(tx, id, now).await?.ok_or_else(Refusal::not_found);
        return Ok(card.map(|card| Reply::json(200, &card::in_full(&card))));
    };
    let refunds = books::refunds(tx, &transaction.transaction_id).await?;
    let mut actions = Vec::new();
    if transaction.payment_type == PaymentType::Dana && transaction.status == Status::Pending {
        actions.push(answer::app_link(world, tx, &transaction, "status").await?);
    }
    let spelling = notify::spelling(tx, ("status", transaction.order_id.as_str())).await?;
    // HTTP 200 even for an expired transaction, whose body says 407: that is no error.
    Ok(Ok(Reply::json(200, &Body::status(&transaction, &refunds, actions, spelling))))
}

/// `GET /v2/{id}/status/b2b?page=&per_page=`: every transaction of an order id, the newest first, in pages that
/// are counted from zero. It is for an order id with several, which here only a Snap page makes; DANA's are left
/// out like in `status` by order id. The contract does not have it: path, paging and shape are those of the
/// vendor's library and reference (docs.midtrans.com, "Get Transaction Status B2B").
pub(super) async fn status_of_all(
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let (page, per_page) = match pages(incoming.query.as_deref().unwrap_or_default()) {
        Ok(pages) => pages,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(asked) = addressed(tx, incoming, id).await? else {
        let Some(card) = card::find(tx, id, now).await? else {
            return Ok(Err(Refusal::not_found()));
        };
        // Of a card there is one, and so one page.
        let shown = if page == 0 { vec![card::in_full(&card)] } else { Vec::new() };
        return Ok(Ok(all_of_order(shown)));
    };
    let (mut all, mut transactions) = (books::of_order(tx, &asked.order_id).await?, Vec::new());
    all.retain(|t| t.payment_type != PaymentType::Dana || t.transaction_id == asked.transaction_id);
    for transaction in all.iter().skip(page.saturating_mul(per_page)).take(per_page) {
        let refunds = books::refunds(tx, &transaction.transaction_id).await?;
        let spelling = notify::spelling(tx, ("status", transaction.order_id.as_str())).await?;
        transactions.push(Body::status(transaction, &refunds, Vec::new(), spelling));
    }
    Ok(Ok(all_of_order(transactions)))
}

fn all_of_order<T: Serialize>(transactions: Vec<T>) -> Reply {
    let status_message = "Success, transactions are retrieved";
    Reply::json(200, &AllOfOrder { status_code: "200", status_message, transactions })
}

/// `page`, and how many are on one.
fn pages(query: &str) -> Result<(usize, usize), Refusal> {
    let (mut page, mut per_page) = (0, PER_PAGE);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let number = value.parse::<usize>();
        match (name.as_ref(), number) {
            ("page", Ok(asked)) => page = asked,
            ("per_page", Ok(asked)) if (1..=MOST_PER_PAGE).contains(&asked) => per_page = asked,
            ("page" | "per_page", _) => {
                return Err(Refusal::invalid(format!(
                    "page is a number from 0 on, per_page one from 1 to {MOST_PER_PAGE}"
                )));
            }
            _ => {}
        }
    }
    Ok((page, per_page))
}

/// `POST /v2/{id}/cancel`: only while nobody has paid.
pub(super) async fn cancel(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    call_off(world, tx, incoming, id, now, Status::Cancel).await
}

/// `POST /v2/{id}/expire`: only while nobody has paid.
pub(super) async fn expire(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    call_off(world, tx, incoming, id, now, Status::Expire).await
}

async fn call_off(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
    status: Status,
) -> Result<Result<Reply, Refusal>, Error> {
    if let Err(refusal) = read_optional_object(incoming) {
        return Ok(Err(refusal));
    }
    let Some(mut transaction) = addressed(tx, incoming, id).await? else {
        return card::call_off(tx, id, status, now).await;
    };
    if transaction.status != Status::Pending {
        return Ok(Err(Refusal::cannot_modify()));
    }
    transaction.status = status;
    books::save(tx, &transaction).await?;
    notify::notify(world, tx, &transaction, now).await?;
    // The merchant does not want this payment any more, so the page it was chosen on is over as well.
    if let Some(token) = &transaction.snap_token {
        snap::close(tx, token, now).await?;
    }
    Ok(Ok(Reply::json(200, &modified(&transaction))))
}

fn modified(t: &Transaction) -> Modified {
    let (status_code, status_message) = match t.status {
        Status::Expire => ("407", "Success, transaction has expired"),
        _ => ("200", "Success, transaction is canceled"),
    };
    Modified {
        status_code,
        status_message,
        transaction_id: t.transaction_id.clone(),
        order_id: t.order_id.clone(),
        gross_amount: super::body::amount_text(t.shown_amount()),
        payment_type: t.payment_type.as_str(),
        transaction_time: t.transaction_at.wib(),
        transaction_status: t.status.as_str(),
        fraud_status: "accept",
        merchant_id: crate::settings::MIDTRANS_MERCHANT_ID,
        currency: "IDR",
    }
}
