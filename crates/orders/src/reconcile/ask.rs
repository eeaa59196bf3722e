//! Asking gateways and suppliers, a handful of questions at once, with no transaction open. Nothing that is asked
//! here can change or buy anything. Who does not answer is said not to have answered.

use super::view::{Closing, GatewaySays, Reading, Stranger, StrangerSays, SupplierSays};
use crate::{Shop, inbox::StoredWebhook, sealed::words_of};
use payments::{Gateway, Payment, Sent, StatusOutcome};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use suppliers::{
    Ask, Attempt, Deposit, LookedUp, Named, Purchase, Purchases, Report, Supplier, SupplierWebhook, Verdict,
};
use tokio::task::JoinSet;
use vocabulary::{Purpose, Reference, Rupiah, Timestamp};

/// How many questions one party is asked at once.
const AT_ONCE: usize = 4;
/// After so many questions in a row without an answer a party is not asked further.
const SILENT_IN_A_ROW: usize = 5;
/// How long to wait before a question without an answer is asked once more, unless the party names a time.
const A_MOMENT: Duration = Duration::from_secs(1);
/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What each gateway says of its payments, by their references.
pub(super) async fn gateways(shop: &Shop, payments: &[Payment]) -> HashMap<String, GatewaySays> {
    let mut of_gateway: BTreeMap<&str, Vec<Sent>> = BTreeMap::new();
    for payment in payments {
        of_gateway.entry(&payment.gateway).or_default().push(payment.sent(shop.clock.now()));
    }
    let mut told = HashMap::new();
    for (name, questions) in of_gateway {
        match shop.gateway(name) {
            Some(gateway) => told.extend(one_gateway(gateway, questions).await),
            None => {
                let why = GatewaySays::Silent(format!("`{name}` is not connected"));
                told.extend(questions.iter().map(|sent| (sent.reference.to_string(), why.clone())));
            }
        }
    }
    told
}

async fn one_gateway(gateway: &Arc<dyn Gateway>, questions: Vec<Sent>) -> Vec<(String, GatewaySays)> {
    let ask = |sent: Sent| {
        let gateway = Arc::clone(gateway);
        async move {
            let says = status(&*gateway, &sent).await;
            (sent.reference.to_string(), says)
        }
    };
    let is_silent = |answer: &(String, GatewaySays)| matches!(answer.1, GatewaySays::Silent(_));
    let (mut told, left) = paced(questions, ask, is_silent).await;
    told.extend(left.iter().map(|sent| (sent.reference.to_string(), GatewaySays::Silent(gave_up()))));
    told
}

async fn status(gateway: &dyn Gateway, sent: &Sent) -> GatewaySays {
    let mut outcome = gateway.status(sent).await;
    let again = match &outcome {
        StatusOutcome::Unknown { retry_after, .. } => Some(retry_after.unwrap_or(A_MOMENT)),
        _ => None,
    };
    if let Some(wait) = again {
        tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
        outcome = gateway.status(sent).await;
    }
    match outcome {
        StatusOutcome::Found(seen) => GatewaySays::Found {
            state: seen.state,
            stated: seen.stated,
            amount: seen.amount,
            given_back: seen.given_back,
        },
        StatusOutcome::NotFound => GatewaySays::NotFound,
        StatusOutcome::Unknown { reason, .. } => GatewaySays::Silent(reason),
    }
}

/// What those suppliers say that can be asked without being asked to buy, by the references of the attempts.
pub(super) async fn suppliers(shop: &Shop, attempts: &[Attempt]) -> HashMap<String, SupplierSays> {
    let mut of_supplier: BTreeMap<&str, Vec<Purchase>> = BTreeMap::new();
    for attempt in attempts {
        if let Some(question) = question(attempt, shop.clock.now()) {
            of_supplier.entry(&attempt.supplier).or_default().push(question);
        }
    }
    let mut told = HashMap::new();
    for (name, questions) in of_supplier {
        // Of one that is not connected its recorded words are left.
        if let Some(supplier) = shop.supplier(name) {
            told.extend(one_supplier(supplier, questions).await);
        }
    }
    told
}

