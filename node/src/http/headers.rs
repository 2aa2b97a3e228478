//! What every answer carries.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// No script, no frame, nothing from elsewhere: what a hostile listing or message may hold stays text.
pub const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The same for the one page on which a signature is drawn: with the script that we serve ourselves, and no other.
pub const WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The same for a form that was signed with a picture: with pictures that we serve ourselves, and no others.
pub const WITH_PICTURE: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Marks an answer whose page has our script.
#[derive(Clone, Copy)]
struct HasScript;

/// Marks an answer whose page shows a picture of ours.
#[derive(Clone, Copy)]
struct HasPicture;

/// This page has our script. Where there is none the page must work as well.
pub fn with_script(mut response: Response) -> Response {
    response.extensions_mut().insert(HasScript);
    response
}

/// This page shows what somebody signed with.
pub fn with_picture(mut response: Response) -> Response {
    response.extensions_mut().insert(HasPicture);
    response
}

const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), browsing-topics=()"),
    ),
];

/// Adds the headers to every answer, refusals too. What does not say how it may be cached is not cached at all.
pub async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in ALWAYS {
        response.headers_mut().insert(name, value);
    }
    if response.extensions().get::<HasScript>().is_some() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WITH_SCRIPT));
    }
    if response.extensions().get::<HasPicture>().is_some() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WITH_PICTURE));
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
