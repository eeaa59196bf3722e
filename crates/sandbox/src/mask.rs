//! Credentials in paths and forms, taken out before a request is written down. Parties that sign with a
//! constant would otherwise have it in their log: whoever reads one request could send any other.

/// Form fields and query parameters whose value is nobody's business.
const SECRET: [&str; 3] = ["key", "sign", "signature"];
const SHOWN: &str = "***";

/// A path whose query keeps no secret.
pub(crate) fn path(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let query = urlencoded(query.as_bytes());
    format!("{path}?{}", String::from_utf8_lossy(&query))
}

/// A body that keeps no secret, if it is a form; any other stays as it is.
pub(crate) fn body(content_type: Option<&str>, body: &[u8]) -> Vec<u8> {
    let content_type = content_type.unwrap_or_default().trim_start().to_ascii_lowercase();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        urlencoded(body)
    } else if content_type.starts_with("multipart/form-data") {
        multipart(body)
    } else {
        body.to_vec()
    }
}

fn urlencoded(text: &[u8]) -> Vec<u8> {
    let fields: Vec<Vec<u8>> = text.split(|byte| *byte == b'&').map(field).collect();
    fields.join(&b'&')
}

fn field(field: &[u8]) -> Vec<u8> {
    let name = form_urlencoded::parse(field).next().map(|(name, _)| name);
    match (name, field.iter().position(|byte| *byte == b'=')) {
        (Some(name), Some(_)) if SECRET.contains(&name.as_ref()) => format!("{name}={SHOWN}").into_bytes(),
        _ => field.to_vec(),
    }
}

/// Goes by lines, so that it works for what is no proper multipart body, too.
fn multipart(body: &[u8]) -> Vec<u8> {
    let (mut kept, mut secret_part, mut in_value) = (Vec::with_capacity(body.len()), false, false);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line).to_ascii_lowercase();
        if in_value && !text.starts_with("--") {
            continue;
        }
        if text.starts_with("--") {
            (secret_part, in_value) = (false, false);
        } else if text.starts_with("content-disposition:") && names_secret(&text) {
            secret_part = true;
        }
        kept.extend_from_slice(line);
        if secret_part && text.trim().is_empty() {
            in_value = true;
            kept.extend_from_slice(format!("{SHOWN}\r\n").as_bytes());
        }
    }
    kept
}

fn names_secret(header: &str) -> bool {
    header.split(';').any(|part| {
        let name = part.trim().strip_prefix("name=");
        name.is_some_and(|name| SECRET.contains(&name.trim().trim_matches('"')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(content_type: &str, text: &str) -> String {
        String::from_utf8(body(Some(content_type), text.as_bytes())).unwrap()
    }

    #[test]
    fn a_form_keeps_all_but_its_secrets() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(
            masked(form, "key=abc&sign=d%26e&type=get-nickname&k%65y=x&keys=1&sign&=&&target=%C3%A9"),
            "key=***&sign=***&type=get-nickname&key=***&keys=1&sign&=&&target=%C3%A9"
        );
        assert_eq!(masked("text/plain", "key=abc"), "key=abc");
        assert_eq!(masked("application/json", r#"{"sign":"x"}"#), r#"{"sign":"x"}"#);
        assert_eq!(body(None, b"\xff\x00key=abc"), b"\xff\x00key=abc");
    }

    #[test]
    fn a_query_keeps_all_but_its_signature() {
        assert_eq!(
            path("/merchant/loket?signature=abc&user_id=1"),
            "/merchant/loket?signature=***&user_id=1"
        );
        assert_eq!(path("/merchant/loket"), "/merchant/loket");
        assert_eq!(path("/a?"), "/a?");
    }

    #[test]
    fn a_multipart_body_keeps_all_but_its_secrets() {
        let kind = "multipart/form-data; boundary=x";
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let text =
            format!("{}{}{}--x--\r\n", part("key", "abc\r\ndef"), part("target", "1"), part("Sign", "s"));
        let shown = format!("{}{}{}--x--\r\n", part("key", "***"), part("target", "1"), part("Sign", "***"));
        assert_eq!(masked(kind, &text), shown);
        let broken = "--x\nContent-Disposition: form-data; name=key\n\nabc";
        assert!(!masked(kind, broken).contains("abc"));
    }
}
