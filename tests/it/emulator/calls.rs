//! Every call of the description of the API has a route, and the route leads to the function that serves the call.

use tools::emulator::Emulated;

/// What a function answers to a path that nobody serves, and to one that another function does.
const NOT_ITS_OWN: [&str; 2] = ["no such path", "does not serve the path"];

pub(super) async fn all_lead_to_the_function_that_serves_them(service: &Emulated) {
    let description = service.send("GET /openapi.json", &[], "").await.json();
    let mut tried = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            // Of an organisation that is not enabled nothing is told, whoever is asked.
            if service.ask("PUT /api/orgs/calls", "{}").await.status == 201 {
                assert_eq!(service.ask("POST /api/orgs/calls/token/rotate", "{}").await.status, 200);
            }
            let target = target(path);
            let answer = service.ask(&format!("{} {target}", method.to_uppercase()), "{}").await;
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            let is_served = !NOT_ITS_OWN.iter().any(|word| said.contains(word));
            let is_well = is_served && answer.status < 500 && answer.status != 405;
            assert!(is_well, "{method} {target} is answered {}: {said}", answer.status);
            tried += 1;
        }
    }
    assert_eq!(tried, api::endpoint::all().count());
    let nothing = service.ask("GET /api/orgs/calls/nothing", "").await;
    assert!(nothing.status == 404 && String::from_utf8_lossy(&nothing.body).contains(NOT_ITS_OWN[0]), "{nothing:?}");
}

/// An address that the path stands for.
fn target(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{org}" => "calls",
        "{variant}" => "shell.sh",
        other if other.starts_with('{') => "none",
        other => other,
    });
    segments.collect::<Vec<_>>().join("/")
}
