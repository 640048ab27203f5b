#!/usr/bin/env python3
"""Deploys the template into an emulator of AWS, and prints what it made: `.ci/emulator.py STACK` after `cargo lambda build`.

AWS_ENDPOINT_URL and the credentials of its root say where the emulator is. What it lacks is worked around here and nowhere else, on the
template as SAM transforms it; each work-around fails when it is not needed any more.
"""

import json
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile

import boto3
from botocore.exceptions import ClientError, WaiterError
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).parent.parent
CODE = "code"
ANY = "x-amazon-apigateway-any-method"
# Everything that nobody has to pay for here: the most that there is to be made.
PARAMETERS = ["AlarmSet=all", "Dashboard=true"]


def main():
    stack = sys.argv[1]
    template, binaries = transformed()
    without_what_it_refuses(template)
    routes = routes_beside_the_body(template)
    deploy(stack, template)
    made = resources(stack, template)
    routed(made["Api"], routes)
    print(json.dumps({
        "api": made["Api"],
        "root_key": root_key(made["AdminKey"]),
        "root_secret": made["AdminKey"],
        "events": made["EventsTable"],
        "activity": made["ActivityTable"],
        "functions": {binary: function(made, logical) for logical, binary in binaries.items()},
    }))


def transformed():
    """The template as CloudFormation gets it, with the binaries of this machine; and the binary of each function."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    binaries = {}
    for logical, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binaries[logical] = resource["Metadata"]["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = "s3://nowhere/yet"
    result = Translator(None, Parser(), boto_session=boto3.Session()).translate(template, {})
    for logical, binary in binaries.items():
        result["Resources"][logical]["Properties"]["Code"] = str(ROOT / "target" / "lambda" / binary)
    return result, binaries


def without_what_it_refuses(template):
    """It has neither CodeDeploy nor alarms of computed metrics: the alias of ingest is moved at once, and such alarms are left out."""
    found = template["Resources"]
    unknown = {name for name, about in found.items() if about["Type"].startswith("AWS::CodeDeploy::")}
    computed = {name for name, about in found.items() if about["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in about["Properties"]}
    refuses("code-deploy", found["ServerlessDeploymentApplication"], "Unrecognized resource types: [AWS::CodeDeploy::Application]")
    metrics = [{"Id": "sum", "Expression": "1 + 1"}]
    alarm = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 5, "Metrics": metrics}
    refuses("computed", {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}, "(metric math) is not supported")
    for name in unknown | computed:
        del found[name]
    for resource in found.values():
        resource.pop("UpdatePolicy", None)


def refuses(stack, resource, word):
    """A stack of this resource alone has to fail with this word."""
    client = boto3.client("cloudformation")
    try:
        client.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"It": resource}}), DisableRollback=True)
        client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        sys.exit(f"the emulator makes {resource['Type']}: leaving it out is not needed any more")
    except ClientError as refused:
        check(word in str(refused), refused)
    except WaiterError:
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
        check(any(word in event.get("ResourceStatusReason", "") for event in events), events)


def routes_beside_the_body(template):
    """It reads no OpenAPI document of an HTTP API: every route of it becomes a resource. Gives the keys of the routes."""
    paths = template["Resources"]["Api"]["Properties"]["Body"]["paths"]
    targets, keys = {}, []
    for path, methods in paths.items():
        for method, about in methods.items():
            uri = about["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            target = re.fullmatch(r".*/functions/(\$\{\w+(?:\.Arn)?\})/invocations", uri).group(1)
            targets.setdefault(target, f"Integration{len(targets)}")
            key = path if path == "$default" else f"{'ANY' if method == ANY else method.upper()} {path}"
            keys.append(key)
            route = {"ApiId": {"Ref": "Api"}, "RouteKey": key, "Target": {"Fn::Sub": f"integrations/${{{targets[target]}}}"}}
            template["Resources"][f"Route{len(keys)}"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": route}
    for target, logical in targets.items():
        about = {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
        about["IntegrationUri"] = {"Fn::Sub": target}
        template["Resources"][logical] = {"Type": "AWS::ApiGatewayV2::Integration", "Properties": about}
    return keys


def routed(api, keys):
    """What stands there twice came from the document as well."""
    pages = boto3.client("apigatewayv2").get_paginator("get_routes").paginate(ApiId=api)
    found = sorted(route["RouteKey"] for page in pages for route in page["Items"])
    check(found == sorted(keys), f"the emulator reads the document of the API itself: {found}")


def root_key(secret):
    """It puts punctuation into a generated secret that is to have none, which is no root key: it gets a new value."""
    client = boto3.client("secretsmanager")
    generated = client.get_secret_value(SecretId=secret)["SecretString"]
    check(not generated.isalnum(), "the emulator generates secrets without punctuation: this work-around is not needed any more")
    key = secrets.token_urlsafe(36)
    client.put_secret_value(SecretId=secret, SecretString=key)
    return key


def deploy(stack, template):
    """As its reader would, other than that the template is transformed already."""
    region = {"LocationConstraint": boto3.Session().region_name}
    boto3.client("s3").create_bucket(Bucket=CODE, CreateBucketConfiguration=region)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "template.json"
        path.write_text(json.dumps(template))
        command = ["sam", "deploy", "--template-file", str(path), "--stack-name", stack, "--s3-bucket", CODE, "--no-progressbar"]
        command += ["--capabilities", "CAPABILITY_IAM", "--parameter-overrides", *PARAMETERS]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    check(ended.returncode == 0, ended.stdout + ended.stderr)


def resources(stack, template):
    """The names that what was made has. All that depends on no condition is there, and nothing is unfinished."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    found = [resource for page in pages for resource in page["StackResourceSummaries"]]
    unfinished = [resource for resource in found if resource["ResourceStatus"] != "CREATE_COMPLETE"]
    check(not unfinished, unfinished)
    made = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}
    missing = [name for name, about in template["Resources"].items() if "Condition" not in about and name not in made]
    check(not missing, missing)
    print(f"{len(made)} resources", file=sys.stderr)
    return made


def function(made, logical):
    """What a function is called, and what its role says."""
    role = made[f"{logical}Role"]
    client = boto3.client("iam")
    (policy,) = client.list_role_policies(RoleName=role)["PolicyNames"]
    document = client.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    return {"name": made[logical], "role": role, "policy": policy, "document": document}


def check(well, otherwise):
    if not well:
        sys.exit(str(otherwise))


if __name__ == "__main__":
    main()
