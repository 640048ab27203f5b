//! What whoever deploys can set, and what holds when nothing is set.

use serde_json::json;

use super::*;

/// What a parameter is when nobody sets it.
fn default_of(template: &Template, parameter: &str) -> Value {
    template.section("Parameters")[parameter]["Default"].clone()
}

#[test]
fn every_parameter_has_a_default_that_works() {
    let template = Template::read();
    for (parameter, about) in template.section("Parameters").as_object().unwrap() {
        let default = &about["Default"];
        assert!(!default.is_null(), "{parameter}");
        let allowed = about["AllowedValues"].as_array();
        assert!(allowed.is_none_or(|allowed| allowed.contains(default)), "{parameter}");
    }
    for (parameter, default) in [
        ("AlarmSet", json!("few")),
        ("Dashboard", json!("false")),
        ("KmsKeyArn", json!("")),
        ("PermissionsBoundaryArn", json!("")),
        ("DeletionProtection", json!("true")),
        ("IngestReservedConcurrency", json!(0)),
        ("AlarmEmail", json!("")),
        ("AdminReservedConcurrency", json!(0)),
        ("DomainName", json!("")),
        // Who was given the address before there was a domain is not cut off by it.
        ("ExecuteApiEndpoint", json!("open")),
    ] {
        assert_eq!(default_of(&template, parameter), default, "{parameter}");
    }
}

#[test]
fn functions_are_as_large_and_as_talkative_as_the_parameters_say() {
    let template = Template::read();
    let globals = &template.section("Globals")["Function"];
    // sam build goes by what stands in the template, whatever is answered to sam deploy --guided.
    assert_eq!(globals["Architectures"], json!(["arm64"]));
    assert_eq!(globals["Environment"]["Variables"]["RUST_LOG"], "LogLevel");
    for (binary, logical) in template.functions() {
        let function = template.properties(&logical);
        let of = |name: &str| Some(&function[name]).filter(|own| !own.is_null()).unwrap_or(&globals[name]).as_u64();
        assert!(of("MemorySize") >= Some(256), "{binary}");
        // API Gateway gives up after 30 seconds; a function that the clock or a stream calls too has longer.
        let is_called_otherwise = function["Events"].as_object().unwrap().values().any(|e| e["Type"] != "HttpApi");
        assert!(of("Timeout") < Some(30) || is_called_otherwise, "{binary}");
        let logs = &function["LoggingConfig"];
        assert_eq!((&logs["LogFormat"], &logs["LogGroup"]), (&json!("JSON"), &json!(format!("{logical}Logs"))));
        let group = template.properties(&format!("{logical}Logs"));
        assert_eq!(group["RetentionInDays"], "LogRetentionDays", "{binary}");
    }
    let reserved = &template.properties("Ingest")["ReservedConcurrentExecutions"];
    assert_eq!(reserved, &json!(["ReservesIngest", "IngestReservedConcurrency", "AWS::NoValue"]));
    for administers in ["Console", "RotateToken"] {
        let reserved = &template.properties(administers)["ReservedConcurrentExecutions"];
        assert_eq!(reserved, &json!(["ReservesAdmin", "AdminReservedConcurrency", "AWS::NoValue"]), "{administers}");
    }
    let deadline: i64 = template.environment("Ingest")["INGEST_DEADLINE_MS"].as_str().unwrap().parse().unwrap();
    assert!(deadline < 1000 * template.properties("Ingest")["Timeout"].as_i64().unwrap(), "the answer is our own");
}

