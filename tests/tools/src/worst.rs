//! Exports that are as hard to take as they can be made: one for each thing that may be many.

use bytes::Bytes;
use model::organisation::Uid;
use model::time::Timestamp;
use otlp::{Encoding, Rejection, Signal};
use service::ingest::packing;
use service::ingest::packing::{Batch, Origin};
use store::marks::Marks;

use crate::message::{Field, Value, json, protobuf};

mod shapes;

pub use shapes::SHAPES;

/// A kind of export that can be made of any size.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What it has many of.
    pub name: &'static str,
    /// What it is sent as.
    pub signal: Signal,
    /// How many it has of it when that takes a debug build some hundredths of a second.
    pub many: usize,
    /// The request that has `n` of it.
    pub request: fn(usize) -> Vec<Field>,
}

impl Shape {
    /// The shape of this name.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        SHAPES.iter().find(|shape| shape.name == name).unwrap()
    }

    /// A body with `n` of it.
    #[must_use]
    pub fn body(&self, encoding: Encoding, n: usize) -> Vec<u8> {
        match encoding {
            Encoding::Protobuf => protobuf(&(self.request)(n)),
            Encoding::Json => json(&(self.request)(n)).into_bytes(),
        }
    }
}

/// What ingest makes of a body between reading the token and writing packs.
///
/// # Errors
/// Its refusal.
pub fn packed(signal: Signal, encoding: Encoding, body: impl Into<Bytes>) -> Result<Batch, Rejection> {
    let origin = Origin {
        signal,
        encoding,
        uid: Uid::parse("AbCdEfGhIjKl").unwrap(),
        generation: 1,
        store_content: false,
        store_tool_names: false,
        accept_late_days: 7,
        marks: Marks::default(),
        now: Timestamp(1_795_328_010_000),
    };
    packing::pack(body.into(), &origin)
}

/// A field that is a list of the same `value`, `n` times.
fn many(tag: u8, name: &'static str, n: usize, value: impl Fn(usize) -> Value) -> Field {
    Field { tag, name, value: Value::List((0..n).map(value).collect()) }
}
