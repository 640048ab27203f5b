use super::*;

fn series<'a>(name: &'a str, values: &[f64]) -> Series<'a> {
    Series { name, is_named: false, colour: 0, values: values.to_vec() }
}

fn chart<'a>(labels: &'a [String], series: Vec<Series<'a>>) -> Chart<'a> {
    let title = "Active people";
    let (shape, before, unfinished) = (Shape::Stacked, None, Vec::new());
    Chart {
        id: 3,
        title,
        every: "day",
        unit: Unit::Count,
        currency: Currency::DOLLAR,
        labels,
        series,
        shape,
        before,
        unfinished,
    }
}

fn days() -> [String; 2] {
    ["1 Nov".into(), "2 Nov".into()]
}

#[test]
fn the_top_of_the_scale_is_round_and_never_too_low() {
    let tops = [0.0, 1.0, 3.0, 41.0, 999.0, 1_000_001.0].map(|highest| ceiling(highest, Unit::Count));
    assert_eq!(tops, [1.0, 2.0, 4.0, 50.0, 1000.0, 1_200_000.0]);
    assert_eq!([1.0, 3.0, 110.0].map(|highest| ceiling(highest, Unit::Money)), [1.0, 3.0, 120.0]);
}

#[test]
fn a_chart_says_what_it_shows_and_has_its_numbers_in_a_table() {
    let labels = days();
    let shown = chart(&labels, vec![series("People", &[0.0, 3.0])]).show().into_string();
    for part in [
        "role=\"img\" aria-labelledby=\"chart-3 chart-3-desc\"",
        "<title id=\"chart-3\">Active people by day</title>",
        "From 1 Nov to 2 Nov: most on 2 Nov, 3; 2 on average.",
        "<path class=\"s0\" d=\"M333 30h234v90h-234z\"></path>",
        "<td>2 Nov</td><td>3</td>",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("style"), "the policy allows no inline style");
    assert!(!shown.contains("legend"), "one thing that is over needs no legend");
}

#[test]
fn what_stands_on_top_begins_where_the_other_ends() {
    let labels = days();
    let chart = chart(&labels, vec![series("a", &[0.0, 1.0]), series("b", &[0.0, 2.0])]);
    assert_eq!(chart.bars(3.0), ["M333 80h234v40h-234z", "M333 0h234v80h-234z"]);
    assert!(chart.show().into_string().contains("<td>1</td><td>2</td><td>3</td>"), "the table has the sum");
}

#[test]
fn what_does_not_add_up_stands_side_by_side_and_has_no_sum() {
    let labels = days();
    let stacked = chart(&labels, vec![series("Commits", &[0.0, 1.0]), series("PRs", &[0.0, 2.0])]);
    let beside = Chart { shape: Shape::Beside, ..stacked };
    assert_eq!(beside.bars(2.0), ["M333 60h117v60h-117z", "M450 0h117v120h-117z"]);
    assert!(beside.words().contains("most on 2 Nov, 2"));
    assert!(!beside.show().into_string().contains("All"));
}

#[test]
fn the_period_before_is_a_line_and_a_time_that_is_not_over_is_hatched() {
    let labels = days();
    let plain = chart(&labels, vec![series("People", &[1.0, 2.0])]);
    let shown = Chart { before: Some(vec![4.0, 0.0]), unfinished: vec![1], ..plain }.show().into_string();
    for part in [
        "<polyline class=\"before\" points=\"150,0 450,120\">",
        "<rect x=\"333\" y=\"60\" width=\"234\" height=\"60\" fill=\"url(#chart-3-hatch)\">",
        "<td>1 Nov</td><td>1</td><td>4</td>",
        "<li class=\"unfinished\">",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_chart_of_nothing_is_a_chart() {
    let labels = days();
    assert!(chart(&labels[..1], vec![series("People", &[0.0])]).show().into_string().contains("<svg"));
    assert!(chart(&[], Vec::new()).show().into_string().contains("Nothing."));
}
