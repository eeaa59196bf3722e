//! QRIS, virtual accounts and tills: the examples that the adapter is held against, too, taken and given
//! by the simulator; what is refused; and the buyer at the ATM and at the till.

use crate::support::{World, eventually, signature_key};
use serde_json::{Value, json};
use testkit::TempFolder;
use vocabulary::{Clock, Timestamp};

const FURTHER: &str = include_str!("../fixtures/midtrans/further_methods.json");
/// What stands in the examples for what the simulator draws.
const ID: &str = "0d8178e1-c6c7-4ab4-81a6-893be9d924ab";
const PICTURE_ID: &str = "A10D8178E1C6C74AB481A6893BE9D924ABID";
const MERCHANT: &str = "G141532850";
const APPROVAL: &str = "00000000000015";

const ORDER: &str = "LK0123456789-P1";
/// Those of the fixture that are paid by a number.
const PLACES: [&str; 6] = ["va_bca", "va_bni", "va_bri", "va_permata", "cstore_indomaret", "cstore_alfamart"];

fn examples() -> Value {
    serde_json::from_str(FURTHER).unwrap()
}

/// The number in what Midtrans says, wherever this bank or store has it.
fn number(told: &Value) -> Option<String> {
    let fields = [&told["va_numbers"][0]["va_number"], &told["permata_va_number"], &told["payment_code"]];
    fields.into_iter().find_map(Value::as_str).map(str::to_owned)
}

/// A charge of this amount as the example has it, without the items.
fn charge(place: &str, order_id: &str, amount: i64) -> Value {
    let mut body = examples()[place]["request"].clone();
    body["transaction_details"] = json!({"order_id": order_id, "gross_amount": amount});
    body["item_details"] = Value::Null;
    body["custom_expiry"] = Value::Null;
    body
}

