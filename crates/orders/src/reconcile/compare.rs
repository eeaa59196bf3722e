//! The comparison: all sides of a day go in, every difference comes out, with its likely cause and what to do.
//! Pure: no clock, no database, no outside party.

use super::{
    act, attempt,
    balance::{self, Moved},
    listed,
    payment::{self, Brought, Judged},
    report::{Counts, Difference, DifferenceKind as Kind, NotAsked, Note},
    settled,
    view::{
        Closing, DepositSides, GatewaySays, OurAttempt, OurOrder, OurPayment, Sides, Stranger, StrangerSays,
    },
};
use crate::{Attention, OrderState};
use payments::{Fee, ObservedState};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use suppliers::{AttemptState, Verdict};
use vocabulary::{PaymentMethod, Rupiah, Timestamp};

/// How long what a worker does in a moment may take before it is a difference.
const GRACE: Duration = Duration::from_secs(600);

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) counts: Counts,
    pub(super) differences: Vec<Difference>,
    pub(super) not_asked: Vec<NotAsked>,
    pub(super) notes: Vec<Note>,
    /// The subjects about which everybody was heard: of these it is known that nothing else differs.
    pub(super) looked_at: BTreeSet<String>,
    /// Alerts that stay open all the same: what they are about was not looked for in this run, or is not there yet.
    pub(super) still_open: BTreeSet<String>,
    /// Purchases from before words were kept.
    pub(super) old_attempts: usize,
    /// The alerts that differences with settlement reports raise.
    pub(super) of_settlement: BTreeSet<String>,
}

/// Compares all sides.
pub(super) fn compare(sides: &Sides) -> Found {
    let mut found = Found::default();
    for order in &sides.orders {
        found.counts.orders = found.counts.orders.saturating_add(1);
        for payment in order.payments.iter().filter(|payment| payment.gateway != "wallet") {
            found.payment(sides, order, payment);
        }
        for attempt in &order.attempts {
            found.counts.attempts = found.counts.attempts.saturating_add(1);
            attempt::compare(&mut found, sides, order, attempt);
        }
        found.order(sides, order);
    }
    found.fees(sides);
    for stranger in &sides.strangers {
        found.stranger(stranger);
    }
    for deposit in &sides.deposits {
        found.deposit(sides, deposit);
    }
    for listed in &sides.listed {
        listed::compare(&mut found, sides, listed);
    }
    let others = found.differences.len();
    settled::compare(&mut found, &sides.settlement);
    let of_settlement = found.differences.iter().skip(others);
    found.of_settlement =
        of_settlement.map(|found| act::subject(found.kind.as_str(), &found.subject)).collect();
    if found.old_attempts > 0 {
        let text = format!(
            "{} were made before what suppliers say was kept, and are taken as our rows have them",
            found.old_attempts
        );
        found.note("purchases", text);
    }
    found.differences.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
    found
}

impl Found {
    /// A party could not be asked about `subject`.
    pub(super) fn silence(&mut self, party: &str, subject: &str, why: &str) {
        match self.not_asked.iter_mut().find(|silence| silence.party == party) {
            Some(silence) => silence.count = silence.count.saturating_add(1),
            None => self.not_asked.push(NotAsked {
                party: party.to_owned(),
                count: 1,
                first: subject.to_owned(),
                why: why.to_owned(),
            }),
        }
    }

    pub(super) fn note(&mut self, subject: &str, text: impl Into<String>) {
        self.notes.push(Note { subject: subject.to_owned(), text: text.into() });
    }

    fn payment(&mut self, sides: &Sides, order: &OurOrder, payment: &OurPayment) {
        self.counts.payments = self.counts.payments.saturating_add(1);
        let judged = match sides.gateways.get(&payment.reference) {
            Some(says) => payment::judge(&order.number, payment, says, sides.now),
            None => Judged::NotAsked("nobody asked".to_owned()),
        };
        if let Judged::NotAsked(why) = &judged {
            return self.silence(&payment.gateway, &payment.reference, why);
        }
        self.counts.told = self.counts.told.saturating_add(1);
        self.looked_at.insert(payment.gateway.clone());
        self.looked_at.insert(payment.reference.clone());
        match judged {
            Judged::Differs(difference) => self.differences.push(*difference),
            Judged::Noted(text) => self.note(&payment.reference, text),
            Judged::Agrees | Judged::NotAsked(_) => {}
        }
    }

