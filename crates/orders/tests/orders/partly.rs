//! What was delivered in part and whose money goes back at the gateway meanwhile, or whose part the supplier takes
//! back: the buyer gets their share once, whoever gives it back, and what is lost by it stands in the books.

use crate::{
    proof::{LieInRupiah, are_found},
    scene::ITEM,
    stage::{PRICE, Stage},
};
use database::{Database, sql};
use ledger::Account;
use notifications::{AlertKind, MessageKind, alert_open, open_alerts};
use orders::{ActionError, Approved, Attention, OrderState, RefundRules, Rules, SettleError, StaffAction};
use payments::ObservedState::{Refunded, Settled};
use std::{sync::Arc, time::Duration};
use suppliers::{AttemptState, Verdict};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, Rupiah};

/// What the gateway keeps of a payment of our price, by the rules.
const FEE: i64 = PRICE / 50;
/// No message.
const NOTHING: [&str; 0] = [];

/// A paid order of which a part was delivered, and a person has yet to say what that is worth.
async fn in_part(db: &Database) -> Stage {
    let stage = Stage::fulfilling(db).await;
    stage.supplier_says(1, Verdict::PartlySucceeded).await;
    assert_eq!(stage.attention().await, Some(Attention::PartlyDelivered));
    stage
}

/// What the order has earned, what was lost at the gateway, what that holds of it, and what is in the wallet.
async fn money(stage: &Stage) -> [i64; 4] {
    stage.scene.books_hold().await;
    let earned = -stage.stands(&Account::Revenue).await;
    let lost = stage.stands(&Account::ChargebackLoss).await;
    [earned, lost, stage.stands(&Account::Gateway("midtrans".into())).await, stage.wallet().await]
}

/// What it cost, and what the supplier took: a product is one rupiah.
async fn goods(stage: &Stage) -> [i64; 3] {
    let supplier = Account::Supplier("digiflazz".into());
    let (cost, taken) = (stage.stands(&Account::Cost).await, stage.stands(&supplier).await);
    [cost, taken, stage.stands(&Account::LateDeliveryLoss).await]
}

fn settled(state: OrderState) -> Approved {
    Approved { state, waits: false }
}

/// The gateway gives back so much, and a person says that so much is the buyer's.
async fn check(
    db: &Database,
    (back, share): (i64, i64),
    (credit, lost): (i64, i64),
    told: (MessageKind, &str),
) {
    let stage = in_part(db).await;
    stage.gateway_gave_back(0, Some(back)).await;
    assert_eq!(stage.attention().await, Some(Attention::PartlyDelivered), "a person decides");
    let ends = if share == PRICE { OrderState::Refunded } else { OrderState::Delivered };
    assert_eq!(stage.settle(share, "rina").await.unwrap(), settled(ends));
    assert_eq!(money(&stage).await, [PRICE - share, lost, PRICE - back - FEE, credit], "{back} {share}");
    assert_eq!(goods(&stage).await, [1, -1, 0]);
    assert_eq!(stage.told(told.0).await, [told.1], "{back} {share}");
    assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
    let again = stage.settle(share, "rina").await;
    assert!(matches!(again, Err(SettleError::Action(ActionError::NotPossible { .. }))), "{again:?}");
    // The same told once more changes nothing, and what goes back after that is lost.
    stage.gateway_gave_back(0, Some(back)).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!(money(&stage).await, [PRICE - share, lost + PRICE - back, -FEE, credit], "{back} {share}");
    assert_eq!(stage.state().await, ends);
    stage.end().await;
}

on_both_shops!(fn what_the_gateway_gave_back_is_counted_into_the_share_and_the_rest_of_it_is_credited(db) {
    check(&db, (4_000, 4_000), (0, 0), (MessageKind::ShareWentBack, "")).await;
    check(&db, (3_000, 4_000), (1_000, 0), (MessageKind::ShareWentBack, "Rp 1.000")).await;
    check(&db, (3_000, PRICE), (7_000, 0), (MessageKind::Refunded, "Rp 7.000")).await;
});

