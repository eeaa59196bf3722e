//! A supplier's prices: kept, followed within the guards, and asked for once, whoever works.

use crate::scene::{NOON, Scene};
use database::{Database, Sql, sql};
use notifications::AlertKind;
use orders::{ListOutcome, PriceRules, QuoteError, Rules, Shop, worker};
use outside::Pending;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use suppliers::{
    Capabilities, Deposit, Doubt, ListAsk, Listing, PriceList, Purchase, Report, Supplier, SupplierWebhook,
    Unsellable, Verdict, adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{Actor, Rupiah, Timestamp};

/// A supplier with a list, which takes a moment to tell it, at most once in five minutes.
pub(crate) struct Lister {
    list: Mutex<Vec<(String, i64)>>,
    pub(crate) left: Mutex<Option<i64>>,
    pub(crate) silent: Mutex<bool>,
    unreadable: Mutex<usize>,
    asked: Mutex<Vec<Timestamp>>,
}

impl Lister {
    pub(crate) fn new(list: &[(&str, i64)]) -> Arc<Self> {
        let list = Mutex::new(list.iter().map(|(sku, price)| ((*sku).to_owned(), *price)).collect());
        Arc::new(Lister {
            list,
            left: Mutex::default(),
            silent: Mutex::default(),
            unreadable: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    fn asks(&self, sku: &str, price: i64) {
        let mut list = self.list.lock().unwrap();
        list.retain(|(of, _)| of != sku);
        list.push((sku.to_owned(), price));
    }

    fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn listing(sku: &str, price: i64, seen_at: Timestamp) -> Listing {
    Listing {
        supplier: "digiflazz".into(),
        sku: sku.into(),
        name: format!("Free Fire {sku}"),
        category: "Games".into(),
        brand: "FREE FIRE".into(),
        seller: "A seller".into(),
        description: String::new(),
        price: Rupiah::new(price),
        buyer_active: true,
        seller_active: true,
        stock: Some(3),
        multi: true,
        cut_off: suppliers::CutOff::read("23:45", "0:15"),
        doubt: None,
        seen_at,
    }
}

impl Supplier for Lister {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        let balance = self.left.lock().unwrap().map(Rupiah::new);
        let report = Report { balance, ..Report::bare(Verdict::Pending, "as told") };
        Box::pin(async move { report })
    }
    fn deposit(&self) -> Pending<'_, Deposit> {
        let told = match *self.left.lock().unwrap() {
            _ if *self.silent.lock().unwrap() => Deposit::Silent { reason: "nobody is there".into() },
            Some(left) => Deposit::Left(Rupiah::new(left)),
            None => Deposit::NotTold,
        };
        Box::pin(async move { told })
    }
    fn price_list<'a>(&'a self, ask: &'a ListAsk) -> Pending<'a, PriceList> {
        let told =
            self.list.lock().unwrap().iter().map(|(sku, price)| listing(sku, *price, ask.now)).collect();
        let last = self.asked.lock().unwrap().last().copied().max(ask.last_asked_at);
        let again_at = last.map(|at| at.plus(Duration::from_secs(300))).filter(|at| ask.now < *at);
        let told = match again_at {
            Some(again_at) => PriceList::TooSoon { again_at },
            None if *self.silent.lock().unwrap() => PriceList::Silent { reason: "nobody is there".into() },
            None => {
                self.asked.lock().unwrap().push(ask.now);
                PriceList::Told { listings: told, unreadable: *self.unreadable.lock().unwrap() }
            }
        };
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            told
        })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        Err(suppliers::WebhookRefusal::BadSignature)
    }
}

/// A shop that buys these of `supplier`, `(code, price, cost)`.
pub(crate) async fn shop(db: &Database, supplier: &Arc<Lister>, products: &[(&str, i64, i64)]) -> Scene {
    shop_by(db, supplier, products, ("digiflazz", "")).await
}

/// The same, where they are bought of another supplier first, or by a further route there at the same codes as well.
async fn shop_by(
    db: &Database,
    supplier: &Arc<Lister>,
    products: &[(&str, i64, i64)],
    routes: (&str, &str),
) -> Scene {
    let mut scene = Scene::selling(db, &[]).await;
    scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
    import_by(&scene.shop, products, routes).await;
    scene
}

async fn import(shop: &Shop, products: &[(&str, i64, i64)]) {
    import_by(shop, products, ("digiflazz", "")).await;
}

async fn import_by(shop: &Shop, products: &[(&str, i64, i64)], (own, further): (&str, &str)) {
    let mut file = String::from(
        "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
         supplier,supplier_sku,customer_template,description,active,routes\n",
    );
    for (code, price, cost) in products {
        let sku = code.to_lowercase();
        let route = if further.is_empty() { String::new() } else { format!("{further} {sku} {{user_id}}") };
        file.push_str(&format!(
            "FF,Free Fire,🔥,yes,{code},Product {code},{price},{cost},10,1,{own},{sku},{{user_id}},,yes,{route}\n"
        ));
    }
    let file = catalog::parse(file.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    shop.import_catalog(&file, &Actor::system()).await.unwrap();
}

/// Asks, five minutes after the last time.
async fn sync(scene: &Scene) -> orders::Synced {
    scene.shop.clock.advance(Duration::from_secs(300));
    let supplier = scene.shop.supplier("digiflazz").unwrap().clone();
    scene.shop.sync_prices(&supplier).await.unwrap()
}

/// Price, cost, and whether it is offered.
async fn standing(scene: &Scene, code: &str) -> (i64, i64, bool) {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    let product = catalog::product(&mut tx, &code.parse().unwrap()).await.unwrap().unwrap();
    (product.price.get(), product.cost.get(), product.active && product.kept_off.is_none())
}

async fn alerts(scene: &Scene, kind: AlertKind) -> Vec<(String, String)> {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    let open = notifications::open_alerts_of(&mut tx, kind).await.unwrap();
    open.into_iter().map(|alert| (alert.subject, alert.message)).collect()
}

const AUDITED: Sql =
    sql!("SELECT COUNT(*) FROM audit_entry WHERE action IN ('catalog.cost', 'catalog.kept_off')");

on_both_shops!(fn a_list_is_kept_and_costs_follow_it(db) {
    let supplier = Lister::new(&[("ff_70", 9_000), ("ff_140", 18_200), ("xl10", 10_000)]);
    let scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000), ("FF_140", 20_000, 18_000)]).await;
    let synced = sync(&scene).await;
    assert_eq!(synced.list, ListOutcome::Kept { entries: 3, unreadable: 0 });
    let moved = ("FF_140".parse().unwrap(), Rupiah::new(18_000), Rupiah::new(18_200));
    assert_eq!(synced.applied.costs, [moved]);
    assert_eq!(standing(&scene, "FF_140").await, (20_000, 18_200, true));
    assert_eq!(standing(&scene, "FF_70").await, (10_000, 9_000, true));
    let mut tx = db.read("test").await.unwrap();
    let kept = suppliers::listing(&mut tx, "digiflazz", "xl10").await.unwrap().unwrap();
    assert_eq!(kept, listing("xl10", 10_000, NOON.plus(Duration::from_secs(300))));
    assert_eq!(suppliers::listing(&mut tx, "digiflazz", "xl25").await.unwrap(), None);
    assert_eq!(suppliers::listing(&mut tx, "apigames", "xl10").await.unwrap(), None);
    drop(tx);
    assert_eq!(scene.count(AUDITED).await, 1);
    assert_eq!(sync(&scene).await.applied, orders::Applied::default(), "told again, nothing is new");
    assert_eq!(scene.count(AUDITED).await, 1);
});

