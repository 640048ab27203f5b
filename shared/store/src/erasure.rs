//! People being erased. The request is recorded first and removed last, so that an interrupted erasure is completed
//! later, from where it was.

use aws_sdk_dynamodb::types::AttributeValue;

use super::places::Place;
use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

pub mod strays;

/// Name of the attribute that holds when what is erased had arrived at the latest.
const BEFORE: &str = "before";
/// Name of the attribute that holds the place in the summaries.
const PLACE: &str = "place";

/// How far the erasure of a person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// What summaries lead to is deleted: what those before this place lead to is.
    Summaries(Option<Place>),
    /// Nothing is left that anything leads to. What nothing leads to is looked for: see [`strays`].
    Strays,
}

/// A person being erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingErasure {
    /// The person, by id.
    pub person: String,
    /// The ids of all identities of the person in telemetry.
    pub identities: Vec<String>,
    /// Whatever arrived before this is erased.
    pub before: Timestamp,
    /// How far it is.
    pub stage: Stage,
}

impl Store {
    /// Records that a person is to be erased.
    pub async fn put_erasure(&self, uid: &Uid, erasure: &PendingErasure) -> Result<(), StoreError> {
        self.put(erasure.item(uid)).await
    }

    /// Records how far an erasure is; false if it has ended, or was requested again, meanwhile.
    pub async fn note_erasure(&self, uid: &Uid, erasure: &PendingErasure) -> Result<bool, StoreError> {
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(erasure.item(uid).into()));
        let put = put
            .condition_expression("#before = :before")
            .expression_attribute_names("#before", BEFORE)
            .expression_attribute_values(":before", AttributeValue::N(erasure.before.0.to_string()));
        or_requested_again(put.send().await.map(|_| ()).map_err(StoreError::from_sdk))
    }

    /// All people whose erasure is not complete.
    pub async fn erasures(&self, uid: &Uid) -> Result<Vec<PendingErasure>, StoreError> {
        let items = self.query(Range::all(&keys::pending_erasure_partition(uid))).await?;
        items.iter().map(PendingErasure::read).collect()
    }

    /// Removes the record of a completed erasure; false if it was requested again meanwhile.
    pub async fn delete_erasure(&self, uid: &Uid, erasure: &PendingErasure) -> Result<bool, StoreError> {
        let delete = self.client.delete_item().table_name(&self.activity);
        let delete = delete
            .set_key(Some(Item::at(keys::pending_erasure(uid, &erasure.person)).into()))
            .condition_expression("#before = :before")
            .expression_attribute_names("#before", BEFORE)
            .expression_attribute_values(":before", AttributeValue::N(erasure.before.0.to_string()));
        or_requested_again(delete.send().await.map(|_| ()).map_err(StoreError::from_sdk))
    }
}

fn or_requested_again(written: Result<(), StoreError>) -> Result<bool, StoreError> {
    match written {
        Err(error) if error.is_conflict() => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

impl PendingErasure {
    fn item(&self, uid: &Uid) -> Item {
        let item = Item::at(keys::pending_erasure(uid, &self.person))
            .texts("identities", &self.identities)
            .number(BEFORE, self.before.0);
        match &self.stage {
            Stage::Summaries(None) => item,
            Stage::Summaries(Some(place)) => item.text(PLACE, place.write()),
            Stage::Strays => item.flag("strays", true),
        }
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        // An earlier release noted something else: then it begins anew.
        let place = item.optional_text(PLACE).and_then(Place::read);
        Ok(Self {
            person: item.required_text(keys::SK)?.into(),
            identities: item.find_texts("identities"),
            before: Timestamp(item.required_number(BEFORE)?),
            stage: if item.find_flag("strays") { Stage::Strays } else { Stage::Summaries(place) },
        })
    }
}
