//! What staff look at beside one order: lists of orders and alerts, and where products are bought.

use crate::{Attention, Order, OrderKind, OrderState, Shop, order, wallet_deposit};
use catalog::{KeptOff, Route};
use database::{Error, ReadTx, Sql, sql};
use notifications::Alert;
use std::collections::{BTreeSet, HashMap};
use vocabulary::{BuyerId, OrderId, OrderNumber, ProductCode};

/// Sorts behind every id of an order.
const BEHIND_ALL: &str = "p";

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

/// A route of a product, who sells there, and whether the product is for sale.
#[derive(Clone, Debug)]
pub struct RouteView {
    /// The route.
    pub route: Route,
    /// Why the product is kept off sale, if it is.
    pub kept_off: Option<KeptOff>,
    /// Who sells it there by the newest list of its supplier; empty when that names nobody.
    pub listed_seller: String,
    /// Whether one of the two that are named is not bought from.
    pub is_refused: bool,
}

impl Shop {
    /// Orders of everybody, newest first, at most `limit` (up to 200); and whether there are older ones. For staff.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn find_orders(&self, filter: &OrderFilter, limit: u32) -> Result<(Vec<Order>, bool), Error> {
        let limit = limit.clamp(1, 200);
        let mut tx = self.db.read("order.find").await?;
        let mut orders = find(&mut tx, filter, limit.saturating_add(1)).await?;
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

    /// Where every product is bought, or one of them, in the order of the catalog. Nothing when there is no such
    /// product.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn routes(&self, product: Option<&ProductCode>) -> Result<Vec<RouteView>, Error> {
        let mut tx = self.db.read("catalog.routes").await?;
        let kept_off: HashMap<ProductCode, KeptOff> = catalog::kept_off(&mut tx).await?.into_iter().collect();
        let mut routes = catalog::all_routes(&mut tx).await?;
        routes.retain(|route| product.is_none_or(|product| route.product == *product));
        let mut listed = HashMap::new();
        for supplier in routes.iter().map(|route| &route.supplier).collect::<BTreeSet<_>>() {
            let listings = suppliers::listings(&mut tx, supplier).await?.into_iter();
            listed.extend(listings.map(|listing| ((listing.supplier, listing.sku), listing.seller)));
        }
        let view = |route: Route| {
            let place = (route.supplier.clone(), route.supplier_sku.clone());
            let listed_seller = listed.get(&place).cloned().unwrap_or_default();
            let sellers = [route.seller.as_str(), listed_seller.as_str()];
            let is_refused = self.rules.refused_sellers.first_of(sellers).is_some();
            RouteView { kept_off: kept_off.get(&route.product).copied(), listed_seller, is_refused, route }
        };
        Ok(routes.into_iter().map(view).collect())
    }
}

/// The newest orders of the shop, of one state when it is given. For staff.
///
/// # Errors
/// When the database refuses.
pub async fn latest_orders(
    tx: &mut ReadTx,
    state: Option<OrderState>,
    limit: u32,
) -> Result<Vec<Order>, Error> {
    find(tx, &OrderFilter { state, ..OrderFilter::default() }, limit.min(1_000)).await
}

/// Orders that fit, newest first.
async fn find(tx: &mut ReadTx, filter: &OrderFilter, limit: u32) -> Result<Vec<Order>, Error> {
    let mut filter = filter.clone();
    if contradicts_itself(&filter) {
        return Ok(Vec::new());
    }
    if filter.attention.is_some() {
        filter.state = Some(OrderState::NeedsAttention);
    }
    if filter.kind == Some(OrderKind::Deposit) && filter.product.is_none() {
        filter.product = Some(wallet_deposit::code()?);
    }
    statement(&filter)
        .bind(filter.state)
        .bind(filter.attention)
        .bind(filter.kind)
        .bind(filter.buyer.as_ref())
        .bind(filter.product.as_ref())
        .bind(filter.before.as_ref().map_or(BEHIND_ALL, OrderId::as_str))
        .bind(limit)
        .all(tx)
        .await
}

/// Whether no order can fit: it would be looked for through the whole table.
fn contradicts_itself(filter: &OrderFilter) -> bool {
    let is_of = |kind: OrderKind| filter.kind == Some(kind);
    let elsewhere = filter.state.is_some_and(|state| state != OrderState::NeedsAttention);
    let for_deposits = filter.product.as_ref().map(|product| product.as_str() == wallet_deposit::CODE);
    let never = filter.state == Some(OrderState::Delivered);
    filter.attention.is_some() && elsewhere
        || is_of(OrderKind::Purchase) && for_deposits == Some(true)
        || is_of(OrderKind::Deposit) && (for_deposits == Some(false) || never)
}

/// The statement that begins with what is rarest of what is given, along an index that ends in the id: so it reads
/// little more than it shows. The states in which orders stay for good hold a large share of them, so that a page of
/// one is found soon among those of a product; the others hold few.
fn statement(filter: &OrderFilter) -> Sql {
    let is_rare = filter.state.is_some_and(|state| {
        use OrderState as S;
        !matches!(state, S::Delivered | S::Refunded | S::Expired | S::Cancelled)
    });
    if filter.buyer.is_some() {
        sql!(
            "SELECT * FROM shop_order WHERE buyer = $4 AND id < $6
                 AND (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR attention = $2)
                 AND (CAST($3 AS TEXT) IS NULL OR kind = $3) AND (CAST($5 AS TEXT) IS NULL OR product_code = $5)
             ORDER BY id DESC LIMIT $7"
        )
    } else if is_rare || filter.state.is_some() && filter.product.is_none() {
        sql!(
            "SELECT * FROM shop_order WHERE state = $1 AND id < $6
                 AND (CAST($2 AS TEXT) IS NULL OR attention = $2) AND (CAST($3 AS TEXT) IS NULL OR kind = $3)
                 AND (CAST($4 AS TEXT) IS NULL OR buyer = $4) AND (CAST($5 AS TEXT) IS NULL OR product_code = $5)
             ORDER BY id DESC LIMIT $7"
        )
    } else if filter.product.is_some() {
        sql!(
            "SELECT * FROM shop_order WHERE product_code = $5 AND id < $6
                 AND (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR attention = $2)
                 AND (CAST($3 AS TEXT) IS NULL OR kind = $3) AND (CAST($4 AS TEXT) IS NULL OR buyer = $4)
             ORDER BY id DESC LIMIT $7"
        )
    } else {
        sql!(
            "SELECT * FROM shop_order WHERE id < $6
                 AND (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR attention = $2)
                 AND (CAST($3 AS TEXT) IS NULL OR kind = $3) AND (CAST($4 AS TEXT) IS NULL OR buyer = $4)
                 AND (CAST($5 AS TEXT) IS NULL OR product_code = $5)
             ORDER BY id DESC LIMIT $7"
        )
    }
}
