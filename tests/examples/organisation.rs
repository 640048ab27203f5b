//! A generated organisation of 1,000 people over 30 days: what its reports and the console's pages cost in time, read units and
//! memory.
//!
//! `cargo run --release -p tests --example organisation -- 1000 30 1000`
//!
//! The third number is how many of them work on the days that are open.
//!
//! All days but the last two are closed: their summaries are made from packs as closing days makes them, and put where it puts them. The
//! last two days go through ingest and the projection, each pack as if its quarter hour had just ended, and then their buckets are put
//! together hour by hour, as the schedule does it. What ended in the last two hours is read by bucket.

#![expect(clippy::unwrap_used, reason = "what is missing ends the measurement")]

use std::io::Write;
use std::time::Instant;

use local::embedded::Embedded;
use model::bucket::Bucket;
use model::time::{DAY, HOUR, SignedDuration, Timestamp, from_days};
use service::projection::days::close_days;
use service::projection::stretches::put_stretches;
use store::keys;
use telemetry::activity::bucket::summaries;
use telemetry::activity::day;
use telemetry::activity::summary::Summary;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::{filed, packs};
use tools::company::{day_of, in_the_name_of, is_working_day};
use tools::console::Visitor;
use tools::meter::{Meter, Units};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

// As the gateway has it: what allocators take and give back differs by half of a page's time.
#[global_allocator]
static ALLOCATOR: local::Allocator = local::Allocator;

/// Days that are not closed.
const OPEN: i64 = 2;
/// How often each is asked for: what a machine does beside differs from one moment to the next.
const ROUNDS: usize = 5;
/// How many people's closed days are made from packs; everybody else's are like theirs.
const PATTERNS: i64 = 24;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<i64>().unwrap());
    let (people, days) = (arguments.next().unwrap_or(1_000), arguments.next().unwrap_or(30));
    let at_work = arguments.next().unwrap_or(people);
    let folder = tempfile::tempdir()?;
    let meter = Meter::default();
    let database = Embedded::open(&folder.path().join("database")).unwrap();
    let store = database.store_through(|client| meter.before(client));
    store.create_tables().await.unwrap();
    let tenant = Stack::start().over(store).tenant("acme").await;
    let mut out = std::io::stdout().lock();
    let midnight = |day: i64| START.floor(DAY).plus(from_days(day - days));
    // A weekday, so that the open days have something in them.
    let last = (1..=7).map(|ahead| midnight(days).plus(from_days(ahead))).find(|day| is_working_day(*day)).unwrap();
    let shift = last.since(midnight(days - 1));
    let days: Vec<Timestamp> =
        (0..days).map(|day| midnight(day).plus(shift)).filter(|day| is_working_day(*day)).collect();
    let now = last.plus(20 * HOUR);
    let (closed, open): (Vec<Timestamp>, Vec<Timestamp>) =
        days.iter().partition(|day| now.since(**day) > from_days(OPEN));
    let began = Instant::now();
    put_closed(&tenant, people, &closed).await;
    let organisation = tenant.organisation().await;
    // The time zone is known, days are closed and put together, and what they were made from goes.
    for hours in [1, 4, 6] {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(3_600);
        close_days(&tenant.store, &organisation, open[0].plus(SignedDuration::from_hours(hours)), deadline)
            .await
            .unwrap();
    }
    for day in &open {
        for person in 0..at_work {
            for sent in day_of(person, *day) {
                tenant.send(&sent, day.plus(19 * HOUR)).await;
            }
        }
    }
    let mut keys = tenant.pack_keys().await;
    keys.sort_by_key(bucket_of);
    let _ = meter.take();
    let projecting = Instant::now();
    // On time: what is late leaves marks.
    for batch in keys.chunk_by(|one, other| bucket_of(one) == bucket_of(other)) {
        let ended = Bucket(bucket_of(&batch[0]).0 + 1).start();
        for batch in batch.chunks(500) {
            tenant.stream(batch, ended).await;
        }
    }
    let spent = meter.take();
    let mut put = 0;
    // From before on, so that stretches are looked at for long.
    for hour in -2..=now.since(open[0]).as_hours() {
        let at = open[0].plus(SignedDuration::from_hours(hour));
        let deadline = Instant::now() + std::time::Duration::from_secs(3_600);
        put += put_stretches(&tenant.store, &tenant.uid, at, deadline).await.unwrap().written;
    }
    let putting = meter.take();
    writeln!(
        out,
        "{put} stretches of the open days put hour by hour, with {:.0} read and {:.0} write units",
        putting.read_units, putting.write_units
    )?;
    writeln!(
        out,
        "{people} people, {} working days, {} of them open with {at_work} people at work ({} packs, projected in {:.0} s with {:.1} read and {:.1} write units a \
         pack), made in {:.0} s",
        days.len(),
        open.len(),
        keys.len(),
        projecting.elapsed().as_secs_f64(),
        spent.read_units / keys.len() as f64,
        spent.write_units / keys.len() as f64,
        began.elapsed().as_secs_f64()
    )?;
    writeln!(
        out,
        "{:42} {:>9} {:>9} {:>8} {:>11} {:>9} {:>9}",
        "report", "median s", "slowest s", "reads", "read units", "MiB peak", "answer"
    )?;
    let first = |millis: Timestamp| millis.to_string()[..10].to_owned();
    let month = format!("from={}&to={}", first(days[0]), first(*open.first().unwrap_or(&now)));
    let mut calls: Vec<(String, String)> = ["", "day", "user", "model", "day,user"]
        .iter()
        .map(|by| (format!("activity by {by:8} closed"), format!("/api/orgs/acme/activity?{month}&group_by={by}")))
        .collect();
    calls.push(("activity, with open days".into(), "/api/orgs/acme/activity".into()));
    calls.push(("users".into(), "/api/orgs/acme/users?limit=1000".into()));
    calls.push(("status".into(), "/api/orgs/acme/status".into()));
    let usage = "/v1/organizations/usage_report/claude_code?limit=1000&starting_at=";
    calls.push(("usage_report, closed day".into(), format!("{usage}{}", first(closed[closed.len() - 1]))));
    calls.push(("usage_report, open day".into(), format!("{usage}{}", first(last))));
    let key = tenant.ask_at("POST /api/orgs/acme/admin-keys", "{}", now).await.text("admin_key");
    for (name, path) in calls {
        let mut measured = Measured::new(&meter);
        for _ in 0..ROUNDS {
            measured.begin()?;
            let reply = tenant.ask_as(&key, &format!("GET {path}"), "", now).await;
            assert_eq!(reply.status, 200, "{:?}", reply.body);
            measured.end(reply.body.len())?;
        }
        writeln!(out, "{}", measured.line(&name))?;
    }
    let mut visitor = Visitor { now, ..Visitor::of(&tenant.stack) };
    assert_eq!(visitor.post("/sign-in", &[("admin_key", &key)]).await.status, 303);
    let user =
        tenant.ask_as(&key, "GET /api/orgs/acme/users?limit=1", "", now).await.json()["items"][0]["id"].to_string();
    let user = user.trim_matches('"');
    let days = format!("from={}&to={}", first(now.minus(29 * DAY)), first(now));
    for path in [
        format!("analytics?{days}"),
        format!("analytics?{days}&user={user}&by=model"),
        format!("analytics/spend?month={}", &first(now)[..7]),
        format!("analytics/adoption?{days}"),
        format!("analytics/reliability?{days}"),
        format!("analytics/outcome?{days}"),
        format!("sessions?{days}"),
        format!("users/{user}?{days}"),
        "users".into(),
        "health".into(),
        "settings/claude-code".into(),
    ] {
        let mut measured = Measured::new(&meter);
        for _ in 0..ROUNDS {
            measured.begin()?;
            let page = visitor.get(&format!("/orgs/acme/{path}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            measured.end(page.size)?;
        }
        writeln!(out, "{}", measured.line(&format!("page {}", path.replace(user, "…").replace(&days, "…"))))?;
    }
    Ok(())
}

/// The bucket that a pack is of.
fn bucket_of(key: &keys::Key) -> Bucket {
    keys::read_pack_partition(&key.pk).unwrap().2
}

/// A call that is being measured, several times.
struct Measured<'a> {
    meter: &'a Meter,
    memory: u64,
    began: Instant,
    seconds: Vec<f64>,
    units: Units,
    peak: f64,
    size: usize,
}

