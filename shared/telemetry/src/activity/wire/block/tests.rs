use proptest::prelude::*;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::activity::dimensions::{Dimension, Dimensions};
use crate::activity::measure::{Measure, Numbers};
use crate::activity::summary::Span;
use crate::activity::wire::tests::summary;
use crate::claude::source::SourceKind;
use model::time::Timestamp;

fn whole_of(summaries: &[(SourceId, Summary)]) -> Vec<u8> {
    encode_one(summaries, usize::MAX).unwrap().whole
}

fn read_all(block: Block) {
    for source in block.sources() {
        let _ = block.visit(source, |_| {});
    }
}

/// The outline of a source, as it is read.
fn outline(block: &Block, source: SourceId) -> Outline {
    let mut outline = Outline::default();
    let take = |part: Part<'_>| match part {
        Part::Began(key, began) => outline.sessions.push((key, began)),
        Part::Left(identity, of, money) => outline.left.push((identity.clone(), of.clone(), money)),
        Part::Outlined(about, numbers, worked) => outline.rows.push((about.clone(), numbers.clone(), worked.clone())),
        Part::Unexplained(what, money) => {
            outline.unexplained.insert(what.clone(), money);
        }
        Part::Series(series, piece) => {
            outline.series.insert(series.clone(), piece);
        }
        other => assert!(matches!(other, Part::Traffic(_)), "{other:?}"),
    };
    block.visit(source, take).unwrap();
    outline
}

/// Summaries of as many sources, in their order.
fn summaries(most: usize) -> impl Strategy<Value = Vec<(SourceId, Summary)>> {
    prop::collection::btree_map("[a-z]{1,6}", summary(), 0..most).prop_map(|named| {
        let source = |name: String| SourceId::new(SourceKind::Client, &name);
        let sorted: BTreeMap<_, _> = named.into_iter().map(|(name, summary)| (source(name), summary)).collect();
        sorted.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn what_is_in_a_block_comes_out_as_it_was(summaries in summaries(8)) {
        let block = Block::open(&whole_of(&summaries)).unwrap();
        prop_assert_eq!(block.summaries().unwrap(), summaries.clone());
        prop_assert!(summaries.iter().all(|(source, _)| block.has(*source)));
    }

    #[test]
    fn no_block_is_larger_than_it_may_be_and_none_has_what_is_larger_by_itself(summaries in summaries(12), most in 50..800_usize) {
        let blocks = encode(&summaries, most).unwrap();
        let mut found = Vec::new();
        for Encoded { whole, outlines } in &blocks {
            prop_assert!(whole.len() <= most, "{} bytes", whole.len());
            prop_assert!(outlines.as_ref().is_none_or(|outlines| outlines.len() <= most));
            found.extend(Block::open(whole).unwrap().summaries().unwrap());
        }
        let fits = |one: &(SourceId, Summary)| whole_of(std::slice::from_ref(one)).len() <= most;
        prop_assert_eq!(found, summaries.into_iter().filter(fits).collect::<Vec<_>>());
    }

    #[test]
    fn damaged_blocks_are_refused_or_read_but_never_panic(
        summaries in summaries(3), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let Encoded { whole, outlines } = encode_one(&summaries, usize::MAX).unwrap();
        for mut bytes in [whole, outlines.unwrap()] {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = Block::open(&bytes).map(read_all);
            let _ = Block::open(&bytes[..at]).map(read_all);
        }
    }

    #[test]
    fn the_outlines_of_a_block_come_out_as_those_of_its_summaries(summaries in summaries(8)) {
        let block = Block::open(&encode_one(&summaries, usize::MAX).unwrap().outlines.unwrap()).unwrap();
        prop_assert!(!block.is_whole() && block.summaries().is_err());
        prop_assert_eq!(block.sources().collect::<Vec<_>>(), summaries.iter().map(|(source, _)| *source).collect::<Vec<_>>());
        for (source, summary) in &summaries {
            prop_assert_eq!(outline(&block, *source), Outline::of(summary));
        }
    }
}

#[test]
fn what_compresses_to_next_to_nothing_is_in_blocks_that_can_be_read() {
    let sessions = (0..2_000).map(|n| {
        let at = Timestamp(n);
        (Arc::from(format!("{n:0>64}")), Span { first: at, last: at })
    });
    let summary = Summary { sessions: sessions.collect(), ..Summary::default() };
    let one = |n: usize| (SourceId::new(SourceKind::Client, &n.to_string()), summary.clone());
    let mut all: Vec<(SourceId, Summary)> = (0..1_500).map(one).collect();
    all.sort_by_key(|(source, _)| *source);
    let blocks = encode(&all, 350_000).unwrap();
    let opened: Vec<Block> = blocks.iter().map(|block| Block::open(&block.whole).unwrap()).collect();
    assert!(opened.len() > 1 && opened.iter().all(|block| block.body.len() <= BODY));
    assert_eq!(opened.iter().map(|block| block.sources().count()).sum::<usize>(), all.len());
}

/// Two summaries, as the first release with blocks wrote them.
const FIRST_BLOCK: &str = "AwEotS/9IHShAwAEBHMtMQ5jbGF1ZGUtb3B1cy01BHMtMhFjbGF1ZGUtaGFpa3UtNC01AmDYXbRbChyIKBh6r8kY2UEYANAPAU8AwKkHAAAB4AhPUBlIA7AJAAAA8F0e+hFKhuf1zF43jPjkbxEAAAAAAAHgCFFSGUgBBwAAAA==";

#[test]
fn a_block_of_the_first_release_that_wrote_them_is_read() {
    let dana = Summary {
        rows: BTreeMap::from([(about("s-1", "claude-opus-5"), numbers(3, 1_200))]),
        sessions: BTreeMap::from([(Arc::from("s-1"), Span { first: Timestamp(1_000), last: Timestamp(61_000) })]),
        ..Summary::default()
    };
    let john =
        Summary { rows: BTreeMap::from([(about("s-2", "claude-haiku-4-5"), numbers(1, 7))]), ..Summary::default() };
    let of = |name: &str| SourceId::new(SourceKind::Client, name);
    let mut written = vec![(of("dana"), dana), (of("john"), john)];
    written.sort_by_key(|(source, _)| *source);
    let bytes = STANDARD.decode(FIRST_BLOCK).unwrap();
    assert_eq!(bytes[0], FIRST);
    assert_eq!(Block::open(&bytes).unwrap().summaries().unwrap(), written);
}

fn about(session: &str, model: &str) -> Dimensions {
    let label = |text: &str| Some(Arc::from(text));
    let ours = Dimensions::default().with(Dimension::Service, label("claude-code"));
    ours.with(Dimension::Session, label(session)).with(Dimension::Model, label(model))
}

fn numbers(prompts: i64, input: i64) -> Numbers {
    let mut numbers = Numbers::default();
    numbers.add(Measure::Prompts, prompts);
    numbers.add(Measure::Input, input);
    numbers
}

#[test]
fn a_block_of_a_later_release_is_refused_by_its_version() {
    let mut bytes = whole_of(&[]);
    bytes[0] = VERSION + 1;
    assert_eq!(Block::open(&bytes).unwrap_err(), Corrupt::Version(VERSION + 1));
}
