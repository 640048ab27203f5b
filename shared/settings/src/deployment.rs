//! What a configuration points to: the address of the service, the token and the organisation.

use std::fmt;

use model::base_url::BaseUrl;
use model::organisation::OrgName;
use model::token::PlainToken;

/// What stands in the place of a token that is not shown. Every form of configuration can carry it.
pub const HIDDEN: &str = "cct_HIDDEN";

/// The service as one organisation's clients reach it. Of its parts none can hold a quote, a backslash, an angle bracket, a brace, a space
/// or anything but printable ASCII: their types see to that.
#[derive(Clone, Copy)]
pub struct Deployment<'a> {
    base_url: &'a BaseUrl,
    token: Option<&'a PlainToken>,
    generation: u64,
    org: &'a OrgName,
}

impl<'a> Deployment<'a> {
    /// Puts together `base_url`, to which clients append `/v1/logs` and `/v1/metrics`; the organisation's ingest `token`, or none to have
    /// [`HIDDEN`] in its place; the `generation` of that token; and the name of the organisation.
    #[must_use]
    pub fn new(base_url: &'a BaseUrl, token: Option<&'a PlainToken>, generation: u64, org: &'a OrgName) -> Self {
        Self { base_url, token, generation, org }
    }

    pub(crate) fn base_url(&self) -> &'a str {
        self.base_url.as_str()
    }

    pub(crate) fn token(&self) -> &'a str {
        self.token.map_or(HIDDEN, PlainToken::expose)
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn org(&self) -> &'a str {
        self.org.as_str()
    }
}

/// Omits the token.
impl fmt::Debug for Deployment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("base_url", &self.base_url)
            .field("generation", &self.generation)
            .field("org", &self.org)
            .finish_non_exhaustive()
    }
}