on_both_shops!(fn what_went_back_beyond_the_share_is_lost_and_a_person_hears_how_much(db) {
    check(&db, (6_000, 4_000), (0, 2_000), (MessageKind::ShareWentBack, "")).await;
    check(&db, (6_000, 0), (0, 6_000), (MessageKind::Delivered, "")).await;
    let stage = in_part(&db).await;
    stage.gateway_gave_back(0, Some(6_000)).await;
    stage.settle(4_000, "rina").await.unwrap();
    let mut tx = stage.scene.shop.db.read("test").await.unwrap();
    let alerts = notifications::open_alerts(&mut tx).await.unwrap();
    drop(tx);
    let number = stage.order.number.to_string();
    let alert = alerts.iter().find(|alert| alert.subject == number).unwrap();
    assert!(alert.message.contains("given back Rp 6.000") && alert.message.contains("Rp 2.000 is lost"), "{alert:?}");
    stage.end().await;
});

on_both_shops!(fn of_a_part_whose_money_went_back_whole_nothing_is_credited_and_what_was_not_the_buyers_is_lost(db) {
    for share in [0, 4_000, PRICE] {
        let stage = in_part(&db).await;
        stage.gateway_says(0, Refunded, Some(PRICE)).await;
        assert_eq!(stage.attention().await, Some(Attention::PartlyDelivered), "a person decides");
        let ends = if share == PRICE { OrderState::Refunded } else { OrderState::Delivered };
        assert_eq!(stage.settle(share, "rina").await.unwrap(), settled(ends));
        assert_eq!(money(&stage).await, [PRICE - share, PRICE - share, -FEE, 0], "{share}");
        assert_eq!(stage.told(MessageKind::MoneyReturned).await, [""], "{share}");
        for untrue in [MessageKind::Delivered, MessageKind::Refunded, MessageKind::ShareGivenBack] {
            assert_eq!(stage.told(untrue).await, NOTHING, "{share}");
        }
        assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
        // Money that comes late buys nothing for an order that is over.
        stage.gateway_says(1, Settled, Some(PRICE)).await;
        assert_eq!((stage.state().await, stage.wallet().await), (ends, PRICE), "{share}");
        stage.end().await;
    }
});

on_both_shops!(fn of_a_part_that_nobody_knows_how_much_went_back_of_nothing_is_settled_until_it_is_known(db) {
    let stage = in_part(&db).await;
    stage.gateway_gave_back(0, None).await;
    let refused = stage.settle(4_000, "rina").await;
    assert!(matches!(refused, Err(SettleError::Action(ActionError::PartUnclear(_)))), "{refused:?}");
    assert_eq!(money(&stage).await, [0, 0, PRICE - FEE, 0]);
    stage.gateway_gave_back(0, Some(4_000)).await;
    assert_eq!(stage.settle(4_000, "rina").await.unwrap(), settled(OrderState::Delivered));
    assert_eq!(money(&stage).await, [6_000, 0, PRICE - 4_000 - FEE, 0]);
    stage.end().await;
});

on_both_shops!(fn what_goes_back_while_a_person_settles_is_counted_or_told_and_booked_once(db) {
    let stage = in_part(&db).await;
    let (_, settles) = tokio::join!(stage.gateway_gave_back(0, Some(4_000)), stage.settle(4_000, "rina"));
    assert_eq!(settles.unwrap(), settled(OrderState::Delivered));
    // Whichever came first: it is the share, or a part that went back after it, of which staff hears.
    let counted = stage.wallet().await == 0;
    let (gateway, credit) = if counted { (PRICE - 4_000 - FEE, 0) } else { (PRICE - FEE, 4_000) };
    assert_eq!(money(&stage).await, [6_000, 0, gateway, credit]);
    assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
    // And all that was booked leaves the gateway once.
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    let lost = if counted { 6_000 } else { PRICE };
    assert_eq!(money(&stage).await, [6_000, lost, -FEE, credit]);
    stage.end().await;
});

