//! Real captures as exports and packs, and a second opinion on what they say.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use shared::claude::read::Reader;
use shared::claude::source::SourceId;
use shared::otlp::{self, Encoding, Payload, Signal};
use shared::pack::group::{Bucket, groups};
use shared::pack::{self, Header, Pack};
use shared::time::Millis;

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
    /// The quarter hour claimed.
    pub bucket: Bucket,
    /// Which signal.
    pub signal: Signal,
    /// The pack, as it is read back.
    pub pack: Pack,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/captures")
}

/// The names of all captured sessions.
#[must_use]
pub fn captures() -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What a captured session sent, in order.
#[must_use]
pub fn requests(capture: &str) -> Vec<Sent> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder().join(capture)).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".meta.json"));
    files.sort();
    files.iter().map(|path| request(path)).collect()
}

fn request(meta_path: &Path) -> Sent {
    let meta: serde_json::Value = serde_json::from_slice(&fs::read(meta_path).unwrap()).unwrap();
    let header = |name: &str| {
        let headers = meta["headers"].as_array().unwrap();
        headers.iter().find(|h| h[0].as_str().unwrap().eq_ignore_ascii_case(name)).map(|h| h[1].as_str().unwrap())
    };
    let body = fs::read(meta_path.to_string_lossy().replace(".meta.json", ".body")).unwrap();
    // One session was given a base address with a path of its own.
    let path = meta["path"].as_str().unwrap();
    let signal = Signal::ALL.into_iter().find(|signal| path.ends_with(signal.path())).unwrap();
    Sent {
        signal,
        encoding: if header("content-type") == Some("application/json") { Encoding::Json } else { Encoding::Protobuf },
        body: if header("content-encoding") == Some("gzip") { gunzip(&body) } else { body },
    }
}

#[expect(clippy::disallowed_types, reason = "captures are our own")]
fn gunzip(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    plain
}

/// The packs that an export becomes which arrives at `received_at`.
#[must_use]
pub fn packs(sent: &Sent, received_at: Millis) -> Vec<Filed> {
    let decoded = otlp::decode(sent.signal, sent.encoding, &sent.body).unwrap();
    let reader = Reader::new(false);
    let mut export = match &decoded.payload {
        Payload::Logs(request) => reader.logs(request),
        Payload::Metrics(request) => reader.metrics(request),
        Payload::Traces(request) => reader.traces(request),
    };
    let groups = groups(&mut export);
    groups
        .iter()
        .map(|group| {
            let header = Header {
                received_at,
                generation: 1,
                accepted: group.accepted,
                rejected: 0,
                reclocked: 0,
                cut: 0,
                dropped: group.dropped,
            };
            let bytes = pack::encode(&header, &group.contexts(&export.contexts), &group.records);
            let pack = pack::decode(&bytes).unwrap();
            Filed { source: group.source, bucket: group.bucket, signal: sent.signal, pack }
        })
        .collect()
}

/// Packs by source and claimed quarter hour, as the projection reads them.
#[must_use]
pub fn filed(packs: Vec<Filed>) -> BTreeMap<(SourceId, Bucket), Vec<(Signal, Pack)>> {
    let mut filed: BTreeMap<(SourceId, Bucket), Vec<(Signal, Pack)>> = BTreeMap::new();
    for Filed { source, bucket, signal, pack } in packs {
        filed.entry((source, bucket)).or_default().push((signal, pack));
    }
    filed
}
