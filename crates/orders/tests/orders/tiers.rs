//! Tiers of buyers and what each may pay within a WIB day, with counts out of the database.

use crate::{
    scene::{ITEM, NOON, Scene},
    stage::{PRICE, Stage},
};
use database::{Database, sql};
use orders::{
    BuyerError, BuyerView, Decided, Deposit, Once, Order, OrderState, Origin, PayError, Rules, StaffAction,
    WayToPay,
};
use payments::ObservedState::{Refunded, Settled};
use security::{Action, Tier, TierRules};
use std::{sync::Arc, time::Duration};
use suppliers::Verdict;
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{Actor, BuyerId, IdempotencyKey, Locale, PaymentMethod, Rupiah};

const MOMENT: Duration = Duration::from_millis(1);
/// More than a minute: what is this far apart is no burst.
const APART: Duration = Duration::from_secs(61);
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Basic buyers pay Rp 20.000 a day, regular ones (two deliveries, the first a week ago) 50.000, verified ones
/// 100.000.
async fn limited(db: &Database) -> Scene {
    let products = [(ITEM, 10_000, 90), ("FF_ODD", 10_001, 9), ("FF_50", 50_000, 9), ("FF_100", 100_000, 9)];
    let mut scene = Scene::selling(db, &products).await;
    let rupiah = |amount| Some(Rupiah::new(amount));
    let tiers = TierRules {
        regular_orders: 2,
        regular_after: WEEK,
        basic_daily: rupiah(20_000),
        regular_daily: rupiah(50_000),
        verified_daily: rupiah(100_000),
    };
    scene.shop.rules = Arc::new(Rules { tiers, ..Scene::rules() });
    scene
}

/// Whether the order goes on, or is held, and how many points the limit has added.
fn verdict(order: &Order) -> (OrderState, i64, Option<i64>) {
    let found = order.risk_findings.iter().find(|finding| finding.parameter == "daily_limit");
    (order.state, order.risk_score, found.map(|finding| finding.points))
}

const GOES_ON: (OrderState, i64, Option<i64>) = (OrderState::AwaitingPayment, 0, None);
const HELD: (OrderState, i64, Option<i64>) = (OrderState::InReview, 40, Some(40));

impl Scene {
    async fn known(&self, buyer: &str) -> BuyerView {
        self.shop.buyer(&buyer.parse().unwrap()).await.unwrap().unwrap()
    }

    /// Places an order that is paid with store credit.
    async fn spent(&self, buyer: &str) -> Order {
        let mut wish = self.wish(buyer, ITEM);
        wish.method = PaymentMethod::Wallet;
        let placed = self.shop.place(&wish).await.unwrap();
        self.order(&placed.number).await
    }

    /// Puts money into the own wallet, as far as it is let.
    pub(crate) async fn deposited(&self, buyer: &str, amount: i64) -> Order {
        let deposit = Deposit {
            owner: "api:test".into(),
            key: self.shop.ids.base32(20).parse().unwrap(),
            request_hash: "hash".into(),
            buyer: buyer.parse().unwrap(),
            amount: Rupiah::new(amount),
            method: PaymentMethod::GopayQr,
            phone: None,
            locale: Locale::English,
            ip: None,
            origin: Origin::default(),
        };
        let placed = self.shop.deposit(&deposit).await.unwrap();
        self.order(&placed.number).await
    }
}

