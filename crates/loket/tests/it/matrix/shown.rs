//! The matrix as a table for people: for each party a row for each fault and a column for each way to pay.

use super::{grid::Place, judge::Ended, lists::Cell};
use comfy_table::{Table, presets};
use std::{collections::BTreeMap, fmt::Write};

/// How the purchases ended, and why the other places are empty.
pub(super) fn table(engine: &str, places: &[Place], ends: &[Ended]) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut reasons: Vec<&str> = Vec::new();
    let mut text = String::new();
    let mut parties: Vec<String> = places.iter().map(|place| place.party.title()).collect();
    parties.dedup();
    for party in &parties {
        let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut methods: Vec<&str> = Vec::new();
        let mut faults: Vec<&str> = Vec::new();
        for place in places.iter().filter(|place| place.party.title() == *party) {
            let (fault, method) = (place.fault.name, place.method.name);
            if !methods.contains(&method) {
                methods.push(method);
            }
            let row = index(&mut faults, fault);
            let mark = match place.cell {
                Cell::Empty(why) => format!("-{}", index(&mut reasons, why) + 1),
                Cell::Ends(_) => end(ends, (fault, party, method), &mut words),
                Cell::As(other) => format!("({})", end(ends, (fault, party, other), &mut words)),
            };
            rows.entry(row).or_insert_with(|| vec![fault.to_owned()]).push(mark);
        }
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN).set_header([&["fault"][..], &methods].concat());
        table.add_rows(rows.into_values());
        let _ = writeln!(text, "\n{party}, on {engine}:\n{table}");
    }
    for (at, word) in words.iter().enumerate() {
        let _ = writeln!(text, "{} = {word}", letter(at));
    }
    let _ = writeln!(
        text,
        "(A) = no purchase by this way to pay: so ended the one that stands for it ({}), since the party is asked the same",
        stand_ins(places)
    );
    let _ = writeln!(text, "! = did not end right");
    for (at, why) in reasons.iter().enumerate() {
        let _ = writeln!(text, "-{} = no purchase: {why}", at + 1);
    }
    text
}

/// The ways to pay that stand for others.
fn stand_ins(places: &[Place]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for place in places {
        if let Cell::As(other) = place.cell {
            index(&mut names, other);
        }
    }
    names.join(", ")
}

fn end<'a>(ends: &'a [Ended], at: (&str, &str, &str), words: &mut Vec<&'a str>) -> String {
    let found = ends.iter().find(|(purchase, _)| {
        let place = &purchase.place;
        (place.fault.name, place.party.title().as_str(), place.method.name) == at
    });
    match found {
        Some((_, Ok(word))) => letter(index(words, word)).to_string(),
        _ => "!".to_owned(),
    }
}

/// Where it stands in the list, to which it is added if it is new.
fn index<'a>(list: &mut Vec<&'a str>, word: &'a str) -> usize {
    list.iter().position(|known| *known == word).unwrap_or_else(|| {
        list.push(word);
        list.len() - 1
    })
}

fn letter(at: usize) -> char {
    u8::try_from(at).ok().and_then(|at| b'A'.checked_add(at)).map_or('?', char::from)
}
