//! The letter on paper: what it says comes from the records, how it looks from the forms.

use crate::api::care::OurOffice;
use crate::forms::letter::{self, Letter, Office, Scope, ends, sheet, ways};
use crate::forms::{self, Day, Lang, Sheet};
use crate::usecases::prints::doses;
use belay_protocol::agreement::Hours;
use belay_protocol::ids::{OrgId, ThreadId};
use belay_protocol::referral::{Identity, Information, Medication, Need, Notice, OutsidePartner, Request, Urgency};
use belay_protocol::time::Time;

/// What stands on it.
pub(super) struct Paper<'p> {
    pub from: &'p str,
    /// Us, whom an answer may reach or not: other organisations may have ways to and from the partner as well.
    pub own: OrgId,
    pub office: &'p OurOffice,
    pub to: &'p OutsidePartner,
    pub by: &'p str,
    pub sent: Time,
    pub thread: ThreadId,
    pub identity: Option<&'p Identity>,
    pub request: &'p Request,
    pub needs: &'p [Need],
    pub medication: Option<&'p Medication>,
    pub notice: &'p Notice,
}

impl Paper<'_> {
    pub(super) fn sheet(&self, lang: Lang) -> Sheet {
        let scope = &self.notice.scope;
        let service = self.request.service.as_ref().map(|s| if s.name.is_empty() { &s.listing } else { &s.name });
        let urgent = self.request.urgency == Urgency::Urgent;
        let letter = Letter {
            from: Office {
                name: self.from.to_owned(),
                address: self.office.address.clone(),
                phone: self.office.telephone.clone(),
            },
            staff: self.by.into(),
            to: Office {
                name: self.to.name.clone(),
                address: self.to.address.clone(),
                phone: self.to.telephone.clone(),
            },
            day: Day::here(self.sent),
            reference: self.thread.short(),
            urgency: self.request.urgency,
            answer_by: Some(Day::here(self.sent.plus(Hours::DEFAULT.acknowledge(urgent)))),
            service: service.cloned().unwrap_or_default(),
            identity: self.identity.cloned(),
            reason: self.request.reason.clone(),
            needs: self.needs.iter().map(|need| forms::need(need, lang)).collect(),
            medication: self.medication.and_then(doses),
            answerable: scope.opens(self.to.org, self.own, Information::Referral),
            // The whole explanation of 2.32(b), in the language of the letter.
            scope: Scope {
                ways: ways(scope, lang),
                signed: Some(Day::written(scope.signed)),
                ends: ends(scope, lang),
                statements: std::iter::once(&scope.revoke).chain(&scope.statements).cloned().collect(),
                represented: scope.represented,
            },
        };
        sheet(&letter, lang)
    }
}

/// What goes before other papers: from whom and to whom, and that they are private. Nothing of the person.
pub(super) fn cover(
    (from, office): (&str, &OurOffice),
    to: &OutsidePartner,
    (by, now): (&str, Time),
    thread: ThreadId,
    lang: Lang,
) -> Sheet {
    let fax = Some(to.fax.trim()).filter(|fax| !fax.is_empty()).map(|fax| format!("Fax {fax}"));
    let phone = [Some(to.telephone.trim().to_owned()).filter(|phone| !phone.is_empty()), fax];
    letter::cover(
        &letter::Head {
            from: Office { name: from.to_owned(), address: office.address.clone(), phone: office.telephone.clone() },
            to: Office {
                name: to.name.clone(),
                address: to.address.clone(),
                phone: phone.into_iter().flatten().collect::<Vec<_>>().join("\n"),
            },
            day: Day::local(now, &jiff::tz::TimeZone::system()),
            reference: thread.short(),
        },
        by,
        lang,
    )
}
