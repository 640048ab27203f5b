//! Real exports of real Claude Code clients, byte for byte as they were sent.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use otlp::{Coding, Encoding, Limits, Payload, Signal, decode, inflate};
use serde_json::Value;

/// One export as it was recorded.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The run and the number of the export in it.
    pub name: String,
    /// Path below the base URL.
    pub path: String,
    /// `Content-Type` as sent.
    pub content_type: String,
    /// `Content-Encoding` as sent.
    pub content_encoding: Option<String>,
    /// Body as sent.
    pub body: Bytes,
}

/// Where test data lie.
#[must_use]
pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data").join(path)
}

/// Every capture, in order of run and number.
///
/// # Panics
/// The captures cannot be read.
#[must_use]
pub fn all() -> Vec<Capture> {
    runs().iter().flat_map(|run| of_run(run)).collect()
}

/// The capture of this name, such as `pb-tools/001`.
#[must_use]
pub fn named(name: &str) -> Capture {
    all().into_iter().find(|c| c.name == name).unwrap()
}

/// The names of all runs, in order.
///
/// # Panics
/// The captures cannot be read.
#[must_use]
pub fn runs() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(data("captures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What a run sent, in order.
///
/// # Panics
/// The captures cannot be read.
#[must_use]
pub fn of_run(run: &str) -> Vec<Capture> {
    let folder = data("captures").join(run);
    let mut found: Vec<Capture> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.to_string_lossy().ends_with(".meta.json"))
        .map(|file| read(&folder, &file))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn read(run: &Path, meta: &Path) -> Capture {
    let value: Value = serde_json::from_slice(&std::fs::read(meta).unwrap()).unwrap();
    let header = |name: &str| {
        let pairs = value["headers"].as_array().unwrap();
        let pair = pairs.iter().find(|p| p[0].as_str().unwrap().eq_ignore_ascii_case(name))?;
        Some(pair[1].as_str().unwrap().to_owned())
    };
    let number = meta.file_name().unwrap().to_string_lossy().replace(".meta.json", "");
    let recorded = value["path"].as_str().unwrap();
    Capture {
        name: format!("{}/{number}", run.file_name().unwrap().to_string_lossy()),
        // A recording below a base path stands for the same export below none.
        path: recorded[recorded.find("/v1/l").or(recorded.find("/v1/m")).or(recorded.find("/v1/t")).unwrap()..].into(),
        content_type: header("content-type").unwrap(),
        content_encoding: header("content-encoding"),
        body: std::fs::read(run.join(format!("{number}.body"))).unwrap().into(),
    }
}

impl Capture {
    /// What was sent.
    ///
    /// # Panics
    /// The path is no signal's.
    #[must_use]
    pub fn signal(&self) -> Signal {
        Signal::from_path(&self.path).unwrap()
    }

    /// Whether it was sent as JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.content_type.starts_with("application/json")
    }

    /// The headers that say how its body is written, as sent.
    #[must_use]
    pub fn headers(&self) -> Vec<(&str, &str)> {
        let coding = self.content_encoding.as_deref().map(|coding| ("content-encoding", coding));
        std::iter::once(("content-type", &*self.content_type)).chain(coding).collect()
    }

    /// How it is written.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        if self.is_json() { Encoding::Json } else { Encoding::Protobuf }
    }

    /// The body, inflated.
    ///
    /// # Panics
    /// It does not inflate.
    #[must_use]
    pub fn plain(&self) -> Bytes {
        let coding = if self.content_encoding.is_some() { Coding::Gzip } else { Coding::Identity };
        inflate(self.body.clone(), coding, &Limits::default()).unwrap()
    }

    /// The decoded export.
    ///
    /// # Panics
    /// It does not decode.
    #[must_use]
    pub fn payload(&self) -> Payload {
        decode(self.signal(), self.encoding(), &self.plain()).unwrap().payload
    }

    /// The same export as protobuf, uncompressed.
    #[must_use]
    pub fn as_protobuf(&self) -> Self {
        use prost::Message;
        let body = match self.payload() {
            Payload::Logs(request) => request.encode_to_vec(),
            Payload::Metrics(request) => request.encode_to_vec(),
            Payload::Traces(request) => request.encode_to_vec(),
        };
        Self {
            content_type: "application/x-protobuf".into(),
            content_encoding: None,
            body: body.into(),
            ..self.clone()
        }
    }
}
