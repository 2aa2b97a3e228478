//! The template for printable HTML: no script, nothing from elsewhere, black on white, A4 and letter paper.

use super::{Block, Seen, Sheet};
use askama::Template;
use zeroize::Zeroizing;

/// The style sheet of all forms: in a file it stands in the page itself, on the web pages it is an asset.
pub const STYLE: &str = include_str!("../../assets/print.css");

/// Where a page has its style from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Styled<'a> {
    /// In the page itself, which allows this style by its hash and nothing else at all.
    Inline,
    /// From this path: pages that a node serves allow styles of their own origin only.
    Linked(&'a str),
}

#[derive(Template)]
#[template(path = "print.html")]
struct Page<'a> {
    sheet: &'a Sheet,
    style: &'static str,
    linked: Option<&'a str>,
    policy: String,
    level: u8,
}

/// What stands under the title, inside a page that has a title of its own.
#[derive(Template)]
#[template(path = "sheet.html", escape = "html")]
struct Part<'a> {
    sheet: &'a Sheet,
    level: u8,
}

impl Sheet {
    /// The form as a page.
    #[must_use]
    pub fn html(&self, styled: Styled<'_>) -> Zeroizing<String> {
        let digest = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
        let hash = data_encoding::BASE64.encode(digest.as_ref());
        let page = Page {
            sheet: self,
            style: STYLE,
            linked: match styled {
                Styled::Inline => None,
                Styled::Linked(path) => Some(path),
            },
            policy: format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"),
            level: 2,
        };
        let mut out = Zeroizing::new(String::with_capacity(64 * 1024));
        // Writing to a string can not fail; half a form would be worse than none.
        if page.render_into(&mut *out).is_err() {
            out.clear();
        }
        out
    }

    /// The form without its title, to stand in a page under a heading of the second level.
    #[must_use]
    pub fn part(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(64 * 1024));
        if (Part { sheet: self, level: 3 }).render_into(&mut *out).is_err() {
            out.clear();
        }
        out
    }
}
