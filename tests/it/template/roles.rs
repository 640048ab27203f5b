//! What each function could do if somebody broke into it: nothing of this stands in a list that was written by hand, it follows from
//! the policies, as IAM decides them, for every action on every kind of item.

use std::collections::{BTreeMap, BTreeSet};

use model::organisation::Uid;
use model::token::TokenHash;
use service::auth::peer::Peer;
use store::keys;
use tools::policy::{Asked, Statement, allows};

use super::*;

const ACTIVITY: &str = "ActivityTable.Arn";
const EVENTS: &str = "EventsTable.Arn";

/// What changes nothing. Whatever else a policy names counts as writing, known here or not.
const READS: [&str; 6] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DescribeTable",
];

/// What decides about a token: who may change one of these makes one, or brings it back to life.
const OF_A_TOKEN: [&str; 8] =
    ["kind", "org", "uid", "generation", "retired_at", "valid_until", "overlap", "revoked_at"];

/// The functions, with what their roles say.
fn roles() -> BTreeMap<String, Vec<Statement>> {
    let template = Template::read();
    let functions = template.functions().into_iter();
    functions.map(|(name, logical)| (name, template.statements(&logical))).collect()
}

/// The actions of a policy on a table that change something.
fn writes<'a>(statements: &'a [Statement], table: &str) -> BTreeSet<&'a str> {
    let own = statements.iter().filter(|statement| statement.resource.starts_with(table) && !statement.is_deny);
    let actions = own.flat_map(|statement| &statement.actions).map(String::as_str);
    actions.filter(|action| !READS.contains(action)).collect()
}

/// Whether a policy lets an action on an item through that changes more of it than a mark beside what decides.
fn changes(statements: &[Statement], action: &str, pk: &str) -> bool {
    let one = OF_A_TOKEN.map(|attribute| vec![keys::PK, keys::SK, attribute]);
    let mut attributes = one.iter().map(Vec::as_slice).chain([&[][..], &OF_A_TOKEN]);
    attributes
        .any(|attributes| allows(statements, &Asked { action, resource: ACTIVITY, leading_key: Some(pk), attributes }))
}

/// Which functions can write the item with this key, and how.
fn writers(key: &keys::Key) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for (name, statements) in roles() {
        let can = writes(&statements, ACTIVITY).into_iter().filter(|action| changes(&statements, action, &key.pk));
        let can: Vec<String> = can.map(|action| action.trim_start_matches("dynamodb:").to_owned()).collect();
        if !can.is_empty() {
            found.insert(name, can);
        }
    }
    found
}

fn names(key: &keys::Key) -> Vec<String> {
    writers(key).into_keys().collect()
}

fn uid() -> Uid {
    Uid::parse("AbCdEfGhIjKl").unwrap()
}

fn hash() -> TokenHash {
    TokenHash::of("some key")
}

#[test]
fn nobody_but_rotate_token_and_the_console_can_make_a_token_or_an_organisation() {
    // Deleting makes nothing.
    let names = |key: &keys::Key| -> Vec<String> {
        let makers =
            writers(key).into_iter().filter(|(_, actions)| actions.iter().any(|action| action != "DeleteItem"));
        makers.map(|(name, _)| name).collect()
    };
    let org = "acme".parse().unwrap();
    for key in [
        keys::token(&hash(), 0),
        keys::token(&hash(), 7),
        keys::issued(&uid(), 1),
        keys::organisation(&org),
        keys::organisation_in_list(&org),
        keys::rotation(&uid(), &hash()),
        keys::token_quota(&uid()),
        keys::purge(&uid()),
    ] {
        assert_eq!(names(&key), ["console", "rotate-token"], "{key:?}");
    }
}

#[test]
fn nobody_but_rotate_token_can_make_an_admin_key() {
    let writers_of_keys = writers(&keys::admin_key(&hash()));
    assert_eq!(writers_of_keys.keys().collect::<Vec<_>>(), ["maintain", "rotate-token"]);
    assert_eq!(writers_of_keys["maintain"], ["DeleteItem"]);
    let listed = writers(&keys::admin_key_in_list(&uid(), "id"));
    // Who has a place in the list is known by it, and let in by its own item alone.
    assert!(
        listed.iter().all(|(name, actions)| name == "rotate-token" || name == "console" || actions == &["DeleteItem"]),
        "{listed:?}"
    );
}

#[test]
fn nobody_can_make_a_sign_in_code_and_only_the_console_uses_one_up_ends_sessions_and_counts_wrong_keys() {
    let one = |action: &str| BTreeMap::from([("console".to_owned(), vec![action.to_owned()])]);
    assert_eq!(writers(&keys::sign_in_code(&hash())), one("DeleteItem"));
    assert_eq!(writers(&keys::ended_session("nonce")), one("PutItem"));
    for address in ["192.0.2.1", "2001:db8::1"] {
        let peer = Peer::new(address.parse().unwrap()).to_string();
        assert_eq!(writers(&keys::attempts(&peer, 0)), one("UpdateItem"), "{address}");
    }
}

