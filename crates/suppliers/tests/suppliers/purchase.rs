//! Buying, and asking what became of it (`contracts/suppliers.md` §1.2, §1.3, §1.4, §1.6).

use crate::{
    scene::{NOW, digiflazz, purchase, scene, with},
    server::{Seen, answer, nobody},
};
use serde_json::{Value, json};
use std::time::Duration;
use suppliers::{Ask, Purchase, Report, Supplier, Verdict};
use vocabulary::Rupiah;

const TABLE: &str = include_str!("../fixtures/digiflazz_rc.csv");
const SUCCESS: &str = include_str!("../fixtures/digiflazz/success.json");
const DEV_KEY_PENDING: &str = include_str!("../fixtures/digiflazz/dev_key_pending.json");
const OBSERVED_PENDING: &str = include_str!("../fixtures/digiflazz/observed_pending.json");
const PRICE_LIST_LIMIT: &str = include_str!("../fixtures/digiflazz/price_list_limit.json");

async fn report(http_status: u16, body: String, ask: Ask) -> Report {
    let (_server, supplier) = scene(move |_| answer(http_status, &[], &body));
    supplier.purchase(&purchase(ask)).await
}

async fn verdict(changes: &Value, ask: Ask) -> Verdict {
    report(200, with(SUCCESS, changes), ask).await.verdict
}

#[tokio::test]
async fn a_purchase_is_sent_as_the_contract_has_it_and_every_later_send_is_the_same() {
    let (server, supplier) = scene(|_| answer(200, &[], SUCCESS));
    for ask in Ask::ALL {
        supplier.purchase(&purchase(*ask)).await;
    }
    let elsewhere = digiflazz(&format!("{}/v1/", server.url));
    let told = Purchase {
        notify_url: Some("https://shop.example/webhooks/digiflazz".into()),
        ..purchase(Ask::First)
    };
    elsewhere.purchase(&told).await;
    let seen = server.seen();
    let lines: Vec<&str> = seen.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(lines, ["POST /transaction", "POST /transaction", "POST /v1/transaction"]);
    let sent = |request: &Seen| serde_json::from_str::<Value>(&request.body).unwrap();
    // The sign is md5("testuser" + "dev-0000" + ref_id), computed with md5sum.
    let mut expected = json!({
        "username": "testuser", "buyer_sku_code": "xld10", "customer_no": "087800001230",
        "ref_id": "LK0123456789-F1", "sign": "f6acc0fe463f62432e4be4f7286f40ed", "max_price": 10_500,
    });
    assert_eq!(sent(&seen[0]), expected);
    assert_eq!(seen[0].body, seen[1].body, "a question is the same request");
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    expected["cb_url"] = json!("https://shop.example/webhooks/digiflazz");
    assert_eq!(sent(&seen[2]), expected);
}

#[tokio::test]
async fn a_delivery_has_its_serial_number_price_and_what_is_left_of_the_deposit() {
    let expected = Report {
        verdict: Verdict::Succeeded,
        code: Some("00".into()),
        message: "Transaksi Sukses".into(),
        serial_number: Some("1234567890".into()),
        price: Some(Rupiah::new(10_000)),
        balance: Some(Rupiah::new(990_000)),
        number: None,
    };
    for ask in Ask::ALL {
        assert_eq!(report(200, SUCCESS.to_owned(), *ask).await, expected);
    }
}

#[tokio::test]
async fn pending_may_come_without_a_code() {
    for (body, ask) in
        [(DEV_KEY_PENDING, Ask::First), (OBSERVED_PENDING, Ask::First), (OBSERVED_PENDING, Ask::Again)]
    {
        let report = report(200, body.to_owned(), ask).await;
        assert_eq!((report.verdict, report.code, report.serial_number), (Verdict::Pending, None, None));
        assert_eq!((report.price, report.balance), (Some(Rupiah::new(10_000)), Some(Rupiah::new(990_000))));
    }
}