on_both_shops!(fn what_would_be_sold_at_a_loss_is_kept_off_and_comes_back_by_itself(db) {
    let supplier = Lister::new(&[("ff_70", 9_000)]);
    let scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000)]).await;
    sync(&scene).await;
    let promised = scene.shop.quote(&"FF_70".parse().unwrap()).await.unwrap();
    supplier.asks("ff_70", 10_100);
    let applied = sync(&scene).await.applied;
    assert_eq!(applied.kept_off, [("FF_70".parse().unwrap(), catalog::KeptOff::Margin)]);
    assert_eq!(standing(&scene, "FF_70").await, (10_000, 9_000, false));
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert!(open.len() == 1 && open[0].1.contains("Rp 10.100"), "{open:?}");
    assert!(matches!(scene.shop.quote(&"FF_70".parse().unwrap()).await, Err(QuoteError::UnknownProduct(_))));
    assert!(scene.buy("budi", "FF_70").await.is_err());
    let offers = scene.shop.offers(&"FF".parse().unwrap()).await.unwrap().unwrap().1;
    assert_eq!(offers, [], "nobody is shown what cannot be bought");
    // A promise holds what it says, no more and no less.
    let stands = scene.shop.standing_quote(&promised.id).await.unwrap();
    assert!(stands.is_none_or(|quote| quote.cost == Rupiah::new(9_000)));

    supplier.asks("ff_70", 9_100);
    let applied = sync(&scene).await.applied;
    assert_eq!(applied.back, ["FF_70".parse().unwrap()]);
    assert_eq!(standing(&scene, "FF_70").await, (10_000, 9_100, true));
    assert_eq!(alerts(&scene, AlertKind::ProductKeptOff).await, []);
    // Kept off, back, and the cost that it came back with.
    assert_eq!(scene.count(AUDITED).await, 3);
    scene.bought("budi", "FF_70").await;
});

