//! The body of an export that was admitted: decoded, read, packed, and every pack written.

use bytes::Bytes;

use super::admission::Admitted;
use super::{Ingest, Outcome, Taken, clock, unavailable};
use crate::auth::writer::Writer;
use crate::claude::read::{Export, Reader};
use crate::otlp::{self, Head, Payload, Rejection, RetryAfter, Signal, Success};
use crate::pack::group::groups;
use crate::pack::{self, Header};
use crate::store::keys;
use crate::store::pack::Put;
use crate::time::{DAY, Millis};

/// Bodies up to this size, as sent, are decoded where they are; larger ones where they hold up nobody.
const INLINE: usize = 64 * 1024;
/// How many packs of one export are written at a time.
const PARALLEL_WRITES: usize = 8;

impl Ingest {
    /// Stores what was admitted.
    pub(super) async fn store(&self, admitted: Admitted, body: Bytes, now: Millis) -> Outcome {
        let head = admitted.head;
        let writer = self.writer(admitted, &body, now).await?;
        let decoded = if body.len() <= INLINE {
            self.decode(head, body)?
        } else {
            let ingest = self.clone();
            let decoded = tokio::task::spawn_blocking(move || ingest.decode(head, body)).await;
            decoded.map_err(|_| Rejection::Unavailable(RetryAfter::SHORTEST))??
        };
        let reader = Reader::new(writer.store_content());
        let export = match &decoded.payload {
            Payload::Logs(request) => reader.logs(request),
            Payload::Metrics(request) => reader.metrics(request),
            Payload::Traces(request) => reader.traces(request),
        };
        self.store_export(head.signal, &writer, export, decoded.warning.map(|w| w.to_string()), now).await
    }

    fn decode(&self, head: Head, body: Bytes) -> Result<otlp::Decoded, Rejection> {
        let plain = otlp::inflate(body, head.coding, &self.limits)?;
        Ok(otlp::decode(head.signal, head.encoding, &plain)?)
    }

    async fn store_export(
        &self,
        signal: Signal,
        writer: &Writer,
        mut export: Export,
        warning: Option<String>,
        now: Millis,
    ) -> Outcome {
        let rejected = export.rejected.count;
        if export.entries.is_empty() && rejected > 0 {
            let description = format!("nothing in it can be counted. {}", export.rejected.sentence());
            return Err(Rejection::Undecodable { field: "body".into(), description });
        }
        let mut remarks: Vec<String> = warning.into_iter().collect();
        if rejected > 0 {
            remarks.push(export.rejected.sentence());
        }
        remarks.extend(clock::remark(&export, now));
        if export.cut > 0 {
            remarks.push(format!("{} values were cut at 60 KiB or left out of records over 256 KiB.", export.cut));
        }
        let packs = self.packs(signal, writer, &mut export, now);
        let accepted = packs.iter().map(|p| u64::from(p.accepted)).sum();
        let expires_at = now.plus(i64::from(writer.retention_days()) * DAY);
        let mut taken = Taken { accepted, rejected, ..Taken::default() };
        for put in self.put_all(packs, expires_at).await? {
            taken.duplicates += u32::from(put.duplicate);
            taken.write_units += put.write_units;
        }
        Ok((Success { rejected: i64::try_from(rejected).unwrap_or(i64::MAX), message: remarks.join(" ") }, taken))
    }

    fn packs(&self, signal: Signal, writer: &Writer, export: &mut Export, now: Millis) -> Vec<Packed> {
        let groups = groups(export);
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        groups
            .iter()
            .enumerate()
            .map(|(index, group)| {
                // What belongs to the export as a whole is noted once, in its first pack.
                let whole = index == 0;
                let header = Header {
                    received_at: now,
                    generation: writer.generation(),
                    accepted: group.accepted,
                    rejected: if whole { count(export.rejected.count) } else { 0 },
                    reclocked: count(group.records.iter().filter(|r| !clock::is_credible(r.time, now)).count() as u64),
                    cut: if whole { export.cut } else { 0 },
                    dropped: group.dropped,
                };
                Packed {
                    key: keys::pack(writer.uid(), signal, group.source, group.bucket, group.first, &group.digest),
                    bytes: pack::encode(&header, &group.contexts(&export.contexts), &group.records),
                    accepted: group.accepted,
                }
            })
            .collect()
    }

    async fn put_all(&self, packs: Vec<Packed>, expires_at: Millis) -> Result<Vec<Put>, Rejection> {
        let mut done = Vec::with_capacity(packs.len());
        let mut waiting = packs.into_iter();
        let mut running = tokio::task::JoinSet::new();
        loop {
            while running.len() < PARALLEL_WRITES
                && let Some(pack) = waiting.next()
            {
                let store = self.store.clone();
                running.spawn(async move { store.put_pack(&pack.key, pack.bytes, expires_at).await });
            }
            match running.join_next().await {
                None => return Ok(done),
                Some(Ok(put)) => done.push(put.map_err(|e| unavailable(&e))?),
                Some(Err(_)) => return Err(Rejection::Unavailable(RetryAfter::SHORTEST)),
            }
        }
    }
}

/// A pack that is ready to be written.
struct Packed {
    key: keys::Key,
    bytes: Vec<u8>,
    accepted: u32,
}
