//! OVO on a page of Snap (`contracts/payments.md` §0.2, §1.2).

use crate::{
    scene::{charge_request, midtrans, scene, sent, settings, with},
    server::{Reply, Server, answer, cut_short, nobody},
};
use outside::Http;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Closing, Gateway, LostCharge, ObservedState, Opened,
    RefusalReason, Sent, StatusOutcome,
    gateways::midtrans::{Midtrans, Settings},
};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::PaymentMethod;

const REQUEST: &str = include_str!("../fixtures/midtrans/snap_page_request.json");
const CREATED: &str = include_str!("../fixtures/midtrans/snap_page_response.json");
const TAKEN: &str = include_str!("../fixtures/midtrans/snap_taken_response.json");
const PUSHED: &str = include_str!("../fixtures/midtrans/ovo_charge_response.json");
const MISSING: &str = r#"{"status_code":"404","status_message":"Transaction doesn't exist.","id":"x"}"#;

fn by_page() -> ChargeRequest {
    ChargeRequest {
        method: PaymentMethod::OvoLink,
        return_url: Some("https://shop.example/pay/opaque".into()),
        ..charge_request()
    }
}

fn page() -> Sent {
    Sent { method: PaymentMethod::OvoLink, ..sent() }
}

async fn charge(status: u16, body: impl Into<String>) -> ChargeOutcome {
    let body = body.into();
    let (_server, gateway) = scene(move |_| answer(status, &[], &body));
    gateway.charge(&by_page()).await
}

fn kind(outcome: &ChargeOutcome) -> &'static str {
    match outcome {
        ChargeOutcome::Opened(_) => "opened",
        ChargeOutcome::Exists => "exists",
        ChargeOutcome::Refused { .. } => "refused",
        ChargeOutcome::NotOpened { .. } => "not opened",
        ChargeOutcome::Unfit { .. } => "unfit",
        ChargeOutcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn a_page_is_offered_only_where_snap_is_known() {
    let without = Settings { snap_url: None, ..settings("http://127.0.0.1:1") };
    let without = Midtrans::new(Http::new().unwrap(), without);
    let with = midtrans("http://127.0.0.1:1");
    assert_eq!(with.methods().len(), without.methods().len() + 1);
    assert!(
        with.methods().starts_with(without.methods()) && with.methods().contains(&PaymentMethod::OvoLink)
    );
    let outcome = without.charge(&by_page()).await;
    assert!(matches!(&outcome, ChargeOutcome::Refused { code, .. } if code == "method"), "{outcome:?}");
    assert_eq!(with.lost_charge(PaymentMethod::OvoLink), LostCharge::GiveUp);
}

#[tokio::test]
async fn snap_is_tried_without_making_a_page() {
    let complaint = r#"{"error_messages":["transaction_details.order_id is required"]}"#;
    let (server, gateway) = scene(move |_| answer(400, &[], complaint));
    assert_eq!(gateway.try_snap().await, Some(Ok(())));
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].line.as_str()), (1, "POST /snap/v1/transactions"));
    assert_eq!(seen[0].body, "{}", "nobody could pay that");
    let refused = r#"{"error_messages":["Access denied due to unauthorized transaction"]}"#;
    for (status, body) in
        [(401, refused), (404, complaint), (201, CREATED), (400, "<html>"), (400, "{}"), (503, "")]
    {
        let (_server, gateway) = scene(move |_| answer(status, &[], body));
        assert!(matches!(gateway.try_snap().await, Some(Err(_))), "{status} {body}");
    }
    assert!(matches!(midtrans(&nobody()).try_snap().await, Some(Err(_))));
    let without = Settings { snap_url: None, ..settings("http://127.0.0.1:1") };
    assert_eq!(Midtrans::new(Http::new().unwrap(), without).try_snap().await, None);
}

