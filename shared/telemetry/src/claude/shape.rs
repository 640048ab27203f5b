//! Judges texts by their appearance: a word, a label, a name; or a path, a URL with a password in it, a key, a
//! sentence, code.
//!
//! A single word cannot be told from a password that is a word, nor five words that name an agent from five that a user
//! typed. These rules keep texts short and out of the shapes that content and secrets usually have; they promise no
//! more.

use std::borrow::Cow;

/// The longest word that is not taken for content, in bytes.
pub const WORD: usize = 64;
/// The longest label or name that is stored, in bytes; longer ones are cut.
pub const LABEL: usize = 256;
/// The longest name of an event, a metric or an attribute, in bytes.
pub const IDENTIFIER: usize = 128;
/// The most words of a name between two commas; together they have at most [`WORD`] bytes.
const WORDS: usize = 5;
/// The most parts of an identifier that are words: `managed_settings.helper.applied` has four.
const IDENTIFIER_WORDS: usize = 8;
/// The same for an unknown word: more parts read like a sentence.
const UNKNOWN_WORDS: usize = 4;
/// Characters that code and shells need, and ids, versions, models and URLs do not.
const OF_CODE: [char; 13] = ['"', '\'', '`', '$', ';', '<', '>', '{', '}', '\\', '^', '?', '!'];
/// The same for names: people's names have apostrophes, and those of Windows domains a backslash.
const OF_CODE_IN_NAMES: [char; 8] = ['"', '`', '$', ';', '<', '>', '{', '}'];

/// Which bytes of ASCII a label may have.
const OF_LABELS: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = true;
        byte += 1;
    }
    let mut at = 0;
    while at < OF_CODE.len() {
        table[OF_CODE[at] as usize] = false;
        at += 1;
    }
    table
};

/// Prefixes of well-known keys, with the minimum length of the whole key in bytes.
const KEYS: [(&str, usize); 25] = [
    ("sk-ant-", 12),
    ("sk-proj-", 16),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xoxr-", 16),
    ("xoxs-", 16),
    ("AIza", 30),
    ("ya29.", 20),
    ("npm_", 30),
    ("pypi-", 20),
    ("hf_", 30),
    ("dop_v1_", 20),
    ("SG.", 30),
    ("cct_", 40),
    ("cca_", 40),
];

/// The least length of all [`KEYS`], in bytes.
const SHORTEST_KEY: usize = 12;
/// How keys in files begin.
const KEY_FILE: &str = "-----BEGIN";

/// Parts of attribute names whose texts are what a user wrote, ran or must not show, in lower case.
const CONTENT_PARTS: [&str; 24] = [
    "prompt",
    "message",
    "command",
    "path",
    "file",
    "folder",
    "cwd",
    "workdir",
    "body",
    "content",
    "text",
    "query",
    "url",
    "input",
    "output",
    "response",
    "answer",
    "error",
    "exception",
    "stack",
    "description",
    "title",
    "summary",
    "key",
];

/// The same for texts that an admin sets.
const SECRET_PARTS: [&str; 10] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "token",
    "credential",
    "apikey",
    "privatekey",
    "accesskey",
    "command",
];

/// Whether an unknown text can hardly be content: a UUID, or at most 64 bytes of `[A-Za-z0-9._-]` whose parts look like
/// words or numbers. Dots must precede a digit, as in versions: in names of files and hosts they often do not.
#[must_use]
pub fn is_word(text: &str) -> bool {
    let dots = || text.split('.').skip(1).all(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    text.len() <= WORD && (is_uuid(text) || (is_of_parts(text, UNKNOWN_WORDS) && dots())) && !has_key(text)
}

/// Whether a text can be the name of an event, a metric or an attribute, or one of the client's own words.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    text.len() <= IDENTIFIER
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && is_of_parts(text, IDENTIFIER_WORDS)
        && !has_key(text)
}

/// Whether a text can be an id, a version, a model or a URL: no blanks, no characters of code, no path, no key.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let is_foreign = |c: char| c.is_whitespace() || c.is_control() || OF_CODE.contains(&c);
    let is_of_labels = match text.is_ascii() {
        true => text.bytes().all(|b| OF_LABELS[usize::from(b)]),
        false => !text.contains(is_foreign),
    };
    is_of_labels && !is_path(text) && !has_key(text)
}

/// Whether a text can be a name that a person gave, or a list of such names with commas: at most five words each, no
/// code, no path, no key.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let is_short = |part: &str| {
        let part = part.trim();
        let is_one_word = !part.contains(char::is_whitespace);
        is_one_word || (part.len() <= WORD && part.split_whitespace().count() <= WORDS)
    };
    text.split(',').all(is_short) && !text.contains(OF_CODE_IN_NAMES) && is_setting(text)
}

