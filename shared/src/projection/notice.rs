//! The events of a DynamoDB stream of keys (`KEYS_ONLY`), as Lambda hands them over, and the answer that Lambda wants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claude::source::SourceId;
use crate::organisation::Uid;
use crate::pack::group::Bucket;
use crate::store::keys::read_pack_partition;

/// Records of a stream.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Batch {
    /// In the order of the stream.
    #[serde(rename = "Records", default)]
    pub records: Vec<Change>,
}

/// A change of an item.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    #[serde(rename = "eventName", default)]
    pub kind: String,
    /// Its place in the stream.
    pub dynamodb: Place,
}

/// Where a change stands, and what it is a change of.
#[derive(Debug, Clone, Deserialize)]
pub struct Place {
    /// The key of the item.
    #[serde(rename = "Keys", default)]
    pub keys: BTreeMap<String, BTreeMap<String, String>>,
    /// Its number in the stream.
    #[serde(rename = "SequenceNumber", default)]
    pub sequence_number: String,
}

/// Which records have to come again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failures {
    /// Empty if all is done.
    #[serde(rename = "batchItemFailures")]
    pub items: Vec<Failure>,
}

/// A record that has to come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its number in the stream.
    #[serde(rename = "itemIdentifier")]
    pub identifier: String,
}

/// A quarter hour of a source of an organisation.
pub type Quarter = (Uid, SourceId, Bucket);

impl Batch {
    /// The quarter hours that changed, each once, with the numbers of the records that say so, in the order of the stream. That packs
    /// go away, as they do in time, changes nothing.
    #[must_use]
    pub fn quarters(&self) -> Vec<(Quarter, Vec<String>)> {
        let mut quarters: BTreeMap<Quarter, Vec<String>> = BTreeMap::new();
        for change in self.records.iter().filter(|change| change.kind != "REMOVE") {
            let pk = change.dynamodb.keys.get("pk").and_then(|value| value.get("S"));
            if let Some(quarter) = pk.and_then(|pk| read_pack_partition(pk)) {
                quarters.entry(quarter).or_default().push(change.dynamodb.sequence_number.clone());
            }
        }
        quarters.into_iter().collect()
    }

    /// The answer that makes these records come again. A stream is read on from the first failure, so records are named in
    /// the order of the stream.
    #[must_use]
    pub fn failures(&self, failed: &[String]) -> Failures {
        let numbers = self.records.iter().map(|change| &change.dynamodb.sequence_number);
        let items = numbers.filter(|number| failed.contains(number));
        Failures { items: items.map(|number| Failure { identifier: number.clone() }).collect() }
    }
}
