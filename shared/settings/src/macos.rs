//! The configuration as macOS managed preferences of the domain `com.anthropic.claudecode`.

use plist::{Dictionary, Value};
use uuid::Uuid;

use super::deployment::Deployment;
use super::guide::Guide;
use super::json::Policy;

/// The preference domain Claude Code reads.
const DOMAIN: &str = "com.anthropic.claudecode";

/// The preferences only, for MDMs that build the profile themselves.
pub(super) fn preferences(policy: Policy<'_>, guide: &Guide) -> String {
    document(&settings(policy), guide)
}

/// A complete configuration profile.
///
/// The payload has Apple's type for managed preferences, `com.apple.ManagedClient.preferences`, with the domain inside.
/// macOS would also accept a payload whose type is the domain itself, but MDMs do not know that type, and some refuse
/// unknown ones.
///
/// macOS replaces a profile by one with the same identifier, so the identifier depends on the organisation alone. The
/// UUIDs depend on address, organisation and generation: asking twice gives the same file, and a rotation gives a new
/// version of it.
pub(super) fn profile(policy: Policy<'_>, deployment: &Deployment<'_>, guide: &Guide) -> String {
    let identifier = format!("claude-code-telemetry.{}", deployment.org());
    let forced = dict([("mcx_preference_settings", settings(policy))]);
    let domains = dict([(DOMAIN, dict([("Forced", Value::Array(vec![forced]))]))]);
    let payload = dict([
        ("PayloadType", "com.apple.ManagedClient.preferences".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{identifier}.settings").into()),
        ("PayloadUUID", payload_uuid(deployment, "settings")),
        ("PayloadDisplayName", "Claude Code telemetry".into()),
        ("PayloadContent", domains),
    ]);
    let profile = dict([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadScope", "System".into()),
        ("PayloadIdentifier", identifier.into()),
        ("PayloadUUID", payload_uuid(deployment, "profile")),
        ("PayloadDisplayName", "Claude Code telemetry".into()),
        ("PayloadDescription", "Makes Claude Code send its telemetry to the organization.".into()),
        ("PayloadOrganization", deployment.org().into()),
        ("PayloadContent", Value::Array(vec![payload])),
    ]);
    document(&profile, guide)
}

/// Without `$schema`, which only editors use; names that begin with `$` have a meaning of their own for MDMs.
fn settings(policy: Policy<'_>) -> Value {
    Value::Dictionary(policy.members().iter().map(|(name, value)| (name.clone(), native(value))).collect())
}

/// A value of a settings document as one of a property list, which has no null.
fn native(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::String(String::new()),
        serde_json::Value::Bool(flag) => (*flag).into(),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().into(), Value::from)
        }
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(list) => Value::Array(list.iter().map(native).collect()),
        serde_json::Value::Object(members) => {
            Value::Dictionary(members.iter().map(|(name, value)| (name.clone(), native(value))).collect())
        }
    }
}

fn payload_uuid(deployment: &Deployment<'_>, part: &str) -> Value {
    let (base_url, org, generation) = (deployment.base_url(), deployment.org(), deployment.generation());
    let name = format!("{base_url}/orgs/{org}/generations/{generation}/{part}");
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
    uuid.hyphenated().to_string().to_uppercase().into()
}

/// A dictionary that is written in this order.
fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dictionary(Dictionary::from_iter(entries))
}

/// The XML form of `root`, with the instructions of `guide` in a comment, which has no place in a property list itself.
fn document(root: &Value, guide: &Guide) -> String {
    let mut xml = Vec::new();
    // Memory takes every write, and XML every value but a UID, of which there is none here.
    let _ = root.to_writer_xml(&mut xml);
    let comment: String = guide.comment().map(|line| format!("  {line}\n")).collect();
    let xml = String::from_utf8_lossy(&xml).replacen("<plist", &format!("<!--\n{comment}-->\n<plist"), 1);
    xml + "\n"
}
