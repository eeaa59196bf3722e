//! `order refund | refund-approve | refund-reject | refund-settle`.

use super::order::{not_done, parse};
use crate::{cli, config::Config, output, wiring};
use anyhow::{Context, Result};
use orders::{RefundAnswer, RefundError, RefundTarget, RefundWish, SeenRefund, Settled};
use payments::ByHand;
use serde_json::json;
use std::process::ExitCode;
use vocabulary::{OrderNumber, Reference, RefundRequestId, Rupiah};

pub(super) async fn refund(config: &Config, wish: &cli::Refund, json: bool) -> Result<ExitCode> {
    let number = parse(&wish.decision.number)?;
    let target = wish.to.as_deref().map(str::parse::<RefundTarget>).transpose();
    let target = target.context("--to is `source` or `wallet`")?;
    let shop = wiring::shop_for_command(config).await?;
    let wanted = RefundWish {
        target,
        amount: wish.amount.map(Rupiah::new),
        reason: wish.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()),
    };
    let actor = super::staff(wish.decision.by.as_deref());
    told(&number, shop.refund(&number, &wanted, &actor).await, json)
}

pub(super) async fn approve(config: &Config, decision: &cli::RefundDecision, json: bool) -> Result<ExitCode> {
    let (number, request) = (parse(&decision.number)?, request(&decision.request)?);
    let shop = wiring::shop_for_command(config).await?;
    let actor = super::staff(decision.by.as_deref());
    let amount = decision.amount.map(Rupiah::new);
    let seen = SeenRefund { number: &number, request: &request, amount };
    told(&number, shop.approve_refund(seen, &actor).await, json)
}

pub(super) async fn reject(config: &Config, decision: &cli::RefundDecision, json: bool) -> Result<ExitCode> {
    let (number, request) = (parse(&decision.number)?, request(&decision.request)?);
    let shop = wiring::shop_for_command(config).await?;
    let seen = SeenRefund { number: &number, request: &request, amount: decision.amount.map(Rupiah::new) };
    match shop.reject_refund(seen, &super::staff(decision.by.as_deref())).await {
        Ok(()) if json => output::print_json(&json!({"number": number.as_str(), "refund": "rejected"})),
        Ok(()) => output::print(&format!("order {number}: the refund is rejected, nothing was given back")),
        Err(error) => return failed(error),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn settle(
    config: &Config,
    (key, ended): (&str, &str),
    by: Option<&str>,
    json: bool,
) -> Result<ExitCode> {
    let reference: Reference = key
        .parse()
        .context("the key of a refund is its order's number, -R and a number, as in LK7Q2M9X4TBC-R1")?;
    let said: ByHand =
        ended.parse().context("what the dashboard shows is `given-back` or `not-given-back`")?;
    let shop = wiring::shop_for_command(config).await?;
    match shop.settle_refund(&reference, said, &super::staff(by)).await {
        Ok(settled) if json => {
            let waits = matches!(settled, Settled::Waits(_));
            let (Settled::Ended(refund) | Settled::Waits(refund)) = settled;
            output::print_json(
                &json!({"refund": key, "state": refund.state.as_str(), "amount": refund.amount.get(),
                        "waits_for_second_person": waits}),
            );
        }
        Ok(Settled::Ended(refund)) => {
            output::print(&format!("refund {key} of {} is {}", refund.amount, refund.state));
        }
        Ok(Settled::Waits(refund)) => output::print(&format!(
            "refund {key} of {} is {} still: that is written down, and another person who sees it has to say the same: `loket order refund-settle {key} {said} --by NAME`",
            refund.amount, refund.state
        )),
        Err(error) => return failed(error),
    }
    Ok(ExitCode::SUCCESS)
}

fn request(id: &str) -> Result<RefundRequestId> {
    id.parse().context("the id of a request is `rrq_` and 26 characters; `loket order show` has it")
}

fn told(
    number: &OrderNumber,
    answer: std::result::Result<RefundAnswer, RefundError>,
    json: bool,
) -> Result<ExitCode> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return failed(error),
    };
    if json {
        output::print_json(&json!({
            "number": number.as_str(), "state": answer.state.as_str(), "amount": answer.amount.get(),
            "to": answer.target.as_str(), "waits_for_second_person": answer.waits,
            "not_to_source": answer.not_to_source, "request": answer.request.as_str(),
        }));
    } else {
        output::print(&in_words(number, &answer));
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(number: &OrderNumber, answer: &RefundAnswer) -> String {
    let to = match answer.target {
        RefundTarget::Source => "to where it came from",
        RefundTarget::Wallet => "to the buyer's store credit",
    };
    let why = answer.not_to_source.as_ref().map_or_else(String::new, |why| format!(", because {why}"));
    if answer.waits {
        return format!(
            "order {number}: {} {to}{why}; it waits for a second person: `loket order refund-approve {number} {} --by NAME`",
            answer.amount, answer.request
        );
    }
    format!("order {number} is {}: {} goes back {to}{why}", answer.state, answer.amount)
}

fn failed(error: RefundError) -> Result<ExitCode> {
    match error {
        RefundError::Action(error) => not_done(error),
        other => Err(other.into()),
    }
}
