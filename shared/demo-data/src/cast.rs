//! The people of the demo: invented, with e-mail addresses of example domains.

use fastrand::Rng;
use jiff::tz::TimeZone;
use opentelemetry_proto::tonic::common::v1::KeyValue;

use crate::attribute::{flag, text};
use crate::names::{NAMES, TEAMS, Team};
use crate::random;

/// `organization.id` of the company's own logins.
pub const ORGANIZATION: &str = "7c1f0a52-93e4-4b6d-8a0f-2d5b6e9c4f10";
/// `organization.id` of a private login.
const PRIVATE_ORGANIZATION: &str = "e3a94d08-51b7-4c2e-9f66-0b8d7a1c2e35";

/// What is wrong with somebody's telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A version that is known to lose telemetry.
    LosingVersion,
    /// The metrics exporter is switched off.
    NoMetrics,
    /// Nothing comes any more.
    Silent,
    /// Never restarted since the token was rotated.
    OldToken,
    /// Logged in with a private account.
    PrivateLogin,
    /// Sessions that stop reporting usage.
    NoTokens,
    /// Tool parameters are sent, which nobody asked for.
    ToolDetails,
    /// Bedrock, and nobody said whose the machine is.
    Nameless,
}

/// Somebody who uses Claude Code, on one machine.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their place among the people.
    pub number: usize,
    /// Their name, which telemetry never has.
    pub name: &'static str,
    /// Their address at the company.
    pub email: String,
    /// Where they belong.
    pub team: &'static Team,
    /// Where they live.
    pub zone: TimeZone,
    /// What is wrong, if anything is.
    pub trouble: Option<Trouble>,
    /// How much they use Claude Code: 1 is usual.
    pub diligence: f64,
    /// Whether they export JSON instead of protobuf.
    pub json: bool,
    /// How many days before the end of the month they updated Claude Code.
    pub updated: i64,
    /// From how many days before the end until how many they are not there, if they are not all the time.
    absent: Option<(i64, i64)>,
    machine: &'static Machine,
    client: String,
    account: Option<Account>,
}

#[derive(Debug, Clone)]
struct Account {
    uuid: String,
    id: String,
    organization: &'static str,
    plan: &'static str,
    email: String,
}

#[derive(Debug)]
struct Machine {
    arch: &'static str,
    os: &'static str,
    os_version: &'static str,
    terminal: &'static str,
}

const MACHINES: [Machine; 7] = [
    Machine { arch: "arm64", os: "darwin", os_version: "25.1.0", terminal: "iTerm.app" },
    Machine { arch: "arm64", os: "darwin", os_version: "25.1.0", terminal: "vscode" },
    Machine { arch: "arm64", os: "darwin", os_version: "24.6.0", terminal: "ghostty" },
    Machine { arch: "amd64", os: "linux", os_version: "6.12.48-generic", terminal: "tmux" },
    Machine { arch: "amd64", os: "linux", os_version: "6.14.0-33-generic", terminal: "xterm-256color" },
    Machine { arch: "amd64", os: "windows", os_version: "10.0.26100", terminal: "windows-terminal" },
    Machine { arch: "amd64", os: "linux", os_version: "6.12.48-generic", terminal: "cursor" },
];

/// Whose telemetry has trouble, by their place among the people. The last two are of the team that uses Bedrock.
const TROUBLES: [(usize, Trouble); 9] = [
    (3, Trouble::LosingVersion),
    (8, Trouble::NoMetrics),
    (12, Trouble::Silent),
    (17, Trouble::OldToken),
    (21, Trouble::PrivateLogin),
    (26, Trouble::NoTokens),
    (30, Trouble::ToolDetails),
    (36, Trouble::Nameless),
    (39, Trouble::Nameless),
];

/// Who is not there for a time, by their place among the people: from how many days before the end until how many. Some came late, one
/// is away for two weeks, and the last ones have left.
const ABSENT: [(usize, i64, i64); 7] =
    [(6, i64::MAX, 25), (15, 19, 6), (19, i64::MAX, 18), (33, i64::MAX, 11), (40, 40, 0), (41, 36, 0), (42, 33, 0)];

