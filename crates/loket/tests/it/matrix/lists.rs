//! What the matrix is made of, a line each: ways to pay and who carries them, parties and what a purchase asks of
//! them, faults and how a purchase under each must end. What the program knows and these lists do not fails the test.

/// How a purchase must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Paid once, delivered once.
    Delivered,
    /// The same, after a person has looked at an amount that is not ours and let it pass.
    Approved,
    /// Paid once, nothing delivered, and the money is with the buyer again.
    Refunded,
}

/// One place of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// A purchase is made.
    Ends(End),
    /// None is, and why.
    Empty(&'static str),
}

/// What a party is to a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Takes the buyer's money.
    Gateway,
    /// Delivers the goods.
    Supplier,
    /// Brings the order in, and the messages out.
    Chat,
}

/// A party.
pub(super) struct Party {
    pub(super) name: &'static str,
    pub(super) part: Part,
    /// What a purchase asks of it, in the words of its simulator: a fault of requests strikes each of them.
    pub(super) asked: &'static [&'static str],
    /// What it does to us by webhook or interaction, where a fault is to strike only some of it; empty for all.
    pub(super) tells: &'static [&'static str],
    /// Why no purchase of this test has to do with it, if none has.
    pub(super) elsewhere: Option<&'static str>,
}

const BUYS_ELSEWHERE: Option<&str> =
    Some("no shop of this test buys there: suppliers::others makes whole purchases from it");

/// Every party.
pub(super) const PARTIES: &[Party] = &[
    gateway("midtrans", &["charge", "transactions", "status"]),
    gateway("dana", &["create", "query"]),
    Party {
        elsewhere: Some(
            "no shop of this test collects over it: payments::xendit makes whole purchases there",
        ),
        ..gateway("xendit", &["create", "list", "status"])
    },
    supplier("digiflazz", &["transaction"]),
    Party { elsewhere: BUYS_ELSEWHERE, ..supplier("vip-reseller", &["order", "status"]) },
    Party { elsewhere: BUYS_ELSEWHERE, ..supplier("apigames", &["transaksi", "status"]) },
    Party {
        part: Part::Chat,
        tells: &["command", "component"],
        ..supplier("discord", &["create_message", "edit_answer"])
    },
];

const fn gateway(name: &'static str, asked: &'static [&'static str]) -> Party {
    Party { name, part: Part::Gateway, asked, tells: &[], elsewhere: None }
}

const fn supplier(name: &'static str, asked: &'static [&'static str]) -> Party {
    Party { name, part: Part::Supplier, asked, tells: &[], elsewhere: None }
}

/// A way to pay, and the gateways over which a shop of this test collects by it.
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) carried_by: &'static [&'static str],
}

/// Every way to pay.
pub(super) const METHODS: &[Method] = &[
    Method { name: "gopay_qr", carried_by: &["midtrans"] },
    Method { name: "gopay_link", carried_by: &["midtrans"] },
    Method { name: "ovo_push", carried_by: &["midtrans", "dana"] },
    Method { name: "ovo_link", carried_by: &["midtrans"] },
    Method { name: "dana_qr", carried_by: &["dana"] },
    Method { name: "dana_link", carried_by: &["dana"] },
    Method { name: "qris", carried_by: &["midtrans", "dana"] },
    Method { name: "va_bca", carried_by: &["midtrans", "dana"] },
    Method { name: "va_bni", carried_by: &["midtrans", "dana"] },
    Method { name: "va_bri", carried_by: &["midtrans", "dana"] },
    Method { name: "va_permata", carried_by: &["midtrans", "dana"] },
    Method { name: "cstore_indomaret", carried_by: &["midtrans"] },
    Method { name: "cstore_alfamart", carried_by: &["midtrans"] },
    // Paid inside the shop.
    Method { name: "wallet", carried_by: &[] },
];

/// What a fault strikes, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strikes {
    /// Each thing that is asked of the party, so many times; in a chat, where every try is later than the one before, once.
    Asked(u32),
    /// All that it tells us of the purchase.
    Told,
    /// What it answers or tells, so many times in all.
    Words(u32),
    /// How its errors look; something is made to go wrong, so that there are some.
    Errors,
    /// A push to a phone on which another one waits.
    BusyPhone,
}

/// A fault.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) strikes: Strikes,
    /// How long a request is held or a webhook delayed; the simulator's own time if none.
    pub(super) delay_ms: Option<u32>,
    pub(super) gateway: Cell,
    pub(super) supplier: Cell,
    pub(super) chat: Cell,
    /// Parties at which no purchase is made, and why.
    pub(super) not_at: &'static [(&'static str, &'static str)],
    /// The ways to pay that it can strike, and why no other.
    pub(super) only: Option<(&'static [&'static str], &'static str)>,
}

