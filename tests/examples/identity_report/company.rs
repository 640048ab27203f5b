//! A made-up company in which many bear the same name: colleagues with one mail scheme, numbers where an address was taken, and
//! logins, private addresses and machines as people have them. Who is who is known.

use std::collections::HashSet;

use fastrand::Rng;
use identity::plan::PlanInput;
use identity::{ClaudeId, ClaudeIdentity, GitId, GitIdentity};
use model::time::Timestamp;

use crate::truth::Truth;

const GIVEN: usize = 1_500;
const SURNAMES: usize = 12_000;
/// Of two names drawn at random the chance that they are the same falls with these.
const GIVEN_EVENNESS: f64 = 20.0;
const SURNAME_EVENNESS: f64 = 50.0;
/// Every so many surnames one is a given name as well.
const ALSO_GIVEN: usize = 15;

/// The n-th syllables.
fn word(mut n: usize) -> String {
    const STARTS: [&str; 20] = [
        "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "ju", "da", "fe", "gi", "ho", "pu", "za", "sha", "chi",
        "tre", "kla",
    ];
    const ENDS: [&str; 9] = ["n", "r", "l", "s", "ng", "k", "", "m", "tt"];
    let mut word = String::from(STARTS[n % 20]);
    n /= 20;
    word.push_str(ENDS[n % 9]);
    n /= 9;
    word.push_str(STARTS[(n * 7 + 3) % 20]);
    n /= 20;
    if n > 0 {
        word.push_str(ENDS[n % 9]);
        word.push_str(STARTS[(n / 9 * 3 + 1) % 20]);
        n /= 180;
    }
    if n > 0 {
        word.push_str(ENDS[n % 9]);
    }
    word
}

/// A number below `n`, small ones more often, as Zipf and Mandelbrot found names to be.
fn skewed(rng: &mut Rng, n: usize, evenness: f64) -> usize {
    let span = (n as f64 + evenness) / evenness;
    ((evenness * span.powf(rng.f64()) - evenness) as usize).min(n - 1)
}

fn given(rng: &mut Rng) -> String {
    word(skewed(rng, GIVEN, GIVEN_EVENNESS) * 13 + 5)
}