on_both_shops!(fn a_price_that_is_not_believed_is_bought_at_by_nobody_until_a_person_says_so(db) {
    let supplier = Lister::new(&[("ff_70", 9_000), ("ff_140", 18_000)]);
    let scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000), ("FF_140", 20_000, 18_000)]).await;
    supplier.asks("ff_70", 3_000);
    supplier.asks("ff_140", 0);
    sync(&scene).await;
    for (code, sku, doubt) in [("FF_70", "ff_70", Doubt::Jump), ("FF_140", "ff_140", Doubt::NotPositive)] {
        let (_, cost, offered) = standing(&scene, code).await;
        assert!(cost >= 9_000 && !offered, "{code}: {cost} {offered}");
        let mut tx = db.read("test").await.unwrap();
        let kept = suppliers::listing(&mut tx, "digiflazz", sku).await.unwrap().unwrap();
        assert_eq!(kept.doubt, Some(doubt));
        assert_eq!(kept.trouble(scene.shop.clock.now()), Some(Unsellable::Doubtful));
    }
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert_eq!(open.iter().map(|(subject, _)| subject.as_str()).collect::<Vec<_>>(), ["FF_140", "FF_70"]);

    // Importing the cost is saying so; nobody has to be asked again for it.
    import(&scene.shop, &[("FF_70", 10_000, 3_000)]).await;
    assert_eq!(standing(&scene, "FF_70").await, (10_000, 3_000, true));
    let mut tx = db.read("test").await.unwrap();
    let kept = suppliers::listing(&mut tx, "digiflazz", "ff_70").await.unwrap().unwrap();
    assert_eq!(kept.trouble(scene.shop.clock.now()), None);
    drop(tx);
    assert_eq!(alerts(&scene, AlertKind::ProductKeptOff).await.len(), 1, "of the other one");
});

on_both_shops!(fn a_reason_that_becomes_another_is_told_anew(db) {
    let supplier = Lister::new(&[("ff_70", 9_900), ("ff_140", 18_000)]);
    let scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000), ("FF_140", 20_000, 18_000)]).await;
    sync(&scene).await;
    assert!(alerts(&scene, AlertKind::ProductKeptOff).await[0].1.contains("leaves too little"));
    supplier.asks("ff_70", 90_000);
    sync(&scene).await;
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert!(open.len() == 1 && open[0].1.contains("too far from Rp 9.000"), "{open:?}");
    supplier.list.lock().unwrap().retain(|(sku, _)| sku != "ff_70");
    sync(&scene).await;
    assert_eq!(alerts(&scene, AlertKind::ProductKeptOff).await, open, "an hour ago is known well enough");
    scene.shop.clock.advance(suppliers::STALE_AFTER);
    sync(&scene).await;
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert!(open.len() == 1 && open[0].1.contains("member area"), "{open:?}");
});

