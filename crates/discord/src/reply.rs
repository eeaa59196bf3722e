//! What is answered to an interaction, and its JSON (contracts/discord §1.1).

use crate::views::{Card, Modal};
use serde_json::{Value, json};

/// The message is seen by the reader only.
const EPHEMERAL: u64 = 1 << 6;
/// The message consists of components. It can never go back.
pub(crate) const COMPONENTS_V2: u64 = 1 << 15;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A new message that the reader alone sees.
    Show(Card),
    /// The message with the component becomes this.
    Update(Card),
    /// A new message that the reader alone sees, later.
    Defer,
    /// The message with the component changes later.
    DeferUpdate,
    /// What can be chosen: name and value.
    Choices(Vec<(String, String)>),
    /// A form.
    Modal(Modal),
}

impl Reply {
    /// In place where the reader's own message is, else as a new one.
    pub(crate) fn here(own_message: bool, card: Card) -> Reply {
        if own_message { Reply::Update(card) } else { Reply::Show(card) }
    }

    /// Later in place where the reader's own message is, else as a new one.
    pub(crate) fn later(own_message: bool) -> Reply {
        if own_message { Reply::DeferUpdate } else { Reply::Defer }
    }

    pub(crate) fn json(self) -> Value {
        match self {
            Reply::Show(card) => message(4, COMPONENTS_V2 | EPHEMERAL, card),
            Reply::Update(card) => message(7, COMPONENTS_V2, card),
            // Nothing but this flag may be set here; what comes later says of itself that it is components.
            Reply::Defer => json!({"type": 5, "data": {"flags": EPHEMERAL}}),
            Reply::DeferUpdate => json!({"type": 6}),
            Reply::Choices(choices) => {
                let choices: Vec<Value> =
                    choices.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
                json!({"type": 8, "data": {"choices": choices}})
            }
            Reply::Modal(modal) => json!({"type": 9, "data": modal.json()}),
        }
    }
}

/// The answer to a PING.
pub(crate) fn pong() -> Value {
    json!({"type": 1})
}

/// The body that edits a message to become this card.
pub(crate) fn edit(card: Card) -> Value {
    json!({
        "flags": COMPONENTS_V2,
        "components": card.components(),
        "allowed_mentions": {"parse": []},
        "attachments": [],
    })
}

fn message(kind: u8, flags: u64, card: Card) -> Value {
    json!({"type": kind, "data": {
        "flags": flags,
        "components": card.components(),
        "allowed_mentions": {"parse": []},
    }})
}
