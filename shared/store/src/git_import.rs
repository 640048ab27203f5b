//! Multi-part uploads, kept until the last part has arrived.

use super::query::Range;
use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{DAY, Timestamp};

/// The size of a piece in bytes: DynamoDB limits items to 400 KB.
const PIECE: usize = 350_000;

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1.
    pub number: usize,
    /// The number of parts.
    pub of: usize,
    /// The form of the whole file, according to the headers of this part.
    pub form: String,
    /// Its size in bytes.
    pub size: usize,
}

impl Store {
    /// Keeps a part for a day, replacing an earlier one with the same number.
    pub async fn put_import_part(
        &self,
        uid: &Uid,
        import: &str,
        part: &Part,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ttl = now.plus(DAY).seconds();
        // First: what is kept of a part that broke off is named as well.
        self.put(Item::at(keys::kept_part(uid, import, part.number)).number(keys::TTL, ttl)).await?;
        for (piece, bytes) in bytes.chunks(PIECE).enumerate() {
            let key = keys::import_piece(uid, import, part.number, piece);
            self.put(Item::at(key).bytes("b", bytes.to_vec()).number(keys::TTL, ttl)).await?;
        }
        let item = Item::at(keys::import_part(uid, import, part.number))
            .number("part", count(part.number))
            .number("of", count(part.of))
            .number("size", count(part.size))
            .text("form", &*part.form)
            .number(keys::TTL, ttl);
        self.put(item).await
    }

    /// The parts that have arrived, in order.
    pub async fn import_parts(&self, uid: &Uid, import: &str, now: Timestamp) -> Result<Vec<Part>, StoreError> {
        let found = self.query(Range::all(&keys::import_partition(uid, import))).await?;
        let alive = |item: &&Item| item.optional_number(keys::TTL).is_some_and(|ttl| ttl > now.seconds());
        found.iter().filter(alive).map(read).collect()
    }

    /// The bytes of a part.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if a piece is missing.
    pub async fn import_bytes(&self, uid: &Uid, import: &str, part: &Part) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::with_capacity(part.size);
        for piece in 0..part.size.div_ceil(PIECE) {
            let item = self.get(&keys::import_piece(uid, import, part.number, piece)).await?;
            bytes.extend_from_slice(item.ok_or(StoreError::unreadable("piece"))?.required_bytes("b")?);
        }
        if bytes.len() == part.size { Ok(bytes) } else { Err(StoreError::unreadable("piece")) }
    }

    /// Removes an upload.
    pub async fn delete_import(&self, uid: &Uid, import: &str, parts: &[Part]) -> Result<(), StoreError> {
        for part in parts {
            self.delete(keys::import_part(uid, import, part.number)).await?;
            for piece in 0..part.size.div_ceil(PIECE) {
                self.delete(keys::import_piece(uid, import, part.number, piece)).await?;
            }
            self.delete(keys::kept_part(uid, import, part.number)).await?;
        }
        Ok(())
    }

    /// Removes what is kept of every upload of an organisation. Asking again after an error goes on.
    pub async fn delete_imports(&self, uid: &Uid) -> Result<(), StoreError> {
        for kept in self.partition(&keys::imports_partition(uid), Reading::Latest).await? {
            let kept = kept.key()?;
            let Some((part, pieces)) = keys::part_of(uid, &kept) else { continue };
            self.delete(part).await?;
            let mut found = Vec::new();
            self.each_page(&pieces, None, Reading::Latest, |page| {
                found.extend(page.iter().map(Item::key).collect::<Result<Vec<_>, _>>()?);
                Ok(())
            })
            .await?;
            self.remove_keys(found).await?;
            // Last: it is by this that the others are found.
            self.delete(kept).await?;
        }
        Ok(())
    }
}

fn read(item: &Item) -> Result<Part, StoreError> {
    let number = |name| usize::try_from(item.required_number(name)?).map_err(|_| StoreError::unreadable(name));
    Ok(Part {
        number: number("part")?,
        of: number("of")?,
        form: item.required_text("form")?.into(),
        size: number("size")?,
    })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
