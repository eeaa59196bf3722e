//! Games whose accounts are names of plain letters and digits: Point Blank and Roblox. Case is kept:
//! whether it matters is not verified for Point Blank.

use super::AccountProblem;

/// Point Blank: a Zepetto id of 3 to 20 letters, digits, dots, dashes and underscores.
pub(super) fn zepetto(text: &str) -> Result<String, AccountProblem> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if !(3..=20).contains(&text.len()) || !text.bytes().all(fits) {
        return Err(AccountProblem::WrongZepettoId);
    }
    Ok(text.to_owned())
}

/// Roblox: 3 to 20 letters and digits, with one underscore at most, not at an end. The `@` that the
/// site shows before a name is not part of it.
pub(super) fn roblox(text: &str) -> Result<String, AccountProblem> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let underscores = name.bytes().filter(|b| *b == b'_').count();
    let at_an_end = name.starts_with('_') || name.ends_with('_');
    if !(3..=20).contains(&name.len()) || !name.bytes().all(fits) || underscores > 1 || at_an_end {
        return Err(AccountProblem::WrongRobloxName);
    }
    Ok(name.to_owned())
}
