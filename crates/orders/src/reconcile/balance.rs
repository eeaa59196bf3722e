//! A deposit: whether it moved by the prices of our purchases and by nothing else. Pure.

use super::{
    report::{Difference, DifferenceKind as Kind},
    view::{DepositSides, OurAttempt, OurName, Reading},
};
use catalog::NameCheckState;
use suppliers::{AttemptState, Verdict, Word};
use vocabulary::{Rupiah, Timestamp, WibDay};

/// How many of the moments at which a gap arose are told.
const MOST_GAPS: usize = 5;
/// Why a deposit falls by more than our purchases.
const UNKNOWN_PURCHASE: &str = "something else was bought with this deposit (by hand in the member area, by another program), or a purchase was charged twice";

/// What is to be thought of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// By our purchases.
    AsBought,
    /// By another sum, which purchases that were under way at either end may explain.
    UnderWay(String),
    /// By another sum.
    Otherwise(Box<Difference>),
}

/// What an attempt takes from the deposit, over time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Charge {
    /// From when on it may have been charged, and until when that could change.
    sent_at: Timestamp,
    decided_at: Option<Timestamp>,
    /// What it stood charged with from each moment on.
    steps: Vec<(Timestamp, Rupiah)>,
    /// What it could be at most.
    most: Rupiah,
}

/// Compares the movement of a deposit between two readings with what our purchases took, the names that were bought
/// among them.
pub(super) fn judge(deposit: &DepositSides, day: WibDay, (opening, closing): (Reading, Reading)) -> Moved {
    let supplier = deposit.supplier.as_str();
    let attempts: Vec<&OurAttempt> = deposit.attempts.iter().collect();
    let bought = attempts.iter().filter_map(|attempt| charge(attempt));
    let charges: Vec<Charge> = bought.chain(deposit.names.iter().map(charge_of_name)).collect();
    let taken = between(&charges, opening.at, closing.at);
    let expected = opening.balance.get().saturating_sub(taken);
    let gap = closing.balance.get().saturating_sub(expected);
    if gap == 0 {
        return Moved::AsBought;
    }
    let slack =
        most_of(charges.iter().filter(|charge| charge.is_open_at(opening) || charge.is_open_at(closing)));
    let (fell, amount) = (gap < 0, Rupiah::new(gap.saturating_abs()));
    let way = if fell { "lower" } else { "higher" };
    let open_names = open_names(deposit, closing);
    if gap.saturating_abs() <= slack {
        return Moved::UnderWay(format!(
            "the deposit is {amount} {way} than our purchases make it; purchases that were under way may explain that, and a later comparison tells{open_names}"
        ));
    }
    let mut cause = match kept_of_failures(deposit, opening, closing).filter(|_| fell) {
        Some((kept, most)) if amount <= most => kept,
        Some((kept, _)) => format!("{UNKNOWN_PURCHASE}; a part of it may be {kept}"),
        None if fell => UNKNOWN_PURCHASE.to_owned(),
        None => {
            "the deposit was filled, or the supplier gave a price back and we have not heard of it".to_owned()
        }
    };
    cause.push_str(&open_names);
    let gaps = gaps(&attempts, &charges, opening, closing);
    Moved::Otherwise(Box::new(Difference {
        kind: Kind::Deposit,
        subject: format!("{supplier}/{day}"),
        ledger: format!(
            "{} at {}, then purchases of {}: {} expected",
            opening.balance,
            opening.at.wib(),
            Rupiah::new(taken),
            Rupiah::new(expected)
        ),
        gateway: None,
        supplier: Some(format!("{} at {}: {amount} {way}", closing.balance, closing.at.wib())),
        cause: if gaps.is_empty() { cause } else { format!("{cause}; {gaps}") },
        action: format!(
            "compare the list of deposit movements in the member area of {supplier}; when it is explained, `loket alerts --resolve reconciliation deposit:{supplier}/{day}`"
        ),
        asked_again: false,
    }))
}

/// What charges could be at most together.
fn most_of<'a>(charges: impl Iterator<Item = &'a Charge>) -> i64 {
    charges.fold(0, |sum: i64, charge| sum.saturating_add(charge.most.get()))
}

/// That there are names of which nobody has told whether they were bought; empty when there are none.
fn open_names(deposit: &DepositSides, closing: Reading) -> String {
    let open = deposit.names.iter().filter(|name| name.state.is_open() && name.asked_at <= closing.at);
    let (count, most) = open.fold((0_usize, 0_i64), |(count, most), name| {
        (count.saturating_add(1), most.saturating_add(name.max_price.get()))
    });
    if count == 0 {
        return String::new();
    }
    format!(
        "; of names that were asked for ({count}, {} at most) nobody has told whether they were bought",
        Rupiah::new(most)
    )
}

/// What the supplier keeps of purchases that failed between two readings, in words, and what it can be at most; none
/// where it keeps nothing, or none failed. How much it keeps is in no document, so nothing is reckoned with.
fn kept_of_failures(deposit: &DepositSides, opening: Reading, closing: Reading) -> Option<(String, Rupiah)> {
    let within = |at: Timestamp| at >= opening.asked_at && at <= closing.at;
    let failed = |attempt: &OurAttempt| {
        attempt.state == AttemptState::Failed || attempt.state == AttemptState::Reversed
    };
    let failures: Vec<Charge> = deposit
        .attempts
        .iter()
        .filter(|attempt| deposit.keeps_of_failures && failed(attempt))
        .filter(|attempt| attempt.words.last().is_some_and(|word| within(word.at)))
        .filter_map(charge)
        .collect();
    let (count, most) = (failures.len(), Rupiah::new(most_of(failures.iter())));
    let purchases = if count == 1 { "purchase" } else { "purchases" };
    let kept = format!("what {} keeps of {count} failed {purchases} ({most} at most)", deposit.supplier);
    (count > 0).then_some((kept, most))
}

