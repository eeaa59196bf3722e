//! Bringing a card up to date: `PATCH @original`, as long as the token of its interaction lives.

use super::refused;
use crate::{
    answer::{AnswerError, Drawing, render_answer, render_order},
    rest::{File, Refusal, Rest},
    screen::{Address, TOKEN_FOR, Task},
    views::QR_FILE,
};
use notifications::Screen;
use orders::{Delivery, Shop};
use outside::Pending;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;
use vocabulary::Secret;

/// How long after it was asked for a screen may be unknown to Discord, which takes our first answer in after we
/// have given it (contracts/discord §1.2, the race).
const RACE: Duration = Duration::from_secs(10);
/// Pause before it is tried again within [`RACE`].
const RACE_PAUSE: Duration = Duration::from_secs(1);
/// What stands before the digest in a note.
const SHOWN: &str = "shown ";

/// Draws what a screen shows.
pub trait Render: Send + Sync {
    /// What this screen is to show now.
    fn card<'a>(&'a self, shop: &'a Shop, screen: &'a Screen) -> Pending<'a, Result<Rendered, RenderError>>;
}

/// A drawn screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The message, as `PATCH @original` takes it.
    pub body: Value,
    /// Files that go with it.
    pub files: Vec<File>,
    /// Tells whether it differs from what was shown last: equal for what looks the same.
    pub digest: String,
}

/// Why a screen cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The database refuses; it may be drawn later.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// It cannot be drawn, now or later.
    #[error("{0}")]
    Impossible(String),
}

/// Draws the answers that are owed and the cards of orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cards;

impl Render for Cards {
    fn card<'a>(&'a self, shop: &'a Shop, screen: &'a Screen) -> Pending<'a, Result<Rendered, RenderError>> {
        Box::pin(draw(shop, screen))
    }
}

async fn draw(shop: &Shop, screen: &Screen) -> Result<Rendered, RenderError> {
    let impossible = |reason: &str| RenderError::Impossible(reason.to_owned());
    let task = Task::read(&screen.task).ok_or_else(|| impossible("its task cannot be read"))?;
    let (body, qr) = if task.is_card() {
        let order = screen.order.as_ref().ok_or_else(|| impossible("it shows no order"))?;
        let last = screen.last_at.is_some_and(|last| shop.clock.now() >= last);
        let drawing = if last { Drawing::Last } else { Drawing::Live };
        let card = render_order(shop, order, task.locale(), drawing).await?;
        (card.body, card.qr)
    } else {
        (render_answer(shop, &screen.task).await?, None)
    };
    let digest = hex::encode(Sha256::digest(format!("{body}{qr:?}")));
    let files = match &qr {
        Some(text) => {
            let bytes = vocabulary::qr::png(text).map_err(|error| impossible(&error.to_string()))?;
            vec![File { name: QR_FILE.into(), bytes }]
        }
        None => Vec::new(),
    };
    Ok(Rendered { body, files, digest })
}

impl From<AnswerError> for RenderError {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Database(error) => RenderError::Database(error),
            other => RenderError::Impossible(other.to_string()),
        }
    }
}

/// Brings a screen up to date. What it shows already, as its note tells, is not sent again.
pub(super) async fn refresh(rest: &Rest, render: &dyn Render, shop: &Shop, screen: &Screen) -> Delivery {
    let address = match Address::open(shop, &screen.address) {
        Ok(address) => address,
        Err(error) => return Delivery::Impossible { reason: format!("its address: {error}") },
    };
    let rendered = match render.card(shop, screen).await {
        Ok(rendered) => rendered,
        Err(RenderError::Database(error)) => return super::later(&error),
        Err(RenderError::Impossible(reason)) => return Delivery::Impossible { reason },
    };
    let shown = Delivery::Arrived { note: Some(format!("{SHOWN}{}", rendered.digest)) };
    if screen.note.as_deref().and_then(|note| note.strip_prefix(SHOWN)) == Some(rendered.digest.as_str()) {
        return shown;
    }
    let token = Secret::new(address.token);
    let sent = rest.edit_original(&address.application_id, &token, &rendered.body, &rendered.files);
    match sent.await {
        Ok(_) => shown,
        Err(refusal @ Refusal::Gone { code }) if code != 50_027 && is_new(shop, screen) => {
            Delivery::Later { reason: refusal.to_string(), after: Some(RACE_PAUSE) }
        }
        Err(refusal) => refused(shop, "card", refusal).await,
    }
}

fn is_new(shop: &Shop, screen: &Screen) -> bool {
    shop.clock.now().since(screen.live_until.minus(TOKEN_FOR)) <= RACE
}
