//! Takes the worst exports that the limits let through, of every kind, in both encodings, and fails if one of them needs more memory
//! than the function that ingests has, or far more processor time than ordinary records of the same size:
//!
//! ```text
//! cargo run --release -p tests --example worst [PART OF A NAME]
//! ```
//!
//! Each export is taken in a process of its own, compressed as a client would send it, and its peak is what the system counted. Bodies
//! double until they are as large as a body may be or are refused; then the largest that is taken is looked for.

#![expect(clippy::unwrap_used, reason = "what is missing ends the example")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use otlp::{Coding, Encoding, Limits, Signal, inflate};
use tools::clock;
use tools::template::Template;
use tools::worst::{SHAPES, Shape, packed};

/// What of the function's memory an export may need, in percent: the rest is for the event it comes in, and for room.
const SHARE: u64 = 85;
/// How many times the processor time of a full body of ordinary records any other body may take.
const TIMES: f64 = 2.0;
/// Address space of the process that takes an export, in bytes: what goes wrong must not take the machine's memory.
const ADDRESS_SPACE: u64 = 3 << 30;
/// Where looking for the largest body begins, in bytes.
const FIRST: usize = 4 << 20;
/// How often the step between what is taken and what is refused is halved.
const STEPS: usize = 2;

/// What taking an export came to.
#[derive(Debug, Clone, Default)]
struct Taken {
    /// The most memory that the process had, in KiB.
    peak: u64,
    /// Processor time, in seconds.
    seconds: f64,
    /// Packs, or none if it was refused.
    packs: Option<usize>,
    /// Size of the body as sent and inflated, in bytes.
    sent: usize,
    inflated: usize,
}

/// The process that takes the export in the file at `path`.
fn take(signal: &str, encoding: &str, path: &str) {
    rlimit::setrlimit(rlimit::Resource::AS, ADDRESS_SPACE, ADDRESS_SPACE).unwrap();
    let signal = Signal::from_path(signal).unwrap();
    let encoding = if encoding == "Json" { Encoding::Json } else { Encoding::Protobuf };
    let body = Bytes::from(std::fs::read(path).unwrap());
    let begun = clock::thread();
    let packs = inflate(body.clone(), Coding::Gzip, &Limits::default())
        .map_err(Into::into)
        .and_then(|plain| packed(signal, encoding, plain))
        .map(|batch| batch.packs.len());
    let seconds = (clock::thread() - begun).as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")).unwrap();
    let packs = packs.map_or_else(|_| "refused".to_owned(), |packs| packs.to_string());
    let mut out = std::io::stdout();
    writeln!(out, "{peak} {seconds} {packs}").unwrap();
}

/// Has a process of its own take `body`.
fn taken(shape: &Shape, encoding: Encoding, body: &[u8], folder: &Path) -> Taken {
    let path = folder.join("body");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
    gzip.write_all(body).unwrap();
    let sent = gzip.finish().unwrap();
    std::fs::write(&path, &sent).unwrap();
    let mut process = Command::new(std::env::current_exe().unwrap());
    let process = process.args(["take", shape.signal.path(), &format!("{encoding:?}")]).arg(path);
    let output = process.output().unwrap();
    assert!(output.status.success(), "{}: {}", shape.name, String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let [peak, seconds, packs] = told.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{told}") };
    Taken {
        peak: peak.parse().unwrap(),
        seconds: seconds.parse().unwrap(),
        packs: packs.parse().ok(),
        sent: sent.len(),
        inflated: body.len(),
    }
}

/// The most that any body of this shape takes, whether it is refused in the end or not.
fn worst(shape: &Shape, encoding: Encoding, folder: &Path) -> Taken {
    let most = Limits::default().inflated;
    let size = |n: usize| shape.body(encoding, n).len();
    let mut n = 64;
    while size(n) < FIRST {
        n *= 2;
    }
    let (mut low, mut high, mut worst) = (0, None, Taken::default());
    let mut halvings = 0;
    while halvings <= STEPS {
        let body = shape.body(encoding, n);
        let fits = body.len() <= most;
        let found = if fits { taken(shape, encoding, &body, folder) } else { Taken::default() };
        drop(body);
        let accepted = found.packs.is_some();
        if (accepted, found.peak, found.inflated) > (worst.packs.is_some(), worst.peak, worst.inflated) {
            worst = Taken { peak: found.peak.max(worst.peak), seconds: found.seconds.max(worst.seconds), ..found };
        } else {
            worst.peak = worst.peak.max(found.peak);
            worst.seconds = worst.seconds.max(found.seconds);
        }
        if accepted {
            low = n
        } else {
            high = Some(n)
        }
        halvings += usize::from(high.is_some());
        n = high.map_or(n * 2, |high| (low + high) / 2);
        if n == low || n == 0 {
            break;
        }
    }
    worst
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [verb, signal, encoding, path] = &arguments[..]
        && verb == "take"
    {
        take(signal, encoding, path);
        return ExitCode::SUCCESS;
    }
    let wanted = arguments.first().map_or("", String::as_str);
    let folder = tempfile::tempdir().unwrap();
    let size = Template::read().properties("Ingest")["MemorySize"].as_u64().unwrap();
    let allowed = size * 1024 * SHARE / 100;
    let mut out = std::io::stdout();
    let mut bad = 0;
    writeln!(out, "| export | encoding | as sent | inflated | packs | peak | of {size} MiB | processor time |")
        .unwrap();
    writeln!(out, "| --- | --- | --: | --: | --: | --: | --: | --: |").unwrap();
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        let ordinary = worst(Shape::named("ordinary records"), encoding, folder.path());
        for shape in SHAPES.iter().filter(|shape| shape.name.contains(wanted)) {
            let Taken { peak, seconds, packs, sent, inflated } = worst(shape, encoding, folder.path());
            let wrong = peak > allowed || seconds > TIMES * ordinary.seconds;
            bad += usize::from(wrong);
            let (packs, mark) =
                (packs.map_or_else(|| "–".to_owned(), |n| n.to_string()), if wrong { " **too much**" } else { "" });
            writeln!(
                out,
                "| {} | {encoding:?} | {sent} B | {:.1} MiB | {packs} | {} MiB | {} % | {seconds:.2} s{mark} |",
                shape.name,
                inflated as f64 / f64::from(1 << 20),
                peak / 1024,
                peak * 100 / (size * 1024),
            )
            .unwrap();
        }
    }
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
