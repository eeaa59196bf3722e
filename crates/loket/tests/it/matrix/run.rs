//! The purchases at one party, all in one shop at the same time. They are ordered while no worker
//! runs, so that everything is switched on before the first call; then the shop is opened, buyers pay what they can
//! pay, and when nothing moves any more, time does.

use super::{
    judge::{self, Judged},
    lists::{End, METHODS, Part, Party, Strikes},
    purchase::{Deed, Purchase, STAFF_KEY},
};
use crate::harness::{Rows, World};
use database::{Database, sql};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, task::JoinSet};

/// Buyers at a time.
const AT_ONCE: usize = 8;
/// Buyers at a time who order while no worker runs: the answer to each waits three seconds for a payment that nobody
/// opens, and takes next to no work.
const ORDERING_AT_ONCE: usize = 32;
/// The longest that all of it may take.
const LIMIT: Duration = Duration::from_secs(480);
/// When what still hangs has to be helped by longer steps of time.
const HURRY: Duration = Duration::from_secs(100);

/// How an order stands.
struct Standing {
    state: String,
    attention: String,
    payment: String,
}

/// Makes these purchases, and judges each.
pub(super) async fn run(rows: Rows, party: &'static Party, mut purchases: Vec<Purchase>) -> Judged {
    let (started, part) = (Instant::now(), party.part);
    let world = shop_for(rows, party).await;
    let db = world.database().await;
    let mut world = Arc::new(world);
    // What was ordered first is charged first: while the push waits that was made beside it, and before so much has
    // gone wrong that the gateway is left alone for a while.
    purchases.sort_by_key(|purchase| match purchase.place.fault.strikes {
        Strikes::BusyPhone => 0,
        Strikes::Told | Strikes::Words(_) | Strikes::Refund => 1,
        Strikes::Asked(_) | Strikes::Errors => 2,
    });
    let mut purchases = wallets(&world, &db, purchases).await;
    // In a chat it is a worker that edits what was answered.
    let apart = part != Part::Chat;
    if apart {
        reopen(&mut world, "web").await;
    }
    let at_once = if apart { ORDERING_AT_ONCE } else { AT_ONCE };
    purchases =
        each(&world, purchases, at_once, |world, purchase| async move { purchase.begins(&world).await })
            .await;
    let begun = started.elapsed();
    if apart {
        for purchase in &purchases {
            purchase.busies_phone(&world).await;
        }
        reopen(&mut world, "web,worker").await;
    }
    purchases = see_through(&world, &db, party, purchases, started).await;
    let over = started.elapsed();
    let judged = judge::all(&world, &db, purchases).await;
    println!(
        "{}: {} purchases begun after {begun:?} and over after {over:?}",
        party.title(),
        judged.ends.len()
    );
    db.close().await;
    judged
}

