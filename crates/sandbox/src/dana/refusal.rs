//! Why DANA refuses a call: seven digits, of which the first three are the HTTP status, the next two name
//! the service, and the last two the reason (contracts/payments §2.5).

use crate::exchange::Reply;
use serde::Serialize;

vocabulary::text_enum!(
    /// A service of DANA's. The words are those that a fault can name.
    pub(crate) enum Service {
        /// Which ways to pay there are.
        Consult = "consult",
        /// A new order.
        Create = "create",
        /// What became of an order.
        Query = "query",
        /// Calling an order off.
        Cancel = "cancel",
        /// Giving money back.
        Refund = "refund",
        /// Money to a bank account.
        ToBank = "transfer-to-bank",
        /// What became of it.
        ToBankStatus = "transfer-to-bank-status",
        /// Money to somebody's DANA balance.
        ToDana = "transfer-to-dana",
        /// What became of it.
        ToDanaStatus = "transfer-to-dana-status",
        /// Whose a bank account is.
        BankAccount = "bank-account-inquiry",
        /// Whose a DANA balance is.
        DanaAccount = "dana-account-inquiry",
    }
);

impl Service {
    /// The two digits in the middle of its codes. Consulting shares those of cancelling. The contract has those
    /// of orders; those of money out are in DANA's own test script (github.com/dana-id/uat-script).
    pub(super) fn digits(self) -> &'static str {
        match self {
            Service::Create => "54",
            Service::Query => "55",
            Service::Cancel | Service::Consult => "57",
            Service::Refund => "58",
            Service::ToBank => "43",
            Service::ToBankStatus => "00",
            Service::ToDana => "38",
            Service::ToDanaStatus => "39",
            Service::BankAccount => "42",
            Service::DanaAccount => "37",
        }
    }

    /// A whole code: `code(404, "18")` of creating is `4045418`.
    pub(super) fn code(self, status: u16, reason: &str) -> String {
        format!("{status}{}{reason}", self.digits())
    }
}

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) reason: &'static str,
    pub(super) message: String,
    /// What only a call in debug mode gets to see.
    pub(super) debug: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    response_code: String,
    response_message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<Debug<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Debug<'a> {
    debug_message: &'a str,
}

impl Refusal {
    fn new(status: u16, reason: &'static str, message: &str) -> Self {
        Refusal { status, reason, message: message.into(), debug: message.into() }
    }

    /// Says more to a call in debug mode.
    pub(super) fn because(mut self, debug: impl Into<String>) -> Self {
        self.debug = debug.into();
        self
    }

    pub(super) fn bad_request() -> Self {
        Refusal::new(400, "00", "Bad Request")
    }

    /// A header or field that is there, but not in its form.
    pub(super) fn format(field: &str) -> Self {
        Refusal::new(400, "01", &format!("Invalid Field Format {field}"))
    }

    /// A header or field that has to be there.
    pub(super) fn mandatory(field: &str) -> Self {
        Refusal::new(400, "02", &format!("Invalid Mandatory Field {field}"))
    }

    pub(super) fn signature() -> Self {
        Refusal::new(401, "00", "Unauthorized. Invalid Signature")
    }

    pub(super) fn expired() -> Self {
        Refusal::new(403, "00", "Transaction Expired")
    }

    pub(super) fn amount_limit() -> Self {
        Refusal::new(403, "02", "Exceeds Transaction Amount Limit")
    }

    pub(super) fn suspected_fraud() -> Self {
        Refusal::new(403, "03", "Suspected Fraud")
    }

    pub(super) fn do_not_honor() -> Self {
        Refusal::new(403, "05", "Do Not Honor")
    }

    pub(super) fn insufficient_funds() -> Self {
        Refusal::new(403, "14", "Insufficient Funds")
    }

    pub(super) fn not_permitted() -> Self {
        Refusal::new(403, "15", "Transaction Not Permitted")
    }

    pub(super) fn inactive_account() -> Self {
        Refusal::new(403, "18", "Inactive Account Merchant")
    }

    pub(super) fn invalid_status() -> Self {
        Refusal::new(404, "00", "Invalid Transaction Status")
    }

    pub(super) fn not_found() -> Self {
        Refusal::new(404, "01", "Transaction Not Found")
    }

    pub(super) fn invalid_merchant() -> Self {
        Refusal::new(404, "08", "Invalid Merchant")
    }

    pub(super) fn invalid_account() -> Self {
        Refusal::new(404, "11", "Invalid Card/Account/Customer Number/Virtual Account")
    }

    pub(super) fn inconsistent() -> Self {
        Refusal::new(404, "18", "Inconsistent Request")
    }

    pub(super) fn method() -> Self {
        Refusal::new(405, "00", "Requested Function Is Not Supported")
    }

    /// An external id that was used today. The contract knows no code for it; this is the one of the
    /// national standard that DANA's codes follow. UNVERIFIED.
    pub(super) fn conflict() -> Self {
        Refusal::new(409, "00", "Conflict")
    }

    pub(super) fn too_many_requests() -> Self {
        Refusal::new(429, "00", "Too Many Requests")
    }

    pub(super) fn general() -> Self {
        Refusal::new(500, "00", "General Error")
    }

    pub(super) fn internal() -> Self {
        Refusal::new(500, "01", "Internal Server Error")
    }

    /// The answer, with the reason if the call asked for it.
    pub(super) fn reply(&self, service: Service, debug_mode: bool) -> Reply {
        let body = Body {
            response_code: service.code(self.status, self.reason),
            response_message: &self.message,
            additional_info: debug_mode.then_some(Debug { debug_message: &self.debug }),
        };
        Reply::json(self.status, &body).plain_http()
    }
}
