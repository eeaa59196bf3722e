//! Settlement reports beside our rows: everything that was paid is looked for, and what was kept of a day is what all
//! reports say of it together.

use crate::{
    reconcile::{alerts, compared, delivered},
    scene::NOON,
    stage::{PRICE, Rest},
};
use database::sql;
use orders::{DifferenceKind as Kind, OrderState, SettlementImport, Shop, worker};
use payments::{ObservedState, SettlementProfile};
use std::time::Duration;
use testkit::on_both_shops;
use vocabulary::{Actor, OrderNumber, PaymentId};

/// Imports a report of the gateway about this day.
async fn imported(shop: &Shop, day: &str, text: &str) {
    let (profile, rina) = (SettlementProfile::default(), Actor::staff("rina"));
    let day = day.parse().unwrap();
    let import = SettlementImport {
        gateway: "midtrans",
        name: "report.csv",
        bytes: text.as_bytes(),
        profile: &profile,
        days: Some((day, day)),
        actor: &rina,
        dry_run: false,
    };
    let read = shop.import_settlement(&import).await.unwrap();
    assert!(read.unreadable.is_empty() && !read.was_there, "{read:?}");
}

/// Lets the order be paid, and delivered.
async fn is_paid(rest: &Rest, number: &OrderNumber) {
    let reference = format!("{number}-P1");
    rest.gateway_says(&reference, ObservedState::Settled, Some(PRICE));
    let done = {
        let (scene, number) = (rest.scene.clone(), number.clone());
        async move {
            for _ in 0..200 {
                if scene.order(&number).await.state == OrderState::Delivered {
                    return;
                }
                let mut tx = scene.shop.db.write("test").await.unwrap();
                payments::nudge(&mut tx, &reference, scene.shop.clock.now()).await.unwrap();
                tx.commit().await.unwrap();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    worker::run(rest.scene.shop.clone(), done).await;
    assert_eq!(rest.scene.order(number).await.state, OrderState::Delivered);
}

on_both_shops!(fn what_was_kept_of_a_day_is_told_of_all_its_payments_whichever_report_is_the_newest(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let mut tx = db.read("test").await.unwrap();
    let other: OrderNumber =
        sql!("SELECT number FROM shop_order WHERE buyer = 'waiting'").query().one(&mut tx).await.unwrap();
    drop(tx);
    is_paid(&rest, &other).await;
    let header = "Order ID,Gross Amount,Fee,Settlement Date";
    let line = |number: &OrderNumber, fee: i64, hour: u8| {
        format!("{number}-P1,{PRICE},{fee},2026-11-23 0{hour}:00:00")
    };
    let open = async || {
        let all = alerts(shop).await;
        all.into_iter().filter(|subject| subject.starts_with("fee_kept:")).collect::<Vec<_>>()
    };
    let of_the_day = "fee_kept:midtrans/gopay_qr/2026-11-23";
    // Rp 200 is booked of each.
    imported(shop, "2026-11-23", &format!("{header}\n{}\n", line(&rest.order.number, 250, 3))).await;
    let report = compared(shop).await;
    assert_eq!(report.differences.iter().filter(|found| found.kind == Kind::FeeKept).count(), 1, "{report:#?}");
    assert_eq!(open().await, [of_the_day]);
    // A second report of that day has another payment, of which the right fee was kept.
    imported(shop, "2026-11-23", &format!("{header}\n{}\n", line(&other, 200, 4))).await;
    let report = compared(shop).await;
    assert_eq!(open().await, [of_the_day], "the other payment was not looked at: {report:#?}");
    let found = report.differences.iter().find(|found| found.kind == Kind::FeeKept).unwrap();
    assert!(found.ledger.contains("2 payments"), "{found:#?}");
    assert!(found.gateway.as_deref().unwrap().contains("Rp 50 more than is booked"), "{found:#?}");
    // The next day the gateway gives back what was too much, in a line of its own.
    let correction = format!("{}-P1,50,fee,2026-11-24 03:00:00", rest.order.number);
    let payout = "WD-1,-1000,payout,2026-11-24 03:00:00";
    let header = "Order ID,Gross Amount,Type,Settlement Date";
    imported(shop, "2026-11-24", &format!("{header}\n{correction}\n{payout}\n")).await;
    let report = compared(shop).await;
    assert_eq!(open().await, Vec::<String>::new(), "{report:#?}");
});

on_both_shops!(fn everything_that_was_paid_is_looked_for_in_reports_however_much_it_is(db) {
    const ALL: usize = 450;
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let first = format!("{}-P1", rest.order.number);
    let mut tx = db.write("test").await.unwrap();
    for n in 2..=ALL {
        // All of them at one moment.
        sql!(
            "INSERT INTO payment (id, order_id, reference, sequence, method, gateway, amount, state, expires_at,
                                  settled_at, created_at, updated_at, in_doubt)
             SELECT $1, order_id, $2, $3, method, gateway, amount, state, expires_at, settled_at, created_at,
                    updated_at, in_doubt FROM payment WHERE reference = $4"
        )
        .bind(PaymentId::new(&shop.ids, NOON))
        .bind(format!("{}-P{n}", rest.order.number))
        .bind(i64::try_from(n).unwrap())
        .bind(&first)
        .run(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    imported(shop, "2026-11-23", "Order ID,Gross Amount\n").await;
    let report = shop.reconcile("2026-12-24".parse().unwrap()).await.unwrap();
    let missing = report.differences.iter().filter(|found| found.kind == Kind::NotSettled).count();
    assert_eq!(missing, ALL);
});
