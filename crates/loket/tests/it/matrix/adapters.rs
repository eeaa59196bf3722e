//! The adapters of the gateways, made to be asked what they declare. Nobody is called through them.

use outside::Http;
use payments::{
    Gateway, Refundable,
    gateways::{dana, midtrans, xendit},
};
use std::{collections::BTreeSet, path::Path};
use vocabulary::{Clock, Ids, PaymentMethod, Secret};

const NOWHERE: &str = "http://127.0.0.1:1";

/// A gateway, by what its adapter says of itself.
pub(super) struct Declared {
    pub(super) gateway: &'static str,
    /// The ways to pay that it takes.
    pub(super) takes: Vec<String>,
    /// Those of them by which what was paid can go back.
    pub(super) gives_back: Vec<String>,
}

impl Declared {
    fn of(adapter: &dyn Gateway) -> Declared {
        let methods = adapter.methods().iter();
        let goes_back = |method: &&PaymentMethod| adapter.terms(**method).refund != Refundable::Never;
        Declared {
            gateway: adapter.name(),
            takes: methods.clone().map(PaymentMethod::to_string).collect(),
            gives_back: methods.filter(goes_back).map(PaymentMethod::to_string).collect(),
        }
    }
}

/// Every gateway, connected to all that it has (with Snap, Midtrans). The simulators have made the keys.
pub(super) fn declared(simulators: &Path) -> Vec<Declared> {
    let http = Http::new().unwrap();
    let key = |file: &str| std::fs::read_to_string(simulators.join("sandbox").join(file)).unwrap();
    let midtrans = midtrans::Settings {
        base_url: NOWHERE.into(),
        snap_url: Some(NOWHERE.into()),
        server_key: Secret::new("key"),
        previous_server_key: None,
        previous_until: None,
    };
    let dana = dana::Settings {
        base_url: NOWHERE.into(),
        origin: NOWHERE.into(),
        partner_id: "partner".into(),
        merchant_id: "merchant".into(),
        store_id: "store".into(),
        private_key: Secret::new(key("dana-merchant.key.pem")),
        previous_private_key: None,
        gateway_public_key: key("dana-gateway.pub.pem"),
        previous_gateway_public_key: None,
        previous_until: None,
    };
    let xendit = xendit::Settings {
        base_url: NOWHERE.into(),
        secret_key: Secret::new("key"),
        previous_secret_key: None,
        callback_token: Secret::new("token"),
        previous_callback_token: None,
        previous_until: None,
    };
    let dana = dana::Dana::new(http.clone(), dana, Clock::system(), Ids::seeded(1)).unwrap();
    vec![
        Declared::of(&midtrans::Midtrans::new(http.clone(), midtrans)),
        Declared::of(&dana),
        Declared::of(&xendit::Xendit::new(http, xendit)),
    ]
}

/// The names of the parties that the program registers in this folder of its source. It is a program and no library, so
/// its lines are read as text.
pub(super) fn registered(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let lines = read("mod.rs");
    let all = lines.split("const ALL: &[Registration] =").nth(1).and_then(|rest| rest.split(';').next());
    let all = all.unwrap().trim().trim_start_matches("&[").trim_end_matches(']');
    let modules = all.split(',').map(str::trim).filter(|line| !line.is_empty());
    let name = |line: &str| {
        let module =
            line.strip_suffix("::REGISTRATION").unwrap_or_else(|| panic!("a line that is new: {line}"));
        let file = read(&format!("{module}.rs"));
        let registration = file.split("const REGISTRATION: Registration").nth(1).unwrap();
        let name = registration.split("name: \"").nth(1).and_then(|rest| rest.split('"').next());
        name.unwrap().to_owned()
    };
    modules.map(name).collect()
}
