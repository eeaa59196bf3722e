//! How an unpaid order is paid: choosing another method, giving the wallet's phone number, pushing
//! once more. The old payment is closed at its gateway; if money comes in for both all the same, the
//! first pays the order and the second becomes store credit.

use crate::{
    Bill, Order, OrderKind, OrderState, Shop,
    act::{Cause, admit, admit_over},
    methods::NoRail,
    order,
    timeline::{self, TimelineEntry},
};
use database::{Error, WriteTx};
use payments::{Closing, Payment, PaymentState, StoredPhone};
use security::VaultError;
use std::time::Duration;
use vocabulary::{Actor, BuyerId, OrderNumber, PaymentMethod, PhoneNumber, Rupiah, Secret, Timestamp};

/// How many payments one order may have: enough for somebody who changes their mind, not for
/// somebody who sends pushes to a stranger's phone.
const MOST_PAYMENTS: usize = 8;
/// How many new payments one order may have within [`SOON`].
const MOST_SOON: usize = 4;
const SOON: Duration = Duration::from_secs(120);
/// How many payments one order may have with those that were given up, which are no buyer's fault.
const MOST_ALTOGETHER: usize = 24;
/// How many payments are opened by themselves in the place of one that was given up. A gateway that is down
/// is not asked more often than its buyers ask for it.
const MOST_REPLACED: usize = 1;
/// How long the one that takes its place waits: a gateway that just failed gets a moment.
const REPLACED_AFTER: Duration = Duration::from_secs(5);
/// The line of the timeline that tells of a payment that was given up, with its reference.
const GIVEN_UP: &str = "payment_given_up";
/// The line of the timeline that tells of a payment in whose place one over another gateway stands, with its
/// reference.
pub(crate) const MOVED: &str = "payment_moved";

/// The line of the timeline that tells of a payment that nobody may be shown, with its reference.
pub(crate) const UNFIT: &str = "payment_unfit";
/// In the timeline: a payment can be paid, by the method that stands with it.
pub(crate) const OPENED: &str = "payment_opened";

/// How the buyer wants to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayToPay {
    /// The method.
    pub method: PaymentMethod,
    /// The buyer's number with the wallet, for methods that need one. It may be given later.
    pub phone: Option<PhoneNumber>,
    /// Whether the number is remembered for the buyer's next order.
    pub remember_phone: bool,
    /// Whether the number that the buyer asked us to remember is used.
    pub use_remembered_phone: bool,
}

impl WayToPay {
    /// By this method, with no number given.
    pub fn by(method: PaymentMethod) -> Self {
        WayToPay { method, phone: None, remember_phone: false, use_remembered_phone: false }
    }
}

