//! What an admin can choose about a configuration.

use super::attribute::Attribute;
use super::pricing::ModelPricing;

mod name;

pub use name::{OptionError, OptionName};

/// The shortest and longest interval between exports, in milliseconds. Below a second, every prompt would be an export
/// of its own; beyond ten minutes, an active user looks inactive, the client's queue of 2,048 records overflows, and a
/// crash loses too much.
const INTERVALS: std::ops::RangeInclusive<u32> = 1_000..=600_000;

/// The OTLP encodings that API Gateway can carry; gRPC is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// `http/protobuf`, half the size of JSON.
    #[default]
    Protobuf,
    /// `http/json`, readable in a proxy.
    Json,
}

impl Protocol {
    /// The value of `OTEL_EXPORTER_OTLP_PROTOCOL`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Protobuf => "http/protobuf",
            Self::Json => "http/json",
        }
    }
}

/// What an admin chose. By default, no content of conversations is sent, and the intervals are those of the variant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    pub(super) protocol: Protocol,
    pub(super) logs_interval: Option<u32>,
    pub(super) metrics_interval: Option<u32>,
    pub(super) log_prompts: bool,
    pub(super) log_tool_details: bool,
    pub(super) repository: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) gzip: bool,
    pub(super) model_pricing: Option<ModelPricing>,
}

impl Options {
    /// The same with these prices if none were chosen.
    #[must_use]
    pub fn or_prices(mut self, prices: Option<ModelPricing>) -> Self {
        self.model_pricing = self.model_pricing.or(prices);
        self
    }
}

/// The content of a query: the options, and the unvalidated e-mail address that only one variant takes.
#[derive(Default)]
pub(super) struct Query {
    pub(super) options: Options,
    pub(super) user_email: Option<String>,
}

impl Query {
    /// Parses decoded query pairs.
    pub(super) fn read<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, OptionError> {
        let mut query = Self::default();
        let mut seen = Vec::new();
        for (key, value) in pairs {
            let option = OptionName::find(key.as_ref())?;
            if seen.contains(&option) {
                return Err(OptionError::Twice(option));
            }
            seen.push(option);
            query.set(option, value.as_ref())?;
        }
        // API Gateway's HTTP APIs hand JSON on as text: the bytes of gzip would not survive it.
        if query.options.gzip && query.options.protocol == Protocol::Json {
            return Err(OptionError::JsonWithGzip);
        }
        Ok(query)
    }

    fn set(&mut self, option: OptionName, value: &str) -> Result<(), OptionError> {
        let options = &mut self.options;
        match option {
            OptionName::Protocol => options.protocol = protocol(value)?,
            OptionName::LogsInterval => options.logs_interval = Some(interval(option, value)?),
            OptionName::MetricsInterval => options.metrics_interval = Some(interval(option, value)?),
            OptionName::LogPrompts => options.log_prompts = switch(option, value)?,
            OptionName::LogToolDetails => options.log_tool_details = switch(option, value)?,
            OptionName::Repository => options.repository = switch(option, value)?,
            OptionName::Attributes => options.attributes = Attribute::parse_list(value)?,
            OptionName::Gzip => options.gzip = switch(option, value)?,
            OptionName::ModelPricing => options.model_pricing = Some(ModelPricing::parse(value)?),
            OptionName::UserEmail => self.user_email = Some(value.to_owned()),
        }
        Ok(())
    }
}

fn protocol(value: &str) -> Result<Protocol, OptionError> {
    let mut all = [Protocol::Protobuf, Protocol::Json].into_iter();
    all.find(|protocol| protocol.as_str() == value).ok_or(OptionError::Invalid(OptionName::Protocol))
}

fn interval(option: OptionName, value: &str) -> Result<u32, OptionError> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let number = value.parse().ok().filter(|millis| digits && INTERVALS.contains(millis));
    number.ok_or(OptionError::Invalid(option))
}

