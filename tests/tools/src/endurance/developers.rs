//! Developers: each lives captured sessions, one request after the other, with the token that was deployed when it started.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::sleep;

use super::Round;
use crate::activity::relived::Life;
use crate::activity::{captures, requests};
use crate::exporter::{Fate, export};

/// How far sessions are apart, in nanoseconds.
const APART: u64 = 97_000_000_000;

impl Round {
    /// Works until there were enough faults.
    pub(super) async fn develop(self: Rc<Self>, person: usize) {
        let runs = captures();
        let mut token = self.token_of_settings().await;
        let mut lived = 0;
        while !self.is_over() {
            let run = requests(&runs[self.below(runs.len())]);
            let session = lived * super::DEVELOPERS + person;
            let life = Life { person, session, earlier: APART * session as u64 };
            lived += 1;
            for captured in &run {
                let sent = life.relive(captured);
                let fate = export(&sent, &token, |request| self.post(request)).await;
                self.sent.borrow_mut().push((sent, fate == Fate::Acknowledged));
                match fate {
                    Fate::Acknowledged => self.told.borrow_mut().acknowledged += 1,
                    Fate::GivenUp => self.told.borrow_mut().given_up += 1,
                    Fate::Refused(_) => {
                        self.told.borrow_mut().refused += 1;
                        assert!(!self.is_current(&token).await, "a token in force was refused");
                        // Settings are read at the start of the program.
                        token = self.token_of_settings().await;
                    }
                }
            }
            sleep(Duration::from_millis(self.below(2_000) as u64)).await;
        }
        self.working.set(self.working.get() - 1);
    }

    /// The way from the client to the service, which breaks too: before the request arrives, and before the answer does.
    async fn post(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let lot = self.below(100);
        if lot == 0 {
            return None;
        }
        let answer = self.fragile.handlers.ingest.answer(request, self.now()).await;
        (lot != 1).then_some(answer)
    }
}
