//! What a supplier can do, in the shop's words. An adapter is a folder below `adapters/`.

use crate::Listing;
use outside::Pending;
use std::time::Duration;
use vocabulary::{Reference, Rupiah, Timestamp};

/// A party that delivers the product.
pub trait Supplier: Send + Sync {
    /// Its name in the catalog, logs and the ledger (`digiflazz`).
    fn name(&self) -> &'static str;

    /// What it can do, for routing and for the rules of asking again.
    fn capabilities(&self) -> Capabilities;

    /// Sends a purchase, or asks about one that was sent. The attempt is committed before this is
    /// called.
    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report>;

    /// Looks at what a purchase could be mistaken for later, before it is sent for the first time. Only who
    /// takes no reference of ours has something to look at.
    fn before_first_send<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Before> {
        let _ = purchase;
        Box::pin(async { Before::Ready { earlier: None } })
    }

    /// Asks how an attempt stands in a way that cannot buy anything, whatever the supplier remembers. Who takes
    /// a second send for a second purchase is asked in this way alone; of the others most have none.
    fn look_up<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, LookedUp> {
        let _ = purchase;
        Box::pin(async { LookedUp::NoWay })
    }

    /// Asks what is left of our deposit. Not every supplier tells.
    fn deposit(&self) -> Pending<'_, Deposit> {
        Box::pin(async { Deposit::NotTold })
    }

    /// Lists the newest purchases of our account there, whoever made them. Not every supplier tells.
    fn newest_purchases(&self) -> Pending<'_, Purchases> {
        Box::pin(async { Purchases::NotTold })
    }

    /// Asks what can be bought there. The answer is the supplier's word and nothing more: whether a price in it
    /// is believed is for whoever compares it. Not every supplier tells.
    fn price_list<'a>(&'a self, ask: &'a ListAsk) -> Pending<'a, PriceList> {
        let _ = ask;
        Box::pin(async { PriceList::NotTold })
    }

    /// What a reconciliation with this supplier cannot see, and why, in words for staff.
    fn unseen(&self) -> &'static [&'static str] {
        &[
            "a final purchase is not asked about: the question could be taken for a new purchase; it is compared with what was said of it when it was made, and with the deposit",
            "purchases are not listed: one that this shop does not know shows only in the deposit, or by its webhook",
        ]
    }

    /// Where its webhooks come in, below our public address; `None` when it sends none, or has a door of its own.
    fn webhook_path(&self) -> Option<&'static str> {
        None
    }

    /// The headers that its webhooks are kept with beside those that every webhook is: those of its signature,
    /// which is checked again from what is stored. Names in lower case.
    fn webhook_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Those of them that are a secret, the same with each of its webhooks, and no signature over what one says:
    /// whoever reads one can send others. They are kept encrypted. Names in lower case.
    fn webhook_secrets(&self) -> &'static [&'static str] {
        &[]
    }

    /// Checks who sent a webhook, over the bytes as received, and reads it. No default on purpose.
    ///
    /// # Errors
    /// Why the sender is not believed, or why the body says nothing.
    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, WebhookRefusal>;
}

/// What a supplier can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Takes our own reference.
    pub supports_client_ref: bool,
    /// Sending the same reference again asks for the status instead of buying again.
    pub resend_is_status: bool,
    /// Shortest time between two questions about the same attempt.
    pub min_requery: Duration,
    /// Asking about an attempt older than this could buy again: never do it.
    pub max_requery_age: Duration,
    /// Refuses to buy above a price that we name.
    pub price_guard: bool,
    /// Knows no such limit, and its adapter asks for the price right before the first send, and sends nothing above.
    pub reads_price_first: bool,
    /// Its webhooks are signed over the whole body. What others say by webhook is a reason to ask, and nothing else.
    pub callback_is_authenticated: bool,
    /// Can deliver a part of what was bought.
    pub partial_possible: bool,
    /// Wants the internet address of the player with some purchases, which nobody asks buyers for.
    pub needs_end_user_ip: bool,
    /// Has a word of its own for a delivery that it took back. Of one that has none, a failure that it tells of what it
    /// had delivered is one, when it tells it twice.
    pub names_reversals: bool,
    /// Its documents say what its refusals mean. Of one whose do not, a refusal moves no order elsewhere.
    pub refusals_are_documented: bool,
    /// Keeps something of a purchase that fails, and tells nowhere how much: it shows in the deposit alone.
    pub keeps_of_failures: bool,
    /// Says at any moment what one product costs, beside a list that may be asked for seldom.
    pub tells_one_price: bool,
}

