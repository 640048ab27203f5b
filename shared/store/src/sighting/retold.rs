//! What the packs of a source tell that stay when others are removed, as far as a removal has come. It is beside the sighting, so that it
//! goes with it, and takes its place in the end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::places::Place;
use crate::{Item, StoreError};
use telemetry::sighting::Sighting;

/// Name of the attribute that holds it.
const RETOLD: &str = "retold";

/// What packs tell that stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Retold {
    /// The place up to which the summaries have led to them.
    pub until: Place,
    /// What they tell.
    pub sighting: Sighting,
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    removal: String,
    until: String,
    sighting: Sighting,
}

pub(super) fn write(item: Item, retold: &BTreeMap<String, Retold>) -> Result<Item, StoreError> {
    if retold.is_empty() {
        return Ok(item);
    }
    let stored = retold.iter().map(|(removal, Retold { until, sighting })| Stored {
        removal: removal.clone(),
        until: until.write(),
        sighting: sighting.clone(),
    });
    let bytes = serde_json::to_vec(&stored.collect::<Vec<_>>()).map_err(|_| StoreError::bug("retold"))?;
    Ok(item.bytes(RETOLD, bytes))
}

pub(super) fn read(item: &Item) -> Result<BTreeMap<String, Retold>, StoreError> {
    let Some(bytes) = item.optional_bytes(RETOLD) else { return Ok(BTreeMap::new()) };
    let unreadable = || StoreError::unreadable("retold");
    let stored: Vec<Stored> = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    let read = |Stored { removal, until, sighting }| {
        Ok((removal, Retold { until: Place::read(&until).ok_or_else(unreadable)?, sighting }))
    };
    stored.into_iter().map(read).collect()
}
