//! Placing an order: price, account, risk, stock and the intent of a payment, in one transaction
//! with the caller's idempotency key.

use crate::{
    Bill, NotNow, Order, OrderKind, OrderState, Origin, Quote, Shop, Unpaid,
    act::{Cause, admit},
    methods::NoRail,
    order, origin, quote, timeline,
};
use catalog::Product;
use database::{Error, WriteTx, sql};
use inventory::{Quantity, ReserveOutcome};
use security::{Action, Assessment, Facts, Listed};
use std::time::Duration;
use vocabulary::{
    Account, Actor, BuyerId, IdempotencyKey, Locale, OrderId, OrderNumber, PaymentMethod, PhoneNumber,
    ProductCode, QuoteId, Rupiah, Timestamp,
};

/// What somebody wants to buy.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Through whom: the API key or channel. Only they see the order.
    pub owner: String,
    /// The caller's key, and a hash of what was asked for with it.
    pub key: IdempotencyKey,
    /// Hash of the request that the key belongs to.
    pub request_hash: String,
    /// Who buys.
    pub buyer: BuyerId,
    /// What.
    pub product: ProductCode,
    /// The player's id as typed.
    pub user_id: String,
    /// The zone or server as typed.
    pub server_id: Option<String>,
    /// How it is paid.
    pub method: PaymentMethod,
    /// The buyer's number with the wallet, for methods that need one; it can be given later, too.
    pub phone: Option<PhoneNumber>,
    /// The price promise to use; the present price without one.
    pub quote: Option<QuoteId>,
    /// The buyer's language.
    pub locale: Locale,
    /// Where the request came from.
    pub ip: Option<String>,
    /// What else is known of where it comes from.
    pub origin: Origin,
}

/// An order that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its number.
    pub number: OrderNumber,
    /// Whether the same request was placed before: nothing was done now.
    pub replayed: bool,
}

