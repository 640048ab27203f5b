//! Made-up people: names, addresses and author names as companies have them.

use identity::plan::PlanInput;
use identity::{ClaudeId, ClaudeIdentity, GitId, GitIdentity};
use model::time::Timestamp;

/// A small generator of the kind of Knuth's MMIX: the same population every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    /// Small numbers far more often than large ones, as names are.
    fn skewed(&mut self, n: usize) -> usize {
        let u = (self.below(1 << 20) + 1) as f64 / f64::from(1 << 20);
        ((n as f64).powf(u) as usize).saturating_sub(1).min(n - 1)
    }
}

/// The n-th word, each of at least two syllables.
fn word(mut n: usize) -> String {
    const STARTS: [&str; 16] =
        ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "ju", "da", "fe", "gi", "ho", "pu", "za"];
    const ENDS: [&str; 8] = ["n", "r", "l", "s", "ng", "k", "", "m"];
    let mut word = String::new();
    for _ in 0..2 {
        word.push_str(STARTS[n % 16]);
        n /= 16;
    }
    while n > 0 {
        word.push_str(ENDS[n % 8]);
        n /= 8;
        if n > 0 {
            word.push_str(STARTS[n % 16]);
            n /= 16;
        }
    }
    word
}

struct Someone {
    given: String,
    surname: String,
    company: usize,
    number: usize,
}

impl Someone {
    fn roll(dice: &mut Dice, number: usize) -> Self {
        Self {
            given: word(dice.skewed(4_000)),
            surname: word(dice.skewed(60_000) + 7),
            company: dice.skewed(500),
            number,
        }
    }

    fn email(&self, style: usize) -> String {
        let (given, surname) = (&self.given, &self.surname);
        let company = word(self.company);
        match style {
            0 => format!("{given}.{surname}{}@{company}.com", self.number % 7),
            1 => format!("{}{surname}@{company}.com", &given[..1]),
            2 => format!("{given}{surname}{}@gmail.com", self.number % 100),
            3 => format!("{surname}.{given}@{company}.org"),
            4 => format!("{given}@{surname}{}.net", self.number),
            _ => format!("{}{}@qq.com", word(self.number * 31 + 977), self.number % 10),
        }
    }

    fn git(&self, dice: &mut Dice, id: usize) -> GitIdentity {
        let name = match dice.below(10) {
            0 => format!("{}{}", self.given, self.surname),
            1 => self.given.clone(),
            _ => format!("{} {}", self.given, self.surname),
        };
        let login = (dice.below(4) == 0).then(|| format!("{}{}{}", self.given, self.surname, self.number));
        GitIdentity {
            id: GitId(format!("g{id:06}")),
            name,
            email: self.email(dice.below(6)),
            login,
            emails: Vec::new(),
        }
    }

    fn claude(&self, dice: &mut Dice) -> ClaudeIdentity {
        let emails = if dice.below(30) == 0 { Vec::new() } else { vec![self.email(dice.below(6))] };
        ClaudeIdentity {
            id: ClaudeId(format!("c{:06}", self.number)),
            emails,
            accounts: Vec::new(),
            clients: vec![format!("client-{}", self.number)],
            first_seen: Timestamp(self.number as i64),
        }
    }
}

/// So many identities of each side, the same every time.
pub(crate) fn population(claude: usize, git: usize) -> PlanInput {
    let mut dice = Dice(7);
    let mut input = PlanInput::default();
    let mut number = 0;
    while input.git.len() < git || input.claude.len() < claude {
        let someone = Someone::roll(&mut dice, number);
        number += 1;
        for _ in 0..=dice.below(3) {
            if input.git.len() < git && dice.below(8) > 0 {
                let id = input.git.len();
                input.git.push(someone.git(&mut dice, id));
            }
        }
        if input.claude.len() < claude {
            input.claude.push(someone.claude(&mut dice));
        }
    }
    input
}