/// An open shop that has to do with this party: it is on that chat, or buys its diamonds there.
async fn shop_for(rows: Rows, party: &Party) -> World {
    let mut world = match party.part {
        Part::Chat => World::on_discord(rows).await,
        // Its address stands in their dashboards, where they are told no other.
        Part::Supplier if party.name != "digiflazz" => World::announced(rows).await,
        Part::Gateway | Part::Returns if party.name == "xendit" => World::announced(rows).await,
        Part::Supplier | Part::Gateway | Part::Returns => World::new(rows).await,
    };
    if party.name == "xendit" {
        let base = format!("{}/sandbox/xendit", world.simulators.base());
        world.configure("LOKET_XENDIT__BASE_URL", &base);
    }
    if party.part == Part::Returns {
        world.configure("LOKET_REFUNDS__AUTOMATIC", "source");
    }
    world.configure("LOKET_API__STAFF_KEYS", &format!("rina:{STAFF_KEY}"));
    // Of several that carry a method the cheapest is taken, and none that keeps nearly all of the money: what fails
    // at this party does not go over another.
    let shared = METHODS.iter().filter(|m| m.carried_by.len() > 1 && m.carried_by.contains(&party.name));
    let fees: Vec<String> = shared
        .flat_map(|method| method.carried_by.iter().map(move |gateway| (*gateway, method.name)))
        .filter(|(gateway, _)| *gateway != "xendit" || party.name == "xendit")
        .map(|(gateway, method)| {
            let kept = if gateway == party.name { 1 } else { 9_000 };
            format!("{gateway}.{method}={kept}")
        })
        .collect();
    if !fees.is_empty() {
        world.configure("LOKET_RULES__FEES", &fees.join(", "));
    }
    // Hundreds of faults at once are no reason to leave a party alone here: that is the matter of other tests.
    world.configure("LOKET_RULES__CIRCUIT_FAILURES", "1000000");
    world.configure("LOKET_RULES__SUPPLIER_CIRCUIT_FAILURES", "1000000");
    // A call that is held must not lose its lease: that is the matter of another test.
    world.configure("LOKET_WORKER__LEASE_SECONDS", "60");
    world.shop = None;
    world.open_shop(&[]).await.unwrap();
    let stock = json!({"product_code": "ML_86", "add": 5_000});
    let stock = world.http.post(world.url("/sandbox/stock")).json(&stock).send().await.unwrap();
    assert!(stock.status().is_success());
    if party.part == Part::Supplier && party.name != "digiflazz" {
        let theirs = format!("{},ml86,{{user_id}}|{{zone_id}}", party.name);
        world.change_catalog("digiflazz,ml86,{user_id}{zone_id}", &theirs).await;
    }
    world
}

async fn reopen(world: &mut Arc<World>, roles: &str) {
    let world = Arc::get_mut(world).expect("nobody else is in it");
    world.shop.take().expect("it is open").stop().await;
    world.open_as(roles, &[]).await.unwrap();
}

/// Does something for each purchase, some at a time.
async fn each<F, W>(world: &Arc<World>, purchases: Vec<Purchase>, at_once: usize, work: F) -> Vec<Purchase>
where
    F: Fn(Arc<World>, Purchase) -> W,
    W: Future<Output = Purchase> + Send + 'static,
{
    let gate = Arc::new(Semaphore::new(at_once));
    let mut jobs = JoinSet::new();
    for purchase in purchases {
        let (gate, label) = (Arc::clone(&gate), purchase.label());
        let work = work(Arc::clone(world), purchase);
        jobs.spawn(async move {
            let _turn = gate.acquire_owned().await.unwrap();
            tokio::spawn(work).await.unwrap_or_else(|error| panic!("{label}: {error}"))
        });
    }
    jobs.join_all().await
}

/// Whoever is to pay with store credit gets some: what they paid for before could not be delivered.
async fn wallets(world: &Arc<World>, db: &Database, purchases: Vec<Purchase>) -> Vec<Purchase> {
    let (by_wallet, mut others): (Vec<_>, Vec<_>) = purchases.into_iter().partition(Purchase::is_by_wallet);
    let filled =
        each(world, by_wallet, AT_ONCE, |world, purchase| async move { purchase.fills_wallet(&world).await })
            .await;
    let patience = Instant::now();
    loop {
        let standing = standing(db).await;
        let waits = filled.iter().find(|purchase| standing[&purchase.number].state != "refunded");
        let Some(waits) = waits else { break };
        assert!(patience.elapsed() < Duration::from_secs(240), "{} gets no credit", waits.label());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    others.extend(filled);
    others
}

/// How every order stands: by its own rows, so that hundreds can be looked at at once.
async fn standing(db: &Database) -> HashMap<String, Standing> {
    let mut tx = db.read("test.standing").await.unwrap();
    let rows: Vec<(String, String, String, String)> = sql!(
        "SELECT o.number, o.state, COALESCE(o.attention, ''), COALESCE((
             SELECT CASE WHEN p.state = 'unknown' AND p.closing IS NOT NULL THEN 'given_up' ELSE p.state END
             FROM payment p WHERE p.order_id = o.id ORDER BY p.sequence DESC LIMIT 1), '') FROM shop_order o"
    )
    .query()
    .all(&mut tx)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(number, state, attention, payment)| (number, Standing { state, attention, payment }))
        .collect()
}

