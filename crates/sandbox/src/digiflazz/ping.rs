//! `POST /v1/report/hooks/{WEBHOOK-ID}/pings`: a webhook that is about no transaction, so that a shop
//! can see whether its end answers (`contracts/suppliers.md` §1.5). Which event such a webhook names
//! is not documented, so it names none.

use super::{Data, refused, webhook};
use crate::{
    deliveries::Webhook,
    exchange::Reply,
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::Serialize;
use vocabulary::Timestamp;

/// Characters of `sed`, as in the sample.
const SED_CHARS: usize = 9;

#[derive(Serialize)]
struct Ping<'a> {
    sed: String,
    hook_id: &'a str,
    hook: Hook<'a>,
}

#[derive(Serialize)]
struct Hook<'a> {
    url: &'a str,
    secret: &'a str,
    r#type: &'static str,
    status: u8,
}

/// The id of the webhook that a path asks to ping. There is one address in the "dashboard", and any
/// id is its id.
pub(super) fn hook_of(path: &str) -> Option<&str> {
    let id = path.strip_prefix("/v1/report/hooks/")?.strip_suffix("/pings")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (!id.is_empty() && id.len() <= 64 && id.bytes().all(plain)).then_some(id)
}

/// Sends the ping to the address in the "dashboard", and answers with it.
pub(super) async fn ping(
    world: &World,
    tx: &mut WriteTx,
    hook_id: &str,
    now: Timestamp,
) -> Result<Reply, Error> {
    let Some(url) = world.notify_url(Target::Digiflazz) else {
        return Ok(Reply::json(404, &Data { data: refused("40", "webhook belum diatur") }).plain_http());
    };
    let secret = &world.settings.digiflazz_account.webhook_secret;
    let hook = Hook { url: &url, secret, r#type: "json", status: 1 };
    let ping = Ping { sed: world.settings.ids.base32(SED_CHARS), hook_id, hook };
    let webhook = Webhook {
        target: Target::Digiflazz,
        reference: hook_id.to_owned(),
        event: "ping".into(),
        url: None,
        headers: Vec::new(),
        body: serde_json::to_string(&ping).unwrap_or_default(),
    };
    webhook::queue(world, tx, webhook, now).await?;
    Ok(Reply::json(200, &ping))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_a_ping_names_a_webhook() {
        assert_eq!(
            hook_of("/v1/report/hooks/5c9a8a1d1c9d440000000000/pings"),
            Some("5c9a8a1d1c9d440000000000")
        );
        for path in [
            "/v1/report/hooks//pings",
            "/v1/report/hooks/a/b/pings",
            "/v1/report/hooks/a%2F/pings",
            "/v1/report/hooks/a",
            "/v1/report/hooks/pings",
            "/v1/cek-saldo",
        ] {
            assert_eq!(hook_of(path), None, "{path}");
        }
    }
}