#[tokio::test]
async fn every_code_of_the_table_is_read_at_any_http_status() {
    for row in csv::Reader::from_reader(TABLE.as_bytes()).records() {
        let row = row.unwrap();
        let (rc, message, official, class) = (&row[0], &row[1], &row[2], &row[4]);
        let (first, again) = match (class, rc) {
            ("FINAL_SUCCESS", _) => (Verdict::Succeeded, Verdict::Succeeded),
            ("PENDING", _) => (Verdict::Pending, Verdict::Pending),
            ("FAILED_VERIFY", _) => (Verdict::FailedUnproven, Verdict::FailedUnproven),
            ("REVERSAL", _) => (Verdict::Reversed, Verdict::Reversed),
            ("INTEGRITY_ALARM", _) => (Verdict::UnknownAlarm, Verdict::UnknownAlarm),
            ("FINAL_FAILED_CUSTOMER", _) => (Verdict::FailedCustomer, Verdict::FailedCustomer),
            (_, "69") => (Verdict::FailedPrice, Verdict::FailedPrice),
            (_, "43") => (Verdict::FailedGone, Verdict::Unknown),
            (_, "67" | "80" | "81" | "84") => (Verdict::FailedGone, Verdict::FailedGone),
            (_, "68") => (Verdict::FailedEmpty, Verdict::FailedEmpty),
            (_, "55") => (Verdict::FailedTroubled, Verdict::FailedTroubled),
            (_, "44") => (Verdict::RefusedBalance, Verdict::Unknown),
            (_, "40" | "41" | "42" | "45" | "61" | "82" | "88") => {
                (Verdict::RefusedConfiguration, Verdict::Unknown)
            }
            (_, "50" | "83" | "85" | "86") => (Verdict::Unknown, Verdict::Unknown),
            _ => (Verdict::FailedProvider, Verdict::FailedProvider),
        };
        let body = with(SUCCESS, &json!({"rc": rc, "status": official, "message": message, "sn": ""}));
        for (http_status, ask, expected) in [
            (200, Ask::First, first),
            (400, Ask::First, first),
            (200, Ask::Again, again),
            (500, Ask::Again, again),
        ] {
            let report = report(http_status, body.clone(), ask).await;
            assert_eq!(report.verdict, expected, "{rc} at {ask} in HTTP {http_status}");
            assert_eq!((report.code.as_deref(), report.serial_number), (Some(rc), None));
            assert_eq!(report.message, message);
        }
    }
}

#[tokio::test]
async fn what_is_not_documented_decides_nothing() {
    for ask in Ask::ALL {
        for changes in [
            json!({"rc": "02", "status": "Sukses"}),
            json!({"rc": "00", "status": "Gagal"}),
            json!({"rc": "02", "status": null}),
            json!({"rc": "00", "status": null}),
            json!({"rc": null, "status": null}),
            json!({"rc": {}, "status": []}),
        ] {
            assert_eq!(verdict(&changes, *ask).await, Verdict::Unknown, "{changes}");
        }
    }
}

