//! Every call of the API as an organisation, or somebody who pretends to be one, can make it.

use api::call::{MaintenanceCall, Operation, OrganisationCall, PeopleCall, ReportCall, SettingsCall};
use api::endpoint;
use serde_json::{Value, json};

use super::{NAMES, Own};
use crate::hostile::Numbers;

/// A call: method and target, and a body.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it is to do.
    pub operation: Operation,
    /// Method and target.
    pub call: String,
    /// Its body, or null.
    pub body: Value,
}

/// Makes the call number `number` for the organisation at `at`, with ids and cursors drawn from those of both.
///
/// The match has no arm for whatever else there may be: a new operation without a case here does not compile.
#[must_use]
pub fn make(number: usize, at: usize, own: &[Own; 2], numbers: &mut Numbers) -> Made {
    let all: Vec<_> = endpoint::all().collect();
    let endpoint = all[number % all.len()];
    let side = numbers.below(2);
    let kind =
        ["admin-keys", "merges/", "suggestions", "rejections"].into_iter().find(|list| endpoint.path.contains(list));
    let ids = &own[side].ids[kind.unwrap_or("users").trim_end_matches('/')];
    let drawn = numbers.below(ids.len());
    let (id, next) = (ids[drawn].clone(), ids[(drawn + 1) % ids.len()].clone());
    let cursor = own[side].cursors[numbers.below(own[side].cursors.len())].clone();
    let email = format!("ann@{}.example.com", NAMES[side]);
    let person = if numbers.below(2) == 0 && kind.is_none() { email.clone() } else { id.clone() };
    let list =
        [String::new(), format!("?cursor={cursor}"), format!("?limit=1&cursor={cursor}")][numbers.below(3)].clone();
    let (query, body) = match endpoint.operation {
        Operation::Organisations(OrganisationCall::PutOrganisation) => {
            (String::new(), json!({"retention_days": 30 + numbers.below(60)}))
        }
        Operation::Organisations(OrganisationCall::DeleteOrganisation) => {
            (["", "?purge=true"][numbers.below(2)].into(), Value::Null)
        }
        Operation::Organisations(OrganisationCall::RotateToken) => {
            (String::new(), json!({"overlap_seconds": numbers.below(100)}))
        }
        Operation::Organisations(OrganisationCall::CreateAdminKey) => {
            (String::new(), json!({"name": format!("another of {}", NAMES[at])}))
        }
        Operation::Organisations(OrganisationCall::ListOrganisations)
        | Operation::Organisations(OrganisationCall::ListAdminKeys)
        | Operation::People(PeopleCall::ListMerges)
        | Operation::People(PeopleCall::ListSuggestions)
        | Operation::People(PeopleCall::ListRejections) => (list, Value::Null),
        Operation::Report(ReportCall::ListUsers) => (format!("?include=git{}", list.replace('?', "&")), Value::Null),
        Operation::People(PeopleCall::PutGitUsers) => {
            (String::new(), json!([{"name": "Ann", "email": format!("ann@{}.example.com", NAMES[at])}]))
        }
        Operation::People(PeopleCall::CreateMerge) => (String::new(), json!({"primary": email, "others": [next]})),
        Operation::People(PeopleCall::AcceptSuggestion) => {
            (String::new(), [Value::Null, json!({"candidate": id.clone()})][numbers.below(2)].clone())
        }
        Operation::People(PeopleCall::LinkUser) => (String::new(), json!({"email": email})),
        Operation::Report(ReportCall::GetSpend) => (format!("?by=user&user={person}"), Value::Null),
        Operation::Report(ReportCall::GetActivity) => (format!("?group_by=user,model&user={person}"), Value::Null),
        Operation::Report(ReportCall::GetAdoption) => (format!("?group_by=team&user={person}"), Value::Null),
        Operation::Report(ReportCall::ListAdoptionPeople) => {
            ([format!("?user={person}"), list][numbers.below(2)].clone(), Value::Null)
        }
        Operation::Report(ReportCall::ListEvents) => {
            ([format!("?user={person}"), list][numbers.below(2)].clone(), Value::Null)
        }
        Operation::Report(ReportCall::ListSessions) => {
            ([format!("?session=ann-{}", NAMES[side]), list][numbers.below(2)].clone(), Value::Null)
        }
        Operation::Report(ReportCall::GetSession) => {
            ([String::new(), format!("?user={person}")][numbers.below(2)].clone(), Value::Null)
        }
        Operation::Report(ReportCall::GetUsageReport) => {
            let today = model::time::Timestamp::now().to_string();
            (format!("?starting_at={}", &today[..10]), Value::Null)
        }
        Operation::Maintenance(MaintenanceCall::RemoveActivity) => {
            ([String::new(), "?token_generation=1&confirm=true".into()][numbers.below(2)].clone(), Value::Null)
        }
        Operation::CheckToken
        | Operation::Organisations(OrganisationCall::GetOrganisation)
        | Operation::Organisations(OrganisationCall::RevokePreviousToken)
        | Operation::Organisations(OrganisationCall::RevokeTokens)
        | Operation::Organisations(OrganisationCall::GetToken)
        | Operation::Organisations(OrganisationCall::DeleteAdminKey)
        | Operation::People(PeopleCall::RestoreGitUsers)
        | Operation::People(PeopleCall::RunMerge)
        | Operation::People(PeopleCall::GetMergeRun)
        | Operation::People(PeopleCall::UndoMerge)
        | Operation::People(PeopleCall::RejectSuggestion)
        | Operation::People(PeopleCall::UndoRejection)
        | Operation::Maintenance(MaintenanceCall::RequestRebuild)
        | Operation::Maintenance(MaintenanceCall::GetRebuild)
        | Operation::Maintenance(MaintenanceCall::GetRemoval)
        | Operation::Report(ReportCall::GetStatus)
        | Operation::Report(ReportCall::GetUser)
        | Operation::Maintenance(MaintenanceCall::DeleteUser | MaintenanceCall::GetErasure)
        | Operation::Settings(SettingsCall::GetSettings)
        | Operation::Settings(SettingsCall::GetOpenApi) => (String::new(), Value::Null),
    };
    let path = endpoint.path.replace("{org}", NAMES[at]).replace("{variant}", "managed.json");
    let path = path
        .replace("users/{id}", &format!("users/{person}"))
        .replace("sessions/{id}", &format!("sessions/ann-{}", NAMES[side]))
        .replace("{id}", &id)
        .replace("{run}", &id)
        .replace("{removal}", &id);
    Made { operation: endpoint.operation, call: format!("{} {path}{query}", endpoint.method), body }
}