/// Why there is no order. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// No such product, or it is not for sale.
    #[error("there is no product `{0}` for sale")]
    UnknownProduct(ProductCode),
    /// The account does not fit the game.
    #[error("the account does not fit the game: {}", .0.message(Locale::English))]
    Account(catalog::account::AccountProblem),
    /// No supplier delivers it at this moment, or not for this account.
    #[error("`{product}` cannot be delivered now: {why:?}")]
    NotNow {
        /// The product.
        product: ProductCode,
        /// Why.
        why: NotNow,
    },
    /// Nothing left.
    #[error("`{0}` is out of stock")]
    OutOfStock(ProductCode),
    /// No such quote.
    #[error("there is no such quote")]
    UnknownQuote,
    /// The promise is over: ask for a new one.
    #[error("the quote has expired")]
    QuoteExpired,
    /// The quote is for another product.
    #[error("the quote is for `{0}`")]
    QuoteOfOtherProduct(ProductCode),
    /// Nobody collects by this method here.
    #[error("payment by {0} is not available")]
    MethodUnavailable(PaymentMethod),
    /// The method does not carry the price.
    #[error("{} cannot be paid by {method}", .bill.amount)]
    NotForAmount {
        /// The method.
        method: PaymentMethod,
        /// The price.
        bill: Bill,
    },
    /// Whoever collects by this method fails at the moment and is left alone for a while.
    #[error("payment by {0} does not work at the moment")]
    MethodResting(PaymentMethod),
    /// Not enough store credit.
    #[error("the wallet holds {balance}, the order costs {amount}")]
    WalletNotEnough {
        /// What there is.
        balance: Rupiah,
        /// What is needed.
        amount: Rupiah,
    },
    /// Too many orders and deposits are unpaid.
    #[error("too many orders are unpaid: {0:?}")]
    TooManyUnpaid(Unpaid),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The product cannot be bought from its supplier as it is set up.
    #[error("the product is not set up rightly: {0}")]
    NotSetUp(String),
    /// The database refused; the same request with the same key may be sent again.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Shop {
    /// Places an order, once for the owner and key. A repeated request gets the first one's order.
    ///
    /// # Errors
    /// Why there is no order; nothing was changed then.
    pub async fn place(&self, placement: &Placement) -> Result<Placed, PlaceError> {
        // Two requests with one key at the same moment: the loser looks again, and finds the order.
        for _ in 0..3 {
            match self.try_place(placement).await {
                Ok(Some(placed)) => return Ok(placed),
                Ok(None) => {}
                Err(PlaceError::TooManyUnpaid(Unpaid::InServer { guild, most })) => {
                    self.call_for_server(&guild, most).await?;
                    return Err(PlaceError::TooManyUnpaid(Unpaid::InServer { guild, most }));
                }
                Err(error) => return Err(error),
            }
        }
        Err(PlaceError::Database(Error::Aborted { transaction: "order.place" }))
    }

    async fn try_place(&self, placement: &Placement) -> Result<Option<Placed>, PlaceError> {
        let mut tx = self.db.write("order.place").await?;
        if let Some(placed) = replayed(&mut tx, placement).await? {
            return Ok(Some(placed));
        }
        let now = self.clock.now();
        let product = catalog::product(&mut tx, &placement.product).await?.filter(|p| p.active);
        let product = product.ok_or_else(|| PlaceError::UnknownProduct(placement.product.clone()))?;
        let account = product.account(&placement.user_id, placement.server_id.as_deref());
        let account = account.map_err(PlaceError::Account)?;
        if !self.offers_method(placement.method) {
            return Err(PlaceError::MethodUnavailable(placement.method));
        }
        match self.not_now(&mut tx, &product, &account).await? {
            None => {}
            Some(NotNow::NotSetUp) => {
                return Err(PlaceError::NotSetUp("no supplier that can deliver it is connected".into()));
            }
            Some(why) => return Err(PlaceError::NotNow { product: product.code.clone(), why }),
        }
        let quote = self.quoted(&mut tx, placement, &product).await?;
        self.see_circuits(&mut tx).await?;
        self.payable_by(placement.method, quote.bill())?;
        let assessment = self.assess(&mut tx, placement, quote.price, now).await?;
        let signals = self.signals(&mut tx, placement, (&product, &account, quote.price), now).await?;
        let assessment = assessment.with(signals);
        let assessment = self.within_daily_limit(&mut tx, placement, quote.price, assessment).await?;
        let mut new = self.draft(placement, &product, account, &quote, &assessment, now)?;
        match self.cap_unpaid(&mut tx, placement, &new).await {
            Ok(()) => {}
            // While it waited to count, the same request may have been first: then its order is one of those.
            Err(refused @ PlaceError::TooManyUnpaid(_)) => {
                return replayed(&mut tx, placement).await?.map(Some).ok_or(refused);
            }
            Err(error) => return Err(error),
        }

        let actor = Actor::buyer(&placement.buyer);
        order::insert(&mut tx, &new, placement.ip.as_deref()).await?;
        origin::keep(&mut tx, &new.id, &placement.origin).await?;
        if !remember_key(&mut tx, placement, &new.id, now).await? {
            return Ok(None);
        }
        timeline::append(&mut tx, &self.ids, now, (&new.id, new.state), ("placed", None)).await?;
        self.audit_placement(&mut tx, &new, &actor, placement.ip.clone(), now).await?;
        if new.state != OrderState::Blocked {
            self.hold_stock(&mut tx, &new, &actor, now).await?;
        }
        if assessment.action == Action::Allow {
            if new.method == PaymentMethod::Wallet {
                let balance = ledger::balance_locked(&mut tx, &new.buyer).await?;
                if balance < new.amount {
                    return Err(PlaceError::WalletNotEnough { balance, amount: new.amount });
                }
            }
            admit(self, &mut tx, &mut new, placement.phone.as_ref(), Cause::by(&actor))
                .await
                .map_err(Error::from)?;
        }
        tx.commit().await?;
        tracing::info!(
            order.number = %new.number, product = %new.product, risk.score = new.risk_score,
            "placed order {} for {}: {}", new.number, new.product, new.state
        );
        metrics::counter!("loket_orders_placed_total", "action" => new.risk_action.as_str()).increment(1);
        Ok(Some(Placed { number: new.number, replayed: false }))
    }

    pub(crate) fn payable_by(&self, method: PaymentMethod, bill: Bill) -> Result<(), PlaceError> {
        if method == PaymentMethod::Wallet {
            return Ok(());
        }
        let pay_by = self.clock.now().plus(self.rules.pay_within);
        match self.rail(method, bill, Some(pay_by)) {
            // Where no order lives long enough for a method, its payment tells so.
            Ok(_) | Err(NoRail::TooLate) => Ok(()),
            Err(NoRail::NotOffered) => Err(PlaceError::MethodUnavailable(method)),
            Err(NoRail::NotForAmount) => Err(PlaceError::NotForAmount { method, bill }),
            Err(NoRail::Resting) => Err(PlaceError::MethodResting(method)),
        }
    }

    async fn quoted(
        &self,
        tx: &mut WriteTx,
        placement: &Placement,
        product: &Product,
    ) -> Result<Quote, PlaceError> {
        let Some(id) = &placement.quote else {
            return Ok(quote::store(tx, self, product).await?);
        };
        let found = quote::find(tx, id).await?.ok_or(PlaceError::UnknownQuote)?;
        if found.product != product.code {
            return Err(PlaceError::QuoteOfOtherProduct(found.product));
        }
        if self.clock.now() >= found.expires_at {
            return Err(PlaceError::QuoteExpired);
        }
        Ok(found)
    }

    /// Counts, and locks the buyer's row first: two orders of one buyer at the same moment must not
    /// both be the fifth.
    pub(crate) async fn assess(
        &self,
        tx: &mut WriteTx,
        placement: &Placement,
        amount: Rupiah,
        now: Timestamp,
    ) -> Result<Assessment, Error> {
        let buyer = &placement.buyer;
        sql!(
            "INSERT INTO buyer (id, first_seen_at, last_order_at) VALUES ($1, $2, $2)
             ON CONFLICT (id) DO UPDATE SET last_order_at = $2"
        )
        .bind(buyer)
        .bind(now)
        .run(tx)
        .await?;
        let within_minute: i64 = sql!("SELECT COUNT(*) FROM shop_order WHERE buyer = $1 AND placed_at > $2")
            .bind(buyer)
            .bind(now.minus(Duration::from_secs(60)))
            .one(tx)
            .await?;
        let today: i64 = sql!("SELECT COUNT(*) FROM shop_order WHERE buyer = $1 AND placed_at >= $2")
            .bind(buyer)
            .bind(now.wib_day().start())
            .one(tx)
            .await?;
        let (count, total): (i64, Rupiah) = sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM shop_order
             WHERE buyer = $1 AND delivered_at IS NOT NULL"
        )
        .bind(buyer)
        .one(tx)
        .await?;
        let before_today: Option<OrderId> = sql!(
            "SELECT id FROM shop_order WHERE buyer = $1 AND delivered_at IS NOT NULL AND delivered_at < $2 LIMIT 1"
        )
        .bind(buyer)
        .bind(now.wib_day().start())
        .optional(tx)
        .await?;
        let mut blacklisted = security::blacklist_find(tx, Listed::Buyer, buyer.as_str()).await?;
        if let (None, Some(ip)) = (&blacklisted, &placement.ip) {
            blacklisted = security::blacklist_find(tx, Listed::Ip, ip).await?;
        }
        Ok(security::assess(&Facts {
            amount,
            orders_in_last_minute: within_minute.saturating_add(1),
            orders_today: today.saturating_add(1),
            delivered_before_today: before_today.is_some(),
            delivered_orders: count,
            delivered_total: total,
            blacklisted,
        }))
    }

    fn draft(
        &self,
        placement: &Placement,
        product: &Product,
        account: Account,
        quote: &Quote,
        assessment: &Assessment,
        now: Timestamp,
    ) -> Result<Order, PlaceError> {
        let customer_no =
            product.customer_template.fill(&account).map_err(|e| PlaceError::NotSetUp(e.to_string()))?;
        let (state, hold_until, pay_by) = self.begins_as(assessment.action, now);
        Ok(Order {
            id: OrderId::new(&self.ids, now),
            kind: OrderKind::Purchase,
            number: OrderNumber::new(&self.ids),
            pay_token: self.ids.token(),
            state,
            attention: None,
            owner: placement.owner.clone(),
            buyer: placement.buyer.clone(),
            quote: quote.id.clone(),
            product: product.code.clone(),
            product_name: product.name.clone(),
            category: product.category.clone(),
            account,
            supplier: product.supplier.clone(),
            supplier_sku: product.supplier_sku.clone(),
            customer_no,
            amount: quote.price,
            cost: quote.cost,
            method: placement.method,
            locale: placement.locale,
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
        })
    }

    /// The state in which an order begins, until when it is held, and until when it can be paid.
    pub(crate) fn begins_as(
        &self,
        action: Action,
        now: Timestamp,
    ) -> (OrderState, Option<Timestamp>, Option<Timestamp>) {
        let after = |time: Duration| Some(now.plus(time));
        match action {
            Action::Allow => (OrderState::AwaitingPayment, None, after(self.rules.pay_within)),
            Action::Verify => (OrderState::AwaitingVerification, after(self.rules.verify_within), None),
            Action::Review => (OrderState::InReview, after(self.rules.review_within), None),
            Action::Block => (OrderState::Blocked, None, None),
        }
    }

    async fn hold_stock(
        &self,
        tx: &mut WriteTx,
        new: &Order,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), PlaceError> {
        match inventory::reserve(tx, &self.ids, &new.id, &new.product, Quantity::ONE, actor, now).await? {
            ReserveOutcome::Reserved => Ok(()),
            ReserveOutcome::OutOfStock { .. } | ReserveOutcome::UnknownProduct => {
                Err(PlaceError::OutOfStock(new.product.clone()))
            }
            ReserveOutcome::AlreadyReserved { .. } => {
                Err(PlaceError::NotSetUp("the new order holds stock already".into()))
            }
        }
    }

    pub(crate) async fn audit_placement(
        &self,
        tx: &mut WriteTx,
        new: &Order,
        actor: &Actor,
        ip: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let fired: Vec<String> = new
            .risk_findings
            .iter()
            .filter(|f| f.points > 0)
            .map(|f| format!("{} +{}", f.parameter, f.points))
            .collect();
        let after = format!(
            "{} {} {} risk {} ({}){}{}",
            new.product,
            new.amount,
            new.method,
            new.risk_score,
            new.risk_action,
            if fired.is_empty() { "" } else { ": " },
            fired.join(", ")
        );
        let entry = security::Entry {
            actor,
            action: "order.placed",
            subject: new.number.as_str(),
            before: None,
            after: Some(after),
            source: ip,
        };
        security::record(tx, &self.ids, now, &entry).await
    }
}

