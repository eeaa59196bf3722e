//! A new order: what it has to say, and how it can be paid (contracts/payments §2.3).

use super::{
    Product,
    books::{self, Order, Status},
    check_merchant,
    read::{self, Object},
    refusal::{Refusal, Service},
    virtual_account,
};
use crate::{
    exchange::Reply,
    qris::{self, Acquirer},
    settings::{DANA_MERCHANT_ID, DANA_STORE_ID},
    world::World,
};
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use vocabulary::Timestamp;

/// Where the buyer pays, below DANA's address.
pub(crate) const CHECKOUT: &str = "/m/portal/cashier/checkout";
/// The highest amount in the sandbox, in rupiah.
pub(super) const HIGHEST_AMOUNT: i64 = 10_000_000;
/// How far `validUpTo` may lie ahead in the sandbox.
const LONGEST_VALIDITY: Duration = Duration::from_secs(30 * 60);
/// What is forgiven to a caller whose clock is ahead.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(10);
/// How long `partnerReferenceNo` of a QRIS order may be.
const QRIS_REFERENCE_LENGTH: usize = 25;
/// Ways to pay in another wallet: a page, for which the phone number has to be known. OVO has none: it asks
/// in its app.
pub(super) const OTHER_WALLETS: [&str; 4] =
    ["NETWORK_PAY_PG_OVO", "NETWORK_PAY_PG_GOPAY", "NETWORK_PAY_PG_SPAY", "NETWORK_PAY_PG_LINKAJA"];
const PAY_METHODS: [&str; 13] = [
    "BALANCE",
    "COUPON",
    "NET_BANKING",
    "CREDIT_CARD",
    "DEBIT_CARD",
    "VIRTUAL_ACCOUNT",
    "OTC",
    "DIRECT_DEBIT_CREDIT_CARD",
    "DIRECT_DEBIT_DEBIT_CARD",
    "ONLINE_CREDIT",
    "LOAN_CREDIT",
    "NETWORK_PAY",
    "CARD",
];
const TERMINALS: [&str; 4] = ["APP", "WEB", "WAP", "SYSTEM"];
const DANA: Acquirer =
    Acquirer { domain: "ID.DANA.WWW", account: "936009150000000001", merchant: DANA_STORE_ID };

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// On DANA's page, or in the page of another wallet.
    Page,
    /// The other wallet's app asks the buyer.
    Push,
    /// A QR code.
    Qris,
    /// Transfer to a number.
    VirtualAccount,
}

struct Asked {
    partner_reference_no: String,
    amount: i64,
    pay_method: String,
    pay_option: String,
    way: Way,
    title: String,
    valid_up_to: Timestamp,
    pay_return_url: Option<String>,
    notify_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    response_code: String,
    response_message: &'static str,
    reference_no: &'a str,
    partner_reference_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_redirect_url: Option<String>,
    additional_info: AnswerInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_code: Option<&'a str>,
}

/// Makes an order. The same content again gets the same answer; other content under the same reference does
/// not.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    product: Product,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let asked = match read_order(body, product) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(earlier) = books::of_partner(tx, &asked.partner_reference_no).await? {
        let same = serde_json::from_str(&earlier.content).is_ok_and(|content: Object| content == *body);
        return Ok(if same { Ok(answer(world, &earlier)) } else { Err(Refusal::inconsistent()) });
    }
    if let Err(refusal) = check_limits(&asked, now) {
        return Ok(Err(refusal));
    }
    let reference_no = reference_no(world, now);
    let payment_code = match asked.way {
        Way::Page | Way::Push => None,
        Way::Qris => Some(qris::payload(&DANA, asked.amount, &asked.partner_reference_no, &reference_no)),
        Way::VirtualAccount => Some(virtual_account::number(world)),
    };
    let order = Order {
        reference_no,
        partner_reference_no: asked.partner_reference_no,
        content: serde_json::to_string(body).unwrap_or_default(),
        pay_method: asked.pay_method,
        pay_option: asked.pay_option,
        title: asked.title,
        amount: asked.amount,
        status: Status::Init,
        payment_code,
        cashier_request_id: world.uuid().replace('-', ""),
        pay_return_url: asked.pay_return_url,
        notify_url: asked.notify_url,
        created_at: now,
        expires_at: asked.valid_up_to,
        paid_at: None,
        closed_at: None,
        close_reason: None,
        times_paid: 0,
    };
    books::insert(tx, &order).await?;
    Ok(Ok(answer(world, &order)))
}

