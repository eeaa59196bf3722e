//! Where buyers can be reached, and the message that tells them about an order.

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{BuyerId, Locale, OrderId, Timestamp};

/// Where a buyer can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The channel of a guild where the buyer last used the shop.
    pub(crate) channel: Option<String>,
    /// The channel of direct messages.
    pub(crate) dm_channel: Option<String>,
    /// The private thread on `channel`.
    pub(crate) thread: Option<String>,
}

struct Stored {
    guild: Option<String>,
    place: Place,
    thread_parent: Option<String>,
}

impl FromRow for Stored {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Stored {
            guild: row.get("guild_id")?,
            place: Place {
                channel: row.get("channel_id")?,
                dm_channel: row.get("dm_channel_id")?,
                thread: row.get("thread_id")?,
            },
            thread_parent: row.get("thread_parent_id")?,
        })
    }
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

/// Remembers where the buyer is: the guild, if it is in one, the channel, and the language of the client.
/// Outside of a guild the last guild stays known, because a private thread needs one.
///
/// # Errors
/// When the database refuses.
pub async fn remember_place(
    tx: &mut WriteTx,
    buyer: &BuyerId,
    guild: Option<&str>,
    channel: Option<&str>,
    locale: Locale,
    now: Timestamp,
) -> Result<(), Error> {
    let channel = channel.filter(|_| guild.is_some());
    sql!(
        "INSERT INTO discord_buyer (buyer, guild_id, channel_id, locale, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (buyer) DO UPDATE SET
            channel_id = CASE WHEN excluded.guild_id IS NULL THEN discord_buyer.channel_id ELSE excluded.channel_id END,
            guild_id = COALESCE(excluded.guild_id, discord_buyer.guild_id),
            locale = excluded.locale, updated_at = excluded.updated_at"
    )
    .bind(buyer)
    .bind(guild)
    .bind(channel)
    .bind(locale)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Where a buyer can be reached, as far as is known.
pub(crate) async fn place(tx: &mut ReadTx, buyer: &BuyerId) -> Result<Place, Error> {
    let found: Option<Stored> =
        sql!("SELECT * FROM discord_buyer WHERE buyer = $1").bind(buyer).optional(tx).await?;
    let Some(Stored { guild, mut place, thread_parent }) = found else { return Ok(Place::default()) };
    place.channel = place.channel.filter(|_| guild.is_some());
    // A thread on another channel may be one that the buyer does not see any more.
    place.thread = place.thread.filter(|_| thread_parent == place.channel);
    Ok(place)
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

/// Remembers the private thread of a buyer on a channel.
pub(crate) async fn remember_thread(
    tx: &mut WriteTx,
    buyer: &BuyerId,
    (thread, parent): (&str, &str),
    now: Timestamp,
) -> Result<(), Error> {
    sql!("UPDATE discord_buyer SET thread_id = $2, thread_parent_id = $3, updated_at = $4 WHERE buyer = $1")
        .bind(buyer)
        .bind(thread)
        .bind(parent)
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
