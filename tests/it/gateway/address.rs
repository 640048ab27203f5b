//! The address that clients are given.

use std::process::Command;

use super::BINARY;

#[test]
fn an_address_that_no_client_could_use_ends_the_start_before_anything_is_made() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    for address in ["telemetry.example.com", "https://", "https://user:secret@example.com", "https://example.com/?a=b"]
    {
        let mut gateway = Command::new(BINARY);
        gateway.args(["--listen", "127.0.0.1:0", "--public-url", address, "--data", &folder.to_string_lossy()]);
        let ended = gateway.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{address}");
        assert!(said.contains("--public-url") && said.contains("such as https://telemetry.example.com"), "{said}");
        assert!(!folder.exists(), "{address}");
    }
}