async fn charged(world: &World, body: Value) -> Value {
    let answer = world.midtrans("POST", "/v2/charge", Some(body)).await;
    assert_eq!(answer.json()["status_code"], "201", "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn every_example_is_taken_answered_and_settled_as_it_stands() {
    let examples = examples();
    for (method, example) in examples.as_object().unwrap() {
        let folder = TempFolder::new("sandbox");
        let start = Timestamp::parse_wib("2026-11-22 12:00:00").unwrap();
        let world = World::on(&folder, |s| s.clock = Clock::manual(start)).await;
        let answer = charged(&world, example["request"].clone()).await;
        let id = answer["transaction_id"].as_str().unwrap().to_owned();
        let picture = answer["actions"][1]["url"].as_str().unwrap_or_default();
        let picture_id = picture.strip_suffix("/qr-code").and_then(|url| url.rsplit('/').next());
        let ours = |told: &Value| {
            let text = told
                .to_string()
                .replace("$BASE", &format!("{}/sandbox/midtrans", world.base))
                .replace(PICTURE_ID, picture_id.unwrap_or_default())
                .replace(ID, &id)
                .replace(MERCHANT, "G000000001");
            match (number(told), number(&answer)) {
                (Some(example), Some(drawn)) => text.replace(&example, &drawn),
                _ => text,
            }
        };
        assert_eq!(answer, serde_json::from_str::<Value>(&ours(&example["response"])).unwrap(), "{method}");

        world.advance(180).await;
        let paid = world.pay(&number(&answer).unwrap_or(id.clone()), "settle").await;
        assert_eq!(paid.json()["transaction_status"], "settlement", "{method}: {}", paid.text);
        let told = world.hooks.wait(2).await[1].json();
        let approval = told["approval_code"].as_str().unwrap_or(APPROVAL).to_owned();
        assert_eq!(approval.len(), APPROVAL.len());
        let expected = ours(&example["settlement"])
            .replace("$SIGNATURE", &signature_key(&told))
            .replace(APPROVAL, &approval);
        assert_eq!(told, serde_json::from_str::<Value>(&expected).unwrap(), "{method}");
        let status = world.status(ORDER).await;
        assert_eq!((&status["status_code"], number(&status)), (&json!("200"), number(&answer)), "{method}");
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_code() {
    let (world, _folder) = World::start().await;
    let with = |place: &str, name: &str, value: Value| {
        let mut body = charge(place, "a", 20_000);
        body[name] = value;
        body
    };
    let expiry = |place: &str, duration: u64, unit: &str| {
        with(place, "custom_expiry", json!({"expiry_duration": duration, "unit": unit}))
    };
    for (body, code) in [
        (with("va_bca", "bank_transfer", Value::Null), "400"),
        (with("va_bca", "bank_transfer", json!({})), "400"),
        (with("va_bca", "bank_transfer", json!("bca")), "408"),
        (with("va_bca", "bank_transfer", json!({"bank": 7})), "408"),
        (with("va_bca", "bank_transfer", json!({"bank": "mandiri"})), "400"),
        (with("va_bca", "bank_transfer", json!({"bank": "BCA"})), "400"),
        (with("va_bca", "bank_transfer", json!({"bank": "indomaret"})), "400"),
        (with("cstore_alfamart", "cstore", Value::Null), "400"),
        (with("cstore_alfamart", "cstore", json!({"store": "bca"})), "400"),
        (with("cstore_alfamart", "cstore", json!({"store": "7eleven"})), "400"),
        (with("cstore_alfamart", "cstore", json!({"store": ["alfamart"]})), "408"),
        (charge("va_bca", "a", 9_999), "400"),
        (charge("va_bni", "a", 0), "400"),
        (charge("cstore_indomaret", "a", 9_999), "400"),
        (charge("cstore_indomaret", "a", 5_000_001), "400"),
        (charge("cstore_alfamart", "a", 0), "400"),
        (charge("cstore_alfamart", "a", 5_000_001), "400"),
        (with("va_bri", "item_details", json!([{"price": 1, "quantity": 1, "name": "n"}])), "400"),
        (expiry("va_permata", 19, "second"), "400"),
        (expiry("va_permata", 181, "day"), "400"),
        (expiry("cstore_alfamart", 181, "day"), "400"),
    ] {
        let answer = world.midtrans("POST", "/v2/charge", Some(body.clone())).await;
        assert_eq!(answer.json()["status_code"], code, "{body} → {}", answer.text);
    }
    assert!(world.books().await["midtrans"]["transactions"].as_array().unwrap().is_empty());

    for (n, (place, amount)) in [
        ("va_bca", 10_000),
        ("va_bni", 1),
        ("va_bri", 1),
        ("va_permata", 900_000_000),
        ("cstore_indomaret", 10_000),
        ("cstore_indomaret", 5_000_000),
        ("cstore_alfamart", 1),
        ("cstore_alfamart", 5_000_000),
    ]
    .into_iter()
    .enumerate()
    {
        charged(&world, charge(place, &format!("edge-{n}"), amount)).await;
    }
    charged(&world, expiry("va_bca", 20, "second")).await;
    let mut long = expiry("cstore_indomaret", 180, "day");
    long["transaction_details"]["order_id"] = json!("long");
    long["cstore"]["store"] = json!("Indomaret");
    assert_eq!(charged(&world, long).await["store"], "indomaret");
    let again = world.midtrans("POST", "/v2/charge", Some(charge("va_bni", "a", 20_000))).await;
    assert_eq!(again.json()["status_code"], "406", "whatever it was charged by");
}

#[tokio::test]
async fn a_number_lives_for_a_day_unless_it_is_told_otherwise_and_is_drawn_for_one_payment() {
    let folder = TempFolder::new("sandbox");
    let start = Timestamp::parse_wib("2026-11-22 12:00:00").unwrap();
    let world = World::on(&folder, |s| s.clock = Clock::manual(start)).await;
    let mut numbers = Vec::new();
    for place in PLACES {
        for n in 0..3 {
            let answer = charged(&world, charge(place, &format!("{place}-{n}"), 20_000)).await;
            assert_eq!(answer["expiry_time"], "2026-11-23 12:00:00", "{place}");
            numbers.push(number(&answer).unwrap());
        }
    }
    let all = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
    world.advance(86_400).await;
    for place in PLACES {
        assert_eq!(world.status(&format!("{place}-0")).await["status_code"], "407", "{place}");
    }
}

#[tokio::test]
async fn whoever_knows_the_number_pays_once_and_late_money_comes_after_all() {
    let (world, _folder) = World::start().await;
    for place in PLACES {
        let id = |n: u32| format!("{place}-{n}");
        let first = number(&charged(&world, charge(place, &id(1), 20_000)).await).unwrap();
        let second = number(&charged(&world, charge(place, &id(2), 20_000)).await).unwrap();
        let paid = world.pay(&first, "settle").await;
        assert_eq!((paid.http, &paid.json()["order_id"]), (200, &json!(id(1))), "{place}: {}", paid.text);
        assert_eq!(world.pay(&first, "settle").await.http, 409, "{place}: once");
        assert_eq!(world.status(&id(2)).await["transaction_status"], "pending", "{place}");

        world.midtrans("POST", &format!("/v2/{}/cancel", id(2)), Some(json!({}))).await;
        assert_eq!(world.pay(&second, "settle").await.http, 409, "{place}: called off");
        let late = json!({"reference": second, "outcome": "settle", "late": true});
        assert_eq!(world.control("/sandbox/pay", late).await.http, 200, "{place}: late");
        assert_eq!(world.status(&id(2)).await["transaction_status"], "settlement", "{place}");

        for n in [3, 4] {
            charged(&world, charge(place, &id(n), 20_000)).await;
        }
        let expired = world.midtrans("POST", &format!("/v2/{}/expire", id(3)), Some(json!({}))).await;
        assert_eq!(expired.json()["status_code"], "407", "{place}");
        world.pay(&id(4), "deny").await;
        assert_eq!(world.status(&id(4)).await["transaction_status"], "deny", "{place}");
    }
}

#[tokio::test]
async fn what_was_paid_at_a_bank_or_a_till_is_not_given_back() {
    let (world, _folder) = World::start().await;
    for place in PLACES {
        charged(&world, charge(place, place, 20_000)).await;
        world.pay(place, "settle").await;
        let refund =
            world.midtrans("POST", &format!("/v2/{place}/refund"), Some(json!({"refund_key": "R1"}))).await;
        assert_eq!(refund.json()["status_code"], "412", "{place}: {}", refund.text);
        assert_eq!(world.status(place).await["transaction_status"], "settlement");
    }
}

#[tokio::test]
async fn a_till_takes_a_payment_back_and_nothing_else_does() {
    let (world, _folder) = World::start().await;
    for (n, place) in PLACES.into_iter().enumerate() {
        let code = number(&charged(&world, charge(place, place, 20_000)).await).unwrap();
        assert_eq!(world.pay(&code, "reverse").await.http, 409, "{place}: nobody has paid");
        world.pay(&code, "settle").await;
        let taken = world.pay(&code, "reverse").await;
        if n < 4 {
            assert_eq!(taken.http, 409, "{place}: {}", taken.text);
            assert_eq!(world.status(place).await["transaction_status"], "settlement");
            continue;
        }
        assert_eq!(taken.json()["transaction_status"], "deny", "{place}: {}", taken.text);
        let status = world.status(place).await;
        assert_eq!((&status["transaction_status"], status.get("settlement_time")), (&json!("deny"), None));
        let is_told = |told: &Value| {
            told["order_id"] == place && told["status_code"] == "202" && told["transaction_status"] == "deny"
        };
        eventually(place, async || world.hooks.got().iter().map(|hook| hook.json()).find(is_told)).await;
        assert_eq!(world.pay(&code, "reverse").await.http, 409, "{place}: once");
    }
}

#[tokio::test]
async fn the_atm_and_the_cashier_have_a_page_with_the_number_and_one_button() {
    let (world, _folder) = World::start().await;
    for (place, title, button) in [
        ("va_bca", "ATM BCA", "Transfer sekarang"),
        ("va_permata", "ATM Permata", "Transfer sekarang"),
        ("cstore_indomaret", "Kasir Indomaret", "Terima uang dan bayar"),
        ("cstore_alfamart", "Kasir Alfamart", "Terima uang dan bayar"),
    ] {
        let answer = charged(&world, charge(place, place, 20_000)).await;
        let code = number(&answer).unwrap();
        let path = format!("/sandbox/wallet/{}", answer["transaction_id"].as_str().unwrap());
        let page = world.look(&path).await;
        for word in [title, button, code.as_str(), "Rp 20.000", "Simulator — bukan", place] {
            assert!(page.contains(word), "{place}: {word} is missing in {page}");
        }
        assert!(!page.contains("Tolak") && !page.contains("<img"), "{place}: {page}");
        assert!(world.look("/sandbox/wallet").await.contains(&code), "{place} waits in the list");
        let paid = world.send(world.request("POST", &format!("{path}/pay"))).await;
        assert_eq!((paid.http, paid.headers["location"].to_str().unwrap()), (303, path.as_str()));
        let page = world.look(&path).await;
        assert!(page.contains("Pembayaran berhasil") && !page.contains(button), "{place}: {page}");
    }
}

#[tokio::test]
async fn numbers_outlive_the_process() {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |_| {}).await;
    let mut codes = Vec::new();
    for place in PLACES {
        codes.push(number(&charged(&world, charge(place, place, 20_000)).await).unwrap());
    }
    drop(world);
    let world = World::on(&folder, |_| {}).await;
    for (place, code) in PLACES.into_iter().zip(&codes) {
        assert_eq!(number(&world.status(place).await).as_ref(), Some(code), "{place}");
        assert_eq!(world.pay(code, "settle").await.json()["order_id"], place);
    }
}