async fn one_supplier(supplier: &Arc<dyn Supplier>, questions: Vec<Purchase>) -> Vec<(String, SupplierSays)> {
    let ask = |purchase: Purchase| {
        let supplier = Arc::clone(supplier);
        async move {
            let says = supplier.look_up(&purchase).await;
            (purchase.reference.to_string(), says)
        }
    };
    let is_silent = |answer: &(String, LookedUp)| matches!(answer.1, LookedUp::Silent { .. });
    let (told, left) = paced(questions, ask, is_silent).await;
    let told = told.into_iter().filter_map(|(reference, says)| match says {
        LookedUp::Told(report) => {
            let code = report.code.as_deref().unwrap_or("-");
            // What differs is stored, and told to whoever reads alerts.
            Some((reference, SupplierSays::Told(report.verdict, format!("{code} {}", words_of(&report)))))
        }
        LookedUp::NoWay => None,
        LookedUp::Silent { reason } => Some((reference, SupplierSays::Silent(reason))),
    });
    let left = left.iter().map(|purchase| (purchase.reference.to_string(), SupplierSays::Silent(gave_up())));
    told.chain(left).collect()
}

/// The question about an attempt; none about one that was never sent.
fn question(attempt: &Attempt, now: Timestamp) -> Option<Purchase> {
    Some(Purchase {
        reference: attempt.reference.clone(),
        sku: attempt.sku.clone(),
        customer_no: attempt.customer_no.clone(),
        max_price: attempt.max_price,
        ask: Ask::Again,
        first_sent_at: attempt.first_sent_at?,
        now,
        notify_url: None,
        number: attempt.number.clone(),
        // Nothing is recognised here: whose a purchase is, the worker decides, in a transaction.
        others: None,
    })
}

/// What is left of our deposit at a supplier.
pub(super) async fn deposit(shop: &Shop, supplier: &dyn Supplier) -> Closing {
    let mut asked_at = shop.clock.now();
    let mut said = supplier.deposit().await;
    if matches!(said, Deposit::Silent { .. }) {
        tokio::time::sleep(A_MOMENT).await;
        asked_at = shop.clock.now();
        said = supplier.deposit().await;
    }
    match said {
        Deposit::Left(balance) => Closing::Read(Reading { asked_at, at: shop.clock.now(), balance }),
        Deposit::NotTold => Closing::NotTold,
        Deposit::Silent { reason } => Closing::Silent(reason),
    }
}

/// The newest purchases of our account at each supplier that lists them.
pub(super) async fn purchases(shop: &Shop) -> Vec<(&'static str, Purchases)> {
    let mut all = Vec::new();
    for supplier in shop.suppliers.iter() {
        let mut says = supplier.newest_purchases().await;
        if matches!(says, Purchases::Silent { .. }) {
            tokio::time::sleep(A_MOMENT).await;
            says = supplier.newest_purchases().await;
        }
        if says != Purchases::NotTold {
            all.push((supplier.name(), says));
        }
    }
    all
}

