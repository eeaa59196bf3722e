//! The door for interactions: signature, head, answer, within Discord's three seconds. What follows from
//! a click goes on even when the answer was too slow for Discord, and a second click finds it done.

use crate::{
    commands,
    custom_id::Press,
    deposit,
    desk::Desk,
    head::{Head, Kind},
    inbound::{self, Ask, Inbound},
    order_presses,
    reply::{Reply, pong},
    screen, topup,
    trouble::Trouble,
    views::Card,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Discord waits three seconds, the way there and back included.
const ANSWER_WITHIN: Duration = Duration::from_millis(2_500);
const _: () = assert!(ANSWER_WITHIN.as_millis() < 2_900, "the way there and back takes time, too");

/// What is answered over HTTP, as `application/json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// 200; 401 when the signature does not fit; 400 for what is no interaction though it is signed.
    pub status: u16,
    /// The body.
    pub json: Value,
}

/// Answers an interaction: `signature` and `timestamp` are the headers `X-Signature-Ed25519` and
/// `X-Signature-Timestamp`, `body` is as received, to the byte.
pub async fn interaction(
    desk: &Desk,
    signature: Option<&str>,
    timestamp: Option<&str>,
    body: &[u8],
) -> Outcome {
    let real_now = desk.shop.clock.real_now();
    if desk.settings.public_key.verify(signature, timestamp, body, real_now).is_err() {
        return Outcome { status: 401, json: json!({"error": "the signature does not fit"}) };
    }
    let Some(head) = Head::read(body) else {
        return Outcome { status: 400, json: json!({"error": "this is not an interaction"}) };
    };
    if head.kind == Kind::Ping {
        return Outcome { status: 200, json: pong() };
    }
    let json = match Inbound::read(head.kind, body) {
        Some(asked) => in_time(desk, asked).await.json(),
        None => unreadable(head.kind, body).json(),
    };
    Outcome { status: 200, json }
}

/// The answer, or a polite one when it takes too long or goes wrong.
async fn in_time(desk: &Desk, asked: Inbound) -> Reply {
    let (locale, is_autocomplete) = (asked.locale, matches!(asked.ask, Ask::Autocomplete { .. }));
    let shows_an_order = asked.own_message && presses_an_order(desk, &asked);
    let mut is_late = false;
    let (desk, id) = (desk.clone(), asked.id.clone());
    // In a task of its own: it is not broken off half-way, and a panic in it is an answer, too.
    let answering = tokio::spawn(async move { answer(&desk, &asked).await });
    let trouble = match tokio::time::timeout(ANSWER_WITHIN, answering).await {
        Ok(Ok(Ok(reply))) => return reply,
        Ok(Ok(Err(trouble))) => {
            if let Trouble::Database(error) = &trouble {
                tracing::warn!(error = %error, interaction = %id, "an interaction was not answered: {error}");
            }
            trouble
        }
        Ok(Err(broken)) => {
            tracing::error!(error = %broken, interaction = %id, "answering an interaction broke");
            Trouble::busy()
        }
        Err(_) => {
            tracing::warn!(interaction = %id, "answering an interaction took too long; it goes on");
            is_late = true;
            Trouble::busy()
        }
    };
    if is_autocomplete {
        return Reply::Choices(Vec::new());
    }
    if is_late && shows_an_order {
        // It goes on, and the courier brings its card to the same message.
        return Reply::DeferUpdate;
    }
    Reply::Show(Card::notice(&trouble.words(locale)))
}

/// Whether what is pressed ends in the card of an order.
fn presses_an_order(desk: &Desk, asked: &Inbound) -> bool {
    let Ask::Component { custom_id, .. } = &asked.ask else { return false };
    let press = Press::decode(&desk.shop.vault, &asked.user, custom_id);
    matches!(
        press,
        Ok(Press::Place(_)
            | Press::Show(_)
            | Press::PayBy(_)
            | Press::Cancel(_)
            | Press::PickOrder
            | Press::DepositBy(_))
    )
}

