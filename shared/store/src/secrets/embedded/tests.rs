use super::*;
use model::token::TokenKind;

fn uid() -> Uid {
    Uid::from_random([5; 12])
}

fn token(n: u8) -> PlainToken {
    PlainToken::from_random(TokenKind::Ingest, [n; 32])
}

fn version(n: u8) -> VersionId {
    VersionId::from_random([n; 16])
}

fn stages(secrets: &Embedded, n: u8) -> Vec<String> {
    let secrets = secrets.lock();
    let found = secrets[&uid()].versions.iter().find(|v| v.id == version(n).as_str());
    found.map(|v| v.stages.clone()).unwrap_or_default()
}

#[test]
fn what_is_kept_is_there_after_a_restart_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("secrets");
    let secrets = Embedded::open(&inside).unwrap();
    secrets.stage(&uid(), &version(1), &token(1)).unwrap();
    secrets.stage(&uid(), &version(2), &token(2)).unwrap();
    drop(secrets);
    let again = Embedded::open(&inside).unwrap();
    assert_eq!(again.read(&uid(), &version(2)).unwrap(), token(2).expose());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inside), 0o700);
        assert_eq!(mode(&file(&inside, &uid())), 0o600);
    }
}

#[test]
fn labels_move_as_in_secrets_manager() {
    let secrets = Embedded::in_memory();
    for n in 1..=3 {
        secrets.stage(&uid(), &version(n), &token(n)).unwrap();
    }
    assert_eq!(
        (stages(&secrets, 1), stages(&secrets, 2), stages(&secrets, 3)),
        (vec!["AWSCURRENT".into()], vec![], vec!["AWSPENDING".into()])
    );
    secrets.promote(&uid(), &version(3)).unwrap();
    secrets.promote(&uid(), &version(3)).unwrap();
    assert_eq!(stages(&secrets, 1), ["AWSPREVIOUS"]);
    assert_eq!(stages(&secrets, 3), ["AWSCURRENT"]);
    secrets.promote(&uid(), &version(2)).unwrap();
    assert_eq!(stages(&secrets, 1), Vec::<String>::new());
    assert_eq!(stages(&secrets, 3), ["AWSPREVIOUS"]);
}

#[test]
fn a_version_is_stored_once_and_never_changed() {
    let secrets = Embedded::in_memory();
    secrets.stage(&uid(), &version(1), &token(1)).unwrap();
    secrets.stage(&uid(), &version(1), &token(1)).unwrap();
    assert!(secrets.stage(&uid(), &version(1), &token(2)).is_err());
    assert_eq!(secrets.read(&uid(), &version(1)).unwrap(), token(1).expose());
}

#[test]
fn the_oldest_versions_without_a_label_are_forgotten() {
    let secrets = Embedded::in_memory();
    for n in 0..=u8::try_from(VERSIONS).unwrap() {
        secrets.stage(&uid(), &version(n), &token(n)).unwrap();
    }
    assert!(secrets.read(&uid(), &version(0)).is_ok(), "the current one stays");
    assert_eq!(secrets.read(&uid(), &version(1)), Err(SecretError::Missing));
    assert!(secrets.read(&uid(), &version(2)).is_ok());
}

#[test]
fn an_erased_secret_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Embedded::open(folder.path()).unwrap();
    secrets.stage(&uid(), &version(1), &token(1)).unwrap();
    secrets.erase(&uid()).unwrap();
    secrets.erase(&uid()).unwrap();
    assert_eq!(secrets.read(&uid(), &version(1)), Err(SecretError::Missing));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
