//! What the demo's Git server knows: most of the people, some by another name, and some who do not use Claude Code.

use serde_json::{Value, json};

use crate::cast::Person;

/// Who is in Git alone.
const GIT_ALONE: [(&str, &str); 5] = [
    ("Petra Vondrak", "petra.vondrak@example.com"),
    ("Rasmus Toivola", "rasmus.toivola@example.com"),
    ("Sunita Chaudhari", "sunita@contractor.example"),
    ("build", "build@ci.example.com"),
    ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"),
];

/// The Git users, as `PUT …/git-users` takes them.
#[must_use]
pub fn users(people: &[Person]) -> Value {
    let known = people.iter().filter(|person| person.number % 13 != 6).map(of);
    let alone = GIT_ALONE.iter().map(|(name, email)| json!({"name": name, "email": email}));
    known.chain(alone).collect()
}

fn of(person: &Person) -> Value {
    let login = person.email.replace("@example.com", "").replace('.', "-");
    let (first, last) = person.name.split_once(' ').unwrap_or((person.name, person.name));
    let private = format!("dev{}@home.example.org", person.number);
    match person.number % 7 {
        _ if person.number % 11 == 4 => json!({"name": person.name, "email": private}),
        // An address that hides the person's own: only the name speaks for them.
        4 => json!({
            "name": person.name,
            "email": format!("{}+{login}@users.noreply.github.com", 4_100_000 + person.number * 7_919),
            "login": login,
        }),
        // A private address, and a name cut short: too little to tell.
        5 => json!({"name": format!("{first} {}", &last[..1]), "email": private}),
        // Two addresses.
        1 => json!({
            "name": person.name,
            "email": format!("{}@laptop.example.org", first.to_lowercase()),
            "emails": [person.email],
            "login": login,
        }),
        _ => json!({"name": person.name, "email": person.email, "login": login}),
    }
}
