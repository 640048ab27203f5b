//! Properties that hold for every export, and for input that is not one.

use proptest::prelude::*;

use super::*;
use crate::decode::samples;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn json_and_protobuf_of_an_export_decode_to_the_same(payload in samples::payload()) {
        let signal = signal_of(&payload);
        // Compared as bytes, because NaN is not equal to itself.
        let bytes = encoded(&payload);
        let protobuf = decode(signal, Encoding::Protobuf, &bytes).unwrap();
        prop_assert_eq!(&encoded(&protobuf.payload), &bytes);
        for hand in [Hand::Library, Hand::Script] {
            let json = hand.payload(&payload).to_string();
            let decoded = decode(signal, Encoding::Json, json.as_bytes()).unwrap();
            prop_assert_eq!(&encoded(&decoded.payload), &bytes, "{}", json);
        }
    }

    #[test]
    fn damaged_exports_never_panic(
        payload in samples::payload(),
        at in any::<prop::sample::Index>(),
        damage in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let signal = signal_of(&payload);
        let json = Hand::Script.payload(&payload).to_string().into_bytes();
        for (encoding, mut body) in [(Encoding::Protobuf, encoded(&payload)), (Encoding::Json, json)] {
            let at = at.index(body.len() + 1);
            body.splice(at..(at + 1).min(body.len()), damage.iter().copied());
            let _ = decode(signal, encoding, &body);
        }
    }

    #[test]
    fn any_bytes_under_any_name_are_inflated_and_decoded_or_refused(
        body in prop::collection::vec(any::<u8>(), 0..300),
        json in r#"[\[\]{}":,0-9a-z\\. ]{0,60}"#,
    ) {
        for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Deflate] {
            for body in [body.clone(), json.clone().into_bytes()] {
                let Ok(body) = inflate(body.into(), coding, &Limits::default()) else { continue };
                for signal in Signal::ALL {
                    let _ = decode(signal, Encoding::Protobuf, &body);
                    let _ = decode(signal, Encoding::Json, &body);
                }
            }
        }
    }
}
