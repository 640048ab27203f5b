//! Puts the parts of summaries together as they are read.

use crate::stamp::Stamp;
use crate::{Item, StoreError, keys};
use model::bucket::Bucket;
use telemetry::activity::wire::stretch::Stored;
use telemetry::claude::source::SourceId;

/// Name of the attribute that holds a part.
pub(super) const BYTES: &str = "b";

/// A summary whose parts have been joined.
pub(super) struct Encoded {
    pub(super) place: (Bucket, SourceId, Bucket),
    pub(super) stamp: Stamp,
    /// The number of parts.
    pub(super) parts: usize,
    pub(super) bytes: Vec<u8>,
}

impl Encoded {
    /// As [`visit`](telemetry::activity::wire::visit) takes it, and where it is shown.
    pub(super) fn stored(self) -> Stored {
        (self.place.0, self.place.1, self.bytes)
    }
}

/// Joins parts into summaries. Parts come in the order of their keys, so those of one summary are adjacent.
#[derive(Default)]
pub(super) struct Joining {
    whole: Vec<Encoded>,
    /// The summary of which parts are still missing, and its number of parts.
    open: Option<(Encoded, usize)>,
    failed: Option<StoreError>,
}

impl Joining {
    pub(super) fn add(&mut self, item: &Item) {
        if self.failed.is_none()
            && let Err(error) = self.try_add(item)
        {
            self.failed = Some(error);
        }
    }

    fn try_add(&mut self, item: &Item) -> Result<(), StoreError> {
        let wrong = || StoreError::unreadable("summary part");
        let (shown, source, claimed, number) =
            keys::read_summary(item.required_text(keys::SK)?).ok_or(StoreError::unreadable("summary key"))?;
        let (place, stamp) = ((shown, source, claimed), Stamp::read(item)?);
        let count = usize::try_from(item.optional_number("parts").unwrap_or(1)).map_err(|_| wrong())?;
        let bytes = item.required_bytes(BYTES)?;
        let encoded = match self.open.take() {
            None if number == 0 => Encoded { place, stamp, parts: 1, bytes: bytes.to_vec() },
            Some((mut open, all)) if (open.place, open.stamp, open.parts, all) == (place, stamp, number, count) => {
                open.bytes.extend_from_slice(bytes);
                Encoded { parts: number + 1, ..open }
            }
            _ => return Err(wrong()),
        };
        if encoded.parts == count {
            self.whole.push(encoded)
        } else {
            self.open = Some((encoded, count))
        }
        Ok(())
    }

    /// The summaries.
    ///
    /// # Errors
    /// Parts are missing, or cannot be read.
    pub(super) fn finish(self) -> Result<Vec<Encoded>, StoreError> {
        match (self.failed, self.open) {
            (Some(error), _) => Err(error),
            (None, Some(_)) => Err(StoreError::unreadable("summary part")),
            (None, None) => Ok(self.whole),
        }
    }
}
