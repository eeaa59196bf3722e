//! Account ids of every game, as people type and paste them.

use crate::category;
use catalog::account::{AccountField, AccountProblem, Game, ServerRule, parse, server_rule};
use proptest::prelude::*;
use vocabulary::Locale;

/// Every game with a rule, and one without.
fn games() -> Vec<&'static str> {
    Game::ALL.iter().map(|game| game.as_str()).chain(["OTHER"]).collect()
}

fn check(game: &str, user: &str, server: Option<&str>, expected: Result<&str, AccountProblem>) {
    let found = parse(&category(game), user, server).map(|account| account.to_string());
    assert_eq!(found, expected.map(str::to_owned), "{game} {user:?} {server:?}");
}

fn wrong_length(field: AccountField, min: usize, max: usize) -> Result<&'static str, AccountProblem> {
    Err(AccountProblem::WrongLength { field, min, max })
}

fn in_pieces(field: AccountField) -> Result<&'static str, AccountProblem> {
    Err(AccountProblem::InPieces { field })
}

fn not_digits(field: AccountField) -> Result<&'static str, AccountProblem> {
    Err(AccountProblem::NotDigits { field })
}

const USER: AccountField = AccountField::UserId;
const SERVER: AccountField = AccountField::ServerId;

#[test]
fn mobile_legends_ids_are_read_as_they_are_pasted() {
    for (user, server) in [
        ("1114917746", Some("13486")),
        ("1114917746 (13486)", None),
        ("1114917746(13486)", None),
        ("1114917746 (13486", None),
        ("1114917746-13486", None),
        ("1114917746 – 13486", None),
        ("1114917746|13486", None),
        ("1114917746 13486", None),
        ("1114917746\t13486", None),
        ("  1114917746 ( 13486 ) ", None),
        ("1114917746 (13486)", Some("13486")),
        ("1114917746 13486", Some("13486")),
        ("1114 917 746", Some("13486")),
        ("1114917746", Some(" (13486) ")),
        ("１１１４９１７７４６（１３４８６）", None),
        ("\u{200B}1114917746\u{FEFF}", Some("\u{200E}13486\u{200B}")),
        ("1114917746 (13486)", Some("")),
    ] {
        check("ML", user, server, Ok("1114917746 (13486)"));
    }
    check("ML", "136216325-2685", None, Ok("136216325 (2685)"));
    check("ML", "012345", Some("0001"), Ok("012345 (0001)"));
    check("ML", "1234 5678", Some("2685"), Ok("12345678 (2685)"));
}

#[test]
fn an_id_and_its_zone_are_never_joined_into_the_id_of_somebody_else() {
    for (game, user, server) in [
        ("ML", "12345678 2685", Some("13486")),
        ("ML", "12345678  2685", Some(" (13486) ")),
        ("ML", "１２３４５６７８　２６８５", Some("13486")),
        ("ML", "12345678 2685 (13486)", None),
        ("ML", "12345678 2685-13486", None),
        ("ML", "12345678 2685 (2685)", Some("13486")),
        ("MCGG", "10100 1001", Some("1002")),
    ] {
        check(game, user, server, Err(AccountProblem::TwoServers));
    }
    check("ML", "12345678 2685 (2685)", Some("2685"), Ok("12345678 (2685)"));
    check("ML", "1234 5678 2685", Some("2685"), Ok("12345678 (2685)"));
    check("ML", "1234 5678", Some("5678"), wrong_length(USER, 6, 12));
    for (game, user, server) in [
        ("ML", "12345678 2685 13486", Some("13486")),
        ("ML", "123456 789", Some("2685")),
        ("ML", "123456 789 012", Some("2685")),
        ("FF", "12345678 2685", None),
        ("PUBG", "5123456789 12", None),
        ("GENSHIN", "180000000 1", None),
        ("OTHER", "12345678 2685", None),
    ] {
        check(game, user, server, in_pieces(USER));
    }
    check("ML", "12345678", Some("2685 1"), in_pieces(SERVER));
    check("OTHER", "12345678", Some("2685 13486"), in_pieces(SERVER));
}

