//! The managed settings of the first organisation, as a file that can be deployed: it has the token and the address of now, or is not
//! there. Whatever was copied from it has to be copied again.

use std::path::PathBuf;
use std::sync::Arc;

use model::base_url::BaseUrl;
use model::organisation::OrgName;
use service::app::App;
use service::organisations::settings::{ConfigurationError, document, select};
use tokio::sync::Mutex;

use crate::data_folder::{DataFolder, FolderError};

/// Name of the file.
const NAME: &str = "managed-settings.json";

/// The file.
#[derive(Debug)]
pub struct SettingsFile {
    folder: Arc<DataFolder>,
    org: OrgName,
    /// Held from reading the token to writing the file, so that no earlier token is written after a later one.
    writing: Mutex<()>,
}

/// Why the file could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFileError {
    /// There are no settings to write.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The file system says no.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl SettingsFile {
    /// The file of `org` in `folder`.
    #[must_use]
    pub fn new(folder: Arc<DataFolder>, org: OrgName) -> Self {
        Self { folder, org, writing: Mutex::new(()) }
    }

    /// Writes what is to be deployed now, if it is not what the file has; removes the file if nothing of it would work, because the
    /// organisation is disabled or purged or all its tokens are revoked. Says where it is.
    ///
    /// # Errors
    /// The database, the secret store or the file system failed: the file may be out of date.
    pub async fn refresh(&self, app: &App, base_url: &BaseUrl) -> Result<Option<PathBuf>, SettingsFileError> {
        let _alone = self.writing.lock().await;
        match self.wanted(app, base_url).await? {
            Some(settings) if self.folder.read_secret(NAME)?.as_ref() == Some(&settings) => {
                Ok(Some(self.folder.secrets().join(NAME)))
            }
            Some(settings) => Ok(Some(self.folder.write_secret(NAME, &settings)?)),
            None => {
                self.folder.remove_secret(NAME)?;
                Ok(None)
            }
        }
    }

    async fn wanted(&self, app: &App, base_url: &BaseUrl) -> Result<Option<String>, ConfigurationError> {
        let Some(organisation) = app.store.organisation(&self.org).await? else { return Ok(None) };
        let selection = select::<&str, &str>("managed.json", [])?;
        match document(&app.store, &app.secrets, &organisation, &selection, base_url).await {
            Ok(settings) => Ok(Some(settings.body)),
            Err(ConfigurationError::Disabled | ConfigurationError::Revoked) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
