//! VIP Reseller (`contracts/suppliers.md` §2.1). It takes no reference of ours and buys again whenever an order is
//! sent, so an order is sent once and never again. What became of it is asked by their number; a purchase whose
//! answer was lost is looked for among the newest: one for this account, of this product, that was not there
//! before and is no other attempt's. What cannot be told from others stays unknown, for a person.
//!
//! It takes no limit for the price either: what a product costs is read right before it is sent, and in a list.
//!
//! Here is how to call; what their answers mean is in `wire.rs`, `list.rs` and `words.rs`.

mod list;
mod wire;
mod words;

use super::{sign, tujuan};
use crate::{
    Ask, Before, Capabilities, Deposit, ListAsk, LookedUp, PriceList, Purchase, Purchases, Report, Supplier,
    SupplierWebhook, Unsellable, Verdict, WebhookRefusal,
};
use outside::{Answer, CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::Secret;
use wire::{Row, Told};

/// Its name in the catalog, logs and the ledger.
const NAME: &str = "vip-reseller";
/// The header that a callback is signed in.
const SIGNATURE: &str = "x-client-signature";
/// With the two questions before it shorter than the lease of the attempt that it is made for.
const ORDER_TIMEOUT: Duration = Duration::from_secs(25);
/// Of each question.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(9);
/// A list may have thousands of entries; this is half a lease.
const LIST_TIMEOUT: Duration = Duration::from_secs(30);
/// Twenty thousand entries of the usual size.
const LIST_BYTES: usize = 16 * 1024 * 1024;
/// How many of the newest purchases are looked through.
const NEWEST: &str = "50";
/// Asked at most so often, when callbacks say that there is something to hear; no limit is documented.
const MIN_REQUERY: Duration = Duration::from_secs(10);
/// A question cannot buy. After this long nobody remembers, and a person has looked.
const MAX_REQUERY_AGE: Duration = crate::RESEND_LIMIT;

/// What VIP Reseller can do (§2, the table at its end).
pub const CAPABILITIES: Capabilities = Capabilities {
    supports_client_ref: false,
    resend_is_status: false,
    min_requery: MIN_REQUERY,
    max_requery_age: MAX_REQUERY_AGE,
    price_guard: false,
    reads_price_first: true,
    callback_is_authenticated: false,
    partial_possible: false,
    needs_end_user_ip: false,
    names_reversals: false,
    refusals_are_documented: false,
    keeps_of_failures: false,
    tells_one_price: false,
};

/// What must be known to use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the API: `https://vip-reseller.co.id/api`.
    pub base_url: String,
    /// API id from the member area.
    pub api_id: String,
    /// API key from the member area.
    pub api_key: Secret,
    /// Which of the three prices of a product is ours.
    pub tier: Tier,
}

vocabulary::text_enum!(
    /// Our level in the member area: it decides which price of a product applies (§2.1).
    pub enum Tier {
        /// The level that everybody begins at.
        Basic = "basic",
        /// The next.
        Premium = "premium",
        /// The highest.
        Special = "special",
    }
);

/// The supplier.
#[derive(Debug)]
pub struct VipReseller {
    http: Http,
    settings: Settings,
}

