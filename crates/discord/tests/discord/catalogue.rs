//! The commands that only look: prices, accounts, help, credit; and what is proposed while typing.

use crate::{
    envelope::{self, BUYER, From, PLACES},
    scene::{Scene, button, has_button, text, values},
};
use testkit::on_both_shops;

on_both_shops!(fn every_command_answers_in_every_place_and_both_languages(db) {
    let scene = Scene::open(&db).await;
    for place in PLACES {
        for (locale, words) in [("id", "Pilih game"), ("en-GB", "Choose a game"), ("fr", "Pilih game")] {
            let from = || From { place, locale, ..scene.from() };
            for (name, options) in [
                ("price", vec![]),
                ("price", vec![("game", "ML")]),
                ("cek", vec![("game", "FF"), ("user_id", "123456789")]),
                ("topup", vec![]),
                ("topup", vec![("game", "ML"), ("product", "ML_86")]),
                ("saldo", vec![]),
                ("history", vec![]),
                ("help", vec![]),
                ("promo", vec![]),
            ] {
                let reply = scene.send(&envelope::command(from(), name, &options)).await;
                assert!([4, 9].contains(&reply["type"].as_u64().unwrap()), "{name} {reply}");
            }
            let reply = scene.send(&envelope::command(from(), "price", &[])).await;
            assert!(text(&reply).contains(words), "{reply}");
        }
    }
});

on_both_shops!(fn prices_are_those_of_the_catalog_and_lead_to_the_form(db) {
    let scene = Scene::open(&db).await;
    let games = scene.command("price", &[]).await;
    assert_eq!(values(&games), ["ML", "FF", "PUBG", "GENSHIN", "VALORANT"]);
    let list = scene.pick(&games, "ML").await;
    assert_eq!(list["type"], 7, "the reader's own message is changed in place");
    assert!(text(&list).contains("**86 Diamond** · Rp 20.000"), "{list}");
    let form = scene.pick(&list, "ML_86").await;
    assert_eq!(form["type"], 9);
    assert_eq!(form["data"]["components"].as_array().unwrap().len(), 2, "Mobile Legends has zones");
    let by_name = scene.command("price", &[("game", "free fire")]).await;
    assert!(text(&by_name).contains("Rp 10.000"), "{by_name}");
    let none = scene.command("price", &[("game", "VALORANT")]).await;
    assert!(text(&none).contains("Nothing can be bought"), "{none}");
    assert!(text(&scene.command("price", &[("game", "CHESS")]).await).contains("does not have that game"));
});

