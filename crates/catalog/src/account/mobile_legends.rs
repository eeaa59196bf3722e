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
    let (id, pasted) = take_apart(user, given.as_deref());
    let id = digits(AccountField::UserId, id, min, max)?;
    let pasted = pasted.map(zone).transpose()?;
    match (pasted, given) {
        (Some(pasted), Some(given)) if pasted != given => Err(AccountProblem::TwoServers),
        (None, None) => Err(AccountProblem::ServerMissing),
        (pasted, given) => Ok((id, given.or(pasted))),
    }
}

/// The id, and the zone if it was pasted along. Two pieces with a space between are an id and its
/// zone, unless another zone was given apart: then the id was pasted in groups.
fn take_apart<'a>(user: &'a str, given: Option<&str>) -> (&'a str, Option<&'a str>) {
    if let Some((id, zone)) = user.split_once(['(', '|', '-']) {
        return (id, Some(zone));
    }
    match user.split_once(' ').map(|(id, zone)| (id, zone.trim())) {
        Some((id, zone)) if !zone.contains(' ') && given.is_none_or(|given| given == zone) => {
            (id, Some(zone))
        }
        _ => (user, None),
    }
}

fn zone(text: &str) -> Result<String, AccountProblem> {
    let text = text.trim();
    let text = text.strip_prefix('(').unwrap_or(text);
    let text = text.strip_suffix(')').unwrap_or(text);
    digits(AccountField::ServerId, text, 4, 5)
}
