//! Which ways to pay there are for an amount.

use super::{
    check_merchant,
    create::{HIGHEST_AMOUNT, OTHER_WALLETS},
    read::{self, Object},
    refusal::{Refusal, Service},
    virtual_account,
};
use crate::exchange::Reply;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    response_code: String,
    response_message: &'static str,
    payment_infos: Vec<PaymentInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentInfo {
    pay_method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_option: Option<&'static str>,
}

/// Lists the ways to pay; QRIS only where the store is named.
pub(super) fn consult(body: &Object) -> Result<Reply, Refusal> {
    check_merchant(body, Refusal::invalid_merchant())?;
    let amount = read::money(body, "amount")?;
    let store = read::text(body, "externalStoreId", "externalStoreId", 64)?;
    let additional = read::object(body, "additionalInfo", "additionalInfo")?;
    additional.ok_or_else(|| Refusal::mandatory("additionalInfo"))?;
    let network = |option| PaymentInfo { pay_method: "NETWORK_PAY", pay_option: Some(option) };
    let mut payment_infos = Vec::new();
    if amount <= HIGHEST_AMOUNT {
        payment_infos.push(PaymentInfo { pay_method: "BALANCE", pay_option: None });
        payment_infos.extend(store.map(|_| network("NETWORK_PAY_PG_QRIS")));
        payment_infos.extend(OTHER_WALLETS.map(network));
        payment_infos.extend(
            virtual_account::OPTIONS
                .map(|bank| PaymentInfo { pay_method: "VIRTUAL_ACCOUNT", pay_option: Some(bank) }),
        );
    }
    let answer = Answer {
        response_code: Service::Consult.code(200, "00"),
        response_message: "Successful",
        payment_infos,
    };
    Ok(Reply::json(200, &answer))
}
