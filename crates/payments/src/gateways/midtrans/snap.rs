//! Midtrans' Snap: a page of theirs on which the buyer pays with OVO, without I/O
//! (`contracts/payments.md` §0.2, §1.2). There is no transaction before somebody chose on the page how
//! to pay; until then a question about it is answered with 404.
//!
//! Its time: a payment with OVO takes no expiry of ours (§0.2), but the page may be told when it closes, in
//! whole minutes from when it was made (`page_expiry`, from the vendor's public pages). A push that somebody
//! starts there in its last second lives on, so it closes that much sooner than we do. One that was declined
//! or missed is not the end: another can be started there until the page is over.

use super::{
    CHARGE_TIMEOUT,
    address::BaseUrl,
    body::Body,
    charge::{self, LONGEST_EXPIRY_S, LONGEST_PUSH},
    wire::{refusal, said},
};
use crate::{ChargeOutcome, ChargeRequest, Closing, Observation, ObservedState, Opened, Sent};
use outside::Answer;
use serde_json::json;
use std::time::Duration;
use vocabulary::{PaymentMethod, Timestamp};

/// The shortest life of a page that Snap takes.
const SHORTEST_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long after the end that we count with somebody may be paying yet: the page was made a little later
/// than we asked for it, and a push at its end lives on.
const GRACE: Duration = Duration::from_secs(CHARGE_TIMEOUT.as_secs() + LONGEST_PUSH.as_secs());
/// With less time left no page is opened.
pub(super) const SHORTEST: Duration = Duration::from_secs(SHORTEST_LIFE.as_secs() + GRACE.as_secs());

/// How many minutes the page lives, so that nobody can pay on it after our own time. `None` when too little
/// is left for one.
fn minutes(request: &ChargeRequest) -> Option<u64> {
    let left = u64::try_from(charge::seconds_left(request)).ok()?;
    let longest = u64::try_from(LONGEST_EXPIRY_S).ok()?;
    let life = left.checked_sub(GRACE.as_secs())?.min(longest);
    (life >= SHORTEST_LIFE.as_secs()).then_some(life / 60)
}

/// When the page is over, at the soonest: nobody can start to pay on it then.
fn end(request: &ChargeRequest) -> Option<Timestamp> {
    Some(request.now.plus(Duration::from_secs(minutes(request)?.saturating_mul(60))))
}

/// The body of a page, or `None` when too little time is left for one.
pub(super) fn body(request: &ChargeRequest) -> Option<Vec<u8>> {
    let mut body = json!({
        "transaction_details": charge::details(request),
        "item_details": charge::items(request),
        "enabled_payments": ["ovo"],
        "page_expiry": {"unit": "minute", "duration": minutes(request)?},
    });
    if let (Some(back), Some(fields)) = (&request.return_url, body.as_object_mut()) {
        fields.insert("callbacks".into(), json!({"finish": back}));
    }
    Some(body.to_string().into_bytes())
}

/// What an answer to it means. A page has no code in its body; an error may have one, which counts
/// before the HTTP status, or only a list of complaints.
pub(super) fn outcome(request: &ChargeRequest, answer: &Answer, snap: &BaseUrl) -> ChargeOutcome {
    let body = Body::parse(&answer.body);
    let reason = said(answer, body.as_ref());
    let unknown = |reason| ChargeOutcome::Unknown { reason, retry_after: answer.retry_after };
    let not_opened = |reason| ChargeOutcome::NotOpened { reason, retry_after: answer.retry_after };
    let Some(body) = body else { return unknown(reason) };
    let is_theirs = body.code().is_some() || body.complaints().next().is_some();
    let code = body.code().unwrap_or(answer.status);
    match code {
        200 | 201 => match page(&body, snap).filter(|_| matches!(answer.status, 200 | 201)) {
            Some(page) => ChargeOutcome::Opened(Opened {
                redirect_url: Some(page),
                expires_at: end(request),
                ..Opened::default()
            }),
            None => unknown(reason),
        },
        406 | 409 if is_theirs => ChargeOutcome::Exists,
        429 if is_theirs => not_opened(reason),
        400..=499 if is_theirs && is_taken(&body) => ChargeOutcome::Exists,
        400..=499 if is_theirs => {
            ChargeOutcome::Refused { code: code.to_string(), message: body.message(), reason: refusal(code) }
        }
        _ => unknown(reason),
    }
}

