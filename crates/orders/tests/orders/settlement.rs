//! Settlement reports beside our rows: everything that was paid is looked for, and what was kept of a day is what all
//! reports say of it together.

use crate::{
    reconcile::{alerts, change, compared, delivered, kinds},
    scene::{NOON, Scene},
    stage::{PRICE, Rest},
};
use database::sql;
use orders::{
    DifferenceKind as Kind, ImportedSettlement, OrderState, Report, Rules, SettlementImport, Shop,
    Withdrawal, worker,
};
use payments::{ObservedState, SettlementProfile};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::{Actor, OrderNumber, PaymentId};

/// Imports a report of the gateway about this day, which is new.
pub(crate) async fn imported(shop: &Shop, day: &str, text: &str) {
    let read = import(shop, day, text).await;
    assert!(read.unreadable.is_empty() && !read.was_there, "{read:?}");
}

async fn import(shop: &Shop, day: &str, text: &str) -> ImportedSettlement {
    import_as(shop, day, text, &SettlementProfile::default()).await
}

/// The same, written in this way.
async fn import_as(shop: &Shop, day: &str, text: &str, profile: &SettlementProfile) -> ImportedSettlement {
    let rina = Actor::staff("rina");
    let day = day.parse().unwrap();
    let import = SettlementImport {
        gateway: "midtrans",
        name: "report.csv",
        bytes: text.as_bytes(),
        profile,
        days: Some((day, day)),
        actor: &rina,
        dry_run: false,
    };
    shop.import_settlement(&import).await.unwrap()
}

/// Whether all reports are compared whole.
pub(crate) async fn all_is_compared(shop: &Shop) -> bool {
    shop.settlements(10).await.unwrap().iter().all(|report| report.compared_at.is_some())
}

/// The subjects of what was found of this kind.
fn subjects(report: &Report, kind: Kind) -> impl Iterator<Item = String> {
    report.differences.iter().filter(move |found| found.kind == kind).map(|found| found.subject.clone())
}

