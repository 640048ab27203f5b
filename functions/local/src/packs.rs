//! Packs on their way into the embedded database: those that come together are committed together, with one note of them.
//!
//! The disk makes everybody wait for a commit, and a commit of many packs takes as long as a commit of one. So whoever has its turn
//! commits for all that have come by then. Each pack keeps its own condition and its own answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::actions::put_item::{PutItemRequest, PutItemResponse};
use dynoxide::actions::transact_write_items::{TransactPut, TransactWriteItem, TransactWriteItemsRequest};
use dynoxide::errors::CancellationReason;
use dynoxide::types::{AttributeValue, consumed_capacity, item_size, write_capacity_units};
use dynoxide::{Database, DynoxideError};
use tokio::sync::{Semaphore, oneshot};

use crate::blocking::blocking;
use crate::journal::{self, Journal};

/// Most packs of one commit; a transaction has at most a hundred writes.
const TOGETHER: usize = 32;
/// Most bytes of the packs of one commit, unless it is one pack: a transaction has at most four MiB.
const BYTES: usize = 3 * 1024 * 1024;
/// Most notes that are deleted along with packs.
const ALONG: usize = 48;
/// Most notes that are deleted in a commit without packs.
const ALONE: usize = 100;
/// What a cancelled transaction says of a write that it was not the reason of.
const NO_REASON: &str = "None";

/// The packs that are not committed yet.
#[derive(Clone)]
pub(crate) struct Packs {
    database: Database,
    journal: Arc<Journal>,
    in_flight: Arc<Semaphore>,
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
    /// Held during a commit: whoever comes next commits what has come meanwhile.
    committing: Arc<Mutex<()>>,
}

/// A pack that is to be put, and who wants to know what became of it.
struct Waiting {
    put: PutItemRequest,
    key: (String, String),
    size: usize,
    answer: oneshot::Sender<Answer>,
}

type Answer = Result<PutItemResponse, DynoxideError>;

impl Packs {
    pub(crate) fn new(database: Database, journal: Arc<Journal>, in_flight: Arc<Semaphore>) -> Self {
        Self { database, journal, in_flight, waiting: Arc::default(), committing: Arc::default() }
    }

    /// Puts a pack as the request says, and answers when it is on disk.
    pub(crate) async fn put(&self, put: PutItemRequest) -> Answer {
        let (answer, mut answered) = oneshot::channel();
        let key = key(&put)?;
        let size = item_size(&put.item);
        self.queue().push_back(Waiting { put, key, size, answer });
        loop {
            tokio::select! {
                biased;
                answer = &mut answered => return answer.map_err(|_| lost()).flatten(),
                turn = Arc::clone(&self.in_flight).acquire_owned() => {
                    let packs = self.clone();
                    let work = move || {
                        let _turn = turn;
                        packs.commit();
                        Ok(())
                    };
                    blocking(work).await?;
                }
            }
        }
    }

    /// Deletes the notes of which nothing is left to do.
    pub(crate) fn settle(&self) -> Result<(), DynoxideError> {
        loop {
            let done = self.journal.take_done(ALONE);
            if done.is_empty() {
                return Ok(());
            }
            let deletions = done.iter().copied().map(journal::deletion).collect();
            if let Err(error) = self.write(deletions) {
                self.journal.put_back(done);
                return Err(error);
            }
        }
    }

    /// Commits what is waiting, as far as it fits into one commit.
    fn commit(&self) {
        let _committing = self.committing.lock().unwrap_or_else(PoisonError::into_inner);
        self.commit_group(self.take());
    }

    fn commit_group(&self, mut group: Vec<Waiting>) {
        while !group.is_empty() {
            match self.put_together(&group) {
                Ok(()) => return group.into_iter().for_each(Waiting::stored),
                Err(DynoxideError::TransactionCanceledException(_, reasons)) if tells(&reasons, group.len()) => {
                    group = answer_refused(group, reasons);
                }
                Err(error) if group.len() == 1 => return group.into_iter().for_each(|last| last.failed(&error)),
                // What is wrong with one of them may not be told, and is not to cost the others their place.
                Err(_) => return group.into_iter().for_each(|one| self.commit_group(vec![one])),
            }
        }
    }

