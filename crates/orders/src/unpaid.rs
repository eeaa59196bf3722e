//! Caps on orders that are not paid: nobody locks the shop up with orders that nobody means to pay (contracts/suppliers
//! §6 row 20). A deposit holds no stock, but a payment at a gateway as any order does, and counts with its buyer's.

use crate::{Order, OrderState, PlaceError, Placement, Shop};
use database::{Error, ReadTx, WriteTx, sql};
use notifications::{AlertKind, alert_open};
use vocabulary::{BuyerId, OrderNumber, PaymentMethod, Timestamp};

/// How many of a buyer's open orders a refusal names.
const NAMED: i64 = 3;

/// How many orders may be unpaid at a time. The time for paying frees what nobody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpaidRules {
    /// Of one buyer. Above what the risk rules score (the eleventh order of a day), so that they are heard first.
    pub per_buyer: u32,
    /// Of all who buy in one server of Discord.
    pub per_server: u32,
    /// Of an API key, for orders that name no buyer.
    pub per_key: u32,
}

impl Default for UnpaidRules {
    fn default() -> Self {
        UnpaidRules { per_buyer: 12, per_server: 50, per_key: 50 }
    }
}

/// Whose orders are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpaid {
    /// The buyer's own.
    OfBuyer {
        /// How many there may be.
        most: u32,
        /// A few of them, oldest first.
        open: Vec<OrderNumber>,
    },
    /// Those of everybody in this server.
    InServer {
        /// The server.
        guild: String,
        /// How many there may be.
        most: u32,
    },
}

impl Unpaid {
    /// What is wrong and what can be done, in Indonesian and English; `how` says how a buyer sees the own orders.
    pub fn words(&self, how: (&str, &str)) -> (String, String) {
        match self {
            Unpaid::OfBuyer { most, open } => {
                let numbers = open.iter().map(OrderNumber::as_str).collect::<Vec<_>>().join(", ");
                let all = usize::try_from(*most).is_ok_and(|most| most <= open.len());
                let more = if all { "" } else { ", …" };
                (
                    format!(
                        "Pesanan Anda yang belum dibayar: {numbers}{more}. Paling banyak {most} sekaligus. Bayar atau batalkan dulu salah satunya{}.",
                        how.0
                    ),
                    format!(
                        "Orders of yours that are not paid yet: {numbers}{more}. There can be {most} at a time. Pay or cancel one of them first{}.",
                        how.1
                    ),
                )
            }
            Unpaid::InServer { most, .. } => (
                format!(
                    "Sudah {most} pesanan di server ini yang menunggu pembayaran. Bayar atau batalkan dulu pesanan Anda yang masih terbuka{}, atau coba lagi beberapa menit lagi. Dengan saldo tetap bisa.",
                    how.0
                ),
                format!(
                    "{most} orders in this server wait for payment already. Pay or cancel those of yours that are open{}, or try again in a few minutes. Store credit can be used all the same.",
                    how.1
                ),
            ),
        }
    }
}

impl Shop {
    /// Refuses a new order or deposit that would be unpaid beside too many. The caller holds the buyer's row; the
    /// server's is locked here, after it: in this order everybody locks before counting.
    pub(crate) async fn cap_unpaid(
        &self,
        tx: &mut WriteTx,
        placement: &Placement,
        new: &Order,
    ) -> Result<(), PlaceError> {
        let holds = match new.state {
            OrderState::AwaitingVerification | OrderState::InReview => true,
            // Store credit pays within the placing, or there is no order.
            OrderState::AwaitingPayment => new.method != PaymentMethod::Wallet,
            _ => false,
        };
        if !holds {
            return Ok(());
        }
        let rules = self.rules.unpaid;
        let names_nobody = placement.buyer.as_str() == placement.owner;
        let most = if names_nobody { rules.per_key } else { rules.per_buyer };
        if of_buyer(tx, &placement.buyer).await? >= i64::from(most) {
            let open = oldest_of_buyer(tx, &placement.buyer).await?;
            return Err(PlaceError::TooManyUnpaid(Unpaid::OfBuyer { most, open }));
        }
        if let Some(guild) = &placement.origin.guild {
            lock(tx, guild, new.placed_at).await?;
            if in_guild(tx, guild).await? >= i64::from(rules.per_server) {
                let (guild, most) = (guild.clone(), rules.per_server);
                return Err(PlaceError::TooManyUnpaid(Unpaid::InServer { guild, most }));
            }
        }
        Ok(())
    }

    /// Calls a person: nobody can order in this server but with store credit, until some of it is paid or over.
    pub(crate) async fn call_for_server(&self, guild: &str, most: u32) -> Result<(), Error> {
        let message = format!(
            "{most} orders of Discord server {guild} hold stock unpaid, so nobody orders there but with store credit; see who with `loket order list --state awaiting_payment`, and blacklist or set `rules.unpaid_per_server`"
        );
        let mut tx = self.db.write("order.server_full").await?;
        let alert = (AlertKind::ServerFull, guild, message.as_str());
        alert_open(&mut tx, &self.ids, self.clock.now(), alert).await?;
        tx.commit().await
    }
}

async fn of_buyer(tx: &mut WriteTx, buyer: &BuyerId) -> Result<i64, Error> {
    sql!(
        "SELECT COUNT(*) FROM shop_order WHERE buyer = $1
             AND state IN ('awaiting_verification', 'in_review', 'awaiting_payment')"
    )
    .bind(buyer)
    .one(tx)
    .await
}

async fn oldest_of_buyer(tx: &mut WriteTx, buyer: &BuyerId) -> Result<Vec<OrderNumber>, Error> {
    sql!(
        "SELECT number FROM shop_order WHERE buyer = $1
             AND state IN ('awaiting_verification', 'in_review', 'awaiting_payment') ORDER BY placed_at LIMIT $2"
    )
    .bind(buyer)
    .bind(NAMED)
    .all(tx)
    .await
}

/// Whether there is room in a server again for an order that is not paid.
pub(crate) async fn has_room(tx: &mut ReadTx, rules: UnpaidRules, guild: &str) -> Result<bool, Error> {
    Ok(in_guild(tx, guild).await? < i64::from(rules.per_server))
}

async fn in_guild(tx: &mut ReadTx, guild: &str) -> Result<i64, Error> {
    sql!(
        "SELECT COUNT(*) FROM shop_order WHERE guild = $1 AND kind = 'purchase'
             AND state IN ('awaiting_verification', 'in_review', 'awaiting_payment')"
    )
    .bind(guild)
    .one(tx)
    .await
}

/// The row of a server, locked until the transaction ends.
async fn lock(tx: &mut WriteTx, guild: &str, now: Timestamp) -> Result<(), Error> {
    sql!(
        "INSERT INTO guild (id, last_order_at) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET last_order_at = $2"
    )
    .bind(guild)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
