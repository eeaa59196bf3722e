//! The interactions endpoint as the whole internet sees it: whatever is sent, signed or not, it answers like a
//! shop that is well, and nothing happens that nobody asked for.

use super::client::{ACCOUNT, BUDI, SARI, click};
use crate::harness::{Rows, World};
use ed25519_dalek::{Signer as _, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How many spoiled interactions are sent. Always the same ones: they come from a fixed seed.
const ROUNDS: usize = 600;

/// Signs as the simulated Discord does.
struct Pen(SigningKey);

impl Pen {
    fn of(world: &World) -> Pen {
        let path = world.folder().join("outside/sandbox/discord.key.hex");
        let hex = std::fs::read_to_string(path).unwrap();
        let seed: [u8; 32] = hex::decode(hex.trim()).unwrap().try_into().unwrap();
        Pen(SigningKey::from_bytes(&seed))
    }

    fn sign(&self, timestamp: &str, body: &[u8]) -> String {
        hex::encode(self.0.sign(&[timestamp.as_bytes(), body].concat()).to_bytes())
    }
}

fn now() -> String {
    let now = std::process::Command::new("date").arg("+%s").output().unwrap();
    String::from_utf8(now.stdout).unwrap().trim().to_owned()
}

async fn post(world: &World, headers: &[(&str, &str)], body: Vec<u8>) -> (StatusCode, String) {
    let mut request = world.http.post(world.url("/discord/interactions"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Numbers that look like chance and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }
}

/// What people really sent, to be spoiled: every kind, from a server, from direct messages, and from an
/// application that a user installed.
async fn seeds(world: &World) -> Vec<Value> {
    let games = world.types(SARI, "topup", &[]).await;
    let products = world.pick(SARI, &games, "ML").await;
    let form = world.pick(SARI, &products, "ML_86").await;
    let asked = world.fill(SARI, &form, &ACCOUNT).await;
    world.press(SARI, &asked, "Benar, pilih cara bayar").await;
    let typing = json!({"autocomplete": {"name": "topup", "options": {"game": "mob"}, "focused": "game"}});
    world.act(SARI, typing).await;
    world.act(SARI, json!({"context": 1, "command": {"name": "price"}})).await;
    let alone = json!({"context": 2, "command": {"name": "cek", "options":
        {"game": "ML", "user_id": "1114917746", "server": "13486"}},
        "authorizing_integration_owners": {"1": SARI}});
    world.act(SARI, alone).await;
    let url = format!("{}/sandbox/discord/interactions", world.simulators.base());
    let all: Value = world.http.get(url).send().await.unwrap().json().await.unwrap();
    let bodies: Vec<Value> =
        all["interactions"].as_array().unwrap().iter().map(|sent| sent["body"].clone()).collect();
    for kind in [2, 3, 4, 5] {
        assert!(bodies.iter().any(|body| body["type"] == kind), "no seed of type {kind}");
    }
    for context in [0, 1, 2] {
        assert!(bodies.iter().any(|body| body["context"] == context), "no seed of context {context}");
    }
    bodies
}

/// Spoils one place of an interaction, or its text.
fn spoiled(seed: &Value, dice: &mut Dice) -> Vec<u8> {
    if dice.roll(4) == 0 {
        let mut text = seed.to_string().into_bytes();
        match dice.roll(3) {
            0 => text.truncate(dice.roll(text.len())),
            1 => {
                let at = dice.roll(text.len());
                text[at] = u8::try_from(dice.roll(256)).unwrap();
            }
            _ => text.extend(std::iter::repeat_n(b'[', 20_000)),
        }
        return text;
    }
    let mut spoiled = seed.clone();
    let mut places = Vec::new();
    pointers(seed, "", &mut places);
    let place = &places[dice.roll(places.len())];
    let strange = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}\u{202e}"),
        json!("9".repeat(5_000)),
        json!("1.o.d1.AAAAAAAAAAA"),
        json!([]),
        json!([[[[]]]]),
        json!({}),
        json!({"id": {"id": []}}),
    ];
    *spoiled.pointer_mut(place).unwrap() = strange[dice.roll(strange.len())].clone();
    spoiled.to_string().into_bytes()
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                pointers(inner, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn no_spoiled_interaction_is_an_error_of_ours_or_takes_too_long() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (seeds, pen, mut dice) = (seeds(&world).await, Pen::of(&world), Dice(0x005E_ED0F_10C3));
    let before = world.printed(&["order", "list", "--json"]).await.as_array().unwrap().len();
    let mut late = Vec::new();
    for round in 0..ROUNDS {
        let seed = &seeds[dice.roll(seeds.len())];
        let body = spoiled(seed, &mut dice);
        let timestamp = now();
        let signature = pen.sign(&timestamp, &body);
        let started = Instant::now();
        let headers = [("X-Signature-Ed25519", signature.as_str()), ("X-Signature-Timestamp", &timestamp)];
        let (status, answer) = post(&world, &headers, body.clone()).await;
        let told = format!("round {round}: {status} {answer} to {}", String::from_utf8_lossy(&body));
        assert!(status == StatusCode::OK || status == StatusCode::BAD_REQUEST, "{told}");
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {told}"));
        let kinds = [json!(1), json!(4), json!(5), json!(6), json!(7), json!(8), json!(9)];
        assert!(status == StatusCode::BAD_REQUEST || kinds.contains(&answer["type"]), "{told}");
        // Sooner than a transaction that waits for another gives up by itself, which is after five seconds.
        if started.elapsed() >= Duration::from_millis(4_800) {
            late.push(told);
        }
    }
    // The machine itself may stand still for once.
    assert!(late.len() < 2, "{late:#?}");
    let after = world.printed(&["order", "list", "--json"]).await.as_array().unwrap().len();
    // The seeds hold no choice of how to pay, so nothing can have been ordered.
    assert_eq!(after, before);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_is_not_signed_rightly_is_refused_in_every_form() {
    let world = World::on_discord(Rows::Sqlite).await;
    let pen = Pen::of(&world);
    let body = json!({"type": 1}).to_string().into_bytes();
    let timestamp = now();
    let good = pen.sign(&timestamp, &body);
    let good_headers =
        [("X-Signature-Ed25519", good.as_str()), ("X-Signature-Timestamp", timestamp.as_str())];
    assert_eq!(post(&world, &good_headers, body.clone()).await, (StatusCode::OK, r#"{"type":1}"#.to_owned()));

    let other = Pen(SigningKey::from_bytes(&[7; 32])).sign(&timestamp, &body);
    let old = "1700000000".to_owned();
    let of_old = pen.sign(&old, &body);
    let long = "a".repeat(4_000);
    for (what, signature, timestamp) in [
        ("another key", other.as_str(), timestamp.as_str()),
        ("a time of long ago", &of_old, &old),
        ("another time", &good, &old),
        ("half a signature", &good[..64], &timestamp),
        ("no hexadecimal", "zz", &timestamp),
        ("nothing", "", &timestamp),
        ("a long one", &long, &timestamp),
        ("no time", &good, ""),
        ("a strange time", &good, "-99999999999999999999999"),
    ] {
        let headers = [("X-Signature-Ed25519", signature), ("X-Signature-Timestamp", timestamp)];
        let (status, answer) = post(&world, &headers, body.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}: {answer}");
    }
    for headers in [&[][..], &good_headers[..1], &good_headers[1..]] {
        assert_eq!(post(&world, headers, body.clone()).await.0, StatusCode::UNAUTHORIZED, "{headers:?}");
    }
    // To the byte: a space is another body.
    let spaced = post(&world, &good_headers, b"{\"type\": 1}".to_vec()).await;
    assert_eq!(spaced.0, StatusCode::UNAUTHORIZED);
    let (status, answer) = post(&world, &good_headers, vec![b' '; 300 * 1024]).await;
    assert!(
        status == StatusCode::PAYLOAD_TOO_LARGE || status == StatusCode::UNAUTHORIZED,
        "{status} {answer}"
    );
}

#[tokio::test]
async fn a_stranger_moves_nothing_with_somebodys_button() {
    let world = World::on_discord(Rows::Sqlite).await;
    let pen = Pen::of(&world);
    let (number, card) = world.orders(SARI, "gopay_qr").await;
    // The client of another member shows no such message.
    let mut theft = click(&card["message"], "Batalkan");
    theft["user_id"] = json!(BUDI);
    theft["url"] = json!(world.url("/discord/interactions"));
    assert_eq!(world.simulate("discord/interactions", theft).await.0, StatusCode::NOT_FOUND);
    // Nor does it help to press what was copied out of it: here Discord itself says that Budi did.
    let question = world.act(SARI, click(&card["message"], "Batalkan")).await;
    let url = format!("{}/sandbox/discord/interactions", world.simulators.base());
    let sent: Value = world.http.get(url).send().await.unwrap().json().await.unwrap();
    let mut pressed = sent["interactions"][0]["body"].clone();
    assert_eq!(pressed["type"], 3, "{pressed:#}");
    pressed["member"]["user"]["id"] = json!(BUDI);
    for (round, label) in ["Ya, batalkan", "Kembali"].into_iter().enumerate() {
        pressed["id"] = json!((1_299_999_999_999_990_000_u64 + round as u64).to_string());
        pressed["data"]["custom_id"] = click(&question["message"], label)["component"]["custom_id"].clone();
        let (body, timestamp) = (pressed.to_string().into_bytes(), now());
        let signature = pen.sign(&timestamp, &body);
        let headers = [("X-Signature-Ed25519", signature.as_str()), ("X-Signature-Timestamp", &timestamp)];
        let (status, answer) = post(&world, &headers, body).await;
        assert_eq!(status, StatusCode::OK);
        assert!(answer.contains("bukan untuk Anda") && !answer.contains(&number), "{label}: {answer}");
    }
    assert_eq!(world.file(&number).await["state"], "awaiting_payment");
}
