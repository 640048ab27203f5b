//! The configuration as POSIX shell exports.

use super::env::Env;
use super::guide::Guide;

/// A script to be sourced. Within single quotes, only the quote itself has a meaning for the shell.
pub(super) fn exports(env: &Env, guide: &Guide) -> String {
    let comment = guide.comment().map(|line| format!("# {line}\n"));
    let exports = env.0.iter().map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', r"'\''")));
    comment.chain(["\n".to_owned()]).chain(exports).collect()
}