fn surname(rng: &mut Rng) -> String {
    let n = skewed(rng, SURNAMES, SURNAME_EVENNESS);
    if n % ALSO_GIVEN == 7 { word(n % GIVEN * 13 + 5) } else { word(n * 29 + 11) }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

struct Someone {
    given: String,
    middle: Option<String>,
    particle: Option<&'static str>,
    surname: String,
    work: String,
    private: String,
    login: String,
}

/// The first of a text, then with 2, 3 and so on, that nobody has yet at this place.
fn first_free(taken: &mut HashSet<String>, wanted: &str, place: &str) -> String {
    let mut chosen = wanted.to_owned();
    let mut number = 2;
    while !taken.insert(format!("{chosen}@{place}")) {
        chosen = format!("{wanted}{number}");
        number += 1;
    }
    chosen
}

impl Someone {
    fn roll(rng: &mut Rng, taken: &mut HashSet<String>) -> Self {
        const PARTICLES: [&str; 4] = ["van", "de", "von", "da"];
        let (given, surname) = (given(rng), surname(rng));
        let middle = (rng.u8(..100) < 15).then(|| self::given(rng));
        let particle = (rng.u8(..100) < 4).then(|| PARTICLES[rng.usize(..4)]);
        let last = format!("{}{surname}", particle.unwrap_or_default());
        let (local, domain) = match rng.u8(..10) {
            0..5 => (format!("{given}.{last}"), "example.com"),
            5..7 => (format!("{}{last}", &given[..1]).chars().take(8).collect(), "corp.example.net"),
            7 => (format!("{}{last}", &given[..1]), "example.com"),
            8 => (format!("{given}.{last}"), "acquired.example.org"),
            _ => (format!("{given}{}", &last[..1]), "acquired.example.org"),
        };
        let work = format!("{}@{domain}", first_free(taken, &local, domain));
        let provider = ["gmail.com", "outlook.com", "qq.com", "proton.me"][rng.usize(..4)];
        let private = format!("{}@{provider}", Self::handle(&given, &last, rng, taken, provider));
        let login = Self::handle(&given, &last, rng, taken, "host");
        Self { given, middle, particle, surname, work, private, login }
    }

    fn handle(given: &str, last: &str, rng: &mut Rng, taken: &mut HashSet<String>, place: &str) -> String {
        let wanted = match rng.u8(..12) {
            0..3 => format!("{given}{last}"),
            3..5 => format!("{}{last}", &given[..1]),
            5 => given.to_owned(),
            6 => last.to_owned(),
            7 => format!("{last}{given}"),
            8 => format!("{given}{}", &last[..1]),
            9 => format!("{given}{}", rng.u8(60..)),
            10 => format!("{given}.{last}{}", rng.u8(60..)),
            _ => word(rng.usize(..400_000) + 9_000),
        };
        first_free(taken, &wanted, place)
    }

    fn last(&self) -> String {
        let surname = capital(&self.surname);
        self.particle.map_or_else(|| surname.clone(), |particle| format!("{particle} {surname}"))
    }

    fn name(&self, rng: &mut Rng) -> String {
        let (given, last) = (capital(&self.given), self.last());
        match (rng.u8(..20), &self.middle) {
            (0, _) => format!("{last} {given}"),
            (1, _) => format!("{last}, {given}"),
            (2..8, Some(middle)) => format!("{given} {} {last}", capital(middle)),
            (8..12, Some(middle)) => format!("{given} {}. {last}", capital(&middle[..1])),
            (12, _) => format!("{given}{last}"),
            (13, _) => given,
            (14, _) => self.login.clone(),
            _ => format!("{given} {last}"),
        }
    }

    /// What Git shows of them: one to four pairs of name and address.
    fn authors(&self, rng: &mut Rng) -> Vec<(String, String, Option<String>)> {
        let mut authors = Vec::new();
        let login = (rng.u8(..100) < 25).then(|| self.login.clone());
        if rng.u8(..100) < 85 {
            authors.push((self.name(rng), self.work.clone(), login));
        }
        if rng.u8(..100) < 35 {
            authors.push((self.name(rng), self.private.clone(), None));
        }
        if rng.u8(..100) < 25 {
            let number: u32 = rng.u32(1_000_000..90_000_000);
            let address = format!("{number}+{}@users.noreply.github.com", self.login);
            authors.push((if rng.bool() { self.login.clone() } else { self.name(rng) }, address, None));
        }
        if rng.u8(..100) < 5 {
            authors.push((self.name(rng), format!("{}@laptop.local", self.given), None));
        }
        authors
    }

    /// The address telemetry shows of them, if any.
    fn address(&self, rng: &mut Rng) -> Option<String> {
        let (local, domain) = self.work.split_once('@')?;
        match rng.u8(..100) {
            0..2 => None,
            2..12 => Some(self.private.clone()),
            12..25 => Some(format!("{local}@renamed.{domain}")),
            25..32 => Some(format!("{}.{}@example.edu", self.given, self.surname)),
            32..36 => Some(format!("{}{}@example.edu", &self.given[..1], self.surname)),
            _ => Some(self.work.clone()),
        }
    }
}

/// So many people, of whom most are in Git and most use Claude, and who is who among them.
pub(crate) fn company(people: usize, seed: u64) -> (PlanInput, Truth) {
    let (mut rng, mut taken) = (Rng::with_seed(seed), HashSet::new());
    let (mut input, mut truth) = (PlanInput::default(), Truth::default());
    let mut claude_addresses = HashSet::new();
    for number in 0..people {
        let someone = Someone::roll(&mut rng, &mut taken);
        let person = number.to_string();
        let authors = if rng.u8(..100) < 70 { someone.authors(&mut rng) } else { Vec::new() };
        if rng.u8(..100) < 80 {
            let address = someone.address(&mut rng).filter(|a| claude_addresses.insert(a.clone()));
            let class = match &address {
                None => "opaque",
                Some(_) if authors.is_empty() => "none",
                Some(a) if authors.iter().any(|(_, email, _)| email == a) => "exact",
                Some(_) => "hard",
            };
            let id = format!("c{number:06}");
            truth.add(&id, &person, class, "");
            input.claude.push(ClaudeIdentity {
                id: ClaudeId(id),
                emails: address.into_iter().collect(),
                accounts: Vec::new(),
                clients: vec![format!("client-{number}")],
                first_seen: Timestamp(number as i64),
            });
        }
        for (name, email, login) in authors {
            let id = format!("g{:06}", input.git.len());
            truth.add(&id, &person, "labelled", "");
            input.git.push(GitIdentity { id: GitId(id), name, email, login, emails: Vec::new() });
        }
    }
    (input, truth)
}