    /// The next packs. Whoever gave up is passed over, and an equal pack waits until it is known what became of the first.
    fn take(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        queue.retain(|waiting| !waiting.answer.is_closed());
        let (mut group, mut bytes): (Vec<Waiting>, usize) = (Vec::new(), 0);
        while group.len() < TOGETHER
            && let Some(next) = queue.front()
            && (group.is_empty() || bytes + next.size <= BYTES)
            && group.iter().all(|taken| taken.key != next.key)
            && let Some(next) = queue.pop_front()
        {
            bytes += next.size;
            group.push(next);
        }
        group
    }

    /// One commit: these packs, their note, and the deletion of notes that are done.
    fn put_together(&self, group: &[Waiting]) -> Result<(), DynoxideError> {
        let (number, done) = (self.journal.number(), self.journal.take_done(ALONG));
        let keys: Vec<_> = group.iter().map(|waiting| waiting.key.clone()).collect();
        let puts = group.iter().map(|waiting| put(&waiting.put));
        let note = std::iter::once(journal::put(number, &keys));
        let written = self.write(puts.chain(note).chain(done.iter().copied().map(journal::deletion)).collect());
        match &written {
            Ok(()) => self.journal.hand_on(number, keys),
            Err(_) => self.journal.put_back(done),
        }
        written
    }

    fn write(&self, transact_items: Vec<TransactWriteItem>) -> Result<(), DynoxideError> {
        let request = TransactWriteItemsRequest { transact_items, ..TransactWriteItemsRequest::default() };
        self.database.transact_write_items(request).map(|_| ())
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// What is answered to a put by itself.
    fn stored(self) {
        let units = write_capacity_units(self.size);
        let consumed_capacity = consumed_capacity(&self.put.table_name, units, &self.put.return_consumed_capacity);
        self.tell(Ok(PutItemResponse { consumed_capacity, ..PutItemResponse::default() }));
    }

    fn failed(self, error: &DynoxideError) {
        self.tell(Err(DynoxideError::InternalServerError(error.to_string())));
    }

    fn tell(self, answer: Answer) {
        // Who gave up meanwhile sends the same again, and finds it stored.
        let _ = self.answer.send(answer);
    }
}

fn put(put: &PutItemRequest) -> TransactWriteItem {
    let put = TransactPut {
        table_name: put.table_name.clone(),
        item: put.item.clone(),
        condition_expression: put.condition_expression.clone(),
        expression_attribute_names: put.expression_attribute_names.clone(),
        expression_attribute_values: put.expression_attribute_values.clone(),
        return_values_on_condition_check_failure: put.return_values_on_condition_check_failure.clone(),
    };
    TransactWriteItem { put: Some(put), ..TransactWriteItem::default() }
}

/// Whether a cancelled commit of so many packs and what goes with them says which of the packs it was.
fn tells(reasons: &[CancellationReason], packs: usize) -> bool {
    reasons.iter().take(packs).any(|reason| reason.code != NO_REASON)
}

/// Tells those that were the reason, and gives the others.
fn answer_refused(group: Vec<Waiting>, reasons: Vec<CancellationReason>) -> Vec<Waiting> {
    let mut left = Vec::new();
    for (waiting, reason) in group.into_iter().zip(reasons) {
        let message = reason.message.unwrap_or_default();
        match reason.code.as_str() {
            NO_REASON => left.push(waiting),
            "ConditionalCheckFailed" => {
                waiting.tell(Err(DynoxideError::ConditionalCheckFailedException(message, reason.item)));
            }
            _ => waiting.tell(Err(DynoxideError::ValidationException(message))),
        }
    }
    left
}

fn key(put: &PutItemRequest) -> Result<(String, String), DynoxideError> {
    let text = |name: &str| match put.item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(DynoxideError::ValidationException(format!("a pack needs a text as its {name}"))),
    };
    Ok((text("pk")?, text("sk")?))
}

