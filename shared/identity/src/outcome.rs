//! The finished plan: people, what differs from the people as they stood, and what is proposed.

use std::collections::{BTreeMap, HashMap};

use super::authors::Author;
use super::draft::Draft;
use super::reason::{self, Reason};
use super::rule::{Rule, Rules};
use super::score::{self, Candidate};
use super::terms::{Merge, MergePlan, Release, SuggestedGit, Suggestion};
use super::{GitId, IdentityRef, Person};
use model::order;

/// How many authors of a person are looked at to say what one of them shares with the others.
const LOOKED_AT: usize = 32;

/// Builds the plan from a finished draft.
pub(super) fn build(
    mut draft: Draft<'_>,
    chosen: &[u32],
    open: &[(u32, Vec<Candidate>)],
    standing: &[Person],
    rules: &Rules,
) -> MergePlan {
    let members = members(&draft);
    let primaries = primaries(&draft, &members, chosen);
    let mut conflicts = std::mem::take(&mut draft.conflicts);
    order::sort_by(&mut conflicts, Ord::cmp);
    conflicts.dedup();
    let owner = owners(&draft, standing);
    let (merges, releases) = changes(&draft, &members, &primaries, &owner);
    // What follows needs nobody's addresses, names and logins any more: of many people they take the most memory.
    (draft.users, draft.authors, draft.why) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut suggestions: Vec<Suggestion> = open
        .iter()
        .filter_map(|(claimant, candidates)| {
            let user = draft.identity(*primaries.get(&draft.clusters.root(*claimant))?);
            let candidates =
                candidates.iter().take(rules.candidates).map(|c| suggested(&draft, &members, c, candidates)).collect();
            Some(Suggestion { user, candidates })
        })
        .collect();
    order::sort_by(&mut suggestions, |a, b| a.user.cmp(&b.user));
    let mut persons: Vec<Person> =
        members.iter().map(|(root, members)| person(&draft, primaries[root], members)).collect();
    order::sort_by(&mut persons, Ord::cmp);
    MergePlan { persons, merges, releases, suggestions, conflicts }
}

/// The members of each set, ascending.
fn members(draft: &Draft<'_>) -> HashMap<u32, Vec<u32>> {
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for member in 0..(draft.claude.len() + draft.git.len()) as u32 {
        members.entry(draft.clusters.root(member)).or_default().push(member);
    }
    members
}

/// Who gives each person its id: an admin's choice, else the Claude identity seen first, else the smallest id.
fn primaries(draft: &Draft<'_>, members: &HashMap<u32, Vec<u32>>, chosen: &[u32]) -> HashMap<u32, u32> {
    let first_seen = |member: u32| draft.claude.get(member as usize).map(|claude| claude.first_seen);
    let mut primaries: HashMap<u32, u32> = HashMap::with_capacity(members.len());
    for &primary in chosen {
        primaries.entry(draft.clusters.root(primary)).or_insert(primary);
    }
    for (&root, members) in members {
        let oldest = members.iter().copied().min_by_key(|&m| (m as usize >= draft.claude.len(), first_seen(m), m));
        primaries.entry(root).or_insert(oldest.unwrap_or(root));
    }
    primaries
}

fn person(draft: &Draft<'_>, primary: u32, members: &[u32]) -> Person {
    let mut person = Person { primary: draft.identity(primary), claude: Vec::new(), git: Vec::new() };
    for &member in members {
        match draft.identity(member) {
            IdentityRef::Claude(id) => person.claude.push(id),
            IdentityRef::Git(id) => person.git.push(id),
        }
    }
    person
}

/// Whose each member was, for members and owners that still exist. If two people claim one, the smaller has it.
fn owners(draft: &Draft<'_>, standing: &[Person]) -> HashMap<u32, u32> {
    let mut owner: HashMap<u32, u32> = HashMap::new();
    for person in standing {
        let Some(primary) = draft.place(&person.primary) else {
            continue;
        };
        let claude = person.claude.iter().cloned().map(IdentityRef::Claude);
        let git = person.git.iter().cloned().map(IdentityRef::Git);
        for member in claude.chain(git).filter_map(|identity| draft.place(&identity)) {
            let known = owner.entry(member).or_insert(primary);
            *known = primary.min(*known);
        }
    }
    owner
}