    /// What is delivered is paid and bought, and what is paid is bought or given back.
    fn order(&mut self, sides: &Sides, order: &OurOrder) {
        let brought: Vec<Brought> = order
            .payments
            .iter()
            .map(|payment| payment::brought(payment, sides.gateways.get(&payment.reference)))
            .collect();
        let is_paid = brought.iter().any(|b| matches!(b, Brought::Yes | Brought::WentBack));
        let is_known = is_paid || !brought.contains(&Brought::NotKnown);
        if is_known {
            self.looked_at.insert(order.number.to_string());
        }
        if order.state == OrderState::Delivered && is_known && !is_paid {
            self.differences.push(Difference {
                kind: Kind::DeliveredUnpaid,
                subject: order.number.to_string(),
                ledger: format!("{}; its payments: {}", order.state, our_payments(order)),
                gateway: Some(their_payments(sides, order)),
                supplier: None,
                cause: "its money never came or went back, and it was delivered all the same: our rows are wrong, or the gateway changed its word".into(),
                action: format!("`loket order show {}`, and the dashboard of the gateway", order.number),
                asked_again: false,
            });
        }
        // Of what was delivered in part a person has said what it is worth.
        let arrived = [AttemptState::Succeeded, AttemptState::PartlySucceeded];
        let delivered = order.attempts.iter().any(|attempt| arrived.contains(&attempt.state));
        if order.state == OrderState::Delivered && !delivered {
            self.differences.push(Difference {
                kind: Kind::NotDeliveredThere,
                subject: order.number.to_string(),
                ledger: order.state.to_string(),
                gateway: None,
                supplier: Some(their_attempts(order)),
                cause: "our row is wrong: no purchase of it was delivered".into(),
                action: format!("`loket order show {}`, and the member area of the supplier", order.number),
                asked_again: false,
            });
        }
        self.paid_and_not_bought(sides, order);
    }

    fn paid_and_not_bought(&mut self, sides: &Sides, order: &OurOrder) {
        let holds_money = order.state.holds_money()
            || (order.state == OrderState::NeedsAttention && order.attention != Some(Attention::OddMoney));
        let too_long = |since: Timestamp| since.plus(GRACE) <= sides.now;
        let is_bought = order.attempts.iter().any(|attempt| match attempt.state {
            AttemptState::Failed | AttemptState::Reversed => false,
            AttemptState::Intended => !too_long(attempt.created_at),
            _ => true,
        });
        if !holds_money || is_bought || !too_long(order.updated_at) {
            return;
        }
        let (cause, action) = match order.state {
            OrderState::NeedsAttention => (
                format!(
                    "a person has to decide ({})",
                    order.attention.map_or("no reason", Attention::as_str)
                ),
                format!("`loket order retry {0}` or `loket order refund {0}`", order.number),
            ),
            OrderState::Failed | OrderState::Refunding => (
                "nothing was delivered, and the money has not gone back: no worker runs, a row is parked, or a refund is still on its way"
                    .into(),
                format!("`loket alerts`, then `loket order show {}`", order.number),
            ),
            _ => (
                "no worker runs, its row is parked, or the supplier cannot be reached".into(),
                format!("`loket alerts`, `loket doctor`, then `loket order show {}`", order.number),
            ),
        };
        self.differences.push(Difference {
            kind: Kind::PaidNotBought,
            subject: order.number.to_string(),
            ledger: format!("{} since {}", order.state, order.updated_at.wib()),
            gateway: None,
            supplier: Some(their_attempts(order)),
            cause,
            action,
            asked_again: false,
        });
    }

    /// What is booked as fees of the day is what the configured rates make.
    fn fees(&mut self, sides: &Sides) {
        let mut booked: BTreeMap<(&str, PaymentMethod), Fees> = BTreeMap::new();
        for payment in sides.orders.iter().flat_map(|order| &order.payments) {
            let of_day = payment.settled_at.is_some_and(|at| at.wib_day() == sides.day);
            if !of_day || payment.gateway == "wallet" || !payment.booked.ours.is_positive() {
                continue;
            }
            let rate =
                sides.rates.get(&(payment.gateway.clone(), payment.method)).copied().unwrap_or(Fee::NONE);
            let expected = rate.of(payment.booked.ours).unwrap_or(Rupiah::ZERO);
            booked
                .entry((payment.gateway.as_str(), payment.method))
                .or_default()
                .add(payment.booked.fee, expected);
        }
        for ((gateway, method), fees) in booked {
            let subject = format!("{gateway}/{method}/{}", sides.day);
            self.looked_at.insert(subject.clone());
            if fees.wrong == 0 {
                continue;
            }
            self.differences.push(Difference {
                kind: Kind::Fee,
                subject,
                ledger: format!("{} booked as fees of {} payments", Rupiah::new(fees.booked), fees.count),
                gateway: Some(format!("not told; by its list or the configuration it is {}", Rupiah::new(fees.expected))),
                supplier: None,
                cause: format!("the rate was changed since {} of them were booked", fees.wrong),
                action: format!(
                    "set the fee of {method} to what the contract with {gateway} says, and compare the settlement report"
                ),
                asked_again: false,
            });
        }
    }

