//! What the functions asked AWS for, and what their roles allow.

use tools::deployment::STACK;
use tools::policy::{Asked, allows};
use tools::recorder::Call;
use tools::stack::Stack;

/// What the platform does with a role, and no request of a function shows: `template/roles.rs` derives it from what a function is set to.
const OF_THE_PLATFORM: [&str; 7] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
];
const ORGANISATIONS_SECRETS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/*";

/// Every action that was asked for is allowed, and every one that is allowed was asked for.
pub(super) fn are_exactly_what_was_asked_for(service: &Stack) {
    let calls = service.deployment().recorder.calls();
    let mut wrong = Vec::new();
    for (binary, function) in service.deployment().template.functions() {
        let statements = service.deployment().template.statements(&function);
        let own: Vec<&Call> = calls.iter().filter(|call| call.function == binary).collect();
        for call in own.iter().filter(|call| !allows(&statements, &asked(call, &names(call), service))) {
            wrong.push(format!("{binary} needs {} on {} {:?}", call.action, resource(call, service), call.leading_key));
        }
        for statement in statements.iter().filter(|statement| !statement.is_deny) {
            for action in statement.actions.iter().filter(|action| !OF_THE_PLATFORM.contains(&&***action)) {
                if !own
                    .iter()
                    .any(|call| call.action == *action && statement.applies(&asked(call, &names(call), service)))
                {
                    wrong.push(format!("{binary} never needs {action} on {} as {statement:?}", statement.resource));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each statement is taken away in turn. Without one that allows, something that its function asked for is refused; without one that
/// denies, something is let through that others asked for and its function must never do.
pub(super) fn have_no_statement_that_could_go(service: &Stack) {
    let calls = service.deployment().recorder.calls();
    let (mut wrong, mut taken_away) = (Vec::new(), 0);
    for (binary, function) in service.deployment().template.functions() {
        let statements = service.deployment().template.statements(&function);
        for (number, taken) in statements.iter().enumerate() {
            if taken.actions.iter().all(|action| OF_THE_PLATFORM.contains(&&**action)) {
                continue;
            }
            taken_away += 1;
            let mut left = statements.clone();
            left.remove(number);
            let is_missed = calls.iter().any(|call| {
                let (names, is_own) = (names(call), call.function == binary);
                let asked = asked(call, &names, service);
                let (before, now) = (allows(&statements, &asked), allows(&left, &asked));
                if taken.is_deny { !is_own && !before && now } else { is_own && before && !now }
            });
            if !is_missed {
                wrong.push(format!("{binary} does without {taken:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(taken_away > 30, "{taken_away} statements");
}

/// What a recorded call asks of a policy.
fn asked<'a>(call: &'a Call, attributes: &'a [&'a str], service: &Stack) -> Asked<'a> {
    let (action, leading_key) = (&*call.action, call.leading_key.as_deref());
    Asked { action, resource: resource(call, service), leading_key, attributes }
}

fn names(call: &Call) -> Vec<&str> {
    call.attributes.iter().map(String::as_str).collect()
}

fn resource(call: &Call, service: &Stack) -> &'static str {
    match call.resource.as_str() {
        "events" => "EventsTable.Arn",
        "activity" => "ActivityTable.Arn",
        secret if secret == service.deployment().root_secret => "AdminKey.Id",
        secret if secret.starts_with(&format!("{STACK}/")) => ORGANISATIONS_SECRETS,
        other => panic!("{other} is nothing of the service"),
    }
}
