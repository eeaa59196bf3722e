//! What an older version stored in the clear is sealed beside the work: each table is walked through by id in small
//! steps, and how far is remembered. As long as an older version runs beside this one it goes on to write in the
//! clear, so a walk begins some way before where the last one ended.
//!
//! A row that nobody can read is no reason to walk again and again: it is reported, and the first walk of each start
//! goes back to it, however old it is.

use super::{of_order, unnamed};
use crate::{Shop, header_secrets, inbox, order, setting};
use database::{Error, ReadTx, WriteTx, sql, walk_sql};
use std::{collections::BTreeSet, time::Duration};
use suppliers::Attempt;
use vocabulary::{OrderId, OutboxMessageId, id_before};

/// Rows that one step looks at.
const STEP: i64 = 500;
/// Rows that are sealed in one transaction: orders wait for it on SQLite, where one writes at a time.
const BATCH: usize = 50;
/// After each such transaction others have their turn.
const PAUSE: Duration = Duration::from_millis(20);
/// A walk that had to leave so many rows is cut short: it is no single row that stands in the way.
const MOST_LEFT: usize = 20;
/// A step reads little, but on a machine that is busy with other things nobody is served by giving it up.
const READ_WITHIN: Duration = Duration::from_secs(60);
/// A walk begins so long before where the last one ended. A supplier is asked for 85 days at most, so no row that is
/// older gets a serial number any more.
const LOOK_BACK: Duration = Duration::from_secs(90 * 86_400);

/// A row that is gone back to is among those after the id of a moment before.
const A_MOMENT: Duration = Duration::from_millis(1);

/// When the rows are walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealPauses {
    /// After a walk that came to its end, until the next.
    pub every: Duration,
    /// After one that was cut short.
    pub again: Duration,
}

impl Default for SealPauses {
    fn default() -> Self {
        SealPauses { every: Duration::from_secs(6 * 3_600), again: Duration::from_secs(60) }
    }
}

/// Seals what older versions stored and store in the clear, until `stopped` completes. Nobody waits for it: until a
/// row is sealed it is read as it is, and what cannot be sealed now is logged and tried again.
pub async fn keep_sealed(shop: Shop, pauses: SealPauses, stopped: impl Future<Output = ()>) {
    tokio::pin!(stopped);
    let mut unreadable = Unreadable::default();
    loop {
        let walked = tokio::select! {
            () = &mut stopped => return,
            walked = shop.walk_once(&mut unreadable) => walked,
        };
        let pause = match walked {
            Ok(0) => pauses.every,
            Ok(sealed) => {
                tracing::info!(
                    rows = sealed,
                    "sealed {sealed} serial numbers, webhooks and headers that an older version kept in the clear"
                );
                pauses.every
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    "what an older version kept in the clear cannot all be sealed now, and is tried again: {error}"
                );
                pauses.again
            }
        };
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// A table that has serial numbers, or other secrets.
#[derive(Clone, Copy)]
enum Table {
    Orders,
    Attempts,
    Messages,
    Webhooks,
}

const TABLES: [Table; 4] = [Table::Orders, Table::Attempts, Table::Messages, Table::Webhooks];

/// What nobody can read, as far as this process has looked.
#[derive(Default)]
struct Unreadable {
    /// Their ids: each is reported once.
    reported: BTreeSet<String>,
    /// Whether it went back to what was found before it started.
    went_back: bool,
}

impl Unreadable {
    fn report(&mut self, id: &str, source: &str) {
        if self.reported.insert(id.to_owned()) {
            tracing::error!(
                webhook = id,
                source,
                "the headers of webhook {id} of {source} cannot be read, so nobody knows whether a secret lies there in the clear; look at its row in `webhook_inbox`"
            );
        }
    }
}

/// What lies in the clear in one row, or may. A webhook whose body and headers do is two of them.
enum Open {
    Order(OrderId, String),
    Attempt(Box<Attempt>),
    Message(OutboxMessageId, OrderId, String),
    Webhook {
        id: String,
        source: String,
        body: Vec<u8>,
    },
    Headers {
        id: String,
        source: String,
        headers: String,
    },
    /// Headers that nobody can read.
    Unreadable {
        id: String,
        source: String,
    },
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Orders => "shop_order",
            Table::Attempts => "fulfilment_attempt",
            Table::Messages => "outbox_message",
            Table::Webhooks => "webhook_inbox",
        }
    }

    /// The last id of the next step.
    async fn last_of_next(self, tx: &mut ReadTx, after: &str) -> Result<Option<String>, Error> {
        let next = match self {
            Table::Orders => walk_sql!("shop_order"),
            Table::Attempts => walk_sql!("fulfilment_attempt"),
            Table::Messages => walk_sql!("outbox_message"),
            Table::Webhooks => walk_sql!("webhook_inbox"),
        };
        next.bind(after).bind(STEP).one(tx).await
    }
}

