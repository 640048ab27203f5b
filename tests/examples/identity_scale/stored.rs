//! The same population in the embedded database: stored, read and planned, and applied, each in a process of its own.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use identity::git_users::GitUser;
use local::embedded::Embedded;
use model::organisation::{Organisation, Settings, State, Uid};
use model::time::{DAY, Timestamp};
use service::http::page::PageRequest;
use service::http::query::Query;
use service::merging::snapshot::Snapshot;
use service::merging::work::RunPlan;
use service::people::roster;
use service::report::users::list::users;
use service::report::users::search::{Order, Search};
use store::git_set::Chunks;
use store::{Item, Store, keys};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Seen, Sighting};
use tools::meter::Meter;

use crate::in_mib;
use crate::population::population;

/// How long applying may take.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// People on the largest page of the API, on one as it is unless asked otherwise, and on one of the console.
const PAGES: [usize; 3] = [1_000, 100, 30];

fn uid() -> Result<Uid, Box<dyn Error>> {
    Ok(Uid::parse("AbCdEfGhIjKl").ok_or("no uid")?)
}

/// Puts a population into a new database.
pub(crate) async fn fill(file: &Path, claude: usize, git: usize) -> Result<String, Box<dyn Error>> {
    let (store, uid, start) = (Embedded::open(file)?.store(), uid()?, Instant::now());
    store.create_tables().await?;
    let input = population(claude, git);
    for identity in &input.claude {
        let name = identity.emails.first().or(identity.clients.first()).ok_or("nameless")?;
        let kind = if identity.emails.is_empty() { SourceKind::Client } else { SourceKind::Email };
        let seen = Seen { first: identity.first_seen, last: identity.first_seen };
        let mut sighting = Sighting { kind: Some(kind.name().into()), seen: Some(seen), ..Sighting::default() };
        for (fact, value) in [(Fact::Name, Some(name)), (Fact::Client, identity.clients.first())] {
            if let Some(value) = value {
                sighting.facts.note(fact, value, seen);
            }
        }
        let item = Item::at(keys::sighting(&uid, SourceId::new(kind, name)));
        store.put(item.bytes("s", serde_json::to_vec(&sighting)?).number("revision", 1)).await?;
    }
    let mut chunks = Chunks::default();
    for author in input.git {
        chunks.add(GitUser {
            name: author.name,
            email: author.email,
            login: author.login,
            emails: author.emails,
            last_commit_at: None,
        });
    }
    store.replace_git_set(&uid, "00000000000001", chunks, None).await?;
    Ok(format!("{claude} Claude and {git} Git identities stored in {:.1?}", start.elapsed()))
}

/// Reads and plans; and applies, if that is wanted.
pub(crate) async fn merge(file: &Path, applies: bool) -> Result<String, Box<dyn Error>> {
    let (store, uid) = (Embedded::open(file)?.store(), uid()?);
    // The first question makes the connection and what the client needs.
    store.people_state(&uid).await?;
    let (opened, start) = (in_mib("VmRSS"), Instant::now());
    let known = Snapshot::read(&store, &uid).await?;
    let read = start.elapsed();
    let held = in_mib("VmRSS");
    let work = RunPlan::of(&known, Timestamp(1));
    let planned = start.elapsed();
    let (claude, git, steps) = (known.input.claude.len(), known.input.git.len(), work.steps.len());
    let mut said = format!(
        "{claude} Claude and {git} Git identities: read in {read:.1?}, planned in {:.1?}, {planned:.1?} in all; \
         {steps} steps; {opened} of memory once the database is open, {held} once all is read, at most {} once it is planned",
        planned - read,
        in_mib("VmHWM"),
    );
    if applies {
        work.apply(&store, &uid, &known.state, Instant::now() + PATIENCE).await?;
        said.push_str(&format!(", applied in {:.1?}", start.elapsed() - planned));
    }
    Ok(said)
}

/// Lists everybody as the API does, with those whom Git alone knows and without, before the roster is put together and after; and opens
/// the first page of the console.
pub(crate) async fn list(file: &Path) -> Result<String, Box<dyn Error>> {
    let meter = Meter::default();
    let (store, org) = (Embedded::open(file)?.store_through(|client| meter.before(client)), "acme".parse()?);
    let organisation = Organisation {
        settings: Settings::new(&org),
        org,
        uid: uid()?,
        state: State::Enabled,
        revoked_at: None,
        created_at: Timestamp(0),
        generation: 1,
        token_version: None,
        revision: 1,
    };
    let mut said = vec!["by reading everybody:".to_owned()];
    said.extend(listed(&store, &meter, &organisation).await?);
    let start = Instant::now();
    let patience = Instant::now() + PATIENCE;
    let mut rounds = 1;
    while !roster::keep(&store, &organisation.uid, Timestamp::now(), patience).await? {
        rounds += 1;
    }
    said.push(format!("the roster put together in {:.1?}, in {rounds} rounds; from it:", start.elapsed()));
    said.extend(listed(&store, &meter, &organisation).await?);
    let start = Instant::now();
    roster::keep(&store, &organisation.uid, Timestamp::now().plus(2 * DAY), patience).await?;
    said.push(format!("the roster put together again, though nothing changed, in {:.1?}", start.elapsed()));
    for (what, order, page) in [
        ("the first page", Order::Name, 1),
        ("the page in the middle", Order::Name, 333),
        ("the first page by who was seen last", Order::LastSeen, 1),
    ] {
        let _ = meter.take();
        let start = Instant::now();
        let found =
            Search { order, page, page_size: PAGES[2], ..Search::default() }.find(&store, &organisation).await?;
        said.push(format!(
            "{what} of the console: {} of {} people in {:.3?}, {} read units",
            found.people.len(),
            found.users(),
            start.elapsed(),
            meter.take().read_units
        ));
    }
    Ok(said.join("\n"))
}

async fn listed(store: &Store, meter: &Meter, organisation: &Organisation) -> Result<Vec<String>, Box<dyn Error>> {
    let mut said = Vec::new();
    for (included, limit) in [("", PAGES[0]), ("", PAGES[1]), ("include=git", PAGES[0])] {
        let query = Query::read(Some(included));
        let mut request = PageRequest { limit, after: None };
        let (mut people, mut pages) = (0, Vec::new());
        let _ = meter.take();
        loop {
            let start = Instant::now();
            let page = users(store, organisation, &request, &query).await?;
            pages.push(start.elapsed());
            people += page.items.len();
            request.after = page.items.last().map(|user| user.id.clone());
            if page.next_cursor.is_none() {
                break;
            }
        }
        let (all, slowest) = (pages.iter().sum::<Duration>(), pages.iter().max().copied().unwrap_or_default());
        let units = meter.take().read_units / pages.len() as f64;
        said.push(format!(
            "  {people} people ({included}) listed in {all:.1?}, in {} pages of {limit}, the first in {:.2?}, the slowest in \
             {slowest:.2?}, each of {units:.0} read units",
            pages.len(),
            pages[0]
        ));
    }
    Ok(said)
}
