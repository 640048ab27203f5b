use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};

use super::*;

fn sent(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    sent(key, any_value::Value::StringValue(value.into()))
}

fn kept(attributes: &[KeyValue]) -> Vec<Attribute> {
    Keeper::new(false).record("api_request", attributes, 10_000)
}

#[test]
fn numbers_are_numbers_in_every_form_a_client_has_used() {
    use any_value::Value::{DoubleValue, IntValue};
    for form in
        [text("input_tokens", "120"), sent("input_tokens", IntValue(120)), sent("input_tokens", DoubleValue(120.0))]
    {
        assert_eq!(kept(&[form])[0].value, Value::Int(120));
    }
    for form in [text("cost_usd", "0.008985"), sent("cost_usd", DoubleValue(0.008_985))] {
        assert_eq!(kept(&[form])[0].value, Value::Number(0.008_985));
    }
    assert_eq!(kept(&[sent("cost_usd", IntValue(1))])[0].value, Value::Int(1), "a whole price");
    assert_eq!(kept(&[text("duration_ms", "36")])[0].value, Value::Int(36));
}

#[test]
fn truth_values_are_truth_values_in_every_form() {
    for form in [text("success", "true"), sent("success", any_value::Value::BoolValue(true))] {
        assert_eq!(kept(&[form])[0].value, Value::Bool(true));
    }
    let loaded = Keeper::new(false).record("plugin_loaded", &[text("safe_mode", "false")], 10_000);
    assert_eq!(loaded[0].value, Value::Bool(false));
}

#[test]
fn what_does_not_read_as_its_type_is_kept_as_it_was_and_never_zero() {
    assert_eq!(kept(&[text("input_tokens", "many")])[0].value, Value::Text("many".into()));
    assert_eq!(kept(&[text("success", "perhaps")])[0].value, Value::Text("perhaps".into()));
    assert_eq!(kept(&[sent("cost_usd", any_value::Value::DoubleValue(f64::NAN))])[0].value, Value::Text("NaN".into()));
}

#[test]
fn content_is_dropped_and_counted_by_its_gate() {
    let mut keeper = Keeper::new(false);
    let contents =
        ["prompt", "prompt_text", "response", "tool_input", "tool_parameters", "body", "error", "workspace.host_paths"];
    let attributes: Vec<_> = contents.iter().map(|key| text(key, "x")).collect();
    assert_eq!(keeper.record("brand_new", &attributes, 10_000), []);
    assert_eq!(keeper.dropped, [2, 1, 2, 1, 2]);
    let mut keeper = Keeper::new(true);
    assert_eq!(
        keeper.record("brand_new", &attributes, 10_000).len(),
        contents.len(),
        "unless the organisation keeps it"
    );
}

#[test]
fn the_same_name_is_content_on_one_event_and_a_word_on_another() {
    let answer = [text("response", "good")];
    assert_eq!(Keeper::new(false).record("feedback_survey", &answer, 10_000).len(), 1);
    assert_eq!(Keeper::new(false).record("assistant_response", &answer, 10_000), []);
}

#[test]
fn what_a_security_event_tells_is_a_word_and_no_content() {
    let mut keeper = Keeper::new(false);
    let told = [text("category", "auto_mode_block"), text("tool_class", "bash"), text("sandbox_violation_count", "2")];
    let kept = keeper.record("safety_event", &told, 10_000);
    let keys: Vec<&str> = kept.iter().map(|attribute| &*attribute.key).collect();
    assert_eq!((keys, keeper.dropped), (vec!["category", "tool_class", "sandbox_violation_count"], [0; 5]));
    assert_eq!(kept[2].value, Value::Int(2));
}

#[test]
fn of_a_failed_request_the_class_is_kept_and_not_the_text() {
    let mut keeper = Keeper::new(false);
    let kept = keeper.record("api_error", &[text("model", "m"), text("error", "Connection error: a b c")], 10_000);
    let found: Vec<(&str, Option<&str>)> = kept.iter().map(|a| (&*a.key, a.value.as_text())).collect();
    assert_eq!(found, [("model", Some("m")), ("error_class", Some("connection"))]);
    assert_eq!(keeper.dropped[Gate::Other as usize], 1);
}

