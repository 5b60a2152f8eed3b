//! How old a row is.

use std::time::Duration;
use std::time::SystemTime;

use super::row::day_number;

/// The age in days from which a row in use gets a warning. Vendors withdraw ids within half a year.
pub const OLD: u32 = 180;

/// How many days ago a date was; `None` if it is invalid or in the future.
pub fn age(day: &str) -> Option<u32> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let today = u32::try_from(since.as_secs() / (24 * 60 * 60)).ok()?;
    today.checked_sub(day_number(day)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_number_if_it_is_in_the_calendar() {
        for (day, number) in [
            ("1970-01-01", Some(0)),
            ("1970-12-31", Some(364)),
            ("1972-02-29", Some(789)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-26", Some(20_783)),
            ("2100-02-29", None),
            ("2026-02-29", None),
            ("2026-11-31", None),
            ("2026-00-01", None),
            ("2026-13-01", None),
            ("2026-01-00", None),
            ("1969-12-31", None),
            ("2026-1-1", None),
            ("2026-01-01-01", None),
            ("+026-01-01", None),
            ("", None),
        ] {
            assert_eq!(day_number(day), number, "{day}");
        }
    }

    #[test]
    fn the_past_has_an_age_and_the_future_has_none() {
        assert_eq!(age("9999-12-31"), None);
        assert!(age("1970-01-01").unwrap() > 20_000);
        let (newer, older) =
            (age("2026-11-25").unwrap_or_default(), age("2026-11-24").unwrap_or(1));
        assert!(older > newer || newer == 0);
    }
}