on_both_shops!(fn of_a_list_that_is_wrong_as_a_whole_nothing_is_kept(db) {
    let codes = ["FF_1", "FF_2", "FF_3", "FF_4", "FF_5", "FF_6"];
    let skus = codes.map(str::to_lowercase);
    let products = codes.map(|code| (code, 10_000_i64, 9_000_i64));
    let supplier = Lister::new(&skus.each_ref().map(|sku| (sku.as_str(), 9_000_i64)));
    let scene = shop(&db, &supplier, &products).await;
    sync(&scene).await;
    for sku in &skus[..4] {
        supplier.asks(sku, 900);
    }
    for _ in 0..12 {
        let list = sync(&scene).await.list;
        assert!(matches!(&list, ListOutcome::Silent { reason } if reason.starts_with("4 of 6 prices")), "{list:?}");
    }
    assert_eq!(standing(&scene, "FF_1").await, (10_000, 9_000, true));
    let mut tx = db.read("test").await.unwrap();
    let kept = suppliers::listing(&mut tx, "digiflazz", "ff_1").await.unwrap().unwrap();
    assert_eq!((kept.price, kept.doubt), (Rupiah::new(9_000), None));
    drop(tx);
    let open = alerts(&scene, AlertKind::SupplierSilent).await;
    assert!(open.len() == 1 && open[0].1.contains("4 of 6 prices"), "{open:?}");
    // Half of them may be wrong each for itself.
    supplier.asks("ff_1", 9_000);
    assert!(matches!(sync(&scene).await.list, ListOutcome::Kept { .. }));
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await, []);
    assert_eq!([standing(&scene, "FF_1").await.2, standing(&scene, "FF_2").await.2], [true, false]);
});

on_both_shops!(fn of_who_has_further_routes_only_nothing_is_kept_of_a_list_that_is_wrong_as_a_whole(db) {
    let codes = ["FF_1", "FF_2", "FF_3", "FF_4", "FF_5", "FF_6"];
    let skus = codes.map(str::to_lowercase);
    let products = codes.map(|code| (code, 10_000_i64, 9_000_i64));
    let supplier = Lister::new(&skus.each_ref().map(|sku| (sku.as_str(), 9_000_i64)));
    let scene = shop_by(&db, &supplier, &products, ("apigames", "digiflazz")).await;
    sync(&scene).await;
    for sku in &skus[..4] {
        supplier.asks(sku, 900);
    }
    for _ in 0..12 {
        let list = sync(&scene).await.list;
        assert!(matches!(&list, ListOutcome::Silent { reason } if reason.starts_with("4 of 6 prices")), "{list:?}");
    }
    let mut tx = db.read("test").await.unwrap();
    let kept = suppliers::listing(&mut tx, "digiflazz", "ff_1").await.unwrap().unwrap();
    assert_eq!((kept.price, kept.doubt), (Rupiah::new(9_000), None));
    drop(tx);
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await.len(), 1);
    assert_eq!(alerts(&scene, AlertKind::ProductKeptOff).await, []);
    // Half of them may be wrong each for itself, and move no product.
    supplier.asks("ff_1", 9_000);
    assert!(matches!(sync(&scene).await.list, ListOutcome::Kept { .. }));
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await, []);
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    let subjects: Vec<&str> = open.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(subjects, ["doubt:digiflazz/ff_2", "doubt:digiflazz/ff_3", "doubt:digiflazz/ff_4"]);
    assert_eq!(standing(&scene, "FF_2").await, (10_000, 9_000, true));
    // Another price is told anew, and one that is right ends it.
    supplier.asks("ff_2", 1_000);
    supplier.asks("ff_3", 8_800);
    sync(&scene).await;
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert!(open.len() == 2 && open[0].1.contains("asks Rp 1.000 for ff_2"), "{open:?}");
    assert_eq!(standing(&scene, "FF_3").await, (10_000, 9_000, true), "its cost is that of its own route");
});

