//! What is wrong with an account id, in the buyer's words.

use vocabulary::{AccountError, Locale};

vocabulary::text_enum!(
    /// Which part of an account.
    pub enum AccountField {
        /// The player's id.
        UserId = "user_id",
        /// The zone or server.
        ServerId = "server_id",
    }
);

/// Why a text is no account of the game. Shown as text it is the English message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// No id was given.
    Empty,
    /// Far too long.
    TooLong,
    /// Characters that cannot be part of an id.
    Unreadable {
        /// Where.
        field: AccountField,
    },
    /// Something else than digits.
    NotDigits {
        /// Where.
        field: AccountField,
    },
    /// Digits with a space between, of which the first may be the whole.
    InPieces {
        /// Where.
        field: AccountField,
    },
    /// Too few or too many digits.
    WrongLength {
        /// Where.
        field: AccountField,
        /// The fewest digits.
        min: usize,
        /// The most digits.
        max: usize,
    },
    /// The game has zones, and none was given.
    ServerMissing,
    /// The game has no zones, and one was given.
    ServerNotUsed,
    /// The zone that was pasted with the id is not the one that was given apart.
    TwoServers,
    /// The id belongs to another server than the one given.
    OtherServer {
        /// The server that the id belongs to.
        expected: &'static str,
    },
    /// The account is on a server in China, which cannot be served.
    ChinaServer,
    /// No server has ids that begin like this.
    NoSuchServer,
    /// A Riot ID without its `#TAG`.
    TagMissing,
    /// The name of a Riot ID breaks Riot's rule.
    WrongName,
    /// The tag of a Riot ID breaks Riot's rule.
    WrongTag,
    /// A text that cannot be a Zepetto id.
    WrongZepettoId,
    /// A text that cannot be a Roblox name.
    WrongRobloxName,
}

impl AccountProblem {
    /// The part of the account that is wrong.
    pub fn field(&self) -> AccountField {
        match self {
            AccountProblem::Unreadable { field }
            | AccountProblem::NotDigits { field }
            | AccountProblem::InPieces { field }
            | AccountProblem::WrongLength { field, .. } => *field,
            AccountProblem::ServerMissing
            | AccountProblem::ServerNotUsed
            | AccountProblem::TwoServers
            | AccountProblem::OtherServer { .. } => AccountField::ServerId,
            AccountProblem::Empty
            | AccountProblem::TooLong
            | AccountProblem::ChinaServer
            | AccountProblem::NoSuchServer
            | AccountProblem::TagMissing
            | AccountProblem::WrongName
            | AccountProblem::WrongTag
            | AccountProblem::WrongZepettoId
            | AccountProblem::WrongRobloxName => AccountField::UserId,
        }
    }

