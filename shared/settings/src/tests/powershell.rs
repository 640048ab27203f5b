//! The PowerShell script, run statement by statement on a registry of a few strings. Every statement has to be one of those known here,
//! with the meaning that PowerShell gives it; anything else fails the test.

use serde_json::{Map, Value, json};

use super::*;

/// The machine, and the variables of the script.
#[derive(Default)]
struct Machine {
    /// The value `Settings` of the policy's key, if there is one.
    policy: Option<String>,
    /// Whether the key exists: making it anew would empty it.
    has_key: bool,
    settings: String,
    current: Value,
    added: Value,
    others: Vec<String>,
    /// The item of a loop.
    item: (String, Value),
}

/// Why a script stopped.
#[derive(Debug, PartialEq)]
struct Thrown;

fn pairs(attributes: &Value) -> impl Iterator<Item = &str> {
    attributes.as_str().unwrap_or_default().split(',').filter(|pair| !pair.is_empty())
}

fn key(pair: &str) -> String {
    pair.split('=').next().unwrap_or_default().to_ascii_lowercase()
}

fn env(document: &mut Value) -> &mut Map<String, Value> {
    document["env"].as_object_mut().unwrap()
}

impl Machine {
    fn with(policy: Option<&str>) -> Self {
        Self { policy: policy.map(str::to_owned), has_key: policy.is_some(), ..Self::default() }
    }

    fn run(&mut self, body: &str) -> Result<(), Thrown> {
        let script = parse::powershell(body);
        self.settings = script.settings;
        let lines: Vec<&str> = body.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
        self.block(&lines)
    }

    fn block(&mut self, lines: &[&str]) -> Result<(), Thrown> {
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            if !line.ends_with('{') {
                self.statement(line)?;
                at += 1;
                continue;
            }
            let mut depth = 1;
            let end = at
                + 1
                + lines[at + 1..]
                    .iter()
                    .position(|line| {
                        depth += i32::from(line.ends_with('{')) - i32::from(*line == "}");
                        depth == 0
                    })
                    .expect("every block has an end");
            for item in self.times(line) {
                self.item = item;
                self.block(&lines[at + 1..end])?;
            }
            at = end + 1;
        }
        Ok(())
    }

    /// The items for which a block is run: one for a condition that holds.
    fn times(&self, head: &str) -> Vec<(String, Value)> {
        let items = |members: &Value| members.as_object().unwrap().clone().into_iter().collect();
        let once = |holds: bool| if holds { vec![self.item.clone()] } else { Vec::new() };
        match head {
            "if ($current) {" => once(self.policy.as_ref().is_some_and(|policy| !policy.is_empty())),
            "if ($policy -isnot [System.Management.Automation.PSCustomObject]) {" => once(!self.current.is_object()),
            "if ($policy.env -isnot [System.Management.Automation.PSCustomObject]) {" => {
                once(!self.current["env"].is_object())
            }
            "if ($setting.Name -ne 'env') {" => once(!self.item.0.eq_ignore_ascii_case("env")),
            "if (-not (Test-Path -LiteralPath $key)) {" => once(!self.has_key),
            "foreach ($variable in $added.env.PSObject.Properties) {" => items(&self.added["env"]),
            "foreach ($setting in $added.PSObject.Properties) {" => items(&self.added),
            other => panic!("not a block that is known: {other}"),
        }
    }

    fn statement(&mut self, line: &str) -> Result<(), Thrown> {
        match line {
            "$ErrorActionPreference = 'Stop'" | r"$key = 'HKLM:\SOFTWARE\Policies\ClaudeCode'" => {}
            line if line.starts_with("$settings = '{") => {}
            "$current = (Get-ItemProperty -LiteralPath $key -Name 'Settings' -ErrorAction SilentlyContinue).Settings" =>
                {}
            "$policy = ConvertFrom-Json -InputObject $current" => {
                self.current = serde_json::from_str(self.policy.as_ref().unwrap()).map_err(|_| Thrown)?;
            }
            line if line.starts_with("throw '") => return Err(Thrown),
            "Add-Member -InputObject $policy -NotePropertyName 'env' -NotePropertyValue (New-Object -TypeName PSObject) -Force" =>
            {
                self.current["env"] = json!({});
            }
            "$added = ConvertFrom-Json -InputObject $settings" => {
                self.added = serde_json::from_str(&self.settings).unwrap();
            }
            "$own = $added.env.OTEL_RESOURCE_ATTRIBUTES -split ',' | ForEach-Object { ($_ -split '=')[0] }" => {}
            "$others = $policy.env.OTEL_RESOURCE_ATTRIBUTES -split ',' | Where-Object { $_ -and ($_ -split '=')[0] -notin $own }" =>
            {
                let own: Vec<String> = pairs(&self.added["env"]["OTEL_RESOURCE_ATTRIBUTES"]).map(key).collect();
                let all = pairs(&self.current["env"]["OTEL_RESOURCE_ATTRIBUTES"]);
                self.others = all.filter(|pair| !own.contains(&key(pair))).map(str::to_owned).collect();
            }
            "$added.env.OTEL_RESOURCE_ATTRIBUTES = (@($added.env.OTEL_RESOURCE_ATTRIBUTES) + @($others)) -join ','" => {
                let attributes = &mut self.added["env"]["OTEL_RESOURCE_ATTRIBUTES"];
                let own = attributes.as_str().unwrap().to_owned();
                *attributes = [vec![own], self.others.clone()].concat().join(",").into();
            }
            "Add-Member -InputObject $policy.env -NotePropertyName $variable.Name -NotePropertyValue $variable.Value -Force" =>
            {
                let (name, value) = self.item.clone();
                env(&mut self.current).insert(name, value);
            }
            "Add-Member -InputObject $policy -NotePropertyName $setting.Name -NotePropertyValue $setting.Value -Force" =>
            {
                let (name, value) = self.item.clone();
                self.current[name] = value;
            }
            "$settings = ConvertTo-Json -InputObject $policy -Depth 100 -Compress" => {
                self.settings = self.current.to_string()
            }
            "New-Item -Path $key -Force | Out-Null" => {
                self.has_key = true;
                self.policy = None;
            }
            "New-ItemProperty -LiteralPath $key -Name 'Settings' -Value $settings -PropertyType String -Force | Out-Null" =>
            {
                assert!(self.has_key);
                self.policy = Some(self.settings.clone());
            }
            other => panic!("not a statement that is known: {other}"),
        }
        Ok(())
    }
}

