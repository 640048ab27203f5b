//! Activity: packs become summaries of a source's quarter hour, summaries become numbers. Pure: no clock, no database.
//!
//! * [`measure`] is what is counted, [`dimensions`] is what it can be grouped by.
//! * [`tally`] reads one record.
//! * [`quarter`] finds the records of one claimed quarter hour in its packs, each once.
//! * [`growing`] is a summary that is being made, [`adding`] makes those of a quarter hour pack by pack.
//! * [`summary`] is the summary, [`series`] what it keeps of cumulative counters, [`wire`] its stored form.
//! * [`ledger`] adds summaries up over time and people, with one source of truth for each number.
//!
//! Events say what was asked, answered and run, and what it cost; metrics say what was edited, committed and how long people
//! worked. Tokens and cost come in both, so a session's metrics count only if it sent no `api_request` event at all.

pub mod adding;
pub mod dimensions;
pub mod growing;
pub mod ledger;
pub mod measure;
pub mod quarter;
pub mod series;
pub mod summary;
pub mod tally;
pub mod wire;
