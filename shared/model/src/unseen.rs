//! Characters that are not seen, and can make what is seen say something else.

/// Control characters, and those that reorder or hide the text around them (Unicode Standard Annex #9, section 2;
/// soft hyphen, zero width space, word joiner and its kin, byte order mark, tags). The zero width joiners are none:
/// names in Persian and in Indic scripts need them.
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
