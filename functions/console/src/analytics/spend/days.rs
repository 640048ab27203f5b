//! The days of a month by what was asked for, beside those of the month before.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use service::people::directory::Directory;
use service::report::figures::dollars;
use service::report::spend::Spend;
use service::report::spend::month::Month;
use telemetry::activity::dimensions::Label;

use super::asked::Asked;
use crate::analytics::about;
use crate::analytics::breakdown::in_a_sentence;
use crate::analytics::chart::{Chart, Shape};
use crate::analytics::column::Unit;
use crate::analytics::naming::Name;
use crate::analytics::stack::{Layer, layers};

/// The chart.
pub(super) fn chart(asked: &Asked<'_>, spend: &Spend, directory: &Directory) -> Markup {
    let Month { first, last, today, .. } = asked.request.month;
    let end = today.unwrap_or(last);
    let days: Vec<Date> = first.series(1.day()).take_while(|day| *day <= end).collect();
    let labels: Vec<String> = days.iter().map(|day| day.strftime("%-d %b").to_string()).collect();
    // Whoever is in two groups would stand in two layers.
    let stacked = spend.days_by.as_ref().filter(|_| !about::can_overlap(asked.by));
    let (by, stacked) = stacked.map_or(("model", &spend.days), |stacked| (asked.by, stacked));
    let mut parts: BTreeMap<&Label, i64> = BTreeMap::new();
    for (part, cost) in stacked.values().flatten() {
        *parts.entry(part).or_default() += cost;
    }
    let of_day = |day: &Date| spend.days.get(day).map_or(0, |models| models.values().sum());
    let over_time = |part: &Label| -> Vec<f64> {
        let of_day = |day: &Date| stacked.get(day).and_then(|parts| parts.get(part)).copied().unwrap_or(0);
        days.iter().map(|day| dollars(of_day(day))).collect()
    };
    let all = parts.into_iter().map(|(part, cost)| (part, dollars(cost))).collect();
    let totals = days.iter().map(|day| dollars(of_day(day))).collect();
    let named = |part: &Label| Name { href: asked.numbers(&[(by, part)]), ..Name::without_link(by, part, directory) };
    let layers = layers(all, totals, &named, &over_time);
    let leads: Vec<Option<&str>> = layers.iter().map(|layer| layer.name.href.as_deref()).collect();
    let title = format!("Cost by {}", in_a_sentence(about::title(by)));
    // The same weekday of the month before.
    let before = |day: &Date| {
        let weeks = [4, 5].map(|weeks| day.saturating_sub(weeks.weeks()));
        let day = weeks.into_iter().find(|day| *day < first);
        day.and_then(|day| spend.days_before.get(&day)).copied().unwrap_or(0)
    };
    html! {
        section.wide aria-label="Cost by day" {
            (Chart {
                id: 0,
                title: &title,
                every: "day",
                unit: Unit::Money,
                currency: asked.currency,
                labels: &labels,
                series: layers.iter().map(Layer::series).collect(),
                shape: Shape::Stacked,
                before: (spend.previous_month > 0).then(|| days.iter().map(|day| dollars(before(day))).collect()),
                unfinished: today.and_then(|_| days.len().checked_sub(1)).into_iter().collect(),
            }.show_leading(&leads))
        }
    }
}
