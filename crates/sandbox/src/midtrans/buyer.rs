//! What the buyer does to a transaction or on a Snap page, and what a reference means.

use super::{
    books::{self, PaymentType, Status, Transaction},
    notify,
    ovo::Phone,
    qr,
    snap::{self, Checkout, Choice, NotChosen},
};
use crate::{
    buyer::{Outcome, id_in_url},
    world::World,
};
use database::{Error, ReadTx, WriteTx};
use vocabulary::{OrderNumber, Timestamp};

/// The phone of a buyer who was not told which.
const SOMEBODY: &str = "081200000000";

/// What the buyer chooses on a Snap page on which nothing waits yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// The method; the first one that the page offers when nobody says.
    pub(crate) method: Option<PaymentType>,
    /// The phone for OVO; some number when nobody says.
    pub(crate) phone: Option<Phone>,
}

/// What a reference may mean.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Newest first.
    pub(crate) transactions: Vec<Transaction>,
    /// Newest first.
    pub(crate) pages: Vec<Checkout>,
}

/// Does what the buyer would do, and lets Midtrans tell the merchant.
pub(crate) async fn settle(
    world: &World,
    tx: &mut WriteTx,
    mut transaction: Transaction,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Transaction, Error> {
    transaction.status = match outcome {
        Outcome::Settle => Status::Settlement,
        Outcome::Deny | Outcome::Reverse => Status::Deny,
        Outcome::Expire => Status::Expire,
    };
    if outcome == Outcome::Settle {
        transaction.settled_at = Some(now);
        transaction.times_settled = transaction.times_settled.saturating_add(1);
    } else if outcome == Outcome::Reverse {
        transaction.settled_at = None;
        transaction.times_settled = transaction.times_settled.saturating_sub(1);
    }
    books::save(tx, &transaction).await?;
    notify::notify(world, tx, &transaction, now).await?;
    if let Some(token) = transaction.snap_token.as_ref().filter(|_| outcome == Outcome::Settle) {
        // A page takes one payment: what was tried beside it is called off.
        let tries = books::of_order(tx, &transaction.order_id).await?;
        snap::call_off_waiting(world, tx, &tries, now).await?;
        snap::close(tx, token, now).await?;
    }
    Ok(transaction)
}

/// Opens a Snap page and chooses, as a buyer would before paying.
pub(crate) async fn choose(
    world: &World,
    tx: &mut WriteTx,
    page: &Checkout,
    chosen: &Chosen,
    now: Timestamp,
) -> Result<Transaction, NotChosen> {
    let wanted = chosen.method.or_else(|| page.methods.first().copied());
    let choice = match wanted {
        Some(PaymentType::Ovo) => chosen.phone.clone().or_else(|| SOMEBODY.parse().ok()).map(Choice::Ovo),
        Some(PaymentType::Gopay) => Some(Choice::Gopay),
        Some(PaymentType::Dana) => Some(Choice::Dana),
        Some(PaymentType::Qris | PaymentType::BankTransfer | PaymentType::Cstore) | None => None,
    };
    match choice {
        Some(choice) => snap::choose(world, tx, page, choice, now).await,
        None => Err(NotChosen::NotOffered),
    }
}

/// The transactions and pages that a reference may mean: an order number, an order id, a transaction id, the
/// token of a Snap page, a number that is paid to, the text of a QR code, or the URL of a page of the wallet or
/// of Snap.
pub(crate) async fn candidates(tx: &mut ReadTx, reference: &str) -> Result<Candidates, Error> {
    let scanned = qr::transaction_of(reference);
    let id = scanned.as_deref().or_else(|| id_in_url(reference)).unwrap_or(reference);
    if let Some(page) = snap::page(tx, id).await? {
        let transactions = books::of_order(tx, &page.order_id).await?;
        return Ok(Candidates { transactions, pages: vec![page] });
    }
    let pages: Vec<Checkout> = snap::page_of_order(tx, id).await?.into_iter().collect();
    match books::find(tx, id).await? {
        Some(transaction) if transaction.transaction_id == id => {
            Ok(Candidates { transactions: vec![transaction], pages: Vec::new() })
        }
        Some(_) => Ok(Candidates { transactions: books::of_order(tx, id).await?, pages }),
        None if !pages.is_empty() => Ok(Candidates { transactions: Vec::new(), pages }),
        None => match reference.parse::<OrderNumber>() {
            Ok(number) => Ok(Candidates {
                transactions: books::of_number(tx, number.as_str()).await?,
                pages: snap::pages_of_number(tx, number.as_str()).await?,
            }),
            Err(_) => {
                Ok(Candidates { transactions: books::of_code(tx, reference).await?, pages: Vec::new() })
            }
        },
    }
}
