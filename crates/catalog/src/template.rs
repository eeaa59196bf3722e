//! How an account becomes the customer number that a supplier wants: a template for each product,
//! because the separator is the seller's own rule. The parts of the account are stored apart, since
//! the joined form cannot be taken apart again.

use std::{fmt, str::FromStr};
use vocabulary::Account;

const USER: &str = "user_id";
const ZONE: &str = "zone_id";
const MAX_LENGTH: usize = 100;

/// A customer number with the places of `{user_id}` and `{zone_id}` left open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerTemplate {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    User,
    Zone,
}

/// Why a text is no template, or why an account does not fit one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder that is not known.
    #[error("`{{{0}}}` is not a placeholder: there are `{{user_id}}` and `{{zone_id}}`")]
    UnknownPlaceholder(String),
    /// A brace without its partner.
    #[error("a `{{` or `}}` has no partner")]
    Unbalanced,
    /// Without the user id everybody's order would go to one account.
    #[error("`{{user_id}}` is missing")]
    NoUser,
    /// Spaces, letters outside ASCII, or more than 100 characters.
    #[error("a template has at most 100 visible ASCII characters and no spaces")]
    Unreadable,
    /// The template has a place for a zone, and the account has none.
    #[error("the template wants a zone or server, and the account has none")]
    NoZone,
}

impl CustomerTemplate {
    /// True when the account must have a zone or server to fill this.
    pub fn wants_zone(&self) -> bool {
        self.parts.contains(&Part::Zone)
    }

    /// The customer number of an account.
    ///
    /// # Errors
    /// [`TemplateError::NoZone`] when the template has a place for a zone that the account lacks.
    pub fn fill(&self, account: &Account) -> Result<String, TemplateError> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Ok(text.as_str()),
                Part::User => Ok(account.user_id()),
                Part::Zone => account.server_id().ok_or(TemplateError::NoZone),
            })
            .collect()
    }
}

impl FromStr for CustomerTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > MAX_LENGTH || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(TemplateError::Unreadable);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, tail) = rest.split_once('{').unwrap_or((rest, ""));
            if literal.contains('}') {
                return Err(TemplateError::Unbalanced);
            }
            if !literal.is_empty() {
                parts.push(Part::Text(literal.to_owned()));
            }
            if literal.len() == rest.len() {
                break;
            }
            let (name, tail) = tail.split_once('}').ok_or(TemplateError::Unbalanced)?;
            parts.push(match name {
                USER => Part::User,
                ZONE => Part::Zone,
                other => return Err(TemplateError::UnknownPlaceholder(other.to_owned())),
            });
            rest = tail;
        }
        if !parts.contains(&Part::User) {
            return Err(TemplateError::NoUser);
        }
        Ok(CustomerTemplate { text: text.to_owned(), parts })
    }
}

impl fmt::Display for CustomerTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

database::text_column!(CustomerTemplate);