on_both_shops!(fn what_goes_beyond_the_limit_of_a_day_is_held_for_a_person_and_never_blocked(db) {
    let scene = limited(&db).await;
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), GOES_ON);
    // One rupiah more than the limit; and what is over, and was never paid, counts no more.
    let above = scene.bought("budi", "FF_ODD").await;
    assert_eq!((verdict(&above), above.risk_action), (HELD, Action::Review));
    let said = &above.risk_findings.last().unwrap().explanation;
    assert!(said.starts_with("Rp 20.001 within this WIB day") && said.contains("a basic buyer"), "{said}");
    assert_eq!(scene.known("budi").await.facts.today, Rupiah::new(20_001), "a held one counts");
    scene.shop.cancel(&above.number, "api:test").await.unwrap();
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), GOES_ON, "the limit itself");
    let third = scene.bought("budi", ITEM).await;
    assert_eq!(verdict(&third), HELD);
    assert_eq!(verdict(&scene.bought("sari", ITEM).await), GOES_ON, "somebody else's day");
    // With thirty points of another kind it is still a person's to decide, and not stopped.
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), HELD);
    let sixth = scene.bought("budi", ITEM).await;
    assert_eq!(verdict(&sixth), (OrderState::InReview, 40, Some(10)));
    let approved = scene.shop.approve(&third.number, None, &Actor::staff("rina")).await.unwrap();
    assert_eq!(approved.state, OrderState::AwaitingPayment);
    // The day is one in WIB.
    scene.shop.clock.advance(Duration::from_secs(12 * 3_600) - MOMENT);
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), HELD);
    scene.shop.clock.advance(MOMENT);
    assert_eq!(scene.known("budi").await.facts.today, Rupiah::ZERO);
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), GOES_ON);
    scene.books_hold().await;
});

on_both_shops!(fn of_two_orders_at_the_same_moment_that_do_not_both_fit_one_is_held(db) {
    let scene = limited(&db).await;
    for round in 0..8 {
        let buyer = format!("buyer-{round}");
        scene.bought(&buyer, ITEM).await;
        let mut at_once = JoinSet::new();
        for _ in 0..2 {
            let (scene, buyer) = (scene.clone(), buyer.clone());
            at_once.spawn(async move { scene.bought(&buyer, ITEM).await.state });
        }
        let mut states = at_once.join_all().await;
        states.sort_by_key(|s| s.to_string());
        assert_eq!(states, [OrderState::AwaitingPayment, OrderState::InReview], "round {round}");
    }
});

on_both_shops!(fn without_limits_nothing_is_held_whatever_is_paid_within_a_day(db) {
    let mut scene = limited(&db).await;
    scene.shop.rules = Arc::new(Scene::rules());
    for _ in 0..5 {
        assert_eq!(verdict(&scene.bought("budi", "FF_100").await), GOES_ON);
    }
    let buyer = scene.known("budi").await;
    assert_eq!((buyer.tier, buyer.daily_limit, buyer.facts.today), (Tier::Basic, None, Rupiah::new(500_000)));
});

on_both_shops!(fn a_buyer_is_regular_by_deliveries_that_stay_and_basic_again_when_one_is_refunded(db) {
    let scene = limited(&db).await;
    let bought = [scene.bought("budi", ITEM).await, scene.bought("budi", ITEM).await];
    scene.shop.clock.advance(WEEK);
    let tier = async || {
        let buyer = scene.known("budi").await;
        (buyer.tier, buyer.facts.kept_orders, buyer.daily_limit.map(Rupiah::get))
    };
    assert_eq!(tier().await, (Tier::Basic, 0, Some(20_000)));
    scene.delivered(&bought[..1], NOON).await;
    assert_eq!(tier().await, (Tier::Basic, 1, Some(20_000)));
    scene.delivered(&bought[1..], NOON.plus(WEEK)).await;
    assert_eq!(tier().await, (Tier::Regular, 2, Some(50_000)));
    scene.delivered(&bought[..1], NOON.plus(MOMENT)).await;
    assert_eq!(tier().await, (Tier::Basic, 2, Some(20_000)), "not a week ago yet");
    scene.shop.clock.advance(MOMENT);
    assert_eq!(verdict(&scene.bought("budi", "FF_50").await), GOES_ON);
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), HELD);
    // What is taken back, or refunded, was no delivery.
    let mut tx = scene.shop.db.write("test").await.unwrap();
    sql!("UPDATE shop_order SET state = 'refunded', delivered_at = NULL WHERE id = $1")
        .bind(&bought[1].id)
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(tier().await, (Tier::Basic, 1, Some(20_000)));
});

