use crate::web::pages::Sample;
use crate::web::pages::agreements::AgreementsPage;
use crate::web::pages::assets::DRAW;
use crate::web::pages::consent::ConsentPage;
use crate::web::pages::emergency::{EmergencyPage, RefusalPage};
use crate::web::pages::inbox::InboxPage;
use crate::web::pages::person::PersonPage;
use crate::web::pages::persons::PersonsPage;
use crate::web::pages::problem::ProblemPage;
use crate::web::pages::sample::HOSTILE;
use crate::web::pages::search::SearchPage;
use crate::web::pages::sign::SignPage;
use crate::web::pages::sign_in::SignInPage;
use crate::web::pages::step::StepPage;
use crate::web::pages::thread::ThreadPage;

/// Every page with every sample. With `BELAY_SAMPLES` set to a folder they are written there, to be looked at.
fn every_page() -> Vec<(String, String)> {
    fn all<P: Sample>(name: &str, out: &mut Vec<(String, String)>) {
        let samples = P::samples();
        assert!(!samples.is_empty(), "{name} has samples");
        for (number, context) in samples.iter().enumerate() {
            let html = context.render().unwrap_or_else(|error| panic!("{name} {number}: {error}"));
            out.push((format!("{name}-{number}"), html));
        }
    }
    let mut out = Vec::new();
    all::<SearchPage>("search", &mut out);
    all::<SignInPage>("sign-in", &mut out);
    all::<InboxPage>("inbox", &mut out);
    all::<ThreadPage>("thread", &mut out);
    all::<ProblemPage>("problem", &mut out);
    all::<PersonsPage>("persons", &mut out);
    all::<PersonPage>("person", &mut out);
    all::<AgreementsPage>("agreements", &mut out);
    all::<ConsentPage>("consent", &mut out);
    all::<SignPage>("sign", &mut out);
    all::<StepPage>("step", &mut out);
    all::<EmergencyPage>("emergency", &mut out);
    all::<RefusalPage>("refusal", &mut out);
    if let Ok(folder) = std::env::var("BELAY_SAMPLES") {
        for (name, html) in &out {
            std::fs::write(format!("{folder}/{name}.html"), html).unwrap();
        }
    }
    out
}

/// The values of an attribute, in order.
fn values<'h>(html: &'h str, attribute: &str) -> Vec<&'h str> {
    html.split(&format!(" {attribute}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_page_renders_with_every_sample_and_hostile_texts_stay_texts() {
    for (name, html) in every_page() {
        // The one script is ours, and stands on the page that needs it.
        let script = format!("<script src=\"{}\" defer></script>", DRAW.path());
        assert_eq!(html.contains(&script), name.starts_with("sign-") && !name.starts_with("sign-in"), "{name}");
        let lower = html.replace(&script, "").to_lowercase();
        for refused in ["<script", "<img", "<iframe", "javascript:", " style=", "[personal]", "[secret]"] {
            assert!(!lower.contains(refused), "{name} holds {refused}");
        }
        assert!(!html.contains(HOSTILE), "{name} shows a hostile text as it is");
        for (at, _) in lower.match_indices(" on") {
            let rest = &lower[at + 3..];
            let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
            let handler = rest[word.len()..].starts_with("=\"");
            assert!(!handler, "{name} has an event handler on{word}");
        }
    }
}

#[test]
fn pages_can_be_used_without_seeing_them() {
    for (name, html) in every_page() {
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}");
        assert_eq!(html.matches("<h1>").count(), 1, "{name} has one main heading");
        assert!(html.contains("<a class=\"skip\" href=\"#main\">"), "{name} has a way past the navigation");
        assert!(html.contains("<title>"), "{name}");
        let ids = values(&html, "id");
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{name} uses an id twice: {ids:?}");
        for target in values(&html, "for")
            .into_iter()
            .chain(values(&html, "aria-labelledby"))
            .chain(values(&html, "aria-describedby").into_iter().flat_map(str::split_whitespace))
        {
            assert!(ids.contains(&target), "{name}: {target} names nothing");
        }
        // Every field that people fill in has a label.
        for field in ["<input ", "<select ", "<textarea "] {
            for rest in html.split(field).skip(1) {
                let tag = rest.split('>').next().unwrap_or_default();
                let hidden = tag.contains("type=\"hidden\"");
                let id = tag.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
                assert!(hidden || values(&html, "for").contains(&id), "{name}: {field}{tag} has no label");
            }
        }
        // Every form that writes has its token.
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert_eq!(form.contains("method=\"post\""), form.contains("name=\"csrf\""), "{name}: {form}");
        }
    }
}

