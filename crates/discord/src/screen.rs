//! What is owed to a message on Discord: an answer that has to ask somebody first, or a card that follows
//! its order. Kept as a screen, for as long as Discord takes the token (15 minutes, contracts/discord §1.2).

use crate::{draft::DraftId, inbound::Inbound, views};
use database::{Error, WriteTx};
use notifications::NewScreen;
use orders::{Order, OrderView, Shop};
use security::VaultError;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vocabulary::{BuyerId, Locale, OrderNumber, Secret};

/// Name of the courier that brings these screens up to date.
pub const COURIER: &str = "discord";
/// Under which the orders of this channel are kept.
pub const OWNER: &str = "discord";
/// What an address is sealed for.
const PURPOSE: &str = "discord.address";
/// Before the user's id in the buyer's.
const PREFIX: &str = "discord:";
/// How long a token is used: a little less than Discord takes it.
pub(crate) const TOKEN_FOR: Duration = Duration::from_secs(14 * 60 + 30);
/// So long before that a card is drawn for the last time, with what does not become untrue by itself.
const LAST_DRAWN: Duration = Duration::from_secs(20);
/// An answer that took this long may be too late for Discord: what it was to show is brought by the courier.
const LATE: Duration = Duration::from_millis(2_000);

/// The buyer that a user of Discord is (`discord:` and the id). `None` for what is no id.
pub fn buyer(user: &str) -> Option<BuyerId> {
    let digits = !user.is_empty() && user.len() <= 20 && user.bytes().all(|b| b.is_ascii_digit());
    if digits { format!("{PREFIX}{user}").parse().ok() } else { None }
}

/// The id of the user that a buyer is on Discord.
pub fn user_of(buyer: &BuyerId) -> Option<&str> {
    let user = buyer.as_str().strip_prefix(PREFIX)?;
    let digits = !user.is_empty() && user.len() <= 20 && user.bytes().all(|b| b.is_ascii_digit());
    digits.then_some(user)
}

/// Where a message is edited: `PATCH /webhooks/{application_id}/{token}/messages/@original`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The application.
    pub application_id: String,
    /// The token of the interaction: whoever has it can edit.
    pub token: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({}, ***)", self.application_id)
    }
}

impl Address {
    /// Encrypts it for the row of a screen.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn seal(&self, shop: &Shop) -> Result<String, VaultError> {
        let text = serde_json::to_string(self).map_err(|_| VaultError::Library)?;
        shop.vault.seal(PURPOSE, &Secret::new(text))
    }

    /// Decrypts what [`Address::seal`] made.
    ///
    /// # Errors
    /// [`VaultError::NotOurs`] for anything else.
    pub fn open(shop: &Shop, sealed: &str) -> Result<Address, VaultError> {
        let text = shop.vault.open(PURPOSE, sealed)?;
        serde_json::from_str(text.expose()).map_err(|_| VaultError::NotOurs)
    }
}

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The answer that is owed; none for the card of the screen's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Answer>,
    /// Whether the screen shows the card of its order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) card: bool,
    /// The reader's language, and the reader.
    pub(crate) locale: String,
    pub(crate) user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) guild: Option<String>,
}

/// An answer that has to ask somebody first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// Whether an account exists.
    Cek { game: String, user_id: String, server: Option<String> },
    /// The same, for an order.
    Draft(String),
}

impl Task {
    /// Reads the task of a screen; `None` for what is none.
    pub fn read(text: &str) -> Option<Task> {
        serde_json::from_str(text).ok()
    }

    /// Whether the screen shows the card of its order, and is rendered by
    /// [`render_order`](crate::render_order); otherwise by [`render_answer`](crate::render_answer).
    pub fn is_card(&self) -> bool {
        self.card && self.answer.is_none()
    }

    /// The reader's language.
    pub fn locale(&self) -> Locale {
        self.locale.parse().unwrap_or(Locale::Indonesian)
    }

    fn of(asked: &Inbound) -> Task {
        Task {
            answer: None,
            card: false,
            locale: asked.locale.to_string(),
            user: asked.user.clone(),
            guild: asked.guild.clone(),
        }
    }
}

/// What the answer puts on a message that follows an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The order's card.
    Card,
    /// A question about the order, until the order changes.
    Question,
}

