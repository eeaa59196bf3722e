//! Products of Xendit that Loket does not use, as far as its own libraries can make, ask about, call off and
//! refund them. Paths, names and shapes are those that xendit-python 0.2.2 and 7.0.0 send and read; what else
//! the real one checks is UNVERIFIED, and nothing of the shop's may rely on it.

mod card;
mod direct_debit;
mod disbursement;
mod forms;
mod invoice;
mod paylater;
mod payout;
mod qr_code;
mod recurring;
mod retail;
mod transaction;
mod transfer;
mod virtual_account;

use super::{
    read::{self, Object},
    refusal::Refusal,
};
use crate::{
    exchange::{Incoming, Reply},
    shelf::Item,
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, WriteTx};
use vocabulary::Timestamp;

/// What a call ends with.
type Outcome = Result<Reply, Refusal>;

/// Which product a path is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// What was authorised, charged and refunded with a card.
    Card,
    /// Payments from a linked bank account, and the accounts.
    DirectDebit,
    /// Money to a bank account, one or many at once.
    Disbursement,
    /// Xendit's own page to pay on.
    Invoice,
    /// Paying later, on credit.
    Paylater,
    /// Money to whoever has the link (older), or to an account (newer).
    Payout,
    /// QRIS codes of their own interface.
    QrCode,
    /// What is charged again by itself.
    Recurring,
    /// Codes for tills.
    Retail,
    /// The account's book.
    Transaction,
    /// Money between accounts of one platform.
    Transfer,
    /// Virtual accounts of their own interface.
    VirtualAccount,
}

impl Product {
    /// By the first word of a path that is no version.
    pub(super) fn of(path: &str) -> Option<Product> {
        let word = path.split('/').find(|word| !word.is_empty() && *word != "v2")?;
        Some(match word {
            "credit_card_charges" => Product::Card,
            "direct_debits" | "payment_methods" => Product::DirectDebit,
            "disbursements" | "batch_disbursements" => Product::Disbursement,
            "invoices" => Product::Invoice,
            "cardless-credit" => Product::Paylater,
            "payouts" => Product::Payout,
            "qr_codes" => Product::QrCode,
            "recurring_payments" => Product::Recurring,
            "fixed_payment_code" => Product::Retail,
            "transactions" => Product::Transaction,
            "transfers" => Product::Transfer,
            "callback_virtual_accounts" | "callback_virtual_account_payments" => Product::VirtualAccount,
            _ => return None,
        })
    }

    /// As a fault can name it; the limit counts by it, too.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Product::Card => "cards",
            Product::DirectDebit => "direct-debits",
            Product::Disbursement => "disbursements",
            Product::Invoice => "invoices",
            Product::Paylater => "paylater",
            Product::Payout => "payouts",
            Product::QrCode => "qr-codes",
            Product::Recurring => "recurring-payments",
            Product::Retail => "payment-codes",
            Product::Transaction => "transactions",
            Product::Transfer => "transfers",
            Product::VirtualAccount => "virtual-accounts",
        }
    }
}

/// A call, read as far as all products have in common.
struct Asked<'a> {
    method: &'a Method,
    /// The words of the path, as they were meant.
    parts: Vec<&'a str>,
    query: &'a str,
    /// Empty where nothing was sent.
    body: Object,
}

/// Answers a call of a product.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    product: Product,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let body = match incoming.body.is_empty() {
        true => Object::new(),
        false => match read::body(&incoming.body) {
            Ok(body) => body,
            Err(refusal) => return Ok(Err(refusal)),
        },
    };
    let words: Vec<String> = incoming.path.split('/').filter(|word| !word.is_empty()).map(decoded).collect();
    let asked = Asked {
        method: &incoming.method,
        parts: words.iter().map(String::as_str).collect(),
        query: incoming.query.as_deref().unwrap_or_default(),
        body,
    };
    match product {
        Product::Card => card::answer(world, tx, &asked, now).await,
        Product::DirectDebit => direct_debit::answer(world, tx, &asked, now).await,
        Product::Disbursement => disbursement::answer(world, tx, &asked, now).await,
        Product::Invoice => invoice::answer(world, tx, &asked, now).await,
        Product::Paylater => paylater::answer(world, tx, &asked, now).await,
        Product::Payout => payout::answer(world, tx, &asked, now).await,
        Product::QrCode => qr_code::answer(world, tx, &asked, now).await,
        Product::Recurring => recurring::answer(world, tx, &asked, now).await,
        Product::Retail => retail::answer(world, tx, &asked, now).await,
        Product::Transaction => transaction::answer(world, tx, &asked, now).await,
        Product::Transfer => transfer::answer(world, tx, &asked, now).await,
        Product::VirtualAccount => virtual_account::answer(world, tx, &asked, now).await,
    }
}

/// A word of a path as it was meant: `%21` is `!`. What is no such sign, or no text then, stays as it came.
fn decoded(word: &str) -> String {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let sign = behind.split_at_checked(2).filter(|_| *first == b'%');
        match sign.and_then(|(digits, after)| Some((hex::decode(digits).ok()?, after))) {
            Some((byte, after)) => {
                bytes.extend(byte);
                rest = after;
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.unwrap_or_else(|| word.to_owned())
}

/// Of a path that no call has.
fn no_such_path() -> Outcome {
    Err(Refusal::new(404, "NOT_FOUND", "there is no such path"))
}

/// Something new of a product, by the merchant's reference.
pub(super) fn item(
    product: &str,
    id: String,
    reference: &str,
    status: &str,
    body: Object,
    now: Timestamp,
) -> Item {
    Item {
        party: Target::Xendit,
        product: product.to_owned(),
        id,
        reference: reference.to_owned(),
        status: status.to_owned(),
        body,
        created_at: now,
        updated_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_path_is_read_as_it_was_meant() {
        for (word, meant) in [
            ("stop!", "stop!"),
            ("stop%21", "stop!"),
            ("a%20b+c%2Fd%2fe", "a b+c/d/e"),
            ("caf%C3%A9", "café"),
            ("%2520", "%20"),
            ("100%", "100%"),
            ("%2", "%2"),
            ("%zz%é1", "%zz%é1"),
            ("%ff", "%ff"),
            ("a%00", "a%00"),
        ] {
            assert_eq!(decoded(word), meant, "{word}");
        }
    }
}
