//! Names of models. One model has many: providers put a prefix and a suffix to it, releases a date, and Claude Code the size of
//! the context window.
//!
//! Sources: the model ids of Anthropic's API, of Amazon Bedrock and of Google Vertex AI as their documentation lists them, and the
//! names that gateways such as LiteLLM and OpenRouter put before them.

use std::borrow::Cow;

/// The canonical name of a model: without provider, region, date, version suffix and size of the context window. A name that is
/// not Claude's stays as it is, but for the size of the context window.
#[must_use]
pub fn canonical(sent: &str) -> Cow<'_, str> {
    let dated = dated(sent);
    if !is_claude(&dated) {
        return dated;
    }
    let mut name: &str = &dated;
    for suffix in ["-latest", "-default"] {
        name = name.strip_suffix(suffix).unwrap_or(name);
    }
    if let Some((before, date)) = name.rsplit_once(['-', '@'])
        && is_date(date)
    {
        name = before;
    }
    if name.len() == dated.len() { dated } else { Cow::Owned(name.to_owned()) }
}

/// The name as in Anthropic's own reports: as [`canonical`], with the date of the release, if one was sent.
#[must_use]
pub fn dated(sent: &str) -> Cow<'_, str> {
    let name = without_window(sent.trim());
    // An inference profile of Bedrock, by its ARN, or the path that a gateway puts before a name.
    let last = name.rsplit('/').next().unwrap_or(name);
    let bare = last.rsplit_once("anthropic.").map_or(last, |(_, bare)| bare);
    if !is_claude(bare) {
        return Cow::Borrowed(name);
    }
    let bare = without_version(bare);
    if bare.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'.' || byte == b'@') {
        return Cow::Owned(bare.to_ascii_lowercase().replace(['.', '@'], "-"));
    }
    Cow::Borrowed(bare)
}

/// The provider that a name tells of: `bedrock` or `vertex`.
#[must_use]
pub fn provider(sent: &str) -> Option<&'static str> {
    let name = sent.trim();
    if name.starts_with("arn:aws") || name.contains("anthropic.claude") || name.starts_with("bedrock/") {
        Some("bedrock")
    } else if name.starts_with("vertex") || (name.contains("claude") && name.contains('@')) {
        Some("vertex")
    } else {
        None
    }
}

fn is_claude(name: &str) -> bool {
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("claude"))
}

/// Without `[1m]`, the size of the context window.
fn without_window(name: &str) -> &str {
    match name.rsplit_once('[') {
        Some((before, size)) if size.ends_with(']') && !before.is_empty() => before,
        _ => name,
    }
}

/// Without Bedrock's version, as in `claude-sonnet-4-20250514-v1:0`.
fn without_version(name: &str) -> &str {
    let is_version = |text: &str| {
        let text = text.strip_prefix('v').unwrap_or("-");
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    };
    match name.rsplit_once('-') {
        Some((before, version)) if is_version(version) => before,
        _ => name,
    }
}

/// Whether a part of a name is a date: `20250514`.
fn is_date(text: &str) -> bool {
    text.len() == 8 && text.starts_with("20") && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_model_has_one_name_whoever_provides_it() {
        for sent in [
            "claude-sonnet-4",
            "claude-sonnet-4[1m]",
            "claude-sonnet-4-20250514",
            "claude-sonnet-4-20250514[1m]",
            "claude-sonnet-4@20250514",
            "claude-sonnet-4@default",
            "claude-sonnet-4-latest",
            "anthropic.claude-sonnet-4-20250514-v1:0",
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "global.anthropic.claude-sonnet-4",
            "eu.anthropic.claude-sonnet-4-20250514-v1:0[1m]",
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0",
            "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0",
            "vertex_ai/claude-sonnet-4@20250514",
            "openrouter/anthropic/claude-sonnet-4",
            " Claude-Sonnet-4 ",
        ] {
            assert_eq!(canonical(sent), "claude-sonnet-4", "{sent}");
        }
        assert_eq!(canonical("anthropic/claude-opus-4.8"), "claude-opus-4-8");
        assert_eq!(canonical("claude-opus-4-8"), "claude-opus-4-8");
        assert_eq!(canonical("claude-haiku-4-5-20251001"), "claude-haiku-4-5");
        assert_eq!(canonical("claude-3-5-sonnet-20241022-v2:0"), "claude-3-5-sonnet");
    }

    #[test]
    fn the_date_stays_where_reports_of_anthropic_have_it() {
        assert_eq!(dated("us.anthropic.claude-sonnet-4-20250514-v1:0[1m]"), "claude-sonnet-4-20250514");
        assert_eq!(dated("claude-sonnet-4@20250514"), "claude-sonnet-4-20250514");
    }

    #[test]
    fn a_name_that_is_not_claudes_stays() {
        for sent in
            ["gpt-5.1", "qwen/qwen3-coder", "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2"]
        {
            assert_eq!(canonical(sent), sent);
        }
        for sent in ["", "[1m]", "claude", "é", "-"] {
            assert_eq!(canonical(sent), sent);
        }
    }

    #[test]
    fn the_name_tells_the_provider_where_it_does() {
        assert_eq!(provider("eu.anthropic.claude-opus-5-5"), Some("bedrock"));
        assert_eq!(provider("claude-sonnet-4@20250514"), Some("vertex"));
        assert_eq!(provider("claude-opus-4-8[1m]"), None);
    }
}
