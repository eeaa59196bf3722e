//! Money that a buyer puts into the own wallet, by any way to pay: an order without goods. It has everything that
//! an order has until it is paid (limits and risk, one payment after the other, a pay page, its time), and by the
//! same code; once paid, its money goes out of escrow into the wallet, where that of a purchase goes to a supplier.
//! So what comes late, twice or of an odd amount is treated by the rules that there are, and every proof and
//! comparison looks at it.

use crate::{
    Bill, Order, OrderKind, Origin, PlaceError, Placed, Placement, Shop,
    act::{Cause, admit},
    order, origin, place, timeline,
};
use database::{Error, WriteTx, sql};
use security::Action;
use vocabulary::{
    Account, Actor, BuyerId, CategoryCode, IdempotencyKey, Locale, OrderId, OrderNumber, PaymentMethod,
    PhoneNumber, ProductCode, QuoteId, Rupiah, Timestamp,
};

/// What stands where a product has its code.
pub(crate) const CODE: &str = "DEPOSIT";
/// What stands where a product has the account of a player.
const ACCOUNT: &str = "wallet";

/// What somebody wants to put into their wallet.
#[derive(Clone, Debug)]
pub struct Deposit {
    /// Through whom: the API key or channel. Only they see it.
    pub owner: String,
    /// The caller's key, and a hash of what was asked for with it.
    pub key: IdempotencyKey,
    /// Hash of the request that the key belongs to.
    pub request_hash: String,
    /// Whose wallet.
    pub buyer: BuyerId,
    /// How much.
    pub amount: Rupiah,
    /// How it is paid.
    pub method: PaymentMethod,
    /// The buyer's number with the wallet app, for methods that need one; it can be given later, too.
    pub phone: Option<PhoneNumber>,
    /// The buyer's language.
    pub locale: Locale,
    /// Where the request came from.
    pub ip: Option<String>,
    /// What else is known of where it comes from.
    pub origin: Origin,
}

/// Why there is no deposit. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DepositError {
    /// Less or more than the owner takes at once.
    #[error("a deposit is {least} to {most}")]
    OutOfBounds {
        /// The least.
        least: Rupiah,
        /// The most.
        most: Rupiah,
    },
    /// The owner takes none.
    #[error("deposits are not taken")]
    NotTaken,
    /// What else keeps an order from being placed.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl From<Error> for DepositError {
    fn from(error: Error) -> Self {
        DepositError::Place(error.into())
    }
}

impl Shop {
    /// The least and the most that a buyer may put into the own wallet at once; `None` where the owner takes no
    /// deposits.
    pub fn deposit_bounds(&self) -> Option<(Rupiah, Rupiah)> {
        let (least, most) = (self.rules.wallet_deposit_least, self.rules.wallet_deposit_most);
        most.is_positive().then_some((least, most))
    }

    /// Whether a buyer may put this much into the own wallet at once.
    ///
    /// # Errors
    /// [`DepositError::NotTaken`] or [`DepositError::OutOfBounds`].
    pub fn takes_deposit(&self, amount: Rupiah) -> Result<(), DepositError> {
        let (least, most) = self.deposit_bounds().ok_or(DepositError::NotTaken)?;
        if amount < least || amount > most { Err(DepositError::OutOfBounds { least, most }) } else { Ok(()) }
    }

    /// Takes a deposit, once for the owner and key. A repeated request gets the first one's.
    ///
    /// # Errors
    /// Why there is none; nothing was changed then.
    pub async fn deposit(&self, deposit: &Deposit) -> Result<Placed, DepositError> {
        // Two requests with one key at the same moment: the loser looks again, and finds it.
        for _ in 0..3 {
            if let Some(placed) = self.try_deposit(deposit).await? {
                return Ok(placed);
            }
        }
        Err(Error::Aborted { transaction: "order.deposit" }.into())
    }

