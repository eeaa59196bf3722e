//! What the buyer does on the page: chooses a method, which makes a transaction; and, as long as nothing
//! is paid and the page lives, chooses again.

use super::books::Checkout;
use crate::{
    midtrans::{
        books::{self, PaymentType, Status, Transaction},
        charge::{self, DEFAULT_EXPIRY, Terms},
        notify,
        ovo::{self, Phone},
    },
    world::World,
};
use database::{Error, WriteTx};
use vocabulary::Timestamp;

/// How often a buyer may choose on one page.
const MOST_TRIES: usize = 50;

/// A method, with what it needs from the buyer.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Ovo(Phone),
    Gopay,
    Dana,
}

/// Why a method cannot be chosen.
#[derive(Debug)]
pub(crate) enum NotChosen {
    /// The page is over, paid, or called off.
    Over,
    /// The merchant does not offer it here.
    NotOffered,
    /// Nobody has this phone number at OVO.
    NotRegistered,
    /// The buyer has chosen too often.
    TooOften,
    /// The books failed.
    Database(Error),
}

impl From<Error> for NotChosen {
    fn from(error: Error) -> Self {
        NotChosen::Database(error)
    }
}

impl Choice {
    fn payment_type(&self) -> PaymentType {
        match self {
            Choice::Ovo(_) => PaymentType::Ovo,
            Choice::Gopay => PaymentType::Gopay,
            Choice::Dana => PaymentType::Dana,
        }
    }

    fn phone(&self) -> Option<&Phone> {
        match self {
            Choice::Ovo(phone) => Some(phone),
            Choice::Gopay | Choice::Dana => None,
        }
    }

    /// Whether this transaction is what the choice asks for, so that a second click asks for nothing new.
    fn is_met_by(&self, t: &Transaction, now: Timestamp) -> bool {
        t.is_acceptable(now)
            && t.payment_type == self.payment_type()
            && t.payer_phone.as_deref() == self.phone().map(Phone::as_str)
    }
}

/// Makes the transaction that the buyer chose. One that waits is called off first.
pub(crate) async fn choose(
    world: &World,
    tx: &mut WriteTx,
    page: &Checkout,
    choice: Choice,
    now: Timestamp,
) -> Result<Transaction, NotChosen> {
    if !page.is_open(now) {
        return Err(NotChosen::Over);
    }
    let payment_type = choice.payment_type();
    if !page.methods.contains(&payment_type) {
        return Err(NotChosen::NotOffered);
    }
    if choice.phone().is_some_and(|phone| !phone.is_registered()) {
        return Err(NotChosen::NotRegistered);
    }
    let tries = books::of_order(tx, &page.order_id).await?;
    if let Some(same) = tries.iter().find(|t| choice.is_met_by(t, now)) {
        return Ok(same.clone());
    }
    if tries.len() >= MOST_TRIES {
        return Err(NotChosen::TooOften);
    }
    call_off_waiting(world, tx, &tries, now).await?;
    let terms = Terms {
        order_id: page.order_id.clone(),
        attempt: tries.first().map_or(0, |newest| newest.attempt).saturating_add(1),
        snap_token: Some(page.token.clone()),
        payment_type,
        acquirer: None,
        channel: None,
        payer_phone: choice.phone().cloned(),
        amount: page.amount,
        callback_url: match payment_type {
            PaymentType::Gopay => page.gopay_callback_url.clone(),
            PaymentType::Dana => page.dana_callback_url.clone(),
            PaymentType::Ovo | PaymentType::Qris | PaymentType::BankTransfer | PaymentType::Cstore => None,
        },
        notify_urls: page.notify_urls.clone(),
        expires_at: match payment_type {
            PaymentType::Ovo => now.plus(ovo::EXPIRY),
            _ => page.pay_by.unwrap_or_else(|| now.plus(DEFAULT_EXPIRY)),
        },
    };
    // Another transaction of this try's number cannot be: the world has one writer.
    charge::open(world, tx, terms, now).await?.ok_or(NotChosen::TooOften)
}

/// Calls off what still waits for a buyer, because something else was chosen or paid instead.
pub(crate) async fn call_off_waiting(
    world: &World,
    tx: &mut WriteTx,
    tries: &[Transaction],
    now: Timestamp,
) -> Result<(), Error> {
    for waiting in tries.iter().filter(|t| t.status == Status::Pending) {
        let cancelled = Transaction { status: Status::Cancel, ..waiting.clone() };
        books::save(tx, &cancelled).await?;
        notify::notify(world, tx, &cancelled, now).await?;
    }
    Ok(())
}
