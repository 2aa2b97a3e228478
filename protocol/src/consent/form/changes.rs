//! The form of an amendment: what is new in it and what ends, over one signature. What stays is not asked for again.

use super::{expiry, moment, restriction};
use crate::consent::{Changes, Consent, Terms};
use crate::ids::OrgId;
use crate::referral::{Flow, Information, kind_name};
use crate::time::Time;
use std::fmt::Write as _;
use zeroize::Zeroizing;

impl Consent {
    /// The form of this version as an amendment of `before`, as plain text. Holds the person's name, hence the type.
    #[must_use]
    pub fn form_of_changes(&self, before: &Terms, now: Time) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::new());
        let (after, changes) = (self.terms(), Changes::between(before, self.terms()));
        let named = |org: OrgId| after.party(org).or_else(|| before.party(org));
        let name = |org: OrgId| named(org).map_or_else(|| org.short(), |p| p.name.clone());
        let flow =
            |f: &Flow| format!("{} may tell {}: {} (purpose: {})", name(f.from), name(f.to), f.information, f.purpose);
        let _ = writeln!(out, "Consent {} version {}: {}", self.id(), self.version(), self.state(now));
        let _ = writeln!(out, "What is new, for {}. All else stays as I signed it.", after.person.reveal());
        for party in &changes.joined {
            let _ = writeln!(out, "\nNew: {} ({})", party.name, kind_name(party.kind));
        }
        for party in &changes.left {
            let _ = writeln!(out, "\nNo longer: {} ({})", party.name, kind_name(party.kind));
        }
        section(&mut out, "From now on", changes.opened.iter().map(flow));
        let new = |kind: &Information| !before.information.iter().any(|d| d.information == *kind);
        let meant = after.information.iter().filter(|d| new(&d.information));
        section(&mut out, "What is meant", meant.map(|d| format!("{}: {}", d.information, d.description)));
        section(&mut out, "No longer", changes.closed.iter().map(flow));
        let knows = |k: &crate::consent::Knows| format!("{} may know that {} takes part", name(k.who), name(k.of));
        section(&mut out, "From now on", changes.introduced.iter().map(knows));
        section(&mut out, "No longer", changes.separated.iter().map(knows));
        if let Some(end) = &changes.expiry {
            let _ = writeln!(out, "\nThe new end: {} (before: {})", expiry(Some(end)), expiry(before.expiry.as_ref()));
        }
        if let Some(s) = &changes.supervision {
            let (revocable, disposition) = (moment(&s.revocable), moment(&s.disposition));
            let _ = writeln!(out, "\nThe matter: {}; revocable {revocable}; final disposition {disposition}", s.matter);
        }
        section(
            &mut out,
            "What I asked to leave out (42 CFR 2.26)",
            changes.restricted.iter().map(|r| restriction(after, r)),
        );
        section(&mut out, "Left out no more", changes.lifted.iter().map(|r| restriction(before, r)));
        // Statements that were not on the form before.
        let statements = |t: &Terms| {
            let tpo = t.tpo.iter().flat_map(|t| [t.redisclosure.clone(), t.refusing.clone()]).collect::<Vec<_>>();
            [t.redisclosure.clone(), t.opt_out.clone(), t.authorization.clone()]
                .into_iter()
                .chain(tpo)
                .collect::<Vec<_>>()
        };
        let old = statements(before);
        for text in statements(after).into_iter().filter(|text| !text.is_empty() && !old.contains(text)) {
            let _ = writeln!(out, "\n{text}");
        }
        if changes.is_empty() {
            let _ = writeln!(out, "\nNothing is new.");
        }
        let _ = writeln!(out, "\nRevoking\n  {}", after.revoke);
        let date = self.signed().and_then(|s| s.date).map_or_else(|| "(missing)".to_owned(), Time::date);
        let _ = writeln!(out, "\nSignature (42 CFR 2.31(a)(8))");
        for line in self.signature_line().lines() {
            let _ = writeln!(out, "  {line}");
        }
        let _ = writeln!(out, "\nDate signed (42 CFR 2.31(a)(9))\n  {date}");
        self.ending(&mut out);
        out
    }
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = writeln!(out, "\n{title}");
    }
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}