#[test]
fn mobile_legends_ids_that_cannot_be_say_why() {
    check("ML", "1114917746", None, Err(AccountProblem::ServerMissing));
    check("ML", "1114917746", Some(" \u{200B} "), Err(AccountProblem::ServerMissing));
    check("ML", "1114917746 (13486)", Some("2685"), Err(AccountProblem::TwoServers));
    check("ML", "12345", Some("2685"), wrong_length(USER, 6, 12));
    check("ML", "1234567890123", Some("2685"), wrong_length(USER, 6, 12));
    check("ML", "123456", Some("268"), wrong_length(SERVER, 4, 5));
    check("ML", "123456", Some("268512"), wrong_length(SERVER, 4, 5));
    check("ML", "123456 (268512)", None, wrong_length(SERVER, 4, 5));
    check("ML", "123456 ()", None, wrong_length(SERVER, 4, 5));
    check("ML", "budi", Some("2685"), not_digits(USER));
    check("ML", "123456", Some("asia"), not_digits(SERVER));
    check("ML", "123456 (26(85)", None, not_digits(SERVER));
    check("ML", "٣٣٣٣٣٣٣", Some("2685"), not_digits(USER));
    check("ML", "", Some("2685"), Err(AccountProblem::Empty));
    check("ML", "\u{200B}\u{FEFF} ", Some("2685"), Err(AccountProblem::Empty));
    check("ML", "123456\u{0}", Some("2685"), Err(AccountProblem::Unreadable { field: USER }));
    check("ML", "123456", Some("2685\u{7}"), Err(AccountProblem::Unreadable { field: SERVER }));
    check("ML", &"1".repeat(257), Some("2685"), Err(AccountProblem::TooLong));
}

#[test]
fn free_fire_and_pubg_ids_are_eight_to_twelve_digits_and_nothing_else() {
    for game in ["FF", "PUBG"] {
        check(game, "225009777", None, Ok("225009777"));
        check(game, " 5123 456 789 ", None, Ok("5123456789"));
        check(game, "00000001", Some("  "), Ok("00000001"));
        check(game, "１２３４５６７８", None, Ok("12345678"));
        check(game, "1234567", None, wrong_length(USER, 8, 12));
        check(game, "1234567890123", None, wrong_length(USER, 8, 12));
        check(game, "22500977a", None, not_digits(USER));
        check(game, "-225009777", None, not_digits(USER));
        check(game, "225009777 (2685)", None, not_digits(USER));
        check(game, "225009777", Some("2685"), Err(AccountProblem::ServerNotUsed));
    }
}

#[test]
fn the_server_of_a_genshin_account_is_read_from_its_uid() {
    for (uid, server) in [
        ("600000000", "os_usa"),
        ("618285856", "os_usa"),
        ("700000001", "os_euro"),
        ("800000001", "os_asia"),
        ("1800000001", "os_asia"),
        ("900000001", "os_cht"),
    ] {
        let expected = format!("{uid} ({server})");
        check("GENSHIN", uid, None, Ok(&expected));
        check("GENSHIN", uid, Some(server), Ok(&expected));
    }
    check("GENSHIN", "800000001", Some("Asia"), Ok("800000001 (os_asia)"));
    check("GENSHIN", "900000001", Some("TW, HK, MO"), Ok("900000001 (os_cht)"));
    for china in ["100000001", "200000001", "300000001", "500000001"] {
        check("GENSHIN", china, None, Err(AccountProblem::ChinaServer));
    }
    for nowhere in ["000000001", "400000001", "1700000001", "8000000012", "0600000000"] {
        check("GENSHIN", nowhere, None, Err(AccountProblem::NoSuchServer));
    }
    check("GENSHIN", "60000000", None, wrong_length(USER, 9, 10));
    check("GENSHIN", "18000000011", None, wrong_length(USER, 9, 10));
    for other in ["os_usa", "mars"] {
        check("GENSHIN", "800000001", Some(other), Err(AccountProblem::OtherServer { expected: "os_asia" }));
    }
}

#[test]
fn a_riot_id_follows_riots_rule_in_any_script() {
    for (id, expected) in [
        ("yuyun#123", "yuyun#123"),
        ("Westbourne#USA", "Westbourne#USA"),
        ("  two words #ID1 ", "two words#ID1"),
        ("Rene\u{301}e#fr1", "Renée#fr1"),
        ("日本語#ニホン", "日本語#ニホン"),
        ("yuyun＃123", "yuyun#123"),
        ("a b\u{200B}c#\u{200B}12345", "a bc#12345"),
        ("full\u{3000}width#abc", "full width#abc"),
    ] {
        check("VALORANT", id, None, Ok(expected));
    }
    check("VALORANT", "yuyun", None, Err(AccountProblem::TagMissing));
    check("VALORANT", "yuyun", Some("123"), Err(AccountProblem::TagMissing));
    check("VALORANT", "yuyun#123", Some("ap"), Err(AccountProblem::ServerNotUsed));
    for id in ["yu#123", "#123", "   #123", "seventeenletters1#123", "yu_yun#123", "yu\u{1F600}yun#123"] {
        check("VALORANT", id, None, Err(AccountProblem::WrongName));
    }
    for id in ["yuyun#12", "yuyun#", "yuyun#123456", "yuyun#1 23", "yuyun#1#3"] {
        check("VALORANT", id, None, Err(AccountProblem::WrongTag));
    }
}

