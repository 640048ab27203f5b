//! What of a summary's events its metrics repeat, as its rows are gone through in their order.

use std::collections::HashMap;

use ahash::RandomState;

use super::dimensions::Dimensions;
use super::matching::Subject;
use super::measure::Numbers;
use super::money::Money;

/// Tokens and cost that metrics of one summary repeat, by session and model.
#[derive(Debug, Default)]
pub struct Repeated(HashMap<Subject, Money, RandomState>);

impl Repeated {
    /// Of the next summary.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Notes what metrics repeat.
    pub fn note(&mut self, subject: Subject, money: Money) {
        self.0.insert(subject, money);
    }

    /// What the events of a row reported and metrics do not repeat, if there is anything. Each amount repeats once.
    pub fn left(&mut self, about: &Dimensions, numbers: &Numbers) -> Option<(Subject, Money)> {
        let mut left = Money::of_events(numbers);
        if left.is_empty() {
            return None;
        }
        let subject = Subject::of(about);
        if let Some(repeated) = self.0.get_mut(&subject) {
            repeated.cancel(&mut left);
        }
        (!left.is_empty()).then_some((subject, left))
    }
}
