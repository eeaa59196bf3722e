//! `buyer show | verify | unverify`: how far a buyer is known, and what that allows within a day.

use super::order::plain;
use crate::{cli::Buyer as Arguments, config::Config, output, wiring};
use anyhow::{Context, Result};
use orders::{BuyerError, BuyerView};
use security::{Tier, TierRules};
use serde_json::{Value, json};
use std::process::ExitCode;
use vocabulary::BuyerId;

pub(super) async fn run(arguments: Arguments, config: &Config, json: bool) -> Result<ExitCode> {
    let shop = wiring::shop_for_command(config).await?;
    let answer = match arguments {
        Arguments::Show { buyer } => {
            let buyer = parse(&buyer)?;
            shop.buyer(&buyer).await?.ok_or(BuyerError::Unknown(buyer))
        }
        Arguments::Verify(decision) => {
            let actor = super::staff(decision.by.as_deref());
            shop.verify_buyer(&parse(&decision.buyer)?, &decision.because, &actor).await
        }
        Arguments::Unverify(decision) => {
            let actor = super::staff(decision.by.as_deref());
            shop.unverify_buyer(&parse(&decision.buyer)?, &decision.because, &actor).await
        }
    };
    match answer {
        Ok(buyer) if json => output::print_json(&as_json(&buyer)),
        Ok(buyer) => output::print(&as_text(&shop.rules.tiers, &buyer)),
        Err(error @ BuyerError::Unknown(_)) => {
            eprintln!("loket: {error}; `loket order list` shows who ordered");
            return Ok(output::not_found());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(buyer: &str) -> Result<BuyerId> {
    buyer.parse().context("`loket order list` has the ids of buyers")
}

fn as_json(buyer: &BuyerView) -> Value {
    let (facts, record) = (&buyer.facts, &buyer.record);
    json!({
        "buyer": buyer.buyer.as_str(), "tier": buyer.tier.as_str(), "first_order_at": buyer.first_seen_at.rfc3339(),
        "verified": buyer.verified.as_ref().map(|verified| json!({
            "because": verified.reason, "by": verified.by.as_str(), "at": verified.at.rfc3339()})),
        "kept": facts.kept_orders, "first_kept_days": facts.first_kept.map(|age| age.as_secs() / 86_400),
        "paid": record.paid, "delivered": record.delivered, "refunded": record.refunded,
        "refund_percent": record.refund_percent(),
        "today": facts.today.get(), "daily_limit": buyer.daily_limit.map(|limit| limit.get()),
    })
}

fn as_text(rules: &TierRules, buyer: &BuyerView) -> String {
    let record = &buyer.record;
    let limit = buyer.daily_limit.map_or_else(
        || format!("a {} buyer has no limit", buyer.tier),
        |limit| format!("above {limit} a person decides"),
    );
    format!(
        "buyer {} is {}: {}\n  first order {} WIB · {} paid, {} delivered, {} refunded ({} %)\n  this WIB day {}; {limit}",
        buyer.buyer,
        buyer.tier,
        why(rules, buyer),
        buyer.first_seen_at.wib(),
        record.paid,
        record.delivered,
        record.refunded,
        record.refund_percent(),
        buyer.facts.today,
    )
}

/// Why the buyer is of this tier.
fn why(rules: &TierRules, buyer: &BuyerView) -> String {
    if let (Tier::Verified, Some(verified)) = (buyer.tier, &buyer.verified) {
        return format!("{} by {}, {} WIB", plain(&verified.reason), verified.by, verified.at.wib());
    }
    let days = |time: std::time::Duration| time.as_secs() / 86_400;
    let first = buyer
        .facts
        .first_kept
        .map_or_else(String::new, |age| format!(", the first of them {} days ago", days(age)));
    format!(
        "{} orders were delivered and kept{first}; a regular buyer has {}, the first {} days ago",
        buyer.facts.kept_orders,
        rules.regular_orders,
        days(rules.regular_after)
    )
}