/// Where the buyer pays an order, if there is a page for it.
fn checkout_url(world: &World, order: &Order) -> Option<String> {
    let has_page = order.payment_code.is_none() && order.pay_option != "NETWORK_PAY_PG_OVO";
    has_page.then(|| {
        format!(
            "{}/sandbox/dana{CHECKOUT}?bizNo={}&mid={DANA_MERCHANT_ID}&sign={}",
            world.base_url(),
            order.reference_no,
            order.cashier_request_id
        )
    })
}

fn answer(world: &World, order: &Order) -> Reply {
    let answer = Answer {
        response_code: Service::Create.code(200, "00"),
        response_message: "Successful",
        reference_no: &order.reference_no,
        partner_reference_no: &order.partner_reference_no,
        web_redirect_url: checkout_url(world, order),
        additional_info: AnswerInfo { payment_code: order.payment_code.as_deref() },
    };
    Reply::json(200, &answer)
}

/// The day and fifteen digits: `20261122111212800110166`.
pub(super) fn reference_no(world: &World, now: Timestamp) -> String {
    let day = now.wib_day().to_string().replace('-', "");
    format!("{day}{:015}", world.settings.ids.below(1_000_000_000_000_000))
}

fn check_limits(asked: &Asked, now: Timestamp) -> Result<(), Refusal> {
    if asked.amount > HIGHEST_AMOUNT {
        return Err(Refusal::amount_limit().because(format!("at most {HIGHEST_AMOUNT}.00 in the sandbox")));
    }
    if asked.valid_up_to <= now {
        return Err(Refusal::format("validUpTo").because("validUpTo is over already"));
    }
    if asked.valid_up_to > now.plus(LONGEST_VALIDITY.saturating_add(CLOCK_TOLERANCE)) {
        return Err(
            Refusal::format("validUpTo").because("validUpTo is at most 30 minutes ahead in the sandbox")
        );
    }
    Ok(())
}

fn read_order(body: &Object, product: Product) -> Result<Asked, Refusal> {
    let reference = read::required(body, "partnerReferenceNo", "partnerReferenceNo", 64)?;
    check_merchant(body, Refusal::invalid_merchant())?;
    read::text(body, "subMerchantId", "subMerchantId", 32)?;
    let store = read::text(body, "externalStoreId", "externalStoreId", 64)?;
    let amount = read::money(body, "amount")?;
    let valid_up_to = read::required(body, "validUpTo", "validUpTo", 25)?;
    let valid_up_to = read::wib_time(valid_up_to).ok_or_else(|| Refusal::format("validUpTo"))?;
    let (pay_return_url, notify_url) = read_urls(body)?;
    let title = read_additional(body, product)?;
    let (pay_method, pay_option, way) = read_way(body, product)?;
    if is_disabled(body, &pay_method)? {
        return Err(Refusal::not_permitted().because(format!("{pay_method} is among disabledPayMethods")));
    }
    if way == Way::Qris {
        if reference.len() > QRIS_REFERENCE_LENGTH {
            let most = format!("partnerReferenceNo of QRIS has at most {QRIS_REFERENCE_LENGTH} characters");
            return Err(Refusal::format("partnerReferenceNo").because(most));
        }
        if store.is_none() {
            return Err(Refusal::mandatory("externalStoreId"));
        }
    }
    Ok(Asked {
        partner_reference_no: reference.to_owned(),
        amount,
        pay_method,
        pay_option,
        way,
        title,
        valid_up_to,
        pay_return_url,
        notify_url,
    })
}

/// Whether the merchant wants nobody to pay so. How several are divided is UNVERIFIED: by whatever no name has.
fn is_disabled(body: &Object, pay_method: &str) -> Result<bool, Refusal> {
    let disabled = read::text(body, "disabledPayMethods", "disabledPayMethods", 64)?.unwrap_or_default();
    let names = disabled.split(|c: char| !c.is_ascii_uppercase() && c != '_');
    Ok(names.into_iter().any(|name| name == pay_method))
}

/// `PAY_RETURN` and `NOTIFICATION`.
fn read_urls(body: &Object) -> Result<(Option<String>, Option<String>), Refusal> {
    let urls = read::list(body, "urlParams", "urlParams")?.filter(|urls| !urls.is_empty());
    let (mut pay_return, mut notification) = (None, None);
    for url in urls.ok_or_else(|| Refusal::mandatory("urlParams"))? {
        let param = url.as_object().ok_or_else(|| Refusal::format("urlParams"))?;
        let url = read::required(param, "url", "urlParams.url", 512)?;
        let deep_link = match read::required(param, "isDeeplink", "urlParams.isDeeplink", 1)? {
            "Y" => true,
            "N" => false,
            _ => return Err(Refusal::format("urlParams.isDeeplink")),
        };
        let web = url.starts_with("https://") || url.starts_with("http://");
        match read::required(param, "type", "urlParams.type", 32)? {
            "PAY_RETURN" if web || deep_link => pay_return = Some(url.to_owned()),
            "NOTIFICATION" if web => notification = Some(url.to_owned()),
            "PAY_RETURN" | "NOTIFICATION" => return Err(Refusal::format("urlParams.url")),
            _ => return Err(Refusal::format("urlParams.type")),
        }
    }
    Ok((pay_return, notification))
}

