//! Digiflazz: "Cek Username", the name of an account sold as a product (`contracts/suppliers.md` §1.7). A question
//! costs money and is a purchase with all its rules: one reference for an account and day, so that whoever asks
//! again hears how it stands and pays nothing, never twice within a minute, and never above a price. What its
//! answers mean is in `wire.rs`.

mod wire;

use super::md5_hex;
use crate::{
    CustomerTemplate,
    account::Game,
    validation::{NicknameSource, Word},
};
use outside::{CallError, Http, Method, Pending, Request};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use vocabulary::{Account, Clock, Rupiah, Secret, Timestamp, WibDay};

/// "Not more often than once per minute for the same transaction" (§1.3).
const PAUSE: Duration = Duration::from_secs(60);
/// What a reference begins with: no order's does.
const PREFIX: &str = "CEK-";
/// References have at most 32 characters (§1.8).
const MARK_CHARS: usize = 28;
/// Of so many accounts is remembered when they were asked about.
const MOST_REMEMBERED: usize = 10_000;

/// What tells the names of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSku {
    /// The code under which it was set up in the member area.
    pub sku: String,
    /// How an account becomes its customer number: the seller's own rule.
    pub form: CustomerTemplate,
}

/// What must be known to use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the API (§1.1).
    pub base_url: String,
    /// User name from the member area.
    pub username: String,
    /// The key that purchases are made with.
    pub api_key: Secret,
    /// What is bought for each game.
    pub skus: BTreeMap<Game, CheckSku>,
    /// What a question may cost at most.
    pub most: Rupiah,
    /// How many questions a day (WIB) one process asks at most: whoever types numbers spends our deposit.
    pub most_a_day: u32,
}

/// The source.
#[derive(Debug)]
pub struct Digiflazz {
    http: Http,
    settings: Settings,
    clock: Clock,
    asked: Mutex<HashMap<String, Asked>>,
    /// The day, and how many questions it had.
    spent: Mutex<Option<(WibDay, u32)>>,
    /// Games of which it has found somebody, so that code and form are right.
    found: Mutex<BTreeSet<Game>>,
}

/// When an account was last asked about, and how many questions of that day ended without a word about it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    day: WibDay,
    at: Timestamp,
    failed: u32,
}

impl Digiflazz {
    /// Digiflazz with these settings.
    pub fn new(http: Http, settings: Settings, clock: Clock) -> Self {
        Digiflazz {
            http,
            settings,
            clock,
            asked: Mutex::default(),
            spent: Mutex::default(),
            found: Mutex::default(),
        }
    }

    async fn ask(&self, game: Game, account: &Account, within: Duration) -> Word {
        let Some(check) = self.settings.skus.get(&game) else {
            return Word::Unclear { why: "no product is set up for this game".into() };
        };
        let customer_no = match check.form.fill(account) {
            Ok(customer_no) => customer_no,
            Err(error) => return Word::Unclear { why: error.to_string() },
        };
        let key = format!("{}|{customer_no}", check.sku);
        let Some(asked) = self.turn(&key) else {
            return Word::Unclear { why: "it was asked about less than a minute ago".into() };
        };
        if !self.spend(asked.day) {
            return Word::Unclear { why: "as many names were asked for today as the owner allows".into() };
        }
        let reference = self.reference(&key, asked);
        let answer = self.http.call(self.request(check, &customer_no, &reference, within)).await;
        let (word, over) = match answer {
            Ok(answer) => wire::word(&answer, &reference),
            Err(CallError::NotSent(why) | CallError::Unknown(why)) => (Word::Down { why }, false),
        };
        self.answered(&key, over);
        self.proven(game, word)
    }

    /// Notes that an account is asked about now; none when that is too soon.
    fn turn(&self, key: &str) -> Option<Asked> {
        let now = self.clock.now();
        let day = now.wib_day();
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.get(key).copied();
        if last.is_some_and(|last| now.since(last.at) < PAUSE) {
            return None;
        }
        let failed = last.filter(|last| last.day == day).map_or(0, |last| last.failed);
        if all.len() >= MOST_REMEMBERED {
            all.retain(|_, asked| now.since(asked.at) < PAUSE);
        }
        let asked = Asked { day, at: now, failed };
        all.insert(key.to_owned(), asked);
        Some(asked)
    }

    /// Counts a question; false when the day has had its share.
    fn spend(&self, day: WibDay) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let count = spent.filter(|(of, _)| *of == day).map_or(0, |(_, count)| count);
        if count >= self.settings.most_a_day {
            return false;
        }
        *spent = Some((day, count.saturating_add(1)));
        true
    }

    /// The minute counts from the answer. A question that ended without a word about the account is over: the next
    /// one is another purchase.
    fn answered(&self, key: &str, over: bool) {
        let now = self.clock.now();
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = all.get_mut(key) {
            asked.at = now;
            asked.failed = asked.failed.saturating_add(u32::from(over));
        }
    }

    /// The same for an account all day, whichever process asks, and without the key nobody finds the account in it.
    fn reference(&self, key: &str, asked: Asked) -> String {
        let (day, failed) = (asked.day.to_string(), asked.failed.to_string());
        let mark = md5_hex(&[self.settings.api_key.expose(), "|", key, "|", &day, "|", &failed]);
        format!("{PREFIX}{}", mark.chars().take(MARK_CHARS).collect::<String>())
    }

    /// That a number is wrong proves nothing while code and form may be: every buyer would be told so.
    fn proven(&self, game: Game, word: Word) -> Word {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match word {
            Word::Found { .. } => {
                found.insert(game);
                word
            }
            Word::NotFound if !found.contains(&game) => {
                Word::Unclear { why: "they found nobody, and have not found anybody of this game yet".into() }
            }
            word => word,
        }
    }

    fn request(&self, check: &CheckSku, customer_no: &str, reference: &str, timeout: Duration) -> Request {
        let Settings { base_url, username, api_key, most, .. } = &self.settings;
        let mut body = serde_json::json!({
            "username": username,
            "buyer_sku_code": check.sku,
            "customer_no": customer_no,
            "ref_id": reference,
            "sign": md5_hex(&[username, api_key.expose(), reference]),
            "max_price": most.get(),
        });
        if let Some(fields) = body.as_object_mut().filter(|_| customer_no.contains('.')) {
            fields.insert("allow_dot".into(), true.into());
        }
        let headers = ["Content-Type", "Accept"].map(|header| (header, "application/json".to_owned()));
        Request {
            name: "digiflazz.cek_username",
            method: Method::Post,
            url: format!("{}/transaction", base_url.trim_end_matches('/')),
            headers: headers.to_vec(),
            body: Some(body.to_string().into_bytes()),
            timeout,
        }
    }
}

impl NicknameSource for Digiflazz {
    fn name(&self) -> &'static str {
        "digiflazz"
    }

    fn knows(&self, game: Game) -> bool {
        self.settings.skus.contains_key(&game)
    }

    fn look_up<'a>(&'a self, game: Game, account: &'a Account, within: Duration) -> Pending<'a, Word> {
        Box::pin(self.ask(game, account, within))
    }
}