/// The order that this owner placed with this key before.
pub(crate) async fn replayed(tx: &mut WriteTx, placement: &Placement) -> Result<Option<Placed>, PlaceError> {
    let known: Option<(String, OrderNumber)> = sql!(
        "SELECT k.body_hash, o.number FROM idempotency_key k JOIN shop_order o ON o.id = k.order_id
         WHERE k.owner = $1 AND k.key = $2"
    )
    .bind(&placement.owner)
    .bind(&placement.key)
    .optional(tx)
    .await?;
    match known {
        None => Ok(None),
        Some((hash, number)) if hash == placement.request_hash => Ok(Some(Placed { number, replayed: true })),
        Some(_) => Err(PlaceError::KeyReused),
    }
}

/// False when another request with the same key came first.
pub(crate) async fn remember_key(
    tx: &mut WriteTx,
    placement: &Placement,
    order: &OrderId,
    now: Timestamp,
) -> Result<bool, Error> {
    let added = sql!(
        "INSERT INTO idempotency_key (owner, key, body_hash, order_id, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (owner, key) DO NOTHING"
    )
    .bind(&placement.owner)
    .bind(&placement.key)
    .bind(&placement.request_hash)
    .bind(order)
    .bind(now)
    .run(tx)
    .await?;
    Ok(added > 0)
}
