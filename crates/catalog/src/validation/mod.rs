//! Whether a game account exists, and the name its owner will recognise. Format first
//! ([`account::parse`]), then the sources that know the game, one after the other, within a budget
//! that holds whatever they do (`contracts/suppliers.md` §3.1, §6 rows 9 and 17).
//!
//! The answer has three states, and it is advice: only a name proves that an account exists, only
//! words that can mean nothing else prove that it does not, and everything else is *unavailable*.
//! Answers are kept in memory, one question about an account is asked once at a time, a source that
//! fails is left alone for a while, and nobody may go through numbers by the thousand.

mod breaker;
mod cache;
mod chain;
mod nickname;
mod quota;
mod source;
mod told;

use crate::account::{self, AccountProblem, Game};
use breaker::Breaker;
use cache::{Answers, Question};
use chain::Guarded;
use quota::Quotas;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::Instant;
use vocabulary::{Account, CategoryCode};

pub use nickname::Nickname;
pub use quota::{Asker, TooMany};
pub use source::{NicknameSource, Word};
pub use told::{MaskedAccount, mask_message};

/// Whether an account exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// It does: a source named its owner.
    Valid {
        /// The name in the game. Untrusted text: escape it where it is shown.
        nickname: Nickname,
    },
    /// It does not, or it cannot be one of this game.
    Invalid {
        /// Why.
        reason: Refusal,
    },
    /// Nobody could say. The format is fine.
    Unavailable {
        /// Why.
        reason: Silence,
    },
}

/// Why an account is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The id cannot be one of this game. Nobody was asked.
    Format(AccountProblem),
    /// A source said in so many words that there is no such account.
    NotFound,
    /// There is one, in a region that the shop's products are not for.
    OtherRegion,
}

/// Why nobody could say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// No connected source knows this game.
    NoSource,
    /// Sources know the game, and none gave an answer that says anything, in time.
    NoAnswer,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The account, cleaned; `None` when the id could not be read as one.
    pub account: Option<Account>,
    /// Whether it exists.
    pub validation: Validation,
    /// True when the buyer should be asked once more before buying for this account.
    pub confirm: bool,
}

/// For which games a purchase for an account that nobody could check needs a second confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Confirm {
    /// For all.
    #[default]
    Always,
    /// For none.
    Never,
    /// For these categories.
    Only(BTreeSet<CategoryCode>),
}

/// How long sources may take. Together this keeps the whole answer below two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// All sources together.
    pub total: Duration,
    /// One source.
    pub each: Duration,
    /// When the first has not answered by then, the next is asked beside it.
    pub hedge_after: Duration,
    /// How long a second source may take to contradict a first that found no such account.
    pub second_opinion: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            total: Duration::from_millis(1_600),
            each: Duration::from_millis(1_200),
            hedge_after: Duration::from_millis(400),
            second_opinion: Duration::from_millis(700),
        }
    }
}

/// How a validator is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long sources may take.
    pub budget: Budget,
    /// Look-ups that one asker may cause in a minute; 0 for any number.
    pub per_asker_per_minute: u32,
    /// Look-ups that a group of askers (a server, the holder of a key) may cause in a minute; 0 for
    /// any number.
    pub per_group_per_minute: u32,
    /// When buying needs a second confirmation.
    pub confirm: Confirm,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            budget: Budget::default(),
            per_asker_per_minute: 10,
            per_group_per_minute: 120,
            confirm: Confirm::Always,
        }
    }
}

/// Checks accounts. Cheap to clone; clones share what they know. It remembers nothing over a restart.
#[derive(Clone)]
pub struct Validator(Arc<Inner>);

struct Inner {
    sources: Vec<Guarded>,
    answers: Answers,
    quotas: Quotas,
    settings: Settings,
}

/// How much longer than the sources' budget an asker waits before giving up: nothing but a machine
/// that is too busy to keep time uses it up.
const GRACE: Duration = Duration::from_millis(100);

impl Validator {
    /// A validator that asks these sources, in this order.
    pub fn new(sources: Vec<Arc<dyn NicknameSource>>, settings: Settings) -> Self {
        let sources: Vec<Guarded> = sources
            .into_iter()
            .map(|source| Guarded { breaker: Arc::new(Breaker::new(source.name())), source })
            .collect();
        let quotas = Quotas::new(settings.per_asker_per_minute, settings.per_group_per_minute);
        Validator(Arc::new(Inner { sources, answers: Answers::new(), quotas, settings }))
    }

    /// A validator without sources: it knows the formats, and of a well-formed id it says that nobody
    /// could check it.
    pub fn format_only() -> Self {
        Validator::new(Vec::new(), Settings::default())
    }

