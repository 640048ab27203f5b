//! What a file is written in, brought into UTF-8 while it is read.

use std::io::{self, BufRead, BufReader, Read};

use super::ParseError;

/// What a file says that it is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// UTF-16; a byte order mark says which, else it is little endian, as Windows writes it.
    Utf16,
    /// UTF-16, big endian unless a byte order mark says otherwise.
    Utf16Be,
    /// Windows-1252, and what the Web takes for it: ISO 8859-1.
    Windows1252,
}

impl Charset {
    /// The charset that a `Content-Type` declares; none if it declares none.
    ///
    /// # Errors
    /// [`ParseError::Charset`] if it is another one.
    pub fn declared(content_type: &str) -> Result<Option<Self>, ParseError> {
        let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
        let named = parameters.map(|(name, value)| (name.trim(), value.trim().trim_matches('"')));
        let Some((_, charset)) = named.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("charset")) else {
            return Ok(None);
        };
        match charset.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" => Ok(Some(Self::Utf8)),
            "utf-16" | "utf-16le" => Ok(Some(Self::Utf16)),
            "utf-16be" => Ok(Some(Self::Utf16Be)),
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => Ok(Some(Self::Windows1252)),
            _ => Err(ParseError::Charset),
        }
    }
}

/// The characters of the bytes 0x80 to 0x9F, of which five are none.
/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>
const WINDOWS: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2C6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}',
    '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}',
    '\u{17E}', '\u{178}',
];

/// A byte of Windows-1252 as a character.
pub(super) fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// A reader of UTF-8. A byte order mark says more than what was declared, and is taken out.
pub(super) fn utf_8<'a>(input: impl Read + 'a, declared: Option<Charset>) -> Result<Box<dyn BufRead + 'a>, ParseError> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut head = Vec::with_capacity(3);
    input.by_ref().take(3).read_to_end(&mut head)?;
    let (skipped, charset) = match head.as_slice() {
        [] => return Err(ParseError::Empty),
        [0xFF, 0xFE, ..] => (2, Some(Charset::Utf16)),
        [0xFE, 0xFF, ..] => (2, Some(Charset::Utf16Be)),
        [0xEF, 0xBB, 0xBF] => (3, Some(Charset::Utf8)),
        _ => (0, declared),
    };
    head.drain(..skipped);
    let whole = io::Cursor::new(head).chain(input);
    Ok(match charset {
        None | Some(Charset::Utf8) => Box::new(whole),
        Some(charset) => {
            let converter = Converter { input: whole, charset, high: None, out: Vec::new(), at: 0 };
            Box::new(BufReader::with_capacity(64 * 1024, converter))
        }
    })
}

/// Turns what it reads into UTF-8.
struct Converter<R> {
    input: R,
    charset: Charset,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    out: Vec<u8>,
    at: usize,
}

impl<R: Read> Converter<R> {
    fn fill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        let mut bytes = Vec::with_capacity(8 * 1024);
        self.input.by_ref().take(8 * 1024).read_to_end(&mut bytes)?;
        match self.charset {
            Charset::Utf16 | Charset::Utf16Be => {
                for pair in bytes.chunks(2) {
                    // Half a unit at the end is what a cut-off file leaves.
                    let unit = match *pair {
                        [one, other] if self.charset == Charset::Utf16Be => u16::from_be_bytes([one, other]),
                        [one, other] => u16::from_le_bytes([one, other]),
                        _ => 0xFFFD,
                    };
                    self.unit(unit);
                }
                if bytes.is_empty() && self.high.take().is_some() {
                    self.put(char::REPLACEMENT_CHARACTER);
                }
            }
            _ => bytes.into_iter().for_each(|byte| self.put(windows_1252(byte))),
        }
        Ok(())
    }

    fn unit(&mut self, unit: u16) {
        if let Some(high) = self.high.take() {
            let mut decoded = char::decode_utf16([high, unit]);
            if let Some(Ok(c)) = decoded.next() {
                return self.put(c);
            }
            self.put(char::REPLACEMENT_CHARACTER);
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => self.put(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn put(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl<R: Read> Read for Converter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.fill()?;
        }
        let ready = &self.out[self.at..];
        let read = ready.len().min(buffer.len());
        buffer[..read].copy_from_slice(&ready[..read]);
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>, declared: Option<Charset>) -> String {
        let mut text = String::new();
        utf_8(io::Cursor::new(bytes), declared).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_byte_order_mark_says_which_utf_it_is() {
        // Long enough for several fillings, with characters of two units across them.
        let text = "x\u{1F600}\u{E9}".repeat(5_000);
        let units = || format!("\u{FEFF}{text}").encode_utf16().collect::<Vec<u16>>();
        assert_eq!(read(units().into_iter().flat_map(u16::to_le_bytes).collect(), None), text);
        assert_eq!(read(units().into_iter().flat_map(u16::to_be_bytes).collect(), Some(Charset::Utf8)), text);
        assert_eq!(read(format!("\u{FEFF}{text}").into_bytes(), Some(Charset::Windows1252)), text);
        assert_eq!(read(text.clone().into_bytes(), None), text);
    }

    #[test]
    fn without_a_byte_order_mark_utf_16_is_what_was_declared() {
        let written = |order: fn(u16) -> [u8; 2]| "J\u{F6}rg".encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for (declared, bytes) in [
            ("utf-16", written(u16::to_le_bytes)),
            ("UTF-16LE", written(u16::to_le_bytes)),
            ("utf-16be", written(u16::to_be_bytes)),
        ] {
            let charset = Charset::declared(&format!("text/csv; charset={declared}")).unwrap();
            assert_eq!(read(bytes, charset), "J\u{F6}rg", "{declared}");
        }
    }

    #[test]
    fn half_a_character_is_shown_as_such() {
        assert_eq!(read(vec![0xFF, 0xFE, 0x41, 0x00, 0x3D, 0xD8], None), "A\u{FFFD}");
        assert_eq!(read(vec![0xFF, 0xFE, 0x41, 0x00, 0x42], None), "A\u{FFFD}");
    }

    #[test]
    fn windows_1252_is_read_where_it_is_declared() {
        for declared in ["text/csv; charset=Windows-1252", "text/csv;header=present; charset=\"ISO-8859-1\""] {
            let charset = Charset::declared(declared).unwrap();
            assert_eq!(read(b"J\xF6rg \x80".to_vec(), charset), "J\u{F6}rg \u{20AC}");
        }
        assert_eq!(Charset::declared("text/csv").unwrap(), None);
        assert!(matches!(Charset::declared("text/csv; charset=koi8-r"), Err(ParseError::Charset)));
    }
}
