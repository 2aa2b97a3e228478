//! Where a session's pages lie: each has a place of its own, 22 characters in the path that nobody can foresee, and its cookie is for
//! that place alone.
//!
//! Browsers do not tell the ports of a host apart when they send a cookie, and any account of this machine may listen at a port. Staff
//! who follow a link to such a port send it every cookie of the host whose path fits. The path of ours fits nowhere but below the place,
//! which only the session's own pages name (and tell no other site, `Referrer-Policy`). A bookmark without the place leads to the
//! sign-in, since without it nobody can be known; tunnels and every name of this machine work as before.
//!
//! The pages themselves know nothing of it: it is taken off a request's path before they are asked, and put before the paths that
//! their answer names.

use crate::http::session::{IDLE, Token};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use ring::digest;
use tower::Layer;

/// What stands before every place.
const PLACES: &str = "/s/";
/// Characters of a place: 132 bits.
const CHARS: usize = 22;
/// What lies outside of every place: it is the same for everybody.
const FOR_ALL: [&str; 2] = ["/assets/", "/sign-in"];
/// What a browser is told to do when the session has been left alone: the last page does not stay on the screen.
const LEFT_ALONE: HeaderName = HeaderName::from_static("refresh");

/// The place below which a request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// That of a session: made of its token, which it does not tell.
    #[must_use]
    pub fn of(token: &Token) -> Self {
        let made = digest::digest(&digest::SHA256, format!("belay place v1\0{}", token.as_str()).as_bytes());
        let text = data_encoding::BASE64URL_NOPAD.encode(made.as_ref());
        Self(format!("{PLACES}{}", text.get(..CHARS).unwrap_or_default()))
    }

    /// As it stands before a path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place with which a path begins, and what follows.
    fn before(path: &str) -> Option<(Self, &str)> {
        let rest = path.strip_prefix(PLACES)?;
        let (place, rest) = rest.split_at_checked(CHARS)?;
        let fits = place.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (fits && (rest.is_empty() || rest.starts_with('/'))).then(|| (Self(format!("{PLACES}{place}")), rest))
    }
}

/// The pages, which know nothing of places, below any of them.
pub fn below(pages: Router) -> Router {
    Router::new().fallback_service(from_fn(pass).layer(pages))
}

async fn pass(mut request: Request, next: Next) -> Response {
    let Some((place, uri)) = inside(request.uri()) else { return next.run(request).await };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(place.clone());
    outside(next.run(request).await, &place).await
}

/// The same address without the place.
fn inside(uri: &Uri) -> Option<(Place, Uri)> {
    let (place, rest) = Place::before(uri.path())?;
    let path = if rest.is_empty() { "/" } else { rest };
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}{query}")).ok()?);
    Some((place, Uri::from_parts(parts).ok()?))
}

/// The answer, with the place before each path that it names.
async fn outside(mut response: Response, place: &Place) -> Response {
    let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    if let Some(to) = location.filter(|to| lies_below(to)).map(|to| format!("{}{to}", place.0))
        && let Ok(to) = HeaderValue::from_str(&to)
    {
        response.headers_mut().insert(header::LOCATION, to);
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return response;
    }
    if let Ok(then) = HeaderValue::from_str(&format!("{}; url=/sign-in", IDLE.as_secs())) {
        response.headers_mut().insert(LEFT_ALONE, then);
    }
    let (mut parts, body) = response.into_parts();
    // It was rendered whole before, so it is no larger than what is in memory already.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return super::pages::problem::failed().into_response() };
    parts.headers.remove(header::CONTENT_LENGTH);
    let html = addressed(&String::from_utf8_lossy(&bytes), place);
    Response::from_parts(parts, Body::from(html))
}

fn lies_below(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with(PLACES) && !FOR_ALL.iter().any(|shared| path.starts_with(shared))
}

/// A page with the place before the path of each link, form and picture. What people typed has no quotation marks in a page: they are escaped.
fn addressed(html: &str, place: &Place) -> String {
    let mut out = String::with_capacity(html.len() + 64 * place.0.len());
    let mut rest = html;
    while let Some(at) = rest.find("=\"/") {
        let (before, path) = rest.split_at(at + "=\"".len());
        out.push_str(before);
        let names = [" href=\"", " action=\"", " src=\""].iter().any(|name| before.ends_with(name));
        if names && lies_below(path) {
            out.push_str(&place.0);
        }
        rest = path;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_and_form_of_a_page_lies_below_the_place_and_nothing_else_does() {
        let place = Place("/s/AAAAAAAAAAAAAAAAAAAAAA".to_owned());
        let page = "<link href=\"/assets/a.css\"><a href=\"/\">x</a><a class=\"b\" href=\"/inbox?a=/b\">x</a>\
                    <form action=\"/sign-out\"><input value=\"/inbox\"><a href=\"/sign-in\">x</a><a href=\"#main\">x</a>\
                    <a href=\"https://a.example/\">x</a><img src=\"/persons/a\"> href=&#34;/inbox&#34;";
        let moved = addressed(page, &place);
        assert_eq!(moved.matches(place.as_str()).count(), 4, "{moved}");
        for link in
            ["href=\"/s/AAAAAAAAAAAAAAAAAAAAAA/\"", "AA/inbox?a=/b\"", "action=\"/s/AAAAAAAAAAAAAAAAAAAAAA/sign-out\""]
        {
            assert!(moved.contains(link), "{link}: {moved}");
        }
        assert_eq!(moved.replace(place.as_str(), ""), page);
    }

    #[test]
    fn a_place_is_taken_off_a_path_once_and_only_where_it_is_whole() {
        let place = Place::of(&Token::fresh().expect("random"));
        let uri = |path: &str| path.parse::<Uri>().expect("an address");
        let (found, rest) = inside(&uri(&format!("{}/inbox?q=a%20b", place.as_str()))).expect("below the place");
        assert_eq!((&found, rest.to_string().as_str()), (&place, "/inbox?q=a%20b"));
        assert_eq!(inside(&uri(place.as_str())).expect("below it").1.path(), "/");
        let (short, long) = (&place.as_str()[..20], format!("{}x/inbox", place.as_str()));
        for other in ["/inbox", "/s/", short, long.as_str(), "/s/AAAAAAAAAAAAAAAAAAAA%41A/"] {
            assert!(inside(&uri(other)).is_none(), "{other}");
        }
    }
}
