//! A JSON object read leniently: a field of another type than expected counts as missing, and
//! fields that we do not know are ignored (`contracts/payments.md` §1.8: "parse leniently").

use crate::ListedRefund;
pub(super) use crate::gateways::told::clip;
use serde_json::{Map, Value};
use vocabulary::{Bank, PayPoint, Rupiah, Timestamp};

/// Characters of a number that somebody types at an ATM or reads out at a till.
const CODE_CHARS: usize = 32;

/// One JSON object of theirs.
#[derive(Debug)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    /// Reads bytes as one JSON object.
    pub(super) fn parse(bytes: &[u8]) -> Option<Body> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Some(Body(fields)),
            _ => None,
        }
    }

    /// A field that is a string, exactly as received.
    pub(super) fn string(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A field that is a string or a number, without blanks around it; none when empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
    }

    /// A word whose case does not matter.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        self.text(name).map(|word| word.to_ascii_lowercase())
    }

    /// The code of the body, which counts before the HTTP status (§1.7).
    pub(super) fn code(&self) -> Option<u16> {
        self.text("status_code")?.parse().ok()
    }

    /// What they say about it, cut short and on one line, without anybody's phone number.
    pub(super) fn message(&self) -> String {
        let said = self.string("status_message").into_iter().chain(self.complaints());
        clip(&said.collect::<Vec<_>>().join("; "))
    }

    /// The list of what is wrong with a request, as Snap has it and Core in some of its answers.
    pub(super) fn complaints(&self) -> impl Iterator<Item = &str> {
        let lists = ["error_messages", "validation_messages"].into_iter().filter_map(|name| self.0.get(name));
        lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str)
    }

    /// `gross_amount` when it is a whole amount of rupiah: "275000.00", never "275000.50".
    pub(super) fn amount(&self) -> Option<Rupiah> {
        amount(&self.text("gross_amount")?)
    }

    /// `refund_amount`, which is all that went back so far (§1.9), when it is a whole amount of rupiah.
    pub(super) fn refunded(&self) -> Option<Rupiah> {
        amount(&self.text("refund_amount")?)
    }

    /// What it lists of refunds, one by one: by which key, and how much; none when there is no list.
    pub(super) fn refunds(&self) -> Option<Vec<Body>> {
        let listed = self.0.get("refunds")?.as_array()?;
        Some(listed.iter().filter_map(Value::as_object).map(|refund| Body(refund.clone())).collect())
    }

    /// The same with their amounts, when together they are all that went back.
    pub(super) fn listed(&self) -> Option<Vec<ListedRefund>> {
        let read =
            |refund: &Body| Some(ListedRefund { key: refund.text("refund_key"), amount: refund.refunded()? });
        let listed: Vec<ListedRefund> = self.refunds()?.iter().map(read).collect::<Option<_>>()?;
        let all = Rupiah::checked_sum(listed.iter().map(|refund| refund.amount))?;
        (self.refunded() == Some(all)).then_some(listed)
    }

    /// True when a currency is named that is not rupiah.
    pub(super) fn is_foreign(&self) -> bool {
        self.0.get("currency").is_some_and(|c| !c.is_null())
            && self.word("currency").is_none_or(|c| c != "idr")
    }

    /// Their suspicion, in small letters; none when nothing is said of one. What is said and cannot be
    /// read is no acceptance.
    pub(super) fn fraud(&self) -> Option<String> {
        match self.0.get("fraud_status")? {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            _ => Some(self.word("fraud_status").unwrap_or_else(|| "unreadable".to_owned())),
        }
    }

    /// A time as they write it: WIB without an offset (§1.3).
    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::parse_wib(self.string(name)?).ok()
    }

    /// The address of the action with this name.
    pub(super) fn action(&self, name: &str) -> Option<&str> {
        let actions = self.0.get("actions")?.as_array()?;
        let is_it = |action: &&Value| {
            action.get("name").and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name))
        };
        actions.iter().find(is_it)?.get("url")?.as_str()
    }

    /// The amount that the link into the app asks for, where it names one (§1.3).
    pub(super) fn asked_by_link(&self) -> Option<Rupiah> {
        let (_, query) = self.action("deeplink-redirect")?.split_once('?')?;
        query.split('&').find_map(|part| amount(part.strip_prefix("amount=")?))
    }

    /// The number that the buyer pays to there: each bank has its own field for it. One of another bank
    /// or another store is none.
    pub(super) fn payment_code(&self, point: PayPoint) -> Option<String> {
        let code = match point {
            PayPoint::Bank(Bank::Permata) => {
                self.string("permata_va_number").or_else(|| self.number_at(Bank::Permata))
            }
            PayPoint::Bank(bank) => self.number_at(bank),
            PayPoint::Store(store) => {
                let is_theirs = self.word("store").is_none_or(|named| named == store.as_str());
                self.string("payment_code").filter(|_| is_theirs)
            }
        };
        code.filter(|code| is_code(code)).map(str::to_owned)
    }

    /// The number among the `va_numbers` that belongs to this bank.
    fn number_at(&self, bank: Bank) -> Option<&str> {
        let numbers = self.0.get("va_numbers")?.as_array()?;
        let is_theirs = |number: &&Value| {
            number.get("bank").and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case(bank.as_str()))
        };
        numbers.iter().find(is_theirs)?.get("va_number")?.as_str()
    }
}

