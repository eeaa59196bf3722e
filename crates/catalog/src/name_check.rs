//! Names that are bought: the row of each such purchase, written before it is sent, and what its supplier said of it.
//! Whoever asks for a name goes through [`NameBooks`], so that nothing is sent that no row has.

use crate::sources::md5_hex;
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use outside::Pending;
use std::time::Duration;
use vocabulary::{Rupiah, Timestamp};

/// "Not more often than once per minute for the same transaction", and after a failure none for the same account
/// within one (`contracts/suppliers.md` §1.3, §1.4): whichever process asks.
const PAUSE: Duration = Duration::from_secs(60);
/// What a reference begins with: no order's does.
const PREFIX: &str = "CEK-";
/// References have at most 32 characters (`contracts/suppliers.md` §1.8).
const MARK_CHARS: usize = 28;

vocabulary::text_enum!(
    /// What is known of the purchase of a name.
    pub enum NameCheckState {
        /// On its way, or its answer was never heard.
        Asked = "asked",
        /// The answer does not say whether it was bought.
        Unknown = "unknown",
        /// Certainly never arrived.
        NotSent = "not_sent",
        /// Bought, and taken from the deposit.
        Bought = "bought",
        /// Certainly not bought.
        Refused = "refused",
        /// Bought, then taken back and credited to us.
        TakenBack = "taken_back",
    }
);
database::text_column!(NameCheckState);

impl NameCheckState {
    /// Whether nobody knows if it was bought.
    pub fn is_open(self) -> bool {
        matches!(self, NameCheckState::Asked | NameCheckState::Unknown)
    }
}

/// A name that is to be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameQuestion {
    /// Who sells it.
    pub supplier: &'static str,
    /// The supplier's code of it.
    pub sku: String,
    /// Whose name: a hash, by which nobody else finds the account.
    pub account: String,
    /// Not to be bought above this.
    pub max_price: Rupiah,
    /// How many names may be bought in a day (WIB).
    pub most_a_day: u32,
}

/// Whether a question may be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameTurn {
    /// It is stored, and is to be sent under this reference.
    Ask {
        /// The same for the account all day, until one is over.
        reference: String,
        /// Whether nothing was sent under it before.
        is_first: bool,
    },
    /// The account was asked about less than a minute ago.
    TooSoon,
    /// The day has had its share.
    Enough,
}

/// What an answer says of the purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOutcome {
    /// Bought for this price; without one it counts as what it could cost at most.
    Bought(Option<Rupiah>),
    /// Not bought, and it will not be.
    Refused,
    /// Taken back, and credited to us.
    TakenBack,
    /// Nothing that is certain.
    Unknown,
    /// It never arrived.
    NotSent,
}

/// An answer, or a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTold {
    /// What it says.
    pub outcome: NameOutcome,
    /// The supplier's code, when there is one.
    pub code: Option<String>,
    /// Whether this purchase tells nothing more: the next question about the account is another one.
    pub is_over: bool,
}

/// What an answer changes in the deposit, by what was known before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameMoney {
    /// Nothing.
    Nothing,
    /// This was taken from the deposit at this supplier.
    Taken {
        /// Where.
        supplier: String,
        /// How much.
        price: Rupiah,
    },
    /// This was given back to it.
    GivenBack {
        /// Where.
        supplier: String,
        /// How much.
        price: Rupiah,
    },
}

/// Where the purchases of names are kept, each step durable when it is told to be done.
pub trait NameBooks: Send + Sync {
    /// Stores a question before it is sent, if it may be sent now.
    fn begin<'a>(
        &'a self,
        question: &'a NameQuestion,
        now: Timestamp,
    ) -> Pending<'a, Result<NameTurn, Error>>;

    /// Notes that a purchase of which nobody knows is asked about once more; false when it is decided by now, or too
    /// soon.
    fn again<'a>(&'a self, reference: &'a str, now: Timestamp) -> Pending<'a, Result<bool, Error>>;

    /// Stores what was answered.
    fn record<'a>(
        &'a self,
        reference: &'a str,
        told: &'a NameTold,
        now: Timestamp,
    ) -> Pending<'a, Result<(), Error>>;
}

