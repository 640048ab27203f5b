use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};

use super::*;

fn sent(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    sent(key, any_value::Value::StringValue(value.into()))
}

fn kept(attributes: &[KeyValue]) -> Vec<Attribute> {
    Keeper::new(false).record(attributes, &Labels::default(), 10_000)
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
    assert_eq!(kept(&[text("safe_mode", "false")])[0].value, Value::Bool(false));
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
    assert_eq!(keeper.record(&attributes, &Labels::default(), 10_000), []);
    assert_eq!(keeper.dropped, [2, 1, 2, 1, 2]);
    let mut keeper = Keeper::new(true);
    assert_eq!(
        keeper.record(&attributes, &Labels::default(), 10_000).len(),
        contents.len(),
        "unless the organisation keeps it"
    );
}

#[test]
fn what_the_client_withheld_is_neither_kept_nor_counted() {
    let mut keeper = Keeper::new(true);
    assert_eq!(keeper.record(&[text("prompt", "<REDACTED>")], &Labels::default(), 10_000), []);
    assert_eq!(keeper.dropped, [0; 5]);
}

#[test]
fn an_unknown_attribute_is_kept_unless_it_reads_like_text() {
    assert_eq!(kept(&[text("colour", "blue"), text("poem", "two words"), text("long", &"x".repeat(65))]).len(), 1);
    assert_eq!(
        kept(&[sent("depth", any_value::Value::IntValue(1)), sent("on", any_value::Value::BoolValue(true))]).len(),
        2
    );
    let list = |words: &[&str]| {
        let values =
            words.iter().map(|w| AnyValue { value: Some(any_value::Value::StringValue((*w).into())) }).collect();
        sent("tags", any_value::Value::ArrayValue(ArrayValue { values }))
    };
    assert_eq!(kept(&[list(&["a", "b"])]).len(), 1);
    assert_eq!(kept(&[list(&["a", "two words"])]).len(), 0);
    let map = any_value::Value::KvlistValue(KeyValueList { values: vec![text("inner", "two words")] });
    assert_eq!(kept(&[sent("nested", map)]).len(), 0);
}

#[test]
fn what_an_admin_set_on_the_resource_is_kept_on_the_record_too() {
    let mut keeper = Keeper::new(false);
    let department = [text("department", "R&D platform")];
    let resource = keeper.resource(&department, 10_000);
    assert_eq!(resource.attributes().len(), 1);
    assert_eq!(keeper.record(&department, &resource, 10_000).len(), 1);
    assert_eq!(keeper.record(&[text("department", "something else typed")], &resource, 10_000), []);
}

#[test]
fn a_name_that_is_sent_twice_counts_once() {
    assert_eq!(kept(&[text("model", "a"), text("model", "b")]).len(), 1);
}

#[test]
fn a_value_is_cut_at_a_characters_end() {
    let mut keeper = Keeper::new(false);
    let cut = keeper.record(&[text("model", &"é".repeat(40_000))], &Labels::default(), 100_000);
    assert_eq!((cut[0].value.as_text().map(str::len), keeper.cut), (Some(VALUE_LIMIT), 1));
}

#[test]
fn of_a_name_sent_twice_the_first_value_counts_however_many_names_there_are() {
    let names = || (0..200).map(|n| format!("k{n}"));
    let sent: Vec<KeyValue> = names()
        .map(|name| text(&name, "first"))
        .chain(names().map(|name| text(&name, "second")))
        .chain([text("last", "only")])
        .collect();
    let kept = kept(&sent);
    assert_eq!(kept.len(), 201);
    assert!(kept[..200].iter().all(|k| k.value == Value::Text("first".into())));
}

#[test]
fn whatever_a_resource_has_many_of_is_found_by_name() {
    let spoken = |n: usize| text(&format!("label.{}", n * 7 % 300), &format!("words that are no label {n}"));
    let sent: Vec<KeyValue> = (0..300).map(spoken).collect();
    let mut keeper = Keeper::new(false);
    let resource = keeper.resource(&sent, 64 * 1024);
    assert_eq!(keeper.record(&sent, &resource, 64 * 1024).len(), 300, "the resource has the same");
    assert_eq!(keeper.record(&sent, &Labels::default(), 64 * 1024), [], "no resource has them");
    let other: Vec<KeyValue> = sent.iter().map(|a| text(&a.key, "other words than those")).collect();
    assert_eq!(keeper.record(&other, &resource, 64 * 1024), []);
}

#[test]
fn a_list_that_is_over_the_budget_is_left_out_and_its_neighbours_are_kept() {
    let values = vec![AnyValue { value: Some(any_value::Value::IntValue(1)) }; 5_000];
    let sent = [sent("many", any_value::Value::ArrayValue(ArrayValue { values })), text("model", "m")];
    let mut keeper = Keeper::new(false);
    let kept = keeper.record(&sent, &Labels::default(), 4_000);
    assert_eq!((kept.len(), &*kept[0].key, keeper.cut), (1, "model", 1));
}
