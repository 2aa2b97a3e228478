//! Under which name and from which page a request comes.
//!
//! A page of any site can point its own host name at 127.0.0.1 and then read answers as if they were its own (DNS
//! rebinding); such requests carry that name in `Host`. Any port is taken, so that a tunnel to the machine works.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses requests that name another host than this machine, and forms that another site sent.
pub async fn guard(request: Request, next: Next) -> Response {
    // HTTP/1.1 takes the name from the request line where it stands there (RFC 9112, 3.2.2), and Host must agree.
    let named = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let host = single(request.headers(), header::HOST.as_str()).map(str::to_owned);
    if !host.as_deref().is_some_and(is_loopback) || !named.as_deref().is_none_or(is_loopback) {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "This page is only served under the names 127.0.0.1, localhost and [::1].\n",
        )
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) && !same_origin(request.headers(), host.as_deref()) {
        return (StatusCode::FORBIDDEN, "Another site sent this form. Nothing was done.\n").into_response();
    }
    next.run(request).await
}

/// Whether a `Host` value names this machine, with any port.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) => (name, port),
            None => return false,
        },
        None => host.find(':').map_or((host, ""), |at| host.split_at(at)),
    };
    let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok());
    let bracketed = host.starts_with('[');
    let name_fits =
        if bracketed { name == "::1" } else { name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost") };
    port_fits && name_fits
}

/// Our pages ask browsers to send no referrer, which makes them send `Origin: null` with our own forms; so `null` proves
/// nothing either way, and `Sec-Fetch-Site` and the form's token decide.
fn same_origin(headers: &HeaderMap, host: Option<&str>) -> bool {
    let site_fits = match single(headers, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => !headers.contains_key("sec-fetch-site"),
    };
    let origin_fits = match single(headers, header::ORIGIN.as_str()) {
        Some("null") => true,
        Some(origin) => origin.strip_prefix("http://") == host,
        None => !headers.contains_key(header::ORIGIN),
    };
    site_fits && origin_fits
}

/// The value of a header that stands there once and is text.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_taken() {
        for ours in ["127.0.0.1", "127.0.0.1:4871", "localhost:8080", "LocalHost", "[::1]:4871", "[::1]"] {
            assert!(is_loopback(ours), "{ours}");
        }
        for foreign in [
            "",
            "belay.example",
            "127.0.0.1.nip.io:4871",
            "localhost.example",
            "127.0.0.2",
            "0.0.0.0",
            "[::1",
            "[::2]:4871",
            "[::1]x",
            "[localhost]",
            "[127.0.0.1]",
            "::1",
            "127.0.0.1:",
            "127.0.0.1:x",
            "127.0.0.1:99999",
            "user@localhost",
            "localhost:80:80",
        ] {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }
}
