//! List prices of models, for requests whose client reported tokens and no cost.
//!
//! The prices are data, `prices/list.csv`, which names its source and the day from which each holds. An amount that the
//! list cannot tell is `None` and never zero: that of a model that is not in it, or of a request in fast mode or with a long
//! prompt where that costs more and the list does not say how much.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::Offset;
use model::time::Timestamp;

use super::models::canonical;

/// The `speed` of a request in fast mode.
pub const FAST: &str = "fast";

/// Nano-dollars for one token of each kind. A price of one dollar per million tokens is 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// A token of the prompt that was not cached.
    pub input: i64,
    /// A token of the answer.
    pub output: i64,
    /// A token of the prompt that was read from the cache.
    pub cache_read: i64,
    /// A token of the prompt that was written to the cache.
    pub cache_creation: i64,
}

/// Tokens of requests by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    /// See [`Rates::input`].
    pub input: i64,
    /// See [`Rates::output`].
    pub output: i64,
    /// See [`Rates::cache_read`].
    pub cache_read: i64,
    /// See [`Rates::cache_creation`].
    pub cache_creation: i64,
}

impl Tokens {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The length of the prompt of one request.
    #[must_use]
    pub fn prompt(&self) -> i64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_creation)
    }
}

impl Rates {
    /// Of US dollars per million tokens of input, output, read and written cache.
    #[must_use]
    pub fn of_dollars(dollars: [f64; 4]) -> Self {
        // A price has at most three decimals, so that it is a whole number of nano-dollars a token.
        let [input, output, cache_read, cache_creation] = dollars.map(|dollars| (dollars * 1e3).round() as i64);
        Self { input, output, cache_read, cache_creation }
    }

    /// What tokens cost, in nano-dollars. Saturates.
    #[must_use]
    pub fn cost(&self, tokens: &Tokens) -> i64 {
        [
            (self.input, tokens.input),
            (self.output, tokens.output),
            (self.cache_read, tokens.cache_read),
            (self.cache_creation, tokens.cache_creation),
        ]
        .into_iter()
        .fold(0, |sum: i64, (rate, count)| sum.saturating_add(rate.saturating_mul(count)))
    }
}

/// The prices of an organisation: Anthropic's list, at a discount or with rates of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PriceList {
    multiplier: Option<f64>,
    own: HashMap<String, Rates>,
}

impl PriceList {
    /// The list times `multiplier`, but for the models that `own` has rates of, by name.
    #[must_use]
    pub fn new(multiplier: Option<f64>, own: impl IntoIterator<Item = (String, Rates)>) -> Self {
        let own = own.into_iter().map(|(model, rates)| (canonical(&model).into_owned(), rates)).collect();
        Self { multiplier, own }
    }

    /// What tokens of a model, by its [canonical] name, cost by the organisation's own rates, in nano-dollars; `None` if it
    /// has none for the model. They hold at every speed and for every prompt, as they do in Claude Code.
    #[must_use]
    pub fn own(&self, model: &str, tokens: &Tokens) -> Option<i64> {
        self.own.get(model).map(|own| own.cost(tokens))
    }

    /// What the cache saved on tokens of a model on a day in UTC, in nano-dollars: what those read from it would have cost anew, less
    /// what those written to it cost more. Below zero if it cost more than it saved; `None` if the price of the model is not known.
    #[must_use]
    pub fn saved_by_cache(&self, model: &str, day: Date, tokens: &Tokens) -> Option<i64> {
        let with = Tokens { input: 0, output: 0, ..*tokens };
        let without = Tokens { input: with.prompt(), ..Tokens::default() };
        let saved = |rates: &Rates| rates.cost(&without).saturating_sub(rates.cost(&with));
        let own = self.own.get(model).map(saved);
        own.or_else(|| rates(model, day).map(|rates| self.discounted(saved(&rates))))
    }

    /// What the organisation pays for what costs `listed` by the list, both in nano-dollars.
    #[must_use]
    pub fn discounted(&self, listed: i64) -> i64 {
        self.multiplier.map_or(listed, |multiplier| (listed as f64 * multiplier).round() as i64)
    }
}