impl VipReseller {
    /// VIP Reseller with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        VipReseller { http, settings }
    }

    async fn order(&self, purchase: &Purchase) -> Report {
        // Nobody should get here with it; if somebody does, nothing is bought a second time.
        if purchase.ask == Ask::Again {
            let text = format!("not sent: {} was sent before, and would be bought again", purchase.reference);
            return Report::bare(Verdict::UnknownAlarm, text);
        }
        let Some(tujuan) = tujuan::split(&purchase.customer_no) else {
            return Report::bare(
                Verdict::RefusedConfiguration,
                "not sent: the customer number of the product is not `{user_id}` or `{user_id}|{zone_id}`",
            );
        };
        let mut fields = vec![("type", "order"), ("service", purchase.sku.as_str()), ("data_no", tujuan.id)];
        fields.extend(tujuan.zone.map(|zone| ("data_zone", zone)));
        let request = self.post("vip_reseller.order", "/game-feature", &fields, ORDER_TIMEOUT);
        match self.http.call(request).await {
            Ok(answer) => wire::ordered(tujuan, &answer),
            Err(CallError::NotSent(reason)) => Report::bare(Verdict::NotSent, reason),
            Err(CallError::Unknown(reason)) => Report::bare(Verdict::Unknown, reason),
        }
    }

    /// What is there already for the account, so that the purchase that is about to be sent can be told from it.
    async fn look_before(&self, purchase: &Purchase) -> Before {
        let Some(tujuan) = tujuan::split(&purchase.customer_no) else {
            return Before::Ready { earlier: None };
        };
        let earlier = match self.newest().await {
            Ok(Told::Yes(fields)) => {
                let rows = wire::rows(&fields);
                let numbers: Vec<String> =
                    rows.iter().filter(|row| row.is_for(tujuan)).filter_map(Row::number).collect();
                Some(numbers.join(" "))
            }
            // Then this one cannot be told from others later. What it costs is asked all the same.
            Ok(Told::No { .. }) => None,
            Err(reason) => return Before::NotNow { reason },
        };
        match self.against(purchase, earlier.is_none()).await {
            Ok(None) => Before::Ready { earlier },
            Ok(Some(report)) => Before::NotBought(report),
            Err(NotYet::Silent(reason)) => Before::NotNow { reason },
            Err(NotYet::Untold(reason)) => Before::NotTold { reason },
        }
    }

    /// What speaks against buying it at this moment: it takes no limit for the price, so the price is read before.
    /// A refusal is about the product, unless they have refused the question before it as well (`refuses_us`).
    async fn against(&self, purchase: &Purchase, refuses_us: bool) -> Result<Option<Report>, NotYet> {
        let listing = match wire::told(&self.answer(self.stock_question(&purchase.sku)).await?)? {
            Told::No { message, .. } if refuses_us => {
                let text = format!("not sent: they refuse to tell of {}: {message}", purchase.sku);
                return Ok(Some(Report::bare(words::refusal(&message), text)));
            }
            Told::No { message, .. } => {
                // Of their words one is documented. Others may mean that they are busy as well as that they do not
                // sell it, and nobody is refunded or served elsewhere for good because of them.
                let text = format!("they refuse to tell of {}: {message}", purchase.sku);
                return match words::refusal(&message) {
                    refused @ Verdict::RefusedBalance => {
                        Ok(Some(Report::bare(refused, format!("not sent: {text}"))))
                    }
                    _ => Err(NotYet::Untold(text)),
                };
            }
            Told::Yes(fields) => list::listing_of(&fields, self.settings.tier, purchase.now),
        };
        let unreadable = || NotYet::Untold(format!("the price of {} cannot be read", purchase.sku));
        let listing = listing.ok_or_else(unreadable)?;
        if listing.sku != purchase.sku {
            let text = format!("asked about {}, they tell of {}", purchase.sku, listing.sku);
            return Err(NotYet::Untold(text));
        }
        if listing.price > purchase.max_price {
            let text = format!("not sent: it costs {} and may cost {}", listing.price, purchase.max_price);
            return Ok(Some(Report { price: None, ..Report::bare(Verdict::FailedPrice, text) }));
        }
        Ok(match listing.trouble(purchase.now) {
            Some(Unsellable::Empty) => {
                Some(Report::bare(Verdict::FailedEmpty, "not sent: they have none left"))
            }
            Some(Unsellable::Doubtful) => {
                // That is no price that could have moved.
                Some(Report::bare(Verdict::FailedProvider, "not sent: it costs nothing by their word"))
            }
            _ => None,
        })
    }

    fn stock_question(&self, sku: &str) -> Request {
        let fields = [("type", "service-stock"), ("service", sku)];
        self.post("vip_reseller.service", "/game-feature", &fields, QUESTION_TIMEOUT)
    }

    async fn list(&self, ask: &ListAsk) -> PriceList {
        let request = match &ask.sku {
            Some(sku) => self.stock_question(sku),
            None => {
                let fields = [("type", "services"), ("filter_type", "game")];
                self.post("vip_reseller.services", "/game-feature", &fields, LIST_TIMEOUT)
            }
        };
        let answer = self.http.call_for_up_to(LIST_BYTES, request).await;
        match answer.map_err(|error| error.to_string()).and_then(|answer| wire::told(&answer)) {
            Ok(Told::Yes(fields)) => list::read(&fields, self.settings.tier, ask),
            Ok(Told::No { message, .. }) => PriceList::Silent { reason: message },
            Err(reason) => PriceList::Silent { reason },
        }
    }

    async fn ask(&self, purchase: &Purchase) -> LookedUp {
        match &purchase.number {
            Some(number) => self.by_number(number).await,
            None => self.by_account(purchase).await,
        }
    }

    async fn by_number(&self, number: &str) -> LookedUp {
        let told = self.status("vip_reseller.status", ("trxid", number)).await;
        of_list(told, |rows| {
            let found = rows.iter().find(|row| row.number().as_deref() == Some(number));
            found.map_or_else(|| missing("their number of it is not in their answer"), Row::report)
        })
    }

    async fn by_account(&self, purchase: &Purchase) -> LookedUp {
        let (Some(others), Some(tujuan)) = (&purchase.others, tujuan::split(&purchase.customer_no)) else {
            return LookedUp::NoWay;
        };
        let rows = match self.newest().await {
            Ok(Told::Yes(fields)) => wire::rows(&fields),
            Ok(Told::No { message, .. }) => return LookedUp::Told(missing(&message)),
            Err(reason) => return LookedUp::Silent { reason },
        };
        let new: Vec<Row> = rows
            .into_iter()
            .filter(|row| row.is_for(tujuan))
            .filter(|row| row.number().is_some_and(|number| !others.contains(&number)))
            .collect();
        LookedUp::Told(match new.as_slice() {
            [] => missing("nothing for this account was bought since it was sent"),
            [row] => match self.product_name(&purchase.sku).await {
                Some(name) if row.is_of(&name) => row.report(),
                Some(name) => missing(&format!("what was bought for this account since is not {name}")),
                None => missing("something was bought for this account since, and nobody knows its name"),
            },
            _ => Report::bare(
                Verdict::UnknownAlarm,
                "more than one purchase for this account was made since it was sent: nobody can tell but a person",
            ),
        })
    }

    async fn product_name(&self, sku: &str) -> Option<String> {
        wire::product_name(&self.http.call(self.stock_question(sku)).await.ok()?)
    }

    async fn newest(&self) -> Result<Told, String> {
        self.status("vip_reseller.newest", ("limit", NEWEST)).await
    }

    async fn status(&self, name: &'static str, which: (&str, &str)) -> Result<Told, String> {
        let request = self.post(name, "/game-feature", &[("type", "status"), which], QUESTION_TIMEOUT);
        wire::told(&self.answer(request).await?)
    }

    async fn left(&self) -> Result<vocabulary::Rupiah, String> {
        let request = self.post("vip_reseller.profile", "/profile", &[], QUESTION_TIMEOUT);
        wire::balance(&self.answer(request).await?)
    }

    async fn answer(&self, request: Request) -> Result<Answer, String> {
        self.http.call(request).await.map_err(|error| error.to_string())
    }

    /// `sign`: the same for every call (§2.1).
    fn sign(&self) -> String {
        sign::md5_hex(&[&self.settings.api_id, self.settings.api_key.expose()])
    }

    fn post(&self, name: &'static str, path: &str, fields: &[(&str, &str)], timeout: Duration) -> Request {
        let sign = self.sign();
        let access = [("key", self.settings.api_key.expose()), ("sign", sign.as_str())];
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(access).extend_pairs(fields);
        Request {
            name,
            method: Method::Post,
            url: format!("{}{path}", self.settings.base_url.trim_end_matches('/')),
            headers: vec![
                ("Content-Type", "application/x-www-form-urlencoded".into()),
                ("Accept", "application/json".into()),
            ],
            body: Some(body.finish().into_bytes()),
            timeout,
        }
    }
}

