//! What the recorded exports add up to is the same there and in the gateway of one machine.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use model::time::{DAY, SignedDuration, Timestamp};
use serde_json::{Value, json};
use tools::activity::exports::{event, logs};
use tools::captures::{self, Capture};
use tools::emulator::Emulated;
use tools::program::Program;
use tools::remote::Remote;
use tools::reply::Reply;
use tools::stack::{ROOT_KEY, START};

/// Longer than anything takes that is well.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// Exports on their way.
const AT_ONCE: usize = 8;
/// For so long a record is shown when it happened; afterwards when it arrives.
const LATE: SignedDuration = SignedDuration::from_hours(24 * 400);
/// What differs from one service to another by its nature: names of its own, and when something arrived there.
const OWN: [&str; 4] = ["first_seen", "last_seen", "merged_at", "duration_ms"];

/// A service, and an organisation of it that the recordings go into.
pub(super) struct Organisation<'a> {
    service: &'a Remote,
    token: String,
    /// The ingest token of another one, by which is told whether everything before was added up.
    marker: String,
}

/// The same organisation of the gateway and of the emulator.
pub(super) struct Both<'a> {
    _gateway: Program,
    local: Remote,
    emulated: &'a Emulated,
}

pub(super) async fn are_those_of_the_gateway(service: &Emulated) -> Both<'_> {
    let gateway = Program::start(env!("CARGO_BIN_EXE_gateway"), &["--ephemeral", "--admin-key", ROOT_KEY]);
    let local = Remote::at(gateway.base_url.clone(), ROOT_KEY.into());
    let there = Organisation::enable(service).await;
    let here = Organisation::enable(&local).await;
    let mut first = None;
    for round in ["first@example.com", "second@example.com"] {
        let sent = stream::iter(captures::all()).for_each_concurrent(AT_ONCE, async |capture| {
            assert_eq!(here.service.export(&here.token, &capture).await.status, 200, "{}", capture.name);
            let taken = there.export(&capture).await;
            assert_eq!(taken.status, 200, "{} {taken:?} {}", capture.name, service.log());
        });
        sent.await;
        here.has_added_up(round).await;
        there.has_added_up(round).await;
        let (figures, expected) = (there.figures().await, here.figures().await);
        assert_eq!(figures, expected, "{round}");
        assert!(expected["total"]["cost_usd"].as_f64() > Some(0.5), "{expected}");
        assert_eq!(first.get_or_insert(figures), &expected, "what came again counts again");
    }
    Both { _gateway: gateway, local, emulated: service }
}

impl Both<'_> {
    /// What both answer, without what is their own; it has to be the same.
    pub(super) async fn ask(&self, call: &str, body: &str) -> Value {
        let there = json_of(&self.emulated.ask(call, body).await);
        assert_eq!(there, json_of(&self.local.ask(call, body).await), "{call}");
        there
    }
}

impl<'a> Organisation<'a> {
    async fn enable(service: &'a Remote) -> Self {
        let limits = r#"{"limits": {"accept_late_days": 400}}"#;
        let [token, marker] = ["acme", "marker"].map(async |org| {
            let enabled = service.ask(&format!("PUT /api/orgs/{org}"), limits).await;
            assert_eq!(enabled.status, 201, "{enabled:?}");
            enabled.text("ingest_token")
        });
        Self { service, token: token.await, marker: marker.await }
    }

    /// Sends a recording. Of JSON with gzip the emulator destroys the bytes, and is told so; then it gets the JSON alone.
    async fn export(&self, capture: &Capture) -> Reply {
        let answer = self.service.export(&self.token, capture).await;
        if !(capture.is_json() && capture.content_encoding.is_some()) {
            return answer;
        }
        assert_eq!(answer.status, 400, "the emulator has learned JSON with gzip: {answer:?}");
        let plain = Capture { content_encoding: None, body: capture.plain(), ..capture.clone() };
        self.service.export(&self.token, &plain).await
    }

    /// Sends something of somebody to the other organisation and waits until it shows: what is stored is added up in its order.
    async fn has_added_up(&self, who: &str) {
        let about = json!({"user.email": who, "session.id": who});
        let export = logs(json!({}), &[event("user_prompt", Timestamp::now().0, about)]);
        let bearer = format!("Bearer {}", self.marker);
        let headers = [("authorization", &*bearer), ("content-type", export.media_type())];
        assert_eq!(self.service.send("POST /v1/logs", &headers, export.body).await.status, 200);
        let began = Instant::now();
        loop {
            let users = self.service.ask("GET /api/orgs/marker/users", "").await;
            if String::from_utf8_lossy(&users.body).contains(who) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{who} does not show: {users:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The reports of everything that was sent.
    async fn figures(&self) -> Value {
        let now = Timestamp::now();
        let shown = if now.since(START) < LATE { START } else { now };
        let [from, to] = [shown.minus(2 * DAY), shown.plus(2 * DAY)].map(|time| time.to_string()[..10].to_owned());
        let range = format!("from={from}&to={to}&limit=1000");
        let get = async |rest: String| {
            let answer = self.service.ask(&format!("GET /api/orgs/acme/{rest}"), "").await;
            assert_eq!(answer.status, 200, "{rest} {answer:?}");
            json_of(&answer)
        };
        let by = async |group: &str| get(format!("activity?{range}&group_by={group}")).await;
        json!({
            "total": get(format!("activity?{range}")).await["total"],
            "user": by("user").await,
            "model": by("model").await,
            "day": by("day").await,
            "users": get("users?limit=1000".into()).await,
            "sessions": get(format!("sessions?{range}")).await,
        })
    }
}

/// An answer without what is of this service alone, and lists in an order that does not come from it.
fn json_of(answer: &Reply) -> Value {
    let mut value = answer.json();
    forget(&mut value);
    value
}

fn forget(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.iter_mut().for_each(forget);
            list.sort_by_key(Value::to_string);
        }
        Value::Object(members) => {
            // A person's. That of a session is its client's.
            if members.contains_key("email") {
                members.remove("id");
            }
            members.retain(|name, _| !OWN.contains(&&**name));
            members.values_mut().for_each(forget);
        }
        _ => {}
    }
}
