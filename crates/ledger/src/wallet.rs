//! Store credit of buyers: the one kind of account with a balance row, because spending it must be
//! decided there.

use crate::{
    Account,
    post::{Entry, Kind, LedgerError, Posted, post},
};
use database::{Error, ReadTx, WriteTx, sql};
use vocabulary::{BuyerId, Ids, OrderId, Rupiah, Timestamp};

/// What became of spending store credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was taken now.
    Now,
    /// It was taken before; nothing was changed.
    Before,
    /// There is not enough; nothing was changed.
    NotEnough {
        /// What there is.
        balance: Rupiah,
    },
}

/// What became of credit that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// So much was still in the wallet, and is not any more.
    pub got: Rupiah,
    /// So much was not, and is lost.
    pub lost: Rupiah,
}

/// The store credit of a buyer.
pub async fn balance(tx: &mut ReadTx, buyer: &BuyerId) -> Result<Rupiah, Error> {
    let found = sql!("SELECT balance FROM wallet WHERE buyer = $1").bind(buyer).optional(tx).await?;
    Ok(found.unwrap_or(Rupiah::ZERO))
}

/// The store credit of a buyer, its row locked until the transaction ends.
pub async fn balance_locked(tx: &mut WriteTx, buyer: &BuyerId) -> Result<Rupiah, Error> {
    let found = sql!(
        sqlite: "SELECT balance FROM wallet WHERE buyer = $1",
        postgres: "SELECT balance FROM wallet WHERE buyer = $1 FOR UPDATE"
    );
    Ok(found.bind(buyer).optional(tx).await?.unwrap_or(Rupiah::ZERO))
}

/// Moves `amount` from `from` to the buyer's wallet, once for the kind and reference.
pub async fn credit(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    (kind, reference): (Kind, &str),
    order: &OrderId,
    (from, buyer, amount): (Account, &BuyerId, Rupiah),
) -> Result<Posted, LedgerError> {
    let entry = Entry::transfer(kind, &reference, order, from, Account::Wallet(buyer.clone()), amount);
    if post(tx, ids, now, &entry).await? == Posted::Before {
        return Ok(Posted::Before);
    }
    sql!(
        "INSERT INTO wallet (buyer, balance, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (buyer) DO UPDATE SET balance = wallet.balance + $2, updated_at = $3"
    )
    .bind(buyer)
    .bind(amount)
    .bind(now)
    .run(tx)
    .await?;
    Ok(Posted::Now)
}

/// Pays `amount` of an order from the buyer's wallet into escrow, once for the reference.
pub async fn spend(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    reference: &str,
    order: &OrderId,
    (buyer, amount): (&BuyerId, Rupiah),
) -> Result<Spent, LedgerError> {
    let taken: Option<Rupiah> = sql!(
        "UPDATE wallet SET balance = balance - $2, updated_at = $3
         WHERE buyer = $1 AND balance >= $2
         AND NOT EXISTS (SELECT 1 FROM ledger_transaction WHERE kind = 'wallet_payment' AND reference = $4)
         RETURNING balance"
    )
    .bind(buyer)
    .bind(amount)
    .bind(now)
    .bind(reference)
    .optional(tx)
    .await?;
    if taken.is_none() {
        let before: Option<String> =
            sql!("SELECT id FROM ledger_transaction WHERE kind = 'wallet_payment' AND reference = $1")
                .bind(reference)
                .optional(tx)
                .await?;
        return Ok(match before {
            Some(_) => Spent::Before,
            None => Spent::NotEnough { balance: balance(tx, buyer).await? },
        });
    }
    let wallet = Account::Wallet(buyer.clone());
    let entry = Entry::transfer(Kind::WalletPayment, &reference, order, wallet, Account::Escrow, amount);
    match post(tx, ids, now, &entry).await? {
        Posted::Now => Ok(Spent::Now),
        // Another transaction booked it between our two statements; ours must not take the money too.
        Posted::Before => {
            Err(LedgerError::Unbalanced { kind: Kind::WalletPayment, reference: reference.to_owned() })
        }
    }
}

/// Takes `amount` from the buyer's wallet, to give it back to where it came from, once for the reference.
pub async fn pay_out(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    reference: &str,
    order: &OrderId,
    (buyer, to, amount): (&BuyerId, Account, Rupiah),
) -> Result<Spent, LedgerError> {
    let wallet = Account::Wallet(buyer.clone());
    let entry = Entry::transfer(Kind::PayoutBegun, &reference, order, wallet, to, amount);
    let there = balance_locked(tx, buyer).await?;
    if there < amount {
        return Ok(Spent::NotEnough { balance: there });
    }
    if post(tx, ids, now, &entry).await? == Posted::Before {
        return Ok(Spent::Before);
    }
    let taken =
        sql!("UPDATE wallet SET balance = balance - $2, updated_at = $3 WHERE buyer = $1 AND balance >= $2")
            .bind(buyer)
            .bind(amount)
            .bind(now)
            .run(tx)
            .await?;
    // Its row is locked, so it is still there; if it were not, nothing of this may be kept.
    if taken == 0 {
        return Err(LedgerError::Unbalanced { kind: Kind::PayoutBegun, reference: reference.to_owned() });
    }
    Ok(Spent::Now)
}

/// Books `entry`, and with it `amount` that goes back to `to` after it had been credited: out of the buyer's
/// wallet as far as there is any, the rest out of `loss`. Once for the kind and reference of the entry; `None`
/// when it was booked before.
pub async fn take_back(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    entry: Entry,
    (buyer, loss): (&BuyerId, Account),
    (to, amount): (Account, Rupiah),
) -> Result<Option<Taken>, LedgerError> {
    let got = balance_locked(tx, buyer).await?.min(amount);
    let lost = amount.checked_sub(got).unwrap_or_default();
    let entry = entry.moving(Account::Wallet(buyer.clone()), to.clone(), got).moving(loss, to, lost);
    if post(tx, ids, now, &entry).await? == Posted::Before {
        return Ok(None);
    }
    if got.is_positive() {
        let taken = sql!(
            "UPDATE wallet SET balance = balance - $2, updated_at = $3 WHERE buyer = $1 AND balance >= $2"
        );
        // Its row is locked, so it is still there; if it were not, nothing of this may be kept.
        if taken.bind(buyer).bind(got).bind(now).run(tx).await? == 0 {
            return Err(LedgerError::Unbalanced { kind: entry.kind, reference: entry.reference });
        }
    }
    Ok(Some(Taken { got, lost }))
}
