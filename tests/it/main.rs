//! The behaviour of the whole service, one file a subject.

mod activity;
mod days;
mod health;
mod ingest;
mod lambda;
mod organisations;
mod projection;
mod report;
