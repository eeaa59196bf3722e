//! Settlement reports of three gateways, taken from their own books by their operators' door, imported and compared:
//! a whole day that agrees, and one in which everything is wrong that can be.

use super::kinds;
use crate::harness::{Rows, World};
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};
use vocabulary::WibDay;

/// So many days later everything is settled, whatever day of the week it is.
const LATER: u64 = 6;

/// A shop that is paid over three gateways, and gives back to where it came from.
async fn three_gateways(rows: Rows) -> World {
    let mut world = World::announced(rows).await;
    let xendit = format!("{}/sandbox/xendit", world.simulators.base());
    world.configure("LOKET_XENDIT__BASE_URL", &xendit);
    // So that OVO goes over Xendit.
    world.configure("LOKET_RULES__FEES", "midtrans.ovo_push=5%,dana.ovo_push=5%");
    world.configure("LOKET_REFUNDS__AUTOMATIC", "source");
    world.open_shop(&[]).await.unwrap();
    world
}

/// A day and what was bought on it.
struct Day {
    first: WibDay,
    last: WibDay,
    /// Delivered and paid by GoPay.
    gopay: Vec<String>,
    /// Paid by GoPay and given back there.
    given_back: String,
}

/// Purchases over each gateway, by ways of which each keeps something else; all of them are settled, and nobody works
/// any more.
async fn a_day(world: &mut World) -> Day {
    let first = world.now().await.wib_day();
    let mut gopay = Vec::new();
    for buyer in ["budi", "sari", "rudi", "wati"] {
        gopay.push(world.delivered(buyer, json!({"buyer": buyer})).await);
    }
    world.delivered("dana", json!({"buyer": "joko", "payment_method": "dana_link"})).await;
    world.delivered("dana-qr", json!({"buyer": "dewi", "payment_method": "dana_qr"})).await;
    world.delivered("qris", json!({"buyer": "agus", "payment_method": "qris"})).await;
    let push = json!({"buyer": "tono", "payment_method": "ovo_push", "phone": "081234567890"});
    world.delivered("ovo", push).await;
    world.script("fail", json!({"rc": "54"})).await;
    let given_back = world.placed("back", json!({"buyer": "rina"})).await;
    world.paid(&given_back).await;
    world.until(&given_back, "refunded").await;
    world.advance(LATER * 86_400).await.unwrap();
    let last = world.now().await.wib_day();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    world.close_shop().await;
    Day { first, last, gopay, given_back }
}

impl World {
    /// The report of a gateway about these days, as its operator takes it.
    async fn settlement(&self, gateway: &str, day: &Day) -> String {
        let (base, first, last) = (self.simulators.base(), day.first, day.last);
        let url = format!("{base}/sandbox/{gateway}/settlement.csv?date={first}&until={last}");
        let answer = self.http.get(url).send().await.unwrap();
        assert!(answer.status().is_success(), "{gateway}: {}", answer.status());
        answer.text().await.unwrap()
    }

