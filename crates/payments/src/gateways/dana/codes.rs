//! DANA's response codes, as data (`contracts/payments.md` §2.5). Their first three digits are the
//! HTTP status, the next two the service (54 create, 55 query, 57 cancel, 58 refund). A code that is in no
//! table says nothing.

use super::body::Body;
use crate::RefundRefusal;
use outside::Answer;

/// What a code means for a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// Open; also the answer to a repetition.
    Opened,
    /// There is one under this reference with another content.
    Exists,
    /// Refused, and nothing opened.
    Refused,
    /// The same, because of what this payment is.
    ThisPayment,
    /// Not looked at: the same may be sent later.
    Later,
    /// It may have been opened or not.
    Unknown,
}

/// What a code means for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The body tells.
    Answered,
    /// Nothing is there.
    NotFound,
}

/// What a code means for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refunding {
    /// Given back.
    Done,
    /// Taken on, and not done.
    InProgress,
    /// There is one under this key with another content.
    Exists,
    /// Refused, and nothing given back.
    Refused(RefundRefusal),
    /// Not looked at: the same may be sent later.
    Later,
    /// It may have been given back or not.
    Unknown,
}

/// What a code means for closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nobody can pay it any more.
    Done,
    /// It is in a state that cannot be closed.
    Impossible,
    /// Nothing is there.
    NotFound,
}

const CREATE: [(&str, Created); 13] = [
    ("2005400", Created::Opened),
    ("4005400", Created::ThisPayment),
    ("4005401", Created::ThisPayment),
    ("4005402", Created::ThisPayment),
    ("4015400", Created::Refused),
    ("4035402", Created::ThisPayment),
    ("4035405", Created::ThisPayment),
    ("4035415", Created::Refused),
    ("4045408", Created::Refused),
    ("4045418", Created::Exists),
    ("4295400", Created::Later),
    // "Retry the same": what had happened before it failed is not told.
    ("5005400", Created::Unknown),
    ("5005401", Created::Unknown),
];

const QUERY: [(&str, Asked); 2] = [("2005500", Asked::Answered), ("4045501", Asked::NotFound)];

/// 2025700 (in progress), 4045708 (not our merchant), the 400s, 401s and 500s leave it open.
const CANCEL: [(&str, Closing); 7] = [
    ("2005700", Closing::Done),
    ("4035700", Closing::Impossible),
    ("4035705", Closing::Impossible),
    ("4035714", Closing::Impossible),
    ("4035715", Closing::Impossible),
    ("4045700", Closing::Impossible),
    ("4045701", Closing::NotFound),
];

/// What a key of ours that is not taken (4015800) means is that the same is sent again once it is.
const REFUND: [(&str, Refunding); 14] = [
    ("2005800", Refunding::Done),
    ("2025800", Refunding::InProgress),
    ("4005801", Refunding::Refused(RefundRefusal::Other)),
    ("4005802", Refunding::Refused(RefundRefusal::Other)),
    ("4015800", Refunding::Later),
    ("4035814", Refunding::Refused(RefundRefusal::InsufficientBalance)),
    // Why it is not permitted is not told: the window, the way to pay, or the amount.
    ("4035815", Refunding::Refused(RefundRefusal::NotRefundable)),
    ("4045800", Refunding::Refused(RefundRefusal::WrongState)),
    ("4045801", Refunding::Refused(RefundRefusal::WrongState)),
    ("4045812", Refunding::Refused(RefundRefusal::WrongState)),
    ("4045808", Refunding::Refused(RefundRefusal::Other)),
    ("4045818", Refunding::Exists),
    ("4295800", Refunding::Later),
    ("5005801", Refunding::Unknown),
];

/// What this code means for a refund.
pub(super) fn refunding(code: &str) -> Refunding {
    look_up(&REFUND, code).unwrap_or(Refunding::Unknown)
}

/// What this code means for a charge.
pub(super) fn created(code: &str) -> Created {
    look_up(&CREATE, code).unwrap_or(Created::Unknown)
}

/// What this code means for a question; `None` when it says nothing.
pub(super) fn asked(code: &str) -> Option<Asked> {
    look_up(&QUERY, code)
}

/// What this code means for closing; `None` when it says nothing.
pub(super) fn closing(code: &str) -> Option<Closing> {
    look_up(&CANCEL, code)
}

/// Whether a call was refused because of who signed it (`401xx00`), so that nothing of it was looked at. DANA's
/// own word is needed: an HTTP status may be that of somebody between.
pub(super) fn is_about_our_key(answer: &Answer) -> bool {
    let code = Body::parse(&answer.body).and_then(|body| body.code());
    code.is_some_and(|code| code.len() == 7 && code.starts_with("401") && code.ends_with("00"))
}

fn look_up<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}
