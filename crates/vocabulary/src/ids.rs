//! Ids: a prefix and a ULID, sortable as text, made here and never by a database.

use crate::Timestamp;
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Source of ids, order numbers and tokens. Cheap to clone; seeded in tests.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    rng: StdRng,
    /// Milliseconds and random part of the latest ULID: of one millisecond, each is one above the other.
    latest: (u64, u128),
}

/// Why a text is no id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id that starts with `{prefix}_`")]
pub struct ParseIdError {
    /// Prefix that was expected.
    pub prefix: &'static str,
    /// What was given, cut short.
    pub text: String,
}

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Ids {
    /// From the operating system's randomness.
    pub fn random() -> Self {
        Ids::with_rng(StdRng::from_rng(&mut rand::rng()))
    }

    /// The same ids at every run. For tests.
    pub fn seeded(seed: u64) -> Self {
        Ids::with_rng(StdRng::seed_from_u64(seed))
    }

    fn with_rng(rng: StdRng) -> Self {
        Ids(Arc::new(Mutex::new(State { rng, latest: (0, 0) })))
    }

    /// A new ULID in lower case (26 characters): 48 bits of time, 80 bits of randomness. Those made
    /// here in one millisecond sort in the order in which they were made.
    pub fn ulid(&self, now: Timestamp) -> String {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        let random = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // One bit is left free, so that counting up does not overflow into the time.
            let fresh = state.rng.random::<u128>() & ((1 << 79) - 1);
            let random = if state.latest.0 == millis { state.latest.1.wrapping_add(1) } else { fresh };
            state.latest = (millis, random);
            random
        };
        ulid::Ulid::from_parts(millis, random).to_string().to_ascii_lowercase()
    }

    /// `length` characters of Crockford base32, five random bits each.
    pub fn base32(&self, length: usize) -> String {
        self.with(|rng| {
            let digit = |bits: u32| CROCKFORD.get((bits % 32) as usize).copied().unwrap_or(b'0');
            (0..length).map(|_| char::from(digit(rng.next_u32()))).collect()
        })
    }

    /// An unguessable token of 160 bits, as 32 lower-case characters. A token is a secret, never an id.
    pub fn token(&self) -> String {
        self.base32(32).to_ascii_lowercase()
    }

    /// A number from 0 up to and without `bound`; 0 for a bound of 0. For jitter.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.with(|rng| rng.random_range(0..bound)) }
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).rng)
    }
}

/// Checks the shape that every id has: prefix, underscore, ULID in lower case.
#[doc(hidden)]
pub fn parse_id(prefix: &'static str, text: &str) -> Result<String, ParseIdError> {
    let error = || ParseIdError { prefix, text: text.chars().take(40).collect() };
    let body = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or_else(error)?;
    let lower = body.len() == 26 && body.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if !lower || ulid::Ulid::from_string(body).is_err() {
        return Err(error());
    }
    Ok(text.to_owned())
}

/// The time in the ULID of an id; the epoch when it holds none.
#[doc(hidden)]
pub fn made_at(id: &str) -> Timestamp {
    let ulid = id.rsplit('_').next().and_then(|ulid| ulid::Ulid::from_string(ulid).ok());
    Timestamp::from_millis(ulid.and_then(|ulid| i64::try_from(ulid.timestamp_ms()).ok()).unwrap_or(0))
}

/// Where ids of the same kind began, so long before this one: it sorts below every id that was made since then.
pub fn id_before(id: &str, by: Duration) -> String {
    let Some((prefix, _)) = id.rsplit_once('_') else { return String::new() };
    let millis = u64::try_from(made_at(id).minus(by).millis()).unwrap_or(0);
    format!("{prefix}_{}", ulid::Ulid::from_parts(millis, 0).to_string().to_ascii_lowercase())
}

/// Declares an id type: `id_type!(/** doc */ OrderId, "ord")`.
#[macro_export]
macro_rules! id_type {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// A new id; ids of one millisecond apart sort by time.
            pub fn new(ids: &$crate::Ids, now: $crate::Timestamp) -> Self {
                $name(format!(concat!($prefix, "_{}"), ids.ulid(now)))
            }

            /// When it was made, as its ULID says.
            pub fn made_at(&self) -> $crate::Timestamp {
                $crate::__made_at(&self.0)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::__parse_id($prefix, text).map($name)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderId, PaymentId};

    #[test]
    fn where_ids_began_sorts_between_those_of_before_and_those_since() {
        let ids = Ids::seeded(1);
        let at =
            |seconds: i64| OrderId::new(&ids, Timestamp::from_millis(1_795_323_600_000 + seconds * 1_000));
        let began = id_before(at(60).as_str(), Duration::from_secs(30));
        assert!(began.as_str() > at(29).as_str() && began.as_str() < at(30).as_str(), "{began}");
        assert!(began.parse::<OrderId>().is_ok(), "{began}");
        // Where nothing is known of its time, everything came after it.
        assert_eq!(id_before("", Duration::ZERO), "");
        assert!(id_before("ord_odd", Duration::ZERO).as_str() < at(0).as_str());
    }

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let ids = Ids::seeded(1);
        let early = OrderId::new(&ids, Timestamp::from_millis(1_000));
        let late = OrderId::new(&ids, Timestamp::from_millis(2_000));
        assert!(early < late);
        assert_eq!((early.made_at().millis(), late.made_at().millis()), (1_000, 2_000));
        assert_eq!(early.as_str().parse::<OrderId>().unwrap(), early);
        assert!(early.as_str().parse::<PaymentId>().is_err());
        assert!(early.as_str().to_uppercase().parse::<OrderId>().is_err());
        assert!("ord_".parse::<OrderId>().is_err());
    }

    #[test]
    fn ids_of_one_millisecond_sort_in_the_order_in_which_they_were_made() {
        let ids = Ids::random();
        let now = Timestamp::from_millis(1_000);
        let made: Vec<OrderId> = (0..1_000).map(|_| OrderId::new(&ids, now)).collect();
        assert!(made.is_sorted() && made.iter().collect::<std::collections::HashSet<_>>().len() == 1_000);
    }

    #[test]
    fn tokens_do_not_repeat() {
        let ids = Ids::random();
        let tokens: std::collections::HashSet<String> = (0..1_000).map(|_| ids.token()).collect();
        assert_eq!(tokens.len(), 1_000);
    }
}
