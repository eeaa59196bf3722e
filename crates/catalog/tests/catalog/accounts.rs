//! Account ids of the five games, as people type and paste them.

use crate::category;
use catalog::account::{AccountField, AccountProblem, ServerRule, parse, server_rule};
use proptest::prelude::*;
use vocabulary::Locale;

const GAMES: [&str; 6] = ["ML", "FF", "PUBG", "GENSHIN", "VALORANT", "OTHER"];

fn check(game: &str, user: &str, server: Option<&str>, expected: Result<&str, AccountProblem>) {
    let found = parse(&category(game), user, server).map(|account| account.to_string());
    assert_eq!(found, expected.map(str::to_owned), "{game} {user:?} {server:?}");
}

fn wrong_length(field: AccountField, min: usize, max: usize) -> Result<&'static str, AccountProblem> {
    Err(AccountProblem::WrongLength { field, min, max })
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

#[test]
fn a_game_without_a_rule_takes_any_clean_text() {
    check("OTHER", "11943769307349683075", None, Ok("11943769307349683075"));
    check("OTHER", " wak\u{200B}waw55 ", Some(" eu "), Ok("wakwaw55 (eu)"));
    check("OTHER", &"x".repeat(65), None, Err(AccountProblem::TooLong));
    check("OTHER", "", None, Err(AccountProblem::Empty));
}

#[test]
fn a_form_can_ask_what_a_game_needs() {
    let rules = GAMES.map(|game| server_rule(&category(game)));
    assert_eq!(
        rules,
        [
            ServerRule::Required,
            ServerRule::None,
            ServerRule::None,
            ServerRule::Derived,
            ServerRule::None,
            ServerRule::Optional
        ]
    );
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
        ("ML", "1234567 (2685)", Some("13486"), SERVER),
        ("FF", "225009777", Some("1"), SERVER),
        ("GENSHIN", "800000001", Some("usa"), SERVER),
        ("GENSHIN", "100000001", None, USER),
        ("GENSHIN", "400000001", None, USER),
        ("VALORANT", "yuyun", None, USER),
        ("VALORANT", "y#123", None, USER),
        ("VALORANT", "yuyun#1", None, USER),
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
        game in proptest::sample::select(&GAMES[..]),
        user in "\\PC{0,20}|[0-9 ()|#-]{0,24}|[0-9]{6,12}|[\\p{L}\\p{N} ]{3,16}#[\\p{L}\\p{N}]{3,5}",
        server in proptest::option::of("\\PC{0,8}|[0-9]{4,5}"),
    ) {
        if let Ok(account) = parse(&category(game), &user, server.as_deref()) {
            let again = parse(&category(game), account.user_id(), account.server_id());
            prop_assert_eq!(again, Ok(account));
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
