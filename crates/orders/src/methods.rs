//! By which methods something can be paid here, and what the shop is left with.

use crate::Shop;
use payments::{Fee, MethodTerms};
use vocabulary::{PaymentMethod, Rupiah};

impl Shop {
    /// Whether somebody collects by this method here, and the owner offers it.
    pub fn offers_method(&self, method: PaymentMethod) -> bool {
        method == PaymentMethod::Wallet || (self.rules.offers(method) && self.gateway_for(method).is_some())
    }

    /// Whether an order of this amount can be paid by this method: it lies within the method's limits, and
    /// what the gateway keeps is no more of it than the owner bears.
    pub fn carries(&self, method: PaymentMethod, amount: Rupiah) -> bool {
        if method == PaymentMethod::Wallet {
            return true;
        }
        self.gateway_for(method).is_some_and(|gateway| {
            let most = amount.basis_points(self.rules.most_fee_basis_points);
            gateway.terms(method).carries(amount)
                && most.is_none_or(|most| self.fee(gateway.name(), method, amount) <= most)
        })
    }

    /// The methods by which an order of this amount can be paid, the one that costs the shop least first.
    /// Store credit is last: not every buyer has any.
    pub fn payment_methods(&self, amount: Rupiah) -> Vec<PaymentMethod> {
        let mut priced: Vec<(Rupiah, PaymentMethod)> = PaymentMethod::ALL
            .iter()
            .filter(|method| **method != PaymentMethod::Wallet)
            .filter(|method| self.offers_method(**method) && self.carries(**method, amount))
            .filter_map(|method| {
                let gateway = self.gateway_for(*method)?;
                Some((self.fee(gateway.name(), *method, amount), *method))
            })
            .collect();
        priced.sort_by_key(|(fee, _)| *fee);
        priced.into_iter().map(|(_, method)| method).chain([PaymentMethod::Wallet]).collect()
    }

    /// What the gateway of this name keeps of a payment: what was agreed with it, or else by its list.
    pub fn fee(&self, gateway: &str, method: PaymentMethod, amount: Rupiah) -> Rupiah {
        self.fee_terms(gateway, method).of(amount).unwrap_or(Rupiah::ZERO)
    }

    /// By what the gateway of this name reckons that.
    pub(crate) fn fee_terms(&self, gateway: &str, method: PaymentMethod) -> Fee {
        let by_list =
            || self.gateway(gateway).map_or_else(|| MethodTerms::of(method), |g| g.terms(method)).fee;
        self.rules.fees.fee(method).unwrap_or_else(by_list)
    }
}
