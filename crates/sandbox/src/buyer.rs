//! Acting as the buyer in a wallet app, whichever gateway the payment is at: paying, declining, or letting the
//! time pass.

use crate::{
    dana,
    midtrans::{
        self, Candidates, Chosen,
        snap::{Checkout, NotChosen},
    },
    worker,
    world::World,
    xendit,
};
use database::{Error, ReadTx, WriteTx};
use std::{cmp::Reverse, time::Duration};
use tokio::time::Instant;
use vocabulary::{OrderNumber, Timestamp};

/// How long a payment that is on its way is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked for when nothing is committed here.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

vocabulary::text_enum!(
    /// What the buyer does.
    pub(crate) enum Outcome {
        /// Pays.
        Settle = "settle",
        /// Declines.
        Deny = "deny",
        /// Does nothing until the time is over.
        Expire = "expire",
        /// Takes the money back at the till, within the minute: what was settled is denied.
        Reverse = "reverse",
    }
);

/// When a payment may be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acted {
    /// While it is pending, as in the app.
    WhilePending,
    /// Also after its time was over: a payment that the wallet's side books late.
    Late,
}

/// A payment at one of the gateways.
#[derive(Clone, Debug)]
pub(crate) enum Payment {
    /// A transaction of Midtrans'.
    Midtrans(midtrans::Transaction),
    /// An order of DANA's.
    Dana(dana::Order),
    /// A charge of Xendit's.
    Xendit(xendit::Charge),
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It waits for the buyer.
    Open,
    /// It was not paid in time, or was called off: the wallet may book it late.
    Over,
    /// It is past that.
    Final,
}

/// Why the buyer cannot act.
#[derive(Debug)]
pub(crate) enum NotPayable {
    /// No such payment, and none came.
    Unknown,
    /// The push is gone from the phone; the transaction expires soon.
    TooLate(Box<midtrans::Transaction>),
    /// A Snap page is there, but what was chosen on it cannot be.
    NotChosen(Box<Checkout>, NotChosen),
    /// It is not waiting for the buyer.
    Final(Box<Payment>),
    /// Nothing was paid at a till that could be taken back.
    NotTakenBack(Box<Payment>),
    /// The books failed.
    Database(Error),
}

impl From<Error> for NotPayable {
    fn from(error: Error) -> Self {
        NotPayable::Database(error)
    }
}

enum Found {
    Payable(Box<Payment>),
    /// A Snap page that is open, and nothing that waits.
    Page(Box<Checkout>),
    /// Only such as cannot be acted on; another may be on its way.
    Final(Box<Payment>),
    Nothing,
}

impl Payment {
    /// The merchant's reference.
    pub(crate) fn order_id(&self) -> &str {
        match self {
            Payment::Midtrans(t) => &t.order_id,
            Payment::Dana(o) => &o.partner_reference_no,
            Payment::Xendit(x) => &x.reference_id,
        }
    }

    /// The gateway's own reference.
    pub(crate) fn id(&self) -> &str {
        match self {
            Payment::Midtrans(t) => &t.transaction_id,
            Payment::Dana(o) => &o.reference_no,
            Payment::Xendit(x) => &x.id,
        }
    }

