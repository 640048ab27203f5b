//! Starting: the database, the root key, the first organisation, and what the person at the terminal needs to know.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use dynoxide::DynoxideError;
use model::base_url::{BadBaseUrl, Reach};
use model::organisation::State;
use model::random::Random;
use model::time::Timestamp;
use model::token::{PlainToken, TokenKind};
use service::app::App;
use service::auth::one_time;
use service::auth::root_key::{BadRootKey, RootKey};
use service::ingest::Ingest;
use service::organisations::change;
use service::organisations::enable::enable;
use service::organisations::error::OrganisationError;
use service::organisations::quota::Share;
use store::StoreError;
use store::environment::{BadVariable, Environment};
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::data_folder::{ADMIN_KEY, DataFolder, FolderError};
use crate::demo;
use crate::embedded::Embedded;
use crate::guidance;
use crate::handlers::Handlers;
use crate::journal::{Change, Journal};
use crate::options::Options;
use crate::settings_file::{SettingsFile, SettingsFileError};

/// Why the gateway does not start, in a sentence for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database.
    #[error("the embedded database cannot be opened: {0}")]
    Database(#[from] DynoxideError),
    /// The store over it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root admin key.
    #[error(transparent)]
    AdminKey(#[from] BadRootKey),
    /// The secret store.
    #[error("the secrets cannot be opened: {0}")]
    Secrets(#[source] io::Error),
    /// The random source.
    #[error("the random source of the operating system failed: {0}")]
    Random(#[from] getrandom::Error),
    /// A variable of the environment.
    #[error(transparent)]
    Environment(#[from] BadVariable),
    /// The first organisation.
    #[error("the organisation could not be enabled: {0}")]
    Organisation(#[from] OrganisationError),
    /// What to deploy to its clients.
    #[error("the managed settings could not be written: {0}")]
    Settings(#[from] SettingsFileError),
    /// The address that clients reach the service at.
    #[error("clients cannot use this address: {0}")]
    BaseUrl(#[from] BadBaseUrl),
    /// The address.
    #[error("cannot listen on {address}: {error}. Choose another address with --listen")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// Threads and signals.
    #[error("the system does not let this program work: {0}")]
    Runtime(#[source] io::Error),
    /// The terminal.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

/// A gateway that is ready to serve.
#[derive(Debug)]
pub struct Started {
    /// Every handler.
    pub handlers: Handlers,
    /// The database.
    pub database: Embedded,
    /// Notes of packs that are not projected yet.
    pub journal: Arc<Journal>,
    /// What the journal hands on.
    pub changes: UnboundedReceiver<Change>,
    /// What is printed before the last line.
    pub guidance: String,
    /// Keeps other gateways out of the data folder.
    _folder: Option<Arc<DataFolder>>,
}

/// Opens everything and enables the first organisation of a new data folder.
///
/// # Errors
/// See [`StartError`].
pub async fn start(options: &Options, listening: SocketAddr) -> Result<Started, StartError> {
    let folder = if options.ephemeral { None } else { Some(Arc::new(DataFolder::open(&options.data)?)) };
    let in_folder = folder.as_deref();
    let database = match &folder {
        Some(folder) => Embedded::open(&folder.database()),
        None => Embedded::in_memory(),
    };
    let (database, journal, changes) = database?.with_journal(in_folder.map(DataFolder::journal).as_deref())?;
    let store = database.store();
    store.create_tables().await?;
    let secrets = match &folder {
        Some(folder) => EmbeddedSecrets::open(&folder.secrets()).map_err(StartError::Secrets)?,
        None => EmbeddedSecrets::in_memory(),
    };
    let admin_key = admin_key(options, in_folder)?;
    let root_key = RootKey::given(&admin_key)?;
    let base_url = match &options.public_url {
        Some(url) => url.clone(),
        None => format!("http://{listening}").parse()?,
    };
    let mut handlers = Handlers::new(&store, &Secrets::Embedded(secrets), &root_key, base_url);
    let (limits, deadline) = service::ingest::limits(&Environment::process())?;
    handlers.ingest = Ingest::new(store.clone(), limits, deadline).counting_strangers();
    handlers.limits = limits;
    first_organisation(options, &handlers.app).await?;
    let settings_file = folder.clone().map(|folder| Arc::new(SettingsFile::new(folder, options.org.clone())));
    let settings = match &settings_file {
        Some(file) => file.refresh(&handlers.app, &handlers.base_url).await?,
        None => None,
    };
    handlers.settings_file = settings_file;
    let is_terminal = io::stdout().is_terminal();
    let opens = options.demo.map(|_| demo::PAGE);
    let link = match guidance::has_place_for_link(in_folder, is_terminal) {
        true => {
            let code = one_time::issue(&store, &Random::draw()?, Timestamp::now()).await?;
            Some(guidance::link(&handlers.base_url, &code, opens))
        }
        false => None,
    };
    let way_in = guidance::way_in(link, in_folder, is_terminal)?;
    let shown_key = is_terminal.then_some(admin_key.as_str());
    let mut guidance = guidance::guidance(options, &handlers.base_url, &way_in, settings, (in_folder, shown_key));
    if let Some(warning) = guidance::exposed(listening, &handlers.base_url) {
        tracing::warn!("{warning}");
        guidance = format!("{guidance}\nWarning: {warning}");
    }
    // Plain HTTP is warned of above, and whoever tries it on one machine knows that it is one.
    if let Some(warning) =
        ::settings::warning(&handlers.base_url).filter(|_| handlers.base_url.reach() == Reach::Nobody)
    {
        guidance = format!("{guidance}\nWarning: {warning}");
    }
    Ok(Started { handlers, database, journal, changes, guidance, _folder: folder })
}

/// The key given, else the one kept in the data folder, else a new one.
fn admin_key(options: &Options, folder: Option<&DataFolder>) -> Result<String, StartError> {
    if let Some(key) = &options.admin_key {
        return Ok(key.clone());
    }
    if let Some(key) = folder.map(|f| f.read_secret(ADMIN_KEY)).transpose()?.flatten() {
        return Ok(key.trim().to_owned());
    }
    let key = PlainToken::generate(TokenKind::Admin)?.expose().to_owned();
    if let Some(folder) = folder {
        folder.write_secret(ADMIN_KEY, &format!("{key}\n"))?;
    }
    Ok(key)
}

/// Enables the first organisation of a new data folder.
async fn first_organisation(options: &Options, app: &App) -> Result<(), StartError> {
    let known = app.store.organisation(&options.org).await?.map(|organisation| organisation.state);
    if matches!(known, None | Some(State::Enabling)) {
        let (random, change) = (Random::draw()?, change::Change::default());
        enable(&app.store, &app.secrets, &options.org, &change, Share::Root, &random, Timestamp::now()).await?;
    }
    Ok(())
}

/// Prints the guidance and the line that scripts wait for.
///
/// # Errors
/// Standard output is closed.
pub fn announce(started: &Started, listening: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", started.guidance)?;
    writeln!(out, "ready base_url=http://{listening}")?;
    out.flush()
}
