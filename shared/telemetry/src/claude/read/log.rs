//! What a log record is called, and when it happened if its times do not say.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;

use model::time::Timestamp;

/// `event.name`, else the record's event name, else its body if that is Claude Code's full name; without the prefix.
pub(super) fn event_name(log: &LogRecord) -> Option<&str> {
    let attribute =
        log.attributes.iter().find(|a| a.key == "event.name").and_then(|a| text(a.value.as_ref()?.value.as_ref()?));
    let named = attribute.filter(|n| !n.is_empty()).or(Some(&*log.event_name).filter(|n| !n.is_empty()));
    let body = || log.body.as_ref().and_then(|b| text(b.value.as_ref()?)).filter(|b| b.starts_with("claude_code."));
    let name = named.or_else(body)?;
    Some(name.strip_prefix("claude_code.").unwrap_or(name))
}

/// The time that an event without times has in `event.timestamp`, which Claude Code sends with all of them.
pub(super) fn own_time(log: &LogRecord) -> Option<Timestamp> {
    let attribute = log.attributes.iter().find(|a| a.key == "event.timestamp")?;
    Timestamp::parse(text(attribute.value.as_ref()?.value.as_ref()?)?).ok()
}

fn text(value: &Value) -> Option<&str> {
    if let Value::StringValue(text) = value { Some(text) } else { None }
}