/// The policy after the script ran on a machine with `policy`.
fn after(policy: Option<&str>, pairs: &[(&str, &str)]) -> Value {
    let mut machine = Machine::with(policy);
    assert_eq!(machine.run(&document(Variant::WindowsPowerShell, pairs).body), Ok(()));
    serde_json::from_str(&machine.policy.unwrap()).unwrap()
}

#[test]
fn a_machine_without_a_policy_gets_the_settings_alone() {
    let expected: Value = serde_json::from_str(&document(Variant::Managed, &[]).body).unwrap();
    assert_eq!(after(None, &[]), expected);
    assert_eq!(after(Some("{}"), &[]), expected);
    assert_eq!(after(Some(""), &[]), expected);
}

#[test]
fn everything_else_in_a_machines_policy_stays() {
    let bedrock = r#"{"env":{"CLAUDE_CODE_USE_BEDROCK":"1","AWS_REGION":"eu-central-1","HTTPS_PROXY":"http://proxy.example.com:8080",
        "OTEL_LOG_USER_PROMPTS":"1","OTEL_RESOURCE_ATTRIBUTES":"Settings_Version=3,user.email=dana@example.com,team=old"},
        "permissions":{"deny":["WebFetch"]},"hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]}}"#;
    let policy = after(Some(bedrock), &[("attributes", "team=core"), ("model_pricing", r#"{"multiplier":0.85}"#)]);
    let before: Value = serde_json::from_str(bedrock).unwrap();
    for name in ["CLAUDE_CODE_USE_BEDROCK", "AWS_REGION", "HTTPS_PROXY"] {
        assert_eq!(policy["env"][name], before["env"][name], "{name}");
    }
    assert_eq!((&policy["permissions"], &policy["hooks"]), (&before["permissions"], &before["hooks"]));
    assert_eq!(policy["env"]["OTEL_LOG_USER_PROMPTS"], "0", "the settings win");
    assert_eq!(policy["env"]["OTEL_EXPORTER_OTLP_PROTOCOL"], "http/protobuf");
    assert_eq!(policy["modelPricing"]["multiplier"], 0.85);
    let attributes = "settings_version=7,team=core,user.email=dana@example.com";
    assert_eq!(policy["env"]["OTEL_RESOURCE_ATTRIBUTES"], attributes, "the machine's own address stays");
}

#[test]
fn running_it_again_changes_nothing() {
    let once = after(Some(r#"{"env":{"HTTPS_PROXY":"http://proxy.example.com:8080"}}"#), &[]);
    assert_eq!(after(Some(&once.to_string()), &[]), once);
}

#[test]
fn a_policy_that_cannot_be_added_to_is_left_as_it_is() {
    for policy in ["[]", "\"text\"", "7", "{\"env\":", "not json"] {
        let mut machine = Machine::with(Some(policy));
        let ran = machine.run(&document(Variant::WindowsPowerShell, &[]).body);
        assert_eq!((ran, machine.policy.as_deref()), (Err(Thrown), Some(policy)));
    }
}
