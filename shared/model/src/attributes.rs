//! Names of attributes that settings set and telemetry is read by.

/// What names a person where the client itself knows no e-mail address, in order of preference: an admin sets one of them in
/// `OTEL_RESOURCE_ATTRIBUTES`. The first is OpenTelemetry's: <https://opentelemetry.io/docs/specs/semconv/registry/attributes/enduser/>.
pub const PERSON: [&str; 3] = [END_USER, "user_email", "work_email"];

/// The first of [`PERSON`].
pub const END_USER: &str = "enduser.id";
