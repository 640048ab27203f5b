//! What requests cost whose client says none.
//!
//! It is decided for each source, day and model, so that every division of a range adds up to the whole. Events without a
//! cost cost nothing more where metrics of that source, day and model report one. Tokens that metrics alone report are
//! priced where neither signal reports a cost.

use std::collections::{HashMap, HashSet};

use ahash::RandomState;

use super::amounts::Pending;
use super::divisions::{At, Divisions};
use super::grouping::Place;
use crate::activity::dimensions::{Dimension, Dimensions, Label};
use crate::activity::measure::{Measure, Numbers};
use crate::activity::money::Money;
use crate::claude::prices::{self, FAST, PriceList, Tokens};
use crate::claude::source::SourceId;
use model::bucket::Bucket;

/// Where the cost of [`Money`] stands.
const COST: usize = Money::LEN - 1;

/// What a cost is said for: a source, a day and a model.
type Subject = (SourceId, Bucket, Label);

fn subject(place: &Place, about: &Dimensions) -> Subject {
    (place.source, place.ends, about[Dimension::Model].clone())
}

/// Requests whose events say no cost.
#[derive(Debug)]
struct Uncosted {
    subject: Subject,
    at: At,
    tokens: Tokens,
    /// What they cost by the list, in nano-dollars, but for so many requests that it has no price for.
    listed: i64,
    unlisted: i64,
}

/// Who says costs, and what is without.
#[derive(Debug, Default)]
pub(super) struct Pricing {
    prices: PriceList,
    /// What events say a cost for.
    by_events: HashSet<Subject, RandomState>,
    /// The one noted last: rows come in runs.
    last: Option<Subject>,
    uncosted: Vec<Uncosted>,
}

impl Pricing {
    /// By these prices.
    pub(super) fn by(prices: PriceList) -> Self {
        Self { prices, ..Self::default() }
    }

    pub(super) fn prices(&self) -> &PriceList {
        &self.prices
    }

    /// Adds what another noted; `places` has those of its lines, by division.
    pub(super) fn absorb(&mut self, other: Self, places: &[Vec<usize>]) {
        self.by_events.extend(other.by_events);
        self.uncosted.extend(other.uncosted.into_iter().map(|one| Uncosted { at: one.at.moved(places), ..one }));
    }

    /// Whether a price is put on something that is shown, unless metrics say a cost of it.
    pub(super) fn leans_on_metrics(&self) -> bool {
        !self.uncosted.is_empty()
    }

    /// Notes what a row says about cost, which is shown at `at`, if it is.
    pub(super) fn note(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers, at: Option<At>) {
        if numbers[Measure::Cost] > 0 {
            self.note_cost(place, about);
        }
        if let Some(at) = at
            && numbers[Measure::WithoutCost] > 0
        {
            let tokens = Tokens {
                input: numbers[Measure::WithoutCostInput],
                output: numbers[Measure::WithoutCostOutput],
                cache_read: numbers[Measure::WithoutCostCacheRead],
                cache_creation: numbers[Measure::WithoutCostCacheCreation],
            };
            self.uncosted.push(Uncosted {
                subject: subject(place, about),
                at,
                tokens,
                listed: numbers[Measure::ListCost],
                unlisted: numbers[Measure::WithoutListCost],
            });
        }
    }

    fn note_cost(&mut self, place: &Place, about: &Dimensions) {
        let is_it = |(source, ends, model): &Subject| {
            *source == place.source && *ends == place.ends && *model == about[Dimension::Model]
        };
        if !self.last.as_ref().is_some_and(is_it) {
            let subject = subject(place, about);
            if !self.by_events.contains(&subject) {
                self.by_events.insert(subject.clone());
            }
            self.last = Some(subject);
        }
    }

    /// Adds to `lines` what costs nobody said, given what `metrics` report beyond events.
    pub(super) fn settle(self, metrics: &[Pending], lines: &mut Divisions) {
        let by_metrics: HashSet<Subject> = metrics
            .iter()
            .filter(|pending| pending.left[COST] > 0)
            .map(|pending| subject(&pending.place, &pending.about))
            .collect();
        for Uncosted { subject, at, tokens, listed, unlisted } in &self.uncosted {
            if by_metrics.contains(subject) {
                continue;
            }
            match subject.2.as_deref().and_then(|model| self.prices.own(model, tokens)) {
                Some(cost) => lines.price(*at, cost),
                None => {
                    lines.price(*at, self.prices.discounted(*listed));
                    lines.leave_unpriced(*at, *unlisted);
                }
            }
        }
        let mut unpriced: HashMap<Subject, &Pending> = HashMap::new();
        for pending in metrics {
            let [input, output, cache_read, cache_creation, _] = pending.left.amounts();
            let tokens = Tokens { input, output, cache_read, cache_creation };
            let subject = subject(&pending.place, &pending.about);
            if tokens.is_empty() || by_metrics.contains(&subject) || self.by_events.contains(&subject) {
                continue;
            }
            match (self.of_sum(pending, &tokens), pending.at) {
                (Some(cost), Some(at)) => lines.price(at, cost),
                (Some(_), None) => {}
                (None, _) => {
                    let first = unpriced.entry(subject).or_insert(pending);
                    // By labels first: a closed day knows no buckets, and comes to the same.
                    let order = |pending: &Pending| (pending.about.clone(), pending.place.bucket);
                    if order(pending) < order(first) {
                        *first = pending;
                    }
                }
            }
        }
        // Metrics do not say how many requests they tell of: a source, day and model count as one.
        unpriced.into_values().filter_map(|pending| pending.at).for_each(|at| lines.leave_unpriced(at, 1));
    }

    /// What tokens cost that metrics alone report, if it can be told.
    fn of_sum(&self, pending: &Pending, tokens: &Tokens) -> Option<i64> {
        let Pending { about, place, .. } = pending;
        let model = about[Dimension::Model].as_deref()?;
        // The day in which the organisation's day ends: what is compared with a later range is shown under other dates.
        let day = prices::day(place.ends.start());
        let is_fast = about[Dimension::Speed].as_deref() == Some(FAST);
        let listed = || prices::of_sum(model, day, tokens, is_fast).map(|listed| self.prices.discounted(listed));
        self.prices.own(model, tokens).or_else(listed)
    }
}
