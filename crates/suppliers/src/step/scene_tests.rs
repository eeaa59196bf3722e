//! An attempt that was sent, and what is heard of it: for the tests of the steps.

use crate::{Attempt, AttemptState, Report, Verdict};
use vocabulary::{AttemptId, Ids, OrderId, OrderNumber, Purpose, Reference, Rupiah, Timestamp};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_000_000);

pub(super) fn attempt(state: AttemptState) -> Attempt {
    let ids = Ids::seeded(1);
    Attempt {
        id: AttemptId::new(&ids, NOW),
        order: OrderId::new(&ids, NOW),
        reference: Reference::new(&OrderNumber::new(&ids), Purpose::Fulfilment, 1),
        supplier: "digiflazz".into(),
        sku: "ml86".into(),
        customer_no: "1234567890".into(),
        max_price: Rupiah::new(18_000),
        state,
        code: None,
        message: None,
        serial_number: None,
        price: None,
        number: None,
        earlier: None,
        first_sent_at: Some(NOW),
        last_asked_at: Some(NOW),
        answered_at: None,
        asked: 1,
        doubted_at: None,
        reminders: 0,
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

pub(super) fn report(verdict: Verdict) -> Report {
    Report::bare(verdict, "")
}
