//! What staff is told of Discord's refusals, and when it is over.

use crate::rest::Refusal;
use database::Error;
use notifications::{Alert, AlertKind, alert_open, alert_resolve, open_alerts_of};
use orders::{Delivery, Shop};
use std::time::Duration;
use vocabulary::Timestamp;

/// Pause after Discord refuses the bot's token, or new direct messages.
const LONG_PAUSE: Duration = Duration::from_secs(300);
/// What the alert about the bot's token is about.
const TOKEN: &str = "discord:token";
/// How long a mistake of ours is shown at least: what works a moment later may have been about another order.
const SHOWN_FOR: Duration = Duration::from_secs(3_600);

/// What a refusal that is not about the place itself means for what was carried. A mistake of ours, and a
/// token that is not valid, are told to staff.
pub(super) async fn refused(shop: &Shop, what: &str, refusal: Refusal) -> Delivery {
    let reason = refusal.to_string();
    match refusal {
        Refusal::RateLimited { after } => Delivery::Later { reason, after: Some(after) },
        Refusal::Forbidden { code: 40_003 } => Delivery::Later { reason, after: Some(LONG_PAUSE) },
        Refusal::Unknown(_) | Refusal::NotSent(_) => Delivery::Later { reason, after: None },
        Refusal::Unauthorized => {
            let message = "Discord does not know the bot's token: set LOKET_DISCORD__BOT_TOKEN anew (developer portal: Bot, Reset Token)";
            alert(shop, TOKEN, message).await;
            Delivery::Later { reason, after: Some(LONG_PAUSE) }
        }
        Refusal::Invalid { code, .. } => {
            let subject = format!("{}{code}", mistakes(what));
            alert(shop, &subject, &format!("{what}: {reason}; this is a mistake in Loket: report it")).await;
            Delivery::Impossible { reason }
        }
        Refusal::Gone { .. } | Refusal::Forbidden { .. } => Delivery::Impossible { reason },
    }
}

/// Something arrived: what stood in its way does not any more, and is told anew when it comes back. Carrying
/// goes on when the database refuses.
pub(super) async fn works(shop: &Shop, what: &str) {
    if let Err(error) = close_over(shop, what).await {
        tracing::error!(%error, "alerts that are over were not closed: {error}");
    }
}

async fn close_over(shop: &Shop, what: &str) -> Result<(), Error> {
    let (kind, now) = (AlertKind::CourierRefusesUs, shop.clock.now());
    let open = open_alerts_of(&mut shop.db.read("discord.alert.look").await?, kind).await?;
    let over: Vec<&Alert> = open.iter().filter(|alert| is_over(alert, what, now)).collect();
    if over.is_empty() {
        return Ok(());
    }
    let mut tx = shop.db.write("discord.alert.resolve").await?;
    for alert in over {
        alert_resolve(&mut tx, kind, &alert.subject, now).await?;
    }
    tx.commit().await
}

/// Cards go out without the bot's token, so that one of them arrived says nothing about it.
fn is_over(alert: &Alert, what: &str, now: Timestamp) -> bool {
    let of_the_token = alert.subject == TOKEN && what == "receipt";
    of_the_token || alert.subject.starts_with(&mistakes(what)) && now.since(alert.opened_at) >= SHOWN_FOR
}

/// Before Discord's number in the subject of a mistake.
fn mistakes(what: &str) -> String {
    format!("discord:{what}:")
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
