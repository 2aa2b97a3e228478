//! The consent as a person reads it: all ten elements, each with its clause.

mod changes;

use super::{Answered, Consent, Element, Representation, Restriction, SignatureForm, Terms};
use crate::ids::OrgId;
use crate::referral::{Class, Expiry, Moment, Party, kind_name};
use crate::time::Time;
use std::fmt::Write as _;
use zeroize::Zeroizing;

impl Consent {
    /// The form as plain text. Holds the person's name, hence the type.
    #[must_use]
    pub fn form(&self, now: Time) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::new());
        let (terms, none) = (self.terms(), "(missing)");
        let or = |text: &str| if text.trim().is_empty() { none.to_owned() } else { text.to_owned() };
        let _ = writeln!(out, "Consent {} version {}: {}", self.id(), self.version(), self.state(now));
        let _ = writeln!(out, "Class: {} ({})", terms.class, terms.class.clause());
        if let Some(statement) = statement(terms.class) {
            let _ = writeln!(out, "{statement}");
        }
        for element in Element::ALL {
            let text = match element {
                Element::Person => or(terms.person.reveal()),
                Element::Disclosers => parties(&terms.disclosers),
                Element::Information => {
                    let each: Vec<_> =
                        terms.information.iter().map(|d| format!("{}: {}", d.information, d.description)).collect();
                    or(&each.join("\n"))
                }
                Element::Recipients => {
                    let mut text = parties(&terms.recipients);
                    if !terms.redisclosure.trim().is_empty() {
                        let _ = write!(text, "\n{}", terms.redisclosure);
                    }
                    text
                }
                Element::Purposes => {
                    let mut text = or(&terms.purposes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
                    for more in [&terms.opt_out, &terms.authorization] {
                        if !more.trim().is_empty() {
                            let _ = write!(text, "\n{more}");
                        }
                    }
                    text
                }
                Element::RightToRevoke => or(&revoking(terms)),
                Element::Expiry => expiry(terms.expiry.as_ref()),
                Element::Signature => self.signature_line(),
                Element::DateSigned => self.signed().and_then(|s| s.date).map_or_else(|| none.to_owned(), Time::date),
                Element::TpoStatements => match &terms.tpo {
                    Some(t) => format!("{}\n{}", t.redisclosure, t.refusing),
                    None if terms.purposes.iter().any(crate::referral::Purpose::is_tpo) => none.to_owned(),
                    None => "not asked for: no purpose is treatment, payment or operations".to_owned(),
                },
            };
            let _ = writeln!(out, "\n{} ({})", capital(element.name()), element.clause());
            for line in text.lines() {
                let _ = writeln!(out, "  {line}");
            }
        }
        self.who_may_tell(&mut out);
        self.left_out(&mut out);
        self.ending(&mut out);
        out
    }

    fn signature_line(&self) -> String {
        let Some(signature) = self.signed().and_then(|s| s.signature.as_ref()) else {
            let signer = self.terms().signer;
            return format!("(not signed)\nto be signed by {} ({})", signer.words(), signer.clause());
        };
        let form = given(&signature.form);
        let mut text = match &signature.by {
            Representation::Person => format!("{form}\nby {}", self.terms().signer.words()),
            Representation::Representative { name, capacity } => {
                format!("{form}\nby {}, {capacity} ({})", name.reveal(), self.terms().signer.clause())
            }
        };
        if let Some(beside) = &signature.beside {
            let _ = write!(text, "\nand by {}, {}: {}", beside.name.reveal(), beside.capacity, given(&beside.form));
        }
        text
    }

    fn who_may_tell(&self, out: &mut String) {
        let terms = self.terms();
        let name = |org: OrgId| terms.party(org).map_or_else(|| org.short(), |p| p.name.clone());
        let _ = writeln!(out, "\nWho may tell whom");
        for flow in &terms.flows {
            let _ = writeln!(
                out,
                "  {} may tell {}: {} (purpose: {})",
                name(flow.from),
                name(flow.to),
                flow.information,
                flow.purpose
            );
        }
        for known in &terms.acquaintances {
            let _ = writeln!(out, "  {} may know that {} takes part", name(known.who), name(known.of));
        }
    }

    fn left_out(&self, out: &mut String) {
        let later = self.signed().into_iter().flat_map(|s| &s.restricted);
        let mut all = self.terms().restrictions.iter().chain(later).peekable();
        if all.peek().is_some() {
            let _ = writeln!(out, "\nWhat I asked to leave out (42 CFR 2.26)");
        }
        for one in all {
            let _ = writeln!(out, "  {}", restriction(self.terms(), one));
        }
    }

    fn ending(&self, out: &mut String) {
        let _ = match self {
            Self::Revoked(r) => writeln!(
                out,
                "\nRevoked {} ({}), heard by {}. What was told before stays told, and on the record.",
                r.at.date(),
                match r.told {
                    super::Told::Written => "in writing",
                    super::Told::Spoken => "spoken",
                },
                r.heard_by.name.reveal()
            ),
            Self::Void(v) => {
                writeln!(out, "\nVoid since {}: known to be materially false (42 CFR 2.31(c)(4)).", v.at.date())
            }
            Self::Signed(s) => s.withdrawn.iter().try_for_each(|w| {
                let name = s.terms.party(w.party).map_or_else(|| w.party.short(), |p| p.name.clone());
                writeln!(out, "\nRevoked for {name} on {}.", w.at.date())
            }),
            Self::Draft(_) => Ok(()),
        };
    }
}

