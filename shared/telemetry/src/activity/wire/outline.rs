//! The stored form of outlines, which are in blocks alone.
//!
//! ```text
//! content  sessions, left, rows, and unexplained and series as in summaries
//! sessions count, then each: key (8), and whether it began as the agents' view (1) and otherwise (2)
//! left     count, then each: labels, place of the session + 1 or 0, amounts
//! rows     count, then each: labels, numbers, durations, where there was work
//! work     twice the number of sessions, and 1 more if there was some outside of sessions; then the place of each less the one before
//! ```

use super::read::{self, Strings, Take, amounts, labels, row_numbers};
use super::{Strings as Written, metrics};
use crate::activity::dimensions::{Dimension, Dimensions, Label};
use crate::activity::measure::Numbers;
use crate::activity::money::Money;
use crate::activity::outline::Outline;
use crate::activity::session::{Began, Requests, SessionKey, Worked};
use crate::activity::summary::{Part, Traffic};
use crate::pack::Corrupt;
use crate::pack::wire::{Reader, put};

const NO_SESSION: Corrupt = Corrupt::Damaged("it tells of a session that is not there");
const AS_VIEW: u8 = 1;
const OTHERWISE: u8 = 2;

/// The content of an outline, whose strings are put with those of others.
pub(super) fn encode(outline: &Outline, strings: &mut Written) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, outline.sessions.len() as u64);
    for (key, began) in &outline.sessions {
        out.extend(key.bytes());
        let bits = [(began.as_view, AS_VIEW), (began.otherwise, OTHERWISE)];
        out.push(bits.into_iter().filter(|(is_so, _)| *is_so).fold(0, |how, (_, bit)| how | bit));
    }
    let mut last = Dimensions::default();
    put(&mut out, outline.left.len() as u64);
    for (identity, Requests { session, model }, money) in &outline.left {
        let about = Dimensions::default().with(Dimension::Identity, identity.clone());
        let about = about.with(Dimension::Model, model.clone());
        super::labels(&mut out, strings, &last, &about);
        let known = |session: &SessionKey| outline.sessions.binary_search_by_key(session, |(key, _)| *key).ok();
        put(&mut out, session.as_ref().and_then(known).map_or(0, |place| place as u64 + 1));
        super::amounts(&mut out, money);
        last = about;
    }
    put(&mut out, outline.rows.len() as u64);
    for (about, row, Worked { sessions, outside }) in &outline.rows {
        super::labels(&mut out, strings, &last, about);
        super::row_numbers(&mut out, row);
        put(&mut out, 2 * sessions.len() as u64 + u64::from(*outside));
        let mut before = 0;
        for place in sessions {
            put(&mut out, (place - before) as u64);
            before = *place;
        }
        last.clone_from(about);
    }
    metrics(&mut out, strings, last, &outline.unexplained, &outline.series);
    out
}

/// Passes the parts of an outline to `take`, in stored order.
pub(super) fn visit(reader: &mut Reader<'_>, strings: &Strings, take: &mut Take<'_>) -> Result<(), Corrupt> {
    take(Part::Traffic(Traffic::default()));
    let count = reader.count()?;
    let mut sessions = Vec::with_capacity(count.min(reader.left() / 9));
    for _ in 0..count {
        reader.spend(size_of::<(SessionKey, Began)>())?;
        let mut key = [0; 8];
        key.copy_from_slice(reader.bytes(8)?);
        let how = reader.byte()?;
        let began = Began { as_view: how & AS_VIEW != 0, otherwise: how & OTHERWISE != 0 };
        sessions.push(SessionKey::read(key));
        take(Part::Began(SessionKey::read(key), began));
    }
    let mut about = Dimensions::default();
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Label, Requests, Money)>())?;
        labels(reader, &mut about, strings)?;
        let session = match usize::try_from(reader.number()?).ok().and_then(|place| place.checked_sub(1)) {
            Some(place) => Some(*sessions.get(place).ok_or(NO_SESSION)?),
            None => None,
        };
        let requests = Requests { session, model: about[Dimension::Model].clone() };
        take(Part::Left(&about[Dimension::Identity], &requests, amounts(reader)?));
    }
    let (mut row, mut worked) = (Numbers::default(), Worked::default());
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Dimensions, Numbers, Worked)>())?;
        labels(reader, &mut about, strings)?;
        row_numbers(reader, strings.version, &mut row)?;
        places(reader, count, &mut worked)?;
        take(Part::Outlined(&about, &row, &worked));
    }
    read::metrics(reader, about, strings, take)
}

fn places(reader: &mut Reader<'_>, sessions: usize, worked: &mut Worked) -> Result<(), Corrupt> {
    let number = reader.count()?;
    worked.outside = number % 2 == 1;
    worked.sessions.clear();
    let mut place = 0_usize;
    for _ in 0..number / 2 {
        reader.spend(size_of::<usize>())?;
        let further = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
        place = place.saturating_add(further);
        if place >= sessions {
            return Err(NO_SESSION);
        }
        worked.sessions.push(place);
    }
    Ok(())
}