/// What is known of that about which webhooks came and no row of ours is.
pub(super) async fn strangers(shop: &Shop, webhooks: Vec<StoredWebhook>) -> Vec<Stranger> {
    let mut latest: BTreeMap<(String, String), StoredWebhook> = BTreeMap::new();
    for webhook in webhooks {
        if let Some(reference) = webhook.reference.clone() {
            latest.insert((webhook.source.clone(), reference), webhook);
        }
    }
    let mut questions: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
    for (party, reference) in latest.keys() {
        if let (Some(gateway), Some(reference)) = (shop.gateway(party), of_ours(reference, Purpose::Payment))
        {
            let question = about_unknown(&**gateway, reference, shop.clock.now());
            questions.entry(party.clone()).or_default().extend(question);
        }
    }
    let mut told: HashMap<(String, String), GatewaySays> = HashMap::new();
    for (party, questions) in questions {
        if let Some(gateway) = shop.gateway(&party) {
            let answers = one_gateway(gateway, questions).await;
            told.extend(answers.into_iter().map(|(reference, says)| ((party.clone(), reference), says)));
        }
    }
    let found = latest.into_iter().map(|(key, webhook)| {
        let says = match told.remove(&key) {
            Some(says) => StrangerSays::Payment(says),
            None => bought(shop, &webhook).unwrap_or(StrangerSays::NotOurForm),
        };
        let (party, reference) = key;
        Stranger { party, reference, at: webhook.received_at, says }
    });
    found.collect()
}

/// What a supplier's webhook says of a purchase under a reference of our form.
fn bought(shop: &Shop, webhook: &StoredWebhook) -> Option<StrangerSays> {
    let supplier = shop.supplier(&webhook.source)?;
    let body = shop.open_webhook(&webhook.source, &webhook.body).ok()?;
    let headers = shop.opened_headers(&webhook.source, &webhook.headers);
    let (reference, report) = match supplier.read_webhook(&headers, &body) {
        Ok(SupplierWebhook::News { reference, report }) => (reference, report),
        // What it says is not proven: that it names a purchase is all that counts.
        Ok(SupplierWebhook::Hint(Named::Reference(reference))) => {
            (reference, Report::bare(Verdict::Unknown, "something that is not signed"))
        }
        _ => return None,
    };
    of_ours(&reference, Purpose::Fulfilment)?;
    let code = report.code.as_deref().unwrap_or("-");
    Some(StrangerSays::Purchase(report.verdict, format!("{} {code} {}", report.verdict, words_of(&report))))
}

fn of_ours(text: &str, purpose: Purpose) -> Option<Reference> {
    text.parse::<Reference>().ok().filter(|reference| reference.purpose() == purpose)
}

/// The question about a payment of which nothing is known but its reference. Its time is taken as over, and its
/// method as the last one that the gateway has: of an answer only state and amount are looked at.
fn about_unknown(gateway: &dyn Gateway, reference: Reference, now: Timestamp) -> Option<Sent> {
    Some(Sent {
        reference,
        method: *gateway.methods().last()?,
        amount: Rupiah::ZERO,
        transaction_id: None,
        was_open: false,
        closing: None,
        expires_at: Timestamp::from_millis(0),
        now,
    })
}

/// Asks a handful at once until nothing is left, or the party has not answered so often in a row that it is not
/// asked further. The answers, and the questions that were not asked.
async fn paced<Q, A, F>(
    questions: Vec<Q>,
    ask: impl Fn(Q) -> F,
    is_silent: impl Fn(&A) -> bool,
) -> (Vec<A>, Vec<Q>)
where
    A: Send + 'static,
    F: Future<Output = A> + Send + 'static,
{
    let mut waiting = questions.into_iter();
    let mut running: JoinSet<A> = JoinSet::new();
    let mut answers = Vec::new();
    let mut silent = 0_usize;
    loop {
        while running.len() < AT_ONCE && silent < SILENT_IN_A_ROW {
            let Some(question) = waiting.next() else { break };
            running.spawn(ask(question));
        }
        match running.join_next().await {
            Some(Ok(answer)) => {
                silent = if is_silent(&answer) { silent.saturating_add(1) } else { 0 };
                answers.push(answer);
            }
            // A question that ended in a panic has no answer: it counts as not asked.
            Some(Err(_)) => silent = silent.saturating_add(1),
            None => break,
        }
    }
    (answers, waiting.collect())
}

fn gave_up() -> String {
    format!("it did not answer {SILENT_IN_A_ROW} times in a row, so it was not asked further")
}
