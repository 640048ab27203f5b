//! What a line is about, as people name it, and the filter that leads to it.

use maud::{Markup, html};
use service::people::directory::Directory;
use service::people::view::PersonView;
use service::report::filters::WITHOUT;
use telemetry::activity::dimensions::Label;

use super::scope::Scope;
use crate::components::link;
use crate::components::text::{cut, name};

/// Who or what a line is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Name {
    /// As it is shown.
    pub(super) text: String,
    /// What a file says beside it: the address and the id of a person.
    pub(super) more: Vec<String>,
    /// Whether it is what does not say it.
    pub(super) is_unsaid: bool,
    /// Whether it is somebody nobody knows.
    pub(super) is_unknown: bool,
    /// Whether it is of something that went wrong.
    pub(super) is_bad: bool,
    /// Where it leads to.
    pub(super) href: Option<String>,
    /// The names that it is made of, each with where it leads to, if they are several: [`SEPARATOR`] stands between them.
    pub(super) parts: Vec<(String, Option<String>)>,
}

/// What stands between names that are one together.
pub(super) const SEPARATOR: &str = " · ";

impl Name {
    /// A text that leads nowhere.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A name that is made of several.
    pub(super) fn of_parts(parts: Vec<(String, Option<String>)>) -> Self {
        let texts: Vec<&str> = parts.iter().map(|(text, _)| text.as_str()).collect();
        Self { text: texts.join(SEPARATOR), parts, ..Self::default() }
    }

    /// The name of a label, which leads to its numbers alone on this page.
    pub(super) fn of(by: &str, key: &Label, scope: &Scope<'_>, directory: &Directory) -> Self {
        let named = Self::without_link(by, key, directory);
        // A comma stands between the values of a filter, and one word for what has none.
        let value = match key.as_deref() {
            None => Some(WITHOUT),
            Some(key) if by == "user" || is_askable(key) => Some(key),
            Some(_) => None,
        };
        Self { href: value.map(|value| scope.with(by, value).kept()), ..named }
    }

    /// The same, leading nowhere.
    pub(super) fn without_link(by: &str, key: &Label, directory: &Directory) -> Self {
        let Some(key) = key.as_deref() else {
            return Self { text: unsaid(by).into(), is_unsaid: true, ..Self::default() };
        };
        if by != "user" {
            return Self::plain(key);
        }
        let PersonView { id, email, name } = PersonView::of(directory, key);
        let more = vec![email.clone().unwrap_or_default(), id.clone()];
        match name.or(email) {
            Some(text) => Self { text, more, ..Self::default() },
            None => {
                let known = directory.find(key).and_then(|person| person.label.clone());
                Self { text: cut(&known.unwrap_or(id)), more, is_unknown: true, ..Self::default() }
            }
        }
    }

    /// The name on a page.
    pub(super) fn shown(&self) -> Markup {
        let text = html! { @if self.is_unsaid { span.never { (self.text) } } @else { (name(&self.text)) } };
        html! {
            @if self.parts.is_empty() { (linked(self.href.as_deref(), &text)) }
            @for (at, (text, href)) in self.parts.iter().enumerate() {
                @if at > 0 { (SEPARATOR) }
                (linked(href.as_deref(), &name(text)))
            }
            @if self.is_unknown { small { "unattributed" } }
        }
    }

    /// Whether a text in small letters stands in it, or in what files say beside it.
    pub(super) fn has(&self, wanted: &str) -> bool {
        let has = |text: &String| text.to_lowercase().contains(wanted);
        wanted.is_empty() || has(&self.text) || self.more.iter().any(has)
    }

    /// The name in so many cells of a file. What does not say it has none.
    pub(super) fn cells(&self, count: usize) -> Vec<String> {
        let text = if self.is_unsaid { String::new() } else { self.text.clone() };
        std::iter::once(text)
            .chain(self.more.iter().cloned())
            .chain(std::iter::repeat(String::new()))
            .take(count)
            .collect()
    }
}

/// A text that leads somewhere, if it does.
pub(crate) fn linked(href: Option<&str>, text: &Markup) -> Markup {
    html! { @match href { Some(href) => a href=(href) { (text) }, None => (text) } }
}

/// Where the numbers of a label alone are, of the usual days; nowhere, if no filter can ask for it.
pub(crate) fn numbers(org: &str, by: &str, label: &str) -> Option<String> {
    is_askable(label).then(|| link::with(&format!("/orgs/{org}/analytics"), [(by, label)]))
}

/// Whether a filter can ask for a label.
pub(super) fn is_askable(label: &str) -> bool {
    !label.contains(',') && label != WITHOUT && label.trim() == label && !label.is_empty()
}

/// What stands for those that do not say it.
fn unsaid(by: &str) -> &'static str {
    match by {
        "team" => "no team",
        "repository" => "no repository",
        "model" => "no model",
        "version" => "no version",
        "language" => "no language",
        _ => "not reported",
    }
}
