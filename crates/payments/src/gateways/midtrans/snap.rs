//! Midtrans' Snap: a page of theirs on which the buyer pays with OVO, without I/O
//! (`contracts/payments.md` §0.2, §1.2). There is no transaction before somebody chose on the page how
//! to pay; until then a question about it is answered with 404.
//!
//! Its time: the page may be told when it closes, in whole minutes, and a push that somebody starts there
//! in its last second lives on. So it closes that much sooner than we do.

use super::{
    address::BaseUrl,
    body::Body,
    charge::{self, LONGEST_EXPIRY_S, LONGEST_PUSH},
    wire::said,
};
use crate::{ChargeOutcome, ChargeRequest, Observation, ObservedState, Opened, RefusalReason, Sent};
use outside::Answer;
use serde_json::json;
use std::time::Duration;
use vocabulary::PaymentMethod;

/// With less time left no page is opened: a minute on it, and a push at its end.
pub(super) const SHORTEST: Duration = Duration::from_secs(60 + LONGEST_PUSH.as_secs());
/// How long after our own time a page that nobody used counts as open.
const GRACE: Duration = Duration::from_secs(10);

/// The body of a page, or `None` when too little time is left for one.
pub(super) fn body(request: &ChargeRequest) -> Option<Vec<u8>> {
    let push = i64::try_from(LONGEST_PUSH.as_secs()).ok()?;
    let seconds = charge::seconds_left(request).saturating_sub(push).min(LONGEST_EXPIRY_S);
    let minutes = seconds.div_euclid(60);
    if minutes <= 0 {
        return None;
    }
    let mut body = json!({
        "transaction_details": charge::details(request),
        "item_details": charge::items(request),
        "enabled_payments": ["ovo"],
        "expiry": {"start_time": charge::start(request), "unit": "minute", "duration": minutes},
    });
    if let (Some(back), Some(fields)) = (&request.return_url, body.as_object_mut()) {
        fields.insert("callbacks".into(), json!({"finish": back}));
    }
    Some(body.to_string().into_bytes())
}

/// What an answer to it means. A page has no code in its body; an error may have one, which counts
/// before the HTTP status, or only a list of complaints.
pub(super) fn outcome(answer: &Answer, snap: &BaseUrl) -> ChargeOutcome {
    let body = Body::parse(&answer.body);
    let reason = said(answer, body.as_ref());
    let unknown = |reason| ChargeOutcome::Unknown { reason };
    let not_opened = |reason| ChargeOutcome::NotOpened { reason, retry_after: answer.retry_after };
    let Some(body) = body else {
        return if answer.status == 429 { not_opened(reason) } else { unknown(reason) };
    };
    let is_theirs = body.code().is_some() || body.complaints().next().is_some();
    let code = body.code().unwrap_or(answer.status);
    match code {
        200 | 201 => match page(&body, snap).filter(|_| matches!(answer.status, 200 | 201)) {
            Some(page) => ChargeOutcome::Opened(Opened { redirect_url: Some(page), ..Opened::default() }),
            None => unknown(reason),
        },
        406 | 409 if is_theirs => ChargeOutcome::Exists,
        429 => not_opened(reason),
        400..=499 if is_theirs && is_taken(&body) => ChargeOutcome::Exists,
        400..=499 if is_theirs => ChargeOutcome::Refused {
            code: code.to_string(),
            message: body.message(),
            reason: RefusalReason::Other,
        },
        _ => unknown(reason),
    }
}

/// The address of the page, when a buyer may be sent there.
fn page(body: &Body, snap: &BaseUrl) -> Option<String> {
    body.string("redirect_url").map(str::trim).filter(|url| snap.may_show(url)).map(str::to_owned)
}

/// Whether they complain that a page with our reference was opened before.
fn is_taken(body: &Body) -> bool {
    let said = body.message().to_ascii_lowercase();
    let names_it = said.contains("order_id") || said.contains("order id");
    names_it && ["taken", "utilized", "duplicate", "digunakan"].iter().any(|word| said.contains(word))
}

/// What it means that they have nothing under our reference: of a page that stands open, that nobody
/// has chosen there how to pay, until it cannot be opened any more. `None` for anything else.
pub(super) fn unused(sent: &Sent) -> Option<Observation> {
    if sent.method != PaymentMethod::OvoLink || !sent.was_open || sent.transaction_id.is_some() {
        return None;
    }
    let (state, stated) = if sent.now < sent.expires_at.plus(GRACE) {
        (ObservedState::Pending, "nobody has chosen on the page how to pay")
    } else {
        (ObservedState::Expired, "nobody chose on the page how to pay")
    };
    Some(Observation { state, stated: stated.to_owned(), amount: None, opened: Opened::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(status: u16, body: &[u8], snap: &str) -> ChargeOutcome {
        let answer = Answer { status, retry_after: None, headers: Vec::new(), body: body.to_vec() };
        outcome(&answer, &BaseUrl::new(snap))
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_page(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let outcome = read(status, &body, "https://app.midtrans.com/snap/v1");
            let is_nothing = matches!(outcome, ChargeOutcome::Unknown { .. } | ChargeOutcome::NotOpened { .. });
            prop_assert!(is_nothing);
        }

        #[test]
        fn only_one_shape_of_answer_is_a_page(
            http in "200|201|[1-5][0-9]{2}",
            code in proptest::option::of("200|201|[0-9]{1,4}"),
            url in "https://app\\.midtrans\\.com/[a-z]{0,8}|http://127\\.0\\.0\\.1/x|(javascript|gojek):.{0,8}|.{0,20}",
            token in proptest::option::of(".{0,12}"),
            plain in any::<bool>(),
        ) {
            let http: u16 = http.parse().unwrap();
            let body = json!({"token": token, "redirect_url": url, "status_code": code});
            let snap = if plain { "http://127.0.0.1/snap/v1" } else { "https://app.midtrans.com/snap/v1" };
            if let ChargeOutcome::Opened(opened) = read(http, body.to_string().as_bytes(), snap) {
                prop_assert!(http == 200 || http == 201);
                prop_assert!(code.is_none_or(|c| c == "200" || c == "201" || c.parse::<u16>().is_err()));
                let page = opened.redirect_url.unwrap();
                prop_assert!(page.starts_with("https://") || (plain && page.starts_with("http://")), "{}", page);
                prop_assert_eq!((opened.transaction_id.as_str(), opened.deep_link), ("", None));
            }
        }
    }
}
