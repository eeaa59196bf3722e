//! The card of an order in every state that a buyer can see it in, in both languages, as the simulated client
//! paints it. With `LOKET_TEST_PICTURES` naming a folder, each page is kept there to be looked at
//! (`scripts/card-pictures`).

use super::client::{ACCOUNT, Shown, click, order_number};
use crate::harness::{Rows, World};
use orders::OrderState;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Where the pages are kept, when somebody wants to look at them.
const PICTURES: &str = "LOKET_TEST_PICTURES";
const PHONE: &str = "081234567890";

/// Longer than the time for paying.
const PAYING_IS_OVER: u64 = 16 * 60;

/// A text in Indonesian and English.
type Words = (&'static str, &'static str);

/// Somebody who goes through every state, in one language.
struct Tour {
    world: World,
    locale: &'static str,
    painted: usize,
    states: BTreeSet<String>,
    members: u64,
}

impl Tour {
    async fn begin(locale: &'static str) -> Tour {
        let world = World::on_discord(Rows::Sqlite).await;
        Tour { world, locale, painted: 0, states: BTreeSet::new(), members: 0 }
    }

    fn word(&self, words: Words) -> &'static str {
        if self.locale == "id" { words.0 } else { words.1 }
    }

    /// Somebody new, whom no risk rule knows.
    async fn member(&mut self) -> String {
        self.members += 1;
        let id = (1_290_000_000_000_001_000 + self.members).to_string();
        let user = json!({"id": id, "username": "sari", "global_name": "Sari", "locale": self.locale});
        let (status, answer) = self.world.simulate("discord/users", user).await;
        assert_eq!(status, 200, "{answer}");
        id
    }

    /// The page of a message as its reader sees it says this, and is kept for whoever wants to look.
    async fn paint(&mut self, name: &str, (user, message): (&str, &Value), says: Words) {
        let query = format!("user_id={user}&message_id={}", message["id"].as_str().unwrap());
        self.page(name, &query, says).await;
    }

    async fn page(&mut self, name: &str, query: &str, says: Words) {
        let url = format!("{}/sandbox/discord/screen?{query}", self.world.simulators.base());
        let answer = self.world.http.get(url).send().await.unwrap();
        let (status, page) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{page}");
        let says = self.word(says);
        assert!(page.contains(says), "{name}: *{says}* is not on {page}");
        self.painted += 1;
        if let Some(folder) = std::env::var_os(PICTURES) {
            let file = format!("{:02}-{name}-{}.html", self.painted, &self.locale[..2]);
            std::fs::write(std::path::Path::new(&folder).join(file), page).unwrap();
        }
    }

    /// The card of an order as it is in this state, once it says this.
    async fn card(&mut self, name: &str, user: &str, number: &str, (state, says): (&str, Words)) -> Shown {
        let words = self.word(says);
        let shown = self.world.until_card(user, number, words).await;
        self.world.until_state(number, state).await;
        self.states.insert(state.to_owned());
        self.paint(name, (user, &shown.0["message"]), says).await;
        shown
    }

    /// Up to the choice of how to pay.
    async fn ways(&self, user: &str, product: &str) -> Value {
        let options = [[("game", "ML"), ("product", product)], ACCOUNT].concat();
        let asked = self.world.types(user, "topup", &options).await;
        self.world.press(user, &asked, self.word(("Benar, pilih cara bayar", "Yes, choose how to pay"))).await
    }

    async fn order(&self, user: &str, method: &str) -> String {
        let ways = self.ways(user, "ML_86").await;
        let card = self.world.pick(user, &ways, method).await;
        order_number(&card["message"])
    }

    /// An order that is paid, with a supplier that follows this script.
    async fn paid(&self, user: &str, script: Value) -> String {
        let mut supplier = json!({"target": "digiflazz", "customer_no": "next"});
        supplier.as_object_mut().unwrap().extend(script.as_object().unwrap().clone());
        let (status, answer) = self.world.simulate("supplier", supplier).await;
        assert_eq!(status, 200, "{answer}");
        let number = self.order(user, "gopay_qr").await;
        self.world.until_card(user, &number, self.word(SCAN)).await;
        self.world.paid(&number).await;
        number
    }
}

