//! Money out of the merchant's account: to a bank account or to somebody's DANA balance, and what is asked
//! about it. Loket pays nobody out, so transfers are kept apart from the books that it is compared with, and no
//! notification tells of them. The contract has none of it: paths and fields are those of dana-python 2.2.2;
//! codes, and the accounts and numbers that get one, are those of DANA's own test script
//! (github.com/dana-id/uat-script).

use super::{
    body::{Money, money},
    create,
    read::{self, Object, time_text},
    refusal::{Refusal, Service},
};
use crate::{
    exchange::Reply,
    shelf::{self, Item},
    world::{Target, World},
};
use database::{Error, ReadTx, WriteTx};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use vocabulary::Timestamp;

/// The one bank account that the sandbox knows, with its bank.
const ACCOUNT: (&str, &str) = ("2460888509", "014");
/// The most that is transferred at once in the sandbox.
const HIGHEST_AMOUNT: i64 = 20_000_000;
/// What is in the merchant's account. UNVERIFIED; and here no transfer makes it less.
const BALANCE: i64 = 1_000_000_000;
/// How long a transfer takes that is not done at once. UNVERIFIED.
const TAKES: Duration = Duration::from_secs(30);
/// Accounts of the merchant's that can be paid from.
const ACCOUNT_TYPES: [&str; 3] =
    ["MERCHANT_DEPOSIT_ACCOUNT", "SETTLEMENT_ACCOUNT", "DIVISION_DEPOSIT_ACCOUNT"];

// `latestTransactionStatus`.
const SUCCESS: &str = "00";
const PENDING: &str = "03";

/// Whom money goes to.
#[derive(Clone, Copy)]
enum Payee<'a> {
    /// An account, and the code of its bank.
    Bank(&'a str, &'a str),
    /// The phone number of somebody who has DANA.
    Dana(&'a str),
}

struct Asked<'a> {
    /// Empty for none, which a transfer to a bank may have.
    reference: &'a str,
    payee: Payee<'a>,
    amount: i64,
    later: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transferred<'a> {
    response_code: String,
    response_message: &'static str,
    reference_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_reference_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing<'a> {
    response_code: String,
    response_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_partner_reference_no: Option<&'a str>,
    original_reference_no: &'a str,
    service_code: &'static str,
    amount: Money,
    latest_transaction_status: &'static str,
    transaction_status_desc: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BankAccount<'a> {
    response_code: String,
    response_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_reference_no: Option<&'a str>,
    beneficiary_account_number: &'a str,
    beneficiary_account_name: &'static str,
    beneficiary_bank_code: &'a str,
    beneficiary_bank_short_name: &'static str,
    beneficiary_bank_name: &'static str,
    amount: Money,
    additional_info: Fee,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fee {
    fee_amount: Money,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DanaAccount<'a> {
    response_code: String,
    response_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_reference_no: Option<&'a str>,
    customer_number: &'a str,
    customer_name: &'static str,
    min_amount: Money,
    max_amount: Money,
    amount: Money,
    fee_amount: Money,
}

