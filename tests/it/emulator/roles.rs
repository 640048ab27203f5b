//! Each statement of each role is taken away in turn, and then something does not work: nothing is allowed that nothing needs.

use std::collections::BTreeSet;

use serde_json::Value;
use tools::emulator::Emulated;

use super::steps::Trial;

/// A statement that can go without anything that the emulator could show: its effect and first action, one of the partition keys that it
/// is about, if it names any, and why.
struct Unseen(&'static str, &'static str, &'static str);

/// The statement beside each of these allows the same action on other partitions of the same table, and the emulator does not know
/// `dynamodb:LeadingKeys`. `journey/roles.rs` takes each of them away, and the one that denies, by the rules of IAM.
const BESIDE: &str = "another statement allows the same on other keys, and the emulator does not look at keys";

const UNSEEN: [Unseen; 10] = [
    Unseen("Allow logs:CreateLogStream", "", "the emulator keeps logs without asking the role"),
    Unseen("Allow sqs:SendMessage", "", "the emulator puts nothing that failed into a queue"),
    Unseen("Allow dynamodb:GetRecords", "", "the emulator reads the stream without asking the role"),
    Unseen("Allow dynamodb:ListStreams", "", "the emulator reads the stream without asking the role"),
    Unseen("Deny dynamodb:PutItem", "????????????#TOKENS", "nothing asks for what it denies: it is there for thieves"),
    Unseen("Allow dynamodb:UpdateItem", "TOKEN#*", BESIDE),
    Unseen("Allow dynamodb:UpdateItem", "PEER#*", BESIDE),
    Unseen("Allow dynamodb:PutItem", "SESSION#*", BESIDE),
    Unseen("Allow dynamodb:DeleteItem", "SIGNIN#*", BESIDE),
    Unseen("Allow dynamodb:DeleteItem", "ADMIN#*", BESIDE),
];

impl Unseen {
    fn is(&self, statement: &Value) -> bool {
        let keys = statement["Condition"].as_object().into_iter().flatten();
        let keys: Vec<&Value> =
            keys.filter_map(|(_, about)| about["dynamodb:LeadingKeys"].as_array()).flatten().collect();
        let first = format!("{} {}", statement["Effect"].as_str().unwrap(), statement["Action"][0].as_str().unwrap());
        first == self.0 && (self.1.is_empty() || keys.iter().any(|key| *key == self.1))
    }
}

pub(super) async fn have_no_statement_that_nothing_needs(service: &Emulated) {
    let (mut wrong, mut met, mut number) = (Vec::new(), BTreeSet::new(), 0);
    for function in service.functions() {
        let statements = service.statements(function);
        // At first nothing is taken away: what fails later fails for want of a statement.
        for taken in std::iter::once(None).chain(statements.iter().map(Some)) {
            number += 1;
            let trial = Trial::begin(service, format!("trial-{number}")).await;
            let left: Vec<Value> = statements.iter().filter(|one| Some(*one) != taken).cloned().collect();
            service.allow(function, &left).await;
            let outcome = trial.of(function).await;
            service.allow(function, statements).await;
            let Some(taken) = taken else {
                assert_eq!(outcome, Ok(()), "{function}");
                continue;
            };
            let unseen = UNSEEN.iter().position(|unseen| unseen.is(taken));
            met.extend(unseen);
            match (&outcome, unseen.map(|position| UNSEEN[position].2)) {
                (Ok(()), None) => wrong.push(format!("{function} does without {taken}")),
                (Err(error), Some(why)) => wrong.push(format!("{function} without {taken}: {error}, though {why}")),
                (Ok(()), Some(_)) | (Err(_), None) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(met.len(), UNSEEN.len(), "a statement that cannot be shown is there no more: {met:?}");
}
