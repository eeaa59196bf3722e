//! The courier to buyers on Discord: brings cards up to date, and tells about orders in one message for
//! each, which is edited as the order goes on.

mod receipt;
mod screen;
mod words;

pub use screen::{Cards, Render, RenderError, Rendered};

use crate::{
    rest::{Refusal, Rest},
    screen::{COURIER, user_of},
};
use notifications::{AlertKind, Message, Screen, alert_open};
use orders::{Courier, Delivery, Shop};
use outside::Pending;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Mutex;
use vocabulary::BuyerId;

/// Orders whose messages are carried one after the other, told apart by their hash: two messages about
/// one order must not make two of what is to be one.
const LANES: usize = 64;
/// How long carrying a message may take: shorter than the lease of its row.
const CARRY_WITHIN: Duration = Duration::from_secs(35);
/// Pause after Discord refuses the bot's token, or new direct messages.
const LONG_PAUSE: Duration = Duration::from_secs(300);

/// Carries to buyers called `discord:<user id>`.
pub struct DiscordCourier {
    rest: Rest,
    render: Arc<dyn Render>,
    lanes: Vec<Mutex<()>>,
}

impl DiscordCourier {
    /// A courier that calls Discord by `rest` and shows what `render` draws.
    pub fn new(rest: Rest, render: Arc<dyn Render>) -> Self {
        DiscordCourier { rest, render, lanes: (0..LANES).map(|_| Mutex::default()).collect() }
    }

    fn lane(&self, subject: &str) -> Option<&Mutex<()>> {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default();
        self.lanes.get(lane)
    }
}

impl Courier for DiscordCourier {
    fn name(&self) -> &'static str {
        COURIER
    }

    fn reaches(&self, buyer: &BuyerId) -> bool {
        user_of(buyer).is_some()
    }

    fn deliver<'a>(&'a self, shop: &'a Shop, message: &'a Message) -> Pending<'a, Delivery> {
        Box::pin(async move {
            let subject = message.order.as_ref().map_or("", |order| order.as_str());
            let carried = async {
                let _turn = match self.lane(subject) {
                    Some(lane) => Some(lane.lock().await),
                    None => None,
                };
                receipt::carry(&self.rest, shop, message).await
            };
            match tokio::time::timeout(CARRY_WITHIN, carried).await {
                Ok(Ok(delivery)) => delivery,
                Ok(Err(error)) => later(&error),
                Err(_) => later(&"it takes too long"),
            }
        })
    }

    fn refresh<'a>(&'a self, shop: &'a Shop, screen: &'a Screen) -> Pending<'a, Delivery> {
        Box::pin(screen::refresh(&self.rest, &*self.render, shop, screen))
    }
}

fn later(reason: &impl ToString) -> Delivery {
    Delivery::Later { reason: reason.to_string(), after: None }
}

/// What a refusal that is not about the place itself means for what was carried. A mistake of ours, and a
/// token that is not valid, are told to staff.
async fn refused(shop: &Shop, what: &str, refusal: Refusal) -> Delivery {
    let reason = refusal.to_string();
    match refusal {
        Refusal::RateLimited { after } => Delivery::Later { reason, after: Some(after) },
        Refusal::Forbidden { code: 40_003 } => Delivery::Later { reason, after: Some(LONG_PAUSE) },
        Refusal::Unknown(_) | Refusal::NotSent(_) => Delivery::Later { reason, after: None },
        Refusal::Unauthorized => {
            let message = "Discord does not know the bot's token: set LOKET_DISCORD__BOT_TOKEN anew (developer portal: Bot, Reset Token)";
            alert(shop, "discord:token", message).await;
            Delivery::Later { reason, after: Some(LONG_PAUSE) }
        }
        Refusal::Invalid { code, .. } => {
            let subject = format!("discord:{what}:{code}");
            alert(shop, &subject, &format!("{what}: {reason}; this is a mistake in Loket: report it")).await;
            Delivery::Impossible { reason }
        }
        Refusal::Gone { .. } | Refusal::Forbidden { .. } => Delivery::Impossible { reason },
    }
}

/// Opens an alert. Carrying goes on without it when the database refuses.
async fn alert(shop: &Shop, subject: &str, message: &str) {
    let opened = async {
        let mut tx = shop.db.write("discord.alert").await?;
        let alert = (AlertKind::CourierRefusesUs, subject, message);
        alert_open(&mut tx, &shop.ids, shop.clock.now(), alert).await?;
        tx.commit().await
    };
    if let Err(error) = opened.await {
        tracing::error!(%error, "the alert about {subject} was not stored: {error}");
    }
}
