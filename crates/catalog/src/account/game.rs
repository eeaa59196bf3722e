//! The games whose accounts the shop knows, by the code of their category. A category with another
//! code is not refused: its accounts are read by the generic rule.

use vocabulary::CategoryCode;

vocabulary::text_enum!(
    /// A game with a rule for its accounts. The word is the category's code.
    pub enum Game {
        /// Mobile Legends: Bang Bang.
        MobileLegends = "ML",
        /// Free Fire.
        FreeFire = "FF",
        /// Free Fire MAX: the same accounts as Free Fire.
        FreeFireMax = "FFMAX",
        /// PUBG Mobile.
        PubgMobile = "PUBG",
        /// Genshin Impact.
        Genshin = "GENSHIN",
        /// Honkai: Star Rail.
        StarRail = "HSR",
        /// Zenless Zone Zero.
        ZenlessZoneZero = "ZZZ",
        /// Honkai Impact 3rd.
        HonkaiImpact = "HI3",
        /// Valorant.
        Valorant = "VALORANT",
        /// Honor of Kings.
        HonorOfKings = "HOK",
        /// Call of Duty: Mobile (Garena).
        CallOfDutyMobile = "CODM",
        /// Arena of Valor.
        ArenaOfValor = "AOV",
        /// Point Blank (Zepetto).
        PointBlank = "PB",
        /// Magic Chess: Go Go.
        MagicChess = "MCGG",
        /// Roblox, bought for a user name.
        Roblox = "ROBLOX",
        /// Steam Wallet codes.
        SteamWallet = "STEAM",
        /// Google Play codes.
        GooglePlay = "GPLAY",
        /// Roblox gift codes.
        RobloxGift = "ROBLOX_GIFT",
        /// Garena shell codes.
        GarenaShell = "GARENA",
    }
);

impl Game {
    /// The game that a category is for; `None` when the shop knows no rule for its accounts.
    pub fn of(category: &CategoryCode) -> Option<Game> {
        category.as_str().parse().ok()
    }

    /// True when what is bought is a code, which belongs to no account.
    pub fn delivers_codes(self) -> bool {
        matches!(self, Game::SteamWallet | Game::GooglePlay | Game::RobloxGift | Game::GarenaShell)
    }
}
