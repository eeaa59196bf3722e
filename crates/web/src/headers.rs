//! Reading request headers and paths with care: once, visible text, of a bearable length.

use crate::{
    app::App,
    door::RequestId,
    problem::{Kind, Problem},
    socket::PeerAddress,
    words::words,
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Path},
    http::{HeaderMap, request::Parts},
};
use std::convert::Infallible;
use vocabulary::{IdempotencyKey, Locale};

/// Who reads the answer: their language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader(pub(crate) Locale);

/// Where the request came from: the other end of its connection, or whom a proxy names that the owner trusts.
#[derive(Clone, Debug)]
pub(crate) struct Peer(pub(crate) Option<String>);

/// The caller's `Idempotency-Key`.
pub(crate) struct Key(pub(crate) IdempotencyKey);

/// The one variable part of a path, as readable text.
pub(crate) struct Segment(pub(crate) String);

/// The only value of a header. Sent twice, it is ambiguous and refused.
pub(crate) fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        let name = name.to_owned();
        return Err(Problem::new(
            Kind::Malformed,
            words(
                format!("Header {name} dikirim lebih dari sekali."),
                format!("The header {name} was sent more than once."),
            ),
        ));
    }
    let readable = first.map(|value| value.to_str().map(str::trim)).transpose();
    readable.map_err(|_| {
        let name = name.to_owned();
        Problem::new(
            Kind::Malformed,
            words(
                format!("Header {name} berisi karakter yang tidak bisa dibaca."),
                format!("The header {name} cannot be read."),
            ),
        )
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Reader>().copied().unwrap_or(Reader(Locale::Indonesian)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<RequestId>().cloned().unwrap_or_default())
    }
}

impl FromRequestParts<App> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let connection = parts.extensions.get::<ConnectInfo<PeerAddress>>();
        let client = connection.map(|ConnectInfo(PeerAddress(address))| {
            app.settings.trusted_proxies.client(address.ip(), &parts.headers)
        });
        Ok(Peer(client.map(|address| address.to_string())))
    }
}

impl FromRequestParts<App> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let missing = || {
            Problem::new(
                Kind::IdempotencyKeyMissing,
                words(
                    "Kirim header Idempotency-Key dengan teks unik buatan Anda, agar permintaan yang terulang tidak dijalankan dua kali.",
                    "Send the header Idempotency-Key with a unique text of your own, so that a repeated request is not carried out twice.",
                ),
            )
        };
        let text = only(&parts.headers, "idempotency-key")?.filter(|t| !t.is_empty()).ok_or_else(missing)?;
        text.parse().map(Key).map_err(|_| {
            Problem::new(
                Kind::Malformed,
                words(
                    "Idempotency-Key harus 1 sampai 255 karakter ASCII tanpa spasi.",
                    "Idempotency-Key must be 1 to 255 visible ASCII characters.",
                ),
            )
        })
    }
}

impl FromRequestParts<App> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, app).await {
            Ok(Path(text)) => Ok(Segment(text)),
            Err(_) => Err(Problem::new(
                Kind::Malformed,
                words("Alamat ini berisi karakter yang tidak bisa dibaca.", "This address cannot be read."),
            )),
        }
    }
}
