//! The supplier: whether it takes our key, and what is left of our deposit there.

use super::Check;
use crate::{config::Config, wiring};
use outside::Http;

pub(crate) async fn digiflazz(config: &Config, http: &Http) -> Check {
    const WHAT: &str = "digiflazz";
    let Some(base_url) = config.digiflazz.base_url.clone() else {
        return Check::inside(WHAT, config, "LOKET_DIGIFLAZZ__BASE_URL");
    };
    match wiring::digiflazz(config, http.clone(), base_url.clone(), None).balance().await {
        Ok(balance) if balance.is_positive() => {
            Check::fine(WHAT, format!("{base_url} takes our key; deposit {balance}"))
        }
        Ok(balance) => Check::note(
            WHAT,
            format!("{base_url} takes our key; deposit {balance}: nothing can be bought"),
            "fill the deposit in the member area",
        ),
        Err(error) => Check::wrong(
            WHAT,
            format!("{base_url}: {error}"),
            "check LOKET_DIGIFLAZZ__USERNAME and __API_KEY, and that this machine's address is on the list (member area: Atur Koneksi, API)",
        ),
    }
}
