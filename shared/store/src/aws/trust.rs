//! The certificate authorities that AWS clients trust.
//!
//! Reading and parsing the 150 roots of the system takes more than half of a cold start. By default only those are
//! loaded to which, according to Amazon, the certificates of AWS endpoints may chain:
//! <https://www.amazontrust.com/repository/>.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::environment::{BadVariable, Environment};

/// Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority G2. They expire between 2037 and 2040.
const AMAZON: &[u8] = include_bytes!("amazon-roots.pem");

/// An HTTPS client that trusts what `TRUST_ROOTS` selects: `amazon` (the default), `system` for the roots of the
/// operating system, or the path of a file of PEM certificates.
///
/// # Errors
/// [`BadVariable::Wrong`] if the file cannot be read or contains no certificate.
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

/// Checks for certificates, because a file without any would only be noticed, by a panic, when the first connection is
/// opened.
fn read(path: &str) -> Result<Vec<u8>, BadVariable> {
    let bytes = std::fs::read(path).map_err(|error| wrong(&format!("{path:?} cannot be read ({error})")))?;
    if String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") {
        Ok(bytes)
    } else {
        Err(wrong(&format!("{path:?} contains no PEM certificate")))
    }
}

fn wrong(reason: &str) -> BadVariable {
    let reason = format!("{reason}; it must be amazon, system, or the path of a file of PEM certificates");
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
                with(roots).unwrap_err().to_string().starts_with("the environment variable TRUST_ROOTS is invalid: ")
            );
        }
    }

    #[test]
    fn amazons_roots_are_five() {
        assert_eq!(String::from_utf8_lossy(AMAZON).matches("-----BEGIN CERTIFICATE-----").count(), 5);
    }
}
