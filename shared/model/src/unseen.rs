//! Invisible characters, which can make a text appear to say something else.

/// Whether a character is a control character, or one that reorders or hides the text around it (Unicode Standard Annex
/// #9, section 2; soft hyphen, zero width space, word joiner and the like, byte order mark, tags). Zero-width joiners
/// are kept: names in Persian and in Indic scripts need them.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}'
                | '\u{200E}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
                | '\u{00AD}'
                | '\u{200B}'
                | '\u{2060}'..='\u{2064}'
                | '\u{206A}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{E0000}'..='\u{E007F}'
        )
}
