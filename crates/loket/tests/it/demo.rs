//! `loket demo`: green on both databases with a shop of its own, and against one that runs.

use crate::harness::{Loket, command};
use serde_json::Value;
use std::path::Path;
use testkit::TempFolder;

const METHODS: [&str; 18] = [
    "gopay_qr",
    "gopay_link",
    "ovo_push",
    "ovo_link",
    "dana_qr",
    "dana_link",
    "qris",
    "va_bca",
    "va_bni",
    "va_bri",
    "va_permata",
    "va_mandiri",
    "va_bsi",
    "va_cimb",
    "va_btpn",
    "va_panin",
    "cstore_indomaret",
    "cstore_alfamart",
];

/// Runs the demo: exit code, standard output, standard error.
async fn demo(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = command(&[&["demo"], arguments].concat());
    command.envs(environment.iter().copied());
    let output = command.output().await.expect("the demo runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Where payloads are kept for the judge, else in the folder of the test.
fn payloads_file(folder: &Path, name: &str) -> String {
    let place = std::env::var_os("LOKET_TEST_PAYLOADS").map_or_else(|| folder.to_owned(), Into::into);
    place.join(format!("demo-{name}.json")).display().to_string()
}

fn assert_all_delivered(told: &str) {
    let told: Value = serde_json::from_str(told).unwrap_or_else(|error| panic!("{error}: {told}"));
    let purchases = told["purchases"].as_array().unwrap();
    let methods: Vec<&str> = purchases.iter().map(|p| p["payment_method"].as_str().unwrap()).collect();
    assert_eq!(methods, METHODS);
    for purchase in purchases {
        assert_eq!(purchase["state"], "delivered", "{purchase:#}");
        assert!(purchase["serial_number"].as_str().is_some_and(|serial| !serial.is_empty()), "{purchase:#}");
    }
    assert_eq!(told["proofs_hold"], true, "{told:#}");
}

#[tokio::test]
async fn members_buy_by_every_way_to_pay_and_every_message_is_printed_on_sqlite() {
    let folder = TempFolder::new("demo");
    let payloads = payloads_file(folder.path(), "sqlite");
    let (code, told, errors) = demo(&["--payloads", &payloads], &[]).await;
    assert_eq!(code, Some(0), "{told}\n{errors}");
    for words in [
        "1 of 18: Sari pays with GoPay",
        "6 of 18: Eko writes to the shop directly",
        "▶ Gilang types the number into an ATM of BCA",
        "▶ Lestari reads the code out at a till of Alfamart",
        "▶ Sari types /topup",
        "│ ✅ Benar ini akunnya?",
        "│ [ Yes, choose how to pay ]",
        "🖼  Kode QR untuk membayar",
        "In a private thread",
        "Midtrans sent the webhook",
        "DANA sent the webhook",
        "the ledger holds, 18 orders",
        "All 18 were delivered once and paid once, and every proof holds.",
    ] {
        assert!(told.contains(words), "*{words}* is not told in {told}");
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&payloads).unwrap()).unwrap();
    let kinds: Vec<&str> =
        kept["payloads"].as_array().unwrap().iter().map(|p| p["kind"].as_str().unwrap()).collect();
    for kind in ["command_list", "interaction_response", "webhook_edit", "message_create", "thread_create"] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
}

#[tokio::test]
async fn members_buy_by_every_way_to_pay_on_postgres() {
    let database = testkit::empty_postgres().await;
    let url = database.url_text();
    let folder = TempFolder::new("demo-kept");
    let kept = folder.path().display().to_string();
    let environment = [("LOKET_DATABASE__URL", url.as_str())];
    for arguments in [["--json", "--data-dir", &kept], ["--json", "--data-dir", &kept]] {
        let (code, told, errors) = demo(&arguments, &environment).await;
        assert_eq!(code, Some(0), "{told}\n{errors}");
        assert_all_delivered(&told);
    }
    // Without the folder there is no key to what is kept in it.
    let (code, told, errors) = demo(&["--json"], &environment).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(errors.contains("is in use already") && errors.contains("--data-dir"), "{errors}");
}

#[tokio::test]
async fn a_running_shop_is_bought_from_and_its_own_books_are_proven() {
    let folder = TempFolder::new("demo");
    let data = folder.path().display().to_string();
    let shop = Loket::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data], &[]).await.unwrap();
    let (code, told, errors) = demo(&["--url", shop.base(), "--data-dir", &data, "--json"], &[]).await;
    assert_eq!(code, Some(0), "{told}\n{errors}");
    assert_all_delivered(&told);
    // Proofs over the books of another shop would prove nothing.
    let other = TempFolder::new("demo-other");
    let elsewhere = other.path().display().to_string();
    let (code, told, _) = demo(&["--url", shop.base(), "--data-dir", &elsewhere, "--json"], &[]).await;
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("--data-dir or LOKET_DATABASE__URL"), "{told}");
    shop.stop().await;
}

#[tokio::test]
async fn a_purchase_that_does_not_arrive_is_told_and_ends_in_failure() {
    let folder = TempFolder::new("demo");
    let data = folder.path().display().to_string();
    let shop = Loket::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data], &[]).await.unwrap();
    let script = serde_json::json!({"target": "digiflazz", "customer_no": "next", "outcome": "fail"});
    let control = format!("{}/sandbox/supplier", shop.base());
    let answer = reqwest::Client::new().post(control).json(&script).send().await.unwrap();
    assert!(answer.status().is_success());
    let (code, told, _) = demo(&["--url", shop.base(), "--data-dir", &data, "--json"], &[]).await;
    assert_eq!(code, Some(1), "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let states: Vec<&str> =
        told["purchases"].as_array().unwrap().iter().map(|p| p["state"].as_str().unwrap()).collect();
    let (first, others) = states.split_first().unwrap();
    assert!(*first == "failed" && others.iter().all(|state| *state == "delivered"), "{states:?}");
    assert_eq!(states.len(), METHODS.len());
    shop.stop().await;
}

#[tokio::test]
async fn what_the_demo_cannot_buy_from_is_refused_with_what_to_do() {
    for (arguments, environment, words) in [
        (vec!["--url", "http://127.0.0.1:9"], vec![], "start `loket` first"),
        (vec!["--url", "shop"], vec![], "no address of a shop"),
        (vec![], vec![("LOKET_MIDTRANS__BASE_URL", "http://127.0.0.1:9/sandbox/midtrans")], "--url"),
    ] {
        let (code, told, errors) = demo(&arguments, &environment).await;
        assert_ne!(code, Some(0), "{told}");
        assert!(errors.contains(words), "{arguments:?}: {errors}");
    }
}
