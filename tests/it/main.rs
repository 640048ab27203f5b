//! The behaviour of the whole service, one file a subject.

#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]

mod activity;
mod conformance;
mod console;
mod days;
mod demo;
mod documents;
mod door;
mod emulator;
mod faults;
mod gateway;
mod health;
mod heat;
mod hostile;
mod identity;
mod ingest;
mod isolation;
mod journey;
mod lambda;
mod maintenance;
mod money;
mod organisations;
mod pages;
mod people;
mod projection;
mod races;
mod removal;
mod report;
mod rotation;
mod secrets_manager;
mod settings;
mod staleness;
mod stretches;
mod template;
