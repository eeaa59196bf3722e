//! Every way that an order can go, step by step: its books after each, as the decisions say them.

use super::*;
use proptest::prelude::*;
use std::collections::{HashSet, VecDeque};

/// What a payment counts in a walk: so much that a part of it can go back.
const PAYMENT: i32 = 4;
/// That part: a share can be less, as much, or more.
const PART: i32 = 2;

/// What a walk counts, in payments of one and the same amount, and in products at one price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Books {
    /// What the gateway holds, by the books.
    gateway: i32,
    escrow: i32,
    wallet: i32,
    /// What the buyer has spent out of the wallet on something else.
    spent: i32,
    revenue: i32,
    chargebacks: i32,
    refunds: i32,
    /// On its way to the gateway, which gives it back to the buyer, or says that it does not.
    refunding: i32,
    /// What went back there by a refund of ours.
    returned: i32,
    /// Products that were earned with, and products that were lost.
    costs: i32,
    late_deliveries: i32,
    stock_held: bool,
    /// What the gateway really holds.
    there: i32,
    /// How many payments came in.
    arrived: i32,
    /// Whether what paid the order is there.
    paid: bool,
    /// Whether the gateway has taken that back, and the books do not know yet.
    gone: bool,
    /// Whether it has given back a part of it, and the books do not know yet; or do.
    part_gone: bool,
    part_booked: bool,
    /// Whether it was taken back after it had been earned; and what of it stands as lost.
    lost: bool,
    lost_of_it: i32,
    /// How many payments that were credited are there.
    credited: i32,
    /// How many payments of an odd amount are there, and nobody has decided about them.
    undecided: i32,
    /// Attempts that may deliver, and attempts that are thought to have failed.
    open: i32,
    failed: i32,
    /// Products that the supplier really delivered, whole or in part, and has not taken back.
    delivered: i32,
    /// Whether one that was delivered in part waits for a person, and what of its money a person has said is the
    /// buyer's.
    partly: bool,
    shared: Option<i32>,
    /// Whether a payment may be open at its gateway.
    payable: bool,
    /// Whether the last that the buyer was told of the product is that it is there.
    told_delivered: bool,
}

/// What is left at the gateway of a payment when a part of it went back, or not.
fn without(part: bool) -> i32 {
    if part { PAYMENT - PART } else { PAYMENT }
}

impl Books {
    /// What was bought before, as the worker finds it.
    fn earlier(&self) -> Earlier {
        match (self.late_deliveries, self.open) {
            (0, 0) => Earlier::Nothing,
            (0, _) => Earlier::Open,
            _ => Earlier::Delivered,
        }
    }

