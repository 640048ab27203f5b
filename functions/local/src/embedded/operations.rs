//! The operations of DynamoDB that the service uses, from the body of a request to the body of the answer.

use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn dispatch(database: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
    match operation {
        "GetItem" => run(body, |r| database.get_item(r)),
        "UpdateItem" => run(body, |r| database.update_item(r)),
        "DeleteItem" => run(body, |r| database.delete_item(r)),
        "Query" => run(body, |r| database.query(r)),
        "Scan" => run(body, |r| database.scan(r)),
        "BatchGetItem" => run(body, |r| database.batch_get_item(r)),
        "BatchWriteItem" => run(body, |r| database.batch_write_item(r)),
        "TransactWriteItems" => run(body, |mut r: TransactWriteItemsRequest| {
            // The client above sends nothing twice; with a token, the database would keep each answer for ten minutes to give it again.
            r.client_request_token = None;
            database.transact_write_items(r)
        }),
        "TransactGetItems" => run(body, |r| database.transact_get_items(r)),
        "CreateTable" => run(body, |r| database.create_table(r)),
        "DescribeTable" => run(body, |r| database.describe_table(r)),
        "UpdateTimeToLive" => run(body, |r| database.update_time_to_live(r)),
        other => Err(DynoxideError::ValidationException(format!("{other} is not used by this service"))),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    operation(parse(body)?).and_then(|answer| written(&answer))
}

pub(super) fn parse<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    serde_json::from_slice(body).map_err(|e| DynoxideError::SerializationException(e.to_string()))
}

pub(super) fn written(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}
