//! Money in the currency of the organisation.

use model::time::DAY;
use tools::stack::START;

use super::analytics::with_work;
use super::{admin_of, look, work_at};

/// The amounts on a page that begin with this sign, in their order, without those beside the scale of a chart: those are round numbers.
fn amounts(page: &str, sign: &str) -> Vec<f64> {
    let without_scales =
        page.split("<div class=\"scale\"").map(|part| part.split_once("</div>").map_or(part, |(_, rest)| rest));
    let parts: String = page.split("<div class=\"scale\"").take(1).chain(without_scales.skip(1)).collect();
    let amount = |rest: &str| {
        let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || ".,".contains(*c)).collect();
        number.trim_end_matches(['.', ',']).replace(',', "").parse().ok()
    };
    parts.split(sign).skip(1).filter_map(amount).collect()
}

#[tokio::test]
async fn every_amount_of_every_page_is_in_the_currency_of_the_organisation() {
    let tenant = with_work().await;
    work_at(&tenant, "john@example.com", "claude-opus", START.minus(31 * DAY)).await;
    tenant.project(START).await;
    let mut admin = admin_of(&tenant).await;
    let sessions = look(&mut admin, "sessions").await.text;
    let session = sessions.split("href=\"/orgs/acme/sessions/").nth(1).unwrap().split('"').next().unwrap();
    let person = sessions.split("href=\"/orgs/acme/users/").nth(1).unwrap().split('"').next().unwrap();
    let pages = [
        "analytics",
        "analytics?by=model",
        "analytics/spend?by=user",
        "analytics/outcome",
        "sessions",
        &format!("sessions/{}", session.replace("&amp;", "&")),
        &format!("users/{person}"),
    ];
    let mut in_dollars = Vec::new();
    for page in pages {
        in_dollars.push(amounts(&look(&mut admin, page).await.text, "$"));
    }
    tenant.ask("PUT /api/orgs/acme", r#"{"currency": {"code": "EUR", "per_usd": 0.5}}"#).await;
    for (page, dollars) in pages.iter().zip(in_dollars) {
        let shown = look(&mut admin, page).await.text;
        let euros = amounts(&shown, "EUR\u{a0}");
        assert!(!dollars.is_empty() && dollars.len() == euros.len(), "{page}: {dollars:?} {euros:?}");
        for (dollars, euros) in dollars.iter().zip(&euros) {
            assert!((dollars * 0.5 - euros).abs() < 0.011, "{page}: {dollars} dollars are {euros} euros");
        }
        assert!(!shown.contains('$'), "{page}: {shown}");
    }
}

#[tokio::test]
async fn money_is_shown_in_the_currency_of_the_organisation_and_files_stay_in_dollars() {
    let tenant = with_work().await;
    let own = r#"{"currency": {"code": "EUR", "per_usd": 0.5}}"#;
    let told = tenant.ask("PUT /api/orgs/acme", own).await.json();
    assert_eq!(told["currency"], serde_json::json!({"code": "EUR", "per_usd": 0.5}));
    let mut admin = admin_of(&tenant).await;
    let numbers = look(&mut admin, "analytics").await.text;
    for part in ["EUR\u{a0}1.88", "<small>EUR, estimate</small>", "EUR\u{a0}1.25", "0.5 for a US dollar"] {
        assert!(numbers.contains(part), "{part}: {numbers}");
    }
    let table = look(&mut admin, "analytics.csv?by=model").await.text;
    assert!(table.starts_with("Model,\"Cost (US$, estimate)\"") && table.contains("1.25"), "{table}");
    let refused = tenant.ask("PUT /api/orgs/acme", r#"{"currency": {"code": "USD", "per_usd": 0.5}}"#).await;
    assert!(refused.status == 400 && refused.json().to_string().contains("currency"), "{}", refused.json());
}