#[test]
fn ingest_counts_who_uses_a_replaced_token_adds_packs_and_does_nothing_else() {
    let ingest = &roles()["ingest"];
    assert_eq!(writes(ingest, ACTIVITY), ["dynamodb:UpdateItem"].into());
    assert_eq!(writes(ingest, EVENTS), ["dynamodb:PutItem"].into());
    let counted = writers(&keys::other_uses(&uid(), 1));
    assert_eq!(counted["ingest"], ["UpdateItem"]);
    assert_eq!(counted["maintain"], ["DeleteItem"]);
    let reads = |key: &str| {
        READS.iter().any(|action| {
            allows(ingest, &Asked { action, resource: ACTIVITY, leading_key: Some(key), attributes: &[] })
        })
    };
    assert!(reads(&keys::token(&hash(), 0).pk));
    for key in [keys::admin_key(&hash()), keys::issued(&uid(), 1), keys::organisation(&"acme".parse().unwrap())] {
        assert!(!reads(&key.pk), "{key:?}");
    }
    // Neither of these names one item, so no condition on keys would hold it back.
    for action in ["dynamodb:Scan", "dynamodb:PartiQLSelect"] {
        for resource in [ACTIVITY, EVENTS] {
            assert!(!allows(ingest, &Asked { action, resource, leading_key: None, attributes: &[] }), "{action}");
        }
    }
}

#[test]
fn report_and_generate_settings_only_read() {
    let roles = roles();
    for name in ["report", "generate-settings"] {
        for table in [ACTIVITY, EVENTS] {
            assert_eq!(writes(&roles[name], table), BTreeSet::new(), "{name}");
        }
        let others = roles[name].iter().filter(|statement| !statement.resource.contains("Table"));
        let others: BTreeSet<&str> = others.flat_map(|statement| &statement.actions).map(String::as_str).collect();
        let harmless = ["logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue"];
        assert_eq!(others, harmless.into(), "{name}");
    }
}

#[test]
fn what_is_derived_is_written_by_those_who_derive_it() {
    let source =
        telemetry::claude::source::SourceId::new(telemetry::claude::source::SourceKind::Email, "dana@example.com");
    let sighting = keys::Key { pk: keys::sighting_partition(&uid(), keys::shard(source)), sk: source.encoded() };
    assert_eq!(names(&sighting), ["console", "maintain", "merge-users", "project-activity", "rotate-token"]);
}

#[test]
fn nobody_can_write_a_key_that_the_list_of_keys_does_not_know() {
    for pk in ["", "X", "ROOT#1", "token#x", "AbCdEfGhIjK#SUM", "AbCdEfGhIjKlM#SUM", "ORGS2", "PURGES#"] {
        assert_eq!(names(&keys::Key { pk: pk.into(), sk: String::new() }), Vec::<String>::new(), "{pk}");
    }
}

#[test]
fn clear_tokens_are_read_by_those_who_show_them_and_the_root_key_by_those_who_compare_it() {
    let reading = |has: fn(&str) -> bool| -> Vec<String> {
        let roles = roles().into_iter().filter(|(_, statements)| {
            statements.iter().any(|own| {
                own.actions.iter().any(|action| action == "secretsmanager:GetSecretValue") && has(&own.resource)
            })
        });
        roles.map(|(name, _)| name).collect()
    };
    assert_eq!(reading(|resource| resource.contains(":secret:")), ["console", "generate-settings", "rotate-token"]);
    let compare = ["console", "generate-settings", "maintain", "merge-users", "report", "rotate-token"];
    assert_eq!(reading(|resource| resource == "AdminKey.Id"), compare);
}

/// What Lambda itself does with the role of a function, as AWS documents it: it writes to the log group, reads the stream that is an event
/// source, and sends what failed to the queue that is named for it. No function asks for any of it.
#[test]
fn lambda_may_do_with_a_role_what_the_function_is_set_to_and_nothing_else() {
    let template = Template::read();
    for (name, function) in template.functions() {
        let properties = template.properties(&function);
        let mut expected: BTreeSet<(String, Vec<&str>)> = BTreeSet::new();
        let group = properties["LoggingConfig"]["LogGroup"].as_str().unwrap();
        expected.insert((format!("${{{group}.Arn}}:*"), vec!["logs:CreateLogStream", "logs:PutLogEvents"]));
        let mut failed = vec![&properties["EventInvokeConfig"]];
        for source in template.events(&function, "DynamoDB") {
            let stream = source["Stream"].as_str().unwrap();
            let reads = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"];
            expected.insert((stream.to_owned(), reads.to_vec()));
            let table = stream.strip_suffix(".StreamArn").unwrap();
            expected.insert((format!("${{{table}.Arn}}/stream/*"), vec!["dynamodb:ListStreams"]));
            failed.push(source);
        }
        let queues =
            failed.iter().filter_map(|holder| holder["DestinationConfig"]["OnFailure"]["Destination"].as_str());
        expected.extend(queues.map(|queue| (queue.to_owned(), vec!["sqs:SendMessage"])));
        let statements = template.statements(&function);
        let of_lambda = statements.iter().filter(|own| {
            let is_of_a_table = own.resource == ACTIVITY || own.resource == EVENTS;
            !is_of_a_table && own.actions.iter().all(|action| !action.starts_with("secretsmanager:"))
        });
        let of_lambda = of_lambda.map(|own| (own.resource.clone(), own.actions.iter().map(String::as_str).collect()));
        assert_eq!(of_lambda.collect::<BTreeSet<(String, Vec<&str>)>>(), expected, "{name}");
    }
}
