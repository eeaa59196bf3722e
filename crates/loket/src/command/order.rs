//! `order show | list | approve | reject | retry | settle`; the rest of `order` is in `refund.rs`.

use crate::{cli, config::Config, output, wiring};
use anyhow::{Context, Result};
use orders::{ActionError, Approved, OrderFile, OrderState, SettleError, StaffAction};
use serde_json::{Value, json};
use std::process::ExitCode;
use suppliers::Attempt;
use vocabulary::{OrderNumber, Rupiah, Timestamp};

pub(super) async fn run(arguments: cli::Order, config: &Config, json: bool) -> Result<ExitCode> {
    match arguments {
        cli::Order::Show(look) => show(config, &look, json).await,
        cli::Order::Evidence(look) => super::evidence::run(config, &look, json).await,
        cli::Order::List { state, limit } => list(config, state.as_deref(), limit, json).await,
        cli::Order::Approve { decision, paid } => approve(config, &decision, paid, json).await,
        cli::Order::Reject(decision) => decide(config, &decision, StaffAction::Reject, json).await,
        cli::Order::Retry(decision) => decide(config, &decision, StaffAction::Retry, json).await,
        cli::Order::Refund(wish) => super::refund::refund(config, &wish, json).await,
        cli::Order::RefundApprove(decision) => super::refund::approve(config, &decision, json).await,
        cli::Order::RefundSettle { key, ended, by } => {
            super::refund::settle(config, (&key, &ended), by.as_deref(), json).await
        }
        cli::Order::RefundReject(decision) => super::refund::reject(config, &decision, json).await,
        cli::Order::Settle { give_back, decision } => settle(config, &decision, give_back, json).await,
    }
}

pub(super) fn parse(number: &str) -> Result<OrderNumber> {
    number.parse().context("an order number is LK and ten characters, as in LK7Q2M9X4TBC")
}

/// One person's word may not be enough to take what came in as paid.
async fn approve(
    config: &Config,
    decision: &cli::Decision,
    paid: Option<i64>,
    json: bool,
) -> Result<ExitCode> {
    let number = parse(&decision.number)?;
    let shop = wiring::shop_for_command(config).await?;
    let actor = super::staff(decision.by.as_deref());
    match shop.approve(&number, paid.map(Rupiah::new), &actor).await {
        Ok(approved) => {
            let again = format!("approve {number} --paid {}", paid.unwrap_or_default());
            Ok(tell(&number, approved, &again, json))
        }
        Err(error) => not_done(error),
    }
}

/// Why nothing was done.
pub(super) fn not_done(error: ActionError) -> Result<ExitCode> {
    match error {
        ActionError::UnknownOrder(_) => {
            eprintln!("loket: {error}; `loket order list` shows those there are");
            Ok(output::not_found())
        }
        other => Err(other.into()),
    }
}

async fn decide(
    config: &Config,
    decision: &cli::Decision,
    action: StaffAction,
    json: bool,
) -> Result<ExitCode> {
    let number = parse(&decision.number)?;
    let shop = wiring::shop_for_command(config).await?;
    match shop.decide(&number, action, &super::staff(decision.by.as_deref())).await {
        Ok(state) if json => output::print_json(&json!({"number": number.as_str(), "state": state.as_str()})),
        Ok(state) => output::print(&format!("order {number} is {state}")),
        Err(error) => return not_done(error),
    }
    Ok(ExitCode::SUCCESS)
}

async fn settle(config: &Config, decision: &cli::Decision, give_back: i64, json: bool) -> Result<ExitCode> {
    let number = parse(&decision.number)?;
    let shop = wiring::shop_for_command(config).await?;
    let actor = super::staff(decision.by.as_deref());
    match shop.settle_part(&number, Rupiah::new(give_back), &actor).await {
        Ok(approved) => {
            let again = format!("settle {number} --give-back {give_back}");
            Ok(tell(&number, approved, &again, json))
        }
        Err(SettleError::Action(error)) => not_done(error),
        Err(error) => Err(error.into()),
    }
}