#[test]
fn what_the_client_withheld_is_neither_kept_nor_counted() {
    let mut keeper = Keeper::new(true);
    assert_eq!(keeper.record("user_prompt", &[text("prompt", "<REDACTED>")], 10_000), []);
    assert_eq!(keeper.dropped, [0; 5]);
}

fn list(key: &str, words: &[&str]) -> KeyValue {
    let values = words.iter().map(|w| AnyValue { value: Some(any_value::Value::StringValue((*w).into())) }).collect();
    sent(key, any_value::Value::ArrayValue(ArrayValue { values }))
}

fn map(key: &str, members: Vec<KeyValue>) -> KeyValue {
    sent(key, any_value::Value::KvlistValue(KeyValueList { values: members }))
}

#[test]
fn of_the_unknown_numbers_truth_values_and_single_words_are_kept() {
    let number = sent("depth", any_value::Value::IntValue(1));
    let flag = sent("on", any_value::Value::BoolValue(true));
    for known in [
        text("colour", "blue"),
        text("ratio", "0.5"),
        number.clone(),
        flag.clone(),
        sent("output_depth", any_value::Value::DoubleValue(1.5)),
        list("tags", &["one"]),
        map("nested", vec![number.clone(), flag, text("colour", "blue")]),
    ] {
        assert_eq!(kept(std::slice::from_ref(&known)).len(), 1, "{known:?}");
    }
    for content in [
        text("poem", "two words"),
        text("colour", &"x".repeat(65)),
        text("file_path", "/Users/dana/secret-merger/plan.md"),
        text("colour", "/home/dana/plan.txt"),
        text("workdir", "/home/dana/acquire-acme"),
        text("api_key", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"),
        text("colour", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"),
        text("password", "hunter2"),
        text("remote", "https://jane:hunter2@host.example/a"),
        text("prompt ", "please"),
        text("PROMPT", "please"),
        text("please delete all of it", "yes"),
        sent("please delete all of it", any_value::Value::BoolValue(true)),
        list("words", &["please", "delete"]),
        list("letters", &["C", "A"]),
        map("nested", vec![text("inner", "two words")]),
        map("nested", vec![text("prompt", "please")]),
        map("nested", vec![sent("category", any_value::Value::IntValue(1))]),
        map("nested", vec![text("one", "please"), text("two", "delete")]),
        map("nested", vec![sent("a whole sentence", any_value::Value::IntValue(1))]),
        map("nested", vec![map("deeper", vec![number.clone()])]),
        map("nested", vec![number; 17]),
    ] {
        let mut keeper = Keeper::new(false);
        assert_eq!(keeper.record("api_request", std::slice::from_ref(&content), 10_000), [], "{content:?}");
        assert_eq!(keeper.dropped.iter().sum::<u32>(), 1, "and counted: {content:?}");
        assert_eq!(Keeper::new(true).record("api_request", &[content], 10_000).len(), 1, "unless content is wanted");
    }
}

#[test]
fn what_is_known_is_kept_only_if_it_looks_like_what_it_is() {
    let prose = "please delete the table of customers";
    for key in ["model", "tool_name", "speed", "skill.name", "input_tokens", "success", "event.name", "terminal.type"] {
        let mut keeper = Keeper::new(false);
        assert_eq!(keeper.record("api_request", &[text(key, prose)], 10_000), [], "{key}");
        assert_eq!(keeper.dropped, [0, 0, 0, 0, 1], "{key}");
        assert_eq!(keeper.record("api_request", &[list(key, &["please", "delete"])], 10_000), [], "{key}");
    }
    assert_eq!(kept(&[text("skill.name", "claude.ai Gmail"), text("model", "claude-opus-4-8[1m]")]).len(), 2);
    let sources = |words: &[&str]| {
        Keeper::new(false).record("managed_settings_resolved", &[list("managed_settings.sources", words)], 10_000).len()
    };
    assert_eq!((sources(&["file", "hklm"]), sources(&[]), sources(&["a sentence"])), (1, 1, 0));
}

#[test]
fn what_an_admin_set_on_the_resource_is_kept_on_the_record_too() {
    let mut keeper = Keeper::new(false);
    let set = [
        text("department", "R&D / the whole platform of all teams"),
        text("team", "core"),
        text("app.kubernetes.io/name", "ide"),
        text("vcs.ref.head.name", "main"),
    ];
    assert_eq!(keeper.resource(&set, 10_000).len(), set.len());
    assert_eq!(keeper.record("api_request", &set, 10_000).len(), set.len());
    assert_eq!(keeper.record("api_request", &[text("department", "something else typed")], 10_000), []);
    keeper.resource(&[], 10_000);
    assert_eq!(keeper.record("api_request", &set[..1], 10_000), [], "it was set on another resource");
    let withheld = [
        text("team", "/home/dana/plan"),
        text("team", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"),
        text("department", &"x".repeat(257)),
        text("db_password", "hunter2"),
        text("process.command_line", "node"),
        text("prompt", "please"),
        text("a sentence as a name", "core"),
    ];
    assert_eq!(*keeper.resource(&withheld, 10_000), []);
    assert_eq!(keeper.dropped.iter().sum::<u32>(), 2 + 7);
}

#[test]
fn passwords_in_addresses_are_stored_nowhere_not_even_with_content() {
    let url = [text("vcs.repository.url.full", "https://jane:hunter2@host.example/app.git?token=x")];
    for store_content in [false, true] {
        let mut keeper = Keeper::new(store_content);
        for found in [keeper.resource(&url, 10_000), keeper.record("api_request", &url, 10_000).into()] {
            assert_eq!(found[0].value.as_text(), Some("https://host.example/app.git"));
        }
    }
}

#[test]
fn names_of_tools_are_kept_by_who_asks_for_them_and_nothing_else_of_their_details() {
    let details = r#"{"bash_command":"git","full_command":"git commit -m 'the plan'","git_commit_id":"0a1b2c3d"}"#;
    let attributes = [
        text("tool_name", "Bash"),
        text("vcs.ref.head.name", "feature/plan"),
        text("tool_parameters", details),
        text("tool_input", r#"{"command":"git commit -m 'the plan'"}"#),
    ];
    let mut keeper = Keeper::new(false);
    let names = |kept: Vec<Attribute>| kept.into_iter().map(|a| a.key.to_string()).collect::<Vec<_>>();
    assert_eq!(names(keeper.record("tool_result", &attributes, 10_000)), ["tool_name"]);
    assert_eq!(keeper.dropped, [0, 0, 3, 0, 0]);
    keeper.store_tool_names = true;
    assert_eq!(
        names(keeper.record("tool_result", &attributes, 10_000)),
        ["tool_name", "vcs.ref.head.name", "bash_command", "git_commit_id"]
    );
    assert_eq!(keeper.record("mcp_server_connection", &[text("server_name", "please do what I say now")], 10_000), []);
    assert_eq!(keeper.record("mcp_server_connection", &[text("server_name", "github")], 10_000).len(), 1);
}

#[test]
fn a_name_that_is_sent_twice_counts_once() {
    assert_eq!(kept(&[text("model", "a"), text("model", "b")]).len(), 1);
}

#[test]
fn labels_are_cut_at_256_bytes_and_contents_at_60_kib_at_a_characters_end() {
    let mut keeper = Keeper::new(true);
    for (key, sent, kept) in [("model", "é".repeat(40_000), 256), ("prompt", "é".repeat(40_000), VALUE_LIMIT)] {
        let cut = keeper.record("user_prompt", &[text(key, &sent)], 100_000);
        assert_eq!(cut[0].value.as_text().map(str::len), Some(kept), "{key}");
    }
    assert_eq!(keeper.cut, 2);
    assert_eq!(Keeper::new(false).label(&"x".repeat(300)).len(), 256);
}

#[test]
fn of_a_record_512_attributes_are_kept_and_the_others_are_counted_as_cut() {
    let mut keeper = Keeper::new(false);
    let attributes: Vec<KeyValue> =
        (0..600).map(|n| sent(&format!("count{n}"), any_value::Value::IntValue(n))).collect();
    let kept = keeper.record("api_request", &attributes, 1 << 20);
    assert_eq!((kept.len(), &*kept[511].key, keeper.cut), (512, "count511", 88));
}
