//! What staff look at beside one order: lists of orders and alerts, and where products are bought. And the keys under
//! which a decision of theirs is made once, however often its request comes.

use crate::{Attention, Order, OrderKind, OrderState, Shop, order};
use catalog::{KeptOff, Route};
use database::{Error, sql};
use notifications::Alert;
use vocabulary::{BuyerId, IdempotencyKey, OrderId, OrderNumber, ProductCode};

/// Which orders are looked for: all that fit everything that is said.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// Of this state.
    pub state: Option<OrderState>,
    /// That need a person for this reason.
    pub attention: Option<Attention>,
    /// Of this kind.
    pub kind: Option<OrderKind>,
    /// Of this buyer.
    pub buyer: Option<BuyerId>,
    /// For this product.
    pub product: Option<ProductCode>,
    /// Older than this one.
    pub before: Option<OrderId>,
}

/// What became of a key that a decision comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffKey {
    /// It is new: the decision is to be made now.
    New,
    /// A decision was made under it, or is being made: nothing is to be done now.
    Used,
    /// It belongs to another decision.
    OfAnother,
}

/// A route of a product, and whether the product is for sale.
#[derive(Clone, Debug)]
pub struct RouteView {
    /// The route.
    pub route: Route,
    /// Why the product is kept off sale, if it is.
    pub kept_off: Option<KeptOff>,
}

impl Shop {
    /// Orders of everybody, newest first, at most `limit` (up to 200); and whether there are older ones. For staff.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn find_orders(&self, filter: &OrderFilter, limit: u32) -> Result<(Vec<Order>, bool), Error> {
        let limit = limit.clamp(1, 200);
        let mut tx = self.db.read("order.find").await?;
        let mut orders = order::find(&mut tx, filter, limit.saturating_add(1)).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = orders.len() > wanted;
        orders.truncate(wanted);
        Ok((orders, has_more))
    }

    /// The id of the order of this number, whoever placed it. For staff.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn order_id(&self, number: &OrderNumber) -> Result<Option<OrderId>, Error> {
        let mut tx = self.db.read("order.id").await?;
        Ok(order::order_by_number(&mut tx, number).await?.map(|order| order.id))
    }

    /// The open alerts, oldest first, at most `limit`; and how many are open.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn alerts(&self, limit: u32) -> Result<(Vec<Alert>, i64), Error> {
        let mut tx = self.db.read("alerts.list").await?;
        let open = notifications::open_alert_counts(&mut tx).await?;
        let alerts = notifications::oldest_alerts(&mut tx, limit).await?;
        Ok((alerts, open.iter().map(|(_, count)| count).sum()))
    }

    /// Where every product is bought, in the order of the catalog.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn routes(&self) -> Result<Vec<RouteView>, Error> {
        let mut tx = self.db.read("catalog.routes").await?;
        let kept_off = catalog::kept_off(&mut tx).await?;
        let routes = catalog::all_routes(&mut tx).await?.into_iter();
        let why =
            |route: &Route| kept_off.iter().find(|(code, _)| *code == route.product).map(|(_, why)| *why);
        Ok(routes.map(|route| RouteView { kept_off: why(&route), route }).collect())
    }

    /// Takes a key for one decision about an order, before it is made. Whoever comes second with it does nothing: a
    /// decision is made at most once under a key, whatever is cut off in between.
    ///
    /// # Errors
    /// When the database refuses; the key may be taken then.
    pub async fn take_staff_key(
        &self,
        (owner, key): (&str, &IdempotencyKey),
        request_hash: &str,
        order: &OrderId,
    ) -> Result<StaffKey, Error> {
        let mut tx = self.db.write("staff.key").await?;
        let taken = sql!(
            "INSERT INTO idempotency_key (owner, key, body_hash, order_id, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (owner, key) DO NOTHING"
        )
        .bind(owner)
        .bind(key)
        .bind(request_hash)
        .bind(order)
        .bind(self.clock.now())
        .run(&mut tx)
        .await?;
        if taken > 0 {
            tx.commit().await?;
            return Ok(StaffKey::New);
        }
        let known: Option<String> =
            sql!("SELECT body_hash FROM idempotency_key WHERE owner = $1 AND key = $2")
                .bind(owner)
                .bind(key)
                .optional(&mut tx)
                .await?;
        Ok(if known.as_deref() == Some(request_hash) { StaffKey::Used } else { StaffKey::OfAnother })
    }

    /// Nothing was decided under a key that was taken, and nothing was changed: it may be used again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn give_staff_key_back(
        &self,
        (owner, key): (&str, &IdempotencyKey),
        request_hash: &str,
    ) -> Result<(), Error> {
        let mut tx = self.db.write("staff.key_back").await?;
        sql!("DELETE FROM idempotency_key WHERE owner = $1 AND key = $2 AND body_hash = $3")
            .bind(owner)
            .bind(key)
            .bind(request_hash)
            .run(&mut tx)
            .await?;
        tx.commit().await
    }
}