    async fn try_deposit(&self, deposit: &Deposit) -> Result<Option<Placed>, DepositError> {
        let placement = deposit.as_placement()?;
        let mut tx = self.db.write("order.deposit").await?;
        if let Some(placed) = place::replayed(&mut tx, &placement).await? {
            return Ok(Some(placed));
        }
        self.takes_deposit(deposit.amount)?;
        // Credit cannot be paid into credit.
        if deposit.method == PaymentMethod::Wallet {
            return Err(PlaceError::MethodUnavailable(deposit.method).into());
        }
        self.see_circuits(&mut tx).await?;
        self.payable_by(deposit.method, Bill::without_goods(deposit.amount))?;
        let now = self.clock.now();
        let assessment = self.assess(&mut tx, &placement, deposit.amount, now).await?;
        // Money of somebody else's is deposited as easily as it is spent.
        let assessment = assessment.with(self.signals_of_deposit(&deposit.origin, deposit.amount, now));
        let assessment = self.within_daily_limit(&mut tx, &placement, deposit.amount, assessment).await?;
        let (state, hold_until, pay_by) = self.begins_as(assessment.action, now);
        let quote = store_quote(&mut tx, self, deposit.amount, pay_by.or(hold_until).unwrap_or(now)).await?;
        let mut new = Order {
            id: OrderId::new(&self.ids, now),
            kind: OrderKind::Deposit,
            number: OrderNumber::new(&self.ids),
            pay_token: self.ids.token(),
            state,
            attention: None,
            owner: deposit.owner.clone(),
            buyer: deposit.buyer.clone(),
            quote,
            product: placement.product.clone(),
            product_name: name(deposit.locale).to_owned(),
            category: parsed::<CategoryCode>(CODE)?,
            account: Account::new(ACCOUNT, None).map_err(|error| broken(&error))?,
            supplier: String::new(),
            supplier_sku: String::new(),
            customer_no: String::new(),
            amount: deposit.amount,
            cost: deposit.amount,
            method: deposit.method,
            locale: deposit.locale,
            risk_score: assessment.score,
            risk_action: assessment.action,
            risk_findings: assessment.findings.clone(),
            serial_number: None,
            placed_at: now,
            hold_until,
            pay_by,
            paid_at: None,
            delivered_at: None,
            updated_at: now,
            due_at: hold_until.or(pay_by),
            fence: 0,
            waits_for: None,
        };
        match self.cap_unpaid(&mut tx, &placement, &new).await {
            Ok(()) => {}
            // While it waited to count, the same request may have been first: then its deposit is one of those.
            Err(refused @ PlaceError::TooManyUnpaid(_)) => {
                return Ok(Some(place::replayed(&mut tx, &placement).await?.ok_or(refused)?));
            }
            Err(error) => return Err(error.into()),
        }
        let actor = Actor::buyer(&deposit.buyer);
        order::insert(&mut tx, &new, deposit.ip.as_deref()).await?;
        origin::keep(&mut tx, &new.id, &deposit.origin).await?;
        if !place::remember_key(&mut tx, &placement, &new.id, now).await? {
            return Ok(None);
        }
        timeline::append(&mut tx, &self.ids, now, (&new.id, new.state), ("placed", None)).await?;
        self.audit_placement(&mut tx, &new, &actor, deposit.ip.clone(), now).await?;
        if assessment.action == Action::Allow {
            admit(self, &mut tx, &mut new, deposit.phone.as_ref(), Cause::by(&actor))
                .await
                .map_err(Error::from)?;
        }
        tx.commit().await?;
        tracing::info!(order.number = %new.number, "placed deposit {} of {}: {}", new.number, new.amount, new.state);
        metrics::counter!("loket_deposits_placed_total", "action" => new.risk_action.as_str()).increment(1);
        Ok(Some(Placed { number: new.number, replayed: false }))
    }
}

impl Deposit {
    /// As the rules of placing an order want it.
    fn as_placement(&self) -> Result<Placement, Error> {
        Ok(Placement {
            owner: self.owner.clone(),
            key: self.key.clone(),
            request_hash: self.request_hash.clone(),
            buyer: self.buyer.clone(),
            product: code()?,
            user_id: ACCOUNT.to_owned(),
            server_id: None,
            method: self.method,
            phone: self.phone.clone(),
            quote: None,
            locale: self.locale,
            ip: self.ip.clone(),
            // A server's cap is on stock, and a deposit holds none.
            origin: Origin { guild: None, ..self.origin.clone() },
        })
    }
}

/// What stands where a product has its code.
pub(crate) fn code() -> Result<ProductCode, Error> {
    parsed(CODE)
}

/// What the buyer reads on every screen, and in the app that pays.
fn name(locale: Locale) -> &'static str {
    locale.pick("Isi saldo", "Store credit")
}

/// Every order has a price promise; that of a deposit is its amount.
async fn store_quote(
    tx: &mut WriteTx,
    shop: &Shop,
    amount: Rupiah,
    expires_at: Timestamp,
) -> Result<QuoteId, Error> {
    let now = shop.clock.now();
    let id = QuoteId::new(&shop.ids, now);
    sql!("INSERT INTO quote (id, product_code, price, cost, created_at, expires_at) VALUES ($1, $2, $3, $3, $4, $5)")
        .bind(&id)
        .bind(CODE)
        .bind(amount)
        .bind(now)
        .bind(expires_at)
        .run(tx)
        .await?;
    Ok(id)
}

fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    word.parse().map_err(|error: T::Err| broken(&error))
}

fn broken(error: &impl std::fmt::Display) -> Error {
    Error::Column { column: "deposit".into(), reason: error.to_string() }
}
