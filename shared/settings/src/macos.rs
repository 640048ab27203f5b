//! The configuration as macOS managed preferences of the domain `com.anthropic.claudecode`.

use uuid::Uuid;

use super::deployment::Deployment;
use super::env::Env;
use super::guide::Guide;

mod plist;

use plist::Node;

/// The preference domain Claude Code reads.
const DOMAIN: &str = "com.anthropic.claudecode";

/// The preferences only, for MDMs that build the profile themselves.
pub(super) fn preferences(env: &Env, guide: &Guide) -> String {
    plist::document(&settings(env), guide.comment())
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
pub(super) fn profile(env: &Env, deployment: &Deployment<'_>, guide: &Guide) -> String {
    let identifier = format!("claude-code-telemetry.{}", deployment.org());
    let forced = Node::Dict(vec![("mcx_preference_settings", settings(env))]);
    let domains = Node::Dict(vec![(DOMAIN, Node::Dict(vec![("Forced", Node::Array(vec![forced]))]))]);
    let payload = Node::Dict(vec![
        ("PayloadType", Node::text("com.apple.ManagedClient.preferences")),
        ("PayloadVersion", Node::Integer(1)),
        ("PayloadIdentifier", Node::Text(format!("{identifier}.settings"))),
        ("PayloadUUID", payload_uuid(deployment, "settings")),
        ("PayloadDisplayName", Node::text("Claude Code telemetry")),
        ("PayloadContent", domains),
    ]);
    let profile = Node::Dict(vec![
        ("PayloadType", Node::text("Configuration")),
        ("PayloadVersion", Node::Integer(1)),
        ("PayloadScope", Node::text("System")),
        ("PayloadIdentifier", Node::Text(identifier)),
        ("PayloadUUID", payload_uuid(deployment, "profile")),
        ("PayloadDisplayName", Node::text("Claude Code telemetry")),
        ("PayloadDescription", Node::text("Makes Claude Code send its telemetry to the organization.")),
        ("PayloadOrganization", Node::text(deployment.org())),
        ("PayloadContent", Node::Array(vec![payload])),
    ]);
    plist::document(&profile, guide.comment())
}

/// Without `$schema`, which only editors use; names that begin with `$` have a meaning of their own for MDMs.
fn settings(env: &Env) -> Node {
    let variables = env.0.iter().map(|(name, value)| (*name, Node::text(value)));
    Node::Dict(vec![("env", Node::Dict(variables.collect()))])
}

fn payload_uuid(deployment: &Deployment<'_>, part: &str) -> Node {
    let (base_url, org, generation) = (deployment.base_url(), deployment.org(), deployment.generation());
    let name = format!("{base_url}/orgs/{org}/generations/{generation}/{part}");
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
    Node::Text(uuid.hyphenated().to_string().to_uppercase())
}