/// What the class adds to the form.
const fn statement(class: Class) -> Option<&'static str> {
    match class {
        Class::General | Class::Tpo => None,
        Class::Counselling => Some(
            "This consent is for counselling notes and nothing else. My treatment does not depend on my signing it.",
        ),
        Class::Proceedings => Some("This consent is for the proceeding that it names and for nothing else."),
        Class::CriminalJustice => {
            Some("This consent is for those whose duty it is to follow treatment that is a condition of my release.")
        }
    }
}

fn given(form: &SignatureForm) -> String {
    match form {
        SignatureForm::Typed { name, attestation } => format!("typed: {}\n{attestation}", name.reveal()),
        SignatureForm::Drawn { image } => {
            format!("drawn, image {}", data_encoding::HEXLOWER.encode(image.get(..8).unwrap_or_default()))
        }
        SignatureForm::Paper { reference } => format!("on paper: {reference}"),
    }
}

fn moment(moment: &Moment) -> String {
    match moment {
        Moment::On(at) => format!("on {}", at.date()),
        Moment::When(event) => format!("when: {event}"),
    }
}

fn revoking(terms: &Terms) -> String {
    let Some(supervision) = &terms.supervision else { return terms.revoke.clone() };
    format!(
        "{}\nThe matter: {}\nRevocable {}\nIts final disposition: {}",
        terms.revoke,
        supervision.matter,
        moment(&supervision.revocable),
        moment(&supervision.disposition)
    )
}

fn expiry(expiry: Option<&Expiry>) -> String {
    match expiry {
        None => "(missing)".to_owned(),
        Some(Expiry::On(at)) => format!("on {}", at.date()),
        Some(Expiry::Event(event)) => format!("when: {event}"),
        Some(Expiry::Never) => "none".to_owned(),
    }
}

fn restriction(terms: &Terms, one: &Restriction) -> String {
    let kinds: Vec<_> = one.information.iter().map(|kind| kind.name()).collect();
    let to = one
        .to
        .map_or_else(|| "anybody".to_owned(), |org| terms.party(org).map_or_else(|| org.short(), |p| p.name.clone()));
    let what = if kinds.is_empty() { "anything".to_owned() } else { kinds.join(", ") };
    let answer = match &one.answer {
        Answered::Agreed => "agreed".to_owned(),
        Answered::Refused(why) => format!("not agreed: {why}"),
    };
    format!("{} (not to tell {to} {what}); {answer}, {}", one.asked.reveal(), one.at.date())
}

fn parties(parties: &[Party]) -> String {
    if parties.is_empty() {
        return "(missing)".to_owned();
    }
    parties.iter().map(|p| format!("{} ({})", p.name, kind_name(p.kind))).collect::<Vec<_>>().join("\n")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