    /// The names of the connected sources, in the order in which they are asked.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.0.sources.iter().map(|guarded| guarded.source.name())
    }

    /// Checks an account from what a person typed or pasted. Ends within two seconds, whatever the
    /// sources do. No transaction may be open meanwhile.
    ///
    /// # Errors
    /// [`TooMany`] when this asker or their group caused too many look-ups. What can be answered
    /// without asking a source is always answered.
    pub async fn check(
        &self,
        category: &CategoryCode,
        user_id: &str,
        server_id: Option<&str>,
        asker: &Asker,
    ) -> Result<Checked, TooMany> {
        let started = Instant::now();
        let (account, validation, from) = match account::parse(category, user_id, server_id) {
            Err(problem) => (None, Validation::Invalid { reason: Refusal::Format(problem) }, "format"),
            Ok(account) => match self.question(category, &account) {
                None => (Some(account), Validation::Unavailable { reason: Silence::NoSource }, "format"),
                Some(question) => {
                    let (validation, from) = self.answer(question, asker).await?;
                    (Some(account), validation, from)
                }
            },
        };
        let word = validation.as_str();
        metrics::counter!("loket_validation_answers_total", "status" => word, "from" => from).increment(1);
        metrics::histogram!("loket_validation_seconds", "from" => from)
            .record(started.elapsed().as_secs_f64());
        let confirm = self.must_confirm(category, &validation);
        Ok(Checked { account, validation, confirm })
    }

    /// What can be said about an account without asking anybody: the format, that no source knows the
    /// game, or what is remembered. `None` when a source has to be asked.
    pub async fn cached(
        &self,
        category: &CategoryCode,
        user_id: &str,
        server_id: Option<&str>,
    ) -> Option<Checked> {
        let (account, validation) = match account::parse(category, user_id, server_id) {
            Err(problem) => (None, Validation::Invalid { reason: Refusal::Format(problem) }),
            Ok(account) => {
                let validation = match self.question(category, &account) {
                    None => Validation::Unavailable { reason: Silence::NoSource },
                    Some(question) => self.0.answers.known(&question).await?,
                };
                (Some(account), validation)
            }
        };
        let confirm = self.must_confirm(category, &validation);
        Some(Checked { account, validation, confirm })
    }

    /// What sources can be asked about an account; `None` when no connected source knows the game.
    fn question(&self, category: &CategoryCode, account: &Account) -> Option<Question> {
        let game = Game::of(category)?;
        let known = self.0.sources.iter().any(|guarded| guarded.source.knows(game));
        known.then(|| Question { game, account: account.clone() })
    }

    async fn answer(&self, question: Question, asker: &Asker) -> Result<(Validation, &'static str), TooMany> {
        if let Some(known) = self.0.answers.known(&question).await {
            return Ok((known, "memory"));
        }
        self.0.quotas.take(asker)?;
        // In a task of its own: an asker who goes away must not spoil the answer for others who wait.
        let inner = Arc::clone(&self.0);
        let look_up = tokio::spawn(async move { inner.look_up(question).await });
        let within = self.0.settings.budget.total.saturating_add(GRACE);
        let answer = tokio::time::timeout(within, look_up).await;
        // Neither a panic in a source nor a machine out of breath says anything about the account.
        let validation = match answer {
            Ok(Ok(validation)) => validation,
            Ok(Err(_)) | Err(_) => Validation::Unavailable { reason: Silence::NoAnswer },
        };
        Ok((validation, "sources"))
    }

    /// Whether the owner wants a second confirmation before somebody buys for an account of this category
    /// that nobody could check.
    pub fn confirms_unchecked(&self, category: &CategoryCode) -> bool {
        match &self.0.settings.confirm {
            Confirm::Always => true,
            Confirm::Never => false,
            Confirm::Only(categories) => categories.contains(category),
        }
    }

    fn must_confirm(&self, category: &CategoryCode, validation: &Validation) -> bool {
        matches!(validation, Validation::Unavailable { .. }) && self.confirms_unchecked(category)
    }
}

impl Inner {
    async fn look_up(&self, question: Question) -> Validation {
        let ask = chain::ask(&self.sources, &question, &self.settings.budget);
        self.answers.or_ask(&question, ask).await
    }
}

impl Validation {
    /// `valid`, `invalid` or `unavailable`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Validation::Valid { .. } => "valid",
            Validation::Invalid { .. } => "invalid",
            Validation::Unavailable { .. } => "unavailable",
        }
    }
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Validator")
            .field("sources", &self.sources().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
