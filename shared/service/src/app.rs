//! What every function of the admin API and the console work with.

use std::time::Duration;

use store::Store;
use store::aws::Aws;
use store::environment::{BadVariable, Environment};
use store::secrets::{Manager, Secrets};

use crate::auth::root_key::RootKey;

/// How long a request may work before it answers that it is not finished: API Gateway waits for 30 seconds.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The tables, the secret store and the root key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// Where tokens are kept in clear.
    pub secrets: Secrets,
    /// The root admin key.
    pub root_key: RootKey,
    /// How long a request may work; [`PATIENCE`] but in tests.
    pub patience: Duration,
}

impl App {
    /// Over these.
    #[must_use]
    pub fn new(store: Store, secrets: Secrets, root_key: RootKey) -> Self {
        Self { store, secrets, root_key, patience: PATIENCE }
    }

    /// As the environment of a Lambda function says: the tables, `SECRETS_PREFIX` and `ADMIN_KEY_SECRET`. What a function may do with
    /// them is decided by its role.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Self, BadVariable> {
        let aws = Aws::from_environment(environment)?;
        let client = aws.secrets_manager();
        let secrets = Secrets::Manager(Manager::new(client.clone(), environment.required("SECRETS_PREFIX")?));
        let root_key = RootKey::secret(client, environment.required("ADMIN_KEY_SECRET")?);
        Ok(Self::new(aws.store(environment)?, secrets, root_key))
    }

    /// Whether the database answers.
    pub async fn is_alive(&self) -> bool {
        let answered = self.store.warm_up().await;
        if let Err(error) = &answered {
            tracing::warn!(%error, "the database does not answer");
        }
        answered.is_ok()
    }
}