/// Where the order stands after a decision for which the word of one person may not be enough; `again` is what a
/// second one types.
fn tell(number: &OrderNumber, Approved { state, waits }: Approved, again: &str, json: bool) -> ExitCode {
    if json {
        output::print_json(
            &json!({"number": number.as_str(), "state": state.as_str(), "waits_for_second_person": waits}),
        );
    } else if waits {
        output::print(&format!(
            "order {number} is {state} still: that is written down, and another person has to say the same: `loket order {again} --by NAME`"
        ));
    } else {
        output::print(&format!("order {number} is {state}"));
    }
    ExitCode::SUCCESS
}

async fn list(config: &Config, state: Option<&str>, limit: u32, json: bool) -> Result<ExitCode> {
    let state = state.map(str::parse::<OrderState>).transpose().map_err(|error| {
        let all: Vec<_> = OrderState::ALL.iter().map(|s| s.as_str()).collect();
        anyhow::anyhow!("{error}; the states are {}", all.join(", "))
    })?;
    let db = wiring::open_ready(config).await?;
    let orders = orders::latest_orders(&mut db.read("order.list").await?, state, limit).await?;
    if json {
        let list: Vec<_> = orders
            .iter()
            .map(|o| json!({"number": o.number.as_str(), "state": o.state.as_str(), "product_code": o.product.as_str(),
                            "account": o.account.to_string(), "amount": o.amount.get(), "buyer": o.buyer.as_str(),
                            "placed_at": o.placed_at.rfc3339(), "risk_score": o.risk_score}))
            .collect();
        output::print_json(&json!(list));
    } else {
        let rows = orders
            .into_iter()
            .map(|o| {
                vec![
                    o.placed_at.wib(),
                    o.number.to_string(),
                    o.attention.map_or(o.state.to_string(), |a| format!("{} ({a})", o.state)),
                    o.product.to_string(),
                    o.account.to_string(),
                    o.amount.to_string(),
                    o.buyer.to_string(),
                ]
            })
            .collect();
        let headings = ["placed (WIB)", "number", "state", "product", "account", "amount", "buyer"];
        output::print(&output::table(&headings, &[5], rows));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(config: &Config, look: &cli::Look, json: bool) -> Result<ExitCode> {
    let number = &parse(&look.number)?;
    let shop = wiring::shop_for_command(config).await?;
    if look.reveal {
        shop.reveal(number, &super::staff(look.by.as_deref())).await?;
    }
    let Some(mut file) = shop.order_file(number).await? else {
        eprintln!("loket: there is no order {number}; `loket order list` shows those there are");
        return Ok(output::not_found());
    };
    if !look.reveal {
        file.mask();
    }
    if json {
        output::print_json(&as_json(&file));
    } else {
        output::print(&as_text(&file));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn as_json(file: &OrderFile) -> Value {
    let order = &file.order;
    let payments: Vec<_> = file
        .payments
        .iter()
        .map(|p| {
            json!({"reference": p.reference.to_string(), "method": p.method.as_str(), "gateway": p.gateway,
                        "amount": p.amount.get(), "state": p.state.as_str(), "note": p.note,
                        "odd_amount": p.odd_amount.map(|a| a.get()),
                        "given_back": p.given_back.map(|a| a.get()),
                        "refunding": p.refunding.get(), "refunded": p.refunded.get(),
                        "payment_code": p.opened.payment_code})
        })
        .collect();
    let refunds: Vec<_> = file
        .refunds
        .iter()
        .map(|r| {
            json!({"reference": r.reference.to_string(), "gateway": r.gateway, "amount": r.amount.get(),
                   "out_of": r.origin.as_str(), "state": r.state.as_str(), "reason": r.reason,
                   "requested_by": r.requested_by.as_str(),
                   "approved_by": r.approved_by.as_ref().map(|a| a.as_str()),
                   "refusal": r.refusal.map(|why| why.as_str()), "note": r.note, "sends": r.sends})
        })
        .collect();
    let refund_requests: Vec<_> = file
        .refund_requests
        .iter()
        .map(|r| {
            json!({"id": r.id.as_str(), "target": r.target.as_str(), "amount": r.amount.get(), "reason": r.reason, "state": r.state,
                   "requested_by": r.requested_by.as_str(),
                   "decided_by": r.decided_by.as_ref().map(|a| a.as_str())})
        })
        .collect();
    let attempts: Vec<_> = file
        .attempts
        .iter()
        .map(|a| {
            json!({"reference": a.reference.to_string(), "supplier": a.supplier, "sku": a.sku,
                        "customer_no": a.customer_no, "state": a.state.as_str(), "code": a.code,
                        "message": a.message, "serial_number": a.serial_number, "asked": a.asked,
                        "price": a.price.map(|p| p.get()), "supplier_number": a.number,
                        "first_sent_at": time(a.first_sent_at), "answered_at": time(a.answered_at),
                        "ended_at": time(a.ended_at), "routing": routing(a)})
        })
        .collect();
    let ledger: Vec<_> = file
        .ledger
        .iter()
        .map(|l| {
            json!({"at": l.at.rfc3339(), "kind": l.kind.as_str(), "reference": l.reference,
                        "account": l.account.to_string(), "amount": l.amount.get()})
        })
        .collect();
    let audit: Vec<_> = file
        .audit
        .iter()
        .map(|a| {
            json!({"at": a.at.rfc3339(), "actor": a.actor, "action": a.action, "before": a.before,
                        "after": a.after, "source": a.source})
        })
        .collect();
    let timeline: Vec<_> = file
        .timeline
        .iter()
        .map(|t| json!({"at": t.at.rfc3339(), "kind": t.kind, "detail": t.detail}))
        .collect();
    let findings: Vec<_> = order
        .risk_findings
        .iter()
        .map(|f| json!({"parameter": f.parameter, "points": f.points, "explanation": f.explanation}))
        .collect();
    json!({
        "number": order.number.as_str(), "state": order.state.as_str(),
        "attention": order.attention.map(|a| a.as_str()), "waits_for": order.waits_for, "product_code": order.product.as_str(),
        "account": {"user_id": order.account.user_id(), "server_id": order.account.server_id()},
        "amount": order.amount.get(), "buyer": order.buyer.as_str(), "owner": order.owner,
        "serial_number": order.serial_number, "placed_at": order.placed_at.rfc3339(),
        "paid_at": time(order.paid_at), "delivered_at": time(order.delivered_at),
        "complain_until": time(file.complain_until),
        "agreed": {"nickname": file.origin.nickname, "at": time(file.origin.agreed_at),
                   "user_id": order.account.user_id(), "server_id": order.account.server_id()},
        "discord": {"server": file.origin.guild, "account_made_at": time(file.origin.account_made_at),
                    "joined_at": time(file.origin.joined_at)},
        "buyer_record": {"paid": file.record.paid, "delivered": file.record.delivered,
                         "refunded": file.record.refunded, "refund_percent": file.record.refund_percent()},
        "risk": {"score": order.risk_score, "action": order.risk_action.as_str(), "findings": findings},
        "payments": payments, "refunds": refunds, "refund_requests": refund_requests, "attempts": attempts, "ledger": ledger, "audit": audit, "timeline": timeline
    })
}

pub(super) fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::rfc3339)
}

/// Which routes were looked at for an attempt, and why one was taken.
fn routing(attempt: &Attempt) -> Value {
    attempt.routing.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

/// A name that somebody else chose, as a terminal may show it.
pub(super) fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

pub(super) fn as_text(file: &OrderFile) -> String {
    let order = &file.order;
    let mut text = format!(
        "order {} is {}{}\n  {} {} for {} · {} · buyer {}\n  placed {} WIB · risk {} ({})",
        order.number,
        order.state,
        order.attention.map_or_else(String::new, |a| format!(" ({a})")),
        order.product,
        order.product_name,
        order.account,
        order.amount,
        order.buyer,
        order.placed_at.wib(),
        order.risk_score,
        order.risk_action,
    );
    for finding in &order.risk_findings {
        text.push_str(&format!("\n    {:>3} {}: {}", finding.points, finding.parameter, finding.explanation));
    }
    if let Some(serial_number) = &order.serial_number {
        text.push_str(&format!("\n  serial number {serial_number}"));
    }
    let record = &file.record;
    text.push_str(&format!(
        "\n  the buyer: {} paid, {} delivered, {} refunded ({} %)",
        record.paid,
        record.delivered,
        record.refunded,
        record.refund_percent()
    ));
    if let Some(at) = file.origin.agreed_at {
        let name = file.origin.nickname.as_deref().map_or_else(
            || "without a name, because nobody could tell it".to_owned(),
            |name| format!("as {}", plain(name)),
        );
        text.push_str(&format!("\n  agreed to {} {name}, {} WIB", order.account, at.wib()));
    }
    if let Some(until) = file.complain_until {
        text.push_str(&format!("\n  a complaint is in time until {} WIB", until.wib()));
    }
    let mut section = |title: &str, headings: &[&str], right: &[usize], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            text.push_str(&format!("\n\n{title}\n{}", output::table(headings, right, rows)));
        }
    };
    let or_dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    let rows = file.payments.iter().map(|p| {
        vec![
            p.reference.to_string(),
            p.method.to_string(),
            p.amount.to_string(),
            p.odd_amount.map_or_else(|| "-".into(), |odd| odd.to_string()),
            p.state.to_string(),
            or_dash(&p.note),
        ]
    });
    let headings = ["reference", "method", "amount", "odd amount", "state", "gateway says"];
    section("payments", &headings, &[2, 3], rows.collect());
    let rows = file.refunds.iter().map(|r| {
        let by = r
            .approved_by
            .as_ref()
            .map_or_else(|| r.requested_by.to_string(), |second| format!("{}, {second}", r.requested_by));
        vec![r.reference.to_string(), r.amount.to_string(), r.state.to_string(), by, or_dash(&r.note)]
    });
    section("refunds", &["reference", "amount", "state", "by", "gateway says"], &[1], rows.collect());
    let waiting = file.refund_requests.iter().filter(|r| r.state == "waiting");
    let rows = waiting.map(|r| {
        let (amount, to, by) = (r.amount.to_string(), r.target.to_string(), r.requested_by.to_string());
        vec![r.id.to_string(), amount, to, by, r.reason.clone()]
    });
    let headings = ["request", "amount", "to", "wanted by", "why"];
    section("waits for a second person", &headings, &[1], rows.collect());
    let rows = file.attempts.iter().map(|a| {
        let says = format!("{} {}", a.code.as_deref().unwrap_or("-"), a.message.as_deref().unwrap_or(""));
        vec![a.reference.to_string(), a.supplier.clone(), a.customer_no.clone(), a.state.to_string(), says]
    });
    section(
        "attempts",
        &["reference", "supplier", "customer no", "state", "supplier says"],
        &[],
        rows.collect(),
    );
    let rows = file.attempts.iter().flat_map(|a| {
        let considered = routing(a).as_array().cloned().unwrap_or_default();
        considered.into_iter().map(|one| {
            let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
            let taken = one.get("taken").and_then(Value::as_bool).unwrap_or(false);
            let mark = if taken { "taken" } else { "" };
            vec![a.reference.to_string(), mark.to_owned(), text("supplier"), text("sku"), text("why")]
        })
    });
    section("routes", &["attempt", "", "supplier", "code", "why"], &[], rows.collect());
    let rows = file.ledger.iter().map(|l| {
        vec![l.at.wib(), l.kind.to_string(), l.reference.clone(), l.account.to_string(), l.amount.to_string()]
    });
    section("ledger", &["at (WIB)", "what", "reference", "account", "debit"], &[4], rows.collect());
    let rows = file.timeline.iter().map(|t| vec![t.at.wib(), t.kind.clone(), or_dash(&t.detail)]);
    section("timeline", &["at (WIB)", "what", "detail"], &[], rows.collect());
    let rows = file.audit.iter().map(|a| {
        vec![
            a.at.wib(),
            a.actor.clone(),
            a.action.clone(),
            or_dash(&a.before),
            or_dash(&a.after),
            or_dash(&a.source),
        ]
    });
    section("audit", &["at (WIB)", "who", "what", "before", "after", "why"], &[], rows.collect());
    text
}
