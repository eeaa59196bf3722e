//! Where a gateway lives, and which of the addresses in its answers we are willing to open
//! (`contracts/payments.md` §1.1, §1.2, §2.1).

/// A gateway's base address, without a slash at the end.
#[derive(Clone, Debug)]
pub(super) struct BaseUrl(String);

/// Characters of an address of theirs that is used at all.
const LONGEST_URL: usize = 2_048;
/// What the links of the GoPay app begin with (§1.3).
const APP: &str = "gojek://";

/// True for a link that opens the wallet's app, or a page that does. Anything else that a browser
/// would follow (`javascript:`) is none.
pub(super) fn opens_app(link: &str) -> bool {
    let of_app = || {
        let begins = link.get(..APP.len()).is_some_and(|start| start.eq_ignore_ascii_case(APP));
        begins && link.bytes().all(|b| b.is_ascii_graphic())
    };
    link.len() <= LONGEST_URL && (origin(link).is_some() || of_app())
}

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

    /// True for a page of theirs that a buyer's browser is sent to: one that proves its name by TLS,
    /// or any when the gateway itself is spoken to without.
    pub(super) fn may_show(&self, url: &str) -> bool {
        let plain = origin(&self.0).is_some_and(|(scheme, _)| scheme == "http");
        url.len() <= LONGEST_URL && origin(url).is_some_and(|(scheme, _)| plain || scheme == "https")
    }

    /// True for an address that we are willing to open because an answer named it: the gateway's
    /// own, or any that proves its name by TLS.
    pub(super) fn trusts(&self, url: &str) -> bool {
        url.len() <= LONGEST_URL
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
    fn a_browser_is_sent_to_pages_with_tls_unless_the_gateway_has_none() {
        let (real, simulated) =
            (BaseUrl::new("https://app.midtrans.com/snap/v1"), BaseUrl::new("http://127.0.0.1:8080/snap/v1"));
        for (url, by_tls, plain) in [
            ("https://app.midtrans.com/snap/v4/redirection/x", true, true),
            ("https://elsewhere.example/x", true, true),
            ("http://127.0.0.1:8080/snap/x", false, true),
            ("javascript:alert(1)", false, false),
            ("gojek://gopay/x", false, false),
            ("//evil.test/x", false, false),
            ("https://app.midtrans.com@evil.test/", false, false),
            ("https://app.midtrans.com/a b", false, false),
            ("", false, false),
        ] {
            assert_eq!((real.may_show(url), simulated.may_show(url)), (by_tls, plain), "{url}");
        }
        assert!(!real.may_show(&format!("https://app.midtrans.com/{}", "x".repeat(2_048))));
        assert!(!BaseUrl::new("no address").may_show("http://127.0.0.1/x"));
    }

    #[test]
    fn a_link_opens_an_app_or_a_page_and_runs_nothing() {
        for (link, good) in [
            ("gojek://gopay/merchanttransfer?tref=1&callback_url=someapps://callback?order_id=2", true),
            ("GOJEK://gopay/x", true),
            ("https://gopay.example/x", true),
            ("http://127.0.0.1:8080/x", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("intent://x", false),
            ("gojek:/x", false),
            ("gojek://a b", false),
            ("gojek://\u{e9}", false),
            ("https://user@evil.test/", false),
            ("", false),
        ] {
            assert_eq!(opens_app(link), good, "{link}");
        }
        assert!(!opens_app(&format!("gojek://{}", "x".repeat(2_048))));
    }

    #[test]
    fn a_default_port_makes_no_difference() {
        assert!(BaseUrl::new("https://api.midtrans.com").is_home_of("https://API.midtrans.com:443/v2/x"));
        assert!(!BaseUrl::new("https://api.midtrans.com").is_home_of("http://api.midtrans.com/v2/x"));
        assert!(!BaseUrl::new("not an address").is_home_of("not an address"));
    }
}
