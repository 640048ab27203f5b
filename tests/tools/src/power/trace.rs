//! What a program did to files and sockets, in order, as `strace` saw it.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::Command;

/// The calls that change files, make them durable, or answer.
const CALLS: &str =
    "trace=openat,write,pwrite64,writev,sendto,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat";

/// Something that a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A file was opened that is made if it is not there, and emptied if asked for.
    Opened {
        /// Which.
        path: PathBuf,
        /// Whether it was emptied.
        emptied: bool,
    },
    /// Bytes were written to a file: at a place, or at its end.
    Wrote {
        /// Which.
        path: PathBuf,
        /// Where; `None` is the end.
        at: Option<u64>,
        /// What.
        bytes: Vec<u8>,
    },
    /// A file was given a length.
    Cut {
        /// Which.
        path: PathBuf,
        /// Its length.
        length: u64,
    },
    /// A file or folder is on the disk as it is.
    Synced {
        /// Which.
        path: PathBuf,
    },
    /// A file got another name.
    Renamed {
        /// From.
        from: PathBuf,
        /// To.
        to: PathBuf,
    },
    /// A file was removed.
    Removed {
        /// Which.
        path: PathBuf,
    },
    /// An answer to the peer on this port of this machine was begun.
    Answered {
        /// Whose port.
        peer: u16,
        /// Its first bytes.
        bytes: Vec<u8>,
    },
    /// Something was written to standard output.
    Said(String),
}

/// `binary` under `strace`, which writes to `trace`. Its arguments follow.
#[must_use]
pub fn command(binary: &str, trace: &std::path::Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-yy", "-xx", "-s", "16777216", "-e", "signal=none", "-e", CALLS, "-o"]);
    command.arg(trace).arg(binary);
    command
}

/// Reads a trace. A write counts from its beginning on, whatever else only when it has ended well.
pub fn read(trace: impl BufRead) -> Vec<Step> {
    let mut begun: HashMap<String, String> = HashMap::new();
    let mut steps = Vec::new();
    for line in trace.lines() {
        let line = line.unwrap();
        let (process, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        if let Some((beginning, _)) = call.split_once(" <unfinished ...>") {
            if is_write(beginning) {
                steps.extend(step(beginning, "0"));
            }
            begun.insert(process.to_owned(), beginning.to_owned());
        } else if let Some(rest) = call.strip_prefix("<... ") {
            let Some(beginning) = begun.remove(process) else { continue };
            if !is_write(&beginning) {
                let (_, rest) = rest.split_once(" resumed>").unwrap();
                steps.extend(ended(&format!("{beginning}{rest}")));
            }
        } else {
            steps.extend(ended(call));
        }
    }
    steps
}

fn is_write(call: &str) -> bool {
    ["write(", "pwrite64(", "writev(", "sendto("].iter().any(|name| call.starts_with(name))
}

/// A call that has ended, with its result.
fn ended(call: &str) -> Option<Step> {
    let (call, result) = call.rsplit_once(" = ")?;
    step(call, result)
}

fn step(call: &str, result: &str) -> Option<Step> {
    if result.starts_with('-') || result.starts_with('?') {
        return None;
    }
    let (name, arguments) = call.split_once('(')?;
    let path =
        || Some(PathBuf::from(String::from_utf8(unescaped(arguments.split_once('<')?.1.split_once('>')?.0)).ok()?));
    let mut texts = arguments.split('"').skip(1).step_by(2).map(unescaped);
    let mut text = || Some(PathBuf::from(String::from_utf8(texts.next()?).ok()?));
    match name {
        "openat" if arguments.contains("O_CREAT") => {
            Some(Step::Opened { path: text()?, emptied: arguments.contains("O_TRUNC") })
        }
        "write" | "pwrite64" | "writev" | "sendto" => {
            let bytes: Vec<u8> = arguments.split('"').skip(1).step_by(2).flat_map(unescaped).collect();
            if let Some((_, peer)) = arguments.split_once("<TCP:[").and_then(|(_, rest)| rest.split_once("->")) {
                let peer = peer.split_once(']')?.0.rsplit_once(':')?.1.parse().ok()?;
                return Some(Step::Answered { peer, bytes });
            }
            if arguments.starts_with("1<") {
                return Some(Step::Said(String::from_utf8_lossy(&bytes).into_owned()));
            }
            let last = || arguments.trim_end().trim_end_matches(')').rsplit_once(", ")?.1.parse().ok();
            let at = if name == "pwrite64" { Some(last()?) } else { None };
            Some(Step::Wrote { path: path().filter(|path| path.is_absolute())?, at, bytes })
        }
        "ftruncate" => {
            let length = arguments.trim_end().trim_end_matches(')').rsplit_once(", ")?.1.parse().ok()?;
            Some(Step::Cut { path: path()?, length })
        }
        "fsync" | "fdatasync" => Some(Step::Synced { path: path()? }),
        "rename" | "renameat" | "renameat2" => Some(Step::Renamed { from: text()?, to: text()? }),
        "unlink" | "unlinkat" => Some(Step::Removed { path: text()? }),
        _ => None,
    }
}

/// A text of which every byte is written as `\xNN`; other characters stand for themselves.
fn unescaped(text: &str) -> Vec<u8> {
    let (text, mut found, mut at) = (text.as_bytes(), Vec::with_capacity(text.len() / 4), 0);
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    while at < text.len() {
        if text[at] == b'\\' && text.get(at + 1) == Some(&b'x') && at + 3 < text.len() {
            found.push(digit(text[at + 2]) << 4 | digit(text[at + 3]));
            at += 4;
        } else {
            found.push(text[at]);
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_others_interrupt_is_read_once() {
        let trace = r#"7 openat(AT_FDCWD<\x2f>, "\x2f\x61", O_RDWR|O_CREAT, 0600 <unfinished ...>
8 pwrite64(3<\x2f\x62>, "\x01\x02", 2, 4096 <unfinished ...>
7 <... openat resumed>) = 4<\x2f\x61>
7 fsync(4<\x2f\x61>) = 0
8 <... pwrite64 resumed>) = 2
7 sendto(9<TCP:[127.0.0.1:1->127.0.0.1:52]>, "\x48\x54", 2, MSG_NOSIGNAL, NULL, 0) = 2
7 unlink("\x2f\x63") = -1 ENOENT (No such file or directory)
"#;
        let path = |name: &str| PathBuf::from(name);
        assert_eq!(
            read(trace.as_bytes()),
            [
                Step::Wrote { path: path("/b"), at: Some(4096), bytes: vec![1, 2] },
                Step::Opened { path: path("/a"), emptied: false },
                Step::Synced { path: path("/a") },
                Step::Answered { peer: 52, bytes: b"HT".to_vec() },
            ]
        );
    }
}
