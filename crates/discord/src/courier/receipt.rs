//! The one message about an order: a direct message, or in a private thread for a buyer who takes none.
//! It shows everything that was told about the order, so that it is right in whatever order messages
//! are carried, and however often.

use super::{refused, words};
use crate::{
    place::{self, Place, Receipt},
    rest::{Refusal, Rest},
    screen::user_of,
};
use database::Error;
use notifications::{Audience, Message};
use orders::{Delivery, Order, Shop};
use serde_json::{Value, json};
use vocabulary::OutboxMessageId;

/// Why a message cannot reach the buyer outside: the order's card and `/history` show it all the same.
const PENDING: &str = "receipt pending: DMs closed, no thread";
/// What staff reads about a message that went into a thread.
const IN_THREAD: &str = "in a private thread";

/// What came of sending.
enum Sent {
    /// It is there.
    There(Receipt),
    /// The place takes nothing from us; another may.
    Closed,
    /// Neither this place nor another would do now.
    Stopped(Refusal),
}

/// Carries a message.
///
/// # Errors
/// When the database refuses; the message is carried again.
pub(super) async fn carry(rest: &Rest, shop: &Shop, message: &Message) -> Result<Delivery, Error> {
    let impossible = |reason: &str| Ok(Delivery::Impossible { reason: reason.to_owned() });
    if message.audience != Audience::Buyer {
        return impossible("it is not for a buyer");
    }
    let Some(id) = &message.order else { return impossible("it is about no order") };
    let mut tx = shop.db.read("discord.receipt.look").await?;
    let Some(order) = orders::order_by_id(&mut tx, id).await? else {
        return impossible("there is no such order");
    };
    let told = notifications::messages_of_order(&mut tx, id).await?;
    let place = place::place(&mut tx, &order.buyer).await?;
    let receipt = place::receipt(&mut tx, id).await?;
    drop(tx);
    let Some(user) = user_of(&order.buyer) else { return impossible("the buyer is not on Discord") };

    let body = words::receipt(&order, &told, shop.rules.address(&format!("/pay/{}", order.pay_token)));
    let errand = Errand { rest, shop, order: &order, user, nonce: nonce(&message.id), body };
    if let Some(receipt) = receipt {
        let edited = rest.edit_message(&receipt.channel, &receipt.message, &errand.edit(&receipt), &[]).await;
        match edited {
            Ok(_) => return Ok(arrived(&receipt)),
            // It was deleted, is too old to be edited once more, or is where we may not write any more.
            Err(Refusal::Gone { .. } | Refusal::Forbidden { .. }) => {}
            Err(refusal) => return Ok(refused(shop, "receipt", refusal).await),
        }
    }
    let sent = match errand.direct(&place).await? {
        Sent::Closed => errand.in_thread(&place).await?,
        sent => sent,
    };
    match sent {
        Sent::There(receipt) => {
            let mut tx = shop.db.write("discord.receipt.record").await?;
            place::remember_receipt(&mut tx, id, &receipt, shop.clock.now()).await?;
            tx.commit().await?;
            Ok(arrived(&receipt))
        }
        Sent::Closed => impossible(PENDING),
        Sent::Stopped(refusal) => Ok(refused(shop, "receipt", refusal).await),
    }
}

fn arrived(receipt: &Receipt) -> Delivery {
    Delivery::Arrived { note: receipt.in_thread.then(|| IN_THREAD.to_owned()) }
}

/// The last 25 characters of the id of a message, which is as long as a nonce may be: its ULID without the
/// first digit, a zero until the year 3084.
fn nonce(id: &OutboxMessageId) -> String {
    let text = id.as_str();
    text.get(text.len().saturating_sub(25)..).unwrap_or(text).to_owned()
}

struct Errand<'a> {
    rest: &'a Rest,
    shop: &'a Shop,
    order: &'a Order,
    user: &'a str,
    nonce: String,
    body: Value,
}

impl Errand<'_> {
    /// By direct message.
    async fn direct(&self, place: &Place) -> Result<Sent, Error> {
        if let Some(channel) = &place.dm_channel {
            match self.post(channel, false).await {
                Err(Refusal::Gone { .. }) => {}
                posted => return Ok(judged(posted)),
            }
        }
        let channel = match self.rest.dm_channel(self.user).await {
            Ok(channel) => channel,
            Err(refusal) => return Ok(judged(Err(refusal))),
        };
        let mut tx = self.shop.db.write("discord.dm.record").await?;
        let (order, now) = (self.order, self.shop.clock.now());
        place::remember_dm(&mut tx, &order.buyer, &channel, order.locale, now).await?;
        tx.commit().await?;
        Ok(judged(self.post(&channel, false).await))
    }

    /// In a private thread on the channel where the buyer last was.
    async fn in_thread(&self, place: &Place) -> Result<Sent, Error> {
        let Some(parent) = &place.channel else { return Ok(Sent::Closed) };
        if let Some(thread) = &place.thread {
            match self.post(thread, true).await {
                Err(Refusal::Gone { .. } | Refusal::Forbidden { .. }) => {}
                posted => return Ok(judged(posted)),
            }
        }
        let name = words::thread_name(self.order.locale);
        let thread = match self.rest.create_private_thread(parent, name).await {
            Ok(thread) => thread,
            // A place that has no threads (a voice channel) is told like a mistake of ours, and is none.
            Err(Refusal::Invalid { .. }) => return Ok(Sent::Closed),
            Err(refusal) => return Ok(judged(Err(refusal))),
        };
        let mut tx = self.shop.db.write("discord.thread.record").await?;
        let now = self.shop.clock.now();
        place::remember_thread(&mut tx, &self.order.buyer, (&thread, parent), now).await?;
        tx.commit().await?;
        Ok(judged(self.post(&thread, true).await))
    }

    async fn post(&self, channel: &str, in_thread: bool) -> Result<Receipt, Refusal> {
        let message =
            self.rest.create_message(channel, &self.with_mention(in_thread), &[], &self.nonce).await?;
        Ok(Receipt { channel: channel.to_owned(), message, in_thread })
    }

    /// The body for a message that is there already.
    fn edit(&self, receipt: &Receipt) -> Value {
        self.with_mention(receipt.in_thread)
    }

    /// In a thread the buyer is mentioned, which invites them to it; nobody else ever is.
    fn with_mention(&self, in_thread: bool) -> Value {
        let mut body = self.body.clone();
        if let Some(fields) = body.as_object_mut().filter(|_| in_thread) {
            fields.insert("content".into(), format!("<@{}>", self.user).into());
            fields.insert("allowed_mentions".into(), json!({ "parse": [], "users": [self.user] }));
        }
        body
    }
}

fn judged(posted: Result<Receipt, Refusal>) -> Sent {
    match posted {
        Ok(receipt) => Sent::There(receipt),
        Err(refusal @ Refusal::Forbidden { code: 40_003 }) => Sent::Stopped(refusal),
        Err(Refusal::Forbidden { .. } | Refusal::Gone { .. }) => Sent::Closed,
        Err(refusal) => Sent::Stopped(refusal),
    }
}