#[tokio::test]
async fn a_code_or_a_status_that_no_document_has_is_undecided_and_named() {
    for ask in Ask::ALL {
        for (rc, status, named) in [
            ("77", "Gagal", "77"),
            ("77", "Sukses", "77"),
            ("77", "Pending", "77"),
            ("00", "Selesai", "Selesai"),
            ("", "Diproses ulang", "Diproses ulang"),
        ] {
            // A message of theirs may say more, and a reference may be missing.
            for changes in [
                json!({"rc": rc, "status": status, "message": ""}),
                json!({"rc": rc, "status": status}),
                json!({"rc": rc, "status": status, "ref_id": null}),
            ] {
                let report = report(200, with(SUCCESS, &changes), *ask).await;
                assert_eq!(report.verdict, Verdict::UnknownWord, "{changes}");
                assert_eq!(report.code.as_deref(), Some(named), "{changes}");
                assert!(!report.message.is_empty(), "{changes}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_about_another_reference_is_an_alarm_and_brings_nothing_along() {
    for theirs in [json!("LK0123456789-F2"), json!("lk0123456789-f1"), json!(7)] {
        let report = report(200, with(SUCCESS, &json!({"ref_id": theirs})), Ask::First).await;
        assert_eq!((report.verdict, report.serial_number, report.price), (Verdict::UnknownAlarm, None, None));
    }
}

#[tokio::test]
async fn without_a_reference_only_a_refusal_before_any_transaction_counts() {
    for (changes, expected) in [
        (json!({"rc": "00", "status": "Sukses"}), Verdict::Unknown),
        (json!({"rc": "02", "status": "Gagal"}), Verdict::Unknown),
        (json!({"rc": "74", "status": "Gagal"}), Verdict::Unknown),
        (json!({"rc": "41", "status": "Gagal"}), Verdict::RefusedConfiguration),
        (json!({"rc": "44", "status": "Gagal"}), Verdict::RefusedBalance),
        (json!({"rc": "68", "status": "Gagal"}), Verdict::FailedEmpty),
        (json!({"rc": "49", "status": "Gagal"}), Verdict::UnknownAlarm),
        (json!({"rc": "03", "status": "Pending"}), Verdict::Pending),
    ] {
        let mut bare = changes.clone();
        bare["ref_id"] = Value::Null;
        assert_eq!(verdict(&bare, Ask::First).await, expected, "{changes}");
    }
    assert_eq!(report(400, PRICE_LIST_LIMIT.to_owned(), Ask::First).await.verdict, Verdict::Unknown);
}

#[tokio::test]
async fn fields_are_read_leniently() {
    for (changes, price, balance, serial_number) in [
        (json!({"price": "10000"}), Some(10_000), Some(990_000), Some("1234567890")),
        (json!({"price": 10_000.0}), Some(10_000), Some(990_000), Some("1234567890")),
        (json!({"price": 10_000.5}), None, Some(990_000), Some("1234567890")),
        (json!({"price": -1}), None, Some(990_000), Some("1234567890")),
        (json!({"price": "a lot"}), None, Some(990_000), Some("1234567890")),
        (json!({"buyer_last_saldo": 989_999.99}), Some(10_000), Some(989_999), Some("1234567890")),
        (json!({"buyer_last_saldo": "989999.99"}), Some(10_000), Some(989_999), Some("1234567890")),
        (json!({"buyer_last_saldo": -0.5}), Some(10_000), Some(-1), Some("1234567890")),
        (json!({"buyer_last_saldo": 1e300}), Some(10_000), None, Some("1234567890")),
        (json!({"buyer_last_saldo": "NaN"}), Some(10_000), None, Some("1234567890")),
        (json!({"buyer_last_saldo": null, "price": null}), None, None, Some("1234567890")),
        (json!({"sn": null}), Some(10_000), Some(990_000), None),
        (json!({"sn": "  "}), Some(10_000), Some(990_000), None),
        (json!({"sn": "ABCD-EFGH\u{0} "}), Some(10_000), Some(990_000), Some("ABCD-EFGH")),
        (json!({"sn": 1_234_567_890_u64}), Some(10_000), Some(990_000), Some("1234567890")),
        (json!({"rc": 0}), Some(10_000), Some(990_000), Some("1234567890")),
        (
            json!({"status": "SUCCESS", "message": ["odd"], "new": {"x": 1}}),
            Some(10_000),
            Some(990_000),
            Some("1234567890"),
        ),
    ] {
        let report = report(200, with(SUCCESS, &changes), Ask::First).await;
        assert_eq!(report.verdict, Verdict::Succeeded, "{changes}");
        assert_eq!(report.code.as_deref(), Some("00"), "{changes}");
        assert_eq!(
            (report.price, report.balance),
            (price.map(Rupiah::new), balance.map(Rupiah::new)),
            "{changes}"
        );
        assert_eq!(report.serial_number.as_deref(), serial_number, "{changes}");
    }
}

/// §6 row 5: asked about after 90 days, a purchase is made again.
#[tokio::test]
async fn a_reference_first_sent_85_days_ago_is_never_sent_again_and_stays_unknown() {
    let (server, supplier) = scene(|_| answer(200, &[], SUCCESS));
    let limit = supplier.capabilities().max_requery_age;
    for ask in Ask::ALL {
        for age in [limit, limit + Duration::from_millis(1), limit * 5] {
            let old = Purchase { first_sent_at: NOW, now: NOW.plus(age), ..purchase(*ask) };
            let report = supplier.purchase(&old).await;
            assert_eq!((report.verdict, report.code), (Verdict::UnknownAlarm, None), "{ask} after {age:?}");
            let says = "LK0123456789-F1 was first sent on 2026-11-22T05:00:00.000Z";
            assert!(report.message.contains(says), "{}", report.message);
        }
    }
    assert_eq!(server.seen().len(), 0, "nobody is called");
    for age in [Duration::ZERO, limit - Duration::from_millis(1)] {
        let young = Purchase { now: NOW.plus(age), ..purchase(Ask::Again) };
        assert_eq!(supplier.purchase(&young).await.verdict, Verdict::Succeeded, "after {age:?}");
    }
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn what_it_can_do_is_what_the_contract_says() {
    let can = digiflazz(&nobody()).capabilities();
    assert_eq!(can.min_requery, Duration::from_secs(60));
    assert_eq!(can.max_requery_age, Duration::from_secs(85 * 24 * 3600));
    assert!(
        can.supports_client_ref && can.resend_is_status && can.price_guard && can.callback_is_authenticated
    );
    assert!(!can.partial_possible && !can.needs_end_user_ip);
}
