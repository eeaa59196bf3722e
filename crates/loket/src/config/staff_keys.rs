//! Who of the staff may use the HTTP interface: names, each with a key.

use super::read::Values;
use anyhow::{Result, anyhow, ensure};
use vocabulary::Secret;

const KEYS: &str = "api.staff_keys";
/// A shorter key can be guessed.
const LEAST: usize = 24;

/// `rina:KEY, budi:KEY`. What is wrong is told without the keys.
pub(super) fn read(values: &Values) -> Result<Vec<(String, Secret)>> {
    let Some(text) = values.get(KEYS) else { return Ok(Vec::new()) };
    let mut found: Vec<(String, Secret)> = Vec::new();
    for (nth, entry) in (1..).zip(text.split(',').map(str::trim).filter(|entry| !entry.is_empty())) {
        let (name, key) = entry
            .split_once(':')
            .map(|(name, key)| (name.trim(), key.trim()))
            .filter(|(name, _)| is_name(name))
            .ok_or_else(|| {
                anyhow!(
                    "`{KEYS}`: entry {nth} is not NAME:KEY, with a name of letters, digits, `.`, `-` and `_`"
                )
            })?;
        ensure!(
            key.len() >= LEAST,
            "`{KEYS}`: the key of {name} is shorter than {LEAST} characters, which can be guessed"
        );
        let taken =
            found.iter().any(|(other, secret)| other.eq_ignore_ascii_case(name) || secret.expose() == key);
        ensure!(
            !taken,
            "`{KEYS}`: {name} is there twice, or has the key of another: two people need two names and two keys"
        );
        found.push((name.to_owned(), Secret::new(key)));
    }
    Ok(found)
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    #[test]
    fn each_of_the_staff_has_a_name_and_a_key_that_nobody_else_has() {
        let (one, other) = ("a".repeat(LEAST), "b".repeat(LEAST));
        let read = |text: &str| load(&[("LOKET_API__STAFF_KEYS", text)]).map(|config| config.staff_keys);
        let two = read(&format!("rina:{one}, budi: {other},")).unwrap();
        let names: Vec<&str> = two.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, two[1].1.expose()), (vec!["rina", "budi"], other.as_str()));
        assert!(load(&[]).unwrap().staff_keys.is_empty(), "nobody by default");
        for text in [
            one.clone(),
            format!("rina {one}"),
            format!(":{one}"),
            format!("ri na:{one}"),
            "rina:short".to_owned(),
            format!("rina:{one}, Rina:{other}"),
            format!("rina:{one}, budi:{one}"),
        ] {
            let error = read(&text).err().map(|error| error.to_string()).unwrap();
            assert!(error.contains(KEYS) && !error.contains(&one) && !error.contains(&other), "{error}");
        }
    }
}
