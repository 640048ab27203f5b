//! Tokens: their anatomy, their checksum, and the digest that represents them in the database.
//!
//! ```text
//! cct_  43 characters of base62  6 characters
//! │     └ 256 random bits        └ CRC-32 (IEEE) of the 47 characters before it, base62
//! └ kind: cct_ ingest token, cca_ admin key
//! ```
//!
//! The checksum catches typing errors and allows a malformed token to be refused without a database request; it is not
//! a security feature. The alphabet is `[A-Za-z0-9_]`, because tokens are passed in `OTEL_EXPORTER_OTLP_HEADERS`, where
//! `,;=%` and spaces have a meaning.

use std::fmt;
use std::str::FromStr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::base62::DIGITS;

/// Number of base62 digits for 256 bits: 62^43 is slightly more than 2^256.
const RANDOM_LEN: usize = 43;
const CHECK_LEN: usize = 6;
const PREFIX_LEN: usize = 4;
const TOKEN_LEN: usize = PREFIX_LEN + RANDOM_LEN + CHECK_LEN;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Writes the telemetry of one organisation and reads nothing.
    Ingest,
    /// Administers one organisation.
    Admin,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Ingest => "cct_",
            Self::Admin => "cca_",
        }
    }
}

/// Why a text is not a token. Messages describe only its shape, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It begins with neither `cct_` nor `cca_`.
    #[error("it does not begin with cct_ or cca_")]
    Prefix,
    /// It does not have 53 characters.
    #[error("it is not 53 characters long, so a part of it may be missing")]
    Length,
    /// It has a character outside `[A-Za-z0-9_]`.
    #[error("it has a character that tokens never have")]
    Character,
    /// The last six characters do not match the rest.
    #[error("its checksum is wrong, so a character was probably mistyped")]
    Checksum,
}

/// A token in plain text. It leaves the service once, in the response that creates it, and cannot be printed by
/// accident.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainToken {
    kind: TokenKind,
    text: String,
}

impl PlainToken {
    /// Makes a token of `kind` from 256 random bits.
    #[must_use]
    pub fn from_random(kind: TokenKind, random: [u8; 32]) -> Self {
        let mut text = String::with_capacity(TOKEN_LEN);
        text.push_str(kind.prefix());
        push_base62(&mut text, random);
        let sum = checksum(text.as_bytes());
        text.extend(sum.iter().map(|&b| char::from(b)));
        Self { kind, text }
    }

    /// Makes a new token of `kind` from the operating system's random source.
    ///
    /// # Errors
    /// [`getrandom::Error`] if the random source fails.
    pub fn generate(kind: TokenKind) -> Result<Self, getrandom::Error> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)?;
        Ok(Self::from_random(kind, random))
    }

    /// The token in plain text, only for the response to an admin and for the secret store.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What this token may be used for.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The digest that represents this token in the database.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.text)
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken")
    }
}

impl FromStr for PlainToken {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let kind = match text.get(..PREFIX_LEN) {
            Some("cct_") => TokenKind::Ingest,
            Some("cca_") => TokenKind::Admin,
            _ => return Err(Malformed::Prefix),
        };
        if text.len() != TOKEN_LEN {
            return Err(Malformed::Length);
        }
        let bytes = text.as_bytes();
        if !bytes[PREFIX_LEN..].iter().all(u8::is_ascii_alphanumeric) {
            return Err(Malformed::Character);
        }
        let (body, sum) = bytes.split_at(TOKEN_LEN - CHECK_LEN);
        if checksum(body) != sum {
            return Err(Malformed::Checksum);
        }
        Ok(Self { kind, text: text.to_owned() })
    }
}

/// SHA-256 of a whole token: what the database stores, and the key under which tokens are looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The digest of any key text (the root admin key has no fixed anatomy).
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The digest in unpadded base64url, 43 characters, as used in keys.
    #[must_use]
    pub fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Parses the output of [`TokenHash::encoded`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// The public name of the token: the first 12 characters of its encoded digest. Safe to show and to log.
    #[must_use]
    pub fn token_id(&self) -> String {
        let mut id = self.encoded();
        id.truncate(12);
        id
    }

    /// The digest itself.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// Appends a 256-bit number as 43 base62 digits, by long division from the most significant byte.
fn push_base62(out: &mut String, mut number: [u8; 32]) {
    let mut digits = [0_u8; RANDOM_LEN];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let value = (remainder << 8) | u32::from(*byte);
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        *digit = DIGITS[remainder as usize];
    }
    out.extend(digits.iter().map(|&b| char::from(b)));
}

fn checksum(body: &[u8]) -> [u8; CHECK_LEN] {
    let mut crc = crc32fast::hash(body);
    let mut out = [b'0'; CHECK_LEN];
    for digit in out.iter_mut().rev() {
        *digit = DIGITS[(crc % 62) as usize];
        crc /= 62;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_with_its_kind() {
        let token = PlainToken::from_random(TokenKind::Ingest, [7; 32]);
        assert_eq!(token.expose().len(), 53);
        let read: PlainToken = token.expose().parse().unwrap();
        assert_eq!(read.kind(), TokenKind::Ingest);
        assert_eq!(read.hash(), token.hash());
        assert_eq!(PlainToken::generate(TokenKind::Admin).unwrap().kind(), TokenKind::Admin);
    }

    #[test]
    fn the_largest_number_fits_its_digits() {
        let largest = PlainToken::from_random(TokenKind::Admin, [0xff; 32]);
        let smallest = PlainToken::from_random(TokenKind::Admin, [0; 32]);
        assert_eq!(&smallest.expose()[4..47], "0".repeat(43));
        assert!(largest.expose()[4..47].starts_with("yhj"), "2^256 - 1 needs the 43rd digit");
    }

    #[test]
    fn the_checksum_is_crc32_in_base62() {
        // CRC-32 (IEEE) of "cct_" and 43 zeros, computed by an independent implementation (zlib.crc32).
        let token = PlainToken::from_random(TokenKind::Ingest, [0; 32]);
        assert_eq!(&token.expose()[47..], "0YyiXm");
    }

    #[test]
    fn every_defect_has_its_own_name() {
        let good = PlainToken::from_random(TokenKind::Ingest, [9; 32]).expose().to_owned();
        assert_eq!("hello".parse::<PlainToken>(), Err(Malformed::Prefix));
        assert_eq!("é".parse::<PlainToken>(), Err(Malformed::Prefix));
        assert_eq!(good[..52].parse::<PlainToken>(), Err(Malformed::Length));
        assert_eq!(format!("{}é", &good[..51]).parse::<PlainToken>(), Err(Malformed::Character));
        let mut typo = good.into_bytes();
        typo[10] = if typo[10] == b'a' { b'b' } else { b'a' };
        assert_eq!(String::from_utf8(typo).unwrap().parse::<PlainToken>(), Err(Malformed::Checksum));
    }

    #[test]
    fn printing_for_debugging_shows_nothing() {
        let token = PlainToken::from_random(TokenKind::Ingest, [1; 32]);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "PlainToken TokenHash");
    }
}