#[tokio::test]
async fn a_page_is_asked_for_with_ovo_alone_and_with_our_key() {
    let (server, gateway) = scene(|_| answer(201, &[], CREATED));
    let notify_url = Some("https://shop.example/webhooks/midtrans".to_owned());
    gateway.charge(&ChargeRequest { notify_url, ..by_page() }).await;
    gateway.charge(&ChargeRequest { return_url: None, ..by_page() }).await;
    let seen = server.seen();
    let body = |at: usize| serde_json::from_str::<Value>(&seen[at].body).unwrap();
    assert_eq!(body(0), serde_json::from_str::<Value>(REQUEST).unwrap());
    assert_eq!(body(1), serde_json::from_str::<Value>(&with(REQUEST, &json!({"callbacks": null}))).unwrap());
    for request in &seen {
        assert_eq!(request.line, "POST /snap/v1/transactions");
        assert_eq!(request.header("authorization"), Some("Basic U0ItTWlkLXNlcnZlci1URVNUS0VZMDAwMTo="));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("accept"), Some("application/json"));
    }
    let told: Vec<Option<&str>> = seen.iter().map(|seen| seen.header("x-override-notification")).collect();
    assert_eq!(told, [Some("https://shop.example/webhooks/midtrans"), None]);
}

#[tokio::test]
async fn a_push_that_somebody_starts_on_the_page_at_its_end_does_not_outlast_ours() {
    let (now, mut opened) = (by_page().now, Vec::new());
    let (server, gateway) = scene(|_| answer(201, &[], CREATED));
    for seconds in [0, 60, 130, 384, 385, 444, 445, 900, 30 * 86_400] {
        let request = ChargeRequest { expires_at: now.plus(Duration::from_secs(seconds)), ..by_page() };
        match gateway.charge(&request).await {
            ChargeOutcome::Opened(page) => opened.push((seconds, page.expires_at)),
            other => assert!(matches!(other, ChargeOutcome::NotOpened { .. }), "{seconds} s: {other:?}"),
        }
    }
    let seconds: Vec<u64> = opened.iter().map(|(seconds, _)| *seconds).collect();
    assert_eq!(seconds, [385, 444, 445, 900, 30 * 86_400]);
    let bodies: Vec<Value> = server.seen().iter().map(|s| serde_json::from_str(&s.body).unwrap()).collect();
    let minutes: Vec<u64> = bodies.iter().map(|b| b["page_expiry"]["duration"].as_u64().unwrap()).collect();
    assert_eq!(minutes, [5, 5, 6, 13, 7 * 24 * 60]);
    assert!(bodies.iter().all(|b| b["page_expiry"]["unit"] == "minute" && b["expiry"].is_null()));
    assert_eq!(gateway.shortest(PaymentMethod::OvoLink), Duration::from_secs(385));
    // The buyer is told the page's end, and not ours, which is later.
    for ((_, end), minutes) in opened.into_iter().zip(minutes) {
        assert_eq!(end, Some(now.plus(Duration::from_secs(minutes * 60))));
    }
}

#[tokio::test]
async fn an_open_page_is_an_address_and_no_transaction_yet() {
    let redirect_url =
        serde_json::from_str::<Value>(CREATED).unwrap()["redirect_url"].as_str().unwrap().to_owned();
    let expires_at = Some(by_page().now.plus(Duration::from_secs(58 * 60)));
    let expected = Opened { redirect_url: Some(redirect_url), expires_at, ..Opened::default() };
    for status in [200, 201] {
        assert_eq!(charge(status, CREATED).await, ChargeOutcome::Opened(expected.clone()));
    }
    for url in
        ["", "javascript:alert(1)", "gojek://x", "//evil.test/x", "https://a b/", "https://u@evil.test/"]
    {
        assert_eq!(
            kind(&charge(201, with(CREATED, &json!({"redirect_url": url}))).await),
            "unknown",
            "{url}"
        );
    }
    assert_eq!(kind(&charge(201, with(CREATED, &json!({"redirect_url": null}))).await), "unknown");
    // Without TLS only where the gateway itself is without, as the simulators are.
    let plain = with(CREATED, &json!({"redirect_url": "http://127.0.0.1:9/x"}));
    assert_eq!(kind(&charge(201, plain).await), "opened");
}

