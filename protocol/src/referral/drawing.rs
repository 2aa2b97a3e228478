//! Whether a drawn signature is lines and nothing else: a small part of SVG, by what is allowed and not by what is forbidden.

/// Elements of lines.
const ELEMENTS: [&str; 5] = ["svg", "g", "path", "polyline", "line"];
/// Attributes that say where lines go and how thick they are.
const ATTRIBUTES: [&str; 17] = [
    "xmlns",
    "viewBox",
    "width",
    "height",
    "d",
    "points",
    "x1",
    "y1",
    "x2",
    "y2",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "transform",
    "version",
];

/// Whether this is one `svg` element of lines. No text, comment, entity, script, style, link or picture passes, and nothing moves the whole out of
/// its place on a form.
#[must_use]
pub fn harmless(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim();
    if !text.starts_with("<svg ") || !text.ends_with('>') {
        return false;
    }
    let mut depth = 0_usize;
    let mut parts = text.split('<');
    if parts.next() != Some("") {
        return false;
    }
    for part in parts {
        let Some((tag, after)) = part.split_once('>') else { return false };
        if !after.trim().is_empty() {
            return false;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let Some(up) = depth.checked_sub(1).filter(|_| ELEMENTS.contains(&name.trim())) else { return false };
            depth = up;
        } else {
            let closed = tag.ends_with('/');
            if !element(tag.trim_end_matches('/'), depth == 0) {
                return false;
            }
            depth += usize::from(!closed);
        }
    }
    depth == 0
}

/// `name attribute="value"...` of the lists, with values that hold nothing but numbers, letters and a little.
fn element(tag: &str, outermost: bool) -> bool {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    if !ELEMENTS.contains(&name) {
        return false;
    }
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return true;
        }
        let Some((attribute, after)) = rest.split_once("=\"") else { return false };
        let Some((value, tail)) = after.split_once('"') else { return false };
        let moved = outermost && attribute == "transform";
        if moved || !ATTRIBUTES.contains(&attribute) {
            return false;
        }
        let namespace = attribute == "xmlns";
        if namespace && value != "http://www.w3.org/2000/svg" {
            return false;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+-.,#()%".contains(c);
        if !namespace && (!value.chars().all(plain) || value.contains("url")) {
            return false;
        }
        rest = tail;
    }
}