/// Transfers. The same content again gets the answer that the transfer has by then; other content under the
/// same reference does not. What is refused is not kept (UNVERIFIED: DANA may tell of it as failed).
pub(super) async fn transfer(
    world: &World,
    tx: &mut WriteTx,
    service: Service,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let outcome = if service == Service::ToBank { read_to_bank(body) } else { read_to_dana(body) };
    let asked = match outcome {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !asked.reference.is_empty()
        && let Some(earlier) = of_partner(tx, service, asked.reference).await?
    {
        let same = earlier.body.get("request").and_then(Value::as_object) == Some(body);
        return Ok(if same { Ok(transferred(service, &earlier, now)) } else { Err(Refusal::inconsistent()) });
    }
    if let Err(refusal) = check_amount(asked.amount).and_then(|()| check_payee(asked.payee)) {
        return Ok(Err(refusal));
    }
    let kept = [("request", Value::Object(body.clone())), ("amount", Value::from(asked.amount))];
    let transfer = Item {
        party: Target::Dana,
        product: product(service).to_owned(),
        id: create::reference_no(world, now),
        reference: asked.reference.to_owned(),
        status: if asked.later { PENDING } else { SUCCESS }.to_owned(),
        body: kept.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        created_at: now,
        updated_at: now,
    };
    shelf::insert(tx, &transfer).await?;
    Ok(Ok(transferred(service, &transfer, now)))
}

/// What became of a transfer.
pub(super) async fn status(
    tx: &mut WriteTx,
    service: Service,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let (partner, own) = match read_status(body, service) {
        Ok(references) => references,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let found = match (partner, own) {
        (Some(partner), _) => of_partner(tx, service, partner).await?,
        (None, Some(own)) => shelf::find(tx, Target::Dana, product(service), own).await?,
        (None, None) => return Ok(Err(Refusal::mandatory("originalPartnerReferenceNo"))),
    };
    let Some(transfer) = found.filter(|transfer| own.is_none_or(|own| own == transfer.id)) else {
        return Ok(Err(Refusal::not_found()));
    };
    let done = is_done(&transfer, now);
    let standing = Standing {
        response_code: service.code(200, "00"),
        response_message: "Successful",
        original_partner_reference_no: reference_of(&transfer),
        original_reference_no: &transfer.id,
        service_code: service_code(service),
        amount: money(amount_of(&transfer)),
        latest_transaction_status: if done { SUCCESS } else { PENDING },
        transaction_status_desc: if done { "Success" } else { "Pending" },
    };
    Ok(Ok(Reply::json(200, &standing)))
}

/// Whose a bank account is, and what a transfer to it costs. The names are ours.
pub(super) fn bank_account(body: &Object) -> Result<Reply, Refusal> {
    let reference = read::text(body, "partnerReferenceNo", "partnerReferenceNo", 64)?;
    read_customer(body)?;
    let account = read::required(body, "beneficiaryAccountNumber", "beneficiaryAccountNumber", 32)?;
    let amount = read::money(body, "amount")?;
    let info = read_additional(body)?;
    read_account_type(info, "additionalInfo.accountType")?;
    let bank = read::required(info, "beneficiaryBankCode", "additionalInfo.beneficiaryBankCode", 8)?;
    check_amount(amount)?;
    check_payee(Payee::Bank(account, bank))?;
    let answer = BankAccount {
        response_code: Service::BankAccount.code(200, "00"),
        response_message: "Successful",
        partner_reference_no: reference,
        beneficiary_account_number: account,
        beneficiary_account_name: "Budi Santoso",
        beneficiary_bank_code: bank,
        beneficiary_bank_short_name: "BCA",
        beneficiary_bank_name: "Bank Central Asia",
        amount: money(amount),
        additional_info: Fee { fee_amount: money(0) },
    };
    Ok(Reply::json(200, &answer))
}

/// Whose a DANA balance is, and what can be transferred to it. The name and the limits are ours.
pub(super) fn dana_account(body: &Object) -> Result<Reply, Refusal> {
    let reference = read::text(body, "partnerReferenceNo", "partnerReferenceNo", 64)?;
    let customer = read_customer(body)?;
    let amount = read::money(body, "amount")?;
    read_date(body)?;
    read_additional(body)?;
    check_amount(amount)?;
    check_payee(Payee::Dana(customer))?;
    let answer = DanaAccount {
        response_code: Service::DanaAccount.code(200, "00"),
        response_message: "Successful",
        partner_reference_no: reference,
        customer_number: customer,
        customer_name: "Budi Santoso",
        min_amount: money(1),
        max_amount: money(HIGHEST_AMOUNT),
        amount: money(amount),
        fee_amount: money(0),
    };
    Ok(Reply::json(200, &answer))
}

fn transferred(service: Service, transfer: &Item, now: Timestamp) -> Reply {
    let (status, message) =
        if is_done(transfer, now) { (200, "Successful") } else { (202, "Request In Progress") };
    let to_bank = service == Service::ToBank;
    let request = transfer.body.get("request");
    let asked = |name: &str| request.and_then(|request| request.get(name)).and_then(Value::as_str);
    let answer = Transferred {
        response_code: service.code(status, "00"),
        response_message: message,
        reference_no: &transfer.id,
        partner_reference_no: reference_of(transfer),
        transaction_date: to_bank.then(|| time_text(transfer.created_at)),
        reference_number: to_bank.then_some(transfer.id.as_str()),
        session_id: asked("sessionId"),
        customer_number: asked("customerNumber").filter(|_| !to_bank),
        amount: (!to_bank).then(|| money(amount_of(transfer))),
    };
    Reply::json(status, &answer)
}

async fn of_partner(tx: &mut ReadTx, service: Service, reference: &str) -> Result<Option<Item>, Error> {
    let found = shelf::of_reference(tx, Target::Dana, product(service), reference).await?;
    Ok(found.into_iter().next())
}

/// Transfers to banks and to balances are told apart: each has references of its own.
fn product(service: Service) -> &'static str {
    if service_code(service) == "38" { "transfer_to_dana" } else { "transfer_to_bank" }
}

/// The `serviceCode` by which the transfers of a service are asked about.
fn service_code(service: Service) -> &'static str {
    match service {
        Service::ToDana | Service::ToDanaStatus => "38",
        _ => "00",
    }
}

