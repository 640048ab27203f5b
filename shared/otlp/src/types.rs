//! Types shared by requests, bodies and responses.

/// One of the three kinds of telemetry, each with a path of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Log records, which carry Claude Code's events.
    Logs,
    /// Metric data points.
    Metrics,
    /// Spans.
    Traces,
}

impl Signal {
    /// All signals.
    pub const ALL: [Self; 3] = [Self::Logs, Self::Metrics, Self::Traces];

    /// The path it is posted to, relative to the base URL.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Logs => "/v1/logs",
            Self::Metrics => "/v1/metrics",
            Self::Traces => "/v1/traces",
        }
    }

    /// The signal posted to exactly this path.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.path() == path)
    }
}

/// How messages are encoded, in the request and in its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `application/x-protobuf`
    Protobuf,
    /// `application/json`, by the OTLP/JSON rules
    Json,
}

impl Encoding {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Not compressed.
    Identity,
    /// RFC 1952, with one or more members.
    Gzip,
    /// RFC 8878, with one or more frames.
    Zstd,
    /// RFC 1950 (zlib), which is what HTTP means by it; the raw RFC 1951 that some clients send is accepted too.
    Deflate,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Deflate => "deflate",
        }
    }
}

/// Values of a body that could not be read and are missing from their records. The text quotes nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
#[error("{count} value(s) could not be read and were dropped, but their records were kept; the first, {first}, {why}.")]
pub struct LeftOut {
    /// How many.
    pub count: u32,
    /// The path to the first one, such as `resourceLogs[0].scopeLogs[0].logRecords[2].attributes[8].value.doubleValue`.
    pub first: String,
    /// What that value must be.
    pub why: &'static str,
}
