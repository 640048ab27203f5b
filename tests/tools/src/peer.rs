//! Rotel, another receiver of OTLP written in Rust, as a program beside ours: it takes the same exports and throws them away.
//!
//! It is published for Python (`pip install rotel`), and the program lies in the package's folder, `site-packages/rotel/rotel-agent`.
//! Its `blackhole` exporter stores nothing, asks for no token and knows no repeats, so what it takes for an export is what HTTP and
//! decoding cost; what ours takes above that is the price of the promises.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running agent.
#[derive(Debug)]
pub struct Rotel {
    process: Child,
    /// Where it takes exports.
    pub base_url: String,
}

impl Drop for Rotel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Rotel {
    /// Starts the program at `path` on free ports and waits until it takes connections.
    ///
    /// # Panics
    /// It does not within ten seconds.
    #[must_use]
    pub fn start(path: &str) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (http, grpc) = (free(), free());
        let process = Command::new(path)
            .args(["start", "--exporter", "blackhole"])
            .args(["--otlp-http-endpoint", &http.to_string(), "--otlp-grpc-endpoint", &grpc.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let rotel = Self { process, base_url: format!("http://{http}") };
        let begun = Instant::now();
        while std::net::TcpStream::connect(http).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        rotel
    }

    /// The id of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}