const SCAN: Words = ("Pindai untuk membayar", "Scan to pay");
const EXPIRED: Words = ("Waktu membayar sudah habis", "The time for paying is over");

async fn every_state(locale: &'static str) {
    let mut tour = Tour::begin(locale).await;
    before_the_order(&mut tour).await;
    while_it_is_to_be_paid(&mut tour).await;
    with_the_supplier(&mut tour).await;
    without_a_delivery(&mut tour).await;
    held_by_the_risk_rules(&mut tour).await;
    // `paid`, `failed` and `refunding` are over in a moment: their words are those of the state after them.
    let passing = ["paid", "failed", "refunding"];
    let all: BTreeSet<String> = OrderState::ALL
        .iter()
        .map(|s| s.as_str().to_owned())
        .filter(|s| !passing.contains(&s.as_str()))
        .collect();
    assert_eq!(tour.states, all);
    tour.world.assert_well_ended(&format!("every-state-{}", &locale[..2])).await;
}

async fn before_the_order(tour: &mut Tour) {
    let user = tour.member().await;
    let world = &tour.world;
    let games = world.types(&user, "topup", &[]).await;
    let products = world.pick(&user, &games, "ML").await;
    let form = world.pick(&user, &products, "ML_86").await;
    let asked = world.fill(&user, &form, &ACCOUNT).await;
    let unknown = world
        .fill(
            &user,
            &world.pick(&user, &products, "ML_172").await,
            &[("user_id", "100000404"), ("server", "1234")],
        )
        .await;
    let unchecked = world
        .types(
            &user,
            "topup",
            &[("game", "ML"), ("product", "ML_86"), ("user_id", "100000503"), ("server", "1234")],
        )
        .await;
    let insist = world.press(&user, &unchecked, tour.word(("Lanjut tanpa cek", "Go on unchecked"))).await;
    let ways =
        world.press(&user, &asked, tour.word(("Benar, pilih cara bayar", "Yes, choose how to pay"))).await;
    let interaction = form["interaction"]["id"].as_str().unwrap();
    let query = format!("user_id={user}&interaction_id={interaction}&limit=1");
    tour.page("form", &query, ("Salin dari profil", "Copy it from your profile")).await;
    tour.paint("not-there", (&user, &unknown["message"]), ("Akun tidak cocok", "Not the right account"))
        .await;
    tour.paint("insist", (&user, &insist["message"]), ("Yakin dengan ID ini?", "Are you sure of this id?"))
        .await;
    tour.paint("ways", (&user, &ways["message"]), ("Pilih cara bayar", "Choose how to pay")).await;
}

async fn while_it_is_to_be_paid(tour: &mut Tour) {
    let user = tour.member().await;
    let number = tour.order(&user, "gopay_qr").await;
    let pictured = |shown: &Shown| shown.says(&number) && shown.picture().is_some();
    tour.world.until_seen(&user, "the QR code", pictured).await;
    let card = tour.card("scan", &user, &number, ("awaiting_payment", SCAN)).await;
    let other = tour
        .world
        .act(&user, click(&card.0["message"], tour.word(("Ganti metode", "Pay in another way"))))
        .await;
    tour.paint("other-ways", (&user, &other["message"]), ("Ganti cara bayar", "Pay in another way")).await;
    tour.world.pick(&user, &other, "gopay_link").await;
    tour.card("link", &user, &number, ("awaiting_payment", ("Siap dibayar", "Ready to pay"))).await;
    let (status, answer) = tour.world.pay(&number, "deny").await;
    assert_eq!(status, 200, "{answer}");
    let card = tour
        .card(
            "denied",
            &user,
            &number,
            ("awaiting_payment", ("Pembayaran ditolak", "The payment was declined")),
        )
        .await;
    let other = tour
        .world
        .act(&user, click(&card.0["message"], tour.word(("Ganti metode", "Pay in another way"))))
        .await;
    tour.world.pick(&user, &other, "ovo_push").await;
    let says = ("Isi nomor OVO Anda", "Enter your OVO number");
    let card = tour.card("ovo-number", &user, &number, ("awaiting_payment", says)).await;
    let page = card.text();
    let from = page.find("/pay/").unwrap();
    let path = page[from..].split('"').next().unwrap();
    let form = tour.world.http.post(tour.world.url(&format!("{path}/phone")));
    let form = form.header("Content-Type", "application/x-www-form-urlencoded");
    let answer = form.body(format!("use=phone&phone={PHONE}")).send().await.unwrap();
    assert!(answer.status().as_u16() < 400, "{}", answer.status());
    let says = ("Setujui di aplikasi OVO", "Approve it in the OVO app");
    let card = tour.card("ovo-push", &user, &number, ("awaiting_payment", says)).await;
    let question = tour.world.act(&user, click(&card.0["message"], tour.word(("Batalkan", "Cancel")))).await;
    tour.paint("cancel-question", (&user, &question["message"]), ("Ya, batalkan", "Yes, cancel it")).await;
    tour.world.press(&user, &question, tour.word(("Ya, batalkan", "Yes, cancel it"))).await;
    let says = ("Pesanan dibatalkan", "The order was cancelled");
    tour.card("cancelled", &user, &number, ("cancelled", says)).await;
}

