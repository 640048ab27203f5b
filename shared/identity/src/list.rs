//! Lists that are data: files with one entry a line, where a line that begins with `#` is a remark.

/// The entries of a list, in their order.
pub(super) struct List(Vec<&'static str>);

impl List {
    /// Reads a file.
    pub(super) fn parse(text: &'static str) -> Self {
        let lines = text.lines().map(str::trim);
        let mut entries: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        entries.sort_unstable();
        Self(entries)
    }

    /// True if it has this entry.
    pub(super) fn contains(&self, entry: &str) -> bool {
        self.0.binary_search(&entry).is_ok()
    }

    /// Every entry.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn remarks_and_empty_lines_are_no_entries() {
        let list = List::parse("# b\n\n c d \na\n");
        assert_eq!(list.entries().collect::<Vec<_>>(), ["a", "c d"]);
        assert!(list.contains("c d") && !list.contains("b") && !list.contains(""));
    }

    #[test]
    fn every_list_names_its_source_and_has_each_entry_once_in_lower_case_and_in_order() {
        let mut lists = 0;
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.lines().any(|line| line.starts_with("# Source: ")), "{path:?}");
            let entries: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
            assert!(entries.is_sorted_by(|a, b| a < b), "{path:?}");
            assert!(entries.iter().all(|entry| entry.to_lowercase() == *entry && !entry.contains('#')), "{path:?}");
            lists += 1;
        }
        assert_eq!(lists, 10);
    }
}