/// Stores a question that is to be sent, unless it is too soon or too much. The database decides between two that
/// ask at once. (At the end of a day's share several that do may together go a little beyond it.)
pub async fn name_check_begin(
    tx: &mut WriteTx,
    question: &NameQuestion,
    now: Timestamp,
) -> Result<NameTurn, Error> {
    let NameQuestion { supplier, sku, account, max_price, most_a_day } = question;
    let quiet_until: i64 = sql!("SELECT COALESCE(MAX(quiet_until), 0) FROM name_check WHERE account = $1")
        .bind(account)
        .one(tx)
        .await?;
    if quiet_until > now.millis() {
        return Ok(NameTurn::TooSoon);
    }
    let day = now.wib_day();
    let over: i64 = sql!("SELECT COUNT(*) FROM name_check WHERE account = $1 AND day = $2 AND is_over = 1")
        .bind(account)
        .bind(day)
        .one(tx)
        .await?;
    let reference = reference(account, &day.to_string(), over);
    // Asking how one stands that is there already costs nothing.
    let bought_today: i64 =
        sql!("SELECT COUNT(*) FROM name_check WHERE supplier = $1 AND day = $2 AND state <> 'not_sent'")
            .bind(*supplier)
            .bind(day)
            .one(tx)
            .await?;
    if bought_today >= i64::from(*most_a_day) && !is_name_check(tx, supplier, &reference).await? {
        return Ok(NameTurn::Enough);
    }
    let asked: Option<i64> = sql!(
        "INSERT INTO name_check (reference, supplier, sku, account, day, max_price, state, asked, asked_at,
                                 quiet_until, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'asked', 1, $7, $8, $7)
         ON CONFLICT (reference) DO UPDATE
         SET asked = name_check.asked + 1, quiet_until = excluded.quiet_until, updated_at = excluded.updated_at,
             asked_at = CASE WHEN name_check.state = 'not_sent' THEN excluded.asked_at ELSE name_check.asked_at END,
             state = CASE WHEN name_check.state = 'not_sent' THEN 'asked' ELSE name_check.state END
         WHERE name_check.is_over = 0 AND name_check.quiet_until <= excluded.asked_at
         RETURNING asked"
    )
    .bind(&reference)
    .bind(*supplier)
    .bind(sku)
    .bind(account)
    .bind(day)
    .bind(*max_price)
    .bind(now)
    .bind(now.plus(PAUSE))
    .optional(tx)
    .await?;
    Ok(match asked {
        Some(asked) => NameTurn::Ask { reference, is_first: asked == 1 },
        None => NameTurn::TooSoon,
    })
}

/// Notes that a purchase of which nobody knows is asked about once more. False when it is decided by now, or when it
/// was asked about less than a minute ago.
pub async fn name_check_again(tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<bool, Error> {
    let noted = sql!(
        "UPDATE name_check SET asked = asked + 1, quiet_until = $3, updated_at = $2
         WHERE reference = $1 AND state IN ('asked', 'unknown') AND is_over = 0 AND quiet_until <= $2"
    )
    .bind(reference)
    .bind(now)
    .bind(now.plus(PAUSE))
    .run(tx)
    .await?;
    Ok(noted > 0)
}

/// The same for an account all day, whichever process asks.
fn reference(account: &str, day: &str, over: i64) -> String {
    let mark = md5_hex(&[account, "|", day, "|", &over.to_string()]);
    format!("{PREFIX}{}", mark.chars().take(MARK_CHARS).collect::<String>())
}

/// What is known of a purchase when something is said of it.
struct Known {
    supplier: String,
    state: NameCheckState,
    asked: i64,
    price: Option<Rupiah>,
    max_price: Rupiah,
}

impl FromRow for Known {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Known {
            supplier: row.get("supplier")?,
            state: row.get("state")?,
            asked: row.get("asked")?,
            price: row.get("price")?,
            max_price: row.get("max_price")?,
        })
    }
}

