//! The two tables as defined by the template, for use without it: on one machine, and in tests.

use std::time::Duration;

use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TimeToLiveSpecification,
};

use super::{Store, StoreError, StoreErrorKind, keys};

/// The longest time that creating a table may take.
const CREATION: Duration = Duration::from_secs(120);

impl Store {
    /// Creates the tables that do not exist yet. Those on AWS are created by `template.yaml`.
    pub async fn create_tables(&self) -> Result<(), StoreError> {
        for table in [&self.events, &self.activity] {
            match self.create_table(table).await {
                Ok(()) => self.expire(table).await?,
                Err(error) if error.kind() == StoreErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn create_table(&self, table: &str) -> Result<(), StoreError> {
        let mut request = self.client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in [(keys::PK, KeyType::Hash), (keys::SK, KeyType::Range)] {
            let attribute =
                AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build();
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
            let complete = |_| StoreError::bug("table definition");
            request = request.attribute_definitions(attribute.map_err(complete)?).key_schema(key.map_err(complete)?);
        }
        request.send().await.map_err(StoreError::from_sdk)?;
        // An embedded table exists at once; one on AWS takes some seconds.
        let there = self.client.wait_until_table_exists().table_name(table).wait(CREATION).await;
        there.map(|_| ()).map_err(|_| StoreError::bug("new table"))
    }

    async fn expire(&self, table: &str) -> Result<(), StoreError> {
        let specification = TimeToLiveSpecification::builder().attribute_name(keys::TTL).enabled(true).build();
        self.client
            .update_time_to_live()
            .table_name(table)
            .time_to_live_specification(specification.map_err(|_| StoreError::bug("time to live"))?)
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::from_sdk)
    }
}
