//! The one message about an order: a direct message, or in a private thread for a buyer who takes none.
//! It shows everything that was told about the order, so that it is right in whatever order messages
//! are carried, and however often. One at a time carries into it, whichever process that is.

use super::{
    alert::{refused, works},
    claim::{self, ReceiptClaim},
    thread::{self, Made},
    words,
};
use crate::{
    place::{self, Place, Receipt},
    rest::{Refusal, Rest, THREAD_ARCHIVED},
    screen::user_of,
};
use database::Error;
use notifications::{Audience, Message};
use orders::{Delivery, Order, Shop};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::OutboxMessageId;

/// Why a message cannot reach the buyer outside: the order's card and `/history` show it all the same.
const PENDING: &str = "receipt pending: DMs closed, no thread";
/// What staff reads about a message that went into a thread.
const IN_THREAD: &str = "in a private thread";
/// Pause while something else is carried to the same buyer.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// What came of sending.
enum Sent {
    /// It is there.
    There(Receipt),
    /// The place takes nothing from us; another may.
    Closed,
    /// Somebody else makes the buyer's thread.
    Busy,
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
    let mut tx = shop.db.write("discord.receipt.claim").await?;
    let Some(mut order) = orders::order_by_id(&mut tx, id).await? else {
        return impossible("there is no such order");
    };
    shop.open_order(&mut order);
    let Some(user) = user_of(&order.buyer) else { return impossible("the buyer is not on Discord") };
    let holder = (&message.id, nonce(&message.id));
    let Some(claim) = claim::receipt(&mut tx, id, holder, shop.clock.real_now()).await? else {
        return Ok(busy("another message about the order is being carried"));
    };
    // Read under the claim: whoever held it before has written down what was sent.
    let told = notifications::messages_of_order(&mut tx, id).await?;
    let place = place::place(&mut tx, &order.buyer, id).await?;
    let known = place::receipt(&mut tx, id).await?;
    tx.commit().await?;

    let body = words::receipt(&order, &told, shop.rules.address(&format!("/pay/{}", order.pay_token)));
    let errand = Errand { rest, shop, order: &order, user, holder: &message.id, claim, body };
    let sent = errand.bring(known.as_ref(), &place).await?;
    let mut tx = shop.db.write("discord.receipt.record").await?;
    match &sent {
        Sent::There(receipt) => {
            if known.as_ref() != Some(receipt) {
                place::remember_receipt(&mut tx, id, receipt, shop.clock.now()).await?;
            }
            claim::settle_receipt(&mut tx, id, &message.id).await?;
        }
        Sent::Closed => claim::settle_receipt(&mut tx, id, &message.id).await?,
        Sent::Busy | Sent::Stopped(_) => claim::pause_receipt(&mut tx, id, &message.id).await?,
    }
    tx.commit().await?;
    match sent {
        Sent::There(receipt) => {
            works(shop, "receipt").await;
            Ok(Delivery::Arrived { note: receipt.in_thread.then(|| IN_THREAD.to_owned()) })
        }
        Sent::Closed => impossible(PENDING),
        Sent::Busy => Ok(busy("the buyer's thread is being made")),
        Sent::Stopped(refusal) => Ok(refused(shop, "receipt", refusal).await),
    }
}

fn busy(reason: &str) -> Delivery {
    Delivery::Later { reason: reason.to_owned(), after: Some(BUSY_PAUSE) }
}

/// The last 25 characters of the id of a message, which is as long as a nonce may be: its ULID without the
/// first digit, a zero until the year 3084.
fn nonce(id: &OutboxMessageId) -> &str {
    let text = id.as_str();
    text.get(text.len().saturating_sub(25)..).unwrap_or(text)
}

struct Errand<'a> {
    rest: &'a Rest,
    shop: &'a Shop,
    order: &'a Order,
    user: &'a str,
    holder: &'a OutboxMessageId,
    claim: ReceiptClaim,
    body: Value,
}

impl Errand<'_> {
    /// Changes the message that is there; makes one where there is none, or none that can be changed.
    async fn bring(&self, known: Option<&Receipt>, place: &Place) -> Result<Sent, Error> {
        if let Some(receipt) = known {
            let body = self.with_mention(receipt.in_thread);
            match self.rest.edit_message(&receipt.channel, &receipt.message, &body, &[]).await {
                Ok(_) => return Ok(Sent::There(receipt.clone())),
                Err(Refusal::Gone { code: THREAD_ARCHIVED }) => {
                    match self.post(&receipt.channel, receipt.in_thread).await {
                        Err(refusal) if is_about_the_place(&refusal) => {}
                        posted => return Ok(judged(posted)),
                    }
                }
                // It was deleted, is too old to be edited once more, or is where we may not write any more.
                Err(refusal) if is_about_the_place(&refusal) => {}
                Err(refusal) => return Ok(Sent::Stopped(refusal)),
            }
        }
        match self.direct(place).await? {
            Sent::Closed => self.in_thread(place).await,
            sent => Ok(sent),
        }
    }

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

    /// In a private thread where the order was placed.
    async fn in_thread(&self, place: &Place) -> Result<Sent, Error> {
        let Some(spot) = &place.spot else { return Ok(Sent::Closed) };
        if let Some(thread) = &place.thread {
            match self.post(thread, true).await {
                Err(refusal) if is_about_the_place(&refusal) => {}
                posted => return Ok(judged(posted)),
            }
        }
        let order = (self.order, self.holder);
        match thread::make((self.rest, self.shop), order, spot, place.thread.as_deref()).await? {
            Made::There(thread) => Ok(judged(self.post(&thread, true).await)),
            Made::Busy => Ok(Sent::Busy),
            // A place that has no threads (a voice channel) is told like a mistake of ours, and is none.
            Made::Refused(Refusal::Invalid { .. }) => Ok(Sent::Closed),
            Made::Refused(refusal) => Ok(judged(Err(refusal))),
        }
    }

    async fn post(&self, channel: &str, in_thread: bool) -> Result<Receipt, Refusal> {
        let body = self.with_mention(in_thread);
        let message = self.rest.create_message(channel, &body, &[], &self.claim.nonce).await?;
        if self.claim.is_again() {
            // It may be one that was sent before, under the same nonce and with what was true then.
            self.rest.edit_message(channel, &message, &body, &[]).await?;
        }
        Ok(Receipt { channel: channel.to_owned(), message, in_thread })
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

/// Whether another place may do: what we said is not at fault. That we open too many direct messages
/// (40003) is about us.
fn is_about_the_place(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Gone { .. } => true,
        Refusal::Forbidden { code } => *code != 40_003,
        // Such a thing cannot be done in a channel of this type.
        Refusal::Invalid { code, .. } => *code == 50_024,
        _ => false,
    }
}

fn judged(posted: Result<Receipt, Refusal>) -> Sent {
    match posted {
        Ok(receipt) => Sent::There(receipt),
        Err(refusal) if is_about_the_place(&refusal) => Sent::Closed,
        Err(refusal) => Sent::Stopped(refusal),
    }
}