#[test]
fn no_address_on_a_page_says_anything_about_a_person() {
    const QUERIES: [&str; 7] =
        ["show=due", "show=todo", "show=theirs", "show=ended", "lang=en", "lang=es", "lang=en&amp;show=whole"];
    for (name, html) in every_page().into_iter().filter(|(name, _)| !name.starts_with("search")) {
        for href in values(&html, "href").into_iter().chain(values(&html, "action")) {
            let (path, query) = href.split_once('?').unwrap_or((href, ""));
            let word = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            let id = |part: &str| part.len() == 64 && part.bytes().all(|b| b.is_ascii_hexdigit());
            let plain = path.starts_with("/assets/")
                || path.strip_prefix('#').is_some_and(word)
                || path.strip_prefix('/').is_some_and(|path| path.split('/').all(|part| word(part) || id(part)));
            // Where a page of the list ended: a time and the random name of a thread.
            let place = |part: &str| part.len() == 80 && part.bytes().all(|b| b.is_ascii_hexdigit());
            let query = query.replace("&#38;", "&amp;");
            let (query, after) = query.rsplit_once("after=").unwrap_or((&query, ""));
            let query = query.trim_end_matches("&amp;").replace("es&amp;", "en&amp;");
            // An organisation to which a referral may go.
            let to = query.strip_prefix("to=").is_some_and(id);
            let asked = query.is_empty() || to || QUERIES.contains(&query.as_str());
            let asked = asked && (after.is_empty() || place(after));
            assert!(plain && asked, "{name}: {href}");
        }
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
        assert!(!title.contains("Maria"), "{name}: titles stand in the browser's history");
    }
}

#[test]
fn the_browser_keeps_nothing_of_what_is_typed_and_sends_it_to_no_speller() {
    for (name, html) in every_page().into_iter().filter(|(name, _)| !name.starts_with("sign-in")) {
        for form in html.split("<form ").skip(1) {
            let tag = form.split('>').next().unwrap_or_default();
            assert!(!tag.contains("method=\"post\"") || tag.contains("autocomplete=\"off\""), "{name}: {tag}");
        }
        for field in ["<input ", "<textarea "] {
            for tag in html.split(field).skip(1).filter_map(|rest| rest.split('>').next()) {
                let chosen = ["hidden", "radio", "checkbox", "file"].map(|kind| format!("type=\"{kind}\""));
                let typed = !chosen.iter().any(|kind| tag.contains(kind));
                let kept = !tag.contains("autocomplete=\"off\"") || !tag.contains("spellcheck=\"false\"");
                assert!(!(typed && kept), "{name}: {field}{tag}");
            }
        }
    }
}

#[test]
fn nothing_on_a_page_is_obeyed_by_a_screen_but_what_comes_back_as_it_was_typed() {
    for (name, html) in every_page() {
        let mut shown = String::new();
        for (at, part) in html.split("<textarea").enumerate() {
            shown.push_str(if at == 0 { part } else { part.split_once("</textarea>").map_or("", |(_, rest)| rest) });
        }
        let fields: Vec<&str> = shown.split(" value=\"").collect();
        let outside = |(at, part): (usize, &&str)| {
            if at == 0 { (*part).to_owned() } else { part.split_once('"').map_or("", |(_, rest)| rest).to_owned() }
        };
        let shown: String = fields.iter().enumerate().map(outside).collect();
        let obeyed = |c: char| belay_protocol::plain::is_obeyed(c) && !c.is_ascii_whitespace();
        assert!(!shown.contains(obeyed), "{name}");
    }
}
