//! AWS in one process: [ministack](https://pypi.org/project/ministack/), written by others, with policies enforced.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::captures::data;

mod deployed;

pub use deployed::Emulated;

/// Its root, whose requests it takes whatever their signature is. Everybody else's it checks.
const ROOT: &str = "root";
/// Where it is.
const REGION: &str = "eu-west-1";

/// A running one, with everything that it started: it ends with the test.
#[derive(Debug)]
pub struct Emulator {
    process: Child,
    folder: TempDir,
    /// Where it serves.
    pub url: String,
    client: reqwest::Client,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The functions are processes of its own, and of its group: they would outlive it.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.process.id())]).status();
        let _ = self.process.wait();
    }
}

impl Emulator {
    /// Starts it on a free port of this machine.
    ///
    /// # Panics
    /// It is not installed, or ends.
    pub async fn start() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (folder, url) = (tempfile::tempdir().unwrap(), format!("http://{address}"));
        let log = folder.path().join("log");
        let process = Command::new("ministack")
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", address.port().to_string())
            .env("MINISTACK_REGION", REGION)
            // Every request is held against the policies of who makes it.
            .env("AUTH", "true")
            // It would listen for devices at every address.
            .env("IOT_MTLS_ENABLED", "0")
            // What it gives functions.
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_ACCESS_KEY_ID", ROOT)
            .env("AWS_SECRET_ACCESS_KEY", ROOT)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(File::create(&log).unwrap())
            .stderr(File::options().append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let mut emulator = Self { process, folder, url, client: reqwest::Client::new() };
        let health = format!("{}/_ministack/health", emulator.url);
        while emulator.client.get(&health).send().await.is_err() {
            assert!(emulator.process.try_wait().unwrap().is_none(), "{}", emulator.log());
            tokio::task::yield_now().await;
        }
        emulator
    }

    /// What it has said.
    ///
    /// # Panics
    /// It said no text.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Deploys the template, and gives what was made: as `.ci/emulator.py` says.
    ///
    /// # Panics
    /// It cannot be deployed.
    #[must_use]
    pub fn deploy(&self, stack: &str) -> Value {
        let ended = Command::new("python3")
            .arg(data("../../.ci/emulator.py"))
            .arg(stack)
            .env("HOME", self.folder.path())
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", ROOT)
            .env("AWS_SECRET_ACCESS_KEY", ROOT)
            .output()
            .unwrap();
        assert!(ended.status.success(), "{}\n{}", String::from_utf8_lossy(&ended.stderr), self.log());
        serde_json::from_slice(&ended.stdout).unwrap()
    }

    /// A request to a service of AWS, by its root.
    fn request(&self, service: &str, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        let scope = format!("{ROOT}/20261130/{REGION}/{service}/aws4_request");
        let signed = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
        self.client.request(method, format!("{}{path}", self.url)).header("authorization", signed)
    }
}
