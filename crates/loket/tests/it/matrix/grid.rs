//! The matrix, made from the lists: a cell for each fault at each party under each way to pay, with what is to
//! happen there or why nothing can. What is missing is an error that names the line to write.

use super::{
    adapters::Declared,
    lists::{Cell, Fault, Method, Part, Party, Spared},
};
use std::collections::{BTreeMap, BTreeSet};

/// What the program knows: its gateways by their adapters, its ways to pay, and each party with its faults.
pub(super) struct Known {
    pub(super) gateways: Vec<Declared>,
    pub(super) methods: Vec<String>,
    pub(super) parties: BTreeMap<String, Vec<String>>,
}

/// The lines that are written.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) methods: &'static [Method],
    pub(super) parties: &'static [Party],
    pub(super) faults: &'static [Fault],
    /// Where no purchase is made although one could be.
    pub(super) spared: &'static [Spared],
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
const NOT_BACK: Cell = Cell::Empty(
    "what was paid by it cannot go back there: it becomes store credit, and nothing is asked of the gateway",
);

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
    let gateways = lines.parties.iter().filter(|party| party.part == Part::Gateway);
    let adapters = known.gateways.iter().map(|declared| declared.gateway).collect();
    missing("gateway", "PARTIES", adapters, gateways.map(|party| party.name).collect());
    missing("fault", "FAULTS", faults, lines.faults.iter().map(|f| f.name).collect());
    wrong.extend(carried_otherwise(&known.gateways, lines.methods));
    wrong.extend(spared_wrongly(lines));
    let mut places = Vec::new();
    for party in lines.parties {
        let faults = known.parties.get(party.name).cloned().unwrap_or_default();
        for fault in lines.faults {
            let fits = faults.iter().any(|name| name == fault.name);
            if let Err(problem) = consistent(party, fault, fits, lines.spared) {
                wrong.push(problem);
            }
            let cells = lines.methods.iter().map(|method| {
                let cell = cell(method, party, fault, lines.spared);
                Place { method, party, fault, cell }
            });
            places.extend(cells);
        }
    }
    if wrong.is_empty() { Ok(places) } else { Err(wrong) }
}

fn cell(method: &Method, party: &Party, fault: &Fault, spared: &[Spared]) -> Cell {
    if matches!(party.part, Part::Gateway | Part::Returns) {
        match method.carried_by {
            [] => return STORE_CREDIT,
            carried_by if !carried_by.contains(&party.name) => return NOT_CARRIED,
            _ if party.part == Part::Returns && !method.back_over.contains(&party.name) => return NOT_BACK,
            _ => {}
        }
    }
    let there = at(party, fault, spared);
    match fault.only {
        Some((methods, why)) if matches!(there, Cell::Ends(_)) && !methods.contains(&method.name) => {
            Cell::Empty(why)
        }
        _ => match (there, party.by) {
            (Cell::Ends(_), [first, ..]) if !party.by.contains(&method.name) => Cell::As(first),
            _ => there,
        },
    }
}

/// What the fault comes to at a party, whatever the way to pay.
fn at(party: &Party, fault: &Fault, spared: &[Spared]) -> Cell {
    if let Some(spared) = spared.iter().find(|spared| spared.has(party, fault)) {
        return Cell::Empty(spared.why);
    }
    let of_part = match party.part {
        Part::Gateway => fault.gateway,
        Part::Supplier => fault.supplier,
        Part::Chat => fault.chat,
        Part::Returns => fault.returns,
    };
    let own = fault.at.iter().find(|(name, part, _)| *name == party.name && *part == party.part);
    own.map_or(of_part, |(_, _, cell)| *cell)
}

