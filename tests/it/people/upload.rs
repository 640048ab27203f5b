//! Replacing the Git users.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tests::people::Company;

async fn stored(company: &Company) -> Vec<String> {
    let (_, users) = company.office.store.git_users(&company.uid).await.unwrap();
    users.into_iter().map(|user| user.email).collect()
}

pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn all_four_forms_replace_the_set_compressed_or_not() {
    let company = Company::open().await;
    let forms = [
        ("application/json; charset=utf-8", r#"[{"name":"Jane","email":"json@example.com","login":"j"}]"#, "json"),
        ("text/csv", "name,email\nJane,csv@example.com\n", "csv"),
        ("text/plain", "  12\tJane <shortlog@example.com>\n", "shortlog"),
        ("text/plain", "Jane <log@example.com> 2026-01-31T12:00:00Z\n", "log"),
        ("text/x-mailmap", "Jane <mailmap@example.com> <old@example.com>\n", "mailmap"),
    ];
    for (media_type, body, name) in forms {
        let plain = company.upload("", &[("content-type", media_type)], body).await;
        assert_eq!(plain.json(), json!({"received": 1, "stored": 1, "rejected": []}), "{media_type}");
        let headers = [("content-type", media_type), ("content-encoding", "gzip")];
        assert_eq!(company.upload("", &headers, gzip(body)).await.json(), plain.json());
        assert_eq!(stored(&company).await, [format!("{name}@example.com")]);
    }
}

#[tokio::test]
async fn bad_rows_are_named_and_a_set_of_nothing_else_replaces_nobody() {
    let company = Company::open().await;
    let csv = [("content-type", "text/csv")];
    let some = company.upload("", &csv, "name,email\nJane,jane@example.com\nJohn,none\n").await;
    let rejected = json!([{"line": 3, "reason": "the e-mail is not of the form a@b"}]);
    assert_eq!(some.json(), json!({"received": 2, "stored": 1, "rejected": rejected}));
    let none = company.upload("", &csv, "name,email\nJohn,none\n").await;
    assert_eq!((none.status, none.text("code"), none.text("field")), (400, "invalid_field".into(), "body".into()));
    assert_eq!(stored(&company).await, ["jane@example.com"]);
    let nobody = company.upload("", &[("content-type", "application/json")], "[]").await;
    assert_eq!((nobody.status, stored(&company).await.len()), (200, 0), "nobody on purpose");
}

#[tokio::test]
async fn what_is_no_form_no_coding_or_no_text_is_refused() {
    let company = Company::open().await;
    let refused = [
        (vec![("content-type", "text/html")], "unsupported_media_type"),
        (vec![("content-type", "text/csv"), ("content-encoding", "br")], "unsupported_content_encoding"),
        (vec![("content-type", "text/csv"), ("content-encoding", "gzip")], "invalid_field"),
        (vec![("content-type", "application/json")], "invalid_field"),
    ];
    for (headers, code) in refused {
        let reply = company.upload("", &headers, "<p>").await;
        assert_eq!(reply.text("code"), code, "{headers:?}");
    }
    let csv = [("content-type", "text/csv")];
    for query in ["?part=1", "?import=a&part=0&of=2", "?import=a&part=3&of=2", "?import=a%20b&part=1&of=1", "?x=1"] {
        assert_eq!(company.upload(query, &csv, "name,email\n").await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn parts_replace_the_set_when_the_last_is_there_in_any_order() {
    let company = Company::open().await;
    company.authors("Old <old@example.com>\n").await;
    let whole = gzip("name,email\nJane,jane@example.com\nJohn,john@example.com\n");
    let parts: Vec<&[u8]> = whole.chunks(whole.len().div_ceil(3)).collect();
    let headers = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    for (number, missing) in [(3, json!([1, 2])), (1, json!([2])), (1, json!([2]))] {
        let query = format!("?import=all&part={number}&of=3");
        let kept = company.upload(&query, &headers, parts[number - 1].to_vec()).await;
        assert_eq!((kept.status, kept.json()), (202, json!({"import": "all", "missing": missing})));
        assert_eq!(stored(&company).await, ["old@example.com"]);
    }
    let other = company.upload("?import=all&part=2&of=4", &headers, parts[1].to_vec()).await;
    assert_eq!(other.status, 409, "another number of parts");
    let done = company.upload("?import=all&part=2&of=3", &headers, parts[1].to_vec()).await;
    assert_eq!(done.json(), json!({"received": 2, "stored": 2, "rejected": []}));
    assert_eq!(stored(&company).await, ["jane@example.com", "john@example.com"]);
}

#[tokio::test]
async fn a_large_set_stands_in_chunks_and_the_one_before_is_removed() {
    let company = Company::open().await;
    let many = |n: usize| (0..n).map(|i| format!("P{i} <p{i}@example.com>\n")).collect::<String>();
    company.authors(&many(2_500)).await;
    assert_eq!(stored(&company).await.len(), 2_500);
    company.authors(&many(1_001)).await;
    assert_eq!(stored(&company).await.len(), 1_001);
    let partition = shared::store::keys::git_partition(&company.uid);
    let chunks = company.office.store.partition(&partition, shared::store::range::Reading::Latest).await.unwrap();
    assert_eq!(chunks.len(), 2);
}
