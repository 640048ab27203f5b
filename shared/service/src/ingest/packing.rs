//! From a body to packs: decoded, read, grouped and encoded. Nothing here waits, and nothing takes more than the body allows: the
//! messages are weighed before they are made ([`otlp::budget`]), and what packs may come to is bounded here.

use bytes::Bytes;

use super::{full, times};
use model::organisation::Uid;
use model::time::Timestamp;
use otlp;
use otlp::{Encoding, Rejection, Signal};
use store::keys;
use store::marks::Marks;
use telemetry::claude::export::Export;
use telemetry::claude::read::Reader;
use telemetry::claude::rejected::Rejected;
use telemetry::clock;
use telemetry::pack;
use telemetry::pack::Header;
use telemetry::pack::group::{Group, groups};

/// The most packs of one export: each is a write, and what takes longer than the deadline to be written never succeeds. A batch of a
/// collector has one for each person in it.
const PACKS: usize = 4_096;
/// The most buckets of one sender in one export: two days of them. Each is added up by itself.
const BUCKETS: usize = 192;

/// What the packs of an export of so many bytes may measure together, in bytes. A resource is written into every pack that has records
/// of it, so that a few bytes could become many.
const fn most_packed(body: usize) -> usize {
    (8 << 20) + 2 * body
}

/// Whose body it is, and what.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What was sent.
    pub signal: Signal,
    /// How it was written.
    pub encoding: Encoding,
    /// What keys carry of the organisation.
    pub uid: Uid,
    /// Which of the organisation's tokens it came with.
    pub generation: u32,
    /// Whether the organisation keeps content.
    pub store_content: bool,
    /// Whether the organisation keeps names of tools.
    pub store_tool_names: bool,
    /// How late a record may be, in days.
    pub accept_late_days: u32,
    /// Of which buckets nothing more is taken.
    pub marks: Marks,
    /// When it arrived.
    pub now: Timestamp,
}

/// What a body became.
#[derive(Debug)]
pub struct Batch {
    /// What is to be written.
    pub packs: Vec<Packed>,
    /// Records that cannot be counted.
    pub rejected: Rejected,
    /// How many records are of buckets that are full.
    pub left_out: u64,
    /// What the sender should know.
    pub remarks: Vec<String>,
}

/// A pack that is ready to be written.
#[derive(Debug)]
pub struct Packed {
    /// Where it is written.
    pub key: keys::Key,
    /// What is written.
    pub bytes: Vec<u8>,
    /// Records or spans in it, repeats counted.
    pub accepted: u32,
}

/// The packs of a body as it was before it was compressed.
///
/// # Errors
/// It cannot be read, or it is more than one export may be.
pub fn pack(body: Bytes, origin: &Origin) -> Result<Batch, Rejection> {
    let most_packed = most_packed(body.len());
    let decoded = otlp::decode(origin.signal, origin.encoding, &body)?;
    drop(body);
    let (mut remarks, unreadable) = (decoded.remarks(), decoded.left_out.count);
    let reader = Reader::new(origin.store_content).with_tool_names(origin.store_tool_names);
    let mut export = reader.read(decoded.payload);
    let rejected = export.rejected.clone();
    if rejected.count > 0 {
        remarks.push(rejected.sentence());
    }
    remarks.extend(times::remark(&export, origin.now, origin.accept_late_days));
    if export.cut > 0 {
        let cut = export.cut;
        remarks.push(format!(
            "{cut} values were cut (labels at 256 bytes, contents at 60 KiB) or left out of records over 256 KiB."
        ));
    }
    export.cut = export.cut.saturating_add(unreadable);
    let left_out = full::leave_out(&mut export, &origin.marks, origin.now);
    remarks.extend(full::remark(left_out));
    let whole = rejected.count.saturating_add(left_out);
    let (mut packs, mut measured) = (Vec::new(), 0_usize);
    let (mut sender, mut buckets, mut last) = (None, 0, None);
    for group in groups(&mut export) {
        measured = measured.saturating_add(group.size);
        if sender.replace(group.source) != Some(group.source) {
            (buckets, last) = (0, None);
        }
        buckets += usize::from(last.replace(group.bucket) != Some(group.bucket));
        if buckets > BUCKETS {
            return Err(refusal(format!(
                "records of more than {BUCKETS} quarter hours of one sender: export smaller batches"
            )));
        }
        if packs.len() == PACKS {
            return Err(refusal(format!(
                "records of more than {PACKS} people or quarter hours: export smaller batches"
            )));
        }
        if measured > most_packed {
            return Err(refusal("too much of resources and records together: export smaller batches".to_owned()));
        }
        packs.push(packed(&group, &export, packs.is_empty().then_some(whole), origin));
    }
    Ok(Batch { packs, rejected, left_out, remarks })
}

/// What belongs to the export as a whole, as the `rejected` records of all of it, is noted once, in its first pack.
fn packed(group: &Group, export: &Export, rejected: Option<u64>, origin: &Origin) -> Packed {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let header = Header {
        received_at: origin.now,
        generation: origin.generation,
        accepted: group.accepted,
        rejected: rejected.map_or(0, count),
        reclocked: count(group.records.iter().filter(|r| clock::is_wrong(r.time, origin.now)).count() as u64),
        cut: rejected.map_or(0, |_| export.cut),
        dropped: group.dropped,
    };
    Packed {
        key: keys::pack(&origin.uid, origin.signal, group.source, group.bucket, group.first, &group.digest),
        bytes: pack::encode(&header, &group.contexts(&export.contexts), &group.records),
        accepted: group.accepted,
    }
}

pub(super) fn refusal(description: String) -> Rejection {
    Rejection::Undecodable { field: "body".into(), description }
}