fn is_done(transfer: &Item, now: Timestamp) -> bool {
    transfer.status == SUCCESS || now >= transfer.created_at.plus(TAKES)
}

fn reference_of(transfer: &Item) -> Option<&str> {
    Some(transfer.reference.as_str()).filter(|reference| !reference.is_empty())
}

fn amount_of(transfer: &Item) -> i64 {
    transfer.body.get("amount").and_then(Value::as_i64).unwrap_or_default()
}

fn check_amount(amount: i64) -> Result<(), Refusal> {
    if amount > BALANCE {
        Err(Refusal::insufficient_funds())
    } else if amount > HIGHEST_AMOUNT {
        Err(Refusal::amount_limit().because(format!("at most {HIGHEST_AMOUNT}.00 in the sandbox")))
    } else {
        Ok(())
    }
}

/// Accounts and numbers that DANA's sandbox refuses. That it knows no other bank account is what its library
/// says; by which code an unknown one is refused is UNVERIFIED.
fn check_payee(payee: Payee<'_>) -> Result<(), Refusal> {
    Err(match payee {
        Payee::Bank(account, bank) if (account, bank) == ACCOUNT => return Ok(()),
        Payee::Bank(account, _) => match account {
            "81298055132" | "81398055100" => Refusal::inactive_account(),
            "82298055100" => Refusal::suspected_fraud(),
            "855100800" => Refusal::invalid_merchant(),
            "8121111111" => Refusal::general(),
            "8551008794" => Refusal::internal(),
            _ => Refusal::invalid_account(),
        },
        Payee::Dana(number) => match number {
            "628996647679" | "628123456667" => Refusal::do_not_honor().because("PAYEE_USER_STATUS_DISABLE"),
            "628152768647" => Refusal::do_not_honor().because("PAYEE_USER_NOT_EXIST"),
            "628121111111" => Refusal::general(),
            "628551008794" => Refusal::internal(),
            _ => return Ok(()),
        },
    })
}

fn read_to_bank(body: &Object) -> Result<Asked<'_>, Refusal> {
    let reference = read::text(body, "partnerReferenceNo", "partnerReferenceNo", 64)?;
    read_customer(body)?;
    read_account_type(body, "accountType")?;
    let account = read::required(body, "beneficiaryAccountNumber", "beneficiaryAccountNumber", 32)?;
    let bank = read::required(body, "beneficiaryBankCode", "beneficiaryBankCode", 8)?;
    let amount = read::money(body, "amount")?;
    let later = match read_additional(body)?.get("needNotify") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        // Who wants to be told of the end gets no end at first.
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(Refusal::format("additionalInfo.needNotify")),
    };
    Ok(Asked { reference: reference.unwrap_or_default(), payee: Payee::Bank(account, bank), amount, later })
}

fn read_to_dana(body: &Object) -> Result<Asked<'_>, Refusal> {
    let reference = read::required(body, "partnerReferenceNo", "partnerReferenceNo", 64)?;
    let customer = read_customer(body)?;
    let amount = read::money(body, "amount")?;
    read::fee(body, "feeAmount")?;
    read_date(body)?;
    read::text(body, "sessionId", "sessionId", 25)?;
    read::text(body, "notes", "notes", 255)?;
    if body.get("categoryId").is_some_and(|id| !id.is_null() && !id.is_number()) {
        return Err(Refusal::format("categoryId").because("categoryId is a number"));
    }
    let info = read_additional(body)?;
    read_account_type(info, "additionalInfo.accountType")?;
    Ok(Asked { reference, payee: Payee::Dana(customer), amount, later: false })
}

