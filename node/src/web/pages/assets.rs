//! The style sheet, embedded, under an address that changes with its content.

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
pub async fn style() -> Response {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, STYLE.content).into_response()
}

/// The same for forms.
pub async fn print() -> Response {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, PRINT.content).into_response()
}
