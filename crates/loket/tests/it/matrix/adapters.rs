//! The adapters of the gateways, made to be asked what they declare. Nobody is called through them.

use outside::Http;
use payments::{
    Gateway, Refundable,
    gateways::{dana, midtrans, xendit},
};
use std::path::Path;
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
