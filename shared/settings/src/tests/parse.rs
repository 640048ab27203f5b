//! Readers of every form, written independently of the code that generates it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Variant;

/// What the line of a headers helper prints for [`SECRET`].
const HEADERS: &str = r#"{"Authorization":"Bearer cct_S3cret-of_the_CI"}"#;
const SECRET: &str = "cct_S3cret-of_the_CI";

/// What a shell prints that runs a line, with the token in the environment.
fn headers_of(line: &str) -> String {
    let output = Command::new("sh").args(["-c", line]).env("CLAUDE_CODE_OTEL_TOKEN", SECRET).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

type Variables = BTreeMap<String, String>;

/// The environment variables that a reader of `variant` finds in `body`, asserting that there is nothing else in it.
pub(super) fn variables(variant: Variant, body: &str) -> Variables {
    match variant {
        Variant::Shell => shell(body),
        Variant::GithubActions => workflow(body),
        Variant::HeadersHelper => {
            let mut document = document(variant, body);
            let helper = document.as_object_mut().unwrap().remove("otelHeadersHelper");
            assert!(helper.is_some_and(|helper| headers_of(helper.as_str().unwrap()) == HEADERS));
            env_alone(&document)
        }
        _ => env_alone(&document(variant, body)),
    }
}

/// The settings document that a reader of `variant` finds in `body`, without its schema.
pub(super) fn document(variant: Variant, body: &str) -> Value {
    match variant {
        Variant::Managed | Variant::User | Variant::DropIn | Variant::Bedrock | Variant::HeadersHelper => {
            settings(body)
        }
        Variant::MacosPlist => property_list(body),
        Variant::MacosProfile => {
            let payload = &property_list(body)["PayloadContent"][0]["PayloadContent"];
            payload["com.anthropic.claudecode"]["Forced"][0]["mcx_preference_settings"].clone()
        }
        Variant::WindowsRegistry => settings(&registry_value(body)),
        Variant::WindowsPowerShell => settings(&powershell(body).settings),
        Variant::Shell | Variant::GithubActions => panic!("{variant} is not a settings document"),
    }
}

fn settings(text: &str) -> Value {
    let mut document: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
    assert!(document.remove("$schema").is_some());
    serde_json::to_value(document).unwrap()
}

fn env_alone(document: &Value) -> Variables {
    let document: BTreeMap<String, Variables> = serde_json::from_value(document.clone()).unwrap();
    let [(name, variables)] = Vec::from_iter(document).try_into().unwrap();
    assert_eq!(name, "env");
    variables
}

pub(super) fn property_list(body: &str) -> Value {
    plist::from_bytes(body.as_bytes()).unwrap()
}

fn workflow(body: &str) -> Variables {
    let document: BTreeMap<String, Variables> = serde_saphyr::from_str(body).unwrap();
    env_alone(&serde_json::to_value(document).unwrap())
}

/// Runs the script in an empty environment and lists the resulting variables.
fn shell(body: &str) -> Variables {
    let mut command = Command::new("sh");
    command.arg("-eu").env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    let output = run(&mut command, &format!("{body}\nexec env -0\n"));
    let all = output.split_terminator('\0').map(|variable| variable.split_once('=').unwrap());
    let own = all.filter(|(name, _)| !["PATH", "PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Runs `command` with `input` and returns its output.
pub(super) fn run(command: &mut Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?} failed on {input}");
    String::from_utf8(output.stdout).unwrap()
}

/// The only value that a registry file sets.
fn registry_value(body: &str) -> String {
    let mut lines = body.split("\r\n");
    assert_eq!(lines.next(), Some("Windows Registry Editor Version 5.00"));
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with(';'));
    assert_eq!(lines.next(), Some(r"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]"));
    let entry = lines.next().unwrap();
    assert_eq!(lines.next(), None);

    let mut rest = entry.strip_prefix("\"Settings\"=\"").unwrap().chars();
    let mut data = String::new();
    loop {
        match rest.next().unwrap() {
            '"' => break,
            '\\' => match rest.next().unwrap() {
                escaped @ ('\\' | '"') => data.push(escaped),
                other => panic!("no escape of the registry: {other:?}"),
            },
            plain => {
                assert!(!plain.is_control());
                data.push(plain);
            }
        }
    }
    assert_eq!(rest.as_str(), "");
    data
}

/// A PowerShell script, taken apart.
pub(super) struct Script {
    /// The code without comments, every string replaced by `''`.
    pub(super) code: String,
    /// The first value of the variable `$settings`.
    pub(super) settings: String,
}

pub(super) fn powershell(body: &str) -> Script {
    let (mut code, mut settings) = (String::new(), None);
    let mut rest = body.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '#' => while rest.next_if(|c| *c != '\n').is_some() {},
            '"' | '`' | '<' | '@' if c != '@' || rest.peek() != Some(&'(') => {
                panic!("{c:?} starts something else")
            }
            '\'' => {
                let mut string = String::new();
                while let Some(c) = rest.next() {
                    if c == '\'' && rest.next_if_eq(&'\'').is_none() {
                        break;
                    }
                    string.push(c);
                }
                if code.ends_with("$settings = ") {
                    settings = Some(string);
                }
                code.push_str("''");
            }
            plain => code.push(plain),
        }
    }
    Script { code, settings: settings.unwrap() }
}
