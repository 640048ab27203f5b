//! OTLP/HTTP on the wire: a request in, the generated protobuf messages out, and the answer in the
//! encoding of the question.
//!
//! The order of use is that of the modules: [`request`] refuses what can be refused by its head
//! alone, [`body`] inflates, [`mod@decode`] makes messages of the bytes, and [`reply`] answers. Nothing
//! here does I/O.

pub mod body;
pub mod decode;
mod json;
pub mod reply;
pub mod request;
pub mod types;
pub mod weight;

pub use body::{BodyError, inflate};
pub use decode::{DecodeError, Decoded, Payload, Warning, decode};
pub use reply::{Rejection, RetryAfter, Success};
pub use request::Head;
pub use types::{Coding, Encoding, LeftOut, Limits, Signal, Size};
