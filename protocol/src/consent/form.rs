//! The consent as a person reads it: all ten elements, each with its clause.

use super::{Consent, Element, Representation, SignatureForm};
use crate::ids::OrgId;
use crate::referral::{Expiry, Party, kind_name};
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
                Element::Purposes => or(&terms.purposes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
                Element::RightToRevoke => or(&terms.revoke),
                Element::Expiry => match &terms.expiry {
                    None => none.to_owned(),
                    Some(Expiry::On(at)) => format!("on {}", at.date()),
                    Some(Expiry::Event(event)) => format!("when: {event}"),
                    Some(Expiry::Never) => "none".to_owned(),
                },
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
        self.ending(&mut out);
        out
    }

    fn signature_line(&self) -> String {
        let Some(signature) = self.signed().and_then(|s| s.signature.as_ref()) else {
            return "(not signed)".to_owned();
        };
        let form = match &signature.form {
            SignatureForm::Typed { name, attestation } => format!("typed: {}\n{attestation}", name.reveal()),
            SignatureForm::Drawn { image } => {
                format!("drawn, image {}", data_encoding::HEXLOWER.encode(image.get(..8).unwrap_or_default()))
            }
            SignatureForm::Paper { reference } => format!("on paper: {reference}"),
        };
        match &signature.by {
            Representation::Person => format!("{form}\nby the person"),
            Representation::Representative { name, capacity } => {
                format!("{form}\nby {}, {capacity} (42 CFR 2.14, 2.15)", name.reveal())
            }
        }
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
