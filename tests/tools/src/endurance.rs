//! An organisation at work while everything below it fails by chance: developers export, an admin rotates and merges, two
//! projections run side by side, readers ask. Afterwards what is stored is compared with what was sent.
//!
//! All of it happens in one thread with a clock that stands still while somebody works, so that seconds of waiting cost nothing.
//! A round begins and ends without faults; its report says what happened in between.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use local::embedded::Embedded;
use model::time::{MILLISECOND, Timestamp, from_days};
use serde_json::Value;
use store::Store;
use store::aws::dynamodb_config;
use store::secrets::{Manager, Secrets};
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::activity::{Sent, truth};
use crate::faults::random::{RandomFaults, Trouble};
use crate::hostile::Numbers;
use crate::secrets_manager::FakeSecretsManager;
use crate::stack::{PREFIX, START, Stack};
use crate::tenant::Tenant;

mod admin;
mod developers;
mod projectors;

/// The organisation's name.
const ORG: &str = "acme";
/// How many developers it has.
const DEVELOPERS: usize = 10;

/// What happened in a round.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What went wrong below, and how often.
    pub faults: BTreeMap<Trouble, u64>,
    /// Requests to DynamoDB and Secrets Manager.
    pub requests: u64,
    /// Exports that were acknowledged.
    pub acknowledged: u64,
    /// Exports that the client gave up.
    pub given_up: u64,
    /// Exports that were refused because the token was replaced.
    pub refused: u64,
    /// Rotations that were answered.
    pub rotations: u64,
    /// Merges that were answered.
    pub merges: u64,
    /// Batches of the stream that were projected, wholly or in part.
    pub batches: u64,
    /// Questions of readers, answered or not.
    pub readings: u64,
    /// What the exports cost, in micro-dollars: by the exports themselves, and as the service tells it.
    pub micro_dollars: (i64, i64),
}

impl Report {
    /// How many faults there were.
    #[must_use]
    pub fn fault_count(&self) -> u64 {
        self.faults.values().sum()
    }

    /// Adds what happened in another round.
    pub fn add(&mut self, other: &Self) {
        for (trouble, count) in &other.faults {
            *self.faults.entry(*trouble).or_default() += count;
        }
        self.requests += other.requests;
        self.acknowledged += other.acknowledged;
        self.given_up += other.given_up;
        self.refused += other.refused;
        self.rotations += other.rotations;
        self.merges += other.merges;
        self.batches += other.batches;
        self.readings += other.readings;
        self.micro_dollars.0 += other.micro_dollars.0;
        self.micro_dollars.1 += other.micro_dollars.1;
    }
}

/// The organisation as all who work in it see it.
struct Round {
    /// Without faults: what really is.
    calm: Tenant,
    /// The same service over what fails.
    fragile: Stack,
    faults: RandomFaults,
    secrets: FakeSecretsManager,
    numbers: RefCell<Numbers>,
    begun: Instant,
    faults_wanted: u64,
    /// What was sent and whether it was acknowledged.
    sent: RefCell<Vec<(Sent, bool)>>,
    told: RefCell<Report>,
    working: Cell<usize>,
}

impl Round {
    async fn open(seed: u64, faults_wanted: u64) -> Self {
        let database = Embedded::in_memory().unwrap();
        let faults = RandomFaults::new(seed);
        let secrets = FakeSecretsManager::default();
        let store = store_over(&database, &faults);
        let fragile = Secrets::Manager(Manager::new(secrets.client(|client| faults.before(client)), PREFIX));
        let calm = Stack::start().over(database.store()).secrets_manager(&secrets).tenant(ORG).await;
        Self {
            calm,
            fragile: Stack::start().over(store).secrets(fragile).await,
            faults,
            secrets,
            numbers: RefCell::new(Numbers(seed)),
            begun: Instant::now(),
            faults_wanted,
            sent: RefCell::default(),
            told: RefCell::default(),
            working: Cell::new(0),
        }
    }

    fn now(&self) -> Timestamp {
        START.plus(self.begun.elapsed().try_into().unwrap())
    }

    fn below(&self, bound: usize) -> usize {
        self.numbers.borrow_mut().below(bound)
    }

    /// Whether there were enough faults, so that everybody finishes what is begun.
    fn is_over(&self) -> bool {
        self.faults.count() >= self.faults_wanted
    }
}

/// A store over `database` as the functions have it on AWS, timeouts and retries included.
fn store_over(database: &Embedded, faults: &RandomFaults) -> Store {
    use aws_sdk_dynamodb::config::{Credentials, Region, SharedHttpClient};
    let config = dynamodb_config()
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .endpoint_url("http://embedded")
        .http_client(faults.before(SharedHttpClient::new(database.clone())));
    Store::new(aws_sdk_dynamodb::Client::from_conf(config.build()), "events", "activity")
}

