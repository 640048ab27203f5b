//! Who has begun, stayed and left, and how far settings and versions have got.

use super::*;

use model::time::from_days;

/// The range that is asked about: thirty days, with thirty before and thirty before those.
const RANGE: (Timestamp, Timestamp) = (START.plus(from_days(60)), START.plus(from_days(90)));

/// The part of a call that says the range.
fn range() -> String {
    format!("from={}&to={}", RANGE.0, RANGE.1)
}

/// What somebody does on a day after the beginning, and arrives then.
async fn works(tenant: &Tenant, name: &str, day: i64, team: &str, version: &str) {
    let at = START.plus(from_days(day));
    let attributes = json!({"user.email": format!("{name}@example.com"), "session.id": format!("{name}-{day}")});
    let resource = json!({"team": team, "service.version": version});
    tenant.send(&logs(resource, &[event("user_prompt", at.0, attributes)]), at).await;
}

/// A company: who stayed, who began, who came back, who left, and who went to another team.
async fn company() -> Tenant {
    let mut tenant = Stack::start().tenant("acme").await;
    for (name, day, team) in
        [("kim", 5, "core"), ("jane", 40, "core"), ("mary", 41, "core"), ("dana", 42, "core"), ("left", 6, "web")]
    {
        works(&tenant, name, day, team, "2.1.300").await;
    }
    let old = tenant.token.clone();
    tenant.token = tenant.rotate("acme", 29 * 86_400, START.plus(61 * DAY)).await;
    for (name, day, team, version) in [
        ("jane", 62, "core", "2.1.330"),
        ("dana", 63, "web", "2.1.330"),
        ("kim", 70, "core", "2.1.329"),
        ("john", 71, "web", "2.1.330"),
    ] {
        works(&tenant, name, day, team, version).await;
    }
    let new = std::mem::replace(&mut tenant.token, old);
    works(&tenant, "zoe", 72, "web", "2.1.330").await;
    tenant.token = new;
    let ci = json!({"user.id": "run", "session.id": "ci", "terminal.type": "dumb"});
    let at = START.plus(73 * DAY);
    tenant.send(&logs(json!({"team": "web", "ci": "true"}), &[event("user_prompt", at.0, ci)]), at).await;
    tenant.project(at).await;
    tenant
}

fn of(figures: &Value, names: [&str; 5]) -> Vec<i64> {
    names.iter().map(|name| figures[*name].as_i64().unwrap_or_else(|| panic!("{name}: {figures}"))).collect()
}

const BECAME: [&str; 5] = ["active", "new", "retained", "returned", "lapsed"];

#[tokio::test]
async fn people_are_new_retained_returned_or_lapsed_and_automation_is_nobody() {
    let tenant = company().await;
    let answer = tenant.get(&format!("/adoption?{}&group_by=team", range()), RANGE.1).await;
    assert_eq!(of(&answer["total"], BECAME), [5, 2, 2, 1, 1], "{answer}");
    let rows = answer["items"].as_array().unwrap();
    let [core, web] = &rows[..] else { panic!("{answer}") };
    // Whoever changed the team stayed, and has left none.
    assert_eq!((&core["team"], of(core, BECAME)), (&json!("core"), vec![2, 0, 1, 1, 1]));
    assert_eq!((&web["team"], of(web, BECAME)), (&json!("web"), vec![3, 2, 1, 0, 0]));
    assert_eq!(answer["data_since"], START.plus(5 * DAY).to_string());
    for figures in [core, web, &answer["total"]] {
        assert!(figures["seats"].is_null() && figures["committers"].is_null(), "nobody says them: {figures}");
    }
    let empty = tenant.get("/adoption?from=2026-01-01&to=2026-01-31", RANGE.1).await;
    assert_eq!((of(&empty["total"], BECAME), &empty["items"]), (vec![0; 5], &json!([])));
}

#[tokio::test]
async fn what_is_counted_is_what_activity_counts_with_filters_too() {
    let tenant = company().await;
    for filter in ["", "&team=web", "&version=2.1.330,2.1.329", "&user=jane@example.com", "&team=none"] {
        let adoption = tenant.get(&format!("/adoption?{}{filter}", range()), RANGE.1).await;
        let activity = tenant.get(&format!("/activity?{}&compare=previous{filter}", range()), RANGE.1).await;
        let (now, before) = (&activity["total"]["active_users"], &activity["total"]["previous"]["active_users"]);
        assert_eq!(&adoption["total"]["active"], now, "{filter}");
        let [active, new, retained, returned, lapsed] = of(&adoption["total"], BECAME)[..] else { panic!() };
        assert_eq!((active, json!(retained + lapsed)), (new + retained + returned, before.clone()), "{filter}");
    }
}

