use proptest::prelude::*;

use super::*;
use crate::activity::measure::Numbers;
use crate::activity::reported::Comparison;
use crate::activity::series::{Piece, Series};
use crate::activity::summary::{Span, Traffic};
use crate::pack::Corrupt;
use model::time::Millis;

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
    (label(), label(), label(), label()).prop_map(|(version, session, model, tool)| Dimensions {
        version,
        session,
        model,
        tool,
        ..Dimensions::default()
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
    fn summary()(
        rows in prop::collection::btree_map(about(), prop::collection::vec(0..i64::MAX, Measure::ALL.len()), 0..12),
        series in prop::collection::vec((about(), 0..Measure::ALL.len(), any::<i64>(), any::<[u8; 8]>(), any::<[i64; 3]>()), 0..4),
        sessions in prop::collection::vec(("[a-z]{1,9}", any::<i64>(), any::<i64>()), 0..4),
        accepted in any::<[u64; 3]>(),
        comparison in comparison(),
    ) -> Summary {
        let row = |values: Vec<i64>| {
            let mut numbers = Numbers::default();
            Measure::ALL.into_iter().zip(values).for_each(|(m, v)| numbers.add(m, v));
            numbers
        };
        let piece = |[first, last, gained]: [i64; 3]| {
            Piece { from: Millis(first), to: Millis(last), first, last, gained }
        };
        Summary {
            rows: rows.into_iter().map(|(about, values)| (about, row(values))).collect(),
            series: series.into_iter().map(|(about, measure, start, labels, numbers)| {
                (Series { about, measure: Measure::ALL[measure], start: Millis(start), labels }, piece(numbers))
            }).collect(),
            sessions: sessions.into_iter().map(|(name, first, last)| {
                (Arc::from(name), Span { first: Millis(first), last: Millis(last) })
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
    assert_eq!(decode(&[3, 0]), Err(Corrupt::Version(3)));
    assert!(matches!(decode(&[2, 9]), Err(Corrupt::Damaged(_))));
}

#[test]
fn the_version_before_is_read_and_its_events_and_metrics_are_compared() {
    // One row of the model "m": a request of 5 nano-dollars, and 8 by metrics.
    let bytes = [1, 0, 0, 1, 2, b'm', 0, 0, 1, 1 << 6, WORDS.len() as u8 + 1, 0x90, 0x88, 0x02, 1, 5, 8, 0];
    let summary = decode(&bytes).unwrap();
    let about = Dimensions { model: Some("m".into()), ..Dimensions::default() };
    let cost = |amount: i64| Money::from([0, 0, 0, 0, amount]);
    assert_eq!((summary.rows[&about][Measure::ApiRequests], summary.rows[&about][Measure::Cost]), (1, 5));
    assert_eq!(summary.rows[&about][Measure::PointCost], 0);
    assert_eq!(summary.comparison.explained, [(Subject::of(&about), cost(5))].into());
    assert_eq!(summary.comparison.unexplained, [(Unexplained { about, reach: 1 }, cost(3))].into());
}
