//! The routes of a product and of an order, in the order in which they are tried.

use crate::Order;
use catalog::{Product, Route};
use database::{Error, ReadTx};

/// The routes of a product, as the catalog names them now.
pub(super) async fn routes_now(tx: &mut ReadTx, product: &Product) -> Result<Vec<Route>, Error> {
    let mut routes = vec![product.own_route()];
    routes.extend(distinct(&routes, catalog::further_routes(tx, &product.code).await?));
    Ok(routes)
}

/// The routes of an order: first that which it was placed with, then what the catalog names now.
pub(super) async fn routes_of(tx: &mut ReadTx, order: &Order) -> Result<Vec<Route>, Error> {
    let product = catalog::product(tx, &order.product).await?;
    let mut routes = Vec::new();
    if let Some(product) = product {
        let own = product.own_route();
        let further = catalog::further_routes(tx, &order.product).await?;
        let is_placed =
            |route: &&Route| route.supplier == order.supplier && route.supplier_sku == order.supplier_sku;
        // Who sells there is noted with the route, wherever that stands now.
        let seller = std::iter::once(&own).chain(&further).find(is_placed).map(|route| route.seller.clone());
        let placed = Route {
            supplier: order.supplier.clone(),
            supplier_sku: order.supplier_sku.clone(),
            seller: seller.unwrap_or_default(),
            ..own.clone()
        };
        routes.push(placed);
        // The owner has moved the product elsewhere since.
        let moved = Route { rank: 2, ..own };
        routes.extend(distinct(&routes, vec![moved]));
        routes.extend(distinct(&routes, further));
    }
    Ok(routes)
}

/// Those of `more` that are not among `routes` already.
pub(super) fn distinct(routes: &[Route], more: Vec<Route>) -> Vec<Route> {
    let same = |a: &Route, b: &Route| a.supplier == b.supplier && a.supplier_sku == b.supplier_sku;
    more.into_iter().filter(|route| !routes.iter().any(|other| same(other, route))).collect()
}

/// The number that an order's account has on a route. On the first it was settled when the order was placed.
pub(super) fn customer_no(order: &Order, route: &Route) -> Option<String> {
    match route.rank {
        1 => Some(order.customer_no.clone()),
        _ => route.customer_template.fill(&order.account).ok(),
    }
}
