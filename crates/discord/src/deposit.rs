//! Store credit that is paid for: the form for the amount, the ways to pay that carry it, the deposit. Nothing is
//! kept on the way: the amount stands in the id of the select, which this shop alone can write, and the form that was
//! sent is the key, so that it is one deposit, however often and by whatever way it is picked.

use crate::{
    DraftId,
    commands::{buyer, reader},
    custom_id::Wished,
    desk::Desk,
    inbound::{Inbound, Named},
    order_presses,
    place::remember_order,
    reply::Reply,
    screen::OWNER,
    trouble::Trouble,
    views::{
        deposit::{self, AMOUNT},
        pay::{Ways, way},
    },
};
use orders::{Bill, Deposit, DepositError, Origin};
use vocabulary::Rupiah;

/// The form for the amount.
pub(crate) fn form(desk: &Desk, asked: &Inbound) -> Result<Reply, Trouble> {
    let bounds = desk.shop.deposit_bounds().ok_or(DepositError::NotTaken)?;
    Ok(Reply::Modal(deposit::form(reader(desk, asked), bounds)))
}

/// The form was filled in: nothing is ordered before a way to pay is picked.
pub(crate) async fn submitted(desk: &Desk, asked: &Inbound, fields: &Named) -> Result<Reply, Trouble> {
    let (shop, reader) = (&desk.shop, reader(desk, asked));
    let typed = fields.get(AMOUNT).unwrap_or_default();
    let taken = match read(typed) {
        Some(amount) => shop.takes_deposit(amount).map(|()| amount).map_err(Trouble::from),
        None => Err(deposit::no_amount(typed)),
    };
    let amount = match taken {
        Ok(amount) => amount,
        Err(_) if shop.deposit_bounds().is_none() => return Err(DepositError::NotTaken.into()),
        Err(trouble) => return Ok(Reply::Show(deposit::again(reader, &trouble.words(reader.locale)))),
    };
    let ways = Ways::of(shop, &buyer(asked)?, Bill::without_goods(amount)).await?.without_credit();
    if ways.methods.is_empty() {
        let trouble = deposit::no_way(amount);
        return Ok(Reply::Show(deposit::again(reader, &trouble.words(reader.locale))));
    }
    let wished = Wished { draft: DraftId::of_interaction(&asked.id), amount };
    Ok(Reply::Show(deposit::ways(reader, &ways, &wished)))
}

/// A way to pay was picked.
pub(crate) async fn place(
    desk: &Desk,
    asked: &Inbound,
    wished: &Wished,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let way = value.and_then(way).ok_or_else(Trouble::gone)?;
    let buyer = buyer(asked)?;
    let wish = Deposit {
        owner: OWNER.to_owned(),
        key: wished.draft.key()?,
        // However its buyer wants to pay in the end.
        request_hash: format!("deposit:{}:{}", wished.draft, wished.amount.get()),
        buyer: buyer.clone(),
        amount: wished.amount,
        method: way.method,
        phone: None,
        locale: asked.locale,
        ip: None,
        origin: Origin {
            guild: asked.guild.clone(),
            account_made_at: asked.made_at(),
            joined_at: asked.joined_at,
            ..Origin::default()
        },
    };
    let placed = shop.deposit(&wish).await?;
    let mut tx = shop.db.write("discord.deposited").await?;
    remember_order(&mut tx, asked, (&buyer, &placed.number), shop.clock.now()).await?;
    tx.commit().await?;
    order_presses::push_first(shop, &placed, &way).await;
    order_presses::show(desk, asked, &placed.number).await
}

/// An amount as people type it: `50000`, `50.000`, `Rp 50.000`, `rp. 50,000`, `50.000,-`. `None` for what is no whole
/// amount above zero.
fn read(typed: &str) -> Option<Rupiah> {
    let text = typed.trim();
    let text = match text.split_at_checked(2) {
        Some((sign, rest)) if sign.eq_ignore_ascii_case("rp") => {
            rest.strip_prefix('.').unwrap_or(rest).trim()
        }
        _ => text,
    };
    let text = text.strip_suffix(",-").unwrap_or(text);
    // Groups of three by commas are English; beside dots a comma begins cents, which there are none of.
    let text = if text.contains('.') { text.to_owned() } else { text.replace(',', ".") };
    text.parse().ok().filter(|amount: &Rupiah| amount.is_positive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it_and_nothing_else_is() {
        for typed in [
            "50000",
            "50.000",
            "50,000",
            "Rp 50.000",
            "Rp50000",
            "rp50.000",
            "RP. 50.000",
            "Rp 50,000",
            " 50.000,- ",
        ] {
            assert_eq!(read(typed), Some(Rupiah::new(50_000)), "{typed:?}");
        }
        assert_eq!(read("Rp 1.250.000"), Some(Rupiah::new(1_250_000)));
        for typed in [
            "",
            "Rp",
            "0",
            "-50000",
            "Rp -50.000",
            "50 000",
            "50rb",
            "50.000,00",
            "50,000.00",
            "50.00",
            "50,5",
            ".500",
            "5e4",
            "lima puluh ribu",
            "٥٠٠٠٠",
            "Ⅻ0000",
            "99999999999999999999",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }
}
