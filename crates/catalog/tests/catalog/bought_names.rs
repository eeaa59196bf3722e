//! "Cek Username" at Digiflazz on real sockets: a name that is bought, with the rules of a purchase
//! (`contracts/suppliers.md` §1.7).

use crate::server::{Reply, Seen, Server, answer, nobody};
use catalog::{
    NameBooks, NameQuestion, NameTold, NameTurn,
    account::{self, Game},
    sources::digiflazz::{CheckSku, Digiflazz, Settings},
    validation::{NicknameSource, Word},
};
use database::{Database, Error, sql};
use md5::{Digest as _, Md5};
use outside::{Http, Pending};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use testkit::TestDatabase;
use vocabulary::{Account, Clock, Rupiah, Secret, Timestamp};

const WITHIN: Duration = Duration::from_secs(5);
/// 2026-11-22 12:00:00 WIB.
const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);
const MINUTE: Duration = Duration::from_secs(60);

/// The rows of what was bought, and nothing booked.
struct Books(Database);

impl NameBooks for Books {
    fn begin<'a>(
        &'a self,
        question: &'a NameQuestion,
        now: Timestamp,
    ) -> Pending<'a, Result<NameTurn, Error>> {
        Box::pin(async move {
            let mut tx = self.0.write("test.begin").await?;
            let turn = catalog::name_check_begin(&mut tx, question, now).await?;
            tx.commit().await?;
            Ok(turn)
        })
    }

    fn again<'a>(&'a self, reference: &'a str, now: Timestamp) -> Pending<'a, Result<bool, Error>> {
        Box::pin(async move {
            let mut tx = self.0.write("test.again").await?;
            let noted = catalog::name_check_again(&mut tx, reference, now).await?;
            tx.commit().await?;
            Ok(noted)
        })
    }

    fn record<'a>(
        &'a self,
        reference: &'a str,
        told: &'a NameTold,
        now: Timestamp,
    ) -> Pending<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut tx = self.0.write("test.record").await?;
            assert!(catalog::name_check_told(&mut tx, reference, told, now).await?.is_some(), "{reference}");
            tx.commit().await
        })
    }
}

struct Scene {
    source: Digiflazz,
    clock: Clock,
    /// None where others share it.
    rows: Option<TestDatabase>,
}

async fn scene(url: &str) -> Scene {
    asking_again(url, &[]).await
}

async fn asking_again(url: &str, pauses: &'static [Duration]) -> Scene {
    let rows = testkit::shop_sqlite().await;
    let clock = Clock::manual(NOON);
    Scene { source: source(url, Database::clone(&rows), &clock, pauses), clock, rows: Some(rows) }
}

/// Asks by itself after these pauses.
fn source(url: &str, rows: Database, clock: &Clock, ask_again: &'static [Duration]) -> Digiflazz {
    let sku = |sku: &str, form: &str| CheckSku { sku: sku.into(), form: form.parse().unwrap() };
    let settings = Settings {
        base_url: format!("{url}/v1/"),
        username: "testuser".into(),
        api_key: Secret::new("dev-0000"),
        skus: BTreeMap::from([
            (Game::MobileLegends, sku("cekml", "{user_id}-{zone_id}")),
            (Game::FreeFire, sku("cekff", "{user_id}")),
        ]),
        most: Rupiah::new(100),
        most_a_day: 8,
        ask_again,
    };
    Digiflazz::new(Http::new().unwrap(), settings, clock.clone(), Arc::new(Books(rows)))
}

fn ml() -> Account {
    account::parse(&"ML".parse().unwrap(), "1114917746 (13486)", None).unwrap()
}

fn ff(id: &str) -> Account {
    Account::new(id, None).unwrap()
}

