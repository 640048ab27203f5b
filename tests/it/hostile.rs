//! Damaged data at rest, and hostile tokens and cursors: small properties, of which the example `fuzz` runs millions of cases.

use model::token::{PlainToken, TokenHash, TokenKind};
use proptest::prelude::*;
use service::http::page::PageRequest;
use service::http::query::Query;
use telemetry::pack;
use tools::hostile::{Numbers, mutated_pack, real_packs, stored_to_records};

#[test]
fn a_damaged_pack_is_damaged_or_another_pack_and_never_a_panic() {
    let corpus = real_packs();
    let mut readable = 0;
    for seed in 0..5_000 {
        let mut numbers = Numbers(seed);
        let (first, second) = (numbers.below(corpus.len()), numbers.below(corpus.len()));
        readable += usize::from(stored_to_records(&mutated_pack(&corpus[first], &corpus[second], &mut numbers)) > 0);
    }
    assert!(readable > 100, "hardly anything got past the compression: {readable}");
}

#[test]
fn an_uncompressed_pack_is_the_same_pack() {
    for bytes in real_packs() {
        assert_eq!(pack::decode(&pack::uncompressed(&bytes).unwrap()), pack::decode(&bytes));
    }
}

#[test]
fn counts_beyond_all_memory_are_damage() {
    // Version, an empty header of six numbers and no gates, a plain body, and then a count of 2^62 strings.
    let head = [1, 0, 0, 0, 0, 0, 0, 0, 0];
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f];
    assert!(matches!(pack::decode(&[&head[..], &huge].concat()), Err(pack::Corrupt::Damaged(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_pack_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = stored_to_records(&bytes);
        let _ = stored_to_records(&[&[1, 0, 0, 0, 0, 0, 0, 0, 0], &bytes[..]].concat());
    }

    #[test]
    fn a_token_is_read_back_and_with_one_character_changed_it_is_refused(
        at in 0_usize..53,
        with in proptest::char::range('!', '~'),
        admin: bool,
    ) {
        let token = PlainToken::generate(if admin { TokenKind::Admin } else { TokenKind::Ingest }).unwrap();
        let text = token.expose().to_owned();
        prop_assert_eq!(text.len(), 53);
        prop_assert_eq!(&text.parse::<PlainToken>().unwrap(), &token);
        let mut changed: Vec<char> = text.chars().collect();
        changed[at] = with;
        let changed: String = changed.into_iter().collect();
        prop_assert_eq!(changed.parse::<PlainToken>().is_ok(), changed == text);
    }

    #[test]
    fn any_text_is_a_token_only_if_it_is_one(text in "(cct_|cca_)?[ -~]{0,60}|\\PC{0,60}") {
        prop_assert!(text.parse::<PlainToken>().is_err());
        let _ = TokenHash::parse(&text);
        let told = format!("{:?}", text.parse::<PlainToken>());
        prop_assert!(!told.contains("cct_"));
    }

    #[test]
    fn any_cursor_is_a_position_or_refused(cursor in "[A-Za-z0-9_%=-]{0,2000}") {
        let query = format!("cursor={cursor}");
        if let Ok(request) = PageRequest::read(&Query::read(Some(&query))) {
            prop_assert!((1..=1_024).contains(&request.after.unwrap().len()));
        }
    }
}
