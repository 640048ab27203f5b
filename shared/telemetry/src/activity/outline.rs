//! The outline of a day: its summary with the numbers of all sessions together. It has keys of the sessions in place of their ids, and
//! says in which of them there was work, so that they are counted as from the summary. All questions but those for single sessions are
//! answered from it, at a fifth of the bytes. Ids are left where metrics count beyond events, and in counters since the start of a
//! client.
//!
//! What events reported beyond metrics, and metrics beyond events, is there row by row: whether it counts is decided with other
//! sources of the day.

use std::collections::{BTreeMap, BTreeSet};

use super::dimensions::{Dimension, Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::money::Money;
use super::repeated::Repeated;
use super::reported::Unexplained;
use super::series::{Piece, Series};
use super::session::{Began, Requests, SessionKey, Worked};
use super::summary::{Part, Summary, Traffic};

/// What a source's day comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// Its sessions, in the order of their keys.
    pub sessions: Vec<(SessionKey, Began)>,
    /// What events reported and metrics did not repeat, with the person that the record names. In the order of the summary's rows.
    pub left: Vec<(Label, Requests, Money)>,
    /// Its rows, without a session. Work of people and that of automation are apart.
    pub rows: Vec<(Dimensions, Numbers, Worked)>,
    /// What metrics report beyond events.
    pub unexplained: BTreeMap<Unexplained, Money>,
    /// Cumulative counters.
    pub series: BTreeMap<Series, Piece>,
}

/// What rows have in common that are put together: their dimensions, whether they are automation's, and, where a price is put on each
/// row by itself, the session.
type Kind = (Dimensions, bool, Option<Option<SessionKey>>);

impl Outline {
    /// The outline of a day.
    #[must_use]
    pub fn of(day: &Summary) -> Self {
        let key = |about: &Dimensions| about[Dimension::Session].as_deref().map(SessionKey::of);
        let seen = day.sessions.keys().map(|session| (SessionKey::of(session), Began::default()));
        let mut sessions: BTreeMap<SessionKey, Began> = seen.collect();
        for (about, numbers) in &day.rows {
            if let Some(key) = key(about) {
                let began = sessions.entry(key).or_default();
                *began = began.with(Began::of(numbers));
            }
        }
        let sessions: Vec<(SessionKey, Began)> = sessions.into_iter().collect();
        let mut repeated = Repeated::default();
        for (subject, money) in &day.comparison.explained {
            repeated.note(subject.clone(), *money);
        }
        let mut left = Vec::new();
        let mut rows: BTreeMap<Kind, (Numbers, BTreeSet<usize>, bool)> = BTreeMap::new();
        for (about, numbers) in &day.rows {
            let beyond = repeated.left(about, numbers);
            left.extend(
                beyond.map(|(subject, money)| (about[Dimension::Identity].clone(), Requests::of(&subject), money)),
            );
            let session = key(about);
            let apart = (numbers[Measure::WithoutCost] > 0).then_some(session);
            let kind = (about.clone().with(Dimension::Session, None), numbers.are_of_automation(), apart);
            let (sum, worked, outside) = rows.entry(kind).or_default();
            *sum += numbers;
            if numbers[Measure::Work] > 0 {
                let place = session.and_then(|key| sessions.binary_search_by_key(&key, |(key, _)| *key).ok());
                *outside |= place.is_none();
                worked.extend(place);
            }
        }
        let rows = rows.into_iter().map(|((about, ..), (numbers, worked, outside))| {
            (about, numbers, Worked { sessions: worked.into_iter().collect(), outside })
        });
        Self {
            rows: rows.collect(),
            sessions,
            left,
            unexplained: day.comparison.unexplained.clone(),
            series: day.series.clone(),
        }
    }

