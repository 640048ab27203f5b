//! A gateway in which something blocks for ever, which nothing can interrupt.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use local::options::Options;

fn main() -> ExitCode {
    local::run::start_logging();
    let options = Options::parse();
    let led = local::stop::lead(|stop| async {
        tokio::task::spawn_blocking(|| {
            loop {
                std::thread::sleep(Duration::from_secs(3_600));
            }
        });
        local::run::run(options, stop).await
    });
    ExitCode::from(u8::from(led.is_err()))
}