on_both_shops!(fn a_second_person_agrees_to_what_is_still_owed_of_the_share(db) {
    let mut stage = in_part(&db).await;
    let refunds = RefundRules { second_person_above: Rupiah::ZERO, ..stage.scene.shop.rules.refunds };
    stage.scene.shop.rules = Arc::new(Rules { refunds, ..Rules::clone(&stage.scene.shop.rules) });
    let waits = Approved { state: OrderState::NeedsAttention, waits: true };
    assert_eq!(stage.settle(4_000, "rina").await.unwrap(), waits);
    // Less is owed now: who says the same has not agreed to that.
    stage.gateway_gave_back(0, Some(3_000)).await;
    assert_eq!(stage.settle(4_000, "budi").await.unwrap(), waits);
    assert_eq!(stage.settle(4_000, "rina").await.unwrap(), settled(OrderState::Delivered));
    assert_eq!(money(&stage).await, [6_000, 0, PRICE - 3_000 - FEE, 1_000]);
    stage.end().await;
});

on_both_shops!(fn a_part_that_is_taken_back_before_it_is_settled_goes_back_and_a_person_hears_of_it(db) {
    let stage = in_part(&db).await;
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::Refunded).await;
    assert_eq!(stage.attempts().await[0].state, AttemptState::Reversed);
    assert_eq!(money(&stage).await, [0, 0, PRICE - FEE, PRICE]);
    assert_eq!((goods(&stage).await, stage.scene.available().await), ([0, 0, 0], 10));
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 10.000"]);
    assert_eq!(stage.alerts().await, [AlertKind::DeliveryReversed]);
    let late = stage.settle(4_000, "rina").await;
    assert!(matches!(late, Err(SettleError::Action(ActionError::NotPossible { .. }))), "{late:?}");
    // The part of before, and the reversal once more: old news.
    for verdict in [Verdict::PartlySucceeded, Verdict::Reversed] {
        stage.supplier_says(1, verdict).await;
        assert_eq!((stage.state().await, stage.wallet().await), (OrderState::Refunded, PRICE));
    }
    stage.end().await;
});

