//! Secrets in AWS Secrets Manager.

use aws_sdk_secretsmanager::Client;

use super::{SecretError, Stage};
use model::organisation::{Uid, VersionId};
use model::token::PlainToken;

/// How often a label is moved again because another request moved it.
const MOVES: usize = 5;

/// A client and the prefix of the names of all secrets.
#[derive(Debug, Clone)]
pub struct Manager {
    client: Client,
    stack: String,
}

impl Manager {
    /// Uses the secrets named `<stack>/<uid>`.
    #[must_use]
    pub fn new(client: Client, stack: impl Into<String>) -> Self {
        Self { client, stack: stack.into() }
    }

    fn name(&self, uid: &Uid) -> String {
        format!("{}/{uid}", self.stack)
    }

    pub(super) async fn stage(&self, uid: &Uid, version: &VersionId, token: &PlainToken) -> Result<(), SecretError> {
        match self.put(uid, version, token).await {
            Err(SecretError::Missing) => match self.create(uid, version, token).await {
                // Another request created it concurrently.
                Err(SecretError::Unavailable(code)) if code == "ResourceExistsException" => {
                    self.put(uid, version, token).await
                }
                other => other,
            },
            other => other,
        }
    }

    async fn put(&self, uid: &Uid, version: &VersionId, token: &PlainToken) -> Result<(), SecretError> {
        let request = self
            .client
            .put_secret_value()
            .secret_id(self.name(uid))
            .client_request_token(version.as_str())
            .secret_string(token.expose())
            .version_stages(Stage::Pending.name());
        request.send().await.map(|_| ()).map_err(SecretError::from_sdk)
    }

    async fn create(&self, uid: &Uid, version: &VersionId, token: &PlainToken) -> Result<(), SecretError> {
        let request = self
            .client
            .create_secret()
            .name(self.name(uid))
            .description(
                "Ingest token of one organisation. Its versions are managed by the service: do not edit them by hand.",
            )
            .client_request_token(version.as_str())
            .secret_string(token.expose());
        request.send().await.map(|_| ()).map_err(SecretError::from_sdk)
    }

    pub(super) async fn promote(&self, uid: &Uid, version: &VersionId) -> Result<(), SecretError> {
        let mut last = SecretError::Missing;
        for _ in 0..MOVES {
            let (current, is_pending) = self.labels(uid, version).await?;
            if current.as_ref() != Some(version) {
                match self.move_stage(uid, Stage::Current, Some(version), current.as_ref()).await {
                    Ok(()) => {}
                    // The label was no longer on the expected version.
                    Err(SecretError::Unavailable(code)) if code == "InvalidParameterException" => {
                        last = SecretError::Unavailable(code);
                        continue;
                    }
                    Err(other) => return Err(other),
                }
            }
            return match is_pending {
                true => self.move_stage(uid, Stage::Pending, None, Some(version)).await,
                false => Ok(()),
            };
        }
        Err(last)
    }

    /// The id of the current version, and whether `version` has the pending label.
    async fn labels(&self, uid: &Uid, version: &VersionId) -> Result<(Option<VersionId>, bool), SecretError> {
        let described =
            self.client.describe_secret().secret_id(self.name(uid)).send().await.map_err(SecretError::from_sdk)?;
        let versions = described.version_ids_to_stages.unwrap_or_default();
        let has = |labels: &[String], stage: Stage| labels.iter().any(|label| label == stage.name());
        let current = versions.iter().find(|(_, labels)| has(labels, Stage::Current));
        let pending = versions.get(version.as_str()).is_some_and(|labels| has(labels, Stage::Pending));
        Ok((current.map(|(id, _)| VersionId::parse(id)), pending))
    }

    async fn move_stage(
        &self,
        uid: &Uid,
        stage: Stage,
        to: Option<&VersionId>,
        from: Option<&VersionId>,
    ) -> Result<(), SecretError> {
        let request = self
            .client
            .update_secret_version_stage()
            .secret_id(self.name(uid))
            .version_stage(stage.name())
            .set_move_to_version_id(to.map(|v| v.as_str().into()))
            .set_remove_from_version_id(from.map(|v| v.as_str().into()));
        request.send().await.map(|_| ()).map_err(SecretError::from_sdk)
    }

    pub(super) async fn read(&self, uid: &Uid, version: &VersionId) -> Result<String, SecretError> {
        let request = self.client.get_secret_value().secret_id(self.name(uid)).version_id(version.as_str());
        let found = request.send().await.map_err(SecretError::from_sdk)?;
        found.secret_string.ok_or(SecretError::NoToken)
    }

    pub(super) async fn erase(&self, uid: &Uid) -> Result<(), SecretError> {
        let request = self.client.delete_secret().secret_id(self.name(uid)).force_delete_without_recovery(true);
        match request.send().await.map_err(SecretError::from_sdk) {
            Ok(_) | Err(SecretError::Missing) => Ok(()),
            Err(other) => Err(other),
        }
    }
}