    /// The gateway's word for where it stands.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Payment::Midtrans(t) => t.status.as_str(),
            Payment::Dana(o) => o.status.as_str(),
            Payment::Xendit(x) => x.status.as_str(),
        }
    }

    /// Whole rupiah.
    pub(crate) fn amount(&self) -> i64 {
        match self {
            Payment::Midtrans(t) => t.amount,
            Payment::Dana(o) => o.amount,
            Payment::Xendit(x) => x.amount,
        }
    }

    /// Whether the buyer ever paid it.
    pub(crate) fn was_paid(&self) -> bool {
        match self {
            Payment::Midtrans(t) => t.times_settled > 0,
            Payment::Dana(o) => o.times_paid > 0,
            Payment::Xendit(x) => x.times_paid > 0,
        }
    }

    /// Whether it is still with the buyer, who may have missed the moment to act.
    pub(crate) fn waits(&self) -> bool {
        self.standing() == Standing::Open
    }

    /// Until when the buyer can act.
    pub(crate) fn acceptable_until(&self) -> Timestamp {
        match self {
            Payment::Midtrans(t) => t.acceptable_until(),
            Payment::Dana(o) => o.expires_at,
            Payment::Xendit(x) => x.acceptable_until(),
        }
    }

    /// Whether a buyer who looks now can pay or decline.
    pub(crate) fn is_acceptable(&self, now: Timestamp) -> bool {
        self.waits() && now < self.acceptable_until()
    }

    /// Whether a till can take it back.
    fn is_reversible(&self) -> bool {
        match self {
            Payment::Midtrans(t) => t.is_reversible(),
            Payment::Dana(_) | Payment::Xendit(_) => false,
        }
    }

    fn made_at(&self) -> Timestamp {
        match self {
            Payment::Midtrans(t) => t.transaction_at,
            Payment::Dana(o) => o.created_at,
            Payment::Xendit(x) => x.created_at,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Payment::Midtrans(t) => match t.status {
                midtrans::Status::Pending => Standing::Open,
                midtrans::Status::Expire | midtrans::Status::Cancel => Standing::Over,
                _ => Standing::Final,
            },
            Payment::Dana(o) => match o.status {
                dana::Status::Init => Standing::Open,
                dana::Status::Closed | dana::Status::Cancelled => Standing::Over,
                dana::Status::Success => Standing::Final,
            },
            Payment::Xendit(x) => match x.status {
                // One that has ended stays so although it was paid.
                _ if x.times_paid > 0 => Standing::Final,
                xendit::Status::Pending => Standing::Open,
                xendit::Status::Expired | xendit::Status::Canceled | xendit::Status::Failed => Standing::Over,
                xendit::Status::Succeeded | xendit::Status::Voided => Standing::Final,
            },
        }
    }

    async fn settle(
        self,
        world: &World,
        tx: &mut WriteTx,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Payment, Error> {
        match self {
            Payment::Midtrans(t) => midtrans::settle(world, tx, t, outcome, now).await.map(Payment::Midtrans),
            Payment::Dana(o) => dana::settle(world, tx, o, outcome, now).await.map(Payment::Dana),
            Payment::Xendit(x) => xendit::settle(world, tx, x, outcome, now).await.map(Payment::Xendit),
        }
    }
}

/// Does what the buyer would do, and lets the gateway tell the merchant. The reference may be an order number,
/// any reference that a gateway knows, the token of a Snap page, a number that is paid to, the text of a QR
/// code, or the URL of a page that a buyer is sent to.
pub(crate) async fn act_as_buyer(
    world: &World,
    reference: &str,
    outcome: Outcome,
    acted: Acted,
    chosen: Chosen,
) -> Result<Payment, NotPayable> {
    let deadline = Instant::now() + PATIENCE;
    let mut commits = world.db.commits();
    loop {
        commits.mark_unchanged();
        let mut tx = world.db.write("world.pay").await?;
        let now = world.now();
        worker::catch_up(world, &mut tx, now).await?;
        let looking = Looking { outcome, acted, now };
        let payable = match look_up(&mut tx, reference, looking).await? {
            Found::Payable(payment) => Ok(*payment),
            Found::Page(page) => match midtrans::choose(world, &mut tx, &page, &chosen, now).await {
                Ok(transaction) => Ok(Payment::Midtrans(transaction)),
                Err(NotChosen::Database(error)) => return Err(error.into()),
                Err(why) => return Err(NotPayable::NotChosen(page, why)),
            },
            Found::Final(payment) => Err(Some(payment)),
            Found::Nothing => Err(None),
        };
        let found = match payable {
            Ok(payment) => {
                let payment = payment.settle(world, &mut tx, outcome, now).await?;
                tx.commit().await?;
                world.wake.notify_one();
                return Ok(payment);
            }
            Err(found) => found,
        };
        drop(tx);
        if let Some(payment) = found
            && (Instant::now() >= deadline || !may_be_replaced(&payment, reference))
        {
            return Err(match *payment {
                payment if outcome == Outcome::Reverse => NotPayable::NotTakenBack(Box::new(payment)),
                Payment::Midtrans(t) if t.status == midtrans::Status::Pending => {
                    NotPayable::TooLate(Box::new(t))
                }
                payment => NotPayable::Final(Box::new(payment)),
            });
        }
        if Instant::now() >= deadline {
            return Err(NotPayable::Unknown);
        }
        // Looks again when something was written, and now and then in any case.
        let _ = tokio::time::timeout(LOOK_AGAIN, commits.changed()).await;
    }
}

