//! The sources of nicknames on real sockets: what they are sent, what their words mean, and every way
//! in which an outside party misbehaves (`contracts/suppliers.md` §2.1, §2.2, §3.1). A time-out or an
//! odd word is never taken for *no such account*.

use crate::server::{Reply, Seen, Server, answer, cut_short, nobody};
use catalog::{
    account::{self, Game},
    sources::{apigames, codashop, vip_reseller},
    validation::{NicknameSource, Word},
};
use outside::Http;
use std::time::Duration;
use vocabulary::{Account, Rupiah, Secret};

const WITHIN: Duration = Duration::from_secs(5);

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/", $name))
    };
}

fn vip_with(url: &str, servers_proven: bool) -> vip_reseller::VipReseller {
    let settings = vip_reseller::Settings {
        base_url: format!("{url}/api/"),
        api_id: "loket".into(),
        api_key: Secret::new("hunter2"),
        servers_proven,
    };
    vip_reseller::VipReseller::new(Http::new().unwrap(), settings)
}

fn vip(url: &str) -> vip_reseller::VipReseller {
    vip_with(url, true)
}

fn apigames_with(url: &str, signature: apigames::Signature, proven: bool) -> apigames::Apigames {
    let settings = apigames::Settings {
        base_url: url.into(),
        merchant_id: "M 1".into(),
        secret: Secret::new("hunter2"),
        signature,
        mobile_legends: "{user_id}{zone_id}".parse().unwrap(),
        mobile_legends_proven: proven,
    };
    apigames::Apigames::new(Http::new().unwrap(), settings)
}

fn apigames(url: &str) -> apigames::Apigames {
    apigames_with(url, apigames::Signature::Concatenated, true)
}

fn codashop(url: &str) -> codashop::Codashop {
    codashop::Codashop::new(Http::new().unwrap(), codashop::Settings { base_url: url.into() })
}

fn all(url: &str) -> Vec<Box<dyn NicknameSource>> {
    vec![Box::new(vip(url)), Box::new(apigames(url)), Box::new(codashop(url))]
}

fn ml() -> Account {
    account::parse(&Game::MobileLegends.as_str().parse().unwrap(), "1114917746 (13486)", None).unwrap()
}

fn ff() -> Account {
    Account::new("0225009777", None).unwrap()
}

fn server(status: u16, body: &str) -> Server {
    let body = body.to_owned();
    Server::start(move |_: &Seen| answer(status, &[], &body))
}

/// What a source says when it is answered so.
async fn said<S: NicknameSource>(make: impl Fn(&str) -> S, game: Game, status: u16, body: &str) -> Word {
    let server = server(status, body);
    let account = if game == Game::MobileLegends { ml() } else { ff() };
    make(&server.url).look_up(game, &account, WITHIN).await
}

/// One word for a verdict, with the name that was found.
fn kind(word: &Word) -> String {
    match word {
        Word::Found { nickname } => format!("found {nickname}"),
        Word::NotFound => "not found".into(),
        Word::OtherRegion => "other region".into(),
        Word::Unclear { .. } => "unclear".into(),
        Word::Down { .. } => "down".into(),
    }
}

