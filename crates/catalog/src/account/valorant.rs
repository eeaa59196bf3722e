//! Valorant: a Riot ID, `Name#TAG`: a name of 3 to 16 letters, digits and spaces in any script, and
//! a tag of 3 to 5 letters or digits.

use super::{AccountProblem, no_server};

pub(super) fn parse(riot_id: &str, server: Option<&str>) -> Result<String, AccountProblem> {
    let riot_id = riot_id.replace('\u{FF03}', "#");
    let (name, tag) = riot_id.split_once('#').ok_or(AccountProblem::TagMissing)?;
    no_server(server)?;
    let (name, tag) = (name.trim(), tag.trim());
    let letters = |text: &str| text.chars().count();
    if !(3..=16).contains(&letters(name)) || !name.chars().all(|c| c.is_alphanumeric() || c == ' ') {
        return Err(AccountProblem::WrongName);
    }
    if !(3..=5).contains(&letters(tag)) || !tag.chars().all(char::is_alphanumeric) {
        return Err(AccountProblem::WrongTag);
    }
    Ok(format!("{name}#{tag}"))
}