/// What was sent.
fn body(seen: &Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

/// An answer about whatever was asked.
fn told(seen: &Seen, status: &str, rc: &str, sn: &str) -> Reply {
    let data = json!({"ref_id": body(seen)["ref_id"], "customer_no": body(seen)["customer_no"], "status": status,
                      "rc": rc, "sn": sn, "message": "as told", "price": 83, "buyer_last_saldo": 1_000});
    answer(if status == "Gagal" { 400 } else { 200 }, &[], json!({ "data": data }).to_string())
}

impl Scene {
    async fn ask(&self, game: Game, account: &Account) -> Word {
        self.source.look_up(game, account, WITHIN).await
    }

    /// State, price and code of each row, by when it was asked for.
    async fn states(&self) -> Vec<(String, Option<i64>, Option<String>)> {
        let mut tx = self.rows.as_ref().unwrap().read("test.states").await.unwrap();
        sql!("SELECT state, price, code FROM name_check ORDER BY asked_at, reference")
            .query()
            .all(&mut tx)
            .await
            .unwrap()
    }
}

fn kind(word: &Word) -> String {
    match word {
        Word::Found { nickname } => format!("found {nickname}"),
        Word::NotFound => "not found".into(),
        Word::OtherRegion => "other region".into(),
        Word::Unclear { .. } => "unclear".into(),
        Word::Down { .. } => "down".into(),
    }
}

#[tokio::test]
async fn a_name_is_bought_by_the_form_of_its_game_and_never_above_the_price() {
    let server = Server::start(|seen| told(seen, "Sukses", "00", " Ita\u{202e}cimo "));
    let scene = scene(&server.url).await;
    assert!(scene.source.knows(Game::MobileLegends) && !scene.source.knows(Game::Genshin));
    assert_eq!(kind(&scene.ask(Game::MobileLegends, &ml()).await), "found Itacimo");
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("0225009777")).await), "found Itacimo");
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /v1/transaction");
    let sent = body(&seen[0]);
    assert_eq!(
        (&sent["buyer_sku_code"], &sent["customer_no"]),
        (&json!("cekml"), &json!("1114917746-13486"))
    );
    assert_eq!((&sent["username"], &sent["max_price"]), (&json!("testuser"), &json!(100)));
    let reference = sent["ref_id"].as_str().unwrap();
    assert!(reference.len() == 32 && reference.starts_with("CEK-"), "{reference}");
    assert!(reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{reference}");
    assert!(!reference.contains("1114917746"));
    assert_eq!(sent["sign"], hex::encode(Md5::digest(format!("testuserdev-0000{reference}"))));
    assert_eq!(body(&seen[1])["customer_no"], "0225009777", "no leading zero is lost");
    assert_ne!(body(&seen[1])["ref_id"], sent["ref_id"]);
    assert_eq!(kind(&scene.ask(Game::Genshin, &ff("618285856")).await), "unclear");
    assert_eq!(server.seen().len(), 2, "nothing is bought for a game that has none");
}

#[tokio::test]
async fn who_asks_again_asks_under_the_same_reference_and_not_within_a_minute() {
    let server = Server::start(|seen| told(seen, "Pending", "", ""));
    let scene = scene(&server.url).await;
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009777")).await), "unclear");
    scene.clock.advance(MINUTE - Duration::from_millis(1));
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009777")).await), "unclear");
    assert_eq!(server.seen().len(), 1, "not within a minute");
    scene.clock.advance(Duration::from_millis(1));
    scene.ask(Game::FreeFire, &ff("225009777")).await;
    let references: Vec<Value> = server.seen().iter().map(|seen| body(seen)["ref_id"].clone()).collect();
    assert!(references.len() == 2 && references[0] == references[1], "{references:?}");
    // The next day is another purchase: no reference grows as old as ninety days.
    scene.clock.advance(Duration::from_secs(86_400));
    scene.ask(Game::FreeFire, &ff("225009777")).await;
    assert_ne!(body(&server.seen()[2])["ref_id"], references[0]);
}

