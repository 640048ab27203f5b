//! What stands in for the stream of the Events table: notes, in the database itself, of the packs that are not projected yet.
//!
//! Packs and the note of them are one commit, so that a power cut leaves both or neither. A note goes with a later commit than
//! everything that its packs were projected into, which costs no commit of its own; one that is left behind has its packs
//! projected once more, which changes nothing. What the notes hold when the gateway starts is projected then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::transact_write_items::{TransactDelete, TransactPut, TransactWriteItem};
use dynoxide::types::{AttributeValue, Item};
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use store::keys;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Name of the table of notes, which AWS has not.
const NOTES: &str = "notes";
/// The packs that a note names.
const PACKS: &str = "packs";
/// The most packs of one note that is taken over from the file of an earlier release.
const TAKEN_OVER: usize = 500;

/// Notes of packs.
#[derive(Debug)]
pub struct Journal {
    notes: Mutex<Notes>,
    changes: UnboundedSender<Change>,
}

#[derive(Debug, Default)]
struct Notes {
    /// The number of the next note.
    next: u64,
    /// How many packs of each note are not projected yet.
    open: BTreeMap<u64, usize>,
    /// Notes that nothing is left to do of.
    done: Vec<u64>,
}

/// A pack that was put.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    pk: String,
    sk: String,
    /// Which note names it.
    note: u64,
}

impl Journal {
    /// Reads the notes that earlier processes left in `database`, and those in the file that earlier releases kept beside it,
    /// `file`, which then goes. Gives what hands all of them on, oldest first.
    ///
    /// # Errors
    /// The database failed, or the file cannot be read.
    pub fn open(database: &Database, file: Option<&Path>) -> Result<(Self, UnboundedReceiver<Change>), DynoxideError> {
        create(database)?;
        let mut found = read(database)?;
        if let Some(file) = file {
            let next = found.last().map_or(0, |(number, _)| number + 1);
            found.extend(take_over(database, file, next)?);
        }
        let (changes, receiver) = unbounded_channel();
        let journal = Self { notes: Mutex::default(), changes };
        for (number, packs) in found {
            journal.hand_on(number, packs);
        }
        Ok((journal, receiver))
    }

    /// How many packs are not projected yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.notes().open.values().sum()
    }

    /// A number that no note has.
    pub(crate) fn number(&self) -> u64 {
        let mut notes = self.notes();
        notes.next += 1;
        notes.next - 1
    }

    /// Hands on the packs, by partition and sort key, of a note that is committed.
    pub(crate) fn hand_on(&self, number: u64, packs: Vec<(String, String)>) {
        let mut notes = self.notes();
        notes.next = notes.next.max(number + 1);
        notes.open.insert(number, packs.len());
        for (pk, sk) in packs {
            // Nobody listens any more when the gateway stops; the next one reads the notes.
            let _ = self.changes.send(Change { pk, sk, note: number });
        }
    }

    /// These packs are projected.
    pub fn done(&self, changes: &[Change]) {
        let mut notes = self.notes();
        for change in changes {
            if let Some(left) = notes.open.get_mut(&change.note) {
                *left -= 1;
                if *left == 0 {
                    notes.open.remove(&change.note);
                    notes.done.push(change.note);
                }
            }
        }
    }

    /// At most so many notes of which nothing is left to do, for the caller to delete.
    pub(crate) fn take_done(&self, most: usize) -> Vec<u64> {
        let done = &mut self.notes().done;
        let kept = done.len().saturating_sub(most);
        done.split_off(kept)
    }

    /// Notes that could not be deleted.
    pub(crate) fn put_back(&self, done: Vec<u64>) {
        self.notes().done.extend(done);
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The write of a note.
pub(crate) fn put(number: u64, packs: &[(String, String)]) -> TransactWriteItem {
    let put = TransactPut { table_name: NOTES.into(), item: note(number, packs), ..TransactPut::default() };
    TransactWriteItem { put: Some(put), ..TransactWriteItem::default() }
}

/// The deletion of a note.
pub(crate) fn deletion(number: u64) -> TransactWriteItem {
    let delete = TransactDelete { table_name: NOTES.into(), key: key(number), ..TransactDelete::default() };
    TransactWriteItem { delete: Some(delete), ..TransactWriteItem::default() }
}

fn key(number: u64) -> Item {
    let text = |text: String| AttributeValue::S(text);
    Item::from([("pk".into(), text(NOTES.into())), ("sk".into(), text(format!("{number:020}")))])
}

fn note(number: u64, packs: &[(String, String)]) -> Item {
    let mut item = key(number);
    let packs = packs.iter().map(|(pk, sk)| AttributeValue::S(format!("{pk}\t{sk}")));
    item.insert(PACKS.into(), AttributeValue::L(packs.collect()));
    item
}

fn create(database: &Database) -> Result<(), DynoxideError> {
    let request = json!({
        "TableName": NOTES,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    });
    let request = serde_json::from_value(request).map_err(|e| DynoxideError::SerializationException(e.to_string()))?;
    match database.create_table(request) {
        Err(DynoxideError::ResourceInUseException(_)) => Ok(()),
        other => other.map(|_| ()),
    }
}

type Packs = Vec<(String, String)>;

/// All notes, by number.
fn read(database: &Database) -> Result<Vec<(u64, Packs)>, DynoxideError> {
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = database.query(QueryRequest {
            table_name: NOTES.into(),
            key_condition_expression: Some("pk = :pk".into()),
            expression_attribute_values: Some(Item::from([(":pk".into(), AttributeValue::S(NOTES.into()))])),
            scan_index_forward: true,
            exclusive_start_key: from,
            ..QueryRequest::default()
        })?;
        for item in page.items.unwrap_or_default() {
            let unreadable = || DynoxideError::InternalServerError("a note of packs cannot be read".into());
            let Some(AttributeValue::S(number)) = item.get("sk") else { return Err(unreadable()) };
            let Some(AttributeValue::L(packs)) = item.get(PACKS) else { return Err(unreadable()) };
            let pack = |pack: &AttributeValue| match pack {
                AttributeValue::S(text) => text.split_once('\t').map(|(pk, sk)| (pk.to_owned(), sk.to_owned())),
                _ => None,
            };
            found.push((number.parse().map_err(|_| unreadable())?, packs.iter().filter_map(pack).collect()));
        }
        from = page.last_evaluated_key;
        if from.is_none() {
            return Ok(found);
        }
    }
}

