//! A gateway that is late, broken or gone (`contracts/payments.md` §9 rows 5, 6, 9): every call
//! ends in time, and nothing but the gateway's own word makes an outcome.

use crate::{
    scene::{charge_request, midtrans, scene, sent},
    server::{Reply, Server, answer, cut_short, nobody},
};
use payments::{ChargeOutcome, CloseOutcome, Gateway, StatusOutcome};
use std::time::Duration;

fn broken() -> Vec<(&'static str, Reply)> {
    let settled = r#"{"status_code":"200","order_id":"LK0123456789-P1","transaction_status":"settlement""#;
    vec![
        ("an error page", answer(500, &[], "<html>500</html>")),
        ("a gateway's error page", answer(502, &[], "<html>502 Bad Gateway</html>")),
        ("an error in JSON", answer(503, &[], r#"{"status_code":"503","status_message":"maintenance"}"#)),
        ("a login page", answer(200, &[], "<html>welcome to the hotel</html>")),
        ("nothing", answer(200, &[], "")),
        ("truncated JSON", answer(200, &[], settled)),
        ("a broken connection", cut_short(settled)),
        ("a closed connection", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
        ("a redirect", answer(302, &[("Location", "http://127.0.0.1:1/")], "")),
        ("a JSON list", answer(200, &[], "[200]")),
        ("another encoding", answer(200, &[], b"\xff\xfe{\0")),
        ("endless nesting", answer(200, &[], "[".repeat(100_000))),
        ("more than a mebibyte", answer(200, &[], format!("{{\"x\":\"{}\"}}", "x".repeat(1_100_000)))),
    ]
}

#[tokio::test]
async fn whatever_is_not_the_gateways_word_is_unknown() {
    for (why, reply) in broken() {
        let (_server, gateway) = scene(move |_| reply.clone());
        let charge = gateway.charge(&charge_request()).await;
        assert!(matches!(charge, ChargeOutcome::Unknown { .. }), "{why}: {charge:?}");
        let status = gateway.status(&sent()).await;
        assert!(matches!(status, StatusOutcome::Unknown { .. }), "{why}: {status:?}");
        for close in [gateway.cancel(&sent()).await, gateway.expire(&sent()).await] {
            assert!(matches!(close, CloseOutcome::Unknown { .. }), "{why}: {close:?}");
        }
    }
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_opened_nothing() {
    let gateway = midtrans(&nobody());
    assert!(matches!(
        gateway.charge(&charge_request()).await,
        ChargeOutcome::NotOpened { retry_after: None, .. }
    ));
    assert!(matches!(gateway.status(&sent()).await, StatusOutcome::Unknown { .. }));
    assert!(matches!(gateway.cancel(&sent()).await, CloseOutcome::Unknown { .. }));
}

#[tokio::test]
async fn silence_and_slow_loris_end_in_time_and_are_unknown() {
    for reply in [Reply::Silence, Reply::Drip] {
        let start = || {
            let reply = reply.clone();
            Server::start(move |_| reply.clone())
        };
        let server = start();
        let (charge, waited) = server.wait_out(midtrans(&server.url).charge(&charge_request())).await;
        assert!(matches!(charge, ChargeOutcome::Unknown { .. }), "{charge:?}");
        assert_eq!(waited.as_secs(), 15);
        let server = start();
        let (status, waited) = server.wait_out(midtrans(&server.url).status(&sent())).await;
        assert!(matches!(status, StatusOutcome::Unknown { .. }), "{status:?}");
        assert_eq!(waited.as_secs(), 10);
        let server = start();
        let (close, waited) = server.wait_out(midtrans(&server.url).cancel(&sent())).await;
        assert!(matches!(close, CloseOutcome::Unknown { .. }), "{close:?}");
        assert_eq!(waited.as_secs(), 10);
    }
}

#[tokio::test]
async fn a_gateway_that_asks_us_to_wait_is_heard() {
    for (status, body) in
        [(429, r#"{"status_code":"429","status_message":"too many"}"#), (429, "<html>"), (503, "")]
    {
        let (_server, gateway) = scene(move |_| answer(status, &[("Retry-After", "77")], body));
        let StatusOutcome::Unknown { retry_after, .. } = gateway.status(&sent()).await else {
            panic!("{body}")
        };
        assert_eq!(retry_after, Some(Duration::from_secs(77)));
    }
}

#[tokio::test]
async fn no_output_shows_the_key() {
    let gateway = midtrans(&nobody());
    let shown = format!(
        "{gateway:?} {:?} {:?} {:?}",
        gateway.charge(&charge_request()).await,
        gateway.status(&sent()).await,
        gateway.cancel(&sent()).await
    );
    assert!(!shown.contains("TESTKEY") && !shown.contains("U0ItTWlk"), "{shown}");
}
