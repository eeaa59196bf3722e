//! A body in several parts: the JSON and the files that it names (contracts/discord §1.5).

use serde_json::{Value, json};

/// A file that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, as `attachment://name` calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The content type and the bytes of a body: JSON alone, or JSON and files. Files that the JSON does not
/// list as attachments are listed, because an attachment that is not listed is dropped by an edit.
pub(super) fn body(json: &Value, files: &[File]) -> (String, Vec<u8>) {
    if files.is_empty() {
        return ("application/json".into(), json.to_string().into_bytes());
    }
    let mut json = json.clone();
    if let Some(fields) = json.as_object_mut()
        && !fields.contains_key("attachments")
    {
        let list = files.iter().enumerate();
        let list: Vec<_> = list.map(|(n, file)| json!({ "id": n, "filename": plain(&file.name) })).collect();
        fields.insert("attachments".into(), list.into());
    }
    let json = json.to_string().into_bytes();
    let boundary = boundary(&json, files);
    let mut whole = Vec::new();
    part(&mut whole, &boundary, "name=\"payload_json\"", "application/json", &json);
    for (n, file) in files.iter().enumerate() {
        let name = plain(&file.name);
        let kind = if name.to_ascii_lowercase().ends_with(".png") {
            "image/png"
        } else {
            "application/octet-stream"
        };
        part(&mut whole, &boundary, &format!("name=\"files[{n}]\"; filename=\"{name}\""), kind, &file.bytes);
    }
    whole.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), whole)
}

fn part(whole: &mut Vec<u8>, boundary: &str, disposition: &str, kind: &str, bytes: &[u8]) {
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    );
    whole.extend_from_slice(head.as_bytes());
    whole.extend_from_slice(bytes);
    whole.extend_from_slice(b"\r\n");
}

/// A line that occurs in none of the parts.
fn boundary(json: &[u8], files: &[File]) -> String {
    let mut number = 0_u64;
    loop {
        let boundary = format!("loket-{number:016x}");
        let occurs = |bytes: &[u8]| bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes());
        if !occurs(json) && !files.iter().any(|file| occurs(&file.bytes)) {
            return boundary;
        }
        number = number.wrapping_add(1);
    }
}

/// A name that needs no quoting in a header.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> File {
        File { name: name.into(), bytes: bytes.to_vec() }
    }

    #[test]
    fn without_files_the_body_is_the_json() {
        let (kind, bytes) = body(&json!({"content": "a"}), &[]);
        assert_eq!((kind.as_str(), bytes.as_slice()), ("application/json", br#"{"content":"a"}"#.as_slice()));
    }

    #[test]
    fn files_go_after_the_json_byte_for_byte_and_are_listed() {
        let files = [file("qris.png", b"\x89PNG\r\n\x1a\n\x00\xff"), file("a \"b\"\r\n.txt", b"")];
        let (kind, bytes) = body(&json!({"content": "a"}), &files);
        assert_eq!(kind, "multipart/form-data; boundary=loket-0000000000000000");
        let expected = [
            b"--loket-0000000000000000\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\r\n\r\n".as_slice(),
            br#"{"attachments":[{"filename":"qris.png","id":0},{"filename":"a__b___.txt","id":1}],"content":"a"}"#,
            b"\r\n--loket-0000000000000000\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"qris.png\"\r\nContent-Type: image/png\r\n\r\n",
            b"\x89PNG\r\n\x1a\n\x00\xff",
            b"\r\n--loket-0000000000000000\r\nContent-Disposition: form-data; name=\"files[1]\"; filename=\"a__b___.txt\"\r\nContent-Type: application/octet-stream\r\n\r\n",
            b"\r\n--loket-0000000000000000--\r\n",
        ]
        .concat();
        let sorted = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(sorted(&bytes), sorted(&expected));
        assert_eq!(bytes, expected);
    }

    #[test]
    fn attachments_that_are_listed_stay_as_they_are() {
        let listed = json!({"attachments": [{"id": 0, "filename": "qris.png", "description": "QR"}]});
        let (_, bytes) = body(&listed, &[file("qris.png", b"x")]);
        assert!(String::from_utf8(bytes).unwrap().contains(&listed.to_string()));
    }

    #[test]
    fn the_boundary_occurs_in_no_part() {
        let files = [file("a", b"--loket-0000000000000000--"), file("b", b"loket-0000000000000001")];
        let (kind, _) = body(&json!({}), &files);
        assert_eq!(kind, "multipart/form-data; boundary=loket-0000000000000002");
    }
}