on_both_shops!(fn a_part_that_is_taken_back_after_some_of_its_money_was_is_not_refunded_whole(db) {
    let stage = in_part(&db).await;
    stage.gateway_gave_back(0, Some(4_000)).await;
    stage.supplier_says(1, Verdict::Reversed).await;
    let partly_refunded = Some(Attention::PartlyRefunded);
    for _ in 0..1_200 {
        if stage.attention().await == partly_refunded {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((stage.attention().await, stage.wallet().await), (partly_refunded, 0));
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
    assert_eq!(money(&stage).await, [0, 0, PRICE - 4_000 - FEE, 6_000]);
    stage.end().await;

    let stage = in_part(&db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::Cancelled).await;
    assert_eq!(money(&stage).await, [0, 0, -FEE, 0]);
    assert_eq!(stage.told(MessageKind::MoneyReturned).await, [""]);
    stage.end().await;
});

/// Settled, and then taken back by the supplier.
async fn taken_back(db: &Database, back: Option<i64>, share: i64) -> Stage {
    let stage = in_part(db).await;
    if let Some(back) = back {
        stage.gateway_gave_back(0, Some(back)).await;
    }
    stage.settle(share, "rina").await.unwrap();
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(stage.state().await, OrderState::Refunded);
    assert_eq!(stage.attempts().await[0].state, AttemptState::Reversed);
    assert_eq!((goods(&stage).await, stage.scene.available().await), ([0, 0, 0], 10), "its cost came back");
    assert!(stage.alerts().await.contains(&AlertKind::DeliveryReversed));
    let order = stage.scene.order(&stage.order.number).await;
    assert_eq!((order.delivered_at, order.serial_number), (None, None), "it does not count as delivered");
    stage
}

on_both_shops!(fn what_was_settled_as_a_part_and_is_taken_back_gives_the_buyer_what_was_earned_once(db) {
    let stage = taken_back(&db, None, 4_000).await;
    assert_eq!(money(&stage).await, [0, 0, PRICE - FEE, PRICE]);
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 6.000"], "beside the share");
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(money(&stage).await, [0, 0, PRICE - FEE, PRICE]);
    stage.end().await;

    // What the gateway gave back counts, and what it gave beyond the share is no loss any more.
    let stage = taken_back(&db, Some(3_000), 4_000).await;
    assert_eq!(money(&stage).await, [0, 0, PRICE - 3_000 - FEE, 7_000]);
    stage.end().await;
    let stage = taken_back(&db, Some(6_000), 4_000).await;
    assert_eq!(money(&stage).await, [0, 0, PRICE - 6_000 - FEE, 4_000]);
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 4.000"]);
    stage.end().await;
    // All of it was the buyer's: its cost comes back, and nothing else.
    let stage = taken_back(&db, None, PRICE).await;
    assert_eq!(money(&stage).await, [0, 0, PRICE - FEE, PRICE]);
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 10.000"]);
    stage.end().await;
});

on_both_shops!(fn what_was_settled_as_a_part_and_is_taken_back_after_its_money_was_refunds_nobody(db) {
    for before in [true, false] {
        let stage = in_part(&db).await;
        if before {
            stage.gateway_says(0, Refunded, Some(PRICE)).await;
        }
        stage.settle(4_000, "rina").await.unwrap();
        if !before {
            stage.gateway_says(0, Refunded, Some(PRICE)).await;
        }
        let credit = if before { 0 } else { 4_000 };
        assert_eq!(money(&stage).await, [6_000, 6_000 + credit, -FEE, credit]);
        stage.supplier_says(1, Verdict::Reversed).await;
        assert_eq!((stage.state().await, goods(&stage).await), (OrderState::Refunded, [0, 0, 0]));
        assert_eq!(money(&stage).await, [0, credit, -FEE, credit], "what they have twice stays lost");
        assert_eq!(stage.told(MessageKind::TakenBack).await, [""]);
        assert_eq!(stage.told(MessageKind::Refunded).await, NOTHING);
        stage.end().await;
    }
});

on_both_shops!(fn what_is_lost_of_credit_beside_a_settled_part_is_not_made_good_by_what_is_the_buyers(db) {
    let stage = in_part(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.settle(4_000, "rina").await.unwrap();
    let mut purchase = stage.scene.wish("buyer", ITEM);
    purchase.method = PaymentMethod::Wallet;
    stage.scene.shop.place(&purchase).await.unwrap();
    // What the second payment had become is spent: of it no more than the share is still in the wallet.
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    assert_eq!(money(&stage).await, [6_000, 6_000, PRICE - 2 * FEE, PRICE]);
    assert_eq!(stage.told(MessageKind::CreditLess).await, ["Rp 4.000"]);
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!((stage.state().await, goods(&stage).await), (OrderState::Refunded, [0, 0, 0]));
    assert_eq!(money(&stage).await, [0, 6_000, PRICE - 2 * FEE, PRICE + 6_000]);
    stage.end().await;
});

const LIES_ABOUT_A_SETTLED_PART: &[LieInRupiah] = &[(
    "nobody has settled a part",
    &[(sql!("UPDATE shop_order SET share_back = NULL WHERE share_back = 4000"), 1)],
    &[(sql!("UPDATE shop_order SET share_back = 4000 WHERE share_back IS NULL"), 1)],
    "-P1: is a purchase that was taken back: Rp 0 out of its buyer's wallet, Rp 0 at other wallets, Rp 2.000 lost",
)];

on_both_shops!(fn what_leaves_escrow_and_is_lost_at_once_without_a_settled_part_is_found_and_named(db) {
    let stage = in_part(&db).await;
    stage.gateway_gave_back(0, Some(6_000)).await;
    stage.settle(4_000, "rina").await.unwrap();
    let scene = stage.scene.clone();
    stage.end().await;
    are_found(&scene, &db, LIES_ABOUT_A_SETTLED_PART).await;
});

on_both_shops!(fn a_part_that_is_taken_back_when_the_books_do_not_know_what_went_back_is_left_to_a_person(db) {
    let stage = in_part(&db).await;
    stage.settle(4_000, "rina").await.unwrap();
    stage.gateway_gave_back(0, Some(3_000)).await;
    // It was doubted before, and a person called for that.
    let (shop, number) = (&stage.scene.shop, stage.order.number.to_string());
    let mut tx = shop.db.write("test").await.unwrap();
    let doubted = (AlertKind::DeliveryReversed, number.as_str(), "nobody knows whether it was taken back");
    alert_open(&mut tx, &shop.ids, shop.clock.now(), doubted).await.unwrap();
    tx.commit().await.unwrap();
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!(stage.attempts().await[0].state, AttemptState::PartlySucceeded, "nothing is booked for it");
    assert_eq!(money(&stage).await, [6_000, 0, PRICE - FEE, 4_000]);
    let open = open_alerts(&mut shop.db.read("test").await.unwrap()).await.unwrap();
    let told = open.iter().find(|alert| alert.kind == AlertKind::DeliveryReversed).unwrap();
    assert!(told.message.contains("nothing was booked for it"), "{}", told.message);
    stage.end().await;
});

on_both_shops!(fn what_goes_back_beyond_a_settled_share_later_is_lost_and_made_good_when_the_part_is_taken_back(db) {
    let stage = in_part(&db).await;
    stage.gateway_gave_back(0, Some(3_000)).await;
    stage.settle(4_000, "rina").await.unwrap();
    assert_eq!(money(&stage).await, [6_000, 0, PRICE - 3_000 - FEE, 1_000]);
    // Told again, it is booked once.
    for _ in 0..2 {
        stage.gateway_gave_back(0, Some(8_000)).await;
        assert_eq!(money(&stage).await, [6_000, 5_000, PRICE - 8_000 - FEE, 1_000]);
    }
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!((stage.state().await, goods(&stage).await), (OrderState::Refunded, [0, 0, 0]));
    assert_eq!(money(&stage).await, [0, 0, PRICE - 8_000 - FEE, 2_000], "ten thousand in all");
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 1.000"]);
    stage.end().await;
});

/// The first purchase was refused and the second is under way; then the first turns out to be delivered in part.
async fn beside_another(db: &Database) -> Stage {
    let stage = Stage::open(db).await;
    stage.purchases_are(Verdict::RefusedConfiguration);
    stage.gateway_says(0, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::NeedsAttention).await;
    stage.purchases_are(Verdict::Pending);
    stage.decide(StaffAction::Retry).await.unwrap();
    for _ in 0..1_200 {
        if stage.attempts().await.get(1).is_some_and(|attempt| attempt.state == AttemptState::Pending) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.supplier_says(1, Verdict::PartlySucceeded).await;
    assert_eq!(stage.attention().await, Some(Attention::PartlyDelivered));
    stage
}

on_both_shops!(fn a_part_that_is_taken_back_while_another_purchase_may_deliver_gives_nothing_back(db) {
    let stage = beside_another(&db).await;
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(stage.attention().await, Some(Attention::SupplierSlow));
    assert_eq!((stage.wallet().await, goods(&stage).await), (0, [0, 0, 0]));
    let alerts = stage.alerts().await;
    for alert in [AlertKind::OrderNeedsAttention, AlertKind::DeliveryReversed] {
        assert!(alerts.contains(&alert), "{alerts:?}");
    }
    stage.scene.books_hold().await;
    stage.supplier_delivers(2, "SN-2").await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-2"));
    assert_eq!(money(&stage).await, [PRICE, 0, PRICE - FEE, 0]);
    stage.end().await;
});

on_both_shops!(fn a_part_that_is_taken_back_leaves_the_buyer_what_another_purchase_delivered(db) {
    let stage = beside_another(&db).await;
    stage.supplier_delivers(2, "SN-2").await;
    assert_eq!(goods(&stage).await, [0, -1, 1], "the second is a loss");
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!((stage.state().await, goods(&stage).await), (OrderState::Delivered, [1, -1, 0]));
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-2"));
    assert_eq!(stage.told(MessageKind::Delivered).await, ["SN-2"]);
    assert_eq!(money(&stage).await, [PRICE, 0, PRICE - FEE, 0]);
    stage.end().await;
});

/// The supplier is asked about it anew, calls it failed, and a person is called.
async fn is_called_failed(stage: &Stage) {
    stage.purchases_are(Verdict::FailedProvider);
    stage.scene.shop.clock.advance(Duration::from_secs(61));
    let mut tx = stage.scene.shop.db.write("test").await.unwrap();
    let asked = sql!("UPDATE fulfilment_attempt SET due_at = 0 WHERE order_id = $1").bind(&stage.order.id);
    assert_eq!(asked.run(&mut tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
    for _ in 0..1_200 {
        if stage.alerts().await.contains(&AlertKind::DeliveryReversed) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(stage.alerts().await.contains(&AlertKind::DeliveryReversed));
    assert_eq!(stage.attempts().await[0].state, AttemptState::PartlySucceeded);
}

on_both_shops!(fn what_is_called_failed_after_a_part_of_it_was_delivered_calls_a_person_and_changes_nothing(db) {
    let stage = in_part(&db).await;
    is_called_failed(&stage).await;
    assert_eq!(stage.alerts().await, [AlertKind::OrderNeedsAttention, AlertKind::DeliveryReversed]);
    assert_eq!(stage.attention().await, Some(Attention::PartlyDelivered));
    // A person settles it as before.
    assert_eq!(stage.settle(4_000, "rina").await.unwrap(), settled(OrderState::Delivered));
    stage.end().await;
});

on_both_shops!(fn a_part_that_is_taken_back_after_it_was_called_failed_is_told_as_what_it_is(db) {
    let stage = in_part(&db).await;
    is_called_failed(&stage).await;
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::Refunded).await;
    let mut tx = stage.scene.shop.db.read("test").await.unwrap();
    let open = notifications::open_alerts_of(&mut tx, AlertKind::DeliveryReversed).await.unwrap();
    drop(tx);
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].message.contains("the money goes back as after a failure"), "{open:?}");
    stage.end().await;
});

on_both_shops!(fn what_is_called_failed_after_its_part_was_settled_calls_a_person_too(db) {
    for share in [4_000, PRICE] {
        let stage = in_part(&db).await;
        stage.settle(share, "rina").await.unwrap();
        let (state, before) = (stage.state().await, money(&stage).await);
        is_called_failed(&stage).await;
        assert_eq!((stage.state().await, money(&stage).await), (state, before), "{share}");
        stage.end().await;
    }
});

on_both_shops!(fn the_rest_that_arrives_after_a_part_was_settled_is_told_to_the_buyer_once_and_books_nothing(db) {
    for share in [4_000, PRICE] {
        let stage = in_part(&db).await;
        stage.settle(share, "rina").await.unwrap();
        let (state, before) = (stage.state().await, money(&stage).await);
        let mut kinds = [MessageKind::RestDelivered, MessageKind::LateDelivery];
        if share == PRICE {
            kinds.reverse();
        }
        for _ in 0..2 {
            stage.supplier_delivers(1, "SN-REST").await;
            assert_eq!(stage.told(kinds[0]).await, [""], "{share}");
            assert_eq!(stage.told(kinds[1]).await, NOTHING, "{share}");
        }
        assert_eq!((stage.state().await, money(&stage).await), (state, before), "{share}");
        // The number of what is not theirs is not shown.
        let shown = (share != PRICE).then_some("SN-REST");
        assert_eq!(stage.serial_number().await.as_deref(), shown, "{share}");
        assert_eq!(stage.alerts().await, [AlertKind::RestDelivered]);
        stage.end().await;
    }
});

on_both_shops!(fn a_part_that_arrives_after_the_refund_is_told_to_the_buyer_and_so_is_what_becomes_of_it(db) {
    for rest in [true, false] {
        let stage = Stage::fulfilling(&db).await;
        stage.supplier_says(1, Verdict::UnknownAlarm).await;
        stage.decide(StaffAction::Refund).await.unwrap();
        stage.until_state(OrderState::Refunded).await;
        stage.supplier_says(1, Verdict::PartlySucceeded).await;
        assert_eq!(stage.told(MessageKind::LatePart).await, [""]);
        assert_eq!(stage.told(MessageKind::LateDelivery).await, NOTHING, "all of it has not come");
        assert_eq!(goods(&stage).await, [0, -1, 1]);
        if rest {
            stage.supplier_delivers(1, "SN-REST").await;
            assert_eq!(stage.told(MessageKind::LateDelivery).await, [""]);
            assert_eq!(goods(&stage).await, [0, -1, 1]);
        }
        stage.supplier_says(1, Verdict::Reversed).await;
        assert_eq!(stage.told(MessageKind::LateDeliveryTakenBack).await, [""]);
        assert_eq!((stage.state().await, goods(&stage).await), (OrderState::Refunded, [0, 0, 0]));
        stage.end().await;
    }
});
