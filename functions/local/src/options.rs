//! The command line of the local gateway.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Parser;
use model::base_url::BaseUrl;
use model::organisation::OrgName;

/// Self-hosted home for Claude Code telemetry, on one machine.
#[derive(Debug, Clone, Parser)]
#[command(name = "local", version)]
pub struct Options {
    /// Where HTTP is served; port 0 takes a free one.
    #[arg(long, env = "LISTEN", value_name = "ADDR", default_value = "127.0.0.1:4318")]
    pub listen: SocketAddr,
    /// Where the embedded database and secrets live; made on first start, kept across restarts.
    #[arg(long, env = "DATA_DIR", value_name = "DIR", default_value = ".local")]
    pub data: PathBuf,
    /// Keep everything in memory and leave nothing behind.
    #[arg(long)]
    pub ephemeral: bool,
    /// The root admin key; better given as ADMIN_KEY, since everybody on the machine sees the arguments of programs. 32 to 128 characters of A-Z, a-z, 0-9, _ and -; made on first start and kept in the data folder.
    #[arg(long, env = "ADMIN_KEY", value_name = "KEY", hide_env_values = true)]
    pub admin_key: Option<String>,
    /// The base URL written into generated settings; that of the listener by default.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<BaseUrl>,
    /// Addresses that many clients stand behind, joined by commas: reverse proxies and the like. No limit for a single address holds
    /// for them, nor for this machine's own; whom they forward for is the last address of X-Forwarded-For, which nobody else is
    /// believed. Of connections, requests and memory every other address gets a quarter at most.
    #[arg(long = "trusted-proxy", env = "TRUSTED_PROXIES", value_name = "ADDR", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpAddr>,
    /// An organisation enabled on first start.
    #[arg(long, value_name = "ORG", default_value = "default")]
    pub org: OrgName,
    /// Also fill the organisation `demo` with some forty invented people: what they did in the last DAYS days (7 to 60, 60 unless given),
    /// and what they do from now on.
    #[arg(long, value_name = "DAYS", num_args = 0..=1, require_equals = true, default_missing_value = "60",
          value_parser = clap::value_parser!(u32).range(7..=60))]
    pub demo: Option<u32>,
}
