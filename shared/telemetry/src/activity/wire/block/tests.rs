use proptest::prelude::*;

use super::*;
use crate::activity::wire::tests::summary;
use crate::claude::source::SourceKind;

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
        let block = Block::open(&encode_one(&summaries).unwrap()).unwrap();
        prop_assert_eq!(block.summaries().unwrap(), summaries.clone());
        prop_assert!(summaries.iter().all(|(source, _)| block.has(*source)));
    }

    #[test]
    fn no_block_is_larger_than_it_may_be_unless_it_has_one_summary_alone(summaries in summaries(12), most in 50..800_usize) {
        let blocks = encode(&summaries, most).unwrap();
        let mut found = Vec::new();
        for bytes in &blocks {
            let block = Block::open(bytes).unwrap();
            prop_assert!(bytes.len() <= most || block.sources().count() <= 1, "{} bytes", bytes.len());
            found.extend(block.summaries().unwrap());
        }
        prop_assert_eq!(found, summaries);
    }

    #[test]
    fn damaged_blocks_are_refused_or_read_but_never_panic(
        summaries in summaries(3), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes = encode_one(&summaries).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = Block::open(&bytes).and_then(|block| block.summaries());
        let _ = Block::open(&bytes[..at]).and_then(|block| block.summaries());
    }
}

#[test]
fn a_block_of_a_later_release_is_refused_by_its_version() {
    let mut bytes = encode_one(&[]).unwrap();
    bytes[0] = VERSION + 1;
    assert_eq!(Block::open(&bytes).unwrap_err(), Corrupt::Version(VERSION + 1));
}