/// Runs a round of `faults` faults, and compares.
///
/// # Panics
/// A promise is broken: which one, and with which `seed`, stands in the message.
#[must_use]
pub fn round(seed: u64, faults: u64) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let round = Rc::new(Round::open(seed, faults).await);
        round.introduce_git_users().await;
        round.faults.set_rate(250);
        let mut tasks = tokio::task::JoinSet::new();
        for person in 0..DEVELOPERS {
            round.working.set(round.working.get() + 1);
            tasks.spawn_local(Rc::clone(&round).develop(person));
        }
        tasks.spawn_local(Rc::clone(&round).rotate());
        tasks.spawn_local(Rc::clone(&round).watch_tokens());
        tasks.spawn_local(Rc::clone(&round).merge());
        tasks.spawn_local(Rc::clone(&round).read());
        tasks.spawn_local(Rc::clone(&round).project());
        tasks.spawn_local(Rc::clone(&round).project_again());
        while let Some(done) = tasks.join_next().await {
            done.unwrap_or_else(|error| panic!("in the round of seed {seed}: {error}"));
        }
        round.faults.set_rate(0);
        // What was under way when its caller gave up takes effect within this time.
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        round.settle(seed).await;
        let mut report = round.told.borrow().clone();
        (report.faults, report.requests) = (round.faults.happened(), round.faults.requests());
        report
    })
}

impl Round {
    /// After everything: what was given up is sent once more, and then all numbers are those of what was sent.
    async fn settle(&self, seed: u64) {
        let sent = std::mem::take(&mut *self.sent.borrow_mut());
        let mut calm = self.calm.clone();
        calm.token = self.token_of_settings().await;
        for (export, _) in sent.iter().filter(|(_, acknowledged)| !acknowledged) {
            calm.send(export, self.now()).await;
        }
        calm.project(self.now()).await;
        let records: Vec<_> = sent.iter().flat_map(|(export, _)| truth::flat(export)).collect();
        let expected = truth::row(&records);
        let total = calm.total().await;
        let differs = |(name, value): &(&String, &Value)| {
            (total[name.as_str()].as_f64().unwrap() - value.as_f64().unwrap()).abs() > 5e-7
        };
        let wrong: Vec<_> = expected.as_object().unwrap().iter().filter(differs).collect();
        assert!(wrong.is_empty(), "sent: {wrong:?}, told: {total} (seed {seed})");
        let micros = |row: &Value| (row["cost_usd"].as_f64().unwrap() * 1e6).round() as i64;
        self.told.borrow_mut().micro_dollars = (micros(&expected), micros(&total));
        self.assert_told_to_readers(&calm, &expected).await;

        let before = summaries(&calm).await;
        calm.project(self.now()).await;
        assert_eq!(summaries(&calm).await, before, "projecting again changes something (seed {seed})");
        self.assert_merged(&sent, seed).await;
        self.assert_current_secret(seed).await;
    }

    async fn assert_told_to_readers(&self, calm: &Tenant, expected: &Value) {
        let ends = [START.minus(from_days(60)), START.plus(from_days(2))];
        let told = calm.get(&format!("/activity?from={}&to={}", ends[0], ends[1]), self.now()).await;
        assert_eq!(told["total"]["cost_usd"], expected["cost_usd"]);
        assert_eq!(told["total"]["api_requests"], expected["api_requests"]);
    }

    /// People are those that a service without any fault makes of the same exports.
    async fn assert_merged(&self, sent: &[(Sent, bool)], seed: u64) {
        let people = merged_people(&self.calm, self.now()).await;
        let other = Stack::start().tenant("acme").await;
        Self::give_git_users(&other).await;
        for (export, _) in sent {
            other.send(export, self.now()).await;
        }
        other.project(self.now()).await;
        assert_eq!(people, merged_people(&other, self.now()).await, "people did not converge (seed {seed})");
        assert!(!people.is_empty(), "nobody was merged (seed {seed})");
    }
}

/// Who everybody is, after the merge has run.
async fn merged_people(tenant: &Tenant, now: Timestamp) -> BTreeSet<Vec<String>> {
    let run = format!("POST /api/orgs/{}/merge/run", tenant.org);
    let reply = tenant.ask_at(&run, "", now).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let again = tenant.ask_at(&run, "", now.plus(MILLISECOND)).await.json();
    assert_eq!(again["merged"], reply.json()["merged"], "a second run finds something else");
    let uid = tenant.organisation().await.uid;
    let people = tenant.store.people(&uid).await.unwrap();
    let identities = |p: &store::person::PersonRecord| {
        let mut all: Vec<String> = p.identities().map(str::to_owned).collect();
        all.sort();
        all
    };
    // Which of somebody's identities gives the id depends on who was seen first.
    people.iter().map(identities).collect()
}

async fn summaries(tenant: &Tenant) -> Vec<String> {
    tenant.summaries().await.iter().map(|found| format!("{found:?}")).collect()
}
