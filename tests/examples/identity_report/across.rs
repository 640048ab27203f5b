//! Limits chosen by one population alone and judged by another: what rules are worth where nobody tuned them.
//!
//! Which rules decide on their own and how far chance may explain what they see is chosen anew, from nothing, by what is true of one
//! population. What stays as it is: what the rules look at and how they estimate chance.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use identity::plan::{Limits, PlanInput, Rule, Rules, plan_within};

use crate::figures::Figures;
use crate::sides;
use crate::truth::Truth;

/// What is demanded of those whom one rule merges.
const PRECISION: f64 = 0.998;
/// What their precision must be at least, with 95 % confidence: of few that are all right nothing follows.
const CONFIDENT: f64 = 0.9;
/// The deviation that 95 % of a normal distribution lie within.
const DEVIATION: f64 = 1.96;
/// The limits to choose from, in strangers.
const LIMITS: [f64; 14] = [0.001, 0.002, 0.005, 0.01, 0.0125, 0.02, 0.03, 0.04, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];
/// What addresses and Git identities can have in common, the strongest first.
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

/// People of whom it is known who is who.
struct Population {
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
        Ok(Self { input, truth: Truth::read(&folder.join("truth.csv"))? })
    }

    fn figures(&self, limits: &Limits) -> Figures {
        Figures::of(&self.input, &plan_within(&self.input, &Rules::default(), limits), &self.truth)
    }

    /// Limits chosen by these people: first of what makes authors one person, then rule by rule.
    fn limits(&self) -> Limits {
        let mut limits = Limits { patterns: BTreeMap::new(), author_name: 0.0, author_handle: 0.0 };
        let pairs = |figures: &Figures| [figures.pairs.right, figures.pairs.said - figures.pairs.right];
        let users = |figures: &Figures| [figures.right, figures.wrong];
        self.widen(&mut limits, pairs, |limits, limit| limits.author_name = limit.unwrap_or_default());
        self.widen(&mut limits, pairs, |limits, limit| limits.author_handle = limit.unwrap_or_default());
        for rule in PATTERNS {
            self.widen(&mut limits, users, |limits, limit| match limit {
                Some(limit) => _ = limits.patterns.insert(rule, limit),
                None => _ = limits.patterns.remove(&rule),
            });
        }
        limits
    }

    /// Sets one limit to the widest at which what it adds is right often enough, and that adds something to what a narrower one does;
    /// to none if that is too little to be sure of. `counts` are the right ones and the wrong ones.
    fn widen(
        &self,
        limits: &mut Limits,
        counts: impl Fn(&Figures) -> [u32; 2],
        set: impl Fn(&mut Limits, Option<f64>),
    ) {
        let before = counts(&self.figures(limits));
        let (mut widest, mut added) = (None, [0, 0]);
        for limit in LIMITS {
            set(limits, Some(limit));
            let with = counts(&self.figures(limits));
            let now = [with[0].saturating_sub(before[0]), with[1].saturating_sub(before[1])];
            if now[0] <= added[0] && now[1] <= added[1] {
                continue;
            }
            if share(now) < PRECISION {
                break;
            }
            (widest, added) = (Some(limit), now);
        }
        set(limits, widest.filter(|_| at_least(added) >= CONFIDENT));
    }
}

/// The share of the right ones.
fn share([right, wrong]: [u32; 2]) -> f64 {
    f64::from(right) / f64::from(right + wrong).max(1.0)
}

/// What the share of the right ones is at least, by so many: the lower end of Wilson's interval (1927).
fn at_least(counts: [u32; 2]) -> f64 {
    let (n, p, z) = (f64::from(counts[0] + counts[1]), share(counts), DEVIATION);
    if n == 0.0 {
        return 0.0;
    }
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    (p + z * z / (2.0 * n) - spread) / (1.0 + z * z / n)
}

/// Chooses by each of two populations and judges by the other, and writes both down.
pub(crate) fn write(folders: [&Path; 2]) -> Result<(), Box<dyn Error>> {
    let [one, other] = folders.map(Population::read);
    let (one, other) = (one?, other?);
    let mut terminal = std::io::stdout().lock();
    for (chosen, judged, names) in [(&one, &other, folders), (&other, &one, [folders[1], folders[0]])] {
        let limits = chosen.limits();
        writeln!(terminal, "chosen by {}: {limits:?}", names[0].display())?;
        write!(terminal, "there:\n{}", chosen.figures(&limits))?;
        write!(terminal, "in {}:\n{}", names[1].display(), judged.figures(&limits))?;
    }
    Ok(())
}
