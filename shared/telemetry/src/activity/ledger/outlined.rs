//! The sessions of one outline that there was work in. Most of its rows are in few lines and in the same sessions, so they are collected
//! first, and entered once.

use super::divisions::{At, Divisions};
use super::register::Sessions;

/// How many sessions have a bit.
const BITS: usize = u64::BITS as usize;
/// Of how many lines they are collected at a time: rows look through all of them.
const LINES: usize = 32;

/// The outline that is being added.
#[derive(Debug, Default)]
pub(super) struct Outlined {
    /// Its sessions.
    sessions: Vec<u32>,
    /// Which of the first of them there was work in, by lines and by whether automation did it.
    worked: Vec<((Option<At>, bool), u64)>,
}

impl Outlined {
    /// Adds the next of its sessions.
    pub(super) fn list(&mut self, session: u32) {
        self.sessions.push(session);
    }

    /// Notes work in these of its sessions, by their places.
    pub(super) fn work(&mut self, of: (Option<At>, bool), places: &[usize], to: (&mut Divisions, &mut Sessions)) {
        let mut bits = 0;
        for place in places {
            match *place < BITS {
                true => bits |= 1 << place,
                false => enter(self.sessions.get(*place), of, (&mut *to.0, &mut *to.1)),
            }
        }
        match self.worked.iter_mut().rev().find(|(known, _)| *known == of) {
            _ if bits == 0 => {}
            Some((_, known)) => *known |= bits,
            None => {
                if self.worked.len() == LINES {
                    self.enter(to.0, to.1);
                }
                self.worked.push((of, bits));
            }
        }
    }

    /// Enters all that was collected, and is ready for the next outline.
    pub(super) fn finish(&mut self, divisions: &mut Divisions, sessions: &mut Sessions) {
        self.enter(divisions, sessions);
        self.sessions.clear();
    }

    fn enter(&mut self, divisions: &mut Divisions, sessions: &mut Sessions) {
        for (of, mut bits) in self.worked.drain(..) {
            while bits != 0 {
                enter(self.sessions.get(bits.trailing_zeros() as usize), of, (divisions, sessions));
                bits &= bits - 1;
            }
        }
    }
}

fn enter(session: Option<&u32>, (at, is_automation): (Option<At>, bool), to: (&mut Divisions, &mut Sessions)) {
    let Some(session) = session else { return };
    to.0.work_in(at, *session, is_automation);
    if !is_automation {
        to.1.attend(*session);
    }
}
