//! Takes the texts out of a protobuf body that are none, so that one unreadable value does not cost all the others of its export.
//!
//! Protobuf demands UTF-8, and prost refuses a whole message for one byte. The key of such a text becomes that of a field that no
//! version of OTLP has; a decoder skips it, and the value is absent. No length changes.

use super::{DEEPEST, Kind, SizeError, check, field};
use crate::budget::MessageBudget;
use crate::types::{LeftOut, Signal};

/// `AnyValue.string_value`: field 1, with a length.
const TEXT: usize = 1 << 3 | 2;
/// Field 15, with a length.
const UNKNOWN: u8 = 15 << 3 | 2;

/// A body without its unreadable texts.
#[derive(Debug)]
pub(crate) struct Mended {
    /// The same bytes but for the keys of those texts.
    pub body: Vec<u8>,
    /// How many they are.
    pub left_out: LeftOut,
}

/// The body without the values that are no UTF-8; `None` if there are none.
///
/// # Errors
/// It would take too much memory to have it twice.
pub(crate) fn without_unreadable(signal: Signal, body: &[u8]) -> Result<Option<Mended>, SizeError> {
    let mut mended = None;
    mend(Kind::Request(signal), 0, body, body, &mut mended, DEEPEST)?;
    if mended.is_some() {
        let budget = MessageBudget::of(body.len(), 3);
        if !budget.add(body.len()) {
            return Err(SizeError::TooManyMessages);
        }
        check(signal, body, &budget)?;
    }
    Ok(mended)
}

fn mend(
    kind: Kind,
    base: usize,
    message: &[u8],
    body: &[u8],
    mended: &mut Option<Mended>,
    deeper: usize,
) -> Result<(), SizeError> {
    let mut rest = message;
    while !rest.is_empty() {
        let at = base + message.len() - rest.len();
        let (key, value) = field(&mut rest, deeper)?;
        if key == TEXT && matches!(kind, Kind::AnyValue | Kind::Element) {
            if std::str::from_utf8(value).is_err() {
                leave_out(at, body, mended);
            }
        } else if let Some(inner) = kind.field(key >> 3).filter(|inner| key & 7 == 2 && inner.is_message()) {
            let deeper = deeper.checked_sub(1).ok_or(SizeError::Malformed)?;
            let base = base + message.len() - rest.len() - value.len();
            mend(inner, base, value, body, mended, deeper)?;
        }
    }
    Ok(())
}

fn leave_out(at: usize, body: &[u8], mended: &mut Option<Mended>) {
    let mended = mended.get_or_insert_with(|| {
        let first = format!("the text at byte {at} of the body");
        Mended { body: body.to_vec(), left_out: LeftOut { count: 0, first, why: "must be UTF-8" } }
    });
    // The key may be written with more bytes than it needs: then the rest of them is zero.
    mended.body[at] = body[at] & 0x80 | UNKNOWN;
    mended.left_out.count = mended.left_out.count.saturating_add(1);
}
