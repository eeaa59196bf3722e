//! What the courier puts on a screen: the answer that is owed, or the card of an order.

use crate::{
    DraftId,
    reply::{COMPONENTS_V2, edit},
    screen::{Answer, OWNER, Task, user_of},
    topup,
    trouble::Trouble,
    views::{self, Card, FIRST_QR, QR_FILE, Reader, order::Picture},
};
use catalog::Asker;
use database::Error;
use orders::Shop;
use serde_json::{Value, json};
use vocabulary::{Locale, OrderId};

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The task of the screen is none of this crate's, or shows an order.
    #[error("the screen owes no answer that is known here")]
    NoAnswer,
    /// There is no such order, or its buyer is not on Discord.
    #[error("there is no order of a buyer on Discord with this id")]
    NoOrder,
    /// The database refused: again later.
    #[error(transparent)]
    Database(#[from] Error),
}

/// The card of an order, as the body of `PATCH …/messages/@original` or of a new message.
#[derive(Clone, Debug, PartialEq)]
pub struct CardMessage {
    /// The body (`payload_json` when a file goes along).
    pub body: Value,
    /// The text of the QR code: its picture is attached as `files[0]`, named `qris.png`, which the body
    /// refers to. Without one, the body takes away what was attached before.
    pub qr: Option<String>,
}

/// The answer that a screen owes, as the body of `PATCH …/messages/@original`. Outside parties may be
/// asked, for two seconds at most; no transaction may be open. Rendered twice, it says the same.
///
/// # Errors
/// When the task owes none, or the database refuses. What the buyer is to be told is an answer.
pub async fn render_answer(shop: &Shop, task: &str) -> Result<Value, AnswerError> {
    let task = Task::read(task).ok_or(AnswerError::NoAnswer)?;
    let reader = Reader { vault: &shop.vault, user: &task.user, locale: task.locale() };
    let asker = Asker::person(format!("discord:{}", task.user));
    let asker = match &task.guild {
        Some(guild) => asker.within(format!("discord-guild:{guild}")),
        None => asker,
    };
    let answered = match task.answer.as_ref().ok_or(AnswerError::NoAnswer)? {
        Answer::Cek { game, user_id, server } => {
            cek(shop, reader, (game, user_id, server.as_deref()), &asker).await
        }
        Answer::Draft(id) => {
            let id: DraftId = id.parse().map_err(|_| AnswerError::NoAnswer)?;
            match topup::settle(shop, reader, &id, &asker).await {
                Err(trouble @ Trouble::Told(..)) => {
                    let press = reader.id(&crate::Press::Recheck(id));
                    let label = reader.pick("Cek lagi", "Check again");
                    let again = views::button(views::Style::Primary, label, &press);
                    Ok(Card::notice(&trouble.words(reader.locale)).buttons(vec![again]))
                }
                other => other,
            }
        }
    };
    match answered {
        Ok(card) => Ok(edit(card)),
        Err(Trouble::Database(error)) => Err(error.into()),
        Err(trouble) => Ok(edit(Card::notice(&trouble.words(reader.locale)))),
    }
}

async fn cek(
    shop: &Shop,
    reader: Reader<'_>,
    (game, user_id, server): (&str, &str, Option<&str>),
    asker: &Asker,
) -> Result<Card, Trouble> {
    let code = game.parse().map_err(|_| Trouble::no_game())?;
    let found = shop.validate_account(&code, user_id, server, asker).await?;
    Ok(views::account::found(reader, &found))
}

/// How an order's card is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// It is drawn again when the order changes.
    Live,
    /// It is not: what it shows must stay true without anybody looking.
    Last,
}

/// The card of an order as it is now, for its buyer.
///
/// # Errors
/// When there is no such order of a buyer on Discord, or the database refuses.
pub async fn render_order(
    shop: &Shop,
    order: &OrderId,
    locale: Locale,
    drawing: Drawing,
) -> Result<CardMessage, AnswerError> {
    let view = shop.order_view_by_id(order).await?.ok_or(AnswerError::NoOrder)?;
    let ours = view.order.owner == OWNER;
    let user = user_of(&view.order.buyer).filter(|_| ours).ok_or(AnswerError::NoOrder)?;
    let reader = Reader { vault: &shop.vault, user, locale };
    let now = shop.clock.now();
    let qr = views::order::qr(&view, now).filter(|_| drawing == Drawing::Live).map(str::to_owned);
    let picture = if drawing == Drawing::Live { Picture::Attached } else { Picture::Never };
    let card = views::order::card(reader, shop, (&view, now), picture);
    let attachments = match &qr {
        Some(_) => json!([{"id": FIRST_QR, "filename": QR_FILE,
            "description": reader.pick("Kode QR untuk membayar", "QR code to pay")}]),
        None => json!([]),
    };
    let body = json!({
        "flags": COMPONENTS_V2,
        "components": card.components(),
        "allowed_mentions": {"parse": []},
        "attachments": attachments,
    });
    Ok(CardMessage { body, qr })
}
