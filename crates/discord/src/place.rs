//! Where buyers and orders are on Discord, and the message that tells about an order.

use crate::inbound::Inbound;
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{BuyerId, Locale, OrderId, OrderNumber, Timestamp};

/// A channel of a guild that the bot is in: a private thread can hang there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The guild.
    pub guild: String,
    /// The channel: never a thread.
    pub channel: String,
}

/// Where the buyer of an order can be reached about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where the order was placed; where the buyer last used the shop, for an order of which that is not
    /// known.
    pub(crate) spot: Option<Spot>,
    /// The channel of direct messages.
    pub(crate) dm_channel: Option<String>,
    /// The buyer's private thread on the channel of `spot`.
    pub(crate) thread: Option<String>,
}

/// The message about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) channel: String,
    pub(crate) message: String,
    /// In a private thread, not in a direct message.
    pub(crate) in_thread: bool,
}

impl FromRow for Receipt {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Receipt {
            channel: row.get("channel_id")?,
            message: row.get("message_id")?,
            in_thread: row.get("in_thread")?,
        })
    }
}

/// Remembers where the buyer is, and the language of the client. Elsewhere than on a spot the last one stays
/// known, because a private thread needs one.
///
/// # Errors
/// When the database refuses.
pub async fn remember_place(
    tx: &mut WriteTx,
    buyer: &BuyerId,
    spot: Option<&Spot>,
    locale: Locale,
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO discord_buyer (buyer, guild_id, channel_id, locale, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (buyer) DO UPDATE SET
            channel_id = CASE WHEN excluded.guild_id IS NULL THEN discord_buyer.channel_id ELSE excluded.channel_id END,
            guild_id = COALESCE(excluded.guild_id, discord_buyer.guild_id),
            locale = excluded.locale, updated_at = excluded.updated_at"
    )
    .bind(buyer)
    .bind(spot.map(|spot| &spot.guild))
    .bind(spot.map(|spot| &spot.channel))
    .bind(locale)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Remembers where an order was placed, and that its buyer is there.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn remember_order(
    tx: &mut WriteTx,
    asked: &Inbound,
    (buyer, number): (&BuyerId, &OrderNumber),
    now: Timestamp,
) -> Result<(), Error> {
    remember_place(tx, buyer, asked.spot.as_ref(), asked.locale, now).await?;
    let Some(spot) = &asked.spot else { return Ok(()) };
    sql!(
        "INSERT INTO discord_order_place (order_id, guild_id, channel_id)
         SELECT id, $2, $3 FROM shop_order WHERE number = $1 ON CONFLICT (order_id) DO NOTHING"
    )
    .bind(number)
    .bind(&spot.guild)
    .bind(&spot.channel)
    .run(tx)
    .await?;
    Ok(())
}

/// Where the buyer of an order can be reached about it, as far as is known.
pub(crate) async fn place(tx: &mut ReadTx, buyer: &BuyerId, order: &OrderId) -> Result<Place, Error> {
    let of_order: Option<(String, String)> =
        sql!("SELECT guild_id, channel_id FROM discord_order_place WHERE order_id = $1")
            .bind(order)
            .optional(tx)
            .await?;
    let of_buyer: Option<(Option<String>, Option<String>, Option<String>)> =
        sql!("SELECT guild_id, channel_id, dm_channel_id FROM discord_buyer WHERE buyer = $1")
            .bind(buyer)
            .optional(tx)
            .await?;
    let (guild, channel, dm_channel) = of_buyer.unwrap_or_default();
    let spot = of_order.or(guild.zip(channel)).map(|(guild, channel)| Spot { guild, channel });
    let thread = match &spot {
        Some(spot) => thread_on(tx, buyer, &spot.channel).await?,
        None => None,
    };
    Ok(Place { spot, dm_channel, thread })
}

async fn thread_on(tx: &mut ReadTx, buyer: &BuyerId, parent: &str) -> Result<Option<String>, Error> {
    sql!("SELECT thread_id FROM discord_thread WHERE buyer = $1 AND parent_id = $2 AND thread_id IS NOT NULL")
        .bind(buyer)
        .bind(parent)
        .optional(tx)
        .await
}

/// Remembers the channel of direct messages with a buyer.
pub(crate) async fn remember_dm(
    tx: &mut WriteTx,
    buyer: &BuyerId,
    channel: &str,
    locale: Locale,
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO discord_buyer (buyer, dm_channel_id, locale, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (buyer) DO UPDATE SET dm_channel_id = excluded.dm_channel_id, updated_at = excluded.updated_at"
    )
    .bind(buyer)
    .bind(channel)
    .bind(locale)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// The message about an order, if there is one.
pub(crate) async fn receipt(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Receipt>, Error> {
    sql!("SELECT * FROM discord_receipt WHERE order_id = $1").bind(order).optional(tx).await
}

/// Remembers the message about an order; a former one is forgotten.
pub(crate) async fn remember_receipt(
    tx: &mut WriteTx,
    order: &OrderId,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO discord_receipt (order_id, channel_id, message_id, in_thread, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (order_id) DO UPDATE SET channel_id = excluded.channel_id, message_id = excluded.message_id,
            in_thread = excluded.in_thread, created_at = excluded.created_at, updated_at = excluded.updated_at"
    )
    .bind(order)
    .bind(&receipt.channel)
    .bind(&receipt.message)
    .bind(receipt.in_thread)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}
