//! "Cek Username": the name of an account, bought like any product and told in `sn` (`contracts/suppliers.md` §1.7).

use super::script::{Script, ScriptOutcome};
use crate::{
    accounts::{self, Found, Game},
    settings::SupplierProduct,
};

/// How the purchase of a name goes; none for a product that is none.
pub(super) fn course(product: &SupplierProduct, customer_no: &str) -> Option<Script> {
    let name = product.name.to_lowercase();
    if !name.contains("cek username") {
        return None;
    }
    // Which separator a seller wants between id and zone differs; this one takes any.
    let digits: String = customer_no.chars().filter(char::is_ascii_digit).collect();
    let found = if name.contains("mobile legends") {
        accounts::look_up_joined(&digits)
    } else if name.contains("free fire") {
        accounts::look_up(Game::FreeFire, customer_no, "")
    } else if name.contains("pubg") {
        accounts::look_up(Game::PubgMobile, customer_no, "")
    } else {
        Found::Unavailable
    };
    Some(match found {
        Found::Account { nickname, .. } => {
            Script { sn: Some(nickname), ..Script::of(ScriptOutcome::Success, None) }
        }
        Found::Nobody => Script::of(ScriptOutcome::Fail, Some("54")),
        Found::Unavailable => Script::of(ScriptOutcome::Pending, Some("")),
    })
}
