use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;
use crate::Rejection;

const CODINGS: [Coding; 3] = [Coding::Gzip, Coding::Zstd, Coding::Deflate];
const LIMITS: Limits = Limits { sent: 10_000, inflated: 1_000 };

fn deflated(plain: &[u8], coding: Coding) -> Vec<u8> {
    match coding {
        Coding::Identity => plain.to_vec(),
        Coding::Gzip => gzip(plain),
        Coding::Zstd => zstd::bulk::compress(plain, 3).unwrap(),
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn try_inflate(sent: Vec<u8>, coding: Coding) -> Result<Vec<u8>, BodyError> {
    inflate(Bytes::from(sent), coding, &LIMITS).map(|inflated| inflated.to_vec())
}

fn too_large(size: Size, limit: usize) -> BodyError {
    BodyError::TooLarge { size, limit }
}

#[test]
fn the_body_of_a_real_export_is_inflated() {
    let sent = include_bytes!("../../../../tests/data/captures/json-tools-gzip/001.body");
    let inflated = inflate(Bytes::from_static(sent), Coding::Gzip, &Limits::default()).unwrap();
    assert_eq!(inflated.len(), 34_719);
    assert!(inflated.starts_with(br#"{"resourceLogs":["#));
}

#[test]
fn a_compressed_body_that_was_taken_for_text_is_told_from_other_damage() {
    let as_text = |sent: &[u8]| String::from_utf8_lossy(sent).into_owned().into_bytes();
    let export = include_bytes!("../../../../tests/data/captures/json-tools-gzip/001.body");
    assert_eq!(try_inflate(as_text(export), Coding::Gzip), Err(BodyError::TakenForText(Coding::Gzip)));
    let zstd = as_text(&deflated(&[7; 900], Coding::Zstd));
    assert_eq!(try_inflate(zstd, Coding::Zstd), Err(BodyError::TakenForText(Coding::Zstd)));
    for other in [&b"\x1f\xef\xbf"[..], b"\xef\xbf\xbd\x1f", b"{}", &export[..100]] {
        assert_eq!(try_inflate(other.to_vec(), Coding::Gzip), Err(BodyError::Corrupt(Coding::Gzip)), "{other:?}");
    }
    let Rejection::TakenForText { description } = BodyError::TakenForText(Coding::Gzip).into() else { panic!() };
    assert!(description.contains("OTEL_EXPORTER_OTLP_COMPRESSION=none"), "{description}");
}

#[test]
fn a_body_that_is_not_compressed_is_not_copied() {
    let sent = Bytes::from_static(b"plain");
    let inflated = inflate(sent.clone(), Coding::Identity, &LIMITS).unwrap();
    assert_eq!(inflated.as_ptr(), sent.as_ptr());
    assert_eq!(inflated, sent);
}

#[test]
fn a_body_at_the_limit_is_taken_and_one_byte_more_is_not() {
    for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Deflate] {
        assert_eq!(try_inflate(deflated(&[7; 1_000], coding), coding), Ok(vec![7; 1_000]), "{coding:?}");
        let over = try_inflate(deflated(&[7; 1_001], coding), coding);
        assert_eq!(over, Err(too_large(Size::Inflated, 1_000)), "{coding:?}");
    }
}

#[test]
fn the_size_as_sent_has_a_limit_of_its_own() {
    let limits = Limits { sent: 10, inflated: 1_000 };
    assert!(inflate(Bytes::from(vec![0; 10]), Coding::Identity, &limits).is_ok());
    for coding in [Coding::Identity, Coding::Gzip] {
        let refused = inflate(Bytes::from(vec![0; 11]), coding, &limits);
        assert_eq!(refused, Err(too_large(Size::Sent, 10)));
    }
}

#[test]
fn a_bomb_takes_no_more_than_the_limit() {
    let plain = vec![0; 8 << 20];
    for coding in CODINGS {
        let bomb = deflated(&plain, coding);
        assert!(bomb.len() < LIMITS.sent, "{coding:?}: {}", bomb.len());
        assert_eq!(try_inflate(bomb, coding), Err(too_large(Size::Inflated, 1_000)), "{coding:?}");
    }
}

#[test]
fn a_truncated_body_is_corrupt_wherever_it_ends() {
    for coding in CODINGS {
        let whole = deflated(b"a body that is long enough to have a middle", coding);
        for end in 0..whole.len() {
            let cut = try_inflate(whole[..end].to_vec(), coding);
            assert_eq!(cut, Err(BodyError::Corrupt(coding)), "{coding:?} cut at {end}");
        }
    }
}

#[test]
fn bytes_after_the_end_are_corrupt() {
    for coding in CODINGS {
        for tail in [b"x".as_slice(), b"\0", b"more than a header of anything is long"] {
            let mut sent = deflated(b"body", coding);
            sent.extend_from_slice(tail);
            assert_eq!(try_inflate(sent, coding), Err(BodyError::Corrupt(coding)), "{coding:?} {tail:?}");
        }
    }
}

#[test]
fn plain_bytes_under_a_compressed_name_are_corrupt() {
    for coding in CODINGS {
        for sent in [br#"{"resourceLogs":[]}"#.as_slice(), b"\x1f\x8b\x08\x00plain", b"{}", b"\x0a"] {
            assert_eq!(try_inflate(sent.to_vec(), coding), Err(BodyError::Corrupt(coding)), "{coding:?}");
        }
    }
}

#[test]
fn several_gzip_members_and_several_zstd_frames_are_one_body() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        let sent = [deflated(b"first, ", coding), deflated(b"", coding), deflated(b"second", coding)].concat();
        assert_eq!(try_inflate(sent, coding), Ok(b"first, second".to_vec()), "{coding:?}");
    }
}

#[test]
fn the_limit_counts_all_members_together() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        let sent = [deflated(&[1; 600], coding), deflated(&[2; 600], coding)].concat();
        assert_eq!(try_inflate(sent, coding), Err(too_large(Size::Inflated, 1_000)), "{coding:?}");
    }
}

