//! Very many packs of some people, each quarter hour of them with its summary, put into the file of a database past the SDK; or the keys
//! of such packs alone, for who goes through them.

use std::collections::HashMap;
use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue as Sent;
use dynoxide::types::AttributeValue;
use dynoxide::{Database, ImportOptions};
use local::embedded::Embedded;
use model::bucket::{BUCKET, Bucket};
use model::organisation::Organisation;
use model::time::{DAY, MINUTE, Timestamp, from_days};
use otlp::Signal;
use service::projection::project;
use store::range::Reading;
use store::{Item, Store, keys};
use telemetry::claude::attribute::{Attribute, Value};
use telemetry::claude::record::{Context, Record};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::pack;

use crate::stack::START;

/// Quarter hours in which somebody works on a day.
const A_DAY: i64 = 36;
/// Items put at a time.
const AT_A_TIME: usize = 50_000;

/// People who work alike.
#[derive(Debug, Clone, Copy)]
pub struct Multitude {
    /// How many people.
    pub people: usize,
    /// The quarter hours in which each works, on as many of the days before [`START`] as that takes.
    pub buckets: i64,
    /// The packs of each in each.
    pub packs: i64,
}

/// The source of somebody.
#[must_use]
pub fn source_of(person: usize) -> SourceId {
    SourceId::new(SourceKind::Email, &email_of(person))
}

/// The address of somebody.
#[must_use]
pub fn email_of(person: usize) -> String {
    format!("person{person}@example.com")
}

impl Multitude {
    /// How many packs these are.
    #[must_use]
    pub fn packs(self) -> usize {
        self.people * (self.buckets * self.packs) as usize
    }

    /// The moments at which each works.
    fn times(self) -> impl Iterator<Item = Timestamp> {
        let first = Bucket::of(START.minus(from_days(1 + self.buckets / A_DAY))).start();
        (0..self.buckets).map(move |n| {
            let day = first.plus(DAY * i32::try_from(n / A_DAY).unwrap());
            day.plus(BUCKET * i32::try_from(n % A_DAY).unwrap())
        })
    }

    /// Puts the keys of all packs into the database in `file`, which has an organisation of this name, and nothing else of them.
    ///
    /// # Panics
    /// The database fails.
    pub async fn fill_with_keys(self, file: &Path, org: &str) {
        let store = Embedded::open(file).unwrap().store();
        let organisation = store.organisation(&org.parse().unwrap()).await.unwrap().unwrap();
        let database = Database::new(&file.to_string_lossy()).unwrap();
        database.enable_bulk_loading().unwrap();
        let mut waiting = Vec::with_capacity(AT_A_TIME);
        for person in 0..self.people {
            for at in self.times() {
                waiting.extend((0..self.packs).map(|number| bulk(Item::at(key(&organisation, person, at, number)))));
                if waiting.len() >= AT_A_TIME {
                    import(&database, store.events(), std::mem::take(&mut waiting));
                }
            }
        }
        import(&database, store.events(), waiting);
        database.disable_bulk_loading().unwrap();
    }

    /// Puts all of it into the database in `file`, which has an organisation of this name.
    ///
    /// # Panics
    /// The database fails.
    pub async fn fill(self, file: &Path, org: &str) {
        let store = Embedded::open(file).unwrap().store();
        let organisation = store.organisation(&org.parse().unwrap()).await.unwrap().unwrap();
        let database = Database::new(&file.to_string_lossy()).unwrap();
        let mut waiting = Vec::with_capacity(AT_A_TIME);
        for person in 0..self.people {
            for at in self.times() {
                waiting.extend((0..self.packs).map(|number| bulk(packed(&organisation, person, at, number))));
                if waiting.len() >= AT_A_TIME {
                    import(&database, store.events(), std::mem::take(&mut waiting));
                }
            }
        }
        import(&database, store.events(), waiting);
        for person in 0..self.people {
            let items = self.summaries(&store, &organisation, person).await;
            import(&database, store.activity(), items.into_iter().map(bulk).collect());
        }
    }

    /// Projects the first quarter hour of somebody, and gives the summaries of the others, which say the same of their times.
    async fn summaries(self, store: &Store, organisation: &Organisation, person: usize) -> Vec<Item> {
        let (uid, source) = (&organisation.uid, source_of(person));
        let place = |at| {
            let bucket = Bucket::of(at);
            keys::summary(&keys::SummaryPlace { uid: uid.clone(), source, claimed: bucket, shown: bucket }, 0)
        };
        let mut times = self.times();
        let first = times.next().unwrap();
        project(store, organisation, source, Bucket::of(first), START).await.unwrap();
        let key = place(first);
        let item = store.between(&key.pk, Some((&key.sk, &key.sk)), Reading::Latest).await.unwrap().remove(0);
        let moved = |at| {
            let key = place(at);
            item.clone().text(keys::PK, key.pk).text(keys::SK, key.sk)
        };
        times.map(moved).collect()
    }
}

/// A pack of one request.
fn packed(organisation: &Organisation, person: usize, at: Timestamp, number: i64) -> Item {
    let text = |key: &str, value: &str| Attribute { key: key.into(), value: Value::Text(value.into()) };
    let time = time(at, number);
    let attributes = vec![
        text("user.email", &email_of(person)),
        text("session.id", &format!("session-{}", at.0 / 3_600_000)),
        text("model", "claude-opus-5-5"),
    ];
    let digest = u32::try_from(number).unwrap().to_be_bytes();
    let record = Record { context: 0, name: "api_request".into(), time, digest, count: 1, attributes, point: None };
    let header = pack::Header {
        received_at: time.plus(MINUTE),
        generation: 1,
        accepted: 1,
        rejected: 0,
        reclocked: 0,
        cut: 0,
        dropped: Default::default(),
    };
    let expires = START.plus(from_days(365)).seconds();
    Item::at(key(organisation, person, at, number))
        .bytes("p", pack::encode(&header, &[&Context::default()], &[record]))
        .number(keys::TTL, expires)
}

/// When a pack of the quarter hour `at` arrived.
fn time(at: Timestamp, number: i64) -> Timestamp {
    at.plus(MINUTE * i32::try_from(number % 15).unwrap())
}

/// The key of a pack.
fn key(organisation: &Organisation, person: usize, at: Timestamp, number: i64) -> keys::Key {
    let mut name = [0; 16];
    name[..8].copy_from_slice(&number.to_be_bytes());
    keys::pack(&organisation.uid, Signal::Logs, source_of(person), Bucket::of(at), time(at, number), &name)
}

/// The same item as the database takes it.
fn bulk(item: Item) -> HashMap<String, AttributeValue> {
    let sent: HashMap<String, Sent> = item.into();
    let value = |value| match value {
        Sent::S(text) => AttributeValue::S(text),
        Sent::N(number) => AttributeValue::N(number),
        Sent::B(bytes) => AttributeValue::B(bytes.into_inner()),
        other => panic!("no attribute that is put here: {other:?}"),
    };
    sent.into_iter().map(|(name, sent)| (name, value(sent))).collect()
}

fn import(database: &Database, table: &str, items: Vec<HashMap<String, AttributeValue>>) {
    let options = ImportOptions { record_streams: false, set_cached_at: false };
    database.import_items(table, items, options).unwrap();
}
