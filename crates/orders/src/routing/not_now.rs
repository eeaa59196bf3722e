//! What a buyer is told of what nobody sells at this moment, and which products somebody does.

use super::{
    candidate::{Asking, Known},
    routes::{distinct, routes_now},
};
use crate::Shop;
use catalog::{Product, Route};
use database::{Error, ReadTx};
use suppliers::{Choice, Obstacle, Unsellable, Wish, choose};
use vocabulary::Timestamp;

/// Why something cannot be bought now, for whoever wants to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// Every supplier that has it is closed at this hour; the first opens then.
    ClosedUntil(Timestamp),
    /// No supplier has any.
    SoldOut,
    /// The account has had it today, and it is sold once a day.
    BoughtToday,
    /// No supplier delivers it now.
    Unavailable,
    /// No supplier that could is connected, or the account fits none.
    NotSetUp,
}

impl NotNow {
    /// What the buyer is told, in Indonesian and in English; the product is named as `what` in each.
    pub fn words(self, (produk, product): (&str, &str)) -> (String, String) {
        match self {
            NotNow::ClosedUntil(opens) => {
                let wib = opens.wib();
                let time = wib.get(11..16).unwrap_or_default();
                (
                    format!("{produk} sedang tutup di pemasok dan buka lagi pukul {time} WIB."),
                    format!("{product} is closed at its supplier and opens again at {time} WIB."),
                )
            }
            NotNow::SoldOut => (
                format!("{produk} sedang habis di pemasok."),
                format!("{product} is sold out at its supplier at the moment."),
            ),
            NotNow::BoughtToday => (
                format!(
                    "{produk} hanya dijual sekali sehari untuk satu akun, dan akun ini sudah membelinya hari ini. Coba lagi besok."
                ),
                format!(
                    "{product} is sold once a day for one account, and this one has had it today. Try again tomorrow."
                ),
            ),
            NotNow::Unavailable | NotNow::NotSetUp => (
                format!("{produk} sedang tidak bisa dikirim oleh pemasok. Coba lagi sebentar lagi."),
                format!("{product} cannot be delivered by any supplier right now. Try again in a while."),
            ),
        }
    }
}

impl Shop {
    /// Why a product cannot be bought now (for this account, when it is known); none when it can.
    pub(crate) async fn not_now(
        &self,
        tx: &mut ReadTx,
        product: &Product,
        account: &vocabulary::Account,
    ) -> Result<Option<NotNow>, Error> {
        let routes = routes_now(tx, product).await?;
        self.looked_at(tx, product, &routes, Some(account), &mut Known::default()).await
    }

    /// Whether a product that is switched on is for sale: one whose own supplier keeps it off sale is, as long as
    /// another of its routes is open.
    pub(crate) async fn is_for_sale(&self, tx: &mut ReadTx, product: &Product) -> Result<bool, Error> {
        if !product.active || product.kept_off.is_none() {
            return Ok(product.active);
        }
        let routes = routes_now(tx, product).await?;
        Ok(self.looked_at(tx, product, &routes, None, &mut Known::default()).await?.is_none())
    }

    /// Those of these products of one category that somebody delivers now.
    pub(crate) async fn deliverable(
        &self,
        tx: &mut ReadTx,
        category: &vocabulary::CategoryCode,
        products: Vec<Product>,
    ) -> Result<Vec<Product>, Error> {
        let further = catalog::further_routes_of_category(tx, category).await?;
        let (mut known, mut found) = (Known::default(), Vec::with_capacity(products.len()));
        for product in products {
            let mut routes = vec![product.own_route()];
            let own = further.iter().filter(|route| route.product == product.code).cloned();
            routes.extend(distinct(&routes, own.collect()));
            if self.looked_at(tx, &product, &routes, None, &mut known).await?.is_none() {
                found.push(product);
            }
        }
        Ok(found)
    }

    async fn looked_at(
        &self,
        tx: &mut ReadTx,
        product: &Product,
        routes: &[Route],
        account: Option<&vocabulary::Account>,
        known: &mut Known,
    ) -> Result<Option<NotNow>, Error> {
        let ceiling = self.ceiling(product.price, product.cost);
        let may_buy_blind = self.may_buy_blind(product.price, ceiling);
        let wish = Wish { ceiling, may_try: true, may_buy_blind, now: self.clock.now() };
        let asking = Asking { order: None, account, before: &[], wish };
        let mut candidates = self.candidates(tx, routes, &asking, known).await?;
        if let Some(own) = candidates.iter_mut().find(|candidate| candidate.rank == 1) {
            own.kept_off = product.kept_off.map(|why| why.to_string());
        }
        let choice = choose(&candidates, wish);
        Ok(choice.taken.is_none().then(|| told(&choice)))
    }
}

/// What a buyer is told of a choice in which nothing was taken: what will be over first.
fn told(choice: &Choice) -> NotNow {
    let obstacles = || choice.obstacles.iter().flatten();
    let opens = obstacles().filter_map(|obstacle| match obstacle {
        Obstacle::Closed(opens) => Some(*opens),
        _ => None,
    });
    if let Some(opens) = opens.min() {
        NotNow::ClosedUntil(opens)
    } else if obstacles().any(|obstacle| *obstacle == Obstacle::BoughtToday) {
        NotNow::BoughtToday
    } else if obstacles().any(|obstacle| *obstacle == Obstacle::NotSold(Unsellable::Empty)) {
        NotNow::SoldOut
    } else if obstacles().all(|o| {
        matches!(
            o,
            Obstacle::NotConnected
                | Obstacle::SwitchedOff
                | Obstacle::RefusedSeller(_)
                | Obstacle::Misfit(_)
                | Obstacle::WantsAddress
        )
    }) {
        NotNow::NotSetUp
    } else {
        NotNow::Unavailable
    }
}
