//! The matrix, made from the lists: a cell for each fault at each party under each way to pay, with what is to
//! happen there or why nothing can. What is missing is an error that names the line to write.

use super::lists::{Cell, Fault, Method, Part, Party};
use std::collections::BTreeMap;

/// What the program knows: its ways to pay, and each party with its faults.
pub(super) struct Known {
    pub(super) methods: Vec<String>,
    pub(super) parties: BTreeMap<String, Vec<String>>,
}

/// The lines that are written.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) methods: &'static [Method],
    pub(super) parties: &'static [Party],
    pub(super) faults: &'static [Fault],
}

/// One place of the matrix, and what is in it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) method: &'static Method,
    pub(super) party: &'static Party,
    pub(super) fault: &'static Fault,
    pub(super) cell: Cell,
}

const NOT_CARRIED: Cell = Cell::Empty("this gateway does not carry it");
const STORE_CREDIT: Cell = Cell::Empty("store credit is paid inside the shop");

/// Every place, or what is missing or left over.
pub(super) fn grid(known: &Known, lines: Lines) -> Result<Vec<Place>, Vec<String>> {
    let mut wrong = Vec::new();
    let mut missing = |what: &str, list: &str, known: Vec<&str>, written: Vec<&str>| {
        for name in known.iter().filter(|name| !written.contains(name)) {
            wrong
                .push(format!("the {what} `{name}` has no cell: write its line in {list} (matrix/lists.rs)"));
        }
        for name in written.iter().filter(|name| !known.contains(name)) {
            wrong.push(format!("the {what} `{name}` is in {list}, and the program knows none of this name"));
        }
    };
    let faults = known.parties.values().flatten().map(String::as_str).collect();
    let methods = known.methods.iter().map(String::as_str).collect();
    let parties = known.parties.keys().map(String::as_str).collect();
    missing("way to pay", "METHODS", methods, lines.methods.iter().map(|m| m.name).collect());
    missing("party", "PARTIES", parties, lines.parties.iter().map(|p| p.name).collect());
    missing("fault", "FAULTS", faults, lines.faults.iter().map(|f| f.name).collect());
    let mut places = Vec::new();
    for party in lines.parties {
        let faults = known.parties.get(party.name).cloned().unwrap_or_default();
        for fault in lines.faults {
            let fits = faults.iter().any(|name| name == fault.name);
            if let Err(problem) = consistent(party, fault, fits) {
                wrong.push(problem);
            }
            let cells = lines.methods.iter().map(|method| {
                let cell = cell(method, party, fault);
                Place { method, party, fault, cell }
            });
            places.extend(cells);
        }
    }
    if wrong.is_empty() { Ok(places) } else { Err(wrong) }
}

fn cell(method: &Method, party: &Party, fault: &Fault) -> Cell {
    if let Some(why) = party.elsewhere {
        return Cell::Empty(why);
    }
    let of_part = match party.part {
        Part::Gateway if method.carried_by.is_empty() => return STORE_CREDIT,
        Part::Gateway if !method.carried_by.contains(&party.name) => return NOT_CARRIED,
        Part::Gateway => fault.gateway,
        Part::Supplier => fault.supplier,
        Part::Chat => fault.chat,
    };
    if matches!(of_part, Cell::Empty(_)) {
        return of_part;
    }
    if let Some((_, why)) = fault.not_at.iter().find(|(name, _)| *name == party.name) {
        return Cell::Empty(why);
    }
    match fault.only {
        Some((methods, why)) if !methods.contains(&method.name) => Cell::Empty(why),
        _ => of_part,
    }
}

