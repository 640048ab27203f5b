use proptest::prelude::*;

use super::*;
use crate::activity::reported::Comparison;
use crate::activity::summary::{Span, Traffic};
use crate::pack::Corrupt;
use model::time::Timestamp;

fn label() -> impl Strategy<Value = Label> {
    prop_oneof![
        Just(None),
        Just(Some(Arc::from("Bash"))),
        Just(Some(Arc::from("60f43ec4-f3a2-4ecc-b716-7c94636ea600"))),
        Just(Some(Arc::from("60F43EC4-f3a2-4ecc-b716-7c94636ea600"))),
        "[a-zé/ -]{1,40}".prop_map(|text| Some(Arc::from(text))),
    ]
}

fn about() -> impl Strategy<Value = Dimensions> {
    prop::collection::vec((0..Dimension::COUNT, label()), 0..6).prop_map(|labels| {
        let with = |about: Dimensions, (index, label)| about.with(Dimension::ALL[index], label);
        labels.into_iter().fold(Dimensions::default(), with)
    })
}

prop_compose! {
    fn comparison()(
        explained in prop::collection::btree_map(about(), any::<[i64; Money::LEN]>(), 0..4),
        heads in prop::collection::btree_map(about(), any::<[i64; Money::LEN]>(), 0..2),
        unexplained in prop::collection::btree_map((about(), 0..5_u32), any::<[i64; Money::LEN]>(), 0..4),
    ) -> Comparison {
        let subjects = |list: std::collections::BTreeMap<Dimensions, [i64; Money::LEN]>| {
            list.into_iter().map(|(about, amounts)| (Subject::of(&about), amounts.into())).collect()
        };
        let unexplained = unexplained.into_iter();
        Comparison {
            explained: subjects(explained),
            heads: subjects(heads),
            unexplained: unexplained.map(|((about, reach), a)| (Unexplained { about, reach }, a.into())).collect(),
        }
    }
}

prop_compose! {
    pub(super) fn summary()(
        rows in prop::collection::btree_map(
            about(),
            (
                prop::collection::vec(0..i64::MAX, Measure::ALL.len()),
                prop::collection::vec((0..Spread::COUNTERS, 1..u64::MAX), 0..5),
            ),
            0..12,
        ),
        series in prop::collection::vec((about(), 0..Measure::ALL.len(), any::<i64>(), any::<[u8; 8]>(), any::<[i64; 3]>()), 0..4),
        sessions in prop::collection::vec(("[a-z]{1,9}", any::<i64>(), any::<i64>()), 0..4),
        accepted in any::<[u64; 3]>(),
        comparison in comparison(),
    ) -> Summary {
        let row = |(values, durations): (Vec<i64>, Vec<(u8, u64)>)| {
            let mut numbers = Numbers::default();
            durations.into_iter().for_each(|(counter, times)| numbers.spread.count(counter, times));
            Measure::ALL.into_iter().zip(values).for_each(|(m, v)| numbers.add(m, v));
            numbers
        };
        let piece = |[first, last, gained]: [i64; 3]| {
            Piece { from: Timestamp(first), to: Timestamp(last), first, last, gained }
        };
        Summary {
            rows: rows.into_iter().map(|(about, values)| (about, row(values))).collect(),
            series: series.into_iter().map(|(about, measure, start, labels, numbers)| {
                (Series { about, measure: Measure::ALL[measure], start: Timestamp(start), labels }, piece(numbers))
            }).collect(),
            sessions: sessions.into_iter().map(|(name, first, last)| {
                (Arc::from(name), Span { first: Timestamp(first), last: Timestamp(last) })
            }).collect(),
            traffic: Traffic { accepted, ..Traffic::default() },
            comparison,
        }
    }
}