/// Everybody, always the same.
#[must_use]
pub fn everybody() -> Vec<Person> {
    NAMES.iter().enumerate().map(|(number, (name, team, zone))| person(number, name, *team, zone)).collect()
}

fn person(number: usize, name: &'static str, team: usize, zone: &str) -> Person {
    let mut rng = random::of(0, number as u64, 0);
    let trouble = TROUBLES.iter().find(|(who, _)| *who == number).map(|(_, trouble)| *trouble);
    let team = &TEAMS[team];
    // Some have their given name alone for an address, which Git's names can only be likely for.
    let known = if number % 11 == 4 { name.split(' ').next().unwrap_or(name) } else { name };
    let email = format!("{}@example.com", known.to_lowercase().replace(' ', "."));
    let account = (!team.bedrock).then(|| account(&mut rng, trouble, &email));
    Person {
        number,
        name,
        email,
        team,
        zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        trouble,
        diligence: 0.5 + rng.f64(),
        json: number % 8 == 5,
        updated: rng.i64(2..24),
        absent: ABSENT.iter().find(|(who, ..)| *who == number).map(|(_, from, until)| (*from, *until)),
        machine: &MACHINES[rng.usize(..MACHINES.len())],
        client: random::hex(&mut rng, 32) + &random::hex(&mut rng, 32),
        account,
    }
}

fn account(rng: &mut Rng, trouble: Option<Trouble>, email: &str) -> Account {
    let private = trouble == Some(Trouble::PrivateLogin);
    Account {
        uuid: random::uuid(rng),
        id: format!("user_01{}", random::hex(rng, 22)),
        organization: if private { PRIVATE_ORGANIZATION } else { ORGANIZATION },
        plan: if private { "max" } else { "enterprise" },
        email: if private { email.replace("example.com", "example.net") } else { email.to_owned() },
    }
}

impl Person {
    /// Whether they are there so many days before the end of the month.
    #[must_use]
    pub fn is_there(&self, days_before: i64) -> bool {
        self.absent.is_none_or(|(from, until)| !(until..=from).contains(&days_before))
    }

    /// The version that they run so many days before the end of the month.
    #[must_use]
    pub fn version(&self, days_before: i64) -> &'static str {
        match self.trouble {
            Some(Trouble::LosingVersion) => "2.1.252",
            _ if days_before > self.updated => "2.1.303",
            _ => "2.1.330",
        }
    }

    /// What `OTEL_RESOURCE_ATTRIBUTES` of their settings say, whose generation is given.
    #[must_use]
    pub fn given(&self, generation: u32) -> Vec<KeyValue> {
        let mut given = vec![text("settings_version", generation.to_string()), text("team", self.team.name)];
        if self.team.bedrock && self.trouble != Some(Trouble::Nameless) {
            given.push(text("user.email", &self.email));
        }
        given
    }

    /// What the client says of the machine.
    #[must_use]
    pub fn resource(&self, version: &str) -> Vec<KeyValue> {
        vec![
            text("host.arch", self.machine.arch),
            text("os.type", self.machine.os),
            text("os.version", self.machine.os_version),
            text("service.name", "claude-code"),
            text("service.version", version),
        ]
    }

    /// What the client says of them on every record and point, in its order.
    #[must_use]
    pub fn standard(&self, session: &str) -> Vec<KeyValue> {
        let mut standard = vec![text("user.id", &self.client), text("session.id", session)];
        if let Some(account) = &self.account {
            standard.push(text("organization.id", account.organization));
            standard.push(text("user.email", &account.email));
            standard.push(text("user.account_uuid", &account.uuid));
            standard.push(text("user.account_id", &account.id));
        }
        standard.push(text("anthropic.provider", if self.team.bedrock { "bedrock" } else { "firstParty" }));
        standard.push(flag("anthropic.custom_base_url", false));
        if let Some(account) = &self.account {
            standard.push(text("anthropic.plan", account.plan));
        }
        standard.push(text("terminal.type", self.machine.terminal));
        standard
    }
}