/// Every sample of `contracts/suppliers.md` §3.2, as it is written there.
#[test]
fn every_sample_of_the_contract_is_read() {
    for (game, sample, expected) in [
        ("ML", "1114917746 (13486)", "1114917746 (13486)"),
        ("ML", "136216325 (2685)", "136216325 (2685)"),
        ("FF", "225009777", "225009777"),
        ("FFMAX", "225009777", "225009777"),
        ("PUBG", "5123456789", "5123456789"),
        ("GENSHIN", "600000000", "600000000 (os_usa)"),
        ("GENSHIN", "618285856", "618285856 (os_usa)"),
        ("HSR", "600000001", "600000001 (prod_official_usa)"),
        ("ZZZ", "1000000100", "1000000100 (prod_gf_us)"),
        ("HI3", "10000001", "10000001"),
        ("VALORANT", "yuyun#123", "yuyun#123"),
        ("VALORANT", "Westbourne#USA", "Westbourne#USA"),
        ("CODM", "243402956362890880", "243402956362890880"),
        ("CODM", "11943769307349683075", "11943769307349683075"),
        ("AOV", "124590895269021", "124590895269021"),
        ("PB", "wakwaw55", "wakwaw55"),
        ("MCGG", "10100 (1001)", "10100 (1001)"),
    ] {
        check(game, sample, None, Ok(expected));
        check(game, &format!("\u{200B} {sample}\u{FEFF}"), Some(" "), Ok(expected));
        let account = parse(&category(game), sample, None).unwrap();
        check(game, &account.to_string(), None, Ok(expected));
        check(game, account.user_id(), account.server_id(), Ok(expected));
    }
}

#[test]
fn the_servers_of_star_rail_and_zenless_are_read_from_the_uid() {
    for (game, uid, server) in [
        ("HSR", "600000001", "prod_official_usa"),
        ("HSR", "700000001", "prod_official_eur"),
        ("HSR", "800000001", "prod_official_asia"),
        ("HSR", "900000001", "prod_official_cht"),
        ("ZZZ", "1000000100", "prod_gf_us"),
        ("ZZZ", "1300000100", "prod_gf_jp"),
        ("ZZZ", "1500000100", "prod_gf_eu"),
        ("ZZZ", "1700000100", "prod_gf_sg"),
    ] {
        let expected = format!("{uid} ({server})");
        check(game, uid, None, Ok(&expected));
        check(game, uid, Some(server), Ok(&expected));
        check(game, &format!("{uid} ({server})"), None, Ok(&expected));
    }
    check("HSR", "８００００００ 0１", Some("Asia"), Ok("800000001 (prod_official_asia)"));
    check("ZZZ", "1500000100", Some("Eropa"), Ok("1500000100 (prod_gf_eu)"));
    check("ZZZ", "1300000100", Some("Asia"), Ok("1300000100 (prod_gf_jp)"));
    for (game, uid) in [("HSR", "100000001"), ("HSR", "500000001"), ("ZZZ", "10000010"), ("ZZZ", "99999999")]
    {
        check(game, uid, None, Err(AccountProblem::ChinaServer));
    }
    for (game, uid) in
        [("HSR", "400000001"), ("HSR", "000000001"), ("ZZZ", "1100000100"), ("ZZZ", "0000000100")]
    {
        check(game, uid, None, Err(AccountProblem::NoSuchServer));
    }
    check("HSR", "1800000001", None, wrong_length(USER, 9, 9));
    check("ZZZ", "100000010", None, wrong_length(USER, 10, 10));
    let other = |expected| Err(AccountProblem::OtherServer { expected });
    check("HSR", "800000001", Some("usa"), other("prod_official_asia"));
    check("ZZZ", "1000000100 (prod_gf_eu)", None, other("prod_gf_us"));
    check("GENSHIN", "800000001 (os_usa)", Some("asia"), other("os_asia"));
}