/// One purchase, the same at every send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Our reference, stored before the first send and never used for another purchase.
    pub reference: Reference,
    /// The supplier's code of the product.
    pub sku: String,
    /// The account in the form that the supplier wants for this product.
    pub customer_no: String,
    /// Do not buy above this.
    pub max_price: Rupiah,
    /// Whether this is the first send or a question about it.
    pub ask: Ask,
    /// When it was first sent, as it is stored; the time now when this is the first send.
    pub first_sent_at: Timestamp,
    /// Business time now. A supplier that forgets references refuses, without asking anybody, to
    /// send one that it may have forgotten.
    pub now: Timestamp,
    /// Where the supplier sends its webhooks, when that is told with each purchase.
    pub notify_url: Option<String>,
    /// The supplier's own number of it, once it is known.
    pub number: Option<String>,
    /// Numbers of theirs that are other purchases for the same account: those that were there before this one
    /// was sent, and those of our other attempts. `None`: nobody looked, so this one cannot be told from others.
    pub others: Option<Vec<String>>,
}

/// What a look before the first send has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// It may be sent.
    Ready {
        /// The supplier's numbers of earlier purchases that could be mistaken for this one, with spaces between;
        /// `None` when they are not known, or not needed.
        earlier: Option<String>,
    },
    /// It had better not be sent now: the supplier does not even answer a question.
    NotNow {
        /// Why.
        reason: String,
    },
    /// Nor now: the supplier answers, and of this product it tells nothing that helps. Of others it may.
    NotTold {
        /// Why.
        reason: String,
    },
    /// It is not sent at all, by what the supplier says of the product: nothing was bought. What that means for the
    /// attempt.
    NotBought(Report),
}

vocabulary::text_enum!(
    /// Whether a purchase is sent for the first time.
    pub enum Ask {
        /// Nothing was sent under this reference before.
        First = "first",
        /// It was sent, or may have been: this asks what became of it.
        Again = "again",
    }
);

/// What a supplier said, or that it said nothing usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it means for the attempt.
    pub verdict: Verdict,
    /// The supplier's code, when there is one.
    pub code: Option<String>,
    /// The supplier's words, or why there are none. For staff, not for buyers.
    pub message: String,
    /// Serial number: the proof of delivery, or the code that the buyer redeems.
    pub serial_number: Option<String>,
    /// What the supplier took for it.
    pub price: Option<Rupiah>,
    /// What is left of our deposit there, by the supplier's word, in whole rupiah rounded down.
    pub balance: Option<Rupiah>,
    /// The supplier's own number of the purchase.
    pub number: Option<String>,
}

impl Report {
    /// What it means and why, and nothing else: no code, serial number, price, balance or number.
    pub fn bare(verdict: Verdict, message: impl Into<String>) -> Self {
        let message = message.into();
        Report { verdict, code: None, message, serial_number: None, price: None, balance: None, number: None }
    }
}

vocabulary::text_enum!(
    /// What an answer means for the attempt that it is about.
    pub enum Verdict {
        /// Delivered.
        Succeeded = "succeeded",
        /// A part was delivered; the rest may follow, or not.
        PartlySucceeded = "partly_succeeded",
        /// Accepted, not decided.
        Pending = "pending",
        /// Final: nothing was delivered and nothing will be; the account is at fault.
        FailedCustomer = "failed_customer",
        /// Final: nothing was delivered and nothing will be; the product or its seller is at fault.
        FailedProvider = "failed_provider",
        /// The same, and the product is not sold to us under this code: the next order would fail as well.
        FailedGone = "failed_gone",
        /// The same, and there is none left of the product.
        FailedEmpty = "failed_empty",
        /// The same, and the product has trouble at its seller that may last.
        FailedTroubled = "failed_troubled",
        /// Final: refused because the price is above our limit.
        FailedPrice = "failed_price",
        /// Said to have failed, but such answers have turned into successes: ask again a minute
        /// later before any money moves.
        FailedUnproven = "failed_unproven",
        /// Refused before anything was bought, for a reason that only we can mend (keys, deposit,
        /// access). Trying again is pointless until a person did something.
        RefusedConfiguration = "refused_configuration",
        /// Refused before anything was bought: our deposit is empty.
        RefusedBalance = "refused_balance",
        /// Accepted, in a word that we do not know: not decided, and a person must see the word.
        UnknownWord = "unknown_word",
        /// Says nothing about the attempt: ask again later.
        Unknown = "unknown",
        /// Says nothing about the attempt, and something is wrong that a person must see now.
        UnknownAlarm = "unknown_alarm",
        /// Certainly never arrived: no connection.
        NotSent = "not_sent",
        /// Certainly not sent: asked before the first send, it answered, and told nothing of the product that helps.
        NotTold = "not_told",
        /// What was delivered, or taken as accepted, has been taken back and credited to us.
        Reversed = "reversed",
    }
);

