//! Keys of before, which are believed beside the present ones while keys are being changed: which are configured,
//! and until when each party's count.

use super::{keys, read::Values};
use crate::gateways::Previous;
use anyhow::{Result, anyhow};
use std::collections::BTreeMap;
use vocabulary::{Timestamp, WibDay};

/// What is configured of keys of before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rotation {
    until: BTreeMap<&'static str, Timestamp>,
    given: Vec<Given>,
}

/// A key of before that is configured.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its key in the configuration.
    pub(crate) key: &'static str,
    /// The key that ends it.
    pub(crate) end: &'static str,
    /// Until when it counts; `None`: for as long as it is configured.
    pub(crate) until: Option<Timestamp>,
}

impl Rotation {
    pub(super) fn read(values: &Values) -> Result<Rotation> {
        let mut rotation = Rotation::default();
        for (party, Previous { until: end, keys }) in values.parties().previous() {
            let until = values.get(end).map(|text| moment(values, end, text)).transpose()?;
            rotation.until.extend(until.map(|until| (party, until)));
            let given = keys.iter().copied().filter(|key| values.get(key).is_some());
            rotation.given.extend(given.map(|key| Given { key, end, until }));
        }
        Ok(rotation)
    }

    /// Until when the keys of before of this party count.
    pub(crate) fn until(&self, party: &str) -> Option<Timestamp> {
        self.until.get(party).copied()
    }

    /// The keys of before that are configured.
    pub(crate) fn given(&self) -> &[Given] {
        &self.given
    }
}

/// A time with its offset, or a day, which counts to its end in WIB.
fn moment(values: &Values, key: &str, text: &str) -> Result<Timestamp> {
    let of_day = || text.parse::<WibDay>().ok().map(WibDay::end);
    Timestamp::parse_rfc3339(text).ok().or_else(of_day).ok_or_else(|| {
        anyhow!(
            "`{key}` ({}) must be a day (`2026-12-31`, which counts to its end in WIB) or a time with its offset (`2026-12-31T18:00:00+07:00`); environment: {}",
            values.origin(key),
            keys::environment_name(key)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use vocabulary::Timestamp;

    #[test]
    fn a_key_of_before_counts_to_the_end_of_a_day_to_a_moment_or_for_as_long_as_it_stands_there() {
        let key = ("LOKET_MIDTRANS__PREVIOUS_SERVER_KEY", "SB-Mid-server-before");
        assert!(load(&[]).unwrap().rotation.given().is_empty());
        let given = load(&[key]).unwrap().rotation.given().to_vec();
        assert_eq!((given.len(), given[0].key, given[0].until), (1, "midtrans.previous_server_key", None));
        for (text, at) in [
            ("2026-12-31", "2026-12-31T17:00:00Z"),
            ("2026-12-31T18:00:00+07:00", "2026-12-31T11:00:00Z"),
            ("2026-12-31T11:00:00Z", "2026-12-31T11:00:00Z"),
        ] {
            let config = load(&[key, ("LOKET_MIDTRANS__PREVIOUS_UNTIL", text)]).unwrap();
            let at = Timestamp::parse_rfc3339(at).unwrap();
            assert_eq!(config.rotation.until("midtrans"), Some(at), "{text}");
            assert_eq!(config.rotation.given()[0].until, Some(at), "{text}");
            assert_eq!(config.rotation.until("dana"), None);
        }
        let of_supplier = [
            ("LOKET_DIGIFLAZZ__PREVIOUS_WEBHOOK_SECRET", "the-secret-of-before"),
            ("LOKET_DIGIFLAZZ__PREVIOUS_UNTIL", "2026-12-31"),
        ];
        let config = load(&of_supplier).unwrap();
        let given = config.rotation.given();
        assert_eq!((given.len(), given[0].key), (1, "digiflazz.previous_webhook_secret"));
        assert_eq!(given[0].until, Timestamp::parse_rfc3339("2026-12-31T17:00:00Z").ok());
        assert_eq!(config.rotation.until("digiflazz"), given[0].until);
        for text in ["soon", "31-12-2026", "2026-12-31 18:00:00", "2026-13-01"] {
            let error = load(&[("LOKET_XENDIT__PREVIOUS_UNTIL", text)]).unwrap_err().to_string();
            assert!(error.contains("xendit.previous_until") && error.contains("2026-12-31"), "{error}");
        }
    }
}
