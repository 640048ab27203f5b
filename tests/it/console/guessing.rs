//! Wrong keys: whoever guesses is stopped, and nobody else.

use http::Request;
use model::random::Random;
use model::time::SignedDuration;
use service::auth::attempts::{ALL, DIFFERENT, WINDOW};
use service::auth::one_time;
use service::auth::peer::Peer;
use tools::console::Visitor;
use tools::reply::Reply;
use tools::stack::{ROOT_KEY, START, Stack};

const PAGE: &str = "/orgs/acme/settings/claude-code";

/// Asks the API from `address`.
async fn ask_from(stack: &Stack, address: &str, key: &str) -> Reply {
    let mut request =
        Request::get("/api/orgs").header("authorization", format!("Bearer {key}")).body("".into()).unwrap();
    request.extensions_mut().insert(Peer::new(address.parse().unwrap()));
    stack.request(request, START).await
}

#[tokio::test]
async fn twelve_thousand_guesses_of_one_peer_are_ten_while_another_one_signs_in() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let mut thief = Visitor::of(&stack).at("203.0.113.9");
    let mut inside = thief.clone();
    inside.post("/sign-in", &[("admin_key", ROOT_KEY)]).await;
    let (mut wrong, mut refused) = (0, 0);
    for guess in 0..12_826 {
        let answer = thief.post("/sign-in", &[("admin_key", &format!("guess-number-{guess:030}"))]).await;
        match answer.status {
            401 => wrong += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((wrong, refused), (DIFFERENT, 12_826 - DIFFERENT));
    let counted = stack.items_with("PEER#").await;
    assert_eq!(counted, ["PEER#203.0.113.9"], "one item, which nothing is written to any more");
    let answer = thief.post("/sign-in", &[("admin_key", ROOT_KEY)]).await;
    assert!(answer.status == 429 && answer.text.contains("not even the right one"), "or guessing went on: {answer:?}");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    let mut other = Visitor::of(&stack).at("203.0.113.10");
    assert_eq!(other.post("/sign-in", &[("admin_key", ROOT_KEY)]).await.status, 303);
    assert_eq!(inside.get(PAGE).await.status, 200, "who is signed in goes on, also behind that address");
    assert!(wait <= WINDOW.as_secs() + 1);
    thief.now = START.plus(SignedDuration::from_secs(wait));
    assert_eq!(thief.post("/sign-in", &[("admin_key", ROOT_KEY)]).await.status, 303, "when the time is over");
}

#[tokio::test]
async fn another_process_knows_who_guesses_and_so_does_the_link_of_a_terminal() {
    let stack = Stack::start().await;
    let mut thief = Visitor::of(&stack).at("2001:db8:0:1::1");
    for guess in 0..DIFFERENT {
        // Each at an address of its own, of which whoever has one has a great many, and half of them as codes.
        thief = thief.at(&format!("2001:db8:0:1::{guess:x}")).in_another_process();
        let answer = match guess % 2 {
            0 => thief.post("/sign-in", &[("admin_key", &format!("guess-{guess}"))]).await,
            _ => thief.get(&format!("/sign-in?code=guess-{guess}")).await,
        };
        assert_eq!(answer.status, 401);
    }
    let code = one_time::issue(&stack.store, &Random::draw().unwrap(), START).await.unwrap();
    let link = format!("/sign-in?code={code}");
    thief = thief.in_another_process();
    assert_eq!(thief.post("/sign-in", &[("admin_key", ROOT_KEY)]).await.status, 429);
    assert_eq!(thief.clone().in_another_process().get(&link).await.status, 429);
    let mut neighbour = thief.at("2001:db8:0:2::1");
    assert_eq!(neighbour.get(&link).await.status, 303, "and the link was not used up by who was refused");
}

#[tokio::test]
async fn a_program_that_was_left_behind_with_a_removed_key_locks_nobody_out_at_once() {
    let stack = Stack::start().await;
    for again in 0..ALL {
        assert_eq!(ask_from(&stack, "203.0.113.9", "a-key-that-was-removed").await.status, 401, "{again}");
        if again == DIFFERENT as u64 {
            assert_eq!(ask_from(&stack, "203.0.113.9", ROOT_KEY).await.status, 200, "a neighbour of the program");
        }
    }
    assert_eq!(ask_from(&stack, "203.0.113.9", ROOT_KEY).await.status, 429, "a hundred in five minutes are a burden");
}

#[tokio::test]
async fn guessing_at_the_api_is_stopped_without_a_write_and_says_why() {
    let stack = Stack::start().await;
    let token = stack.enable("acme").await;
    for guess in 0..DIFFERENT - 1 {
        assert_eq!(ask_from(&stack, "203.0.113.9", &format!("guess-{guess}")).await.status, 401);
    }
    let kind = ask_from(&stack, "203.0.113.9", &token).await;
    assert!(kind.status == 401 && kind.text("detail").contains("ingest token"), "{kind:?}");
    let refused = ask_from(&stack, "203.0.113.9", ROOT_KEY).await;
    assert_eq!((refused.status, refused.text("code").as_str()), (429, "too_many_wrong_keys"));
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(ask_from(&stack, "203.0.113.10", ROOT_KEY).await.status, 200);
    assert!(stack.items_with("PEER#").await.is_empty(), "functions that only read write nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_counts_by_the_address_of_the_connection() {
    let service = Stack::start().over_http().tenant("default").await;
    let from =
        |address: &str| reqwest::Client::builder().local_address(Some(address.parse().unwrap())).build().unwrap();
    let (thief, admin) = (from("127.0.0.2"), from("127.0.0.3"));
    let ask = async |client: &reqwest::Client, key: &str| {
        let request = client.get(service.url("/api/orgs")).bearer_auth(key);
        request.send().await.unwrap().status().as_u16()
    };
    for guess in 0..DIFFERENT {
        assert_eq!(ask(&thief, &format!("guess-{guess}")).await, 401);
    }
    assert_eq!((ask(&thief, ROOT_KEY).await, ask(&admin, ROOT_KEY).await), (429, 200));
}
