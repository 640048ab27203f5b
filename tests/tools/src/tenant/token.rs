//! What the tables know of an organisation's token, past the functions.

use model::time::Timestamp;
use model::token::{TokenHash, TokenKind};
use store::marks::Marks;
use store::token::{TokenRecord, TokenState};

use super::Tenant;

impl Tenant {
    /// What the database knows of this organisation's token in `state`. It takes records of any age.
    #[must_use]
    pub fn token_record(&self, state: TokenState) -> TokenRecord {
        TokenRecord {
            kind: TokenKind::Ingest,
            org: self.org.parse().unwrap(),
            uid: self.uid.clone(),
            generation: 1,
            state,
            created_at: Timestamp(1_790_000_000_000),
            retention_days: 90,
            store_content: false,
            store_tool_names: false,
            accept_late_days: 3_650,
            marks: Marks::default(),
        }
    }

    /// Changes what is known of this organisation's token.
    pub async fn put_token(&self, record: &TokenRecord) {
        for item in record.items(&TokenHash::of(&self.token)) {
            let put = self.store.client().put_item().table_name(self.store.activity()).set_item(Some(item.into()));
            put.send().await.unwrap();
        }
    }

    pub(crate) async fn accept_any_age(&self) {
        self.put_token(&self.token_record(TokenState::Live)).await;
    }
}
