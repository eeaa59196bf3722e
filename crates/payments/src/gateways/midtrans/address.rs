//! Where the gateway lives, and which of the addresses in its answers we are willing to open
//! (`contracts/payments.md` §1.1, §1.2).

/// The gateway's base address, without a slash at the end.
#[derive(Clone, Debug)]
pub(super) struct BaseUrl(String);

/// Scheme, host and port.
type Origin = (String, String);

impl BaseUrl {
    pub(super) fn new(url: &str) -> Self {
        BaseUrl(url.trim().trim_end_matches('/').to_owned())
    }

    /// The address of a path below the base.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// True for an address at the same scheme, host and port as the base.
    pub(super) fn is_home_of(&self, url: &str) -> bool {
        origin(url).is_some_and(|theirs| origin(&self.0) == Some(theirs))
    }

    /// True for an address that we are willing to open because an answer named it: the gateway's
    /// own, or any that proves its name by TLS.
    pub(super) fn trusts(&self, url: &str) -> bool {
        url.len() <= 2_048
            && (self.is_home_of(url) || origin(url).is_some_and(|(scheme, _)| scheme == "https"))
    }
}

/// Reads the origin of a plain `http(s)` address. Anything that two readers could read in two ways
/// (user info, backslashes, blanks, characters outside ASCII) has none.
fn origin(url: &str) -> Option<Origin> {
    if !url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next().filter(|a| !a.is_empty() && !a.contains('@'))?;
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.to_ascii_lowercase();
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority).to_owned();
    (!authority.is_empty()).then_some((scheme, authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateways_own_address_or_one_with_tls_is_opened() {
        let base = BaseUrl::new("http://127.0.0.1:8080/sandbox/midtrans/");
        assert_eq!(base.join("/v2/charge"), "http://127.0.0.1:8080/sandbox/midtrans/v2/charge");
        for (url, trusted) in [
            ("http://127.0.0.1:8080/v2/gopay/x/qr-code", true),
            ("HTTP://127.0.0.1:8080/v2/gopay/x/qr-code", true),
            ("https://merchants-app.midtrans.com/v4/qris/gopay/x/qr-code", true),
            ("http://127.0.0.1:8081/v2/gopay/x/qr-code", false),
            ("http://127.0.0.1/latest/meta-data", false),
            ("http://127.0.0.1:8080@evil.test/", false),
            ("https://user@evil.test/", false),
            ("http://127.0.0.1:8080\\@evil.test/", false),
            ("https:///nothing", false),
            ("file:///etc/passwd", false),
            ("gojek://gopay/merchanttransfer", false),
            ("https://evil.test/a b", false),
            ("https://évil.test/", false),
            ("", false),
        ] {
            assert_eq!(base.trusts(url), trusted, "{url}");
        }
    }

    #[test]
    fn a_default_port_makes_no_difference() {
        assert!(BaseUrl::new("https://api.midtrans.com").is_home_of("https://API.midtrans.com:443/v2/x"));
        assert!(!BaseUrl::new("https://api.midtrans.com").is_home_of("http://api.midtrans.com/v2/x"));
        assert!(!BaseUrl::new("not an address").is_home_of("not an address"));
    }
}
