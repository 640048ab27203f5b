//! A gateway in which something blocks for ever, which nothing can interrupt.

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    local::run::program(|options, stop| async {
        tokio::task::spawn_blocking(|| {
            loop {
                std::thread::sleep(Duration::from_secs(3_600));
            }
        });
        local::run::run(options, stop).await
    })
}
