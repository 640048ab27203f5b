//! Repairs texts that were cut in the middle of a character.
//!
//! JavaScript's strings are UTF-16, and cutting through a surrogate pair leaves half of it, which `JSON.stringify`
//! writes as `\ud83d`. That is not a character, so JSON parsers refuse the whole body. JavaScript protobuf encoders
//! write U+FFFD instead, and so does this module.

use std::borrow::Cow;

/// The length of `\uXXXX`, for the broken escape as well as for its replacement.
const ESCAPE: usize = 6;

/// Returns the body with every unpaired surrogate replaced by `\ufffd`; borrowed if there is none.
pub(super) fn mend(body: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(body);
    let mut at = 0;
    while let Some(found) = body.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        let (first, second) = (unit(body, at), unit(body, at + ESCAPE));
        at += match (first, second) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 2 * ESCAPE,
            (Some(0xD800..=0xDFFF), _) => {
                mended.to_mut()[at..at + ESCAPE].copy_from_slice(br"\ufffd");
                ESCAPE
            }
            (Some(_), _) => ESCAPE,
            // Any other escape: a backslash and the byte it escapes, which may be a backslash.
            (None, _) => 2,
        };
    }
    mended
}

/// The UTF-16 code unit escaped at this position, if any.
fn unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + ESCAPE)?.strip_prefix(br"\u")?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_becomes_the_replacement_character() {
        for (sent, mended) in [
            (r#""cut \ud83d""#, r#""cut \ufffd""#),
            (r#""\uDE00 low""#, r#""\ufffd low""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
        ] {
            assert_eq!(mend(sent.as_bytes()), mended.as_bytes(), "{sent}");
        }
    }

    #[test]
    fn whole_characters_and_what_only_looks_like_an_escape_are_left_alone() {
        for sent in [r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""\u00e9\n\"""#, r#""\ud8"#, r"\", r"\ud83"] {
            assert!(matches!(mend(sent.as_bytes()), Cow::Borrowed(_)), "{sent}");
        }
    }
}