const DELIVERED: Cell = Cell::Ends(End::Delivered);
const NO_MONEY: Cell = Cell::Empty("it takes no buyer's money, and names no state of a payment");
const HTTP_ANYWAY: Cell = Cell::Empty("its errors show in the HTTP status, and in no other way");

/// Whatever it strikes, the purchase ends as if nothing had been.
const fn fault(name: &'static str, strikes: Strikes) -> Fault {
    Fault {
        name,
        strikes,
        delay_ms: None,
        gateway: DELIVERED,
        supplier: DELIVERED,
        chat: DELIVERED,
        not_at: &[],
        only: None,
    }
}

/// A fault in what gateways say of payments.
const fn of_gateways(name: &'static str, strikes: Strikes) -> Fault {
    Fault { supplier: NO_MONEY, chat: NO_MONEY, ..fault(name, strikes) }
}

const GIVES_NOTHING: Cell = Cell::Empty("it has no buyer's money to give back");
const OF_REFUNDS: Cell =
    Cell::Empty("no purchase of this test goes back at a gateway: refunds::source makes such ones");

/// A fault in giving money back to where it came from.
const fn of_refunds(name: &'static str) -> Fault {
    Fault {
        gateway: OF_REFUNDS,
        supplier: GIVES_NOTHING,
        chat: GIVES_NOTHING,
        ..fault(name, Strikes::Words(1))
    }
}

const NOT_DANA_WORDS: (&str, &str) = ("dana", "it tells a state by a code, which has no capitals");
const NOT_DANA_FEE: (&str, &str) = ("dana", "it puts nothing on top of an amount");
const NOT_DANA_STYLE: (&str, &str) = ("dana", "its errors show in the HTTP status and in the body, always");
const NOT_DANA_PUSH: (&str, &str) = ("dana", "what a second push through it does is not documented");
const NOT_DANA_LINK: (&str, &str) = ("dana", "its link is a page on the web, always");

/// Every fault.
pub(super) const FAULTS: &[Fault] = &[
    // One whose answer would come after all is waited for in full; this one is told by the server in front.
    Fault { delay_ms: Some(700), ..fault("timeout", Strikes::Asked(1)) },
    fault("timeout_after_effect", Strikes::Asked(1)),
    fault("error_500", Strikes::Asked(1)),
    // In a chat it stops everybody who asks the same.
    Fault { delay_ms: Some(1_000), ..fault("rate_limited", Strikes::Asked(1)) },
    fault("redirect", Strikes::Asked(1)),
    // HTML once, and a JSON that stops half-way.
    fault("garbage", Strikes::Asked(2)),
    fault("drop_webhook", Strikes::Told),
    fault("duplicate_webhook", Strikes::Told),
    Fault {
        not_at: &[("discord", "interactions wait for nobody: none is held back behind another")],
        ..fault("reorder_webhook", Strikes::Words(1))
    },
    fault("delay_webhook", Strikes::Told),
    fault("forge_signature", Strikes::Told),
    fault("missing_signature", Strikes::Told),
    Fault {
        gateway: Cell::Ends(End::Approved),
        not_at: &[NOT_DANA_FEE],
        ..of_gateways("impose_fee", Strikes::Words(1))
    },
    Fault { not_at: &[NOT_DANA_WORDS], ..of_gateways("upper_case_status", Strikes::Words(100)) },
    Fault {
        chat: NO_MONEY,
        not_at: &[("digiflazz", "its words are three, and a code beside them tells what is meant")],
        ..fault("unknown_status", Strikes::Words(3))
    },
    Fault {
        not_at: &[NOT_DANA_PUSH],
        only: Some((&["ovo_push"], "no push goes to a phone")),
        ..of_gateways("single_push", Strikes::BusyPhone)
    },
    Fault {
        not_at: &[NOT_DANA_LINK],
        only: Some((&["gopay_qr", "gopay_link"], "the answer has no link into an app")),
        ..of_gateways("app_deep_link", Strikes::Words(1))
    },
    of_refunds("insufficient_balance"),
    of_refunds("refund_in_progress"),
    Fault {
        supplier: Cell::Ends(End::Refunded),
        chat: HTTP_ANYWAY,
        not_at: &[NOT_DANA_STYLE],
        ..fault("http_status_errors", Strikes::Errors)
    },
    Fault {
        supplier: Cell::Ends(End::Refunded),
        chat: HTTP_ANYWAY,
        not_at: &[NOT_DANA_STYLE],
        ..fault("body_only_errors", Strikes::Errors)
    },
    Fault {
        gateway: Cell::Empty("a gateway may be asked at any time"),
        supplier: Cell::Empty("it answers who asks too soon, and the shop never does (failures.md, row 6)"),
        chat: Cell::Empty("nothing is asked of it that it could have stored"),
        ..fault("stale_requery", Strikes::Words(1))
    },
];
