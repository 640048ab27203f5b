//! Prompts that no person wrote: when a subagent in the background is done, the client prompts the main agent with what it
//! found. That prompt looks like any other, as recorded of version 2.1.332, but that it follows the end of such a subagent.

use std::collections::BTreeMap;

use super::dimensions::{Dimension, Dimensions, Label};
use model::time::Timestamp;

/// The prompts of a bucket, and the ends of subagents in the background.
#[derive(Debug, Default)]
pub struct Prompts(BTreeMap<Label, Session>);

#[derive(Debug, Default)]
struct Session {
    prompts: Vec<(Timestamp, Dimensions, i64)>,
    ends: Vec<(Timestamp, i64)>,
}

impl Prompts {
    /// Records a prompt that occurred so many times.
    pub fn prompt(&mut self, time: Timestamp, about: &Dimensions, times: i64) {
        self.session(about).prompts.push((time, about.clone(), times));
    }

    /// Records the end of a subagent in the background.
    pub fn end(&mut self, time: Timestamp, about: &Dimensions, times: i64) {
        self.session(about).ends.push((time, times));
    }

    fn session(&mut self, about: &Dimensions) -> &mut Session {
        self.0.entry(about[Dimension::Session].clone()).or_default()
    }

    /// The prompts that the client wrote, by the rows that they were counted in: for each end the first prompt of its
    /// session that follows it in the bucket.
    pub fn of_the_client(self) -> Vec<(Dimensions, i64)> {
        let mut found = Vec::new();
        for Session { mut prompts, mut ends } in self.0.into_values().filter(|session| !session.ends.is_empty()) {
            prompts.sort();
            ends.sort_unstable();
            let mut prompts = prompts.into_iter().peekable();
            for (end, mut times) in ends {
                while prompts.next_if(|(time, ..)| *time < end).is_some() {}
                while times > 0 {
                    let Some((_, about, left)) = prompts.peek_mut() else { break };
                    let taken = times.min(*left);
                    (times, *left) = (times - taken, *left - taken);
                    found.push((about.clone(), taken));
                    if *left == 0 {
                        prompts.next();
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str) -> Dimensions {
        Dimensions::default().with(Dimension::Session, Some(name.into()))
    }

    #[test]
    fn the_prompt_after_the_end_of_a_subagent_is_the_clients_and_no_other() {
        let mut prompts = Prompts::default();
        for (time, name) in [(10, "a"), (30, "a"), (40, "a"), (31, "b")] {
            prompts.prompt(Timestamp(time), &session(name), 1);
        }
        prompts.end(Timestamp(20), &session("a"), 1);
        prompts.end(Timestamp(50), &session("a"), 1);
        assert_eq!(prompts.of_the_client(), [(session("a"), 1)]);
    }

    #[test]
    fn every_end_has_a_prompt_of_its_own_if_there_are_as_many() {
        let mut prompts = Prompts::default();
        prompts.prompt(Timestamp(30), &session("a"), 2);
        prompts.prompt(Timestamp(40), &session("a").with(Dimension::Team, Some("core".into())), 2);
        prompts.end(Timestamp(20), &session("a"), 1);
        prompts.end(Timestamp(20), &session("a"), 2);
        let core = session("a").with(Dimension::Team, Some("core".into()));
        assert_eq!(prompts.of_the_client(), [(session("a"), 1), (session("a"), 1), (core, 1)]);
    }
}
