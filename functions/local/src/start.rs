//! Starting: the database, the root key, the first organisation, and what the person at the terminal needs to know.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use dynoxide::DynoxideError;
use model::base_url::{BadBaseUrl, BaseUrl, Reach};
use model::organisation::State;
use model::random::Random;
use model::time::Millis;
use model::token::{PlainToken, TokenKind};
use service::app::App;
use service::auth::one_time;
use service::auth::root_key::{BadRootKey, RootKey};
use service::ingest::Ingest;
use service::organisations::change;
use service::organisations::enable::enable;
use service::organisations::error::OrganisationError;
use service::organisations::quota::Share;
use store::environment::{BadVariable, Environment};
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use store::{Store, StoreError};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::data_folder::{DataFolder, FolderError};
use crate::embedded::Embedded;
use crate::handlers::Handlers;
use crate::journal::{Change, Journal};
use crate::options::Options;
use crate::settings_file::{SettingsFile, SettingsFileError};

/// Name of the file of the root admin key.
const ADMIN_KEY: &str = "admin-key";
/// Name of the file of the link into the console.
const SIGN_IN_LINK: &str = "sign-in-link";

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
    #[error("the address is none that clients could use: {0}")]
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
    let way_in = way_in(&store, &handlers.base_url, in_folder, io::stdout().is_terminal()).await?;
    let mut guidance = guidance(options, &handlers.base_url, &way_in, settings, in_folder);
    if let Some(warning) = exposed(listening, &handlers.base_url) {
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
        enable(&app.store, &app.secrets, &options.org, &change, Share::Root, &random, Millis::now()).await?;
    }
    Ok(())
}

/// How whoever started the gateway gets into the console. The link signs in as the holder of the root key, and what is printed
/// where nobody sits is kept by whatever collects it.
#[derive(Debug)]
enum WayIn {
    /// A link that works once, shown at the terminal.
    Shown(String),
    /// The file that it is in, which its owner alone can read.
    Kept(PathBuf),
    /// There is no place for one.
    Key,
}

async fn way_in(
    store: &Store,
    base_url: &BaseUrl,
    folder: Option<&DataFolder>,
    is_terminal: bool,
) -> Result<WayIn, StartError> {
    if !is_terminal && folder.is_none() {
        return Ok(WayIn::Key);
    }
    let code = one_time::issue(store, &Random::draw()?, Millis::now()).await?;
    let link = format!("{base_url}/sign-in?code={code}");
    match folder.filter(|_| !is_terminal) {
        None => Ok(WayIn::Shown(link)),
        Some(folder) => Ok(WayIn::Kept(folder.write_secret(SIGN_IN_LINK, &format!("{link}\n"))?)),
    }
}

/// What is wrong with tokens, keys and sessions that travel in clear.
fn exposed(listening: SocketAddr, base_url: &BaseUrl) -> Option<&'static str> {
    let travels = !listening.ip().to_canonical().is_loopback() && !base_url.is_https();
    travels.then_some(
        "other machines reach this gateway over plain HTTP, so that everybody on the way can read tokens, keys and sessions. \
         Put a proxy with TLS in front and give its address with --public-url https://…",
    )
}

fn guidance(
    options: &Options,
    base_url: &BaseUrl,
    way_in: &WayIn,
    settings: Option<PathBuf>,
    folder: Option<&DataFolder>,
) -> String {
    let mut lines = vec![
        format!("Claude Code telemetry is collected at {base_url}"),
        match way_in {
            WayIn::Shown(link) => format!("Console, signed in (this link works once, for ten minutes): {link}"),
            WayIn::Kept(file) => format!(
                "Console: {base_url}/ (a link that signs in once, within ten minutes, is in {})",
                file.display()
            ),
            WayIn::Key => format!("Console: {base_url}/"),
        },
    ];
    if let Some(file) = settings {
        lines.push(format!(
            "Organisation `{}`: its managed settings, with its token and this address, are in {}",
            options.org,
            file.display()
        ));
        lines.push("Next: deploy them (for this machine: copy them to /etc/claude-code/managed-settings.json,".into());
        lines.push("      or merge them into ~/.claude/settings.json), restart Claude Code, and use it.".into());
    } else if folder.is_none() {
        lines.push(format!(
            "Organisation `{}` is enabled; everything is in memory and gone when this stops.",
            options.org
        ));
    }
    match folder {
        _ if options.admin_key.is_some() => lines.push("The admin key is the one given.".into()),
        Some(folder) => lines.push(format!("The admin key: {}", folder.secrets().join(ADMIN_KEY).display())),
        None => lines.push("Give an admin key with --admin-key to use the API of an ephemeral gateway.".into()),
    }
    lines.push(format!("API: curl -H \"Authorization: Bearer $(cat <admin key>)\" {base_url}/api/orgs"));
    lines.join("\n")
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    async fn told(folder: Option<&DataFolder>, is_terminal: bool) -> String {
        let store = Embedded::in_memory().unwrap().store();
        store.create_tables().await.unwrap();
        let options = Options::parse_from(["local"]);
        let way_in = way_in(&store, &"http://x".parse().unwrap(), folder, is_terminal).await.unwrap();
        guidance(&options, &"http://x".parse().unwrap(), &way_in, None, folder)
    }

    #[tokio::test]
    async fn the_link_into_the_console_is_shown_at_a_terminal_and_else_kept_for_its_owner() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path()).unwrap();
        for folder in [Some(&folder), None] {
            assert!(told(folder, true).await.contains("http://x/sign-in?code="));
        }
        assert_eq!(folder.read_secret(SIGN_IN_LINK).unwrap(), None);
        let text = told(Some(&folder), false).await;
        assert!(!text.contains("code=") && text.contains("secrets/sign-in-link"), "{text}");
        assert!(folder.read_secret(SIGN_IN_LINK).unwrap().unwrap().starts_with("http://x/sign-in?code="));
        assert!(!told(None, false).await.contains("sign-in"));
    }

    #[test]
    fn who_serves_others_over_plain_http_is_warned() {
        let warned = |listening: &str, url: &str| exposed(listening.parse().unwrap(), &url.parse().unwrap()).is_some();
        assert!(warned("0.0.0.0:4318", "http://0.0.0.0:4318") && warned("[::]:4318", "http://telemetry.example.com"));
        assert!(!warned("0.0.0.0:4318", "https://telemetry.example.com"));
        assert!(!warned("127.0.0.1:4318", "http://127.0.0.1:4318") && !warned("[::1]:4318", "http://x"));
    }
}
