//! How each member buys: what they type and press, how they pay, and what they must see in the end.

use super::{
    cast::{Journey, Start},
    door::Door,
    member::{Member, Seen, Shown, Words},
    proof,
    stage::Stage,
};
use anyhow::{Context, Result, anyhow, bail};
use sandbox::{DISCORD_APPLICATION_ID, DISCORD_BOT_TOKEN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vocabulary::{Clock, PayPoint, PaymentMethod, Secret};

/// The number that pays with OVO.
const PHONE: &str = "081234567890";
/// How long it takes until a payment page shows where to pay.
const PAGE_WITHIN: Duration = Duration::from_secs(20);
/// Type of a channel: a private thread.
const PRIVATE_THREAD: i64 = 12;

const AGREE: Words = ("Benar, pilih cara bayar", "Yes, choose how to pay");
const UNCHECKED: Words = ("Lanjut tanpa cek", "Go on unchecked");
const INSIST: Words = ("ID sudah benar, lanjut", "The id is right, go on");
const SEE_PRICES: Words = ("Lihat harga", "See the prices");
const SCAN: Words = ("Pindai untuk membayar", "Scan to pay");
const ENTER_NUMBER: Words = ("Isi nomor OVO Anda", "Enter your OVO number");
const APPROVE: Words = ("Setujui di aplikasi OVO", "Approve it in the OVO app");
const READY: Words = ("Siap dibayar", "Ready to pay");
const TRANSFER: Words = ("Transfer ke nomor ini", "Transfer to this number");
const TILL: Words = ("Bayar di kasir dengan kode ini", "Pay at the till with this code");
const DELIVERED: Words = ("Terkirim", "Delivered");

/// What came of a journey.
pub(super) struct Purchase {
    pub(super) member: &'static str,
    pub(super) method: &'static str,
    pub(super) number: Option<String>,
    pub(super) took: Duration,
    pub(super) outcome: Result<Delivered>,
}

/// What arrived.
pub(super) struct Delivered {
    pub(super) serial_number: String,
}

/// The owner tells Discord the commands, as `loket discord register` does.
pub(super) async fn register_commands(stage: &Stage, door: &Door) -> Result<()> {
    let rest = discord::Rest::new(
        outside::Http::new()?,
        discord::RestSettings {
            base_url: format!("{}/sandbox/discord", door.base()),
            application_id: DISCORD_APPLICATION_ID.into(),
            bot_token: Secret::new(DISCORD_BOT_TOKEN),
            about: None,
        },
    );
    stage.act("The owner", "runs loket discord register");
    let registered = discord::register(&rest, &discord::definitions(), None, false)
        .await
        .context("Discord did not take the commands")?;
    stage.then(&if registered.is_same() {
        "Discord has these commands already.".to_owned()
    } else {
        format!("Members can now type /{}.", [registered.added, registered.changed].concat().join(", /"))
    });
    Ok(())
}

/// Lets a member buy. What goes wrong is told, and keeps nobody else from buying.
pub(super) async fn play(stage: &Stage, door: &Door, journey: &Journey, index: usize) -> Purchase {
    let started = Instant::now();
    let mut number = None;
    let outcome = buy(stage, door, journey, index, &mut number).await;
    if let Err(error) = &outcome {
        stage.note(&format!("✘ This purchase failed: {error:#}"));
    }
    let method = journey.method.as_str();
    Purchase { member: journey.member, method, number, took: started.elapsed(), outcome }
}

async fn buy(
    stage: &Stage,
    door: &Door,
    journey: &Journey,
    index: usize,
    number: &mut Option<String>,
) -> Result<Delivered> {
    let settings = (journey.dms_open, journey.in_direct_messages);
    let who = (snowflake(index), journey.member);
    let member = Member::join(door, who, journey.locale, settings).await?;
    let asked = account(stage, &member, journey).await?;
    let ways = agree(stage, &member, journey, asked).await?;
    stage.act(journey.member, &format!("picks {} as the way to pay", journey.method));
    let placed = member.pick(ways.message()?, journey.method.as_str()).await?;
    let found = order_number(placed.message()?).ok_or_else(|| anyhow!("the card names no order"))?;
    *number = Some(found.clone());
    let ready = ready_to_pay(stage, door, &member, journey, &found).await?;
    stage.show(&caption(&ready), &ready.message);
    pay(stage, door, journey, &ready, &found).await?;
    receive(stage, door, &member, journey, &found).await
}

/// From the first word to the shop's question whether the account is the right one.
async fn account(stage: &Stage, member: &Member<'_>, journey: &Journey) -> Result<Seen> {
    let name = journey.member;
    let fields = [("user_id", journey.user_id), ("server", journey.server)];
    let filled: Vec<(&str, &str)> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let (list, product) = match &journey.start {
        Start::Topup { game, product } => {
            let games = said(stage, member, name, "topup", &[]).await?;
            stage.act(name, &format!("picks the game {game} from the menu"));
            (member.pick(games.message()?, game).await?, product)
        }
        Start::Price { game, product } => {
            (said(stage, member, name, "price", &[("game", *game)]).await?, product)
        }
        Start::Cek { game, product } => {
            let options = [[("game", *game)].as_slice(), &filled].concat();
            let found = said(stage, member, name, "cek", &options).await?;
            let label = member.word(SEE_PRICES);
            stage.act(name, &format!("presses [ {label} ]"));
            (member.press(found.message()?, SEE_PRICES).await?, product)
        }
        Start::Direct { game, product } => {
            let options = [[("game", *game), ("product", *product)].as_slice(), &filled].concat();
            return said(stage, member, name, "topup", &options).await;
        }
    };
    if !matches!(journey.start, Start::Price { .. }) {
        stage.show("The shop answers:", list.message()?);
    }
    stage.act(name, &format!("picks {product} from the menu"));
    let form = member.pick(list.message()?, product).await?;
    stage.form("A form opens:", form.modal.as_ref().context("no form opened")?);
    let typed: Vec<&str> = filled.iter().map(|(_, value)| *value).collect();
    stage.act(name, &format!("fills in {} and sends it", typed.join(" and ")));
    let asked = member.fill(&form, &fields).await?;
    stage.show("The shop asks, and only they see it:", asked.message()?);
    Ok(asked)
}

async fn said(
    stage: &Stage,
    member: &Member<'_>,
    name: &str,
    command: &str,
    options: &[(&str, &str)],
) -> Result<Seen> {
    let typed: Vec<String> = options.iter().map(|(name, value)| format!(" {name}:{value}")).collect();
    stage.act(name, &format!("types /{command}{}", typed.concat()));
    let seen = member.command(command, options).await?;
    stage.show("The shop answers, and only they see it:", seen.message()?);
    Ok(seen)
}

/// Agrees to the account; to one that nobody could check, twice.
async fn agree(stage: &Stage, member: &Member<'_>, journey: &Journey, asked: Seen) -> Result<Seen> {
    let mut seen = asked;
    for label in [UNCHECKED, INSIST, AGREE] {
        let there = Shown::of(seen.message()?).says(member.word(label));
        if there {
            stage.act(journey.member, &format!("presses [ {} ]", member.word(label)));
            seen = member.press(seen.message()?, label).await?;
            stage.show("The shop answers:", seen.message()?);
        }
    }
    Ok(seen)
}

/// Waits until the card says that it can be paid; for OVO, enters the number on the payment page before.
async fn ready_to_pay(
    stage: &Stage,
    door: &Door,
    member: &Member<'_>,
    journey: &Journey,
    number: &str,
) -> Result<Shown> {
    let words = match journey.method {
        PaymentMethod::GopayQr | PaymentMethod::DanaQr | PaymentMethod::Qris => SCAN,
        PaymentMethod::OvoPush => {
            let word = member.word(ENTER_NUMBER);
            let card = member.wait_for(word, |shown| shown.says(number) && shown.says(word)).await?;
            stage.show(&caption(&card), &card.message);
            let page = card.link().context("the card leads to no payment page")?;
            stage.act(journey.member, "opens the payment page and enters the OVO number there");
            door.form(&format!("{page}/phone"), &format!("use=phone&phone={PHONE}")).await?;
            APPROVE
        }
        other => match other.pay_point() {
            Some(PayPoint::Bank(_)) => TRANSFER,
            Some(PayPoint::Store(_)) => TILL,
            None => READY,
        },
    };
    let word = member.word(words);
    let needs_picture = words == SCAN;
    member
        .wait_for(word, |shown| {
            shown.says(number) && shown.says(word) && (!needs_picture || shown.picture().is_some())
        })
        .await
}

/// Pays as the buyer does: scans the picture, follows the link, approves what came to the phone, or takes the
/// number to an ATM or a till.
async fn pay(stage: &Stage, door: &Door, journey: &Journey, card: &Shown, number: &str) -> Result<()> {
    let wallet = match journey.method {
        PaymentMethod::OvoPush | PaymentMethod::OvoLink => "OVO",
        PaymentMethod::DanaQr | PaymentMethod::DanaLink => "DANA",
        other => other.pay_point().map_or("GoPay", PayPoint::label),
    };
    let mut deed = json!({ "outcome": "settle" });
    let reference = match journey.method {
        PaymentMethod::GopayQr | PaymentMethod::DanaQr | PaymentMethod::Qris => {
            stage.act(journey.member, &format!("scans the QR code in the message with {wallet}, and pays"));
            let address = card.picture().context("the card has no picture")?;
            let picture = door.file(address).await?;
            payments::read_qr(&picture).context("the picture in the message is no QR code")?
        }
        PaymentMethod::OvoPush => {
            stage.act(journey.member, "approves the request in the OVO app");
            number.to_owned()
        }
        method if method.pay_point().is_some() => {
            let deed = match method.pay_point() {
                Some(PayPoint::Store(_)) => format!("reads the code out at a till of {wallet}, and pays"),
                _ => format!("types the number into an ATM of {wallet}, and pays"),
            };
            stage.act(journey.member, &deed);
            pay_number(&card.message).context("the card has no number to pay to")?
        }
        _ => {
            let page = card.link().context("the card leads to no payment page")?;
            stage.act(journey.member, &format!("opens the payment page, goes on to {wallet}, and pays"));
            if let (true, Some(deed)) = (wallet == "OVO", deed.as_object_mut()) {
                deed.insert("method".into(), json!("ovo"));
                deed.insert("phone".into(), json!(PHONE));
            }
            wallet_address(door, &page).await?
        }
    };
    if let Some(deed) = deed.as_object_mut() {
        deed.insert("reference".into(), json!(reference));
    }
    let paid = door.post("/sandbox/pay", &deed).await?;
    let word = paid.get("transaction_status").and_then(Value::as_str).unwrap_or_default();
    stage.then(&format!("{wallet} says: {word}."));
    Ok(())
}

/// Waits for the delivery: on the card, and in a message of its own that stays.
async fn receive(
    stage: &Stage,
    door: &Door,
    member: &Member<'_>,
    journey: &Journey,
    number: &str,
) -> Result<Delivered> {
    let word = member.word(DELIVERED);
    let card = member
        .wait_for("the delivery", |shown| shown.ephemeral && shown.says(number) && shown.says(word))
        .await?;
    stage.show("The card has changed by itself:", &card.message);
    let amount = amount(&card.message).context("the card names no amount")?;
    let books = proof::books(door, number, amount).await?;
    if !card.says(&books.serial_number) {
        bail!("the card does not show the supplier's serial number {}", books.serial_number);
    }
    let receipt = member
        .wait_for("the receipt", |shown| {
            !shown.ephemeral && shown.says(number) && shown.says(&books.serial_number)
        })
        .await?;
    if (receipt.channel_kind == PRIVATE_THREAD) == journey.dms_open {
        bail!("the receipt is in the wrong place: a channel of type {}", receipt.channel_kind);
    }
    stage.show(&caption(&receipt), &receipt.message);
    for line in &books.webhooks {
        stage.then(&format!("{line}."));
    }
    stage.then("The gateway's books show one payment, the supplier's one delivery.");
    Ok(Delivered { serial_number: books.serial_number })
}

fn caption(shown: &Shown) -> String {
    match (shown.ephemeral, shown.channel_kind) {
        (true, _) => "Only they see this card:".to_owned(),
        (false, PRIVATE_THREAD) => "In a private thread, because they take no direct messages:".to_owned(),
        (false, 1) => "By direct message:".to_owned(),
        (false, _) => "In the channel:".to_owned(),
    }
}

/// Where the payment page leads on to: the page of the wallet, which is there a moment after the order.
async fn wallet_address(door: &Door, page: &str) -> Result<String> {
    let started = Instant::now();
    loop {
        let text = door.page(page).await?;
        let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let wallet = links.map(|link| link.replace("&amp;", "&")).find(|link| link.contains("/sandbox/"));
        match wallet {
            Some(link) => return Ok(link),
            None if started.elapsed() > PAGE_WITHIN => bail!("{page} leads to no wallet"),
            None => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

/// The number of the order that a card shows: `LK` and ten characters.
fn order_number(message: &Value) -> Option<String> {
    let text = message.to_string();
    let candidates = text.match_indices("LK").filter_map(|(at, _)| text.get(at..at.saturating_add(12)));
    candidates.filter_map(|word| word.parse::<vocabulary::OrderNumber>().ok()).map(|n| n.to_string()).next()
}

/// The number to pay to that a card shows, on a line of its own.
fn pay_number(message: &Value) -> Option<String> {
    let text = message.to_string();
    let block = text.split("```\\n").nth(1)?;
    Some(block.chars().take_while(char::is_ascii_digit).collect::<String>()).filter(|code| !code.is_empty())
}

/// The first amount on a card, in whole rupiah: `Rp 20.000`.
fn amount(message: &Value) -> Option<i64> {
    let text = message.to_string();
    let after = text.split("Rp ").nth(1)?;
    let digits = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').filter(char::is_ascii_digit);
    digits.collect::<String>().parse().ok()
}

/// An id that nobody had before: the risk rules count what a member has bought.
fn snowflake(index: usize) -> String {
    let since_2015 = Clock::system().real_now().millis().saturating_sub(1_420_070_400_000);
    let index = i64::try_from(index).unwrap_or_default();
    (since_2015.saturating_mul(1 << 22).saturating_add(index)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_amount_are_read_from_a_card() {
        let card =
            json!({"components": [{"content": "**86** · **Rp 1.020.000**\nID: x\n-# Pesanan LK7Q2M9XK4VT"}]});
        assert_eq!(order_number(&card).as_deref(), Some("LK7Q2M9XK4VT"));
        assert_eq!(amount(&card), Some(1_020_000));
        assert_eq!((order_number(&json!("LKLK")), amount(&json!("20"))), (None, None));
        let card = json!({"content": "Nomor virtual account **BCA**\n```\n812785002530231\n```"});
        assert_eq!(pay_number(&card).as_deref(), Some("812785002530231"));
        assert_eq!(pay_number(&json!({"content": "```\nSN-1\n```"})), None);
    }
}
