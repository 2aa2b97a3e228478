//! Permits for tests of the engine, here and in the simulator: a consent that lets two organisations tell each other.

use crate::consent::{Action, Ask, Basis, Permit, decide};
use crate::disclosure::{Brief, Note};
use crate::ids::{ConsentId, OrgId, PersonId, StaffId, ThreadId};
use crate::referral::{By, Expiry, Flow, Information, Party, Purpose, Scope};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::{Local, Time};

/// Lets `from` tell `to`, if that is not over at `now`.
#[must_use]
pub fn permit(from: OrgId, to: OrgId, action: Action, expires: Option<Time>, now: Time) -> Option<Permit> {
    let party = |org| Party { org, name: "Somebody".to_owned(), kind: PartnerKind::Part2Program };
    let flow = Flow { from, to, information: Information::Referral, purpose: Purpose::Treatment };
    let scope = Scope {
        consent: ConsentId([1; 32]),
        version: 1,
        class: crate::consent::Class::General,
        recipient: to,
        parties: vec![party(from), party(to)],
        flows: vec![flow],
        information: Vec::new(),
        revoke: String::new(),
        revocable: Vec::new(),
        proceeding: None,
        expiry: expires.map_or(Expiry::Never, |at| Expiry::On(Local::utc(at))),
        signed: Time(0),
        represented: false,
        statements: Vec::new(),
        tie: None,
        team: Vec::new(),
    };
    let ask = Ask { from, to, information: Information::Referral, purpose: Purpose::Treatment, action };
    decide(Basis::Scope(&scope, &[]), &ask, now).ok()
}

/// What goes on record with it.
#[must_use]
pub fn note() -> Note {
    Note {
        by: By { staff: StaffId([2; 32]), name: Personal::from("Sam") },
        person: PersonId([3; 32]),
        thread: ThreadId([4; 32]),
        recipient: "Somebody".to_owned(),
        brief: Brief::Asked,
        what: Personal::from("a referral"),
    }
}
