//! What the matrix is made of, a line each: ways to pay and who carries them, parties and what a purchase asks of
//! them, faults and how a purchase under each must end. What the program knows and these lists do not fails the test.

/// How a purchase must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Paid once, delivered once.
    Delivered,
    /// The same, after a person has looked at an amount that is not ours and let it pass.
    Approved,
    /// Paid once, nothing delivered, and the money is the buyer's store credit.
    Credited,
    /// The same by a person's word: it may have been bought, nobody can tell, and it was not.
    GivenUp,
    /// Paid once, nothing delivered, and the money is where it came from.
    Returned,
}

/// One place of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// A purchase is made.
    Ends(End),
    /// None is, and why.
    Empty(&'static str),
    /// None is by this way to pay: this one stands for it, because nothing that the party is asked depends on it.
    As(&'static str),
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
    /// Is a gateway, and gives back what was paid for something that cannot be delivered.
    Returns,
}

/// A party, in one of its parts.
pub(super) struct Party {
    pub(super) name: &'static str,
    pub(super) part: Part,
    /// What a purchase asks of it, in the words of its simulator: a fault of requests strikes each of them.
    pub(super) asked: &'static [&'static str],
    /// What it does to us by webhook or interaction, where a fault is to strike only some of it; empty for all.
    pub(super) tells: &'static [&'static str],
    /// The ways to pay by which purchases are made, where these stand for all; empty for each.
    pub(super) by: &'static [&'static str],
}

impl Party {
    /// What its table is called.
    pub(super) fn title(&self) -> String {
        match self.part {
            Part::Returns => format!("{}, giving back", self.name),
            _ => self.name.to_owned(),
        }
    }
}

/// Every party. How a refund stands Midtrans and DANA tell in answer to the question about its payment, which is
/// struck among the gateway's own.
pub(super) const PARTIES: &[Party] = &[
    party("midtrans", Part::Gateway, &["charge", "transactions", "status"]),
    party("dana", Part::Gateway, &["create", "query"]),
    party("xendit", Part::Gateway, &["create", "list", "status", "refunds"]),
    Party { tells: &["refund"], ..party("midtrans", Part::Returns, &["refund"]) },
    party("dana", Part::Returns, &["refund"]),
    Party { tells: &["refunded"], ..party("xendit", Part::Returns, &["refund", "refunds", "refund-status"]) },
    party("digiflazz", Part::Supplier, &["transaction"]),
    Party { by: STAND_FOR_ALL, ..party("vip-reseller", Part::Supplier, &["order", "status", OF_PRODUCT]) },
    Party { by: STAND_FOR_ALL, ..party("apigames", Part::Supplier, &["transaksi", "status"]) },
    Party {
        tells: &["command", "component"],
        ..party("discord", Part::Chat, &["create_message", "edit_answer"])
    },
];

const fn party(name: &'static str, part: Part, asked: &'static [&'static str]) -> Party {
    Party { name, part, asked, tells: &[], by: &[] }
}

/// What is asked before every purchase, of the product: no buyer and no account stands in it, so a fault strikes
/// whoever asks next.
pub(super) const OF_PRODUCT: &str = "service-stock";

/// A question of a party that no purchase of the matrix is struck at, and why. Each other one that a line names has to be
/// struck by some purchase.
pub(super) const NEVER_STRUCK: &[(&str, &str, &str)] = &[(
    "vip-reseller",
    "status",
    "it names nobody before there is a number of theirs, and whoever is delivered at once is not asked about: it is spoilt in `suppliers::others`",
)];

/// A supplier hears of an order when it is paid, and the same whoever was paid: what each way to pay adds to that is
/// seen at Digiflazz. One over each of two gateways, and store credit; the first stands for the others.
const STAND_FOR_ALL: &[&str] = &["gopay_qr", "dana_link", "wallet"];

/// A way to pay, and the gateways over which a shop of this test collects by it.
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) carried_by: &'static [&'static str],
    /// Those of them through which what was paid by it can go back.
    pub(super) back_over: &'static [&'static str],
}

/// Every way to pay.
pub(super) const METHODS: &[Method] = &[
    method("gopay_qr", &["midtrans"], &["midtrans"]),
    method("gopay_link", &["midtrans"], &["midtrans"]),
    method("ovo_push", &["midtrans", "dana", "xendit"], &["midtrans", "dana"]),
    method("ovo_link", &["midtrans"], &["midtrans"]),
    method("dana_qr", &["dana"], &["dana"]),
    method("dana_link", &["dana", "xendit"], &["dana", "xendit"]),
    method("qris", &["midtrans", "dana"], &["midtrans", "dana"]),
    method("va_bca", &["midtrans", "dana"], &[]),
    method("va_bni", &["midtrans", "dana"], &[]),
    method("va_bri", &["midtrans", "dana"], &[]),
    method("va_permata", &["midtrans", "dana"], &[]),
    method("va_mandiri", &["dana"], &[]),
    method("va_bsi", &["dana"], &[]),
    method("va_cimb", &["dana"], &[]),
    method("va_btpn", &["dana"], &[]),
    method("va_panin", &["dana"], &[]),
    method("cstore_indomaret", &["midtrans"], &[]),
    method("cstore_alfamart", &["midtrans"], &[]),
    // Paid inside the shop.
    method("wallet", &[], &[]),
];

