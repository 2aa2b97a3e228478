//! The style sheets and the one script, embedded, under addresses that change with their content.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

/// A file in the binary.
pub struct Asset {
    content: &'static str,
    path: LazyLock<String>,
}

/// The one style sheet.
pub static STYLE: Asset = Asset { content: CSS, path: LazyLock::new(|| path("style", CSS, "css")) };

/// The style of forms to print.
pub static PRINT: Asset =
    Asset { content: crate::forms::STYLE, path: LazyLock::new(|| path("print", crate::forms::STYLE, "css")) };

/// The script of the field in which a signature is drawn.
pub static DRAW: Asset = Asset { content: SCRIPT, path: LazyLock::new(|| path("draw", SCRIPT, "js")) };

const SCRIPT: &str = include_str!("../../../assets/draw.js");
const CSS: &str = include_str!("../../../assets/style.css");

impl Asset {
    /// Where it is served.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn path(name: &str, content: &str, extension: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
    let hash = data_encoding::HEXLOWER.encode(digest.as_ref().get(..8).unwrap_or_default());
    format!("/assets/{name}-{hash}.{extension}")
}

/// May be kept for ever: another content has another address.
fn kept(asset: &'static Asset, kind: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")], asset.content).into_response()
}

/// The style of pages.
pub async fn style() -> Response {
    kept(&STYLE, "text/css; charset=utf-8")
}

/// The style of forms.
pub async fn print() -> Response {
    kept(&PRINT, "text/css; charset=utf-8")
}

/// The script.
pub async fn draw() -> Response {
    kept(&DRAW, "text/javascript; charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::CSS;

    fn rule(of: &str) -> &'static str {
        CSS.lines().find(|line| line.trim_start().starts_with(of)).expect("such a rule")
    }

    #[test]
    fn what_was_drawn_stays_in_its_place_on_a_form() {
        let print = crate::forms::STYLE.lines().find(|line| line.starts_with(".hand {")).expect("such a rule");
        for rule in [rule(".paper .hand {"), print] {
            assert!(rule.contains("overflow: hidden"), "{rule}");
        }
    }

    #[test]
    fn cells_break_between_words_and_boxes_keep_their_size() {
        assert!(!rule("th, td { text-align").contains("anywhere"), "a column is never narrower than a word of it");
        assert!(rule("input[type=checkbox]").contains("flex-shrink: 0"), "a box beside a long text is a box");
        assert!(rule("ul.rows li").contains("grid-template-columns"), "rows stand in columns");
    }
}
