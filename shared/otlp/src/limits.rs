//! How large a body may be, and which size of it was too large.

/// How large a body may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// As sent.
    pub sent: usize,
    /// After decompression.
    pub inflated: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sent: 16 << 20, inflated: 64 << 20 }
    }
}

/// Which size of a body exceeded its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The size as sent.
    Sent,
    /// The size after decompression.
    Inflated,
}
