//! Exports whose token is nobody's.

use super::*;
use model::time::SignedDuration;
use model::token::{PlainToken, TokenKind};

async fn refused(tenant: &Tenant, authorization: &str, at: Timestamp) {
    let mut request = http::Request::post("/v1/logs").header("content-type", "application/json");
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    assert_eq!(tenant.request(request.body("{}".into()).unwrap(), at).await.status, 401);
}

#[tokio::test]
async fn they_are_counted_by_reason_for_whoever_may_know_of_all_organisations() {
    let mut tenant = Stack::start().tenant("acme").await;
    tenant.stack.handlers.ingest = tenant.handlers.ingest.clone().counting_strangers();
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    let severity = async |now: Timestamp| {
        let findings = tenant.get("/status", now).await["findings"].clone();
        findings
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["code"] == "unknown_token_refused")
            .map(|f| f["severity"].clone())
    };
    refused(&tenant, "", START).await;
    assert_eq!(severity(START).await, Some(json!("info")), "anybody on the internet tries an address");
    let unknown = PlainToken::generate(TokenKind::Ingest).unwrap();
    let admin = PlainToken::generate(TokenKind::Admin).unwrap();
    for minute in 1..=3 {
        let at = START.plus(SignedDuration::from_mins(minute));
        refused(&tenant, "Bearer cct_cut", at).await;
        refused(&tenant, &format!("Bearer {}", unknown.expose()), at).await;
    }
    refused(&tenant, &format!("Bearer {}", admin.expose()), START.plus(HOUR)).await;
    let now = START.plus(2 * HOUR);
    assert_eq!(severity(now).await, Some(json!("warning")));
    let told = message(&tenant, "unknown_token_refused", now).await;
    for part in [
        "1 without any token (last on 22 Nov 2026, 06:13 (UTC))",
        "3 with a token that is cut or mistyped",
        "1 with an admin key in its place (last on 22 Nov 2026, 07:13 (UTC))",
        "3 with a token that is not known here (last on 22 Nov 2026, 06:16 (UTC))",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // They may be of any organisation: nobody of one is told.
    let key = tenant.ask("POST admin-keys", r#"{"name": "acme"}"#).await.text("admin_key");
    let own = tenant.ask_as(&key, "GET status", "", now).await.json();
    assert_eq!(own["findings"], json!([]));
    assert_eq!(severity(START.plus(9 * DAY)).await, None, "long ago");
}

#[tokio::test]
async fn a_flood_of_them_is_one_write_a_minute_and_reason() {
    let meter = tools::meter::Meter::default();
    let mut tenant = Stack::start().through(|inner| meter.before(inner)).tenant("acme").await;
    tenant.stack.handlers.ingest = tenant.handlers.ingest.clone().counting_strangers();
    let _ = meter.take();
    let minute = Timestamp(START.0 / 60_000 * 60_000);
    for at in 0..300 {
        refused(&tenant, "Bearer cct_cut", minute.plus(SignedDuration::from_millis(at))).await;
        refused(&tenant, "", minute.plus(SignedDuration::from_millis(at))).await;
    }
    let units = meter.take();
    assert_eq!((units.reads, units.writes), (0, 2));
}
