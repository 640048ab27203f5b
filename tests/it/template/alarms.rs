//! What goes wrong is heard of, and what is idle costs next to nothing.

use super::*;

/// The metric and the dimension that an alarm watches.
fn watched(alarm: &Value) -> (&str, &str) {
    let single = &alarm["Metrics"][1]["MetricStat"]["Metric"];
    let about = if single.is_null() { alarm } else { single };
    (about["MetricName"].as_str().unwrap(), about["Dimensions"][0]["Value"].as_str().unwrap_or_default())
}

#[test]
fn what_goes_wrong_is_an_alarm_that_somebody_hears() {
    let template = Template::read();
    let mut all = BTreeSet::new();
    for (name, alarm) in template.resources("AWS::CloudWatch::Alarm") {
        let about = &alarm["Properties"];
        assert_eq!(about["AlarmActions"], json!(["Alarms"]), "{name}");
        assert_eq!(about["TreatMissingData"], "notBreaching", "{name}");
        all.insert(watched(about));
    }
    for expected in [
        ("ExportsNotTaken", ""),
        ("ThrottledByApiGateway", ""),
        ("AccessDenied", ""),
        ("ConsumedWriteCapacityUnits", "EventsTable"),
        ("Errors", "Ingest"),
        ("Throttles", "Ingest"),
        ("Throttles", "ProjectActivity"),
        ("WriteThrottleEvents", "EventsTable"),
        ("WriteThrottleEvents", "ActivityTable"),
        ("5xx", "Api"),
        ("IteratorAge", "ProjectActivity"),
        ("ApproximateNumberOfMessagesVisible", "Unprojected.QueueName"),
        ("ApproximateNumberOfMessagesVisible", "FailedSchedules.QueueName"),
        ("RefusedWithRetiredToken", ""),
        ("RefusedWithUnknownToken", ""),
    ] {
        assert!(all.contains(&expected), "{expected:?}");
    }
    // An alarm of a metric that nothing writes would never go off.
    let mut written = BTreeSet::new();
    for (_, filter) in template.resources("AWS::Logs::MetricFilter") {
        let metric = &filter["Properties"]["MetricTransformations"][0];
        // A value for when nothing fits would be a metric, and paid for, on days when nothing comes.
        assert!(metric["DefaultValue"].is_null(), "{metric}");
        written.insert(metric["MetricName"].as_str().unwrap());
    }
    for (metric, dimension) in &all {
        assert!(!dimension.is_empty() || written.contains(metric), "{metric}");
    }
    assert!(written.iter().all(|metric| all.contains(&(*metric, ""))), "{written:?}");
}

#[test]
fn every_function_says_what_its_role_lacks() {
    let template = Template::read();
    let mut groups: BTreeSet<String> = template
        .resources("AWS::Logs::MetricFilter")
        .filter(|(_, filter)| filter["Properties"]["MetricTransformations"][0]["MetricName"] == "AccessDenied")
        .map(|(_, filter)| filter["Properties"]["LogGroupName"].as_str().unwrap().to_owned())
        .collect();
    for function in template.functions().into_values() {
        assert!(groups.remove(&format!("{function}Logs")), "{function}");
    }
}

#[test]
fn an_idle_stack_costs_a_dollar_a_month_at_most() {
    let template = Template::read();
    let always = |kind: &'static str| template.resources(kind).filter(|(_, own)| own["Condition"].is_null()).count();
    let prices: Value = serde_json::from_slice(&std::fs::read(data("prices.json")).unwrap()).unwrap();
    let price = |name: &str| prices[name].as_f64().unwrap();
    // One secret more than the template has, of the first organisation.
    let secrets = always("AWS::SecretsManager::Secret") + 1;
    let month = secrets as f64 * price("secret_month")
        + always("AWS::CloudWatch::Alarm") as f64 * price("cloudwatch_alarm_month");
    assert!(month <= 1.0 + 1e-9, "{month}");
    // Whatever else costs something for being there has to be asked for.
    for kind in ["AWS::CloudWatch::Dashboard", "AWS::KMS::Key", "AWS::EC2::NatGateway"] {
        assert_eq!(always(kind), 0, "{kind}");
    }
}
