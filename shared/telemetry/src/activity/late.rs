//! Points that count requests of the bucket before: their interval began in it.

use super::matching::{Claim, Offer, Subject, explain};
use super::money::Money;
use model::bucket::Bucket;

/// How much further back than points reach others are looked at, at most, in buckets: an hour.
const FURTHER: i64 = 4;

/// The number of the first bucket that is looked at where points of a bucket reach back to `begins`. That is further than they
/// reach: events that they may be explained by may explain a point before them that reaches back itself.
#[must_use]
pub fn looked_back_to(bucket: Bucket, begins: i64) -> Bucket {
    Bucket(begins - (bucket.0 - begins).min(FURTHER))
}

/// What events of a bucket reported and no point of the same bucket counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spare {
    /// The bucket.
    pub bucket: Bucket,
    /// Whose requests they were.
    pub subject: Subject,
    /// How much is left.
    pub left: Money,
}

/// What points of a bucket counted and no event of the same bucket explained, while those of earlier ones may, if it reaches
/// back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// The bucket.
    pub bucket: Bucket,
    /// How many buckets before it the interval of the points begins.
    pub reach: u32,
    /// Whose requests they count.
    pub subject: Subject,
    /// How much is left.
    pub left: Money,
}

impl Late {
    /// The number of the bucket that the interval begins in.
    #[must_use]
    pub fn begins(&self) -> i64 {
        self.bucket.0 - i64::from(self.reach)
    }
}

/// What the buckets of a source left over, in the order of time, and what points of theirs reach back.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    /// What is left over.
    pub spare: Vec<Spare>,
    /// What events reported before the first value of a counter in their bucket, which only the gain since the bucket before
    /// it can explain.
    pub heads: Vec<Spare>,
    /// What reaches back.
    pub late: Vec<Late>,
}

/// Explains the late points of a source's day by what the events of that day and of the buckets before it left over.
///
/// `before` are those buckets that [are looked at](looked_back_to), up to the day, so that the result depends on nothing else. Their
/// own points come first, but for those that reach back further.
pub fn settle(mut before: Buckets, day: &mut Buckets) {
    explain_late(&mut before.spare, &mut before.late, |late| late.begins());
    explain_late(&mut day.heads, &mut day.late, |late| late.bucket.0);
    let own = before.spare.len();
    before.spare.append(&mut day.spare);
    explain_late(&mut before.spare, &mut day.late, |late| late.begins());
    day.spare = before.spare.split_off(own);
}

fn explain_late(spare: &mut [Spare], late: &mut [Late], from: impl Fn(&Late) -> i64) {
    let offer = |spare: &Spare| Offer { at: spare.bucket.0, subject: spare.subject.clone(), left: spare.left };
    let claim = |late: &Late| Claim {
        interval: (from(late), late.bucket.0),
        subject: late.subject.clone(),
        slack: 0,
        left: late.left,
    };
    let mut offers: Vec<Offer> = spare.iter().map(offer).collect();
    let mut claims: Vec<Claim> = late.iter().filter(|late| late.reach > 0).map(claim).collect();
    explain(&mut offers, &mut claims);
    spare.iter_mut().zip(&offers).for_each(|(spare, offer)| spare.left = offer.left);
    late.iter_mut().filter(|late| late.reach > 0).zip(claims).for_each(|(late, claim)| late.left = claim.left);
}
