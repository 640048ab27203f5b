//! The summary of a day, from those of its buckets.

use std::collections::BTreeMap;

use super::dimensions::Dimensions;
use super::late::{Buckets, Late, Spare, looked_back_to, settle};
use super::matching::Subject;
use super::money::Money;
use super::reported::{Comparison, Unexplained};
use super::series::{Piece, Series, join};
use super::summary::Summary;
use model::bucket::Bucket;
use model::order;

type Summaries = [(Bucket, Summary)];

/// The summary of a day from a source's summaries of its buckets. `before` are those of earlier buckets that the points of the
/// day [need](Summary::looks_back_to). Afterwards no point reaches back.
#[must_use]
pub fn summary(before: &Summaries, buckets: &Summaries) -> Summary {
    let mut day = Summary::default();
    let mut pieces: BTreeMap<Series, Vec<Piece>> = BTreeMap::new();
    for (_, summary) in buckets {
        for (about, numbers) in &summary.rows {
            *day.rows.entry(about.clone()).or_default() += numbers;
        }
        for (series, piece) in &summary.series {
            pieces.entry(series.clone()).or_default().push(*piece);
        }
        for (session, span) in &summary.sessions {
            day.see(&Some(session.clone()), *span);
        }
    }
    day.series = pieces.into_iter().filter_map(|(series, pieces)| Some((series, join(pieces)?))).collect();
    day.comparison = comparison(before, buckets);
    day
}

/// The comparison of a day. No point of it reaches back any more.
fn comparison(before: &Summaries, buckets: &Summaries) -> Comparison {
    let mut late = late_points(buckets.iter());
    late.extend(gaps(before, buckets));
    sort(&mut late);
    let first = late.iter().map(|(late, _)| late.bucket).min().unwrap_or(Bucket(i64::MAX));
    let begins = late.iter().map(|(late, _)| late.begins()).min().unwrap_or(i64::MAX);
    let from = looked_back_to(first, begins);
    let reached: Vec<&(Bucket, Summary)> = before.iter().filter(|(bucket, _)| *bucket >= from).collect();
    let mut earlier = late_points(reached.iter().copied());
    earlier.retain(|(late, _)| late.begins() >= from.0);
    sort(&mut earlier);
    let (earlier, _): (Vec<Late>, Vec<_>) = earlier.into_iter().unzip();
    let before = Buckets { spare: spare(reached.into_iter()), heads: Vec::new(), late: earlier };
    let (late, abouts): (Vec<Late>, Vec<&Dimensions>) = late.into_iter().unzip();
    let had = spare(buckets.iter());
    let heads = buckets.iter().flat_map(|(bucket, summary)| {
        let spare =
            |(subject, left): (&Subject, &Money)| Spare { bucket: *bucket, subject: subject.clone(), left: *left };
        summary.comparison.heads.iter().map(spare)
    });
    let mut heads: Vec<Spare> = heads.collect();
    order::sort_by(&mut heads, Ord::cmp);
    let mut day = Buckets { spare: had.clone(), heads, late };
    settle(before, &mut day);
    let mut comparison = Comparison::default();
    for (subject, money) in buckets.iter().flat_map(|(_, summary)| &summary.comparison.explained) {
        *comparison.explained.entry(subject.clone()).or_default() += *money;
    }
    for (had, left) in had.into_iter().zip(day.spare) {
        let mut explained = had.left;
        explained -= left.left;
        if !explained.is_empty() {
            *comparison.explained.entry(had.subject).or_default() += explained;
        }
    }
    for (late, about) in day.late.into_iter().zip(abouts).filter(|(late, _)| !late.left.is_empty()) {
        let unexplained = Unexplained { about: about.clone(), reach: 0 };
        *comparison.unexplained.entry(unexplained).or_default() += late.left;
    }
    comparison
}

fn spare<'a>(buckets: impl Iterator<Item = &'a (Bucket, Summary)>) -> Vec<Spare> {
    let mut spare: Vec<Spare> = buckets.flat_map(|(bucket, summary)| summary.spare(*bucket)).collect();
    order::sort_by(&mut spare, Ord::cmp);
    spare
}

/// What points of buckets counted and no event of the same bucket explained, with their dimensions.
fn late_points<'a>(buckets: impl Iterator<Item = &'a (Bucket, Summary)>) -> Vec<(Late, &'a Dimensions)> {
    let points = buckets.flat_map(|(bucket, summary)| {
        summary.comparison.unexplained.iter().map(|(Unexplained { about, reach }, left)| {
            (Late { bucket: *bucket, reach: *reach, subject: Subject::of(about), left: *left }, about)
        })
    });
    points.collect()
}

/// What counters since the start of a client gained between the buckets of a day.
fn gaps<'a>(before: &'a Summaries, buckets: &'a Summaries) -> Vec<(Late, &'a Dimensions)> {
    let mut pieces: BTreeMap<&Series, Vec<(Piece, Option<Bucket>)>> = BTreeMap::new();
    let counters = |summary: &'a Summary| summary.series.iter().filter(|(series, _)| series.is_money());
    for (bucket, summary) in buckets {
        for (series, piece) in counters(summary) {
            pieces.entry(series).or_default().push((*piece, Some(*bucket)));
        }
    }
    for (series, piece) in before.iter().flat_map(|(_, summary)| counters(summary)) {
        if let Some(pieces) = pieces.get_mut(series) {
            pieces.push((*piece, None));
        }
    }
    let mut gaps = Vec::new();
    for (series, mut pieces) in pieces {
        order::sort_by_key(&mut pieces, |(piece, _)| (piece.from, piece.to, piece.first));
        let mut earlier = None;
        for (piece, bucket) in pieces {
            if let Some(bucket) = bucket
                && let Some((left, reach)) = series.gap(bucket, earlier.as_ref(), &piece)
            {
                let about = &series.about;
                gaps.push((Late { bucket, reach, subject: Subject::of(about), left }, about));
            }
            earlier = Some(piece);
        }
    }
    gaps
}

fn sort(late: &mut [(Late, &Dimensions)]) {
    order::sort_by(late, |(a, about), (b, other)| (a.bucket, about, a.reach).cmp(&(b.bucket, other, b.reach)));
}
