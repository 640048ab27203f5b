//! Replacing the Git users.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tools::stack::Stack;
use tools::tenant::Tenant;

async fn stored(tenant: &Tenant) -> Vec<String> {
    let (_, users) = tenant.store.git_users(&tenant.uid).await.unwrap();
    users.into_iter().map(|user| user.email).collect()
}

pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn all_four_forms_replace_the_set_compressed_or_not() {
    let tenant = Stack::start().tenant("acme").await;
    let forms = [
        ("application/json; charset=utf-8", r#"[{"name":"Jane","email":"json@example.com","login":"j"}]"#, "json"),
        ("text/csv", "name,email\nJane,csv@example.com\n", "csv"),
        ("text/plain", "  12\tJane <shortlog@example.com>\n", "shortlog"),
        ("text/plain", "Jane <log@example.com> 2026-01-31T12:00:00Z\n", "log"),
        ("text/x-mailmap", "Jane <mailmap@example.com> <old@example.com>\n", "mailmap"),
    ];
    for (media_type, body, name) in forms {
        let plain = tenant.upload("", &[("content-type", media_type)], body).await;
        assert_eq!(plain.json(), json!({"received": 1, "stored": 1, "rejected": []}), "{media_type}");
        let headers = [("content-type", media_type), ("content-encoding", "gzip")];
        assert_eq!(tenant.upload("", &headers, gzip(body)).await.json(), plain.json());
        assert_eq!(stored(&tenant).await, [format!("{name}@example.com")]);
    }
}

#[tokio::test]
async fn bad_rows_are_named_and_a_set_of_nothing_else_replaces_nobody() {
    let tenant = Stack::start().tenant("acme").await;
    let csv = [("content-type", "text/csv")];
    let some = tenant.upload("", &csv, "name,email\nJane,jane@example.com\nJohn,none\n").await;
    let rejected = json!([{"line": 3, "reason": "the e-mail is not of the form a@b"}]);
    assert_eq!(some.json(), json!({"received": 2, "stored": 1, "rejected": rejected}));
    let none = tenant.upload("", &csv, "name,email\nJohn,none\n").await;
    assert_eq!((none.status, none.text("code"), none.text("field")), (400, "invalid_field".into(), "body".into()));
    assert_eq!(stored(&tenant).await, ["jane@example.com"]);
    let nobody = tenant.upload("", &[("content-type", "application/json")], "[]").await;
    assert_eq!((nobody.status, stored(&tenant).await.len()), (200, 0), "nobody on purpose");
}

#[tokio::test]
async fn what_is_no_form_no_coding_or_no_text_is_refused() {
    let tenant = Stack::start().tenant("acme").await;
    let refused = [
        (vec![("content-type", "text/html")], "unsupported_media_type"),
        (vec![("content-type", "text/csv"), ("content-encoding", "br")], "unsupported_content_encoding"),
        (vec![("content-type", "text/csv"), ("content-encoding", "gzip")], "invalid_field"),
        (vec![("content-type", "application/json")], "invalid_field"),
    ];
    for (headers, code) in refused {
        let reply = tenant.upload("", &headers, "<p>").await;
        assert_eq!(reply.text("code"), code, "{headers:?}");
    }
    let csv = [("content-type", "text/csv")];
    for query in ["?part=1", "?import=a&part=0&of=2", "?import=a&part=3&of=2", "?import=a%20b&part=1&of=1", "?x=1"] {
        assert_eq!(tenant.upload(query, &csv, "name,email\n").await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn parts_replace_the_set_when_the_last_is_there_in_any_order() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.authors("Old <old@example.com>\n").await;
    let whole = gzip("name,email\nJane,jane@example.com\nJohn,john@example.com\n");
    let parts: Vec<&[u8]> = whole.chunks(whole.len().div_ceil(3)).collect();
    let headers = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    for (number, missing) in [(3, json!([1, 2])), (1, json!([2])), (1, json!([2]))] {
        let query = format!("?import=all&part={number}&of=3");
        let kept = tenant.upload(&query, &headers, parts[number - 1].to_vec()).await;
        assert_eq!((kept.status, kept.json()), (202, json!({"import": "all", "missing": missing})));
        assert_eq!(stored(&tenant).await, ["old@example.com"]);
    }
    let other = tenant.upload("?import=all&part=2&of=4", &headers, parts[1].to_vec()).await;
    assert_eq!(other.status, 409, "another number of parts");
    let done = tenant.upload("?import=all&part=2&of=3", &headers, parts[1].to_vec()).await;
    assert_eq!(done.json(), json!({"received": 2, "stored": 2, "rejected": []}));
    assert_eq!(stored(&tenant).await, ["jane@example.com", "john@example.com"]);
}

#[tokio::test]
async fn a_large_set_stands_in_chunks_and_what_was_before_the_one_before_is_removed() {
    let tenant = Stack::start().tenant("acme").await;
    let many = |n: usize| (0..n).map(|i| format!("P{i} <p{i}@example.com>\n")).collect::<String>();
    tenant.authors(&many(2_500)).await;
    assert_eq!(stored(&tenant).await.len(), 2_500);
    tenant.authors(&many(1_001)).await;
    assert_eq!(stored(&tenant).await.len(), 1_001);
    let partition = store::keys::git_partition(&tenant.uid);
    let chunks = tenant.store.partition(&partition, store::range::Reading::Latest).await.unwrap();
    assert_eq!(chunks.len(), 2 + 3);
    tenant.authors("Jane <jane@example.com>\n").await;
    let chunks = tenant.store.partition(&partition, store::range::Reading::Latest).await.unwrap();
    assert_eq!(chunks.len(), 1 + 2);
}

#[tokio::test]
async fn an_empty_file_and_one_endless_line_are_told_of_and_replace_nobody() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.authors("Jane <jane@example.com>\n").await;
    let endless = |before: &str, after: &str| [before, &"x".repeat(50 << 20), after].concat();
    let bodies = [
        ("application/json", String::new()),
        ("text/csv", String::new()),
        ("text/csv", "name,email\n".into()),
        ("text/plain", "\n\n".into()),
        ("text/x-mailmap", "# nobody\n".into()),
        ("application/json", endless("[{\"name\":\"", "\"}]")),
        ("text/csv", endless("name,email\n", "\n")),
        ("text/plain", endless("", "\n")),
    ];
    for (media_type, body) in bodies {
        let size = body.len();
        let refused = tenant.upload("", &[("content-type", media_type)], body).await;
        assert_eq!(
            (refused.status, refused.text("field")),
            (400, "body".into()),
            "{media_type}, {size} bytes: {refused:?}"
        );
        assert!(refused.body.len() < 1_000, "the line itself is not repeated");
        assert_eq!(stored(&tenant).await, ["jane@example.com"], "{media_type}, {size} bytes");
    }
    let between = endless("John <john@example.com>\n", "\nMaria <maria@example.com>\n");
    let taken = tenant.upload("", &[("content-type", "text/plain")], between).await.json();
    assert_eq!(
        (&taken["received"], &taken["stored"], &taken["rejected"][0]["line"]),
        (&json!(3), &json!(2), &json!(2))
    );
    assert_eq!(stored(&tenant).await, ["john@example.com", "maria@example.com"]);
}

#[tokio::test]
async fn rows_of_one_author_are_one_git_user() {
    let tenant = Stack::start().tenant("acme").await;
    let rows = "Jane <jane@example.com>\nJANE <Jane@Example.com>\nJane <jane@example.com> 2026-01-31T12:00:00Z\n";
    let report = tenant.upload("", &[("content-type", "text/plain")], rows).await;
    assert_eq!(report.json(), json!({"received": 3, "stored": 1, "rejected": []}));
}

#[tokio::test]
async fn whoever_reads_while_sets_are_replaced_sees_one_set_whole() {
    let tenant = Stack::start().tenant("acme").await;
    // Sets of two chunks, and each author says which set it is of.
    let set = |n: usize| (0..1_100).map(|i| format!("P{i} <p{i}@{n}.example.com>\n")).collect::<String>();
    tenant.authors(&set(0)).await;
    let replaced = std::cell::Cell::new(false);
    let replace = async {
        for n in 1..6 {
            tenant.authors(&set(n)).await;
        }
        replaced.set(true);
    };
    let read = async {
        let mut sets = std::collections::BTreeSet::new();
        while !replaced.get() {
            let found = stored(&tenant).await;
            let domain = found[0].split_once('@').unwrap().1;
            assert!(found.len() == 1_100 && found.iter().all(|email| email.ends_with(domain)), "{domain}");
            sets.insert(domain.to_owned());
        }
        sets
    };
    let ((), sets) = tokio::join!(replace, read);
    assert!(sets.len() > 1, "nothing was replaced meanwhile");
}

#[tokio::test]
async fn logins_further_addresses_and_private_addresses_of_git_hosts_join_people() {
    let tenant = Stack::start().tenant("acme").await;
    let rows = json!([
        {"name": "Jane Doe", "email": "jane@home.example.net", "login": "qwertlord77"},
        {"name": "John Roe", "email": "john@home.example.net", "emails": ["john@work.example.org"]},
        {"name": "Zed", "email": "12345+zedzedder9@users.noreply.github.com"},
        {"name": "Maria", "email": "678-marialorem5@users.noreply.gitlab.com"},
    ]);
    let users =
        ["qwertlord77@example.com", "john@work.example.org", "zedzedder9@example.com", "marialorem5@example.com"];
    let mut ids = Vec::new();
    for user in users {
        ids.push(tenant.uses(user).await);
    }
    tenant.upload("", &[("content-type", "application/json")], rows.to_string()).await;
    tenant.merge().await;
    let owners = tenant.owners().await;
    for ((user, id), row) in users.iter().zip(&ids).zip(rows.as_array().unwrap()) {
        let author = identity::ids::git_id(row["name"].as_str().unwrap(), row["email"].as_str().unwrap());
        assert_eq!(owners.owner(&author.0), id, "{user}");
    }
}