#[test]
fn games_with_ids_of_digits_keep_them_to_the_digit_and_take_no_server() {
    for (game, min, max) in
        [("HI3", 8, 9), ("HOK", 8, 20), ("CODM", 10, 20), ("AOV", 10, 20), ("FFMAX", 8, 12)]
    {
        for length in [min, max] {
            let id = format!("0{}", "7".repeat(length - 1));
            check(game, &id, None, Ok(&id));
        }
        check(game, &"7".repeat(min - 1), None, wrong_length(USER, min, max));
        check(game, &"7".repeat(max + 1), None, wrong_length(USER, min, max));
        check(game, &"7".repeat(min), Some("1"), Err(AccountProblem::ServerNotUsed));
        check(game, "wakwaw55wakwaw55", None, not_digits(USER));
    }
    check("CODM", "18446744073709551615", None, Ok("18446744073709551615"));
}

#[test]
fn magic_chess_takes_shorter_ids_than_mobile_legends() {
    for pasted in ["10100 (1001)", "10100|1001", "10100-1001", "１０１００（１００１）", "10100 1001"]
    {
        check("MCGG", pasted, None, Ok("10100 (1001)"));
    }
    check("ML", "10100 (1001)", None, wrong_length(USER, 6, 12));
    check("MCGG", "1010", Some("1001"), wrong_length(USER, 5, 12));
    check("MCGG", "10100", None, Err(AccountProblem::ServerMissing));
}

#[test]
fn names_of_point_blank_and_roblox_are_plain_and_keep_their_case() {
    for (game, text, expected) in [
        ("PB", "WakWaw.55_x-y", "WakWaw.55_x-y"),
        ("PB", "ｗａｋ", "wak"),
        ("ROBLOX", "Builder_man", "Builder_man"),
        ("ROBLOX", " @Builderman ", "Builderman"),
        ("ROBLOX", "abc", "abc"),
    ] {
        check(game, text, None, Ok(expected));
    }
    for text in ["ab", "wak waw", "wak#waw", &*"a".repeat(21), "wäkwaw"] {
        check("PB", text, None, Err(AccountProblem::WrongZepettoId));
    }
    for text in ["ab", "_abc", "abc_", "a_b_c", "a.bc", "a b c", "@", &*"a".repeat(21)] {
        check("ROBLOX", text, None, Err(AccountProblem::WrongRobloxName));
    }
    for game in ["PB", "ROBLOX"] {
        check(game, "wakwaw55", Some("id"), Err(AccountProblem::ServerNotUsed));
    }
}

#[test]
fn a_code_belongs_to_no_account() {
    for game in Game::ALL.iter().filter(|game| game.delivers_codes()) {
        check(game.as_str(), "081234567890", None, Ok("081234567890"));
        check(game.as_str(), "081234567890", Some("1"), Err(AccountProblem::ServerNotUsed));
    }
    assert_eq!(Game::ALL.iter().filter(|game| game.delivers_codes()).count(), 4);
}

#[test]
fn a_game_is_found_by_the_code_of_its_category_and_another_code_is_no_game() {
    assert_eq!(Game::of(&category("ml")), Some(Game::MobileLegends));
    assert_eq!(Game::of(&category("MLBB")), None);
}

#[test]
fn a_game_without_a_rule_takes_any_clean_text() {
    check("OTHER", "11943769307349683075", None, Ok("11943769307349683075"));
    check("OTHER", " wak\u{200B}waw55 ", Some(" eu "), Ok("wakwaw55 (eu)"));
    check("OTHER", "１２３４ ５６７８", Some("２６ ８５"), Ok("12345678 (2685)"));
    check("OTHER", "wak waw55\u{3000}", Some("\u{200B} "), Ok("wakwaw55"));
    check("OTHER", "e \u{301}", None, Ok("é"));
    check("OTHER", &"x".repeat(65), None, Err(AccountProblem::TooLong));
    check("OTHER", "", None, Err(AccountProblem::Empty));
}

#[test]
fn a_form_can_ask_what_a_game_needs() {
    for game in games() {
        let expected = match game {
            "ML" | "MCGG" => ServerRule::Required,
            "GENSHIN" | "HSR" | "ZZZ" => ServerRule::Derived,
            "OTHER" => ServerRule::Optional,
            _ => ServerRule::None,
        };
        assert_eq!(server_rule(&category(game)), expected, "{game}");
    }
}

