//! What sessions are signed with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What sessions are signed with. As long as a block of SHA-256, so that HMAC takes it as it is.
#[derive(Clone)]
pub struct SessionKey([u8; 64]);

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey")
    }
}

impl SessionKey {
    /// The key that follows from the text of the root key (HKDF-SHA256, RFC 5869).
    #[must_use]
    pub fn derive(root_key: &str) -> Option<Self> {
        let mut key = [0; 64];
        Hkdf::<Sha256>::new(None, root_key.as_bytes()).expand(b"console session 1", &mut key).ok()?;
        Some(Self(key))
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new((&self.0).into());
        mac.chain_update(purpose).chain_update([0]).chain_update(text)
    }

    pub(super) fn sign(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, text).finalize().into_bytes())
    }

    pub(super) fn is_signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        self.mac(purpose, text).verify_slice(&signature).is_ok()
    }
}