    /// Passes all parts to `take`: traffic, of which a day has none, sessions, what is left, rows, what is not explained, series.
    pub fn parts(&self, mut take: impl FnMut(Part<'_>)) {
        take(Part::Traffic(Traffic::default()));
        self.sessions.iter().for_each(|(key, began)| take(Part::Began(*key, *began)));
        self.left.iter().for_each(|(identity, of, money)| take(Part::Left(identity, of, *money)));
        self.rows.iter().for_each(|(about, numbers, worked)| take(Part::Outlined(about, numbers, worked)));
        self.unexplained.iter().for_each(|(what, money)| take(Part::Unexplained(what, *money)));
        self.series.iter().for_each(|(series, piece)| take(Part::Series(series, *piece)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::activity::ledger::{Account, Dates, Filter, Grouping, Ledger, Line, Place, Role};
    use crate::activity::matching::Subject;
    use crate::activity::reported::Comparison;
    use crate::claude::prices::{PriceList, Rates};
    use crate::claude::source::{SourceId, SourceKind};
    use model::bucket::Bucket;

    /// One of a few names, or none.
    fn name(of: &'static [&'static str]) -> impl Strategy<Value = Label> {
        (0..=of.len()).prop_map(|place| of.get(place).map(|name| Arc::from(*name)))
    }

    prop_compose! {
        fn about()(
            session in name(&["s-1", "s-2", "s-3"]),
            model in name(&["claude-opus-5", "own"]),
            identity in name(&["dana", "ci"]),
            tool in name(&["Bash"]),
        ) -> Dimensions {
            let about = Dimensions::default().with(Dimension::Session, session).with(Dimension::Model, model);
            about.with(Dimension::Identity, identity).with(Dimension::Tool, tool)
        }
    }

    /// The measures that decide about more than their own sum.
    const TELLING: [Measure; 9] = [
        Measure::Work,
        Measure::Automated,
        Measure::AgentsView,
        Measure::Starts,
        Measure::Input,
        Measure::Cost,
        Measure::WithoutCost,
        Measure::WithoutCostInput,
        Measure::ListCost,
    ];

    fn numbers() -> impl Strategy<Value = Numbers> {
        std::array::from_fn::<_, { TELLING.len() }, _>(|_| 0..4_i64).prop_map(|amounts| {
            let mut numbers = Numbers::default();
            TELLING.into_iter().zip(amounts).for_each(|(measure, amount)| numbers.add(measure, amount));
            numbers.spread.count(amounts.iter().fold(0, |sum, amount| sum + *amount as u8), 1);
            numbers
        })
    }

    fn money() -> impl Strategy<Value = Money> {
        std::array::from_fn::<_, { Money::LEN }, _>(|_| 0..4_i64).prop_map(Money::from)
    }

    prop_compose! {
        fn day()(
            rows in prop::collection::btree_map(about(), numbers(), 0..8),
            explained in prop::collection::btree_map(about(), money(), 0..3),
            unexplained in prop::collection::btree_map(about(), money(), 0..3),
        ) -> Summary {
            let unexplained = unexplained.into_iter().map(|(about, money)| (Unexplained { about, reach: 0 }, money));
            let explained = explained.into_iter().map(|(about, money)| (Subject::of(&about), money));
            let comparison =
                Comparison { explained: explained.collect(), unexplained: unexplained.collect(), ..Comparison::default() };
            Summary { rows, comparison, ..Summary::default() }
        }
    }

    /// Sources of two days in a ledger: by their summaries, or by their outlines, which several ledgers have some of each.
    fn ledger(days: &[Summary], grouping: &[Grouping], also: &[Vec<Grouping>], is_outlined: bool) -> Vec<Account> {
        let automation = Arc::new(HashSet::from([Arc::from("ci")]));
        // Two sources have one person where no record says more.
        let whose = |source: SourceId, identity: &Label| {
            let named = source != SourceId::new(SourceKind::Client, "2");
            identity.clone().or_else(|| named.then(|| Arc::from("john")))
        };
        let rates = Rates { input: 3, output: 0, cache_read: 0, cache_creation: 0 };
        let prices = PriceList::new(Some(0.7), [("own".to_owned(), rates)]);
        let mut ledger = Ledger::new(grouping, whose).with_automation(automation).with_prices(prices);
        for grouping in also {
            ledger = ledger.also(grouping.clone(), of_john());
        }
        let mut ledgers = [ledger.fork(), ledger];
        for (number, day) in days.iter().enumerate() {
            let ledger = &mut ledgers[if is_outlined { number % 2 } else { 1 }];
            let source = SourceId::new(SourceKind::Client, &(number % 3).to_string());
            let dates = Dates { day: (number / 3).to_string().into(), ..Dates::default() };
            let ends = Bucket(100 * (1 + number as i64 / 3));
            let place = Place { source, dates: Arc::new(dates), ends, bucket: None, role: Role::Shown };
            match is_outlined {
                true => Outline::of(day).parts(|part| ledger.add(&place, &part)),
                false => day.parts(|part| ledger.add(&place, &part)),
            }
        }
        let [fork, mut ledger] = ledgers;
        ledger.absorb(fork);
        ledger.close_all().collect()
    }

    fn of_john() -> Filter {
        Filter::default().and(Grouping::User, vec![Some("john".into())])
    }

    fn by(dimension: Dimension) -> Grouping {
        Grouping::By(dimension)
    }

    /// What an account says, whatever its numbers of sessions and people are.
    fn told(account: &Account) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
        let lines = account.lines.iter().chain([&account.total]);
        let told = lines.map(|line| {
            let mut people: Vec<Arc<str>> = account.people(line).into_iter().collect();
            people.sort();
            let counts = [line.sessions.len(), line.automation_sessions.len()];
            (line.key.clone(), line.numbers.clone(), line.priced, line.without_cost, counts, people)
        });
        told.collect()
    }

    proptest! {
        #[test]
        fn outlines_add_up_to_what_their_summaries_do(days in prop::collection::vec(day(), 1..7)) {
            for grouping in [
                vec![],
                vec![Grouping::Day],
                vec![Grouping::User, by(Dimension::Model)],
                vec![by(Dimension::Identity), by(Dimension::Tool), Grouping::Day],
            ] {
                let [by_summaries, by_outlines] = [false, true].map(|is_outlined| ledger(&days, &grouping, &[], is_outlined));
                prop_assert_eq!(told(&by_summaries[0]), told(&by_outlines[0]), "{:?}", grouping);
            }
        }

        #[test]
        fn a_ledger_of_several_groupings_says_what_a_ledger_of_each_says(days in prop::collection::vec(day(), 1..7)) {
            let (first, others) = (vec![by(Dimension::Model)], [vec![Grouping::Day, by(Dimension::Tool)], vec![]]);
            let together = ledger(&days, &first, &others, true);
            let alone = ledger(&days, &first, &[], false).remove(0);
            prop_assert_eq!(told(&together[0]), told(&alone));
            for (account, grouping) in together[1..].iter().zip(&others) {
                let of_john_alone = ledger(&days, &[], std::slice::from_ref(grouping), false).remove(1);
                prop_assert_eq!(told(account), told(&of_john_alone));
                // Grouping by person and keeping John's lines comes to the same.
                let by_person = [&[Grouping::User], &grouping[..]].concat();
                let by_person = ledger(&days, &by_person, &[], false).remove(0);
                let johns = by_person.lines.iter().filter(|line| line.key[0].as_deref() == Some("john"));
                let numbers = |line: &Line| (line.numbers.clone(), line.priced, line.without_cost, line.sessions.len());
                prop_assert!(johns.map(numbers).eq(account.lines.iter().map(numbers)));
            }
        }
    }

    #[test]
    fn an_outline_of_many_sessions_in_many_lines_tells_of_all_of_them() {
        let row = |number: usize| {
            let about = Dimensions::default().with(Dimension::Session, Some(number.to_string().into()));
            let mut numbers = Numbers::default();
            numbers.add(Measure::Work, 1);
            (about.with(Dimension::Tool, Some((number % 40).to_string().into())), numbers)
        };
        let days = [Summary { rows: (0..70).map(row).collect(), ..Summary::default() }];
        let [by_summaries, by_outlines] =
            [false, true].map(|is_outlined| ledger(&days, &[by(Dimension::Tool)], &[], is_outlined).remove(0));
        assert_eq!(told(&by_summaries), told(&by_outlines));
        let sessions: Vec<usize> = by_outlines.lines.iter().map(|line| line.sessions.len()).collect();
        assert_eq!((sessions.len(), sessions.iter().sum(), by_outlines.total.sessions.len()), (40, 70, 70));
    }

    #[test]
    fn an_outline_has_one_row_for_what_differs_by_its_session_alone() {
        let of = |session: &str| Dimensions::default().with(Dimension::Session, Some(session.into()));
        let mut numbers = Numbers::default();
        numbers.add(Measure::Work, 1);
        let rows = ["a", "b"].map(|session| (of(session), numbers.clone()));
        let outline = Outline::of(&Summary { rows: rows.into(), ..Summary::default() });
        let [(about, sum, worked)] = &outline.rows[..] else { panic!("{:?}", outline.rows) };
        assert_eq!((about, sum[Measure::Work]), (&Dimensions::default(), 2));
        assert_eq!(worked, &Worked { sessions: vec![0, 1], outside: false });
    }
}