#[test]
fn deflate_without_the_zlib_header_is_taken() {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"raw").unwrap();
    let mut sent = encoder.finish().unwrap();
    assert_eq!(try_inflate(sent.clone(), Coding::Deflate), Ok(b"raw".to_vec()));
    sent.push(0);
    assert_eq!(try_inflate(sent, Coding::Deflate), Err(BodyError::Corrupt(Coding::Deflate)));
}

#[test]
fn a_zstd_frame_may_not_ask_for_a_larger_window_than_http_allows() {
    // Magic number, a frame descriptor without a content size, then the window: 2^(10 + exponent).
    let frame = |exponent: u8| [0x28, 0xb5, 0x2f, 0xfd, 0x00, exponent << 3, 0x01, 0x00, 0x00];
    assert_eq!(try_inflate(frame(13).to_vec(), Coding::Zstd), Ok(Vec::new()));
    let refused = try_inflate(frame(14).to_vec(), Coding::Zstd);
    assert_eq!(refused, Err(BodyError::Corrupt(Coding::Zstd)));
}

#[test]
fn a_corrupt_body_is_refused_as_undecodable_and_a_large_one_as_too_large() {
    assert!(matches!(
        Rejection::from(BodyError::Corrupt(Coding::Gzip)),
        Rejection::Undecodable { field, description } if field == "body" && description.contains("gzip")
    ));
    let rejection = Rejection::from(too_large(Size::Inflated, 5));
    assert_eq!(rejection, Rejection::TooLarge { size: Size::Inflated, limit: 5 });
}

proptest! {
    #[test]
    fn what_was_compressed_comes_back(plain in prop::collection::vec(any::<u8>(), 0..1_000)) {
        for coding in CODINGS {
            prop_assert_eq!(try_inflate(deflated(&plain, coding), coding), Ok(plain.clone()));
        }
    }

    #[test]
    fn damage_is_an_error_or_within_the_limit(
        plain in prop::collection::vec(any::<u8>(), 1..500),
        at in any::<prop::sample::Index>(),
        damage in 1..=u8::MAX,
    ) {
        for coding in CODINGS {
            let mut sent = deflated(&plain, coding);
            let at = at.index(sent.len());
            sent[at] ^= damage;
            if let Ok(inflated) = try_inflate(sent, coding) {
                prop_assert!(inflated.len() <= LIMITS.inflated);
            }
        }
    }
}

#[test]
fn the_beginning_of_a_body_is_read_as_far_as_it_goes() {
    let plain: Vec<u8> = (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Deflate] {
        let sent = deflated(&plain, coding);
        assert_eq!(beginning(&sent, coding, 1_000), plain[..1_000], "{coding:?}: never more than asked for");
        let cut_off = beginning(&sent[..sent.len() / 2], coding, usize::MAX);
        assert!(plain.starts_with(&cut_off), "{coding:?}");
        assert!(coding == Coding::Zstd || cut_off.len() > 10_000, "{coding:?}: {}", cut_off.len());
        assert_eq!(beginning(b"", coding, 10), b"");
    }
    assert_eq!(beginning(b"nonsense", Coding::Gzip, 10), b"");
}

#[test]
fn what_is_inflated_piece_by_piece_is_what_is_inflated_whole_and_fails_alike() {
    let damaged = |coding| {
        let mut sent = deflated(&[7; 900], coding);
        sent.truncate(sent.len() - 1);
        sent
    };
    for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Deflate] {
        let further = [deflated(&[7; 900], coding), b"more".to_vec()].concat();
        for sent in [deflated(b"plain", coding), deflated(&[7; 1_001], coding), damaged(coding), further, Vec::new()] {
            let whole = try_inflate(sent.clone(), coding);
            let mut pieces = Vec::new();
            let mut piece = [0; 7];
            let read = Inflating::new(&sent, coding, &LIMITS).and_then(|mut body| {
                loop {
                    match body.read(&mut piece) {
                        Ok(0) => break Ok(()),
                        Ok(n) => pieces.extend_from_slice(&piece[..n]),
                        Err(error) => break Err(BodyError::within(&error).unwrap()),
                    }
                }
            });
            assert_eq!(read.map(|()| pieces), whole, "{coding:?}, {} bytes", sent.len());
        }
    }
}
