//! The stored form of a summary, version 3.
//!
//! ```text
//! summary  version (1), packing (0 plain, 1 zstd), body
//! body     traffic, strings, sessions, explained, heads, rows, unexplained, series
//! numbers  which of them are not zero (bits), then those, as varints
//! strings  count, then each: length + 1 and bytes, or 0 and the 16 bytes of a UUID
//! sessions base time, count, then each: label, first - base, last - first
//! explained, heads, unexplained
//!          count, then each: labels, for the latter the buckets it reaches back, amounts as numbers
//! rows     count, then each: labels, numbers, and the count of counters of durations, then each: number - the one
//!          before, times
//! labels   which differ from those of the row before (bits, as a varint), then each of those: 0 none, 1.. a word, then a
//!          string
//! series   count, then each: labels, measure, start, digest, from, to - from, first, last, gained
//! ```
//!
//! Rows are sorted, so most differ from the previous one in few labels. Version 2 has a byte for the first eight bits of labels,
//! fewer words, and no durations; all of it was counted as Claude Code's. Version 1 has one byte for the bits, neither explained
//! nor unexplained, and what metrics report of tokens and cost in its rows. A reader refuses an unknown version: while functions are replaced one
//! after another by those of a new release, one of the release before refuses to tell of what it cannot read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::dimensions::{Dimension, Dimensions, Label};
use super::matching::Subject;
use super::measure::{Measure, Numbers};
use super::money::Money;
use super::reported::Unexplained;
use super::series::{Piece, Series};
use super::spread::Spread;
use super::summary::Summary;
use crate::compression::compress;
use crate::pack::wire::{put, put_signed};

pub mod block;
mod outline;
mod read;
pub mod stretch;
mod text;

pub use read::{decode, visit};

const VERSION: u8 = 3;
/// The version of before services, durations and most dimensions were known.
const NARROW: u8 = 2;
/// The version of before events and metrics were compared.
const UNCOMPARED: u8 = 1;
/// How many of the words the versions before this one know.
const FIRST_WORDS: usize = 24;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// Words that occur in nearly every summary. Frozen with the version.
const WORDS: [&str; 78] = [
    "Bash",
    "Read",
    "Edit",
    "Write",
    "Grep",
    "Glob",
    "MultiEdit",
    "NotebookEdit",
    "Task",
    "Agent",
    "TodoWrite",
    "WebFetch",
    "WebSearch",
    "mcp_tool",
    "Skill",
    "vscode",
    "cursor",
    "iTerm.app",
    "Apple_Terminal",
    "xterm-256color",
    "tmux",
    "WarpTerminal",
    "ghostty",
    "windows-terminal",
    "claude-code",
    "claude-code-desktop",
    "cowork",
    "cli",
    "sdk-cli",
    "sdk-ts",
    "sdk-py",
    "claude-vscode",
    "claude-desktop",
    "main",
    "subagent",
    "auxiliary",
    "repl_main_thread",
    "sdk",
    "compact",
    "agent:custom",
    "agent:builtin:general-purpose",
    "general-purpose",
    "Explore",
    "Plan",
    "low",
    "medium",
    "high",
    "xhigh",
    "max",
    "normal",
    "fast",
    "firstParty",
    "bedrock",
    "vertex",
    "foundry",
    "custom",
    "linux",
    "darwin",
    "windows",
    "overloaded",
    "rate_limit",
    "timeout",
    "connection",
    "auth",
    "too_long",
    "other",
    "TypeScript",
    "JavaScript",
    "Python",
    "Rust",
    "Go",
    "Java",
    "Markdown",
    "JSON",
    "YAML",
    "HTML",
    "CSS",
    "Shell",
];

/// Encodes a summary in the newest version.
#[must_use]
pub fn encode(summary: &Summary) -> Vec<u8> {
    let mut strings = Strings::default();
    let rest = after_strings(summary, &mut strings);
    let mut body = Vec::new();
    numbers(&mut body, summary.traffic.numbers());
    strings.write(&mut body);
    body.extend_from_slice(&rest);
    pack(&body)
}

/// What follows the strings of a body, which it refers to.
fn after_strings(summary: &Summary, strings: &mut Strings) -> Vec<u8> {
    let mut rest = Vec::new();
    sessions(&mut rest, strings, summary);
    let mut last = Dimensions::default();
    for list in [&summary.comparison.explained, &summary.comparison.heads] {
        put(&mut rest, list.len() as u64);
        for (Subject { session, model }, money) in list {
            let about = Dimensions::default().with(Dimension::Session, session.clone());
            let about = about.with(Dimension::Model, model.clone());
            labels(&mut rest, strings, &last, &about);
            amounts(&mut rest, money);
            last = about;
        }
    }
    put(&mut rest, summary.rows.len() as u64);
    for (about, row) in &summary.rows {
        labels(&mut rest, strings, &last, about);
        row_numbers(&mut rest, row);
        last.clone_from(about);
    }
    metrics(&mut rest, strings, last, &summary.comparison.unexplained, &summary.series);
    rest
}

