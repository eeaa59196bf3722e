//! Asking the sources one after the other, the next beside the first when that is slow, within a
//! budget that holds whatever they do.
//!
//! **When two disagree**, a name wins: it proves that the account exists, while *not found* may be a
//! source that knows one region, or last week. So a first *not found* gets a moment for a second
//! opinion, and stands when nobody contradicts it. It costs one more call for each mistyped id.
//!
//! **A call that nobody waits for any more** goes on to its own limit, because its breaker has to learn what
//! the source really does. A source that is always a little slower than another is not one that fails: there
//! may be games that nobody else knows.

use super::{
    Budget, Refusal, Silence, Validation,
    breaker::Breaker,
    cache::Question,
    source::{NicknameSource, Word},
};
use crate::validation::{MaskedAccount, mask_message};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::Arc;
use tokio::{
    task::{JoinError, JoinHandle},
    time::{Instant, sleep_until, timeout},
};

/// A source behind its breaker.
pub(super) struct Guarded {
    pub(super) source: Arc<dyn NicknameSource>,
    pub(super) breaker: Arc<Breaker>,
}

/// Asks until one source names the player, or nobody is left, or the time is up.
pub(super) async fn ask(sources: &[Guarded], question: &Question, budget: &Budget) -> Validation {
    let mut deadline = Instant::now() + budget.total;
    let mut waiting = sources.iter().filter(|guarded| guarded.source.knows(question.game));
    let mut next = || waiting.find_map(|guarded| start(guarded, question, budget));
    let mut running = FuturesUnordered::new();
    running.extend(next());
    let mut hedge_at = Instant::now() + budget.hedge_after;
    let mut refusal = None;
    while !running.is_empty() {
        let more = tokio::select! {
            biased;
            answer = running.next() => match answer.map(word) {
                Some(Word::Found { nickname }) => return Validation::Valid { nickname },
                Some(Word::NotFound) if refusal.is_some() => break,
                Some(word @ (Word::NotFound | Word::OtherRegion)) => {
                    let other_region = word == Word::OtherRegion;
                    refusal = Some(if other_region { Refusal::OtherRegion } else { Refusal::NotFound });
                    if other_region {
                        break;
                    }
                    deadline = deadline.min(Instant::now() + budget.second_opinion);
                    // One that was asked already is opinion enough.
                    running.is_empty()
                }
                _ => true,
            },
            () = sleep_until(deadline) => break,
            () = sleep_until(hedge_at) => true,
        };
        hedge_at = Instant::now() + budget.hedge_after;
        if more {
            running.extend(next());
        }
    }
    match refusal {
        Some(reason) => Validation::Invalid { reason },
        None => Validation::Unavailable { reason: Silence::NoAnswer },
    }
}

/// Begins to ask a source, unless it is left alone for now. Whoever drops what is given does not end the call.
fn start(guarded: &Guarded, question: &Question, budget: &Budget) -> Option<JoinHandle<Word>> {
    let source = Arc::clone(&guarded.source);
    let name = source.name();
    let Some(permit) = guarded.breaker.admit() else {
        count(name, "skipped");
        return None;
    };
    let (question, each) = (question.clone(), budget.each);
    Some(tokio::spawn(async move {
        let call = source.look_up(question.game, &question.account, each);
        let word = match timeout(each, call).await {
            Ok(word) => word,
            Err(_) => Word::Down { why: "no answer in time".into() },
        };
        match &word {
            Word::Down { .. } => permit.failed(),
            _ => permit.succeeded(),
        }
        count(name, word.as_str());
        if let Word::Unclear { why } | Word::Down { why } = &word {
            let (account, why) = (MaskedAccount(&question.account), mask_message(why));
            tracing::info!(source = name, game = %question.game, %account, why, "{name} could not say whether {account} exists: {why}");
        }
        word
    }))
}

/// What a call ended with. A bug in a source stays the bug that it is.
fn word(ended: Result<Word, JoinError>) -> Word {
    match ended.map_err(JoinError::try_into_panic) {
        Ok(word) => word,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(error)) => Word::Down { why: error.to_string() },
    }
}

fn count(source: &'static str, outcome: &'static str) {
    metrics::counter!("loket_validation_source_answers_total", "source" => source, "outcome" => outcome)
        .increment(1);
}