/// Letters and digits, and not too many: what a person can type, and what a page can show.
fn is_code(code: &str) -> bool {
    (1..=CODE_CHARS).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Exactly whole rupiah: digits, and at most a fraction of zeros. Nothing is rounded.
fn amount(text: &str) -> Option<Rupiah> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "00"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.bytes().any(|b| b != b'0') {
        return None;
    }
    whole.parse().ok().map(Rupiah::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: &str) -> Body {
        Body::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn only_whole_rupiah_are_an_amount() {
        for (json, expected) in [
            (r#""275000.00""#, Some(275_000)),
            (r#""275000""#, Some(275_000)),
            (r#""275000.0""#, Some(275_000)),
            (r#""1.00""#, Some(1)),
            ("275000", Some(275_000)),
            ("275000.00", Some(275_000)),
            (r#""275000.50""#, None),
            (r#""275000.""#, None),
            (r#"".00""#, None),
            (r#""275,000.00""#, None),
            (r#""275.000.00""#, None),
            (r#""-5.00""#, None),
            (r#""+5.00""#, None),
            (r#""1e5""#, None),
            (r#""Rp 5""#, None),
            (r#""٥.00""#, None),
            (r#""9223372036854775808.00""#, None),
            ("275000.5", None),
            ("-5", None),
            ("1e300", None),
            ("null", None),
            ("[1]", None),
        ] {
            let read = body(&format!(r#"{{"gross_amount":{json}}}"#)).amount();
            assert_eq!(read, expected.map(Rupiah::new), "{json}");
        }
        assert_eq!(body("{}").amount(), None);
    }

    #[test]
    fn a_currency_is_rupiah_unless_another_is_named() {
        for (json, foreign) in [
            (r#"{"currency":"IDR"}"#, false),
            (r#"{"currency":"idr"}"#, false),
            (r#"{"currency":null}"#, false),
            ("{}", false),
            (r#"{"currency":"USD"}"#, true),
            (r#"{"currency":""}"#, true),
            (r#"{"currency":{}}"#, true),
        ] {
            assert_eq!(body(json).is_foreign(), foreign, "{json}");
        }
    }

    #[test]
    fn a_suspicion_that_cannot_be_read_is_no_acceptance() {
        for (json, fraud) in [
            ("{}", None),
            (r#"{"fraud_status":null}"#, None),
            (r#"{"fraud_status":" "}"#, None),
            (r#"{"fraud_status":" ACCEPT"}"#, Some("accept")),
            (r#"{"fraud_status":"Challenge"}"#, Some("challenge")),
            (r#"{"fraud_status":"\u000e"}"#, Some("unreadable")),
            (r#"{"fraud_status":"accept\u0000"}"#, Some("unreadable")),
            (r#"{"fraud_status":{}}"#, Some("unreadable")),
            (r#"{"fraud_status":false}"#, Some("unreadable")),
        ] {
            assert_eq!(body(json).fraud().as_deref(), fraud, "{json}");
        }
    }

    #[test]
    fn a_code_is_a_string_or_a_number_and_a_field_of_another_type_is_missing() {
        assert_eq!(body(r#"{"status_code":"201"}"#).code(), Some(201));
        assert_eq!(body(r#"{"status_code":201}"#).code(), Some(201));
        assert_eq!(body(r#"{"status_code":{}}"#).code(), None);
        assert_eq!(body(r#"{"status_code":"two"}"#).code(), None);
        assert_eq!(body(r#"{"actions":[1,{"name":7},{"name":"X","url":"u"}]}"#).action("x"), Some("u"));
        assert_eq!(body(r#"{"actions":"none"}"#).action("x"), None);
    }

    #[test]
    fn a_number_is_read_from_the_field_of_its_bank_or_store_and_must_be_one_to_type() {
        use vocabulary::{PayPoint as P, Store};
        let (bca, permata) = (P::Bank(Bank::Bca), P::Bank(Bank::Permata));
        let indomaret = P::Store(Store::Indomaret);
        let va = |bank: &str, number: &str| {
            format!(r#"{{"va_numbers":[7,{{"bank":"{bank}","va_number":{number}}}]}}"#)
        };
        let till = |code: &str, store: &str| format!(r#"{{"payment_code":"{code}","store":"{store}"}}"#);
        let long = format!(r#""{}""#, "1".repeat(33));
        for (json, point, code) in [
            (va("bca", r#""812785002530231""#), bca, Some("812785002530231")),
            (va("BCA", r#""812785002530231""#), bca, Some("812785002530231")),
            (va("bni", r#""9888884676107111""#), bca, None),
            (va("bca", "812785002530231"), bca, None),
            (va("bca", r#""8127 8500""#), bca, None),
            (va("bca", r#""""#), bca, None),
            (va("bca", &long), bca, None),
            (va("permata", r#""850003072869607""#), permata, Some("850003072869607")),
            (r#"{"permata_va_number":"8778003756104047"}"#.into(), permata, Some("8778003756104047")),
            (r#"{"permata_va_number":"8778003756104047"}"#.into(), bca, None),
            (till("25709650945026", "indomaret"), indomaret, Some("25709650945026")),
            (till("25709650945026", "Indomaret"), indomaret, Some("25709650945026")),
            (r#"{"payment_code":"25709650945026"}"#.into(), indomaret, Some("25709650945026")),
            (till("25709650945026", "alfamart"), indomaret, None),
            (till("<b>1</b>", "indomaret"), indomaret, None),
            (r#"{"va_numbers":"none","payment_code":[]}"#.into(), indomaret, None),
        ] {
            assert_eq!(body(&json).payment_code(point).as_deref(), code, "{json}");
        }
    }

    #[test]
    fn a_message_tells_every_complaint_and_no_phone_number() {
        for (json, message) in [
            (r#"{"status_message":"User 081234567890 doesn't exist"}"#, "User ********7890 doesn't exist"),
            (r#"{"status_message":"+6281234567890"}"#, "+*********7890"),
            (r#"{"status_message":"HTTP 404 at 2026-11-22 12:00:00"}"#, "HTTP 404 at 2026-11-22 12:00:00"),
            (r#"{"error_messages":["a is wrong",7,"b is, too"]}"#, "a is wrong; b is, too"),
            (r#"{"status_message":"no","validation_messages":["081234567890"]}"#, "no; ********7890"),
            (r#"{"status_message":7,"error_messages":"x"}"#, ""),
            ("{}", ""),
        ] {
            assert_eq!(body(json).message(), message, "{json}");
        }
    }

    #[test]
    fn what_is_no_object_is_no_body() {
        for bytes in ["", "[]", "null", "\"text\"", "<html>", "{\"a\":", "{}x"] {
            assert!(Body::parse(bytes.as_bytes()).is_none(), "{bytes}");
        }
        assert!(Body::parse("[".repeat(100_000).as_bytes()).is_none(), "endless nesting");
    }
}
