//! By which methods something can be paid here, over which gateway, and what the shop is left with. A method
//! may have several gateways: its rails. The shop's cheapest goes first, and one that is left alone for now is
//! passed over.

use crate::Shop;
use payments::{Fee, Gateway, MethodTerms};
use std::sync::Arc;
use vocabulary::{PaymentMethod, Rupiah, Timestamp};

/// Why an amount cannot be paid by a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRail {
    /// Nobody collects by it here, or the owner does not offer it.
    NotOffered,
    /// It does not carry the amount.
    NotForAmount,
    /// Every gateway that collects by it is left alone for now.
    Resting,
    /// Too little time is left for it.
    TooLate,
}

impl Shop {
    /// Whether somebody collects by this method here, and the owner offers it.
    pub fn offers_method(&self, method: PaymentMethod) -> bool {
        method == PaymentMethod::Wallet
            || (self.rules.offers(method) && self.collect_by(method).next().is_some())
    }

    /// The same, and somebody who does is not left alone for now.
    pub fn offers_method_now(&self, method: PaymentMethod) -> bool {
        let works = |gateway: &Arc<dyn Gateway>| self.rests_until(gateway.as_ref(), method).is_none();
        self.offers_method(method) && (method == PaymentMethod::Wallet || self.collect_by(method).any(works))
    }

    /// Whether an order of this amount can be paid by this method: it lies within the limits of one of its
    /// gateways, and what that keeps is no more of it than the owner bears.
    pub fn carries(&self, method: PaymentMethod, amount: Rupiah) -> bool {
        method == PaymentMethod::Wallet || !self.rails(method, amount).is_empty()
    }

    /// The methods by which an order of this amount can be paid now, the one that costs the shop least first.
    /// Store credit is last: not every buyer has any.
    pub fn payment_methods(&self, amount: Rupiah) -> Vec<PaymentMethod> {
        self.payment_methods_until(amount, None)
    }

    /// The same, for an order that can be paid until then.
    pub fn payment_methods_until(&self, amount: Rupiah, pay_by: Option<Timestamp>) -> Vec<PaymentMethod> {
        let mut priced: Vec<(Rupiah, PaymentMethod)> = PaymentMethod::ALL
            .iter()
            .filter(|method| **method != PaymentMethod::Wallet)
            .filter_map(|method| {
                let gateway = self.rail(*method, amount, pay_by).ok()?;
                Some((self.fee(gateway.name(), *method, amount), *method))
            })
            .collect();
        // Of equal ones the code that says by its name that any wallet pays it.
        priced.sort_by_key(|(fee, method)| (*fee, *method != PaymentMethod::Qris));
        priced.into_iter().map(|(_, method)| method).chain([PaymentMethod::Wallet]).collect()
    }

    /// The gateways that can carry an order of this amount by this method, whether they answer or not: the one
    /// that costs the shop least first, of equal ones the one that was connected first.
    pub fn rails(&self, method: PaymentMethod, amount: Rupiah) -> Vec<&Arc<dyn Gateway>> {
        let most = amount.basis_points(self.rules.most_fee_basis_points);
        let mut priced: Vec<(Rupiah, &Arc<dyn Gateway>)> = self
            .collect_by(method)
            .filter(|gateway| gateway.terms(method).carries(amount))
            .map(|gateway| (self.fee(gateway.name(), method, amount), gateway))
            .filter(|(fee, _)| most.is_none_or(|most| *fee <= most))
            .collect();
        priced.sort_by_key(|(fee, _)| *fee);
        priced.into_iter().map(|(_, gateway)| gateway).collect()
    }

    /// The gateway over which an order of this amount is paid now: the first of its rails that is not left alone
    /// and for which enough time is left.
    pub(crate) fn rail(
        &self,
        method: PaymentMethod,
        amount: Rupiah,
        pay_by: Option<Timestamp>,
    ) -> Result<&Arc<dyn Gateway>, NoRail> {
        if !self.offers_method(method) {
            return Err(NoRail::NotOffered);
        }
        let rails = self.rails(method, amount);
        if rails.is_empty() {
            return Err(NoRail::NotForAmount);
        }
        let mut in_time =
            rails.into_iter().filter(|gateway| self.has_time(gateway.as_ref(), method, pay_by)).peekable();
        if in_time.peek().is_none() {
            return Err(NoRail::TooLate);
        }
        in_time.find(|gateway| self.rests_until(gateway.as_ref(), method).is_none()).ok_or(NoRail::Resting)
    }

    /// Whether enough time is left to open a payment by this method there.
    pub(crate) fn has_time(
        &self,
        gateway: &dyn Gateway,
        method: PaymentMethod,
        pay_by: Option<Timestamp>,
    ) -> bool {
        let now = self.clock.now();
        pay_by.is_none_or(|until| now < until && now.plus(gateway.shortest(method)) <= until)
    }

    /// The gateways that collect by this method, in the order in which they were connected.
    fn collect_by(&self, method: PaymentMethod) -> impl Iterator<Item = &Arc<dyn Gateway>> {
        self.gateways.iter().filter(move |gateway| gateway.methods().contains(&method))
    }

    /// What the gateway of this name keeps of a payment: what was agreed with it, or else by its list.
    pub fn fee(&self, gateway: &str, method: PaymentMethod, amount: Rupiah) -> Rupiah {
        self.fee_terms(gateway, method).of(amount).unwrap_or(Rupiah::ZERO)
    }

    /// By what the gateway of this name reckons that.
    pub(crate) fn fee_terms(&self, gateway: &str, method: PaymentMethod) -> Fee {
        let by_list =
            || self.gateway(gateway).map_or_else(|| MethodTerms::of(method), |g| g.terms(method)).fee;
        self.rules.fees.fee(gateway, method).unwrap_or_else(by_list)
    }
}
