//! What sources said, kept for a while; and one look-up at a time about one account.
//!
//! The rule is that of `contracts/suppliers.md` §6 row 17: 12 hours, 30 seconds when it is negative. A name
//! is kept for long because players rarely rename themselves, and the buyer sees the name before paying.
//! That there is no account, and that nobody could say, is kept just long enough that the same typing
//! mistake, or a source that is down, is not asked about by everybody in turn: an account may have been
//! made just now, and a source may have been wrong.

use super::Validation;
use crate::account::Game;
use moka::future::Cache;
use std::time::Duration;
use tokio::time::Instant;
use vocabulary::Account;

const KEEP_NAME: Duration = Duration::from_secs(12 * 3600);
const KEEP_NEGATIVE: Duration = Duration::from_secs(30);
/// Accounts that are remembered. One takes a few hundred bytes.
const MAX_ANSWERS: u64 = 50_000;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) game: Game,
    pub(super) account: Account,
}

#[derive(Clone)]
struct Answer {
    validation: Validation,
    until: Instant,
}

pub(super) struct Answers(Cache<Question, Answer>);

impl Answers {
    pub(super) fn new() -> Self {
        Answers(Cache::builder().max_capacity(MAX_ANSWERS).time_to_live(KEEP_NAME).build())
    }

    /// What is remembered and not too old.
    pub(super) async fn known(&self, question: &Question) -> Option<Validation> {
        let answer = self.0.get(question).await?;
        (!answer.is_old()).then_some(answer.validation)
    }

    /// What is remembered, or the answer of `ask`. Whoever asks the same meanwhile waits for it.
    pub(super) async fn or_ask(
        &self,
        question: &Question,
        ask: impl Future<Output = Validation>,
    ) -> Validation {
        let ask = async {
            let validation = ask.await;
            let until = Instant::now() + keep(&validation);
            Answer { validation, until }
        };
        // In a box: the look-up is large, and moka would move it about on the stack.
        let entry = self.0.entry_by_ref(question).or_insert_with_if(Box::pin(ask), Answer::is_old).await;
        entry.into_value().validation
    }
}

impl Answer {
    fn is_old(&self) -> bool {
        Instant::now() >= self.until
    }
}

fn keep(validation: &Validation) -> Duration {
    match validation {
        Validation::Valid { .. } => KEEP_NAME,
        Validation::Invalid { .. } | Validation::Unavailable { .. } => KEEP_NEGATIVE,
    }
}
