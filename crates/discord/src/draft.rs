//! Drafts: what somebody is about to order, from the filled-in form to the placed order. The name that the
//! buyer agreed to is kept with the moment and the price (contracts/suppliers §6 row 9).
//!
//! A draft ends in one of two ways: its order is placed, or its buyer leaves it. Both claim it first, in a
//! statement that the other one's claim makes fail, so that nobody hears of the one what is true of the other.

use crate::screen::OWNER;
use catalog::{Checked, Validation};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use orders::Shop;
use security::Vault;
use std::{fmt, str::FromStr, time::Duration};
use vocabulary::{
    Account, BuyerId, CategoryCode, IdempotencyKey, Locale, OrderNumber, ProductCode, QuoteId, Timestamp,
};

/// How long a placing that was cut off keeps its draft from being left. Much longer than one can take.
const CLAIM_FOR: Duration = Duration::from_secs(60);
/// How long a draft is kept that no order was made of.
const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);
/// How long a press is kept.
const PRESS_KEPT_FOR: Duration = Duration::from_secs(86_400);
/// What the mark of a draft is for.
const MARK: &str = "discord.known";

vocabulary::text_enum!(
    /// What is known of the account of a draft.
    pub(crate) enum Known {
        /// A source is being asked.
        Pending = "pending",
        /// It exists.
        Valid = "valid",
        /// It does not.
        Invalid = "invalid",
        /// Nobody could say.
        Unavailable = "unavailable",
    }
);
database::text_column!(Known);

/// The id of a draft: that of the interaction that made it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DraftId(String);

impl DraftId {
    /// Of the interaction with this id (digits).
    pub(crate) fn of_interaction(id: &str) -> Self {
        DraftId(format!("d{id}"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that its order is placed with: one draft is one order.
    pub(crate) fn key(&self) -> Result<IdempotencyKey, Error> {
        format!("draft:{self}")
            .parse()
            .map_err(|e: vocabulary::CodeError| Error::Column { column: "id".into(), reason: e.to_string() })
    }
}

impl fmt::Display for DraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for DraftId {
    type Err = crate::Foreign;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('d').ok_or(crate::Foreign)?;
        let fits = !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit());
        if fits { Ok(DraftId(text.to_owned())) } else { Err(crate::Foreign) }
    }
}
database::text_column!(DraftId);

/// What somebody is about to order.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) id: DraftId,
    pub(crate) buyer: BuyerId,
    pub(crate) game: CategoryCode,
    pub(crate) product: ProductCode,
    pub(crate) account: Account,
    pub(crate) checked: Known,
    /// The name of the player, untrusted.
    pub(crate) nickname: Option<String>,
    /// Why there is no name, for the buyer.
    pub(crate) reason: Option<String>,
    /// Whether the buyer is asked twice.
    pub(crate) confirm: bool,
    pub(crate) agreed_at: Option<Timestamp>,
    pub(crate) quote: Option<QuoteId>,
    /// Whether its buyer does not want it any more.
    pub(crate) left: bool,
    pub(crate) order: Option<OrderNumber>,
}

impl Draft {
    /// Tells what is known of the account from anything else that could be known of it. A button carries
    /// the mark of what its card showed, and is no consent to anything else.
    pub(crate) fn mark(&self, vault: &Vault) -> String {
        vault.tag(MARK, &format!("{}|{}", self.checked, self.name()))
    }

    /// Whether the same is known of the account as in an earlier reading.
    pub(crate) fn is_known_as(&self, earlier: &Draft) -> bool {
        self.checked == earlier.checked && self.name() == earlier.name()
    }

    fn name(&self) -> &str {
        self.nickname.as_deref().unwrap_or_default()
    }
}

impl FromRow for Draft {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let (user, server): (String, Option<String>) = (row.get("user_id")?, row.get("server_id")?);
        Ok(Draft {
            id: row.get("id")?,
            buyer: row.get("buyer")?,
            game: row.get("category_code")?,
            product: row.get("product_code")?,
            account: Account::new(&user, server.as_deref())
                .map_err(|e| Error::Column { column: "user_id".into(), reason: e.to_string() })?,
            checked: row.get("checked")?,
            nickname: row.get("nickname")?,
            reason: row.get("reason")?,
            confirm: row.get("confirm")?,
            agreed_at: row.get("agreed_at")?,
            quote: row.get("quote_id")?,
            left: row.get::<Option<Timestamp>>("left_at")?.is_some(),
            order: row.get("order_number")?,
        })
    }
}

/// What a check found, as it is kept.
pub(crate) struct Finding {
    checked: Known,
    nickname: Option<String>,
    reason: Option<String>,
    confirm: bool,
}

impl Finding {
    pub(crate) const PENDING: Finding =
        Finding { checked: Known::Pending, nickname: None, reason: None, confirm: false };

