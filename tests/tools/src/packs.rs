//! The packs of an organisation, whosever they are.

use std::time::{Duration, Instant};

use model::organisation::Uid;
use model::time::Timestamp;
use store::Store;
use store::keys::{Key, PackKey, read_pack};
use store::range::Reading;
use store::sweep::{Sweep, Table};

/// The keys of all packs of an organisation that have not expired at `now`, in order of bucket and source.
///
/// # Panics
/// The database fails.
pub async fn pack_keys(store: &Store, uid: &Uid, now: Timestamp) -> Vec<(Key, PackKey)> {
    let sweep = Sweep { table: Table::Events, uid, reading: Reading::Latest, alive_at: Some(now) };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.sweep(&sweep, after, Instant::now() + Duration::from_secs(600)).await.unwrap().unwrap();
        found.extend(page.keys.into_iter().filter_map(|key| read_pack(uid, &key).map(|read| (key, read))));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    found.sort_by(|(a, x), (b, y)| (x.bucket, x.source, a).cmp(&(y.bucket, y.source, b)));
    found
}
