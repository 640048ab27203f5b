//! A disk that is only sure of what was synced.
//!
//! What was written to a file since it was last synced may be there, or not, or in part, in any order; what happened to the names in a
//! folder since it was last synced is there up to some point. That is less than file systems promise.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::trace::Step;

/// What a disk writes whole, in bytes.
const SECTOR: u64 = 512;

/// A disk.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    /// The names that survive anything, and what happened to names since.
    sure: BTreeMap<PathBuf, usize>,
    unsure: Vec<Naming>,
}

#[derive(Debug, Clone, Default)]
struct File {
    length: u64,
    sure: Vec<u8>,
    unsure: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

#[derive(Debug, Clone)]
struct Naming {
    path: PathBuf,
    /// `None` is a name that is gone.
    file: Option<usize>,
}

impl Disk {
    /// Does what a program did.
    pub fn take(&mut self, step: &Step) {
        match step {
            Step::Opened { path, emptied } => {
                let file = match self.names.get(path) {
                    Some(file) => *file,
                    None => {
                        self.files.push(File::default());
                        self.name(path, Some(self.files.len() - 1));
                        self.files.len() - 1
                    }
                };
                if *emptied {
                    self.files[file].change(Change::Length(0));
                }
            }
            Step::Wrote { path, at, bytes } => {
                if let Some(file) = self.file(path) {
                    let at = at.unwrap_or(file.length);
                    file.change(Change::Write(at, bytes.clone()));
                }
            }
            Step::Cut { path, length } => {
                if let Some(file) = self.file(path) {
                    file.change(Change::Length(*length));
                }
            }
            Step::Synced { path } => match self.file(path) {
                Some(file) => file.sync(),
                // It is a folder.
                None => {
                    let (sure, unsure) = std::mem::take(&mut self.unsure)
                        .into_iter()
                        .partition(|n: &Naming| n.path.parent() == Some(path));
                    self.unsure = unsure;
                    let sure: Vec<Naming> = sure;
                    sure.iter().for_each(|naming| naming.apply(&mut self.sure));
                }
            },
            Step::Renamed { from, to } => {
                let file = self.names.get(from).copied();
                self.name(from, None);
                self.name(to, file);
            }
            Step::Removed { path } => self.name(path, None),
            Step::Answered { .. } | Step::Said(_) => {}
        }
    }

    fn file(&mut self, path: &Path) -> Option<&mut File> {
        self.names.get(path).map(|file| &mut self.files[*file])
    }

    fn name(&mut self, path: &Path, file: Option<usize>) {
        let naming = Naming { path: path.to_owned(), file };
        naming.apply(&mut self.names);
        self.unsure.push(naming);
    }

    /// What is left after a power cut: files and what is in them, by a fate that `seed` decides.
    #[must_use]
    pub fn after_power_cut(&self, seed: u64) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut names = self.sure.clone();
        let kept = match seed % 4 {
            0 => 0,
            1 => self.unsure.len(),
            _ => random.usize(..=self.unsure.len()),
        };
        self.unsure[..kept].iter().for_each(|naming| naming.apply(&mut names));
        names.into_iter().map(|(path, file)| (path, self.files[file].after_power_cut(seed, &mut random))).collect()
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self.file {
            Some(file) => names.insert(self.path.clone(), file),
            None => names.remove(&self.path),
        };
    }
}

impl File {
    fn change(&mut self, change: Change) {
        self.length = match &change {
            Change::Write(at, bytes) => self.length.max(at + bytes.len() as u64),
            Change::Length(length) => *length,
        };
        self.unsure.push(change);
    }

    fn sync(&mut self) {
        for change in std::mem::take(&mut self.unsure) {
            change.apply(&mut self.sure);
        }
    }

    fn after_power_cut(&self, seed: u64, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut left = self.sure.clone();
        let upto = random.usize(..=self.unsure.len());
        for (number, change) in self.unsure.iter().enumerate() {
            match (seed % 4, random.u8(..3)) {
                // Nothing of it reached the disk; all of it did; so much did, and the last write in part; some did, in no order.
                (0, _) => {}
                (1, _) => change.apply(&mut left),
                (2, _) if number < upto => change.apply(&mut left),
                (2, _) if number == upto => change.apply_torn(&mut left, random),
                (3, 0) => change.apply(&mut left),
                (3, 1) => change.apply_torn(&mut left, random),
                _ => {}
            }
        }
        left
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, written) => write(bytes, *at, written),
            Self::Length(length) => bytes.resize(*length as usize, 0),
        }
    }

    /// Some sectors of it.
    fn apply_torn(&self, bytes: &mut Vec<u8>, random: &mut fastrand::Rng) {
        let Self::Write(at, written) = self else { return };
        let mut from = 0;
        while from < written.len() {
            let sector = SECTOR - (at + from as u64) % SECTOR;
            let to = written.len().min(from + sector as usize);
            if random.bool() {
                write(bytes, at + from as u64, &written[from..to]);
            }
            from = to;
        }
    }
}

fn write(bytes: &mut Vec<u8>, at: u64, written: &[u8]) {
    let (from, to) = (at as usize, at as usize + written.len());
    if bytes.len() < to {
        bytes.resize(to, 0);
    }
    bytes[from..to].copy_from_slice(written);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrote(bytes: &[u8]) -> Step {
        Step::Wrote { path: "/d/a".into(), at: None, bytes: bytes.to_vec() }
    }

    #[test]
    fn what_was_not_synced_may_be_gone_and_what_was_is_there() {
        let mut disk = Disk::default();
        disk.take(&Step::Opened { path: "/d/a".into(), emptied: false });
        disk.take(&wrote(b"sure"));
        disk.take(&Step::Synced { path: "/d/a".into() });
        assert!(disk.after_power_cut(0).is_empty(), "its name is not sure");
        disk.take(&Step::Synced { path: "/d".into() });
        disk.take(&wrote(b" unsure"));
        assert_eq!(disk.after_power_cut(0), BTreeMap::from([("/d/a".into(), b"sure".to_vec())]));
        assert_eq!(disk.after_power_cut(1), BTreeMap::from([("/d/a".into(), b"sure unsure".to_vec())]));
        disk.take(&Step::Renamed { from: "/d/a".into(), to: "/d/b".into() });
        assert_eq!(disk.after_power_cut(4), BTreeMap::from([("/d/a".into(), b"sure".to_vec())]));
        assert_eq!(disk.after_power_cut(5), BTreeMap::from([("/d/b".into(), b"sure unsure".to_vec())]));
    }
}
