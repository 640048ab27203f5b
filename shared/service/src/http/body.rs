//! JSON bodies, read strictly: what is not known is refused by name, so that a typing error is no silent default.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use model::text::media_type::essence;
use serde::de::DeserializeOwned;

use super::Problem;

/// The largest body, in bytes.
pub const LIMIT: usize = 1 << 20;

/// Reads a body; an empty one is an object without members.
///
/// # Errors
/// It is too large, no JSON, or has a member that is unknown or of another type than it must be.
pub fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Problem> {
    if body.len() > LIMIT {
        return Err(Problem::TooLarge(LIMIT));
    }
    let text: &[u8] = if body.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else if is_json(headers) {
        body
    } else {
        return Err(Problem::MediaType);
    };
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| refusal(&error))?;
    json.end().map_err(|error| Problem::NotJson(error.to_string()))?;
    Ok(value)
}

/// A missing type is taken for JSON, as is the one curl sends for every `-d`.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence = essence(value.to_str().unwrap_or_default());
    ["application/json", "application/x-www-form-urlencoded"].iter().any(|known| essence.eq_ignore_ascii_case(known))
}

fn refusal(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return Problem::NotJson(error.inner().to_string());
    }
    let message = error.inner().to_string();
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    let (detail, allowed) = reason.split_once(", expected ").unwrap_or((reason, "another value"));
    Problem::invalid(error.path().to_string(), detail, allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        days: Option<u32>,
        names: Option<Vec<String>>,
    }

    fn sample(body: &str) -> Result<Sample, Problem> {
        read(&HeaderMap::new(), &Bytes::copy_from_slice(body.as_bytes()))
    }

    fn field(body: &str) -> String {
        match sample(body) {
            Err(Problem::Invalid { field, .. }) => field,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn no_body_is_an_empty_object() {
        assert_eq!(sample(" \n").unwrap(), Sample { days: None, names: None });
        assert_eq!(sample(r#"{"days":7}"#).unwrap().days, Some(7));
    }

    #[test]
    fn the_member_at_fault_is_named() {
        assert_eq!(field(r#"{"dayz":7}"#), "dayz");
        assert_eq!(field(r#"{"days":"x"}"#), "days");
        assert_eq!(field(r#"{"days":-1}"#), "days");
        assert_eq!(field(r#"{"names":["a",1]}"#), "names[1]");
        let unknown = sample(r#"{"dayz":7}"#).unwrap_err();
        assert!(format!("{unknown:?}").contains("`days` or `names`"), "{unknown:?}");
    }

    #[test]
    fn what_is_no_json_or_too_large_is_refused() {
        assert!(matches!(sample("{"), Err(Problem::NotJson(_))));
        assert!(matches!(sample("{} {}"), Err(Problem::NotJson(_))));
        assert_eq!(sample(&" ".repeat(LIMIT + 1)), Err(Problem::TooLarge(LIMIT)));
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static("text/csv"))]);
        assert_eq!(read::<Sample>(&headers, &Bytes::from_static(b"a,b")), Err(Problem::MediaType));
    }
}
