//! Text from outside.

use maud::{Markup, html};

/// A name from outside: isolated, so that it never turns the text around it, and broken where it is too long.
pub(crate) fn name(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// Characters of a long identifier that are shown.
const SHOWN: usize = 14;

/// The beginning of a long identifier, which nobody reads to its end.
pub(crate) fn cut(identifier: &str) -> String {
    if identifier.chars().count() <= SHOWN + 4 {
        return identifier.to_owned();
    }
    identifier.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_text_of_its_own() {
        let shown = name("\u{202e}<script>alert(1)</script>\"'").into_string();
        assert_eq!(shown, "<bdi>\u{202e}&lt;script&gt;alert(1)&lt;/script&gt;&quot;'</bdi>");
    }
}
