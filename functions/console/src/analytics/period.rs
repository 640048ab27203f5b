//! Which days are asked for: `?from=&to=`, both included, as people say it.

use jiff::ToSpan;
use jiff::civil::Date;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use service::http::query::Query;
use service::report::error::QuestionError;
use service::report::range::Range;

use super::mistake::Mistake;

/// Numbers of days that can be chosen with one click.
pub(super) const PRESETS: [i32; 3] = [7, 30, 90];
/// What is shown unless the address says otherwise, in days.
const USUAL: i32 = 30;
/// Up to so many days a chart has a mark a day.
const DAILY: i32 = 31;
/// Up to so many days a chart has a mark a week.
const WEEKLY: i32 = 217;

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    /// The first day.
    pub(super) from: Date,
    /// The last day.
    pub(super) to: Date,
}

impl Period {
    /// Reads a period.
    ///
    /// # Errors
    /// One of the days is none.
    pub(super) fn read(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Self, Mistake> {
        let day = |name: &'static str| match query.get(name).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match text.parse::<Date>() {
                // Further away, the days around it are none any more.
                Ok(date) if text.len() == 10 && (1971..=9000).contains(&date.year()) => Ok(Some(date)),
                _ => Err(Mistake::Day(name)),
            },
        };
        let to = day("to")?.unwrap_or_else(|| Self::today(organisation, now));
        let from = day("from")?.unwrap_or_else(|| Self::last(USUAL, to).from);
        Ok(Self { from, to })
    }

    /// What is shown unless the address says otherwise.
    pub(super) fn usual(organisation: &Organisation, now: Timestamp) -> Self {
        Self::last(USUAL, Self::today(organisation, now))
    }

    /// The month of a day until that day, and the whole one before it, as people choose them.
    pub(super) fn months(today: Date) -> [(&'static str, Self); 2] {
        let first = today.first_of_month();
        let before = first.yesterday().unwrap_or(first);
        [
            ("This month", Self { from: first, to: today }),
            ("Last month", Self { from: before.first_of_month(), to: before }),
        ]
    }

    /// Whether a part of this period is less than a day, a week or a month: it is not over on `today`, or the period has a piece of it.
    pub(super) fn has_a_piece(&self, part: &Self, today: Date) -> bool {
        let is_whole = match self.unit() {
            "day" => true,
            "week" => part.days() == 7,
            _ => part.from == part.from.first_of_month() && part.to == part.to.last_of_month(),
        };
        part.to >= today || !is_whole
    }

    /// The day of the organisation that `now` is in.
    pub(super) fn today(organisation: &Organisation, now: Timestamp) -> Date {
        Calendar::of(organisation).date(Bucket::of(now))
    }

    /// So many days that end with `to`.
    pub(super) fn last(days: i32, to: Date) -> Self {
        Self { from: to.saturating_sub((days - 1).days()), to }
    }

    /// How many days it has; none if the last is before the first.
    pub(super) fn days(&self) -> i32 {
        self.from.until(self.to).map_or(0, |span| span.get_days() + 1)
    }

    /// As many days right before it.
    pub(super) fn before(&self) -> Self {
        Self::last(self.days(), self.from.saturating_sub(1.days()))
    }

    /// The range of time, as reports take it.
    ///
    /// # Errors
    /// It ends before it begins, or is longer than reports go.
    pub(super) fn range(&self, organisation: &Organisation, now: Timestamp) -> Result<Range, QuestionError> {
        let end = self.to.saturating_add(1.days());
        let query = format!("from={}&to={end}", self.from);
        Range::read(&Query::read(Some(&query)), organisation, now)
    }

    /// `24 Oct – 22 Nov 2026`.
    pub(super) fn words(&self) -> String {
        let year = if self.from.year() == self.to.year() { "" } else { " %Y" };
        format!("{} – {}", self.from.strftime(&format!("%-d %b{year}")), self.to.strftime("%-d %b %Y"))
    }

    /// The parts that charts have a mark for: days, weeks that begin with the period, or months; each by its first and last day.
    pub(super) fn parts(&self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let last = match self.days() {
                days if days <= DAILY => from,
                days if days <= WEEKLY => from.saturating_add(6.days()),
                _ => from.last_of_month(),
            };
            let to = last.min(self.to);
            parts.push(Self { from, to });
            match to.tomorrow() {
                Ok(next) => from = next,
                Err(_) => break,
            }
        }
        parts
    }

    /// Which of these parts, in order, a day lies in.
    pub(super) fn part_of(parts: &[Self], day: Option<&str>) -> Option<usize> {
        let day: Date = day?.parse().ok()?;
        let at = parts.partition_point(|part| part.to < day);
        parts.get(at).filter(|part| part.from <= day).map(|_| at)
    }

    /// What [`Period::parts`] are.
    pub(super) fn unit(&self) -> &'static str {
        match self.days() {
            days if days <= DAILY => "day",
            days if days <= WEEKLY => "week",
            _ => "month",
        }
    }

    /// A part of a period in a few letters: `22 Nov`.
    pub(super) fn short(&self) -> String {
        self.from.strftime("%-d %b").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn both_ends_are_days_of_the_period_and_the_one_before_ends_right_before_it() {
        let week = period("2026-11-16", "2026-11-22");
        assert_eq!((week.days(), week), (7, Period::last(7, week.to)));
        assert_eq!(week.before(), period("2026-11-09", "2026-11-15"));
        assert_eq!(week.words(), "16 Nov – 22 Nov 2026");
        assert_eq!(period("2025-12-30", "2026-01-02").words(), "30 Dec 2025 – 2 Jan 2026");
    }

    #[test]
    fn a_part_that_is_not_over_or_not_all_there_is_a_piece() {
        let pieces = |from: &str, to: &str| -> Vec<bool> {
            let whole = period(from, to);
            whole.parts().iter().map(|part| whole.has_a_piece(part, "2026-11-20".parse().unwrap())).collect()
        };
        assert_eq!(pieces("2026-11-18", "2026-11-22"), [false, false, true, true, true]);
        assert_eq!(pieces("2026-10-05", "2026-11-11"), [false, false, false, false, false, true]);
        assert_eq!(pieces("2026-01-02", "2026-09-15"), [true, false, false, false, false, false, false, false, true]);
        assert_eq!(Period::months("2026-03-05".parse().unwrap())[1].1, period("2026-02-01", "2026-02-28"));
    }

    #[test]
    fn parts_cover_every_day_once_and_are_never_many() {
        for (days, unit, marks) in
            [(1, "day", 1), (31, "day", 31), (90, "week", 13), (217, "week", 31), (400, "month", 14)]
        {
            let whole = Period::last(days, "2026-11-22".parse().unwrap());
            let parts = whole.parts();
            assert_eq!((whole.unit(), parts.len()), (unit, marks));
            assert_eq!(parts.iter().map(Period::days).sum::<i32>(), days);
            assert!(parts.windows(2).all(|two| two[0].to.tomorrow().unwrap() == two[1].from));
        }
        assert!(period("2026-11-22", "2026-11-21").parts().is_empty());
    }
}
