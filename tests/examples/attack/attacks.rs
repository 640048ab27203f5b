//! The attacks, and what each may cost.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use model::time::Timestamp;
use model::token::{PlainToken, TokenKind};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout};
use tools::load::Used;

use super::bodies;
use super::target::{Answers, Target};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
/// How long attacks go on that could go on for ever.
const LASTS: Duration = Duration::from_secs(15);
/// How long an answer to an attack is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long what was taken needs to be told at most.
const SETTLES: Duration = Duration::from_secs(45);

type Told<'a> = Pin<Box<dyn Future<Output = String> + 'a>>;

/// An attack.
pub(crate) struct Attack {
    /// What is done.
    pub(crate) name: &'static str,
    /// The processor time it may cost, honest exports included.
    pub(crate) cpu: Duration,
    /// The most memory that it may come to, in MiB.
    pub(crate) mebibytes: u64,
    /// What the attacker has to see.
    pub(crate) sees: &'static str,
    /// Does it, and says what the attacker saw.
    pub(crate) carry_out: for<'a> fn(&'a Target, &'a Path) -> Told<'a>,
    /// Whether it may keep honest exports out: those of its own organisation, for the hour in which that is over its limits, or those
    /// that wait for a connection while this machine's own address, which has no share, has all of them.
    pub(crate) keeps_out: bool,
    /// Whether it is over within seconds.
    pub(crate) is_brief: bool,
    /// What is looked at once the gateway has ended.
    pub(crate) afterwards: Option<for<'a> fn(&'a str, &'a Path) -> Told<'a>>,
}

/// All of them.
pub(crate) const ATTACKS: &[Attack] = &[
    attack("token: 208 bytes, 40,000 attributes by 40,000 records", 3, 200, "1 × 400", |target, _| {
        Box::pin(bodies_at_once(target, Whose::Good, bodies::attributes_by_records(40_000), 1))
    }),
    attack("token: 300,000 attributes by 300,000 records, twice at once", 4, 300, "2 × 400", |target, _| {
        Box::pin(bodies_at_once(target, Whose::Good, bodies::attributes_by_records(300_000), 2))
    }),
    attack("token: 6,000 attributes by 6,000 scopes", 2, 200, "1 × 200", |target, _| {
        Box::pin(bodies_at_once(target, Whose::Good, bodies::attributes_by_scopes(6_000), 1))
    }),
    attack("token: 1.4 million empty records in 2.8 kB, eight at once", 12, 500, "8 × 400", |target, _| {
        Box::pin(bodies_at_once(target, Whose::Good, bodies::records(1_400_000), 8))
    }),
    attack("no token: 1.4 million empty records in 2.8 kB, 200 at once", 2, 100, "200 × 401", |target, _| {
        Box::pin(bodies_at_once(target, Whose::Forged, bodies::records(1_400_000), 200))
    }),
    long(attack("no token: the same by eight connections for 15 s", 4, 100, " × 401", |target, _| {
        Box::pin(for_a_while(target, bodies::records(1_400_000), 8))
    })),
    long(attack("no token: 530 bodies of 256 KiB that stop one byte short", 3, 100, "0 of 530", |target, _| {
        let head =
            "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 262144\r\n\r\n";
        Box::pin(stalled(target, head, 262_143, 530))
    })),
    long(attack("no token: six uploads of 64 MiB to a path that is none", 4, 100, "0 of 6", |target, _| {
        let head = "PUT /nothing-here HTTP/1.1\r\nhost: x\r\ncontent-length: 67108864\r\n\r\n";
        Box::pin(stalled(target, head, 67_108_863, 6))
    })),
    Attack {
        keeps_out: true,
        is_brief: false,
        ..attack("no token: 8,192 connections that say nothing", 4, 250, "8192 of 8192", |target, _| {
            Box::pin(stalled(target, "", 0, 8_192))
        })
    },
    long(attack("no token: 500 heads, a byte every two seconds", 3, 100, "0 of 500", |target, _| {
        Box::pin(slow_heads(target, 500))
    })),
    Attack {
        name: "token: one bucket of one person filled with 245 MB",
        cpu: Duration::from_secs(60),
        mebibytes: 500,
        sees: "57 × 200; started again, ",
        carry_out: |target, _| Box::pin(filled(target)),
        keeps_out: false,
        is_brief: false,
        afterwards: Some(|gateway, data| Box::pin(started_again(gateway, data))),
    },
    Attack {
        keeps_out: true,
        is_brief: false,
        ..attack("token: 58,500 people who do not exist", 90, 300, " × 429", |target, _| Box::pin(invented(target)))
    },
    attack("token: a request that cost $1e300", 2, 100, "200 and 400; told of Jane: 1.5 USD", |target, _| {
        Box::pin(priceless(target))
    }),
];

/// One that goes on for a while.
const fn long(attack: Attack) -> Attack {
    Attack { is_brief: false, ..attack }
}

const fn attack(
    name: &'static str,
    seconds: u64,
    mebibytes: u64,
    sees: &'static str,
    carry_out: for<'a> fn(&'a Target, &'a Path) -> Told<'a>,
) -> Attack {
    Attack {
        name,
        cpu: Duration::from_secs(seconds),
        mebibytes,
        sees,
        carry_out,
        keeps_out: false,
        is_brief: true,
        afterwards: None,
    }
}

/// Whose token an attacker has.
#[derive(Clone, Copy)]
enum Whose {
    Good,
    /// Made up, as anybody can.
    Forged,
}

