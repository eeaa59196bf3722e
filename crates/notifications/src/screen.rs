//! What is shown to somebody outside and has to be brought up to date: the card of an order for as
//! long as it can be edited, or an answer that is still owed. What exactly is shown, and where, only
//! the courier understands.

use database::{Claim, Error, FromRow, ReadTx, Row, RowQueue, WriteTx, queue_sql, sql};
use std::time::Duration;
use vocabulary::{Ids, OrderId, ScreenId, Timestamp};

/// Something shown outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Its id.
    pub id: ScreenId,
    /// Who brings it up to date (`discord`).
    pub courier: String,
    /// The order that it shows, if it shows one: it becomes due when the order changes.
    pub order: Option<OrderId>,
    /// How to reach it, in the courier's words. Encrypted where it is a credential.
    pub address: String,
    /// What is to be shown, in the courier's words.
    pub task: String,
    /// It cannot be changed after this.
    pub live_until: Timestamp,
    /// When it is drawn for the last time, whatever happens meanwhile.
    pub last_at: Option<Timestamp>,
    /// How often it became out of date.
    pub nudges: i64,
    /// How often bringing it up to date has failed in a row.
    pub tries: i64,
    /// What became of bringing it up to date the last time, in the courier's words.
    pub note: Option<String>,
    /// Number of the latest claim.
    pub fence: i64,
}

impl FromRow for Screen {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Screen {
            id: row.get("id")?,
            courier: row.get("courier")?,
            order: row.get("order_id")?,
            address: row.get("address")?,
            task: row.get("task")?,
            live_until: row.get("live_until")?,
            last_at: row.get("last_at")?,
            nudges: row.get("nudges")?,
            tries: row.get("tries")?,
            note: row.get("note")?,
            fence: row.get("fence")?,
        })
    }
}

/// A new thing to keep up to date.
#[derive(Clone, Debug)]
pub struct NewScreen<'a> {
    /// What it was asked by (the id of an interaction): digits, and a later one is greater.
    pub once_key: &'a str,
    /// Who brings it up to date.
    pub courier: &'a str,
    /// What is shown on (a message), in the courier's words: it shows one thing at a time.
    pub surface: &'a str,
    /// The order that it shows.
    pub order: Option<&'a OrderId>,
    /// How to reach it.
    pub address: &'a str,
    /// What is to be shown.
    pub task: &'a str,
    /// It cannot be changed after this.
    pub live_until: Timestamp,
    /// When it is to be brought up to date first; `None` when it is up to date now.
    pub due_at: Option<Timestamp>,
    /// When it is drawn for the last time, whatever happens meanwhile.
    pub last_at: Option<Timestamp>,
}

/// How long what was on its way to a surface may still arrive there: then it is drawn over.
const OVERLAP: Duration = Duration::from_secs(10);
/// How long a screen is kept after its time.
const KEPT: Duration = Duration::from_secs(86_400);
/// How many old ones are removed when a new one comes.
const REMOVED_AT_ONCE: i64 = 20;

/// Keeps something up to date from now on, in the place of what its surface showed before. False when the
/// surface was asked to show something by this key already, or by a later one.
pub async fn show(tx: &mut WriteTx, ids: &Ids, now: Timestamp, new: &NewScreen<'_>) -> Result<bool, Error> {
    let shown = sql!(
        "INSERT INTO screen (id, once_key, courier, surface, order_id, address, task, live_until, created_at,
                updated_at, due_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
         ON CONFLICT (courier, surface) DO UPDATE SET
                once_key = excluded.once_key, order_id = excluded.order_id, address = excluded.address,
                task = excluded.task, live_until = excluded.live_until, updated_at = excluded.updated_at,
                last_at = excluded.last_at, note = NULL, tries = 0, claims = 0, nudges = screen.nudges + 1,
                fence = screen.fence + 1,
                due_at = CASE WHEN screen.lease_until IS NULL THEN excluded.due_at ELSE CAST($12 AS BIGINT) END,
                lease_until = NULL
         WHERE length(screen.once_key) < length(excluded.once_key)
            OR (length(screen.once_key) = length(excluded.once_key) AND screen.once_key < excluded.once_key)"
    )
    .bind(ScreenId::new(ids, now))
    .bind(new.once_key)
    .bind(new.courier)
    .bind(new.surface)
    .bind(new.order)
    .bind(new.address)
    .bind(new.task)
    .bind(new.live_until)
    .bind(now)
    .bind(new.due_at.or(new.last_at))
    .bind(new.last_at)
    // Somebody draws the old content at this moment.
    .bind(now.plus(OVERLAP))
    .run(tx)
    .await?;
    sql!(
        "DELETE FROM screen WHERE id IN
            (SELECT id FROM screen WHERE live_until < $1 ORDER BY live_until LIMIT $2)"
    )
    .bind(now.minus(KEPT))
    .bind(REMOVED_AT_ONCE)
    .run(tx)
    .await?;
    Ok(shown > 0)
}