const fn method(
    name: &'static str,
    carried_by: &'static [&'static str],
    back_over: &'static [&'static str],
) -> Method {
    Method { name, carried_by, back_over }
}

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
    /// What becomes of a refund.
    Refund,
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
    pub(super) returns: Cell,
    /// Where it is otherwise than at others of the same part.
    pub(super) at: &'static [(&'static str, Part, Cell)],
    /// The ways to pay that it can strike, and why no other.
    pub(super) only: Option<(&'static [&'static str], &'static str)>,
}

const DELIVERED: Cell = Cell::Ends(End::Delivered);
const CREDITED: Cell = Cell::Ends(End::Credited);
const GIVEN_UP: Cell = Cell::Ends(End::GivenUp);
const RETURNED: Cell = Cell::Ends(End::Returned);
const NO_MONEY: Cell = Cell::Empty("it takes no buyer's money, and names no state of a payment");
const HTTP_ANYWAY: Cell = Cell::Empty("its errors show in the HTTP status, and in no other way");
const IN_THE_PAYMENT: &str =
    "it is in how a payment is opened, and nothing of a refund: see the gateway's own rows";
const OF_PAYMENTS: Cell = Cell::Empty(IN_THE_PAYMENT);

/// Whatever it strikes, the purchase ends as if nothing had been, and so does a refund.
const fn fault(name: &'static str, strikes: Strikes) -> Fault {
    Fault {
        name,
        strikes,
        delay_ms: None,
        gateway: DELIVERED,
        supplier: DELIVERED,
        chat: DELIVERED,
        returns: RETURNED,
        at: &[],
        only: None,
    }
}

/// A request that does not arrive. A supplier that buys again when it is sent again is not sent again: in the end a
/// person decides.
const fn never_arrives(name: &'static str) -> Fault {
    const SENT_ONCE: &[(&str, Part, Cell)] =
        &[("vip-reseller", Part::Supplier, GIVEN_UP), ("apigames", Part::Supplier, GIVEN_UP)];
    Fault { at: SENT_ONCE, ..fault(name, Strikes::Asked(1)) }
}

/// A fault in what gateways say of payments.
const fn of_gateways(name: &'static str, strikes: Strikes) -> Fault {
    Fault { supplier: NO_MONEY, chat: NO_MONEY, returns: OF_PAYMENTS, ..fault(name, strikes) }
}

const IN_A_REFUND: &str = "it is in a refund: see the rows of this gateway giving back";
const OF_REFUNDS: Cell = Cell::Empty(IN_A_REFUND);
const GIVES_NOTHING: Cell = Cell::Empty("it has no buyer's money to give back");

/// A fault in giving money back to where it came from.
const fn of_refunds(name: &'static str, returns: Cell) -> Fault {
    Fault {
        gateway: OF_REFUNDS,
        supplier: GIVES_NOTHING,
        chat: GIVES_NOTHING,
        returns,
        ..fault(name, Strikes::Refund)
    }
}

/// A fault in how errors look: nothing comes of the purchase at Digiflazz, and the money cannot go back.
const fn of_errors(name: &'static str) -> Fault {
    Fault {
        supplier: CREDITED,
        chat: HTTP_ANYWAY,
        returns: CREDITED,
        at: &[
            ("dana", Part::Gateway, STYLE),
            ("xendit", Part::Gateway, STYLE),
            ("dana", Part::Returns, STYLE),
            ("xendit", Part::Returns, STYLE),
            // The deposit is too small at first.
            ("vip-reseller", Part::Supplier, DELIVERED),
            // What never arrived is asked about, and that nothing is there is an error.
            ("apigames", Part::Supplier, GIVEN_UP),
        ],
        ..fault(name, Strikes::Errors)
    }
}

const NO_FEE: Cell = Cell::Empty("it puts nothing on top of an amount");
const STYLE: Cell = Cell::Empty("its errors show in the HTTP status and in the body, always");
const PUSHES: Cell = Cell::Empty("what a second push through it does is not documented");
const WEB_LINK: Cell = Cell::Empty("its link is a page on the web, always");
const BY_CODE: Cell = Cell::Empty("it tells a state by a code, which has no capitals");
const IN_CAPITALS: Cell = Cell::Empty("its words are in capitals, always");

