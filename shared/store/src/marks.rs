//! Marks in a token's item that make ingest refuse exports: all of them, or those of certain buckets, and until when.
//!
//! The projection writes marks by updating only these attributes of existing items, so it can neither create a token
//! nor reactivate one. Whatever rewrites a token (a rotation, a change of settings) drops the marks; those that still
//! apply are then set again.

use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, Store, StoreError, StoreErrorKind, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{HOUR, SECOND, SignedDuration, Timestamp};
use model::token::TokenHash;
use telemetry::claude::source::SourceId;

/// Until when everything is refused, in milliseconds since the epoch.
const LIMITED_UNTIL: &str = "limited_until";
/// Why everything is refused.
const LIMITED_BY: &str = "limited_by";
/// The buckets that are refused.
const FULL: &str = "full";
/// The most buckets marked in a token's item, which keeps it below the 4 KB of one read unit.
const MOST: usize = 48;
/// How long a full bucket is marked. Later arrivals are not counted and cause it to be marked again.
const MARKED: SignedDuration = SignedDuration::from_hours(6);
/// How many of the newest tokens may be marked: all that may be valid.
const TOKENS: usize = 8;

/// Which limit an organisation has exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// New people per hour.
    People,
    /// Records per hour.
    Records,
    /// Full buckets at a time.
    Buckets,
}

impl Over {
    fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Records => "records",
            Self::Buckets => "quarters",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::People, Self::Records, Self::Buckets].into_iter().find(|over| over.name() == name)
    }
}

/// Why an organisation's exports are refused, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// The time from which they are accepted again.
    pub until: Timestamp,
    /// The limit that was exceeded.
    pub over: Over,
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, remedy) = match self.over {
            Over::People => (
                "more new people arrived within this hour than the organisation's limit",
                "raise limits.new_people_per_hour, or rotate the token if it was stolen",
            ),
            Over::Records => (
                "more records arrived within this hour than the organisation's limit",
                "raise limits.records_per_hour, or rotate the token if it was stolen",
            ),
            Over::Buckets => (
                "people sent more within 15 minutes than anybody can have done, and too many of them at a time",
                "rotate the token",
            ),
        };
        write!(f, "{what}: exports are accepted again from {}. An admin can {remedy}", self.until)
    }
}

/// The marks of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    limited: Option<Limited>,
    full: Vec<FullBucket>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FullBucket {
    bucket: Bucket,
    source: SourceId,
    until: Timestamp,
}

impl Marks {
    /// Why everything is refused at `now`, if it is.
    #[must_use]
    pub fn limited(&self, now: Timestamp) -> Option<Limited> {
        self.limited.filter(|limited| now < limited.until)
    }

    /// Whether a source's bucket is refused at `now`.
    #[must_use]
    pub fn is_full(&self, source: SourceId, bucket: Bucket, now: Timestamp) -> bool {
        self.full.iter().any(|full| (full.source, full.bucket) == (source, bucket) && now < full.until)
    }

    pub(super) fn read(item: &Item) -> Self {
        let limited = item.find_time(LIMITED_UNTIL).map(|until| Limited {
            until,
            over: item.optional_text(LIMITED_BY).and_then(Over::parse).unwrap_or(Over::Records),
        });
        Self { limited, full: item.find_texts(FULL).iter().filter_map(|text| FullBucket::parse(text)).collect() }
    }
}

impl FullBucket {
    fn name(&self) -> String {
        format!("{}#{}#{}", self.bucket.0, self.source.encoded(), self.until.seconds())
    }

    fn parse(name: &str) -> Option<Self> {
        let mut fields = name.split('#');
        let mut next = || fields.next();
        Some(Self {
            bucket: Bucket(next()?.parse().ok()?),
            source: SourceId::parse(next()?)?,
            until: Timestamp::after(next()?.parse().ok()?, SECOND),
        })
    }
}

impl Store {
    /// Marks the token of a generation, so that everything sent with it is refused until then. After an error, only
    /// some copies of the token may be marked.
    pub async fn mark_limited(
        &self,
        uid: &Uid,
        generation: u32,
        over: Over,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let values = [
            (LIMITED_UNTIL, AttributeValue::N(until.0.to_string())),
            (LIMITED_BY, AttributeValue::S(over.name().into())),
        ];
        for token in self.issued_tokens(uid, TOKENS).await? {
            if token.generation == generation {
                self.mark(&token.hash, &values).await?;
            }
        }
        Ok(())
    }

