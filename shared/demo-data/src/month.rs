//! A month of everybody, in order of arrival.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::time::{DAY, HOUR, SignedDuration, Timestamp, from_days};

use crate::cast::{Person, Trouble, everybody};
use crate::export::Export;
use crate::random;
use crate::rhythm::{self, Day, Stretch};
use crate::session::Session;

/// How long before the end the token is rotated.
pub const ROTATED_BEFORE: SignedDuration = from_days(6);
/// For how long the old token is let in after that.
pub const OVERLAP: SignedDuration = from_days(4);
/// How long before the end the telemetry of the one who falls silent ends.
const SILENT_SINCE: SignedDuration = from_days(5);
/// The earliest that a day begins anywhere, before it does in UTC.
const EAST: SignedDuration = SignedDuration::from_hours(14);

/// The exports of `days` days until `now`, in order of arrival: always the same for the same `seed`, `now` and `days`.
#[must_use]
pub fn month(seed: u64, now: Timestamp, days: u32) -> Month {
    let first = now.minus(from_days(days.into()));
    // The days of whoever is a day ahead or behind are begun too; what falls out of the month is left out.
    Month {
        people: everybody(),
        seed,
        first,
        now,
        next: first.minus(DAY),
        waiting: Vec::new(),
        ready: Vec::new().into_iter(),
    }
}

/// See [`month`].
#[derive(Debug)]
pub struct Month {
    people: Vec<Person>,
    seed: u64,
    first: Timestamp,
    now: Timestamp,
    /// The day, somewhere in it, that is made next.
    next: Timestamp,
    /// What was made and may not be the next to arrive.
    waiting: Vec<Export>,
    ready: std::vec::IntoIter<Export>,
}

impl Month {
    /// Everybody.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Makes the next day of everybody. False if there is none.
    fn make(&mut self) -> bool {
        if self.next > self.now.plus(DAY) {
            return false;
        }
        let Some(date) = date(self.next) else { return false };
        for person in &self.people {
            self.waiting.extend(self.day(person, date));
        }
        self.next = self.next.plus(DAY);
        // Nobody's next day begins before this.
        let horizon = if self.next > self.now.plus(DAY) { self.now } else { start(self.next).minus(EAST) };
        self.waiting.sort_by_key(|export| (export.at, export.person));
        let later = self.waiting.split_off(self.waiting.partition_point(|export| export.at <= horizon));
        self.ready = std::mem::replace(&mut self.waiting, later).into_iter();
        true
    }

    fn day(&self, person: &Person, date: Date) -> Vec<Export> {
        let number = i64::from(date.year()) * 366 + i64::from(date.day_of_year());
        let mut rng = random::of(self.seed, person.number as u64, number.unsigned_abs());
        let is_last = [self.now, self.now.minus(DAY)].into_iter().any(|time| self::date(time) == Some(date));
        let kind = match person.trouble {
            // Whose trouble is to be found has to be seen.
            Some(Trouble::Silent) => Day::Sure,
            Some(_) if is_last => Day::Sure,
            _ if is_last => Day::Busy,
            _ => Day::Usual,
        };
        let mut made = Vec::new();
        for Stretch { start, length } in rhythm::stretches(&mut rng, date, &person.zone, person.diligence, kind) {
            let before = self.now.since(start);
            let is_gone = person.trouble == Some(Trouble::Silent) && before < SILENT_SINCE.saturating_add(HOUR);
            let rng = rng.fork();
            let days_before = before.as_hours() / 24;
            if start < self.first || !before.is_positive() || is_gone || !person.is_there(days_before) {
                continue;
            }
            let mut session = Session::begin(person, rng, start, generation(person, before), days_before);
            work(&mut session, start.plus(length).min(self.now), person.number);
            made.extend(session.send());
        }
        made.retain(|export| export.at <= self.now);
        made
    }
}

impl Iterator for Month {
    type Item = Export;

    fn next(&mut self) -> Option<Export> {
        loop {
            if let Some(export) = self.ready.next() {
                return Some(export);
            }
            if !self.make() {
                return None;
            }
        }
    }
}

/// Turns until `end`, with pauses to read and think.
fn work(session: &mut Session<'_>, end: Timestamp, number: usize) {
    let mut pause = 30_000;
    while session.clock() < end {
        session.turn();
        pause = (pause * 7 + (number as i64 + 1) * 13_000) % 420_000 + 60_000;
        session.wait_until(session.clock().plus(SignedDuration::from_millis(pause)));
    }
}

/// The settings that a client has that was started so long before the end: it reads them only when it starts, and they reach
/// everybody within a day of the rotation.
fn generation(person: &Person, before: SignedDuration) -> u32 {
    let delivered = SignedDuration::from_hours(person.number as i64 % 20);
    let is_new = before < ROTATED_BEFORE - delivered && person.trouble != Some(Trouble::OldToken);
    if is_new { 2 } else { 1 }
}

fn date(time: Timestamp) -> Option<Date> {
    Some(jiff::Timestamp::from_millisecond(time.0).ok()?.to_zoned(TimeZone::UTC).date())
}

/// Midnight before `time`, in UTC.
fn start(time: Timestamp) -> Timestamp {
    time.floor(DAY)
}
