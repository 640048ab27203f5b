//! The behaviour of the whole service, one file a subject.

mod gateway;
mod ingest;
mod lambda;
mod organisations;
mod rotation;
mod secrets_manager;
mod settings;
