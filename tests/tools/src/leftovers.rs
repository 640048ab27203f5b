//! What can still be found in the files of a folder, however it is written there: as it is, in base64, or packed.

#![expect(clippy::disallowed_types, reason = "what is in a file of the database is looked at, up to a limit")]

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::GeneralPurpose;

/// The shortest text in base64 that is looked into: shorter ones hold no name.
const SHORTEST: usize = 12;
/// What every zstd frame begins with.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The most bytes that a frame is inflated to.
const INFLATED: u64 = 4 * 1024 * 1024;

/// All that the files of a folder say, in one piece.
#[derive(Debug)]
pub struct Said(Vec<u8>);

impl Said {
    /// Reads every file under `folder`.
    ///
    /// # Panics
    /// It cannot be read.
    #[must_use]
    pub fn by(folder: &Path) -> Self {
        let mut said = Vec::new();
        for file in files(folder) {
            // One may go meanwhile.
            let Ok(bytes) = std::fs::read(file) else { continue };
            said.extend_from_slice(&bytes);
            said.push(b'\n');
            said.extend(unpacked(&bytes));
            for run in bytes.split(|byte| !is_base64(*byte)).filter(|run| run.len() >= SHORTEST) {
                for begin in 0..4 {
                    let decoded = decoded(&run[begin..]);
                    said.extend(unpacked(&decoded));
                    if let Ok(pack) = telemetry::pack::decode(&decoded) {
                        said.extend(format!("{pack:?}").into_bytes());
                    }
                    said.extend(decoded);
                    said.push(b'\n');
                }
            }
        }
        said.make_ascii_lowercase();
        Self(said)
    }

    /// How often a text is in it, in whatever case.
    #[must_use]
    pub fn times(&self, text: &str) -> usize {
        let text = text.to_ascii_lowercase();
        self.0.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// A text in either alphabet, as far as it goes.
fn decoded(run: &[u8]) -> Vec<u8> {
    let usual: Vec<u8> = run
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    let whole = usual.len() - usize::from(usual.len() % 4 == 1);
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&base64::alphabet::STANDARD, lenient).decode(&usual[..whole]).unwrap_or_default()
}

/// What is in the zstd frames in `bytes`, as far as they inflate.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    for at in bytes.windows(ZSTD.len()).enumerate().filter(|(_, window)| *window == ZSTD).map(|(at, _)| at) {
        if let Ok(decoder) = zstd::stream::read::Decoder::new(&bytes[at..]) {
            // A frame that is cut off gives what it has.
            let _ = std::io::Read::read_to_end(&mut std::io::Read::take(decoder, INFLATED), &mut found);
            found.push(b'\n');
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_written() {
        let packed = zstd::encode_all(&b"many names, jane@example.com among them, and many names"[..], 3).unwrap();
        for (at, text) in ["jane@example.com", "x jane@example.com", "xx Jane@Example.com y"].into_iter().enumerate() {
            for bytes in [
                text.into(),
                format!("{{\"B\":\"{}\"}}", STANDARD.encode(text)).into_bytes(),
                format!("junk{}", URL_SAFE_NO_PAD.encode(text)).into_bytes(),
                packed.clone(),
                STANDARD.encode(&packed).into_bytes(),
            ] {
                let folder = tempfile::tempdir().unwrap();
                std::fs::create_dir(folder.path().join("in")).unwrap();
                std::fs::write(folder.path().join("in/it"), bytes).unwrap();
                assert!(Said::by(folder.path()).times("jane@example.com") > 0, "{at}");
            }
        }
    }
}
