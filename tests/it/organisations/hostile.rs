//! Whatever is asked is answered, and a refusal has the form of the API that was asked: a problem document, for the usage report the
//! error of Anthropic's own API, whose clients ask for it, and for the check of a token the `Status` that an export would get.

use api::endpoint;
use proptest::prelude::*;
use service::ingest::check;
use tools::stack::{ROOT_KEY, START, Stack};

fn path() -> impl Strategy<Value = String> {
    let known = endpoint::all().map(|endpoint| endpoint.path).collect::<Vec<_>>();
    let part = prop_oneof!["acme", "[a-z0-9%./-]{0,70}", "managed\\.json", "%[0-9a-fA-F]{2}", "-"];
    let query = prop_oneof![Just(String::new()), "\\?[a-z_]{1,12}=[a-zA-Z0-9%&=+,@.-]{0,40}"];
    (proptest::sample::select(known), part, query).prop_map(|(path, part, query)| {
        let filled = path.replace("{org}", &part).replace("{id}", &part).replace("{variant}", &part);
        format!("{filled}{query}")
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        "\\{\"(name|timezone|retention_days|overlap_seconds|store_content)\":(-?[0-9]{1,20}|\"[^\"]{0,9}\"|true|null|\\[\\])\\}"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_request_is_answered(
        method in proptest::sample::select(vec!["GET", "PUT", "POST", "DELETE", "PATCH"]),
        path in path(),
        body in body(),
        key in prop_oneof![Just(ROOT_KEY.to_owned()), "[ -~]{0,60}"],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stack = Stack::start().await;
            stack.enable("acme").await;
            let request = http::Request::builder().method(method).uri(&path).header("authorization", format!("Bearer {key}"));
            // What is no request at all never gets here.
            let Ok(request) = request.body(body.into()) else { return };
            let reply = stack.request(request, START).await;
            assert!(reply.status < 500, "{method} {path} {reply:?}");
            if reply.status >= 400 && path.starts_with("/v1/organizations/") {
                let error = &reply.json()["error"];
                assert_eq!(reply.json()["type"], "error");
                assert!(!error["type"].as_str().unwrap().is_empty() && !error["message"].as_str().unwrap().is_empty());
            } else if reply.status >= 400 && path.split('?').next() == Some(check::PATH) {
                assert!(!reply.text("message").is_empty());
            } else if reply.status >= 400 {
                assert_eq!(reply.headers["content-type"], "application/problem+json");
                assert_eq!(reply.json()["status"], reply.status);
                assert!(!reply.text("code").is_empty() && !reply.text("detail").is_empty());
            }
            assert!(!reply.headers.contains_key("set-cookie"));
        });
    }
}
