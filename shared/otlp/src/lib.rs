#![doc = include_str!("../README.md")]

pub mod body;
pub mod budget;
pub mod decode;
mod json;
pub mod limits;
pub mod reply;
pub mod request;
pub mod types;

pub use body::{BodyError, inflate};
pub use decode::{DecodeError, Decoded, Payload, Warning, decode};
pub use limits::{Limits, Size};
pub use reply::{Rejection, RetryAfter, Success};
pub use request::Head;
pub use types::{Coding, Encoding, LeftOut, Signal};
