//! The certificate authorities that AWS clients trust.
//!
//! Reading and parsing the 150 roots of the system takes more than half of a cold start. By default only those are
//! loaded to which, according to Amazon, the certificates of AWS endpoints may chain:
//! <https://www.amazontrust.com/repository/>.

use std::sync::Arc;

use aws_sdk_dynamodb::config::SharedHttpClient;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::connector::client;
use crate::environment::{BadVariable, Environment};

/// Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority G2. They expire between 2037 and 2040.
const AMAZON: &[u8] = include_bytes!("amazon-roots.pem");

/// An HTTPS client that trusts what `TRUST_ROOTS` selects: `amazon` (the default), `system` for the roots of the
/// operating system, or the path of a file of PEM certificates.
///
/// # Errors
/// [`BadVariable::Wrong`] if the file cannot be read, or if there is no certificate.
pub fn https_client(environment: &Environment<'_>) -> Result<SharedHttpClient, BadVariable> {
    let (roots, origin) = match environment.optional("TRUST_ROOTS").as_deref() {
        None | Some("amazon") => (certificates(AMAZON), "amazon".to_owned()),
        Some("system") => (Ok(rustls_native_certs::load_native_certs().certs), "the system".to_owned()),
        Some(path) => {
            let pem = std::fs::read(path).map_err(|error| wrong(&format!("{path:?} cannot be read ({error})")))?;
            (certificates(&pem), format!("{path:?}"))
        }
    };
    let roots = roots.map_err(|error| wrong(&format!("{origin} is damaged ({error})")))?;
    let mut trusted = RootCertStore::empty();
    if let (0, _) = trusted.add_parsable_certificates(roots) {
        return Err(wrong(&format!("{origin} contains no certificate")));
    }
    let config =
        ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let config = config.map_err(|error| wrong(&error.to_string()))?;
    Ok(client(config.with_root_certificates(trusted).with_no_client_auth()))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    CertificateDer::pem_slice_iter(pem).collect()
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
        let roots = certificates(AMAZON).unwrap();
        assert_eq!(RootCertStore::empty().add_parsable_certificates(roots), (5, 0));
    }

    #[test]
    fn half_a_certificate_is_named_rather_than_left_out() {
        let whole = String::from_utf8_lossy(AMAZON);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        std::fs::write(&file, &whole[..whole.len() - 200]).unwrap();
        let refused = with(file.to_str().unwrap()).unwrap_err().to_string();
        assert!(refused.contains("roots.pem") && refused.contains("is damaged"), "{refused}");
    }
}