#[tokio::test]
async fn weeks_follow_each_other_and_say_whether_they_are_whole() {
    let tenant = company().await;
    let answer = tenant.get(&format!("/adoption?{}", range()), RANGE.1).await;
    let weeks = answer["weeks"].as_array().unwrap();
    // From a Thursday to a Saturday: the first and the last are parts of weeks.
    let named: Vec<&str> = weeks.iter().map(|week| week["week"].as_str().unwrap()).collect();
    assert_eq!(named, ["2027-01-18", "2027-01-25", "2027-02-01", "2027-02-08", "2027-02-15"]);
    let numbers = |name: &str| weeks.iter().map(|week| week[name].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!((numbers("active"), numbers("new")), (vec![2, 1, 2, 0, 0], vec![0, 0, 2, 0, 0]), "{answer}");
    let whole: Vec<bool> = weeks.iter().map(|week| week["complete"].as_bool().unwrap()).collect();
    assert_eq!(whole, [false, true, true, true, false]);
    let by_week = tenant.get(&format!("/activity?{}&group_by=week", range()), RANGE.1).await;
    for row in by_week["items"].as_array().unwrap() {
        let week = weeks.iter().find(|week| week["week"] == row["week"]).unwrap();
        assert_eq!(week["active"], row["active_users"], "{row}");
    }
}

#[tokio::test]
async fn a_roll_out_is_counted_among_the_active_and_users_tells_who_is_missing() {
    let tenant = company().await;
    let answer = tenant.get(&format!("/adoption?{}&group_by=team", range()), RANGE.1).await;
    assert_eq!(answer["total"]["rollout"], json!({"generation": 2, "on_it": 4, "of": 5}), "{answer}");
    assert_eq!(answer["items"][0]["rollout"], json!({"generation": 2, "on_it": 2, "of": 2}));
    assert_eq!(answer["total"]["newest_version"], json!({"on_it": 4, "of": 5}));
    let versions = &answer["versions"];
    assert_eq!((&versions["newest"], &versions["others"]), (&json!("2.1.330"), &json!(0)));
    let people = json!([{"version": "2.1.330", "people": 4}, {"version": "2.1.329", "people": 1}]);
    assert_eq!(versions["items"], people);
    let missing = async |query: &str| {
        let answer = tenant.get(&format!("/users?{query}"), RANGE.1).await;
        let email = |user: &Value| user["email"].as_str().unwrap_or_default().to_owned();
        let mut found: Vec<String> = answer["items"].as_array().unwrap().iter().map(email).collect();
        found.sort_unstable();
        found
    };
    let since = format!("active_since={}", RANGE.0);
    assert_eq!(missing(&format!("settings=older&{since}")).await, ["zoe@example.com"]);
    assert_eq!(missing(&format!("version=older&{since}&include=git")).await, ["kim@example.com"]);
    // Without a time those are named, too, of whom nothing has come for long.
    assert_eq!(missing("settings=older").await, ["left@example.com", "mary@example.com", "zoe@example.com"]);
    let jane = tenant.get("/users/jane@example.com", RANGE.1).await;
    assert_eq!((&jane["version"], &jane["settings_generation"]), (&json!("2.1.330"), &json!(2)));
    for bad in ["settings=newest", "version=2.1.330", "active_since=yesterday"] {
        let refused = tenant.ask(&format!("GET users?{bad}"), "").await;
        assert_eq!((refused.status, refused.text("code")), (400, "invalid_field".into()), "{bad}: {refused:?}");
    }
}

#[tokio::test]
async fn whoever_is_counted_is_listed_with_the_same_days_and_filters() {
    let tenant = company().await;
    let people = async |query: &str| {
        let answer = tenant.get(&format!("/adoption/people?{}&{query}", range()), RANGE.1).await;
        answer["items"].as_array().unwrap().clone()
    };
    let names = |people: &[Value]| {
        let name = |person: &Value| person["user"]["email"].as_str().unwrap().split('@').next().unwrap().to_owned();
        people.iter().map(name).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    for (who, listed) in [
        ("new", vec!["john", "zoe"]),
        ("retained", vec!["dana", "jane"]),
        ("returned", vec!["kim"]),
        ("lapsed", vec!["mary"]),
        ("older-settings", vec!["zoe"]),
        ("older-version", vec!["kim"]),
    ] {
        assert_eq!(names(&people(&format!("who={who}")).await), listed, "{who}");
    }
    let everybody = people("").await;
    assert_eq!((everybody.len(), &everybody[0]["state"]), (6, &json!("lapsed")), "who lapsed comes first");
    let kim = everybody.iter().find(|person| person["user"]["email"] == "kim@example.com").unwrap();
    let said = ["settings_generation", "latest_settings", "version", "newest_version", "last_seen"];
    let day = START.plus(70 * DAY).to_string();
    assert_eq!(said.map(|name| kim[name].clone()), [json!(2), json!(true), json!("2.1.329"), json!(false), json!(day)]);
    // A filter looks at what is left: whoever went to another team is gone from this one.
    assert_eq!(names(&people("team=core&who=lapsed").await), ["dana", "mary"]);
    assert_eq!(names(&people("team=web&who=new").await), ["john", "zoe"]);
    assert!(people("team=web&who=lapsed").await.is_empty());
    // The figures count exactly those.
    for filter in ["", "team=web", "team=core", "version=2.1.330"] {
        let total = tenant.get(&format!("/adoption?{}&{filter}", range()), RANGE.1).await["total"].clone();
        for who in ["new", "retained", "returned", "lapsed"] {
            assert_eq!(json!(people(&format!("{filter}&who={who}")).await.len()), total[who], "{filter} {who}");
        }
        let missing =
            |rollout: &str| total[rollout]["of"].as_u64().unwrap() - total[rollout]["on_it"].as_u64().unwrap();
        assert_eq!(people(&format!("{filter}&who=older-settings")).await.len() as u64, missing("rollout"), "{filter}");
        assert_eq!(people(&format!("{filter}&who=older-version")).await.len() as u64, missing("newest_version"));
    }
}

#[tokio::test]
async fn the_list_of_people_has_pages_and_no_questions_that_make_no_sense() {
    let tenant = company().await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = tenant.get(&format!("/adoption/people?{}&limit=4{cursor}", range()), RANGE.1).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 4);
        found.extend(items.iter().map(|person| person["user"]["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let distinct: std::collections::BTreeSet<&String> = found.iter().collect();
    assert_eq!((found.len(), distinct.len()), (6, 6));
    for bad in ["who=", "who=gone", "group_by=team", "limit=0", "cursor=x"] {
        assert_eq!(tenant.ask(&format!("GET adoption/people?{bad}"), "").await.status, 400, "{bad}");
    }
    assert_eq!(tenant.ask("GET adoption/people?user=nobody@example.com", "").await.status, 404);
}

#[tokio::test]
async fn committers_are_people_of_git_with_claude_and_without() {
    let tenant = company().await;
    let authors = "Jane Doe <jane@example.com>\nJane Doe <private@example.net>\nMary Major <mary@example.com>\n\
                   Zed Zedder <zed@example.org>\ndependabot[bot] <support@github.com>\n";
    tenant.authors(authors).await;
    tenant.merge().await;
    let answer = tenant.get(&format!("/adoption?{}&group_by=team", range()), RANGE.1).await;
    let total = &answer["total"];
    let known = ["committers", "committers_with_claude", "committers_active"].map(|name| total[name].clone());
    assert_eq!(known, [json!(3), json!(2), json!(1)], "{total}");
    let core = &answer["items"][0];
    assert_eq!((&core["committers"], &core["committers_active"]), (&Value::Null, &json!(1)), "Git knows no teams");
    let web = tenant.get(&format!("/adoption?{}&team=web", range()), RANGE.1).await;
    assert_eq!(web["total"]["committers"], Value::Null);
    // Of those who were at work, Git knows Jane alone.
    let hers = tenant.get(&format!("/activity?{}&group_by=week&user=jane@example.com", range()), RANGE.1).await;
    let hers: Vec<&Value> = hers["items"].as_array().unwrap().iter().map(|row| &row["week"]).collect();
    assert!(!hers.is_empty());
    for week in answer["weeks"].as_array().unwrap() {
        assert_eq!(week["committers_active"], json!(u8::from(hers.contains(&&week["week"]))), "{week}");
    }
}

#[tokio::test]
async fn lines_of_adoption_have_pages_and_no_questions_that_make_no_sense() {
    let tenant = company().await;
    let first = tenant.get(&format!("/adoption?{}&group_by=team&limit=1", range()), RANGE.1).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = tenant.get(&format!("/adoption?{}&group_by=team&limit=1&cursor={cursor}", range()), RANGE.1).await;
    let teams = [&first, &second].map(|answer| answer["items"][0]["team"].clone());
    assert_eq!((teams, &second["next_cursor"]), ([json!("core"), json!("web")], &Value::Null));
    assert_eq!(first["total"], second["total"]);
    for bad in ["group_by=user", "group_by=team,week", "group_by=month", "group_by=seat", "compare=previous", "from=x"]
    {
        assert_eq!(tenant.ask(&format!("GET adoption?{bad}"), "").await.status, 400, "{bad}");
    }
    assert_eq!(tenant.ask("GET adoption?user=nobody@example.com", "").await.status, 404);
}