/// The merchant's reference and DANA's own, of which one is enough for a bank.
fn read_status(body: &Object, service: Service) -> Result<(Option<&str>, Option<&str>), Refusal> {
    let field = "originalPartnerReferenceNo";
    let partner = match service {
        Service::ToDanaStatus => Some(read::required(body, field, field, 64)?),
        _ => read::text(body, field, field, 64)?,
    };
    let own = read::text(body, "originalReferenceNo", "originalReferenceNo", 64)?;
    read::text(body, "originalExternalId", "originalExternalId", 36)?;
    if read::required(body, "serviceCode", "serviceCode", 2)? != service_code(service) {
        return Err(Refusal::format("serviceCode"));
    }
    read::object(body, "additionalInfo", "additionalInfo")?;
    Ok((partner, own))
}

/// `customerNumber`: a phone number that begins with 62. How long one is is UNVERIFIED.
fn read_customer(body: &Object) -> Result<&str, Refusal> {
    let number = read::required(body, "customerNumber", "customerNumber", 32)?;
    let fits = (10..=15).contains(&number.len())
        && number.starts_with("62")
        && number.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(number) } else { Err(Refusal::format("customerNumber").because("it looks like 628xxx")) }
}

fn read_date(body: &Object) -> Result<(), Refusal> {
    match read::text(body, "transactionDate", "transactionDate", 25)? {
        Some(date) if read::wib_time(date).is_none() => Err(Refusal::format("transactionDate")),
        _ => Ok(()),
    }
}

fn read_account_type(parent: &Object, path: &str) -> Result<(), Refusal> {
    match read::text(parent, "accountType", path, 64)? {
        Some(account) if !ACCOUNT_TYPES.contains(&account) => Err(Refusal::format(path)),
        _ => Ok(()),
    }
}

fn read_additional(body: &Object) -> Result<&Object, Refusal> {
    let info = read::object(body, "additionalInfo", "additionalInfo")?;
    let info = info.ok_or_else(|| Refusal::mandatory("additionalInfo"))?;
    read::required(info, "fundType", "additionalInfo.fundType", 64)?;
    let division = "additionalInfo.externalDivisionId";
    let named = read::text(info, "externalDivisionId", division, 64)?;
    match read::text(info, "chargeTarget", "additionalInfo.chargeTarget", 64)? {
        Some("DIVISION") if named.is_none() => Err(Refusal::mandatory(division)),
        None | Some("DIVISION" | "MERCHANT") => Ok(info),
        Some(_) => Err(Refusal::format("additionalInfo.chargeTarget")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_service_asks_about_its_own_transfers() {
        for (transfer, status) in
            [(Service::ToBank, Service::ToBankStatus), (Service::ToDana, Service::ToDanaStatus)]
        {
            assert_eq!(product(transfer), product(status));
        }
        assert_ne!(product(Service::ToBank), product(Service::ToDana));
    }

    #[test]
    fn what_is_missing_or_of_another_form_is_refused_by_its_name() {
        let whole = json!({
            "partnerReferenceNo": "A", "customerNumber": "62811742234",
            "amount": {"value": "1.00", "currency": "IDR"}, "feeAmount": {"value": "0.00", "currency": "IDR"},
            "additionalInfo": {"fundType": "AGENT_TOPUP_FOR_USER_SETTLE"},
        });
        assert!(read_to_dana(whole.as_object().unwrap()).is_ok());
        for (field, value, reason) in [
            ("partnerReferenceNo", json!(null), "02"),
            ("customerNumber", json!(null), "02"),
            ("customerNumber", json!("0811742234"), "01"),
            ("amount", json!({"value": "0.00", "currency": "IDR"}), "01"),
            ("feeAmount", json!(null), "02"),
            ("transactionDate", json!("2030-05-01"), "01"),
            ("categoryId", json!("1"), "01"),
            ("additionalInfo", json!({}), "02"),
            ("additionalInfo", json!({"fundType": "F", "chargeTarget": "DIVISION"}), "02"),
            ("additionalInfo", json!({"fundType": "F", "accountType": "OTHER"}), "01"),
        ] {
            let mut body = whole.clone();
            body[field] = value;
            let refusal = read_to_dana(body.as_object().unwrap()).err().unwrap();
            assert_eq!((refusal.status, refusal.reason), (400, reason), "{body}");
        }
    }
}