#[tokio::test]
async fn more_than_a_select_holds_is_shown_page_by_page() {
    let db = testkit::shop_sqlite().await;
    let mut file = String::from(
        "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
         supplier,supplier_sku,customer_template,description,active\n",
    );
    for n in 0..60 {
        let name = format!("*{n}* @everyone {}", "Sangat panjang ".repeat(5).trim());
        file.push_str(&format!(
            "FF,Free Fire,🔥,yes,FF_{n},{name},1000,1,5,1,digiflazz,s{n},{{user_id}},,yes\n"
        ));
        file.push_str(&format!("G{n},Game {n},🎮,yes,G{n}_1,x,1000,1,5,1,digiflazz,g{n},{{user_id}},,yes\n"));
    }
    let file = catalog::parse(file.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    let scene = Scene::with(&db, &file).await;
    let mut list = scene.command("price", &[("game", "FF")]).await;
    let mut seen = values(&list);
    while has_button(&list, "More ›") {
        list = scene.press(&list, "More ›").await;
        seen.extend(values(&list));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
    assert!(text(&list).contains("\\@everyone"), "{}", text(&list));
    let games = scene.command("topup", &[]).await;
    let next = scene.press(&games, "More ›").await;
    assert_eq!((values(&games).len(), values(&next).len()), (25, 25));
    assert!(has_button(&scene.press(&next, "‹ Back").await, "More ›"));
}

on_both_shops!(fn a_check_is_answered_at_once_when_nobody_has_to_be_asked(db) {
    let scene = Scene::open(&db).await;
    let cek = |options: &'static [(&'static str, &'static str)]| scene.command("cek", options);
    let wrong = cek(&[("game", "ML"), ("user_id", "12"), ("server", "1")]).await;
    assert!(wrong["type"] == 4 && text(&wrong).contains("digits"), "{wrong}");
    let unsourced = cek(&[("game", "FF"), ("user_id", "123456789")]).await;
    assert!(text(&unsourced).contains("cannot be checked automatically"), "{unsourced}");
    assert!(text(&cek(&[("game", "ML")]).await).contains("Give the game"));

    let asked = &[("game", "ML"), ("user_id", "123456789"), ("server", "1234")];
    assert_eq!(cek(asked).await, serde_json::json!({"type": 5, "data": {"flags": 64}}));
    let owed = scene.owed().await;
    assert!(text(&owed).contains(r"\*\*Kirana\*\* \<\@1\> https\://x"), "no markup of the name works: {owed}");
    assert!(text(&owed).contains(r"123456789 \(1234\)"), "{owed}");
    let again = cek(asked).await;
    assert_eq!(again["type"], 4, "what is remembered is answered at once");
    assert_eq!(text(&again), text(&owed));

    let rows: Vec<(String, String, i64)> = scene.all("SELECT courier, address, live_until FROM screen").await;
    let [(courier, address, until)] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((courier.as_str(), *until), ("discord", crate::scene::NOON.millis() + 870_000));
    assert!(!address.contains("aW50ZXJhY3Rpb24"), "the token is encrypted");
    let address = discord::Address::open(scene.shop(), address).unwrap();
    assert_eq!(address.application_id, envelope::APPLICATION);
    assert!(address.token.starts_with("aW50ZXJhY3Rpb24-"));
});

#[tokio::test]
async fn an_account_that_does_not_exist_and_one_that_nobody_knows_are_told_apart() {
    let scene = Scene::on_sqlite().await;
    for (id, words) in [("100000404", "There is no account"), ("100000503", "could not be checked right now")]
    {
        scene.command("cek", &[("game", "ML"), ("user_id", id), ("server", "1234")]).await;
        let owed = scene.owed().await;
        assert!(text(&owed).contains(words), "{owed}");
    }
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_so_and_nothing_about_the_account() {
    let scene = Scene::on_sqlite().await;
    let mut told = String::new();
    for n in 0..12 {
        let id = format!("10000000{n:02}");
        scene.command("cek", &[("game", "ML"), ("user_id", &id), ("server", "1234")]).await;
        told = text(&scene.owed().await);
    }
    assert!(told.contains("Too many accounts were checked"), "{told}");
}

#[tokio::test]
async fn what_is_typed_is_completed() {
    let scene = Scene::on_sqlite().await;
    let complete = async |name: &str, options: &[(&str, &str)]| {
        let reply = scene.send(&envelope::autocomplete(scene.from(), name, options)).await;
        let choices = reply["data"]["choices"].as_array().unwrap().clone();
        choices.iter().map(|c| c["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete("price", &[("game", "")]).await.len(), 5);
    assert_eq!(complete("price", &[("game", "lEgEn")]).await, ["ML"]);
    assert_eq!(complete("topup", &[("game", "ML"), ("product", "17")]).await, ["ML_172"]);
    assert_eq!(complete("topup", &[("product", "17")]).await, [""; 0]);
    assert_eq!(complete("topup", &[("game", "nothing"), ("product", "")]).await, [""; 0]);
    assert_eq!(complete("whatever", &[("else", "x")]).await, [""; 0]);
}

#[tokio::test]
async fn credit_is_shown_and_belongs_to_the_reader() {
    let scene = Scene::on_sqlite().await;
    scene.fund(12_345).await;
    assert!(text(&scene.command("saldo", &[]).await).contains("Rp 12.345"));
    let other = From { user: envelope::OTHER, ..scene.from() };
    assert!(text(&scene.send(&envelope::command(other, "saldo", &[])).await).contains("Rp 0"));
    assert_ne!(BUYER, envelope::OTHER);
}

#[tokio::test]
async fn what_a_public_message_offers_may_be_pressed_by_all_and_is_not_changed_for_all() {
    let scene = Scene::on_sqlite().await;
    let help = scene.command("help", &[]).await;
    let other = From { user: envelope::OTHER, ..scene.from() };
    let mut press = envelope::component(other, &button(&help, "See the games"), None);
    press["message"]["flags"] = serde_json::json!(32_768);
    assert_eq!(scene.send(&press).await["type"], 4);
}
