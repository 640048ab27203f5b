//! The stylesheet and the script, under names that change with their content, so that browsers keep them for good.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use model::token::TokenHash;
use service::http::{Problem, reply};

use crate::Answer;

struct Asset {
    content: String,
    media_type: &'static str,
    name: String,
}

impl Asset {
    /// Lines that are comments stay here: they are for whoever reads the source.
    fn new(source: &str, extension: &str, media_type: &'static str) -> Self {
        let content: String =
            source.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("//")).collect();
        let digest = URL_SAFE_NO_PAD.encode(&TokenHash::of(&content).bytes()[..9]);
        Self { content, media_type, name: format!("{digest}.{extension}") }
    }
}

/// What all pages share, then what single ones add.
const STYLES: &str = concat!(
    include_str!("assets/console.css"),
    include_str!("assets/people.css"),
    include_str!("assets/analytics.css"),
    include_str!("assets/health.css"),
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
pub(crate) fn serve(name: &str) -> Answer {
    let asset = match name.rsplit_once('.') {
        Some((_, "css")) => &*STYLE,
        Some((_, "js")) => &*SCRIPT,
        _ => return Err(Problem::NotFound("there is no such page".into()).into()),
    };
    let mut response = reply::text(StatusCode::OK, asset.media_type, Bytes::from_static(asset.content.as_bytes()));
    if name == asset.name {
        let for_good = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, for_good);
    }
    Ok(response)
}