/// A list is kept, with what is thought of it.
async fn keep(scene: &Scene, list: [(&str, i64, Option<Doubt>); 2]) {
    let mut tx = scene.shop.db.write("test").await.unwrap();
    for (sku, price, doubt) in list {
        let told = Listing { doubt, ..listing(sku, price, scene.shop.clock.now()) };
        suppliers::store_listing(&mut tx, &told).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What one of them believes the other does not, and the other way round: each closes an alert that the other opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_follow_further_routes_by_two_lists_at_once_both_end_on_postgres() {
    const WAITING: Sql = sql!(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    );
    let db = testkit::shop_postgres().await;
    let supplier = Lister::new(&[("ff_140", 900), ("ff_70", 900)]);
    let products = [("FF_70", 10_000, 9_000), ("FF_140", 20_000, 18_000)];
    let scene = shop_by(&db, &supplier, &products, ("apigames", "digiflazz")).await;
    sync(&scene).await;
    assert_eq!(alerts(&scene, AlertKind::ProductKeptOff).await.len(), 2);
    // Both have read the list and are about to change alerts.
    let mut held = db.write("test").await.unwrap();
    sql!("SELECT id FROM alert WHERE resolved_at IS NULL FOR UPDATE").query().run(&mut held).await.unwrap();
    let follows = || {
        let shop = scene.shop.clone();
        tokio::spawn(async move { shop.follow_prices("digiflazz").await })
    };
    keep(&scene, [("ff_140", 18_000, None), ("ff_70", 900, Some(Doubt::Jump))]).await;
    let one = follows();
    until("one waits", async || scene.count(WAITING).await == 1).await;
    keep(&scene, [("ff_140", 900, Some(Doubt::Jump)), ("ff_70", 9_000, None)]).await;
    let other = follows();
    until("both wait", async || scene.count(WAITING).await == 2).await;
    held.commit().await.unwrap();
    for followed in [one, other] {
        let followed = followed.await.unwrap();
        assert!(followed.is_ok(), "{followed:?}");
    }
    // Whoever had the older list before them may have had the last word; whoever looks next has the newer one.
    scene.shop.follow_prices("digiflazz").await.unwrap();
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert_eq!(
        open.iter().map(|(subject, _)| subject.as_str()).collect::<Vec<_>>(),
        ["doubt:digiflazz/ff_140"]
    );
}

on_both_shops!(fn a_list_that_can_hardly_be_read_is_no_word_and_ends_no_silence(db) {
    let supplier = Lister::new(&[("ff_70", 9_000)]);
    let scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000)]).await;
    sync(&scene).await;
    supplier.asks("ff_70", 9_100);
    *supplier.unreadable.lock().unwrap() = 2;
    for _ in 0..12 {
        let reason = "2 of 3 entries cannot be read".to_owned();
        assert_eq!(sync(&scene).await.list, ListOutcome::Silent { reason });
    }
    assert_eq!(standing(&scene, "FF_70").await, (10_000, 9_000, true));
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await.len(), 1);
    supplier.list.lock().unwrap().clear();
    let reason = "2 of 2 entries cannot be read".to_owned();
    assert_eq!(sync(&scene).await.list, ListOutcome::Silent { reason });
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await.len(), 1, "it is not over");
    supplier.asks("ff_70", 9_100);
    *supplier.unreadable.lock().unwrap() = 1;
    assert_eq!(sync(&scene).await.list, ListOutcome::Kept { entries: 1, unreadable: 1 });
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await, []);
});

on_both_shops!(fn a_flood_has_a_hundred_alerts_and_one_more(db) {
    let codes: Vec<String> = (0..120).map(|n| format!("FF_{n:03}")).collect();
    let products: Vec<(&str, i64, i64)> = codes.iter().map(|code| (code.as_str(), 10_000, 9_000)).collect();
    let skus: Vec<String> = codes.iter().map(|code| code.to_lowercase()).collect();
    let list: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 20_000)).collect();
    let supplier = Lister::new(&list);
    let scene = shop(&db, &supplier, &products).await;
    let applied = sync(&scene).await.applied;
    assert_eq!(applied.kept_off.len(), 120);
    let open = alerts(&scene, AlertKind::ProductKeptOff).await;
    assert_eq!((open.len(), open[100].0.as_str()), (101, "more:digiflazz"));
    for sku in &skus {
        supplier.asks(sku, 9_000);
    }
    assert_eq!(sync(&scene).await.applied.back.len(), 120);
    assert_eq!(alerts(&scene, AlertKind::ProductKeptOff).await, []);
});

