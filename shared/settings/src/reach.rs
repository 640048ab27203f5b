//! Settings that are right and cannot work for others, because of the address in them.

use model::base_url::{BaseUrl, Reach};

/// What is wrong with deploying settings with this address to other machines, for an admin; `None` if nothing is known to be.
#[must_use]
pub fn warning(base_url: &BaseUrl) -> Option<&'static str> {
    match base_url.reach() {
        Reach::Others => None,
        Reach::ThisMachine => Some(
            "Only this machine can reach the address in these settings. For other machines, start the service with --public-url \
             (PUBLIC_URL) and the address at which they reach it.",
        ),
        Reach::Nobody => Some(
            "No machine can reach the address in these settings: it stands for every address of this machine. Start the service with \
             --public-url (PUBLIC_URL) and the address at which others reach it.",
        ),
        Reach::InClear => Some(
            "These settings send telemetry and the ingest token over plain http, so everybody on the way can read them. Put a proxy with \
             TLS in front of the service and start it with --public-url (PUBLIC_URL) and its https:// address.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_serve_others_is_named_as_such() {
        for (address, said) in [
            ("http://127.0.0.1:4318", Some("Only this machine")),
            ("http://0.0.0.0:4318", Some("No machine")),
            ("http://telemetry.example.com", Some("plain http")),
            ("https://telemetry.example.com", None),
        ] {
            let warned = warning(&address.parse().unwrap());
            assert_eq!(warned.is_some(), said.is_some(), "{address}");
            assert!(warned.unwrap_or_default().contains(said.unwrap_or_default()), "{address}: {warned:?}");
        }
    }
}
