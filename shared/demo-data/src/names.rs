//! Names of people, teams and repositories.

use crate::models::{HAIKU, Model, OPUS, SONNET};

/// A team.
#[derive(Debug)]
pub struct Team {
    /// The attribute `team`.
    pub name: &'static str,
    /// Whether its models run on Bedrock, which knows no e-mail addresses.
    pub bedrock: bool,
    /// The repositories it works on.
    pub repositories: &'static [&'static str],
    /// The models it uses, and how often.
    pub models: &'static [(Model, u32)],
    /// The language it writes.
    pub language: &'static str,
}

/// Whose repositories they are.
pub const OWNER: &str = "example";

/// Every team.
pub const TEAMS: [Team; 5] = [
    Team {
        name: "checkout",
        bedrock: false,
        repositories: &["shop-web", "payments"],
        models: &[(OPUS, 5), (SONNET, 4)],
        language: "TypeScript",
    },
    Team {
        name: "mobile",
        bedrock: false,
        repositories: &["app-ios", "app-android"],
        models: &[(SONNET, 6), (OPUS, 2)],
        language: "Kotlin",
    },
    Team {
        name: "data",
        bedrock: false,
        repositories: &["pipelines", "forecasts", "notebooks"],
        models: &[(SONNET, 5), (HAIKU, 2)],
        language: "Python",
    },
    Team {
        name: "core",
        bedrock: false,
        repositories: &["ledger", "gateway"],
        models: &[(OPUS, 8), (SONNET, 1)],
        language: "Rust",
    },
    Team {
        name: "platform",
        bedrock: true,
        repositories: &["infrastructure", "deploy-tools"],
        models: &[(SONNET, 4), (OPUS, 3)],
        language: "Go",
    },
];

/// Every person: name, team, time zone. The last three have left.
pub const NAMES: [(&str, usize, &str); 43] = [
    ("Amara Osei", 0, "Europe/London"),
    ("Bastian Kolbe", 0, "Europe/Berlin"),
    ("Carmen Ibarra", 0, "Europe/Madrid"),
    ("Dmitri Volkanov", 0, "Europe/Berlin"),
    ("Elif Sarayoglu", 0, "Europe/Istanbul"),
    ("Farid Nazemi", 0, "Europe/Berlin"),
    ("Greta Lindqvist", 0, "Europe/Stockholm"),
    ("Hiro Tanabashi", 0, "Asia/Tokyo"),
    ("Ingrid Halvorsrud", 1, "Europe/Oslo"),
    ("Jonas Wiechert", 1, "Europe/Berlin"),
    ("Kavya Raghunath", 1, "Asia/Kolkata"),
    ("Liam Corrigane", 1, "Europe/Dublin"),
    ("Mireille Aubertin", 1, "Europe/Paris"),
    ("Nikhil Deshmane", 1, "Asia/Kolkata"),
    ("Olga Petrenkova", 1, "Europe/Warsaw"),
    ("Paulo Figueirinha", 1, "Europe/Lisbon"),
    ("Quentin Marchal", 2, "Europe/Paris"),
    ("Rosa Castellvi", 2, "Europe/Madrid"),
    ("Soren Mikkelborg", 2, "Europe/Copenhagen"),
    ("Tamsin Hargrave", 2, "Europe/London"),
    ("Uwe Ranzinger", 2, "Europe/Vienna"),
    ("Valentina Morabito", 2, "Europe/Rome"),
    ("Wanjiru Kamotho", 2, "Africa/Nairobi"),
    ("Xiulan Feng", 2, "Asia/Singapore"),
    ("Yusuf Demirkan", 3, "Europe/Berlin"),
    ("Zofia Wrzesniak", 3, "Europe/Warsaw"),
    ("Adrian Blackwood", 3, "America/New_York"),
    ("Bianca Stoyanova", 3, "Europe/Sofia"),
    ("Caleb Whitlock", 3, "America/Los_Angeles"),
    ("Daria Ilyanova", 3, "Europe/Berlin"),
    ("Emeka Nwachuku", 3, "Africa/Lagos"),
    ("Fiona MacAskill", 3, "Europe/London"),
    ("Gonzalo Ferreyra", 3, "America/Sao_Paulo"),
    ("Hannah Breitling", 3, "Europe/Berlin"),
    ("Isaac Thornbury", 4, "America/New_York"),
    ("Jasmine Holloway", 4, "America/Chicago"),
    ("Kwame Asantewaa", 4, "Europe/London"),
    ("Leonie Achterberg", 4, "Europe/Amsterdam"),
    ("Mateo Villarroel", 4, "America/New_York"),
    ("Noor Al Hamadi", 4, "Asia/Dubai"),
    ("Pernille Thorsager", 0, "Europe/Copenhagen"),
    ("Ruben Casteleyn", 1, "Europe/Brussels"),
    ("Samira Belhadj", 3, "Europe/Paris"),
];
