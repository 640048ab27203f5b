//! What a month will have cost when it is over, from the weekdays of the last four weeks.
//!
//! Each of these weeks tells what the rest of the month costs if it continues as in that week: every remaining day costs what its weekday
//! did. The lowest and the highest of them are the range, their mean is what is expected. It is no statistics of more than four weeks,
//! and knows no holidays; whoever looks at the range sees how steady the weeks were.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

/// Weeks that a forecast looks back at.
pub const WEEKS: i32 = 4;

/// What a month will have cost, in nano-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// If it continues as in the cheapest of the weeks.
    pub low: i64,
    /// On the average of the weeks.
    pub expected: i64,
    /// If it continues as in the dearest of the weeks.
    pub high: i64,
    /// How many weeks there were to look back at, [`WEEKS`] at most.
    pub weeks: i32,
}

/// A forecast for the month that ends with `last`, given what each day cost until `today`, which is not over, and what the month has
/// cost so far. None where less than a week lies between the first cost and today.
#[must_use]
pub fn forecast(days: &BTreeMap<Date, i64>, today: Date, last: Date, to_date: i64) -> Option<Forecast> {
    let begun = days.iter().find(|(_, cost)| **cost > 0).map(|(day, _)| *day)?;
    let cost = |day: Date| days.get(&day).copied().unwrap_or(0);
    let rest_by = |week: i32| {
        let day_of = |day: Date| {
            let since = today.until(day).map_or(0, |span| span.get_days());
            today.saturating_add((since.rem_euclid(7) - 7 * week).days())
        };
        let start = today.saturating_sub((7 * week).days());
        let left_today = cost(day_of(today)).saturating_sub(cost(today)).max(0);
        let later = today.series(1.day()).skip(1).take_while(|day| *day <= last);
        (start >= begun).then(|| later.fold(left_today, |sum, day| sum.saturating_add(cost(day_of(day)))))
    };
    let rests: Vec<i64> = (1..=WEEKS).filter_map(rest_by).collect();
    let weeks = i32::try_from(rests.len()).unwrap_or(WEEKS);
    let (low, high) = (rests.iter().min()?, rests.iter().max()?);
    let sum: i128 = rests.iter().map(|rest| i128::from(*rest)).sum();
    let mean = i64::try_from(sum / i128::from(weeks)).unwrap_or(i64::MAX);
    let [low, expected, high] = [*low, mean, *high].map(|rest| to_date.saturating_add(rest));
    Some(Forecast { low, expected, high, weeks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};

    /// Workdays that cost `workday`, and weekends that cost nothing, from `first` to the day before `today`.
    fn workdays(first: Date, today: Date, workday: impl Fn(Date) -> i64) -> BTreeMap<Date, i64> {
        let is_work = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let days = first.series(1.day()).take_while(|day| *day < today);
        days.filter(is_work).map(|day| (day, workday(day))).collect()
    }

    #[test]
    fn steady_weeks_give_what_the_month_will_cost_to_the_cent() {
        // The 20th is a Friday: with it, six workdays remain until the 30th, a Monday, has passed, and the 20th itself.
        let today = date(2026, 11, 20);
        let days = workdays(date(2026, 10, 1), today, |_| 700);
        let found = forecast(&days, today, date(2026, 11, 30), 14 * 700).unwrap();
        assert_eq!(found, Forecast { low: 21 * 700, expected: 21 * 700, high: 21 * 700, weeks: 4 });
    }

    #[test]
    fn what_today_has_cost_already_is_not_counted_twice() {
        let today = date(2026, 11, 30);
        let mut days = workdays(date(2026, 10, 1), today, |_| 100);
        days.insert(today, 30);
        assert_eq!(forecast(&days, today, today, 2_030).unwrap().expected, 2_100);
        days.insert(today, 250);
        assert_eq!(forecast(&days, today, today, 2_250).unwrap().expected, 2_250, "nothing is taken back");
    }

    #[test]
    fn the_range_is_as_wide_as_the_weeks_differ() {
        let today = date(2026, 11, 23);
        let days = workdays(date(2026, 10, 1), today, |day| if day >= date(2026, 11, 16) { 300 } else { 100 });
        let found = forecast(&days, today, date(2026, 11, 30), 0).unwrap();
        assert_eq!((found.low, found.expected, found.high), (600, 900, 1_800));
    }

    #[test]
    fn whoever_began_lately_has_fewer_weeks_to_look_back_at_or_none() {
        let today = date(2026, 11, 23);
        let weeks = |first| forecast(&workdays(first, today, |_| 1), today, today, 0).map(|found| found.weeks);
        let begun = [date(2026, 11, 20), date(2026, 11, 16), date(2026, 11, 4), date(2026, 10, 26), date(2026, 1, 1)];
        assert_eq!(begun.map(weeks), [None, Some(1), Some(2), Some(4), Some(4)]);
        assert_eq!(forecast(&BTreeMap::new(), today, today, 0), None);
    }
}
