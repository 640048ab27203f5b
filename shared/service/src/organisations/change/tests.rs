use super::*;

fn settings() -> Settings {
    Settings::new(&"acme".parse().unwrap())
}

fn field(change: Change) -> &'static str {
    change.apply(&settings()).unwrap_err().field()
}

#[test]
fn what_is_absent_stays_as_it_is() {
    assert_eq!(Change::default().apply(&settings()).unwrap(), settings());
    let change = Change { retention_days: Some(30), ..Change::default() };
    assert_eq!(change.apply(&settings()).unwrap(), Settings { retention_days: 30, ..settings() });
}

#[test]
fn of_the_limits_too_only_what_is_given_changes() {
    let limits = LimitsChange { new_people_per_hour: Some(10), ..LimitsChange::default() };
    let after = Change { limits: Some(limits), ..Change::default() }.apply(&settings()).unwrap();
    assert_eq!(after.limits, Limits { new_people_per_hour: 10, ..Limits::default() });
    let limits = LimitsChange { records_per_hour: Some(20), accept_late_days: Some(30), ..LimitsChange::default() };
    let after = Change { limits: Some(limits), ..Change::default() }.apply(&after).unwrap();
    assert_eq!(after.limits, Limits { new_people_per_hour: 10, records_per_hour: 20, accept_late_days: 30 });
}

#[test]
fn a_limit_out_of_range_is_named() {
    let limits = |people, records, days| {
        let limits = LimitsChange { new_people_per_hour: people, records_per_hour: records, accept_late_days: days };
        field(Change { limits: Some(limits), ..Change::default() })
    };
    for people in [0, MAX_NEW_PEOPLE + 1] {
        assert_eq!(limits(Some(people), None, None), "limits.new_people_per_hour");
    }
    for records in [0, MAX_RECORDS + 1] {
        assert_eq!(limits(None, Some(records), None), "limits.records_per_hour");
    }
    for days in [0, MAX_LATE_DAYS + 1] {
        assert_eq!(limits(None, None, Some(days)), "limits.accept_late_days");
    }
}

#[test]
fn a_time_zone_is_one_that_exists_in_its_proper_spelling() {
    let change = |name: &str| Change { timezone: Some(name.into()), ..Change::default() };
    assert_eq!(change("europe/berlin").apply(&settings()).unwrap().timezone, "Europe/Berlin");
    for bad in ["", "Berlin", "+02:00", "Europe/Berlin\n", "../etc/passwd"] {
        assert_eq!(field(change(bad)), "timezone", "{bad}");
    }
}

#[test]
fn a_value_that_is_not_allowed_is_named() {
    assert_eq!(field(Change { retention_days: Some(0), ..Change::default() }), "retention_days");
    assert_eq!(field(Change { retention_days: Some(3_651), ..Change::default() }), "retention_days");
    assert_eq!(field(Change { name: Some(" ".into()), ..Change::default() }), "name");
    assert_eq!(field(Change { name: Some("n".repeat(101)), ..Change::default() }), "name");
    let lists: [Vec<String>; 3] = [vec![String::new()], vec!["a b".into()], (0..21).map(|n| n.to_string()).collect()];
    for list in lists {
        let change = Change { identity_attributes: Some(list), ..Change::default() };
        assert_eq!(field(change), "identity_attributes");
    }
    let reported = |count: usize| (0..count).map(|number| format!("a{number}")).collect();
    let change = |count| Change { report_attributes: Some(reported(count)), ..Change::default() };
    assert_eq!(field(change(9)), "report_attributes");
    assert_eq!(change(8).apply(&settings()).unwrap().report_attributes, reported(8));
}

#[test]
fn both_lists_together_name_no_more_attributes_than_machines_can_send() {
    let named = |first: usize, count: usize| Some((first..first + count).map(|n| format!("a{n}")).collect());
    let both =
        |identity, report| Change { identity_attributes: identity, report_attributes: report, ..Change::default() };
    let most = both(named(0, 4), named(4, 7)).apply(&settings()).unwrap();
    assert_eq!(field(both(named(0, 4), named(4, 8))), "report_attributes");
    let one_more = both(named(0, 5), None).apply(&most);
    assert!(one_more.is_ok(), "one of them is on both lists");
    let one_more = both(named(20, 5), None).apply(&most).unwrap_err();
    assert_eq!(one_more.field(), "identity_attributes");
    let told = format!("{one_more} {}", one_more.allowed());
    assert!(told.contains("more than 11 attributes") && told.contains("2.1.161"), "{told}");
    let change = Change { retention_days: Some(30), ..Change::default() };
    let before = Settings { identity_attributes: named(30, 9).unwrap(), ..most };
    assert!(change.apply(&before).is_ok(), "what was set before is not in the way of other settings");
}

#[test]
fn a_currency_has_a_code_and_a_rate() {
    let change = |code: &str, per_usd| Change {
        currency: Some(CurrencyChange { code: code.into(), per_usd }),
        ..Change::default()
    };
    assert_eq!(Some(change("EUR", 0.92).apply(&settings()).unwrap().currency), Currency::new("EUR", 0.92));
    for (code, rate) in [("EUR", 0.0), ("USD", 0.9), ("euro", 1.0)] {
        assert_eq!(field(change(code, rate)), "currency", "{code} {rate}");
    }
}
