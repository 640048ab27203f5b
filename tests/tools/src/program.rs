//! The local gateway as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long a gateway that was asked to stop is waited for before it is killed, so that one that never ends fails its test, and does
/// not hold it up. Far longer than the grace it is given.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running gateway.
#[derive(Debug)]
pub struct Program {
    process: Child,
    /// Where it serves, from its last line.
    pub base_url: String,
    /// All lines before the last one.
    pub guidance: Vec<String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program {
    /// Starts `binary` with `arguments` on a free port and waits for its last line.
    ///
    /// # Panics
    /// It ends before it is ready.
    #[must_use]
    pub fn start(binary: &str, arguments: &[&str]) -> Self {
        Self::spawn(Command::new(binary).args(arguments).env_clear())
    }

    /// Starts `binary` with everything it can log going to the file `log`.
    ///
    /// # Panics
    /// It ends before it is ready.
    #[must_use]
    pub fn start_logging(binary: &str, arguments: &[&str], log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        Self::spawn(Command::new(binary).args(arguments).env_clear().env("RUST_LOG", "trace").stderr(log))
    }

    fn spawn(command: &mut Command) -> Self {
        let command = command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stdin(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut guidance = Vec::new();
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(base_url) = line.strip_prefix("ready base_url=") {
                return Self { process, base_url: base_url.into(), guidance };
            }
            guidance.push(line);
        }
        panic!("the gateway ended ({:?}) before it was ready: {guidance:?}", process.wait());
    }

    /// The id of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it as an out-of-memory killer or a power cut would.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks it to stop, with SIGTERM, and waits until it has.
    ///
    /// # Panics
    /// It cannot be waited for.
    pub fn terminate(&mut self) -> ExitStatus {
        self.ask_to_stop();
        let (ended, ending) = mpsc::channel::<()>();
        let id = self.process.id().to_string();
        let watchdog = thread::spawn(move || {
            if ending.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                Command::new("kill").args(["-KILL", &id]).status().unwrap();
            }
        });
        let status = self.process.wait().unwrap();
        drop(ended);
        watchdog.join().unwrap();
        status
    }

    /// Asks it to stop, with SIGTERM.
    ///
    /// # Panics
    /// There is no `kill`.
    pub fn ask_to_stop(&self) {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
    }

    /// Whether it has ended, by itself or because it was asked to.
    ///
    /// # Panics
    /// It cannot be waited for.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }
}

/// The ingest token in the managed settings of a data folder.
#[must_use]
pub fn token_of(data: &Path) -> String {
    let settings = std::fs::read_to_string(settings_of(data)).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    let headers = settings["env"]["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap();
    headers.strip_prefix("Authorization=Bearer ").unwrap().to_owned()
}

/// The file of the managed settings of a data folder.
#[must_use]
pub fn settings_of(data: &Path) -> PathBuf {
    data.join("secrets").join("managed-settings.json")
}

/// Builds the program `name` of the workspace in the profile that this example was built in, with the features that the tests were built
/// with, and gives its path.
///
/// # Panics
/// It cannot be built, or this is not run by cargo.
#[must_use]
pub fn built(name: &str) -> String {
    // This program is `<target>/<folder of the profile>/examples/<its name>`.
    let folder = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let profile = match folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        named => named,
    };
    let mut cargo = Command::new(std::env::var("CARGO").unwrap());
    let build = cargo.args(["build", "--profile", profile, "-q", "-p", "local", "-p", "tests", "--bin", name]);
    assert!(build.status().unwrap().success());
    folder.join(name).to_string_lossy().into_owned()
}
