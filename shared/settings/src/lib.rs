#![doc = include_str!("../README.md")]

use std::fmt;

use serde_json::Value;

mod attribute;
mod deployment;
mod env;
mod github;
mod guide;
mod json;
mod macos;
mod options;
pub mod pricing;
mod reach;
mod selection;
mod shell;
mod variant;
mod windows;

#[cfg(test)]
mod tests;

pub use attribute::{AttributeError, MAX_OWN as MAX_OWN_ATTRIBUTES};
pub use deployment::{Deployment, HIDDEN};
pub use options::{OptionError, OptionName, Options, Protocol};
pub use pricing::PricingError;
pub use reach::warning;
pub use selection::Selection;
pub use variant::{UnknownVariant, Variant};

use env::Env;
use guide::Guide;
use json::Policy;

/// A generated configuration, with the instructions for deploying it.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// The text: ASCII, with the ingest token in plain text unless it is for CI.
    pub body: String,
    /// The media type to serve it with.
    pub content_type: &'static str,
    /// The file name that its target expects.
    pub file_name: &'static str,
    /// Where it goes: a path per system, or the place in an admin console.
    pub target_path: &'static str,
    /// What to do with it, one sentence per step, in order.
    pub next_steps: &'static [&'static str],
}

/// Omits the body, which contains the token.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("file_name", &self.file_name).finish_non_exhaustive()
    }
}

/// Generates the configuration for `selection`.
#[must_use]
pub fn generate(deployment: &Deployment<'_>, selection: &Selection) -> Document {
    let env = Env::for_selection(deployment, selection);
    let policy = Policy { env: &env, pricing: selection.options().model_pricing.as_ref() };
    let guide = Guide::of(selection.variant());
    let body = match selection.variant() {
        Variant::Managed | Variant::User | Variant::DropIn | Variant::Bedrock => json::pretty(policy),
        Variant::MacosProfile => macos::profile(policy, deployment, &guide),
        Variant::MacosPlist => macos::preferences(policy, &guide),
        Variant::WindowsRegistry => windows::registry_file(policy, &guide),
        Variant::WindowsPowerShell => windows::script(policy, &guide),
        Variant::Shell => shell::exports(&env, &guide),
        Variant::GithubActions => github::workflow(&env, &guide),
        Variant::HeadersHelper => json::with_helper(policy),
    };
    let Guide { content_type, file_name, target_path, next_steps } = guide;
    Document { body, content_type, file_name, target_path, next_steps }
}

/// The managed settings as a JSON value, to be embedded in other documents.
///
/// The same as the body of [`Variant::Managed`], including the ingest token in plain text.
#[must_use]
pub fn managed_settings(deployment: &Deployment<'_>, options: &Options) -> Value {
    json::settings(Policy { env: &Env::for_people(deployment, options), pricing: options.model_pricing.as_ref() })
}