/// Accepts `1` and `0` too, the form of the client's own variables.
fn switch(option: OptionName, value: &str) -> Result<bool, OptionError> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(OptionError::Invalid(option)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, value: &str) -> Result<Options, OptionError> {
        Query::read([(key, value)]).map(|query| query.options)
    }

    #[test]
    fn nothing_asked_for_is_the_default() {
        assert_eq!(Query::read([("", ""); 0]).unwrap().options, Options::default());
    }

    #[test]
    fn every_option_is_read() {
        let pairs = [
            ("protocol", "http/protobuf"),
            ("logs_interval", "1000"),
            ("metrics_interval", "600000"),
            ("log_prompts", "true"),
            ("log_tool_details", "true"),
            ("repository", "1"),
            ("attributes", "team=core"),
            ("gzip", "true"),
            ("model_pricing", r#"{"multiplier":0.85}"#),
            ("user_email", "jane@example.com"),
        ];
        let Query { options, user_email } = Query::read(pairs).unwrap();
        let expected = Options {
            protocol: Protocol::Protobuf,
            logs_interval: Some(1_000),
            metrics_interval: Some(600_000),
            log_prompts: true,
            log_tool_details: true,
            repository: true,
            attributes: Attribute::parse_list("team=core").unwrap(),
            gzip: true,
            model_pricing: Some(ModelPricing::parse(r#"{"multiplier":0.85}"#).unwrap()),
        };
        assert_eq!((options, user_email.as_deref()), (expected, Some("jane@example.com")));
        assert_eq!(pairs.map(|(name, _)| name), OptionName::ALL.map(OptionName::as_str));
    }

    #[test]
    fn a_bad_value_is_answered_with_the_option_and_what_it_may_be() {
        let cases = [
            ("protocol", "grpc", "http/protobuf or http/json"),
            ("protocol", "", "http/protobuf or http/json"),
            ("logs_interval", "999", "from 1000 to 600000"),
            ("logs_interval", "+5000", "from 1000 to 600000"),
            ("logs_interval", "5s", "from 1000 to 600000"),
            ("metrics_interval", "600001", "from 1000 to 600000"),
            ("metrics_interval", "-1", "from 1000 to 600000"),
            ("metrics_interval", "99999999999999999999", "from 1000 to 600000"),
            ("log_prompts", "on", "true or false"),
            ("log_tool_details", "TRUE", "true or false"),
            ("repository", "", "true or false"),
            ("gzip", "yes", "true or false"),
        ];
        for (field, value, allowed) in cases {
            let error = read(field, value).unwrap_err();
            assert_eq!(error.field(), field);
            let message = error.to_string();
            assert!(message.contains(field) && message.contains(allowed), "{message}");
        }
        assert_eq!(read("attributes", "x").unwrap_err().field(), "attributes");
        assert_eq!(read("model_pricing", "0.85").unwrap_err().field(), "model_pricing");
        assert_eq!(read("protocol", "http/json").unwrap().protocol, Protocol::Json);
    }

    #[test]
    fn json_is_never_compressed() {
        let read = |protocol, gzip| Query::read([("protocol", protocol), ("gzip", gzip)]).map(|_| ());
        assert_eq!(read("http/json", "true"), Err(OptionError::JsonWithGzip));
        assert_eq!(OptionError::JsonWithGzip.field(), "gzip");
        assert_eq!([read("http/json", "false"), read("http/protobuf", "true")], [Ok(()), Ok(())]);
    }

    #[test]
    fn an_unknown_option_is_answered_with_the_options_there_are() {
        let error = read("log_promts", "true").unwrap_err();
        assert_eq!(error.field(), "log_promts");
        assert!(OptionName::ALL.iter().all(|option| error.to_string().contains(option.as_str())));
        assert!(read(&"x".repeat(9_999), "").unwrap_err().to_string().len() < 300);
    }

    #[test]
    fn an_option_given_twice_is_refused() {
        let twice = Query::read([("gzip", "true"), ("gzip", "false")]).map(|query| query.options);
        assert_eq!(twice, Err(OptionError::Twice(OptionName::Gzip)));
    }
}