/// Every fault.
pub(super) const FAULTS: &[Fault] = &[
    // One whose answer would come after all is waited for in full; this one is told by the server in front.
    Fault { delay_ms: Some(700), ..never_arrives("timeout") },
    fault("timeout_after_effect", Strikes::Asked(1)),
    never_arrives("error_500"),
    // In a chat it stops everybody who asks the same.
    Fault { delay_ms: Some(1_000), ..never_arrives("rate_limited") },
    never_arrives("redirect"),
    // HTML once, and a JSON that stops half-way.
    fault("garbage", Strikes::Asked(2)),
    fault("drop_webhook", Strikes::Told),
    fault("duplicate_webhook", Strikes::Told),
    Fault {
        at: &[(
            "discord",
            Part::Chat,
            Cell::Empty("interactions wait for nobody: none is held back behind another"),
        )],
        ..fault("reorder_webhook", Strikes::Words(1))
    },
    fault("delay_webhook", Strikes::Told),
    fault("forge_signature", Strikes::Told),
    fault("missing_signature", Strikes::Told),
    Fault {
        gateway: Cell::Ends(End::Approved),
        at: &[("dana", Part::Gateway, NO_FEE), ("xendit", Part::Gateway, NO_FEE)],
        ..of_gateways("impose_fee", Strikes::Words(1))
    },
    Fault {
        returns: RETURNED,
        at: &[
            ("dana", Part::Gateway, BY_CODE),
            ("xendit", Part::Gateway, IN_CAPITALS),
            ("dana", Part::Returns, BY_CODE),
            ("xendit", Part::Returns, IN_CAPITALS),
        ],
        ..of_gateways("upper_case_status", Strikes::Words(100))
    },
    Fault { chat: NO_MONEY, ..fault("unknown_status", Strikes::Words(3)) },
    Fault {
        at: &[("dana", Part::Gateway, PUSHES), ("xendit", Part::Gateway, PUSHES)],
        only: Some((&["ovo_push"], "no push goes to a phone")),
        ..of_gateways("single_push", Strikes::BusyPhone)
    },
    Fault {
        at: &[("dana", Part::Gateway, WEB_LINK), ("xendit", Part::Gateway, WEB_LINK)],
        only: Some((&["gopay_qr", "gopay_link"], "the answer has no link into an app")),
        ..of_gateways("app_deep_link", Strikes::Words(1))
    },
    of_refunds("insufficient_balance", CREDITED),
    Fault {
        at: &[
            (
                "midtrans",
                Part::Returns,
                Cell::Empty("it gives back at once or not at all, as far as is documented"),
            ),
            (
                "xendit",
                Part::Returns,
                Cell::Empty("a refund through it is on its way at first, always: so is each of these"),
            ),
        ],
        ..of_refunds("refund_in_progress", RETURNED)
    },
    of_errors("http_status_errors"),
    of_errors("body_only_errors"),
    Fault {
        gateway: Cell::Empty("a gateway may be asked at any time"),
        supplier: Cell::Empty("it knows no difference between a first question and a second"),
        chat: Cell::Empty("nothing is asked of it that it could have stored"),
        returns: Cell::Empty("a gateway may be asked at any time"),
        ..fault("stale_requery", Strikes::Words(1))
    },
];

/// Where a simulator can go wrong by some faults, and no purchase is made all the same.
pub(super) struct Spared {
    pub(super) party: &'static str,
    pub(super) part: Part,
    pub(super) faults: &'static [&'static str],
    pub(super) why: &'static str,
    /// The part of the same party in which purchases are made under them; `None` where there is none.
    pub(super) made_as: Option<Part>,
}

impl Spared {
    pub(super) fn has(&self, party: &Party, fault: &Fault) -> bool {
        self.party == party.name && self.part == party.part && self.faults.contains(&fault.name)
    }
}

/// Each that fits, and yet is not made. Whatever else is empty is so because its simulator cannot go wrong like that.
pub(super) const FITS_AND_YET: &[Spared] = &[
    of_its_refunds("midtrans", &["insufficient_balance"]),
    of_its_refunds("dana", &["insufficient_balance", "refund_in_progress"]),
    of_its_refunds("xendit", &["insufficient_balance"]),
    of_its_payments("midtrans", &["impose_fee", "single_push", "app_deep_link"], IN_THE_PAYMENT),
    of_its_payments(
        "dana",
        &[
            "drop_webhook",
            "duplicate_webhook",
            "reorder_webhook",
            "delay_webhook",
            "forge_signature",
            "missing_signature",
        ],
        "it sends no notification of a refund: see the gateway's own rows for those of a payment",
    ),
    of_its_payments(
        "dana",
        &["unknown_status"],
        "it has no word for a refund, and tells sums: see the gateway's own rows for its words of a payment",
    ),
    Spared {
        party: "digiflazz",
        part: Part::Supplier,
        faults: &["stale_requery"],
        why: "who asks too soon is answered so, and the shop never does (failures.md, row 6)",
        made_as: None,
    },
];

const fn of_its_refunds(party: &'static str, faults: &'static [&'static str]) -> Spared {
    Spared { party, part: Part::Gateway, faults, why: IN_A_REFUND, made_as: Some(Part::Returns) }
}

const fn of_its_payments(party: &'static str, faults: &'static [&'static str], why: &'static str) -> Spared {
    Spared { party, part: Part::Returns, faults, why, made_as: Some(Part::Gateway) }
}
