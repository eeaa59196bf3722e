//! Audit entries: who did what, before and after, from where and when. Written in the transaction
//! of what they record; chained afterwards by [`seal`](crate::seal).

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Actor, AuditEntryId, Ids, Timestamp};

/// What is to be recorded.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// What: `order.paid`, `catalog.price`.
    pub action: &'a str,
    /// About what: an order number, a product code.
    pub subject: &'a str,
    /// How it was, as JSON or one word.
    pub before: Option<String>,
    /// How it is now, as JSON or one word.
    pub after: Option<String>,
    /// From where: an IP address, a command.
    pub source: Option<String>,
}

/// A recorded entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its id.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// About what.
    pub subject: String,
    /// How it was.
    pub before: Option<String>,
    /// How it became.
    pub after: Option<String>,
    /// From where.
    pub source: Option<String>,
}

impl FromRow for AuditRecord {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(AuditRecord {
            id: row.get("id")?,
            at: row.get("at")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            before: row.get("before_state")?,
            after: row.get("after_state")?,
            source: row.get("source")?,
        })
    }
}

/// Records an entry. It is chained within a second of the commit.
pub async fn record(tx: &mut WriteTx, ids: &Ids, now: Timestamp, entry: &Entry<'_>) -> Result<(), Error> {
    let id = AuditEntryId::new(ids, now);
    sql!(
        "INSERT INTO audit_entry (id, at, actor, action, subject, before_state, after_state, source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(&id)
    .bind(now)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(&entry.before)
    .bind(&entry.after)
    .bind(&entry.source)
    .run(tx)
    .await?;
    sql!("INSERT INTO audit_unsealed (entry_id) VALUES ($1)").bind(&id).run(tx).await?;
    Ok(())
}

/// The entries about one subject, oldest first, at most 1,000.
pub async fn entries_about(tx: &mut ReadTx, subject: &str) -> Result<Vec<AuditRecord>, Error> {
    sql!(
        "SELECT id, at, actor, action, subject, before_state, after_state, source FROM audit_entry
         WHERE subject = $1 ORDER BY id LIMIT 1000"
    )
    .bind(subject)
    .all(tx)
    .await
}
