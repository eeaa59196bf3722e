//! `GET /sandbox/transactions`: what each simulator holds, with every request it got and every
//! webhook it sent. `?reference=` keeps what starts with it.

use super::{faults as fault_control, supplier};
use crate::{
    deliveries::{self, Attempt, Delivery},
    digiflazz, faults,
    journal::{self, Logged},
    midtrans,
    problem::Problem,
    world::{Target, World},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
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
    digiflazz: Digiflazz,
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

#[derive(Serialize)]
struct Payment {
    order_id: String,
    transaction_id: String,
    payment_type: &'static str,
    transaction_status: &'static str,
    /// Whole rupiah.
    gross_amount: i64,
    imposed_fee: i64,
    refund_amount: i64,
    transaction_time: String,
    expiry_time: String,
    settlement_time: Option<String>,
    times_settled: i64,
    qr_string: String,
    wallet_url: String,
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
}

pub(super) async fn transactions(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let wanted =
        |reference: &str| asked.reference.as_deref().is_none_or(|start| reference.starts_with(start));
    let mut tx = world.db.read("world.look").await?;
    let payments = midtrans::newest(&mut tx).await?;
    let purchases = digiflazz::newest(&mut tx).await?;
    let webhooks =
        |all: Vec<Delivery>| all.into_iter().filter(|d| wanted(&d.reference)).map(webhook).collect();
    let requests = |all: Vec<Logged>| all.into_iter().map(request).collect();
    let base = world.base_url();
    let books = Books {
        clock: ClockShown { now: world.now().rfc3339(), offset_ms: world.clock().offset_ms() },
        midtrans: Midtrans {
            transactions: payments
                .into_iter()
                .filter(|t| wanted(&t.order_id))
                .map(|t| payment(&base, t))
                .collect(),
            requests: requests(journal::all(&mut tx, Target::Midtrans).await?),
            webhooks: webhooks(deliveries::all(&mut tx, Target::Midtrans).await?),
        },
        digiflazz: Digiflazz {
            deposit: digiflazz::deposit(&mut tx).await?,
            transactions: purchases.into_iter().filter(|t| wanted(&t.ref_id)).map(purchase).collect(),
            scripts: digiflazz::scripts(&mut tx).await?.into_iter().map(supplier::shown).collect(),
            requests: requests(journal::all(&mut tx, Target::Digiflazz).await?),
            webhooks: webhooks(deliveries::all(&mut tx, Target::Digiflazz).await?),
        },
        faults: faults::armed(&mut tx).await?.into_iter().map(fault_control::shown).collect(),
    };
    Ok(super::json(&books))
}

fn payment(base: &str, t: midtrans::Transaction) -> Payment {
    Payment {
        qr_string: midtrans::qr_payload(&t),
        wallet_url: format!("{base}/sandbox/wallet/{}", t.transaction_id),
        order_id: t.order_id,
        transaction_id: t.transaction_id,
        payment_type: t.payment_type.as_str(),
        transaction_status: t.status.as_str(),
        gross_amount: t.amount,
        imposed_fee: t.imposed_fee,
        refund_amount: t.refunded,
        transaction_time: t.transaction_at.rfc3339(),
        expiry_time: t.expires_at.rfc3339(),
        settlement_time: t.settled_at.map(Timestamp::rfc3339),
        times_settled: t.times_settled,
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
    }
}
