//! The game accounts that exist in this world, for every source that is asked for a name. The rule is
//! in the documentation of the crate, under "Test accounts".

mod format;
mod nickname;

use std::time::Duration;

vocabulary::text_enum!(
    /// A game that an account can be in.
    pub(crate) enum Game {
        /// Mobile Legends: id and zone.
        MobileLegends = "mobile-legends",
        /// Free Fire and Free Fire MAX: the accounts are the same.
        FreeFire = "free-fire",
        /// PUBG Mobile.
        PubgMobile = "pubg-mobile",
        /// Valorant: a Riot ID.
        Valorant = "valorant",
        /// Genshin Impact: the UID, and the server that its first digits say already.
        Genshin = "genshin-impact",
        /// Honkai: Star Rail, like Genshin Impact.
        StarRail = "honkai-star-rail",
        /// Point Blank.
        PointBlank = "point-blank",
        /// Call of Duty Mobile.
        CallOfDuty = "call-of-duty-mobile",
        /// Arena of Valor.
        ArenaOfValor = "arena-of-valor",
        /// League of Legends: Wild Rift: a Riot ID.
        WildRift = "wild-rift",
        /// Higgs Domino.
        Higgs = "higgs-domino",
    }
);

/// How long the name of a slow account takes, in real time.
const SLOW: Duration = Duration::from_secs(5);

/// What is known about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It exists.
    Account {
        /// Its name, in whatever characters players use.
        nickname: String,
        /// Where it was opened, as ISO 3166 has it.
        country: &'static str,
        /// How long the answer takes.
        after: Option<Duration>,
    },
    /// There is no such account.
    Nobody,
    /// Nobody can tell at the moment.
    Unavailable,
}

/// What the end of an id makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Missing,
    Unavailable,
    Slow,
    Ordinary,
}

/// Looks for an account by its parts. A zone or server counts in games that have one.
pub(crate) fn look_up(game: Game, id: &str, server: &str) -> Found {
    if !format::is_id(game, id) || !format::is_server_of(game, id, server) {
        return Found::Nobody;
    }
    let zone = if game == Game::MobileLegends { server } else { "" };
    found(game, &format!("{id}{zone}"), Ending::of(id))
}

/// Looks for a Mobile Legends account by its id with the zone behind it and nothing between.
pub(crate) fn look_up_joined(joined: &str) -> Found {
    if !format::is_joined(joined) {
        return Found::Nobody;
    }
    let readings = [4, 5].into_iter().filter_map(|zone| joined.get(..joined.len().checked_sub(zone)?));
    let ids = readings.filter(|id| format::is_id(Game::MobileLegends, id));
    // Both readings cannot be special in different ways: one is the other without its last digit.
    let ending = ids.map(Ending::of).find(|ending| *ending != Ending::Ordinary);
    found(Game::MobileLegends, joined, ending.unwrap_or(Ending::Ordinary))
}

/// Whether this game's accounts need a zone or server to be told apart.
pub(crate) fn needs_server(game: Game) -> bool {
    matches!(game, Game::MobileLegends | Game::Genshin | Game::StarRail)
}

fn found(game: Game, key: &str, ending: Ending) -> Found {
    let account = |after| Found::Account {
        nickname: nickname::nickname(game, key),
        country: nickname::country(game, key),
        after,
    };
    match ending {
        Ending::Missing => Found::Nobody,
        Ending::Unavailable => Found::Unavailable,
        Ending::Slow => account(Some(SLOW)),
        Ending::Ordinary => account(None),
    }
}

impl Ending {
    fn of(id: &str) -> Ending {
        if id.ends_with("404") {
            Ending::Missing
        } else if id.ends_with("503") {
            Ending::Unavailable
        } else if id.ends_with("999") {
            Ending::Slow
        } else {
            Ending::Ordinary
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(found: Found) -> String {
        let Found::Account { nickname, .. } = found else { panic!("{found:?} is nobody") };
        nickname
    }

    #[test]
    fn the_ending_of_an_id_decides() {
        for (game, stem) in [
            (Game::FreeFire, "225009"),
            (Game::PubgMobile, "5123456"),
            (Game::Valorant, "yuyun#"),
            (Game::Genshin, "618285"),
            (Game::StarRail, "600000"),
            (Game::PointBlank, "wakwaw"),
            (Game::CallOfDuty, "243402956362890"),
            (Game::ArenaOfValor, "124590895269"),
            (Game::WildRift, "Westbourne#"),
            (Game::Higgs, "12345"),
            (Game::MobileLegends, "1114917"),
        ] {
            let zone = if game == Game::MobileLegends { "13486" } else { "" };
            let ask = |ending: &str| look_up(game, &format!("{stem}{ending}"), zone);
            assert_eq!(ask("404"), Found::Nobody, "{game}");
            assert_eq!(ask("503"), Found::Unavailable, "{game}");
            let Found::Account { after: Some(after), .. } = ask("999") else { panic!("{game} is not slow") };
            assert_eq!(after, Duration::from_secs(5));
            let Found::Account { after: None, .. } = ask("746") else { panic!("{game} has nobody") };
        }
    }

    #[test]
    fn a_zone_or_server_has_no_special_ending() {
        for zone in ["2404", "2503", "2999", "13404"] {
            let Found::Account { after: None, .. } = look_up(Game::MobileLegends, "136216325", zone) else {
                panic!("{zone} counts")
            };
        }
    }

    #[test]
    fn a_joined_number_is_the_same_account_as_its_parts() {
        for (id, zone) in [("1114917746", "13486"), ("136216325", "2685"), ("123456", "4321")] {
            let joined = look_up_joined(&format!("{id}{zone}"));
            assert_eq!(joined, look_up(Game::MobileLegends, id, zone));
        }
        for zone in ["2685", "13486"] {
            for (ending, meant) in [("404", Found::Nobody), ("503", Found::Unavailable)] {
                assert_eq!(look_up_joined(&format!("136216{ending}{zone}")), meant);
            }
            let slow = look_up_joined(&format!("136216999{zone}"));
            assert!(matches!(slow, Found::Account { after: Some(_), .. }), "{slow:?}");
            assert_eq!(slow, look_up(Game::MobileLegends, "136216999", zone));
        }
    }

    #[test]
    fn every_account_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> = (0..500)
            .map(|n| name(look_up(Game::FreeFire, &format!("{}", 225_009_000 + n * 10), "")))
            .collect();
        assert!(names.len() > 490, "{} names for 500 accounts", names.len());
        let one = name(look_up(Game::FreeFire, "225009770", ""));
        assert_eq!(one, name(look_up(Game::FreeFire, "225009770", "")));
        assert_ne!(one, name(look_up(Game::PubgMobile, "225009770", "")));
    }
}