/// The first answer of the day that names the deposit, for a day before which it was not read: what was left
/// right after a purchase.
pub(super) fn first_answer(
    attempts: &[&OurAttempt],
    (from, before): (Timestamp, Timestamp),
) -> Option<Reading> {
    fresh(attempts)
        .filter(|reading| reading.at >= from && reading.at < before)
        .min_by_key(|reading| reading.at)
}

/// The deposit as it was named in the answers to first sends. An answer to a later question may repeat what was
/// true before.
fn fresh(attempts: &[&OurAttempt]) -> impl Iterator<Item = Reading> {
    attempts.iter().flat_map(|attempt| {
        let first = attempt.words.iter().find(|word| {
            word.asked_at.is_some() && word.asked_at == attempt.first_sent_at && word.balance.is_some()
        });
        first.and_then(|word| Some(Reading { asked_at: word.asked_at?, at: word.at, balance: word.balance? }))
    })
}

/// What the charges of `charges` grew by between two moments.
fn between(charges: &[Charge], from: Timestamp, to: Timestamp) -> i64 {
    charges.iter().fold(0, |sum: i64, charge| {
        sum.saturating_add(charge.at(to).get().saturating_sub(charge.at(from).get()))
    })
}

/// When the gap arose, as far as the answers between tell.
fn gaps(attempts: &[&OurAttempt], charges: &[Charge], opening: Reading, closing: Reading) -> String {
    let mut readings: Vec<Reading> =
        fresh(attempts).filter(|r| r.at > opening.at && r.at < closing.at).collect();
    readings.push(opening);
    readings.push(closing);
    readings.sort_by_key(|reading| reading.at);
    let pairs = readings.iter().zip(readings.iter().skip(1));
    let told = pairs.filter_map(|(before, after)| {
        let taken = between(charges, before.at, after.at);
        let moved = after.balance.get().saturating_sub(before.balance.get());
        let gap = moved.saturating_add(taken);
        let signed = format!("{}{}", if gap > 0 { "+" } else { "" }, Rupiah::new(gap));
        (gap != 0).then(|| format!("{signed} between {} and {}", before.at.wib(), after.at.wib()))
    });
    told.take(MOST_GAPS).collect::<Vec<_>>().join(", ")
}

/// What an attempt takes over time; `None` when it was never sent.
fn charge(attempt: &OurAttempt) -> Option<Charge> {
    let sent_at = attempt.first_sent_at.or_else(|| attempt.words.first().map(|word| word.at))?;
    let mut steps: Vec<(Timestamp, Rupiah)> = Vec::new();
    let mut price = attempt.max_price;
    let mut decided_at = None;
    let mut reversed = false;
    for word in &attempt.words {
        if reversed {
            break;
        }
        reversed = word.verdict == Verdict::Reversed;
        // A purchase that was refused has no price.
        price = word.price.filter(|price| price.is_positive()).unwrap_or(price);
        let charged = match word.verdict {
            Verdict::Succeeded | Verdict::PartlySucceeded | Verdict::Pending => price,
            // That tells nothing new: as the first word, that there is a purchase.
            Verdict::UnknownWord => steps.last().map_or(price, |(_, charged)| *charged),
            _ => Rupiah::ZERO,
        };
        steps.push((word.at, charged));
        if is_decision(word) {
            decided_at = decided_at.or(Some(word.at));
        }
    }
    let undecided = matches!(
        attempt.state,
        AttemptState::Intended | AttemptState::Sent | AttemptState::Pending | AttemptState::Unknown
    );
    // A failure that was believed because it was said twice is decided by the second time.
    let decided_at = decided_at.or_else(|| attempt.words.last().map(|word| word.at));
    let most = attempt.max_price.max(price);
    Some(Charge { sent_at, decided_at: decided_at.filter(|_| !undecided), steps, most })
}

/// What the purchase of a name takes over time.
fn charge_of_name(name: &OurName) -> Charge {
    let price = name.price.unwrap_or(name.max_price);
    let taken = matches!(name.state, NameCheckState::Bought | NameCheckState::TakenBack);
    let bought = name.decided_at.filter(|_| taken).map(|at| (at, price));
    let back = name.taken_back_at.map(|at| (at, Rupiah::ZERO));
    Charge {
        sent_at: name.asked_at,
        decided_at: name.decided_at.filter(|_| !name.state.is_open()),
        steps: bought.into_iter().chain(back).collect(),
        most: name.max_price.max(price),
    }
}

/// Whether nothing else is to be expected after it, but that it is taken back.
fn is_decision(word: &Word) -> bool {
    !matches!(word.verdict, Verdict::Pending | Verdict::UnknownWord | Verdict::FailedUnproven)
}

impl Charge {
    /// What it stood charged with at a moment.
    fn at(&self, moment: Timestamp) -> Rupiah {
        self.steps
            .iter()
            .rev()
            .find(|(from, _)| *from <= moment)
            .map_or(Rupiah::ZERO, |(_, charged)| *charged)
    }

    /// Whether the deposit may have been charged or given back around a reading, without our knowing on which
    /// side of it. The purchase whose own answer the reading is does not count.
    fn is_open_at(&self, reading: Reading) -> bool {
        let is_its_own =
            self.steps.iter().any(|(at, _)| *at == reading.at) && self.sent_at == reading.asked_at;
        !is_its_own
            && self.sent_at <= reading.at
            && self.decided_at.is_none_or(|decided| decided >= reading.asked_at)
    }
}
