//! Digiflazz: "Cek Username", the name of an account sold as a product (`contracts/suppliers.md` §1.7). A question
//! costs money and is a purchase with all its rules: it has a row before it is sent, one reference for an account and
//! day, so that whoever asks again hears how it stands and pays nothing, never twice within a minute, and never above
//! a price. What its answers mean is in `wire.rs`.

mod wire;

use super::md5_hex;
use crate::{
    CustomerTemplate, NameBooks, NameOutcome, NameQuestion, NameTold, NameTurn,
    account::Game,
    validation::{NicknameSource, Word},
};
use database::Error;
use outside::{CallError, Http, Method, Pending, Request};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use vocabulary::{Account, Clock, Rupiah, Secret};

/// Whose deposit pays for it.
const SUPPLIER: &str = "digiflazz";
/// How long an answer is waited for to be noted, when nobody who asked waits for it any more.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long is waited before each question about a purchase of which nobody has told what became of it: never within
/// the minute (`contracts/suppliers.md` §1.3, §6 row 6). Who is stopped meanwhile leaves it to the webhook, and to
/// whoever asks about the account again.
pub const ASK_AGAIN: &[Duration] = &[
    Duration::from_secs(61),
    Duration::from_secs(120),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(3_600),
];

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
    /// How many names are bought in a day (WIB) at most: whoever types numbers spends our deposit.
    pub most_a_day: u32,
    /// How long to wait before each question about what nobody has told.
    pub ask_again: &'static [Duration],
}

/// The source.
pub struct Digiflazz(Arc<Inner>);

struct Inner {
    http: Http,
    settings: Settings,
    clock: Clock,
    books: Arc<dyn NameBooks>,
    /// Games of which it has found somebody, so that code and form are right.
    found: Mutex<BTreeSet<Game>>,
}

impl Digiflazz {
    /// Digiflazz with these settings, whose purchases are kept here.
    pub fn new(http: Http, settings: Settings, clock: Clock, books: Arc<dyn NameBooks>) -> Self {
        Digiflazz(Arc::new(Inner { http, settings, clock, books, found: Mutex::default() }))
    }
}

impl fmt::Debug for Digiflazz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digiflazz").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Inner {
    async fn ask(self: Arc<Self>, game: Game, account: &Account) -> Word {
        let Some(check) = self.settings.skus.get(&game) else {
            return Word::Unclear { why: "no product is set up for this game".into() };
        };
        let customer_no = match check.form.fill(account) {
            Ok(customer_no) => customer_no,
            Err(error) => return Word::Unclear { why: error.to_string() },
        };
        let question = self.question(check, &customer_no);
        let (reference, is_first) = match self.books.begin(&question, self.clock.now()).await {
            Ok(NameTurn::Ask { reference, is_first }) => (reference, is_first),
            Ok(NameTurn::TooSoon) => {
                return Word::Unclear { why: "it was asked about less than a minute ago".into() };
            }
            Ok(NameTurn::Enough) => {
                return Word::Unclear { why: "as many names were bought today as the owner allows".into() };
            }
            Err(error) => return unwritten(&error),
        };
        let (word, outcome) = self.send(check, &customer_no, (&reference, is_first)).await;
        if outcome == NameOutcome::Unknown {
            tokio::spawn(Arc::clone(&self).find_out(check.clone(), customer_no, reference));
        }
        self.proven(game, word)
    }

    /// Sends what is stored, and stores what is answered.
    async fn send(
        &self,
        check: &CheckSku,
        customer_no: &str,
        (reference, is_first): (&str, bool),
    ) -> (Word, NameOutcome) {
        let answer = self.http.call(self.request(check, customer_no, reference)).await;
        let (word, told) = match answer {
            Ok(answer) => wire::word(&answer, reference, is_first),
            Err(CallError::NotSent(why)) => {
                (Word::Down { why }, NameTold { outcome: NameOutcome::NotSent, ..wire::nothing(None) })
            }
            Err(CallError::Unknown(why)) => (Word::Down { why }, wire::nothing(None)),
        };
        if let Err(error) = self.books.record(reference, &told, self.clock.now()).await {
            tracing::error!(reference, %error, "what {reference} was answered could not be stored: {error}");
            // Its row says that nobody knows. What was bought is asked about again, and hears the same; what was not
            // would be bought by that.
            let is_bought = matches!(told.outcome, NameOutcome::Bought(_) | NameOutcome::TakenBack);
            return (word, if is_bought { NameOutcome::Unknown } else { told.outcome });
        }
        (word, told.outcome)
    }

    /// Asks what became of a purchase, under its own reference, until that is told. It costs nothing but where the
    /// first question never arrived: then the name is bought now, once, for nobody.
    async fn find_out(self: Arc<Self>, check: CheckSku, customer_no: String, reference: String) {
        for pause in self.settings.ask_again {
            tokio::time::sleep(*pause).await;
            match self.books.again(&reference, self.clock.now()).await {
                Ok(true) => {}
                // A webhook or another question has told, or is about to.
                Ok(false) => continue,
                Err(error) => {
                    tracing::warn!(reference, %error, "{reference} is not asked about now: {error}");
                    continue;
                }
            }
            let (_, outcome) = self.send(&check, &customer_no, (&reference, false)).await;
            if !matches!(outcome, NameOutcome::Unknown | NameOutcome::NotSent) {
                return;
            }
        }
    }

    fn question(&self, check: &CheckSku, customer_no: &str) -> NameQuestion {
        let Settings { api_key, most, most_a_day, .. } = &self.settings;
        NameQuestion {
            supplier: SUPPLIER,
            sku: check.sku.clone(),
            account: md5_hex(&[api_key.expose(), "|", &check.sku, "|", customer_no]),
            max_price: *most,
            most_a_day: *most_a_day,
        }
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

    fn request(&self, check: &CheckSku, customer_no: &str, reference: &str) -> Request {
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
            timeout: PATIENCE,
        }
    }
}

/// Nothing is sent that no row has.
fn unwritten(error: &Error) -> Word {
    Word::Down { why: format!("the question could not be stored: {error}") }
}

impl NicknameSource for Digiflazz {
    fn name(&self) -> &'static str {
        SUPPLIER
    }

    fn knows(&self, game: Game) -> bool {
        self.0.settings.skus.contains_key(&game)
    }

    fn look_up<'a>(&'a self, game: Game, account: &'a Account, within: Duration) -> Pending<'a, Word> {
        Box::pin(async move {
            // In a task of its own: what was bought is noted, though whoever asked waits no longer.
            let (source, account) = (Arc::clone(&self.0), account.clone());
            let asked = tokio::spawn(async move { source.ask(game, &account).await });
            match tokio::time::timeout(within, asked).await {
                Ok(Ok(word)) => word,
                Ok(Err(error)) => Word::Down { why: error.to_string() },
                Err(_) => Word::Down { why: "no answer in time".into() },
            }
        })
    }
}
