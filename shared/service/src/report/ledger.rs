//! Ledgers of the people that a directory knows.

use std::sync::Arc;

use crate::organisations::settings::own_prices;
use crate::people::directory::Directory;
use model::organisation::Organisation;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Filter, Grouping, Ledger};
use telemetry::claude::prices::{PriceList, Rates};
use telemetry::claude::source::SourceId;

/// The prices of an organisation for requests whose client says no cost.
pub fn prices(organisation: &Organisation) -> PriceList {
    own_prices(organisation).map_or_else(PriceList::default, |own| {
        let rows = own.overrides().map(|(model, dollars)| (model.to_owned(), Rates::of_dollars(dollars)));
        PriceList::new(own.multiplier(), rows)
    })
}

/// A ledger with lines by `grouping`, that shows what `filter` admits.
pub fn ledger(
    directory: &Directory,
    grouping: &[Grouping],
    filter: Filter,
) -> Ledger<impl Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + use<>> {
    let attribution = directory.attribution().clone();
    let ledger = Ledger::new(grouping, move |source, identity: &Label| attribution.whose(source, identity));
    ledger.only(filter).with_automation(Arc::clone(directory.nobody()))
}
