//! What the chapter on security promises has a test, and the test that it names is there.

use std::path::{Path, PathBuf};

use tools::captures::data;

/// A name in the chapter, with the crate that is given with it.
#[derive(Debug, Clone, Copy)]
struct Named<'a> {
    path: &'a str,
    of: Option<&'a str>,
}

fn chapter() -> String {
    let readme = std::fs::read_to_string(data("../../functions/README.md")).unwrap();
    let (_, chapter) = readme.split_once("\n## Security\n").unwrap();
    chapter.split("\n## ").next().unwrap().to_owned()
}

/// What stands between backticks and reads like the path of a test or of a module, with what follows it if that is a crate.
fn names(text: &str) -> Vec<Named<'_>> {
    let pieces: Vec<&str> = text.split('`').collect();
    let is_path = |piece: &str| piece.split("::").all(|part| part.starts_with(|c: char| c.is_ascii_lowercase()));
    let is_name = |piece: &&str| piece.bytes().all(|b| b.is_ascii_lowercase() || b"_:0123456789".contains(&b));
    let read = |at: usize| {
        let path = *pieces.get(at).filter(|piece| is_name(piece) && is_path(piece))?;
        let of = pieces.get(at + 1).filter(|between| between.trim() == "of").and_then(|_| pieces.get(at + 2).copied());
        Some(Named { path, of })
    };
    (1..pieces.len()).step_by(2).filter_map(read).collect()
}

/// The folder that the modules of a name are in.
fn folder(named: Named<'_>) -> Option<PathBuf> {
    match named.of {
        None => Some(data("../it")),
        Some(name) => ["shared", "functions"]
            .iter()
            .map(|above| data(&format!("../../{above}/{name}/src")))
            .find(|dir| dir.is_dir()),
    }
}

/// Whether a name is that of a test or of a module of tests.
fn exists(named: Named<'_>) -> bool {
    let parts: Vec<&str> = named.path.split("::").collect();
    folder(named).is_some_and(|folder| (1..=parts.len()).rev().any(|taken| is_in(&folder, &parts, taken)))
}

/// Whether the first `taken` parts are a file, and the others are in it.
fn is_in(folder: &Path, parts: &[&str], taken: usize) -> bool {
    let file = folder.join(parts[..taken].join("/")).with_extension("rs");
    let Ok(source) = std::fs::read_to_string(file) else { return false };
    let has_test = |name: &str| {
        let begin = format!("fn {name}(");
        let before = source.find(&begin).map(|at| source[..at].trim_end_matches("async ").trim_end());
        before.is_some_and(|before| before.ends_with(']') && before.rsplit("\n\n").next().unwrap().contains("test"))
    };
    match parts[taken..] {
        [] => {
            ["test]", "test("].iter().any(|mark| source.contains(mark))
                || folder.join(parts[..taken].join("/")).is_dir()
        }
        ["tests"] => source.contains("\nmod tests {"),
        ["tests", name] => source.contains("\nmod tests {") && has_test(name),
        [name] => has_test(name),
        _ => false,
    }
}

#[test]
fn every_test_that_the_chapter_on_security_names_is_there() {
    let chapter = chapter();
    let names = names(&chapter);
    let paths = names.iter().filter(|named| named.path.contains("::"));
    let missing: Vec<_> = paths.clone().filter(|named| !exists(**named)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(paths.count() > 40);
}

#[test]
fn every_promise_of_the_chapter_on_security_names_a_test() {
    let chapter = chapter();
    let promises = chapter.split("\n* ").skip(1).map(|text| text.split("\n\n").next().unwrap());
    let without: Vec<_> = promises.clone().filter(|text| !names(text).into_iter().any(exists)).collect();
    assert!(without.is_empty(), "{without:#?}");
    assert!(promises.count() > 20);
}

#[test]
fn what_the_chapter_calls_an_example_or_a_binary_of_tests_is_one() {
    let chapter = chapter();
    for (kind, folder) in [("example `", "examples"), ("binary `", "")] {
        for name in chapter.split(kind).skip(1).map(|rest| rest.split('`').next().unwrap()) {
            let place = data(&format!("../{folder}/{name}"));
            assert!(place.is_dir() || place.with_extension("rs").is_file(), "{kind}{name}`");
        }
    }
}
