//! The few fields that decide how an interaction is answered at all, read before everything else: a PING
//! has none of the others (contracts/discord §2.3).

use serde::Deserialize;

/// What an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ping,
    Command,
    Component,
    Autocomplete,
    Modal,
    /// One that Discord has invented since.
    Other,
}

/// The head of an interaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
}

impl Head {
    /// `None` when the body is no JSON object with a type.
    pub(crate) fn read(body: &[u8]) -> Option<Head> {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "type")]
            kind: u64,
        }
        let kind = match serde_json::from_slice::<Typed>(body).ok()?.kind {
            1 => Kind::Ping,
            2 => Kind::Command,
            3 => Kind::Component,
            4 => Kind::Autocomplete,
            5 => Kind::Modal,
            _ => Kind::Other,
        };
        Some(Head { kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_alone_is_enough() {
        assert_eq!(Head::read(br#"{"type":1}"#).map(|h| h.kind), Some(Kind::Ping));
        assert_eq!(Head::read(br#"{"type":77,"data":[]}"#).map(|h| h.kind), Some(Kind::Other));
        for body in ["", "[]", "{}", "null", r#"{"type":"1"}"#, r#"{"type":-1}"#, "\u{0}"] {
            assert!(Head::read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
