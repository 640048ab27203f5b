//! Several writes to the Activity table that are done together or not at all.

use std::borrow::Cow;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use super::stamp::Stamp;
use super::{Item, Store, StoreError, keys};

/// A condition on the item that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum If {
    /// No condition.
    Always,
    /// It does not exist.
    Absent,
    /// It does not exist, or had expired at this second.
    AbsentOrExpired(i64),
    /// It has this revision.
    Revision(i64),
    /// It has this version.
    Version(i64),
    /// It is part of a summary that was made from this.
    MadeFrom(Stamp),
}

/// One write of a transaction.
#[derive(Debug, Clone)]
pub enum Write {
    /// Stores a whole item.
    Put(Item, If),
    /// Removes an item.
    Delete(keys::Key, If),
    /// Writes nothing, but requires the condition to hold.
    Check(keys::Key, If),
    /// Changes an item by an update expression.
    Update(Box<Update>),
}

impl Store {
    /// Does all of `writes` or nothing.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if a condition does not hold or another transaction interferes.
    pub async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut request = self.client.transact_write_items();
        for write in writes {
            request = request.transact_items(self.action(write)?);
        }
        let request = request.set_return_consumed_capacity(self.paces.asks());
        let written = request.send().await.map_err(StoreError::from_transaction)?;
        self.paces.written(written.consumed_capacity());
        Ok(())
    }

    /// Does all of `writes` or nothing; a single item is put without a transaction, which would cost twice as much.
    ///
    /// # Errors
    /// See [`transact`](Self::transact).
    pub async fn write(&self, mut writes: Vec<Write>) -> Result<(), StoreError> {
        match (writes.pop(), writes.is_empty()) {
            (Some(Write::Put(item, condition)), true) => {
                let (expression, values) = condition.expression();
                let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
                let put = put
                    .set_condition_expression(expression.map(Into::into))
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(values)
                    .set_return_consumed_capacity(self.paces.asks());
                let written = put.send().await.map_err(StoreError::from_sdk)?;
                self.paces.written(written.consumed_capacity());
                Ok(())
            }
            (last, _) => {
                writes.extend(last);
                self.transact(writes).await
            }
        }
    }

    fn action(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let complete = |_| StoreError::bug("transaction");
        let action = TransactWriteItem::builder();
        Ok(match write {
            Write::Put(item, condition) => {
                let (expression, value) = condition.expression();
                let put = Put::builder()
                    .table_name(&self.activity)
                    .set_item(Some(item.into()))
                    .set_condition_expression(expression.map(Into::into))
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(value)
                    .build();
                action.put(put.map_err(complete)?).build()
            }
            Write::Delete(key, condition) => {
                let (expression, value) = condition.expression();
                let delete = Delete::builder()
                    .table_name(&self.activity)
                    .set_key(Some(Item::at(key).into()))
                    .set_condition_expression(expression.map(Into::into))
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(value)
                    .build();
                action.delete(delete.map_err(complete)?).build()
            }
            Write::Check(key, condition) => {
                let (expression, value) = condition.expression();
                let check = ConditionCheck::builder()
                    .table_name(&self.activity)
                    .set_key(Some(Item::at(key).into()))
                    .condition_expression(
                        expression.unwrap_or("attribute_exists(pk) OR attribute_not_exists(pk)".into()),
                    )
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(value)
                    .build();
                action.condition_check(check.map_err(complete)?).build()
            }
            Write::Update(update) => action.update(*update).build(),
        })
    }
}

type Values = std::collections::HashMap<String, AttributeValue>;

impl If {
    fn expression(self) -> (Option<Cow<'static, str>>, Option<Values>) {
        let values = |values: &[(&str, i64)]| {
            let values = values.iter().map(|(name, n)| ((*name).to_owned(), AttributeValue::N(n.to_string())));
            Some(values.collect())
        };
        match self {
            Self::Always => (None, None),
            Self::Absent => (Some("attribute_not_exists(pk)".into()), None),
            Self::AbsentOrExpired(second) => {
                (Some("attribute_not_exists(pk) OR #n < :n".into()), values(&[(":n", second)]))
            }
            Self::Version(version) => (Some("version = :n".into()), values(&[(":n", version)])),
            Self::Revision(revision) => (Some("#n = :n".into()), values(&[(":n", revision)])),
            Self::MadeFrom(stamp) => {
                let (expression, named) = stamp.condition();
                (Some(expression.into()), values(&named))
            }
        }
    }

    fn names(self) -> Option<std::collections::HashMap<String, String>> {
        let name = match self {
            Self::Always | Self::Absent | Self::Version(_) | Self::MadeFrom(_) => return None,
            Self::AbsentOrExpired(_) => keys::TTL,
            Self::Revision(_) => super::organisation::REVISION,
        };
        Some(std::iter::once(("#n".into(), name.into())).collect())
    }
}
