//! A gateway that is late, broken or gone (§9 rows 5, 6, 9).

use super::{OVO, charge_request, scene, sent, settings, token, vector, xendit};
use crate::server::{Reply, Server, answer, cut_short, nobody};
use payments::{ChargeOutcome, CloseOutcome, Gateway, StatusOutcome};
use vocabulary::PaymentMethod;

const METHODS: [PaymentMethod; 2] = [PaymentMethod::OvoPush, PaymentMethod::DanaLink];

#[tokio::test]
async fn whatever_is_not_the_gateways_word_is_unknown() {
    let paid = &OVO.replace("PENDING", "SUCCEEDED")[..400];
    for (why, reply) in [
        ("an error page", answer(500, &[], "<html>500</html>")),
        ("an error page that is a 404", answer(404, &[], "<html>404</html>")),
        ("an error page that is a 400", answer(400, &[], "<html>400</html>")),
        ("a login page", answer(200, &[], "<html>welcome to the hotel</html>")),
        ("nothing", answer(200, &[], "")),
        ("truncated JSON", answer(200, &[], paid)),
        ("a broken connection", cut_short(paid)),
        ("a closed connection", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
        ("a redirect", answer(302, &[("Location", "http://127.0.0.1:1/")], "")),
        ("a JSON list", answer(200, &[], "[{}]")),
        ("no reference", answer(200, &[], "{}")),
        ("a code that is a success", answer(200, &[], r#"{"error_code":"API_VALIDATION_ERROR"}"#)),
        ("what broke on their side", answer(503, &[], r#"{"error_code":"CHANNEL_NOT_ACTIVATED"}"#)),
        ("another encoding", answer(200, &[], b"\xff\xfe{\0")),
        ("endless nesting", answer(200, &[], "[".repeat(100_000))),
    ] {
        let (_server, gateway) = scene(move |_| reply.clone());
        for method in METHODS {
            let charge = gateway.charge(&charge_request(method)).await;
            assert!(matches!(charge, ChargeOutcome::Unknown { .. }), "{why}: {charge:?}");
            for sent in [sent(method), super::lost(method)] {
                let status = gateway.status(&sent).await;
                assert!(matches!(status, StatusOutcome::Unknown { .. }), "{why}: {status:?}");
                for close in [gateway.cancel(&sent).await, gateway.expire(&sent).await] {
                    assert!(matches!(close, CloseOutcome::Unknown { .. }), "{why}: {close:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn silence_and_slow_loris_end_in_time_and_are_unknown() {
    for reply in [Reply::Silence, Reply::Drip] {
        let start = || {
            let reply = reply.clone();
            let server = Server::start(move |_| reply.clone());
            let gateway = xendit(&server.url);
            (server, gateway)
        };
        let (server, gateway) = start();
        let request = charge_request(PaymentMethod::OvoPush);
        let (outcome, waited) = server.wait_out(gateway.charge(&request)).await;
        assert!(matches!(outcome, ChargeOutcome::Unknown { .. }), "{outcome:?}");
        assert_eq!(waited.as_secs(), 15);
        let (server, gateway) = start();
        let sent = sent(PaymentMethod::OvoPush);
        let (outcome, waited) = server.wait_out(gateway.status(&sent)).await;
        assert!(matches!(outcome, StatusOutcome::Unknown { .. }), "{outcome:?}");
        assert_eq!(waited.as_secs(), 8);
    }
}

#[tokio::test]
async fn nobody_there_is_not_sent_and_a_question_is_unknown() {
    let gateway = xendit(&nobody());
    let charge = gateway.charge(&charge_request(PaymentMethod::OvoPush)).await;
    assert!(matches!(charge, ChargeOutcome::NotOpened { .. }), "{charge:?}");
    let status = gateway.status(&sent(PaymentMethod::OvoPush)).await;
    assert!(matches!(status, StatusOutcome::Unknown { .. }), "{status:?}");
}

#[tokio::test]
async fn no_output_shows_the_key_the_token_or_a_phone() {
    let (_server, gateway) =
        scene(|seen| answer(400, &[], format!("{{\"message\":\"{}\"}}", seen.body.replace('"', ""))));
    let request = charge_request(PaymentMethod::OvoPush);
    let shown = format!(
        "{gateway:?} {:?} {:?} {:?}",
        settings("https://api.xendit.co"),
        gateway.charge(&request).await,
        gateway.status(&sent(PaymentMethod::OvoPush)).await
    );
    for secret in [vector("/secret_key"), token(), "81234567890".to_owned()] {
        assert!(!shown.contains(&secret), "{shown}");
    }
}
