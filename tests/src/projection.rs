//! One organisation, into which exports go and out of which numbers come, with a clock that the test sets.

use bytes::Bytes;
use http::Request;
use local::handlers::Handlers;
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::Millis;
use otlp::{Encoding, Limits};
use serde_json::{Value, json};
use service::auth::root_key::RootKey;
use service::ingest::{DEADLINE, Ingest};
use service::projection::bounds::Bounds;
use service::report::figures::Figures;
use store::range::Reading;
use store::{Store, keys};
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Grouping, Ledger};
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;

use crate::activity::{Sent, enter};
use crate::orgs::{BASE_URL, Office, ROOT_KEY, Reply, START};

/// An organisation and the functions around it.
#[derive(Debug, Clone)]
pub struct World {
    /// The admin's functions.
    pub office: Office,
    /// The tables.
    pub store: Store,
    /// Its ingest token.
    pub token: String,
    /// Its name.
    pub org: String,
    ingest: Ingest,
    projection: project_activity::App,
}

impl World {
    /// A new organisation, over a database of its own.
    pub async fn open() -> Self {
        Self::beside(Office::open().await, "acme").await
    }

    /// A new organisation `org` over an office that others may be in.
    ///
    /// # Panics
    /// It cannot be enabled.
    pub async fn beside(office: Office, org: &str) -> Self {
        let token = office.enable(org).await;
        let store = office.store.clone();
        let ingest = Ingest::new(store.clone(), Limits::default(), DEADLINE);
        let projection = project_activity::App::new(store.clone());
        Self { token, office, store, org: org.into(), ingest, projection }
    }

    /// The same, of which no more is added up of a quarter hour than is within `bounds`.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { projection: self.projection.within(bounds), ..self }
    }

    /// The organisation as it is stored.
    ///
    /// # Panics
    /// It is not there.
    pub async fn organisation(&self) -> Organisation {
        self.store.organisation(&self.org.parse().unwrap()).await.unwrap().unwrap()
    }

    /// Sends an export that arrives at `now`.
    ///
    /// # Panics
    /// It is not taken.
    pub async fn send(&self, sent: &Sent, now: Millis) {
        assert_eq!(self.try_to_send(sent, now).await, 200);
    }

    /// Sends an export that arrives at `now`, and gives the status of the answer.
    pub async fn try_to_send(&self, sent: &Sent, now: Millis) -> u16 {
        self.post(sent, now).await.status
    }

    /// Sends an export that arrives at `now`, and gives the answer.
    pub async fn post(&self, sent: &Sent, now: Millis) -> Reply {
        let media_type = match sent.encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/x-protobuf",
        };
        let request = Request::post(sent.signal.path())
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", media_type)
            .body(Bytes::from(sent.body.clone()))
            .unwrap();
        let (parts, body) = self.ingest.answer(request, now).await.into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The keys of all packs of the organisation.
    pub async fn pack_keys(&self) -> Vec<keys::Key> {
        let uid = self.organisation().await.uid;
        let found = self.store.pack_keys(&uid, Millis(0)).await.unwrap();
        found.into_iter().map(|(key, _)| key).collect()
    }

    /// Hands the function a stream of these keys, at `now`, and gives back its answer.
    ///
    /// # Panics
    /// The function does not understand it.
    pub async fn stream(&self, keys: &[keys::Key], now: Millis) -> Value {
        project_activity::handle(&self.projection, stream_event(keys), now).await.unwrap()
    }

    /// Projects everything there is.
    ///
    /// # Panics
    /// Something has to come again.
    pub async fn project(&self, now: Millis) {
        let answer = self.stream(&self.pack_keys().await, now).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }

    /// All summaries, by source and quarter hour.
    pub async fn summaries(&self) -> Vec<(Bucket, SourceId, Summary)> {
        let uid = self.organisation().await.uid;
        let mut found = Vec::new();
        let mut dates: Vec<_> =
            (-40..3).map(|day| keys::utc_date(Bucket::of(START.plus(day * 86_400_000).0))).collect();
        dates.push(keys::utc_date(Bucket(0)));
        for date in dates {
            for shard in 0..keys::SHARDS {
                let all = (Bucket(0), Bucket(99_999_999));
                let now = Millis(0);
                found.extend(self.store.summaries(&uid, date, shard, all, Reading::Latest, now).await.unwrap());
            }
        }
        found.sort_by_key(|(bucket, source, _)| (*bucket, *source));
        found
    }

    /// Where all summaries of the last days stand.
    pub async fn summary_places(&self) -> Vec<keys::SummaryPlace> {
        let uid = self.organisation().await.uid;
        let mut found = Vec::new();
        for day in -5..3 {
            let date = keys::utc_date(Bucket::of(START.plus(day * 86_400_000).0));
            for shard in 0..keys::SHARDS {
                let all = (Bucket(0), Bucket(99_999_999));
                let standing = self.store.summary_places(&uid, date, shard, all).await.unwrap();
                found.extend(standing.into_iter().map(|standing| standing.place));
            }
        }
        found
    }

    /// What all summaries add up to.
    pub async fn account(&self, grouping: &[Grouping]) -> Account {
        let somebody = |source: SourceId, _: &Label| Some(source.encoded().into());
        let mut ledger = Ledger::new(grouping, somebody);
        for (bucket, source, summary) in &self.summaries().await {
            enter(&mut ledger, *source, Some(*bucket), summary, true);
        }
        ledger.close()
    }

    /// Asks the function that reports, or the one that forgets, for example for `GET /api/orgs/acme/status`, with the root key at `now`.
    pub async fn ask(&self, call: &str, now: Millis) -> Reply {
        self.ask_as(ROOT_KEY, call, now).await
    }

    /// Asks the same with `key`, which goes into both headers that take one.
    pub async fn ask_as(&self, key: &str, call: &str, now: Millis) -> Reply {
        let (method, target) = call.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(target);
        let request = request.header("authorization", format!("Bearer {key}")).header("x-api-key", key);
        let response = self.handlers().answer_at(request.body(Bytes::new()).unwrap(), now).await;
        let (parts, body) = response.into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The functions over the store of the world, which may be another one than the office's.
    fn handlers(&self) -> Handlers {
        let root_key = RootKey::given(ROOT_KEY).unwrap();
        Handlers::new(&self.store, &self.office.secrets, &root_key, BASE_URL.parse().unwrap())
    }

    /// Sends a request to the report function.
    pub async fn send_to_report(&self, request: Request<Bytes>, now: Millis) -> Reply {
        let handlers = self.handlers();
        let response = report::handle(&handlers.app, request, &handlers.base_url, now).await;
        let (parts, body) = response.into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The JSON that is answered to `GET /api/orgs/<org><rest>`.
    ///
    /// # Panics
    /// It is refused.
    pub async fn get(&self, rest: &str, now: Millis) -> Value {
        let reply = self.ask(&format!("GET /api/orgs/{}{rest}", self.org), now).await;
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        reply.json()
    }

    /// The total of all summaries, as readers are shown it.
    pub async fn total(&self) -> Value {
        serde_json::to_value(Figures::from(&self.account(&[]).await.total)).unwrap()
    }
}

/// What Lambda hands over when these items were written.
#[must_use]
pub fn stream_event(keys: &[keys::Key]) -> Value {
    let records: Vec<Value> = keys
        .iter()
        .enumerate()
        .map(|(number, key)| {
            json!({
                "eventID": number.to_string(),
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}},
                    "SequenceNumber": (1000 + number).to_string(),
                    "StreamViewType": "KEYS_ONLY",
                },
            })
        })
        .collect();
    json!({"Records": records})
}
