//! What may be spent on a purchase, so that the margin is left that the owner wants.

use crate::Shop;
use vocabulary::Rupiah;

impl Shop {
    /// The most that may be spent on something that is sold for `price` and may cost `cost`: what leaves the
    /// margin that the owner wants.
    pub(crate) fn ceiling(&self, price: Rupiah, cost: Rupiah) -> Rupiah {
        let basis_points = i128::from(self.rules.min_margin_basis_points);
        // Rounded up: never a rupiah less than is wanted.
        let margin = i128::from(price.get()).saturating_mul(basis_points).saturating_add(9_999) / 10_000;
        let left = i64::try_from(i128::from(price.get()).saturating_sub(margin)).unwrap_or(0);
        cost.min(Rupiah::new(left))
    }

    /// Whether a sale for `price` that may cost `ceiling` leaves what the owner wants where a supplier's price is
    /// seen only afterwards.
    pub(super) fn may_buy_blind(&self, price: Rupiah, ceiling: Rupiah) -> bool {
        let left = i128::from(price.get()).saturating_sub(ceiling.get().into());
        let least = i128::from(price.get()).saturating_mul(self.rules.blind_margin_basis_points.into());
        left.saturating_mul(10_000) >= least
    }
}