/// Why the order is not paid in this way. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// No such order, or not this caller's.
    #[error("there is no such order")]
    UnknownOrder,
    /// It is not waiting to be paid (any more).
    #[error("order {number} is {state}: it cannot be paid in another way")]
    NotPayable {
        /// The order.
        number: OrderNumber,
        /// Where it stands.
        state: OrderState,
    },
    /// Nobody collects by this method here.
    #[error("payment by {0} is not available")]
    MethodUnavailable(PaymentMethod),
    /// The method does not carry what the order costs.
    #[error("{} cannot be paid by {method}", .bill.amount)]
    NotForAmount {
        /// The method.
        method: PaymentMethod,
        /// What the order costs.
        bill: Bill,
    },
    /// Whoever collects by this method fails at the moment and is left alone for a while.
    #[error("payment by {0} does not work at the moment")]
    MethodResting(PaymentMethod),
    /// Too little time is left for this method.
    #[error("too little time is left to pay by {0}")]
    TooLate(PaymentMethod),
    /// Too many payments were opened for the order, or too many within two minutes.
    #[error("too many payments were opened for this order; use one that is open, or order again")]
    TooMany,
    /// It was to be paid with store credit, which was counted when it was paid in. Paid in this way it goes beyond what
    /// its buyer may pay within the day before a person looks.
    #[error("paid in this way the order goes beyond what its buyer may pay today before a person looks")]
    BeyondDailyLimit,
    /// No number is remembered.
    #[error("no phone number is remembered")]
    NothingRemembered,
    /// Not enough store credit.
    #[error("the wallet holds {balance}, the order costs {amount}")]
    WalletNotEnough {
        /// What there is.
        balance: Rupiah,
        /// What is needed.
        amount: Rupiah,
    },
    /// The database refused; the same request may be sent again.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Shop {
    /// Pays an order of `owner`'s in another way. Asking twice for the same changes nothing.
    ///
    /// # Errors
    /// Why not; nothing was changed.
    pub async fn pay_by(&self, number: &OrderNumber, owner: &str, way: &WayToPay) -> Result<(), PayError> {
        let mut tx = self.db.write("order.pay_by").await?;
        let found = order::locked_by_number(&mut tx, number).await?;
        let order = found.filter(|o| o.owner == owner).ok_or(PayError::UnknownOrder)?;
        self.choose(tx, order, way).await
    }

    /// Pays the order whose pay page has this token in another way.
    ///
    /// # Errors
    /// Why not; nothing was changed.
    pub async fn pay_by_token(&self, token: &str, way: &WayToPay) -> Result<(), PayError> {
        let mut tx = self.db.write("order.pay_by").await?;
        let found = order::order_by_token(&mut tx, token).await?.ok_or(PayError::UnknownOrder)?;
        let order = order::locked(&mut tx, &found.id).await?.ok_or(PayError::UnknownOrder)?;
        self.choose(tx, order, way).await
    }

    /// Sends a push once more to the number that it went to, for the order whose pay page has this
    /// token. While one is on its way or open, nothing is sent.
    ///
    /// # Errors
    /// Why not; nothing was changed. [`PayError::NothingRemembered`] when none was sent before.
    pub async fn push_again_by_token(&self, token: &str) -> Result<(), PayError> {
        let mut tx = self.db.write("order.pay_by").await?;
        let found = order::order_by_token(&mut tx, token).await?.ok_or(PayError::UnknownOrder)?;
        let order = order::locked(&mut tx, &found.id).await?.ok_or(PayError::UnknownOrder)?;
        let payments = payments::payments_of_order(&mut tx, &order.id).await?;
        let sent = payments.iter().rev().find_map(|p| p.phone.as_ref().map(|phone| (p.method, phone)));
        let (method, phone) = sent.ok_or(PayError::NothingRemembered)?;
        let phone = self.open_phone(&order.buyer, phone)?;
        self.choose(tx, order, &WayToPay { phone: Some(phone), ..WayToPay::by(method) }).await
    }

    /// The mask of the wallet's number that this buyer asked us to remember.
    pub async fn remembered_phone_mask(&self, buyer: &BuyerId) -> Result<Option<String>, Error> {
        let mut tx = self.db.read("phone.remembered").await?;
        Ok(payments::remembered_phone(&mut tx, buyer).await?.map(|phone| phone.mask))
    }

    /// Forgets the wallet's number of this buyer. True when there was one.
    pub async fn forget_phone(&self, buyer: &BuyerId) -> Result<bool, Error> {
        let mut tx = self.db.write("phone.forget").await?;
        let gone = payments::forget_phone(&mut tx, buyer).await?;
        tx.commit().await?;
        Ok(gone)
    }

    async fn choose(&self, mut tx: WriteTx, mut order: Order, way: &WayToPay) -> Result<(), PayError> {
        let now = self.clock.now();
        let over = order.pay_by.is_some_and(|until| now >= until);
        if order.state != OrderState::AwaitingPayment || over {
            let waits = order.state == OrderState::AwaitingPayment;
            let state = if waits { OrderState::Expired } else { order.state };
            return Err(PayError::NotPayable { number: order.number.clone(), state });
        }
        let phone = self.phone_for(&mut tx, &order, way).await?;
        let payments = payments::payments_of_order(&mut tx, &order.id).await?;
        let standing = payments.last().filter(|p| p.is_live() && p.method == way.method);
        if let Some(standing) = standing {
            match &phone {
                Some(phone) if standing.waits_for_phone() => {
                    let stored = self.seal_phone(&order.buyer, phone)?;
                    payments::give_phone(&mut tx, &standing.id, &stored, now).await?;
                    self.keep_phone(&mut tx, &order, way, &stored, now).await?;
                    tx.commit().await?;
                }
                // It is open, or on its way: nothing is pushed twice.
                _ => {}
            }
            return Ok(());
        }
        self.may_open(&mut tx, &order, &payments, way.method, now).await?;
        let actor = Actor::buyer(&order.buyer);
        if let (Some(phone), true) = (&phone, way.method.needs_phone()) {
            let stored = self.seal_phone(&order.buyer, phone)?;
            self.keep_phone(&mut tx, &order, way, &stored, now).await?;
        }
        payments::close_all(&mut tx, &order.id, Closing::Cancel, now).await?;
        order.method = way.method;
        let line = ("method_chosen", Some(way.method.as_str()));
        timeline::append(&mut tx, &self.ids, now, (&order.id, order.state), line).await?;
        let phone = phone.filter(|_| way.method.needs_phone());
        admit(self, &mut tx, &mut order, phone.as_ref(), Cause::by(&actor)).await.map_err(Error::from)?;
        tx.commit().await?;
        tracing::info!(order.number = %order.number, payment.method = %way.method, "order {} is to be paid by {}", order.number, way.method);
        Ok(())
    }

    async fn may_open(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        payments: &[Payment],
        method: PaymentMethod,
        now: Timestamp,
    ) -> Result<(), PayError> {
        if method == PaymentMethod::Wallet {
            // Credit cannot be paid into credit.
            if order.kind == OrderKind::Deposit {
                return Err(PayError::MethodUnavailable(method));
            }
            let balance = ledger::balance_locked(tx, &order.buyer).await?;
            if balance < order.amount {
                return Err(PayError::WalletNotEnough { balance, amount: order.amount });
            }
        } else {
            self.see_circuits(tx).await?;
            self.rail(method, order.bill(), order.pay_by).map_err(|why| match why {
                NoRail::NotOffered => PayError::MethodUnavailable(method),
                NoRail::NotForAmount => PayError::NotForAmount { method, bill: order.bill() },
                NoRail::Resting => PayError::MethodResting(method),
                NoRail::TooLate => PayError::TooLate(method),
            })?;
            if order.method == PaymentMethod::Wallet && self.beyond_daily_limit(tx, order).await? {
                return Err(PayError::BeyondDailyLimit);
            }
        }
        let lines = timeline::timeline(tx, &order.id).await?;
        let not_theirs = [told_of(&lines, GIVEN_UP), told_of(&lines, MOVED), told_of(&lines, UNFIT)].concat();
        let own = || payments.iter().filter(|p| !not_theirs.contains(&p.reference.to_string()));
        let soon = own().filter(|p| p.created_at > now.minus(SOON)).count();
        let too_many = own().count() >= MOST_PAYMENTS || payments.len() >= MOST_ALTOGETHER;
        if too_many || soon >= MOST_SOON { Err(PayError::TooMany) } else { Ok(()) }
    }

    async fn phone_for(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        way: &WayToPay,
    ) -> Result<Option<PhoneNumber>, PayError> {
        if way.phone.is_some() || !way.use_remembered_phone {
            return Ok(way.phone.clone());
        }
        let stored =
            payments::remembered_phone(tx, &order.buyer).await?.ok_or(PayError::NothingRemembered)?;
        Ok(Some(self.open_phone(&order.buyer, &stored)?))
    }

    async fn keep_phone(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        way: &WayToPay,
        stored: &StoredPhone,
        now: Timestamp,
    ) -> Result<(), Error> {
        if way.remember_phone && !way.use_remembered_phone {
            payments::remember_phone(tx, &order.buyer, stored, now).await?;
        }
        Ok(())
    }

    /// The number as it is stored with a payment of this order.
    pub(crate) fn stored_phone(
        &self,
        order: &Order,
        phone: Option<&PhoneNumber>,
    ) -> Result<Option<StoredPhone>, Error> {
        phone.map(|phone| self.seal_phone(&order.buyer, phone)).transpose()
    }

    fn seal_phone(&self, buyer: &BuyerId, phone: &PhoneNumber) -> Result<StoredPhone, Error> {
        let sealed = self.vault.seal(&purpose(buyer), &Secret::new(phone.local())).map_err(vault_error)?;
        Ok(StoredPhone { sealed, mask: phone.mask() })
    }

    /// The number itself, for the gateway and nobody else.
    pub(crate) fn open_phone(&self, buyer: &BuyerId, stored: &StoredPhone) -> Result<PhoneNumber, Error> {
        let opened = self.vault.open(&purpose(buyer), &stored.sealed).map_err(vault_error)?;
        PhoneNumber::parse(opened.expose())
            .map_err(|e| Error::Column { column: "phone_sealed".into(), reason: e.to_string() })
    }
}

