//! Games, and what is sold of one.

use super::{Button, Card, Choice, PER_SELECT, Reader, Style, button, cut, escape};
use crate::Press;
use catalog::Category;
use orders::Offer;

const BLUE: u32 = 0x0034_98DB;

/// The games of the shop, 25 a page.
pub(crate) fn games(reader: Reader<'_>, games: &[Category], page: u16) -> Card {
    let (page, shown, pages) = page_of(games, page);
    let choices: Vec<Choice> = shown
        .iter()
        .map(|game| Choice { label: label(game), value: game.code.to_string(), description: None })
        .collect();
    if choices.is_empty() {
        return Card::notice(
            reader.pick("Toko ini belum menjual game apa pun.", "This shop sells no games yet."),
        );
    }
    let id = reader.id(&Press::PickGame);
    Card::new(BLUE)
        .text(reader.pick("### 🎮 Pilih game", "### 🎮 Choose a game"))
        .select(&id, reader.pick("Pilih game", "Choose a game"), &choices)
        .buttons(pager(reader, page, pages, Press::Games))
}

/// The price list of a game, 25 products a page, each to be bought.
pub(crate) fn products(reader: Reader<'_>, game: &Category, offers: &[Offer], page: u16) -> Card {
    let (page, shown, pages) = page_of(offers, page);
    let title = format!("### {}", escape(&cut(&label(game), 60)));
    let back =
        button(Style::Secondary, reader.pick("Game lain", "Other games"), &reader.id(&Press::Games(0)));
    if shown.is_empty() {
        let none = reader.pick(
            "Belum ada yang bisa dibeli sekarang. Coba lagi nanti.",
            "Nothing can be bought right now. Try again later.",
        );
        return Card::new(BLUE).text(&title).text(none).buttons(vec![back]);
    }
    let lines: Vec<String> = shown
        .iter()
        .map(|o| format!("**{}** · {}", escape(&cut(&o.product.name, 50)), o.product.price))
        .collect();
    let choices: Vec<Choice> = shown
        .iter()
        .map(|o| Choice {
            label: format!("{} · {}", cut(&o.product.name, 70), o.product.price),
            value: o.product.code.to_string(),
            description: Some(o.product.description.clone()),
        })
        .collect();
    let mut buttons = pager(reader, page, pages, |page| Press::Products(game.code.clone(), page));
    buttons.push(back);
    let id = reader.id(&Press::PickProduct(game.code.clone()));
    Card::new(BLUE)
        .text(&title)
        .text(&lines.join("\n"))
        .select(&id, reader.pick("Pilih untuk membeli", "Choose what to buy"), &choices)
        .buttons(buttons)
}

/// A game as one line of plain text.
pub(crate) fn label(game: &Category) -> String {
    format!("{} {}", game.icon, game.name).trim().to_owned()
}

/// The page that there is, what is on it, and how many there are.
fn page_of<T>(all: &[T], page: u16) -> (u16, &[T], u16) {
    let pages = u16::try_from(all.len().div_ceil(PER_SELECT)).unwrap_or(u16::MAX);
    let page = page.min(pages.saturating_sub(1));
    (page, all.chunks(PER_SELECT).nth(usize::from(page)).unwrap_or_default(), pages)
}

fn pager(reader: Reader<'_>, page: u16, pages: u16, press: impl Fn(u16) -> Press) -> Vec<Button> {
    let mut buttons = Vec::new();
    if let Some(before) = page.checked_sub(1) {
        let id = reader.id(&press(before));
        buttons.push(button(Style::Secondary, reader.pick("‹ Sebelumnya", "‹ Back"), &id));
    }
    if let Some(next) = page.checked_add(1).filter(|next| *next < pages) {
        let id = reader.id(&press(next));
        buttons.push(button(Style::Secondary, reader.pick("Berikutnya ›", "More ›"), &id));
    }
    buttons
}
