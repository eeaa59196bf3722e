//! `POST /v2/charge`: reads and checks the request, writes the transaction down, says how to pay.

use super::{
    Refusal, answer,
    books::{self, PaymentType, Status, Transaction},
    card,
    channel::{self, Channel},
    notify,
    ovo::{self, Phone},
    read, read_object, snap,
};
use crate::{
    exchange::{Incoming, Reply},
    faults::{self, Fault},
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde_json::{Map, Value};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long GoPay, QRIS and DANA wait for the buyer when nobody says.
pub(super) const DEFAULT_EXPIRY: Duration = Duration::from_secs(15 * 60);
/// The shortest time that a merchant may give a buyer.
pub(super) const SHORTEST_EXPIRY: Duration = Duration::from_secs(20);
/// The longest time that a merchant may give a buyer.
pub(super) const LONGEST_EXPIRY: Duration = Duration::from_secs(7 * 86_400);

/// A transaction that may be made.
pub(super) struct Terms {
    pub(super) order_id: String,
    /// Which of the order id's transactions it will be, from 1.
    pub(super) attempt: i64,
    pub(super) snap_token: Option<String>,
    pub(super) payment_type: PaymentType,
    pub(super) acquirer: Option<String>,
    /// The bank or store where it is paid.
    pub(super) channel: Option<Channel>,
    pub(super) payer_phone: Option<Phone>,
    pub(super) amount: i64,
    pub(super) callback_url: Option<String>,
    pub(super) notify_urls: Vec<Option<String>>,
    pub(super) expires_at: Timestamp,
}

/// Makes a charge.
pub(super) async fn charge(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let body = match read_object(incoming) {
        Ok(body) => body,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if card::is_charge(&body) {
        return card::charge(world, tx, &body, now).await;
    }
    let terms = match read_terms(&body, incoming, now) {
        Ok(terms) => terms,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if terms.payer_phone.as_ref().is_some_and(|phone| !phone.is_registered()) {
        return Ok(Err(ovo::not_registered()));
    }
    if snap::page_of_order(tx, &terms.order_id).await?.is_some()
        || card::has_order(tx, &terms.order_id).await?
    {
        return Ok(Err(duplicate()));
    }
    match open(world, tx, terms, now).await? {
        Some(transaction) => Ok(Ok(answer::charged(world, tx, &transaction).await?)),
        None => Ok(Err(duplicate())),
    }
}

/// Writes a transaction down and tells the merchant; `None` when its order id was used before.
pub(super) async fn open(
    world: &World,
    tx: &mut WriteTx,
    terms: Terms,
    now: Timestamp,
) -> Result<Option<Transaction>, Error> {
    let about = terms.order_id.clone();
    let occasion = ("charge", about.as_str());
    let fee_is_imposed = faults::strike(tx, Target::Midtrans, Fault::ImposeFee, occasion).await?.is_some();
    // Armed for the operation `code`, the fee is in all that the buyer pays by, from the first answer on.
    let in_code = ("code", about.as_str());
    let fee_is_asked =
        !fee_is_imposed && faults::strike(tx, Target::Midtrans, Fault::ImposeFee, in_code).await?.is_some();
    let asked = if fee_is_asked { imposed_fee(terms.amount) } else { 0 };
    let phone_is_busy = match &terms.payer_phone {
        Some(phone) => books::push_waits(tx, phone.as_str(), now).await?,
        None => false,
    };
    let transaction = Transaction {
        transaction_id: world.uuid(),
        order_id: terms.order_id,
        attempt: terms.attempt,
        snap_token: terms.snap_token,
        payment_type: terms.payment_type,
        acquirer: terms.acquirer,
        channel: terms.channel,
        payment_code: terms.channel.map(|channel| channel.number(&world.settings.ids)),
        payer_phone: terms.payer_phone.map(|phone| phone.to_string()),
        amount: terms.amount.saturating_add(asked),
        imposed_fee: if fee_is_imposed { imposed_fee(terms.amount) } else { 0 },
        status: Status::Pending,
        callback_url: terms.callback_url,
        notify_urls: terms.notify_urls,
        transaction_at: now,
        expires_at: terms.expires_at,
        settled_at: None,
        times_settled: 0,
        refunded: 0,
    };
    if !books::insert(tx, &transaction).await? {
        return Ok(None);
    }
    notify::notify(world, tx, &transaction, now).await?;
    // What OVO does with a second push to one phone is not documented. Both wait, which is the harder
    // case for a shop, unless the fault says otherwise; then the answer still says `pending`.
    if phone_is_busy && faults::strike(tx, Target::Midtrans, Fault::SinglePush, occasion).await?.is_some() {
        let denied = Transaction { status: Status::Deny, ..transaction.clone() };
        books::save(tx, &denied).await?;
        notify::notify(world, tx, &denied, now).await?;
    }
    Ok(Some(transaction))
}

/// An order id that was used before.
pub(super) fn duplicate() -> Refusal {
    let text = "The request could not be completed due to a conflict with the current state of the target resource, please try again: duplicate order ID";
    Refusal::new(406, text)
}

/// What "Automatic Fee Imposition" adds, so that the merchant keeps the whole price at a fee of
/// 0.7 %: 10000 becomes 10071.
fn imposed_fee(amount: i64) -> i64 {
    amount.saturating_mul(1_000).saturating_add(992).saturating_div(993).saturating_sub(amount)
}

fn read_terms(body: &Map<String, Value>, incoming: &Incoming, now: Timestamp) -> Result<Terms, Refusal> {
    let payment_type = match read::text(body, "payment_type")? {
        Some("gopay") => PaymentType::Gopay,
        Some("qris") => PaymentType::Qris,
        Some("ovo") => PaymentType::Ovo,
        Some("bank_transfer") => PaymentType::BankTransfer,
        Some("cstore") => PaymentType::Cstore,
        // DANA, too: it has no charge of its own, only Snap (contracts/payments §1.6).
        Some(_) => return Err(Refusal::new(402, "Payment channel is not activated.")),
        None => return Err(Refusal::invalid("payment_type is required")),
    };
    let details = read::details(body)?;
    let order_id = read::order_id(details)?;
    let channel = channel::read(body, payment_type)?;
    let limits = channel.map_or(1..=read::highest(payment_type), Channel::amounts);
    let amount = read::amount(details, &limits)?;
    read::check_items(body, amount)?;
    let payer_phone = match payment_type {
        PaymentType::Ovo => Some(ovo::read_phone(body)?),
        _ => None,
    };
    Ok(Terms {
        order_id: order_id.to_owned(),
        attempt: 1,
        snap_token: None,
        payment_type,
        acquirer: read_acquirer(body, payment_type)?,
        channel,
        payer_phone,
        amount,
        callback_url: read::gopay_callback(body)?,
        notify_urls: read::notify_urls(incoming)?,
        expires_at: read_expiry(body, payment_type, now)?,
    })
}

fn read_acquirer(body: &Map<String, Value>, payment_type: PaymentType) -> Result<Option<String>, Refusal> {
    if payment_type != PaymentType::Qris {
        return Ok(None);
    }
    let acquirer = match read::object(body, "qris")? {
        Some(qris) => read::text(qris, "acquirer")?,
        None => None,
    };
    match acquirer.unwrap_or("gopay") {
        known @ ("gopay" | "airpay shopee") => Ok(Some(known.to_owned())),
        _ => Err(Refusal::invalid("qris.acquirer must be gopay or airpay shopee")),
    }
}

fn read_expiry(
    body: &Map<String, Value>,
    payment_type: PaymentType,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let expiry = read::object(body, "custom_expiry")?;
    if payment_type == PaymentType::Ovo {
        // The contract: no custom expiry. Refused rather than ignored, so that a shop which counts on
        // its own expiry hears of it.
        return match expiry {
            Some(_) => Err(Refusal::invalid("custom_expiry is not supported by ovo")),
            None => Ok(now.plus(ovo::EXPIRY)),
        };
    }
    let (default, longest) = match payment_type {
        PaymentType::BankTransfer | PaymentType::Cstore => (channel::DEFAULT_EXPIRY, channel::LONGEST_EXPIRY),
        _ => (DEFAULT_EXPIRY, LONGEST_EXPIRY),
    };
    let Some(expiry) = expiry else {
        return Ok(now.plus(default));
    };
    let unit = read::text(expiry, "unit")?.unwrap_or("minute");
    let duration = read::duration(expiry, "expiry_duration", unit, "custom_expiry")?;
    if !(SHORTEST_EXPIRY..=longest).contains(&duration) {
        return Err(Refusal::invalid(format!(
            "custom_expiry.expiry_duration must be at least 20 seconds and at most {} days",
            longest.as_secs() / 86_400
        )));
    }
    let expires_at = read::start(expiry, "order_time", "custom_expiry", now)?.plus(duration);
    if expires_at <= now {
        return Err(Refusal::invalid("custom_expiry is over already"));
    }
    Ok(expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imposed_fee_is_that_of_the_reported_case() {
        assert_eq!(imposed_fee(10_000), 71);
        assert_eq!(imposed_fee(1), 1);
    }
}
