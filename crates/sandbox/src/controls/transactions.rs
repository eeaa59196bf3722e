//! `GET /sandbox/transactions`: what each simulator holds, with every request it got and every
//! webhook it sent. `?reference=` keeps what starts with it.

use super::{faults as fault_control, supplier};
use crate::{
    dana,
    deliveries::{self, Attempt, Delivery},
    digiflazz, faults, goods,
    journal::{self, Logged},
    midtrans::{self, snap},
    problem::Problem,
    world::{Target, World},
    xendit,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use database::ReadTx;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use vocabulary::Timestamp;

#[derive(Deserialize)]
pub(super) struct Asked {
    reference: Option<String>,
}

#[derive(Serialize)]
struct Books {
    clock: ClockShown,
    midtrans: Midtrans,
    dana: Dana,
    xendit: Xendit,
    digiflazz: Digiflazz,
    #[serde(rename = "vip-reseller")]
    vip_reseller: Seller,
    apigames: Seller,
    discord: Discord,
    faults: Vec<fault_control::Shown>,
}

#[derive(Serialize)]
struct ClockShown {
    now: String,
    offset_ms: i64,
}

#[derive(Serialize)]
struct Midtrans {
    transactions: Vec<Payment>,
    snap_pages: Vec<SnapPage>,
    requests: Vec<RequestShown>,
    webhooks: Vec<WebhookShown>,
}

#[derive(Serialize)]
struct Dana {
    transactions: Vec<DanaOrder>,
    requests: Vec<RequestShown>,
    webhooks: Vec<WebhookShown>,
}

#[derive(Serialize)]
struct Xendit {
    transactions: Vec<XenditCharge>,
    requests: Vec<RequestShown>,
    webhooks: Vec<WebhookShown>,
}

#[derive(Serialize)]
struct Digiflazz {
    deposit: i64,
    transactions: Vec<Purchase>,
    scripts: Vec<supplier::Shown>,
    requests: Vec<RequestShown>,
    webhooks: Vec<WebhookShown>,
}

/// A supplier beside Digiflazz.
#[derive(Serialize)]
struct Seller {
    deposit: i64,
    transactions: Vec<SoldShown>,
    scripts: Vec<supplier::Shown>,
    requests: Vec<RequestShown>,
    webhooks: Vec<WebhookShown>,
}

#[derive(Serialize)]
struct SoldShown {
    /// The supplier's own number.
    id: String,
    /// Empty where it takes none.
    ref_id: String,
    sku: String,
    account: String,
    zone: String,
    state: &'static str,
    note: String,
    price: i64,
    /// How often goods were delivered.
    deliveries: i64,
    /// What the deposit is short of for it now.
    charged: i64,
    times_charged: i64,
    created_at: String,
    next: Option<SoldNext>,
}

#[derive(Serialize)]
struct SoldNext {
    state: &'static str,
    due_at: String,
}

/// Its messages and interactions are at `/sandbox/discord/…`.
#[derive(Serialize)]
struct Discord {
    requests: Vec<RequestShown>,
}

#[derive(Serialize)]
struct Payment {
    order_id: String,
    transaction_id: String,
    payment_type: &'static str,
    /// The Snap page that it was chosen on.
    snap_token: Option<String>,
    payer_phone_number: Option<String>,
    /// The bank or store, and the number that is paid to there.
    channel: Option<&'static str>,
    payment_code: Option<String>,
    transaction_status: &'static str,
    /// Whole rupiah.
    gross_amount: i64,
    imposed_fee: i64,
    refund_amount: i64,
    refunds: Vec<MidtransRefund>,
    transaction_time: String,
    expiry_time: String,
    settlement_time: Option<String>,
    times_settled: i64,
    /// Only where there is something to scan.
    qr_string: Option<String>,
    wallet_url: String,
}

#[derive(Serialize)]
struct MidtransRefund {
    refund_key: String,
    amount: i64,
    reason: String,
    requested_at: String,
}

#[derive(Serialize)]
struct SnapPage {
    order_id: String,
    token: String,
    redirect_url: String,
    /// Whole rupiah.
    gross_amount: i64,
    enabled_payments: Vec<&'static str>,
    /// Whether a method can still be chosen.
    open: bool,
    created_at: String,
    ends_at: String,
}

#[derive(Serialize)]
struct DanaOrder {
    partner_reference_no: String,
    reference_no: String,
    pay_method: String,
    pay_option: String,
    status: &'static str,
    close_reason: Option<String>,
    /// Whole rupiah.
    amount: i64,
    /// What has been given back, without what is in progress.
    refunded: i64,
    refunds: Vec<DanaRefund>,
    created_at: String,
    valid_up_to: String,
    paid_at: Option<String>,
    times_paid: i64,
    payment_code: Option<String>,
    wallet_url: String,
}

#[derive(Serialize)]
struct DanaRefund {
    partner_refund_no: String,
    refund_no: String,
    amount: i64,
    reason: String,
    requested_at: String,
    finished_at: Option<String>,
}

#[derive(Serialize)]
struct XenditCharge {
    reference_id: String,
    id: String,
    /// Which of the three interfaces it was made by.
    generation: &'static str,
    channel_code: &'static str,
    mobile_number: Option<String>,
    /// The text of a QR code, or the number that is paid to.
    payment_code: Option<String>,
    status: &'static str,
    failure_code: Option<String>,
    /// Whole rupiah.
    amount: i64,
    /// What has been given back, without what is on its way.
    refunded: i64,
    refunds: Vec<XenditRefund>,
    created_at: String,
    expires_at: String,
    paid_at: Option<String>,
    times_paid: i64,
    wallet_url: String,
}

#[derive(Serialize)]
struct XenditRefund {
    id: String,
    reference_id: Option<String>,
    amount: i64,
    status: &'static str,
    reason: String,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Purchase {
    ref_id: String,
    buyer_sku_code: String,
    customer_no: String,
    status: &'static str,
    rc: String,
    sn: String,
    price: i64,
    /// How often the goods were delivered.
    deliveries: i64,
    /// What the deposit is short of for it now.
    charged: i64,
    times_charged: i64,
    created_at: String,
    next: Option<NextShown>,
}

#[derive(Serialize)]
struct NextShown {
    status: &'static str,
    rc: String,
    due_at: String,
}

#[derive(Serialize)]
struct RequestShown {
    seq: i64,
    at: String,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
    status: i64,
    answer: String,
    fault: Option<&'static str>,
}

#[derive(Serialize)]
struct WebhookShown {
    seq: i64,
    reference: String,
    event: String,
    url: Option<String>,
    headers: BTreeMap<String, String>,
    body: String,
    state: &'static str,
    created_at: String,
    due_at: Option<String>,
    attempts: Vec<AttemptShown>,
}

#[derive(Serialize)]
struct AttemptShown {
    at: String,
    status: Option<u16>,
    error: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
}

pub(super) async fn transactions(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let wanted =
        |reference: &str| asked.reference.as_deref().is_none_or(|start| reference.starts_with(start));
    let mut tx = world.db.read("world.look").await?;
    let payments = midtrans::newest(&mut tx).await?;
    let pages = snap::newest_pages(&mut tx).await?;
    let purchases = digiflazz::newest(&mut tx).await?;
    let webhooks =
        |all: Vec<Delivery>| all.into_iter().filter(|d| wanted(&d.reference)).map(webhook).collect();
    let requests = |all: Vec<Logged>| all.into_iter().map(request).collect();
    let base = world.base_url();
    let mut transactions = Vec::new();
    for transaction in payments.into_iter().filter(|t| wanted(&t.order_id)) {
        let refunds = midtrans::refunds(&mut tx, &transaction.transaction_id).await?;
        transactions.push(payment(&base, transaction, refunds));
    }
    let mut orders = Vec::new();
    for order in dana::newest(&mut tx).await?.into_iter().filter(|o| wanted(&o.partner_reference_no)) {
        let refunds = dana::refunds(&mut tx, &order.reference_no).await?;
        orders.push(dana_order(&base, order, refunds));
    }
    let mut charges = Vec::new();
    for charge in xendit::newest(&mut tx).await?.into_iter().filter(|c| wanted(&c.reference_id)) {
        let refunds = xendit::refunds(&mut tx, &charge.id).await?;
        charges.push(xendit_charge(&base, charge, refunds));
    }
    let books = Books {
        clock: ClockShown { now: world.now().rfc3339(), offset_ms: world.clock().offset_ms() },
        midtrans: Midtrans {
            transactions,
            snap_pages: pages
                .into_iter()
                .filter(|page| wanted(&page.order_id))
                .map(|page| snap_page(&base, page, world.now()))
                .collect(),
            requests: requests(journal::all(&mut tx, Target::Midtrans).await?),
            webhooks: webhooks(deliveries::all(&mut tx, Target::Midtrans).await?),
        },
        dana: Dana {
            transactions: orders,
            requests: requests(journal::all(&mut tx, Target::Dana).await?),
            webhooks: webhooks(deliveries::all(&mut tx, Target::Dana).await?),
        },
        xendit: Xendit {
            transactions: charges,
            requests: requests(journal::all(&mut tx, Target::Xendit).await?),
            webhooks: webhooks(deliveries::all(&mut tx, Target::Xendit).await?),
        },
        digiflazz: Digiflazz {
            deposit: digiflazz::deposit(&mut tx).await?,
            transactions: purchases.into_iter().filter(|t| wanted(&t.ref_id)).map(purchase).collect(),
            scripts: digiflazz::scripts(&mut tx).await?.into_iter().map(supplier::shown).collect(),
            requests: requests(journal::all(&mut tx, Target::Digiflazz).await?),
            webhooks: webhooks(deliveries::all(&mut tx, Target::Digiflazz).await?),
        },
        // A purchase without a reference of the shop's is shown whatever is asked for.
        vip_reseller: seller(&mut tx, Target::VipReseller, |_| true).await?,
        apigames: seller(&mut tx, Target::Apigames, wanted).await?,
        discord: Discord { requests: requests(journal::all(&mut tx, Target::Discord).await?) },
        faults: faults::armed(&mut tx).await?.into_iter().map(fault_control::shown).collect(),
    };
    Ok(super::json(&books))
}

async fn seller(
    tx: &mut ReadTx,
    target: Target,
    wanted: impl Fn(&str) -> bool,
) -> Result<Seller, database::Error> {
    let sold = goods::newest(tx, target, 1_000).await?;
    let webhooks = deliveries::all(tx, target).await?;
    Ok(Seller {
        deposit: goods::deposit(tx, target).await?,
        transactions: sold.into_iter().filter(|order| wanted(&order.ref_id)).map(sold_shown).collect(),
        scripts: goods::scripts(tx, target).await?.into_iter().map(supplier::shown_goods).collect(),
        requests: journal::all(tx, target).await?.into_iter().map(request).collect(),
        webhooks: webhooks.into_iter().filter(|d| wanted(&d.reference)).map(webhook).collect(),
    })
}

fn sold_shown(order: goods::Order) -> SoldShown {
    SoldShown {
        id: order.id,
        ref_id: order.ref_id,
        sku: order.sku,
        account: order.account,
        zone: order.zone,
        state: order.state.as_str(),
        note: order.note,
        price: order.price,
        deliveries: order.deliveries,
        charged: order.charged,
        times_charged: order.times_charged,
        created_at: order.created_at.rfc3339(),
        next: order.next.map(|(state, due)| SoldNext { state: state.as_str(), due_at: due.rfc3339() }),
    }
}

fn payment(base: &str, t: midtrans::Transaction, refunds: Vec<midtrans::Refund>) -> Payment {
    Payment {
        qr_string: t.has_qr().then(|| midtrans::qr_payload(&t)),
        wallet_url: format!("{base}/sandbox/wallet/{}", t.transaction_id),
        order_id: t.order_id,
        transaction_id: t.transaction_id,
        payment_type: t.payment_type.as_str(),
        snap_token: t.snap_token,
        payer_phone_number: t.payer_phone,
        channel: t.channel.map(midtrans::Channel::as_str),
        payment_code: t.payment_code,
        transaction_status: t.status.as_str(),
        gross_amount: t.amount,
        imposed_fee: t.imposed_fee,
        refund_amount: t.refunded,
        refunds: refunds.into_iter().map(midtrans_refund).collect(),
        transaction_time: t.transaction_at.rfc3339(),
        expiry_time: t.expires_at.rfc3339(),
        settlement_time: t.settled_at.map(Timestamp::rfc3339),
        times_settled: t.times_settled,
    }
}

fn midtrans_refund(r: midtrans::Refund) -> MidtransRefund {
    MidtransRefund {
        refund_key: r.refund_key,
        amount: r.amount,
        reason: r.reason,
        requested_at: r.requested_at.rfc3339(),
    }
}

fn snap_page(base: &str, page: snap::Checkout, now: Timestamp) -> SnapPage {
    SnapPage {
        redirect_url: snap::page_url(base, &page.token),
        gross_amount: page.amount,
        enabled_payments: page.methods.iter().map(|method| method.as_str()).collect(),
        open: page.is_open(now),
        created_at: page.created_at.rfc3339(),
        ends_at: page.ends_at().rfc3339(),
        order_id: page.order_id,
        token: page.token,
    }
}

fn dana_order(base: &str, o: dana::Order, refunds: Vec<dana::Refund>) -> DanaOrder {
    let finished = refunds.iter().filter(|r| r.finished_at.is_some());
    DanaOrder {
        wallet_url: format!("{base}/sandbox/wallet/{}", o.reference_no),
        refunded: finished.map(|r| r.amount).sum(),
        partner_reference_no: o.partner_reference_no,
        reference_no: o.reference_no,
        pay_method: o.pay_method,
        pay_option: o.pay_option,
        status: o.status.as_str(),
        close_reason: o.close_reason,
        amount: o.amount,
        refunds: refunds.into_iter().map(dana_refund).collect(),
        created_at: o.created_at.rfc3339(),
        valid_up_to: o.expires_at.rfc3339(),
        paid_at: o.paid_at.map(Timestamp::rfc3339),
        times_paid: o.times_paid,
        payment_code: o.payment_code,
    }
}

fn dana_refund(r: dana::Refund) -> DanaRefund {
    DanaRefund {
        partner_refund_no: r.partner_refund_no,
        refund_no: r.refund_no,
        amount: r.amount,
        reason: r.reason,
        requested_at: r.requested_at.rfc3339(),
        finished_at: r.finished_at.map(Timestamp::rfc3339),
    }
}

fn xendit_charge(base: &str, c: xendit::Charge, refunds: Vec<xendit::Refund>) -> XenditCharge {
    let done = refunds.iter().filter(|r| r.is_done());
    XenditCharge {
        wallet_url: format!("{base}/sandbox/wallet/{}", c.id),
        refunded: done.map(|r| r.amount).sum(),
        mobile_number: c.phone().map(str::to_owned),
        reference_id: c.reference_id,
        id: c.id,
        generation: c.generation.as_str(),
        channel_code: c.channel.as_str(),
        payment_code: c.code,
        status: c.status.as_str(),
        failure_code: c.failure_code,
        amount: c.amount,
        refunds: refunds.into_iter().map(xendit_refund).collect(),
        created_at: c.created_at.rfc3339(),
        expires_at: c.expires_at.rfc3339(),
        paid_at: c.paid_at.map(Timestamp::rfc3339),
        times_paid: c.times_paid,
    }
}

fn xendit_refund(r: xendit::Refund) -> XenditRefund {
    XenditRefund {
        id: r.id,
        reference_id: r.reference_id,
        amount: r.amount,
        status: r.status.as_str(),
        reason: r.reason,
        created_at: r.created_at.rfc3339(),
        updated_at: r.updated_at.rfc3339(),
    }
}

fn purchase(t: digiflazz::Transaction) -> Purchase {
    Purchase {
        ref_id: t.ref_id,
        buyer_sku_code: t.sku,
        customer_no: t.customer_no,
        status: t.status.as_str(),
        rc: t.rc,
        sn: t.sn,
        price: t.price,
        deliveries: t.deliveries,
        charged: t.charged,
        times_charged: t.times_charged,
        created_at: t.created_at.rfc3339(),
        next: t.next.map(|n| NextShown { status: n.status.as_str(), rc: n.rc, due_at: n.due_at.rfc3339() }),
    }
}

fn request(logged: Logged) -> RequestShown {
    RequestShown {
        seq: logged.seq,
        at: logged.at.rfc3339(),
        method: logged.method,
        path: logged.path,
        headers: logged.headers,
        body: logged.body,
        status: logged.status,
        answer: logged.answer,
        fault: logged.fault.map(faults::Fault::as_str),
    }
}

fn webhook(delivery: Delivery) -> WebhookShown {
    WebhookShown {
        seq: delivery.seq,
        reference: delivery.reference,
        event: delivery.event,
        url: delivery.url,
        headers: delivery.headers.into_iter().collect(),
        body: delivery.body,
        state: delivery.state.as_str(),
        created_at: delivery.created_at.rfc3339(),
        due_at: delivery.due_at.map(Timestamp::rfc3339),
        attempts: delivery.attempts.into_iter().map(attempt).collect(),
    }
}

fn attempt(attempt: Attempt) -> AttemptShown {
    AttemptShown {
        at: Timestamp::from_millis(attempt.at).rfc3339(),
        status: attempt.status,
        error: attempt.error,
        headers: attempt.headers.into_iter().collect(),
    }
}
