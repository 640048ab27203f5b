use super::*;

#[test]
fn every_page_is_found_at_its_own_path() {
    for route in ROUTES {
        let path = route.path.replace(['{', '}'], "");
        assert_eq!(find(&route.method, &path).unwrap().0.target, route.target);
    }
}

#[test]
fn no_page_stands_in_the_list_twice() {
    let mut seen = std::collections::HashSet::new();
    for route in ROUTES {
        assert!(seen.insert(format!("{:?}", route.target)), "{route:?}");
        assert!(seen.insert(format!("{} {}", route.method, route.path)), "{route:?}");
    }
}

#[test]
fn the_way_back_leads_to_our_own_pages_alone() {
    for ours in ["/", "/orgs", "/orgs/acme/users?q=x&page=2"] {
        assert_eq!(local(ours), Some(ours));
    }
    for other in [
        "",
        "//evil.example.com",
        "https://evil.example.com/orgs",
        "/\\evil.example.com",
        "/orgs/acme/users?q=a b",
        "javascript:alert(1)",
        "/sign-in?code=x",
        "/sign-out",
        "/api/orgs",
        "/orgs/acme/users\r\nx: y",
        "/orgs?\\x",
    ] {
        assert_eq!(local(other), None, "{other}");
    }
}
