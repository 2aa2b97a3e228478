//! The wallet card (S13): provider, contact, present medication and dose. It names no diagnosis.

use super::words::fill;
use super::{Day, Lang, Sheet};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{Time, Zone};

/// What a card says. Every field may be empty.
#[derive(Debug, Clone)]
pub struct Card {
    pub name: Personal<String>,
    /// Who treats the person, as far as that is on record.
    pub provider: Reach,
    /// Whom the person wants to be called.
    pub contact: Reach,
    /// `None`: none is on record, and there is room to write by hand.
    pub medication: Option<Vec<Dose>>,
    pub allergies: Personal<String>,
    /// When and with whom the person is expected next, where that is on record.
    pub visit: Option<Visit>,
    /// The day on which the medication was right.
    pub as_of: Day,
}

/// Somebody, and a telephone.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    pub name: Personal<String>,
    pub phone: Personal<String>,
}

/// An appointment, as the clock on the wall there shows it.
#[derive(Debug, Clone)]
pub struct Visit {
    pub at: Time,
    pub zone: Zone,
    /// At which clinic; who else it is with is nobody's business who reads a card.
    pub with: Option<Personal<String>>,
}

impl Visit {
    fn words(&self, lang: Lang) -> String {
        let wall = self.zone.clock(self.at).wall();
        let time: String = wall.rfc3339().chars().skip(11).take(5).collect();
        let (date, offset) = (Day::written(wall).words(lang), self.zone.offset());
        let zone = if self.zone.name.is_empty() { offset } else { format!("{} ({offset})", self.zone.name) };
        let words = lang.words();
        let at = fill(words.card_visit_at, &[("date", &date), ("time", &time), ("zone", &zone)]);
        let with = self.with.as_ref().map(|with| fill(words.card_visit_with, &[("name", with.reveal().as_str())]));
        [Some(at), with].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A medication and its dose.
#[derive(Debug, Clone, Default)]
pub struct Dose {
    pub name: Personal<String>,
    /// How much, how often.
    pub dose: Personal<String>,
}

#[must_use]
pub fn sheet(card: &Card, lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.card_title);
    sheet.card = true;
    let name = super::consent::filled(card.name.reveal(), words.unnamed).to_owned();
    sheet.facts(vec![(words.card_me, name)]);
    called(&mut sheet, words.card_provider, &card.provider);
    called(&mut sheet, words.card_contact, &card.contact);
    if let Some(visit) = &card.visit {
        sheet.facts(vec![(words.card_visit, visit.words(lang))]);
    }
    match &card.medication {
        Some(medication) => medicine(&mut sheet, medication, words.card_medicine, words.card_medicine_none),
        None => {
            sheet.heading(words.card_medicine, "").lines(&["1", "2"]);
        }
    }
    if !card.allergies.reveal().trim().is_empty() {
        sheet.facts(vec![(words.card_allergies, card.allergies.reveal().trim().to_owned())]);
    }
    sheet.prose(words.card_hospital).prose(words.card_emergency);
    let date = card.as_of.words(lang);
    sheet.prose(format!("{} {}", fill(words.card_as_of, &[("date", &date)]), words.card_old));
    sheet
}

/// Whom the card asks to call: what is not on record is written by hand, since a card without it calls nobody.
fn called(sheet: &mut Sheet, label: &'static str, who: &Reach) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let (name, phone) = (who.name.reveal().trim(), who.phone.reveal().trim());
    if name.is_empty() && phone.is_empty() {
        sheet.lines(&[label]);
    } else if phone.is_empty() {
        sheet.facts(vec![(label, name.to_owned())]).lines(&[words.line_phone]);
    } else {
        sheet.facts(vec![(label, reach(who, words.unnamed, lang))]);
    }
}

/// What is taken under a heading. `none`: in the words of who writes, where nothing is.
pub(super) fn medicine(sheet: &mut Sheet, medication: &[Dose], heading: &str, none: &str) {
    let words = sheet.lang.words();
    sheet.heading(heading, "");
    if medication.is_empty() {
        sheet.prose(none);
        return;
    }
    sheet.list(medication.iter().map(|m| match m.dose.reveal().trim() {
        "" => m.name.reveal().clone(),
        dose => fill(words.card_dose, &[("name", m.name.reveal()), ("dose", dose)]),
    }));
}

/// `Name, 555 0100`; who has no telephone is named all the same.
pub(super) fn reach(reach: &Reach, nobody: &str, lang: Lang) -> String {
    let words = lang.words();
    match (reach.name.reveal().trim(), reach.phone.reveal().trim()) {
        ("", "") => nobody.to_owned(),
        ("", phone) => phone.to_owned(),
        (name, "") => fill(words.and_then, &[("one", name), ("two", words.no_phone)]),
        (name, phone) => fill(words.and_then, &[("one", name), ("two", phone)]),
    }
}
