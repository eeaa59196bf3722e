//! The accounts, and their names as stored.

use std::{fmt, str::FromStr};
use vocabulary::BuyerId;

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Money that a gateway holds for us (an asset).
    Gateway(String),
    /// Our deposit at a supplier (an asset).
    Supplier(String),
    /// Paid by buyers, not delivered yet (owed).
    Escrow,
    /// Store credit of a buyer (owed).
    Wallet(BuyerId),
    /// On its way from us to buyers through a gateway, which has not said yet that it is with them (owed).
    Refunding(String),
    /// Earned.
    Revenue,
    /// What delivered products cost us.
    Cost,
    /// What gateways keep.
    Fee,
    /// What names of game accounts cost that are bought to be shown to buyers.
    NameChecks,
    /// Delivered although it had been refunded.
    LateDeliveryLoss,
    /// Taken back at a gateway after it had been earned or given to the buyer.
    ChargebackLoss,
    /// What a gateway's odd amount was short of ours, and a person accepted.
    UnderpaidLoss,
    /// What a gateway's odd amount was more than ours: not ours, until somebody finds out whose.
    Suspense,
}

/// A stored name that is no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account of the ledger")]
pub struct UnknownAccount(String);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Gateway(name) => write!(f, "gateway:{name}"),
            Account::Supplier(name) => write!(f, "supplier:{name}"),
            Account::Escrow => f.write_str("escrow"),
            Account::Wallet(buyer) => write!(f, "wallet:{buyer}"),
            Account::Refunding(name) => write!(f, "refunding:{name}"),
            Account::Revenue => f.write_str("revenue"),
            Account::Cost => f.write_str("cost"),
            Account::Fee => f.write_str("fee"),
            Account::NameChecks => f.write_str("name_checks"),
            Account::LateDeliveryLoss => f.write_str("loss:late_delivery"),
            Account::ChargebackLoss => f.write_str("loss:chargeback"),
            Account::UnderpaidLoss => f.write_str("loss:underpaid"),
            Account::Suspense => f.write_str("suspense"),
        }
    }
}

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownAccount(text.chars().take(60).collect());
        match text.split_once(':') {
            Some(("gateway", name)) => Ok(Account::Gateway(name.to_owned())),
            Some(("refunding", name)) => Ok(Account::Refunding(name.to_owned())),
            Some(("supplier", name)) => Ok(Account::Supplier(name.to_owned())),
            Some(("wallet", buyer)) => buyer.parse().map(Account::Wallet).map_err(|_| unknown()),
            Some(("loss", "late_delivery")) => Ok(Account::LateDeliveryLoss),
            Some(("loss", "chargeback")) => Ok(Account::ChargebackLoss),
            Some(("loss", "underpaid")) => Ok(Account::UnderpaidLoss),
            None if text == "suspense" => Ok(Account::Suspense),
            None if text == "escrow" => Ok(Account::Escrow),
            None if text == "revenue" => Ok(Account::Revenue),
            None if text == "cost" => Ok(Account::Cost),
            None if text == "fee" => Ok(Account::Fee),
            None if text == "name_checks" => Ok(Account::NameChecks),
            _ => Err(unknown()),
        }
    }
}

database::text_column!(Account);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_reads_back() {
        let buyer: BuyerId = "api:shop/42".parse().unwrap();
        for account in [
            Account::Gateway("midtrans".into()),
            Account::Supplier("digiflazz".into()),
            Account::Escrow,
            Account::Wallet(buyer),
            Account::Refunding("midtrans".into()),
            Account::Revenue,
            Account::Cost,
            Account::Fee,
            Account::NameChecks,
            Account::LateDeliveryLoss,
            Account::ChargebackLoss,
            Account::UnderpaidLoss,
            Account::Suspense,
        ] {
            assert_eq!(account.to_string().parse::<Account>(), Ok(account));
        }
        assert!("cash".parse::<Account>().is_err());
    }
}