/// Another payment by the same method in the place of one that was given up, which the timeline tells,
/// while its order waits for it: once. After that it is for the buyer to try again, or in another way.
pub(crate) async fn open_another(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    latest: &Payment,
    actor: &Actor,
) -> Result<(), Error> {
    if order.state != OrderState::AwaitingPayment || order.method != latest.method {
        return Ok(());
    }
    let payments = payments::payments_of_order(tx, &order.id).await?;
    let is_latest = payments.last().is_some_and(|p| p.id == latest.id);
    let lines = timeline::timeline(tx, &order.id).await?;
    if !is_latest || told_of(&lines, GIVEN_UP).len() > MOST_REPLACED {
        return Ok(());
    }
    // Over the same gateway: what became of the lost one is not known, so nothing of it moves elsewhere.
    let over = Some(latest.gateway.as_str());
    admit_over(shop, tx, order, (None, over), Cause::by(actor)).await.map_err(Error::from)?;
    payments::put_off(tx, &order.id, shop.clock.now().plus(REPLACED_AFTER)).await?;
    Ok(())
}

/// The gateway that may open a payment in the place of one that was certainly not opened, if there is one: it
/// carries this order by the same method, works, and was not tried for it before.
pub(crate) async fn next_rail(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    unopened: &Payment,
) -> Result<Option<String>, Error> {
    if unopened.closing.is_some() || unopened.waits_for_phone() {
        return Ok(None);
    }
    untried_rail(shop, tx, order, unopened).await
}

