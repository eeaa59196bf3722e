//! The tiers of buyers, with counts out of the orders: how much a buyer pays within a WIB day before a person looks,
//! and the word of a person who has looked who the buyer is (contracts/suppliers §6 row 24).

use crate::{
    BuyerRecord, Order, Placement, Shop, evidence,
    once::{self, Decided, Known, Once},
};
use database::{Error, ReadTx, WriteTx, sql};
use security::{Assessment, BuyerFacts, Tier, Verified};
use serde_json::json;
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
    #[error("why has to be said, on one line of at most {} characters", LONGEST_REASON)]
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
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
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
        lock(tx, &order.buyer).await?;
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
        self.change_buyer(Change::Verify, (buyer, because), actor).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// Why nothing was changed; the key is free then.
    pub async fn verify_buyer_once(
        &self,
        buyer: &BuyerId,
        because: &str,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<BuyerView>, BuyerError> {
        self.change_buyer_once(Change::Verify, (buyer, because), actor, once).await
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
        self.change_buyer(Change::Unverify, (buyer, because), actor).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// Why nothing was changed; the key is free then.
    pub async fn unverify_buyer_once(
        &self,
        buyer: &BuyerId,
        because: &str,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<BuyerView>, BuyerError> {
        self.change_buyer_once(Change::Unverify, (buyer, because), actor, once).await
    }

    async fn change_buyer(
        &self,
        change: Change,
        what: (&BuyerId, &str),
        actor: &Actor,
    ) -> Result<BuyerView, BuyerError> {
        match self.try_change_buyer(change, what, actor, None).await? {
            Some(Decided::Now(buyer)) => Ok(buyer),
            // Only what comes with a key can have come before.
            Some(Decided::Before) | None => Err(Error::Aborted { transaction: change.transaction() }.into()),
        }
    }

    async fn change_buyer_once(
        &self,
        change: Change,
        what: (&BuyerId, &str),
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<BuyerView>, BuyerError> {
        // Two requests with one key about two buyers at the same moment: the loser looks again, and is told so.
        for _ in 0..3 {
            if let Some(decided) = self.try_change_buyer(change, what, actor, Some(once)).await? {
                return Ok(decided);
            }
        }
        Err(Error::Aborted { transaction: change.transaction() }.into())
    }

    /// The change itself. `None` when another request with the same key came first: then nothing is committed.
    async fn try_change_buyer(
        &self,
        change: Change,
        (buyer, because): (&BuyerId, &str),
        actor: &Actor,
        once: Option<&Once<'_>>,
    ) -> Result<Option<Decided<BuyerView>>, BuyerError> {
        let (because, now) = (reason(because)?, self.clock.now());
        let mut tx = self.db.write(change.transaction()).await?;
        lock(&mut tx, buyer).await?;
        if was_changed(&mut tx, once).await? {
            return Ok(Some(Decided::Before));
        }
        let before = known(self, &mut tx, buyer).await?;
        change.carry_out(&mut tx, (buyer, because), actor, now).await?;
        let after = known(self, &mut tx, buyer).await?;
        let entry = security::Entry {
            actor,
            action: change.action(),
            subject: buyer.as_str(),
            before: Some(before.tier.to_string()),
            after: Some(after.tier.to_string()),
            source: Some(because.to_owned()),
        };
        security::record(&mut tx, &self.ids, now, &entry).await?;
        if let Some(once) = once {
            let answer = json!({"tier": after.tier.as_str()});
            if !once::remember(&mut tx, once, buyer.as_str(), &answer, now).await? {
                return Ok(None);
            }
        }
        tx.commit().await?;
        tracing::info!(buyer = %buyer, tier = %after.tier, "buyer {buyer} went from {} to {}", before.tier, after.tier);
        Ok(Some(Decided::Now(after)))
    }
}

/// What a person changes about a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Verify,
    Unverify,
}

impl Change {
    fn transaction(self) -> &'static str {
        match self {
            Change::Verify => "buyer.verify",
            Change::Unverify => "buyer.unverify",
        }
    }

    /// Its name in the audit trail.
    fn action(self) -> &'static str {
        match self {
            Change::Verify => "buyer.verified",
            Change::Unverify => "buyer.unverified",
        }
    }

    async fn carry_out(
        self,
        tx: &mut WriteTx,
        (buyer, because): (&BuyerId, &str),
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), BuyerError> {
        let changed = match self {
            Change::Verify => security::buyer_verify(tx, buyer, because, actor, now).await?,
            Change::Unverify => security::buyer_unverify(tx, buyer).await?,
        };
        match self {
            _ if changed => Ok(()),
            Change::Verify => {
                let by = security::buyer_verified(tx, buyer).await?.map(|verified| verified.by);
                let by = by.unwrap_or_else(|| actor.clone());
                Err(BuyerError::AlreadyVerified { buyer: buyer.clone(), by })
            }
            Change::Unverify => Err(BuyerError::NotVerified(buyer.clone())),
        }
    }
}

/// Whether this was done before under its key.
async fn was_changed(tx: &mut WriteTx, once: Option<&Once<'_>>) -> Result<bool, BuyerError> {
    let Some(once) = once else { return Ok(false) };
    match once::known(tx, once).await? {
        Known::Nothing => Ok(false),
        Known::Answer(_) => Ok(true),
        // No older version decided about buyers under a key.
        Known::Unanswered => Err(once::unreadable(once).into()),
        Known::OfAnother => Err(BuyerError::KeyReused),
    }
}

/// Locks the row of a buyer, as whoever places an order does.
async fn lock(tx: &mut WriteTx, buyer: &BuyerId) -> Result<(), Error> {
    sql!("UPDATE buyer SET last_order_at = last_order_at WHERE id = $1").bind(buyer).run(tx).await?;
    Ok(())
}

/// A reason that can be kept.
fn reason(text: &str) -> Result<&str, BuyerError> {
    let text = text.trim();
    let is_plain = !text.chars().any(char::is_control);
    let fits = !text.is_empty() && text.chars().count() <= LONGEST_REASON;
    if fits && is_plain { Ok(text) } else { Err(BuyerError::NoReason) }
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
