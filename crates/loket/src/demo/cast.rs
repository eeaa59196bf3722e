//! Who buys in the demo: each member's way into the shop, game account and way to pay.

use vocabulary::PaymentMethod;

/// How a member comes to a filled-in account.
pub(super) enum Start {
    /// `/topup`, then menus and the form.
    Topup { game: &'static str, product: &'static str },
    /// `/price` with a game, then the menu and the form.
    Price { game: &'static str, product: &'static str },
    /// `/topup` with everything in the command.
    Direct { game: &'static str, product: &'static str },
    /// `/cek` first, then the prices below the answer.
    Cek { game: &'static str, product: &'static str },
}

/// One purchase as it is planned.
pub(super) struct Journey {
    pub(super) told: &'static str,
    pub(super) member: &'static str,
    pub(super) locale: &'static str,
    pub(super) start: Start,
    pub(super) user_id: &'static str,
    pub(super) server: &'static str,
    pub(super) method: PaymentMethod,
    /// Whether the member takes direct messages from the shop.
    pub(super) dms_open: bool,
    /// Whether they write to the shop directly, instead of in its channel.
    pub(super) in_direct_messages: bool,
}

/// Once for each way to pay; between them, every way into the shop.
pub(super) const JOURNEYS: [Journey; 18] = [
    Journey {
        told: "Sari pays with GoPay, by scanning a QR code",
        member: "Sari",
        locale: "id",
        start: Start::Topup { game: "ML", product: "ML_86" },
        user_id: "1114917746",
        server: "13486",
        method: PaymentMethod::GopayQr,
        dms_open: true,
        in_direct_messages: false,
    },
    Journey {
        told: "Budi pays with GoPay, on the phone that he chats with",
        member: "Budi",
        locale: "en-US",
        start: Start::Price { game: "FF", product: "FF_70" },
        user_id: "2148907763",
        server: "",
        method: PaymentMethod::GopayLink,
        dms_open: true,
        in_direct_messages: false,
    },
    Journey {
        told: "Rina approves a request in the OVO app",
        member: "Rina",
        locale: "id",
        start: Start::Direct { game: "ML", product: "ML_172" },
        user_id: "520137702",
        server: "2114",
        method: PaymentMethod::OvoPush,
        dms_open: true,
        in_direct_messages: false,
    },
    Journey {
        told: "Agus checks his account first, and pays on OVO's page",
        member: "Agus",
        locale: "en-US",
        start: Start::Cek { game: "GENSHIN", product: "GI_60" },
        user_id: "800123456",
        server: "",
        method: PaymentMethod::OvoLink,
        dms_open: true,
        in_direct_messages: false,
    },
    Journey {
        told: "Dewi pays with DANA by QR code, and takes no direct messages",
        member: "Dewi",
        locale: "id",
        start: Start::Direct { game: "FF", product: "FF_140" },
        user_id: "3390117245",
        server: "",
        method: PaymentMethod::DanaQr,
        dms_open: false,
        in_direct_messages: false,
    },
    Journey {
        told: "Eko writes to the shop directly, and pays on DANA's page",
        member: "Eko",
        locale: "en-US",
        start: Start::Topup { game: "PUBG", product: "PUBG_60" },
        user_id: "5123456789",
        server: "",
        method: PaymentMethod::DanaLink,
        dms_open: true,
        in_direct_messages: true,
    },
    Journey {
        told: "Fitri pays by QRIS, which any wallet scans",
        ..short("Fitri", "id", ML_86, ("883401127", "3402"), PaymentMethod::Qris)
    },
    Journey {
        told: "Gilang transfers to a virtual account at BCA",
        ..short("Gilang", "en-US", FF_355, ("2219034471", ""), PaymentMethod::VaBca)
    },
    Journey {
        told: "Hana transfers to a virtual account at BNI",
        ..short("Hana", "id", ML_257, ("774400125", "5510"), PaymentMethod::VaBni)
    },
    Journey {
        told: "Indra transfers to a virtual account at BRI",
        ..short("Indra", "en-US", FF_355, ("1980045512", ""), PaymentMethod::VaBri)
    },
    Journey {
        told: "Joko transfers to a virtual account at Permata",
        ..short("Joko", "id", ML_257, ("665120948", "2208"), PaymentMethod::VaPermata)
    },
    Journey {
        told: "Mega transfers to a virtual account at Mandiri",
        ..short("Mega", "en-US", FF_355, ("3310077412", ""), PaymentMethod::VaMandiri)
    },
    Journey {
        told: "Nanda transfers to a virtual account at BSI",
        ..short("Nanda", "id", ML_257, ("559101873", "3318"), PaymentMethod::VaBsi)
    },
    Journey {
        told: "Oki transfers to a virtual account at CIMB Niaga",
        ..short("Oki", "en-US", FF_355, ("2875540019", ""), PaymentMethod::VaCimb)
    },
    Journey {
        told: "Putri transfers to a virtual account at BTPN",
        ..short("Putri", "id", ML_257, ("448830261", "6107"), PaymentMethod::VaBtpn)
    },
    Journey {
        told: "Rani transfers to a virtual account at Panin",
        ..short("Rani", "en-US", FF_355, ("1560092287", ""), PaymentMethod::VaPanin)
    },
    Journey {
        told: "Kartika pays in cash, at a till of Indomaret",
        ..short("Kartika", "en-US", ML_257, ("441002998", "2203"), PaymentMethod::CstoreIndomaret)
    },
    Journey {
        told: "Lestari pays in cash, at a till of Alfamart",
        ..short("Lestari", "id", ML_257, ("990017345", "9071"), PaymentMethod::CstoreAlfamart)
    },
];

/// At Rp 20.000: no transfer is paid out of what it leaves.
const ML_86: Start = Start::Direct { game: "ML", product: "ML_86" };
/// What leaves enough for a transfer (Rp 4.440), and for a till as well (Rp 5.550): at Rp 50.000 and 60.000.
const FF_355: Start = Start::Direct { game: "FF", product: "FF_355" };
const ML_257: Start = Start::Direct { game: "ML", product: "ML_257" };

/// Somebody who knows what they want, and types it into one command.
const fn short(
    member: &'static str,
    locale: &'static str,
    start: Start,
    (user_id, server): (&'static str, &'static str),
    method: PaymentMethod,
) -> Journey {
    let (dms_open, in_direct_messages) = (true, false);
    Journey { told: "", member, locale, start, user_id, server, method, dms_open, in_direct_messages }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_pay_is_shown_once() {
        let mut methods: Vec<PaymentMethod> = JOURNEYS.iter().map(|journey| journey.method).collect();
        methods.sort_unstable();
        let all: Vec<PaymentMethod> =
            PaymentMethod::ALL.iter().copied().filter(|method| *method != PaymentMethod::Wallet).collect();
        assert_eq!(methods, all);
        assert!(JOURNEYS.iter().all(|journey| !journey.told.is_empty()));
    }
}