#[test]
fn tables_streams_and_throttles_follow_the_parameters() {
    let template = Template::read();
    for (name, writes, reads) in
        [("EventsTable", "MaxEventWrites", "MaxEventReads"), ("ActivityTable", "MaxActivityWrites", "MaxActivityReads")]
    {
        // What was never made holds nothing, and would stand in the way of the next attempt.
        assert_eq!(template.section("Resources")[name]["DeletionPolicy"], "RetainExceptOnCreate");
        let table = template.properties(name);
        assert_eq!(table["DeletionProtectionEnabled"], "DeletionProtection");
        let caps = json!({"MaxWriteRequestUnits": writes, "MaxReadRequestUnits": reads});
        assert_eq!(table["OnDemandThroughput"], caps);
        let own = json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "KmsKeyArn"});
        assert_eq!(table["SSESpecification"], json!(["HasKmsKey", own, "AWS::NoValue"]));
        assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true);
    }
    assert_eq!(template.properties("EventsTable")["StreamSpecification"]["StreamViewType"], "KEYS_ONLY");
    let stream = template.events("ProjectActivity", "DynamoDB").next().unwrap();
    assert_eq!(stream["MaximumBatchingWindowInSeconds"], "StreamWindowSeconds");
    // Until long before the stream itself forgets, after a day; and as many at a time as there are.
    assert_eq!((stream["MaximumRetryAttempts"].as_i64(), stream["BatchSize"].as_u64()), (Some(-1), Some(10_000)));
    assert!(stream["MaximumRecordAgeInSeconds"].as_u64() < Some(12 * 3600));
    let pattern = stream["FilterCriteria"]["Filters"][0]["Pattern"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(pattern).unwrap(), json!({"eventName": ["INSERT", "MODIFY"]}));
    let api = template.properties("Api");
    let throttle = |rate: &str, burst: &str| json!({"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst});
    assert_eq!(api["DefaultRouteSettings"], throttle("AdminRate", "AdminBurst"));
    assert_eq!(api["RouteSettings"]["ANY /v1/{proxy+}"], throttle("IngestRate", "IngestBurst"));
    assert_eq!(api["DisableExecuteApiEndpoint"], json!(["ClosesEndpoint", true, false]));
    assert_eq!(template.section("Conditions")["ClosesEndpoint"], json!(["ExecuteApiEndpoint", "closed"]));
    let closed = &template.section("Rules")["DomainOfAClosedEndpoint"];
    assert_eq!(closed["RuleCondition"], json!(["ExecuteApiEndpoint", "closed"]));
    assert_eq!(closed["Assertions"][0]["Assert"], json!([["DomainName", ""]]), "somebody has to reach it");
    // Background work knows the caps, of which it takes a share.
    let maintain = template.environment("Maintain");
    for (variable, cap) in [
        ("MAX_EVENT_WRITES", "MaxEventWrites"),
        ("MAX_ACTIVITY_WRITES", "MaxActivityWrites"),
        ("MAX_EVENT_READS", "MaxEventReads"),
        ("MAX_ACTIVITY_READS", "MaxActivityReads"),
    ] {
        assert_eq!(maintain[variable], cap);
    }
    let format = api["AccessLogSettings"]["Format"].as_str().unwrap();
    let logged: Value = serde_json::from_str(format).unwrap();
    assert!(logged.as_object().unwrap().values().all(|value| !value.as_str().unwrap().contains("ath")), "no path");
    for (function, schedule) in [("MergeUsers", "MergeSchedule"), ("Maintain", "MaintenanceSchedule")] {
        assert_eq!(template.events(function, "Schedule").next().unwrap()["Schedule"], schedule);
    }
}

#[test]
fn no_run_of_maintenance_begins_while_another_one_may_be_under_way() {
    let template = Template::read();
    let schedule = default_of(&template, "MaintenanceSchedule");
    let minutes = schedule.as_str().unwrap().strip_prefix("rate(").and_then(|rate| rate.strip_suffix(" minutes)"));
    let seconds = 60 * minutes.unwrap().parse::<u64>().unwrap();
    assert!(template.properties("Maintain")["Timeout"].as_u64().unwrap() <= seconds);
}

#[test]
fn the_outputs_say_where_it_is_and_what_to_do_next() {
    let template = Template::read();
    let outputs = template.section("Outputs").as_object().unwrap();
    for output in ["ConsoleUrl", "NextStep", "BaseUrl", "AdminKeySecret", "AlarmTopic", "Tables"] {
        assert!(outputs[output]["Description"].is_string(), "{output}");
    }
}