#[test]
fn every_problem_is_told_in_both_languages_and_names_its_field() {
    for (game, user, server, field) in [
        ("ML", "", None, USER),
        ("ML", &*"1".repeat(300), None, USER),
        ("ML", "1\u{0}", None, USER),
        ("ML", "budi", None, USER),
        ("ML", "1", None, USER),
        ("ML", "1234567", None, SERVER),
        ("ML", "1234567 12", Some("2685"), USER),
        ("ML", "1234567 (2685)", Some("13486"), SERVER),
        ("FF", "225009777", Some("1"), SERVER),
        ("GENSHIN", "800000001", Some("usa"), SERVER),
        ("GENSHIN", "100000001", None, USER),
        ("GENSHIN", "400000001", None, USER),
        ("VALORANT", "yuyun", None, USER),
        ("VALORANT", "y#123", None, USER),
        ("VALORANT", "yuyun#1", None, USER),
        ("PB", "y", None, USER),
        ("ROBLOX", "_y", None, USER),
        ("ZZZ", "1300000100", Some("usa"), SERVER),
    ] {
        let problem = parse(&category(game), user, server).unwrap_err();
        let (indonesian, english) = (problem.message(Locale::Indonesian), problem.message(Locale::English));
        assert!(indonesian.ends_with('.') && english.ends_with('.') && indonesian != english, "{problem:?}");
        assert_eq!((problem.to_string(), problem.field()), (english, field), "{problem:?}");
    }
    let problem = parse(&category("ML"), "123", Some("2685")).unwrap_err();
    assert_eq!(
        problem.message(Locale::Indonesian),
        "ID pemain harus 6 sampai 12 angka. Periksa lagi di profil game."
    );
}

proptest! {
    #[test]
    fn whatever_is_pasted_is_answered_and_what_was_read_reads_the_same_again(
        game in proptest::sample::select(games()),
        user in "\\PC{0,20}|[0-9 ()|#-]{0,24}|[0-9]{5,20}|[0-9]{6,12} ?[(|-][0-9]{4,5}\\)?|@?[A-Za-z0-9._-]{3,20}|[\\p{L}\\p{N} ]{3,16}#[\\p{L}\\p{N}]{3,5}",
        server in proptest::option::of("\\PC{0,8}|[0-9]{4,5}"),
    ) {
        if let Ok(account) = parse(&category(game), &user, server.as_deref()) {
            let again = parse(&category(game), account.user_id(), account.server_id());
            prop_assert_eq!(again, Ok(account.clone()));
            // As it is shown it can be pasted. A game without a rule has no form to take apart.
            if game != "OTHER" {
                prop_assert_eq!(parse(&category(game), &account.to_string(), None), Ok(account));
            }
        }
    }

    /// However it is pasted, and whatever zone is given apart.
    #[test]
    fn a_pasted_pair_is_read_as_that_pair_or_refused(
        game in proptest::sample::select(vec!["ML", "MCGG"]),
        id in "[0-9]{6,12}",
        between in " {1,3}|\t| ?[(|-] ?",
        zone in "[0-9]{4,5}",
        given in proptest::option::of("[0-9]{4,5}"),
    ) {
        let read = parse(&category(game), &format!("{id}{between}{zone}"), given.as_deref());
        if given.as_ref().is_none_or(|given| *given == zone) {
            let account = read.unwrap();
            prop_assert_eq!((account.user_id(), account.server_id()), (id.as_str(), Some(zone.as_str())));
        } else {
            prop_assert_eq!(read, Err(AccountProblem::TwoServers));
        }
    }

    /// Digits in any number of pieces: when the first can be an id, it is the id, or nothing is.
    #[test]
    fn what_can_be_an_id_is_never_made_longer(
        pieces in proptest::collection::vec("[0-9]{1,13}", 1..5),
        given in proptest::option::of("[0-9]{4,5}"),
    ) {
        for (game, shortest, longest) in
            [("ML", 6, 12), ("MCGG", 5, 12), ("FF", 8, 12), ("HOK", 8, 20), ("OTHER", 5, 64)]
        {
            let can_be_an_id = (shortest..=longest).contains(&pieces[0].len());
            if let Ok(account) = parse(&category(game), &pieces.join(" "), given.as_deref()) {
                prop_assert!(!can_be_an_id || account.user_id() == pieces[0], "{} {:?}", game, account);
            }
        }
    }

    #[test]
    fn ids_of_digits_are_kept_to_the_digit(id in "[0-9]{8,12}", zone in "[0-9]{4,5}") {
        let account = parse(&category("ML"), &format!("{id} ({zone})"), None).unwrap();
        prop_assert_eq!((account.user_id(), account.server_id()), (id.as_str(), Some(zone.as_str())));
        let account = parse(&category("FF"), &id, None).unwrap();
        prop_assert_eq!((account.user_id(), account.server_id()), (id.as_str(), None));
    }
}
