//! The events of a DynamoDB stream of keys (`KEYS_ONLY`), as Lambda hands them over, and the answer that Lambda wants.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use model::bucket::Bucket;
use model::organisation::Uid;
use store::keys::{Key, PK, SK, read_pack_partition};
use telemetry::claude::source::SourceId;

/// Records of a stream, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    changes: Vec<Change>,
}

/// A change of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// Its number in the stream.
    number: String,
    what: What,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// Packs go away in time, which changes nothing.
    Removed,
    /// A pack came.
    Pack(SourceBucket),
    /// An item whose key is not a pack key, if there is a key.
    Strange(Option<Key>),
}

/// An event that is not one of a DynamoDB stream, or has a record that cannot even be named: a defect of the configuration, which no repetition
/// repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event of a DynamoDB stream: {0}")]
pub struct NotAStreamEvent(&'static str);

/// Which records have to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failures {
    /// Empty if all is done.
    #[serde(rename = "batchItemFailures")]
    pub items: Vec<Failure>,
}

/// A record that has to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its number in the stream.
    #[serde(rename = "itemIdentifier")]
    pub identifier: String,
}

/// A bucket of a source of an organisation.
pub type SourceBucket = (Uid, SourceId, Bucket);

impl Batch {
    /// Reads an event. A record that makes no sense does not spoil its neighbours: see [`Batch::unrecognised`].
    ///
    /// # Errors
    /// See [`NotAStreamEvent`].
    pub fn read(event: &Value) -> Result<Self, NotAStreamEvent> {
        let records = event["Records"].as_array().ok_or(NotAStreamEvent("it has no list of records"))?;
        let changes: Result<_, _> = records.iter().map(Change::read).collect();
        Ok(Self { changes: changes? })
    }

    /// The buckets that changed, each once, with the numbers of the records that say so, in the order of the stream. They come in
    /// waves, to be projected one after another: all buckets of a source change the same sighting, so those of one wave, which
    /// are of different sources, never overtake each other.
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<(SourceBucket, Vec<String>)>> {
        let mut buckets: BTreeMap<SourceBucket, Vec<String>> = BTreeMap::new();
        for change in &self.changes {
            if let What::Pack(bucket) = &change.what {
                buckets.entry(bucket.clone()).or_default().push(change.number.clone());
            }
        }
        let mut waves: Vec<Vec<(SourceBucket, Vec<String>)>> = Vec::new();
        let mut turns: HashMap<(Uid, SourceId), usize> = HashMap::new();
        for (bucket, records) in buckets {
            let turn = turns.entry((bucket.0.clone(), bucket.1)).or_default();
            if *turn == waves.len() {
                waves.push(Vec::new());
            }
            waves[*turn].push((bucket, records));
            *turn += 1;
        }
        waves
    }

    /// The numbers of the records that no repetition will make sense of, with the keys of their items and, as far as these tell,
    /// whose they are.
    pub fn unrecognised(&self) -> impl Iterator<Item = (&str, Option<(Uid, &Key)>)> {
        self.changes.iter().filter_map(|change| match &change.what {
            What::Strange(key) => {
                let owner = |key: &Key| Uid::parse(key.pk.split('#').next()?);
                Some((&*change.number, key.as_ref().and_then(|key| Some((owner(key)?, key)))))
            }
            _ => None,
        })
    }

    /// The answer that has these records delivered again. A stream is read on from the first failure, so records are named in
    /// the order of the stream.
    #[must_use]
    pub fn failures(&self, failed: &[String]) -> Failures {
        let numbers = self.changes.iter().map(|change| &change.number);
        let failed: HashSet<&String> = failed.iter().collect();
        let items = numbers.filter(|number| failed.contains(number));
        Failures { items: items.map(|number| Failure { identifier: number.clone() }).collect() }
    }
}

impl Change {
    fn read(record: &Value) -> Result<Self, NotAStreamEvent> {
        let place = &record["dynamodb"];
        let number = place["SequenceNumber"].as_str().ok_or(NotAStreamEvent("a record has no number"))?.to_owned();
        let part = |name: &str| place["Keys"][name]["S"].as_str().map(str::to_owned);
        let key = part(PK).zip(part(SK)).map(|(pk, sk)| Key { pk, sk });
        let what = match key {
            _ if record["eventName"] == "REMOVE" => What::Removed,
            Some(key) => read_pack_partition(&key.pk).map_or(What::Strange(Some(key)), What::Pack),
            None => What::Strange(None),
        };
        Ok(Self { number, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_that_makes_no_sense_does_not_spoil_its_neighbours() {
        let record = |number: &str, kind: &str, keys: Value| json!({"eventName": kind, "dynamodb": {"Keys": keys, "SequenceNumber": number}});
        let key = |pk: &str| json!({"pk": {"S": pk}, "sk": {"S": "l#1#x"}});
        let good = key("AbCdEfGhIjKl#ip9BQre17h18nEqSOtppWQ#01994808");
        let records = [
            record("1", "INSERT", good.clone()),
            record("2", "INSERT", key("AbCdEfGhIjKl#nonsense")),
            record("3", "REMOVE", key("AbCdEfGhIjKl#nonsense")),
            record("4", "MODIFY", json!({"pk": 7})),
            record("5", "MODIFY", good),
        ];
        let batch = Batch::read(&json!({"Records": records})).unwrap();
        let waves = batch.waves();
        assert_eq!((waves.len(), waves[0].len()), (1, 1));
        assert_eq!(waves[0][0].1, ["1", "5"]);
        let unrecognised: Vec<_> =
            batch.unrecognised().map(|(number, owner)| (number, owner.map(|(uid, _)| uid))).collect();
        assert_eq!(unrecognised, [("2", Uid::parse("AbCdEfGhIjKl")), ("4", None)]);
        for event in [json!({}), json!([]), json!({"Records": [{"eventName": "INSERT"}]})] {
            assert!(Batch::read(&event).is_err(), "{event}");
        }
    }

    #[test]
    fn buckets_of_one_source_are_in_rounds_of_their_own() {
        let record = |(number, (source, bucket)): (usize, (&str, u32))| {
            let keys = json!({"pk": {"S": format!("AbCdEfGhIjKl#{source}#{bucket:08}")}, "sk": {"S": "l#1#x"}});
            json!({"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": number.to_string()}})
        };
        let (dana, robin) = ("ip9BQre17h18nEqSOtppWQ", "aaaaaaaaaaaaaaaaaaaaaA");
        let changed = [(dana, 1), (robin, 1), (dana, 3), (dana, 2), (dana, 1), (robin, 2)];
        let records: Vec<Value> = changed.into_iter().enumerate().map(record).collect();
        let waves = Batch::read(&json!({"Records": records})).unwrap().waves();
        let shown = |((_, source, bucket), numbers): &(SourceBucket, Vec<String>)| {
            format!("{} {} {}", source.encoded(), bucket.0, numbers.join(","))
        };
        let shown: Vec<Vec<String>> = waves.iter().map(|wave| wave.iter().map(shown).collect()).collect();
        let expected = [
            vec![format!("{robin} 1 1"), format!("{dana} 1 0,4")],
            vec![format!("{robin} 2 5"), format!("{dana} 2 3")],
            vec![format!("{dana} 3 2")],
        ];
        let sorted = |mut wave: Vec<String>| {
            wave.sort();
            wave
        };
        assert_eq!(shown.into_iter().map(sorted).collect::<Vec<_>>(), expected.map(sorted));
    }
}
