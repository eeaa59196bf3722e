//! Alerts that no event ends: a window of time has to pass, or orders that nobody pays have to be over, or what a
//! supplier refused to sell is sold again. They are looked at from time to time and close when what they tell of is
//! over. A person can close them before that.

use crate::{Shop, unpaid};
use database::{Error, Json, ReadTx, sql};
use notifications::{Alert, AlertKind, alert_resolve, open_alerts_after};
use security::{Finding, Parameter};
use std::time::Duration;
use vocabulary::Timestamp;

/// How often a worker looks.
pub(crate) const EVERY: Duration = Duration::from_secs(60);

/// An order, as far as an alert may be about it: for whom, and what was found.
type Found = (String, Option<String>, Json<Vec<Finding>>);

impl Shop {
    /// Closes the alerts of which nothing is left.
    ///
    /// # Errors
    /// When the database refuses; what was closed by then stays closed.
    pub(crate) async fn close_what_is_over(&self) -> Result<(), Error> {
        let now = self.clock.now();
        // The order that opened one of these counts for a whole window.
        let window = now.minus(self.rules.signals.window);
        for (kind, opened_by) in [
            (AlertKind::ServerFull, now),
            (AlertKind::SharedAccount, window),
            (AlertKind::ManyAccounts, window),
            (AlertKind::ProductKeptOff, now),
        ] {
            let mut after = String::new();
            loop {
                let mut tx = self.db.read("alert.look").await?;
                let page = open_alerts_after(&mut tx, kind, opened_by, &after).await?;
                drop(tx);
                let Some(last) = page.last() else { break };
                after.clone_from(&last.subject);
                for alert in &page {
                    self.close_if_over(alert, window).await?;
                }
            }
        }
        Ok(())
    }

    /// Others wait for the writer, so it is taken only for what looks as if it were over.
    async fn close_if_over(&self, alert: &Alert, window: Timestamp) -> Result<(), Error> {
        // Others of this kind are about prices, and whoever compares prices ends those.
        if alert.kind == AlertKind::ProductKeptOff && refused(alert).is_none() {
            return Ok(());
        }
        let mut look = self.db.read("alert.look").await?;
        let looks_over = self.is_over(&mut look, alert, window).await?;
        drop(look);
        if !looks_over {
            return Ok(());
        }
        let mut tx = self.db.write("alert.over").await?;
        if !self.is_over(&mut tx, alert, window).await? {
            return Ok(());
        }
        alert_resolve(&mut tx, alert.kind, &alert.subject, self.clock.now()).await?;
        tx.commit().await
    }

    async fn is_over(&self, tx: &mut ReadTx, alert: &Alert, window: Timestamp) -> Result<bool, Error> {
        match alert.kind {
            AlertKind::ServerFull => unpaid::has_room(tx, self.rules.unpaid, &alert.subject).await,
            AlertKind::SharedAccount => {
                let of_account = for_account(tx, &alert.subject, window).await?;
                Ok(!of_account.iter().any(|order| has(order, Parameter::SharedAccount)))
            }
            AlertKind::ManyAccounts => {
                let of_buyer = of_buyer(tx, &alert.subject, window).await?;
                Ok(!of_buyer.iter().any(|order| has(order, Parameter::ManyAccounts)))
            }
            AlertKind::ProductKeptOff => {
                let Some((supplier, sku)) = refused(alert) else { return Ok(false) };
                let now = self.clock.now();
                let attempts = suppliers::attempts_of_sku_lately(tx, (supplier, sku), now).await?;
                let listing = suppliers::listing(tx, supplier, sku).await?;
                Ok(suppliers::refused_since(&attempts, listing.as_ref()).is_none())
            }
            _ => Ok(false),
        }
    }
}

/// The supplier that has refused to sell something, and its code of it, where that is what an alert is about, and not
/// that its price is not believed (`doubt:` stands before the supplier there).
fn refused(alert: &Alert) -> Option<(&str, &str)> {
    alert.subject.split_once('/').filter(|(supplier, _)| !supplier.contains(':'))
}

/// What an alert about a game account is called: it is found again by that.
pub(crate) fn subject_of_account(category: &str, user: &str, server: Option<&str>) -> String {
    match server {
        Some(server) => format!("{category} {user} ({server})"),
        None => format!("{category} {user}"),
    }
}

/// Whether this was found when the order was placed.
fn has((_, _, Json(findings)): &Found, parameter: Parameter) -> bool {
    findings.iter().any(|finding| finding.parameter == parameter.as_str())
}

/// The orders for a game account that were placed since; an id may look as if a server stood behind it.
async fn for_account(tx: &mut ReadTx, subject: &str, since: Timestamp) -> Result<Vec<Found>, Error> {
    let (category, account) = subject.split_once(' ').unwrap_or((subject, ""));
    let user = account.rsplit_once(" (").map_or(account, |(user, _)| user);
    let found: Vec<Found> = sql!(
        "SELECT user_id, server_id, risk_findings FROM shop_order
         WHERE user_id IN ($1, $2) AND category_code = $3 AND placed_at > $4"
    )
    .bind(account)
    .bind(user)
    .bind(category)
    .bind(since)
    .all(tx)
    .await?;
    let is_it = |(user, server, _): &Found| subject_of_account(category, user, server.as_deref()) == subject;
    Ok(found.into_iter().filter(is_it).collect())
}

/// The orders of a buyer that were placed since.
async fn of_buyer(tx: &mut ReadTx, buyer: &str, since: Timestamp) -> Result<Vec<Found>, Error> {
    sql!("SELECT user_id, server_id, risk_findings FROM shop_order WHERE buyer = $1 AND placed_at > $2")
        .bind(buyer)
        .bind(since)
        .all(tx)
        .await
}
