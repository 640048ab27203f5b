//! Whether a record says that a machine works: a run of continuous integration, not a person.

use super::record::{Context, Record, text};

/// The entrypoints of Claude Code's own actions, as `app.entrypoint` has them.
const ENTRYPOINTS: [&str; 2] = ["claude-code-github-action", "claude-code-gitlab-ci"];
/// Attributes that say so when they are there: OpenTelemetry's conventions for CI/CD.
const CONVENTIONS: [&str; 4] =
    ["cicd.pipeline.name", "cicd.pipeline.run.id", "cicd.pipeline.task.run.id", "cicd.worker.id"];
/// How the names of machines begin, where an admin names them in the place of a person: `ci/owner/repository`.
const NAMED: (&str, &str) = (model::attributes::END_USER, "ci/");
/// The attribute that an admin sets, as CI systems set the variable of that name.
const CI: &str = "ci";

/// Whether a record says that it is of a machine.
#[must_use]
pub fn is_automated(record: &Record, context: &Context) -> bool {
    let either = |key: &str| text(record, context, key);
    either("app.entrypoint").is_some_and(|entrypoint| ENTRYPOINTS.contains(&entrypoint))
        || CONVENTIONS.iter().any(|key| either(key).is_some())
        || either(NAMED.0).is_some_and(|name| name.starts_with(NAMED.1))
        || either(CI).is_some_and(|value| ["true", "1"].contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::attribute::{Attribute, Value};
    use model::time::Timestamp;

    fn says(key: &str, value: &str) -> [bool; 2] {
        let attribute = || vec![Attribute { key: key.into(), value: Value::Text(value.into()) }];
        let record = |attributes| {
            let (name, time) = ("user_prompt".into(), Timestamp(0));
            Record { context: 0, name, time, digest: [0; 4], count: 1, attributes, point: None }
        };
        let context = Context { resource: attribute().into(), ..Context::default() };
        [is_automated(&record(attribute()), &Context::default()), is_automated(&record(Vec::new()), &context)]
    }

    #[test]
    fn ci_says_so_by_its_entrypoint_or_by_attributes() {
        for (key, value) in [
            ("app.entrypoint", "claude-code-github-action"),
            ("cicd.pipeline.run.id", "4711"),
            ("cicd.pipeline.name", "review"),
            ("enduser.id", "ci/acme/shop"),
            ("ci", "true"),
        ] {
            assert_eq!(says(key, value), [true; 2], "{key}");
        }
        for (key, value) in
            [("app.entrypoint", "sdk-cli"), ("app.entrypoint", "cli"), ("ci", "false"), ("enduser.id", "cid")]
        {
            assert_eq!(says(key, value), [false; 2], "{key}");
        }
    }
}
