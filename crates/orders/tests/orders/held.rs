//! What waits for the word of a second person: it is neither bought nor given back meanwhile.

use crate::market::{Market, OWN};
use database::{Database, sql};
use notifications::AlertKind;
use orders::{
    ActionError, Approved, Attention, OrderState, RefundError, RefundRules, RefundWish, Rules, SeenRefund,
    SettleError, StaffAction,
};
use std::sync::Arc;
use std::time::Duration;
use suppliers::{AttemptState, Verdict};
use testkit::on_both_shops;
use vocabulary::{Actor, Rupiah};

/// A shop in which nothing goes back by the word of one person.
async fn with_two_persons(db: &Database) -> Market {
    let mut market = Market::open(db).await;
    let refunds = RefundRules { second_person_above: Rupiah::ZERO, ..market.scene.shop.rules.refunds };
    market.scene.shop.rules = Arc::new(Rules { refunds, ..Rules::clone(&market.scene.shop.rules) });
    market
}

on_both_shops!(fn what_waits_in_line_is_not_bought_while_its_refund_waits_for_a_second_person(db) {
    let market = with_two_persons(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let (first, second) = market.two_wait().await;
    let (shop, rina, budi) = (&market.scene.shop, Actor::staff("rina"), Actor::staff("budi"));
    let wanted = shop.refund(&first.number, &RefundWish::default(), &rina).await.unwrap();
    assert!(wanted.waits);
    // What its buyer is shown: it does not go on by itself, and the others do.
    assert!(market.scene.order(&first.number).await.stands_still());
    assert!(!market.scene.order(&second.number).await.stands_still());
    let retried = shop.decide(&first.number, StaffAction::Retry, &budi).await;
    assert!(matches!(retried, Err(ActionError::RefundWaits(_))), "{retried:?}");
    market.all_say(Verdict::Succeeded);
    market.deposit_is("digiflazz", 1_000_000).await;
    // Nobody stands behind it; and whoever wakes it, it is not bought.
    // Time that passes while its worker looks at it has it look once more, later.
    for _ in 0..20 {
        market.passes(130);
        tokio::time::sleep(Duration::from_millis(500)).await;
        if market.file(&second).await.order.state == OrderState::Delivered {
            break;
        }
    }
    market.until_state(&second, OrderState::Delivered).await;
    let mut tx = shop.db.write("test").await.unwrap();
    let wake = sql!("UPDATE shop_order SET due_at = 0 WHERE id = $1");
    wake.bind(&first.id).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    market.passes(1);
    let file = market.until(&first, "looked at", |file| file.order.due_at.is_none()).await;
    assert_eq!(file.order.attention, Some(Attention::WaitsForSupplier));
    assert!(file.attempts.iter().all(|attempt| attempt.state == AttemptState::Failed), "{:?}", file.attempts);
    let seen = SeenRefund { number: &first.number, request: &wanted.request, amount: None };
    shop.reject_refund(seen, &budi).await.unwrap();
    market.until_state(&first, OrderState::Delivered).await;
    market.end().await;
});

on_both_shops!(fn what_fails_while_its_refund_waits_is_not_bought_elsewhere_and_goes_back(db) {
    let market = with_two_persons(&db).await;
    market.says(OWN, Verdict::UnknownAlarm);
    let order = market.bought("a").await;
    let odd = Some(Attention::SupplierOdd);
    let file = market.until(&order, "odd", |file| file.order.attention == odd).await;
    let (shop, number, rina) = (&market.scene.shop, &order.number, Actor::staff("rina"));
    let wanted = shop.refund(number, &RefundWish::default(), &rina).await.unwrap();
    assert!(wanted.waits);
    market.webhook("digiflazz", &file.attempts[0], Verdict::FailedProvider).await;
    // Another route is there. Nobody could agree to the refund of what is being bought.
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(file.attempts.len(), 1, "{:?}", file.attempts);
    // It went back once, whatever the second person says now.
    let seen = SeenRefund { number, request: &wanted.request, amount: None };
    let late = shop.approve_refund(seen, &Actor::staff("budi")).await;
    assert!(matches!(late, Err(RefundError::NothingToGiveBack { .. })), "{late:?}");
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn a_share_of_what_was_delivered_in_part_is_given_back_by_two_persons_who_name_it(db) {
    let market = with_two_persons(&db).await;
    market.says(OWN, Verdict::PartlySucceeded);
    let order = market.bought("a").await;
    market.until_in_part(&order).await;
    let (shop, number) = (&market.scene.shop, &order.number);
    let (rina, budi) = (Actor::staff("rina"), Actor::staff("budi"));
    let (share, other) = (Rupiah::new(4_000), Rupiah::new(5_000));
    let waits = Approved { state: OrderState::NeedsAttention, waits: true };
    assert_eq!(shop.settle_part(number, share, &rina).await.unwrap(), waits);
    let alone = shop.settle_part(number, share, &rina).await;
    assert!(matches!(alone, Err(SettleError::Action(ActionError::SaidAlready { .. }))), "{alone:?}");
    // Who names another amount has not agreed.
    assert_eq!(shop.settle_part(number, other, &budi).await.unwrap(), waits);
    assert!(market.alerts().await.contains(&(AlertKind::NeedsSecondPerson, number.to_string())));
    market.scene.books_hold().await;
    let done = shop.settle_part(number, other, &rina).await.unwrap();
    assert_eq!(done, Approved { state: OrderState::Delivered, waits: false });
    assert!(!market.alerts().await.iter().any(|(kind, _)| *kind == AlertKind::NeedsSecondPerson));
    market.scene.books_hold().await;
    market.end().await;
});