#[tokio::test]
async fn silence_is_asked_about_and_not_bought_again() {
    let server = Server::start(|_| Reply::Silence);
    let scene = scene(&server.url).await;
    let (word, _) = server.wait_out(scene.ask(Game::FreeFire, &ff("225009777"))).await;
    assert_eq!(kind(&word), "down");
    scene.clock.advance(MINUTE);
    let (_, _) = server.wait_out(scene.ask(Game::FreeFire, &ff("225009777"))).await;
    let seen = server.seen();
    assert_eq!(body(&seen[0])["ref_id"], body(&seen[1])["ref_id"], "what arrived before is told, not sold");
    assert!(["asked", "unknown"].contains(&scene.states().await[0].0.as_str()), "it may have been bought");
    let away = self::scene(&nobody()).await;
    assert_eq!(kind(&away.ask(Game::FreeFire, &ff("225009777")).await), "down");
    assert_eq!(away.states().await, [("not_sent".to_owned(), None, None)]);
}

#[tokio::test]
async fn that_a_number_is_wrong_counts_once_somebody_was_found() {
    let server = Server::start(|seen| {
        let nobody = body(seen)["customer_no"].as_str().unwrap().ends_with("404");
        if nobody { told(seen, "Gagal", "54", "") } else { told(seen, "Sukses", "00", "Yuyun") }
    });
    let scene = scene(&server.url).await;
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009404")).await), "unclear", "the code may be wrong");
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009777")).await), "found Yuyun");
    scene.clock.advance(MINUTE);
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009404")).await), "not found");
    let zone = account::parse(&"ML".parse().unwrap(), "1114917404 (1404)", None).unwrap();
    assert_eq!(kind(&scene.ask(Game::MobileLegends, &zone).await), "unclear", "each game for itself");
}

