//! The tiers of buyers, with counts out of the orders: how much a buyer pays within a WIB day before a person looks,
//! and the word of a person who has looked who the buyer is (contracts/suppliers §6 row 24).

use crate::{BuyerRecord, Order, Placement, Shop, evidence};
use database::{Error, ReadTx, WriteTx, sql};
use security::{Assessment, BuyerFacts, Tier, Verified};
use vocabulary::{Actor, BuyerId, PaymentMethod, Rupiah, Timestamp};

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 500;

/// A buyer, as staff see one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyerView {
    /// Who.
    pub buyer: BuyerId,
    /// When the first order was placed.
    pub first_seen_at: Timestamp,
    /// The tier.
    pub tier: Tier,
    /// What it follows from, and what counts against the limit of this WIB day already.
    pub facts: BuyerFacts,
    /// Who verified the buyer and why, if somebody has.
    pub verified: Option<Verified>,
    /// The most that a buyer of this tier pays within a WIB day before a person looks; none without a limit.
    pub daily_limit: Option<Rupiah>,
    /// How the buyer's purchases have ended.
    pub record: BuyerRecord,
}

/// Why nothing was changed about a buyer.
#[derive(Debug, thiserror::Error)]
pub enum BuyerError {
    /// Nobody of this id ever ordered anything.
    #[error("there is no buyer `{0}`")]
    Unknown(BuyerId),
    /// Nobody says why.
    #[error("why has to be said, in at most {} characters", LONGEST_REASON)]
    NoReason,
    /// Somebody has verified the buyer before.
    #[error("buyer `{buyer}` is verified by {by} already")]
    AlreadyVerified {
        /// Who is.
        buyer: BuyerId,
        /// By whom.
        by: Actor,
    },
    /// There is nothing to take back.
    #[error("buyer `{0}` is not verified")]
    NotVerified(BuyerId),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Shop {
    /// Holds an order for a person that goes beyond what its buyer may pay within the day. The caller holds the
    /// buyer's row: two orders at the same moment cannot both fit.
    pub(crate) async fn within_daily_limit(
        &self,
        tx: &mut WriteTx,
        placement: &Placement,
        amount: Rupiah,
        assessment: Assessment,
    ) -> Result<Assessment, Error> {
        // Store credit was counted when it was paid in; and an API key that names no buyer buys for many.
        let counts = placement.method != PaymentMethod::Wallet && placement.buyer.as_str() != placement.owner;
        if !counts || !self.rules.tiers.has_limits() {
            return Ok(assessment);
        }
        let verified = security::buyer_verified(tx, &placement.buyer).await?;
        let facts = facts(tx, &placement.buyer, verified.as_ref(), self.clock.now()).await?;
        Ok(assessment.within_daily_limit(&self.rules.tiers, &facts, amount))
    }

    /// Whether an order that was to be paid with store credit, and so was not counted, goes beyond what its buyer may pay
    /// within the day once it is paid in another way. Locks the buyer's row, as whoever places an order does.
    pub(crate) async fn beyond_daily_limit(&self, tx: &mut WriteTx, order: &Order) -> Result<bool, Error> {
        let tiers = &self.rules.tiers;
        if order.buyer.as_str() == order.owner || !tiers.has_limits() {
            return Ok(false);
        }
        sql!("UPDATE buyer SET last_order_at = last_order_at WHERE id = $1")
            .bind(&order.buyer)
            .run(tx)
            .await?;
        let verified = security::buyer_verified(tx, &order.buyer).await?;
        let facts = facts(tx, &order.buyer, verified.as_ref(), self.clock.now()).await?;
        let day = facts.today.get().saturating_add(order.amount.get());
        Ok(tiers.daily_limit(tiers.tier(&facts)).is_some_and(|limit| day > limit.get()))
    }

    /// What the shop knows of a buyer; none when there is no such buyer. For staff.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn buyer(&self, buyer: &BuyerId) -> Result<Option<BuyerView>, Error> {
        view(self, &mut self.db.read("buyer.show").await?, buyer).await
    }

