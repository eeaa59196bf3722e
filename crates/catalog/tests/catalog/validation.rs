//! Whether an account exists, whatever the sources do. The clock of the runtime stands still in these
//! tests and jumps to what is waited for: nothing here depends on how fast the machine is.

use crate::category;
use catalog::{
    Asker, Checked, Validation, Validator,
    account::{AccountProblem, Game},
    validation::{Budget, Confirm, Nickname, NicknameSource, Refusal, Settings, Silence, Word},
};
use outside::Pending;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, advance, sleep};
use vocabulary::{Account, Locale};

/// What a source of the test does when it is asked.
#[derive(Clone)]
enum Does {
    Says(Word, u64),
    Hangs,
    Panics,
}

struct Source {
    name: &'static str,
    games: &'static [Game],
    does: Mutex<Does>,
    asked: AtomicU32,
}

impl Source {
    fn new(name: &'static str, does: Does) -> Arc<Source> {
        Source::knowing(name, &[Game::MobileLegends, Game::FreeFire], does)
    }

    /// The same about other games.
    fn knowing(name: &'static str, games: &'static [Game], does: Does) -> Arc<Source> {
        Arc::new(Source { name, games, does: Mutex::new(does), asked: AtomicU32::new(0) })
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn now_does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }
}

impl NicknameSource for Source {
    fn name(&self) -> &'static str {
        self.name
    }

    fn knows(&self, game: Game) -> bool {
        self.games.contains(&game)
    }

    fn look_up<'a>(&'a self, _: Game, _: &'a Account, _: Duration) -> Pending<'a, Word> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let does = self.does.lock().unwrap().clone();
        Box::pin(async move {
            match does {
                Does::Says(word, after_ms) => {
                    sleep(Duration::from_millis(after_ms)).await;
                    word
                }
                Does::Hangs => std::future::pending().await,
                Does::Panics => panic!("a bug in a source"),
            }
        })
    }
}

fn found(name: &str) -> Does {
    Does::Says(Word::Found { nickname: Nickname::clean(name) }, 10)
}

fn not_found() -> Does {
    Does::Says(Word::NotFound, 10)
}

fn unclear() -> Does {
    Does::Says(Word::Unclear { why: "odd".into() }, 10)
}

fn down() -> Does {
    Does::Says(Word::Down { why: "gone".into() }, 10)
}

fn validator(sources: &[&Arc<Source>]) -> Validator {
    validator_with(
        sources,
        Settings { per_asker_per_minute: 0, per_group_per_minute: 0, ..Settings::default() },
    )
}

fn validator_with(sources: &[&Arc<Source>], settings: Settings) -> Validator {
    let sources = sources.iter().map(|source| Arc::clone(source) as Arc<dyn NicknameSource>);
    Validator::new(sources.collect(), settings)
}

async fn check(validator: &Validator, user: &str) -> Checked {
    validator.check(&category("FF"), user, None, &Asker::person("budi")).await.unwrap()
}

/// What was found, in one word or with the name.
fn told(checked: &Checked) -> String {
    match &checked.validation {
        Validation::Valid { nickname } => nickname.as_str().to_owned(),
        Validation::Invalid { reason: Refusal::Format(_) } => "format".into(),
        Validation::Invalid { reason: Refusal::NotFound } => "not found".into(),
        Validation::Invalid { reason: Refusal::OtherRegion } => "other region".into(),
        Validation::Unavailable { reason: Silence::NoSource } => "no source".into(),
        Validation::Unavailable { reason: Silence::NoAnswer } => "no answer".into(),
    }
}

const ID: &str = "225009777";