/// From now on the message of this interaction follows an order of the reader's, which is read as it is now:
/// whatever changes later finds the screen. `None` when there is no such order.
pub(crate) async fn follow(
    shop: &Shop,
    asked: &Inbound,
    (number, buyer): (&OrderNumber, &BuyerId),
    shown: Shown,
) -> Result<Option<OrderView>, Error> {
    let task = Task { card: true, ..Task::of(asked) };
    let mut tx = shop.db.write("discord.follow").await?;
    let view = orders::order_view_locked(shop, &mut tx, number, OWNER).await?;
    let Some(view) = view.filter(|view| view.order.buyer == *buyer) else { return Ok(None) };
    // A picture cannot be part of an answer: the courier brings it.
    let due = shown == Shown::Card && views::order::qr(&view, shop.clock.now()).is_some();
    keep(&mut tx, shop, asked, Some(&view.order), &task, due).await?;
    tx.commit().await?;
    Ok(Some(view))
}

/// The reader's message shows something else from now on, which is in the answer already.
pub(crate) async fn leave(shop: &Shop, asked: &Inbound) -> Result<(), Error> {
    let surface = (COURIER, asked.surface.as_str());
    let mut tx = shop.db.read("discord.surface").await?;
    if !notifications::is_kept(&mut tx, surface, shop.clock.now()).await? {
        return Ok(());
    }
    drop(tx);
    let mut tx = shop.db.write("discord.leave").await?;
    notifications::leave_surface(&mut tx, surface, &asked.id, shop.clock.now()).await?;
    tx.commit().await
}

/// The answer to `cek` is owed.
pub(crate) async fn owe_cek(
    shop: &Shop,
    asked: &Inbound,
    (game, user_id, server): (&str, &str, Option<&str>),
) -> Result<(), Error> {
    let answer =
        Answer::Cek { game: game.into(), user_id: user_id.into(), server: server.map(str::to_owned) };
    let task = Task { answer: Some(answer), ..Task::of(asked) };
    let mut tx = shop.db.write("discord.owe").await?;
    keep(&mut tx, shop, asked, None, &task, true).await?;
    tx.commit().await
}

/// What became of checking a draft is owed.
pub(crate) async fn owe_draft(
    tx: &mut WriteTx,
    shop: &Shop,
    asked: &Inbound,
    draft: &DraftId,
) -> Result<(), Error> {
    let task = Task { answer: Some(Answer::Draft(draft.to_string())), ..Task::of(asked) };
    keep(tx, shop, asked, None, &task, true).await
}

async fn keep(
    tx: &mut WriteTx,
    shop: &Shop,
    asked: &Inbound,
    order: Option<&Order>,
    task: &Task,
    due: bool,
) -> Result<(), Error> {
    let now = shop.clock.now();
    let address = Address { application_id: asked.application_id.clone(), token: asked.token.clone() };
    let broken = |column: &str, reason: String| Error::Column { column: column.into(), reason };
    let address = address.seal(shop).map_err(|e| broken("address", e.to_string()))?;
    let task = serde_json::to_string(task).map_err(|e| broken("task", e.to_string()))?;
    let live_until = now.plus(TOKEN_FOR);
    let new = NewScreen {
        once_key: &asked.id,
        courier: COURIER,
        surface: &asked.surface,
        order: order.map(|order| &order.id),
        address: &address,
        task: &task,
        live_until,
        due_at: (due || asked.arrived.elapsed() > LATE).then_some(now),
        last_at: order.is_some().then(|| live_until.minus(LAST_DRAWN)),
    };
    notifications::show(tx, &shop.ids, now, &new).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buyer_is_a_user_of_discord_or_somebody_else() {
        assert_eq!(user_of(&buyer("123").unwrap()), Some("123"));
        for user in ["", "12a", "123456789012345678901", "-1"] {
            assert_eq!(buyer(user), None, "{user}");
        }
        for other in ["api:123", "discord:", "discord:x"] {
            assert_eq!(user_of(&other.parse().unwrap()), None, "{other}");
        }
    }

    #[test]
    fn a_task_says_what_is_shown() {
        let card = Task::read(r#"{"card":true,"locale":"en","user":"1"}"#).unwrap();
        assert!(card.is_card());
        assert_eq!(card.locale(), Locale::English);
        let cek = r#"{"answer":{"cek":{"game":"ML","user_id":"1","server":null}},"locale":"id","user":"1"}"#;
        assert!(!Task::read(cek).unwrap().is_card());
        assert_eq!(Task::read("{"), None);
    }
}
