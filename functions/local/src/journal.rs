//! What stands in for the stream of the Events table: a file of the packs that were written and are not projected yet.
//!
//! A pack's key is noted in the file before the pack is put, and handed on after. What the file still holds when the gateway
//! starts, after a crash too, is projected then; a note whose pack was never put changes nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Notes of packs.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<Notes>,
    changes: UnboundedSender<Change>,
}

#[derive(Debug)]
struct Notes {
    /// None where nothing is to outlive the process.
    file: Option<File>,
    /// Notes that were made and not projected yet.
    open: usize,
}

/// A pack that was put.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Change {
    pk: String,
    sk: String,
}

impl Change {
    /// The key of the pack that a `PutItem` request puts into the table named `events`; `None` for an item of another table.
    #[must_use]
    pub fn of_put(body: &[u8], events: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Put {
            #[serde(rename = "TableName")]
            table: String,
            #[serde(rename = "Item")]
            item: Keys,
        }
        #[derive(Deserialize)]
        struct Keys {
            pk: Text,
            sk: Text,
        }
        #[derive(Deserialize)]
        struct Text {
            #[serde(rename = "S")]
            text: String,
        }
        let Put { table, item } = serde_json::from_slice(body).ok()?;
        (table == events).then_some(Self { pk: item.pk.text, sk: item.sk.text })
    }
}

impl Journal {
    /// Opens the journal in `file`, or one that is gone with the process, and what it hands on. What an earlier process left comes first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(file: Option<&Path>) -> io::Result<(Self, UnboundedReceiver<Change>)> {
        let (changes, receiver) = unbounded_channel();
        let mut notes = Notes { file: None, open: 0 };
        if let Some(path) = file {
            let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            // A line that was cut by a crash belongs to a put that was never begun; the next note must not continue it.
            let whole = text.rfind('\n').map_or(0, |end| end + 1);
            file.set_len(whole as u64)?;
            for line in text[..whole].lines() {
                if let Some((pk, sk)) = line.split_once('\t') {
                    notes.open += 1;
                    // The receiver is in this function's hands.
                    let _ = changes.send(Change { pk: pk.into(), sk: sk.into() });
                }
            }
            notes.file = Some(file);
        }
        Ok((Self { file: Mutex::new(notes), changes }, receiver))
    }

    /// How many notes are not projected yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).open
    }

    /// Notes a pack that is about to be put.
    ///
    /// # Errors
    /// The file cannot be written: the pack must not be put.
    pub fn note(&self, change: &Change) -> io::Result<()> {
        let mut notes = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut notes.file {
            file.write_all(format!("{}\t{}\n", change.pk, change.sk).as_bytes())?;
        }
        notes.open += 1;
        Ok(())
    }

    /// Hands a noted pack on, put or not.
    pub fn hand_on(&self, change: Change) {
        // Nobody listens any more when the gateway stops; the next one reads the file.
        let _ = self.changes.send(change);
    }

    /// So many notes are projected. When none is left the file begins anew.
    ///
    /// # Errors
    /// The file cannot be written; it is read again at the next start.
    pub fn done(&self, count: usize) -> io::Result<()> {
        let mut notes = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        notes.open -= count.min(notes.open);
        if notes.open == 0
            && let Some(file) = &mut notes.file
        {
            file.set_len(0)?;
            file.rewind()?;
        }
        Ok(())
    }
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

    fn change(n: u32) -> Change {
        Change { pk: format!("uid#source#{n:08}"), sk: "l#1#d".into() }
    }

    fn all(receiver: &mut UnboundedReceiver<Change>) -> Vec<Change> {
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn what_is_not_projected_is_handed_on_by_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (journal, mut changes) = Journal::open(Some(&path)).unwrap();
        journal.note(&change(1)).unwrap();
        journal.hand_on(change(1));
        journal.note(&change(2)).unwrap();
        assert_eq!(all(&mut changes), [change(1)]);
        journal.done(1).unwrap();
        drop(journal);
        let (journal, mut changes) = Journal::open(Some(&path)).unwrap();
        assert_eq!(all(&mut changes), [change(1), change(2)], "twice is once; never is not");
        journal.done(2).unwrap();
        drop(journal);
        assert_eq!(all(&mut Journal::open(Some(&path)).unwrap().1), []);
    }

    #[test]
    fn a_line_cut_by_a_crash_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "uid#source#00000001\tl#1#d\nuid#sour").unwrap();
        let (journal, mut changes) = Journal::open(Some(&path)).unwrap();
        assert_eq!(all(&mut changes), [change(1)]);
        journal.note(&change(2)).unwrap();
        drop(journal);
        assert_eq!(all(&mut Journal::open(Some(&path)).unwrap().1), [change(1), change(2)]);
    }

    #[test]
    fn the_key_of_a_put_is_read_from_its_request() {
        let body = br#"{"TableName":"events","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"p":{"B":"AA=="}}}"#;
        assert_eq!(Change::of_put(body, "activity"), None);
        assert_eq!(Change::of_put(body, "events"), Some(Change { pk: "a".into(), sk: "b".into() }));
    }
}