fn lost() -> DynoxideError {
    DynoxideError::InternalServerError("a commit broke off".into())
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::UnboundedReceiver;

    use super::*;
    use crate::journal::Change;

    const EVENTS: &str = "events";

    fn request(pk: &str, sk: &str) -> PutItemRequest {
        let text = |text: &str| AttributeValue::S(text.into());
        PutItemRequest {
            table_name: EVENTS.into(),
            item: [("pk".into(), text(pk)), ("sk".into(), text(sk)), ("p".into(), AttributeValue::B(vec![1; 2_000]))]
                .into(),
            condition_expression: Some("attribute_not_exists(pk)".into()),
            return_consumed_capacity: Some("TOTAL".into()),
            ..PutItemRequest::default()
        }
    }

    fn packs() -> (Packs, UnboundedReceiver<Change>) {
        let database = Database::memory().unwrap();
        let table = serde_json::json!({
            "TableName": EVENTS, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        });
        database.create_table(serde_json::from_value(table).unwrap()).unwrap();
        let (journal, changes) = Journal::open(&database, None).unwrap();
        (Packs::new(database, Arc::new(journal), Arc::new(Semaphore::new(3))), changes)
    }

    #[tokio::test]
    async fn packs_that_come_together_are_one_commit_and_each_has_its_own_answer() {
        let (packs, mut changes) = packs();
        packs.put(request("a", "known")).await.unwrap();
        let held = packs.in_flight.clone().acquire_many_owned(3).await.unwrap();
        let together = async {
            let puts = ["known", "new", "new", "other"].map(|sk| packs.put(request("a", sk)));
            futures::future::join_all(puts).await
        };
        let release = async {
            while packs.queue().len() < 4 {
                tokio::task::yield_now().await;
            }
            drop(held);
        };
        let (answers, ()) = tokio::join!(together, release);
        let refused = |answer: &Answer| matches!(answer, Err(DynoxideError::ConditionalCheckFailedException(..)));
        assert_eq!(answers.iter().map(refused).collect::<Vec<_>>(), [true, false, true, false]);
        let units = answers[1].as_ref().unwrap().consumed_capacity.as_ref().unwrap().capacity_units;
        assert_eq!(units, 2.0, "as for a put of two kilobytes by itself");
        let handed: Vec<_> = std::iter::from_fn(|| changes.try_recv().ok()).collect();
        assert_eq!(handed.len(), 3);
        assert_eq!(packs.journal.waiting(), 3);
    }

    #[tokio::test]
    async fn what_is_wrong_with_one_pack_costs_the_others_nothing() {
        let (packs, _changes) = packs();
        let wrong = PutItemRequest { condition_expression: Some("no condition".into()), ..request("a", "wrong") };
        let answers = futures::future::join_all([
            packs.put(request("a", "one")),
            packs.put(wrong),
            packs.put(request("a", "two")),
        ]);
        let answers = answers.await;
        assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    }

    #[tokio::test]
    async fn a_note_goes_with_a_later_pack_or_when_it_is_asked_for() {
        let (packs, mut changes) = packs();
        let noted = || {
            packs
                .database
                .scan(dynoxide::actions::scan::ScanRequest { table_name: "notes".into(), ..Default::default() })
                .unwrap()
                .count
        };
        packs.put(request("a", "one")).await.unwrap();
        packs.journal.done(&[changes.try_recv().unwrap()]);
        assert_eq!(noted(), 1);
        packs.put(request("a", "two")).await.unwrap();
        assert_eq!(noted(), 1, "the first went when the second came");
        packs.journal.done(&[changes.try_recv().unwrap()]);
        packs.settle().unwrap();
        assert_eq!(noted(), 0);
    }
}
