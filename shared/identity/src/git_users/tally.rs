//! Counts what becomes of every row while the users are collected.

use super::clean::Cleaned;
use super::reason::Reason;
use super::set::{GitUserSet, Outcome};
use super::upload::{GitUser, Limits, ParseError, Rejection, Report};
use model::order;

/// The users so far and the report on them.
pub(super) struct Tally<'a> {
    limits: &'a Limits,
    users: GitUserSet,
    report: Report,
}

impl<'a> Tally<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self { limits, users: GitUserSet::default(), report: Report::default() }
    }

    pub(super) fn limits(&self) -> &'a Limits {
        self.limits
    }

    pub(super) fn received(&self) -> u64 {
        self.report.received
    }

    /// Counts one row and stores, folds or rejects it.
    pub(super) fn row(&mut self, line: u64, row: Result<Cleaned, Reason>) -> Result<(), ParseError> {
        self.report.received += 1;
        let ignored = row.as_ref().ok().and_then(|row| row.ignored);
        match row.and_then(|row| self.users.add(row.user, self.limits.emails_per_user)) {
            Ok(Outcome::Stored) if self.users.len() > self.limits.users => {
                return Err(self.too_many_users());
            }
            Ok(Outcome::Stored) => self.report.stored += 1,
            Ok(Outcome::Folded) => self.report.folded += 1,
            Err(reason) => {
                self.reject(line, reason);
                return Ok(());
            }
        }
        if let Some(reason) = ignored.filter(|_| self.report.ignored.len() < self.limits.rejections_listed) {
            self.report.ignored.push(Rejection { line, reason });
        }
        Ok(())
    }

    /// Counts one row that a later row replaced.
    pub(super) fn replaced(&mut self) {
        self.report.received += 1;
        self.report.folded += 1;
    }

    pub(super) fn too_many_users(&self) -> ParseError {
        ParseError::TooManyUsers { limit: self.limits.users }
    }

    /// Hands the users over and closes the report.
    pub(super) fn finish(mut self, sink: impl FnMut(GitUser)) -> Report {
        self.users.into_users().for_each(sink);
        order::sort_by_key(&mut self.report.rejected, |rejection| rejection.line);
        order::sort_by_key(&mut self.report.ignored, |ignored| ignored.line);
        self.report
    }

    fn reject(&mut self, line: u64, reason: Reason) {
        self.report.rejected_total += 1;
        if self.report.rejected.len() < self.limits.rejections_listed {
            self.report.rejected.push(Rejection { line, reason });
        }
    }
}