/// Makes notes of what is in the file that earlier releases kept, one line a pack, and removes it.
fn take_over(database: &Database, file: &Path, next: u64) -> Result<Vec<(u64, Packs)>, DynoxideError> {
    let failed = |error: io::Error| DynoxideError::InternalServerError(format!("{}: {error}", file.display()));
    let text = match fs::read(file) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    // A line that was cut by a crash belongs to a pack that was never put.
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    // What a power cut left of others may be anything: only what is the key of a pack can be projected.
    let lines = whole.lines().filter_map(|line| line.split_once('\t'));
    let lines = lines.filter(|(pk, _)| keys::read_pack_partition(pk).is_some());
    let packs: Packs = lines.map(|(pk, sk)| (pk.to_owned(), sk.to_owned())).collect();
    let notes: Vec<(u64, Packs)> = (next..).zip(packs.chunks(TAKEN_OVER).map(<[_]>::to_vec)).collect();
    for (number, packs) in &notes {
        let item = note(*number, packs);
        database.put_item(PutItemRequest { table_name: NOTES.into(), item, ..PutItemRequest::default() })?;
    }
    // If this is undone by a power cut, the same packs are noted twice and projected twice.
    fs::remove_file(file).map_err(failed)?;
    Ok(notes)
}

/// The event of a DynamoDB stream of keys that Lambda would get for these changes, numbered by their place.
#[must_use]
pub fn stream_event(changes: &[Change]) -> Value {
    let record = |(number, change): (usize, &Change)| {
        json!({
            "eventID": format!("{number:032x}"),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "local",
            "dynamodb": {
                "Keys": {"pk": {"S": change.pk}, "sk": {"S": change.sk}},
                "SequenceNumber": number.to_string(),
                "StreamViewType": "KEYS_ONLY"
            },
            "eventSourceARN": "arn:aws:dynamodb:local:000000000000:table/events/stream/local"
        })
    };
    json!({"Records": changes.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// The places of the changes that the function wants to see again.
#[must_use]
pub fn failures(answer: &Value) -> Vec<usize> {
    let items = answer["batchItemFailures"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item["itemIdentifier"].as_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(n: u32) -> (String, String) {
        (format!("AbCdEfGhIjKl#ip9BQre17h18nEqSOtppWQ#{n:08}"), "l#1#d".into())
    }

    fn packs(receiver: &mut UnboundedReceiver<Change>) -> Vec<Change> {
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    fn named(changes: &[Change]) -> Packs {
        changes.iter().map(|change| (change.pk.clone(), change.sk.clone())).collect()
    }

    #[test]
    fn the_notes_in_the_file_of_an_earlier_release_are_taken_over_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        let database = Database::memory().unwrap();
        let lines = [pack(1), pack(2)].map(|(pk, sk)| format!("{pk}\t{sk}\n")).concat();
        std::fs::write(&file, format!("\0\0#\t\0\n{lines}AbCdEfGhIjKl#ip9B")).unwrap();
        let (journal, mut changes) = Journal::open(&database, Some(&file)).unwrap();
        assert_eq!((named(&packs(&mut changes)), journal.waiting()), (vec![pack(1), pack(2)], 2));
        assert!(!file.exists());
        let (_, mut changes) = Journal::open(&database, Some(&file)).unwrap();
        assert_eq!(
            named(&packs(&mut changes)),
            [pack(1), pack(2)],
            "until they are projected, they wait in the database"
        );
    }

    #[test]
    fn a_note_is_done_when_all_its_packs_are_projected() {
        let (journal, mut changes) = Journal::open(&Database::memory().unwrap(), None).unwrap();
        let (first, second) = (journal.number(), journal.number());
        journal.hand_on(first, vec![pack(1), pack(2)]);
        journal.hand_on(second, vec![pack(3)]);
        let handed = packs(&mut changes);
        journal.done(&handed[1..]);
        assert_eq!((journal.waiting(), journal.take_done(9)), (1, vec![second]));
        journal.done(&handed[..1]);
        assert_eq!((journal.waiting(), journal.take_done(9), journal.take_done(9)), (0, vec![first], vec![]));
    }
}