/// Where an adapter and the lines do not agree about who carries what.
fn carried_otherwise(gateways: &[Declared], methods: &[Method]) -> Vec<String> {
    let declared: BTreeSet<(&str, &str)> = gateways
        .iter()
        .flat_map(|declared| declared.takes.iter().map(move |method| (declared.gateway, method.as_str())))
        .collect();
    let written: BTreeSet<(&str, &str)> = methods
        .iter()
        .flat_map(|method| method.carried_by.iter().map(move |gateway| (*gateway, method.name)))
        .collect();
    let unwritten = declared.difference(&written).map(|(gateway, method)| {
        format!(
            "`{gateway}` takes `{method}`, and has no cell there: write it in `carried_by` of its line in METHODS (matrix/lists.rs)"
        )
    });
    let untrue = written.difference(&declared).map(|(gateway, method)| {
        format!("`{method}` is carried by `{gateway}` in METHODS, and its adapter does not take it")
    });
    unwritten.chain(untrue).collect()
}

/// What is spared at nobody, or is made in no such other part as is said.
fn spared_wrongly(lines: Lines) -> Vec<String> {
    let mut wrong = Vec::new();
    for spared in lines.spared {
        let of_part =
            |part: Part| lines.parties.iter().find(|party| party.name == spared.party && party.part == part);
        for name in spared.faults {
            let fault = lines.faults.iter().find(|fault| fault.name == *name);
            let (Some(fault), Some(_)) = (fault, of_part(spared.part)) else {
                wrong.push(format!(
                    "FITS_AND_YET has `{name}` at {}, and no such place is there",
                    spared.party
                ));
                continue;
            };
            let Some(part) = spared.made_as else { continue };
            let is_made = |party| matches!(at(party, fault, lines.spared), Cell::Ends(_));
            if !of_part(part).is_some_and(is_made) {
                wrong.push(format!(
                    "FITS_AND_YET says that `{name}` at {} is made in its other part, and it is not",
                    spared.party
                ));
            }
        }
    }
    wrong
}