proptest! {
    #[test]
    fn every_summary_is_read_back(summary in summary()) {
        prop_assert_eq!(decode(&encode(&summary)).unwrap(), summary);
    }

    #[test]
    fn damaged_bytes_are_refused_without_a_panic(summary in summary(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = encode(&summary);
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = decode(&bytes);
        bytes.truncate(at);
        prop_assert!(decode(&bytes).is_err());
    }
}

#[test]
fn a_later_version_is_told_from_damage() {
    assert_eq!(decode(&[4, 0]), Err(Corrupt::Version(4)));
    assert!(matches!(decode(&[3, 9]), Err(Corrupt::Damaged(_))));
}

/// The dimensions of the model "m" in a summary of a version before services were known.
fn of_model() -> Dimensions {
    let of_claude_code = Dimensions::default().with(Dimension::Service, Some("claude-code".into()));
    of_claude_code.with(Dimension::Model, Some("m".into()))
}

fn cost(amount: i64) -> Money {
    Money::from([0, 0, 0, 0, amount])
}

#[test]
fn the_first_version_is_read_and_its_events_and_metrics_are_compared() {
    // One row of the model "m": a request of 5 nano-dollars, and 8 by metrics.
    let bytes = [1, 0, 0, 1, 2, b'm', 0, 0, 1, 1 << 6, FIRST_WORDS as u8 + 1, 0x90, 0x88, 0x02, 1, 5, 8, 0];
    let summary = decode(&bytes).unwrap();
    let row = &summary.rows[&of_model()];
    assert_eq!((row[Measure::ApiRequests], row[Measure::Cost], row[Measure::PointCost]), (1, 5, 0));
    assert_eq!(summary.comparison.explained, [(Subject::of(&of_model()), cost(5))].into());
    assert_eq!(summary.comparison.unexplained, [(Unexplained { about: of_model(), reach: 1 }, cost(3))].into());
}

#[test]
fn the_version_before_is_read_as_claude_codes() {
    // One row of the model "m" in the terminal "ghostty", by "bedrock": a request of 5 nano-dollars; and 3 that no event explains.
    let row = [1, 1 << 6 | 1 << 1, 1 << 1, 23, 25, 26, 0x90, 0x08, 1, 5];
    let unexplained = [1, 0, 0, 1, 1 << 4, 3];
    let head = [2, 0, 0, 2, 2, b'm', 8, b'b', b'e', b'd', b'r', b'o', b'c', b'k', 0, 0, 0, 0];
    let bytes = [&head[..], &row, &unexplained, &[0]].concat();
    let summary = decode(&bytes).unwrap();
    let about = of_model().with(Dimension::Terminal, Some("ghostty".into()));
    let about = about.with(Dimension::Provider, Some("bedrock".into()));
    assert_eq!(summary.rows[&about][Measure::Cost], 5);
    assert_eq!(summary.comparison.unexplained, [(Unexplained { about, reach: 1 }, cost(3))].into());
    assert_eq!(decode(&encode(&summary)).unwrap(), summary, "and is written anew in the newest version");
}

#[test]
fn a_summary_without_the_newest_measure_is_read_and_one_more_than_is_known_is_left_out() {
    let row = |places: &[usize]| {
        // One row of Claude Code, the word 25, with 7 in each of these places.
        let mut bytes = vec![3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 25];
        put(&mut bytes, places.iter().fold(0, |bits, place| bits | 1 << place));
        bytes.extend(places.iter().map(|_| 7));
        bytes.extend([0, 0, 0]);
        decode(&bytes).unwrap().rows.into_values().next().unwrap()
    };
    let (errors, newest) = (Measure::ApiErrors as usize, Measure::Retries as usize);
    let [before, now, later] = [row(&[errors]), row(&[errors, newest]), row(&[errors, newest, newest + 1])];
    assert_eq!([&before, &now, &later].map(|row| row[Measure::ApiErrors]), [7; 3]);
    assert_eq!([&before, &now, &later].map(|row| row[Measure::Retries]), [0, 7, 7]);
    assert_eq!(now, later, "what a release to come counts is nothing to this one");
}