    /// Marks buckets of sources in all valid tokens, so that they are refused for some hours. If there are too many,
    /// everything sent with the tokens of these `generations`, which filled them, is refused until the end of the hour.
    /// After an error, only some copies of the tokens may be marked.
    pub async fn mark_full(
        &self,
        uid: &Uid,
        buckets: &[(SourceId, Bucket)],
        generations: &[u32],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for token in self.issued_tokens(uid, TOKENS).await? {
            if !token.state.is_good(now) {
                continue;
            }
            let Some(record) = self.token(&token.hash).await? else { continue };
            let mut full = record.marks.full;
            full.retain(|known| now < known.until && !buckets.contains(&(known.source, known.bucket)));
            let until = now.plus(MARKED);
            full.extend(buckets.iter().map(|(source, bucket)| FullBucket { bucket: *bucket, source: *source, until }));
            let is_too_many = full.len() > MOST;
            full.truncate(MOST);
            let names = full.iter().map(|full| AttributeValue::S(full.name())).collect();
            self.mark(&token.hash, &[(FULL, AttributeValue::L(names))]).await?;
            if is_too_many && generations.contains(&token.generation) {
                let until = now.floor(HOUR).plus(HOUR);
                self.mark_limited(uid, token.generation, Over::Buckets, until).await?;
            }
        }
        Ok(())
    }

    /// Sets attributes in all copies of an existing token.
    async fn mark(&self, hash: &TokenHash, values: &[(&str, AttributeValue)]) -> Result<(), StoreError> {
        let sets: Vec<String> = (0..values.len()).map(|n| format!("#n{n} = :v{n}")).collect();
        for copy in 0..keys::TOKEN_COPIES {
            let mut update = self
                .client
                .update_item()
                .table_name(&self.activity)
                .set_key(Some(Item::at(keys::token(hash, copy)).into()))
                .update_expression(format!("SET {}", sets.join(", ")))
                .condition_expression("attribute_exists(pk)");
            for (n, (name, value)) in values.iter().enumerate() {
                update = update
                    .expression_attribute_names(format!("#n{n}"), *name)
                    .expression_attribute_values(format!(":v{n}"), value.clone());
            }
            match update.send().await.map_err(StoreError::from_sdk) {
                // A token that no longer exists accepts nothing anyway.
                Err(error) if error.kind() == StoreErrorKind::ConditionFailed => return Ok(()),
                outcome => outcome.map(|_| ())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::claude::source::SourceKind;

    #[test]
    fn marks_are_read_as_they_are_written_and_end_by_themselves() {
        let source = SourceId::new(SourceKind::Email, "dana@example.com");
        let full = FullBucket { bucket: Bucket(1_994_808), source, until: Timestamp(2_000) };
        let key = keys::Key { pk: "TOKEN#x#0".into(), sk: "TOKEN".into() };
        let item = Item::at(key).number(LIMITED_UNTIL, 5_000).text(LIMITED_BY, "people").texts(FULL, &[full.name()]);
        let marks = Marks::read(&item);
        assert_eq!(marks.limited(Timestamp(4_999)), Some(Limited { until: Timestamp(5_000), over: Over::People }));
        assert_eq!(marks.limited(Timestamp(5_000)), None);
        assert!(marks.is_full(source, Bucket(1_994_808), Timestamp(1_999)));
        assert!(!marks.is_full(source, Bucket(1_994_809), Timestamp(1_999)));
        assert!(!marks.is_full(source, Bucket(1_994_808), Timestamp(2_000)));
    }

    #[test]
    fn a_token_with_all_marks_costs_one_read_unit() {
        let source = SourceId::new(SourceKind::Email, "dana@example.com");
        let full = FullBucket { bucket: Bucket(9_999_999), source, until: Timestamp(1_795_328_009_164) };
        assert!(MOST * (full.name().len() + 3) < 3 * 1024);
    }
}
