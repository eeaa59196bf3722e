//! How long the check of an account takes when its sources hang:
//! `cargo run --release -p catalog --example bench_validation [accounts] [at_once]`.
//!
//! Real adapters ask a real server on loopback that takes connections and never answers, or answers
//! some of the time. Prints percentiles, and ends with exit code 1 when the 99th is not below two
//! seconds.

use catalog::{
    Asker, CustomerTemplate, Validator,
    sources::{apigames, vip_reseller},
    validation::{NicknameSource, Settings},
};
use outside::Http;
use std::{error::Error, process::ExitCode, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use vocabulary::Secret;

/// What the outside world does.
#[derive(Clone, Copy)]
enum World {
    /// Nobody answers, ever.
    Hangs,
    /// Every second connection is answered.
    AnswersHalf,
    /// Everybody answers.
    Answers,
}

const FOUND: &str = r#"{"result":true,"data":"Budi","message":"Success.","status":1,"rc":0}"#;
const LIMIT: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let accounts = numbers.next().transpose()?.unwrap_or(2_000);
    let at_once = numbers.next().transpose()?.unwrap_or(200);
    println!(
        "{accounts} accounts, {at_once} at once, two sources; the limit is {LIMIT:?} at the 99th percentile"
    );
    let mut kept = true;
    for (what, world) in [
        ("nobody answers", World::Hangs),
        ("half is answered", World::AnswersHalf),
        ("all is answered", World::Answers),
    ] {
        kept &= run(what, world, accounts, at_once).await?;
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(what: &str, world: World, accounts: usize, at_once: usize) -> Result<bool, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(serve(listener, world));
    let settings = Settings { per_asker_per_minute: 0, per_group_per_minute: 0, ..Settings::default() };
    let validator = Validator::new(sources(&url)?, settings);
    let game = "FF".parse()?;
    let (game, asker) = (&game, Asker::person("bench"));
    let mut times = Vec::with_capacity(accounts);
    for batch in (0..accounts).collect::<Vec<_>>().chunks(at_once.max(1)) {
        let checks = batch.iter().map(|n| {
            let (validator, asker) = (validator.clone(), asker.clone());
            async move {
                let started = Instant::now();
                let checked = validator.check(game, &format!("{:09}", 100_000_000 + n), None, &asker).await;
                checked.map(|_| started.elapsed())
            }
        });
        for time in futures_util::future::join_all(checks).await {
            times.push(time?);
        }
    }
    server.abort();
    times.sort_unstable();
    let at = |per_mille: usize| {
        times.get((times.len() * per_mille / 1_000).min(times.len() - 1)).copied().unwrap_or_default()
    };
    println!(
        "{what:<18} p50 {:>9.1?}  p90 {:>9.1?}  p99 {:>9.1?}  worst {:>9.1?}",
        at(500),
        at(900),
        at(990),
        at(1_000)
    );
    Ok(at(990) < LIMIT)
}

fn sources(url: &str) -> Result<Vec<Arc<dyn NicknameSource>>, Box<dyn Error>> {
    let http = Http::new()?;
    let vip = vip_reseller::Settings {
        base_url: url.to_owned(),
        api_id: "bench".into(),
        api_key: Secret::new("bench"),
        servers_proven: true,
    };
    let mobile_legends: CustomerTemplate = "{user_id}{zone_id}".parse()?;
    let apigames = apigames::Settings {
        base_url: url.to_owned(),
        merchant_id: "bench".into(),
        secret: Secret::new("bench"),
        signature: apigames::Signature::Concatenated,
        mobile_legends,
        mobile_legends_proven: true,
    };
    Ok(vec![
        Arc::new(vip_reseller::VipReseller::new(http.clone(), vip)),
        Arc::new(apigames::Apigames::new(http, apigames)),
    ])
}

async fn serve(listener: TcpListener, world: World) {
    let mut answered = false;
    while let Ok((stream, _)) = listener.accept().await {
        answered = match world {
            World::Hangs => false,
            World::AnswersHalf => !answered,
            World::Answers => true,
        };
        tokio::spawn(talk(stream, answered));
    }
}

/// Reads whatever comes; answers it or keeps silent with the connection open.
async fn talk(mut stream: TcpStream, answers: bool) {
    let mut buffer = [0; 8_192];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
        if answers {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{FOUND}", FOUND.len());
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