    fn kept_as(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Imports a report about these days: the exit code, and what is told of it.
    async fn imported(&self, gateway: &str, day: &Day, text: &str) -> (Option<i32>, Value) {
        let path = self.kept_as(&format!("{gateway}.csv"), text);
        let (first, last) = (day.first.to_string(), day.last.to_string());
        let path = path.to_str().unwrap();
        let arguments = [
            "settlement",
            "import",
            path,
            "--gateway",
            gateway,
            "--from",
            &first,
            "--until",
            &last,
            "--json",
        ];
        let (code, text) = self.command(&arguments).await;
        (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }
}

/// The lines of each kind in what is told of an import.
fn count(imported: &Value, kind: &str) -> i64 {
    let kinds = imported["kinds"].as_array().unwrap();
    kinds.iter().find(|k| k["kind"] == kind).map_or(0, |k| k["lines"].as_i64().unwrap())
}

#[tokio::test]
async fn a_day_of_three_gateways_agrees_with_their_settlement_reports_on_sqlite() {
    agrees(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_day_of_three_gateways_agrees_with_their_settlement_reports_on_postgres() {
    agrees(Rows::postgres().await).await;
}

async fn agrees(rows: Rows) {
    let mut world = three_gateways(rows).await;
    let day = a_day(&mut world).await;
    for (gateway, payments, refunds) in [("midtrans", 6, 1), ("dana", 2, 0), ("xendit", 1, 0)] {
        let text = world.settlement(gateway, &day).await;
        let (code, imported) = world.imported(gateway, &day, &text).await;
        assert_eq!((code, &imported["unreadable"]), (Some(0), &json!([])), "{gateway}: {imported:#}\n{text}");
        let told = (count(&imported, "payment"), count(&imported, "refund"));
        assert_eq!(told, (payments, refunds), "{gateway}: {imported:#}\n{text}");
        // The same once more changes nothing.
        let (code, again) = world.imported(gateway, &day, &text).await;
        assert_eq!((code, &again["was_there"]), (Some(0), &json!(true)), "{again:#}");
    }
    let kept = world.printed(&["settlement", "list", "--json"]).await;
    assert_eq!(kept.as_array().unwrap().len(), 3, "{kept:#}");
    let (code, report) = world.reconciled(&[]).await;
    assert_eq!((code, &report["agrees"]), (Some(0), &json!(true)), "{report:#}");
    assert_eq!(report["settlement_lines"], 10, "{report:#}");
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]));
    world.assert_proofs().await;
}

#[tokio::test]
async fn everything_that_is_wrong_in_a_settlement_report_is_found_and_over_when_it_is_right_on_sqlite() {
    all_wrong(Rows::Sqlite).await;
}

#[tokio::test]
async fn everything_that_is_wrong_in_a_settlement_report_is_found_and_over_when_it_is_right_on_postgres() {
    all_wrong(Rows::postgres().await).await;
}

async fn all_wrong(rows: Rows) {
    let mut world = three_gateways(rows).await;
    let day = a_day(&mut world).await;
    let right = world.settlement("midtrans", &day).await;
    let [missing, amount, fee, twice] = &day.gopay[..] else { panic!("four orders") };
    let mut wrong: Vec<String> = Vec::new();
    for line in right.lines() {
        let is =
            |number: &String, kind: &str| line.starts_with(&format!("{number}-P1,")) && line.contains(kind);
        if is(missing, "Payment") || is(&day.given_back, "Refund") {
            continue;
        }
        let changed = if is(amount, "Payment") {
            line.replace("20000.00", "19000.00").replace("19600.00", "18600.00")
        } else if is(fee, "Payment") {
            line.replace(",400.00,", ",500.00,").replace("19600.00", "19500.00")
        } else {
            line.to_owned()
        };
        if is(twice, "Payment") {
            wrong.push(changed.clone());
            wrong.push(
                changed.replace(",Payment,20000.00,400.00,19600.00,", ",Refund,-5000.00,0.00,-5000.00,"),
            );
            wrong.push(changed.replace(&format!("{twice}-P1"), "LK0000000001-P1").replace(",b", ",c"));
            wrong.push(changed.replace("20000.00", "twenty"));
        }
        wrong.push(changed);
    }
    let (code, imported) = world.imported("midtrans", &day, &(wrong.join("\n") + "\n")).await;
    assert_eq!(code, Some(4), "a line could not be read: {imported:#}");
    let bad = imported["unreadable"].as_array().unwrap();
    assert_eq!(bad.len(), 1, "{imported:#}");
    assert!(bad[0]["reason"].as_str().unwrap().contains("`twenty`"), "{imported:#}");
    assert!(
        bad[0]["line"].as_i64().unwrap() > 1 && bad[0]["text"].as_str().unwrap().contains(twice.as_str())
    );

    let (code, report) = world.reconciled(&[]).await;
    assert_eq!(code, Some(4), "{report:#}");
    let subject = |number: &str| format!("midtrans/{number}-P1");
    for (kind, of, action) in [
        ("not_settled", subject(missing), "dashboard of midtrans"),
        ("wrong_amount", subject(amount), "loket order show"),
        ("settled_twice", subject(twice), "dashboard of midtrans"),
        ("unknown_refund", subject(twice), "asks about it again"),
        ("refund_not_settled", subject(&day.given_back), "dashboard of midtrans"),
        ("unknown_payment", subject("LK0000000001"), "give the money back"),
    ] {
        let all = report["differences"].as_array().unwrap();
        let found = all.iter().find(|d| d["kind"] == kind && d["subject"] == of);
        let found = found.unwrap_or_else(|| panic!("no {kind} of {of} in {report:#}"));
        assert!(found["action"].as_str().unwrap().contains(action), "{found:#}");
        assert!(
            world.alert("reconciliation", &format!("{kind}:{of}")).await,
            "no alert about {kind} of {of}"
        );
    }
    let kept = report["differences"].as_array().unwrap().iter().find(|d| d["kind"] == "fee_kept").unwrap();
    assert!(kept["gateway"].as_str().unwrap().contains("Rp 500 more than is booked"), "{kept:#}");
    assert!(kept["action"].as_str().unwrap().contains("rules.fees"), "{kept:#}");
    let mut all = kinds(&report);
    all.sort_unstable();
    let expected = [
        "fee_kept",
        "not_settled",
        "refund_not_settled",
        "settled_twice",
        "unknown_payment",
        "unknown_refund",
        "unreadable_line",
        "wrong_amount",
    ];
    assert_eq!(all, expected, "{report:#}");

    // A run that looks at the same payments, and does not look for what is missing, ends nothing.
    world.reconciled(&[]).await;
    for (kind, number) in [("not_settled", missing), ("refund_not_settled", &day.given_back)] {
        let of = format!("{kind}:{}", subject(number));
        assert!(world.alert("reconciliation", &of).await, "{of} is over, and nothing has come");
    }

    // The wrong report is taken out, the right one comes in the form in which an owner would do it each day.
    let id = imported["id"].as_str().unwrap();
    let (code, text) = world.command(&["settlement", "withdraw", id, "--by", "rina"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(world.imported("midtrans", &day, &right).await.0, Some(0));
    let (code, report) = world.reconciled(&[]).await;
    assert_eq!((code, &report["agrees"]), (Some(0), &json!(true)), "{report:#}");
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]));
    world.assert_proofs().await;
}