/// Lets the order be paid, and delivered.
async fn is_paid(rest: &Rest, number: &OrderNumber) {
    let reference = format!("{number}-P1");
    rest.gateway_says(&reference, ObservedState::Settled, Some(PRICE));
    let done = {
        let (scene, number) = (rest.scene.clone(), number.clone());
        async move {
            for _ in 0..1_200 {
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

on_both_shops!(fn a_fee_beside_payments_is_told_once_however_many_reports_have_it(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let header = "Order ID,Gross Amount,Type,Settlement Date";
    let fee = "FEE-1,-1000,fee,2026-11-24 03:00:00";
    // Without an id, what it is called tells it from another of as much.
    let (vat, tax) = (",-300,vat,2026-11-24 05:00:00", ",-300,tax,2026-11-24 05:00:00");
    imported(shop, "2026-11-24", &format!("{header}\n{fee}\n{vat}\n")).await;
    // A later file of the day has it again, and another that was kept twice.
    let twice = "FEE-2,-500,fee,2026-11-24 04:00:00";
    imported(shop, "2026-11-24", &format!("{header}\n{fee}\n{twice}\n{twice}\n{tax}\n")).await;
    let report = compared(shop).await;
    let found = report.differences.iter().find(|found| found.kind == Kind::FeeKept).unwrap();
    assert_eq!(found.subject, "midtrans/no payment/2026-11-24");
    assert_eq!(found.gateway.as_deref(), Some("5 lines of fees beside payments: Rp 2.600"));
});

on_both_shops!(fn a_fee_beside_payments_is_told_with_all_of_its_day_whichever_part_is_compared(db) {
    let mut rest = delivered(&db).await;
    let rules = Rules { settlement_lines: 3, ..(*rest.scene.shop.rules).clone() };
    rest.scene.shop.rules = Arc::new(rules);
    let shop = &rest.scene.shop;
    let header = "Order ID,Gross Amount,Type,Settlement Date";
    let line = |name: &str, amount: i64, kind: &str| format!("{name},{amount},{kind},2026-11-24 03:00:00\n");
    let told = |report: &Report| {
        let found = report.differences.iter().find(|found| found.kind == Kind::FeeKept).unwrap();
        assert_eq!(found.subject, "midtrans/no payment/2026-11-24");
        found.gateway.clone().unwrap()
    };
    let foreign: String = (1..=3).map(|n| line(&format!("INV-{n}"), 20_000, "payment")).collect();
    // A fee that names a payment is that payment's.
    let of_ours = line(&format!("{}-P1", rest.order.number), -50, "fee");
    let (first, last) = (line("FEE-1", -1_000, "fee"), line("FEE-2", -500, "fee"));
    imported(shop, "2026-11-24", &format!("{header}\n{first}{foreign}{last}{of_ours}")).await;
    for part in [1, 2] {
        assert!(!all_is_compared(shop).await, "before part {part}");
        assert_eq!(told(&compared(shop).await), "2 lines of fees beside payments: Rp 1.500", "part {part}");
    }
    assert!(all_is_compared(shop).await);
    // So is what another report has of that day, and what was compared long before.
    imported(shop, "2026-11-24", &format!("{header}\n{}", line("FEE-3", -250, "fee"))).await;
    assert_eq!(told(&compared(shop).await), "3 lines of fees beside payments: Rp 1.750");
});

on_both_shops!(fn everything_that_was_paid_is_looked_for_in_reports_however_much_it_is(db) {
    const ALL: usize = 250;
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
    let mut missing = BTreeSet::new();
    for part in [100, 200, ALL] {
        assert!(!all_is_compared(shop).await, "{} were found", missing.len());
        let report = shop.reconcile("2026-12-24".parse().unwrap()).await.unwrap();
        missing.extend(subjects(&report, Kind::NotSettled));
        assert_eq!(missing.len(), part, "{report:#?}");
    }
    assert!(all_is_compared(shop).await);
});

on_both_shops!(fn what_one_run_raises_no_alert_about_is_compared_by_the_next_and_no_difference_is_lost(db) {
    const ALL: usize = 230;
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let line = |n: usize| format!("LK{n:010}-P1,{PRICE},2026-11-23 03:00:00\n");
    let lines: String = (1..=ALL).map(line).collect();
    imported(shop, "2026-11-23", &format!("Order ID,Gross Amount,Settlement Date\n{lines}")).await;
    let open = sql!(
        "SELECT COUNT(*) FROM alert
         WHERE kind = 'reconciliation' AND subject LIKE 'unknown_payment:%' AND resolved_at IS NULL"
    );
    let to_be_gone_on_with = "not_asked:settlement reports".to_owned();
    for part in [100, 200] {
        let report = compared(shop).await;
        // That something was left out is an alert as well.
        let found = rest.scene.count(open).await;
        assert!((part - 2..=part).contains(&found), "{found}: {report:#?}");
        assert!(!report.agrees() && !all_is_compared(shop).await);
        assert!(alerts(shop).await.contains(&to_be_gone_on_with), "{report:#?}");
    }
    compared(shop).await;
    assert_eq!(rest.scene.count(open).await, i64::try_from(ALL).unwrap());
    assert!(all_is_compared(shop).await);
    let not_compared = sql!(
        "SELECT COUNT(*) FROM alert
         WHERE subject = 'not_asked:settlement reports' AND resolved_at IS NULL"
    );
    assert_eq!(rest.scene.count(not_compared).await, 0);
    // What the alerts name shows all of them, and ends none.
    let report = shop.reconcile("2026-11-23".parse().unwrap()).await.unwrap();
    assert_eq!(subjects(&report, Kind::UnknownPayment).count(), ALL);
    assert_eq!(rest.scene.count(open).await, i64::try_from(ALL).unwrap());
});

on_both_shops!(fn a_large_import_is_compared_in_parts_and_each_run_goes_on_where_the_one_before_stopped(db) {
    const ALL: usize = 2_000;
    let mut rest = delivered(&db).await;
    let rules = Rules { settlement_lines: 700, ..(*rest.scene.shop.rules).clone() };
    rest.scene.shop.rules = Arc::new(rules);
    let shop = &rest.scene.shop;
    // Most is another program's; a few lines, far from each other, are about us, and wrong.
    let ours = format!("{}-P1", rest.order.number);
    let line = |n: usize| match n {
        3 | 1_000 | 1_900 => format!("LK{n:010}-P1,{PRICE},2026-11-23 03:00:00\n"),
        ALL => format!("{ours},9999,2026-11-23 03:00:00\n"),
        _ => format!("INV-{n},{PRICE},2026-11-23 03:00:00\n"),
    };
    let lines: String = (1..=ALL).map(line).collect();
    imported(shop, "2026-11-23", &format!("Order ID,Gross Amount,Settlement Date\n{lines}")).await;
    let of = |n: usize| format!("unknown_payment:midtrans/LK{n:010}-P1");
    for (lines, found, later) in [(700, 3, Some(1_000)), (700, 1_000, Some(1_900)), (600, 1_900, None)] {
        assert!(!all_is_compared(shop).await);
        let report = compared(shop).await;
        assert_eq!((report.counts.settlement_lines, report.counts.orders), (lines, 2), "{report:#?}");
        let open = alerts(shop).await;
        assert!(open.contains(&of(found)), "{open:?}");
        assert!(later.is_none_or(|later| !open.contains(&of(later))), "{open:?}");
    }
    assert!(all_is_compared(shop).await);
    assert_eq!(alerts(shop).await, [of(3), of(1_000), of(1_900), format!("wrong_amount:midtrans/{ours}")]);
});

on_both_shops!(fn settlement_reports_that_cannot_be_read_are_said_not_to_be_and_all_else_is_compared(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    imported(shop, "2026-11-18", "Order ID,Gross Amount\n").await;
    change(&db, sql!("UPDATE settlement_report SET unreadable = 'torn'"), 1).await;
    change(&db, sql!("UPDATE supplier_word SET verdict = 'failed_provider' WHERE verdict = 'succeeded'"), 1).await;
    let report = compared(shop).await;
    assert_eq!(kinds(&report), [Kind::NotDeliveredThere], "{report:#?}");
    let silence = &report.not_asked[0];
    assert_eq!((report.not_asked.len(), silence.party.as_str()), (1, "settlement reports"));
    assert!(silence.why.contains("could not be read") && report.counts.told == 2, "{report:#?}");
    let lie = format!("not_delivered_there:{}-F1", rest.order.number);
    assert_eq!(alerts(shop).await, ["not_asked:settlement reports".to_owned(), lie]);
    change(&db, sql!("UPDATE settlement_report SET unreadable = '[]'"), 1).await;
    change(&db, sql!("UPDATE supplier_word SET verdict = 'succeeded' WHERE verdict = 'failed_provider'"), 1).await;
    let report = compared(shop).await;
    assert!(report.agrees() && all_is_compared(shop).await, "{report:#?}");
    assert_eq!(alerts(shop).await, Vec::<String>::new());
});

on_both_shops!(fn what_an_older_version_made_of_a_file_is_replaced_when_the_file_is_imported_again(db) {
    let scene = Scene::with_ten(&db).await;
    let text = "Order ID,Gross Amount,Settlement Date\nLK0000000007-P1,20000,2026-11-23 03:00:00\n";
    let digest = hex::encode(Sha256::digest(text));
    // As an id was made when it did not tell who had read the file.
    let told = format!("midtrans\n2026-11-23\n2026-11-23\n{digest}\n{:?}", SettlementProfile::default());
    let id = format!("set_{}", hex::encode(&Sha256::digest(told)[..10]));
    let mut tx = db.write("test").await.unwrap();
    sql!(
        "INSERT INTO settlement_report (id, gateway, digest, name, lists, lists_refunds, first_day, last_day, lines,
                                        unreadable, created_at, imported_at)
         VALUES ($1, 'midtrans', $2, 'report.csv', 'settled', 0, '2026-11-23', '2026-11-23', 1, '[]', $3, $3)"
    )
    .bind(&id)
    .bind(&digest)
    .bind(NOON)
    .run(&mut tx)
    .await
    .unwrap();
    sql!(
        "INSERT INTO settlement_line (report_id, line, gateway, kind, reference, their_id, gross, word)
         VALUES ($1, 2, 'midtrans', 'payment', 'LK0000000007-P1', '', 2000, '')"
    )
    .bind(&id)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let read = import(&scene.shop, "2026-11-23", text).await;
    assert_eq!((read.was_there, read.replaced), (false, 1), "{read:?}");
    let counts = sql!(
        "SELECT CAST(SUM(l.gross) AS BIGINT) FROM settlement_line l JOIN settlement_report r ON r.id = l.report_id
         WHERE r.replaced_at IS NULL"
    );
    assert_eq!(scene.count(counts).await, 20_000);
    assert!(import(&scene.shop, "2026-11-23", text).await.was_there);
});

on_both_shops!(fn who_withdraws_a_report_again_hears_who_did_and_when(db) {
    let scene = Scene::with_ten(&db).await;
    let shop = &scene.shop;
    let (rina, budi) = (Actor::staff("rina"), Actor::staff("budi"));
    let text = "Order ID,Gross Amount\nLK0000000007-P1,20000\n";
    let withdraw = async |id: &str, actor: &Actor| shop.withdraw_settlement(id, actor).await.unwrap();
    assert_eq!(withdraw("set_0", &rina).await, Withdrawal::Unknown);
    let report = import(shop, "2026-11-22", text).await;
    assert_eq!(withdraw(&report.id, &budi).await, Withdrawal::Now);
    shop.clock.advance(Duration::from_secs(60));
    let by_budi = Withdrawal::Before { by: "staff:budi".into(), at: NOON };
    assert_eq!(withdraw(&report.id, &rina).await, by_budi);
    // Imported again it counts again; whoever withdraws it then is the one that is told.
    assert_eq!(import(shop, "2026-11-22", text).await.id, report.id);
    assert_eq!(withdraw(&report.id, &rina).await, Withdrawal::Now);
    let by_rina = Withdrawal::Before { by: "staff:rina".into(), at: shop.clock.now() };
    assert_eq!(withdraw(&report.id, &budi).await, by_rina);
    // Another reading of the same file takes its place, which is nobody's withdrawing.
    import(shop, "2026-11-22", text).await;
    let mut profile = SettlementProfile::default();
    profile.say("decimal=,").unwrap();
    let other = import_as(shop, "2026-11-22", text, &profile).await;
    assert_eq!(other.replaced, 1);
    assert_eq!(withdraw(&report.id, &budi).await, Withdrawal::Replaced);
    assert_eq!(withdraw(&other.id, &budi).await, Withdrawal::Now);
    let mut tx = shop.db.read("test").await.unwrap();
    let audit = security::entries_about(&mut tx, &report.id).await.unwrap();
    let withdrawn = audit.iter().filter(|entry| entry.action == "settlement.withdrawn");
    assert_eq!(withdrawn.map(|entry| entry.actor.as_str()).collect::<Vec<_>>(), ["staff:budi", "staff:rina"]);
});
