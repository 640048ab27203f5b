//! How long the server takes for a page, over a database in memory, and what the page weighs with its stylesheet and script.
//!
//! `cargo bench -p tests --bench console`

use criterion::{Criterion, criterion_group, criterion_main};
use tools::captures;
use tools::console::Visitor;
use tools::stack::{ROOT_KEY, START, Stack};

const PAGES: [&str; 6] = [
    "settings/claude-code",
    "settings/claude-code/activity",
    "settings/claude-code/verify",
    "users",
    "analytics",
    "health",
];

fn pages(c: &mut Criterion) {
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return };
    let mut visitor = runtime.block_on(async {
        let tenant = Stack::start().tenant("acme").await;
        for capture in captures::all() {
            tenant.export_as(&tenant.token, &capture, START).await;
        }
        tenant.project(START).await;
        Visitor::signed_in(&tenant.stack, ROOT_KEY).await
    });
    let beside: usize = runtime.block_on(async {
        visitor.get("/assets/x.css").await.text.len() + visitor.get("/assets/x.js").await.text.len()
    });
    let mut group = c.benchmark_group("page");
    for page in PAGES {
        let path = format!("/orgs/acme/{page}");
        let weight = beside + runtime.block_on(visitor.get(&path)).text.len();
        group.bench_function(format!("{page} ({weight} bytes)"), |b| {
            b.iter(|| runtime.block_on(visitor.get(&path)));
        });
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
