//! Where an order comes from, beside who places it: the server, the person's account there, and the name of the
//! player that the buyer agreed to. Kept with the order when it is placed, and never changed.

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{OrderId, Timestamp};

/// What is known of where an order comes from. Over HTTP nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The server of Discord in which it is placed.
    pub guild: Option<String>,
    /// The name of the player that was shown to the buyer, untrusted; none where nobody could tell one.
    pub nickname: Option<String>,
    /// When the buyer agreed to account and name.
    pub agreed_at: Option<Timestamp>,
    /// When the buyer's account there was made.
    pub account_made_at: Option<Timestamp>,
    /// When the buyer joined the server.
    pub joined_at: Option<Timestamp>,
}

impl FromRow for Origin {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Origin {
            guild: row.get("guild")?,
            nickname: row.get("nickname")?,
            agreed_at: row.get("agreed_at")?,
            account_made_at: row.get("account_made_at")?,
            joined_at: row.get("joined_at")?,
        })
    }
}

/// Keeps it with a new order.
pub(crate) async fn keep(tx: &mut WriteTx, order: &OrderId, origin: &Origin) -> Result<(), Error> {
    if *origin == Origin::default() {
        return Ok(());
    }
    sql!(
        "UPDATE shop_order SET guild = $2, nickname = $3, agreed_at = $4, account_made_at = $5, joined_at = $6
         WHERE id = $1"
    )
    .bind(order)
    .bind(&origin.guild)
    .bind(&origin.nickname)
    .bind(origin.agreed_at)
    .bind(origin.account_made_at)
    .bind(origin.joined_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Where an order comes from.
pub(crate) async fn of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Origin, Error> {
    let found: Option<Origin> =
        sql!("SELECT guild, nickname, agreed_at, account_made_at, joined_at FROM shop_order WHERE id = $1")
            .bind(order)
            .optional(tx)
            .await?;
    Ok(found.unwrap_or_default())
}
