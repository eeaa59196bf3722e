//! A gateway that is late, broken or gone (§9 rows 5, 6, 9).

use super::{OURS, charge_request, dana, private_pem, scene, sent, settings};
use crate::server::{Reply, Server, answer, cut_short, nobody};
use payments::{ChargeOutcome, CloseOutcome, Gateway, StatusOutcome};
use std::time::Duration;
use vocabulary::PaymentMethod;

#[tokio::test]
async fn whatever_is_not_the_gateways_word_is_unknown() {
    let paid = r#"{"responseCode":"2005500","originalPartnerReferenceNo":"LK0123456789-P1""#;
    for (why, reply) in [
        ("an error page", answer(500, &[], "<html>500</html>")),
        ("an error page that is a 404", answer(404, &[], "<html>404</html>")),
        ("a login page", answer(200, &[], "<html>welcome to the hotel</html>")),
        ("nothing", answer(200, &[], "")),
        ("truncated JSON", answer(200, &[], paid)),
        ("a broken connection", cut_short(paid)),
        ("a closed connection", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
        ("a redirect", answer(302, &[("Location", "http://127.0.0.1:1/")], "")),
        ("a JSON list", answer(200, &[], "[2005400]")),
        ("no code", answer(404, &[], "{}")),
        ("another encoding", answer(200, &[], b"\xff\xfe{\0")),
        ("endless nesting", answer(200, &[], "[".repeat(100_000))),
        ("more than a mebibyte", answer(200, &[], format!("{{\"x\":\"{}\"}}", "x".repeat(1_100_000)))),
    ] {
        let (_server, gateway) = scene(move |_| reply.clone());
        for method in [PaymentMethod::DanaQr, PaymentMethod::DanaLink] {
            let charge = gateway.charge(&charge_request(method)).await;
            assert!(matches!(charge, ChargeOutcome::Unknown { .. }), "{why}: {charge:?}");
        }
        let status = gateway.status(&sent()).await;
        assert!(matches!(status, StatusOutcome::Unknown { .. }), "{why}: {status:?}");
        for close in [gateway.cancel(&sent()).await, gateway.expire(&sent()).await] {
            assert!(matches!(close, CloseOutcome::Unknown { .. }), "{why}: {close:?}");
        }
    }
}

#[tokio::test]
async fn silence_and_slow_loris_end_in_time_and_are_unknown() {
    for reply in [Reply::Silence, Reply::Drip] {
        let start = || {
            let reply = reply.clone();
            let server = Server::start(move |_| reply.clone());
            let gateway = dana(&server.url);
            (server, gateway)
        };
        let (server, gateway) = start();
        let request = charge_request(PaymentMethod::DanaQr);
        let (outcome, waited) = server.wait_out(gateway.charge(&request)).await;
        assert!(matches!(outcome, ChargeOutcome::Unknown { .. }), "{outcome:?}");
        assert_eq!(waited.as_secs(), 10);
        let (server, gateway) = start();
        let sent = sent();
        let (outcome, waited) = server.wait_out(gateway.status(&sent)).await;
        assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{outcome:?}");
        assert_eq!(waited.as_secs(), 10);
        let (server, gateway) = start();
        let (outcome, waited) = server.wait_out(gateway.cancel(&sent)).await;
        assert!(matches!(outcome, CloseOutcome::Unknown { .. }), "{outcome:?}");
        assert_eq!(waited.as_secs(), 10);
    }
}

#[tokio::test]
async fn a_gateway_that_asks_us_to_wait_is_heard() {
    let (_server, gateway) = scene(|_| answer(429, &[("Retry-After", "77")], "<html>"));
    let StatusOutcome::Unknown { retry_after, .. } = gateway.status(&sent()).await else { panic!("known") };
    assert_eq!(retry_after, Some(Duration::from_secs(77)));
}

#[tokio::test]
async fn no_output_shows_the_key() {
    let gateway = dana(&nobody());
    let shown = format!(
        "{gateway:?} {:?} {:?} {:?} {:?}",
        settings("https://api.saas.dana.id"),
        gateway.charge(&charge_request(PaymentMethod::DanaQr)).await,
        gateway.status(&sent()).await,
        gateway.cancel(&sent()).await
    );
    let key = private_pem(&OURS);
    let line = key.lines().nth(3).unwrap();
    assert!(!shown.contains(line) && !shown.contains("PRIVATE"), "{shown}");
}