    /// What is wrong and what to do, for the buyer.
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Indonesian => self.indonesian(),
            Locale::English => self.english(),
        }
    }

    fn indonesian(&self) -> String {
        match self {
            AccountProblem::Empty => "ID pemain belum diisi.".into(),
            AccountProblem::TooLong => "ID terlalu panjang. Salin ulang dari profil di dalam game.".into(),
            AccountProblem::Unreadable { field } => {
                format!("{} berisi karakter yang tidak bisa dibaca. Ketik ulang ID-nya.", name_id(*field))
            }
            AccountProblem::NotDigits { field } => format!("{} hanya boleh berisi angka.", name_id(*field)),
            AccountProblem::InPieces { field } => format!(
                "{} berisi spasi, jadi tidak jelas angka mana yang dimaksud. Ketik tanpa spasi.",
                name_id(*field)
            ),
            AccountProblem::WrongLength { field, min, max } => {
                format!(
                    "{} harus {} angka. Periksa lagi di profil game.",
                    name_id(*field),
                    range(*min, *max, "sampai")
                )
            }
            AccountProblem::ServerMissing => {
                "Zone ID belum diisi: angka di dalam kurung setelah User ID di profil game.".into()
            }
            AccountProblem::ServerNotUsed => {
                "Game ini tidak memakai server atau zone. Kosongkan kolom itu.".into()
            }
            AccountProblem::TwoServers => {
                "Zone ID yang ditempel bersama User ID berbeda dengan Zone ID yang diisi. Isi satu saja."
                    .into()
            }
            AccountProblem::OtherServer { expected } => {
                format!("UID ini milik server {}. Periksa UID atau servernya.", server_name(expected))
            }
            AccountProblem::ChinaServer => "Akun server Tiongkok tidak bisa diisi di sini.".into(),
            AccountProblem::NoSuchServer => {
                "Tidak ada server dengan awalan UID ini. Periksa lagi UID-nya.".into()
            }
            AccountProblem::TagMissing => "Tulis Riot ID lengkap dengan tag-nya, misalnya Nama#TAG.".into(),
            AccountProblem::WrongName => {
                "Nama Riot ID terdiri dari 3 sampai 16 huruf, angka atau spasi. Periksa bagian sebelum #."
                    .into()
            }
            AccountProblem::WrongTag => {
                "Tag Riot ID terdiri dari 3 sampai 5 huruf atau angka. Periksa bagian setelah #.".into()
            }
            AccountProblem::WrongZepettoId => {
                "Zepetto ID terdiri dari 3 sampai 20 huruf, angka, titik, garis atau garis bawah, tanpa spasi."
                    .into()
            }
            AccountProblem::WrongRobloxName => {
                "Username Roblox terdiri dari 3 sampai 20 huruf atau angka, paling banyak satu garis bawah di tengah."
                    .into()
            }
        }
    }

    fn english(&self) -> String {
        match self {
            AccountProblem::Empty => "The player id is missing.".into(),
            AccountProblem::TooLong => {
                "The id is too long. Copy it again from your profile in the game.".into()
            }
            AccountProblem::Unreadable { field } => {
                format!("The {} contains characters that cannot be read. Type it again.", name_en(*field))
            }
            AccountProblem::NotDigits { field } => {
                format!("The {} must consist of digits only.", name_en(*field))
            }
            AccountProblem::InPieces { field } => format!(
                "There is a space within the {}, and it is not clear which digits are meant. Type it without spaces.",
                name_en(*field)
            ),
            AccountProblem::WrongLength { field, min, max } => format!(
                "The {} must have {} digits. Check it in your profile in the game.",
                name_en(*field),
                range(*min, *max, "to")
            ),
            AccountProblem::ServerMissing => {
                "The zone id is missing: the digits in brackets after the user id in your profile.".into()
            }
            AccountProblem::ServerNotUsed => {
                "This game has no server or zone. Leave that field empty.".into()
            }
            AccountProblem::TwoServers => {
                "The zone pasted with the user id is not the zone given. Give only one of them.".into()
            }
            AccountProblem::OtherServer { expected } => {
                format!(
                    "This UID belongs to the {} server. Check the UID or the server.",
                    server_name(expected)
                )
            }
            AccountProblem::ChinaServer => {
                "Accounts on the servers in China cannot be topped up here.".into()
            }
            AccountProblem::NoSuchServer => "No server has UIDs that begin like this. Check the UID.".into(),
            AccountProblem::TagMissing => "Give the whole Riot ID with its tag, for example Name#TAG.".into(),
            AccountProblem::WrongName => {
                "The name of a Riot ID has 3 to 16 letters, digits or spaces. Check the part before #.".into()
            }
            AccountProblem::WrongTag => {
                "The tag of a Riot ID has 3 to 5 letters or digits. Check the part after #.".into()
            }
            AccountProblem::WrongZepettoId => {
                "A Zepetto id has 3 to 20 letters, digits, dots, dashes or underscores, and no spaces.".into()
            }
            AccountProblem::WrongRobloxName => {
                "A Roblox name has 3 to 20 letters or digits, with one underscore at most, in the middle."
                    .into()
            }
        }
    }
}

impl From<AccountError> for AccountProblem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Empty => AccountProblem::Empty,
            AccountError::TooLong => AccountProblem::TooLong,
            AccountError::Unreadable => AccountProblem::Unreadable { field: AccountField::UserId },
        }
    }
}

impl std::fmt::Display for AccountProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for AccountProblem {}

fn name_id(field: AccountField) -> &'static str {
    match field {
        AccountField::UserId => "ID pemain",
        AccountField::ServerId => "ID zone atau server",
    }
}

fn name_en(field: AccountField) -> &'static str {
    match field {
        AccountField::UserId => "player id",
        AccountField::ServerId => "zone or server id",
    }
}

fn range(min: usize, max: usize, to: &str) -> String {
    if min == max { min.to_string() } else { format!("{min} {to} {max}") }
}

fn server_name(server: &str) -> &'static str {
    match server {
        "os_usa" | "prod_official_usa" | "prod_gf_us" => "America",
        "os_euro" | "prod_official_eur" | "prod_gf_eu" => "Europe",
        "os_asia" | "prod_official_asia" | "prod_gf_jp" => "Asia",
        "os_cht" | "prod_official_cht" | "prod_gf_sg" => "TW/HK/MO",
        _ => "?",
    }
}