/// Whether a text can be what an admin sets for a team, a machine or a ticket: any single line without paths and keys.
#[must_use]
pub fn is_setting(text: &str) -> bool {
    !text.contains(char::is_control) && !text.split_whitespace().any(is_path) && !has_key(text)
}

/// Whether texts under this name are content, whatever they look like.
#[must_use]
pub fn names_content(name: &str) -> bool {
    has_part(name, &CONTENT_PARTS) || names_secret(name)
}

/// Whether texts under this name are secret, even where an admin sets them.
#[must_use]
pub fn names_secret(name: &str) -> bool {
    has_part(name, &SECRET_PARTS)
}

/// `text`, with user, password, query and fragment removed from the URLs in it.
#[must_use]
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (scheme, after) = rest.split_at(at + 3);
        let (address, next) = after.split_at(after.find(char::is_whitespace).unwrap_or(after.len()));
        let place = address.split(['?', '#']).next().unwrap_or_default();
        let authority = place.split('/').next().unwrap_or_default();
        // What follows a colon is a port, or a password that contains a slash.
        let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
        let odd = authority.rsplit_once(':').is_some_and(|(_, port)| !is_port(port) && !port.ends_with(']'));
        let begin = if odd || authority.contains('@') {
            let within = if odd { address } else { authority };
            within.rfind('@').map_or(0, |at| at + 1)
        } else {
            0
        };
        out.push_str(scheme);
        out.push_str(address[begin..].split(['?', '#']).next().unwrap_or_default());
        rest = next;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn has_part(name: &str, parts: &[&str]) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    parts.iter().any(|part| plain.contains(part))
}

/// Whether the parts between `.`, `_` and `-` look like words or numbers, and at most `words` of them are words.
fn is_of_parts(text: &str, words: usize) -> bool {
    let parts = || text.split(['.', '_', '-']);
    parts().all(is_natural)
        && parts().filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic())).count() <= words
}

/// Whether a part looks chosen rather than random: a number, or letters with a number before or after them and at most
/// two capitals inside.
fn is_natural(part: &str) -> bool {
    const LETTERS: usize = 24;
    const DIGITS: usize = 16;
    const BESIDE: usize = 4;
    let lead = part.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &part[lead..];
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let trail = rest.len() - letters;
    if !rest[letters..].bytes().all(|b| b.is_ascii_digit()) || part.is_empty() {
        return false;
    }
    if letters == 0 {
        return part.len() <= DIGITS;
    }
    let word = &rest.as_bytes()[..letters];
    let humps = word.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    letters <= LETTERS && lead + trail <= BESIDE && (lead == 0 || trail == 0) && humps <= 2
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Whether a word begins like a path, on any system.
fn is_path(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[', '"', '\'', '<']);
    let drive = || {
        let mut characters = word.chars();
        characters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && characters.next() == Some(':')
            && characters.next().is_some_and(|c| c == '\\' || c == '/')
    };
    let is_rooted = word.len() > 1 && word.starts_with('/');
    is_rooted
        || ["~/", "./", "../", "\\\\", "file:", "%USERPROFILE%", "$HOME"].iter().any(|begin| word.starts_with(begin))
        || drive()
}

/// Whether a text contains a well-known kind of key. This is asked of every text, so most are told by their length and by the first
/// bytes of their words.
fn has_key(text: &str) -> bool {
    if text.len() < KEY_FILE.len() {
        return false;
    }
    let is_of_key = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let words = text.as_bytes().split(|b| !is_of_key(b)).filter(|word| word.len() >= SHORTEST_KEY);
    // Words are of ASCII alone.
    let mut words = words.filter(|word| begins_key(word)).filter_map(|word| std::str::from_utf8(word).ok());
    words.any(is_key) || text.contains(KEY_FILE)
}

/// Whether a word begins with a letter that some key begins with.
fn begins_key(word: &[u8]) -> bool {
    word.first().is_some_and(|first| b"srgxAynphdSce".contains(first))
}

fn is_key(word: &str) -> bool {
    let is_aws = || {
        let begins = ["AKIA", "ASIA"].iter().any(|begin| word.starts_with(begin));
        begins && word.len() == 20 && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let is_openai = || {
        word.starts_with("sk-")
            && word.len() >= 24
            && word.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    };
    let is_jwt = || word.starts_with("eyJ") && word.len() >= 30 && word.matches('.').count() == 2;
    KEYS.iter().any(|(begin, length)| word.len() >= *length && word.starts_with(begin))
        || is_aws()
        || is_openai()
        || is_jwt()
}

#[cfg(test)]
mod tests;
