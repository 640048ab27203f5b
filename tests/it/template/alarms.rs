//! What goes wrong is heard of, and what is idle costs next to nothing.

use tools::prices::{HOURS, Prices, always};

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
    let month = Prices::read().idle(&template);
    assert!(month <= 1.0 + 1e-9, "{month}");
    // Whatever else costs something for being there has to be asked for.
    for kind in ["AWS::CloudWatch::Dashboard", "AWS::KMS::Key", "AWS::EC2::NatGateway"] {
        assert_eq!(always(&template, kind), 0, "{kind}");
    }
}

#[test]
fn the_readme_says_what_the_metrics_of_work_add() {
    let readme = std::fs::read_to_string(data("../../functions/README.md")).unwrap();
    let prices = Prices::read();
    for hours in [220.0, HOURS] {
        let said = format!("${:.2}", prices.metrics(hours));
        assert!(readme.contains(&said), "{said} for {hours} hours");
    }
}
