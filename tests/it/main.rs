//! The behaviour of the whole service, one file a subject.

#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]

mod activity;
mod days;
mod demo;
mod gateway;
mod health;
mod identity;
mod ingest;
mod journey;
mod lambda;
mod organisations;
mod people;
mod projection;
mod report;
mod rotation;
mod secrets_manager;
mod settings;
mod staleness;
mod template;
