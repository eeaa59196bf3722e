//! Mobile Legends and Magic Chess: a user id and a zone of 4 or 5 digits, as two fields or pasted as
//! the game shows them (`1114917746 (13486)`). The lengths are what the community observes.

use super::{AccountField, AccountProblem, clean::digits};

/// Reads an account whose user id has `min` to `max` digits.
pub(super) fn parse(
    user: &str,
    server: Option<&str>,
    (min, max): (usize, usize),
) -> Result<(String, Option<String>), AccountProblem> {
    let given = server.map(zone).transpose()?;
    let (front, marked) = match user.split_once(['(', '|', '-']) {
        Some((front, marked)) => (front, Some(zone(marked))),
        None => (user, None),
    };
    let known = marked.as_ref().and_then(|marked| marked.as_ref().ok()).or(given.as_ref());
    let (id, spaced) = take_apart(front, known.map(String::as_str), (min, max));
    let id = digits(AccountField::UserId, id, min, max)?;
    let zones = [marked.transpose()?, spaced.map(zone).transpose()?, given];
    let mut zones = zones.into_iter().flatten();
    let zone = zones.next().ok_or(AccountProblem::ServerMissing)?;
    if zones.any(|other| other != zone) { Err(AccountProblem::TwoServers) } else { Ok((id, Some(zone))) }
}

/// The id, and the zone if it was pasted along after a space. Digits that can be an id, followed by digits
/// that can be a zone, are just that, whatever zone is given apart: joined they would be the id of somebody
/// else. Only groups of which the first cannot be an id are one id.
fn take_apart<'a>(
    text: &'a str,
    known: Option<&str>,
    (min, max): (usize, usize),
) -> (&'a str, Option<&'a str>) {
    let text = text.trim();
    let Some((front, last)) = text.rsplit_once(' ') else { return (text, None) };
    let front = front.trim_end();
    let is_id = (min..=max).contains(&front.len()) && front.bytes().all(|b| b.is_ascii_digit());
    let pasted = match known {
        Some(known) => known == last || (is_id && zone(last).is_ok()),
        None => !front.contains(' '),
    };
    if pasted { (front, Some(last)) } else { (text, None) }
}

fn zone(text: &str) -> Result<String, AccountProblem> {
    let text = text.trim();
    let text = text.strip_prefix('(').unwrap_or(text);
    let text = text.strip_suffix(')').unwrap_or(text);
    digits(AccountField::ServerId, text, 4, 5)
}
