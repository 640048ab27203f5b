//! What the role of the process lacks: AWS names the action, and only in the message of the refusal.

/// The code of such a refusal, of every service.
pub(crate) const CODE: &str = "AccessDeniedException";

/// What stands in front of the action: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.
const BEFORE: &str = "not authorized to perform: ";

/// Writes the action into the log, where an alarm waits for it, and nothing else of the message: it names items and people.
pub(crate) fn log(message: Option<&str>) {
    let denied_action = message.and_then(action).unwrap_or("unknown:unknown");
    tracing::error!(denied_action, "the role of this process lacks an action; a policy has to be put right");
}

/// The action that a refusal names.
fn action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(BEFORE)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '-').unwrap_or(rest.len());
    Some(&rest[..end]).filter(|action| action.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_told_and_nothing_else_of_the_message() {
        let message = "User: arn:aws:sts::123456789012:assumed-role/tele-IngestRole-1/tele-Ingest-1 is not authorized to perform: \
            dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/tele-Events-1 because no \
            identity-based policy allows the dynamodb:PutItem action";
        assert_eq!(action(message), Some("dynamodb:PutItem"));
        assert_eq!(
            action("is not authorized to perform: secretsmanager:GetSecretValue"),
            Some("secretsmanager:GetSecretValue")
        );
        for message in
            ["", "access denied", "not authorized to perform: dana@example.com", "not authorized to perform: "]
        {
            assert_eq!(action(message), None, "{message}");
        }
    }
}