impl<'a> Measured<'a> {
    fn new(meter: &'a Meter) -> Self {
        let (seconds, units) = (Vec::new(), Units::default());
        Self { meter, memory: 0, began: Instant::now(), seconds, units, peak: 0.0, size: 0 }
    }

    fn begin(&mut self) -> std::io::Result<()> {
        self.memory = reset_peak()?;
        let _ = self.meter.take();
        self.began = Instant::now();
        Ok(())
    }

    fn end(&mut self, size: usize) -> std::io::Result<()> {
        self.seconds.push(self.began.elapsed().as_secs_f64());
        let peak = memory("VmHWM")?.saturating_sub(self.memory) as f64 / 1024.0;
        (self.units, self.peak, self.size) = (self.meter.take(), self.peak.max(peak), size);
        Ok(())
    }

    /// What it took, as a line of the table.
    fn line(mut self, name: &str) -> String {
        self.seconds.sort_by(f64::total_cmp);
        let (median, slowest) = (self.seconds[self.seconds.len() / 2], self.seconds[self.seconds.len() - 1]);
        let Units { reads, read_units, .. } = self.units;
        let Self { peak, size, .. } = self;
        format!("{name:42} {median:>9.3} {slowest:>9.3} {reads:>8} {read_units:>11.1} {peak:>9.1} {size:>9}")
    }
}

/// Puts closed days as closing puts them: those of a few people, in the name of everybody.
async fn put_closed(tenant: &Tenant, people: i64, days: &[Timestamp]) {
    let uid = tenant.organisation().await.uid;
    for day in days {
        let date = keys::utc_date(Bucket::of(*day));
        let patterns: Vec<Summary> = (0..PATTERNS).map(|person| summary_of(person, *day)).collect();
        for person in 0..people {
            let source = SourceId::new(SourceKind::Email, &format!("person{person:04}@example.com"));
            let summary = in_the_name_of(person, &patterns[(person % PATTERNS) as usize]);
            tenant.store.put_day(&uid, date, source, "UTC", 0, &summary).await.unwrap();
        }
    }
}

fn summary_of(person: i64, day: Timestamp) -> Summary {
    let settings = model::organisation::Settings::new(&"acme".parse().unwrap());
    let mut buckets: Vec<(Bucket, Summary)> = Vec::new();
    let all = day_of(person, day).iter().flat_map(|sent| packs(sent, day.plus(19 * HOUR))).collect();
    for ((_, bucket), packs) in filed(all) {
        buckets.extend(summaries(bucket, &packs, &settings));
    }
    day::summary(&[], &buckets)
}

/// Begins to measure the peak anew, and gives the memory in use, in KiB.
fn reset_peak() -> std::io::Result<u64> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    memory("VmRSS")
}

fn memory(name: &str) -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default())
}
