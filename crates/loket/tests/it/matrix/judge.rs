//! What became of the purchases, reckoned from the books of the simulated parties: who paid what, what was
//! delivered to whom, and what the deposit is short of. The shop's ledger has to say the same.

use super::{
    lists::{End, NEVER_STRUCK, OF_PRODUCT, Part},
    purchase::{PRICE, Purchase},
};
use crate::harness::World;
use database::{Database, sql};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use vocabulary::Timestamp;

/// Each gateway's books: where the reference stands, how often it was paid, and what went back.
const GATEWAYS: [(&str, &str, &str, &str, &str); 3] = [
    ("midtrans", "order_id", "times_settled", "gross_amount", "refund_amount"),
    ("dana", "partner_reference_no", "times_paid", "amount", "refunded"),
    ("xendit", "reference_id", "times_paid", "amount", "refunded"),
];
/// The suppliers' books.
const SUPPLIERS: [&str; 3] = ["digiflazz", "vip-reseller", "apigames"];
/// What each deposit is at first.
const DEPOSIT: i64 = 100_000_000;

/// What the outside world has about one order.
#[derive(Debug, Default)]
struct Books {
    /// Amounts that were paid, one for each time.
    paid: Vec<i64>,
    went_back: i64,
    /// By how many refunds.
    refunds: usize,
    bought: Vec<Bought>,
}

/// A purchase at a supplier.
#[derive(Debug)]
struct Bought {
    at: &'static str,
    to: String,
    deliveries: i64,
    /// What the deposit is short of for it.
    charged: i64,
}

/// What the shop has booked for one order, by account.
type Booked = HashMap<String, i64>;

/// How a purchase ended: in a word, or with what is wrong.
pub(super) type Ended = (Purchase, Result<String, String>);

/// What became of the purchases of one shop.
pub(super) struct Judged {
    pub(super) ends: Vec<Ended>,
    /// What is wrong with all of them together.
    pub(super) together: Vec<String>,
}

/// Judges each purchase, and all of them together.
pub(super) async fn all(world: &Arc<World>, db: &Database, purchases: Vec<Purchase>) -> Judged {
    let outside = world.books("").await;
    let books = books(&outside, &purchases);
    let booked = booked(db).await;
    let (mut judged, mut operations) = (Vec::new(), BTreeMap::<String, bool>::new());
    for purchase in purchases {
        let of_order = books.get(&purchase.number);
        let none = Books::default();
        let mut wrong = wrong(&purchase, of_order.unwrap_or(&none), booked.get(&purchase.number));
        let struck = struck(&purchase, &outside);
        if struck.is_empty() {
            wrong.push("the fault never struck".into());
        }
        for (operation, _) in &purchase.armed {
            *operations.entry(operation.clone()).or_default() |= struck.contains(operation);
        }
        if purchase.place.party.part == Part::Chat {
            wrong.extend(read(world, &purchase).await);
        }
        let word = word(&purchase);
        let verdict = if wrong.is_empty() { Ok(word) } else { Err(format!("{word}: {}", wrong.join("; "))) };
        judged.push((purchase, verdict));
    }
    // What is compared now is asked of parties that have nothing wrong with them any more.
    world.clear_faults().await;
    let expected: Vec<&Purchase> = judged.iter().map(|(purchase, _)| purchase).collect();
    let mut together = together(world, &outside, &books, &expected).await;
    let at = expected.first().map(|purchase| purchase.place.party.title()).unwrap_or_default();
    let is_said =
        |operation: &str| NEVER_STRUCK.iter().any(|(party, of, _)| *party == at && *of == operation);
    let never = operations.into_iter().filter(|(operation, struck)| *struck == is_said(operation));
    together.extend(never.map(|(operation, _)| {
        format!("{at}: whether anything ever strikes at `{operation}` is not as its line says")
    }));
    Judged { ends: judged, together }
}