    pub(crate) fn of(validation: &Validation, confirm: bool, locale: Locale) -> Finding {
        let reason = Some(validation.message(locale));
        let (checked, nickname) = match validation {
            Validation::Valid { nickname } => (Known::Valid, Some(nickname.as_str().to_owned())),
            Validation::Invalid { .. } => (Known::Invalid, None),
            Validation::Unavailable { .. } => (Known::Unavailable, None),
        };
        Finding { checked, nickname, reason, confirm }
    }

    /// Of an account that nobody was asked about, because the buyer or their server caused too many checks.
    pub(crate) fn too_many(confirm: bool, locale: Locale) -> Finding {
        let reason = locale.pick(
            "Format ID benar. Akun ini belum dicek karena terlalu banyak pengecekan dalam semenit terakhir: cek lagi sebentar lagi, atau pastikan sendiri ID-nya sebelum membeli.",
            "The format of the id is fine. The account was not checked, because there were too many checks within the last minute: check again in a moment, or make sure of it before buying.",
        );
        let reason = Some(reason.to_owned());
        Finding { checked: Known::Unavailable, nickname: None, reason, confirm }
    }

    pub(crate) fn of_checked(found: &Checked, locale: Locale) -> Finding {
        Finding::of(&found.validation, found.confirm, locale)
    }
}