#[tokio::test]
async fn whatever_else_it_says_proves_nothing_and_a_failure_is_not_asked_about_for_ever() {
    for (status, rc, sn, again) in [
        ("Gagal", "53", "", true),
        ("Gagal", "44", "", true),
        ("Gagal", "69", "", true),
        ("Gagal", "85", "", false),
        ("Pending", "99", "Yuyun", false),
        ("Sukses", "00", "", true),
        ("Sukses", "00", "\u{200b}", true),
        ("Selesai", "00", "Yuyun", false),
        ("", "", "", false),
    ] {
        let server = Server::start(move |seen| told(seen, status, rc, sn));
        let scene = scene(&server.url).await;
        for _ in 0..2 {
            let word = kind(&scene.ask(Game::FreeFire, &ff("225009777")).await);
            assert_eq!(word, "unclear", "{status} {rc} {sn}");
            scene.clock.advance(MINUTE);
        }
        let seen = server.seen();
        assert_eq!(body(&seen[0])["ref_id"] != body(&seen[1])["ref_id"], again, "{status} {rc} {sn}");
    }
    for reply in [
        answer(200, &[], r#"{"data":{"ref_id":"LK0123456789-F1","status":"Sukses","rc":"00","sn":"Yuyun"}}"#),
        answer(200, &[], r#"{"data":{"status":"Sukses","rc":"00","sn":"Yuyun"}}"#),
        answer(200, &[], r#"{"data":[]}"#),
        answer(200, &[], "<html>"),
    ] {
        let server = Server::start(move |_| reply.clone());
        let word = kind(&scene(&server.url).await.ask(Game::FreeFire, &ff("225009777")).await);
        assert!(["unclear", "down"].contains(&word.as_str()), "{word}");
    }
}

#[tokio::test]
async fn a_day_has_its_share_of_questions_and_the_next_day_another() {
    let server = Server::start(|seen| told(seen, "Sukses", "00", "Yuyun"));
    let scene = scene(&server.url).await;
    for n in 0..12 {
        let word = scene.ask(Game::FreeFire, &ff(&format!("22500{n:04}"))).await;
        assert_eq!(kind(&word), if n < 8 { "found Yuyun" } else { "unclear" }, "{n}");
    }
    assert_eq!(server.seen().len(), 8);
    scene.clock.advance(Duration::from_secs(12 * 3_600));
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009777")).await), "found Yuyun");
}

#[tokio::test]
async fn what_is_bought_has_a_row_before_it_is_sent_and_its_price_after() {
    for (status, rc, state, price) in [
        ("Sukses", "00", "bought", Some(83)),
        ("Gagal", "54", "refused", None),
        ("Gagal", "44", "refused", None),
        ("Gagal", "01", "unknown", None),
        ("Pending", "03", "unknown", None),
    ] {
        let server = Server::start(move |seen| told(seen, status, rc, "Yuyun"));
        let scene = scene(&server.url).await;
        scene.ask(Game::FreeFire, &ff("225009777")).await;
        assert_eq!(scene.states().await, [(state.to_owned(), price, Some(rc.to_owned()))], "{status} {rc}");
    }
}

testkit::on_both_shops! {
    fn two_processes_on_one_database_ask_about_an_account_once_within_a_minute(db) {
        let server = Server::start(|seen| told(seen, "Sukses", "00", "Yuyun"));
        let clock = Clock::manual(NOON);
        let nodes: Vec<Scene> = [Database::clone(&db), db.second().await]
            .into_iter()
            .map(|rows| Scene { source: source(&server.url, rows, &clock, &[]), clock: clock.clone(), rows: None })
            .collect();
        let account = ff("225009777");
        let (one, two) =
            tokio::join!(nodes[0].ask(Game::FreeFire, &account), nodes[1].ask(Game::FreeFire, &account));
        let mut words = [kind(&one), kind(&two)];
        words.sort();
        assert_eq!(words, ["found Yuyun", "unclear"], "one of them asks");
        assert_eq!(server.seen().len(), 1);
        // Whoever starts later knows of it as well.
        let later = Scene { source: source(&server.url, db.second().await, &clock, &[]), clock: clock.clone(), rows: None };
        assert_eq!(kind(&later.ask(Game::FreeFire, &account).await), "unclear");
        assert_eq!(server.seen().len(), 1);
        clock.advance(MINUTE);
        assert_eq!(kind(&later.ask(Game::FreeFire, &account).await), "found Yuyun");
        let seen = server.seen();
        assert_eq!(body(&seen[0])["ref_id"], body(&seen[1])["ref_id"], "asked how it stands, and not bought again");
        // The day's share is that of all of them.
        for n in 0..7 {
            let word = nodes[n % 2].ask(Game::FreeFire, &ff(&format!("22500{n:04}"))).await;
            assert_eq!(kind(&word), "found Yuyun", "{n}");
        }
        assert_eq!(kind(&later.ask(Game::FreeFire, &ff("225008888")).await), "unclear");
        assert_eq!(server.seen().len(), 9);
    }
}

#[tokio::test]
async fn what_nobody_told_is_asked_about_until_it_is_and_not_within_a_minute() {
    const PAUSES: &[Duration] = &[Duration::from_millis(300); 40];
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = Server::start(move |seen| {
        let is_first = first.swap(false, std::sync::atomic::Ordering::SeqCst);
        if is_first { told(seen, "Pending", "03", "") } else { told(seen, "Sukses", "00", "Yuyun") }
    });
    let scene = asking_again(&server.url, PAUSES).await;
    assert_eq!(kind(&scene.ask(Game::FreeFire, &ff("225009777")).await), "unclear");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(scene.states().await, [("unknown".to_owned(), None, Some("03".to_owned()))]);
    assert_eq!(server.seen().len(), 1, "not within a minute");
    scene.clock.advance(MINUTE);
    let bought = [("bought".to_owned(), Some(83_i64), Some("00".to_owned()))];
    for _ in 0..100 {
        if scene.states().await == bought {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.states().await, bought);
    let seen = server.seen();
    assert_eq!((seen.len(), &body(&seen[0])["ref_id"]), (2, &body(&seen[1])["ref_id"]));
    scene.clock.advance(MINUTE);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(server.seen().len(), 2, "what is told is not asked about");
}