#[tokio::test]
async fn one_command_imports_a_report_and_compares_it_and_the_daily_run_takes_up_what_was_imported() {
    let mut world = three_gateways(Rows::Sqlite).await;
    let number = world.delivered("one", json!({})).await;
    let first = world.now().await.wib_day();
    world.close_shop().await;
    // A payment that was settled with the shop says more than our row, which never heard of it.
    let text = format!("Nomor;Jumlah;Potongan\nLK0000000007-P1;20.000;400,00\n{number}-P1;20.000;400,00\n");
    let path = world.kept_as("report.csv", &text);
    let path = path.to_str().unwrap();
    let date = first.to_string();
    let arguments = ["reconcile", "--settlement", path, "--gateway", "midtrans", "--date", &date, "--json"];
    let (code, told) = world.command(&arguments).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("`reference`") && told.contains("Nomor | Jumlah | Potongan"), "{told}");
    world.configure("LOKET_MIDTRANS__SETTLEMENT", "reference=Nomor; gross=Jumlah");
    let read = [&arguments[..], &["--read", "fee=Potongan"]].concat();
    let (code, told) = world.command(&read).await;
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("\"settlement_lines\": 2"), "{told}");
    assert!(world.alert("reconciliation", "unknown_payment:midtrans/LK0000000007-P1").await, "{told}");
    // What was imported and not compared is taken up by the daily run, whatever day it is about.
    let more = world.kept_as("more.csv", &text.replace("LK0000000007", "LK0000000008"));
    let more = more.to_str().unwrap();
    let import =
        ["settlement", "import", more, "--gateway", "midtrans", "--from", &date, "--read", "fee=Potongan"];
    let (code, told) = world.command(&import).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("2 × payment (Rp 40.000); Rp 800 kept as fees"), "{told}");
    world.open_shop(&[]).await.unwrap();
    world.advance(86_400 + 4 * 3_600).await.unwrap();
    let started = std::time::Instant::now();
    while !world.alert("reconciliation", "unknown_payment:midtrans/LK0000000008-P1").await {
        crate::hands::patience(started, "the daily run");
        crate::hands::nap().await;
    }
}

#[tokio::test]
async fn a_day_on_which_nothing_was_settled_stays_known_when_there_is_another_one() {
    let world = World::open(Rows::Sqlite).await;
    let path = world.kept_as("empty.csv", "Order ID,Gross Amount\n");
    let path = path.to_str().unwrap();
    for day in ["2026-11-19", "2026-11-20", "2026-11-20"] {
        let import = ["settlement", "import", path, "--gateway", "midtrans", "--from", day];
        let (code, text) = world.command(&import).await;
        assert_eq!(code, Some(0), "{text}");
    }
    let kept = world.printed(&["settlement", "list", "--json"]).await;
    let mut days: Vec<&str> = kept.as_array().unwrap().iter().map(|r| r["from"].as_str().unwrap()).collect();
    days.sort_unstable();
    assert_eq!(days, ["2026-11-19", "2026-11-20"], "{kept:#}");
}

#[tokio::test]
async fn a_report_that_is_of_nobody_or_of_no_day_is_refused() {
    let mut world = World::open(Rows::Sqlite).await;
    let path = world.kept_as("report.csv", "order id,amount\nLK0000000007-P1,20000\n");
    let path = path.to_str().unwrap();
    for (arguments, expected) in [
        (&["settlement", "import", path, "--gateway", "paypal"][..], "there are midtrans, dana, xendit"),
        (&["settlement", "import", path, "--gateway", "midtrans"], "which days"),
        (&["settlement", "import", path, "--gateway", "midtrans", "--read", "gros=x"], "what can be said is"),
        (&["settlement", "import", "/nowhere.csv", "--gateway", "midtrans"], "cannot be read"),
        (
            &[
                "settlement",
                "import",
                path,
                "--gateway",
                "dana",
                "--from",
                "2026-11-22",
                "--until",
                "2026-11-21",
            ],
            "is before",
        ),
    ] {
        let (code, text) = world.command(arguments).await;
        assert_eq!(code, Some(1), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert_eq!(world.printed(&["settlement", "list", "--json"]).await, json!([]));
    let (code, text) = world.command(&["settlement", "withdraw", "set_1"]).await;
    assert_eq!(code, Some(3), "{text}");
    world.configure("LOKET_DANA__SETTLEMENT", "gros=x");
    let (code, text) = world.command(&["settlement", "list"]).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("dana.settlement") && text.contains("what can be said is"), "{text}");
}
