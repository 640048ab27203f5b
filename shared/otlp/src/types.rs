//! What requests, bodies and answers have in common.

/// One of the three kinds of telemetry, each with a path of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Log records: Claude Code's events.
    Logs,
    /// Metric data points.
    Metrics,
    /// Spans.
    Traces,
}

impl Signal {
    /// Every signal there is.
    pub const ALL: [Self; 3] = [Self::Logs, Self::Metrics, Self::Traces];

    /// The path it is posted to, below the base URL.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Logs => "/v1/logs",
            Self::Metrics => "/v1/metrics",
            Self::Traces => "/v1/traces",
        }
    }

    /// The signal that is posted to exactly this path.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.path() == path)
    }
}

/// How messages are written, in the request and so in its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `application/x-protobuf`
    Protobuf,
    /// `application/json`, by the OTLP/JSON rules
    Json,
}

impl Encoding {
    /// The media type that names it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// How the body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952, one or several members.
    Gzip,
    /// RFC 8878, one or several frames.
    Zstd,
    /// RFC 1950 (zlib), as HTTP means it; the raw RFC 1951 that some clients send is taken too.
    Deflate,
}

impl Coding {
    /// Its name as `Content-Encoding` writes it.
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

/// How large a body may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// As it was sent.
    pub sent: usize,
    /// After inflating.
    pub inflated: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sent: 16 << 20, inflated: 64 << 20 }
    }
}

/// Which of its two sizes made a body too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The size as sent.
    Sent,
    /// The size after inflating.
    Inflated,
}

/// Values of a body that could not be read, and so are missing from the records that had them. Its text has nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
#[error("{count} value(s) could not be read and were left out, their records were kept; the first, {first}, {why}.")]
pub struct LeftOut {
    /// How many.
    pub count: u32,
    /// The path to the first one, such as `resourceLogs[0].scopeLogs[0].logRecords[2].attributes[8].value.doubleValue`.
    pub first: String,
    /// What that has to be.
    pub why: &'static str,
}
