//! Refunds to where the money came from, whatever staff want and whatever the gateway does with it: no sequence
//! of requests, approvals and answers gives back more than was paid, or the same twice.

use crate::{
    moody::{PRICE, Play},
    proof::{LieInRupiah, are_found},
};
use database::sql;
use ledger::Account;
use notifications::{AlertKind, alert_open};
use orders::{
    IncomingWebhook, OrderFile, OrderState, Receipt, RefundError, RefundTarget, RefundWish, SeenRefund,
    Settled,
};
use payments::{ByHand, PaymentState, RefundState};
use std::{sync::atomic::Ordering, time::Duration};
use testkit::on_both_shops;
use vocabulary::{Actor, Ids, Rupiah};

on_both_shops!(fn a_failed_order_gives_its_money_back_once_whatever_the_gateway_does(db) {
    for seed in 0..8 {
        let play = Play::begin(&db, seed, RefundTarget::Source).await;
        for _ in 0..6 {
            play.pass(5).await;
        }
        play.end().await;
    }
});

on_both_shops!(fn no_wishes_of_staff_give_back_more_than_was_paid(db) {
    for seed in 100..106 {
        let play = Play::begin(&db, seed, RefundTarget::Wallet).await;
        play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
        let dice = Ids::seeded(seed);
        let shop = &play.scene.shop;
        let number = &play.order.number;
        let (mut begun, mut alone, mut small) = (0, 0, 0);
        for _ in 0..24 {
            let person = Actor::staff(["rina", "budi", "tono"][usize::try_from(dice.below(3)).unwrap()]);
            let amount = Rupiah::new(i64::try_from(dice.below(6_000)).unwrap());
            match dice.below(6) {
                0..=2 => {
                    let wish = RefundWish { target: Some(RefundTarget::Source), amount: Some(amount), reason: None };
                    if let Ok(answer) = shop.refund(number, &wish, &person).await {
                        // Many small ones are a large one.
                        assert_eq!(answer.waits, small + amount.get() > 3_000, "{amount} after {small}");
                        if !answer.waits {
                            (begun, small) = (begun + 1, small + amount.get());
                        }
                    }
                }
                kind @ (3 | 4) => {
                    let requests = play.file().await.refund_requests;
                    let Some(waits) = requests.into_iter().find(|r| r.state == "waiting") else { continue };
                    let seen = SeenRefund { number, request: &waits.id, amount: Some(waits.amount) };
                    if kind == 4 {
                        drop(shop.reject_refund(seen, &person).await);
                        continue;
                    }
                    match shop.approve_refund(seen, &person).await {
                        Ok(_) => begun += 1,
                        Err(RefundError::SamePerson { by, .. }) => {
                            assert_eq!(by, person);
                            alone += 1;
                        }
                        Err(_) => {}
                    }
                }
                _ => {}
            }
            play.pass(dice.below(90)).await;
            assert!(play.gateway.given() + play.wallet().await <= PRICE, "seed {seed}");
        }
        assert!(begun > 0, "seed {seed} has tried nothing; alone {alone}");
        play.end().await;
    }
});

on_both_shops!(fn two_people_who_agree_at_the_same_moment_give_back_once(db) {
    let play = Play::begin(&db, 200, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(4_000)), reason: None };
    let wanted = shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap();
    assert!(wanted.waits);
    let (budi, tono) = (Actor::staff("budi"), Actor::staff("tono"));
    let seen = SeenRefund { number, request: &wanted.request, amount: Some(Rupiah::new(4_000)) };
    let (one, other) = tokio::join!(shop.approve_refund(seen, &budi), shop.approve_refund(seen, &tono));
    assert!(one.is_ok() != other.is_ok(), "{one:?} and {other:?}");
    play.until("given back", |file| file.payments[0].state == PaymentState::PartlyRefunded).await;
    assert_eq!((play.gateway.given(), play.wallet().await), (4_000, 6_000));
    play.end().await;
});