    /// Whether this can happen, as the rows stand.
    fn fits(&self, position: Position, event: Event) -> bool {
        let (only, beside) = (self.late_deliveries == 0, self.late_deliveries > 0);
        match event {
            Event::OddMoneyGone { another_left } => {
                self.undecided > 0 && another_left == (self.undecided > 1)
            }
            // What a refund of ours is giving back, or has given back, nobody else takes back.
            Event::MoneyTakenBack { booked: Booked::ForOrder } => {
                (self.paid || self.gone) && self.refunding == 0
            }
            Event::MoneyTakenBack { booked: Booked::AsCredit } => self.credited > 0,
            Event::FulfilmentBegun { earlier } => earlier == self.earlier(),
            Event::Delivered { money_gone } => {
                money_gone == self.gone && (self.partly || self.open + self.failed > 0)
            }
            Event::PartlyDelivered => self.open + self.failed > 0,
            Event::DeliveredBeside => self.partly && self.open + self.failed > 0,
            Event::RestDelivered { settled } => settled && self.shared.is_some(),
            Event::PartSettled { back, .. } => {
                self.partly
                    && match back {
                        WentBack::Nothing => !self.gone && !self.part_gone,
                        WentBack::Less | WentBack::Share | WentBack::More => self.part_gone,
                        WentBack::All => self.gone,
                    }
            }
            Event::PartReversed { beside, money_gone } => {
                self.partly && beside == self.earlier() && money_gone == self.gone
            }
            // Where more went back than the books know, or another delivered as well, a person reckons.
            Event::SettledReversed { unpaid } => {
                self.shared.is_some() && only && !self.part_gone && unpaid == self.lost
            }
            Event::Failed | Event::SupplierRefusesUs | Event::SupplierSlow | Event::SupplierOdd => {
                self.open > 0
            }
            // What was open has failed in the same step, or nothing is open.
            Event::NextRoute { .. } | Event::MustWait { .. } => {
                let there = self.costs + self.late_deliveries;
                there == 0 && self.may_go_on(position) && !self.gone
            }
            Event::NobodySells => self.open + self.costs + self.late_deliveries == 0 && !self.gone,
            Event::SerialArrived => self.costs > 0,
            Event::Reversed { was_loss: true } => beside,
            // What was settled in part is taken back as such.
            Event::DeliveryReplaced | Event::Reversed { was_loss: false } | Event::ReversedUnpaid
                if self.shared.is_some() =>
            {
                false
            }
            Event::DeliveryReplaced => self.costs > 0 && beside,
            Event::Reversed { was_loss: false } => self.costs > 0 && only && !self.lost,
            Event::ReversedUnpaid => self.costs > 0 && only && self.lost,
            Event::RefundBegun { part_back } => part_back == self.part_gone,
            Event::RefundDone { part_back } => self.refunding == 0 && part_back == self.part_gone,
            // Only what is there whole is sent back.
            Event::RefundSent => self.refunding == 0 && self.paid && !self.gone && !self.part_gone,
            Event::RefundArrived | Event::RefundFellBack => self.refunding > 0,
            Event::Retried { attempt_open, money_gone } => {
                attempt_open == (self.open > 0) && money_gone == self.gone
            }
            Event::RefundOrdered { part_back } => (part_back != PartBack::Nothing) == self.part_gone,
            _ => true,
        }
    }

    /// Whether an attempt is open that can fail just now; or none is, and the order is to be bought.
    fn may_go_on(&self, position: Position) -> bool {
        match (position.state, position.attention) {
            (OrderState::Paid, _) | (_, Some(Attention::WaitsForSupplier)) => self.open == 0,
            (OrderState::Fulfilling, _) => self.open == 1,
            (_, Some(why)) => why.is_about_supplier() && self.open == 1,
            _ => false,
        }
    }

