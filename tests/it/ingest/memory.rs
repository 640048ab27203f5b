//! What an export takes of memory until it is packed is within what is reserved for it, whatever it has much of. Each is taken in
//! a process of its own, of which the system knows the peak: an allocator's counts are not what is in memory.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use otlp::budget::most;
use otlp::{Encoding, Signal};
use tools::captures;
use tools::worst::{SHAPES, Shape, packed};

/// How large bodies are made, in bytes: so large that what every body may take is not most of it.
const BODY: usize = 3 << 20;
/// What a process takes for itself while it works, in bytes: pages of its program.
const ITSELF: usize = 8 << 20;
/// Names the file of the export that a process of its own takes.
const FILE: &str = "TAKEN_EXPORT";
/// The test that is such a process.
const PROCESS: &str = "ingest::memory::a_process_tells_what_an_export_took_of_its_memory";

fn kibibytes(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB"));
    value.unwrap().parse().unwrap()
}

/// The export in the file that the environment names, or else a recorded one.
#[test]
fn a_process_tells_what_an_export_took_of_its_memory() {
    let before = kibibytes("VmRSS:");
    let (signal, encoding, body) = match std::env::var(FILE) {
        Ok(path) => {
            let path = Path::new(&path);
            let signal = Signal::from_path(&format!("/v1/{}", path.file_stem().unwrap().to_string_lossy())).unwrap();
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            let encoding = if is_json { Encoding::Json } else { Encoding::Protobuf };
            (signal, encoding, std::fs::read(path).unwrap())
        }
        Err(_) => {
            let capture = captures::named("pb-tools/001");
            assert!(packed(capture.signal(), Encoding::Protobuf, capture.body.clone()).is_ok());
            (capture.signal(), Encoding::Protobuf, capture.body.to_vec())
        }
    };
    drop(packed(signal, encoding, body));
    let taken = kibibytes("VmHWM:").saturating_sub(before);
    writeln!(std::io::stdout(), "taken: {taken} KiB").unwrap();
}

/// What a body takes of the memory of a process of its own, in bytes.
fn taken(signal: Signal, encoding: Encoding, body: &[u8]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let name = signal.path().strip_prefix("/v1/").unwrap();
    let file = folder.path().join(name).with_extension(if encoding == Encoding::Json { "json" } else { "pb" });
    std::fs::write(&file, body).unwrap();
    let mut process = Command::new(std::env::current_exe().unwrap());
    let output = process.args(["--exact", PROCESS, "--nocapture"]).env(FILE, &file).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let kibibytes = told.lines().find_map(|line| line.split_once("taken: ")?.1.strip_suffix(" KiB"));
    1_024 * kibibytes.unwrap_or_else(|| panic!("{told}")).parse::<usize>().unwrap()
}

fn body(shape: &Shape, encoding: Encoding) -> Vec<u8> {
    let mut n = shape.many;
    loop {
        let body = shape.body(encoding, n);
        if body.len() >= BODY {
            return body;
        }
        n *= 2;
    }
}

#[test]
fn no_export_takes_more_memory_than_is_reserved_for_it() {
    let mut wrong = Vec::new();
    for shape in SHAPES {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let body = body(shape, encoding);
            let (taken, reserved) = (taken(shape.signal, encoding, &body), most(body.len()) + ITSELF);
            writeln!(std::io::stdout(), "{}, {encoding:?}: {} of {} KiB", shape.name, taken >> 10, reserved >> 10)
                .unwrap();
            if taken > reserved {
                wrong.push(format!("{} as {encoding:?}: {taken} of {reserved} bytes", shape.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
