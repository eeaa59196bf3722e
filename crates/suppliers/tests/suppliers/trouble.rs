//! A supplier that is late, broken or gone (`contracts/suppliers.md` §1.1, §6 row 2): a time-out is
//! never a failure, and what never left is never taken for what may have arrived.

use crate::{
    scene::{digiflazz, purchase, scene},
    server::{Reply, Server, answer, cut_short, nobody},
};
use suppliers::{Ask, Supplier, Verdict};

fn broken() -> Vec<(&'static str, Reply)> {
    let success = r#"{"data":{"ref_id":"LK0123456789-F1","status":"Sukses","rc":"00""#;
    vec![
        ("an error page", answer(500, &[], "<html>500</html>")),
        ("a login page", answer(200, &[], "<html>welcome to the hotel</html>")),
        ("an error in other JSON", answer(503, &[], r#"{"message":"maintenance"}"#)),
        ("nothing", answer(200, &[], "")),
        ("too many calls", answer(429, &[("Retry-After", "60")], "slow down")),
        ("truncated JSON", answer(200, &[], success)),
        ("a broken connection", cut_short(success)),
        ("a closed connection", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
        ("a redirect", answer(307, &[("Location", "http://127.0.0.1:1/")], "")),
        ("no data", answer(200, &[], "{}")),
        ("data that is a list", answer(200, &[], r#"{"data":[{"rc":"00","status":"Sukses"}]}"#)),
        ("data that is a text", answer(200, &[], r#"{"data":"Sukses"}"#)),
        ("empty data", answer(200, &[], r#"{"data":{}}"#)),
        ("no envelope", answer(200, &[], r#"{"ref_id":"LK0123456789-F1","status":"Gagal","rc":"02"}"#)),
        ("another encoding", answer(200, &[], b"\xff\xfe{\0")),
        ("endless nesting", answer(200, &[], "{\"data\":".repeat(100_000))),
        ("more than a mebibyte", answer(200, &[], format!("{{\"data\":\"{}\"}}", "x".repeat(1_100_000)))),
    ]
}

#[tokio::test]
async fn whatever_is_not_the_suppliers_word_is_unknown() {
    for (why, reply) in broken() {
        for ask in Ask::ALL {
            let reply = reply.clone();
            let (_server, supplier) = scene(move |_| reply.clone());
            let report = supplier.purchase(&purchase(*ask)).await;
            assert_eq!(report.verdict, Verdict::Unknown, "{why}: {report:?}");
            assert!(!report.message.is_empty(), "{why}: staff should see what happened");
        }
    }
}

#[tokio::test]
async fn silence_and_slow_loris_end_in_time_and_are_unknown() {
    for reply in [Reply::Silence, Reply::Drip] {
        let server = Server::start(move |_| reply.clone());
        let (report, waited) = server.wait_out(digiflazz(&server.url).purchase(&purchase(Ask::First))).await;
        assert_eq!(report.verdict, Verdict::Unknown);
        assert_eq!(waited.as_secs(), 25, "shorter than the lease");
    }
}

#[tokio::test]
async fn a_first_send_that_never_left_bought_nothing_and_a_later_one_proves_nothing() {
    let supplier = digiflazz(&nobody());
    assert_eq!(supplier.purchase(&purchase(Ask::First)).await.verdict, Verdict::NotSent);
    assert_eq!(supplier.purchase(&purchase(Ask::Again)).await.verdict, Verdict::Unknown);
}

#[tokio::test]
async fn no_output_shows_the_keys() {
    let supplier = digiflazz(&nobody());
    let shown = format!("{supplier:?} {:?}", supplier.purchase(&purchase(Ask::First)).await);
    assert!(!shown.contains("dev-0000") && !shown.contains("somesecretvalue"), "{shown}");
}
