//! Activity: packs are reduced to summaries of a source's bucket, and summaries to numbers. Pure: no clock, no
//! database.
//!
//! * [`measure`] defines what is counted, [`spread`] how durations are, [`dimensions`] what they can be grouped by,
//!   [`attributes`] what of it an admin sets.
//! * [`tally`] counts one record, [`prompts`] finds those that no person wrote.
//! * [`bucket`] finds the records of one claimed bucket in its packs, each once.
//! * [`growing`] is a summary under construction; [`adding`] builds the summaries of a bucket pack by pack.
//! * [`summary`] is the finished summary, [`series`] what it keeps of cumulative counters, [`wire`] its stored form.
//! * [`outline`] is the summary of a day with all sessions together, [`session`] what stands for them there.
//! * [`ledger`] adds summaries up over time and people, with one source of truth for each number.
//!
//! Events report what was prompted, answered and run, and what it cost; metrics report what was edited, committed and
//! how long people worked. Tokens and cost come in both: [`reported`] holds a bucket's events and metrics against each
//! other by [`matching`], [`repeated`] is what is left of events then, [`late`] does so across buckets, and what metrics
//! report beyond events counts beside them.

pub mod adding;
pub mod attributes;
pub mod bucket;
pub mod day;
pub mod dimensions;
pub mod growing;
mod label;
pub mod late;
pub mod ledger;
pub mod matching;
pub mod measure;
pub mod money;
pub mod outline;
pub mod prompts;
pub mod repeated;
pub mod reported;
pub mod series;
mod series_key;
pub mod session;
pub mod spread;
pub mod summary;
pub mod tally;
pub mod wire;
