//! The totals, each beside that of the period before.

use maud::{Markup, html};
use model::currency::Currency;
use service::report::figures::Figures;

use super::column::{Unit, cached, tokens};
use super::period::Period;
use super::scope::Numbers;
use crate::components::number;

/// The total that is the largest on the page.
const FIRST: &str = "Cost";
/// The total that says nothing of one person.
const PEOPLE: &str = "Active people";
/// How many times as much is still compared in percent.
const MANY: f64 = 10.0;

/// A total.
struct Tile {
    title: &'static str,
    /// What it is, where that is no matter of course.
    note: Option<String>,
    unit: Unit,
    now: Option<f64>,
    before: Option<f64>,
}

/// The totals of a period; those of one person do not count people.
pub(super) fn tiles(numbers: &Numbers, period: &Period, currency: Currency, is_of_one: bool) -> Markup {
    let (now, before) = (Figures::from(&numbers.total), Figures::from(&numbers.before));
    let had_any = before.sessions > 0;
    html! {
        section.totals aria-label="Totals" {
            @for tile in of(&now, &before, currency).iter().filter(|tile| !is_of_one || tile.title != PEOPLE) { (one(tile, had_any, currency)) }
        }
        p.hint.compared {
            @if had_any { "Compared with the " (number::of(usize::try_from(period.days()).unwrap_or_default(), "day", "days")) " before, " (period.before().words()) "." }
            @else { "There is no activity in the " (period.days()) " days before to compare with." }
            @if currency != Currency::DOLLAR {
                " Money is shown in " (currency) ", at " (currency.per_usd()) " for a US dollar, as this organisation's settings say; clients \
                report it in US dollars, and files have it so."
            }
        }
    }
}

fn of(now: &Figures, before: &Figures, currency: Currency) -> Vec<Tile> {
    let tile = |title, unit: Unit, note: Option<String>, value: fn(&Figures) -> Option<f64>| Tile {
        title,
        note,
        unit,
        now: value(now).map(|value| unit.in_currency(value, currency)),
        before: value(before).map(|value| unit.in_currency(value, currency)),
    };
    let ratio = cached(now).map(|share| format!("{:.0} % of input tokens came from the cache", share * 100.0));
    let removed = format!("and {} removed", number::grouped(now.lines_removed));
    let automated = (now.automation_sessions > 0)
        .then(|| format!("{} of them automated", number::grouped(now.automation_sessions as i64)));
    let own = "of edits that people decided themselves";
    vec![
        tile(FIRST, Unit::Money, Some(who_says_cost(now)), |f| Some(f.cost_usd)),
        tile(PEOPLE, Unit::Count, None, |f| Some(f.active_users as f64)),
        tile("Sessions", Unit::Count, automated, |f| Some(f.sessions as f64)),
        tile("Prompts", Unit::Count, None, |f| Some(f.prompts as f64)),
        tile("Tokens", Unit::Count, ratio, |f| Some(tokens(f) as f64)),
        tile("Lines added", Unit::Count, Some(removed), |f| Some(f.lines_added as f64)),
        tile("Commits", Unit::Count, None, |f| Some(f.commits as f64)),
        tile("Pull requests", Unit::Count, None, |f| Some(f.pull_requests as f64)),
        tile("Acceptance", Unit::Share, Some(own.into()), |f| f.acceptance_rate),
        tile("Active time", Unit::Duration, Some("of people at the keyboard".into()), |f| Some(f.active_seconds_user)),
    ]
}

/// Who says what it cost, and what of it nobody says.
fn who_says_cost(figures: &Figures) -> String {
    who_says(figures.cost_basis, figures.requests_without_cost)
}

/// The same of a basis of costs, and so many requests that nobody says a cost of.
pub(super) fn who_says(basis: &str, without: i64) -> String {
    let by = match basis {
        "client" => "estimated by the client",
        "price_list" => "estimated by the list of prices",
        "mixed" => "estimated by the client, in part by the list of prices",
        _ => "nobody says any",
    };
    match without {
        0 => by.to_owned(),
        without => format!("{by}; {} requests without a known price", number::grouped(without)),
    }
}

fn one(tile: &Tile, had_any: bool, currency: Currency) -> Markup {
    let written = |value: Option<f64>| match (tile.unit, value) {
        (_, None) => "–".to_owned(),
        (Unit::Count, Some(value)) if value >= 1e6 => number::short(value),
        (unit, Some(value)) => unit.written(value, currency),
    };
    let exact = tile.now.map(|value| tile.unit.written(value, currency));
    let compared = tile.before.filter(|_| had_any);
    html! {
        div.total.first[tile.title == FIRST] {
            h2 { (tile.title) }
            p.value title=[exact] { (written(tile.now)) }
            @if let Some(before) = compared {
                p.before { (change(tile, before)) span.soft { (written(Some(before))) " before" } }
            }
            @if let Some(note) = &tile.note { p.note { (note) } }
        }
    }
}

/// How much more or less than before, in words that need no colour.
fn change(tile: &Tile, before: f64) -> Markup {
    let Some(now) = tile.now else { return html! {} };
    let (difference, unit) = match tile.unit {
        Unit::Share => ((now - before) * 100.0, "points"),
        // Many times as much is no comparison any more.
        _ if before > 0.0 && now <= before * MANY => ((now / before - 1.0) * 100.0, "%"),
        _ => return html! {},
    };
    let rounded = difference.round();
    let sign = if rounded > 0.0 {
        "+"
    } else if rounded < 0.0 {
        "\u{2212}"
    } else {
        "±"
    };
    html! { span.change { (sign) (number::grouped(rounded.abs() as i64)) " " (unit) } " · " }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::activity::ledger::Line;
    use telemetry::activity::measure::Measure;

    #[test]
    fn who_says_what_it_cost_is_said_beside_it() {
        let said = |cost: i64, priced: i64, without_cost: i64| {
            let mut line = Line { priced, without_cost, ..Line::default() };
            line.numbers.add(Measure::Cost, cost);
            who_says_cost(&Figures::from(&line))
        };
        assert_eq!(said(5, 0, 0), "estimated by the client");
        assert_eq!(said(5, 5, 0), "estimated by the list of prices");
        assert_eq!(said(5, 2, 0), "estimated by the client, in part by the list of prices");
        assert_eq!(said(0, 0, 1_200), "nobody says any; 1,200 requests without a known price");
    }
}
