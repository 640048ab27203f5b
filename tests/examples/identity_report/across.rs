//! Limits chosen by some populations and judged by others: what rules are worth where nobody tuned them.
//!
//! Which rules decide on their own and how far chance may explain what they see is chosen anew, from nothing, by what is true of one
//! community alone, and of the made-up company as well. What stays as it is: what the rules look at and how they estimate chance.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use identity::plan::{Limits, MergePlan, PlanInput, Rule, Rules, plan_within};
use tools::belief::{self, Certain, Seen, WIDEST};

use crate::company;
use crate::figures::Figures;
use crate::outcomes;
use crate::sides;
use crate::truth::Truth;

/// So great a share may be expected to be wrong of the users who are merged, and of the Git identities that become one person's.
const WRONG: f64 = 0.002;
/// What addresses and Git identities can have in common.
const PATTERNS: [Rule; 13] = [
    Rule::Login,
    Rule::FullName,
    Rule::PersonalDomain,
    Rule::SameLocalPart,
    Rule::HandleName,
    Rule::InitialAndSurname,
    Rule::CutOff,
    Rule::GivenNameAndInitial,
    Rule::FormOfGivenName,
    Rule::SameButDigits,
    Rule::SimilarHandle,
    Rule::TwoWords,
    Rule::OneWord,
];
const PEOPLE: usize = 20_000;
/// The companies that rules may be chosen by.
const CHOOSING: [u64; 5] = [1, 6, 7, 8, 9];
/// Those that only judge.
const JUDGING: [u64; 9] = [2, 3, 4, 5, 10, 11, 12, 13, 14];

/// What two Git identities can have in common that a stranger may share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum InGit {
    Name,
    Handle,
}

/// People of whom it is known who is who.
struct Population {
    name: String,
    input: PlanInput,
    truth: Truth,
}

impl Population {
    fn read(folder: &Path) -> Result<Self, csv::Error> {
        let input = PlanInput {
            claude: sides::claude_side(&folder.join("claude_side.csv"))?,
            git: sides::git_side(&folder.join("git_side.csv"))?,
            ..PlanInput::default()
        };
        Ok(Self { name: folder.display().to_string(), input, truth: Truth::read(&folder.join("truth.csv"))? })
    }

    fn made_up(seed: u64) -> Self {
        let (input, truth) = company::company(PEOPLE, seed);
        Self { name: format!("company {seed}"), input, truth }
    }

    fn plan(&self, limits: &Limits) -> MergePlan {
        plan_within(&self.input, &Rules::default(), limits)
    }

    fn figures(&self, limits: &Limits) -> Figures {
        Figures::of(&self.input, &self.plan(limits), &self.truth)
    }
}

/// Limits chosen by what is true of populations of one kind: first of what makes Git identities one person, then of what gives them to
/// users.
fn chosen_by(populations: &[Population]) -> Limits {
    let in_git = chosen_in_git(populations);
    let everything = Limits { patterns: PATTERNS.map(|rule| (rule, WIDEST)).into(), ..in_git.clone() };
    let mut certain = Certain::default();
    let mut seen = Vec::new();
    for population in populations {
        let figures = population.figures(&in_git);
        certain.right += figures.right;
        certain.wrong += figures.wrong;
        seen.extend(outcomes::of_users(&population.plan(&everything), &population.truth, &PATTERNS));
    }
    Limits { patterns: belief::limits(&PATTERNS, &seen, certain, WRONG), ..in_git }
}

fn chosen_in_git(populations: &[Population]) -> Limits {
    let nothing = Limits { patterns: BTreeMap::new(), author_name: 0.0, author_handle: 0.0 };
    let by_name = Limits { author_name: WIDEST, ..nothing.clone() };
    let by_handle = Limits { author_handle: WIDEST, ..nothing.clone() };
    let mut certain = Certain::default();
    let mut seen: Vec<Seen<InGit>> = Vec::new();
    for population in populations {
        let outcomes = |limits, what| outcomes::of_authors(&population.plan(limits), &population.truth, what);
        let (named, shared) = outcomes(&by_name, InGit::Name);
        let (handled, _) = outcomes(&by_handle, InGit::Handle);
        seen.extend(named.into_iter().chain(handled));
        certain.right += shared;
    }
    let limits = belief::limits(&[InGit::Name, InGit::Handle], &seen, certain, WRONG);
    Limits { author_name: limits[&InGit::Name], author_handle: limits[&InGit::Handle], ..nothing }
}

/// What both allow.
fn narrower(one: &Limits, other: &Limits) -> Limits {
    let both = |(rule, limit): (&Rule, &f64)| Some((*rule, limit.min(*other.patterns.get(rule)?)));
    Limits {
        patterns: one.patterns.iter().filter_map(both).collect(),
        author_name: one.author_name.min(other.author_name),
        author_handle: one.author_handle.min(other.author_handle),
    }
}

/// Chooses by each of two communities, without and with the company, judges by the other and by companies that nothing was chosen by,
/// and writes all of it down.
pub(crate) fn write(folders: [&Path; 2]) -> Result<(), Box<dyn Error>> {
    let mut terminal = std::io::stdout().lock();
    let by_company = chosen_by(&CHOOSING.map(Population::made_up));
    let companies = JUDGING.map(Population::made_up);
    for [chosen, judged] in [folders, [folders[1], folders[0]]] {
        let (chosen, judged) = (Population::read(chosen)?, Population::read(judged)?);
        let alone = chosen_by(std::slice::from_ref(&chosen));
        let both = narrower(&alone, &by_company);
        for (limits, with) in [(alone, ""), (both, " and the company")] {
            writeln!(terminal, "chosen by {}{with}: {limits:.4?}", chosen.name)?;
            write!(terminal, "there:\n{}", chosen.figures(&limits))?;
            for judge in std::iter::once(&judged).chain(&companies) {
                write!(terminal, "in {}:\n{}", judge.name, judge.figures(&limits))?;
            }
        }
    }
    Ok(())
}