on_both_shops!(fn a_delivery_whose_money_was_taken_back_makes_nobody_regular(db) {
    let stage = Stage::fulfilling(&db).await;
    let kept = async || {
        let buyer = stage.scene.shop.buyer(&stage.order.buyer).await.unwrap().unwrap();
        (buyer.facts.kept_orders, buyer.record.delivered)
    };
    assert_eq!(kept().await, (0, 0));
    // A second payment, which became store credit, is not what paid the order.
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!((stage.state().await, kept().await), (OrderState::Delivered, (1, 1)));
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!((stage.state().await, kept().await), (OrderState::Delivered, (0, 1)));
    stage.end().await;
});

on_both_shops!(fn money_that_comes_twice_or_for_what_is_over_counts_as_paid_on_that_day(db) {
    let today = async |stage: &Stage| stage.scene.known("buyer").await.facts.today.get();
    let stage = Stage::fulfilling(&db).await;
    assert_eq!(today(&stage).await, PRICE);
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert_eq!((stage.wallet().await, today(&stage).await), (PRICE, 2 * PRICE), "it was paid twice");
    stage.supplier_says(1, Verdict::Succeeded).await;
    stage.end().await;

    let stage = Stage::open(&db).await;
    assert_eq!(today(&stage).await, 3 * PRICE);
    stage.scene.shop.cancel(&stage.order.number, &stage.order.owner).await.unwrap();
    assert_eq!(today(&stage).await, 2 * PRICE, "it was never paid");
    // It is paid all the same, at another price by now, and is store credit: that counts here or nowhere.
    stage.raise_price().await;
    stage.gateway_says(0, Settled, Some(PRICE)).await;
    assert_eq!((stage.state().await, stage.wallet().await), (OrderState::Cancelled, PRICE));
    assert_eq!(today(&stage).await, 3 * PRICE);
    stage.end().await;
});

on_both_shops!(fn store_credit_counts_when_it_is_paid_in_and_not_when_it_is_spent(db) {
    let scene = limited(&db).await;
    scene.fund("budi", 90_000).await;
    for _ in 0..3 {
        let order = scene.spent("budi").await;
        assert_eq!(verdict(&order), (OrderState::Paid, 0, None));
    }
    assert_eq!(scene.known("budi").await.facts.today, Rupiah::ZERO);
    scene.shop.clock.advance(APART);
    assert_eq!(verdict(&scene.deposited("budi", 20_000).await), GOES_ON, "the whole limit is left");
    assert_eq!(verdict(&scene.deposited("budi", 10_000).await), HELD);
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), HELD);
    assert_eq!(verdict(&scene.spent("budi").await), (OrderState::Paid, 0, None));
    // A key that names no buyer buys for many.
    for _ in 0..4 {
        assert_eq!(verdict(&scene.bought("api:test", ITEM).await), GOES_ON);
    }
});

on_both_shops!(fn an_order_that_credit_was_to_pay_counts_when_it_is_paid_in_another_way(db) {
    let scene = limited(&db).await;
    scene.fund("budi", 50_000).await;
    for _ in 0..5 {
        assert_eq!(scene.spent("budi").await.state, OrderState::Paid);
    }
    // Held for its haste, and let go on when the credit is gone.
    let held = scene.spent("budi").await;
    assert_eq!(held.state, OrderState::AwaitingVerification);
    let approved = scene.shop.approve(&held.number, None, &Actor::staff("rina")).await.unwrap();
    assert_eq!(approved.state, OrderState::AwaitingPayment);
    scene.shop.clock.advance(APART);
    let bought = [scene.bought("budi", ITEM).await, scene.bought("budi", ITEM).await];
    assert_eq!(bought.each_ref().map(verdict), [GOES_ON, GOES_ON], "it does not count");
    let way = WayToPay::by(PaymentMethod::GopayQr);
    let refused = scene.shop.pay_by(&held.number, "api:test", &way).await;
    assert!(matches!(refused, Err(PayError::BeyondDailyLimit)), "{refused:?}");
    let order = scene.order(&held.number).await;
    assert_eq!((order.state, order.method), (OrderState::AwaitingPayment, PaymentMethod::Wallet));
    assert_eq!(scene.known("budi").await.facts.today, Rupiah::new(20_000));
    // The limit itself may be paid, and from then on it counts.
    scene.shop.cancel(&bought[0].number, "api:test").await.unwrap();
    scene.shop.pay_by(&held.number, "api:test", &way).await.unwrap();
    assert_eq!(scene.known("budi").await.facts.today, Rupiah::new(20_000));
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), HELD);
});