/// Keeps a new draft, once for its id.
pub(crate) async fn make(
    tx: &mut WriteTx,
    now: Timestamp,
    (id, buyer): (&DraftId, &BuyerId),
    (game, product, account): (&CategoryCode, &ProductCode, &Account),
    found: &Finding,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO discord_draft (id, buyer, category_code, product_code, user_id, server_id, checked, nickname,
             reason, confirm, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT (id) DO NOTHING"
    )
    .bind(id)
    .bind(buyer)
    .bind(game)
    .bind(product)
    .bind(account.user_id())
    .bind(account.server_id())
    .bind(found.checked)
    .bind(&found.nickname)
    .bind(&found.reason)
    .bind(i64::from(found.confirm))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what a check found, of a draft that nobody has agreed to yet.
pub(crate) async fn checked(
    tx: &mut WriteTx,
    now: Timestamp,
    id: &DraftId,
    found: &Finding,
) -> Result<(), Error> {
    sql!(
        "UPDATE discord_draft SET checked = $2, nickname = $3, reason = $4, confirm = $5, updated_at = $6
         WHERE id = $1 AND agreed_at IS NULL"
    )
    .bind(id)
    .bind(found.checked)
    .bind(&found.nickname)
    .bind(&found.reason)
    .bind(i64::from(found.confirm))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// The buyer has agreed to the account as it stands in `seen`, and to a price. Agreed to again, the first
/// moment stays. False when the draft is not as it was seen any more, also in its price: two presses at the
/// same moment agree to one price, and the second has to look which.
pub(crate) async fn agree(
    tx: &mut WriteTx,
    now: Timestamp,
    seen: &Draft,
    quote: &QuoteId,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE discord_draft SET agreed_at = COALESCE(agreed_at, $2), quote_id = $3, updated_at = $2
         WHERE id = $1 AND order_number IS NULL AND left_at IS NULL AND checked IN ('valid', 'unavailable')
             AND checked = $4 AND COALESCE(nickname, '') = $5 AND COALESCE(quote_id, '') = $6"
    )
    .bind(&seen.id)
    .bind(now)
    .bind(quote)
    .bind(seen.checked)
    .bind(seen.name())
    .bind(seen.quote.as_ref().map_or("", QuoteId::as_str))
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// From here on an order is being placed of the draft, at this price, until [`placed`] or [`release`]. Two
/// may do so at once: the order is one. False when it was left, or offered at another price since.
pub(crate) async fn claim(
    tx: &mut WriteTx,
    real_now: Timestamp,
    id: &DraftId,
    quote: &QuoteId,
) -> Result<bool, Error> {
    let claimed = sql!(
        "UPDATE discord_draft SET placings = CASE WHEN placing_at > $4 THEN placings + 1 ELSE 1 END, placing_at = $3
         WHERE id = $1 AND quote_id = $2 AND agreed_at IS NOT NULL AND left_at IS NULL"
    )
    .bind(id)
    .bind(quote)
    .bind(real_now)
    .bind(real_now.minus(CLAIM_FOR))
    .run(tx)
    .await?;
    Ok(claimed > 0)
}

/// No order came of a [`claim`], and none will.
pub(crate) async fn release(tx: &mut WriteTx, id: &DraftId) -> Result<(), Error> {
    sql!("UPDATE discord_draft SET placings = placings - 1 WHERE id = $1 AND placings > 0")
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// The buyer does not want it any more. False when it was left before, or an order of it is being placed
/// or stands. A claim that no order came of is over after a minute, so that a crash between the two keeps
/// nobody; `real_now` is read before it is looked for that order, and so none can come of it later.
pub(crate) async fn leave(
    tx: &mut WriteTx,
    (now, real_now): (Timestamp, Timestamp),
    id: &DraftId,
) -> Result<bool, Error> {
    let left = sql!(
        "UPDATE discord_draft SET left_at = $2, placings = 0, updated_at = $2
         WHERE id = $1 AND order_number IS NULL AND left_at IS NULL AND (placings = 0 OR placing_at <= $3)"
    )
    .bind(id)
    .bind(now)
    .bind(real_now.minus(CLAIM_FOR))
    .run(tx)
    .await?;
    Ok(left > 0)
}

/// The order was placed.
pub(crate) async fn placed(
    tx: &mut WriteTx,
    now: Timestamp,
    id: &DraftId,
    order: &OrderNumber,
) -> Result<(), Error> {
    sql!(
        "UPDATE discord_draft SET order_number = $2, updated_at = $3 WHERE id = $1 AND order_number IS NULL"
    )
    .bind(id)
    .bind(order)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// The draft with this id, of this buyer. Its order is known even when it could not be noted, because the
/// process ended right after placing it.
pub(crate) async fn find(shop: &Shop, id: &DraftId, buyer: &BuyerId) -> Result<Option<Draft>, Error> {
    let found: Option<Draft> = {
        let mut tx = shop.db.read("discord.draft").await?;
        sql!("SELECT * FROM discord_draft WHERE id = $1 AND buyer = $2")
            .bind(id)
            .bind(buyer)
            .optional(&mut tx)
            .await?
    };
    let Some(mut draft) = found else { return Ok(None) };
    if draft.order.is_none() && draft.agreed_at.is_some() {
        draft.order = shop.placed_with(OWNER, &id.key()?).await?;
    }
    Ok(Some(draft))
}

/// Deletes a few of the drafts that came to nothing, and of the presses that are too old to be delivered
/// again. Called with every new draft, so that there are never many; `real_now` is read before the
/// transaction begins.
pub(crate) async fn tidy(tx: &mut WriteTx, (now, real_now): (Timestamp, Timestamp)) -> Result<(), Error> {
    // The conditions stand twice: what is claimed or pressed between the look and the deletion stays.
    sql!(
        "DELETE FROM discord_draft WHERE order_number IS NULL AND placings = 0 AND created_at < $1 AND id IN (
             SELECT id FROM discord_draft WHERE order_number IS NULL AND placings = 0 AND created_at < $1
             ORDER BY created_at LIMIT 50)"
    )
    .bind(now.minus(KEPT_FOR))
    .run(tx)
    .await?;
    end_cut_off(tx, (now, real_now)).await?;
    sql!(
        "DELETE FROM discord_press WHERE at < $1 AND order_number IN (
             SELECT order_number FROM discord_press WHERE at < $1 ORDER BY at LIMIT 50)"
    )
    .bind(now.minus(PRESS_KEPT_FOR))
    .run(tx)
    .await?;
    Ok(())
}

/// Of a few of the drafts whose placing was cut off: notes the order where one stands, and deletes those of
/// which none came. None can come later, because a claim is over long before; one that was claimed anew
/// meanwhile stays.
async fn end_cut_off(tx: &mut WriteTx, (now, real_now): (Timestamp, Timestamp)) -> Result<(), Error> {
    let cut_off: Vec<DraftId> = sql!(
        "SELECT id FROM discord_draft WHERE order_number IS NULL AND placings > 0 AND created_at < $1
         ORDER BY created_at LIMIT 20"
    )
    .bind(now.minus(KEPT_FOR))
    .all(tx)
    .await?;
    for id in &cut_off {
        let key = id.key()?;
        if let Some(order) = orders::order_placed_with(tx, OWNER, &key).await? {
            placed(tx, now, id, &order).await?;
            continue;
        }
        sql!("DELETE FROM discord_draft WHERE id = $1 AND order_number IS NULL AND placing_at <= $2")
            .bind(id)
            .bind(real_now.minus(CLAIM_FOR))
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The account that a buyer last agreed to or checked in this game, to fill in the form with.
pub(crate) async fn last_account(
    tx: &mut ReadTx,
    buyer: &BuyerId,
    game: &CategoryCode,
) -> Result<Option<Account>, Error> {
    let found: Option<Draft> = sql!(
        "SELECT * FROM discord_draft WHERE buyer = $1 AND category_code = $2 AND checked <> 'invalid'
         ORDER BY created_at DESC LIMIT 1"
    )
    .bind(buyer)
    .bind(game)
    .optional(tx)
    .await?;
    Ok(found.map(|draft| draft.account))
}