#[tokio::test(start_paused = true)]
async fn the_format_is_checked_first_and_nobody_is_asked_about_what_cannot_be() {
    let source = Source::new("one", found("Budi"));
    let validator = validator(&[&source]);
    let checked = check(&validator, "budi").await;
    assert_eq!(told(&checked), "format");
    assert_eq!((checked.account, checked.confirm, source.asked()), (None, false, 0));
    let checked = validator.check(&category("ML"), "1114917746", None, &Asker::default()).await.unwrap();
    assert_eq!(
        checked.validation,
        Validation::Invalid { reason: Refusal::Format(AccountProblem::ServerMissing) }
    );
}

#[tokio::test(start_paused = true)]
async fn a_game_without_a_source_is_unavailable_and_asks_for_a_second_confirmation() {
    let source = Source::new("one", found("Budi"));
    for validator in [validator(&[&source]), Validator::format_only()] {
        for (game, user) in [("PUBG", "5123456789"), ("CHESS", "anything")] {
            let checked = validator.check(&category(game), user, None, &Asker::default()).await.unwrap();
            assert_eq!((told(&checked).as_str(), checked.confirm), ("no source", true));
            assert_eq!(checked.account.unwrap().user_id(), user);
        }
    }
    assert_eq!(source.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_owner_decides_for_which_games_a_second_confirmation_is_needed() {
    let only = Confirm::Only([category("FF")].into());
    for (confirm, ff, pubg) in
        [(Confirm::Always, true, true), (Confirm::Never, false, false), (only, true, false)]
    {
        let settings = Settings { confirm, ..Settings::default() };
        let validator = validator_with(&[], settings.clone());
        assert_eq!(check(&validator, ID).await.confirm, ff, "{settings:?}");
        let checked =
            validator.check(&category("PUBG"), "5123456789", None, &Asker::default()).await.unwrap();
        assert_eq!(checked.confirm, pubg, "{settings:?}");
    }
    let source = Source::new("one", found("Budi"));
    assert!(!check(&validator(&[&source]), ID).await.confirm, "a name needs none");
}

/// What two sources do, what is found, within how many milliseconds, and how often each was asked.
#[tokio::test(start_paused = true)]
async fn sources_are_asked_in_turn_and_a_name_wins() {
    for (first, second, expected, ms, asked) in [
        (found("Budi"), found("Sari"), "Budi", 10, (1, 0)),
        (down(), found("Sari"), "Sari", 20, (1, 1)),
        (unclear(), found("Sari"), "Sari", 20, (1, 1)),
        // The second is asked beside a first that is slow, and the first answer counts.
        (Does::Hangs, found("Sari"), "Sari", 410, (1, 1)),
        (
            Does::Says(Word::Found { nickname: Nickname::clean("Budi") }, 405),
            found("Sari"),
            "Budi",
            405,
            (1, 1),
        ),
        // Whoever names the player proves more than who does not know them.
        (not_found(), found("Sari"), "Sari", 20, (1, 1)),
        (not_found(), not_found(), "not found", 20, (1, 1)),
        (not_found(), down(), "not found", 20, (1, 1)),
        (not_found(), unclear(), "not found", 20, (1, 1)),
        (not_found(), Does::Hangs, "not found", 710, (1, 1)),
        (Does::Hangs, not_found(), "not found", 1_110, (1, 1)),
        (unclear(), not_found(), "not found", 20, (1, 1)),
        (Does::Says(Word::OtherRegion, 10), found("Sari"), "other region", 10, (1, 0)),
        (down(), unclear(), "no answer", 20, (1, 1)),
        (Does::Hangs, Does::Hangs, "no answer", 1_600, (1, 1)),
        (Does::Hangs, down(), "no answer", 1_200, (1, 1)),
    ] {
        let (one, two) = (Source::new("one", first), Source::new("two", second));
        let started = Instant::now();
        let checked = check(&validator(&[&one, &two]), ID).await;
        let took = started.elapsed().as_millis();
        assert_eq!((told(&checked).as_str(), one.asked(), two.asked()), (expected, asked.0, asked.1));
        assert!((ms..ms + 5).contains(&took), "{expected}: {took} ms instead of {ms}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_comes_within_two_seconds_though_every_source_hangs() {
    let sources: Vec<_> = (0..6).map(|_| Source::new("hangs", Does::Hangs)).collect();
    let validator = validator(&sources.iter().collect::<Vec<_>>());
    for n in 0..20 {
        let started = Instant::now();
        let checked = check(&validator, &format!("2250097{n:02}")).await;
        assert_eq!((told(&checked).as_str(), checked.confirm), ("no answer", true));
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
    let limits = Budget::default();
    assert!(limits.total + Duration::from_millis(100) < Duration::from_secs(2), "{limits:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_remembered_for_as_long_as_it_is_worth() {
    for (does, expected, kept) in
        [(found("Budi"), "Budi", 12 * 3600), (not_found(), "not found", 30), (down(), "no answer", 30)]
    {
        let source = Source::new("one", does);
        let validator = validator(&[&source]);
        assert_eq!(told(&check(&validator, ID).await), expected);
        advance(Duration::from_secs(kept - 1)).await;
        assert_eq!(told(&check(&validator.clone(), "225 009 777").await), expected);
        assert_eq!(source.asked(), 1, "{expected}: kept, also for another spelling");
        advance(Duration::from_secs(1)).await;
        source.now_does(found("Renamed"));
        assert_eq!(told(&check(&validator, ID).await), "Renamed", "{expected} is forgotten");
        assert_eq!(source.asked(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn accounts_are_remembered_by_game_id_and_zone() {
    let source = Source::new("one", found("Budi"));
    let validator = validator(&[&source]);
    for (game, user, zone) in [
        ("ML", "123456789", Some("2685")),
        ("ML", "123456789", Some("2686")),
        ("ML", "1234567892", Some("6851")),
        ("FF", "123456789", None),
        ("FF", "0123456789", None),
    ] {
        validator.check(&category(game), user, zone, &Asker::default()).await.unwrap();
    }
    assert_eq!(source.asked(), 5);
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_the_same_at_once_cause_one_look_up() {
    let source = Source::new("one", Does::Says(Word::Found { nickname: Nickname::clean("Budi") }, 300));
    let validator = validator(&[&source]);
    let mut askers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let validator = validator.clone();
        askers.spawn(async move { told(&check(&validator, ID).await) });
    }
    assert!(askers.join_all().await.iter().all(|name| name == "Budi"));
    assert_eq!(source.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_asker_who_goes_away_spoils_nothing_for_those_who_wait() {
    let source = Source::new("one", Does::Says(Word::Found { nickname: Nickname::clean("Budi") }, 300));
    let validator = validator(&[&source]);
    let gone = tokio::time::timeout(Duration::from_millis(100), check(&validator, ID)).await;
    assert!(gone.is_err());
    let started = Instant::now();
    assert_eq!(told(&check(&validator, ID).await), "Budi");
    assert!(started.elapsed() <= Duration::from_millis(205), "the look-up went on meanwhile");
    assert_eq!(source.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_is_left_alone_and_asked_again_later() {
    let (bad, good) = (Source::new("bad", Does::Hangs), Source::new("good", found("Sari")));
    let validator = validator(&[&bad, &good]);
    for n in 0..5 {
        assert_eq!(told(&check(&validator, &format!("22500970{n}")).await), "Sari");
    }
    assert_eq!(bad.asked(), 5);
    // The other was quicker; what became of the calls is known when their own time is over.
    sleep(Budget::default().each).await;
    let started = Instant::now();
    assert_eq!(told(&check(&validator, "225009710").await), "Sari");
    assert!(started.elapsed() < Duration::from_millis(50), "nobody waits for the first any more");
    assert_eq!(bad.asked(), 5);
    advance(Duration::from_secs(15)).await;
    bad.now_does(found("Budi"));
    assert_eq!(told(&check(&validator, "225009711").await), "Budi", "it is tried again, and back");
    assert_eq!(told(&check(&validator, "225009712").await), "Budi");
}

/// A source that answers later than the next one is begun with, or than a second opinion is waited for, is
/// healthy all the same: it alone knows PUBG.
#[tokio::test(start_paused = true)]
async fn a_source_that_others_beat_is_not_shut_out() {
    const GAMES: &[Game] = &[Game::FreeFire, Game::PubgMobile];
    for (slow_ms, slow_first, quick, expected) in
        [(600, true, found("Sari"), "Sari"), (900, false, not_found(), "not found")]
    {
        let name = Word::Found { nickname: Nickname::clean("Budi") };
        let slow = Source::knowing("slow", GAMES, Does::Says(name, slow_ms));
        let quick = Source::new("quick", quick);
        let validator = validator(&if slow_first { [&slow, &quick] } else { [&quick, &slow] });
        for n in 0..10 {
            assert_eq!(told(&check(&validator, &format!("2250097{n:02}")).await), expected);
        }
        assert_eq!(slow.asked(), 10);
        let checked =
            validator.check(&category("PUBG"), "5123456789", None, &Asker::default()).await.unwrap();
        assert_eq!(told(&checked), "Budi", "beaten by {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bug_in_a_source_says_nothing_about_the_account() {
    let source = Source::new("one", Does::Panics);
    let validator = validator(&[&source]);
    assert_eq!(told(&check(&validator, ID).await), "no answer");
    source.now_does(found("Budi"));
    assert_eq!(told(&check(&validator, ID).await), "Budi");
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_through_numbers_and_what_needs_no_look_up_is_always_answered() {
    let source = Source::new("one", found("Budi"));
    let validator = validator_with(
        &[&source],
        Settings { per_asker_per_minute: 10, per_group_per_minute: 15, ..Settings::default() },
    );
    let budi = Asker::person("budi").within("guild");
    let ask = |n: u32, asker: Asker| {
        let validator = validator.clone();
        async move { validator.check(&category("FF"), &format!("2250097{n:02}"), None, &asker).await }
    };
    for n in 0..10 {
        ask(n, budi.clone()).await.unwrap();
    }
    let refused = ask(10, budi.clone()).await.unwrap_err();
    assert!((1..=6).contains(&refused.seconds()), "{refused}");
    assert_eq!(told(&ask(3, budi.clone()).await.unwrap()), "Budi", "what is remembered is not counted");
    let wrong = validator.check(&category("FF"), "budi", None, &budi).await.unwrap();
    assert_eq!(told(&wrong), "format", "nor is what cannot be an id");
    let sari = Asker::person("sari").within("guild");
    for n in 20..25 {
        ask(n, sari.clone()).await.unwrap();
    }
    assert!(ask(25, sari.clone()).await.is_err(), "the guild has had its share");
    ask(25, Asker::person("sari").within("another")).await.unwrap();
    advance(Duration::from_secs(refused.seconds())).await;
    ask(10, budi).await.unwrap();
    assert_eq!(source.asked(), 17, "a refused look-up asks nobody");
}

#[test]
fn every_outcome_is_told_in_both_languages_and_holds_no_name() {
    let name = Nickname::clean("<b>Budi</b>");
    let valid = |nickname| Validation::Valid { nickname };
    let invalid = |reason| Validation::Invalid { reason };
    let unavailable = |reason| Validation::Unavailable { reason };
    let mut seen = std::collections::HashSet::new();
    for validation in [
        valid(name),
        valid(Nickname::clean("\u{3164}")),
        invalid(Refusal::Format(AccountProblem::Empty)),
        invalid(Refusal::NotFound),
        invalid(Refusal::OtherRegion),
        unavailable(Silence::NoSource),
        unavailable(Silence::NoAnswer),
    ] {
        for locale in Locale::ALL {
            let message = validation.message(*locale);
            assert!(message.ends_with('.') && !message.contains("Budi"), "{message}");
            assert!(seen.insert(message), "{validation:?}: each says something of its own");
        }
    }
}