/// What is said about the order besides money; answers with its title.
fn read_additional(body: &Object, product: Product) -> Result<String, Refusal> {
    let additional = read::object(body, "additionalInfo", "additionalInfo")?;
    let additional = additional.ok_or_else(|| Refusal::mandatory("additionalInfo"))?;
    let mcc = read::text(additional, "mcc", "additionalInfo.mcc", 64)?;
    let environment = read::object(additional, "envInfo", "additionalInfo.envInfo")?;
    let empty = Object::new();
    let terminal =
        read::text(environment.unwrap_or(&empty), "terminalType", "additionalInfo.envInfo.terminalType", 32)?;
    if product == Product::Gateway {
        mcc.ok_or_else(|| Refusal::mandatory("additionalInfo.mcc"))?;
        terminal.ok_or_else(|| Refusal::mandatory("additionalInfo.envInfo.terminalType"))?;
    }
    if terminal.is_some_and(|terminal| !TERMINALS.contains(&terminal)) {
        return Err(Refusal::format("additionalInfo.envInfo.terminalType"));
    }
    let title = match read::object(additional, "order", "additionalInfo.order")? {
        Some(order) => Some(read::required(order, "orderTitle", "additionalInfo.order.orderTitle", 64)?),
        None => None,
    };
    Ok(title.unwrap_or_default().to_owned())
}

/// How it is to be paid. With the scenario `API` the merchant chooses; with `REDIRECT` the buyer does, on
/// DANA's page, and here always takes the balance.
fn read_way(body: &Object, product: Product) -> Result<(String, String, Way), Refusal> {
    let balance = || ("BALANCE".to_owned(), String::new(), Way::Page);
    let details = read::list(body, "payOptionDetails", "payOptionDetails")?.unwrap_or_default();
    let order = body.get("additionalInfo").and_then(|info| info.get("order"));
    let by_merchant = match order.and_then(|order| order.get("scenario")) {
        None | Some(Value::Null) => !details.is_empty(),
        Some(scenario) if scenario == "API" => true,
        Some(scenario) if scenario == "REDIRECT" => false,
        Some(_) => return Err(Refusal::format("additionalInfo.order.scenario")),
    };
    if !by_merchant {
        return Ok(balance());
    }
    let detail = details.first().ok_or_else(|| Refusal::mandatory("payOptionDetails"))?;
    let detail = detail.as_object().ok_or_else(|| Refusal::format("payOptionDetails"))?;
    let method = read::required(detail, "payMethod", "payOptionDetails.payMethod", 64)?;
    if !PAY_METHODS.contains(&method) {
        return Err(Refusal::format("payOptionDetails.payMethod"));
    }
    let option = read::text(detail, "payOption", "payOptionDetails.payOption", 64)?.unwrap_or_default();
    read::money(detail, "transAmount")?;
    if method == "BALANCE" {
        return Ok(balance());
    }
    let way = match (method, option) {
        _ if product == Product::Widget => return Err(Refusal::not_permitted()),
        ("NETWORK_PAY" | "VIRTUAL_ACCOUNT", "") => {
            return Err(Refusal::mandatory("payOptionDetails.payOption"));
        }
        ("NETWORK_PAY", "NETWORK_PAY_PG_QRIS") => Way::Qris,
        ("NETWORK_PAY", "NETWORK_PAY_PG_OVO") => Way::Push,
        ("NETWORK_PAY", wallet) if OTHER_WALLETS.contains(&wallet) => Way::Page,
        ("VIRTUAL_ACCOUNT", bank) if virtual_account::OPTIONS.contains(&bank) => Way::VirtualAccount,
        // Ways that this merchant has no contract for.
        _ => return Err(Refusal::not_permitted().because(format!("{method} {option} is not activated"))),
    };
    if OTHER_WALLETS.contains(&option) {
        let phone = "payOptionDetails.additionalInfo.phoneNumber";
        let info = read::object(detail, "additionalInfo", "payOptionDetails.additionalInfo")?;
        read::required(info.ok_or_else(|| Refusal::mandatory(phone))?, "phoneNumber", phone, 15)?;
    }
    Ok((method.to_owned(), option.to_owned(), way))
}