    fn stranger(&mut self, stranger: &Stranger) {
        let Stranger { party, reference, at, says } = stranger;
        let heard = format!("no row of ours; a webhook of {}", at.wib());
        match says {
            StrangerSays::NotOurForm => self.note(
                reference,
                format!(
                    "{party} sent a webhook about it; it is no reference of this shop (a test, or another program on the same account), so it is not asked about"
                ),
            ),
            StrangerSays::Payment(GatewaySays::Silent(why)) => self.silence(party, reference, why),
            StrangerSays::Payment(GatewaySays::NotFound) => {
                self.note(reference, format!("{party} sent a webhook about it and knows nothing of it"));
            }
            StrangerSays::Payment(GatewaySays::Found { state, stated, amount, .. }) => {
                self.looked_at.insert(reference.clone());
                let said = payment::worded(stated, *amount);
                if !matches!(state, ObservedState::Settled | ObservedState::PartlyRefunded) {
                    return self.note(reference, format!("no payment of ours; {party} says {said}"));
                }
                self.differences.push(Difference {
                    kind: Kind::UnknownPayment,
                    subject: reference.clone(),
                    ledger: heard,
                    gateway: Some(said),
                    supplier: None,
                    cause: "the database was restored from before it, or another program uses this account".into(),
                    action: format!("give the money back in the dashboard of {party}, or find out whose it is"),
                    asked_again: false,
                });
            }
            StrangerSays::Purchase(verdict, said) => {
                self.looked_at.insert(reference.clone());
                if !matches!(verdict, Verdict::Succeeded | Verdict::Pending) {
                    return self.note(reference, format!("no purchase of ours; {party} says {said}"));
                }
                self.differences.push(Difference {
                    kind: Kind::UnknownPurchase,
                    subject: reference.clone(),
                    ledger: heard,
                    gateway: None,
                    supplier: Some(said.clone()),
                    cause: "the database was restored from before it, or another program uses this account".into(),
                    action: format!("look it up in the member area of {party}: it was paid from the deposit"),
                    asked_again: false,
                });
            }
        }
    }

    fn deposit(&mut self, sides: &Sides, deposit: &DepositSides) {
        let (supplier, day) = (deposit.supplier.as_str(), sides.day);
        let subject = format!("{supplier}/{day}");
        let closing = match &deposit.closing {
            Closing::Read(closing) => *closing,
            Closing::NotTold => return self.note(supplier, "does not tell what is left of our deposit"),
            Closing::Silent(why) => return self.silence(supplier, &subject, why),
        };
        let attempts: Vec<&OurAttempt> = deposit.attempts.iter().collect();
        let opening = deposit
            .opening
            .or_else(|| balance::first_answer(&attempts, (day.start(), day.end().min(closing.asked_at))));
        let Some(opening) = opening.filter(|opening| opening.at <= closing.asked_at) else {
            return self.note(
                supplier,
                "the deposit is not compared: nobody read it before, and nothing was bought since; the next daily run begins with this reading",
            );
        };
        self.looked_at.insert(supplier.to_owned());
        self.looked_at.insert(subject);
        match balance::judge(deposit, day, (opening, closing)) {
            Moved::AsBought => {}
            Moved::UnderWay(text) => self.note(supplier, text),
            Moved::Otherwise(difference) => self.differences.push(*difference),
        }
    }
}

/// The fees of one gateway and method.
#[derive(Clone, Copy, Debug, Default)]
struct Fees {
    count: usize,
    wrong: usize,
    booked: i64,
    expected: i64,
}

impl Fees {
    fn add(&mut self, booked: Rupiah, expected: Rupiah) {
        self.count = self.count.saturating_add(1);
        self.wrong = self.wrong.saturating_add(usize::from(booked != expected));
        self.booked = self.booked.saturating_add(booked.get());
        self.expected = self.expected.saturating_add(expected.get());
    }
}

fn our_payments(order: &OurOrder) -> String {
    let each = order.payments.iter().map(|payment| format!("{} {}", payment.reference, payment.state));
    none_or(each)
}

fn their_payments(sides: &Sides, order: &OurOrder) -> String {
    let each = order.payments.iter().filter_map(|payment| {
        let said = match sides.gateways.get(&payment.reference)? {
            GatewaySays::Found { stated, amount, .. } => payment::worded(stated, *amount),
            GatewaySays::NotFound => "nothing under this reference".to_owned(),
            GatewaySays::Silent(why) => why.clone(),
        };
        Some(format!("{}: {said}", payment.reference))
    });
    none_or(each)
}

fn their_attempts(order: &OurOrder) -> String {
    none_or(order.attempts.iter().map(attempt::worded))
}

fn none_or(each: impl Iterator<Item = String>) -> String {
    let each: Vec<String> = each.collect();
    if each.is_empty() { "none".to_owned() } else { each.join("; ") }
}
