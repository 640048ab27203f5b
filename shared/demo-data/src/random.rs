//! Chance that is the same every time: whoever has the same seed draws the same.

use fastrand::Rng;

/// The generator of one thing among many: neighbours have nothing in common.
#[must_use]
pub fn of(seed: u64, thing: u64, day: u64) -> Rng {
    let mix = |a: u64, b: u64| {
        (a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    Rng::with_seed(mix(mix(seed, thing + 1), day + 1))
}

/// Whether something with this probability happens.
pub fn happens(rng: &mut Rng, probability: f64) -> bool {
    rng.f64() < probability
}

/// One of `choices`, each as likely as its weight.
pub fn weighted<'a, T>(rng: &mut Rng, choices: &'a [(T, u32)]) -> Option<&'a T> {
    let total: u32 = choices.iter().map(|(_, weight)| weight).sum();
    let mut place = rng.u32(..total.max(1));
    choices.iter().find_map(|(choice, weight)| {
        let hit = place < *weight;
        place = place.saturating_sub(*weight);
        hit.then_some(choice)
    })
}

/// One of `choices`; the first if there is no choice.
pub fn one<'a, T>(rng: &mut Rng, choices: &'a [T]) -> Option<&'a T> {
    rng.choice(choices)
}

/// A number that is mostly near `least` and sometimes near `most`, as sizes of most things people make are.
pub fn skewed(rng: &mut Rng, least: i64, most: i64) -> i64 {
    let height = rng.f64();
    least + ((most - least) as f64 * height * height * height) as i64
}

/// A random UUID.
pub fn uuid(rng: &mut Rng) -> String {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid().to_string()
}

/// So many characters of lower-case hexadecimal, at most 32.
pub fn hex(rng: &mut Rng, length: usize) -> String {
    let mut text = format!("{:032x}", rng.u128(..));
    text.truncate(length);
    text
}
