//! How a transaction goes: what is booked at first, and what it turns into later.

use super::{
    books::{self, Next, Transaction},
    codes::{self, Status},
    script::{Script, ScriptOutcome},
    webhook::{self, Event},
};
use crate::world::World;
use database::{Error, WriteTx};
use vocabulary::Timestamp;

/// The first answer of a script, and what follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) status: Status,
    pub(super) rc: String,
    pub(super) next: Option<Next>,
    /// The answer to the first request does not come in time.
    pub(super) held: bool,
}

/// The course that a script prescribes, from `now` on.
pub(super) fn course(script: &Script, now: Timestamp) -> Course {
    use ScriptOutcome as O;
    let given = script.rc.as_deref();
    let pending = given.filter(|rc| is_pending(rc) || codes::code(rc).is_none()).unwrap_or("03");
    let failed = |usual| given.filter(|rc| !is_pending(rc)).unwrap_or(usual);
    let later =
        |status, rc: &str| Some(Next { status, rc: rc.to_owned(), due_at: now.plus(script.then_after()) });
    let (status, rc, next) = match script.outcome {
        O::Success => (Status::Success, "00", None),
        O::Fail => (Status::Failed, failed("02"), None),
        O::Pending => (Status::Pending, pending, None),
        O::PendingThenSuccess | O::TimeoutThenSuccess => {
            (Status::Pending, pending, later(Status::Success, "00"))
        }
        O::PendingThenFail => (Status::Pending, pending, later(Status::Failed, failed("02"))),
        O::FailThenSuccess => (Status::Failed, failed("01"), later(Status::Success, "00")),
        O::SuccessThenRefund => (Status::Success, "00", later(Status::Failed, "74")),
    };
    Course { status, rc: rc.to_owned(), next, held: script.outcome == O::TimeoutThenSuccess }
}

fn is_pending(rc: &str) -> bool {
    codes::code(rc).is_some_and(|code| code.status == Status::Pending)
}

/// Lets transactions turn into what was planned for them.
pub(crate) async fn decide_due(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    for mut transaction in books::due(tx, now).await? {
        if let Some(next) = transaction.next.take() {
            turn(world, tx, &mut transaction, next.status, &next.rc).await?;
            books::save(tx, &transaction).await?;
            webhook::notify(world, tx, &transaction, Event::Update, now).await?;
        }
    }
    Ok(())
}

/// Gives a transaction its status, with what that means for goods and deposit.
pub(super) async fn turn(
    world: &World,
    tx: &mut WriteTx,
    t: &mut Transaction,
    status: Status,
    rc: &str,
) -> Result<(), Error> {
    let deposit = books::deposit(tx).await?;
    let deposit = match status {
        Status::Failed => {
            let back = std::mem::take(&mut t.charged);
            deposit.saturating_add(back)
        }
        Status::Success | Status::Pending if t.charged == 0 => {
            t.charged = t.price;
            t.times_charged = t.times_charged.saturating_add(1);
            deposit.saturating_sub(t.price)
        }
        Status::Success | Status::Pending => deposit,
    };
    books::set_deposit(tx, deposit).await?;
    if status == Status::Success {
        t.deliveries = t.deliveries.saturating_add(1);
        if t.sn.is_empty() {
            t.sn = format!("SN{}", world.settings.ids.base32(14));
        }
    }
    t.status = status;
    rc.clone_into(&mut t.rc);
    t.last_deposit = deposit;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_prescribes_first_answer_and_sequel() {
        let now = Timestamp::from_millis(1_000);
        for (outcome, rc, first, then) in [
            ("success", None, ("Sukses", "00"), None),
            ("fail", None, ("Gagal", "02"), None),
            ("fail", Some("54"), ("Gagal", "54"), None),
            // No document has it.
            ("fail", Some("77"), ("Gagal", "77"), None),
            ("pending", Some("77"), ("Pending", "77"), None),
            ("fail_then_success", Some("77"), ("Gagal", "77"), Some(("Sukses", "00"))),
            ("pending_then_success", Some("77"), ("Pending", "77"), Some(("Sukses", "00"))),
            ("pending", None, ("Pending", "03"), None),
            ("pending", Some(""), ("Pending", ""), None),
            ("pending", Some("99"), ("Pending", "99"), None),
            ("pending_then_success", None, ("Pending", "03"), Some(("Sukses", "00"))),
            ("pending_then_fail", Some("54"), ("Pending", "03"), Some(("Gagal", "54"))),
            ("pending_then_fail", Some(""), ("Pending", ""), Some(("Gagal", "02"))),
            ("fail_then_success", None, ("Gagal", "01"), Some(("Sukses", "00"))),
            ("fail_then_success", Some("70"), ("Gagal", "70"), Some(("Sukses", "00"))),
            ("timeout_then_success", None, ("Pending", "03"), Some(("Sukses", "00"))),
            ("success_then_refund", None, ("Sukses", "00"), Some(("Gagal", "74"))),
        ] {
            let script = Script::of(outcome.parse().unwrap(), rc);
            let course = course(&script, now);
            assert_eq!((course.status.as_str(), course.rc.as_str()), first, "{outcome} {rc:?}");
            let next = course.next.as_ref().map(|n| (n.status.as_str(), n.rc.as_str()));
            assert_eq!(next, then, "{outcome} {rc:?}");
            assert!(course.next.is_none_or(|n| n.due_at == Timestamp::from_millis(2_000)));
            assert_eq!(course.held, outcome == "timeout_then_success");
        }
    }
}
