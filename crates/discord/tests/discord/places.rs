//! The same shop wherever it is asked, in both languages: in a server, in direct messages, and in channels of
//! people who installed it for themselves.

use crate::{
    envelope::{self, From, PLACES},
    scene::{Scene, button, has_button, select, text, values},
};
use serde_json::json;
use testkit::on_both_shops;
use vocabulary::Locale;

on_both_shops!(fn every_kind_of_question_is_answered_in_every_place_and_both_languages(db) {
    let scene = Scene::open(&db).await;
    for place in PLACES {
        for (locale, choose, copy, again) in [
            ("id", "Pilih untuk membeli", "Salin dari profil", "Isi lagi"),
            ("en-US", "Choose what to buy", "Copy it from your profile", "Try again"),
        ] {
            let from = || From { place, locale, ..scene.from() };
            let typing = envelope::autocomplete(from(), "topup", &[("game", "ML"), ("product", "172")]);
            let choices = scene.send(&typing).await;
            assert_eq!(choices["data"]["choices"][0]["value"], "ML_172", "{place:?} {choices}");

            let games = scene.send(&envelope::command(from(), "topup", &[])).await;
            let list = scene.send(&envelope::component(from(), &select(&games), Some("ML"))).await;
            assert!(list["type"] == 7 && list.to_string().contains(choose), "{place:?} {list}");
            let form = scene.send(&envelope::component(from(), &select(&list), Some("ML_86"))).await;
            let words = form["data"]["components"][0]["description"].as_str().unwrap();
            assert!(words.starts_with(copy), "{place:?} {form}");

            let id = form["data"]["custom_id"].as_str().unwrap();
            let wrong = [("user_id", "12"), ("server", "1")];
            let refused = scene.send(&envelope::modal(from(), id, &wrong)).await;
            let press = envelope::component(from(), &button(&refused, again), None);
            assert_eq!(scene.send(&press).await["type"], 9, "{place:?} {refused}");
            let right = [("user_id", "123456789"), ("server", "1234")];
            let deferred = scene.send(&envelope::modal(from(), id, &right)).await;
            assert_eq!(deferred, json!({"type": 5, "data": {"flags": 64}}), "{place:?}");
        }
    }
});

#[tokio::test]
async fn an_indonesian_buyer_reads_indonesian_from_the_list_to_the_end() {
    let scene = Scene::on_sqlite().await.in_indonesian();
    let says =
        |reply: &serde_json::Value, words: &str| assert!(text(reply).contains(words), "{words}: {reply}");
    let games = scene.command("topup", &[]).await;
    says(&games, "Pilih game");
    let form = scene.pick(&scene.pick(&games, "ML").await, "ML_86").await;
    scene.fill(&form, &[("user_id", "123456789"), ("server", "1234")]).await;
    let asked = scene.owed().await;
    says(&asked, "Benar ini akunnya?");
    says(&asked, "Nama pemain");
    assert_eq!(scene.press(&asked, "Ubah ID").await["type"], 9);
    let ways = scene.press(&asked, "Benar, pilih cara bayar").await;
    says(&ways, "Pesanan dibuat begitu cara bayar dipilih.");
    let card = scene.pick(&ways, "gopay_qr").await;
    says(&card, "Menyiapkan pembayaran");
    assert_eq!(scene.order().await.locale, Locale::Indonesian);
    let other = scene.press(&card, "Ganti metode").await;
    says(&other, "Ganti cara bayar");
    let changed = scene.pick(&other, "ovo_push").await;
    says(&changed, "Isi nomor OVO Anda");
    let sure = scene.press(&changed, "Batalkan").await;
    says(&sure, "Batalkan pesanan");
    assert!(has_button(&scene.press(&sure, "Kembali").await, "Cek status"));
    let done = scene.press(&sure, "Ya, batalkan").await;
    says(&done, "Pesanan dibatalkan");
    says(&scene.command("history", &[]).await, "Pesanan Anda");

    let left = scene.press(&scene.asked_about("123456789").await, "Batal").await;
    says(&left, "Tidak ada yang dipesan");
    let unchecked = scene.asked_about("100000503").await;
    says(&scene.press(&unchecked, "Cek lagi").await, "Akun tidak bisa dicek");
    let second = scene.press(&unchecked, "Lanjut tanpa cek").await;
    says(&second, "Yakin dengan ID ini?");
    let ways = scene.press(&second, "ID sudah benar, lanjut").await;
    assert!(values(&ways).contains(&"gopay_qr".to_owned()), "{ways}");
}

on_both_shops!(fn a_long_history_is_turned_page_by_page(db) {
    let scene = Scene::open(&db).await;
    for _ in 0..12 {
        let options = [("game", "FF"), ("product", "FF_70"), ("user_id", "123456789")];
        let told = scene.command("topup", &options).await;
        let second = scene.press(&told, "Go on unchecked").await;
        scene.pick(&scene.press(&second, "The id is right, go on").await, "gopay_qr").await;
        scene.shop().clock.advance(std::time::Duration::from_secs(61));
    }
    let newest = scene.command("history", &[]).await;
    assert!(!has_button(&newest, "« Newest"));
    let older = scene.press(&newest, "Older ›").await;
    assert!(!has_button(&older, "Older ›"));
    assert_eq!((values(&newest).len(), values(&older).len()), (10, 2));
    let mut placed: Vec<String> = scene.all("SELECT number FROM shop_order ORDER BY placed_at DESC").await;
    assert_eq!([values(&newest), values(&older)].concat(), placed);
    assert_eq!(values(&scene.press(&older, "« Newest").await), values(&newest));
    let oldest = placed.pop().unwrap();
    assert!(text(&scene.pick(&older, &oldest).await).contains(&oldest));
});
