//! Whether an incoming person may be one already here. Gives candidates and why; people decide, nothing is ever linked by itself.

use super::identity::Identity;
use crate::ids::PersonId;
use crate::sensitive::Personal;
use std::collections::BTreeSet;

/// Why a person looks like the incoming one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    SameName,
    SimilarName,
    SameBirthDate,
    SamePhone,
}

impl Reason {
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::SameName => "same name",
            Self::SimilarName => "similar name",
            Self::SameBirthDate => "same date of birth",
            Self::SamePhone => "same telephone",
        }
    }

    const fn weight(self) -> u32 {
        match self {
            Self::SameName | Self::SamePhone => 3,
            Self::SameBirthDate => 4,
            Self::SimilarName => 2,
        }
    }
}

/// A person who may be the incoming one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub person: PersonId,
    pub reasons: Vec<Reason>,
}

/// Candidates, likeliest first. One sign alone is enough to be shown, but for a similar name.
pub fn likely<'p>(incoming: &Identity, persons: impl IntoIterator<Item = (PersonId, &'p Identity)>) -> Vec<Candidate> {
    let mut found: Vec<(u32, Candidate)> = persons
        .into_iter()
        .filter_map(|(person, known)| {
            let reasons = reasons(incoming, known);
            let weight: u32 = reasons.iter().map(|r| r.weight()).sum();
            (weight > Reason::SimilarName.weight()).then_some((weight, Candidate { person, reasons }))
        })
        .collect();
    found.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.person.cmp(&y.person)));
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// What two persons have in common if one is likely to be the other ([`likely`]): names, a whole date of birth, telephone numbers.
/// Who looks for persons like one reads those who share a sign with it, and nobody else.
#[must_use]
pub fn signs(identity: &Identity) -> BTreeSet<Personal<String>> {
    let names = names(identity).into_iter().map(|name| format!("name {}", name.join(" ")));
    let born = date(identity).map(|day| format!("born {day}"));
    let phones = phones(identity).into_iter().map(|phone| format!("phone {phone}"));
    names.chain(born).chain(phones).map(Personal::new).collect()
}

/// A whole date of birth; a year alone is no sign.
fn date(identity: &Identity) -> Option<String> {
    let text = identity.birth_date.reveal().trim();
    (text.len() == "YYYY-MM-DD".len()).then(|| text.to_owned())
}

fn reasons(a: &Identity, b: &Identity) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let (theirs, ours) = (names(a), names(b));
    let same_day = date(a).is_some() && date(a) == date(b);
    if theirs.iter().any(|n| ours.contains(n)) {
        reasons.push(Reason::SameName);
    } else if theirs.iter().any(|x| ours.iter().any(|y| similar(x, y) || (same_day && common(x, y) > 0))) {
        reasons.push(Reason::SimilarName);
    }
    if same_day {
        reasons.push(Reason::SameBirthDate);
    }
    if phones(a).intersection(&phones(b)).next().is_some() {
        reasons.push(Reason::SamePhone);
    }
    reasons
}

/// What speaks against one on record being the incoming person: what both tell, and is not alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Against {
    /// No name of the one is like any of the other.
    Name,
    /// The dates of birth are two; a year alone fits every day of it.
    BirthDate,
}

/// See [`Against`]. Where it tells nothing, nothing speaks against it.
#[must_use]
pub fn against(incoming: &Identity, known: &Identity) -> Vec<Against> {
    let mut found = Vec::new();
    let (theirs, ours) = (names(incoming), names(known));
    let near = reasons(incoming, known).iter().any(|r| matches!(r, Reason::SameName | Reason::SimilarName));
    // A first name alone is part of the whole name.
    let within = |x: &[String], y: &[String]| common(x, y) == x.len() || common(y, x) == y.len();
    let alike = near || theirs.iter().any(|x| ours.iter().any(|y| within(x, y)));
    if !alike && !theirs.is_empty() && !ours.is_empty() {
        found.push(Against::Name);
    }
    let (a, b) = (incoming.birth_date.reveal().trim(), known.birth_date.reveal().trim());
    if !a.starts_with(b) && !b.starts_with(a) {
        found.push(Against::BirthDate);
    }
    found
}

/// Whether two names are one, however each is written.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    let (a, b) = (normal(a), normal(b));
    !a.is_empty() && a == b
}

/// A text as a list is searched: no case, no accents of Latin letters, no apostrophes.
#[must_use]
pub fn folded(text: &str) -> String {
    let letters = text.chars().flat_map(char::to_lowercase).map(base_letter);
    letters.filter(|c| !matches!(c, '\'' | '`' | '´' | '‘' | '’' | 'ʼ' | 'ʹ' | '\u{300}'..='\u{36f}')).collect()
}

/// A name as its sorted words: no case, no accents of Latin letters, no punctuation; `Doe, Jane` is `Jane Doe`.
pub(crate) fn normal(name: &str) -> Vec<String> {
    let plain: String = name.chars().flat_map(char::to_lowercase).map(base_letter).collect();
    let mut words: Vec<String> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    words.sort();
    words
}

const fn base_letter(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

fn names(identity: &Identity) -> BTreeSet<Vec<String>> {
    identity.other_names.iter().chain([&identity.name]).map(|n| normal(n.reveal())).filter(|n| !n.is_empty()).collect()
}

/// Whether one who is called so may have typed this: some word of the two is the same.
#[must_use]
pub fn may_be(name: &str, typed: &str) -> bool {
    let (name, typed) = (normal(name), normal(typed));
    typed.iter().any(|word| name.contains(word))
}

/// How many words two names have in common: of who was born on one day, one is enough to be asked about (`Jose Smyth`, `José Smith`).
fn common(a: &[String], b: &[String]) -> usize {
    a.iter().filter(|w| b.contains(w)).count()
}

/// Two words in common, or all words of the shorter begin words of the longer (`Jo Doe`, `Joanna Doe`).
fn similar(a: &[String], b: &[String]) -> bool {
    let common = common(a, b);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    common >= 2
        || (short.len() >= 2
            && short.iter().all(|w| long.iter().any(|l| l.starts_with(w.as_str()) || w.starts_with(l.as_str()))))
}

/// The last ten digits: country code and spelling do not matter.
fn phones(identity: &Identity) -> BTreeSet<String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    identity
        .phones
        .iter()
        .map(|p| digits(p.reveal()))
        .filter(|d| d.len() >= 7)
        .map(|d| d.get(d.len().saturating_sub(10)..).unwrap_or_default().to_owned())
        .collect()
}
