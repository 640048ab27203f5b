//! What a source reports of tokens and cost in a bucket, by events and by metrics, held against each other.

use std::collections::{BTreeMap, HashSet};

use super::dimensions::{Dimensions, Label};
use super::matching::{Claim, Offer, Subject, explain};
use super::money::Money;
use model::bucket::Bucket;
use model::time::{SignedDuration, Timestamp, from_days, millis};

/// How far the time of an event and that of the point that counts it may differ beyond the point's interval.
const SLACK: SignedDuration = SignedDuration::from_secs(5);
/// The longest interval that is believed: a laptop may sleep for a month between two exports.
const LONGEST: SignedDuration = from_days(31);
/// The interval of a point that does not say when it begins.
const UNKNOWN: SignedDuration = SignedDuration::from_mins(5);

/// What a point counted and no event explained.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unexplained {
    /// Its dimensions.
    pub about: Dimensions,
    /// How many buckets before the one it is shown in its interval begins. Events of those may still explain it; with 0,
    /// none of the source can.
    pub reach: u32,
}

/// What events and metrics of a bucket say of the same requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// What metrics reported beyond events.
    pub unexplained: BTreeMap<Unexplained, Money>,
    /// What events reported and metrics of the same bucket repeated, [`heads`](Self::heads) included.
    pub explained: BTreeMap<Subject, Money>,
    /// What events reported before the first value of a counter in the bucket: what it gained since the bucket before it
    /// repeats that.
    pub heads: BTreeMap<Subject, Money>,
}

/// The requests and points of a bucket.
#[derive(Debug, Default)]
pub struct Reported {
    requests: Vec<(Timestamp, Subject, Money)>,
    points: Vec<Point>,
    counters: Vec<(Timestamp, Subject)>,
}

/// A point of a delta counter of tokens or cost.
#[derive(Debug)]
struct Point {
    end: Timestamp,
    start: Timestamp,
    about: Dimensions,
    money: Money,
}

impl Reported {
    /// Records what the event of a request reports.
    pub fn request(&mut self, time: Timestamp, session: &Label, model: &Label, money: Money) {
        let subject = Subject { session: session.clone(), model: model.clone() };
        self.requests.push((time, subject, money));
    }

    /// Records what a point reports of the time from `start` to `end`.
    pub fn point(&mut self, (start, end): (Timestamp, Timestamp), about: Dimensions, money: Money) {
        let is_credible = start.0 > 0 && start <= end && end.since(start) <= LONGEST;
        let start = if is_credible { start } else { end.minus(UNKNOWN) };
        self.points.push(Point { end, start, about, money });
    }

    /// Records when a counter that goes on from an earlier bucket has its first value.
    pub fn goes_on(&mut self, first: Timestamp, about: &Dimensions) {
        self.counters.push((first, Subject::of(about)));
    }

    /// Holds them against each other.
    #[must_use]
    pub fn compare(mut self) -> Comparison {
        if self.points.is_empty() && self.counters.is_empty() {
            return Comparison::default();
        }
        self.requests.sort_by(|a, b| (a.0, &a.1, a.2.amounts()).cmp(&(b.0, &b.1, b.2.amounts())));
        self.points.sort_by(|a, b| (a.end, a.start, &a.about).cmp(&(b.end, b.start, &b.about)));
        let offer = |(time, subject, money): &(Timestamp, Subject, Money)| Offer {
            at: time.0,
            subject: subject.clone(),
            left: *money,
        };
        let claim = |point: &Point| Claim {
            interval: (point.start.0, point.end.0),
            subject: Subject::of(&point.about),
            // What reaches back looks at the bucket before first.
            slack: if reach(point) == 0 { millis(SLACK) } else { 0 },
            left: point.money,
        };
        let mut offers: Vec<Offer> = self.requests.iter().map(offer).collect();
        let mut claims: Vec<Claim> = self.points.iter().map(claim).collect();
        explain(&mut offers, &mut claims);
        let mut comparison = Comparison { heads: heads(&mut offers, self.counters), ..Comparison::default() };
        for ((_, subject, money), offer) in self.requests.into_iter().zip(offers) {
            let mut explained = money;
            (0..Money::LEN).for_each(|index| explained[index] -= offer.left[index]);
            if !explained.is_empty() {
                *comparison.explained.entry(subject).or_default() += explained;
            }
        }
        for (point, claim) in self.points.into_iter().zip(claims).filter(|(_, claim)| !claim.left.is_empty()) {
            let reach = reach(&point);
            *comparison.unexplained.entry(Unexplained { about: point.about, reach }).or_default() += claim.left;
        }
        comparison
    }
}

/// How many buckets before its own the interval of a point begins.
fn reach(point: &Point) -> u32 {
    u32::try_from(Bucket::of(point.end).0 - Bucket::of(point.start).0).unwrap_or_default()
}

/// Takes what comes before the first values of counters from the offers: of the session of a counter, or if it has none there, of
/// any.
fn heads(offers: &mut [Offer], counters: Vec<(Timestamp, Subject)>) -> BTreeMap<Subject, Money> {
    let mut until: BTreeMap<Subject, Timestamp> = BTreeMap::new();
    let known: HashSet<Subject> = offers.iter().map(|offer| offer.subject.clone()).collect();
    for (first, subject) in counters {
        let subject = if known.contains(&subject) { subject } else { Subject { session: None, ..subject } };
        let known = until.entry(subject).or_insert(first);
        *known = first.max(*known);
    }
    let mut heads: BTreeMap<Subject, Money> = BTreeMap::new();
    for offer in offers {
        let of_model = Subject { session: None, model: offer.subject.model.clone() };
        let until = until.get(&offer.subject).max(until.get(&of_model));
        if until.is_some_and(|until| offer.at <= until.0) && !offer.left.is_empty() {
            *heads.entry(offer.subject.clone()).or_default() += std::mem::take(&mut offer.left);
        }
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::dimensions::Dimension;
    use model::time::MINUTE;

    const MINUTE_OF: Timestamp = Timestamp(0).plus(MINUTE);

    fn cost(amount: i64) -> Money {
        [0, 0, 0, 0, amount].into()
    }

    #[test]
    fn as_many_counters_as_requests_take_no_longer_for_each_of_them() {
        let mut reported = Reported::default();
        for number in 0..100_000 {
            let session: Label = Some(format!("session {number}").into());
            reported.request(MINUTE_OF, &session, &None, cost(1));
            reported.goes_on(MINUTE_OF, &Dimensions::default().with(Dimension::Session, session));
        }
        assert_eq!(reported.compare().heads.len(), 100_000);
    }

    #[test]
    fn what_comes_before_the_first_value_of_a_counter_is_left_to_its_gain() {
        let (session, other): (Label, Label) = (Some("s".into()), Some("t".into()));
        let mut reported = Reported::default();
        reported.request(Timestamp(10), &session, &None, cost(3));
        reported.request(Timestamp(30), &session, &None, cost(4));
        reported.request(Timestamp(10), &other, &None, cost(5));
        reported.goes_on(Timestamp(20), &Dimensions::default().with(Dimension::Session, session.clone()));
        let comparison = reported.compare();
        let subject = Subject { session, model: None };
        assert_eq!(comparison.heads, [(subject.clone(), cost(3))].into());
        assert_eq!(comparison.explained, [(subject, cost(3))].into(), "the rest is there for the next bucket");
    }
}
