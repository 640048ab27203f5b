//! Characters that are not seen, and can make what is seen say something else.

use Purpose::{Script, Trick};

/// What an invisible character is good for in a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Nothing: it turns, splits or hides what stands around it.
    Trick,
    /// A script is written with it, and without it a name would be misspelt.
    Script,
}

/// First and last character of each range, ascending. These are the characters with the property `Bidi_Control` or
/// `Default_Ignorable_Code_Point` in the Unicode Character Database (version 16), and the marks of interlinear annotation.
const TABLE: [(char, char, Purpose); 22] = [
    ('\u{AD}', '\u{AD}', Trick),        // soft hyphen
    ('\u{34F}', '\u{34F}', Script),     // combining grapheme joiner
    ('\u{61C}', '\u{61C}', Trick),      // Arabic letter mark, which turns the direction of writing
    ('\u{115F}', '\u{1160}', Script),   // fillers of Hangul syllables
    ('\u{17B4}', '\u{17B5}', Script),   // inherent vowels of Khmer
    ('\u{180B}', '\u{180F}', Script),   // variation selectors and vowel separator of Mongolian
    ('\u{200B}', '\u{200B}', Trick),    // zero width space
    ('\u{200C}', '\u{200D}', Script),   // zero width joiners: Persian, Indic scripts, emoji
    ('\u{200E}', '\u{200F}', Trick),    // marks of direction
    ('\u{202A}', '\u{202E}', Trick),    // embeddings and overrides of direction
    ('\u{2060}', '\u{206F}', Trick),    // word joiner, invisible operators, isolates of direction, deprecated controls
    ('\u{3164}', '\u{3164}', Script),   // filler of Hangul letters
    ('\u{FE00}', '\u{FE0F}', Script),   // variation selectors: emoji and ideographs
    ('\u{FEFF}', '\u{FEFF}', Trick),    // byte order mark
    ('\u{FFA0}', '\u{FFA0}', Script),   // filler of halfwidth Hangul
    ('\u{FFF0}', '\u{FFFB}', Trick),    // not assigned, and marks of interlinear annotation
    ('\u{1BCA0}', '\u{1BCA3}', Script), // controls of shorthand
    ('\u{1D173}', '\u{1D17A}', Trick),  // controls of musical notation
    ('\u{E0000}', '\u{E007F}', Trick),  // tags, which spell out text that nobody sees
    ('\u{E0080}', '\u{E00FF}', Trick),  // not assigned
    ('\u{E0100}', '\u{E01EF}', Script), // variation selectors: forms of ideographs in Japanese names
    ('\u{E01F0}', '\u{E0FFF}', Trick),  // not assigned
];

/// True for what is taken out of text that is stored or shown: control characters, and invisible ones that no script needs.
#[must_use]
pub fn is_taken_out(c: char) -> bool {
    c.is_control() || purpose(c) == Some(Trick)
}

/// True for what counts for nothing when two texts are compared: every invisible character, also those that a script needs, since
/// nobody sees which of them stand in a name.
#[must_use]
pub fn is_ignored(c: char) -> bool {
    c.is_control() || purpose(c).is_some()
}

fn purpose(c: char) -> Option<Purpose> {
    // Nearly all text that is asked about is ASCII, of which none is invisible but for control characters.
    if c.is_ascii() {
        return None;
    }
    let at = TABLE.partition_point(|(_, last, _)| *last < c);
    TABLE.get(at).filter(|(first, _, _)| *first <= c).map(|(_, _, purpose)| *purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ascends() {
        assert!(TABLE.iter().all(|(first, last, _)| first <= last));
        assert!(TABLE.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn a_script_keeps_what_it_needs_and_a_comparison_ignores_it() {
        for c in ['\u{200C}', '\u{200D}', '\u{FE0F}', '\u{180B}', '\u{E0101}'] {
            assert!(!is_taken_out(c) && is_ignored(c), "{c:?}");
        }
    }

    #[test]
    fn tricks_are_neither_shown_nor_compared() {
        for c in [
            '\0',
            '\u{1B}',
            '\u{85}',
            '\u{AD}',
            '\u{200B}',
            '\u{200F}',
            '\u{202E}',
            '\u{2066}',
            '\u{FEFF}',
            '\u{FFF9}',
            '\u{E0041}',
        ] {
            assert!(is_taken_out(c) && is_ignored(c), "{c:?}");
        }
    }

    #[test]
    fn what_is_seen_is_kept() {
        for c in
            ['a', ' ', '-', '\u{A0}', 'ß', '\u{301}', '\u{2010}', '\u{3000}', '\u{FFFD}', '\u{1F600}', '\u{10FFFF}']
        {
            assert!(!is_taken_out(c) && !is_ignored(c), "{c:?}");
        }
    }
}