/// Why a purchase is not sent yet.
enum NotYet {
    /// They do not answer in words that can be read.
    Silent(String),
    /// They answer, and do not tell of the product.
    Untold(String),
}

impl From<String> for NotYet {
    fn from(reason: String) -> Self {
        NotYet::Silent(reason)
    }
}

/// What a list of purchases tells. That it is refused says nothing about a purchase.
fn of_list(told: Result<Told, String>, read: impl FnOnce(&[Row]) -> Report) -> LookedUp {
    match told {
        Ok(Told::Yes(fields)) => LookedUp::Told(read(&wire::rows(&fields))),
        Ok(Told::No { message, .. }) => LookedUp::Told(missing(&message)),
        Err(reason) => LookedUp::Silent { reason },
    }
}

fn missing(why: &str) -> Report {
    Report::bare(Verdict::Unknown, why)
}

impl Supplier for VipReseller {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(self.order(purchase))
    }

    fn before_first_send<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Before> {
        Box::pin(self.look_before(purchase))
    }

    fn look_up<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, LookedUp> {
        Box::pin(self.ask(purchase))
    }

    fn deposit(&self) -> Pending<'_, Deposit> {
        Box::pin(
            async move { self.left().await.map_or_else(|reason| Deposit::Silent { reason }, Deposit::Left) },
        )
    }

    fn price_list<'a>(&'a self, ask: &'a ListAsk) -> Pending<'a, PriceList> {
        Box::pin(self.list(ask))
    }

    fn newest_purchases(&self) -> Pending<'_, Purchases> {
        Box::pin(async move {
            match self.newest().await {
                Ok(Told::Yes(fields)) => {
                    Purchases::Told(wire::rows(&fields).iter().filter_map(Row::listed).collect())
                }
                Ok(Told::No { message, .. }) => Purchases::Silent { reason: message },
                Err(reason) => Purchases::Silent { reason },
            }
        })
    }

    fn unseen(&self) -> &'static [&'static str] {
        &[
            "a purchase whose number is not known is not looked for here: the worker does, as long as it is undecided",
            "of purchases the newest 50 are listed: an older one that this shop does not know shows only in the deposit, or by its callback",
        ]
    }

    fn webhook_path(&self) -> Option<&'static str> {
        Some("/webhooks/vip-reseller")
    }

    fn webhook_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE]
    }

    /// It covers nothing, and is the `sign` of every call of ours (contracts/suppliers §2.1).
    fn webhook_secrets(&self) -> &'static [&'static str] {
        &[SIGNATURE]
    }

    /// The signature is the one of every call of ours and covers nothing: a callback is a reason to ask.
    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, WebhookRefusal> {
        if !sign::header_is(headers, SIGNATURE, &self.sign()) || self.settings.api_key.is_empty() {
            return Err(WebhookRefusal::BadSignature);
        }
        wire::webhook(body)
    }
}
