//! What people do about alerts: resolve them, and take parked rows up again.

use crate::{Shop, inbox, order, reconcile, watch};
use database::{Error, WriteTx};
use notifications::{AlertKind, alert_resolve};
use vocabulary::{Actor, Timestamp};

impl Shop {
    /// Closes an open alert, audited under the name of `actor`; a parked row is taken up again.
    /// False when there is no such open alert.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn resolve_alert(&self, kind: AlertKind, subject: &str, actor: &Actor) -> Result<bool, Error> {
        let now = self.clock.now();
        let mut tx = self.db.write("alert.resolve").await?;
        if !alert_resolve(&mut tx, kind, subject, now).await? {
            return Ok(false);
        }
        if kind == AlertKind::Parked {
            unpark(&mut tx, subject, now).await?;
        }
        let entry = security::Entry {
            actor,
            action: "alert.resolved",
            subject,
            before: Some(kind.to_string()),
            after: None,
            source: None,
        };
        security::record(&mut tx, &self.ids, now, &entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Takes a parked row up again, in whichever table it is: ids tell by their prefix.
async fn unpark(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    match id.split('_').next() {
        Some("ord") => order::unpark(tx, id, now).await,
        Some("pay") => payments::unpark_payment(tx, id, now).await,
        Some("ref") => payments::unpark_refund(tx, id, now).await,
        Some("msg") => notifications::unpark_message(tx, id, now).await,
        Some("att") => suppliers::unpark_attempt(tx, id, now).await,
        Some("sup") => watch::unpark(tx, id, now).await,
        Some("rec") => reconcile::unpark(tx, id, now).await,
        _ => inbox::unpark(tx, id, now).await,
    }
}
