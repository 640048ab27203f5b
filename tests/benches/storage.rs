//! What is stored: bytes an event and write units an export, of the real captures, as DynamoDB counts them.
//!
//! `cargo bench -p tests --bench storage`

#![expect(clippy::unwrap_used, reason = "what is missing ends the benchmark")]

use std::io::Write;

use model::organisation::Settings;
use telemetry::activity::{bucket, wire};
use tools::activity::{Sent, filed, packs};
use tools::captures;
use tools::stack::{START, Stack};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let (mut records, mut bytes, mut exports, mut single) = (0, 0, 0, 0);
    writeln!(
        out,
        "{:28} {:>7} {:>6} {:>6} {:>9} {:>6}",
        "export", "as sent", "events", "stored", "per event", "units"
    )?;
    for capture in captures::all() {
        let service = Stack::start().over_http().tenant("default").await;
        assert_eq!(service.export(&capture).await.status, 200);
        let packs = service.packs().await;
        let events: usize = service.stored().await.iter().map(|p| p.records.len()).sum();
        if events == 0 {
            continue;
        }
        let mut units = 0.0;
        for pack in &packs {
            // Written once more under another key, to hear what DynamoDB charges.
            let mut key = pack.key.clone();
            key.sk.replace_range(key.sk.len() - 1.., "_");
            units += service.store.put_pack(&key, pack.bytes.clone(), pack.expires_at).await.unwrap().write_units;
        }
        let stored: usize = packs.iter().map(|p| p.bytes.len()).sum();
        let per_event = stored as f64 / events as f64;
        writeln!(
            out,
            "{:28} {:>7} {events:>6} {stored:>6} {per_event:>9.1} {units:>6}",
            capture.name,
            capture.body.len()
        )?;
        (records, bytes, exports) = (records + events, bytes + stored, exports + 1);
        single += usize::from(units <= 1.0);
    }
    let share = 100.0 * single as f64 / exports as f64;
    writeln!(
        out,
        "{:.1} bytes an event over {records} events; {share:.0} % of {exports} exports are one write unit",
        bytes as f64 / records as f64
    )?;
    writeln!(out, "{:.1} bytes an event in summaries", summaries() as f64 / records as f64)
}

/// Bytes of the summaries of all captures, as they are stored.
fn summaries() -> usize {
    let settings = Settings::new(&"acme".parse().unwrap());
    let packs = captures::all().iter().flat_map(|capture| packs(&Sent::from(capture), START)).collect();
    let buckets =
        filed(packs).into_iter().flat_map(|((_, claimed), packs)| bucket::summaries(claimed, &packs, &settings));
    buckets.map(|(_, summary)| wire::encode(&summary).len()).sum()
}
