//! The configuration as a machine policy in the Windows registry.
//!
//! The policy is one string: the settings document on one line. `SOFTWARE\Policies` is shared by 32-bit and 64-bit
//! programs, so it does not matter which PowerShell or registry tool writes it.

use super::env::Env;
use super::guide::Guide;
use super::json;

/// A registry file.
///
/// Plain ASCII: the registry tools read files of version 5.00 in ASCII as well as in UTF-16LE with a byte order mark,
/// the form they export, and ASCII survives every download, editor and repository.
pub(super) fn registry_file(env: &Env, guide: &Guide) -> String {
    let comment: String = guide.comment().map(|line| format!("; {line}\n")).collect();
    let data = json::one_line(env).replace('\\', r"\\").replace('"', "\\\"");
    with_windows_line_ends(&format!(
        "Windows Registry Editor Version 5.00\n\n{comment}\n\
         [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode]\n\"Settings\"=\"{data}\"\n\n"
    ))
}

/// A PowerShell script that writes the policy, unless there is one with other settings in it.
///
/// The document is a single-quoted string, in which nothing is expanded and only the doubled quote has a meaning.
/// `New-Item -Force` would empty an existing key, hence the test before it.
pub(super) fn script(env: &Env, guide: &Guide) -> String {
    let comment: String = guide.comment().map(|line| format!("# {line}\n")).collect();
    let settings = json::one_line(env).replace('\'', "''");
    with_windows_line_ends(&format!(
        "{comment}
#Requires -RunAsAdministrator
$ErrorActionPreference = 'Stop'

$key = 'HKLM:\\SOFTWARE\\Policies\\ClaudeCode'
$settings = '{settings}'

$current = (Get-ItemProperty -LiteralPath $key -Name 'Settings' -ErrorAction SilentlyContinue).Settings
if ($current) {{
    $others = @(($current | ConvertFrom-Json).PSObject.Properties.Name | Where-Object {{ $_ -notin '$schema', 'env' }})
    if ($others.Count -gt 0) {{
        throw 'A policy with other settings is already deployed: add the env block to its JSON.'
    }}
}}
if (-not (Test-Path -LiteralPath $key)) {{
    New-Item -Path $key -Force | Out-Null
}}
New-ItemProperty -LiteralPath $key -Name 'Settings' -Value $settings -PropertyType String -Force | Out-Null
"
    ))
}

fn with_windows_line_ends(text: &str) -> String {
    text.replace('\n', "\r\n")
}
