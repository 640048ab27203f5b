//! Which certificate authorities the clients of AWS believe.
//!
//! Reading and parsing the hundred and fifty roots of the system is more than half of a cold start, so by default only those are
//! loaded that Amazon says certificates of AWS's endpoints may lead to: <https://www.amazontrust.com/repository/>.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::environment::{BadVariable, Environment};

/// Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority G2. They expire between 2037 and 2040.
const AMAZON: &[u8] = include_bytes!("amazon-roots.pem");

/// A client for HTTPS that believes what `TRUST_ROOTS` says: `amazon` (also if it is not set), `system` for the roots that the
/// operating system has, or the path of a file of certificates in PEM.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn https_client(environment: &Environment<'_>) -> Result<SharedHttpClient, BadVariable> {
    let store = match environment.optional("TRUST_ROOTS").as_deref() {
        None | Some("amazon") => TrustStore::empty().with_pem_certificate(AMAZON),
        Some("system") => TrustStore::default(),
        Some(path) => TrustStore::empty().with_pem_certificate(read(path)?),
    };
    let context = TlsContext::builder().with_trust_store(store).build();
    let context = context.map_err(|error| wrong(&error.to_string()))?;
    Ok(Builder::new().tls_provider(Provider::rustls(CryptoMode::Ring)).tls_context(context).build_https())
}

/// A file without certificates would only be noticed when the first connection is opened, which would then panic.
fn read(path: &str) -> Result<Vec<u8>, BadVariable> {
    let bytes = std::fs::read(path).map_err(|error| wrong(&format!("{path:?} cannot be read ({error})")))?;
    if String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") {
        Ok(bytes)
    } else {
        Err(wrong(&format!("{path:?} holds no certificate in PEM")))
    }
}

fn wrong(reason: &str) -> BadVariable {
    let reason = format!("{reason}; it has to be amazon, system, or the path of a file of certificates in PEM");
    BadVariable::Wrong { name: "TRUST_ROOTS", reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(roots: &str) -> Result<SharedHttpClient, BadVariable> {
        https_client(&Environment::from_lookup(|_| Some(roots.to_owned())))
    }

    #[test]
    fn the_roots_are_amazons_the_systems_or_a_file() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/aws/amazon-roots.pem");
        for roots in ["", "amazon", "system", file] {
            assert!(with(roots).is_ok(), "{roots}");
        }
        for roots in ["/no/such/file", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            assert!(
                with(roots).unwrap_err().to_string().starts_with("the environment variable TRUST_ROOTS is wrong: ")
            );
        }
    }

    #[test]
    fn amazons_roots_are_five() {
        assert_eq!(String::from_utf8_lossy(AMAZON).matches("-----BEGIN CERTIFICATE-----").count(), 5);
    }
}
