//! A stand-in for Lambda's reading of a DynamoDB stream: one shard, a batch at a time, read on from the first record that failed,
//! halved when the function itself fails, until a batch has failed too often and its records are given up.

use serde_json::{Value, json};

use crate::lambda::Outcome;

/// A shard with its records.
#[derive(Debug)]
pub struct Stream {
    records: Vec<Value>,
}

impl Stream {
    /// A shard with the records of this event.
    ///
    /// # Panics
    /// The event is not one of a DynamoDB stream.
    #[must_use]
    pub fn new(event: Value) -> Self {
        Self { records: event["Records"].as_array().unwrap().clone() }
    }

    /// Hands the records to a function, and gives the numbers of those that end in the queue of what was given up: a record that
    /// failed `retries` times more, alone.
    pub async fn run(&mut self, retries: usize, invoke: impl AsyncFn(Value) -> Outcome) -> Vec<String> {
        let (mut given_up, mut waiting) = (Vec::new(), vec![self.records.clone()]);
        while let Some(batch) = waiting.pop() {
            let mut tries = 0;
            let mut batch = batch;
            while !batch.is_empty() {
                let failed = match invoke(json!({"Records": batch})).await {
                    Outcome::Error(_) => Some(0),
                    Outcome::Response(answer) => first_failure(&batch, &answer),
                };
                let Some(at) = failed else { break };
                batch.drain(..at);
                if batch.len() > 1 {
                    waiting.push(batch.split_off(batch.len().div_ceil(2)));
                } else if tries < retries {
                    tries += 1;
                } else {
                    given_up.extend(batch.drain(..).map(|record| number(&record)));
                }
            }
        }
        given_up
    }
}

fn first_failure(batch: &[Value], answer: &Value) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array()?;
    let named = |record: &Value| failures.iter().any(|failure| failure["itemIdentifier"] == number(record));
    batch.iter().position(named)
}

fn number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}