/// Whether the lines say what the simulator says: where a purchase is to be made, the fault can be switched on.
fn consistent(party: &Party, fault: &Fault, fits: bool) -> Result<(), String> {
    if party.elsewhere.is_some() {
        return Ok(());
    }
    let of_part = match party.part {
        Part::Gateway => fault.gateway,
        Part::Supplier => fault.supplier,
        Part::Chat => fault.chat,
    };
    let excused = fault.not_at.iter().any(|(name, _)| *name == party.name);
    match of_part {
        Cell::Ends(_) if !fits && !excused => Err(format!(
            "{} cannot go wrong by `{}`, and no reason is written in `not_at` of its line",
            party.name, fault.name
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::lists::{FAULTS, METHODS, PARTIES, Strikes},
        *,
    };

    fn known() -> Known {
        let names = |party: &Party| {
            let fits = |fault: &&Fault| !fault.not_at.iter().any(|(name, _)| *name == party.name);
            FAULTS.iter().filter(fits).map(|fault| fault.name.to_owned()).collect()
        };
        Known {
            methods: METHODS.iter().map(|method| method.name.to_owned()).collect(),
            parties: PARTIES.iter().map(|party| (party.name.to_owned(), names(party))).collect(),
        }
    }

    fn lines() -> Lines {
        Lines { methods: METHODS, parties: PARTIES, faults: FAULTS }
    }

    fn wrong(known: &Known, lines: Lines) -> String {
        grid(known, lines).err().map(|wrong| wrong.join("; ")).unwrap_or_default()
    }

    #[test]
    fn every_place_has_a_purchase_or_a_reason() {
        let places = grid(&known(), lines()).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
        assert_eq!(places.len(), METHODS.len() * PARTIES.len() * FAULTS.len());
        for place in places {
            let reason = matches!(place.cell, Cell::Empty(why) if why.len() < 10);
            assert!(!reason, "{} at {} has a reason that says nothing", place.fault.name, place.party.name);
        }
    }

    #[test]
    fn a_new_fault_party_or_way_to_pay_without_a_line_fails_and_is_named() {
        let mut more = known();
        more.methods.push("barter".into());
        assert_eq!(
            wrong(&more, lines()),
            "the way to pay `barter` has no cell: write its line in METHODS (matrix/lists.rs)"
        );
        let mut more = known();
        more.parties.insert("otherpay".into(), vec!["timeout".into()]);
        assert_eq!(
            wrong(&more, lines()),
            "the party `otherpay` has no cell: write its line in PARTIES (matrix/lists.rs)"
        );
        let mut more = known();
        more.parties.get_mut("dana").unwrap().push("meteor".into());
        assert_eq!(
            wrong(&more, lines()),
            "the fault `meteor` has no cell: write its line in FAULTS (matrix/lists.rs)"
        );
    }

    #[test]
    fn a_line_of_what_is_gone_fails_too() {
        let mut less = known();
        less.methods.retain(|name| name != "qris");
        assert!(
            wrong(&less, lines()).contains("the way to pay `qris` is in METHODS"),
            "{}",
            wrong(&less, lines())
        );
        let mut less = known();
        less.parties.remove("dana");
        assert!(
            wrong(&less, lines()).contains("the party `dana` is in PARTIES"),
            "{}",
            wrong(&less, lines())
        );
    }

    #[test]
    fn a_place_that_cannot_be_needs_its_reason() {
        static BARE: &[Fault] = &[Fault {
            name: "meteor",
            strikes: Strikes::Told,
            delay_ms: None,
            gateway: Cell::Ends(super::super::lists::End::Delivered),
            supplier: Cell::Empty("nothing falls there"),
            chat: Cell::Empty("nothing falls there"),
            not_at: &[("dana", "it has a roof")],
            only: None,
        }];
        let fall = |dana: bool, midtrans: bool| {
            let mut known = known();
            for (name, faults) in &mut known.parties {
                faults.clear();
                let falls = name == "dana" && dana || name == "midtrans" && midtrans;
                faults.extend(falls.then(|| "meteor".to_owned()));
            }
            wrong(&known, Lines { faults: BARE, ..lines() })
        };
        assert_eq!(fall(false, true), "");
        assert!(fall(true, false).contains("no reason is written"), "{}", fall(true, false));
    }
}
