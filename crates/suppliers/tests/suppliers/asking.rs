//! When a supplier is asked about a purchase again (`contracts/suppliers.md` §6 row 6).

use crate::{
    scene::{NOW, REFERENCE, digiflazz},
    server::nobody,
};
use std::{collections::BTreeSet, time::Duration};
use suppliers::{Attempt, AttemptState, Report, Source, Supplier, Verdict, after_report};
use vocabulary::{AttemptId, Ids, OrderId, Rupiah, Timestamp};

/// A purchase that was sent so many times, once a minute and most lately now, and of whose slowness everybody was
/// told.
fn sent(times: i64) -> Attempt {
    let ids = Ids::seeded(1);
    let minutes = u64::try_from(times).unwrap();
    Attempt {
        id: AttemptId::new(&ids, NOW),
        order: OrderId::new(&ids, NOW),
        reference: REFERENCE.parse().unwrap(),
        supplier: "digiflazz".into(),
        sku: "xld10".into(),
        customer_no: "087800001230".into(),
        max_price: Rupiah::new(10_500),
        state: AttemptState::Sent,
        code: None,
        message: None,
        serial_number: None,
        price: None,
        number: None,
        earlier: None,
        first_sent_at: Some(NOW.minus(Duration::from_secs(60 * minutes))),
        last_asked_at: Some(NOW),
        answered_at: None,
        asked: times,
        doubted_at: None,
        reminders: 3,
        remind_at: None,
        routing: None,
        verdict: None,
        ended_at: None,
        failed_at: None,
        created_at: NOW,
        nudges: 0,
        fence: 1,
        due_at: None,
    }
}

#[test]
fn questions_about_many_purchases_are_spread_and_none_comes_early() {
    let can = digiflazz(&nobody()).capabilities();
    let pending = Report { code: Some("03".into()), ..Report::bare(Verdict::Pending, "Transaksi Pending") };
    for (times, seconds) in [(1, 60), (2, 120), (4, 300), (7, 900)] {
        let pause = Duration::from_secs(seconds);
        let earliest = NOW.plus(pause);
        // As many purchases as a busy minute has, each with a number drawn for it.
        let due: BTreeSet<Timestamp> = (0..60_000)
            .step_by(997)
            .map(|drawn| after_report(&sent(times), (&pending, Source::Answer), can, NOW, drawn).0)
            .map(|asked| asked.due_at.unwrap())
            .collect();
        assert!(due.iter().all(|at| *at >= earliest), "sooner than {seconds} s: {due:?}");
        assert!(due.iter().all(|at| *at < earliest.plus(pause / 10)), "much later than {seconds} s: {due:?}");
        assert!(due.len() > 30, "most of them at one moment: {due:?}");
    }
}