/// A row of the list.
#[derive(Debug)]
struct Price {
    model: &'static str,
    from: Date,
    rates: Rates,
    /// By how many times a request in fast mode costs more.
    fast: Option<i64>,
    /// The longest prompt that the price holds for, in tokens.
    prompt: Option<i64>,
}

static LIST: LazyLock<Vec<Price>> = LazyLock::new(|| {
    include_str!("prices/list.csv").lines().filter(|line| !line.starts_with('#')).filter_map(Price::parse).collect()
});

impl Price {
    fn parse(line: &'static str) -> Option<Self> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let [model, from, input, output, cache_read, cache_creation, fast, prompt] = fields[..] else { return None };
        let [Ok(input), Ok(output), Ok(cache_read), Ok(cache_creation)] =
            [input, output, cache_read, cache_creation].map(str::parse::<f64>)
        else {
            return None;
        };
        let rates = Rates::of_dollars([input, output, cache_read, cache_creation]);
        Some(Self { model, from: from.parse().ok()?, rates, fast: fast.parse().ok(), prompt: prompt.parse().ok() })
    }
}

/// The day of a time in UTC, in which prices are dated.
#[must_use]
pub fn day(time: Timestamp) -> Date {
    let time = jiff::Timestamp::from_millisecond(time.0).unwrap_or(if time.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    Offset::UTC.to_datetime(time).date()
}

/// The prices of a model on a day in UTC, by its [canonical](super::models::canonical) name, for requests at normal speed
/// whose prompt is not too long for them.
fn price(model: &str, day: Date) -> Option<&'static Price> {
    let mut rows = LIST.iter().filter(|price| price.model == model);
    let first = rows.next()?;
    Some(rows.take_while(|price| price.from <= day).last().unwrap_or(first))
}

/// The rates of a model on a day in UTC, by its [canonical] name, at normal speed.
#[must_use]
pub fn rates(model: &str, day: Date) -> Option<Rates> {
    price(model, day).map(|price| price.rates)
}

/// What a request of a model costs on a day in UTC by the list, in nano-dollars, at this speed; `None` if the list does not
/// tell. The model is named [canonically](canonical).
#[must_use]
pub fn of_request(model: &str, day: Date, tokens: &Tokens, is_fast: bool) -> Option<i64> {
    let price = price(model, day)?;
    if price.prompt.is_some_and(|longest| tokens.prompt() > longest) {
        return None;
    }
    let times = if is_fast { price.fast? } else { 1 };
    Some(price.rates.cost(tokens).saturating_mul(times))
}

