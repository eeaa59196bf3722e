//! What an id looks like in each game (contracts/suppliers §3.2). Where lengths are known from players
//! alone, everything that anybody has reported is an id here: the shop's own rule is the narrower one.

use super::Game;

/// Whether a text is an id in this game.
pub(super) fn is_id(game: Game, id: &str) -> bool {
    match game {
        Game::MobileLegends => is_number(id, 5, 12),
        Game::FreeFire | Game::PubgMobile => is_number(id, 8, 14),
        Game::Higgs => is_number(id, 4, 20),
        Game::CallOfDuty | Game::ArenaOfValor => is_number(id, 10, 20),
        Game::Valorant | Game::WildRift => is_riot_id(id),
        Game::Genshin | Game::StarRail => region_of_uid(id).is_some(),
        Game::PointBlank => {
            (3..=20).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        }
    }
}

/// Whether an account can be on this server. Not every way of writing a server's name is documented:
/// one that is not known here is believed.
pub(super) fn is_server_of(game: Game, id: &str, server: &str) -> bool {
    match game {
        Game::MobileLegends => is_number(server, 3, 6),
        Game::Genshin | Game::StarRail => {
            region_of_server(server).is_none_or(|region| region_of_uid(id) == Some(region))
        }
        _ => true,
    }
}

/// Whether a text can be a Mobile Legends id with its zone behind it.
pub(super) fn is_joined(joined: &str) -> bool {
    is_number(joined, 8, 18)
}

/// Where a HoYoverse account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    America,
    Europe,
    Asia,
    Taiwan,
}

/// The digits before the last eight tell; 1, 2, 3 and 5 are China, which is not sold.
fn region_of_uid(uid: &str) -> Option<Region> {
    if !is_number(uid, 9, 10) {
        return None;
    }
    match uid.get(..uid.len().checked_sub(8)?)? {
        "6" => Some(Region::America),
        "7" => Some(Region::Europe),
        "8" | "18" => Some(Region::Asia),
        "9" => Some(Region::Taiwan),
        _ => None,
    }
}

fn region_of_server(server: &str) -> Option<Region> {
    let server = server.trim().to_lowercase();
    let name = server.strip_prefix("os_").or_else(|| server.strip_prefix("prod_official_"));
    match name.unwrap_or(&server) {
        "usa" | "america" => Some(Region::America),
        "eur" | "euro" | "europe" => Some(Region::Europe),
        "asia" => Some(Region::Asia),
        "cht" | "tw, hk, mo" | "tw,hk,mo" => Some(Region::Taiwan),
        _ => None,
    }
}

fn is_number(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// `name#tag`: three to sixteen letters, digits and spaces, and three to five letters and digits.
fn is_riot_id(id: &str) -> bool {
    let Some((name, tag)) = id.split_once('#') else { return false };
    (3..=16).contains(&name.chars().count())
        && name.trim() == name
        && name.chars().all(|c| c.is_alphanumeric() || c == ' ')
        && (3..=5).contains(&tag.chars().count())
        && tag.chars().all(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_of_the_contract_are_ids() {
        for (game, id) in [
            (Game::MobileLegends, "1114917746"),
            (Game::MobileLegends, "136216325"),
            (Game::FreeFire, "225009777"),
            (Game::PubgMobile, "5123456789"),
            (Game::Genshin, "600000000"),
            (Game::Genshin, "618285856"),
            (Game::Genshin, "1800000001"),
            (Game::StarRail, "600000001"),
            (Game::Valorant, "yuyun#123"),
            (Game::Valorant, "Westbourne#USA"),
            (Game::Valorant, "Ñandú 猫#ñ12"),
            (Game::CallOfDuty, "243402956362890880"),
            (Game::CallOfDuty, "11943769307349683075"),
            (Game::ArenaOfValor, "124590895269021"),
            (Game::PointBlank, "wakwaw55"),
        ] {
            assert!(is_id(game, id), "{game} {id}");
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        for (game, id) in [
            (Game::MobileLegends, ""),
            (Game::MobileLegends, "1234"),
            (Game::MobileLegends, "1234567890123"),
            (Game::MobileLegends, "12345678a"),
            (Game::MobileLegends, "１２３４５６７８"),
            (Game::FreeFire, " 225009777"),
            (Game::FreeFire, "+225009777"),
            (Game::Genshin, "500000000"),
            (Game::Genshin, "60000000"),
            (Game::Genshin, "1700000001"),
            (Game::StarRail, "á00000000"),
            (Game::Valorant, "yuyun"),
            (Game::Valorant, "yu#123"),
            (Game::Valorant, "yuyun#12"),
            (Game::Valorant, "yuyun#12#4"),
            (Game::Valorant, " yuyun#123"),
            (Game::PointBlank, "a b c"),
            (Game::PointBlank, "ab"),
        ] {
            assert!(!is_id(game, id), "{game} {id:?}");
        }
    }

    #[test]
    fn an_account_is_on_the_server_that_its_uid_says() {
        for (uid, server, there) in [
            ("618285856", "os_usa", true),
            ("618285856", "America", true),
            ("618285856", "os_asia", false),
            ("718285856", "os_euro", true),
            ("718285856", "prod_official_eur", true),
            ("818285856", "Asia", true),
            ("1818285856", "os_asia", true),
            ("918285856", "os_cht", true),
            ("918285856", "os_usa", false),
            ("918285856", "a server that nobody has heard of", true),
        ] {
            assert_eq!(is_server_of(Game::Genshin, uid, server), there, "{uid} on {server}");
        }
        assert!(is_server_of(Game::MobileLegends, "136216325", "2685"));
        assert!(!is_server_of(Game::MobileLegends, "136216325", "26"));
        assert!(!is_server_of(Game::MobileLegends, "136216325", "2685a"));
    }
}