/// Whether somebody keeps this surface up to date.
pub async fn is_kept(
    tx: &mut ReadTx,
    (courier, surface): (&str, &str),
    now: Timestamp,
) -> Result<bool, Error> {
    let found: Option<ScreenId> =
        sql!("SELECT id FROM screen WHERE courier = $1 AND surface = $2 AND live_until > $3")
            .bind(courier)
            .bind(surface)
            .bind(now)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

/// The surface shows something else from now on, which nobody has to bring up to date; `once_key` is what it
/// was asked by.
pub async fn leave_surface(
    tx: &mut WriteTx,
    (courier, surface): (&str, &str),
    once_key: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE screen SET live_until = CASE WHEN live_until < $4 THEN live_until ELSE $4 END, due_at = NULL,
                lease_until = NULL, claims = 0, fence = fence + 1, updated_at = $4, note = 'left'
         WHERE courier = $1 AND surface = $2
           AND (length(once_key) < length(CAST($3 AS TEXT))
                OR (length(once_key) = length(CAST($3 AS TEXT)) AND once_key < CAST($3 AS TEXT)))"
    )
    .bind(courier)
    .bind(surface)
    .bind(once_key)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// The order has changed: what shows it is out of date.
pub async fn refresh_screens(tx: &mut WriteTx, order: &OrderId, now: Timestamp) -> Result<u64, Error> {
    sql!("UPDATE screen SET due_at = $2, nudges = nudges + 1 WHERE order_id = $1 AND live_until > $2")
        .bind(order)
        .bind(now)
        .run(tx)
        .await
}

/// A claimed screen.
pub async fn screen(tx: &mut ReadTx, claim: &Claim) -> Result<Option<Screen>, Error> {
    sql!("SELECT * FROM screen WHERE id = $1 AND fence = $2")
        .bind(&claim.id)
        .bind(claim.fence)
        .optional(tx)
        .await
}

/// The screens that are due.
pub const SCREEN_QUEUE: RowQueue = queue_sql!("screen");

/// What became of bringing a screen up to date: due again at `again`, or for its last time, or at once when
/// it went out of date meanwhile. False when another worker has claimed it since.
pub async fn screen_shown(
    tx: &mut WriteTx,
    screen: &Screen,
    (note, tries): (Option<&str>, i64),
    again: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE screen SET note = $3, tries = $4, updated_at = $5,
                due_at = CASE WHEN nudges > $6 THEN CAST($5 AS BIGINT) WHEN CAST($7 AS BIGINT) IS NOT NULL THEN $7
                              WHEN last_at > $5 THEN last_at ELSE NULL END,
                lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&screen.id)
    .bind(screen.fence)
    .bind(note)
    .bind(tries)
    .bind(now)
    .bind(screen.nudges)
    .bind(again)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Gives a screen up. False when another worker has claimed it since.
pub async fn drop_screen(tx: &mut WriteTx, claim: &Claim, note: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE screen SET note = $3, updated_at = $4, live_until = CASE WHEN live_until < $4 THEN live_until ELSE $4 END,
                due_at = NULL, lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(note)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}
