//! Links that came from a gateway and are shown to people: only those that open a page or a wallet
//! app, never one that runs something.

/// Schemes of the wallets' own apps.
const APPS: [&str; 5] = ["gojek", "gopay", "gopayapp", "ovo", "dana"];
/// The longest link that is shown. What is longer is no link of a gateway's.
const LONGEST: usize = 4096;

/// The link when it leads to a page: `https`, in the sandbox `http` too.
pub(crate) fn page(link: Option<&str>, sandbox: bool) -> Option<&str> {
    link.filter(|link| scheme(link).is_some_and(|s| s == "https" || (sandbox && s == "http")))
}

/// The link when it opens a wallet app, by its own scheme or by a page that the app claims.
pub(crate) fn app(link: Option<&str>, sandbox: bool) -> Option<&str> {
    let own = link.filter(|link| scheme(link).is_some_and(|s| APPS.contains(&s.as_str())));
    own.or_else(|| page(link, sandbox))
}

/// The scheme of an absolute link in lower case; none for what a browser may read in another way.
fn scheme(link: &str) -> Option<String> {
    let plain = link.len() <= LONGEST && link.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let (scheme, rest) = link.split_once("://").filter(|_| plain)?;
    let named = !rest.is_empty() && !rest.starts_with(['/', '@']);
    (named && scheme.bytes().all(|b| b.is_ascii_alphabetic())).then(|| scheme.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_wallet_apps_are_linked() {
        for (link, is_page, is_app) in [
            ("https://pay.example/x?a=1", true, true),
            ("HTTPS://pay.example/x", true, true),
            ("gojek://gopay/merchanttransfer?tref=1", false, true),
            ("ovo://pay", false, true),
            ("dana://pay", false, true),
            ("http://pay.example/x", false, false),
            ("javascript:alert(1)", false, false),
            ("javascript://x%0aalert(1)", false, false),
            ("data:text/html,x", false, false),
            ("file:///etc/passwd", false, false),
            ("intent://x#Intent;end", false, false),
            ("//pay.example/x", false, false),
            ("https:pay.example", false, false),
            ("https:///pay.example", false, false),
            ("https://", false, false),
            (" https://pay.example", false, false),
            ("java\nscript://x", false, false),
            ("https://pay.example\\@evil.example", false, false),
            ("", false, false),
        ] {
            assert_eq!(page(Some(link), false).is_some(), is_page, "{link}");
            assert_eq!(app(Some(link), false).is_some(), is_app, "{link}");
        }
        assert!(page(Some("http://127.0.0.1:9/pay"), true).is_some(), "the simulators have no https");
        assert!(app(Some("http://127.0.0.1:9/pay"), true).is_some());
        assert_eq!(page(Some(&format!("https://{}", "x".repeat(5_000))), true), None);
        assert_eq!(app(None, true), None);
    }
}
