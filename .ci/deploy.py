#!/usr/bin/env python3
"""Deploys the template as its reader would, up to where AWS is asked for the first time: `.ci/deploy.py` after `cargo lambda build`.

`sam build` finds the binaries that are there already: a stand-in for cargo-lambda writes down what it is asked to build.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).parent.parent
TEMPLATE = ROOT / "template.yaml"

STAND_IN = """#!/bin/sh
echo "$@" >>"$BUILDS"
"""

# What CloudFormation is told, and what its first word against it must be about; nothing where it has to be content.
RULES = [
    ({}, None),
    ({"DomainName": "telemetry.example.com", "CertificateId": "0" * 8 + "-0000-0000-0000-" + "0" * 12}, None),
    ({"DomainName": "telemetry.example.com"}, "CertificateId"),
    ({"CertificateId": "0" * 8 + "-0000-0000-0000-" + "0" * 12}, "DomainName"),
    ({"HostedZoneId": "Z0"}, "DomainName"),
    ({"AlarmSet": "all", "LogLevel": "warn"}, "LogLevel"),
    ({"AlarmSet": "all", "LogLevel": "debug"}, None),
]


def main():
    template = yaml_parse(TEMPLATE.read_text())
    rules(template)
    transformed(template)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        built = build(folder, TEMPLATE, "arm64")
        guided(folder, built)
        # Whoever wants the other processor changes one word, and gets binaries for it.
        other = ROOT / "target" / "template-x86_64.yaml"
        other.write_text(TEMPLATE.read_text().replace("Architectures: [arm64]", "Architectures: [x86_64]"))
        build(folder, other, "x86_64", "--base-dir", str(ROOT))


def rules(template):
    defaults = {name: about["Default"] for name, about in template["Parameters"].items()}
    for answers, about in RULES:
        against = objections(template["Rules"], {**defaults, **answers})
        if about is None:
            check(not against, f"{answers} is refused: {against}")
        else:
            check(len(against) == 1 and about in against[0], f"{answers} is answered {against}")


def objections(rules, parameters):
    found = []
    for rule in rules.values():
        if holds(rule.get("RuleCondition", True), parameters):
            found += [a["AssertDescription"] for a in rule["Assertions"] if not holds(a["Assert"], parameters)]
    return found


def holds(condition, parameters):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html"""
    if not isinstance(condition, dict):
        return condition
    ((function, own),) = condition.items()
    if function == "Ref":
        return parameters[own]
    if function == "Fn::Not":
        return not holds(own[0], parameters)
    if function == "Fn::Equals":
        return str(holds(own[0], parameters)) == str(holds(own[1], parameters))
    if function == "Fn::Contains":
        return str(holds(own[1], parameters)) in map(str, own[0])
    raise SystemExit(f"{function} is not known here")


def transformed(template):
    """Routes with settings of their own have to be there, and every name has to be short enough for a stack of any name."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
            check("FunctionName" not in resource["Properties"], "a name of a function has a limit of 64 characters")
    session = boto3.Session(region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none")
    result = Translator(None, Parser(), boto_session=session).translate(template, {})
    check("Rules" in result, "the transform drops the rules")
    kinds = [resource["Type"] for resource in result["Resources"].values()]
    check("AWS::Lambda::Alias" in kinds, "ingest has no alias")
    print(f"{len(kinds)} resources")


def build(folder, template, processor, *more):
    stand_in, record = folder / "cargo-lambda", folder / f"builds-{processor}"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    target = folder / f"built-{processor}"
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "BUILDS": str(record)}
    run(["sam", "build", "--template", str(template), "--build-dir", str(target), *more], ROOT, environment)
    builds = record.read_text().splitlines()
    # Without a word cargo-lambda builds for x86_64.
    well = len(builds) == 8 and all(("--arm64" in line) == (processor == "arm64") for line in builds)
    check(well, f"built for another processor: {builds}")
    return target / "template.yaml"


def guided(folder, built):
    """Enter at every question: nothing but AWS itself may say no."""
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    nobody = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "HOME": str(folder)}
    command = ["sam", "deploy", "--guided", "--template-file", str(built)]
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, **nowhere, **nobody}, input="\n" * 100, capture_output=True, text=True
    )
    written = ended.stdout + ended.stderr
    check("Looking for resources needed for deployment" in written, written)
    check("Could not connect to the endpoint URL" in written, written)
    check("authentication" not in written, written)


def run(command, folder, environment):
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    check(ended.returncode == 0, ended.stdout + ended.stderr)


def check(well, otherwise):
    if not well:
        sys.exit(otherwise)


if __name__ == "__main__":
    main()