/// What metrics say that is not in rows; `last` are the labels before.
fn metrics(
    out: &mut Vec<u8>,
    strings: &mut Strings,
    mut last: Dimensions,
    unexplained: &BTreeMap<Unexplained, Money>,
    series: &BTreeMap<Series, Piece>,
) {
    put(out, unexplained.len() as u64);
    for (Unexplained { about, reach }, money) in unexplained {
        labels(out, strings, &last, about);
        put(out, u64::from(*reach));
        amounts(out, money);
        last.clone_from(about);
    }
    put(out, series.len() as u64);
    for (series, piece) in series {
        labels(out, strings, &last, &series.about);
        out.push(series.measure as u8);
        put_signed(out, series.start.0);
        out.extend_from_slice(&series.labels);
        put_signed(out, piece.from.0);
        put_signed(out, piece.to.0.wrapping_sub(piece.from.0));
        [piece.first, piece.last, piece.gained].into_iter().for_each(|n| put_signed(out, n));
        last.clone_from(&series.about);
    }
}

fn pack(body: &[u8]) -> Vec<u8> {
    let packed = compress(body).filter(|p| p.len() < body.len());
    let (packing, bytes) = packed.as_deref().map_or((PLAIN, body), |p| (ZSTD, p));
    let mut out = vec![VERSION, packing];
    out.extend_from_slice(bytes);
    out
}

fn sessions(out: &mut Vec<u8>, strings: &mut Strings, summary: &Summary) {
    let base = summary.sessions.values().map(|s| s.first.0).min().unwrap_or_default();
    put_signed(out, base);
    put(out, summary.sessions.len() as u64);
    for (session, span) in &summary.sessions {
        put(out, strings.reference(session));
        put_signed(out, span.first.0.wrapping_sub(base));
        put_signed(out, span.last.0.wrapping_sub(span.first.0));
    }
}

fn labels(out: &mut Vec<u8>, strings: &mut Strings, last: &Dimensions, about: &Dimensions) {
    let pairs = last.labels().iter().zip(about.labels());
    let changed: Vec<(usize, &Label)> =
        pairs.enumerate().filter(|(_, (a, b))| a != b).map(|(i, (_, b))| (i, b)).collect();
    put(out, changed.iter().fold(0_u64, |mask, (index, _)| mask | 1 << index));
    for (_, label) in changed {
        put(out, label.as_ref().map_or(0, |text| strings.reference(text)));
    }
}

fn row_numbers(out: &mut Vec<u8>, row: &Numbers) {
    numbers(out, Measure::ALL.map(|m| row[m] as u64));
    durations(out, &row.spread);
}

fn amounts(out: &mut Vec<u8>, money: &Money) {
    numbers(out, money.amounts().map(|amount| amount as u64));
}

fn numbers(out: &mut Vec<u8>, numbers: impl IntoIterator<Item = u64>) {
    let present: Vec<(usize, u64)> = numbers.into_iter().enumerate().filter(|(_, n)| *n != 0).collect();
    put(out, present.iter().fold(0, |mask, (index, _)| mask | 1 << index));
    present.into_iter().for_each(|(_, number)| put(out, number));
}

fn durations(out: &mut Vec<u8>, spread: &Spread) {
    put(out, spread.counters().len() as u64);
    let mut last = 0;
    for (counter, times) in spread.counters() {
        put(out, u64::from(counter - last));
        put(out, *times);
        last = *counter;
    }
}

/// The distinct strings of a summary, except words.
#[derive(Default)]
struct Strings {
    index: HashMap<Arc<str>, u64>,
    list: Vec<Arc<str>>,
}

impl Strings {
    fn reference(&mut self, text: &Arc<str>) -> u64 {
        if let Some(word) = WORDS.iter().position(|word| *word == &**text) {
            return word as u64 + 1;
        }
        *self.index.entry(text.clone()).or_insert_with(|| {
            self.list.push(text.clone());
            (WORDS.len() + self.list.len()) as u64
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.list.len() as u64);
        self.list.iter().for_each(|string| text::write(out, string));
    }
}

#[cfg(test)]
mod tests;