impl Shop {
    /// Walks once through what may have been stored in the clear, and seals it, as at a start. Tells how many rows that
    /// were.
    ///
    /// # Errors
    /// When the database refuses: what was sealed by then stays sealed, the other tables were walked through, and
    /// the next walk goes on.
    pub async fn seal_what_is_open(&self) -> Result<u64, Error> {
        self.walk_once(&mut Unreadable::default()).await
    }

    async fn walk_once(&self, unreadable: &mut Unreadable) -> Result<u64, Error> {
        let (mut sealed, mut failure) = (0_u64, None);
        for table in TABLES {
            match self.walk(table, unreadable).await {
                Ok(count) => sealed = sealed.saturating_add(count),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        unreadable.went_back |= failure.is_none();
        failure.map_or(Ok(sealed), Err)
    }

    async fn walk(&self, table: Table, unreadable: &mut Unreadable) -> Result<u64, Error> {
        let mut tx = self.db.read("serial.position").await?;
        let known = setting::sealed_until(&mut tx, table.name()).await?.unwrap_or_default();
        let before = setting::unreadable_from(&mut tx, table.name()).await?;
        drop(tx);
        let (mut after, mut sealed) = (id_before(&known, LOOK_BACK), 0_u64);
        if let Some(first) = before.as_deref().filter(|_| !unreadable.went_back) {
            after = after.min(id_before(first, A_MOMENT));
        }
        // Whether this walk says which is the first that nobody can read, or that is one before it.
        let says_first = before.as_ref().is_none_or(|first| *first > after);
        let mut first: Option<String> = None;
        let mut left = Vec::new();
        loop {
            let mut tx = self.db.read_within("serial.look", READ_WITHIN).await?;
            let Some(until) = table.last_of_next(&mut tx, &after).await? else { break };
            let open = self.in_the_clear(&mut tx, table, (&after, &until)).await?;
            drop(tx);
            for row in &open {
                if let Open::Unreadable { id, source } = row {
                    unreadable.report(id, source);
                    first = Some(first.map_or_else(|| id.clone(), |first| first.min(id.clone())));
                }
            }
            for batch in open.chunks(BATCH) {
                sealed = sealed.saturating_add(self.seal_batch(batch, &mut left).await);
                tokio::time::sleep(PAUSE).await;
            }
            if left.len() >= MOST_LEFT {
                break;
            }
            // What was left is looked at again.
            if left.is_empty() && until > known {
                let mut tx = self.db.write("serial.position").await?;
                setting::remember_sealed_until(&mut tx, table.name(), &until).await?;
                // From here on no walk but that of a start looks at it.
                if first.is_some() && before.is_none() {
                    setting::remember_unreadable_from(&mut tx, table.name(), first.as_deref()).await?;
                }
                tx.commit().await?;
            }
            after = until;
        }
        if left.is_empty() && says_first && first != before {
            let mut tx = self.db.write("serial.position").await?;
            setting::remember_unreadable_from(&mut tx, table.name(), first.as_deref()).await?;
            tx.commit().await?;
        }
        left.into_iter().next().map_or(Ok(sealed), Err)
    }

    /// Seals these rows together, or one by one where somebody is at one of them: then it is known of each why it
    /// was left.
    async fn seal_batch(&self, rows: &[Open], left: &mut Vec<Error>) -> u64 {
        let error = match self.seal_rows(rows).await {
            Ok(sealed) => return sealed,
            Err(error) => error,
        };
        tracing::debug!(%error, "{} rows are sealed one by one: {error}", rows.len());
        let mut sealed = 0_u64;
        for row in rows {
            match self.seal_rows(std::slice::from_ref(row)).await {
                Ok(count) => sealed = sealed.saturating_add(count),
                Err(error) => left.push(error),
            }
        }
        sealed
    }

    async fn seal_rows(&self, rows: &[Open]) -> Result<u64, Error> {
        let mut tx = self.db.write("serial.seal").await?;
        // Whoever works on a row may wait for another of these. It is this transaction that gives way, long before
        // the database ends one of the two.
        let gives_way =
            sql!(sqlite: "SELECT 1", postgres: "SELECT set_config('lock_timeout', '200ms', true)");
        gives_way.query().run(&mut tx).await?;
        let mut sealed = 0_u64;
        for row in rows {
            if self.seal_row(&mut tx, row).await? {
                sealed = sealed.saturating_add(1);
            }
        }
        tx.commit().await?;
        Ok(sealed)
    }

    async fn in_the_clear(
        &self,
        tx: &mut ReadTx,
        table: Table,
        step: (&str, &str),
    ) -> Result<Vec<Open>, Error> {
        Ok(match table {
            Table::Orders => {
                let open = order::serials_in_the_clear(tx, step).await?;
                open.into_iter().map(|(id, serial)| Open::Order(id, serial)).collect()
            }
            Table::Attempts => {
                let open = suppliers::serials_in_the_clear(tx, step).await?;
                open.into_iter().map(|attempt| Open::Attempt(Box::new(attempt))).collect()
            }
            Table::Messages => {
                let open = notifications::serials_in_the_clear(tx, step).await?;
                open.into_iter().map(|(id, order, detail)| Open::Message(id, order, detail)).collect()
            }
            Table::Webhooks => {
                let mut open = Vec::new();
                for (id, source) in inbox::in_the_clear(tx, step).await? {
                    // A gateway's stay as they came. Who is no gateway of ours is a supplier, or was one: what one
                    // wrote that is connected no more holds codes all the same.
                    if self.gateway(&source).is_none()
                        && let Some(body) = inbox::body(tx, &id).await?
                    {
                        open.push(Open::Webhook { id, source, body });
                    }
                }
                // Secrets in headers are those of gateways as well.
                for (id, source, headers) in inbox::headers_between(tx, step).await? {
                    if !header_secrets::are_readable(&headers) {
                        open.push(Open::Unreadable { id, source });
                    } else if self.has_open_secrets(&source, &headers) {
                        open.push(Open::Headers { id, source, headers });
                    }
                }
                open
            }
        })
    }

    /// Seals what lies in the clear in a row. False when it stands there no more: somebody else has sealed it, or
    /// something newer has taken its place.
    async fn seal_row(&self, tx: &mut WriteTx, row: &Open) -> Result<bool, Error> {
        match row {
            Open::Order(id, serial) => {
                let kept = self.seal(&of_order(id), serial)?;
                order::replace_serial(tx, id, (serial, &kept)).await
            }
            Open::Attempt(attempt) => {
                let serial = attempt.serial_number.as_deref().unwrap_or_default();
                let kept = self.seal(&of_order(&attempt.order), serial)?;
                let message = attempt.message.as_deref().map(|message| unnamed(message, serial));
                suppliers::replace_serial(tx, attempt, &kept, message.as_deref()).await
            }
            Open::Message(id, order, detail) => {
                let kept = self.seal(&of_order(order), detail)?;
                notifications::replace_serial(tx, id, (detail, &kept)).await
            }
            Open::Webhook { id, source, body } => {
                let kept = self.seal_webhook(source, body)?;
                inbox::replace_body(tx, id, (body, &kept)).await
            }
            Open::Headers { id, source, headers } => {
                let kept = self.sealed_headers(source, headers)?;
                inbox::replace_headers(tx, id, (headers, &kept)).await
            }
            Open::Unreadable { .. } => Ok(false),
        }
    }
}
