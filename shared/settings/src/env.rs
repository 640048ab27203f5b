//! The block of environment variables shared by all configurations.

use super::attribute;
use super::deployment::Deployment;
use super::options::{Options, Protocol};
use super::selection::Selection;
use super::variant::Variant;

/// Stands for the token in a workflow: GitHub substitutes the secret when the workflow runs.
const GITHUB_SECRET: &str = "${{ secrets.CLAUDE_CODE_OTEL_TOKEN }}";

/// Environment variables in the order in which they are written. All values are printable ASCII, and only the header and
/// the resource attributes of a workflow contain a brace; the validation of [`Deployment`] and the encoding of attributes ensure this.
pub(super) struct Env(pub(super) Vec<(&'static str, String)>);

impl Env {
    /// The variables for people's own machines, naming no person.
    pub(super) fn for_people(deployment: &Deployment<'_>, options: &Options) -> Self {
        Self::build(deployment, Variant::Managed, options, None)
    }

    /// The variables for `selection`.
    pub(super) fn for_selection(deployment: &Deployment<'_>, selection: &Selection) -> Self {
        let mut env = Self::build(deployment, selection.variant(), selection.options(), selection.user_email());
        if selection.variant().is_of_ci() {
            // The documented remedy for losing data at exit.
            env.set("CLAUDE_CODE_OTEL_SHUTDOWN_TIMEOUT_MS", "10000");
        }
        env
    }

    fn build(deployment: &Deployment<'_>, variant: Variant, options: &Options, user_email: Option<&str>) -> Self {
        let mut env = Self(Vec::new());
        let token = match variant {
            Variant::GithubActions => Some(GITHUB_SECRET),
            Variant::HeadersHelper => None,
            _ => Some(deployment.token()),
        };
        env.set_export(deployment, token, options);
        env.set_intervals(options, variant.intervals());
        env.set_metric_attributes(options);
        env.set_content_gates(options);
        env.set("OTEL_RESOURCE_ATTRIBUTES", resource_attributes(deployment, variant, options, user_email));
        env
    }

    fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    /// Both exporters are set, or a repository's settings could switch one of them off.
    fn set_export(&mut self, deployment: &Deployment<'_>, token: Option<&str>, options: &Options) {
        self.set("CLAUDE_CODE_ENABLE_TELEMETRY", "1");
        self.set("OTEL_METRICS_EXPORTER", "otlp");
        self.set("OTEL_LOGS_EXPORTER", "otlp");
        self.set("OTEL_EXPORTER_OTLP_PROTOCOL", options.protocol.as_str());
        self.set("OTEL_EXPORTER_OTLP_ENDPOINT", deployment.base_url());
        // The space is not encoded: the client does not decode %20 in a header.
        if let Some(token) = token {
            self.set("OTEL_EXPORTER_OTLP_HEADERS", format!("Authorization=Bearer {token}"));
        }
        match (options.gzip, options.protocol) {
            (true, _) => self.set("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            // Compressed JSON is damaged on its way: a user's own setting must not ask for it either.
            (false, Protocol::Json) => self.set("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
            (false, Protocol::Protobuf) => {}
        }
        self.set("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    }

    fn set_intervals(&mut self, options: &Options, (logs, metrics): (u32, u32)) {
        self.set("OTEL_LOGS_EXPORT_INTERVAL", options.logs_interval.unwrap_or(logs).to_string());
        self.set("OTEL_METRIC_EXPORT_INTERVAL", options.metrics_interval.unwrap_or(metrics).to_string());
    }

    /// The last two are the client's defaults, set so that a user's own `false` cannot remove sessions and people from
    /// the metrics.
    fn set_metric_attributes(&mut self, options: &Options) {
        self.set("OTEL_METRICS_INCLUDE_VERSION", "true");
        self.set("OTEL_METRICS_INCLUDE_ENTRYPOINT", "true");
        self.set("OTEL_METRICS_INCLUDE_SESSION_ID", "true");
        self.set("OTEL_METRICS_INCLUDE_ACCOUNT_UUID", "true");
        if options.repository {
            self.set("OTEL_METRICS_INCLUDE_REPOSITORY", "true");
        }
    }

    /// Every gate is set, even if closed: "0" overrides a user's own "1", and an unset gate for responses would follow
    /// the one for prompts.
    fn set_content_gates(&mut self, options: &Options) {
        self.set("OTEL_LOG_USER_PROMPTS", gate(options.log_prompts));
        self.set("OTEL_LOG_ASSISTANT_RESPONSES", gate(false));
        self.set("OTEL_LOG_TOOL_DETAILS", gate(options.log_tool_details));
        self.set("OTEL_LOG_TOOL_CONTENT", gate(false));
        self.set("OTEL_LOG_RAW_API_BODIES", gate(false));
    }
}

fn gate(open: bool) -> &'static str {
    if open { "1" } else { "0" }
}

/// The generation comes first: it tells for every record which configuration the client uses.
fn resource_attributes(
    deployment: &Deployment<'_>,
    variant: Variant,
    options: &Options,
    user_email: Option<&str>,
) -> String {
    let is_given = |key: &str| options.attributes.iter().any(|attribute| attribute.key().eq_ignore_ascii_case(key));
    let workflow = attribute::workflow(variant, deployment.org()).into_iter().filter(|(key, _)| !is_given(key));
    let email = user_email.map(|email| ("user.email", email));
    let own = options.attributes.iter().map(|attribute| (attribute.key(), attribute.value()));
    let encoded = email.into_iter().chain(own).map(|(key, value)| (key, attribute::encode(value)));
    let mut text = format!("settings_version={}", deployment.generation());
    for (key, value) in workflow.chain(encoded) {
        text.push(',');
        text.push_str(key);
        text.push('=');
        text.push_str(&value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(variant: Variant, pairs: &[(&str, &str)]) -> Env {
        let (base_url, org) = ("https://telemetry.example.com/prod".parse().unwrap(), "acme".parse().unwrap());
        Env::for_selection(
            &Deployment::new(&base_url, None, 7, &org),
            &Selection::from_query(variant, pairs.iter().copied()).unwrap(),
        )
    }

    fn value<'a>(env: &'a Env, name: &str) -> Option<&'a str> {
        env.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_default_names_every_variable_it_depends_on() {
        let expected = [
            ("CLAUDE_CODE_ENABLE_TELEMETRY", "1"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_LOGS_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://telemetry.example.com/prod"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer cct_HIDDEN"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
            ("OTEL_LOGS_EXPORT_INTERVAL", "60000"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "300000"),
            ("OTEL_METRICS_INCLUDE_VERSION", "true"),
            ("OTEL_METRICS_INCLUDE_ENTRYPOINT", "true"),
            ("OTEL_METRICS_INCLUDE_SESSION_ID", "true"),
            ("OTEL_METRICS_INCLUDE_ACCOUNT_UUID", "true"),
            ("OTEL_LOG_USER_PROMPTS", "0"),
            ("OTEL_LOG_ASSISTANT_RESPONSES", "0"),
            ("OTEL_LOG_TOOL_DETAILS", "0"),
            ("OTEL_LOG_TOOL_CONTENT", "0"),
            ("OTEL_LOG_RAW_API_BODIES", "0"),
            ("OTEL_RESOURCE_ATTRIBUTES", "settings_version=7"),
        ];
        let Env(variables) = env(Variant::Managed, &[]);
        let actual: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn an_option_changes_its_own_variable() {
        let env = env(
            Variant::User,
            &[
                ("protocol", "http/json"),
                ("logs_interval", "2000"),
                ("metrics_interval", "3000"),
                ("log_tool_details", "true"),
                ("repository", "true"),
                ("attributes", "team=R&D,cost_center=x"),
            ],
        );
        assert_eq!(value(&env, "OTEL_EXPORTER_OTLP_PROTOCOL"), Some("http/json"));
        assert_eq!(value(&env, "OTEL_LOGS_EXPORT_INTERVAL"), Some("2000"));
        assert_eq!(value(&env, "OTEL_METRIC_EXPORT_INTERVAL"), Some("3000"));
        assert_eq!(value(&env, "OTEL_LOG_TOOL_DETAILS"), Some("1"));
        assert_eq!(value(&env, "OTEL_LOG_USER_PROMPTS"), Some("0"));
        assert_eq!(value(&env, "OTEL_METRICS_INCLUDE_REPOSITORY"), Some("true"));
        assert_eq!(value(&env, "OTEL_EXPORTER_OTLP_COMPRESSION"), Some("none"), "JSON is never compressed");
        let attributes = "settings_version=7,team=R%26D,cost_center=x";
        assert_eq!(value(&env, "OTEL_RESOURCE_ATTRIBUTES"), Some(attributes));
    }

    #[test]
    fn prompts_asked_for_do_not_bring_answers_along() {
        let env = env(Variant::Managed, &[("log_prompts", "true")]);
        assert_eq!(value(&env, "OTEL_LOG_USER_PROMPTS"), Some("1"));
        assert_eq!(value(&env, "OTEL_LOG_ASSISTANT_RESPONSES"), Some("0"));
        assert_eq!(value(&env, "OTEL_LOG_RAW_API_BODIES"), Some("0"));
    }

    #[test]
    fn bedrock_names_the_person_after_the_generation() {
        let env = env(Variant::Bedrock, &[("user_email", "j+d@example.com"), ("attributes", "team=core")]);
        let attributes = "settings_version=7,user.email=j%2Bd@example.com,team=core";
        assert_eq!(value(&env, "OTEL_RESOURCE_ATTRIBUTES"), Some(attributes));
    }

    #[test]
    fn a_workflow_exports_often_and_names_a_secret_in_place_of_the_token() {
        let headers = "Authorization=Bearer ${{ secrets.CLAUDE_CODE_OTEL_TOKEN }}";
        let plain = env(Variant::GithubActions, &[]);
        assert_eq!(value(&plain, "OTEL_EXPORTER_OTLP_HEADERS"), Some(headers));
        assert_eq!(value(&plain, "OTEL_METRIC_EXPORT_INTERVAL"), Some("5000"));
        assert_eq!(value(&plain, "OTEL_LOGS_EXPORT_INTERVAL"), Some("5000"));
        let chosen = env(Variant::GithubActions, &[("logs_interval", "9000")]);
        assert_eq!(value(&chosen, "OTEL_LOGS_EXPORT_INTERVAL"), Some("9000"));
        let compressed = self::env(Variant::Managed, &[("gzip", "true")]);
        assert_eq!(value(&compressed, "OTEL_EXPORTER_OTLP_COMPRESSION"), Some("gzip"));
    }

    #[test]
    fn a_workflow_says_that_no_person_works_in_it() {
        let attributes = |pairs: &[(&str, &str)]| {
            value(&env(Variant::GithubActions, pairs), "OTEL_RESOURCE_ATTRIBUTES").unwrap().to_owned()
        };
        let run = "cicd.pipeline.run.id=${{github.run_id}}";
        let plain = format!("settings_version=7,enduser.id=ci/${{{{github.repository}}}},{run}");
        assert_eq!(attributes(&[]), plain);
        assert_eq!(attributes(&[("attributes", "team=core")]), format!("{plain},team=core"));
        let named = format!("settings_version=7,{run},EndUser.ID=ci/nightly");
        assert_eq!(attributes(&[("attributes", "EndUser.ID=ci/nightly")]), named);
    }

    #[test]
    fn any_other_ci_gets_the_token_from_a_helper_and_says_that_no_person_works() {
        let plain = env(Variant::HeadersHelper, &[]);
        assert_eq!(value(&plain, "OTEL_EXPORTER_OTLP_HEADERS"), None);
        assert_eq!(value(&plain, "OTEL_LOGS_EXPORT_INTERVAL"), Some("5000"));
        assert_eq!(value(&plain, "CLAUDE_CODE_OTEL_SHUTDOWN_TIMEOUT_MS"), Some("10000"));
        assert_eq!(value(&plain, "OTEL_RESOURCE_ATTRIBUTES"), Some("settings_version=7,enduser.id=ci/acme"));
        let named = env(Variant::HeadersHelper, &[("attributes", "enduser.id=ci/nightly")]);
        assert_eq!(value(&named, "OTEL_RESOURCE_ATTRIBUTES"), Some("settings_version=7,enduser.id=ci/nightly"));
    }

    #[test]
    fn no_configuration_has_more_attributes_than_every_client_bears() {
        for variant in Variant::ALL {
            let email = [("user_email", "jane@example.com")];
            let email = email.into_iter().filter(|_| variant == Variant::Bedrock);
            let select = |count: usize| {
                let own = (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
                Selection::from_query(
                    variant,
                    email.clone().map(|(k, v)| (k, v.to_owned())).chain([("attributes", own)]),
                )
            };
            let most = 12 - attribute::fixed(variant);
            let (base_url, org) = ("https://telemetry.example.com/prod".parse().unwrap(), "acme".parse().unwrap());
            let deployment = Deployment::new(&base_url, None, 7, &org);
            let env = Env::for_selection(&deployment, &select(most).unwrap());
            assert_eq!(value(&env, "OTEL_RESOURCE_ATTRIBUTES").unwrap().split(',').count(), 12, "{variant}");
            assert_eq!(select(most + 1).unwrap_err().field(), "attributes", "{variant}");
        }
    }
}
