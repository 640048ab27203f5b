//! The behaviour of the whole service, one file a subject.

mod identity;
mod ingest;
mod lambda;
mod organisations;
