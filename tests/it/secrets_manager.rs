//! Tokens in Secrets Manager itself, as far as moto's server knows how it behaves.
//!
//! `MOTO_ENDPOINT` names a running `moto_server`; `.ci/run` starts one.

use aws_sdk_secretsmanager::Client;
use model::organisation::Uid;
use model::random::Random;
use model::time::{SECOND, Timestamp};
use model::token::{TokenHash, TokenKind};
use service::auth::root_key::RootKey;
use store::secrets::{Manager, SecretError, Secrets};
use tools::secrets_manager::client_at;
use tools::stack::{START, Stack};

fn client() -> Client {
    client_at(&std::env::var("MOTO_ENDPOINT").unwrap())
}

async fn stages(client: &Client, uid: &Uid) -> Vec<(String, Vec<String>)> {
    let described = client.describe_secret().secret_id(format!("stack/{uid}")).send().await.unwrap();
    let mut all: Vec<_> = described.version_ids_to_stages.unwrap_or_default().into_iter().collect();
    all.sort();
    all
}

#[tokio::test]
#[ignore = "needs moto_server"]
async fn a_version_goes_from_pending_to_current_to_previous() {
    let (client, uid) = (client(), Random::draw().unwrap().uid());
    let secrets = Secrets::Manager(Manager::new(client.clone(), "stack"));
    let made: Vec<_> = (0..3).map(|_| Random::draw().unwrap()).collect();
    for random in &made {
        let (version, token) = (random.version(), random.token(TokenKind::Ingest));
        for _repeated in 0..2 {
            secrets.stage(&uid, &version, &token).await.unwrap();
        }
        for _repeated in 0..2 {
            secrets.promote(&uid, &version).await.unwrap();
        }
        assert_eq!(secrets.read(&uid, &version).await.unwrap(), token);
    }
    let label = |n: usize| made[n].version().as_str().to_owned();
    let found = stages(&client, &uid).await;
    let of =
        |n: usize| found.iter().find(|(id, _)| *id == label(n)).map(|(_, stages)| stages.clone()).unwrap_or_default();
    assert_eq!((of(2), of(1)), (vec!["AWSCURRENT".to_owned()], vec!["AWSPREVIOUS".to_owned()]));

    let taken = secrets.stage(&uid, &made[0].version(), &made[1].token(TokenKind::Ingest)).await;
    assert!(matches!(taken, Err(SecretError::Unavailable(_))), "a version is never changed");
    secrets.erase(&uid).await.unwrap();
    secrets.erase(&uid).await.unwrap();
    assert_eq!(secrets.read(&uid, &made[2].version()).await, Err(SecretError::Missing));
}

#[tokio::test]
#[ignore = "needs moto_server"]
async fn organisations_live_on_secrets_manager_as_on_the_embedded_store() {
    let client = client();
    let stack = Stack::start().secrets(Secrets::Manager(Manager::new(client.clone(), "stack"))).await;
    let first = stack.enable("acme").await;
    let second = stack.rotate("acme", 60, START).await;
    assert!(stack.authenticate(&first, START).await.is_ok() && stack.authenticate(&second, START).await.is_ok());
    let settings = stack.ask("GET /api/orgs/acme/settings/shell.sh", "").await;
    assert!(String::from_utf8_lossy(&settings.body).contains(&second));

    let tasks = (0..4).map(|_| {
        let stack = stack.clone();
        tokio::spawn(async move { stack.rotate("acme", 0, START).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let organisation = stack.store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(organisation.generation, 6);
    let current = organisation.token_version.unwrap();
    let found = stages(&client, &organisation.uid).await;
    let labelled: Vec<_> = found.iter().filter(|(_, stages)| stages.iter().any(|s| s == "AWSCURRENT")).collect();
    assert_eq!(labelled.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [current.as_str()]);
}

#[tokio::test]
#[ignore = "needs moto_server"]
async fn a_changed_root_key_is_in_force_within_a_minute() {
    let client = client();
    let name = format!("root-{}", Random::draw().unwrap().uid());
    let (old, new) = ["old", "new"].map(|age| format!("{age}-root-key-of-a-test-0123456789abcdef")).into();
    client.create_secret().name(&name).secret_string(&old).send().await.unwrap();
    let key = RootKey::secret(client.clone(), &name);
    assert_eq!(key.matches(&TokenHash::of(&old), START).await, Ok(true));
    client.put_secret_value().secret_id(&name).secret_string(&new).send().await.unwrap();
    assert_eq!(key.matches(&TokenHash::of(&old), START.plus(SECOND)).await, Ok(true), "trusted for half a minute");
    let later: Timestamp = START.plus(60 * SECOND);
    assert_eq!(key.matches(&TokenHash::of(&new), later).await, Ok(true));
    assert_eq!(key.matches(&TokenHash::of(&old), later).await, Ok(false));
}
