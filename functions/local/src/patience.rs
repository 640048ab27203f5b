//! How long the gateway waits for a client: whoever is slower than anybody honest makes room for others.

use std::time::Duration;

use tokio::time::Instant;

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first byte of a new connection, and for the next request of one that nobody is known by.
    pub silence: Duration,
    /// For the next request of a connection over which somebody was let in. Claude Code keeps its own and exports every minute at
    /// least while it is at work.
    pub between: Duration,
    /// For a head, once its first byte is there.
    pub head: Duration,
    /// For a body.
    pub body: Pace,
    /// For an answer to be read.
    pub answer: Pace,
    /// For the client to close a connection on which it still sends what nobody reads.
    pub farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(20),
            between: Duration::from_secs(900),
            head: Duration::from_secs(10),
            body: Pace { grace: Duration::from_secs(5), rate: 16 * 1024, longest: Duration::from_secs(120) },
            answer: Pace { grace: Duration::from_secs(10), rate: 16 * 1024, longest: Duration::from_secs(900) },
            farewell: Duration::from_secs(2),
        }
    }
}

/// How fast bytes have to come or go.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long nothing is asked for.
    pub grace: Duration,
    /// Bytes a second from then on.
    pub rate: u32,
    /// How long all of it may take.
    pub longest: Duration,
}

impl Pace {
    /// Until when the next byte is waited for, if `bytes` came or went since it began.
    pub(crate) fn deadline(&self, began: Instant, bytes: u64) -> Instant {
        let earned = Duration::from_millis(bytes.saturating_mul(1_000) / u64::from(self.rate.max(1)));
        began + self.grace.saturating_add(earned).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_earn_time_up_to_the_longest() {
        let pace = Pace { grace: Duration::from_secs(5), rate: 1_000, longest: Duration::from_secs(20) };
        let began = Instant::now();
        let waits = |bytes| pace.deadline(began, bytes) - began;
        assert_eq!(waits(0), Duration::from_secs(5));
        assert_eq!(waits(2_500), Duration::from_millis(7_500));
        assert_eq!(waits(u64::MAX), Duration::from_secs(20));
    }

    #[test]
    fn bodies_and_answers_have_a_pace_and_an_end() {
        let (Patience { body, answer, .. }, began) = (Patience::default(), Instant::now());
        let waits = |pace: Pace, kibibytes: u64| (pace.deadline(began, kibibytes << 10) - began).as_secs();
        assert_eq!([0, 160, 1 << 20].map(|kibibytes| waits(body, kibibytes)), [5, 15, 120]);
        assert_eq!([0, 160, 1 << 20].map(|kibibytes| waits(answer, kibibytes)), [10, 20, 900]);
    }
}