async fn with_the_supplier(tour: &mut Tour) {
    let user = tour.member().await;
    let script = json!({"outcome": "pending_then_success", "then_after_ms": 3_600_000});
    let number = tour.paid(&user, script).await;
    let says = ("Pembayaran diterima, sedang diproses", "Paid, being delivered");
    tour.card("being-delivered", &user, &number, ("fulfilling", says)).await;
    let user = tour.member().await;
    let number = tour.paid(&user, json!({"outcome": "success"})).await;
    tour.card("delivered", &user, &number, ("delivered", ("Terkirim", "Delivered"))).await;
    let receipt = tour.world.until_receipt(&user, &number, tour.word(("Terkirim", "Delivered"))).await;
    tour.paint("receipt", (&user, &receipt.0["message"]), ("Nomor seri", "Serial number")).await;
}

async fn without_a_delivery(tour: &mut Tour) {
    let user = tour.member().await;
    let number = tour.paid(&user, json!({"outcome": "fail"})).await;
    let says = ("Uang sudah kembali ke saldo", "Refunded to your store credit");
    tour.card("refunded", &user, &number, ("refunded", says)).await;

    tour.world.fault("midtrans", "impose_fee", json!({})).await;
    let user = tour.member().await;
    let number = tour.order(&user, "gopay_qr").await;
    tour.world.until_card(&user, &number, tour.word(SCAN)).await;
    tour.world.paid(&number).await;
    let says = ("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe");
    tour.card("needs-attention", &user, &number, ("needs_attention", says)).await;

    let user = tour.member().await;
    let number = tour.order(&user, "gopay_qr").await;
    let card = tour.world.until_card(&user, &number, tour.word(SCAN)).await;
    tour.world.advance(PAYING_IS_OVER).await.unwrap();
    tour.world.until_state(&number, "expired").await;
    let press = click(&card.0["message"], tour.word(("Cek status", "Check status")));
    tour.world.act(&user, press).await;
    tour.card("expired", &user, &number, ("expired", EXPIRED)).await;
}

/// Points of the risk rules: 30 from the sixth order within a minute, 20 from the eleventh of a day, 25 for a
/// large amount.
async fn held_by_the_risk_rules(tour: &mut Tour) {
    let user = tour.member().await;
    for _ in 0..5 {
        tour.order(&user, "gopay_link").await;
    }
    let number = tour.order(&user, "gopay_link").await;
    let says = ("Menunggu verifikasi", "Waiting for verification");
    tour.card("verification", &user, &number, ("awaiting_verification", says)).await;
    for _ in 0..4 {
        tour.order(&user, "gopay_link").await;
    }
    let number = tour.order(&user, "gopay_link").await;
    let says = ("Sedang ditinjau petugas", "Being reviewed");
    tour.card("review", &user, &number, ("in_review", says)).await;
    tour.world.change_catalog(",20000,", ",1200000,").await;
    let number = tour.order(&user, "gopay_link").await;
    let says = ("Pesanan tidak bisa diproses", "This order cannot be processed");
    tour.card("blocked", &user, &number, ("blocked", says)).await;
}

#[tokio::test]
async fn every_state_of_an_order_has_a_card_in_indonesian() {
    every_state("id").await;
}

#[tokio::test]
async fn every_state_of_an_order_has_a_card_in_english() {
    every_state("en-US").await;
}