    /// Keeps that a person has looked who a buyer is, audited under the name of `actor`. What was held before stays
    /// held: each of those orders is a decision of its own.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn verify_buyer(
        &self,
        buyer: &BuyerId,
        because: &str,
        actor: &Actor,
    ) -> Result<BuyerView, BuyerError> {
        let because = reason(because)?;
        let mut tx = self.db.write("buyer.verify").await?;
        let before = known(self, &mut tx, buyer).await?;
        if !security::buyer_verify(&mut tx, buyer, because, actor, self.clock.now()).await? {
            let by = security::buyer_verified(&mut tx, buyer).await?.map(|verified| verified.by);
            return Err(BuyerError::AlreadyVerified {
                buyer: buyer.clone(),
                by: by.unwrap_or_else(|| actor.clone()),
            });
        }
        self.end_buyer_change(tx, "buyer.verified", (&before, because), actor).await
    }

    /// Takes that back, audited under the name of `actor`: the buyer's orders say again what tier it is.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn unverify_buyer(
        &self,
        buyer: &BuyerId,
        because: &str,
        actor: &Actor,
    ) -> Result<BuyerView, BuyerError> {
        let because = reason(because)?;
        let mut tx = self.db.write("buyer.unverify").await?;
        let before = known(self, &mut tx, buyer).await?;
        if !security::buyer_unverify(&mut tx, buyer).await? {
            return Err(BuyerError::NotVerified(buyer.clone()));
        }
        self.end_buyer_change(tx, "buyer.unverified", (&before, because), actor).await
    }

    async fn end_buyer_change(
        &self,
        mut tx: WriteTx,
        action: &str,
        (before, because): (&BuyerView, &str),
        actor: &Actor,
    ) -> Result<BuyerView, BuyerError> {
        let after = known(self, &mut tx, &before.buyer).await?;
        let entry = security::Entry {
            actor,
            action,
            subject: before.buyer.as_str(),
            before: Some(before.tier.to_string()),
            after: Some(after.tier.to_string()),
            source: Some(because.to_owned()),
        };
        security::record(&mut tx, &self.ids, self.clock.now(), &entry).await?;
        tx.commit().await?;
        tracing::info!(buyer = %after.buyer, tier = %after.tier, "buyer {} went from {} to {}", after.buyer, before.tier, after.tier);
        Ok(after)
    }
}

/// A reason that can be kept.
fn reason(text: &str) -> Result<&str, BuyerError> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= LONGEST_REASON;
    if fits { Ok(text) } else { Err(BuyerError::NoReason) }
}

async fn known(shop: &Shop, tx: &mut ReadTx, buyer: &BuyerId) -> Result<BuyerView, BuyerError> {
    view(shop, tx, buyer).await?.ok_or_else(|| BuyerError::Unknown(buyer.clone()))
}

async fn view(shop: &Shop, tx: &mut ReadTx, buyer: &BuyerId) -> Result<Option<BuyerView>, Error> {
    let first_seen_at: Option<Timestamp> =
        sql!("SELECT first_seen_at FROM buyer WHERE id = $1").bind(buyer).optional(tx).await?;
    let Some(first_seen_at) = first_seen_at else { return Ok(None) };
    let verified = security::buyer_verified(tx, buyer).await?;
    let facts = facts(tx, buyer, verified.as_ref(), shop.clock.now()).await?;
    let tier = shop.rules.tiers.tier(&facts);
    Ok(Some(BuyerView {
        buyer: buyer.clone(),
        first_seen_at,
        tier,
        facts,
        verified,
        daily_limit: shop.rules.tiers.daily_limit(tier),
        record: evidence::record_of(tx, buyer).await?,
    }))
}

async fn facts(
    tx: &mut ReadTx,
    buyer: &BuyerId,
    verified: Option<&Verified>,
    now: Timestamp,
) -> Result<BuyerFacts, Error> {
    // What its gateway took back after the delivery is not kept. A second payment, which became store credit, may
    // go back without that.
    let (kept_orders, first): (i64, Option<Timestamp>) = sql!(
        "SELECT COUNT(*), MIN(o.delivered_at) FROM shop_order o
         WHERE o.buyer = $1 AND o.delivered_at IS NOT NULL AND o.kind = 'purchase' AND o.state = 'delivered'
             AND NOT EXISTS (SELECT 1 FROM ledger_transaction t
                             JOIN ledger_transaction p ON p.reference = t.reference AND p.kind = 'payment'
                             WHERE t.order_id = o.id AND t.kind = 'payment_taken_back')"
    )
    .bind(buyer)
    .one(tx)
    .await?;
    // Deposits count as well as purchases, when they are placed; what is over and was never paid does not. Of what came
    // in all counts, once more for each further payment: what an order cannot use is store credit.
    let today: Rupiah = sql!(
        "SELECT CAST(COALESCE(SUM(o.amount * CASE WHEN o.came > 1 THEN o.came ELSE 1 END), 0) AS BIGINT) FROM (
             SELECT s.amount, s.method, s.state, s.paid_at,
                 (SELECT COUNT(*) FROM payment p
                  WHERE p.order_id = s.id AND p.settled_at IS NOT NULL AND p.gateway <> 'wallet') AS came
             FROM shop_order s WHERE s.buyer = $1 AND s.placed_at >= $2
         ) AS o
         WHERE o.came > 0 OR (o.method <> 'wallet'
             AND (o.paid_at IS NOT NULL OR o.state NOT IN ('blocked', 'expired', 'cancelled')))"
    )
    .bind(buyer)
    .bind(now.wib_day().start())
    .one(tx)
    .await?;
    Ok(BuyerFacts {
        verified: verified.is_some(),
        kept_orders,
        first_kept: first.map(|first| now.since(first)),
        today,
    })
}