/// Stores what was said of a purchase, and tells what that changes in the deposit: the caller books it in the same
/// transaction. `None` for a reference that no row has. The minute counts from here.
pub async fn name_check_told(
    tx: &mut WriteTx,
    reference: &str,
    told: &NameTold,
    now: Timestamp,
) -> Result<Option<NameMoney>, Error> {
    // It locks the row as well: an answer and a webhook may come at once.
    let known: Option<Known> = sql!(
        "UPDATE name_check SET quiet_until = $2, updated_at = $3, code = COALESCE($4, code),
                is_over = CASE WHEN CAST($5 AS BIGINT) = 1 THEN 1 ELSE is_over END
         WHERE reference = $1 RETURNING supplier, state, asked, price, max_price"
    )
    .bind(reference)
    .bind(now.plus(PAUSE))
    .bind(now)
    .bind(&told.code)
    .bind(told.is_over)
    .optional(tx)
    .await?;
    let Some(known) = known else { return Ok(None) };
    let Some(next) = next(known.state, known.asked, told.outcome) else {
        return Ok(Some(NameMoney::Nothing));
    };
    let (supplier, price) = (known.supplier, known.price.unwrap_or(known.max_price));
    let (price, money) = match (next, told.outcome) {
        (NameCheckState::Bought, NameOutcome::Bought(told)) => {
            let price = told.filter(|price| price.is_positive()).unwrap_or(known.max_price);
            (Some(price), NameMoney::Taken { supplier, price })
        }
        (NameCheckState::TakenBack, _) => (Some(price), NameMoney::GivenBack { supplier, price }),
        _ => (None, NameMoney::Nothing),
    };
    // What never arrived is the first question still.
    let asked = if next == NameCheckState::NotSent { 0 } else { known.asked };
    let decided = matches!(next, NameCheckState::Bought | NameCheckState::Refused | NameCheckState::NotSent);
    let taken_back = next == NameCheckState::TakenBack;
    sql!(
        "UPDATE name_check SET state = $2, price = COALESCE($3, price), asked = $4,
                decided_at = COALESCE($5, decided_at), taken_back_at = $6
         WHERE reference = $1"
    )
    .bind(reference)
    .bind(next)
    .bind(price)
    .bind(asked)
    .bind(decided.then_some(now))
    .bind(taken_back.then_some(now))
    .run(tx)
    .await?;
    Ok(Some(money))
}

/// The state after something was said; `None` when that adds nothing. What was bought stays so, unless it is said to
/// have been taken back; and what was taken back is not bought again.
fn next(before: NameCheckState, asked: i64, outcome: NameOutcome) -> Option<NameCheckState> {
    use NameCheckState as S;
    match (before, outcome) {
        (S::Bought, NameOutcome::TakenBack) => Some(S::TakenBack),
        (S::Bought | S::TakenBack, _) => None,
        (_, NameOutcome::Bought(_)) => Some(S::Bought),
        (_, NameOutcome::Refused | NameOutcome::TakenBack) => Some(S::Refused),
        (S::Asked, NameOutcome::NotSent) if asked == 1 => Some(S::NotSent),
        (S::Asked, NameOutcome::NotSent | NameOutcome::Unknown) => Some(S::Unknown),
        (S::Unknown | S::NotSent | S::Refused, NameOutcome::NotSent | NameOutcome::Unknown) => None,
    }
}

/// Whether a purchase of a name has this reference at this supplier.
pub async fn is_name_check(tx: &mut ReadTx, supplier: &str, reference: &str) -> Result<bool, Error> {
    let found: Option<String> =
        sql!("SELECT reference FROM name_check WHERE reference = $1 AND supplier = $2")
            .bind(reference)
            .bind(supplier)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_bought_stays_bought_until_it_is_taken_back() {
        use NameCheckState as S;
        use NameOutcome as O;
        let bought = O::Bought(Some(Rupiah::new(83)));
        for (before, asked, outcome, after) in [
            (S::Asked, 1, bought, Some(S::Bought)),
            (S::Unknown, 2, bought, Some(S::Bought)),
            (S::Refused, 2, bought, Some(S::Bought)),
            (S::NotSent, 0, bought, Some(S::Bought)),
            (S::Asked, 1, O::Refused, Some(S::Refused)),
            (S::Unknown, 2, O::TakenBack, Some(S::Refused)),
            (S::Asked, 1, O::NotSent, Some(S::NotSent)),
            (S::Asked, 2, O::NotSent, Some(S::Unknown)),
            (S::Asked, 1, O::Unknown, Some(S::Unknown)),
            (S::Unknown, 3, O::Unknown, None),
            (S::Unknown, 3, O::NotSent, None),
            (S::Refused, 2, O::Unknown, None),
            (S::Bought, 1, O::Refused, None),
            (S::Bought, 1, O::Unknown, None),
            (S::Bought, 1, bought, None),
            (S::Bought, 1, O::TakenBack, Some(S::TakenBack)),
            (S::TakenBack, 1, bought, None),
        ] {
            assert_eq!(next(before, asked, outcome), after, "{before} after {outcome:?}");
        }
    }

    #[test]
    fn a_reference_is_another_for_each_account_day_and_purchase_that_is_over() {
        let first = reference("0f", "2026-11-22", 0);
        assert!(first.starts_with(PREFIX) && first.len() == 32, "{first}");
        for other in [("1f", "2026-11-22", 0), ("0f", "2026-11-23", 0), ("0f", "2026-11-22", 1)] {
            assert_ne!(first, reference(other.0, other.1, other.2));
        }
    }
}