/// The payment with this reference of its gateway's own.
pub(crate) async fn find(tx: &mut ReadTx, id: &str) -> Result<Option<Payment>, Error> {
    let transaction = midtrans::find(tx, id).await?.filter(|t| t.transaction_id == id);
    if let Some(transaction) = transaction {
        return Ok(Some(Payment::Midtrans(transaction)));
    }
    if let Some(order) = dana::find(tx, id).await?.filter(|o| o.reference_no == id) {
        return Ok(Some(Payment::Dana(order)));
    }
    Ok(xendit::find(tx, id).await?.map(Payment::Xendit))
}

/// What waits for a buyer at any gateway, newest first.
pub(crate) async fn waiting(tx: &mut ReadTx) -> Result<Vec<Payment>, Error> {
    let (transactions, orders) = (midtrans::waiting(tx).await?, dana::waiting(tx).await?);
    Ok(newest_first(transactions, orders, xendit::waiting(tx).await?))
}

/// The last word of a URL's path.
pub(crate) fn id_in_url(reference: &str) -> Option<&str> {
    let rest = reference.strip_prefix("http://").or_else(|| reference.strip_prefix("https://"))?;
    let path = rest.split(['?', '#']).next()?;
    path.rsplit('/').next().filter(|id| !id.is_empty())
}

/// What somebody wants to do, and when.
#[derive(Clone, Copy)]
struct Looking {
    outcome: Outcome,
    acted: Acted,
    now: Timestamp,
}

impl Looking {
    /// Whether it can be done to a payment that waits. Letting the time pass needs no push that is still on
    /// the phone, and money that is late comes without one.
    fn reaches(self, payment: &Payment) -> bool {
        self.outcome == Outcome::Expire || self.acted == Acted::Late || payment.is_acceptable(self.now)
    }
}

/// A payment that waits first, and of several the newest; then a page to choose on; one that is over only when
/// nothing else can be paid.
async fn look_up(tx: &mut ReadTx, reference: &str, looking: Looking) -> Result<Found, Error> {
    let Candidates { transactions, pages } = midtrans::candidates(tx, reference).await?;
    let orders = dana::candidates(tx, reference).await?;
    let payments = newest_first(transactions, orders, xendit::candidates(tx, reference).await?);
    if looking.outcome == Outcome::Reverse {
        let paid = payments.iter().find(|payment| payment.is_reversible());
        return Ok(match (paid, payments.first()) {
            (Some(paid), _) => Found::Payable(Box::new(paid.clone())),
            (None, Some(other)) => Found::Final(Box::new(other.clone())),
            (None, None) => Found::Nothing,
        });
    }
    if let Some(waiting) = payments.iter().find(|payment| payment.waits() && looking.reaches(payment)) {
        return Ok(Found::Payable(Box::new(waiting.clone())));
    }
    // Late money comes for what is over, not by way of a new choice.
    let other = match looking.acted {
        Acted::WhilePending => {
            pages.into_iter().find(|page| page.is_open(looking.now)).map(|page| Found::Page(Box::new(page)))
        }
        Acted::Late => {
            let over = payments.iter().find(|payment| payment.standing() == Standing::Over);
            over.map(|payment| Found::Payable(Box::new(payment.clone())))
        }
    };
    let told = || payments.iter().find(|payment| payment.was_paid()).or(payments.first());
    Ok(other
        .or_else(|| told().map(|payment| Found::Final(Box::new(payment.clone()))))
        .unwrap_or(Found::Nothing))
}

fn newest_first(
    transactions: Vec<midtrans::Transaction>,
    orders: Vec<dana::Order>,
    charges: Vec<xendit::Charge>,
) -> Vec<Payment> {
    let transactions = transactions.into_iter().map(Payment::Midtrans);
    let others = orders.into_iter().map(Payment::Dana).chain(charges.into_iter().map(Payment::Xendit));
    let mut payments: Vec<Payment> = transactions.chain(others).collect();
    // What was made at one moment keeps its gateway's order.
    payments.sort_by_key(|payment| Reverse(payment.made_at()));
    payments
}

/// Whether another payment of the same order may still come: the order was not paid, and the reference names
/// the order rather than one payment.
fn may_be_replaced(payment: &Payment, reference: &str) -> bool {
    !payment.was_paid() && reference.parse::<OrderNumber>().is_ok() && payment.order_id() != reference
}
