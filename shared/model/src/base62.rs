//! The digits of what is written in letters and figures alone.

/// The digits of base62, in order of their value.
pub(crate) const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