    /// What has happened outside, or was looked up, when it is acted on.
    fn hear(&mut self, position: Position, event: Event) {
        match event {
            Event::MoneyArrived { still_possible } => {
                (self.there, self.arrived) = (self.there + PAYMENT, self.arrived + 1);
                let late = matches!(position.state, OrderState::Expired | OrderState::Cancelled)
                    || position.attention == Some(Attention::OddMoney);
                self.stock_held |= late && still_possible;
            }
            Event::OddMoney => {
                (self.there, self.arrived) = (self.there + PAYMENT, self.arrived + 1);
                self.undecided += 1;
            }
            Event::OddMoneyGone { .. } => {
                (self.there, self.undecided) = (self.there - PAYMENT, self.undecided - 1);
            }
            // The one that is taken as paid is decided about, and its stock is held again.
            Event::Approved if self.undecided > 0 => {
                (self.undecided, self.stock_held) = (self.undecided - 1, true);
            }
            Event::MoneyTakenBack { booked: Booked::ForOrder } if self.paid => {
                self.there -= without(self.part_gone || self.part_booked);
                (self.paid, self.gone, self.part_gone) = (false, true, false);
            }
            Event::MoneyTakenBack { booked: Booked::AsCredit } => {
                (self.credited, self.there) = (self.credited - 1, self.there - PAYMENT);
            }
            // The rest of what was delivered in part.
            Event::Delivered { .. } if self.partly => self.partly = false,
            Event::Delivered { .. } | Event::PartlyDelivered | Event::DeliveredBeside => {
                self.delivered += 1;
                let late = self.failed > 0;
                let from = if late { &mut self.failed } else { &mut self.open };
                *from -= 1;
            }
            Event::Failed | Event::SupplierRefusesUs => {
                (self.open, self.failed) = (self.open - 1, self.failed + 1);
            }
            Event::NextRoute { .. } | Event::MustWait { .. } if self.open > 0 => {
                (self.open, self.failed) = (self.open - 1, self.failed + 1);
            }
            Event::PartReversed { .. } => (self.partly, self.delivered) = (false, self.delivered - 1),
            Event::Reversed { .. }
            | Event::ReversedUnpaid
            | Event::DeliveryReplaced
            | Event::SettledReversed { .. } => self.delivered -= 1,
            Event::RefundArrived => (self.there, self.paid) = (self.there - PAYMENT, false),
            _ => {}
        }
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::BookPayment => {
                (self.gateway, self.escrow) = (self.gateway + PAYMENT, self.escrow + PAYMENT);
                (self.paid, self.lost, self.part_gone, self.part_booked) = (true, false, false, false);
                self.lost_of_it = 0;
            }
            Effect::CreditWallet => self.credit(1),
            Effect::CreditOddMoney => {
                self.credit(self.undecided);
                self.undecided = 0;
            }
            Effect::BookDelivery => self.earn(1),
            Effect::BookReversal => self.earn(-1),
            Effect::BookStandIn => {
                self.late_deliveries -= 1;
                self.earn(1);
            }
            Effect::BookRefund => self.refund(PAYMENT),
            Effect::BeginRefund => {
                (self.escrow, self.refunding) = (self.escrow - PAYMENT, self.refunding + PAYMENT);
                self.refunds += 1;
            }
            Effect::FinishRefund => {
                (self.gateway, self.refunding) = (self.gateway - PAYMENT, self.refunding - PAYMENT);
                self.returned += PAYMENT;
            }
            Effect::CreditRefund => {
                (self.refunding, self.wallet) = (self.refunding - PAYMENT, self.wallet + PAYMENT);
            }
            Effect::BookRestRefund => {
                (self.gateway, self.escrow) = (self.gateway - PART, self.escrow - PART);
                (self.part_gone, self.part_booked) = (false, true);
                self.refund(PAYMENT - PART);
            }
            Effect::BookTakenBack => {
                self.gateway -= PAYMENT;
                (self.escrow, self.gone) = (self.escrow - PAYMENT, false);
            }
            Effect::BookChargeback => {
                let lost = without(self.part_booked);
                (self.gateway, self.chargebacks) = (self.gateway - lost, self.chargebacks + lost);
                (self.gone, self.lost) = (false, true);
                self.lost_of_it += lost;
            }
            Effect::TakeCreditBack => {
                // The wallet is one: what is not there any more is lost.
                let got = self.wallet.min(PAYMENT);
                (self.gateway, self.wallet) = (self.gateway - PAYMENT, self.wallet - got);
                self.chargebacks += PAYMENT - got;
            }
            Effect::CoverChargeback => {
                (self.escrow, self.chargebacks) = (self.escrow - PAYMENT, self.chargebacks - PAYMENT);
                (self.lost, self.lost_of_it) = (false, 0);
            }
            Effect::BookPartReversal => self.unsettle(),
            Effect::BookLoss => self.late_deliveries += 1,
            Effect::BookLossReversal => self.late_deliveries -= 1,
            Effect::ReleaseStock | Effect::CommitStock | Effect::PutStockBack => self.stock_held = false,
            Effect::OpenPayment => self.payable = true,
            Effect::ClosePayments(_) => self.payable = false,
            // That is about another payment.
            Effect::TellBuyer(MessageKind::Credited) => {}
            Effect::TellBuyer(kind) => {
                let told = [
                    MessageKind::Delivered,
                    MessageKind::SerialNumber,
                    MessageKind::ShareGivenBack,
                    MessageKind::ShareWentBack,
                    MessageKind::RestDelivered,
                ];
                self.told_delivered = told.contains(&kind);
            }
            Effect::BeginAttempt => {
                let there = self.open + self.costs + self.late_deliveries + i32::from(self.partly);
                assert_eq!(there, 0, "the database refuses another attempt: {self:?}");
                self.open += 1;
            }
            _ => {}
        }
    }

    fn earn(&mut self, deliveries: i32) {
        self.costs += deliveries;
        let amount = PAYMENT * deliveries;
        (self.escrow, self.revenue) = (self.escrow - amount, self.revenue + amount);
    }

    /// A person says what a part was worth: a payment less the buyer's share, of which this went back.
    fn settle(&mut self, share: Share, back: WentBack) {
        let share = match (share, back) {
            (Share::Nothing, _) => 0,
            (Share::Some, WentBack::Less) => PART + 1,
            (Share::Some, WentBack::More) => PART - 1,
            (Share::Some, _) => PART,
            (Share::All, _) => PAYMENT,
        };
        let went = match back {
            WentBack::Nothing => 0,
            WentBack::Less | WentBack::Share | WentBack::More => PART,
            WentBack::All => PAYMENT,
        };
        (self.partly, self.shared) = (false, Some(share));
        self.earn(1);
        (self.escrow, self.revenue) = (self.escrow + share, self.revenue - share);
        let theirs = went.min(share);
        (self.gateway, self.escrow) = (self.gateway - went, self.escrow - theirs);
        self.chargebacks += went - theirs;
        self.lost_of_it += went - theirs;
        if went == PART {
            (self.part_gone, self.part_booked) = (false, true);
        }
        if back == WentBack::All {
            (self.gone, self.lost) = (false, true);
        }
        if share > theirs {
            self.refund(share - theirs);
        }
    }

    /// What was earned with a part is the buyer's, as far as it does not make good what they got beyond their
    /// share. It belongs to the refund that the share was.
    fn unsettle(&mut self) {
        let earned = PAYMENT - self.shared.unwrap_or_default();
        let covered = self.lost_of_it.min(earned);
        (self.costs, self.shared) = (self.costs - 1, None);
        self.revenue -= earned;
        (self.chargebacks, self.lost_of_it) = (self.chargebacks - covered, self.lost_of_it - covered);
        self.wallet += earned - covered;
    }

    fn refund(&mut self, amount: i32) {
        (self.escrow, self.wallet) = (self.escrow - amount, self.wallet + amount);
        self.refunds += 1;
    }

    fn credit(&mut self, payments: i32) {
        let amount = PAYMENT * payments;
        (self.gateway, self.wallet) = (self.gateway + amount, self.wallet + amount);
        self.credited += payments;
    }
}