on_both_shops!(fn a_person_ends_a_refund_that_nobody_tells_of_once_and_not_before_an_hour(db) {
    for (seed, said, given, credit) in
        [(400, ByHand::GivenBack, 1_500, 8_500), (401, ByHand::NotGivenBack, 0, 10_000)]
    {
        let play = Play::begin(&db, seed, RefundTarget::Wallet).await;
        play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
        play.gateway.silent.store(true, Ordering::SeqCst);
        let (shop, number) = (&play.scene.shop, &play.order.number);
        let wish = RefundWish { target: None, amount: Some(Rupiah::new(1_500)), reason: None };
        assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
        let key = play.file().await.refunds[0].reference.clone();
        let rina = Actor::staff("rina");
        let early = shop.settle_refund(&key, said, &rina).await;
        assert!(matches!(early, Err(RefundError::NotToSettle(_))), "{early:?}");
        for _ in 0..62 {
            play.pass(61).await;
        }
        if said == ByHand::GivenBack {
            let reference = play.file().await.payments[0].reference.to_string();
            let mut books = play.gateway.given.lock().unwrap();
            books.entry(reference).or_default().insert(key.to_string(), 1_500);
        }
        while let Err(error) = shop.settle_refund(&key, said, &rina).await {
            assert!(matches!(error, RefundError::InHand(_)), "{error:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let again = shop.settle_refund(&key, said, &rina).await;
        assert!(matches!(again, Err(RefundError::NotToSettle(_))), "{again:?}");
        assert_eq!((play.gateway.given(), play.wallet().await), (given, credit));
        play.gateway.silent.store(false, Ordering::SeqCst);
        play.end().await;
    }
});

on_both_shops!(fn an_order_that_is_taken_up_again_is_not_refunded_beside_the_refund_on_its_way(db) {
    let play = Play::on_its_way(&db, 500).await;
    let shop = &play.scene.shop;
    let id = play.order.id.to_string();
    let mut tx = shop.db.write("test").await.unwrap();
    let alert = (AlertKind::Parked, id.as_str(), "it was parked before");
    alert_open(&mut tx, &shop.ids, shop.clock.now(), alert).await.unwrap();
    tx.commit().await.unwrap();
    assert!(shop.resolve_alert(AlertKind::Parked, &id, &Actor::staff("rina")).await.unwrap());
    play.until("looked at", |file| file.order.due_at.is_none()).await;
    let order = play.file().await.order;
    assert_eq!((order.state, play.wallet().await), (OrderState::Refunding, 0));
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.gateway.silent.store(false, Ordering::SeqCst);
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    assert_eq!((play.gateway.given(), play.wallet().await), (PRICE, 0));
    play.end().await;
});

on_both_shops!(fn a_refusal_after_a_part_went_back_in_the_dashboard_credits_nothing_by_itself(db) {
    let play = Play::on_its_way(&db, 600).await;
    let (shop, gateway) = (&play.scene.shop, &play.gateway);
    let key = play.file().await.refunds[0].reference.clone();
    gateway.calm.store(true, Ordering::SeqCst);
    gateway.refuses.store(true, Ordering::SeqCst);
    play.by_hand("by-hand", 4_000).await;
    let payment = play.file().await.payments[0].reference.to_string();
    let mut tx = shop.db.write("test").await.unwrap();
    assert!(payments::nudge(&mut tx, &payment, shop.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    play.until("seen", |file| file.payments[0].given_back == Some(Rupiah::new(4_000))).await;
    gateway.silent.store(false, Ordering::SeqCst);
    for _ in 0..1_500 {
        let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await;
        if told.is_some_and(|told| told.contains("given back in its dashboard")) {
            break;
        }
        play.pass(61).await;
    }
    let file = play.file().await;
    assert_eq!((file.order.state, file.refunds[0].state.is_live()), (OrderState::Refunding, true));
    let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await.unwrap();
    assert!(told.contains("nothing is credited by itself"), "{told}");
    assert_eq!((gateway.given(), play.wallet().await), (4_000, 0));
    play.scene.books_hold().await;
    play.stop.send(()).unwrap();
    play.worker.await.unwrap();
});

on_both_shops!(fn a_refusal_after_the_bank_took_the_money_back_credits_nothing_by_itself(db) {
    let play = Play::on_its_way(&db, 900).await;
    let (shop, gateway) = (&play.scene.shop, &play.gateway);
    let key = play.file().await.refunds[0].reference.clone();
    gateway.calm.store(true, Ordering::SeqCst);
    gateway.refuses.store(true, Ordering::SeqCst);
    gateway.bank.store(true, Ordering::SeqCst);
    let payment = play.file().await.payments[0].reference.to_string();
    let mut tx = shop.db.write("test").await.unwrap();
    assert!(payments::nudge(&mut tx, &payment, shop.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    play.until("heard", |file| file.payments[0].charged_back == Some(Rupiah::ZERO)).await;
    gateway.silent.store(false, Ordering::SeqCst);
    for _ in 0..1_500 {
        let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await;
        if told.is_some_and(|told| told.contains("nothing is credited by itself")) {
            break;
        }
        play.pass(61).await;
    }
    let file = play.file().await;
    assert_eq!((file.order.state, file.refunds[0].state.is_live()), (OrderState::Refunding, true));
    let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await.unwrap();
    assert!(told.contains("taken back by the buyer's bank"), "{told}");
    assert_eq!((gateway.given(), play.wallet().await), (0, 0));
    play.scene.books_hold().await;
    play.stop.send(()).unwrap();
    play.worker.await.unwrap();
});

on_both_shops!(fn nobody_ends_a_refund_while_it_is_asked_about_and_what_comes_all_the_same_is_told(db) {
    let play = Play::on_its_way(&db, 700).await;
    let (shop, gateway, rina) = (&play.scene.shop, &play.gateway, Actor::staff("rina"));
    let key = play.file().await.refunds[0].reference.clone();
    for _ in 0..62 {
        play.pass(61).await;
    }
    gateway.holds.store(true, Ordering::SeqCst);
    for _ in 0..1_500 {
        if gateway.held.load(Ordering::SeqCst) {
            break;
        }
        play.pass(61).await;
    }
    let refused = shop.settle_refund(&key, ByHand::NotGivenBack, &rina).await;
    assert!(matches!(refused, Err(RefundError::InHand(_))), "{refused:?}");
    // The lease is over before the answer comes.
    let mut tx = shop.db.write("test").await.unwrap();
    sql!("UPDATE refund SET lease_until = NULL, due_at = due_at + 864000000").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    // It is more than one person may end by their word, however often they say it.
    let first = shop.settle_refund(&key, ByHand::NotGivenBack, &rina).await.unwrap();
    assert!(matches!(first, Settled::Waits(_)), "{first:?}");
    let again = shop.settle_refund(&key, ByHand::NotGivenBack, &Actor::staff(" Rina")).await;
    assert!(matches!(again, Err(RefundError::SaidAlready { .. })), "{again:?}");
    assert!(play.alert(AlertKind::NeedsSecondPerson, &key.to_string()).await.is_some());
    // Who says something else has not said the same: theirs waits now.
    let budi = Actor::staff("budi");
    let other = shop.settle_refund(&key, ByHand::GivenBack, &budi).await.unwrap();
    assert!(matches!(other, Settled::Waits(_)), "{other:?}");
    let back = shop.settle_refund(&key, ByHand::NotGivenBack, &rina).await.unwrap();
    assert!(matches!(back, Settled::Waits(_)), "{back:?}");
    assert_eq!(play.wallet().await, 0, "nothing has ended");
    let ended = shop.settle_refund(&key, ByHand::NotGivenBack, &budi).await.unwrap();
    assert!(matches!(ended, Settled::Ended(_)), "{ended:?}");
    assert_eq!(play.alert(AlertKind::NeedsSecondPerson, &key.to_string()).await, None);
    assert_eq!(play.wallet().await, PRICE);
    gateway.holds.store(false, Ordering::SeqCst);
    let mut told = None;
    for _ in 0..1_500 {
        told = play.alert(AlertKind::PaymentTakenBack, &key.to_string()).await;
        if told.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let told = told.unwrap();
    assert!(told.contains(&key.to_string()) && told.contains("Rp 10.000"), "{told}");
    play.scene.books_hold().await;
    play.stop.send(()).unwrap();
    play.worker.await.unwrap();
});

/// What is said of a bank that took back what we had given back, and what the proof then says.
const LIES_ABOUT_A_BANK: &[LieInRupiah] = &[
    (
        "it took more",
        &[(sql!("UPDATE payment SET charged_back = 9000 WHERE charged_back = 10000"), 1)],
        &[(sql!("UPDATE payment SET charged_back = 10000 WHERE charged_back = 9000"), 1)],
        "a bank took back Rp 9.000 of what had gone back before: Rp 10.000 is booked for that",
    ),
    (
        "it never did",
        &[(sql!("UPDATE payment SET charged_back = NULL WHERE charged_back = 10000"), 1)],
        &[(sql!("UPDATE payment SET charged_back = 10000 WHERE refunded = 10000"), 1)],
        "a bank took back Rp 0 of what had gone back before",
    ),
    (
        "it is no loss",
        &[(sql!("UPDATE ledger_posting SET account = 'fee' WHERE account = 'loss:chargeback'"), 1)],
        &[(
            sql!(
                "UPDATE ledger_posting SET account = 'loss:chargeback' WHERE account = 'fee' AND amount = 10000"
            ),
            1,
        )],
        "Rp 10.000 is booked for that, Rp 0 lost",
    ),
];

on_both_shops!(fn what_a_bank_takes_back_after_our_own_refund_is_a_loss_once_and_told(db) {
    let play = Play::begin(&db, 800, RefundTarget::Source).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    assert_eq!(play.gateway.given(), PRICE);
    let number = play.order.number.to_string();
    play.gateway.bank.store(true, Ordering::SeqCst);
    let payment = play.file().await.payments[0].reference.to_string();
    for _ in 0..2 {
        let mut tx = play.scene.shop.db.write("test").await.unwrap();
        assert!(payments::nudge(&mut tx, &payment, play.scene.shop.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        let heard = |file: &OrderFile| {
            file.payments[0].charged_back == Some(Rupiah::new(PRICE)) && file.payments[0].due_at.is_none()
        };
        play.until("heard", heard).await;
        let lines = play.file().await.ledger;
        let lost = lines.iter().filter(|line| line.account == Account::ChargebackLoss);
        assert_eq!(lost.map(|line| line.amount.get()).collect::<Vec<_>>(), [PRICE], "once");
        let told = play.alert(AlertKind::PaymentTakenBack, &number).await.unwrap();
        assert!(told.contains("Rp 10.000") && told.contains("booked as a loss"), "{told}");
    }
    let (scene, order) = (play.scene.clone(), play.order.number.clone());
    play.end().await;
    assert_eq!(scene.order(&order).await.state, OrderState::Refunded);
    are_found(&scene, &db, LIES_ABOUT_A_BANK).await;
});

on_both_shops!(fn what_a_bank_takes_back_in_steps_after_our_own_refund_is_a_loss_in_each_once_and_told(db) {
    let play = Play::begin(&db, 810, RefundTarget::Source).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    let number = play.order.number.to_string();
    for (took, losses, told) in [
        (4_000, &[4_000][..], "took back Rp 4.000 of"),
        (4_000, &[4_000][..], "took back Rp 4.000 of"),
        (9_000, &[4_000, 5_000][..], "took back Rp 5.000 more, Rp 9.000 in all,"),
        (10_000, &[1_000, 4_000, 5_000][..], "took back Rp 1.000 more, Rp 10.000 in all,"),
        (10_000, &[1_000, 4_000, 5_000][..], "took back Rp 1.000 more, Rp 10.000 in all,"),
    ] {
        play.gateway.took.store(took, Ordering::SeqCst);
        play.nudged().await;
        let known = Some(Rupiah::new(took));
        let heard = |file: &OrderFile| {
            file.payments[0].charged_back == known && file.payments[0].due_at.is_none()
        };
        play.until("heard", heard).await;
        let lines = play.file().await.ledger;
        let lost = lines.iter().filter(|line| line.account == Account::ChargebackLoss);
        let mut lost: Vec<i64> = lost.map(|line| line.amount.get()).collect();
        lost.sort_unstable();
        assert_eq!(lost, losses, "{took}: each step once");
        let alert = play.alert(AlertKind::PaymentTakenBack, &number).await.unwrap();
        assert!(alert.contains(told) && alert.contains("booked as a loss"), "{took}: {alert}");
        play.scene.books_hold().await;
    }
    play.end().await;
});

on_both_shops!(fn what_a_bank_takes_beyond_a_part_that_we_gave_back_is_a_loss_as_well(db) {
    let play = Play::begin(&db, 820, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(2_000)), reason: None };
    assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
    play.until("given back", |file| file.payments[0].state == PaymentState::PartlyRefunded).await;
    let gateway = Account::Gateway("midtrans".into());
    let before = play.stands(&gateway).await;
    // First less than was left, then all that was paid: two thousand of that had gone back before.
    for (took, lost, twice) in [(3_000, 0, None), (9_000, 9_000, Some(1_000)), (10_000, 10_000, Some(2_000))] {
        play.gateway.took.store(took, Ordering::SeqCst);
        for _ in 0..2 {
            play.nudged().await;
            let twice = twice.map(Rupiah::new);
            let heard = |file: &OrderFile| {
                let payment = &file.payments[0];
                payment.charged_back == twice && payment.due_at.is_none() && payment.given_back.is_some()
            };
            play.until("heard", heard).await;
            assert_eq!(play.stands(&Account::ChargebackLoss).await, lost, "{took}");
            assert_eq!(play.stands(&gateway).await, before - lost, "{took}");
            play.scene.books_hold().await;
        }
    }
    // Both are told: that what was left is gone, and that more is.
    assert!(play.alert(AlertKind::PaymentTakenBack, number.as_str()).await.is_some());
    let payment = play.file().await.payments[0].reference.to_string();
    let told = play.alert(AlertKind::PaymentTakenBack, &payment).await.unwrap();
    assert!(told.contains("took back Rp 1.000 more, Rp 2.000 in all,"), "{told}");
    play.stop().await;
});

on_both_shops!(fn two_refunds_of_one_amount_are_told_apart_by_their_keys_and_both_are_known(db) {
    let play = Play::begin(&db, 830, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.gateway.lists.store(true, Ordering::SeqCst);
    play.sends_and_hears_nothing(2_000).await;
    play.by_hand("by-hand", 2_000).await;
    play.nudged().await;
    let known = Some(Rupiah::new(2_000));
    play.until("told apart", |file| file.payments[0].given_back == known).await;
    let file = play.file().await;
    assert!(file.refunds[0].state.is_live(), "ours is not there: {:#?}", file.refunds);
    let told = play.alert(AlertKind::PaymentTakenBack, play.order.number.as_str()).await.unwrap();
    assert!(told.contains("beside a refund of ours of Rp 2.000"), "{told}");
    play.scene.books_hold().await;
    // Ours was slow, and arrives.
    play.by_hand(&file.refunds[0].reference.to_string(), 2_000).await;
    play.gateway.silent.store(false, Ordering::SeqCst);
    let both = |file: &OrderFile| {
        let payment = &file.payments[0];
        file.refunds[0].state == RefundState::Done && payment.due_at.is_none()
    };
    play.until("done", both).await;
    let payment = play.file().await.payments[0].clone();
    assert_eq!((payment.refunded, payment.given_back), (Rupiah::new(2_000), known));
    assert_eq!((play.gateway.given(), play.wallet().await), (4_000, 8_000));
    play.stop().await;
});

on_both_shops!(fn what_was_given_in_the_dashboard_instead_of_ours_counts_once_by_a_persons_word(db) {
    for (seed, said, credit, beside) in
        [(840, ByHand::GivenBack, 8_500, None), (841, ByHand::NotGivenBack, 10_000, Some(1_500))]
    {
        let play = Play::begin(&db, seed, RefundTarget::Wallet).await;
        play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
        play.gateway.calm.store(true, Ordering::SeqCst);
        play.gateway.lists.store(true, Ordering::SeqCst);
        play.sends_and_hears_nothing(1_500).await;
        play.by_hand("by-hand", 1_500).await;
        play.nudged().await;
        let other = Some(Rupiah::new(1_500));
        play.until("told apart", |file| file.payments[0].given_back == other).await;
        for _ in 0..62 {
            play.pass(61).await;
        }
        let key = play.file().await.refunds[0].reference.clone();
        let (shop, rina) = (&play.scene.shop, Actor::staff("rina"));
        while let Err(error) = shop.settle_refund(&key, said, &rina).await {
            assert!(matches!(error, RefundError::InHand(_)), "{error:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // It is asked about once more, now that it is known which was which.
        let beside = beside.map(Rupiah::new);
        let known = |file: &OrderFile| {
            file.payments[0].given_back == beside && file.payments[0].due_at.is_none()
        };
        play.until("known", known).await;
        assert_eq!((play.gateway.given(), play.wallet().await), (1_500, credit), "{said}");
        play.stop().await;
    }
});

on_both_shops!(fn a_webhook_that_names_our_key_has_the_refund_asked_about_at_once(db) {
    let play = Play::begin(&db, 500, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.silent.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(2_000)), reason: None };
    assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
    play.until("asked about seldom", |file| file.refunds[0].asked > 3).await;
    let file = play.file().await;
    let (key, reference) = (file.refunds[0].reference.to_string(), file.payments[0].reference.to_string());
    play.gateway.given.lock().unwrap().entry(reference).or_default().insert(key.clone(), 2_000);
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.gateway.silent.store(false, Ordering::SeqCst);
    // No time passes: it is not due by itself.
    let day = shop.clock.now().wib_day();
    let webhook = IncomingWebhook { source: "midtrans", headers: &[], body: key.as_bytes() };
    assert_eq!(shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
    for _ in 0..2_000 {
        if play.file().await.refunds[0].state == RefundState::Done {
            break;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(play.file().await.refunds[0].state, RefundState::Done);
    // It is about something of ours.
    let report = shop.reconcile(day).await.unwrap();
    assert!(report.differences.iter().all(|found| found.subject != key), "{report:#?}");
    assert!(report.notes.iter().all(|note| note.subject != key), "{report:#?}");
    play.end().await;
});

on_both_shops!(fn every_lie_about_a_refund_is_found(db) {
    let play = Play::begin(&db, 300, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(2_000)), reason: None };
    assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
    play.until("given back", |file| file.payments[0].state == PaymentState::PartlyRefunded).await;
    for (lie, truth) in [
        (sql!("UPDATE refund SET amount = amount + 1"), sql!("UPDATE refund SET amount = amount - 1")),
        (sql!("UPDATE refund SET state = 'refused'"), sql!("UPDATE refund SET state = 'done'")),
        (sql!("UPDATE refund SET state = 'pending'"), sql!("UPDATE refund SET state = 'done'")),
        (sql!("UPDATE refund SET origin = 'escrow'"), sql!("UPDATE refund SET origin = 'wallet'")),
        (sql!("UPDATE refund SET gateway = 'dana'"), sql!("UPDATE refund SET gateway = 'midtrans'")),
        (sql!("UPDATE payment SET refunded = refunded + 1"), sql!("UPDATE payment SET refunded = refunded - 1")),
        (sql!("UPDATE payment SET refunding = 1"), sql!("UPDATE payment SET refunding = 0")),
        (
            sql!("UPDATE refund SET reference = reference || '0'"),
            sql!("UPDATE refund SET reference = SUBSTR(reference, 1, LENGTH(reference) - 1)"),
        ),
    ] {
        for (statement, right) in [(lie, false), (truth, true)] {
            let mut tx = shop.db.write("test").await.unwrap();
            let text = format!("{statement:?}");
            statement.query().run(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            let problems = shop.check_ledger().await.unwrap().problems;
            assert_eq!(problems.is_empty(), right, "{text}: {problems:?}");
        }
    }
    play.end().await;
});
