//! Wrong admin keys, counted for each peer. Whoever guesses is refused for the rest of the window, a right key too, or guessing
//! would go on; everybody at another address, and every session of the console, is let in meanwhile.
//!
//! Guessing is many *different* keys. A program that was left behind with a removed key sends the same one again and again: it may
//! do so ten times as often before it takes its neighbours behind one address with it.
//!
//! Each process counts what it sees, which costs an honest request nothing. Signing in is also counted in the table, for all
//! processes: one read beside the key's own, and a write for each wrong key until there are too many. The calls of the API write no
//! such thing, since functions that only read are to stay so: there, a peer has as many tries as the function has processes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::AuthError;
use super::peer::Peer;
use model::time::{SignedDuration, Timestamp};
use model::token::TokenHash;
use store::attempts::Tally;
use store::{Store, StoreError};

/// How long wrong keys are counted and remembered; windows begin at fixed times, so that all processes have the same.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(300);
/// Different wrong keys in a window after which a peer is refused.
pub const DIFFERENT: usize = 10;
/// Wrong keys in a window, the same again and again or not, after which a peer is refused.
pub const ALL: u64 = 100;
/// Most peers that a process remembers.
const PEERS: usize = 4_096;

/// What a process remembers. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    window: i64,
    tallies: HashMap<Peer, Tally>,
}

/// Whether a peer is refused for what it got wrong.
fn is_enough(tally: &Tally) -> bool {
    tally.all >= ALL || tally.different.len() >= DIFFERENT
}

/// The window of a moment.
fn window(now: Timestamp) -> i64 {
    now.count(WINDOW)
}

/// What a peer that is refused is told: to come back in the next window.
fn refusal(now: Timestamp) -> AuthError {
    let next = now.floor(WINDOW).plus(WINDOW);
    AuthError::TooManyWrongKeys { wait: SignedDuration::from_secs(next.since(now).as_secs() + 1) }
}

impl Attempts {
    /// Refuses a peer that got too much wrong. Who came over no network is never refused.
    ///
    /// # Errors
    /// [`AuthError::TooManyWrongKeys`].
    pub fn check(&self, peer: Option<Peer>, now: Timestamp) -> Result<(), AuthError> {
        let Some(peer) = peer else { return Ok(()) };
        let is_refused = self.with(now, |tallies| tallies.get(&peer).is_some_and(is_enough));
        if is_refused { Err(refusal(now)) } else { Ok(()) }
    }

    /// Counts that `peer` presented `key`, which is nobody's.
    pub fn count(&self, peer: Option<Peer>, key: &str, now: Timestamp) {
        let Some(peer) = peer else { return };
        let name = TokenHash::of(key).token_id();
        self.change(peer, now, |tally| {
            tally.all += 1;
            if !tally.different.contains(&name) && tally.different.len() < DIFFERENT {
                tally.different.push(name);
            }
        });
    }

    /// As [`Attempts::check`], in all processes.
    ///
    /// # Errors
    /// The peer is refused, or the database failed.
    pub async fn check_everywhere(&self, peer: Option<Peer>, store: &Store, now: Timestamp) -> Result<(), AuthError> {
        self.check(peer, now)?;
        let Some(peer) = peer else { return Ok(()) };
        let elsewhere = store.attempts(&peer.to_string(), window(now)).await?;
        // Not what this process remembers by now: the same request may have counted meanwhile, and is to be counted elsewhere, too.
        let is_refused = is_enough(&elsewhere);
        self.learn(peer, elsewhere, now);
        if is_refused { Err(refusal(now)) } else { Ok(()) }
    }

    /// As [`Attempts::count`], in all processes.
    pub async fn count_everywhere(
        &self,
        peer: Option<Peer>,
        key: &str,
        store: &Store,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(peer) = peer else { return Ok(()) };
        let (window, name) = (window(now), TokenHash::of(key).token_id());
        let forget = Timestamp::after(window + 1, WINDOW).seconds();
        let elsewhere = store.count_attempt(&peer.to_string(), window, &name, forget).await?;
        self.learn(peer, elsewhere, now);
        Ok(())
    }

    fn learn(&self, peer: Peer, elsewhere: Tally, now: Timestamp) {
        self.change(peer, now, |tally| {
            tally.all = tally.all.max(elsewhere.all);
            if elsewhere.different.len() > tally.different.len() {
                tally.different = elsewhere.different;
            }
        });
    }

    fn change(&self, peer: Peer, now: Timestamp, change: impl FnOnce(&mut Tally)) {
        let refused = self.with(now, |tallies| {
            if tallies.len() >= PEERS && !tallies.contains_key(&peer) {
                let least = tallies.iter().min_by_key(|(_, tally)| tally.all).map(|(peer, _)| *peer);
                least.and_then(|least| tallies.remove(&least));
            }
            let tally = tallies.entry(peer).or_default();
            let before = is_enough(tally);
            change(tally);
            (!before && is_enough(tally)).then_some(tally.all)
        });
        if let Some(wrong_keys) = refused {
            // Once a window: what comes after it is refused without a word.
            tracing::warn!(refused_peer = %peer, wrong_keys, "too many wrong admin keys: no key is taken from this peer for some minutes");
        }
    }

    fn with<T>(&self, now: Timestamp, work: impl FnOnce(&mut HashMap<Peer, Tally>) -> T) -> T {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.window != window(now) {
            *memory = Memory { window: window(now), tallies: HashMap::new() };
        }
        work(&mut memory.tallies)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use model::time::SECOND;

    const NOW: Timestamp = Timestamp(1_795_328_009_164);

    fn peer(number: u32) -> Option<Peer> {
        Some(Peer::new(Ipv4Addr::from_bits(number).into()))
    }

    #[test]
    fn whoever_guesses_is_refused_until_the_window_ends_and_nobody_else() {
        let attempts = Attempts::default();
        for guess in 0..DIFFERENT {
            assert_eq!(attempts.check(peer(1), NOW), Ok(()), "{guess}");
            attempts.count(peer(1), &guess.to_string(), NOW);
        }
        let Err(AuthError::TooManyWrongKeys { wait }) = attempts.check(peer(1), NOW) else { panic!("not refused") };
        assert_eq!((attempts.check(peer(2), NOW), attempts.check(None, NOW)), (Ok(()), Ok(())));
        assert!(attempts.check(peer(1), NOW.plus(wait - 2 * SECOND)).is_err());
        assert_eq!(attempts.check(peer(1), NOW.plus(wait)), Ok(()));
    }

    #[test]
    fn one_key_again_and_again_is_no_guessing_until_it_is_a_burden() {
        let attempts = Attempts::default();
        for again in 0..ALL {
            assert_eq!(attempts.check(peer(1), NOW), Ok(()), "{again}");
            attempts.count(peer(1), "a key that was removed", NOW);
        }
        assert!(attempts.check(peer(1), NOW).is_err());
    }

    #[test]
    fn of_many_peers_those_who_guess_most_are_remembered() {
        let attempts = Attempts::default();
        for guess in 0..DIFFERENT {
            attempts.count(peer(0), &guess.to_string(), NOW);
        }
        for other in 1..2 * PEERS as u32 {
            attempts.count(peer(other), "wrong", NOW);
        }
        assert!(attempts.check(peer(0), NOW).is_err());
        assert_eq!(attempts.0.lock().unwrap().tallies.len(), PEERS);
    }
}