/// A step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Something happens to the order.
    Happens(Event),
    /// The gateway gives back a part of what paid it, which changes nothing yet.
    PartGoesBack,
    /// The buyer spends a payment's worth of store credit on something else, once.
    Spends,
}

/// An order on its way, and its books.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Walk {
    position: Position,
    books: Books,
}

impl Walk {
    fn begin() -> Walk {
        let position = Position { state: OrderState::AwaitingPayment, attention: None };
        Walk { position, books: Books { stock_held: true, payable: true, ..Books::default() } }
    }

    /// Everything that can happen here, as the rows stand.
    fn steps(&self) -> Vec<Step> {
        let books = &self.books;
        // The worker looks whether the money is still there before it goes on.
        let seen = EVENTS.into_iter().map(|event| match event {
            Event::FulfilmentBegun { .. } | Event::RefundBegun { .. } | Event::RefundDone { .. }
                if books.gone =>
            {
                Event::MoneyTakenBack { booked: Booked::ForOrder }
            }
            other => other,
        });
        let mut steps: Vec<Step> =
            seen.filter(|event| books.fits(self.position, *event)).map(Step::Happens).collect();
        if books.paid && !books.part_gone && !books.part_booked && books.refunding == 0 {
            steps.push(Step::PartGoesBack);
        }
        if books.credited > 0 && books.wallet >= PAYMENT && books.spent == 0 {
            steps.push(Step::Spends);
        }
        steps
    }

    /// Goes one step. The books must be right after it.
    fn take(&self, step: Step) -> Walk {
        let mut next = self.clone();
        match step {
            Step::PartGoesBack => {
                (next.books.part_gone, next.books.there) = (true, self.books.there - PART);
            }
            Step::Spends => {
                (next.books.wallet, next.books.spent) = (self.books.wallet - PAYMENT, PAYMENT);
            }
            Step::Happens(event) => match decide(self.position, event) {
                Decision::Refused => {}
                Decision::Nothing => {
                    let delivered = matches!(
                        event,
                        Event::Delivered { .. } | Event::PartlyDelivered | Event::DeliveredBeside
                    );
                    assert!(!delivered, "a delivery is not booked: {self:?}");
                    // What the supplier says of an attempt is true, whatever follows from it.
                    if matches!(event, Event::Failed | Event::SupplierRefusesUs) {
                        next.books.hear(self.position, event);
                    }
                }
                Decision::Go { to, attention, effects } => {
                    next.books.hear(self.position, event);
                    if let Event::PartSettled { share, back } = event {
                        next.books.settle(share, back);
                    }
                    next.books.partly |= event == Event::PartlyDelivered
                        && to == OrderState::NeedsAttention
                        && !effects.contains(&Effect::BookLoss);
                    for effect in effects {
                        next.books.apply(effect);
                    }
                    next.position = Position { state: to, attention };
                }
            },
        }
        next.holds(self, step);
        next
    }

