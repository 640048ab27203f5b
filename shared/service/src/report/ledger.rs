//! Ledgers of the people that a directory knows.

use std::sync::Arc;

use crate::people::directory::Directory;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Filter, Grouping, Ledger};
use telemetry::claude::source::SourceId;

/// A ledger with lines by `grouping`, that shows what `filter` admits.
pub fn ledger<'d>(
    directory: &'d Directory,
    grouping: &[Grouping],
    filter: Filter,
) -> Ledger<impl Fn(SourceId, &Label) -> Option<Arc<str>> + use<'d>> {
    let ledger = Ledger::new(grouping, |source, identity: &Label| directory.whose(source, identity));
    ledger.only(filter).with_automation(Arc::clone(directory.nobody()))
}