#[tokio::test]
async fn what_an_error_of_snap_means() {
    let complaint = r#"{"error_messages":["transaction_details.gross_amount is required"]}"#;
    for (status, body, expected) in [
        (400, TAKEN, "exists"),
        (
            400,
            r#"{"error_messages":["order_id has been paid and utilized, please use another order ID"]}"#,
            "exists",
        ),
        (406, r#"{"status_code":"406","status_message":"duplicate"}"#, "exists"),
        (409, TAKEN, "exists"),
        (400, complaint, "refused"),
        (400, r#"{"error_messages":["transaction_details.order_id too long"]}"#, "refused"),
        (401, r#"{"error_messages":["Access denied due to unauthorized transaction"]}"#, "refused"),
        (402, r#"{"status_code":"402","status_message":"not activated"}"#, "refused"),
        (200, r#"{"status_code":"401","status_message":"bad key"}"#, "refused"),
        (404, r#"{"message":"no route"}"#, "unknown"),
        (404, "<html>404</html>", "unknown"),
        (408, "", "unknown"),
        (409, "<html>", "unknown"),
        (429, r#"{"error_messages":["too many"]}"#, "not opened"),
        (429, r#"{"status_code":"429","status_message":"too many"}"#, "not opened"),
        (429, r#"{"message":"no route"}"#, "unknown"),
        (429, "<html>", "unknown"),
        (500, complaint, "unknown"),
        (503, TAKEN, "unknown"),
        (500, CREATED, "unknown"),
        (302, CREATED, "unknown"),
        (200, r#"{"status_code":"500"}"#, "unknown"),
        (200, complaint, "unknown"),
        (201, "", "unknown"),
        (201, "<html>welcome to the hotel</html>", "unknown"),
        (201, r#"{"token":"x","redirect_url":"https://app.mid"#, "unknown"),
        (201, "[]", "unknown"),
    ] {
        assert_eq!(kind(&charge(status, body).await), expected, "HTTP {status} {body}");
    }
    let outcome = charge(400, r#"{"error_messages":["a is bad","081234567890 is bad"]}"#).await;
    let expected = ChargeOutcome::Refused {
        code: "400".into(),
        message: "a is bad; ********7890 is bad".into(),
        reason: RefusalReason::ThisPayment,
    };
    assert_eq!(outcome, expected);
}

#[tokio::test]
async fn a_page_that_is_late_broken_or_gone_is_never_taken_for_one() {
    assert_eq!(kind(&midtrans(&nobody()).charge(&by_page()).await), "not opened");
    let broken = [cut_short(CREATED), Reply::Bytes(Vec::new()), answer(201, &[], b"\xff\xfe{\0")];
    for reply in broken {
        let (_server, gateway) = scene(move |_| reply.clone());
        assert_eq!(kind(&gateway.charge(&by_page()).await), "unknown");
    }
    let server = Server::start(|_| Reply::Silence);
    let (outcome, waited) = server.wait_out(midtrans(&server.url).charge(&by_page())).await;
    assert_eq!((kind(&outcome), waited.as_secs()), ("unknown", 15));
}

#[tokio::test]
async fn a_page_that_nobody_used_is_pending_until_nobody_can_use_it() {
    let (_server, gateway) = scene(|_| answer(404, &[], MISSING));
    let over = page().expires_at.plus(Duration::from_secs(85));
    for (now, state) in [
        (page().now, ObservedState::Pending),
        (over.minus(Duration::from_millis(1)), ObservedState::Pending),
        (over, ObservedState::Expired),
        (over.plus(Duration::from_secs(3_600)), ObservedState::Expired),
    ] {
        let StatusOutcome::Found(seen) = gateway.status(&Sent { now, ..page() }).await else {
            panic!("{now}")
        };
        assert_eq!((seen.state, seen.amount, seen.opened), (state, None, Opened::default()), "{now}");
    }
    for other in [
        Sent { was_open: false, ..page() },
        Sent { transaction_id: Some("6e1b1a8e".into()), ..page() },
        Sent { method: PaymentMethod::OvoPush, ..page() },
        Sent { method: PaymentMethod::GopayQr, ..page() },
    ] {
        assert_eq!(gateway.status(&other).await, StatusOutcome::NotFound, "{other:?}");
    }
    for body in ["", "<html>404</html>", "{}"] {
        let (_server, gateway) = scene(move |_| answer(404, &[], body));
        let outcome = gateway.status(&page()).await;
        assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "only their own 404: {outcome:?}");
    }
}

#[tokio::test]
async fn once_somebody_chose_on_the_page_it_is_a_push_like_any_other() {
    for (changes, state) in [
        (json!({}), ObservedState::Pending),
        (json!({"transaction_status": "PENDING"}), ObservedState::Pending),
        (json!({"status_code": "200", "transaction_status": "SETTLEMENT"}), ObservedState::Settled),
        (
            json!({"status_code": "200", "transaction_status": "settlement", "fraud_status": "deny"}),
            ObservedState::Suspicious,
        ),
        (json!({"status_code": "200", "transaction_status": "refund"}), ObservedState::Refunded),
    ] {
        let body = with(PUSHED, &changes);
        let (server, gateway) = scene(move |_| answer(200, &[], &body));
        let StatusOutcome::Found(seen) = gateway.status(&page()).await else { panic!("{changes}") };
        assert_eq!(seen.state, state, "{changes}");
        assert_eq!(seen.opened.transaction_id, "6e1b1a8e-c6c7-4ab4-81a6-893be9d924ab");
        assert_eq!(seen.opened.expires_at, None, "the push's time is not the page's");
        assert_eq!(server.seen().len(), 1, "no picture");
    }
}

#[tokio::test]
async fn a_declined_or_missed_push_is_not_the_end_of_its_page() {
    use ObservedState::{Cancelled, Denied, Expired, Pending};
    let over = page().expires_at.plus(Duration::from_secs(85));
    let before = over.minus(Duration::from_millis(1));
    let (cancel, expire) = (Some(Closing::Cancel), Some(Closing::Expire));
    for (code, word, closing, while_it_lives, afterwards) in [
        ("202", "deny", None, Pending, Denied),
        ("202", "Deny", cancel, Pending, Denied),
        ("202", "failure", expire, Pending, Denied),
        ("202", "expire", None, Pending, Expired),
        ("407", "expire", cancel, Pending, Expired),
        ("407", "expire", expire, Expired, Expired),
        ("202", "cancel", None, Pending, Cancelled),
        ("202", "cancel", cancel, Cancelled, Cancelled),
        ("200", "cancel", expire, Cancelled, Cancelled),
    ] {
        let body = with(PUSHED, &json!({"status_code": code, "transaction_status": word}));
        let (_server, gateway) = scene(move |_| answer(200, &[], &body));
        for (now, state) in [(page().now, while_it_lives), (before, while_it_lives), (over, afterwards)] {
            let transaction_id = Some("an-earlier-push".to_owned());
            for sent in [Sent { now, closing, ..page() }, Sent { now, closing, transaction_id, ..page() }] {
                let StatusOutcome::Found(seen) = gateway.status(&sent).await else { panic!("{word}") };
                assert_eq!(seen.state, state, "{code} {word} {closing:?} at {now}");
                assert!(seen.stated.starts_with(word), "{}", seen.stated);
            }
        }
        // A push of our own is over when it is over.
        let push = Sent { method: PaymentMethod::OvoPush, closing, ..page() };
        let StatusOutcome::Found(seen) = gateway.status(&push).await else { panic!("{word}") };
        assert_eq!(seen.state, afterwards, "{code} {word}");
    }
}

#[tokio::test]
async fn a_page_that_nobody_used_cannot_be_closed_at_core() {
    let (server, gateway) = scene(|_| answer(404, &[], MISSING));
    assert_eq!(gateway.cancel(&page()).await, CloseOutcome::NotFound);
    assert_eq!(gateway.expire(&page()).await, CloseOutcome::NotFound);
    let lines: Vec<String> = server.seen().iter().map(|seen| seen.line.clone()).collect();
    assert_eq!(lines, ["POST /v2/LK0123456789-P1/cancel", "POST /v2/LK0123456789-P1/expire"]);
}
