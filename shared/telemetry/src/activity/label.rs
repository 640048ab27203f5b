//! Labels: short texts that many rows share.

use std::sync::Arc;

/// A label, shared by everything that carries it.
pub type Label = Option<Arc<str>>;

/// The size to which longer labels are cut, in bytes.
const LIMIT: usize = 256;

/// A label of `text`, unless it is absent or blank.
#[must_use]
pub fn label(text: Option<&str>) -> Label {
    let text = text?.trim();
    let short = &text[..text.floor_char_boundary(LIMIT)];
    (!short.is_empty()).then(|| Arc::from(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_label_is_none() {
        assert_eq!([label(None), label(Some("")), label(Some(" \t"))], [None, None, None]);
        assert_eq!(label(Some(" core ")).as_deref(), Some("core"));
    }
}
