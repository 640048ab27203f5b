//! Merging by hand: who is one person, and whose name and id the person keeps.

use maud::{Markup, html};
use service::merging::decide::MergeRequest;
use service::report::users::UserView;
use service::report::users::list::several;

use super::{back, decisions, heading, labels, path};
use crate::components::form;
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// Most people of one merge, the primary among them.
const MOST: usize = 51;

/// Asks for the primary, and for others who are the same.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let mut wanted: Vec<&str> = Vec::new();
    for (_, text) in context.query.pairs().filter(|(name, text)| *name == "pick" && !text.trim().is_empty()) {
        if !wanted.contains(&text.trim()) && wanted.len() < MOST {
            wanted.push(text.trim());
        }
    }
    let looked_up = several(context.store(), &context.organisation()?.uid, &wanted).await?;
    let mut chosen: Vec<&UserView> = Vec::new();
    for user in looked_up.iter().flatten() {
        if chosen.iter().all(|known| known.id != user.id) {
            chosen.push(user);
        }
    }
    let unknown = wanted.iter().zip(&looked_up).filter(|(_, found)| found.is_none()).map(|(text, _)| *text);
    let content = html! {
        (heading(context, "merge")?)
        @for text in unknown {
            div.notice.bad role="alert" {
                p { "Nobody here has the id or e-mail address " (labels::name(&text.chars().take(120).collect::<String>())) "." }
            }
        }
        (others(context, &chosen)?)
        @if chosen.len() > 1 { (decision(context, &chosen)?) }
    };
    Ok(layout::page(context, "Merge by hand", content))
}

fn others(context: &PageContext<'_>, chosen: &[&UserView]) -> Result<Markup, Refusal> {
    Ok(html! {
        form.card action=(path(context, "/merge")?) {
            h2 { @if chosen.len() > 1 { "Add somebody else" } @else { "Who else is it?" } }
            @for user in chosen { input type="hidden" name="pick" value=(user.id); }
            @if let [only] = chosen { p { (labels::name(&labels::title(only))) " is the same person as" } }
            div.ask {
                label.hidden for="pick" { "E-mail address or id" }
                input #pick name="pick" required maxlength="254" placeholder="E-mail address or id" autocomplete="off" autocapitalize="none";
                button type="submit" { "Add" }
            }
            p.hint { "Or choose several in the " a href=(path(context, "")?) { "list of people" } "." }
        }
    })
}

fn decision(context: &PageContext<'_>, chosen: &[&UserView]) -> Result<Markup, Refusal> {
    // Whoever has the most on both sides is the likeliest to be meant.
    let weight = |user: &&&UserView| (user.email.is_some(), user.claude.len(), user.git.len());
    let likeliest = chosen.iter().rev().max_by_key(weight).map(|user| user.id.as_str());
    Ok(html! {
        form.card method="post" action=(path(context, "/merges")?) {
            (form::token(&context.session))
            fieldset {
                legend { "Merge into" }
                p.hint { "The person keeps the id, name and address of the one chosen here. Past activity moves too. Undo separates them." }
                @for (at, user) in chosen.iter().enumerate() {
                    input type="hidden" name="pick" value=(user.id);
                    div.choice.person {
                        input id={ "primary-" (at) } type="radio" name="primary" value=(user.id) required
                            checked[likeliest == Some(user.id.as_str())];
                        label for={ "primary-" (at) } {
                            (labels::name(&labels::title(user))) " " (labels::state(user))
                            small { (labels::subtitle(user)) }
                        }
                    }
                }
            }
            p.actions { button.primary type="submit" { "Merge these " (chosen.len()) } a.button href=(path(context, "")?) { "Cancel" } }
        }
    })
}

/// Merges.
pub(crate) async fn merge(context: &PageContext<'_>) -> Answer {
    let primary = context.form.get("primary").unwrap_or_default().to_owned();
    let picked = context.form.pairs().filter(|(name, _)| *name == "pick").map(|(_, id)| id.to_owned());
    let request = MergeRequest { others: picked.filter(|id| *id != primary).collect(), primary };
    let said = decisions(context)?.merge(&request).await.map(|record| match record {
        Some(record) => format!("Merged into {}.", record.name.or(record.email).unwrap_or(record.person)),
        None => "Decided. The next merge puts them together, unless they are one person already.".into(),
    });
    back(context, &path(context, "/merges")?, said)
}
