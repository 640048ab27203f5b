//! The people themselves: who began, stayed, came back and left, and who has older settings or an older version.

use maud::{Markup, html};
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::order;
use service::people::directory::Directory;
use service::report::adoption::{Adoption, Became, Member, Who};

use super::super::naming::Name;
use super::super::scope::Scope;
use super::super::table::{Row, Table};
use crate::components::number;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// The table, as addresses name it.
pub(super) const TABLE: &str = "persons";

/// The address of the list of those people alone; of everybody if it says nobody.
pub(super) fn address(scope: &Scope<'_>, who: Option<Who>) -> String {
    Scope { who, find: "", ..scope.clone() }.alone(TABLE, "", false, 1)
}

/// The table of those whom the address asks for, who lapsed first.
pub(super) fn table(
    context: &PageContext<'_>,
    adoption: &Adoption,
    scope: &Scope<'_>,
    directory: &Directory,
) -> Result<Table, Refusal> {
    let organisation = context.organisation()?;
    let (calendar, kept) = (Calendar::of(organisation), scope.kept_of_person());
    let row = |member: &Member| {
        let href = Some(format!("/orgs/{}/users/{}{kept}", organisation.org, member.id));
        let version = member.version.as_deref().map(Into::into);
        let day = member.last_seen.map(|seen| calendar.date(Bucket::of(seen)).to_string());
        Row {
            name: Name { href, ..Name::without_link("user", &Some(member.id.clone()), directory) },
            beside: vec![
                Name {
                    href: Some(address(scope, Some(Who::Became(member.became)))),
                    ..Name::plain(member.became.name())
                },
                said(member.settings.map(|generation| generation.to_string())),
                Name { text: said(member.version.clone()).text, ..Name::of("version", &version, scope, directory) },
                said(behind(member).map(str::to_owned)),
                said(day),
            ],
            cells: Vec::new(),
        }
    };
    let members = adoption.members.iter().filter(|member| scope.who.is_none_or(|who| who.has(member)));
    let mut rows: Vec<(Became, Row)> = members.map(|member| (member.became, row(member))).collect();
    order::sort_by_key(&mut rows, |(became, row)| (*became, row.name.text.to_lowercase()));
    Ok(Table {
        id: TABLE,
        title: title(scope.who).into(),
        about: ["Person", "E-mail", "Id"].map(str::to_owned).to_vec(),
        beside: vec!["State", "Settings", "Version", "Older", "Last seen"],
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        empty: "Nobody in these days.".into(),
        note: Some(
            "Everybody who was active in these days or in those before. Settings and version are what came from them last.",
        ),
        ..Table::default()
    })
}

/// Ways to those of one kind alone, as many as there are of each.
pub(super) fn choices(adoption: &Adoption, scope: &Scope<'_>) -> Markup {
    let all = std::iter::once(None).chain(Who::ALL.map(Some));
    let counted = all.map(|who| {
        let is_of = |member: &&Member| who.is_none_or(|who: Who| who.has(member));
        (who, adoption.members.iter().filter(is_of).count())
    });
    html! {
        nav.choices.who aria-label="People" {
            @for (who, count) in counted.filter(|(who, count)| *count > 0 || *who == scope.who) {
                a href=(address(scope, who)) aria-current=[(who == scope.who).then_some("true")] {
                    (name(who)) " " span.count { (number::grouped(count as u64)) }
                }
            }
        }
    }
}

fn said(text: Option<String>) -> Name {
    let is_unsaid = text.is_none();
    Name { text: text.unwrap_or_else(|| "–".into()), is_unsaid, ..Name::default() }
}

/// What of somebody is not the newest.
fn behind(member: &Member) -> Option<&'static str> {
    match (member.has_older_settings, member.has_older_version) {
        (true, true) => Some("settings and version"),
        (true, false) => Some("settings"),
        (false, true) => Some("version"),
        (false, false) => None,
    }
}

fn name(who: Option<Who>) -> &'static str {
    match who {
        None => "All",
        Some(Who::Became(Became::New)) => "New",
        Some(Who::Became(Became::Retained)) => "Retained",
        Some(Who::Became(Became::Returned)) => "Returned",
        Some(Who::Became(Became::Lapsed)) => "Lapsed",
        Some(Who::OlderSettings) => "Older settings",
        Some(Who::OlderVersion) => "Older version",
    }
}

fn title(who: Option<Who>) -> &'static str {
    match who {
        None => "People",
        Some(Who::Became(Became::New)) => "New people",
        Some(Who::Became(Became::Retained)) => "Retained people",
        Some(Who::Became(Became::Returned)) => "People who returned",
        Some(Who::Became(Became::Lapsed)) => "People who lapsed",
        Some(Who::OlderSettings) => "People without the latest settings",
        Some(Who::OlderVersion) => "People without the newest version",
    }
}
