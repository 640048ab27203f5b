//! The stream of the Events table: every write comes at least once, in any order, and what failed comes again.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use store::keys::Key;
use tokio::time::sleep;

use super::Round;
use crate::tenant::stream_event;

/// Most records of a batch.
const BATCH: usize = 100;

impl Round {
    /// Projects what is new, until nobody works any more and nothing is left.
    pub(super) async fn project(self: Rc<Self>) {
        let mut waiting: Vec<Key> = Vec::new();
        loop {
            waiting.extend(self.faults.take_new_packs());
            if waiting.is_empty() {
                if self.working.get() == 0 {
                    return;
                }
                sleep(Duration::from_secs(1)).await;
                continue;
            }
            let rest = waiting.split_off(waiting.len().min(BATCH));
            let failed = self.project_batch(&waiting).await;
            waiting = failed.into_iter().map(|at| waiting[at].clone()).chain(rest).collect();
            if self.working.get() == 0 {
                self.faults.set_rate(0);
            }
        }
    }

    /// Projects what was projected before, at the same time.
    pub(super) async fn project_again(self: Rc<Self>) {
        while self.working.get() > 0 {
            sleep(Duration::from_secs(3)).await;
            let mut keys = self.calm.pack_keys().await;
            let mut some = Vec::new();
            while some.len() < BATCH / 4 && !keys.is_empty() {
                some.push(keys.swap_remove(self.below(keys.len())));
            }
            self.project_batch(&some).await;
        }
    }

    /// Gives the places of the records that have to come again.
    async fn project_batch(&self, keys: &[Key]) -> Vec<usize> {
        let answer = project_activity::handle(&self.fragile.projection, stream_event(keys), self.now()).await.unwrap();
        self.told.borrow_mut().batches += 1;
        let failed = answer["batchItemFailures"].as_array().unwrap();
        let number = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().parse::<usize>().unwrap() - 1_000;
        failed.iter().map(number).collect()
    }
}
