//! The stylesheet and the script, under names that change with their content, so that browsers keep them for good.

use std::io::Write;
use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use model::token::TokenHash;
use service::http::{Problem, reply};

use crate::Answer;

struct Asset {
    content: String,
    /// The same with gzip. Pages are never compressed: they have secrets beside what an address says, and their length would tell.
    compressed: Bytes,
    media_type: &'static str,
    name: String,
}

impl Asset {
    /// Lines that are comments stay here: they are for whoever reads the source.
    fn new(source: &str, extension: &str, media_type: &'static str) -> Self {
        let content: String =
            source.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("//")).collect();
        let digest = URL_SAFE_NO_PAD.encode(&TokenHash::of(&content).bytes()[..9]);
        // Nothing fails that is written into memory; what would fail would be sent as it is.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let compressed = encoder.write_all(content.as_bytes()).and_then(|()| encoder.finish()).unwrap_or_default();
        Self { content, compressed: compressed.into(), media_type, name: format!("{digest}.{extension}") }
    }
}

/// What all pages share, then what single ones add.
const STYLES: &str = concat!(
    include_str!("assets/console.css"),
    include_str!("assets/people.css"),
    include_str!("assets/analytics.css"),
    include_str!("assets/health.css"),
    // Last: it takes back what the others say of screens.
    include_str!("assets/print.css"),
);

static STYLE: LazyLock<Asset> = LazyLock::new(|| Asset::new(STYLES, "css", "text/css; charset=utf-8"));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new(include_str!("assets/console.js"), "js", "text/javascript; charset=utf-8"));

/// The address of the stylesheet.
pub(crate) fn style() -> String {
    format!("/assets/{}", STYLE.name)
}

/// The address of the script.
pub(crate) fn script() -> String {
    format!("/assets/{}", SCRIPT.name)
}

/// The asset of this name. A page of the release before asks by an older name: it gets what there is, for this once.
pub(crate) fn serve(name: &str, asked: &HeaderMap) -> Answer {
    let asset = match name.rsplit_once('.') {
        Some((_, "css")) => &*STYLE,
        Some((_, "js")) => &*SCRIPT,
        _ => return Err(Problem::NotFound("there is no such page".into()).into()),
    };
    let accepts = asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_gzip = accepts.split(',').any(|coding| coding.trim() == "gzip") && !asset.compressed.is_empty();
    let content = if takes_gzip { asset.compressed.clone() } else { Bytes::from_static(asset.content.as_bytes()) };
    let mut response = reply::text(StatusCode::OK, asset.media_type, content);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    if takes_gzip {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if name == asset.name {
        let for_good = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, for_good);
    }
    Ok(response)
}
