//! What an answer on Discord costs: `cargo run --release -p discord --example bench_interactions [rounds]`.
//!
//! Signed interactions go through the door of a shop on a SQLite file, as the HTTP route hands them over:
//! signature, reading, database, answer. Prints the processor time and the wall-clock time of one, and how
//! often the time of a PING (a signature and nothing more) goes into it. Ends with exit code 1 when `/price`
//! or a `/cek` from the cache takes a millisecond of processor time or more.

use catalog::{
    Validator,
    account::Game,
    validation::{Nickname, NicknameSource, Settings as Checking, Word},
};
use discord::{Desk, Settings, interaction};
use ed25519_dalek::{Signer as _, SigningKey};
use orders::{Rules, Shop};
use outside::Pending;
use security::Vault;
use serde_json::{Value, json};
use std::{
    error::Error,
    fs,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::digiflazz::CAPABILITIES,
};
use vocabulary::{Account, Actor, Clock, Ids};

const APPLICATION: &str = "1100000000000000001";
const LIMIT: Duration = Duration::from_millis(1);
/// Ticks in a second of what Linux tells about a process (`man 5 proc`).
const TICKS: u64 = 100;

/// Knows everybody.
struct Names;

impl NicknameSource for Names {
    fn name(&self) -> &'static str {
        "names"
    }
    fn knows(&self, _: Game) -> bool {
        true
    }
    fn look_up<'a>(&'a self, _: Game, _: &'a Account, _: Duration) -> Pending<'a, Word> {
        Box::pin(async { Word::Found { nickname: Nickname::clean("Kirana") } })
    }
}

/// Whom everything is bought from; nobody is asked anything here.
struct Silent;

impl Supplier for Silent {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(async { Report::bare(Verdict::NotSent, "") })
    }
    fn read_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

/// What one interaction took.
struct Cost {
    processor: Duration,
    half: Duration,
    worst_of_a_hundred: Duration,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(5_000), |text| text.parse::<u32>())?;
    let db = testkit::shop_sqlite().await;
    let key = SigningKey::from_bytes(&[42; 32]);
    let public_key = hex::encode(key.verifying_key().as_bytes());
    let shop = Shop {
        db: (*db).clone(),
        clock: Clock::system(),
        ids: Ids::random(),
        gateways: Arc::default(),
        circuits: Arc::default(),
        suppliers: Arc::new(vec![Arc::new(Silent)]),
        couriers: Arc::default(),
        vault: Vault::throw_away()?,
        rules: Arc::new(Rules { public_url: Some("https://shop.example".into()), ..Rules::default() }),
        validator: Validator::new(vec![Arc::new(Names)], Checking::default()),
    };
    shop.seed_catalog(&catalog::base()?.with(catalog::extended()?), &Actor::system()).await?;
    let account = ("ML".parse()?, "1114917746", Some("13486"));
    let asker = catalog::Asker::person("bench");
    shop.validate_account(&account.0, account.1, account.2, &asker).await?;
    let desk = Desk { shop, settings: Settings::new(&public_key, APPLICATION)? };

    println!("{rounds} interactions each, one after the other, on a SQLite file");
    println!("{:<26} {:>10} {:>8} {:>10} {:>10}", "", "processor", "x PING", "p50", "p99");
    let ping = time(&desk, &key, rounds, &json!({"type": 1})).await?;
    let cek = [("game", "ML"), ("user_id", account.1), ("server", "13486")];
    let questions = [
        ("PING", json!({"type": 1}), false),
        ("/price", command("price", &[]), true),
        ("/price game:ML", command("price", &[("game", "ML")]), true),
        ("/cek, cached", command("cek", &cek), true),
        ("autocomplete", typing(&command("topup", &[("game", "mob")])), true),
        ("/history", command("history", &[]), false),
    ];
    let mut kept = true;
    for (name, question, limited) in questions {
        let cost = time(&desk, &key, rounds, &question).await?;
        let ratio = cost.processor.as_secs_f64() / ping.processor.as_secs_f64();
        println!(
            "{name:<26} {:>10.1?} {ratio:>8.1} {:>10.1?} {:>10.1?}",
            cost.processor, cost.half, cost.worst_of_a_hundred
        );
        kept &= !limited || cost.processor < LIMIT;
    }
    println!("limit: below {LIMIT:?} of processor time for /price and a cached /cek");
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks the same many times, each as an interaction of its own.
async fn time(desk: &Desk, key: &SigningKey, rounds: u32, question: &Value) -> Result<Cost, Box<dyn Error>> {
    let timestamp = (desk.shop.clock.real_now().millis() / 1_000).to_string();
    let mut signed = Vec::new();
    for round in 0..rounds {
        let mut question = question.clone();
        if let Some(fields) = question.as_object_mut() {
            fields.insert("id".into(), json!((1_200_000_000_000_000_000_u64 + u64::from(round)).to_string()));
        }
        let body = question.to_string();
        let signature = key.sign(&[timestamp.as_bytes(), body.as_bytes()].concat());
        signed.push((body, hex::encode(signature.to_bytes())));
    }
    let before = processor()?;
    let mut times = Vec::with_capacity(signed.len());
    for (body, signature) in &signed {
        let started = Instant::now();
        let answer = interaction(desk, Some(signature), Some(&timestamp), body.as_bytes()).await;
        times.push(started.elapsed());
        // A deferred answer would be one whose work is still to come.
        if answer.status != 200 || answer.json.get("type") == Some(&json!(5)) {
            return Err(format!("answered {}: {}", answer.status, answer.json).into());
        }
    }
    let processor = processor()?.saturating_sub(before) / rounds.max(1);
    times.sort_unstable();
    let at = |per_cent: usize| times.get(times.len() * per_cent / 100).copied().unwrap_or_default();
    Ok(Cost { processor, half: at(50), worst_of_a_hundred: at(99) })
}

/// The processor time that this process has had so far, in user and kernel mode.
fn processor() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program stands in brackets and may hold spaces; two fields follow the state later.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks.saturating_mul(1_000 / TICKS)))
}

fn command(name: &str, options: &[(&str, &str)]) -> Value {
    let options: Vec<Value> =
        options.iter().map(|(name, value)| json!({"name": name, "type": 3, "value": value})).collect();
    json!({
        "type": 2, "application_id": APPLICATION, "token": "t", "version": 1, "locale": "id",
        "channel_id": "645027906669510667", "guild_id": "290926798626357999", "attachment_size_limit": 10_485_760,
        "member": {"user": {"id": "80351110224678912", "username": "pembeli"}, "roles": [], "permissions": "0"},
        "data": {"id": "771825006014889984", "name": name, "type": 1, "options": options},
    })
}

/// The same while its last option is being typed.
fn typing(command: &Value) -> Value {
    let mut typed = command.clone();
    if let Some(fields) = typed.as_object_mut() {
        fields.insert("type".into(), json!(4));
    }
    if let Some(option) = typed.pointer_mut("/data/options/0").and_then(Value::as_object_mut) {
        option.insert("focused".into(), json!(true));
    }
    typed
}