    /// The books sum to nothing and hold what the gateway holds and what the supplier delivered, escrow
    /// holds one payment exactly while the state says so, a paid order is earned or given back but not
    /// both, no refund is made twice, an order that is over leaves nothing undecided, keeps no stock and can
    /// not be paid, and the last that the buyer was told of the product is true.
    fn holds(&self, before: &Walk, step: Step) {
        let (books, Position { state, attention }) = (&self.books, self.position);
        let odd = attention == Some(Attention::OddMoney);
        let holds = state.holds_money() || (state == OrderState::NeedsAttention && !odd);
        let delivered = i32::from(state == OrderState::Delivered);
        let told = format!("{step:?} at {before:?}");
        // What is on its way back is held as well, until it has arrived.
        assert!(books.refunding == 0 || state == OrderState::Refunding, "on its way after {told}");
        assert_eq!(books.escrow + books.refunding, PAYMENT * i32::from(holds), "held after {told}");
        // Of what was settled in part a share went back, or all of it, and the product was paid for all the same.
        let shared = books.shared.unwrap_or_default();
        let all_back = i32::from(books.shared == Some(PAYMENT));
        assert_eq!(books.revenue, (PAYMENT - shared) * delivered, "earned after {told}");
        assert_eq!(books.costs, delivered + all_back, "products that were earned with after {told}");
        let waits = i32::from(books.partly);
        assert_eq!(books.costs + books.late_deliveries + waits, books.delivered, "products after {told}");
        assert_eq!(books.partly, attention == Some(Attention::PartlyDelivered), "in part after {told}");
        assert!(books.refunds <= 1, "refunds after {told}");
        let owed = books.escrow + books.wallet + books.spent + books.revenue + books.refunding;
        assert!(books.returned == 0 || state == OrderState::Refunded, "given back after {told}");
        assert_eq!(books.gateway + books.chargebacks, owed, "owed after {told}");
        let gone = PAYMENT * i32::from(books.gone) + PART * i32::from(books.part_gone);
        let known = books.gateway + PAYMENT * books.undecided - gone;
        assert_eq!(known, books.there, "known of the gateway after {told}");
        assert_eq!(books.undecided > 0, odd, "undecided after {told}");
        assert!(!books.gone || holds, "money that is gone after {told}");
        assert!(!books.stock_held || !state.is_final(), "stock after {told}");
        assert!(!books.payable || odd || state == OrderState::AwaitingPayment, "payable after {told}");
        // What was taken back is refunded within a moment, and then the buyer is told.
        let in_a_moment = state == OrderState::Refunding && books.told_delivered;
        // Of a part that is settled when its money is gone the buyer hears that, and not that all has come.
        let settled_unpaid = books.shared.is_some() && books.lost;
        let is_true = books.told_delivered == (delivered == 1 || in_a_moment);
        assert!(is_true || settled_unpaid && !books.told_delivered, "told after {told}");
        let unpaid = matches!(step, Step::Happens(Event::PartSettled { back: WentBack::All, .. }));
        assert!(!unpaid || !books.told_delivered, "told after {told}");
        assert!(books.lost_of_it >= 0 && books.wallet >= 0, "given back and lost after {told}");
    }
}