fn books(outside: &Value, purchases: &[Purchase]) -> HashMap<String, Books> {
    let mut books: HashMap<String, Books> = HashMap::new();
    let whole = |row: &Value, field: &str| row[field].as_i64().unwrap_or_default();
    let number = |reference: &str| reference.split('-').next().unwrap_or_default().to_owned();
    for (party, reference, times, amount, back) in GATEWAYS {
        for row in outside[party]["transactions"].as_array().expect(party) {
            let book = books.entry(number(row[reference].as_str().unwrap())).or_default();
            let amount = whole(row, amount) + whole(row, "imposed_fee");
            book.paid.extend((0..whole(row, times)).map(|_| amount));
            book.went_back += whole(row, back);
            book.refunds += row["refunds"].as_array().expect("refunds").len();
        }
    }
    // Who takes no reference of ours knows a purchase by its account, which is nobody else's.
    let of_account = |account: &str| {
        let found = purchases.iter().find(|purchase| purchase.account() == account);
        found.map_or_else(|| format!("nobody's, for {account}"), |purchase| purchase.number.clone())
    };
    for at in SUPPLIERS {
        for row in outside[at]["transactions"].as_array().expect(at) {
            let text = |field: &str| row[field].as_str().unwrap_or_default();
            let (reference, account) = (text("ref_id"), text("account"));
            let number = if reference.is_empty() { of_account(account) } else { number(reference) };
            let to = if account.is_empty() {
                text("customer_no").to_owned()
            } else {
                format!("{account}|{}", text("zone"))
            };
            let (deliveries, charged) = (whole(row, "deliveries"), whole(row, "charged"));
            books.entry(number).or_default().bought.push(Bought { at, to, deliveries, charged });
        }
    }
    books
}

async fn booked(db: &Database) -> HashMap<String, Booked> {
    let mut tx = db.read("test.booked").await.unwrap();
    let rows: Vec<(String, String, i64)> = sql!(
        "SELECT o.number, l.account, CAST(SUM(l.amount) AS BIGINT) FROM ledger_posting l
         JOIN ledger_transaction t ON t.id = l.transaction_id JOIN shop_order o ON o.id = t.order_id
         GROUP BY o.number, l.account"
    )
    .query()
    .all(&mut tx)
    .await
    .unwrap();
    let mut booked: HashMap<String, Booked> = HashMap::new();
    for (number, account, amount) in rows {
        booked.entry(number).or_default().insert(account, amount);
    }
    booked
}

/// Everything that is not as it must be.
fn wrong(purchase: &Purchase, books: &Books, booked: Option<&Booked>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, text: String| {
        if !holds {
            wrong.push(text);
        }
    };
    let delivers = matches!(purchase.end, End::Delivered | End::Approved);
    let state = if delivers { "delivered" } else { "refunded" };
    let by_person = matches!(purchase.end, End::Approved | End::GivenUp);
    must(purchase.called == by_person, format!("a person decided: {}", purchase.called));
    must(purchase.state == state, format!("the order is {}, not {state}", purchase.state));

    let at_gateway = !purchase.is_by_wallet();
    let times = usize::from(at_gateway);
    must(books.paid.len() == times, format!("the gateways were paid {:?}", books.paid));
    let enough = |paid: &i64| if purchase.end == End::Approved { *paid > PRICE } else { *paid == PRICE };
    must(books.paid.iter().all(enough), format!("the gateways were paid {:?}, not {PRICE}", books.paid));

    let deliveries: i64 = books.bought.iter().map(|bought| bought.deliveries).sum();
    must(deliveries == i64::from(delivers), format!("the supplier delivered {deliveries} times"));
    must(books.bought.len() <= 1, format!("the supplier was sent {:?}", books.bought));
    let rightly = |bought: &Bought| bought.to == purchase.customer() && bought.at == purchase.supplier();
    must(books.bought.iter().all(rightly), format!("bought elsewhere or for another: {:?}", books.bought));

    let sum = |of: fn(&str) -> bool| -> i64 {
        let lines = booked.into_iter().flatten();
        lines.filter(|(account, _)| of(account)).map(|(_, amount)| amount).sum()
    };
    let paid: i64 = books.paid.iter().sum();
    let charged: i64 = books.bought.iter().map(|bought| bought.charged).sum();
    let of_gateways = sum(|account| account.starts_with("gateway:") || account == "fee");
    let kept = paid - books.went_back;
    must(of_gateways == kept, format!("booked as paid is {of_gateways}, the gateways have {kept}"));
    let of_suppliers = -sum(|account| account.starts_with("supplier:"));
    must(
        of_suppliers == charged,
        format!("booked as bought is {of_suppliers}, the suppliers took {charged}"),
    );
    let from_wallet = if at_gateway { 0 } else { PRICE };
    let refunded = if delivers { 0 } else { PRICE };
    let wallet = sum(|account| account.starts_with("wallet:"));
    // To where it came from, or into the wallet: but once.
    let back = books.went_back + from_wallet - wallet;
    must(
        back == refunded,
        format!("{} went back at the gateways, the wallet gave {wallet}", books.went_back),
    );
    let at_source = if purchase.end == End::Returned { PRICE } else { 0 };
    must(books.went_back == at_source, format!("{} went back at the gateways", books.went_back));
    must(books.refunds <= 1, format!("the gateways gave back {} times", books.refunds));
    let left = sum(|account| account == "escrow" || account.starts_with("refunding:"));
    must(left == 0, format!("{left} is still in escrow, or on its way"));
    let lost = sum(|account| account.starts_with("loss:"));
    must(lost == 0, format!("{lost} is booked as lost"));
    wrong
}

