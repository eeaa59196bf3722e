//! Who else buys for a game account, and for how many accounts one buyer does; how young the buyer's chat account
//! is; whether a code is bought (contracts/suppliers §6 rows 24 and 25). What is found is stored with the order; the
//! counts also call a person.

use crate::{Origin, Placement, Shop, alert_over::subject_of_account};
use catalog::{Product, account::Game};
use database::{Error, WriteTx, sql};
use notifications::{AlertKind, alert_open};
use security::{Finding, Signals};
use vocabulary::{Account, Rupiah, Timestamp};

impl Shop {
    /// Looks at what the four parameters do not. Counted are orders that were paid, and the present one: nobody
    /// makes another's account suspicious without paying for it.
    pub(crate) async fn signals(
        &self,
        tx: &mut WriteTx,
        placement: &Placement,
        (product, account, amount): (&Product, &Account, Rupiah),
        now: Timestamp,
    ) -> Result<Vec<Finding>, Error> {
        let rules = &self.rules.signals;
        let is_code = Game::of(&product.category).is_some_and(Game::delivers_codes);
        let since = now.minus(rules.window);
        let server = account.server_id().unwrap_or_default();
        // A code belongs to no account; what is typed in its place says nothing.
        let payers: i64 = if is_code {
            1
        } else {
            let others: i64 = sql!(
                "SELECT COUNT(DISTINCT buyer) FROM shop_order WHERE user_id = $1 AND category_code = $2
                     AND placed_at > $3 AND COALESCE(server_id, '') = $4 AND paid_at IS NOT NULL AND buyer <> $5"
            )
            .bind(account.user_id())
            .bind(&product.category)
            .bind(since)
            .bind(server)
            .bind(&placement.buyer)
            .one(tx)
            .await?;
            others.saturating_add(1)
        };
        // An API key that names no buyer buys for many.
        let accounts: i64 = if is_code || placement.buyer.as_str() == placement.owner {
            1
        } else {
            let others: i64 = sql!(
                "SELECT COUNT(*) FROM (
                     SELECT DISTINCT category_code, user_id, COALESCE(server_id, '') AS server FROM shop_order
                     WHERE buyer = $1 AND placed_at > $2 AND paid_at IS NOT NULL AND kind = 'purchase'
                         AND NOT (category_code = $3 AND user_id = $4 AND COALESCE(server_id, '') = $5)
                 ) AS bought_for"
            )
            .bind(&placement.buyer)
            .bind(since)
            .bind(&product.category)
            .bind(account.user_id())
            .bind(server)
            .one(tx)
            .await?;
            others.saturating_add(1)
        };
        let signals = Signals { payers, accounts, is_code, ..of_origin(&placement.origin, amount, now) };
        if signals.is_shared(rules) {
            let category = product.category.as_str();
            let subject = subject_of_account(category, account.user_id(), account.server_id());
            let message = format!(
                "{payers} buyers pay for one game account within {} h; look at their orders, and blacklist whom you do not believe",
                rules.window.as_secs() / 3_600
            );
            alert_open(tx, &self.ids, now, (AlertKind::SharedAccount, &subject, &message)).await?;
        }
        if signals.has_many_accounts(rules) {
            let message = format!(
                "one buyer pays for {accounts} game accounts within {} h; look at the orders, and blacklist the buyer if you do not believe them",
                rules.window.as_secs() / 3_600
            );
            alert_open(tx, &self.ids, now, (AlertKind::ManyAccounts, placement.buyer.as_str(), &message))
                .await?;
        }
        Ok(security::signals(rules, &signals))
    }

    /// What is found of a deposit: it is for no game account, and scores as an order from there would.
    pub(crate) fn signals_of_deposit(&self, origin: &Origin, amount: Rupiah, now: Timestamp) -> Vec<Finding> {
        security::signals(&self.rules.signals, &of_origin(origin, amount, now))
    }
}

/// What is known of whoever pays so much, as if they were the only one and paid for nothing else.
fn of_origin(origin: &Origin, amount: Rupiah, now: Timestamp) -> Signals {
    let age = |since: Option<Timestamp>| since.map(|since| now.since(since));
    let (account_age, tenure) = (age(origin.account_made_at), age(origin.joined_at));
    Signals { amount, payers: 1, accounts: 1, account_age, tenure, is_code: false }
}