async fn answer(desk: &Desk, asked: &Inbound) -> Result<Reply, Trouble> {
    let reply = reply(desk, asked).await?;
    if matches!(reply, Reply::Update(_)) {
        // What the message showed before must not come back over this.
        screen::leave(&desk.shop, asked).await?;
    }
    Ok(reply)
}

async fn reply(desk: &Desk, asked: &Inbound) -> Result<Reply, Trouble> {
    match &asked.ask {
        Ask::Command { name, options } => commands::run(desk, asked, name, options).await,
        Ask::Autocomplete { options, focused } => commands::autocomplete(desk, options, focused).await,
        Ask::Component { custom_id, values } => {
            let press = pressed(desk, asked, custom_id)?;
            press_component(desk, asked, press, values.first().map(String::as_str)).await
        }
        Ask::Modal { custom_id, fields } => match pressed(desk, asked, custom_id)? {
            Press::Form(product) => topup::submitted(desk, asked, &product, fields).await,
            Press::DepositForm => deposit::submitted(desk, asked, fields).await,
            _ => Err(foreign()),
        },
    }
}

async fn press_component(
    desk: &Desk,
    asked: &Inbound,
    press: Press,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    match press {
        Press::Games(page) => commands::price::games(desk, asked, page).await,
        Press::PickGame => commands::price::picked(desk, asked, value).await,
        Press::Products(game, page) => commands::price::products(desk, asked, &game, page).await,
        Press::PickProduct(game) => topup::picked(desk, asked, &game, value).await,
        Press::Form(product) => topup::form(desk, asked, &product).await,
        Press::Edit(draft) => topup::edit(desk, asked, &draft).await,
        Press::Recheck(draft) => topup::recheck(desk, asked, &draft).await,
        Press::Agree(draft) => topup::agree(desk, asked, &draft, false).await,
        Press::Insist(draft) => topup::agree(desk, asked, &draft, true).await,
        Press::Leave(draft) => topup::leave(desk, asked, &draft).await,
        Press::Place(draft) => topup::place(desk, asked, &draft, value).await,
        Press::Show(number) => order_presses::show(desk, asked, &number).await,
        Press::Methods(number) => order_presses::methods(desk, asked, &number).await,
        Press::PayBy(number) => order_presses::pay_by(desk, asked, &number, value).await,
        Press::AskCancel(number) => order_presses::ask_cancel(desk, asked, &number).await,
        Press::Cancel(number) => order_presses::cancel(desk, asked, &number).await,
        Press::Again(number) => order_presses::again(desk, asked, &number).await,
        Press::History(after) => commands::history::page(desk, asked, after.as_ref()).await,
        Press::PickOrder => order_presses::picked(desk, asked, value).await,
        Press::DepositForm => deposit::form(desk, asked),
        Press::DepositBy(wished) => deposit::place(desk, asked, &wished, value).await,
    }
}

fn pressed(desk: &Desk, asked: &Inbound, custom_id: &str) -> Result<Press, Trouble> {
    Press::decode(&desk.shop.vault, &asked.user, custom_id).map_err(|_| foreign())
}

fn foreign() -> Trouble {
    Trouble::told(
        "Tombol ini bukan untuk Anda, atau sudah terlalu lama. Mulai lagi dengan /topup atau /help.",
        "This button is not for you, or is too old. Start again with /topup or /help.",
    )
}

/// Signed by Discord, but not as we know it: the reader is told instead of left waiting.
fn unreadable(kind: Kind, body: &[u8]) -> Reply {
    tracing::warn!("an interaction of Discord could not be read");
    if kind == Kind::Autocomplete {
        return Reply::Choices(Vec::new());
    }
    let locale = inbound::locale(&serde_json::from_slice(body).unwrap_or_default());
    let words = Trouble::told(
        "Maaf, toko ini belum mengenal perintah itu. Coba /help.",
        "Sorry, this shop does not know that yet. Try /help.",
    );
    Reply::Show(Card::notice(&words.words(locale)))
}
