//! The configuration as a machine policy in the Windows registry.
//!
//! The policy is one string: the settings document on one line. `SOFTWARE\Policies` is shared by 32-bit and 64-bit
//! programs, so it does not matter which PowerShell or registry tool writes it.

use super::guide::Guide;
use super::json::{self, Policy};

/// A registry file.
///
/// Plain ASCII: the registry tools read files of version 5.00 in ASCII as well as in UTF-16LE with a byte order mark,
/// the form they export, and ASCII survives every download, editor and repository.
pub(super) fn registry_file(policy: Policy<'_>, guide: &Guide) -> String {
    let comment: String = guide.comment().map(|line| format!("; {line}\n")).collect();
    let data = json::one_line(policy).replace('\\', r"\\").replace('"', "\\\"");
    with_windows_line_ends(&format!(
        "Windows Registry Editor Version 5.00\n\n{comment}\n\
         [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode]\n\"Settings\"=\"{data}\"\n\n"
    ))
}

/// A PowerShell script that adds the settings to the policy that the machine has, or makes one.
///
/// The document is a single-quoted string, in which nothing is expanded and only the doubled quote has a meaning.
/// A policy that is not an object cannot be added to, and is left as it is. `-Depth 100` is the deepest that Windows PowerShell 5.1
/// writes; its default of 2 would flatten hooks and permissions. `New-Item -Force` would empty an existing key, hence the test
/// before it. Of the machine's own resource attributes those stay that the settings do not set: an MDM may have put the user's e-mail
/// address there.
pub(super) fn script(policy: Policy<'_>, guide: &Guide) -> String {
    let comment: String = guide.comment().map(|line| format!("# {line}\n")).collect();
    let settings = json::one_line(policy).replace('\'', "''");
    with_windows_line_ends(&format!(
        "{comment}
#Requires -RunAsAdministrator
$ErrorActionPreference = 'Stop'

$key = 'HKLM:\\SOFTWARE\\Policies\\ClaudeCode'
$settings = '{settings}'

$current = (Get-ItemProperty -LiteralPath $key -Name 'Settings' -ErrorAction SilentlyContinue).Settings
if ($current) {{
    $policy = ConvertFrom-Json -InputObject $current
    if ($policy -isnot [System.Management.Automation.PSCustomObject]) {{
        throw 'The policy of this machine is not a JSON object: correct it or remove it first.'
    }}
    if ($policy.env -isnot [System.Management.Automation.PSCustomObject]) {{
        Add-Member -InputObject $policy -NotePropertyName 'env' -NotePropertyValue (New-Object -TypeName PSObject) -Force
    }}
    $added = ConvertFrom-Json -InputObject $settings
    $own = $added.env.OTEL_RESOURCE_ATTRIBUTES -split ',' | ForEach-Object {{ ($_ -split '=')[0] }}
    $others = $policy.env.OTEL_RESOURCE_ATTRIBUTES -split ',' | Where-Object {{ $_ -and ($_ -split '=')[0] -notin $own }}
    $added.env.OTEL_RESOURCE_ATTRIBUTES = (@($added.env.OTEL_RESOURCE_ATTRIBUTES) + @($others)) -join ','
    foreach ($variable in $added.env.PSObject.Properties) {{
        Add-Member -InputObject $policy.env -NotePropertyName $variable.Name -NotePropertyValue $variable.Value -Force
    }}
    foreach ($setting in $added.PSObject.Properties) {{
        if ($setting.Name -ne 'env') {{
            Add-Member -InputObject $policy -NotePropertyName $setting.Name -NotePropertyValue $setting.Value -Force
        }}
    }}
    $settings = ConvertTo-Json -InputObject $policy -Depth 100 -Compress
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