/// Where what was switched on went wrong at least once.
fn struck(purchase: &Purchase, outside: &Value) -> BTreeSet<String> {
    let known = [purchase.number.clone(), purchase.member(), purchase.account()];
    let faults = outside["faults"].as_array().expect("faults").iter();
    let struck = faults.filter_map(|armed| {
        let about = armed["reference"].as_str().unwrap_or_default();
        let operation = armed["operation"].as_str().unwrap_or_default();
        let count = purchase.armed.iter().find(|(at, _)| at == operation).map(|(_, count)| *count);
        let is_struck = (operation == OF_PRODUCT || known.iter().any(|word| word == about))
            && armed["target"] == purchase.place.party.name
            && armed["fault"] == purchase.place.fault.name
            && count.is_some_and(|count| armed["remaining"].as_i64().is_some_and(|left| left < count));
        is_struck.then(|| operation.to_owned())
    });
    struck.collect()
}

/// The buyer has one message about the order that stays, and it says how the order ended.
async fn read(world: &World, purchase: &Purchase) -> Vec<String> {
    let all = world.sees(&purchase.member()).await;
    let about: Vec<_> =
        all.iter().filter(|shown| !shown.ephemeral() && shown.says(&purchase.number)).collect();
    match about.as_slice() {
        [one] if one.says("Terkirim") => Vec::new(),
        [one] => vec![format!("the message says {}", one.text())],
        several => vec![format!("the buyer has {} messages about it", several.len())],
    }
}

/// The sums of everything, and the shop's own proofs.
async fn together(
    world: &World,
    outside: &Value,
    books: &HashMap<String, Books>,
    purchases: &[&Purchase],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for at in SUPPLIERS {
        let bought = books.values().flat_map(|book| &book.bought).filter(|bought| bought.at == at);
        let taken: i64 = bought.map(|bought| bought.charged).sum();
        let deposit = outside[at]["deposit"].as_i64().expect("a deposit");
        if deposit != DEPOSIT - taken {
            wrong.push(format!("the deposit at {at} is {deposit}, and {taken} of {DEPOSIT} was taken"));
        }
    }
    let today = Timestamp::parse_rfc3339(outside["clock"]["now"].as_str().unwrap()).unwrap().wib_day();
    let started = Timestamp::parse_rfc3339(world_began(outside)).unwrap().wib_day();
    let days = if started == today { vec![today] } else { vec![started, today] };
    let mut proofs =
        vec![vec!["ledger".to_owned(), "check".to_owned()], vec!["audit".to_owned(), "verify".to_owned()]];
    proofs.extend(days.iter().map(|day| vec!["reconcile".to_owned(), "--date".to_owned(), day.to_string()]));
    for proof in proofs {
        let arguments: Vec<&str> = proof.iter().map(String::as_str).collect();
        let (code, text) = world.command(&arguments).await;
        if code != Some(0) {
            wrong.push(format!("{}: {text}", proof.join(" ")));
        }
    }
    let alerts = world.printed(&["alerts", "--json"]).await;
    // What is for a person to read stays open until one has: a word that nobody knows, a gateway without our money,
    // a purchase of which nobody can tell.
    let expected = |kind: &str, subject: &str| {
        purchases.iter().any(|purchase| {
            let (name, fault) = (purchase.place.party.name, purchase.place.fault.name);
            match kind {
                // A supplier's word is named behind it.
                "unknown_word" => fault == "unknown_status" && subject.split(':').next() == Some(name),
                "gateway_refuses_us" => purchase.end == End::Credited && subject == name,
                _ => false,
            }
        })
    };
    for alert in alerts.as_array().unwrap() {
        let text = |field: &str| alert[field].as_str().unwrap_or_default();
        if !expected(text("kind"), text("subject")) {
            wrong.push(format!("an alert is open: {alert}"));
        }
    }
    wrong
}

/// When the first payment was made.
fn world_began(outside: &Value) -> &str {
    let times = [("midtrans", "transaction_time"), ("dana", "created_at"), ("xendit", "created_at")];
    let all = times.iter().flat_map(|(party, time)| {
        let rows = outside[party]["transactions"].as_array().expect(party);
        rows.iter().filter_map(move |row| row[*time].as_str())
    });
    all.min().expect("a payment")
}

/// How it ended, in a word.
fn word(purchase: &Purchase) -> String {
    let tries = if purchase.tries > 0 { format!(", {} tries", purchase.tries + 1) } else { String::new() };
    let called = if purchase.called { ", by a person" } else { "" };
    format!("{}{called}{tries}", purchase.state)
}
