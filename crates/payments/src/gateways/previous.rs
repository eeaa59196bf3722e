//! Keys of before, which count while keys are being changed (`contracts/payments.md` §9 row 18), and no longer
//! than the owner says.

pub use vocabulary::Until;

/// The key of before, if there is one and it still counts.
pub(super) fn still<'a, T>(previous: Option<&'a T>, until: Option<&Until>) -> Option<&'a T> {
    previous.filter(|_| !until.is_some_and(Until::is_over))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vocabulary::{Clock, Timestamp};

    #[test]
    fn a_key_of_before_counts_up_to_its_end_in_real_time_and_without_an_end_for_as_long_as_it_is_there() {
        let clock = Clock::manual(Timestamp::from_millis(1_000));
        clock.raise_offset_ms(1_000_000);
        let until = Until::new(clock.clone(), Timestamp::from_millis(2_000));
        assert_eq!(still(Some(&1), Some(&until)), Some(&1), "business time is ahead, and does not matter");
        clock.advance(Duration::from_millis(999));
        assert_eq!(still(Some(&1), Some(&until)), Some(&1));
        clock.advance(Duration::from_millis(1));
        assert_eq!(still(Some(&1), Some(&until)), None);
        assert_eq!(still(Some(&1), None), Some(&1));
        assert_eq!(still::<u8>(None, None), None);
    }
}