/// Whether a page about nothing was refused for that alone. A key that is not theirs is refused before.
pub(super) fn takes_our_key(answer: &Answer) -> Result<(), String> {
    let body = Body::parse(&answer.body);
    let complains = body.as_ref().is_some_and(|body| body.complaints().next().is_some());
    if answer.status == 400 && complains { Ok(()) } else { Err(said(answer, body.as_ref())) }
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

/// What is said of a push that was started on a page. While the page may be used, one that was declined,
/// missed or called off there is not the end, because another may follow. Only our own wish ends it: that
/// closes the page as well.
pub(super) fn seen_on_page(sent: &Sent, seen: Observation) -> Observation {
    let another_may_follow = match (seen.state, sent.closing) {
        (ObservedState::Denied, _) => true,
        (ObservedState::Cancelled, closing) => closing.is_none(),
        (ObservedState::Expired, closing) => closing != Some(Closing::Expire),
        _ => false,
    };
    if sent.method != PaymentMethod::OvoLink || !another_may_follow || is_over(sent) {
        return seen;
    }
    let stated = format!("{}, and the page can still be used", seen.stated);
    Observation { state: ObservedState::Pending, stated, ..seen }
}

/// Whether nobody can be paying on the page any more. After it was opened, our own time is the page's end.
fn is_over(sent: &Sent) -> bool {
    sent.now >= sent.expires_at.plus(GRACE)
}

/// What it means that they have nothing under our reference: of a page that stands open, that nobody
/// has chosen there how to pay, until it cannot be opened any more. `None` for anything else.
pub(super) fn unused(sent: &Sent) -> Option<Observation> {
    if sent.method != PaymentMethod::OvoLink || !sent.was_open || sent.transaction_id.is_some() {
        return None;
    }
    let (state, stated) = if is_over(sent) {
        (ObservedState::Expired, "nobody chose on the page how to pay")
    } else {
        (ObservedState::Pending, "nobody has chosen on the page how to pay")
    };
    let opened = Opened::default();
    let stated = stated.to_owned();
    Some(Observation { state, stated, amount: None, given_back: None, refunds: None, opened })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocabulary::Rupiah;

    fn request(left: Duration) -> ChargeRequest {
        let now = Timestamp::from_millis(999);
        ChargeRequest {
            reference: "LK0123456789-P1".parse().unwrap(),
            method: PaymentMethod::OvoLink,
            amount: Rupiah::new(20_000),
            item_code: "ML_86".into(),
            item_name: "Diamonds".into(),
            now,
            expires_at: now.plus(left),
            notify_url: None,
            return_url: None,
            phone: None,
        }
    }

    fn read(status: u16, body: &[u8], snap: &str) -> ChargeOutcome {
        let answer = Answer { status, retry_after: None, headers: Vec::new(), body: body.to_vec() };
        outcome(&request(Duration::from_secs(900)), &answer, &BaseUrl::new(snap))
    }

    #[test]
    fn whoever_pays_at_the_very_end_of_a_page_pays_in_our_time() {
        for left in 0..1_200 {
            let request = request(Duration::from_secs(left));
            let Some(end) = end(&request) else {
                assert!(left < SHORTEST.as_secs(), "{left} s are enough");
                continue;
            };
            assert!(left >= SHORTEST.as_secs() && end.since(request.now) >= SHORTEST_LIFE, "{left} s");
            assert!(end.plus(CHARGE_TIMEOUT).plus(LONGEST_PUSH) <= request.expires_at, "{left} s");
        }
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