on_both_shops!(fn a_verified_buyer_has_a_limit_of_their_own_until_that_is_taken_back_and_both_are_audited(db) {
    let scene = limited(&db).await;
    let (budi, rina, sari): (BuyerId, _, _) =
        ("budi".parse().unwrap(), Actor::staff("rina"), Actor::staff("sari"));
    let unknown = scene.shop.verify_buyer(&budi, "seen", &rina).await;
    assert!(matches!(unknown, Err(BuyerError::Unknown(_))), "{unknown:?}");
    assert_eq!(scene.shop.buyer(&budi).await.unwrap(), None);
    let held = scene.bought("budi", "FF_100").await;
    assert_eq!(verdict(&held), HELD);
    for because in ["", "  ", "two\nlines", "a\u{0}b", &"x".repeat(501)] {
        let refused = scene.shop.verify_buyer(&budi, because, &rina).await;
        assert!(matches!(refused, Err(BuyerError::NoReason)), "{refused:?}");
    }
    let buyer = scene.shop.verify_buyer(&budi, " seen the identity card ", &rina).await.unwrap();
    assert_eq!((buyer.tier, buyer.daily_limit), (Tier::Verified, Some(Rupiah::new(100_000))));
    let verified = buyer.verified.clone().unwrap();
    assert_eq!((verified.reason.as_str(), &verified.by, verified.at), ("seen the identity card", &rina, NOON));
    assert_eq!(scene.known("budi").await, buyer);
    // What is held is a decision of its own; the next order is what the limit lets through.
    assert_eq!(verdict(&scene.order(&held.number).await), HELD);
    scene.shop.decide(&held.number, StaffAction::Reject, &rina).await.unwrap();
    assert_eq!(verdict(&scene.bought("budi", "FF_100").await), GOES_ON);
    assert_eq!(verdict(&scene.bought("budi", ITEM).await), HELD);
    let again = scene.shop.verify_buyer(&budi, "seen as well", &sari).await;
    assert!(matches!(&again, Err(BuyerError::AlreadyVerified { by, .. }) if *by == rina), "{again:?}");
    let buyer = scene.shop.unverify_buyer(&budi, "it was lent", &sari).await.unwrap();
    assert_eq!((buyer.tier, buyer.verified), (Tier::Basic, None));
    let again = scene.shop.unverify_buyer(&budi, "it was lent", &sari).await;
    assert!(matches!(again, Err(BuyerError::NotVerified(_))), "{again:?}");
    // Twice under a name, and nothing of what was refused.
    let mut tx = scene.shop.db.read("test").await.unwrap();
    let audit = security::entries_about(&mut tx, "budi").await.unwrap();
    let who: Vec<_> = audit.iter().map(|e| (e.actor.as_str(), e.action.as_str(), e.source.as_deref())).collect();
    assert_eq!(who, [
        ("staff:rina", "buyer.verified", Some("seen the identity card")),
        ("staff:sari", "buyer.unverified", Some("it was lent")),
    ]);
    let became: Vec<_> = audit.iter().map(|e| (e.before.as_deref(), e.after.as_deref())).collect();
    assert_eq!(became, [(Some("basic"), Some("verified")), (Some("verified"), Some("basic"))]);
});

