//! A browser over the pages of a fake, and what it is answered.

use super::fake::{Fake, HOST, NAME};
use crate::http::Moment;
use crate::http::session::Token;
use crate::web::App;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt;

/// A whole answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as it would be sent back.
    pub fn cookie(&self) -> Option<String> {
        self.headers.get(header::SET_COOKIE).map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    /// What it says, without the tokens of its forms, of which each is another.
    pub fn says(&self) -> String {
        let mut parts = self.text.split("name=\"csrf\" value=\"");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |said, part| said + part.split_once('"').map_or(part, |(_, rest)| rest))
    }

    /// The token of its first form.
    pub fn csrf(&self) -> String {
        let rest = self.text.split("name=\"csrf\" value=\"").nth(1).expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The pages over a fake, and one browser.
pub struct Browser {
    pub app: App,
    pub router: Router,
    pub fake: Fake,
    pub cookie: Option<String>,
    /// The place of the session, which stands before each path that is asked for, and is left out of what tests read.
    pub place: Option<String>,
    /// That somebody has signed in from it before: for the sign-in alone.
    pub known: Option<String>,
}

impl Browser {
    pub fn new() -> Self {
        Self::with_clock(Moment::now)
    }

    pub fn with_clock(clock: fn() -> Moment) -> Self {
        let fake = Fake::default();
        let app = App::with_clock(fake.clone(), 4871, clock).unwrap();
        Self { router: app.clone().router(), app, fake, cookie: None, place: None, known: None }
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert(header::HeaderValue::from_static(HOST));
        let known = self.known.iter().filter(|_| request.uri().path() == "/sign-in");
        let cookies: Vec<&str> = self.cookie.iter().chain(known).map(String::as_str).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        if let Some(place) = &self.place
            && request.uri().authority().is_none()
        {
            *request.uri_mut() = format!("{place}{}", request.uri()).parse().unwrap();
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (mut parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(place) = &self.place {
            text = text.replace(place, "");
            let location = parts.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().replace(place, ""));
            location.map(|to| parts.headers.insert(header::LOCATION, to.parse().unwrap()));
        }
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Takes what a browser takes from the answer to a sign-in.
    pub fn seated(&mut self, answer: &Answer) {
        self.cookie = answer.cookie();
        let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
        self.known = set.filter_map(|set| set.split(';').next()).find(|set| set.contains("-known=")).map(str::to_owned);
        self.place = answer.header(header::LOCATION).strip_suffix("/inbox").map(str::to_owned);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// What its cookie holds.
    pub fn token(&self) -> Option<Token> {
        Token::parse(self.cookie.as_ref()?.split_once('=')?.1)
    }

    /// The token of a form that was opened anew, in place of one that fits this browser.
    fn renewed(&self, token: &str) -> Option<String> {
        let cookie = self.token()?;
        // As it is written in a form that is encoded whole.
        self.app.csrf.form(&cookie, &token.replace("%2E", ".")).map(|_| self.app.csrf.forms(&cookie).to_string())
    }

    /// Posts a form that was opened just now.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let (token, rest) = form.strip_prefix("csrf=").map(|rest| rest.split_once('&').unwrap_or((rest, ""))).unzip();
        match token.and_then(|token| self.renewed(token)) {
            Some(token) => self.post_again(path, &format!("csrf={token}&{}", rest.unwrap_or_default())).await,
            None => self.post_again(path, form).await,
        }
    }

    /// Posts the very form that is given.
    pub async fn post_again(&self, path: &str, form: &str) -> Answer {
        let form_type = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, form_type).body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    /// Posts a form with a file, as browsers do (RFC 7578).
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let token = fields.iter().find(|(name, _)| *name == "csrf").and_then(|(_, token)| self.renewed(token));
        let fresh = |value| token.as_deref().unwrap_or(value);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, if *name == "csrf" { fresh(value) } else { value })).collect();
        self.upload_again(path, &fields, file).await
    }

    /// The very form that is given.
    pub async fn upload_again(&self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        if let Some((name, bytes)) = file {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let kind = "multipart/form-data; boundary=edge";
        let request = Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// Opens the form, fills it, and keeps the cookie that comes back.
    pub async fn try_sign_in(&mut self, name: &str, secret: &str) -> Answer {
        let form = self.get("/sign-in").await;
        if let Some(cookie) = form.cookie() {
            self.cookie = Some(cookie);
        }
        let answer = self.post("/sign-in", &format!("csrf={}&name={name}&secret={secret}", form.csrf())).await;
        if answer.status == StatusCode::SEE_OTHER {
            self.seated(&answer);
        }
        answer
    }

    /// Signed in, with the token of its forms.
    pub async fn signed_in() -> (Self, String) {
        Self::new().into_signed_in().await
    }

    pub async fn into_signed_in(mut self) -> (Self, String) {
        let answer = self.try_sign_in(NAME, "correct+horse").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let csrf = self.get("/inbox").await.csrf();
        (self, csrf)
    }
}