fn token(target: &Target, whose: Whose) -> String {
    match whose {
        Whose::Good => target.token.clone(),
        Whose::Forged => PlainToken::generate(TokenKind::Ingest).unwrap().expose().to_owned(),
    }
}

fn now_nanos() -> u64 {
    u64::try_from(Timestamp::now().0).unwrap() * 1_000_000
}

fn told(answers: &Answers) -> String {
    let part = |(status, times): (&u16, &u32)| match status {
        0 => format!("{times} × no answer"),
        status => format!("{times} × {status}"),
    };
    answers.iter().map(part).collect::<Vec<_>>().join(", ")
}

async fn bodies_at_once(target: &Target, whose: Whose, body: Vec<u8>, count: usize) -> String {
    let token = token(target, whose);
    let size = body.len();
    let begun = Instant::now();
    let posts = (0..count).map(|_| target.post(&token, PROTOBUF, "gzip", body.clone()));
    let mut answers = Answers::new();
    for status in timeout(PATIENCE, futures::future::join_all(posts)).await.unwrap_or_default() {
        *answers.entry(status).or_default() += 1;
    }
    format!("{size} bytes each: {} after {:.1} s", told(&answers), begun.elapsed().as_secs_f64())
}

async fn for_a_while(target: &Target, body: Vec<u8>, connections: usize) -> String {
    let token = token(target, Whose::Forged);
    let until = Instant::now() + LASTS;
    let one = async || {
        let mut answers = Answers::new();
        while Instant::now() < until {
            let status = target.post(&token, PROTOBUF, "gzip", body.clone()).await;
            *answers.entry(status).or_default() += 1;
            sleep(Duration::from_millis(50)).await;
        }
        answers
    };
    let mut answers = Answers::new();
    for (status, times) in futures::future::join_all((0..connections).map(|_| one())).await.into_iter().flatten() {
        *answers.entry(status).or_default() += times;
    }
    told(&answers)
}

async fn stalled(target: &Target, head: &str, body: usize, count: usize) -> String {
    let mut open = Vec::new();
    for batch in (0..count).collect::<Vec<_>>().chunks(64) {
        open.extend(futures::future::join_all(batch.iter().map(|_| target.connection(head, body))).await);
    }
    sleep(LASTS).await;
    let mut still = 0;
    for stream in open.iter().flatten() {
        still += u32::from(is_open(stream));
    }
    format!("{still} of {count} connections open at the end")
}

/// Whether the other side has neither answered nor closed.
fn is_open(stream: &tokio::net::TcpStream) -> bool {
    let mut byte = [0];
    matches!(stream.try_read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

async fn slow_heads(target: &Target, count: usize) -> String {
    let begun = Instant::now();
    let mut open = futures::future::join_all((0..count).map(|_| target.connection("POST /v1/lo", 0))).await;
    while begun.elapsed() < LASTS {
        sleep(Duration::from_secs(2)).await;
        for stream in open.iter_mut().flatten() {
            let _ = stream.write_all(b"x").await;
        }
    }
    let still = open.iter().flatten().filter(|stream| is_open(stream)).count();
    format!("{still} of {count} heads still begun after {} s", begun.elapsed().as_secs())
}

/// Bodies of 4.3 MB, each of 18 records with letters that nothing compresses, all of one bucket.
async fn filled(target: &Target) -> String {
    let length = 900_000_000_000;
    let nanos = now_nanos() / length * length;
    let mut answers = Answers::new();
    for number in 0..57 {
        let body = bodies::letters(number, 18, 60_000, nanos);
        let status = target.post(&target.token, JSON, "identity", body).await;
        *answers.entry(status).or_default() += 1;
    }
    sleep(LASTS).await;
    told(&answers)
}

/// Whether the gateway can be started again on the folder, and lives.
async fn started_again(gateway: &str, data: &Path) -> String {
    let mut target = Target::start(gateway, data);
    sleep(LASTS).await;
    let used = target.used();
    target.end().await;
    used.map_or("it ends when it is started again".into(), |used: Used| {
        format!("started again, {} MiB", used.peak >> 20)
    })
}

async fn invented(target: &Target) -> String {
    let mut answers = Answers::new();
    let nanos = now_nanos();
    for body in 0..39 {
        let status = target.post(&target.token, JSON, "gzip", bodies::people(body * 1_500, 1_500, nanos)).await;
        *answers.entry(status).or_default() += 1;
    }
    sleep(SETTLES).await;
    let mut told = told(&answers);
    for path in ["status", "users?limit=100", "activity"] {
        match target.ask(path).await {
            Some((answer, took)) => {
                let people = answer["users"]["total"].as_u64().map_or(String::new(), |n| format!(" ({n} people)"));
                told.push_str(&format!(", {path}{people} {:.1} s", took.as_secs_f64()));
            }
            None => told.push_str(&format!(", {path}: no answer")),
        }
    }
    told
}

async fn priceless(target: &Target) -> String {
    let honest = target.post(&target.token, JSON, "identity", bodies::request_at(1.5, 10, now_nanos())).await;
    let forged = target.post(&target.token, JSON, "identity", bodies::request_at(1e300, i64::MAX, now_nanos())).await;
    sleep(Duration::from_secs(5)).await;
    let cost = target.ask("activity?group_by=user").await.and_then(|(answer, _)| {
        let rows = answer["items"].as_array()?.clone();
        rows.iter().find(|row| row["user"]["email"] == "jane@example.com").map(|row| row["cost_usd"].to_string())
    });
    format!("{honest} and {forged}; told of Jane: {} USD", cost.unwrap_or_else(|| "nothing".into()))
}