on_both_shops!(fn a_buyer_is_verified_once_for_a_key_and_whoever_comes_with_it_again_hears_so(db) {
    let scene = limited(&db).await;
    let (budi, rina): (BuyerId, _) = ("budi".parse().unwrap(), Actor::staff("rina"));
    let shop = &scene.shop;
    let key: IdempotencyKey = "k-1".parse().unwrap();
    let once = Once { owner: "staff:rina", key: &key, request_hash: "verify budi" };
    let unknown = shop.verify_buyer_once(&budi, "seen", &rina, &once).await;
    assert!(matches!(unknown, Err(BuyerError::Unknown(_))), "{unknown:?}");
    scene.bought("budi", ITEM).await;
    scene.bought("sari", ITEM).await;
    // What was refused has used no key; and of two at one moment one verifies, and the other hears of it.
    let (first, second) = tokio::join!(
        shop.verify_buyer_once(&budi, "seen", &rina, &once),
        shop.verify_buyer_once(&budi, "seen", &rina, &once)
    );
    let mut made = vec![first.unwrap(), second.unwrap()];
    made.retain(|decided| *decided != Decided::Before);
    assert_eq!(made, [Decided::Now(scene.known("budi").await)]);
    let again = shop.verify_buyer_once(&budi, "seen", &rina, &once).await.unwrap();
    assert_eq!(again, Decided::Before);
    // Under another key it is asked for anew, and that key is free.
    let other: IdempotencyKey = "k-2".parse().unwrap();
    let anew = Once { key: &other, ..once.clone() };
    let refused = shop.verify_buyer_once(&budi, "seen", &rina, &anew).await;
    assert!(matches!(refused, Err(BuyerError::AlreadyVerified { .. })), "{refused:?}");
    let taken_back = Once { request_hash: "unverify budi", ..anew };
    let done = shop.unverify_buyer_once(&budi, "it was lent", &rina, &taken_back).await.unwrap();
    assert_eq!(done, Decided::Now(scene.known("budi").await));
    assert_eq!(shop.unverify_buyer_once(&budi, "it was lent", &rina, &taken_back).await.unwrap(), Decided::Before);
    // A key stands for what was done under it, whatever has become of that, and for nothing else.
    assert_eq!(shop.verify_buyer_once(&budi, "seen", &rina, &once).await.unwrap(), Decided::Before);
    assert_eq!(scene.known("budi").await.tier, Tier::Basic);
    let sari: BuyerId = "sari".parse().unwrap();
    let of_another = Once { request_hash: "verify sari", ..once };
    let refused = shop.verify_buyer_once(&sari, "seen", &rina, &of_another).await;
    assert!(matches!(refused, Err(BuyerError::KeyReused)), "{refused:?}");
    assert_eq!(scene.known("sari").await.tier, Tier::Basic);
    let mut tx = shop.db.read("test").await.unwrap();
    let audit = security::entries_about(&mut tx, "budi").await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["buyer.verified", "buyer.unverified"]);
});

on_both_shops!(fn of_two_buyers_at_one_moment_under_one_key_one_is_verified(db) {
    let scene = limited(&db).await;
    let rina = Actor::staff("rina");
    for round in 0..6 {
        let buyers: [BuyerId; 2] = ["a", "b"].map(|name| format!("{name}-{round}").parse().unwrap());
        for buyer in &buyers {
            scene.bought(buyer.as_str(), ITEM).await;
        }
        let key: IdempotencyKey = format!("k-{round}").parse().unwrap();
        let verify = async |buyer: &BuyerId| {
            let once = Once { owner: "staff:rina", key: &key, request_hash: buyer.as_str() };
            scene.shop.verify_buyer_once(buyer, "seen", &rina, &once).await
        };
        let (one, two) = tokio::join!(verify(&buyers[0]), verify(&buyers[1]));
        let (done, refused) = if one.is_ok() { (one, two) } else { (two, one) };
        assert!(matches!(done, Ok(Decided::Now(_))), "round {round}: {done:?}");
        assert!(matches!(refused, Err(BuyerError::KeyReused)), "round {round}: {refused:?}");
    }
});