fn changes(
    draft: &Draft<'_>,
    members: &HashMap<u32, Vec<u32>>,
    primaries: &HashMap<u32, u32>,
    owner: &HashMap<u32, u32>,
) -> (Vec<Merge>, Vec<Release>) {
    let (mut merges, mut releases) = (Vec::new(), Vec::new());
    for member in 0..(draft.claude.len() + draft.git.len()) as u32 {
        let root = draft.clusters.root(member);
        let primary = primaries[&root];
        let was = owner.get(&member).copied();
        if member != primary && was != Some(primary) {
            merges.push(Merge {
                primary: draft.identity(primary),
                joined: draft.identity(member),
                reason: why(draft, member, primary, &members[&root]),
            });
        }
        if let Some(was) = was.filter(|&was| was != member && draft.clusters.root(was) != root) {
            releases.push(Release { primary: draft.identity(was), released: draft.identity(member) });
        }
    }
    (merges, releases)
}

/// Why a member belongs to its person.
fn why(draft: &Draft<'_>, member: u32, primary: u32, members: &[u32]) -> Reason {
    if let Some(reason) = draft.why.get(&member) {
        return reason.clone();
    }
    let users = draft.claude.len();
    let Some(own) = (member as usize).checked_sub(users).map(|at| &draft.authors[at]) else {
        // A Claude identity without a reason of its own came with the Git person that another one brought.
        return draft.why.get(&primary).cloned().unwrap_or_else(|| same_author("same person in Git", 1.0, None));
    };
    let authors = &members[members.partition_point(|&m| (m as usize) < users)..];
    let others = || authors.iter().copied().filter(|&m| m != member).take(LOOKED_AT);
    for (shares, what) in CERTAIN {
        if let Some(other) = others().find(|&m| shares(own, &draft.authors[m as usize - users])) {
            let text = format!("same {what} as {}", reason::shown(draft.git[other as usize - users]));
            return same_author(&text, 1.0, Some(draft.identity(other)));
        }
    }
    let score = draft.chances.get(&member).map_or(1.0, |&chance| score::odds(chance));
    let has_name_of = |m: &u32| {
        own.name.key(false).is_some_and(|key| draft.authors[*m as usize - users].name.key(false) == Some(key))
    };
    match others().find(has_name_of) {
        Some(other) => {
            let text =
                format!("same uncommon full name in Git as {}", reason::shown(draft.git[other as usize - users]));
            same_author(&text, score, Some(draft.identity(other)))
        }
        None => same_author(
            "same handle or name as others of this person in Git",
            score,
            others().next().map(|m| draft.identity(m)),
        ),
    }
}

type Shares = fn(&Author, &Author) -> bool;

const CERTAIN: [(Shares, &str); 3] = [
    (|a, b| a.emails.iter().any(|e| b.emails.iter().any(|f| e.key == f.key)), "Git e-mail"),
    (|a, b| a.logins.iter().any(|l| b.logins.contains(l)), "Git login"),
    (|a, b| a.accounts.iter().any(|l| b.accounts.contains(l)), "account at the Git host"),
];

fn same_author(text: &str, score: f64, evidence: Option<IdentityRef>) -> Reason {
    Reason { rule: Rule::SameAuthor, text: text.to_owned(), score, evidence }
}

fn suggested(
    draft: &Draft<'_>,
    members: &HashMap<u32, Vec<u32>>,
    candidate: &Candidate,
    all: &[Candidate],
) -> SuggestedGit {
    let author = candidate.author as usize;
    let root = draft.clusters.root((draft.claude.len() + author) as u32);
    let git: Vec<GitId> = members[&root]
        .iter()
        .filter_map(|&m| (m as usize).checked_sub(draft.claude.len()))
        .map(|at| draft.git[at].id.clone())
        .collect();
    let alone = all.iter().all(|c| c.group == candidate.group || c.chance > candidate.chance * 2.0);
    let text = reason::sentence(candidate.rule, draft.git[author], alone);
    let evidence = Some(IdentityRef::Git(draft.git[author].id.clone()));
    SuggestedGit { git, reason: Reason { rule: candidate.rule, text, score: candidate.score(), evidence } }
}