on_both_shops!(fn nobody_hurries_a_supplier_not_even_after_a_restart_and_silence_calls_a_person(db) {
    let supplier = Lister::new(&[("ff_70", 9_000)]);
    let scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000)]).await;
    sync(&scene).await;
    // Whoever starts anew remembers nothing but what stands in the rows.
    let fresh = Lister::new(&[("ff_70", 9_500)]);
    let as_supplier = fresh.clone() as Arc<dyn Supplier>;
    scene.shop.clock.advance(Duration::from_secs(299));
    let synced = scene.shop.sync_prices(&as_supplier).await.unwrap();
    let again_at = scene.shop.clock.now().plus(Duration::from_secs(1));
    assert_eq!((synced.list, fresh.times_asked()), (ListOutcome::TooSoon { again_at }, 0));

    *supplier.silent.lock().unwrap() = true;
    for _ in 0..12 {
        assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await, []);
        let synced = sync(&scene).await;
        assert!(matches!(synced.list, ListOutcome::Silent { .. }), "{synced:?}");
    }
    let open = alerts(&scene, AlertKind::SupplierSilent).await;
    assert!(open.len() == 1 && open[0].0 == "digiflazz/prices" && open[0].1.contains("nobody is there"), "{open:?}");
    assert_eq!(standing(&scene, "FF_70").await, (10_000, 9_000, true), "and what stood stands");
    *supplier.silent.lock().unwrap() = false;
    sync(&scene).await;
    assert_eq!(alerts(&scene, AlertKind::SupplierSilent).await, []);
});

/// Workers in the background, until they are stopped.
struct Workers(Vec<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Workers {
    fn start(shop: &Shop, count: usize) -> Self {
        let start = || {
            let (stop, stopped) = oneshot::channel();
            (stop, tokio::spawn(worker::run(shop.clone(), async move { drop(stopped.await) })))
        };
        Workers((0..count).map(|_| start()).collect())
    }

    async fn stop(self) {
        for (stop, task) in self.0 {
            stop.send(()).unwrap();
            task.await.unwrap();
        }
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1_200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

on_both_shops!(fn a_list_is_asked_for_on_schedule_by_one_of_many_workers(db) {
    let supplier = Lister::new(&[("ff_70", 9_000)]);
    *supplier.left.lock().unwrap() = Some(700_000);
    let mut scene = shop(&db, &supplier, &[("FF_70", 10_000, 9_000)]).await;
    let every = Some(Duration::from_secs(600));
    let rules = PriceRules { every, ..PriceRules::default() };
    scene.shop.rules = Arc::new(Rules { prices: rules.clone(), ..Scene::rules() });
    let workers = Workers::start(&scene.shop, 3);
    let planned = sql!("SELECT COUNT(*) FROM supplier_watch WHERE due_at IS NOT NULL");
    until("two rows are planned", async || scene.count(planned).await == 2).await;
    assert_eq!(supplier.times_asked(), 0, "not at once");
    for times in 1..=3 {
        scene.shop.clock.advance(Duration::from_secs(if times == 1 { 300 } else { 600 }));
        until("it was asked", async || supplier.times_asked() == times).await;
        let due = scene.shop.clock.now().millis();
        let ahead = sql!("SELECT COUNT(*) FROM supplier_watch WHERE due_at > CAST((SELECT MAX(asked_at) FROM supplier_watch) AS BIGINT) AND lease_until IS NULL");
        until("both are done", async || scene.count(ahead).await == 2).await;
        assert!(due > 0);
    }
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(supplier.times_asked(), 3, "each time by one");
    workers.stop().await;
    let mut tx = db.read("test").await.unwrap();
    let seen = suppliers::deposit_seen(&mut tx, "digiflazz").await.unwrap().unwrap();
    assert_eq!(seen.left, Rupiah::new(700_000));
    drop(tx);

    // Switched off, it is not asked again.
    let never = PriceRules { every: None, ..rules };
    scene.shop.rules = Arc::new(Rules { prices: never, ..Scene::rules() });
    scene.shop.clock.advance(Duration::from_secs(86_400));
    let workers = Workers::start(&scene.shop, 1);
    let off = sql!("SELECT COUNT(*) FROM supplier_watch WHERE subject = 'prices' AND due_at IS NULL");
    until("the row is not due", async || scene.count(off).await == 1).await;
    workers.stop().await;
    assert_eq!(supplier.times_asked(), 3);
});
