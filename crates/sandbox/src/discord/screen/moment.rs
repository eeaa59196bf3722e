//! Times as a client writes them: `<t:…>` in the reader's language, and when a message was written. All
//! wall time is WIB.

use vocabulary::{Locale, Timestamp};

/// The last second that can be written.
const LAST: i64 = 253_402_207_200;
const WIB_MS: i64 = 7 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Indonesian and English.
type Words = (&'static str, &'static str);

const MONTHS: [Words; 12] = [
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
];
const DAYS: [Words; 7] = [
    ("Minggu", "Sunday"),
    ("Senin", "Monday"),
    ("Selasa", "Tuesday"),
    ("Rabu", "Wednesday"),
    ("Kamis", "Thursday"),
    ("Jumat", "Friday"),
    ("Sabtu", "Saturday"),
];
/// How long a unit is, how many of it are told before the next one is used, and its name.
const UNITS: [(u64, u64, Words); 5] = [
    (1_000, 60, ("detik", "second")),
    (60_000, 60, ("menit", "minute")),
    (3_600_000, 24, ("jam", "hour")),
    (86_400_000, 30, ("hari", "day")),
    (2_592_000_000, 12, ("bulan", "month")),
];
const YEAR: (u64, Words) = (31_536_000_000, ("tahun", "year"));

/// An instant from seconds since 1970, or from RFC 3339.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    at(text).or_else(|| Timestamp::parse_rfc3339(text).ok())
}

/// An instant from seconds since 1970.
pub(super) fn at(seconds: &str) -> Option<Timestamp> {
    let seconds: i64 = seconds.parse().ok()?;
    (0..=LAST).contains(&seconds).then(|| Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

/// When a message was written: `22/11/2026 12:00`.
pub(super) fn short(at: Timestamp) -> String {
    let wall = Wall::of(at).unwrap_or_default();
    format!("{} {}", wall.numbers(), wall.minutes())
}

/// An instant in one of the styles that Discord knows; `None` for a style that it does not know.
pub(super) fn shown(at: Timestamp, style: &str, now: Timestamp, locale: Locale) -> Option<String> {
    let wall = Wall::of(at)?;
    Some(match style {
        "t" => wall.minutes(),
        "T" => wall.time,
        "d" => wall.numbers(),
        "D" => wall.day_of_month(locale)?,
        "f" => format!("{} {}", wall.day_of_month(locale)?, wall.minutes()),
        "F" => format!("{}, {} {}", weekday(at, locale)?, wall.day_of_month(locale)?, wall.minutes()),
        "R" => relative(at, now, locale),
        _ => return None,
    })
}

/// Wall time in its parts.
#[derive(Default)]
struct Wall {
    year: String,
    month: String,
    day: String,
    time: String,
}

impl Wall {
    fn of(at: Timestamp) -> Option<Wall> {
        let wall = at.wib();
        let (date, time) = wall.split_once(' ')?;
        let (year, rest) = date.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        Some(Wall { year: year.into(), month: month.into(), day: day.into(), time: time.into() })
    }

    fn minutes(&self) -> String {
        self.time.chars().take(5).collect()
    }

    fn numbers(&self) -> String {
        format!("{}/{}/{}", self.day, self.month, self.year)
    }

    fn day_of_month(&self, locale: Locale) -> Option<String> {
        let index = self.month.parse::<usize>().ok()?.checked_sub(1)?;
        let (indonesian, english) = *MONTHS.get(index)?;
        let day = self.day.trim_start_matches('0');
        Some(format!("{day} {} {}", locale.pick(indonesian, english), self.year))
    }
}

fn weekday(at: Timestamp, locale: Locale) -> Option<&'static str> {
    let days = at.millis().saturating_add(WIB_MS).div_euclid(DAY_MS);
    // 1 January 1970 was a Thursday.
    let index = usize::try_from(days.saturating_add(4).rem_euclid(7)).ok()?;
    let (indonesian, english) = *DAYS.get(index)?;
    Some(locale.pick(indonesian, english))
}

fn relative(at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let apart = at.millis().saturating_sub(now.millis());
    let (count, (indonesian, english)) = measured(apart.unsigned_abs());
    let future = apart > 0;
    match locale {
        Locale::Indonesian if count == 0 => "sekarang".to_owned(),
        Locale::Indonesian if future => format!("dalam {count} {indonesian}"),
        Locale::Indonesian => format!("{count} {indonesian} yang lalu"),
        Locale::English if count == 0 => "now".to_owned(),
        Locale::English => {
            let plural = if count == 1 { "" } else { "s" };
            if future {
                format!("in {count} {english}{plural}")
            } else {
                format!("{count} {english}{plural} ago")
            }
        }
    }
}

/// A span in the largest unit that is not over it, rounded as a client rounds it.
fn measured(millis: u64) -> (u64, Words) {
    let count = |unit: u64| millis.saturating_add(unit / 2) / unit;
    let found = UNITS.iter().find(|(unit, most, _)| count(*unit) < *most);
    match found {
        Some((unit, _, words)) => (count(*unit), *words),
        None => (count(YEAR.0), YEAR.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_323_600;

    #[test]
    fn a_time_is_told_from_the_readers_clock_in_the_readers_language() {
        for (seconds, indonesian, english) in [
            (15 * 60, "dalam 15 menit", "in 15 minutes"),
            (-2 * 60, "2 menit yang lalu", "2 minutes ago"),
            (1, "dalam 1 detik", "in 1 second"),
            (-59, "59 detik yang lalu", "59 seconds ago"),
            (60, "dalam 1 menit", "in 1 minute"),
            (14 * 60 + 40, "dalam 15 menit", "in 15 minutes"),
            (59 * 60 + 40, "dalam 1 jam", "in 1 hour"),
            (-3 * 86_400, "3 hari yang lalu", "3 days ago"),
            (60 * 86_400, "dalam 2 bulan", "in 2 months"),
            (-800 * 86_400, "2 tahun yang lalu", "2 years ago"),
            (0, "sekarang", "now"),
        ] {
            let (at, now) = (at(&(NOW + seconds).to_string()).unwrap(), at(&NOW.to_string()).unwrap());
            assert_eq!(shown(at, "R", now, Locale::Indonesian).as_deref(), Some(indonesian));
            assert_eq!(shown(at, "R", now, Locale::English).as_deref(), Some(english));
        }
    }

    #[test]
    fn every_other_style_is_wall_time_in_wib() {
        let at = at(&NOW.to_string()).unwrap();
        for (style, indonesian, english) in [
            ("t", "12:00", "12:00"),
            ("T", "12:00:00", "12:00:00"),
            ("d", "22/11/2026", "22/11/2026"),
            ("D", "22 November 2026", "22 November 2026"),
            ("f", "22 November 2026 12:00", "22 November 2026 12:00"),
            ("F", "Minggu, 22 November 2026 12:00", "Sunday, 22 November 2026 12:00"),
        ] {
            assert_eq!(shown(at, style, at, Locale::Indonesian).as_deref(), Some(indonesian), "{style}");
            assert_eq!(shown(at, style, at, Locale::English).as_deref(), Some(english), "{style}");
        }
        assert_eq!(shown(at, "x", at, Locale::English), None);
        assert_eq!(short(at), "22/11/2026 12:00");
    }

    #[test]
    fn a_time_is_read_from_seconds_and_from_rfc_3339() {
        assert_eq!(read("1795323600"), read("2026-11-22T05:00:00Z"));
        for wrong in ["soon", "", "-1", "999999999999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
