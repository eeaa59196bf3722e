//! The commands as Discord is told of them: the body of `PUT /applications/{id}/commands`
//! (contracts/discord §1.4). Names in interactions are the default ones, whatever the reader sees.

use serde_json::{Value, json};

/// All commands.
pub fn definitions() -> Value {
    json!([
        command(
            ("price", "harga"),
            ("See what is for sale, and for how much", "Lihat yang dijual dan harganya"),
            &[game(false)],
        ),
        command(
            ("cek", "cek"),
            ("Check whether a game account exists", "Cek apakah akun game ada, dan siapa namanya"),
            &[game(true), user_id(true), server()],
        ),
        command(
            ("topup", "topup"),
            ("Buy a top-up", "Beli diamond, UC dan lainnya"),
            &[game(false), product(), user_id(false), server()],
        ),
        command(("saldo", "saldo"), ("Your store credit", "Saldo Anda di toko ini"), &[]),
        command(("history", "riwayat"), ("Your orders", "Pesanan Anda"), &[]),
        command(("help", "bantuan"), ("What this shop can do", "Yang bisa dilakukan toko ini"), &[]),
    ])
}

/// A name and a description each in English and Indonesian.
fn command((name, nama): (&str, &str), (words, kata): (&str, &str), options: &[Value]) -> Value {
    json!({
        "type": 1,
        "name": name,
        "name_localizations": localized(name, nama),
        "description": words,
        "description_localizations": localized(words, kata),
        "options": options,
        // In servers, in direct messages with the application, and in other private channels.
        "contexts": [0, 1, 2],
        // Installed to a server or to a user.
        "integration_types": [0, 1],
    })
}

/// The default language stands under its own key, too.
fn localized(english: &str, indonesian: &str) -> Value {
    json!({"en-US": english, "id": indonesian})
}

fn option(
    (name, nama): (&str, &str),
    (words, kata): (&str, &str),
    (required, autocomplete): (bool, bool),
) -> Value {
    json!({
        "type": 3,
        "name": name,
        "name_localizations": localized(name, nama),
        "description": words,
        "description_localizations": localized(words, kata),
        "required": required,
        "autocomplete": autocomplete,
        "max_length": 100,
    })
}

fn game(required: bool) -> Value {
    option(("game", "game"), ("The game", "Game-nya"), (required, true))
}

fn product() -> Value {
    option(("product", "produk"), ("What to buy of it", "Yang dibeli"), (false, true))
}

fn user_id(required: bool) -> Value {
    let words = ("The player's id, from the profile in the game", "ID pemain, dari profil di dalam game");
    option(("user_id", "user_id"), words, (required, false))
}

fn server() -> Value {
    let words = ("Zone or server, where the game has one", "Zone atau server, kalau game-nya memakainya");
    option(("server", "server"), words, (false, false))
}