impl Verdict {
    /// Whether it is final that nothing was delivered and nothing will be, for a reason of the purchase itself.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Verdict::FailedCustomer
                | Verdict::FailedProvider
                | Verdict::FailedGone
                | Verdict::FailedEmpty
                | Verdict::FailedTroubled
                | Verdict::FailedPrice
        )
    }

    /// Whether it is such a failure, and the product or its seller is at fault.
    pub fn is_failure_of_provider(self) -> bool {
        self.is_failure() && !matches!(self, Verdict::FailedCustomer | Verdict::FailedPrice)
    }
}

/// What came of asking about an attempt without buying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedUp {
    /// What the supplier says of it.
    Told(Report),
    /// There is no way to ask.
    NoWay,
    /// No usable answer.
    Silent {
        /// Why.
        reason: String,
    },
}

/// What came of asking for our deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deposit {
    /// What is left of it, in whole rupiah rounded down.
    Left(Rupiah),
    /// The supplier does not tell.
    NotTold,
    /// No usable answer.
    Silent {
        /// Why.
        reason: String,
    },
}

/// What came of asking for the newest purchases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purchases {
    /// Those that the supplier names.
    Told(Vec<ListedPurchase>),
    /// The supplier does not tell.
    NotTold,
    /// No usable answer.
    Silent {
        /// Why.
        reason: String,
    },
}

/// A purchase in a supplier's list, by its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPurchase {
    /// The supplier's own number of it.
    pub number: String,
    /// For which account, in the form of our customer numbers.
    pub customer_no: String,
    /// What was bought, as the supplier calls it.
    pub product: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was taken for it.
    pub price: Option<Rupiah>,
}

/// Which products are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAsk {
    /// One product by its supplier's code; all of them without one.
    pub sku: Option<String>,
    /// Business time now.
    pub now: Timestamp,
    /// When the same was last asked, by whichever process, as far as that is known.
    pub last_asked_at: Option<Timestamp>,
}

/// What came of asking what can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceList {
    /// The supplier's products, each once, by their codes.
    Told {
        /// Those that could be read.
        listings: Vec<Listing>,
        /// How many entries could not.
        unreadable: usize,
    },
    /// The supplier does not tell.
    NotTold,
    /// Asked more often than the supplier allows. Whether it was asked at all makes no difference.
    TooSoon {
        /// When it may be asked again.
        again_at: Timestamp,
    },
    /// No usable answer.
    Silent {
        /// Why.
        reason: String,
    },
}

/// A webhook whose sender is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SupplierWebhook {
    /// News of an attempt.
    News {
        /// The reference that it names, as received.
        reference: String,
        /// What it says.
        report: Report,
    },
    /// Something may have happened to a purchase. Its sender is not proven over what it says, so it is a
    /// reason to ask, and nothing else.
    Hint(Named),
    /// A test of the address; nothing to act on.
    Ping,
}

/// Which purchase a hint is about, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The one under this reference of ours.
    Reference(String),
    /// The one under this number of theirs.
    Number(String),
}

impl Named {
    /// The reference or the number.
    pub fn text(&self) -> &str {
        let (Named::Reference(text) | Named::Number(text)) = self;
        text
    }
}

/// Why a webhook is not believed, or says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The signature is missing or wrong.
    #[error("the signature does not fit")]
    BadSignature,
    /// The body is not what this supplier sends.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
}
