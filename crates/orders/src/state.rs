//! The states of an order, and why a person has to look at one.

vocabulary::text_enum!(
    /// State of an order, as the public interface names it.
    pub enum OrderState {
        /// Held until the buyer proves to be the buyer.
        AwaitingVerification = "awaiting_verification",
        /// Held until a person decides.
        InReview = "in_review",
        /// Stopped by the risk rules. Final.
        Blocked = "blocked",
        /// The buyer can pay.
        AwaitingPayment = "awaiting_payment",
        /// The money is in escrow.
        Paid = "paid",
        /// The supplier is at work.
        Fulfilling = "fulfilling",
        /// The product has arrived. Final, unless the supplier takes it back.
        Delivered = "delivered",
        /// Proven: nothing was delivered.
        Failed = "failed",
        /// The money is on its way back.
        Refunding = "refunding",
        /// The money is back. Final.
        Refunded = "refunded",
        /// Not paid in time. Final, unless money comes late.
        Expired = "expired",
        /// Withdrawn before it was paid. Final, unless money comes late.
        Cancelled = "cancelled",
        /// A person has to decide.
        NeedsAttention = "needs_attention",
    }
);

vocabulary::text_enum!(
    /// What an order is for.
    pub enum OrderKind {
        /// A product, from a supplier.
        Purchase = "purchase",
        /// Credit in the buyer's own wallet. Nothing is held and nothing bought: once it is paid, its money goes
        /// into the wallet, and it is `refunded`.
        Deposit = "deposit",
    }
);

vocabulary::text_enum!(
    /// Why a person has to decide.
    pub enum Attention {
        /// Money came in, of an amount that is not ours.
        OddMoney = "odd_money",
        /// The supplier has not decided for two hours.
        SupplierSlow = "supplier_slow",
        /// The supplier refuses us: keys, access, deposit.
        SupplierRefusesUs = "supplier_refuses_us",
        /// The supplier's word about an attempt makes no sense.
        SupplierOdd = "supplier_odd",
        /// Nobody can deliver it at this moment: it goes on by itself when somebody can.
        WaitsForSupplier = "waits_for_supplier",
        /// A part of the product was delivered, and a person has to say what becomes of the rest.
        PartlyDelivered = "partly_delivered",
        /// It is to be refunded, and the gateway has given back a part of its money already.
        PartlyRefunded = "partly_refunded",
    }
);
database::text_column!(OrderState, OrderKind, Attention);

impl Attention {
    /// Whether it is about a supplier that has yet to deliver, or may be asked once more.
    pub fn is_about_supplier(self) -> bool {
        matches!(
            self,
            Attention::SupplierSlow
                | Attention::SupplierRefusesUs
                | Attention::SupplierOdd
                | Attention::WaitsForSupplier
        )
    }
}

impl OrderState {
    /// States in which the shop holds the buyer's money in escrow.
    pub fn holds_money(self) -> bool {
        matches!(self, OrderState::Paid | OrderState::Fulfilling | OrderState::Failed | OrderState::Refunding)
    }

    /// States that an order leaves only when something unexpected comes from outside.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            OrderState::Blocked
                | OrderState::Delivered
                | OrderState::Refunded
                | OrderState::Expired
                | OrderState::Cancelled
        )
    }
}