/// How many messages are still to be carried.
async fn messages(db: &Database) -> i64 {
    let mut tx = db.read("test.messages").await.unwrap();
    sql!("SELECT COUNT(*) FROM outbox_message WHERE due_at IS NOT NULL").query().one(&mut tx).await.unwrap()
}

async fn see_through(
    world: &Arc<World>,
    db: &Database,
    party: &Party,
    mut purchases: Vec<Purchase>,
    started: Instant,
) -> Vec<Purchase> {
    let (mut seen, mut since) = (String::new(), Instant::now());
    loop {
        purchases = acted(world, db, purchases).await;
        purchases.sort_by(|a, b| a.number.cmp(&b.number));
        let waiting = messages(db).await;
        let open = purchases.iter().filter(|purchase| !is_over(purchase)).count();
        if open == 0 && waiting == 0 || started.elapsed() > LIMIT {
            break;
        }
        let now = format!(
            "{waiting} {:?}",
            purchases.iter().map(|p| (&p.state, p.paid, p.tries)).collect::<Vec<_>>()
        );
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        let unpaid = purchases.iter().any(|purchase| purchase.state == "awaiting_payment" && !purchase.paid);
        let (patience, step) = match started.elapsed() > HURRY {
            // What is written twice is one message for some minutes only. What has to be paid is paid soon, and a
            // supplier is asked after a minute.
            _ if party.part == Part::Chat => (Duration::from_millis(2_500), 3),
            _ if unpaid => (Duration::from_millis(1_500), 10),
            // A person is called after some questions, ever more rarely.
            _ if purchases.iter().any(|p| p.end == End::GivenUp) => (Duration::from_millis(1_500), 301),
            false => (Duration::from_millis(2_500), 61),
            true => (Duration::from_millis(2_500), 600),
        };
        if since.elapsed() > patience {
            world.advance_now(step).await.unwrap();
            since = Instant::now();
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    // Whatever is late comes now, and changes nothing any more.
    for step in [130, 1_200, 3_700] {
        world.advance_now(step).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    acted(world, db, purchases).await
}

/// Lets everybody do what they can do now.
async fn acted(world: &Arc<World>, db: &Database, mut purchases: Vec<Purchase>) -> Vec<Purchase> {
    let standing = standing(db).await;
    let mut deeds: HashMap<String, Deed> = HashMap::new();
    let before = |purchase: &Purchase| {
        let state = standing[&purchase.number].state.as_str();
        !purchase.is_looked_for() && (matches!(state, "awaiting_payment" | "paid"))
    };
    let others_first = purchases.iter().any(before);
    for purchase in &mut purchases {
        let now = &standing[&purchase.number];
        purchase.state.clone_from(&now.state);
        let waits = others_first && purchase.is_looked_for();
        if let Some(deed) = purchase.next_deed(&now.payment, &now.attention).filter(|_| !waits) {
            deeds.insert(purchase.number.clone(), deed);
        }
    }
    let (to_do, mut rest): (Vec<_>, Vec<_>) =
        purchases.into_iter().partition(|purchase| deeds.contains_key(&purchase.number));
    let done = each(world, to_do, AT_ONCE, |world, purchase| {
        let deed = deeds[&purchase.number];
        async move { purchase.does(&world, deed).await }
    })
    .await;
    rest.extend(done);
    rest
}

fn is_over(purchase: &Purchase) -> bool {
    match purchase.state.as_str() {
        "delivered" | "refunded" | "expired" | "cancelled" | "blocked" => true,
        // What waits for a supplier goes on by itself, and for some a person has to come.
        "needs_attention" => purchase.place.party.part != Part::Supplier && purchase.end != End::Approved,
        _ => false,
    }
}
