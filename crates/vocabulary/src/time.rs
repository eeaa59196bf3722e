//! Time: UTC milliseconds inside, WIB (Asia/Jakarta, UTC+7 all year) on screens.

use jiff::tz::{Offset, TimeZone};
use std::{fmt, str::FromStr, time::Duration};

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A calendar day in WIB, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WibDay(i64);

/// Why a text is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time")]
pub struct ParseTimestampError(String);

/// Why a text is no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day: write it as 2026-11-22")]
pub struct ParseDayError(String);

const WIB_OFFSET_MS: i64 = 7 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved later; stays at the last instant that fits.
    pub fn plus(self, by: Duration) -> Self {
        Timestamp(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This instant moved earlier; stays at the first instant that fits.
    pub fn minus(self, by: Duration) -> Self {
        Timestamp(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Time from `earlier` to here; zero when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The WIB calendar day that this instant falls on.
    pub fn wib_day(self) -> WibDay {
        WibDay(self.0.saturating_add(WIB_OFFSET_MS).div_euclid(DAY_MS))
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T05:00:00.000Z`.
    pub fn rfc3339(self) -> String {
        self.zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// WIB wall time without an offset, as Indonesian parties write it: `2026-11-22 12:00:00`.
    pub fn wib(self) -> String {
        self.zoned(wib_zone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Reads WIB wall time without an offset (`2026-11-22 12:00:00`).
    pub fn parse_wib(text: &str) -> Result<Self, ParseTimestampError> {
        let error = || ParseTimestampError(text.chars().take(40).collect());
        let civil = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).map_err(|_| error())?;
        let zoned = civil.to_zoned(wib_zone()).map_err(|_| error())?;
        Ok(Timestamp(zoned.timestamp().as_millisecond()))
    }

    /// Reads an RFC 3339 time, with any offset.
    pub fn parse_rfc3339(text: &str) -> Result<Self, ParseTimestampError> {
        text.trim()
            .parse::<jiff::Timestamp>()
            .map(|t| Timestamp(t.as_millisecond()))
            .map_err(|_| ParseTimestampError(text.chars().take(40).collect()))
    }

    /// Reads wall time in a form of `strftime` (`%d/%m/%Y %H:%M`), so many minutes ahead of UTC. A form without a
    /// time of day means its beginning.
    pub fn parse_in(text: &str, form: &str, minutes_ahead: i32) -> Result<Self, ParseTimestampError> {
        let error = || ParseTimestampError(text.chars().take(40).collect());
        let midnight = |day: jiff::civil::Date| day.to_datetime(jiff::civil::Time::midnight());
        let civil = jiff::civil::DateTime::strptime(form, text.trim())
            .or_else(|_| jiff::civil::Date::strptime(form, text.trim()).map(midnight))
            .map_err(|_| error())?;
        let offset = Offset::from_seconds(minutes_ahead.saturating_mul(60)).map_err(|_| error())?;
        let zoned = civil.to_zoned(TimeZone::fixed(offset)).map_err(|_| error())?;
        Ok(Timestamp(zoned.timestamp().as_millisecond()))
    }

    fn zoned(self, zone: TimeZone) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or_default().to_zoned(zone)
    }
}

impl WibDay {
    /// First instant of the day.
    pub fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MS).saturating_sub(WIB_OFFSET_MS))
    }

    /// First instant after the day.
    pub fn end(self) -> Timestamp {
        self.day_after().start()
    }

    /// The day after it.
    pub fn day_after(self) -> WibDay {
        WibDay(self.0.saturating_add(1))
    }

    /// The day before it.
    pub fn day_before(self) -> WibDay {
        WibDay(self.0.saturating_sub(1))
    }

    /// Whether it is from Monday to Friday. Public holidays are not known.
    pub fn is_weekday(self) -> bool {
        // The first day that is counted was a Thursday.
        self.0.saturating_add(3).rem_euclid(7) < 5
    }

    /// The weekday that is so many weekdays later.
    pub fn weekdays_later(self, count: u32) -> WibDay {
        let mut day = self;
        for _ in 0..count {
            day = day.day_after();
            while !day.is_weekday() {
                day = day.day_after();
            }
        }
        day
    }
}

impl FromStr for WibDay {
    type Err = ParseDayError;

    /// Reads exactly what [`Display`](fmt::Display) writes: `2026-11-22`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseDayError(text.chars().take(40).collect());
        let day = Timestamp::parse_wib(&format!("{text} 00:00:00")).map_err(|_| error())?.wib_day();
        if day.to_string() == text { Ok(day) } else { Err(error()) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl fmt::Display for WibDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start().zoned(wib_zone()).strftime("%Y-%m-%d").to_string())
    }
}

fn wib_zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wib_day_turns_at_seventeen_utc() {
        let before = Timestamp::parse_rfc3339("2026-11-21T16:59:59.999Z").unwrap();
        let after = Timestamp::parse_rfc3339("2026-11-21T17:00:00Z").unwrap();
        assert_eq!(before.wib_day().to_string(), "2026-11-21");
        assert_eq!(after.wib_day().to_string(), "2026-11-22");
        assert_eq!(after.wib_day().start(), after);
    }

    #[test]
    fn a_wib_day_is_read_as_it_is_written_and_knows_its_neighbours() {
        let day: WibDay = "2026-11-22".parse().unwrap();
        assert_eq!(day.start(), Timestamp::parse_rfc3339("2026-11-21T17:00:00Z").unwrap());
        assert_eq!(day.end(), Timestamp::parse_rfc3339("2026-11-22T17:00:00Z").unwrap());
        assert_eq!(day.day_after().to_string(), "2026-11-23");
        assert_eq!(day.day_before().to_string(), "2026-11-21");
        assert_eq!(day.end().wib_day(), day.day_after());
        for text in
            ["", "2026-11-31", "2026-2-3", "20261122", "2026-11-22 ", "22-11-2026", "today", "2026-11-22 01"]
        {
            assert!(text.parse::<WibDay>().is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn weekdays_are_counted_over_the_end_of_a_week() {
        let day = |text: &str| text.parse::<WibDay>().unwrap();
        // The 22nd of November 2026 is a Sunday.
        assert!(!day("2026-11-22").is_weekday() && !day("2026-11-21").is_weekday());
        assert!(day("2026-11-20").is_weekday() && day("2026-11-23").is_weekday());
        for (from, count, to) in [
            ("2026-11-19", 0, "2026-11-19"),
            ("2026-11-19", 1, "2026-11-20"),
            ("2026-11-19", 2, "2026-11-23"),
            ("2026-11-20", 1, "2026-11-23"),
            ("2026-11-22", 1, "2026-11-23"),
            ("2026-11-20", 5, "2026-11-27"),
        ] {
            assert_eq!(day(from).weekdays_later(count), day(to), "{count} after {from}");
        }
    }

    #[test]
    fn wall_time_is_read_in_any_form_and_place() {
        for (text, form, ahead, utc) in [
            ("22/11/2026 07:30", "%d/%m/%Y %H:%M", 420, "2026-11-22T00:30:00.000Z"),
            ("22 Nov 2026", "%d %b %Y", 420, "2026-11-21T17:00:00.000Z"),
            ("2026-11-22 00:30:00", "%Y-%m-%d %H:%M:%S", 0, "2026-11-22T00:30:00.000Z"),
        ] {
            assert_eq!(Timestamp::parse_in(text, form, ahead).unwrap().rfc3339(), utc, "{text}");
        }
        for (text, form) in [("22/13/2026", "%d/%m/%Y"), ("22/11/2026 25:00", "%d/%m/%Y %H:%M"), ("", "%Y")] {
            assert!(Timestamp::parse_in(text, form, 420).is_err(), "{text}");
        }
    }

    #[test]
    fn wall_time_in_wib_is_read_and_written() {
        let instant = Timestamp::parse_wib("2017-10-04 12:00:00").unwrap();
        assert_eq!(instant.rfc3339(), "2017-10-04T05:00:00.000Z");
        assert_eq!(instant.wib(), "2017-10-04 12:00:00");
        assert!(Timestamp::parse_wib("2017-13-04 12:00:00").is_err());
        assert!(Timestamp::parse_wib("yesterday").is_err());
    }
}
