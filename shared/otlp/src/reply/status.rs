//! `google.rpc.Status`, the body of every refusal, in both encodings. Its few fixed messages are declared here by hand.

use prost::Message;
use serde_json::json;

use crate::types::Encoding;

const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";

/// The values of `google.rpc.Code` in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    InvalidArgument = 3,
    NotFound = 5,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// `google.rpc.Status`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Status {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Any>,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

/// `google.rpc.BadRequest`
#[derive(Clone, PartialEq, Message)]
pub(super) struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) field_violations: Vec<Violation>,
}

/// `google.rpc.BadRequest.FieldViolation`
#[derive(Clone, PartialEq, Message)]
pub(super) struct Violation {
    #[prost(string, tag = "1")]
    pub(super) field: String,
    #[prost(string, tag = "2")]
    pub(super) description: String,
}

/// Encodes a status, with a `BadRequest` detail if there is a violation to name.
pub(super) fn write(code: Code, message: String, violation: Option<Violation>, encoding: Encoding) -> Vec<u8> {
    let code = code as i32;
    match (encoding, violation) {
        (Encoding::Protobuf, violation) => {
            let details = violation.into_iter().map(detail).collect();
            Status { code, message, details }.encode_to_vec()
        }
        (Encoding::Json, None) => json!({ "code": code, "message": message }).to_string().into_bytes(),
        (Encoding::Json, Some(Violation { field, description })) => {
            let violations = json!([{ "field": field, "description": description }]);
            let details = json!([{ "@type": BAD_REQUEST, "fieldViolations": violations }]);
            json!({ "code": code, "message": message, "details": details }).to_string().into_bytes()
        }
    }
}

fn detail(violation: Violation) -> Any {
    let value = BadRequest { field_violations: vec![violation] }.encode_to_vec();
    Any { type_url: BAD_REQUEST.into(), value }
}