/// Wherever an order can get with four payments and three attempts, in whatever order things happen.
#[test]
fn money_is_never_lost_and_never_doubled_on_any_way() {
    let (mut seen, mut ahead) = (HashSet::from([Walk::begin()]), VecDeque::from([Walk::begin()]));
    while let Some(walk) = ahead.pop_front() {
        for step in walk.steps() {
            let next = walk.take(step);
            let attempts = next.books.open + next.books.failed + next.books.delivered;
            if next.books.arrived <= 4 && attempts <= 3 && seen.insert(next.clone()) {
                ahead.push_back(next);
            }
        }
    }
    // Held and blocked orders have no money.
    let passed: HashSet<Position> = seen.iter().map(|walk| walk.position).collect();
    assert_eq!(passed.len(), positions().len() - 3, "{passed:?}");
    assert!(seen.len() > 2_000, "only {} different books were seen", seen.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// The same, with as many payments and attempts as come.
    #[test]
    fn money_is_never_lost_and_never_doubled(picks in proptest::collection::vec(0..1_000_usize, 1..120)) {
        let mut walk = Walk::begin();
        for pick in picks {
            let steps = walk.steps();
            walk = walk.take(steps[pick % steps.len()]);
        }
    }
}

/// Goes these steps, each of which must be possible, and says where that leads.
fn walked(events: &[Event]) -> Walk {
    events.iter().fold(Walk::begin(), |walk, event| {
        let step = Step::Happens(*event);
        assert!(walk.steps().contains(&step), "{event:?} cannot happen at {walk:?}");
        walk.take(step)
    })
}

/// Paid, refused, bought once more and delivered, and then the attempt that was refused delivers as well.
const DELIVERED_TWICE: [Event; 6] = [
    Event::MoneyArrived { still_possible: true },
    Event::FulfilmentBegun { earlier: Earlier::Nothing },
    Event::SupplierRefusesUs,
    Event::Retried { attempt_open: false, money_gone: false },
    Event::Delivered { money_gone: false },
    Event::Delivered { money_gone: false },
];

#[test]
fn the_buyer_is_refunded_when_the_last_of_two_deliveries_is_taken_back() {
    let twice = walked(&DELIVERED_TWICE);
    assert_eq!((twice.books.costs, twice.books.late_deliveries), (1, 1));
    let replaced = [&DELIVERED_TWICE[..], &[Event::DeliveryReplaced]].concat();
    let walk = walked(&replaced);
    assert_eq!(walk.position.state, OrderState::Delivered);
    assert_eq!((walk.books.costs, walk.books.late_deliveries), (1, 0), "what is left is paid for");
    let told = effects(walk.position, Event::DeliveryReplaced);
    assert!(told.contains(&Effect::TellBuyer(MessageKind::SerialNumber)), "{told:?}");
    // Nothing is a loss any more: the second reversal is one like any other.
    let back = [Event::Reversed { was_loss: false }, Event::RefundDone { part_back: false }];
    let walk = walked(&[replaced, back.to_vec()].concat());
    assert_eq!(walk.position.state, OrderState::Refunded);
    assert_eq!((walk.books.wallet, walk.books.delivered), (PAYMENT, 0));
}

#[test]
fn what_was_delivered_for_nothing_is_what_a_later_payment_pays_for() {
    let lost = [
        Event::MoneyArrived { still_possible: true },
        Event::FulfilmentBegun { earlier: Earlier::Nothing },
        Event::MoneyTakenBack { booked: Booked::ForOrder },
        Event::Failed,
        Event::MoneyTakenBack { booked: Booked::ForOrder },
        Event::OddMoney,
        Event::Delivered { money_gone: false },
    ];
    let walk = walked(&lost);
    assert_eq!(walk.position.attention, Some(Attention::OddMoney));
    assert_eq!(walk.books.late_deliveries, 1);
    let paid = [Event::Approved, Event::FulfilmentBegun { earlier: Earlier::Delivered }];
    let walk = walked(&[&lost[..], &paid].concat());
    assert_eq!(walk.position.state, OrderState::Delivered);
    assert_eq!((walk.books.costs, walk.books.late_deliveries, walk.books.open), (1, 0, 0));
}

#[test]
fn a_paid_deposit_becomes_store_credit_once_and_what_went_back_in_part_is_for_a_person() {
    for position in positions() {
        let paid = position.state == OrderState::Paid;
        for (part_back, to) in [(false, "refunded"), (true, "needs_attention")] {
            let expected = if paid { to } else { "·" };
            assert_eq!(cell(position, Event::DepositPaid { part_back }), expected, "{position:?}");
        }
    }
    let paid = Position { state: OrderState::Paid, attention: None };
    let credited = effects(paid, Event::DepositPaid { part_back: false });
    assert_eq!(credited, [Effect::BookRefund, Effect::TellBuyer(MessageKind::Refunded)]);
    assert!(!effects(paid, Event::DepositPaid { part_back: true }).contains(&Effect::BookRefund));
}
