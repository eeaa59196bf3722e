//! By which methods something can be paid here, over which gateway, and what the shop is left with. A method
//! may have several gateways: its rails. The shop's cheapest goes first, and one that is left alone for now is
//! passed over.

use crate::{Order, OrderKind, Quote, Shop};
use payments::{Fee, Gateway, MethodTerms};
use std::sync::Arc;
use vocabulary::{PaymentMethod, Rupiah, Timestamp};

vocabulary::text_enum!(
    /// What becomes of a way to pay of which the gateway keeps more than a sale leaves.
    pub enum FeeAboveMargin {
        /// It is not offered: the shop would pay for selling.
        Refuse = "refuse",
        /// It is offered all the same.
        Allow = "allow",
    }
);

/// What a buyer is to pay, and what of it the supplier gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What is to be paid.
    pub amount: Rupiah,
    /// What the goods may cost the shop; none where nothing is bought for the money.
    pub cost: Option<Rupiah>,
}

impl Bill {
    /// Money that nothing is bought for: a deposit.
    pub const fn without_goods(amount: Rupiah) -> Bill {
        Bill { amount, cost: None }
    }

    /// What is left for the shop, and for whoever collects.
    fn margin(self) -> Option<Rupiah> {
        self.amount.checked_sub(self.cost?)
    }
}

impl Order {
    /// What its buyer is to pay.
    pub fn bill(&self) -> Bill {
        match self.kind {
            OrderKind::Purchase => Bill { amount: self.amount, cost: Some(self.cost) },
            OrderKind::Deposit => Bill::without_goods(self.amount),
        }
    }
}

impl Quote {
    /// What whoever buys at this price is to pay.
    pub fn bill(&self) -> Bill {
        Bill { amount: self.price, cost: Some(self.cost) }
    }
}

/// Why a bill cannot be paid by a method.
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

    /// The methods by which this can be paid now, the one that costs the shop least first. Store credit is last:
    /// not every buyer has any.
    pub fn payment_methods(&self, bill: Bill) -> Vec<PaymentMethod> {
        self.payment_methods_until(bill, None)
    }

    /// The same, for an order that can be paid until then.
    pub fn payment_methods_until(&self, bill: Bill, pay_by: Option<Timestamp>) -> Vec<PaymentMethod> {
        let mut priced: Vec<(Rupiah, PaymentMethod)> = PaymentMethod::ALL
            .iter()
            .filter(|method| **method != PaymentMethod::Wallet)
            .filter_map(|method| {
                let gateway = self.rail(*method, bill, pay_by).ok()?;
                Some((self.fee(gateway.name(), *method, bill.amount), *method))
            })
            .collect();
        // Of equal ones the code that says by its name that any wallet pays it.
        priced.sort_by_key(|(fee, method)| (*fee, *method != PaymentMethod::Qris));
        priced.into_iter().map(|(_, method)| method).chain([PaymentMethod::Wallet]).collect()
    }

    /// The gateways that can carry this by this method, whether they answer or not: it lies within their limits, and
    /// the shop bears what they keep. The one that costs the shop least first, of equal ones the one that was
    /// connected first.
    pub fn rails(&self, method: PaymentMethod, bill: Bill) -> Vec<&Arc<dyn Gateway>> {
        let amount = bill.amount;
        let mut priced: Vec<(Rupiah, &Arc<dyn Gateway>)> = self
            .collect_by(method)
            .filter(|gateway| gateway.terms(method).carries(amount))
            .map(|gateway| (self.fee(gateway.name(), method, amount), gateway))
            .filter(|(fee, _)| self.bears(*fee, bill))
            .collect();
        priced.sort_by_key(|(fee, _)| *fee);
        priced.into_iter().map(|(_, gateway)| gateway).collect()
    }

    /// Whether the shop bears this fee: it is no more of the amount than the owner allows, and, unless that is
    /// allowed too, no more than the sale leaves.
    fn bears(&self, fee: Rupiah, bill: Bill) -> bool {
        let most = bill.amount.basis_points(self.rules.most_fee_basis_points);
        let any_margin = self.rules.fee_above_margin == FeeAboveMargin::Allow || !fee.is_positive();
        most.is_none_or(|most| fee <= most)
            && (any_margin || bill.margin().is_none_or(|margin| fee <= margin))
    }

    /// The gateway over which this is paid now: the first of its rails that is not left alone
    /// and for which enough time is left.
    pub(crate) fn rail(
        &self,
        method: PaymentMethod,
        bill: Bill,
        pay_by: Option<Timestamp>,
    ) -> Result<&Arc<dyn Gateway>, NoRail> {
        if !self.offers_method(method) {
            return Err(NoRail::NotOffered);
        }
        let rails = self.rails(method, bill);
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