#[tokio::test]
async fn vip_reseller_is_sent_a_form_with_the_parts_of_the_account_apart() {
    let server = server(200, fixture!("vip_reseller/found.json"));
    let word = vip(&server.url).look_up(Game::MobileLegends, &ml(), WITHIN).await;
    assert_eq!(kind(&word), "found Itacimo");
    vip(&server.url).look_up(Game::FreeFire, &ff(), WITHIN).await;
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /api/game-feature");
    assert_eq!(seen[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    // md5("loket" + "hunter2")
    let sign = "1284a42b8318bbacb852b6a57a2e5197";
    assert_eq!(
        seen[0].body,
        format!(
            "key=hunter2&sign={sign}&type=get-nickname&code=mobile-legends&target=1114917746&additional_target=13486"
        )
    );
    assert!(seen[1].body.ends_with("&code=free-fire&target=0225009777"), "no zone, no leading zero lost");
}

#[tokio::test]
async fn vip_resellers_words_mean_what_they_prove() {
    let no = |message: &str| format!(r#"{{"result":false,"data":null,"message":"{message}"}}"#);
    for (status, body, expected) in [
        (200, fixture!("vip_reseller/found.json").to_owned(), "found Itacimo"),
        (200, fixture!("vip_reseller/found_region.json").to_owned(), "found Itacimo"),
        (200, r#"{"result":"true","data":" Ita\u202ecimo ","message":""}"#.to_owned(), "found Itacimo"),
        (200, no("ID tujuan tidak ditemukan."), "not found"),
        (400, no("User ID tidak ditemukan."), "not found"),
        (200, fixture!("vip_reseller/refused.json").to_owned(), "unclear"),
        (200, no("Kode game tidak ditemukan."), "unclear"),
        (200, no("Sign tidak valid."), "unclear"),
        (200, r#"{"result":true,"data":"","message":"Success."}"#.to_owned(), "unclear"),
        (200, r#"{"result":true,"data":null,"message":"Success."}"#.to_owned(), "unclear"),
        (
            200,
            r#"{"result":false,"data":"Itacimo","message":"User ID tidak ditemukan."}"#.to_owned(),
            "unclear",
        ),
        (200, r#"{"data":"Itacimo"}"#.to_owned(), "unclear"),
        (500, no("User ID tidak ditemukan."), "down"),
        (429, no("Terlalu banyak permintaan"), "down"),
    ] {
        let word = said(vip, Game::MobileLegends, status, &body).await;
        assert_eq!(kind(&word), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn not_found_on_a_named_server_proves_nothing_before_one_account_of_the_game_was_found() {
    let server = Server::start(|seen: &Seen| {
        let found = seen.body.contains("target=800000001&") || seen.body.contains("target=1114917746&");
        let nobody = r#"{"result":false,"data":null,"message":"ID tujuan tidak ditemukan."}"#;
        answer(200, &[], if found { fixture!("vip_reseller/found.json") } else { nobody })
    });
    let read = |game: Game, text: &str| {
        account::parse(&game.as_str().parse().unwrap(), text, None).unwrap_or_else(|e| panic!("{e}"))
    };
    let source = vip_with(&server.url, false);
    for (game, id, expected) in [
        (Game::Genshin, "900000404", "unclear"),
        // A zone is digits, and can be written in one way only.
        (Game::MobileLegends, "123456404 (2685)", "not found"),
        (Game::FreeFire, "225009404", "not found"),
        (Game::Genshin, "800000001", "found Itacimo"),
        (Game::Genshin, "900000404", "not found"),
        (Game::StarRail, "900000404", "unclear"),
    ] {
        let word = source.look_up(game, &read(game, id), WITHIN).await;
        assert_eq!(kind(&word), expected, "{game} {id}");
    }
    let proven = vip(&server.url).look_up(Game::StarRail, &read(Game::StarRail, "900000404"), WITHIN).await;
    assert_eq!(kind(&proven), "not found", "whoever knows the form believes it");
}

#[tokio::test]
async fn apigames_is_asked_with_the_signature_that_is_configured() {
    let server = server(200, fixture!("apigames/found.json"));
    for signature in apigames::Signature::ALL {
        let source = apigames_with(&server.url, *signature, true);
        let word = source.look_up(Game::MobileLegends, &ml(), WITHIN).await;
        assert_eq!(kind(&word), "found Itacimo");
    }
    apigames(&server.url).look_up(Game::FreeFireMax, &ff(), WITHIN).await;
    let lines: Vec<String> = server.seen().iter().map(|seen| seen.line.clone()).collect();
    // md5("M 1hunter2") and md5("M 1:hunter2").
    assert_eq!(
        lines[0],
        format!(
            "GET /merchant/M%201/cek-username/mobilelegend?user_id=111491774613486&signature={CONCATENATED}"
        )
    );
    assert_eq!(
        lines[1],
        format!("GET /merchant/M%201/cek-username/mobilelegend?user_id=111491774613486&signature={COLON}")
    );
    assert_eq!(
        lines[2],
        format!("GET /merchant/M%201/cek-username/freefire?user_id=0225009777&signature={CONCATENATED}")
    );
}

const CONCATENATED: &str = "1a2153f0cbad2d1622ae2f1f824b4c66";
const COLON: &str = "22f51f68aef3536e6d1e88bc88b81d33";

#[tokio::test]
async fn apigames_words_mean_what_they_prove() {
    for (status, body, expected) in [
        (200, fixture!("apigames/found.json"), "found Itacimo"),
        (200, fixture!("apigames/not_found.json"), "not found"),
        (404, fixture!("apigames/not_found.json"), "not found"),
        (200, r#"{"status":"1","rc":"0","message":"Data Not Found","data":null}"#, "not found"),
        (200, fixture!("apigames/refused.json"), "unclear"),
        (
            200,
            r#"{"status":1,"rc":0,"message":"Data Found","data":{"is_valid":true,"username":""}}"#,
            "unclear",
        ),
        (
            200,
            r#"{"status":1,"rc":0,"message":"Data Found","data":{"is_valid":false,"username":"Itacimo"}}"#,
            "unclear",
        ),
        (200, r#"{"status":1,"rc":204,"message":"Data Not Found","data":{"is_valid":false}}"#, "unclear"),
        (200, r#"{"status":0,"rc":0,"message":"Data Not Found","data":{"is_valid":false}}"#, "unclear"),
        (
            200,
            r#"{"status":1,"rc":0,"message":"Provider timeout","data":{"is_valid":false,"username":""}}"#,
            "unclear",
        ),
        (503, fixture!("apigames/refused.json"), "down"),
    ] {
        assert_eq!(kind(&said(apigames, Game::FreeFire, status, body).await), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn not_found_proves_nothing_in_a_form_that_was_never_seen_to_work() {
    let found = fixture!("apigames/found.json");
    let server = Server::start(move |seen: &Seen| {
        let body =
            if seen.line.contains("111491774613486") { found } else { fixture!("apigames/not_found.json") };
        answer(200, &[], body)
    });
    let source = apigames_with(&server.url, apigames::Signature::Concatenated, false);
    let other = Account::new("123456404", Some("2685")).unwrap();
    assert_eq!(kind(&source.look_up(Game::MobileLegends, &other, WITHIN).await), "unclear");
    assert_eq!(kind(&source.look_up(Game::FreeFire, &ff(), WITHIN).await), "not found", "one id, one form");
    assert_eq!(kind(&source.look_up(Game::MobileLegends, &ml(), WITHIN).await), "found Itacimo");
    assert_eq!(
        kind(&source.look_up(Game::MobileLegends, &other, WITHIN).await),
        "not found",
        "now it is proven"
    );
}

#[tokio::test]
async fn the_probe_is_asked_like_the_page_asks() {
    let server = server(200, fixture!("codashop/found.json"));
    let source = codashop(&server.url);
    assert_eq!(kind(&source.look_up(Game::MobileLegends, &ml(), WITHIN).await), "found Budi 日");
    let riot = Account::new("yu yun#123", None).unwrap();
    source.look_up(Game::Valorant, &riot, WITHIN).await;
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /initPayment.action");
    assert_eq!(
        seen[0].body,
        "voucherPricePoint.id=4150&voucherPricePoint.price=1579&voucherPricePoint.variablePrice=0&user.userId=1114917746&user.zoneId=13486&voucherTypeName=MOBILE_LEGENDS&shopLang=id_ID"
    );
    assert!(seen[1].body.contains("user.userId=yu+yun%23123"), "{}", seen[1].body);
    assert!(seen[1].body.ends_with("voucherTypeId=109&gvtId=139"), "{}", seen[1].body);
}

#[tokio::test]
async fn the_probes_words_mean_what_they_prove() {
    for (game, body, expected) in [
        (Game::CallOfDutyMobile, fixture!("codashop/roles.json"), "found Budi"),
        (Game::MobileLegends, fixture!("codashop/wrong_zone.json"), "not found"),
        (Game::FreeFire, fixture!("codashop/wrong_zone.json"), "unclear"),
        (Game::Valorant, fixture!("codashop/other_region.json"), "other region"),
        (Game::FreeFire, fixture!("codashop/other_region.json"), "unclear"),
        (Game::FreeFire, r#"{"success":false,"errorCode":"-100","errorMsg":"Invalid user"}"#, "unclear"),
        (Game::FreeFire, r#"{"success":true,"confirmationFields":{"roles":[]}}"#, "unclear"),
        (Game::FreeFire, r#"{"success":true,"confirmationFields":{"username":"100%"}}"#, "found 100%"),
    ] {
        assert_eq!(kind(&said(codashop, game, 200, body).await), expected, "{game} {body}");
    }
}

#[tokio::test]
async fn whatever_is_not_a_sources_word_says_nothing_about_the_account() {
    for (why, reply) in [
        ("an error page", answer(500, &[], "<html>500</html>")),
        ("a login page", answer(200, &[], "<html>tidak ditemukan</html>")),
        ("nothing", answer(200, &[], "")),
        ("not found, of the web server", answer(404, &[], "Not Found")),
        ("a list", answer(200, &[], "[]")),
        ("a text", answer(200, &[], "\"Data Not Found\"")),
        ("an empty object", answer(200, &[], "{}")),
        ("truncated JSON", answer(200, &[], r#"{"result":true,"data":"Ita"#)),
        ("a broken connection", cut_short(r#"{"result":true"#)),
        ("a closed connection", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
        ("a redirect", answer(307, &[("Location", "http://127.0.0.1:1/")], "")),
        ("endless nesting", answer(200, &[], "{\"data\":".repeat(100_000))),
        ("another encoding", answer(200, &[], b"\xff\xfe{\0")),
    ] {
        let server = Server::start(move |_: &Seen| reply.clone());
        for source in all(&server.url) {
            let word = source.look_up(Game::MobileLegends, &ml(), WITHIN).await;
            assert!(
                matches!(word, Word::Unclear { .. } | Word::Down { .. }),
                "{} {why}: {word:?}",
                source.name()
            );
        }
    }
    for source in all(&nobody()) {
        let word = source.look_up(Game::MobileLegends, &ml(), WITHIN).await;
        assert!(matches!(word, Word::Down { .. }), "{}: {word:?}", source.name());
    }
}

#[tokio::test]
async fn a_source_that_is_silent_or_slow_ends_in_time() {
    for reply in [Reply::Silence, Reply::Drip] {
        for index in 0..3 {
            let reply = reply.clone();
            let server = Server::start(move |_: &Seen| reply.clone());
            let source = all(&server.url).remove(index);
            let account = ml();
            let (word, waited) = server.wait_out(source.look_up(Game::MobileLegends, &account, WITHIN)).await;
            assert!(matches!(word, Word::Down { .. }), "{word:?}");
            assert_eq!(waited.as_secs(), 5);
        }
    }
}

#[tokio::test]
async fn a_balance_proves_that_our_key_is_taken() {
    let good = server(200, fixture!("vip_reseller/profile.json"));
    assert_eq!(vip(&good.url).balance().await, Ok(Rupiah::new(100_000)));
    assert!(good.seen()[0].line.ends_with("/api/profile"));
    let good = server(200, fixture!("apigames/merchant.json"));
    assert_eq!(apigames(&good.url).balance().await, Ok(Rupiah::new(99_049_000)));
    assert_eq!(good.seen()[0].line, format!("GET /merchant/M%201?signature={CONCATENATED}"));
    let bad = server(200, fixture!("apigames/refused.json"));
    assert!(apigames(&bad.url).balance().await.unwrap_err().to_string().contains("Signature not valid"));
    let bad = server(200, fixture!("vip_reseller/refused.json"));
    assert!(vip(&bad.url).balance().await.is_err());
    assert!(vip(&nobody()).balance().await.is_err());
}

#[tokio::test]
async fn no_output_shows_the_keys() {
    let shown =
        format!("{:?} {:?} {:?}", vip(&nobody()), apigames(&nobody()), vip(&nobody()).balance().await);
    assert!(!shown.contains("hunter2"), "{shown}");
}
