//! Who used a token after it was replaced: one item per token and user, so that users who still send it are not hidden
//! by others. The counts are of what exports claim; they are never activity.

use aws_sdk_dynamodb::types::{AttributeValue, Update};

use super::query::Range;
use super::token::small;
use super::transaction::Write;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{SignedDuration, Timestamp, from_days};
use telemetry::claude::source::{SourceId, SourceKind};

/// The most users of a token that are distinguished: anyone with the token can invent names.
const USERS: u32 = 1_000;
/// How long a use is kept after the last one.
const KEPT: SignedDuration = from_days(400);
/// How often a user is looked up again after a concurrent insertion.
const ATTEMPTS: usize = 5;

/// Who an export claims to be from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What kind of name it is.
    pub kind: SourceKind,
    /// The name.
    pub value: String,
}

impl Claim {
    /// The claim of an export that names nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self { kind: SourceKind::None, value: String::new() }
    }

    /// The id of the claimed source, as used in keys.
    #[must_use]
    pub fn source(&self) -> SourceId {
        SourceId::new(self.kind, &self.value)
    }
}

/// One user's uses of a replaced token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// The generation of the token.
    pub generation: u32,
    /// The user that the exports claim; `None` for all beyond the number that is distinguished.
    pub user: Option<Claim>,
    /// The time of the last use.
    pub last_seen: Timestamp,
    /// How many exports were accepted during an overlap.
    pub accepted: u64,
    /// How many were refused.
    pub refused: u64,
    /// The time of the last one that was refused.
    pub refused_at: Option<Timestamp>,
}

impl Store {
    /// The uses of all replaced tokens of an organisation.
    pub async fn token_uses(&self, uid: &Uid) -> Result<Vec<TokenUse>, StoreError> {
        let partition = keys::use_partition(uid);
        let found = self.query(Range::all(&partition)).await?;
        found.iter().map(TokenUse::read).collect()
    }

    /// The keys of everything stored about the uses of an organisation's replaced tokens.
    pub async fn token_use_keys(&self, uid: &Uid) -> Result<Vec<keys::Key>, StoreError> {
        let partition = keys::use_partition(uid);
        self.query(Range::all(&partition)).await?.iter().map(Item::key).collect()
    }

    /// Adds the counts of `more` to those of its token and user. After an error, they may have been added nevertheless.
    pub async fn add_token_use(&self, uid: &Uid, more: &TokenUse) -> Result<(), StoreError> {
        let Some(user) = &more.user else {
            return self.add_to(keys::other_uses(uid, more.generation), more, None).await;
        };
        let key = keys::token_use(uid, more.generation, user.source());
        for _ in 0..ATTEMPTS {
            match self.add_to(key.clone(), more, Some("attribute_exists(pk)")).await {
                Err(error) if error.is_conflict() => {}
                other => return other,
            }
            match self.insert_user(uid, more, key.clone()).await {
                Err(error) if error.is_conflict() => {}
                other => return other,
            }
        }
        self.add_to(keys::other_uses(uid, more.generation), more, None).await
    }

    async fn add_to(&self, key: keys::Key, more: &TokenUse, condition: Option<&str>) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let mut expression = "ADD accepted :a, refused :r SET generation = :g, last_seen = :t, #ttl = :ttl".to_owned();
        let mut request = self.client.update_item();
        if let Some(at) = more.refused_at {
            expression.push_str(", refused_at = :refused_at");
            request = request.expression_attribute_values(":refused_at", number(at.0));
        }
        let request = request
            .table_name(&self.activity)
            .set_key(Some(Item::at(key).into()))
            .update_expression(expression)
            .set_condition_expression(condition.map(Into::into))
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":a", AttributeValue::N(more.accepted.to_string()))
            .expression_attribute_values(":r", AttributeValue::N(more.refused.to_string()))
            .expression_attribute_values(":g", number(more.generation.into()))
            .expression_attribute_values(":t", number(more.last_seen.0))
            .expression_attribute_values(":ttl", number(more.last_seen.plus(KEPT).seconds()));
        request.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Inserts a user, unless there are too many already.
    async fn insert_user(&self, uid: &Uid, more: &TokenUse, key: keys::Key) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let count = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::other_uses(uid, more.generation)).into()))
            .update_expression(
                "ADD #users :one, accepted :zero, refused :zero SET generation = :g, last_seen = :t, #ttl = :ttl",
            )
            .condition_expression("attribute_not_exists(#users) OR #users < :most")
            .expression_attribute_names("#users", "users")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":most", number(USERS.into()))
            .expression_attribute_values(":g", number(more.generation.into()))
            .expression_attribute_values(":t", number(more.last_seen.0))
            .expression_attribute_values(":ttl", number(more.last_seen.plus(KEPT).seconds()))
            .build()
            .map_err(|_| StoreError::bug("update"))?;
        let user = more.first(&self.activity, key)?;
        self.transact(vec![Write::Update(Box::new(count)), Write::Update(Box::new(user))]).await
    }
}

impl TokenUse {
    /// Inserts the use if there is none. It is an update although it writes a whole item, because ingest may not put
    /// items into this table.
    fn first(&self, table: &str, key: keys::Key) -> Result<Update, StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let mut expression = "SET generation = :g, last_seen = :t, accepted = :a, refused = :r, #ttl = :ttl".to_owned();
        let mut update = Update::builder()
            .table_name(table)
            .set_key(Some(Item::at(key).into()))
            .condition_expression("attribute_not_exists(pk)")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":g", number(self.generation.into()))
            .expression_attribute_values(":t", number(self.last_seen.0))
            .expression_attribute_values(":a", AttributeValue::N(self.accepted.to_string()))
            .expression_attribute_values(":r", AttributeValue::N(self.refused.to_string()))
            .expression_attribute_values(":ttl", number(self.last_seen.plus(KEPT).seconds()));
        if let Some(at) = self.refused_at {
            expression.push_str(", refused_at = :refused_at");
            update = update.expression_attribute_values(":refused_at", number(at.0));
        }
        if let Some(claim) = &self.user {
            expression.push_str(", #kind = :kind, #value = :value");
            update = update
                .expression_attribute_names("#kind", "kind")
                .expression_attribute_names("#value", "value")
                .expression_attribute_values(":kind", AttributeValue::S(claim.kind.name().into()))
                .expression_attribute_values(":value", AttributeValue::S(claim.value.clone()));
        }
        update.update_expression(expression).build().map_err(|_| StoreError::bug("update"))
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let count = |name| Ok(u64::try_from(item.required_number(name)?).unwrap_or_default());
        let user = item.optional_text("kind").map(|kind| {
            let kind = SourceKind::parse(kind).ok_or(StoreError::unreadable("kind"))?;
            Ok(Claim { kind, value: item.optional_text("value").unwrap_or_default().into() })
        });
        let (last_seen, refused) = (Timestamp(item.required_number("last_seen")?), count("refused")?);
        // Items that an earlier release wrote last do not have the time of the refusal.
        let refused_at = item.find_time("refused_at").or((refused > 0).then_some(last_seen));
        Ok(Self {
            generation: small(item, "generation")?,
            user: user.transpose()?,
            last_seen,
            accepted: count("accepted")?,
            refused,
            refused_at,
        })
    }
}
