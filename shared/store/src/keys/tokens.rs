//! Keys of tokens, of what ingest writes about exports that came with them, and of rotations.

use super::Key;
use model::organisation::Uid;
use model::time::{DAY, Timestamp};
use model::token::TokenHash;
use telemetry::claude::source::SourceId;

/// The number of copies of a token's item.
pub const TOKEN_COPIES: u8 = 8;

/// The key of one of a token's copies; `copy` counts from 0 to [`TOKEN_COPIES`].
#[must_use]
pub fn token(hash: &TokenHash, copy: u8) -> Key {
    Key { pk: format!("TOKEN#{}#{}", hash.encoded(), copy % TOKEN_COPIES), sk: "TOKEN".into() }
}

/// The partition of an organisation's register of tokens.
#[must_use]
pub fn issued_partition(uid: &Uid) -> String {
    format!("{uid}#TOKENS")
}

/// The key of a token in its organisation's register.
#[must_use]
pub fn issued(uid: &Uid, generation: u32) -> Key {
    Key { pk: issued_partition(uid), sk: format!("{generation:010}") }
}

/// The partition of the uses of an organisation's replaced tokens. Its prefix follows that of tokens: all that ingest
/// may read of the Activity table begins with `TOKEN#`, and all that it may change with `TOKEN#USE#`, so it can never
/// reactivate a revoked token.
#[must_use]
pub fn use_partition(uid: &Uid) -> String {
    format!("TOKEN#USE#{uid}")
}

/// The key of one user's uses of a replaced token.
#[must_use]
pub fn token_use(uid: &Uid, generation: u32, user: SourceId) -> Key {
    Key { pk: use_partition(uid), sk: format!("{generation:010}#{}", user.encoded()) }
}

/// The key that counts the uses by all users of a token beyond the number that is distinguished, and holds the number
/// of distinguished ones.
#[must_use]
pub fn other_uses(uid: &Uid, generation: u32) -> Key {
    Key { pk: use_partition(uid), sk: format!("{generation:010}#") }
}

/// The partition of an organisation's rejected records. Ingest may write to it: see [`use_partition`].
#[must_use]
pub fn rejection_partition(uid: &Uid) -> String {
    format!("TOKEN#USE#{uid}#REJECTED")
}

/// The key of what was rejected for the reason with this name and came with a token.
#[must_use]
pub fn rejection(uid: &Uid, generation: u32, reason: &str) -> Key {
    Key { pk: rejection_partition(uid), sk: format!("{generation:010}#{reason}") }
}

/// The partition of exports that were refused and are no organisation's. Ingest may write to it: see [`use_partition`]. No uid is as
/// short as its end.
pub const REFUSALS: &str = "TOKEN#USE#REFUSED";

/// How the sort keys of a UTC day's refusals begin.
#[must_use]
pub fn refusals_of_day(at: Timestamp) -> String {
    format!("{:08}", at.count(DAY))
}

/// The key of a UTC day's refusals for the reason with this name.
#[must_use]
pub fn refusals(at: Timestamp, reason: &'static str) -> Key {
    Key { pk: REFUSALS.into(), sk: format!("{}#{reason}", refusals_of_day(at)) }
}

/// The key of the response to a rotation request with this `Idempotency-Key`.
#[must_use]
pub fn rotation(uid: &Uid, idempotency_key: &TokenHash) -> Key {
    Key { pk: format!("{uid}#ROTATIONS"), sk: idempotency_key.encoded() }
}

/// The key of the number of the day's tokens that are used up. No digest is as short as its sort key.
#[must_use]
pub fn token_quota(uid: &Uid) -> Key {
    Key { pk: format!("{uid}#ROTATIONS"), sk: "TAKEN".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::token::{PlainToken, TokenKind};

    #[test]
    fn the_copies_of_a_token_stand_in_partitions_of_their_own() {
        let hash = PlainToken::from_random(TokenKind::Ingest, [3; 32]).hash();
        let partitions: std::collections::BTreeSet<_> = (0..TOKEN_COPIES).map(|c| token(&hash, c).pk).collect();
        assert_eq!(partitions.len(), usize::from(TOKEN_COPIES));
        assert!(partitions.iter().all(|p| p.starts_with("TOKEN#") && !p.contains("cct_")));
    }
}