/// Whether the lines say what the simulator says: a purchase is made wherever the fault can be switched on, and
/// nowhere else, but for what is spared by name.
fn consistent(party: &Party, fault: &Fault, fits: bool, spared: &[Spared]) -> Result<(), String> {
    let is_spared = spared.iter().any(|spared| spared.has(party, fault));
    match at(party, fault, spared) {
        Cell::Empty(_) if fits && !is_spared => Err(format!(
            "{} can go wrong by `{}`, and no purchase is made: have one made, or say why not in FITS_AND_YET (matrix/lists.rs)",
            party.title(),
            fault.name
        )),
        Cell::Empty(_) if !fits && is_spared => Err(format!(
            "{} cannot go wrong by `{}`, and is in FITS_AND_YET with it",
            party.title(),
            fault.name
        )),
        Cell::Ends(_) if !fits => Err(format!(
            "{} cannot go wrong by `{}`, and no reason is written in `at` of its line",
            party.name, fault.name
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::lists::{FAULTS, FITS_AND_YET, METHODS, PARTIES, Strikes},
        *,
    };

    fn known() -> Known {
        let mut parties: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for party in PARTIES {
            let fits = FAULTS.iter().filter(|fault| {
                matches!(at(party, fault, FITS_AND_YET), Cell::Ends(_))
                    || FITS_AND_YET.iter().any(|spared| spared.has(party, fault))
            });
            let names = fits.map(|fault| fault.name.to_owned());
            parties.entry(party.name.to_owned()).or_default().extend(names);
        }
        let gateways = PARTIES.iter().filter(|party| party.part == Part::Gateway);
        Known {
            gateways: gateways.map(|party| taking_what_is_written(party.name)).collect(),
            methods: METHODS.iter().map(|method| method.name.to_owned()).collect(),
            parties,
        }
    }

    fn taking_what_is_written(gateway: &'static str) -> Declared {
        let of = |over: fn(&Method) -> &'static [&'static str]| -> Vec<String> {
            let taken = METHODS.iter().filter(|method| over(method).contains(&gateway));
            taken.map(|method| method.name.to_owned()).collect()
        };
        Declared { gateway, takes: of(|method| method.carried_by), gives_back: of(|method| method.back_over) }
    }

    fn lines() -> Lines {
        Lines { methods: METHODS, parties: PARTIES, faults: FAULTS, spared: FITS_AND_YET }
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
    fn a_gateway_that_takes_more_or_less_than_is_written_fails() {
        let taking = |change: fn(&mut Declared)| {
            let mut known = known();
            known.gateways.iter_mut().filter(|declared| declared.gateway == "xendit").for_each(change);
            wrong(&known, lines())
        };
        assert_eq!(
            taking(|xendit| xendit.takes.push("qris".into())),
            "`xendit` takes `qris`, and has no cell there: write it in `carried_by` of its line in METHODS (matrix/lists.rs)"
        );
        assert_eq!(
            taking(|xendit| xendit.takes.retain(|method| method != "ovo_push")),
            "`ovo_push` is carried by `xendit` in METHODS, and its adapter does not take it"
        );
        let mut more = known();
        more.gateways.push(Declared { gateway: "otherpay", takes: Vec::new(), gives_back: Vec::new() });
        assert_eq!(
            wrong(&more, lines()),
            "the gateway `otherpay` has no cell: write its line in PARTIES (matrix/lists.rs)"
        );
        let mut less = known();
        less.gateways.retain(|declared| declared.gateway != "dana");
        assert!(
            wrong(&less, lines()).contains("the gateway `dana` is in PARTIES"),
            "{}",
            wrong(&less, lines())
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
            returns: Cell::Empty("nothing falls there"),
            at: &[
                ("dana", Part::Gateway, Cell::Empty("it has a roof")),
                ("xendit", Part::Gateway, Cell::Empty("it has a roof")),
            ],
            only: None,
        }];
        static BENEATH: &[Spared] = &[Spared {
            party: "midtrans",
            part: Part::Returns,
            faults: &["meteor"],
            why: "it has fallen on the gateway already",
            made_as: Some(Part::Gateway),
        }];
        let fall = |on: &str| {
            let mut known = known();
            for (name, faults) in &mut known.parties {
                faults.clear();
                faults.extend((name == on).then(|| "meteor".to_owned()));
            }
            wrong(&known, Lines { faults: BARE, spared: BENEATH, ..lines() })
        };
        assert_eq!(fall("midtrans"), "");
        assert!(fall("dana").contains("no reason is written"), "{}", fall("dana"));
    }

    #[test]
    fn a_fault_that_fits_and_is_passed_over_needs_its_reason() {
        let mut more = known();
        more.parties.get_mut("xendit").unwrap().push("impose_fee".into());
        let says = |text: &str| {
            format!(
                "{text}, and no purchase is made: have one made, or say why not in FITS_AND_YET (matrix/lists.rs)"
            )
        };
        let own = says("xendit can go wrong by `impose_fee`");
        let back = says("xendit, giving back can go wrong by `impose_fee`");
        assert_eq!(wrong(&more, lines()), format!("{own}; {back}"));
        let none = wrong(&known(), Lines { spared: &[], ..lines() });
        assert!(none.contains(&says("midtrans can go wrong by `insufficient_balance`")), "{none}");
        assert!(none.contains(&says("digiflazz can go wrong by `stale_requery`")), "{none}");
    }

    #[test]
    fn what_is_spared_and_is_gone_or_made_nowhere_fails_too() {
        static ASTRAY: &[Spared] = &[
            Spared { party: "dana", part: Part::Gateway, faults: &["meteor"], why: "", made_as: None },
            Spared {
                party: "digiflazz",
                part: Part::Supplier,
                faults: &["timeout"],
                why: "",
                made_as: Some(Part::Returns),
            },
        ];
        let mut less = known();
        less.parties.get_mut("xendit").unwrap().retain(|fault| fault != "insufficient_balance");
        let said = wrong(&less, lines());
        assert!(
            said.contains("xendit cannot go wrong by `insufficient_balance`, and is in FITS_AND_YET with it"),
            "{said}"
        );
        let said = wrong(&known(), Lines { spared: ASTRAY, ..lines() });
        assert!(said.contains("FITS_AND_YET has `meteor` at dana, and no such place is there"), "{said}");
        assert!(
            said.contains("FITS_AND_YET says that `timeout` at digiflazz is made in its other part"),
            "{said}"
        );
    }
}
