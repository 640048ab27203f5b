//! After the month: now and then somebody asks something.

use std::time::Duration;

use model::time::Timestamp;

use super::stage::{Stage, StageError};
use demo_data::cast::Person;
use demo_data::export::Export;
use demo_data::random;
use demo_data::session::Session;

/// How long it is between two turns, about.
const PAUSE: Duration = Duration::from_secs(4);
/// How many people are at work at the same time.
const AT_WORK: usize = 6;
/// How many turns a session has, about.
const TURNS: f64 = 15.0;

/// Somebody at work, and the token that their client read when it started: a rotation reaches only who starts later.
struct Worker<'a> {
    session: Session<'a>,
    token: String,
}

/// Goes on until the gateway ends.
pub(super) async fn go_on(stage: &Stage, people: &[Person]) -> Result<(), StageError> {
    let mut rng = random::of(Timestamp::now().0.unsigned_abs(), 0, 0);
    // Whoever has trouble keeps it, and whoever has left does not come back.
    let well: Vec<&Person> = people.iter().filter(|person| person.trouble.is_none() && person.is_there(0)).collect();
    let mut workers: Vec<Worker<'_>> = Vec::new();
    loop {
        tokio::time::sleep(PAUSE.mul_f64(0.5 + rng.f64())).await;
        let now = Timestamp::now();
        if workers.len() < AT_WORK
            && let Some(person) = random::one(&mut rng, &well)
            // Nobody starts while there is no good token.
            && let Ok((token, generation)) = stage.deployed(now).await
        {
            workers.push(Worker { session: Session::begin(person, rng.fork(), now, generation, 0), token });
        }
        let place = rng.usize(..workers.len().max(1));
        // Whose turn takes longer than it was until now is still at it.
        let Some(worker) = workers.get_mut(place).filter(|worker| worker.session.clock() <= Timestamp::now()) else {
            continue;
        };
        worker.session.wait_until(now);
        worker.session.turn();
        for export in worker.session.send() {
            stage.send(&Export { at: Timestamp::now(), ..export }, &worker.token).await?;
        }
        if random::happens(&mut rng, 1.0 / TURNS) {
            workers.swap_remove(place);
        }
    }
}
