//! The names of players: made from game and id, and now and then written as players write.

use super::Game;
use md5::{Digest, Md5};

const FIRST: [&str; 16] = [
    "Raja", "Ratu", "Bintang", "Elang", "Macan", "Garuda", "Pelangi", "Senja", "Embun", "Kilat", "Ombak",
    "Mawar", "Naga", "Bayu", "Surya", "Candra",
];
const SECOND: [&str; 16] = [
    "Malam", "Timur", "Biru", "Perak", "Sakti", "Emas", "Rimba", "Samudra", "Langit", "Cahaya", "Hijau",
    "Utara", "Fajar", "Melati", "Guntur", "Jingga",
];
/// Eagle, tiger, star, moon.
const ARABIC: [&str; 4] = ["نسر", "نمر", "نجمة", "قمر"];
/// Dragon, cat, sea, wind.
const KANJI: [&str; 4] = ["龍", "猫", "海", "風"];

/// The name of the player whose id (with its zone, where the game has one) is `key`. The last digit of
/// the key picks the way of writing.
pub(super) fn nickname(game: Game, key: &str) -> String {
    let seed = seed(game, key);
    let (first, second) = (pick(&FIRST, seed, 0), pick(&SECOND, seed, 1));
    let number = (seed >> 16) % 9_000 + 1_000;
    match key.bytes().last() {
        Some(b'4') => format!("*_{first}_* ~~`{second}`~~ ||{number}||"),
        Some(b'5') => format!("꧁༺{first}༻꧂ ｘ{second}{number}"),
        Some(b'6') => format!("🔥{first}🇮🇩{second}👨‍👩‍👧{number}"),
        Some(b'7') => format!("{}\u{202E}{first}{number}", pick(&ARABIC, seed, 1)),
        Some(b'8') => format!("{}の{first}е\u{301}{number}", pick(&KANJI, seed, 1)),
        Some(b'9') => format!("@everyone <b>{first}</b> & \"{number}\""),
        _ => format!("{first}{second}{number}"),
    }
}

/// Where the player comes from: mostly Indonesia.
pub(super) fn country(game: Game, key: &str) -> &'static str {
    match (seed(game, key) >> 48) % 8 {
        0 => "MY",
        1 => "PH",
        _ => "ID",
    }
}

fn seed(game: Game, key: &str) -> u64 {
    let digest = Md5::digest(format!("{game}:{key}"));
    digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

/// One of the words, by the seed's byte at `place`.
fn pick<'a>(words: &[&'a str], seed: u64, place: usize) -> &'a str {
    let byte = seed.to_le_bytes().get(place).copied().unwrap_or_default();
    words.iter().cycle().nth(usize::from(byte)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_picks_the_way_of_writing() {
        let name = |last: &str| nickname(Game::FreeFire, &format!("22500977{last}"));
        for last in ["0", "1", "2", "3", "x"] {
            assert!(name(last).bytes().all(|b| b.is_ascii_alphanumeric()), "{}", name(last));
        }
        for (last, sign) in [
            ("4", "~~`"),
            ("4", "||"),
            ("5", "꧁"),
            ("6", "🔥"),
            ("6", "\u{200D}"),
            ("7", "\u{202E}"),
            ("8", "\u{301}"),
            ("9", "@everyone <b>"),
            ("9", "& \""),
        ] {
            assert!(name(last).contains(sign), "{} has no {sign:?}", name(last));
        }
    }

    #[test]
    fn a_name_is_short_enough_for_any_screen() {
        for id in 0..2_000 {
            let name = nickname(Game::FreeFire, &format!("{}", 225_000_000 + id * 7));
            assert!((4..=48).contains(&name.chars().count()), "{name}");
        }
    }

    #[test]
    fn players_come_from_several_countries_and_mostly_from_indonesia() {
        let of = |wanted| {
            (0..800).filter(|id| country(Game::MobileLegends, &format!("{}", 100_000 + id)) == wanted).count()
        };
        assert!(of("ID") > 500 && of("MY") > 50 && of("PH") > 50);
    }
}