/// The same in the place of one that nobody was shown, once its gateway has closed it for certain.
pub(crate) async fn rail_after_unfit(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    closed: &Payment,
) -> Result<Option<String>, Error> {
    let is_certain =
        closed.due_at.is_none() && matches!(closed.state, PaymentState::Cancelled | PaymentState::Expired);
    if !is_certain {
        return Ok(None);
    }
    let lines = timeline::timeline(tx, &order.id).await?;
    if !told_of(&lines, UNFIT).contains(&closed.reference.to_string()) {
        return Ok(None);
    }
    untried_rail(shop, tx, order, closed).await
}

async fn untried_rail(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    unopened: &Payment,
) -> Result<Option<String>, Error> {
    if order.state != OrderState::AwaitingPayment || order.method != unopened.method {
        return Ok(None);
    }
    let payments = payments::payments_of_order(tx, &order.id).await?;
    let is_latest = payments.last().is_some_and(|p| p.id == unopened.id);
    if !is_latest || payments.len() >= MOST_ALTOGETHER {
        return Ok(None);
    }
    shop.see_circuits(tx).await?;
    let tried = |gateway: &str| payments.iter().any(|p| p.method == order.method && p.gateway == gateway);
    let rails = shop.rails(order.method, order.bill());
    let mut left = rails.into_iter().filter(|gateway| {
        !tried(gateway.name())
            && shop.has_time(gateway.as_ref(), order.method, order.pay_by)
            && shop.rests_until(gateway.as_ref(), order.method).is_none()
    });
    Ok(left.next().map(|gateway| gateway.name().to_owned()))
}

/// Opens a payment over this gateway in the place of one that was certainly not opened and has ended, with the
/// number that was given for it.
pub(crate) async fn move_over(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    (unopened, gateway): (&Payment, &str),
    actor: &Actor,
) -> Result<(), Error> {
    let reference = unopened.reference.to_string();
    let line = (MOVED, Some(reference.as_str()));
    timeline::append(tx, &shop.ids, shop.clock.now(), (&order.id, order.state), line).await?;
    let phone = match &unopened.phone {
        Some(stored) => Some(shop.open_phone(&order.buyer, stored)?),
        None => None,
    };
    admit_over(shop, tx, order, (phone.as_ref(), Some(gateway)), Cause::by(actor)).await.map_err(Error::from)
}

/// References of the order's payments of which lines of this kind tell.
fn told_of(lines: &[TimelineEntry], kind: &str) -> Vec<String> {
    lines.iter().filter(|line| line.kind == kind).filter_map(|line| line.detail.clone()).collect()
}

fn purpose(buyer: &BuyerId) -> String {
    format!("phone:{buyer}")
}

fn vault_error(error: VaultError) -> Error {
    Error::Column { column: "phone_sealed".into(), reason: error.to_string() }
}
