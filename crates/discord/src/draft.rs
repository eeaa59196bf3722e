//! Drafts: what somebody is about to order, from the filled-in form to the placed order. The name that the
//! buyer agreed to is kept with the moment and the price (contracts/suppliers §6 row 9).

use catalog::{Checked, Validation};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use orders::Shop;
use std::{fmt, str::FromStr};
use vocabulary::{Account, BuyerId, CategoryCode, Locale, OrderNumber, ProductCode, QuoteId, Timestamp};

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
    pub(crate) order: Option<OrderNumber>,
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

/// The buyer has agreed to the account as it was shown, and to a price. Agreed to again, the first moment
/// stays and the price is the new one. False for an account that does not exist or is not checked yet.
pub(crate) async fn agree(
    tx: &mut WriteTx,
    now: Timestamp,
    id: &DraftId,
    quote: &QuoteId,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE discord_draft SET agreed_at = COALESCE(agreed_at, $2), quote_id = $3, updated_at = $2
         WHERE id = $1 AND order_number IS NULL AND checked IN ('valid', 'unavailable')"
    )
    .bind(id)
    .bind(now)
    .bind(quote)
    .run(tx)
    .await?;
    Ok(changed > 0)
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

/// The draft with this id, of this buyer.
pub(crate) async fn find(shop: &Shop, id: &DraftId, buyer: &BuyerId) -> Result<Option<Draft>, Error> {
    let mut tx = shop.db.read("discord.draft").await?;
    sql!("SELECT * FROM discord_draft WHERE id = $1 AND buyer = $2")
        .bind(id)
        .bind(buyer)
        .optional(&mut tx)
        .await
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
