//! `cargo lambda watch`, an independent stand-in for Lambda, which knows other ways to hand events over than ours.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::lambda::Outcome;

/// How long it waits for a function, in seconds: longer than anything takes that is well, since who is gone is waited for as long.
const TIMEOUT: &str = "120";

/// A process that ends with the test.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running one, to which functions come that somebody else has started: it compiles nothing.
#[derive(Debug)]
pub struct Watch {
    _process: Running,
    _output: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Watch {
    /// Starts it.
    ///
    /// # Panics
    /// It is not installed, or ends.
    #[must_use]
    pub fn start() -> Self {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut watch = Command::new("cargo");
        watch.args(["lambda", "watch", "--only-lambda-apis", "--timeout", TIMEOUT]);
        watch.args(["--invoke-address", "127.0.0.1", "--invoke-port", &address.port().to_string()]);
        let mut process = Running(watch.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
        let mut output = BufReader::new(process.0.stdout.take().unwrap()).lines();
        assert!(output.any(|line| line.unwrap().contains("starting Runtime server")), "it ended");
        // It says so a moment before it listens.
        while std::net::TcpStream::connect(address).is_err() {
            assert!(process.0.try_wait().unwrap().is_none(), "it ended");
            std::thread::yield_now();
        }
        Self { _process: process, _output: output, address: address.to_string() }
    }

    /// What a function takes for the address of Lambda: with a path, and therefore with a scheme.
    #[must_use]
    pub fn runtime_api(&self, function: &str) -> String {
        format!("http://{}/.rt/{function}", self.address)
    }

    /// Hands a function an event and waits for its outcome.
    ///
    /// # Panics
    /// It is gone.
    pub async fn invoke(&self, function: &str, event: &Value) -> Outcome {
        let invocations = format!("http://{}/2015-03-31/functions/{function}/invocations", self.address);
        let answer = reqwest::Client::new().post(invocations).body(event.to_string()).send().await.unwrap();
        let is_done = answer.status().is_success();
        let body = answer.bytes().await.unwrap();
        let said = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{function} answered {body:?}"));
        if is_done { Outcome::Response(said) } else { Outcome::Error(said) }
    }
}
