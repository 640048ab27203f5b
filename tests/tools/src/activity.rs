//! Exports as packs, and a second opinion on what they say.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::bucket::Bucket;
use model::time::Timestamp;
use otlp;
use otlp::{Encoding, Signal};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Ledger, Place, Role};
use telemetry::activity::summary::Summary;
use telemetry::claude::export::Export;
use telemetry::claude::read::Reader;
use telemetry::claude::source::SourceId;
use telemetry::pack;
use telemetry::pack::group::{Group, groups};
use telemetry::pack::{Header, Pack};

pub use crate::captures::runs as captures;
use crate::captures::{self, Capture};

pub mod exports;
pub mod relived;
pub mod truth;

/// One request of a captured session.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Where it was posted to.
    pub signal: Signal,
    /// How it is written.
    pub encoding: Encoding,
    /// Its body, inflated.
    pub body: Vec<u8>,
}

/// A pack and where it is filed.
#[derive(Debug, Clone)]
pub struct Filed {
    /// Whose.
    pub source: SourceId,
    /// The bucket claimed.
    pub bucket: Bucket,
    /// Which signal.
    pub signal: Signal,
    /// The pack, as it is read back.
    pub pack: Pack,
}

/// What a captured session sent, in order.
#[must_use]
pub fn requests(run: &str) -> Vec<Sent> {
    captures::of_run(run).iter().map(Sent::from).collect()
}

impl Sent {
    /// Its `Content-Type`.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/x-protobuf",
        }
    }
}

impl From<&Capture> for Sent {
    fn from(capture: &Capture) -> Self {
        Self { signal: capture.signal(), encoding: capture.encoding(), body: capture.plain().to_vec() }
    }
}

/// The packs that an export becomes which arrives at `received_at`.
#[must_use]
pub fn packs(sent: &Sent, received_at: Timestamp) -> Vec<Filed> {
    let decoded = otlp::decode(sent.signal, sent.encoding, &sent.body).unwrap();
    let mut export = Reader::new(false).read(decoded.payload);
    groups(&mut export)
        .map(|group| {
            let bytes = pack_of(&export, &group, received_at);
            let pack = pack::decode(&bytes).unwrap();
            Filed { source: group.source, bucket: group.bucket, signal: sent.signal, pack }
        })
        .collect()
}

/// The header of the pack that a group of an export becomes which arrives at `received_at`, with an organisation's first token.
#[must_use]
pub fn header_of(export: &Export, group: &Group, received_at: Timestamp) -> Header {
    let (accepted, dropped) = (group.accepted, group.dropped);
    Header { received_at, generation: 1, accepted, rejected: 0, reclocked: 0, cut: export.cut, dropped }
}

/// The pack that a group of an export becomes which arrives at `received_at`.
#[must_use]
pub fn pack_of(export: &Export, group: &Group, received_at: Timestamp) -> Vec<u8> {
    pack::encode(&header_of(export, group, received_at), &group.contexts(&export.contexts), &group.records)
}

/// Packs by source and claimed bucket, as the projection reads them.
#[must_use]
pub fn filed(packs: Vec<Filed>) -> BTreeMap<(SourceId, Bucket), Vec<(Signal, Pack)>> {
    let mut filed: BTreeMap<(SourceId, Bucket), Vec<(Signal, Pack)>> = BTreeMap::new();
    for Filed { source, bucket, signal, pack } in packs {
        filed.entry((source, bucket)).or_default().push((signal, pack));
    }
    filed
}

/// Adds a summary to a ledger, whole.
pub fn enter<W: Fn(SourceId, &Label) -> Option<Arc<str>>>(
    ledger: &mut Ledger<W>,
    source: SourceId,
    bucket: Option<Bucket>,
    summary: &Summary,
    shown: bool,
) {
    let role = if shown { Role::Shown } else { Role::Hidden };
    let place = Place { source, dates: Arc::default(), ends: Bucket(i64::MAX), bucket, role };
    summary.parts(|part| ledger.add(&place, &part));
}
