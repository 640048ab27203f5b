//! What admins do with organisations and their tokens.
//!
//! Every change is decided on what the database says now and written in one transaction on condition that nothing changed in
//! between ([`commit`]). Tokens follow the same order everywhere: the secret store first, as pending; then the transaction,
//! which is the moment at which the token is good; then the label in the secret store. A crash after any of the three leaves a
//! token that works, and the next request continues from there.

pub mod change;
pub mod commit;
pub mod enable;
pub mod end;
pub mod error;
pub mod key;
pub mod purge;
pub mod quota;
pub mod rotate;
pub mod settings;
pub mod tokens;
pub mod view;
