//! The body of an export that was admitted: decoded, read, packed, and every pack written.

use bytes::Bytes;

use super::admission::Admitted;
use super::packing::{Batch, Origin, Packed, pack, refusal};
use super::{Ingest, Outcome, Stored, unavailable};
use model::time::{Timestamp, from_days};
use otlp::{Rejection, RetryAfter, Success};
use store::pack::Put;

/// How many packs of one export are written at a time.
const PARALLEL_WRITES: usize = 8;

impl Ingest {
    /// Stores what was admitted.
    pub(super) async fn store(&self, admitted: Admitted, body: Bytes, now: Timestamp) -> Outcome {
        let head = admitted.head;
        let writer = self.writer(admitted, &body, now).await?;
        let origin = Origin {
            signal: head.signal,
            encoding: head.encoding,
            uid: writer.uid().clone(),
            generation: writer.generation(),
            store_content: writer.store_content(),
            store_tool_names: writer.store_tool_names(),
            accept_late_days: writer.accept_late_days(),
            marks: writer.token().marks.clone(),
            now,
        };
        let batch = self.turns.inflated(body, head.coding, self.limits, move |plain| pack(plain, &origin)).await;
        if let Err(Rejection::TakenForText { .. }) = &batch {
            self.rejections.note_taken_for_text(&self.store, &writer, now).await;
        }
        let batch = batch?;
        let Batch { packs, rejected, left_out, remarks } = batch;
        self.rejections.note(&self.store, &writer, &rejected, now).await;
        if packs.is_empty() && rejected.count > 0 && left_out == 0 {
            return Err(refusal(format!("nothing in it can be counted. {}", rejected.sentence())));
        }
        let count = rejected.count.saturating_add(left_out);
        let accepted = packs.iter().map(|p| u64::from(p.accepted)).sum();
        let expires_at = now.plus(from_days(writer.retention_days().into()));
        let mut stored = Stored { accepted, rejected: count, ..Stored::default() };
        for put in self.put_all(packs, expires_at).await? {
            stored.duplicates += u32::from(put.duplicate);
            stored.write_units += put.write_units;
        }
        Ok((Success { rejected: i64::try_from(count).unwrap_or(i64::MAX), message: remarks.join(" ") }, stored))
    }

    async fn put_all(&self, packs: Vec<Packed>, expires_at: Timestamp) -> Result<Vec<Put>, Rejection> {
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
