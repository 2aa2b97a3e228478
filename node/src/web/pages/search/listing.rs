//! One listing as the directory page shows it.

use crate::api::views::ListingView;
use crate::web::words;
use belay_protocol::directory::{Kind, Listing, ListingId};

const MILES_PER_KILOMETRE: f64 = 0.621_371;

/// A listing that was found.
pub struct Found {
    pub name: String,
    pub kind: &'static str,
    /// The partner that published it.
    pub from: String,
    pub distance: Option<String>,
    pub openings: Option<Openings>,
    /// Only its name is known.
    pub stub: bool,
    /// The beginning of its description.
    pub lead: String,
    pub facts: Vec<(&'static str, String)>,
    pub phones: Vec<Phone>,
    /// An address with `http` or `https`, and no other.
    pub site: Option<String>,
    /// All else that is known, as label and text.
    pub more: Vec<(String, String)>,
}

pub struct Openings {
    pub words: String,
    pub none: bool,
    pub note: String,
    pub published: String,
}

pub struct Phone {
    pub label: String,
    pub number: String,
    /// For a telephone to call; `None` where the number holds more than a number.
    pub href: Option<String>,
}

/// Characters of a description shown at once.
const LEAD: usize = 280;

impl Found {
    /// From what a search gave.
    #[must_use]
    pub fn new(view: &ListingView) -> Self {
        let kind = view.kind.parse().unwrap_or(Kind::Service);
        let mut listing = Listing::new(ListingId([0; 16]), kind);
        listing.fields.clone_from(&view.fields);
        let description = tidy(listing.get("description"));
        let lead: String = description.chars().take(LEAD).collect();
        let cut = lead.len() < description.len();
        let mut more = Vec::new();
        if cut {
            more.push(("Description".to_owned(), description));
        }
        more.extend(rest(&listing));
        Self {
            name: if view.name.trim().is_empty() { "No name given".to_owned() } else { tidy(&view.name) },
            kind: match kind {
                Kind::Organization => "Organisation",
                Kind::Service => "Service",
                Kind::Location => "Place",
                Kind::Program => "Programme",
            },
            from: view.organisation.clone(),
            distance: view.kilometres.map(distance),
            openings: view.openings.as_ref().map(|openings| Openings {
                words: match openings.openings {
                    0 => "No openings".to_owned(),
                    1 => "1 opening".to_owned(),
                    n => format!("{n} openings"),
                },
                none: openings.openings == 0,
                note: openings.note.clone().unwrap_or_default(),
                published: words::when(openings.published),
            }),
            stub: listing.is_stub(),
            lead: if cut { format!("{} …", lead.trim_end()) } else { lead },
            facts: facts(&listing),
            phones: phones(&listing),
            site: ["url", "website"].into_iter().find_map(|field| site(listing.get(field))),
            more,
        }
    }
}

fn distance(kilometres: f64) -> String {
    let miles = kilometres * MILES_PER_KILOMETRE;
    if miles < 10.0 { format!("{miles:.1} miles") } else { format!("{miles:.0} miles") }
}

/// One line, without the blanks and written-out line breaks that real data has.
fn tidy(text: &str) -> String {
    text.replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn facts(listing: &Listing) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut addresses: Vec<String> = listing
        .addresses()
        .iter()
        .filter(|address| address.kind != "postal")
        .map(|a| joined(&[a.address_1, a.address_2, a.city, a.state_province, a.postal_code]))
        .filter(|address| !address.is_empty())
        .collect();
    addresses.dedup();
    facts.extend(addresses.into_iter().map(|address| ("Address", address)));
    let hours: Vec<String> = listing.schedules().iter().map(hours).filter(|text| !text.is_empty()).collect();
    if !hours.is_empty() {
        facts.push(("Open", hours.join("; ")));
    }
    for (label, field) in
        [("Who can come", "eligibility_description"), ("Cost", "fees_description"), ("Email", "email")]
    {
        let text = tidy(listing.get(field));
        if !text.is_empty() {
            facts.push((label, text));
        }
    }
    for (group, label) in
        [("service_kind", "Kind"), ("accepts", "Accepts people on"), ("serves", "For"), ("payment", "Payment")]
    {
        let said: Vec<String> = listing
            .facets()
            .iter()
            .filter(|facet| facet.group == group && (facet.says != "no" || group == "accepts"))
            .map(|facet| match facet.says {
                "yes" => spaced(facet.code),
                says => format!("{}: {}", spaced(facet.code), spaced(says)),
            })
            .collect();
        if !said.is_empty() {
            facts.push((label, said.join(", ")));
        }
    }
    facts
}

fn phones(listing: &Listing) -> Vec<Phone> {
    listing
        .phones()
        .iter()
        .map(|phone| {
            let kind = match phone.kind {
                "fax" => "Fax",
                "sms" | "text" => "Text message",
                "textphone" | "tty" => "TTY",
                _ => "Telephone",
            };
            let label = if phone.description.is_empty() {
                kind.to_owned()
            } else {
                format!("{kind}, {}", tidy(phone.description))
            };
            let number = tidy(phone.number);
            let shown =
                if phone.extension.is_empty() { number.clone() } else { format!("{number} ext. {}", phone.extension) };
            Phone { label, href: if kind == "Fax" { None } else { dial(&number) }, number: shown }
        })
        .collect()
}

/// A `tel:` address, where the text is one number of seven to fifteen digits (E.164) and nothing else.
fn dial(number: &str) -> Option<String> {
    let plain = number.chars().all(|c| c.is_ascii_digit() || " ()-.+/".contains(c));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let plus = if number.trim_start().starts_with('+') { "+" } else { "" };
    (plain && (7..=15).contains(&digits.len())).then(|| format!("tel:{plus}{digits}"))
}

fn hours(schedule: &belay_protocol::directory::view::Schedule<'_>) -> String {
    const DAYS: [(&str, &str); 7] =
        [("MO", "Mon"), ("TU", "Tue"), ("WE", "Wed"), ("TH", "Thu"), ("FR", "Fri"), ("SA", "Sat"), ("SU", "Sun")];
    let numbers: Option<Vec<usize>> =
        schedule.days.split(',').map(|day| DAYS.iter().position(|(code, _)| *code == day.trim())).collect();
    let word = |number: usize| DAYS.get(number).map_or("", |(_, word)| word);
    let days = match numbers.as_deref() {
        None => schedule.days.to_owned(),
        Some([first, .., last]) if numbers.iter().flatten().copied().eq(*first..=*last) && last - first > 1 => {
            format!("{} to {}", word(*first), word(*last))
        }
        Some(some) => some.iter().map(|number| word(*number)).collect::<Vec<_>>().join(", "),
    };
    let times = match (schedule.opens_at, schedule.closes_at) {
        ("", "") => String::new(),
        (from, to) => format!("{from} to {to}"),
    };
    joined_by(&[&days, &times, &tidy(schedule.description)], " ")
}

/// Fields that are shown above, or say nothing to people.
fn is_shown(field: &str) -> bool {
    const PLAIN: [&str; 14] = [
        "name",
        "description",
        "email",
        "url",
        "website",
        "eligibility_description",
        "fees_description",
        "stub",
        "latitude",
        "longitude",
        "import_digest",
        "edited",
        "external_id",
        "external_id_scheme",
    ];
    const TABLES: [&str; 10] = [
        "phone.",
        "schedule.",
        "address.",
        "at.",
        "service_kind.",
        "accepts.",
        "serves.",
        "payment.",
        "metadata.",
        "identifier.",
    ];
    PLAIN.contains(&field) || field.ends_with("_id") || TABLES.iter().any(|table| field.starts_with(table))
}

fn rest(listing: &Listing) -> Vec<(String, String)> {
    listing
        .fields
        .iter()
        .filter(|(field, _)| !is_shown(field))
        .map(|(field, value)| (label(field), tidy(value)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// `language.3f2a.name` as `Language name`, `application_process` as `Application process`.
fn label(field: &str) -> String {
    let parts: Vec<&str> = field.split('.').collect();
    let words = match parts.as_slice() {
        [table, _, column] => format!("{table} {column}"),
        [group, code] => format!("{group} {code}"),
        _ => field.to_owned(),
    };
    let words = spaced(&words);
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

fn spaced(code: &str) -> String {
    code.replace(['_', '.'], " ")
}

fn joined(parts: &[&str]) -> String {
    joined_by(&parts.iter().map(|part| part.trim()).collect::<Vec<_>>(), ", ")
}

fn joined_by(parts: &[&str], by: &str) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(by)
}

/// A web address that a browser may open: never `javascript:` or another scheme that a listing might hold.
fn site(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'<>\\".contains(c)) {
        return None;
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some(text.to_owned());
    }
    // Real data leaves the scheme out; a colon before the first slash would be another scheme, or a port.
    let host = text.split('/').next().unwrap_or_default();
    (host.contains('.') && !host.contains(':') && !host.contains('@')).then(|| format!("https://{text}"))
}

/// Percent-encodes all but unreserved characters (RFC 3986, 2.3).
#[must_use]
pub fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(site("www.example.org/help").as_deref(), Some("https://www.example.org/help"));
        assert_eq!(site(" HTTPS://example.org ").as_deref(), Some("HTTPS://example.org"));
        for wrong in [
            "",
            "javascript:alert(1)",
            "JavaScript:alert(1)//x.y",
            "data:text/html,x",
            "//evil",
            "a b.c",
            "x",
            "mailto:a@b.c",
        ] {
            assert_eq!(site(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_plain_numbers_can_be_dialled() {
        assert_eq!(dial("(555) 010-0199").as_deref(), Some("tel:5550100199"));
        assert_eq!(dial("+1 555 010 0199").as_deref(), Some("tel:+15550100199"));
        for wrong in ["911 Intake: 555", "(999)999-9999 Intake", "12", "1234567890123456", ""] {
            assert_eq!(dial(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn opening_hours_read_as_people_say_them() {
        let say = |days| {
            hours(&belay_protocol::directory::view::Schedule {
                days,
                opens_at: "08:00",
                closes_at: "17:00",
                description: "",
            })
        };
        assert_eq!(say("MO,TU,WE,TH,FR"), "Mon to Fri 08:00 to 17:00");
        assert_eq!(say("MO,WE"), "Mon, Wed 08:00 to 17:00");
        assert_eq!(say("SA,SU"), "Sat, Sun 08:00 to 17:00");
        assert_eq!(say("weekdays"), "weekdays 08:00 to 17:00");
        assert_eq!(say(""), "08:00 to 17:00");
    }

    #[test]
    fn fields_read_as_words() {
        assert_eq!(label("language.3f2a.name"), "Language name");
        assert_eq!(label("application_process"), "Application process");
        assert_eq!(label("offers.peer_support"), "Offers peer support");
    }
}