/// The same for a sum of requests, of which nobody knows how long their prompts were.
#[must_use]
pub fn of_sum(model: &str, day: Date, tokens: &Tokens, is_fast: bool) -> Option<i64> {
    price(model, day).filter(|price| price.prompt.is_none())?;
    of_request(model, day, tokens, is_fast)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_row_of_the_list_is_read() {
        let rows = include_str!("prices/list.csv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(LIST.len(), rows.count());
        for price in LIST.iter() {
            assert_eq!(super::super::models::canonical(price.model), price.model, "names are canonical");
            let Rates { input, output, cache_read, cache_creation } = price.rates;
            assert!(cache_read < input && input < cache_creation && cache_creation < output, "{}", price.model);
        }
    }

    #[test]
    fn the_rows_of_a_model_follow_each_other_in_order_of_time() {
        for pair in LIST.windows(2).filter(|pair| pair[0].model == pair[1].model) {
            assert!(pair[0].from < pair[1].from, "{}", pair[0].model);
        }
        let mut models: Vec<_> = LIST.iter().map(|price| price.model).collect();
        models.dedup();
        let count = models.len();
        models.sort_unstable();
        models.dedup();
        assert_eq!(models.len(), count, "the rows of a model stand together");
    }

    #[test]
    fn the_price_of_the_day_holds_and_the_first_one_also_before() {
        let read = |day| rates("claude-sonnet-5-5", day).map(|rates| rates.cache_read);
        let days = [date(2026, 1, 1), date(2026, 10, 6), date(2026, 10, 7), date(2030, 1, 1)];
        assert_eq!(days.map(read), [Some(200), Some(200), Some(100), Some(100)]);
    }

    #[test]
    fn tokens_cost_what_a_recorded_client_says_they_do() {
        let tokens = Tokens { input: 130, output: 72, cache_read: 11_310, cache_creation: 310 };
        let rates = rates("claude-opus-5-5", date(2026, 11, 1)).unwrap();
        assert_eq!(rates.cost(&tokens), 5_772_000);
    }

    #[test]
    fn no_amount_is_told_that_the_list_does_not_know() {
        let day = date(2026, 11, 1);
        assert_eq!(rates("claude-opus-99", day), None);
        let long = Tokens { input: 1, cache_read: 100_000, ..Tokens::default() };
        let short = Tokens { cache_read: 100_000, ..Tokens::default() };
        assert_eq!(of_request("claude-haiku-5-5", day, &short, false), Some(1_000_000));
        assert_eq!(of_sum("claude-haiku-5-5", day, &short, false), None, "of a sum nobody knows how long prompts were");
        assert_eq!(of_request("claude-haiku-5-5", day, &long, false), None);
        assert_eq!(of_request("claude-haiku-5-5", day, &short, true), None);
        assert_eq!(of_sum("claude-opus-5", day, &short, false), Some(50_000_000));
        assert_eq!(of_request("claude-opus-5", day, &short, true), Some(100_000_000));
    }

    #[test]
    fn an_organisation_has_a_discount_or_rates_of_its_own() {
        let tokens = Tokens { input: 1_000_000, ..Tokens::default() };
        let own = Rates { input: 4_200, output: 21_000, cache_read: 420, cache_creation: 5_250 };
        let prices = PriceList::new(Some(0.85), [("eu.anthropic.claude-opus-5".to_owned(), own)]);
        assert_eq!(prices.own("claude-opus-5", &tokens), Some(4_200_000_000), "its own rates have no discount");
        assert_eq!(prices.own("claude-opus-5-5", &tokens), None);
        assert_eq!((prices.discounted(1_000), PriceList::default().discounted(1_000)), (850, 1_000));
    }

    #[test]
    fn the_cache_saves_what_reading_anew_costs_more_less_what_writing_costs_more() {
        let tokens = Tokens { input: 9, output: 9, cache_read: 1_000, cache_creation: 100 };
        let (day, rates) = (date(2026, 11, 1), rates("claude-opus-5", date(2026, 11, 1)).unwrap());
        let saved = 1_000 * (rates.input - rates.cache_read) - 100 * (rates.cache_creation - rates.input);
        assert_eq!(PriceList::default().saved_by_cache("claude-opus-5", day, &tokens), Some(saved));
        assert_eq!(PriceList::new(Some(0.5), []).saved_by_cache("claude-opus-5", day, &tokens), Some(saved / 2));
        let written = Tokens { cache_creation: 100, ..Tokens::default() };
        assert!(PriceList::default().saved_by_cache("claude-opus-5", day, &written).unwrap() < 0);
        assert_eq!(PriceList::default().saved_by_cache("claude-opus-99", day, &tokens), None);
    }

    #[test]
    fn a_day_of_prices_is_one_of_utc() {
        assert_eq!(day(Timestamp(1_791_331_199_999)), date(2026, 10, 6));
        assert_eq!(day(Timestamp(1_791_331_200_000)), date(2026, 10, 7));
        assert_eq!(day(Timestamp(i64::MAX)).year(), 9999);
    }

    #[test]
    fn absurd_amounts_saturate() {
        let tokens = Tokens { input: i64::MAX, output: i64::MAX, ..Tokens::default() };
        assert_eq!(rates("claude-opus-5", date(2026, 11, 1)).unwrap().cost(&tokens), i64::MAX);
    }
}
